"""A picture as data: what to draw, not how. Drawn by the window, on paper, and kept in records.

Time: an array with one axis more than its mark needs has the frames first, and `Figure.times`
holds their values; such a figure is a movie. `frame(figure, i)` is the still picture of frame i.

Space: a panel that holds a `Surface` or a `Cloud3D` is a 3-D panel. It has a third axis
`Panel.z`, holds no flat marks, and all 3-D panels of a figure are seen from `Figure.view`.
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
    """One thing drawn in a panel. `AXES` is the number of axes of each array in a still picture.

    Arrays are kept as float64, those named in `SMALL` also as float32 or bytes.
    """

    AXES: ClassVar[dict[str, int]] = {}
    SMALL: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name in self.still():
            value = getattr(self, name)
            if value is not None:
                taken = _array(value, keep32=name in self.SMALL)
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
    SMALL: ClassVar = ("values",)
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
        return self.limits or _ends(self.values, self.colours, self.log)


def _ends(values: np.ndarray, colours: Colours, log: bool = False) -> tuple[float, float]:
    """Colour limits that hold all values."""
    found = span(values, positive=log)
    if found is None:
        return (0.0, 1.0)
    low, high = found
    if colours == "diverging":
        high = max(abs(low), abs(high))
        low = -high
    if log:
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


@dataclass(frozen=True, kw_only=True)
class Surface(Mark):
    """A surface in space, made of triangles: a 3-D mark.

    `vertices` (n, 3) are its corners, `faces` (f, 3) the three vertices of each triangle, counted
    from 0; faces stand still in a movie, everything else may move. The colour of a vertex is
    `values` (n) within `limits`, in the colour map `colours` ("sequential", "diverging" or
    "grey"), or `rgb` (n, 3) in 0…1, or that of the mark. Triangles are shaded by where they face.
    A body wants `Panel(equal=True)`, the graph of a function of two variables does not.
    """

    AXES: ClassVar = {"vertices": 2, "faces": 2, "values": 1, "rgb": 2}
    SMALL: ClassVar = ("vertices", "values", "rgb")
    vertices: Any
    faces: Any
    values: Any = None
    rgb: Any = None
    limits: tuple[float, float] | None = None
    colours: Colours = "sequential"
    name: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_space(self, self.vertices)
        faces = self.faces.astype(np.int64)
        if self.faces.shape[1:] != (3,) or (faces != self.faces).any():
            raise ValueError("Surface.faces must be whole numbers (f, 3) that stand still")
        if faces.size and not 0 <= faces.min() <= faces.max() < self.vertices.shape[-2]:
            raise ValueError(f"Surface.faces must count the {self.vertices.shape[-2]} vertices")
        faces.flags.writeable = False
        object.__setattr__(self, "faces", faces)

    def places(self) -> np.ndarray:
        """Where its points are, with the frames first in a movie."""
        found: np.ndarray = self.vertices
        return found

    def range(self) -> tuple[float, float]:
        """Colour limits of the values: as given, or over all frames."""
        return self.limits or _ends(self.values, self.colours)


@dataclass(frozen=True, kw_only=True)
class Cloud3D(Mark):
    """Dots in space: a 3-D mark.

    `points` (n, 3); the colour of each is that of its `values` (n) within `limits`, in the colour
    map `colours` ("sequential", "diverging" or "grey"), or `rgb` (n, 3) in 0…1, or that of the
    mark. `size` is the diameter in points of print. Points, values and rgb may move.
    """

    AXES: ClassVar = {"points": 2, "values": 1, "rgb": 2}
    SMALL: ClassVar = ("points", "values", "rgb")
    points: Any
    values: Any = None
    rgb: Any = None
    limits: tuple[float, float] | None = None
    colours: Colours = "sequential"
    size: float = 3.0
    name: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_space(self, self.points)

    def places(self) -> np.ndarray:
        """Where its points are, with the frames first in a movie."""
        found: np.ndarray = self.points
        return found

    def range(self) -> tuple[float, float]:
        """Colour limits of the values: as given, or over all frames."""
        return self.limits or _ends(self.values, self.colours)


def _check_space(mark: Surface | Cloud3D, places: np.ndarray) -> None:
    """Three coordinates a point, and one colour."""
    kind = type(mark).__name__
    if places.shape[-1] != 3:
        raise ValueError(f"{kind} has {places.shape[-1]} coordinates a point; it must have 3")
    if mark.values is not None and mark.rgb is not None:
        raise ValueError(f"{kind} has values and rgb; it can be coloured by one of them")
    if mark.colours == "rgb":
        raise ValueError(f"{kind}.colours is rgb; give the colours themselves as rgb=")
    for name, given, ends in (("values", mark.values, ()), ("rgb", mark.rgb, (3,))):
        if given is not None and given.shape[given.ndim - 1 - len(ends) :] != (
            places.shape[-2],
            *ends,
        ):
            raise ValueError(f"{kind}.{name} must have one row for each of the points")


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
    """Marks that share two axes, or three. `equal` keeps one unit equally long in each direction.

    A panel of 3-D marks (`Surface`, `Cloud3D`) is a 3-D panel: `z` is its axis upwards, and all
    its axes are linear. Without `equal` it is a box of one shape, whatever its data span.
    """

    marks: tuple[Mark, ...]
    x: Axis = Axis()
    y: Axis = Axis()
    title: str = ""
    equal: bool = False
    z: Axis = Axis()

    def __post_init__(self) -> None:
        kinds = {isinstance(mark, Surface | Cloud3D) for mark in self.marks}
        if len(kinds) > 1:
            raise ValueError(f"panel {self.title!r} mixes 3-D marks with flat ones")
        if True in kinds and {self.x.scale, self.y.scale, self.z.scale} != {"linear"}:
            raise ValueError(f"panel {self.title!r} is a 3-D panel; its axes must be linear")

    @property
    def in_space(self) -> bool:
        """Whether this is a 3-D panel."""
        return any(isinstance(mark, Surface | Cloud3D) for mark in self.marks)


@dataclass(frozen=True)
class Annotation:
    """Words that somebody put into panel number `panel`, at (text_x, text_y), about (x, y)."""

    panel: int
    x: float
    y: float
    text: str
    text_x: float
    text_y: float


@dataclass(frozen=True)
class Figure:
    """Panels side by side (or in `columns`), with a name that stays, a title and a caption.

    `view` is from where all 3-D panels are seen at first, in degrees: the azimuth from x towards
    y, and the elevation above the plane of x and y. `annotations` are what people added to it;
    they belong to all frames of a movie.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    caption: str = ""
    columns: int = 0
    times: Any = None
    time: Axis = Axis("t")
    view: tuple[float, float] = (-60.0, 30.0)
    annotations: tuple[Annotation, ...] = ()

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
        if isinstance(mark, Image | Surface | Cloud3D) and "values" in cut:
            cut["limits"] = mark.range()
        return replace(mark, **cut) if cut else mark

    panels = tuple(replace(p, marks=tuple(still(m) for m in p.marks)) for p in figure.panels)
    return replace(figure, panels=panels, times=None)


MARKS: dict[str, type[Mark]] = {
    m.__name__: m for m in (Line, Points, Image, Contours, Bars, Segments, Text, Surface, Cloud3D)
}


def settings(mark: Mark) -> dict[str, Any]:
    """The plain (non-array) fields of a mark, for storing it."""
    return {f.name: getattr(mark, f.name) for f in fields(mark) if f.name not in mark.still()}
