"""Triangles and dots in space as pixels, with numpy alone: the same picture everywhere.

Every fragment, a pixel of a triangle or of a dot, carries a whole number: how near it is in the
upper bits, which colour it has in the lower ones. The largest number at a pixel is seen there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from workbench.camera import Projection

LIGHT = np.array([-0.35, -0.45, 0.82])  # from the upper left, over the shoulder of the viewer
SHADE = 0.45  # brightness of a face that the light only grazes
SOFT = 0.75  # power of the cosine of the light: most faces keep nearly the colour they have
RIM = 0.26  # share of the ink in the edge of a dot, by which it is told from the dots behind it
ROUND = 5  # pixels from which a dot has an edge
FADE = 0.6  # share of the ground in the colour of the farthest dot
SLAB = 1_000_000  # fragments that are in memory at a time
_DEPTHS = 2.0**30
_BITS = 32  # of the colour
_WHO = (1 << _BITS) - 1


@dataclass(frozen=True)
class Solid:
    """A mark ready to be drawn: places (n, 3) and colours as bytes (…, 3).

    With `faces` (f, 3) it is made of triangles, each with a colour; else of dots of `size` pixels
    at the places, with an edge that leans to the colour `ink`. Dots far away turn towards the
    colour `ground` where that is given.
    """

    places: np.ndarray
    colours: np.ndarray
    faces: np.ndarray | None = None
    size: float = 0.0
    ground: np.ndarray | None = None
    ink: np.ndarray = field(default_factory=lambda: np.zeros(3, np.uint8))

    def count(self) -> int:
        """How many triangles or dots."""
        return len(self.places if self.faces is None else self.faces)


@dataclass(frozen=True)
class Raster:
    """Bytes (height, width, 4): red, green, blue and opacity, colours multiplied by it.

    `who` (height, width) is 0 where nothing is seen, else it counts from 1 the triangles or dots
    of the first solid, then those of the next.
    """

    pixels: np.ndarray
    who: np.ndarray


@dataclass(frozen=True)
class _Canvas:
    """The largest number at each pixel, with a frame of `room` pixels that is cut off."""

    width: int
    height: int
    room: int
    depths: tuple[float, float]
    nearest: np.ndarray

    @property
    def stride(self) -> int:
        return self.width + 2 * self.room

    def level(self, near: np.ndarray) -> np.ndarray:
        """Depth from pixels towards the viewer to 1 … 2³⁰."""
        far, close = self.depths
        return (near - far) * ((_DEPTHS - 2) / (close - far)) + 1

    def put(self, where: np.ndarray, level: np.ndarray, colour: np.ndarray) -> None:
        """Keep the nearest fragment of each pixel."""
        number = level.astype(np.int64)
        number <<= _BITS
        number |= colour
        np.maximum.at(self.nearest, where, number)


def render(
    solids: list[Solid], onto: Projection, width: int, height: int, samples: int = 1
) -> Raster:
    """What is seen of the solids; `samples` by `samples` pixels are averaged into one."""
    with np.errstate(over="ignore", invalid="ignore"):  # places that are nowhere, or far away
        return _rendered(solids, onto, width, height, samples)


def _rendered(
    solids: list[Solid], onto: Projection, width: int, height: int, samples: int
) -> Raster:
    large = onto.scaled(samples)
    seen = [large(solid.places.astype(np.float64, copy=False)) for solid in solids]
    room = max((_diameter(s, samples) for s in solids if s.faces is None), default=0)
    wide, high = width * samples, height * samples
    nearest = np.zeros((high + 2 * room) * (wide + 2 * room), np.int64)
    canvas = _Canvas(wide, high, room, _depths(seen), nearest)
    table, first = [np.zeros((1, 2, 4), np.uint8)], 1
    for solid, places in zip(solids, seen, strict=True):
        if solid.faces is not None:
            table.append(_triangles(canvas, places, solid, first))
        else:
            table.append(_dots(canvas, places, solid, first, samples))
        first += solid.count()
    held = nearest.reshape(-1, canvas.stride)[room : room + high, room : room + wide] & _WHO
    return Raster(
        _averaged(np.concatenate(table).reshape(-1, 4), held, samples),
        (held[::samples, ::samples] >> 1).astype(np.int32),
    )


def _depths(seen: list[np.ndarray]) -> tuple[float, float]:
    """The farthest and the nearest place."""
    fine = [near[np.isfinite(near)] for near in (places[:, 2] for places in seen)]
    far = min((float(near.min()) for near in fine if near.size), default=0.0)
    close = max((float(near.max()) for near in fine if near.size), default=0.0)
    return far, max(close, far + 1.0)


def _averaged(table: np.ndarray, held: np.ndarray, samples: int) -> np.ndarray:
    """Colours by their numbers, the mean of each block of samples."""
    taken = table.view(np.uint32)[:, 0].take(held).view(np.uint8)
    taken = taken.reshape(*held.shape, 4)
    if samples == 1:
        return taken
    total = np.zeros((held.shape[0] // samples, held.shape[1] // samples, 4), np.uint16)
    for row in range(samples):
        for column in range(samples):
            total += taken[row::samples, column::samples]
    total //= samples**2
    return total.astype(np.uint8)


# --- triangles ---------------------------------------------------------------------------------


def _triangles(canvas: _Canvas, places: np.ndarray, solid: Solid, first: int) -> np.ndarray:
    """Put all triangles on the canvas; gives the colour of each in the light."""
    corners = places[solid.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    colours = np.full((len(corners), 2, 4), 255, np.uint8)
    colours[:, :, :3] = _shaded(solid.colours, normals)[:, None]
    fine = np.flatnonzero(np.isfinite(normals).all(axis=1) & (normals[:, 2] != 0))
    corners, normals = corners[fine], normals[fine]
    spans, which = _spans(canvas, corners)
    which_normal, corner = normals[which], corners[which, 0]
    # On the plane of a triangle the depth grows by `slope` from one pixel to the next.
    slope = -which_normal[:, :2] / which_normal[:, 2:]
    near = corner[:, 2] + (spans[:, 1] + 0.5 - corner[:, 0]) * slope[:, 0]
    near += (spans[:, 0] + 0.5 - corner[:, 1]) * slope[:, 1]
    far, close = corners[:, :, 2].min(axis=1)[which], corners[:, :, 2].max(axis=1)[which]
    near = near.clip(far, close)  # triangles seen from their edge have endless slopes
    most = (close - far) / np.maximum(spans[:, 2] - 1, 1)
    slope_x = slope[:, 0].clip(-most, most)
    _fill(canvas, spans, near, slope_x, (first + fine[which]) * 2)
    return colours


def _shaded(colours: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Colours in the light, whichever side of a face is seen."""
    length = np.linalg.norm(normals, axis=1)
    with np.errstate(all="ignore"):
        towards = normals @ (LIGHT / np.linalg.norm(LIGHT)) * np.sign(normals[:, 2]) / length
    bright = SHADE + (1 - SHADE) * np.nan_to_num(towards).clip(0, 1) ** SOFT
    found: np.ndarray = (colours * bright[:, None] + 0.5).astype(np.uint8)
    return found


