"""Figures of several runs in one: curves over each other, images beside each other.

What shares axes and units is overlaid where it is made of curves; everything else stands side by
side with one colour scale, and images on one grid are followed by their difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
    Segments,
    Surface,
    settings,
    span,
)
from workbench.layout import depth, limits

_ALIKE = 1e-6  # of references: finer than a line on paper, coarser than rounding
MOST_OWN = 12  # panels of runs that share none; more are too small to be read
Group = list[tuple[str, Panel]]  # panels that show the same of each run, by its label


@dataclass(frozen=True)
class Pair:
    """Numbers of panels with images of two runs on one grid, and of the panel of their difference.

    `labels` are those of the runs.
    """

    first: int
    other: int
    difference: int
    labels: tuple[str, str]


def compared(figures: Mapping[str, Figure]) -> Figure:
    """The figures of several runs, by the label of each, as one figure of the first one's name."""
    return juxtaposed(figures)[0]


def juxtaposed(figures: Mapping[str, Figure]) -> tuple[Figure, tuple[Pair, ...]]:
    """The same, and which of its panels can be laid over each other."""
    given = list(figures.values())
    times, taken, remark = _aligned(given)
    remarks = [remark] if remark else []
    panels: list[Panel] = []
    pairs: list[Pair] = []
    widths: list[int] = []
    groups = _groups(dict(zip(figures, taken, strict=True)))
    if not groups:
        groups = _own(dict(zip(figures, taken, strict=True)))
        remarks.append("These runs have no panel in common; the first ones of each are shown.")
    for group in groups:
        overlaid = len(group) > 1 and _are_curves(group)
        made = [_overlaid(group)] if overlaid else _side_by_side(group, remarks)
        pairs += _pairs(group, made, len(panels))
        panels += made
        widths.append(len(made))
    titles = {figure.title for figure in given}
    drawn = Figure(
        given[0].name,
        given[0].title if len(titles) == 1 else given[0].name.replace("_", " ").capitalize(),
        tuple(panels),
        caption=" ".join(dict.fromkeys(remarks)),
        columns=widths[0] if len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1 else 0,
        times=times,
        time=next((f.time for f in given if f.times is not None), Axis("t")),
        view=given[0].view,
    )
    return drawn, tuple(pairs)


# --- frames ------------------------------------------------------------------------------------


def _aligned(figures: Sequence[Figure]) -> tuple[np.ndarray | None, list[Figure], str]:
    """As many frames in all movies: nearest to the times of the one that lasts longest, if known.

    A movie that ends before stays at its last frame.
    """
    movies = [figure for figure in figures if figure.frames() > 1]
    if not movies:
        return None, list(figures), ""
    first = movies[0]
    known = [m.times for m in movies if m.times is not None and m.time.text() == first.time.text()]
    if len(known) == len(movies):
        times = max(known, key=np.ptp)
        if max(t.min() for t in known) < min(t.max() for t in known):
            chosen = [np.abs(times[:, None] - t).argmin(axis=1) for t in known]
            exact = all(np.array_equal(t[c], times) for t, c in zip(known, chosen, strict=True))
            remark = "" if exact else f"Frames are those nearest in {first.time.label}."
            return times, _picked(figures, chosen), remark
    counts = [movie.frames() for movie in movies]
    chosen = [np.linspace(0, n - 1, counts[0]).round().astype(int) for n in counts]
    remark = "" if len(set(counts)) == 1 else "Frames are those at the same share of each run."
    return None, _picked(figures, chosen), remark


def _picked(figures: Sequence[Figure], chosen: Sequence[np.ndarray]) -> list[Figure]:
    """Each movie with these of its frames; a still picture stays as it is."""
    left = iter(chosen)
    return [f if f.frames() == 1 else _with_frames(f, next(left)) for f in figures]


def _with_frames(figure: Figure, which: np.ndarray) -> Figure:
    if np.array_equal(which, np.arange(figure.frames())):
        return replace(figure, times=None)

    def cut(mark: Mark) -> Mark:
        still = mark.still()
        moving = {n: a[which] for n, a in mark.arrays().items() if a.ndim > still[n]}
        return replace(mark, **moving) if moving else mark

    panels = tuple(replace(p, marks=tuple(map(cut, p.marks))) for p in figure.panels)
    return replace(figure, panels=panels, times=None)


# --- which panels belong together --------------------------------------------------------------


