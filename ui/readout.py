"""What the pointer is on: the nearest value of a panel, in the words of its axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from engines.figure import Bars, Image, Line, Mark, Panel, Points

NEAR = 12.0  # pixels within which the pointer snaps to a sample


Hit = tuple[float, float, float, str]  # distance in pixels, place, words


@dataclass(frozen=True)
class Pointer:
    """A place in data coordinates, and the size of a pixel there in coordinates of the view."""

    x: float
    y: float
    pixel: tuple[float, float]
    log_x: bool
    log_y: bool

    def reach(self) -> tuple[float, float]:
        """The abscissae that are near."""
        room = NEAR * self.pixel[0]
        if self.log_x:
            return self.x / 10**room, self.x * 10**room
        return self.x - room, self.x + room

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far places are on the screen."""
        with np.errstate(all="ignore"):
            dx = np.log10(x / self.x) if self.log_x else x - self.x
            dy = np.log10(y / self.y) if self.log_y else y - self.y
            return np.nan_to_num(np.hypot(dx / self.pixel[0], dy / self.pixel[1]), nan=np.inf)


def readout(panel: Panel, at: Pointer) -> tuple[list[str], tuple[float, float]]:
    """Facts about the pointer, and the place they are about: a sample if one is near."""
    hits = [hit for mark in panel.marks if (hit := under(mark, at)) is not None]
    _, x, y, words = min(hits, key=lambda hit: hit[0], default=(0.0, at.x, at.y, ""))
    places = [value(panel.x.label or "x", x, panel.x.unit)]
    places.append(value(panel.y.label or "y", y, panel.y.unit))
    return [*places, words] if words else places, (x, y)


def value(name: str, number: float, unit: str = "") -> str:
    """`time = 0.25 s`."""
    return f"{name} = {number:.4g} {unit}".rstrip().replace("-", "−")


@singledispatch
def under(mark: Mark, at: Pointer) -> Hit | None:
    """What a mark has at the pointer; most have nothing to say."""
    return None


@under.register
def _line(mark: Line, at: Pointer) -> Hit | None:
    found = _nearest(mark.x, mark.y, at)
    return None if found is None else (*found[1:], mark.name)


@under.register
def _points(mark: Points, at: Pointer) -> Hit | None:
    found = _nearest(mark.x, mark.y, at)
    if found is None:
        return None
    place, *hit = found
    shown = mark.values is not None
    words = value(mark.name or "value", mark.values[place], mark.unit) if shown else mark.name
    return (*hit, words)


@under.register
def _image(mark: Image, at: Pointer) -> Hit | None:
    left, right, bottom, top = mark.box()
    rows, columns = mark.values.shape[:2]
    if left == right or bottom == top:
        return None
    across, up = (at.x - left) / (right - left), (at.y - bottom) / (top - bottom)
    if not (0 <= across < 1 and 0 <= up < 1):
        return None
    row = int(((1 - up) if mark.top_down else up) * rows)
    here = mark.values[min(row, rows - 1), int(across * columns)]
    if here.ndim:
        return NEAR, at.x, at.y, "RGB " + " ".join(f"{channel:.3g}" for channel in here)
    return NEAR, at.x, at.y, value(mark.name or "value", here, mark.unit)


@under.register
def _bars(mark: Bars, at: Pointer) -> Hit | None:
    place = int(np.searchsorted(mark.edges, at.x, side="right")) - 1
    if not 0 <= place < mark.counts.size:
        return None
    name = f"{mark.name}: count" if mark.name else "count"
    return NEAR, at.x, at.y, value(name, mark.counts[place])


def _nearest(x: np.ndarray, y: np.ndarray, at: Pointer) -> tuple[int, float, float, float] | None:
    """Index, distance and place of the nearest sample, if it is near."""
    low, high = at.reach()
    near = np.flatnonzero((x > low) & (x < high))
    if near.size == 0:
        return None
    distance = at.distance(x[near], y[near])
    best = int(distance.argmin())
    place = int(near[best])
    if distance[best] > NEAR:
        return None
    return place, float(distance[best]), float(x[place]), float(y[place])