def _spans(canvas: _Canvas, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row, first column and number of the pixels of each triangle in each row it crosses.

    A pixel belongs to the triangle that holds its middle, so neighbours share none.
    """
    order = corners[:, :, 1].argsort(axis=1)
    x, y = (np.take_along_axis(corners[:, :, axis], order, 1) for axis in (0, 1))
    ends = np.ceil(y[:, [0, 2]] - 0.5).clip(0, canvas.height).astype(np.int64)
    counts = ends[:, 1] - ends[:, 0]
    counts[(x.max(axis=1) < 0) | (x.min(axis=1) > canvas.width)] = 0
    which = np.repeat(np.arange(len(corners)), counts)
    row = np.arange(which.size) - np.repeat(counts.cumsum() - counts - ends[:, 0], counts)
    x, y = x[which], y[which]
    middle = row + 0.5
    long = _crossing(x[:, 0], y[:, 0], x[:, 2], y[:, 2], middle)
    upper = middle < y[:, 1]
    start, stop = np.where(upper, 0, 1), np.where(upper, 1, 2)
    place = np.arange(which.size)
    short = _crossing(x[place, start], y[place, start], x[place, stop], y[place, stop], middle)
    left = np.ceil(np.minimum(long, short) - 0.5).clip(0, canvas.width).astype(np.int64)
    right = np.ceil(np.maximum(long, short) - 0.5).clip(0, canvas.width).astype(np.int64)
    some = right > left
    return np.stack([row, left, right - left], axis=1)[some], which[some]


def _crossing(
    x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Where edges cross the middles of rows."""
    rise = y1 - y0
    share = (y - y0) / np.where(rise > 0, rise, 1.0)
    return x0 + share.clip(0, 1) * (x1 - x0)


def _fill(
    canvas: _Canvas, spans: np.ndarray, near: np.ndarray, slope: np.ndarray, colour: np.ndarray
) -> None:
    """All pixels of the spans, some at a time."""
    total = spans[:, 2].cumsum()
    cuts = np.searchsorted(total, np.arange(SLAB, total[-1] if total.size else 0, SLAB))
    for some in np.split(np.arange(len(spans)), np.unique(cuts)):
        _fill_some(canvas, spans[some], near[some], slope[some], colour[some])


def _fill_some(
    canvas: _Canvas, spans: np.ndarray, near: np.ndarray, slope: np.ndarray, colour: np.ndarray
) -> None:
    row, left, count = spans.T
    begin = count.cumsum() - count
    pixel = np.arange(int(count.sum()))
    start = (row + canvas.room) * canvas.stride + left + canvas.room
    level, step = canvas.level(near), canvas.level(slope) - canvas.level(np.zeros(1))
    depth = np.repeat(level - step * begin, count) + np.repeat(step, count) * pixel
    canvas.put(np.repeat(start - begin, count) + pixel, depth, np.repeat(colour, count))


# --- dots --------------------------------------------------------------------------------------


def _dots(
    canvas: _Canvas, places: np.ndarray, solid: Solid, first: int, samples: int
) -> np.ndarray:
    """Put all dots on the canvas; gives the colour of each inside and at its edge."""
    side = _diameter(solid, samples)
    corner = np.floor(places[:, :2] - side / 2 + 0.5)
    inside = (corner > -side) & (corner < [canvas.width, canvas.height])
    inside[:, 0] &= inside[:, 1] & np.isfinite(places[:, 2])
    visible = np.flatnonzero(inside[:, 0])
    down, right, rim = _disc(side)
    at_once = max(1, SLAB // rim.size)
    for start in range(0, len(visible), at_once):
        some = visible[start : start + at_once]
        column, row = (corner[some] + canvas.room).astype(np.int64).T
        where = (row * canvas.stride + column)[:, None] + (down * canvas.stride + right)
        level = np.repeat(canvas.level(places[some, 2]), rim.size)
        colour = ((first + some) * 2)[:, None] + rim
        canvas.put(where.ravel(), level, colour.ravel())
    return _dot_colours(places[:, 2], solid, canvas.depths)


def _dot_colours(near: np.ndarray, solid: Solid, depths: tuple[float, float]) -> np.ndarray:
    inner: np.ndarray = solid.colours.astype(np.float32)
    if solid.ground is not None:
        away = np.nan_to_num((depths[1] - near) / (depths[1] - depths[0])).clip(0, 1) * FADE
        inner = inner + away[:, None] * (solid.ground - inner)
    colours = np.full((len(near), 2, 4), 255, np.uint8)
    colours[:, 0, :3] = inner + 0.5
    colours[:, 1, :3] = inner + RIM * (solid.ink - inner) + 0.5
    return colours


def _diameter(solid: Solid, samples: int) -> int:
    return max(1, round(solid.size * samples))


@cache
def _disc(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and columns of the pixels of a dot, and which of them are its edge."""
    away = np.hypot(*(np.indices((side, side)) - (side - 1) / 2))
    down, right = np.nonzero(away <= side / 2 if side > 2 else away >= 0)
    rim = away[down, right] > side / 2 - max(1.0, 0.15 * side)
    return down, right, (rim & (side >= ROUND)).astype(np.int64)