def _groups(figures: Mapping[str, Figure]) -> list[Group]:
    """Panels by their place where all figures have as many, else by their title and axes."""
    if len({len(figure.panels) for figure in figures.values()}) == 1:
        rows = zip(*(figure.panels for figure in figures.values()), strict=True)
        return [list(zip(figures, row, strict=True)) for row in rows]
    found: dict[tuple[str, ...], Group] = {}
    for label, figure in figures.items():
        for panel in figure.panels:
            key = (panel.title, panel.x.text(), panel.y.text())
            if all(label != other for other, _ in found.setdefault(key, [])):
                found[key].append((label, panel))
    return [group for group in found.values() if len(group) > 1]


def _own(figures: Mapping[str, Figure]) -> list[Group]:
    """The first panels of each figure, one by one."""
    each = max(1, MOST_OWN // len(figures))
    return [[(label, panel)] for label, f in figures.items() for panel in f.panels[:each]]


def _are_curves(group: Group) -> bool:
    """Whether panels are made of curves over the same axes."""
    panels = [panel for _, panel in group]
    drawn = all(
        not panel.equal
        and any(isinstance(mark, Line | Bars) for mark in panel.marks)
        and not any(isinstance(mark, Image | Contours | Segments) for mark in panel.marks)
        for panel in panels
    )
    return drawn and _same_axes(panels)


def _same_axes(panels: Sequence[Panel]) -> bool:
    axes = {(p.in_space, *((a.label, a.unit) for a in (p.x, p.y, p.z))) for p in panels}
    return len(axes) == 1


# --- curves ------------------------------------------------------------------------------------


def _overlaid(group: Group) -> Panel:
    """Marks of all runs in one panel, named after their runs; equal references are drawn once."""
    marks: list[Mark] = []
    for label, panel in group:
        data = {getattr(m, "name", "") for m in panel.marks if _role(m) == "data"}
        for mark in panel.marks:
            if _role(mark) == "data" and hasattr(mark, "name"):
                name = f"{label}: {mark.name}" if len(data) > 1 and mark.name else label
                marks.append(_named(mark, name))
                continue
            place = next((i for i, other in enumerate(marks) if _alike(mark, other)), None)
            if place is None:
                marks.append(_renamed(mark, label, marks))
            elif _length(mark) > _length(marks[place]):
                marks[place] = mark
    panels = [panel for _, panel in group]
    first = panels[0]
    return replace(
        first,
        marks=tuple(marks),
        x=_common(first.x, [p.x for p in panels]),
        y=_common(first.y, [p.y for p in panels]),
    )


def _role(mark: Mark) -> str:
    return getattr(mark, "role", "data")


def _renamed(mark: Mark, label: str, others: Sequence[Mark]) -> Mark:
    """A reference that another run has as well, with other values; guides may share a name."""
    name = getattr(mark, "name", "") if _role(mark) == "reference" else ""
    if name and any(getattr(other, "name", "") == name for other in others):
        return _named(mark, f"{label}: {name}")
    return mark


def _named(mark: Any, name: str) -> Mark:
    return replace(mark, name=name)


def _alike(mark: Mark, other: Mark) -> bool:
    """Whether marks are equal up to rounding, or one goes on where the other ends."""
    if type(mark) is not type(other) or settings(mark) != settings(other):
        return False
    one, two = mark.arrays(), other.arrays()
    if one.keys() != two.keys() or any(one[n].shape[1:] != two[n].shape[1:] for n in one):
        return False
    both = min(_length(mark), _length(other))
    pairs = [(one[n][:both], two[n][:both]) for n in one]
    return both > 0 and all(np.allclose(a, b, _ALIKE, 0, equal_nan=True) for a, b in pairs)


def _length(mark: Mark) -> int:
    return min((len(values) for values in mark.arrays().values()), default=1)


def _common(axis: Axis, axes: Sequence[Axis]) -> Axis:
    """An axis for all: logarithmic if all are, with limits that hold those of all."""
    scale = axis.scale if len({a.scale for a in axes}) == 1 else "linear"
    ends = [a.limits for a in axes if a.limits is not None]
    held = (min(e[0] for e in ends), max(e[1] for e in ends)) if len(ends) == len(axes) else None
    return replace(axis, scale=scale, limits=held)


# --- images and clouds -------------------------------------------------------------------------


def _side_by_side(group: Group, remarks: list[str]) -> list[Panel]:
    """A panel for each run with common limits and colours, then differences from the first."""
    titled = [
        (label, replace(panel, title=f"{panel.title} – {label}" if panel.title else label))
        for label, panel in group
    ]
    panels = _common_limits([panel for _, panel in titled])
    images = [_image(panel) for panel in panels]
    if any(image is None for image in images):
        return _common_colours(panels) if all(_in_colours(panel) for panel in panels) else panels
    panels = _common_colours(panels)
    first = _image(panels[0])
    for (label, _), panel in list(zip(group, panels, strict=True))[1:]:
        image = _image(panel)
        assert first is not None
        assert image is not None
        if _on_one_grid(first, image):
            made = _difference(first, image)
            panels.append(replace(panel, marks=(made,), title=_minus(label, group)))
        else:
            remarks.append("There is no difference of images on different grids.")
    return panels


def _minus(label: str, group: Group) -> str:
    return f"{label} − {group[0][0]}"


def _pairs(group: Group, made: Sequence[Panel], start: int) -> list[Pair]:
    """The first run and each that has a difference from it; panels count from `start`."""
    names = [label for label, _ in group]
    places = {_minus(label, group): place for place, label in enumerate(names)}
    found = [(i, places[panel.title]) for i, panel in enumerate(made) if i >= len(group)]
    return [Pair(start, start + k, start + i, (names[0], names[k])) for i, k in found]


def _common_limits(panels: Sequence[Panel]) -> list[Panel]:
    """Clouds of points in the same axes; images keep the axes of their grid."""
    if not _same_axes(panels) or any(_image(p) is not None for p in panels):
        return list(panels)
    boxes = np.array([limits(panel) for panel in panels])
    if (boxes[:, 0] > boxes[:, 1]).any() or (boxes[:, 2] > boxes[:, 3]).any():
        return list(panels)  # an axis runs backwards in one of them
    x = (float(boxes[:, 0].min()), float(boxes[:, 1].max()))
    y = (float(boxes[:, 2].min()), float(boxes[:, 3].max()))
    panels = [replace(p, x=replace(p.x, limits=x), y=replace(p.y, limits=y)) for p in panels]
    if not panels[0].in_space:
        return panels
    lows, highs = zip(*map(depth, panels), strict=True)
    z = (min(*lows, *highs), max(*lows, *highs))
    return [replace(p, z=replace(p.z, limits=z)) for p in panels]


def _in_colours(panel: Panel) -> Image | Surface | Cloud3D | None:
    """The first image, or the first mark in space whose values have colours."""
    spaces = (m for m in panel.marks if isinstance(m, Surface | Cloud3D) and m.values is not None)
    return _image(panel) or next(spaces, None)


def _image(panel: Panel) -> Image | None:
    return next((mark for mark in panel.marks if isinstance(mark, Image)), None)


def _common_colours(panels: Sequence[Panel]) -> list[Panel]:
    """One colour range for the first coloured mark of each panel, where they mean the same."""
    marks = [mark for mark in map(_in_colours, panels) if mark is not None]
    if len({(mark.colours, getattr(mark, "log", False), mark.unit) for mark in marks}) > 1:
        return list(panels)
    if marks[0].colours == "rgb":
        return list(panels)
    ranges = [mark.range() for mark in marks]
    ends = (min(low for low, _ in ranges), max(high for _, high in ranges))

    def ranged(mark: Any) -> Mark:
        found: Mark = replace(mark, limits=ends)
        return found

    return [
        replace(p, marks=tuple(ranged(m) if m is first else m for m in p.marks))
        for p, first in zip(panels, marks, strict=True)
    ]


def _on_one_grid(one: Image, other: Image) -> bool:
    return (
        one.values.shape == other.values.shape
        and one.box() == other.box()
        and one.top_down == other.top_down
        and (one.colours == "rgb") == (other.colours == "rgb")
        and one.unit == other.unit
    )


def _difference(first: Image, other: Image) -> Image:
    """Other minus first, about zero; of colours how far they are apart on average."""
    small = first.values.dtype == other.values.dtype == np.float32
    kind: Any = np.float32 if small else np.float64
    away = np.subtract(other.values, first.values, dtype=kind)
    if first.colours == "rgb":
        shares = [255.0 if i.values.dtype == np.uint8 else 1.0 for i in (first, other)]
        away = np.abs(other.values / shares[1] - first.values / shares[0]).mean(axis=-1)
    low, high = span(away) or (0.0, 0.0)
    most = max(abs(low), abs(high)) or 1.0
    return Image(
        values=away,
        extent=first.box(),
        limits=(0.0, most) if first.colours == "rgb" else (-most, most),
        colours="sequential" if first.colours == "rgb" else "diverging",
        top_down=first.top_down,
        name="difference",
        unit=first.unit,
    )
