"""What the screen and the paper must agree on: axis limits, colour ranges, who gets which colour.

All are taken over every frame of a movie, so that nothing jumps while it plays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from math import log10

import numpy as np

from engines.figure import (
    Axis,
    Bars,
    Cloud3D,
    Contours,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Points,
    Role,
    Segments,
    Surface,
    Text,
    span,
)

Arrays = list[np.ndarray]
Box = tuple[float, float, float, float]

MARGIN = 0.04  # of the data's range, on each side
LARGEST = 1e200  # beyond it the arithmetic of axes and painters overflows
CORNERS = ("upper right", "upper left", "lower right", "lower left")


@dataclass(frozen=True)
class Layout:
    """How one panel is drawn. `limits` are left, right, bottom, top; left > right turns an axis.

    `depth` are the limits of the third axis of a 3-D panel. `slots` holds (role, index) and
    `ranges` the colour range of each mark; `bar` says which mark the colour bar explains.
    """

    limits: Box
    slots: tuple[tuple[Role, int], ...]
    ranges: tuple[tuple[float, float] | None, ...]
    bar: int | None
    legend: bool
    depth: tuple[float, float] = (0.0, 1.0)


def layouts(figure: Figure) -> tuple[Layout, ...]:
    """The layout of each panel of a figure."""
    keys: dict[tuple[Role, object], int] = {}
    counts: dict[Role, int] = {}
    made = []
    for panel in figure.panels:
        slots = tuple(_slot(mark, place, keys, counts) for place, mark in enumerate(panel.marks))
        ranges = tuple(_range(mark) for mark in panel.marks)
        bar, legend = _bar(panel, ranges), len(named(panel)) > 1
        made.append(Layout(limits(panel), slots, ranges, bar, legend, depth(panel)))
    return tuple(made)


def named(panel: Panel) -> dict[str, int]:
    """Names for a legend, each with the first mark that bears it.

    An image has a bar instead, and so has a 3-D mark with colours of its own.
    """
    places: dict[str, int] = {}
    for place, mark in enumerate(panel.marks):
        name = getattr(mark, "name", "")
        many = isinstance(mark, Surface | Cloud3D) and own_colours(mark)
        if name and not many and not isinstance(mark, Image):
            places.setdefault(name, place)
    return places


def own_colours(mark: Surface | Cloud3D) -> bool:
    """Whether the points of a 3-D mark have colours of their own."""
    return mark.values is not None or mark.rgb is not None


def bar_text(mark: Mark) -> str:
    """What a colour bar says: name and unit of its mark."""
    name, unit = getattr(mark, "name", ""), getattr(mark, "unit", "")
    return f"{name} ({unit})" if name and unit else name or unit


def grid(figure: Figure, most: int) -> tuple[int, int]:
    """Rows and columns: as the figure says, else side by side, `most` in a row, rows balanced."""
    count = max(1, len(figure.panels))
    columns = figure.columns or -(-count // -(-count // max(1, most)))
    return -(-count // columns), min(columns, count)


def _slot(
    mark: Mark, place: int, keys: dict[tuple[Role, object], int], counts: dict[Role, int]
) -> tuple[Role, int]:
    """One colour per name in the whole figure; a mark without a name goes by its place."""
    role: Role = getattr(mark, "role", "data")
    if isinstance(mark, Image | Text) or getattr(mark, "values", None) is not None:
        return role, 0
    if getattr(mark, "rgb", None) is not None:
        return role, 0
    key = (role, getattr(mark, "name", "") or place)
    if key not in keys:
        keys[key] = counts.get(role, 0)
        counts[role] = keys[key] + 1
    return role, keys[key]


def _range(mark: Mark) -> tuple[float, float] | None:
    """Colour range of a mark over all frames."""
    if isinstance(mark, Image) and mark.colours != "rgb":
        low, high = sorted(mark.range())
        if mark.log and low <= 0:
            high = high if high > 0 else 1.0
            low = 1e-8 * high
    elif isinstance(mark, Points) and mark.values is not None:
        low, high = span(mark.values) or (0.0, 1.0)
    elif isinstance(mark, Surface | Cloud3D) and mark.values is not None:
        low, high = sorted(mark.range())
    else:
        return None
    return (low, high) if high > low else (low, low + (abs(low) or 1.0))


def _bar(panel: Panel, ranges: tuple[tuple[float, float] | None, ...]) -> int | None:
    """The first coloured mark; a grey image without name and unit is a photograph."""
    for place, mark in enumerate(panel.marks):
        if ranges[place] is None:
            continue
        if isinstance(mark, Image) and mark.colours == "grey" and not (mark.name or mark.unit):
            continue
        return place
    return None


def limits(panel: Panel) -> Box:
    """Axis limits: as the axes say, else all the data with a margin (none around an image)."""
    xs: Arrays = []
    ys: Arrays = []
    for mark in panel.marks:
        more_x, more_y = reach(mark)
        xs += more_x
        ys += more_y
    flat = any(isinstance(mark, Image | Contours) for mark in panel.marks)
    margin = 0.0 if flat else MARGIN
    left, right = _given(panel.x) or _limits(xs, panel.x, margin)
    bottom, top = _given(panel.y) or _limits(ys, panel.y, margin)
    boxes = [mark.box() for mark in panel.marks if isinstance(mark, Image)]
    if not _given(panel.x) and any(box[0] > box[1] for box in boxes):
        left, right = right, left
    if not _given(panel.y) and any(box[2] > box[3] for box in boxes):
        bottom, top = top, bottom
    if not _given(panel.y) and any(isinstance(mark, Bars) for mark in panel.marks):
        lowest = min(pair[0] for pair in (span(y) for y in ys) if pair)
        bottom = 0.0 if lowest == 0 and panel.y.scale == "linear" else bottom  # bars stand on it
    return left, right, bottom, top


def depth(panel: Panel) -> tuple[float, float]:
    """Limits of the third axis of a 3-D panel."""
    heights = [m.places()[..., 2] for m in panel.marks if isinstance(m, Surface | Cloud3D)]
    return _given(panel.z) or _limits(heights, panel.z, MARGIN)


def _given(axis: Axis) -> tuple[float, float] | None:
    """The limits of an axis, if something can be drawn between them."""
    if axis.limits is None or not np.isfinite(axis.limits).all():
        return None
    impossible = axis.scale == "log" and min(axis.limits) <= 0
    return None if impossible or axis.limits[0] == axis.limits[1] else axis.limits


def _limits(arrays: Arrays, axis: Axis, margin: float) -> tuple[float, float]:
    log = axis.scale == "log"
    found = [pair for pair in (span(a, positive=log) for a in arrays) if pair]
    if not found:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low = min(max(min(pair[0] for pair in found), -LARGEST), LARGEST)
    high = max(min(max(pair[1] for pair in found), LARGEST), -LARGEST)
    if log:
        low, high = log10(max(low, 1 / LARGEST)), log10(max(high, 1 / LARGEST))
    if high - low <= 1e-13 * max(abs(low), abs(high)):  # one value: room on both sides
        room = 0.5 if log else 0.5 * (abs(low) or 1.0)
        low, high = low - room, high + room
    extra = margin * (high - low)
    low, high = low - extra, high + extra
    return (10**low, 10**high) if log else (low, high)


@singledispatch
def reach(mark: Mark) -> tuple[Arrays, Arrays]:
    """The x and y values that the limits of the axes must hold."""
    raise TypeError(f"{type(mark).__name__} is a mark that cannot be placed; add it to layout.py")


@reach.register
def _line(mark: Line) -> tuple[Arrays, Arrays]:
    if mark.error is None:
        return [mark.x], [mark.y]
    return [mark.x], [mark.y, mark.y - mark.error, mark.y + mark.error]


@reach.register
def _points(mark: Points) -> tuple[Arrays, Arrays]:
    return [mark.x], [mark.y]


@reach.register
def _image(mark: Image) -> tuple[Arrays, Arrays]:
    left, right, bottom, top = mark.box()
    return [np.array([left, right])], [np.array([bottom, top])]


@reach.register
def _contours(mark: Contours) -> tuple[Arrays, Arrays]:
    left, right, bottom, top = mark.extent
    return [np.array([left, right])], [np.array([bottom, top])]


@reach.register
def _bars(mark: Bars) -> tuple[Arrays, Arrays]:
    return [mark.edges], [mark.counts, np.zeros(1)]


@reach.register
def _segments(mark: Segments) -> tuple[Arrays, Arrays]:
    return [mark.x0, mark.x1], [mark.y0, mark.y1]


@reach.register
def _text(mark: Text) -> tuple[Arrays, Arrays]:
    return [np.array([mark.x])], [np.array([mark.y])]


@reach.register(Surface)
@reach.register(Cloud3D)
def _in_space(mark: Surface | Cloud3D) -> tuple[Arrays, Arrays]:
    return [mark.places()[..., 0]], [mark.places()[..., 1]]


def error_ends(mark: Line, log: bool) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of the error bars; on a log axis one that passes zero reaches far."""
    low, high = mark.y - mark.error, mark.y + mark.error
    return (np.where((low <= 0) & (mark.y > 0), mark.y * 1e-6, low) if log else low), high


