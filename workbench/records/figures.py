"""Figures in a record: every mark an NXdata group that other programs plot, and the description
that makes the equal Figure again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import h5py
import numpy as np

from engines.figure import (
    MARKS,
    Annotation,
    Axis,
    Bars,
    Contours,
    Figure,
    Image,
    Mark,
    Panel,
    settings,
)
from engines.problem import ArraySpec
from workbench.records.attributes import plain, put
from workbench.records.safe import member, values_of
from workbench.records.writing import Output, free_name


@dataclass(frozen=True)
class Plot:
    """How a mark lies in NXdata: what is plotted (the first that is present), axes of each array.

    `along` names the coordinates of a plot of scattered values.
    """

    signals: tuple[str, ...]
    dims: dict[str, tuple[str, ...]]
    along: tuple[str, ...] = ()


PLOTS = {
    "Line": Plot(("y",), {"x": ("x",), "y": ("x",), "error": ("x",)}),
    "Points": Plot(("values", "y"), {"x": ("x",), "y": ("x",), "values": ("x",)}, along=("x", "y")),
    "Image": Plot(("values",), {"values": ("y", "x", "colour")}),
    "Contours": Plot(("values",), {"values": ("y", "x"), "levels": ("level",)}),
    "Bars": Plot(("counts",), {"edges": ("edge",), "counts": ("bin",)}),
    "Segments": Plot(
        ("weights", "y0"),
        dict.fromkeys(("x0", "y0", "x1", "y1", "weights"), ("x0",)),
        along=("x0", "y0"),
    ),
    "Surface": Plot(
        ("values", "rgb", "vertices"),
        {
            "vertices": ("vertex", "direction"),
            "faces": ("face", "corner"),
            "values": ("vertex",),
            "rgb": ("vertex", "colour"),
        },
    ),
    "Cloud3D": Plot(
        ("values", "rgb", "points"),
        {"points": ("point", "direction"), "values": ("point",), "rgb": ("point", "colour")},
    ),
}
# Left out where they say nothing, so that older versions read flat figures.
ONLY_IN_SPACE = ("z", "view")
# NXdata finds the errors of a signal by this name.
NAMES = {"error": "y_errors"}


def write_figures(output: Output, figures: Sequence[Figure]) -> str:
    """Write figures in their order; gives the path of the first mark that other programs plot."""
    parent = output.file.create_group("figures", track_order=True)
    put(parent, NX_class="NXentry")
    first = ""
    for figure in figures:
        group = parent.create_group(free_name(parent, figure.name))
        put(group, NX_class="NXsubentry", title=figure.title, figure=_description(figure))
        if figure.times is not None:
            about = ArraySpec(("times",), figure.time.text(), figure.time.unit)
            output.arrays(group, [("times", figure.times, ("times",), about)])
        for i, panel in enumerate(figure.panels, 1):
            side = group.create_group(f"panel{i}")
            put(side, NX_class="NXcollection")
            for k, mark in enumerate(panel.marks, 1):
                if mark.arrays():
                    _write_mark(output, side.create_group(f"mark{k}"), mark, panel, figure)
                    first = first or f"{side.name}/mark{k}"
    return first


def figure_of(group: h5py.Group) -> Figure:
    """The figure in a group, equal to the one that was written."""
    held = json.loads(plain(group.attrs["figure"]))
    panels = tuple(
        Panel(
            marks=tuple(
                _mark_of(group, f"panel{i}/mark{k}", mark)
                for k, mark in enumerate(panel.pop("marks"), 1)
            ),
            **_restored(panel),
        )
        for i, panel in enumerate(held.pop("panels"), 1)
    )
    times = member(group, "times")
    return Figure(
        panels=panels,
        times=None if times is None else values_of(times),
        annotations=_annotations_of(group),
        **_restored(held),
    )


def annotate(group: h5py.Group, annotations: Sequence[Annotation]) -> None:
    """Keep what people added to the figure in a group; the figure itself stays as it is."""
    if annotations:
        put(group, annotations=[asdict(note) for note in annotations])
    elif "annotations" in group.attrs:
        del group.attrs["annotations"]


def _annotations_of(group: h5py.Group) -> tuple[Annotation, ...]:
    held = json.loads(plain(group.attrs.get("annotations", "[]")))
    return tuple(
        Annotation(
            int(note["panel"]),
            float(note["x"]),
            float(note["y"]),
            str(note["text"]),
            float(note["text_x"]),
            float(note["text_y"]),
        )
        for note in held
    )


def name_of(group: h5py.Group) -> str:
    """The name of the figure in a group."""
    return str(json.loads(plain(group.attrs["figure"]))["name"])


def _description(figure: Figure) -> dict[str, Any]:
    panels = [
        {
            **_fields(panel, "marks"),
            "marks": [{"kind": type(m).__name__, **settings(m)} for m in panel.marks],
        }
        for panel in figure.panels
    ]
    return {**_fields(figure, "panels", "times", "annotations"), "panels": panels}


def _fields(item: Figure | Panel, *without: str) -> dict[str, Any]:
    held = {f.name: getattr(item, f.name) for f in fields(item) if f.name not in without}
    for field in fields(item):
        if field.name in ONLY_IN_SPACE and held[field.name] == field.default:
            del held[field.name]
    return {n: vars(v) if isinstance(v, Axis) else v for n, v in held.items()}


def _restored(held: dict[str, Any]) -> dict[str, Any]:
    """What JSON made of axes and tuples, turned back."""

    def back(value: Any) -> Any:
        if isinstance(value, dict):
            return Axis(**_restored(value))
        return tuple(value) if isinstance(value, list) else value

    return {name: back(value) for name, value in held.items()}


def _mark_of(group: h5py.Group, path: str, held: dict[str, Any]) -> Mark:
    kind = MARKS[held.pop("kind")]
    arrays = {}
    for name in PLOTS[kind.__name__].dims if kind.AXES else ():
        data = member(group, f"{path}/{NAMES.get(name, name)}")
        arrays[name] = None if data is None else values_of(data)
    return kind(**_restored(held), **arrays)


def _write_mark(
    output: Output, group: h5py.Group, mark: Mark, panel: Panel, figure: Figure
) -> None:
    plot = PLOTS[type(mark).__name__]
    arrays = _arrays(mark, plot, panel, figure)
    output.arrays(group, arrays)
    dims = {name: dims for name, _, dims, _ in arrays}
    signal = next(n for n in plot.signals if n in dims)
    axes = [dim if dims.get(dim) == (dim,) else "." for dim in dims[signal]]
    if signal == plot.signals[0] and plot.along and {dims[n] for n in plot.along} == {dims[signal]}:
        axes = list(plot.along)
    title = " – ".join(filter(None, (panel.title or figure.title, getattr(mark, "name", ""))))
    put(group, NX_class="NXdata", signal=signal, axes=axes, title=title)
    for i, axis in enumerate(axes):
        if axis != ".":
            put(group, **{f"{axis}_indices": min(i, len(dims[signal]) - 1)})
    if style := _style(mark, panel, signal, axes):
        put(group, SILX_style=style)
    if isinstance(mark, (Image, Contours)):
        colour = isinstance(mark, Image) and mark.colours == "rgb"
        put(group[signal], interpretation="rgb-image" if colour else "image")
    elif len(dims[signal]) > 1:
        put(group[signal], interpretation="spectrum")


def _arrays(
    mark: Mark, plot: Plot, panel: Panel, figure: Figure
) -> list[tuple[str, np.ndarray, tuple[str, ...], ArraySpec]]:
    """The arrays of a mark and its coordinates, with axis names that fit the lengths there are."""
    still = mark.still()
    given = {
        NAMES.get(n, n): (a, ("time",) * (a.ndim - still[n]) + plot.dims[n][: still[n]])
        for n, a in mark.arrays().items()
    }
    if figure.times is not None and any("time" in dims for _, dims in given.values()):
        given = {"time": (figure.times, ("time",)), **given}
    for name, values in _centres(mark).items():
        given[name] = (values, (name,))
    lengths: dict[str, int] = {}
    found = []
    for name, (values, wanted) in given.items():
        dims = tuple(
            dim if lengths.setdefault(dim, n) == n else f"{name}_{i}"
            for i, (dim, n) in enumerate(zip(wanted, values.shape, strict=True))
        )
        about = _about(name, mark, panel, figure)
        about = replace(about, label=about.label or name)
        found.append((name, values, dims, ArraySpec(dims, about.text(), about.unit)))
    return found


def _centres(mark: Mark) -> dict[str, np.ndarray]:
    """Coordinates that the mark holds only as outer edges."""
    if isinstance(mark, Bars):
        return {"bin": (mark.edges[1:] + mark.edges[:-1]) / 2} if mark.edges.ndim == 1 else {}
    if not isinstance(mark, (Image, Contours)):
        return {}
    rgb = isinstance(mark, Image) and mark.colours == "rgb"
    rows, columns = mark.values.shape[-3:-1] if rgb else mark.values.shape[-2:]
    left, right, bottom, top = mark.box() if isinstance(mark, Image) else mark.extent
    if isinstance(mark, Image) and mark.top_down:
        bottom, top = top, bottom
    return {
        "x": left + (np.arange(columns) + 0.5) * (right - left) / columns,
        "y": bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows,
    }


def _about(name: str, mark: Mark, panel: Panel, figure: Figure) -> Axis:
    """Label and unit of one array of a mark."""
    if name in ("x", "x0", "x1", "edges", "bin"):
        return panel.x
    if name in ("y", "y0", "y1", "counts"):
        return panel.y
    if name in ("vertices", "points"):
        sides = ((panel.x, "x"), (panel.y, "y"), (panel.z, "z"))
        return Axis(", ".join(axis.text() or letter for axis, letter in sides))
    if name in ("values", "levels"):
        return Axis(getattr(mark, "name", ""), getattr(mark, "unit", ""))
    if name == "time":
        return figure.time
    return Axis("", panel.y.unit if name == NAMES["error"] else "")


def _style(mark: Mark, panel: Panel, signal: str, axes: list[str]) -> dict[str, Any]:
    """Which axes are logarithmic, as silx and H5Web read it; empty where none is."""
    scales = dict.fromkeys(("x", "x0", "bin"), panel.x.scale)
    scales |= dict.fromkeys(("y", "y0", "counts"), panel.y.scale)
    shown = "log" if getattr(mark, "log", False) else scales.get(signal, "linear")
    kinds = [scales.get(axis, "linear") for axis in axes]
    if "log" not in (shown, *kinds):
        return {}
    return {"signal_scale_type": shown, "axes_scale_types": kinds}
