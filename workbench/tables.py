"""The data behind a figure as CSV: a tidy block per mark, one observation a row."""

from __future__ import annotations

import csv
import io
from functools import singledispatch
from typing import IO

import numpy as np

from engines.figure import (
    Bars,
    Cloud3D,
    Contours,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Points,
    Segments,
    Surface,
    Text,
)

Columns = list[tuple[str, np.ndarray]]
SLAB = 100_000  # rows formatted at a time
FACES = "triangles of the vertices above counted from 0"


def write_csv(figure: Figure, file: IO[bytes], stamp: str = "") -> None:
    """Write a still figure: lines that start with # say what the block below them holds.

    Numbers have as many digits as it takes to read the same value back.
    """
    lead = f"# {stamp}\n" if stamp else ""
    for number, panel in enumerate(figure.panels, 1):
        for mark in panel.marks:
            file.write((lead + _about(mark, panel, number)).encode())
            _block(columns(mark, panel), file)
            lead = "\n"
            if isinstance(mark, Surface):
                file.write((lead + _about(mark, panel, number, FACES)).encode())
                _block([(f"corner {k + 1}", mark.faces[:, k]) for k in range(3)], file)


def _about(mark: Mark, panel: Panel, number: int, more: str = "") -> str:
    parts = [f"panel {number}", panel.title, type(mark).__name__, getattr(mark, "name", ""), more]
    if isinstance(mark, Contours):
        parts.append("levels " + " ".join(f"{level:.17g}" for level in mark.levels))
    return "# " + ", ".join(" ".join(part.split()) for part in parts if part) + "\n"


def _block(block: Columns, file: IO[bytes]) -> None:
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerow(name for name, _ in block)
    file.write(head.getvalue().encode())
    values = [column for _, column in block]
    if values[-1].dtype.kind == "U":  # one row of Text
        values[-1] = np.array(['"' + str(values[-1][0]).replace('"', '""') + '"'])
    row = ",".join(_digits(column) for column in values) + "\n"
    for start in range(0, values[0].size, SLAB):
        rows = zip(*(column[start : start + SLAB].tolist() for column in values), strict=True)
        file.write("".join(row % numbers for numbers in rows).encode())


def _digits(column: np.ndarray) -> str:
    if column.dtype.kind in "ui":
        return "%d"
    if column.dtype.kind == "U":
        return "%s"
    return "%.9g" if column.dtype == np.float32 else "%.17g"


def _axes(panel: Panel) -> tuple[str, str]:
    x, y = panel.x.text() or "x", panel.y.text() or "y"
    return (x, y) if x != y else ("x", "y")


def _value(mark: Image | Points | Contours | Surface | Cloud3D) -> str:
    unit = getattr(mark, "unit", "")
    return f"{mark.name or 'value'} ({unit})" if unit else mark.name or "value"


@singledispatch
def columns(mark: Mark, panel: Panel) -> Columns:
    """The columns of a mark, named after the axes."""
    raise TypeError(f"{type(mark).__name__} is a mark without a table; add it to tables.py")


@columns.register
def _line(mark: Line, panel: Panel) -> Columns:
    x, y = _axes(panel)
    errors = [] if mark.error is None else [("error", mark.error)]
    return [(x, mark.x), (y, mark.y), *errors]


@columns.register
def _points(mark: Points, panel: Panel) -> Columns:
    x, y = _axes(panel)
    values = [] if mark.values is None else [(_value(mark), mark.values)]
    return [(x, mark.x), (y, mark.y), *values]


@columns.register
def _image(mark: Image, panel: Panel) -> Columns:
    values = mark.values[::-1] if mark.top_down else mark.values
    places = _centres(values, mark.box(), panel)
    if mark.colours == "rgb":
        names = ("red", "green", "blue")
        return places + [(name, values[..., k].ravel()) for k, name in enumerate(names)]
    return [*places, (_value(mark), values.ravel())]


@columns.register
def _contours(mark: Contours, panel: Panel) -> Columns:
    places = _centres(mark.values, mark.extent, panel)
    return [*places, (_value(mark), mark.values.ravel())]


def _centres(values: np.ndarray, box: tuple[float, float, float, float], panel: Panel) -> Columns:
    rows, columns = values.shape[:2]
    across = box[0] + (np.arange(columns) + 0.5) * (box[1] - box[0]) / max(columns, 1)
    up = box[2] + (np.arange(rows) + 0.5) * (box[3] - box[2]) / max(rows, 1)
    x, y = _axes(panel)
    return [(x, np.tile(across, rows)), (y, np.repeat(up, columns))]


@columns.register
def _bars(mark: Bars, panel: Panel) -> Columns:
    x, y = _axes(panel)
    return [(f"{x} from", mark.edges[:-1]), (f"{x} to", mark.edges[1:]), (y, mark.counts)]


@columns.register
def _segments(mark: Segments, panel: Panel) -> Columns:
    x, y = _axes(panel)
    ends = [(f"{x} 0", mark.x0), (f"{y} 0", mark.y0), (f"{x} 1", mark.x1), (f"{y} 1", mark.y1)]
    return ends if mark.weights is None else [*ends, ("weight", mark.weights)]


@columns.register(Surface)
@columns.register(Cloud3D)
def _in_space(mark: Surface | Cloud3D, panel: Panel) -> Columns:
    names = [axis.text() or n for axis, n in ((panel.x, "x"), (panel.y, "y"), (panel.z, "z"))]
    names = names if len(set(names)) == 3 else ["x", "y", "z"]
    found = [(name, mark.places()[:, k]) for k, name in enumerate(names)]
    if mark.values is not None:
        return [*found, (_value(mark), mark.values)]
    if mark.rgb is not None:
        return [*found, *((n, mark.rgb[:, k]) for k, n in enumerate(("red", "green", "blue")))]
    return found


@columns.register
def _text(mark: Text, panel: Panel) -> Columns:
    x, y = _axes(panel)
    return [(x, np.array([mark.x])), (y, np.array([mark.y])), ("text", np.array([mark.text]))]