def staircase(mark: Bars, floor: float) -> tuple[np.ndarray, np.ndarray]:
    """The outline of bars that stand on `floor`, from the first edge to the last."""
    tops = np.maximum(np.repeat(mark.counts, 2), floor)
    return np.repeat(mark.edges, 2), np.concatenate([[floor], tops, [floor]])


def arrow_heads(
    x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray, size: float
) -> tuple[np.ndarray, np.ndarray]:
    """The two barbs at each tip, in the units of a page: x and y, each (2, n).

    A head is never longer than half its arrow.
    """
    spread = 0.45  # half the opening over the length: about 24 degrees to each side
    with np.errstate(invalid="ignore"):  # places that a logarithmic axis does not have
        dx, dy = x1 - x0, y1 - y0
        length = np.hypot(dx, dy)
        scale = np.minimum(size, length / 2) / np.where(length > 0, length, 1)
        back_x, back_y = dx * scale, dy * scale
        return (
            np.stack([x1 - back_x + spread * back_y, x1 - back_x - spread * back_y]),
            np.stack([y1 - back_y - spread * back_x, y1 - back_y + spread * back_x]),
        )


def free_corner(panel: Panel, box: Box) -> str:
    """The corner of a still panel where a legend hides the fewest of a sample of the data."""
    hidden = dict.fromkeys(CORNERS, 0)
    for mark in panel.marks:
        if isinstance(mark, Image | Contours):
            continue
        for x, y in zip(*reach(mark)):
            count = min(x.size, y.size)
            sample = slice(0, count, count // 200 + 1)
            u, v = _share(x[sample], box[:2], panel.x), _share(y[sample], box[2:], panel.y)
            for corner in CORNERS:
                high = v > 0.6 if corner.startswith("upper") else v < 0.4
                wide = u > 0.55 if corner.endswith("right") else u < 0.45
                standing = isinstance(mark, Bars) and corner.startswith("lower")
                hidden[corner] += count if standing else int((high & wide).sum())
    return min(CORNERS, key=lambda corner: hidden[corner])


def _share(values: np.ndarray, ends: tuple[float, float], axis: Axis) -> np.ndarray:
    """Where values lie along an axis, 0 at its start and 1 at its end."""
    if axis.scale == "log":
        values = np.log10(np.where(values > 0, values, np.nan))
        ends = (log10(ends[0]), log10(ends[1]))
    with np.errstate(over="ignore"):
        return (values - ends[0]) / (ends[1] - ends[0])
