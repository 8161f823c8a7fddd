"""What is measured in a still picture: along a line, in a region, between two places. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from math import atan2, ceil, degrees, floor, hypot, log10

import numpy as np

from engines.figure import Axis, Bars, Image, Line, Mark, Panel, Points

Place = tuple[float, float]
MOST = 4000  # samples of a profile: more than pixels across a screen
UNEVEN = 500  # samples where an axis is logarithmic


@dataclass(frozen=True)
class Profile:
    """Values along a line; `axis` says what is measured along it."""

    along: np.ndarray
    values: np.ndarray
    axis: Axis


@dataclass(frozen=True)
class Statistics:
    """Numbers about the finite values of a region; NaN where there is nothing to say."""

    name: str
    unit: str
    count: int
    missing: int
    low: float
    high: float
    mean: float
    deviation: float
    total: float
    integral: float
    integral_unit: str


def images(panel: Panel) -> list[Image]:
    """What a profile is taken from."""
    return [m for m in panel.marks if isinstance(m, Image) and m.values.size]


def sampled(panel: Panel) -> list[Mark]:
    """What an interval takes numbers from."""
    return [m for m in panel.marks if isinstance(m, (Line, Points, Bars)) and m.role != "guide"]


# --- along a line ------------------------------------------------------------------------------


def profile(image: Image, start: Place, end: Place, panel: Panel) -> Profile:
    """Values of an image, or of all its frames, along a line that is straight on the axes."""
    (x, y), (left, right, bottom, top) = (panel.x, panel.y), image.box()
    rows, columns = _grid(image)
    across, up = (end[0] - start[0]) / (right - left), (end[1] - start[1]) / (top - bottom)
    linear = x.scale == y.scale == "linear"
    steps = ceil(max(abs(across) * columns, abs(up) * rows)) if linear else UNEVEN
    count = min(max(steps + 1, 2), MOST)
    xs, ys = _between(start[0], end[0], count, x), _between(start[1], end[1], count, y)
    if one_unit(panel):
        along, axis = np.hypot(xs - start[0], ys - start[1]), Axis("distance", x.unit)
    elif abs(across) >= abs(up):
        along, axis = xs, Axis(x.label or "x", x.unit, x.scale)
    else:
        along, axis = ys, Axis(y.label or "y", y.unit, y.scale)
    return Profile(along, interpolated(image, xs, ys), axis)


def interpolated(image: Image, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values at places, bilinear between the centres of pixels; NaN outside of the image.

    Between the outermost centres and the edge the value is that at the centre.
    """
    values = _upwards(image)
    rows, columns = _grid(image)
    left, right, bottom, top = image.box()
    u = (x - left) / (right - left) * columns - 0.5
    v = (y - bottom) / (top - bottom) * rows - 0.5
    inside = (u >= -0.5) & (u <= columns - 0.5) & (v >= -0.5) & (v <= rows - 0.5)
    i, j = (np.where(inside, w, 0.0).clip(0, n - 1) for w, n in ((u, columns), (v, rows)))
    found = np.zeros((*values.shape[: 1 if _moves(image) else 0], x.size))
    for row, across in _neighbours(j, rows):
        for column, up in _neighbours(i, columns):
            weight = across * up
            at = values[..., row, column, :] if _rgb(image) else values[..., row, column]
            part = _grey(image, at)
            with np.errstate(invalid="ignore"):  # an infinite value that has no weight
                found += np.where(weight > 0, weight * part, 0.0)
    return np.where(inside, found, np.nan)


