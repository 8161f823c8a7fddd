"""A picture as data: what to draw, not how. Drawn by the window, on paper, and kept in records.

Time: an array with one axis more than its mark needs has the frames first, and `Figure.times`
holds their values; such a figure is a movie. `frame(figure, i)` is the still picture of frame i.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any, ClassVar, Literal

import numpy as np

Colours = Literal["sequential", "diverging", "grey", "rgb"]
Role = Literal["data", "reference", "guide"]


def _array(values: Any, *, keep32: bool = False) -> np.ndarray:
    if hasattr(values, "detach"):  # a torch tensor, without importing torch here
        values = values.detach().cpu().numpy()
    taken = np.asarray(values)
    small = keep32 and taken.dtype in (np.uint8, np.float32)
    view = taken.view() if small or taken.dtype == np.float64 else taken.astype(np.float64)
    view.flags.writeable = False
    return view


def span(values: np.ndarray, positive: bool = False) -> tuple[float, float] | None:
    """Smallest and largest finite (and positive) value; None where there is none."""
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())  # NaN if any value is, so no mask is made
    if not (isfinite(low) and isfinite(high)) or (positive and low <= 0):
        kept = values[np.isfinite(values) & (values > 0 if positive else True)]
        if kept.size == 0:
            return None
        low, high = float(kept.min()), float(kept.max())
    return low, high


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One thing drawn in a panel. `AXES` is the number of axes of each array in a still picture."""

    AXES: ClassVar[dict[str, int]] = {}

    def __post_init__(self) -> None:
        for name in self.still():
            value = getattr(self, name)
            if value is not None:
                taken = _array(value, keep32=isinstance(self, Image))
                if taken.ndim not in (self.still()[name], self.still()[name] + 1):
                    raise ValueError(f"{type(self).__name__}.{name} has {taken.ndim} axes")
                object.__setattr__(self, name, taken)

    def still(self) -> dict[str, int]:
        """Number of axes of each array of this mark in a still picture."""
        return dict(self.AXES)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are present, by field name."""
        return {n: getattr(self, n) for n in self.still() if getattr(self, n) is not None}

    def frames(self) -> int:
        """Number of frames, 1 where the mark stands still."""
        still = self.still()
        return max((a.shape[0] for n, a in self.arrays().items() if a.ndim > still[n]), default=1)


@dataclass(frozen=True, kw_only=True)
class Line(Mark):
    """A curve y(x); NaN makes a gap. `role`: measured data, an exact reference, a faint guide."""

    AXES: ClassVar = {"x": 1, "y": 1, "error": 1}
    x: Any
    y: Any
    error: Any = None
    name: str = ""
    role: Role = "data"


@dataclass(frozen=True, kw_only=True)
class Points(Mark):
    """Dots at (x, y), coloured by `values` where given; `size` is the diameter in points."""

    AXES: ClassVar = {"x": 1, "y": 1, "values": 1}
    x: Any
    y: Any
    values: Any = None
    name: str = ""
    role: Role = "data"
    size: float = 4.0
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Image(Mark):
    """Values on a grid (y, x), or RGB in 0…1 (y, x, 3) with colours="rgb".

    `extent` is (left, right, bottom, top) of the outer pixel edges; `top_down` puts row 0 at the
    top, as pictures have it. `limits` fixes the colour range, else that of all frames is taken;
    with colours="diverging" the range is symmetric about zero.
    """

    AXES: ClassVar = {"values": 2}
    values: Any
    extent: tuple[float, float, float, float] | None = None
    limits: tuple[float, float] | None = None
    colours: Colours = "sequential"
    log: bool = False
    top_down: bool = False
    name: str = ""
    unit: str = ""

    def still(self) -> dict[str, int]:
        """Two axes, or three for RGB."""
        return {"values": 3 if self.colours == "rgb" else 2}

    def box(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top; pixel counts where no extent was given."""
        if self.extent is not None:
            return self.extent
        shape = self.values.shape[:-1] if self.colours == "rgb" else self.values.shape
        rows, columns = shape[-2:]
        return (0.0, float(columns), 0.0, float(rows))

    def range(self) -> tuple[float, float]:
        """Colour limits: as given, or over all frames; symmetric where diverging; never empty."""
        if self.limits is not None:
            return self.limits
        found = span(self.values, positive=self.log)
        if found is None:
            return (0.0, 1.0)
        low, high = found
        if self.colours == "diverging":
            high = max(abs(low), abs(high))
            low = -high
        if self.log:
            low = max(low, high * 1e-8)
        return (low, high) if high > low else (low, low + (abs(low) or 1.0))


