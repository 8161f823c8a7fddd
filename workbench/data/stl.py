"""STL, binary and as text: triangles that list their corners; equal corners become one vertex."""

from __future__ import annotations

import numpy as np

from workbench.data.base import BadData, Budget
from workbench.data.geometry import joined, taken
from workbench.data.lines import Numbers, worded
from workbench.data.sources import Source

HEADER = 84  # bytes: any text, then the number of triangles
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
# Finding equal corners takes about 200 bytes a triangle at its peak, twice what is claimed.
WORK = 108


def binary(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Vertices and faces of a file whose size fits its number of triangles."""
    budget.claim(((source.size - HEADER) // RECORD.itemsize,), WORK)
    source.stream.seek(HEADER)
    records = taken(source, source.size - HEADER, budget).view(RECORD)
    corners = records["corners"].reshape(-1, 3).astype(np.float32)
    del records
    return _mesh(corners, budget)


def text(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Vertices and faces of `solid … facet … vertex x y z … endsolid`."""
    corners = Numbers(float, budget)
    count = 0
    for row, words in worded(source, budget):
        if words[0].lower() != "vertex":
            continue
        if len(words) != 4:
            raise BadData(f"row {row} has {len(words) - 1} numbers; a corner has three; correct it")
        corners.add(row, words[1:])
        count += 1
    if count % 3:
        raise BadData(
            f"it has {count} corners; they must make whole triangles; it was cut off; get it again"
        )
    budget.claim((count // 3,), WORK)
    return _mesh(corners.table(), budget)


def _mesh(corners: np.ndarray, budget: Budget) -> dict[str, np.ndarray]:
    budget.tick()
    vertices, faces = joined(corners)
    budget.tick()
    return {"vertices": vertices, "faces": faces}
