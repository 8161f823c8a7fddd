"""Meshes and clouds of points: OBJ, PLY, STL, OFF, PTS and XYZ with a count.

The parts are `vertices` (n × 3, taken where none is named), `faces` (m × 3, vertices from 0;
polygons become triangles), `normals`, `colours` (0 to 1), and whatever else each vertex carries.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workbench.data import mesh_text, ply, stl
from workbench.data.base import BadData, Budget, Part, Raw, listed, quoted
from workbench.data.sources import Source

READERS: dict[str, Callable[[Source, Budget], dict[str, np.ndarray]]] = {
    "obj": mesh_text.obj,
    "off": mesh_text.off,
    "cloud": mesh_text.cloud,
    "ply": ply.contents,
    "stl": stl.binary,
    "stl text": stl.text,
}
DIMS = {
    "vertices": ("vertex", "axis"),
    "faces": ("face", "corner"),
    "normals": ("vertex", "axis"),
    "colours": ("vertex", "colour"),
}


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """Everything the file holds about vertices and faces."""
    found = _contents(source, budget)
    return tuple(Part(name, a.shape, a.dtype.name) for name, a in found.items())


def read(source: Source, part: str, budget: Budget) -> Raw:
    """One of the arrays."""
    found = _contents(source, budget)
    part = part or "vertices"
    if part not in found:
        raise BadData(f"it has no part {quoted(part)}; it has {listed(list(found))}")
    name = source.name if part == "vertices" else part
    dims = DIMS.get(part, ("vertex",))
    if "faces" not in found:  # a cloud
        dims = ("point", *dims[1:])
    return Raw(found[part], name, dims, part=part)


def _contents(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    found = {n: a for n, a in READERS[source.format](source, budget).items() if a.size}
    if "vertices" not in found:
        raise BadData("it holds no vertices; choose another file")
    return found