@dataclass(frozen=True, kw_only=True)
class Contours(Mark):
    """Level lines of values on a grid (y, x) whose outer edges are `extent`."""

    AXES: ClassVar = {"values": 2, "levels": 1}
    values: Any
    levels: Any
    extent: tuple[float, float, float, float]
    name: str = ""
    role: Role = "guide"


@dataclass(frozen=True, kw_only=True)
class Bars(Mark):
    """Counts between edges; one more edge than counts."""

    AXES: ClassVar = {"edges": 1, "counts": 1}
    edges: Any
    counts: Any
    name: str = ""
    role: Role = "data"


@dataclass(frozen=True, kw_only=True)
class Segments(Mark):
    """Straight lines from (x0, y0) to (x1, y1), fainter where `weights` (0…1) are small."""

    AXES: ClassVar = {"x0": 1, "y0": 1, "x1": 1, "y1": 1, "weights": 1}
    x0: Any
    y0: Any
    x1: Any
    y1: Any
    weights: Any = None
    name: str = ""
    role: Role = "data"
    arrows: bool = False


@dataclass(frozen=True, kw_only=True)
class Text(Mark):
    """Words at a place in data coordinates."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Axis:
    """Label, unit, scale and, where they matter, the limits of an axis. `ticks=False` hides it."""

    label: str = ""
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    limits: tuple[float, float] | None = None
    ticks: bool = True

    def text(self) -> str:
        """Label with unit: `time (s)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Panel:
    """Marks that share two axes. `equal` keeps one unit equally long in both directions."""

    marks: tuple[Mark, ...]
    x: Axis = Axis()
    y: Axis = Axis()
    title: str = ""
    equal: bool = False


@dataclass(frozen=True)
class Figure:
    """Panels side by side (or in `columns`), with a name that stays, a title and a caption."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    caption: str = ""
    columns: int = 0
    times: Any = None
    time: Axis = Axis("t")

    def __post_init__(self) -> None:
        if self.times is not None:
            object.__setattr__(self, "times", _array(self.times))
        still = ((m, n, a) for p in self.panels for m in p.marks for n, a in m.arrays().items())
        lengths = {
            f"{type(m).__name__}.{n}": a.shape[0] for m, n, a in still if a.ndim > m.still()[n]
        }
        if len(set(lengths.values())) > 1:
            raise ValueError(f"figure {self.name} has marks of different length in time: {lengths}")

    def frames(self) -> int:
        """Number of frames, 1 for a still picture."""
        return max((m.frames() for p in self.panels for m in p.marks), default=1)


def frame(figure: Figure, index: int) -> Figure:
    """The still picture of one frame, with the colour ranges of the whole movie."""

    def still(mark: Mark) -> Mark:
        axes = mark.still()
        cut: dict[str, Any] = {n: a[index] for n, a in mark.arrays().items() if a.ndim > axes[n]}
        if cut and isinstance(mark, Image):
            cut["limits"] = mark.range()
        return replace(mark, **cut) if cut else mark

    panels = tuple(replace(p, marks=tuple(still(m) for m in p.marks)) for p in figure.panels)
    return replace(figure, panels=panels, times=None)


MARKS: dict[str, type[Mark]] = {
    m.__name__: m for m in (Line, Points, Image, Contours, Bars, Segments, Text)
}


def settings(mark: Mark) -> dict[str, Any]:
    """The plain (non-array) fields of a mark, for storing it."""
    return {f.name: getattr(mark, f.name) for f in fields(mark) if f.name not in mark.still()}