def _neighbours(place: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The two pixels around each place, and their weights."""
    low = np.minimum(place.astype(np.int64), max(count - 2, 0))
    share = place - low
    return [(low, 1 - share), (np.minimum(low + 1, count - 1), share)]


def _between(start: float, end: float, count: int, axis: Axis) -> np.ndarray:
    if axis.scale == "log" and start > 0 and end > 0:
        return np.geomspace(start, end, count)
    return np.linspace(start, end, count)


# --- in a region -------------------------------------------------------------------------------


def in_rectangle(image: Image, corner: Place, opposite: Place, panel: Panel) -> Statistics:
    """Of the pixels of a still image whose centres lie in a rectangle."""
    left, right, bottom, top = image.box()
    rows, columns = _grid(image)
    i = _inside(corner[0], opposite[0], left, right, columns)
    j = _inside(corner[1], opposite[1], bottom, top, rows)
    taken = _upwards(image)[j, i]
    area = abs((right - left) / columns * (top - bottom) / rows)
    return _statistics(_grey(image, taken), image, panel, area)


def _inside(one: float, other: float, start: float, end: float, count: int) -> slice:
    """The pixels along an axis whose centres lie between two places, both included."""
    ends = sorted((value - start) / (end - start) * count - 0.5 for value in (one, other))
    low, high = (min(max(value, -1.0), float(count)) for value in ends)
    first = max(ceil(low), 0)
    return slice(first, max(min(floor(high) + 1, count), first))


def _statistics(values: np.ndarray, image: Image, panel: Panel, area: float) -> Statistics:
    found = numbers(values)
    unit = product(image.unit, panel.x.unit, panel.y.unit)
    return Statistics(image.name, image.unit, *found, found[-1] * area, unit)


def numbers(values: np.ndarray) -> tuple[int, int, float, float, float, float, float]:
    """Count of finite values and of others; least, largest, mean, deviation (by n), sum."""
    with np.errstate(all="ignore"):
        total = float(values.sum(dtype=np.float64))
    kept = values if np.isfinite(total) else values[np.isfinite(values)]
    missing = int(values.size - kept.size)
    if kept.size == 0:
        return 0, missing, np.nan, np.nan, np.nan, np.nan, np.nan
    low, high = float(kept.min()), float(kept.max())
    mean, deviation = (float(f(kept, dtype=np.float64)) for f in (np.mean, np.std))
    return kept.size, missing, low, high, mean, deviation, float(kept.sum(dtype=np.float64))


@singledispatch
def in_interval(mark: Mark, low: float, high: float, panel: Panel) -> Statistics:
    """Of the samples of a curve, of dots or of bars between two abscissae."""
    raise TypeError(f"{type(mark).__name__} has no samples; measure lines, points or bars")


@in_interval.register
def _line(mark: Line, low: float, high: float, panel: Panel) -> Statistics:
    low, high = sorted((low, high))
    count = min(mark.x.size, mark.y.size)
    x, y = mark.x[:count], mark.y[:count]
    found = numbers(y[(x >= low) & (x <= high)])
    area = np.nan if found[1] else _area(x, y, low, high)
    unit = product(panel.y.unit, panel.x.unit)
    return Statistics(mark.name, panel.y.unit, *found, area, unit)


def _area(x: np.ndarray, y: np.ndarray, low: float, high: float) -> float:
    """Under straight pieces from sample to sample, cut at the ends of the interval."""
    kept = np.isfinite(x) & np.isfinite(y)
    x, y = x[kept], y[kept]
    if (x[1:] < x[:-1]).any():
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    if x.size < 2 or max(low, x[0]) >= min(high, x[-1]):
        return np.nan
    low, high = max(low, float(x[0])), min(high, float(x[-1]))
    within = (x > low) & (x < high)
    ends = np.interp([low, high], x, y)
    xs = np.concatenate([[low], x[within], [high]])
    return float(np.trapezoid(np.concatenate([ends[:1], y[within], ends[1:]]), xs))


@in_interval.register
def _points(mark: Points, low: float, high: float, panel: Panel) -> Statistics:
    low, high = sorted((low, high))
    found = numbers(mark.y[(mark.x >= low) & (mark.x <= high)])
    return Statistics(mark.name, panel.y.unit, *found, np.nan, "")


@in_interval.register
def _bars(mark: Bars, low: float, high: float, panel: Panel) -> Statistics:
    low, high = sorted((low, high))
    centres = (mark.edges[1:] + mark.edges[:-1]) / 2
    kept = (centres >= low) & (centres <= high)
    found = numbers(mark.counts[kept])
    area = float((mark.counts * np.diff(mark.edges))[kept].sum()) if kept.any() else np.nan
    unit = product(panel.y.unit, panel.x.unit)
    return Statistics(mark.name, panel.y.unit, *found, area, unit)


def product(*units: str) -> str:
    """Units multiplied: equal ones become a power, `K·m²`."""
    counts = {unit: units.count(unit) for unit in units if unit}
    powers = {1: "", 2: "²", 3: "³"}
    several = len(counts) > 1
    return "·".join(
        (f"({unit})" if "/" in unit and (n > 1 or several) else unit) + powers[n]
        for unit, n in counts.items()
    )


# --- between two places ------------------------------------------------------------------------


def ruled(start: Place, end: Place, panel: Panel) -> list[tuple[str, float, str]]:
    """Name, value and unit: differences along the axes; distance and angle where units agree.

    Between logarithmic axes the slope is that of a straight line there: the order of a power law.
    """
    across, up = end[0] - start[0], end[1] - start[1]
    facts = [("Δx", across, panel.x.unit), ("Δy", up, panel.y.unit)]
    if one_unit(panel):
        facts.append(("distance", hypot(across, up), panel.x.unit))
        facts.append(("angle", degrees(atan2(up, across)), "°"))
    if panel.x.scale == panel.y.scale == "log" and min(*start, *end) > 0 and start[0] != end[0]:
        facts.append(("slope", log10(end[1] / start[1]) / log10(end[0] / start[0]), ""))
    return facts


def one_unit(panel: Panel) -> bool:
    """Whether a length means the same in every direction."""
    return panel.x.unit == panel.y.unit and panel.x.scale == panel.y.scale == "linear"


# --- images ------------------------------------------------------------------------------------


def _rgb(image: Image) -> bool:
    return image.colours == "rgb"


def _moves(image: Image) -> bool:
    return image.values.ndim > image.still()["values"]


def _grid(image: Image) -> tuple[int, int]:
    """Rows and columns."""
    rows, columns = (image.values.shape[:-1] if _rgb(image) else image.values.shape)[-2:]
    return rows, columns


def _upwards(image: Image) -> np.ndarray:
    """Values with row 0 at the bottom."""
    values: np.ndarray = image.values
    if not image.top_down:
        return values
    return values[..., ::-1, :, :] if _rgb(image) else values[..., ::-1, :]


def _grey(image: Image, values: np.ndarray) -> np.ndarray:
    """The mean of red, green and blue, from 0 to 1, where values are colours."""
    if not _rgb(image):
        return values
    mean: np.ndarray = values.mean(axis=-1)
    return mean / (255.0 if values.dtype == np.uint8 else 1.0)
