"""What the formats of meshes share: faces from polygons, shared corners, colours, bytes."""

from __future__ import annotations

import numpy as np

from workbench.data.base import BadData, Budget, size_text
from workbench.data.sources import Source

MOST_CORNERS = 10_000  # of one polygon
SLAB_CORNERS = 1 << 20  # of polygons cut into triangles at a time: 30 MiB of places


def triangles(corners: np.ndarray, counts: np.ndarray, vertices: int, budget: Budget) -> np.ndarray:
    """Polygons as fans of triangles, (m, 3): `counts` corners each, one polygon behind the other.

    A polygon keeps its place and its sense; one of fewer than three corners has no area.
    """
    if len(counts) and counts.max() > MOST_CORNERS:
        raise BadData(
            f"a face has {counts.max()} corners; it must have at most {MOST_CORNERS}; "
            "save the mesh with triangles"
        )
    bounded(corners, vertices)
    budget.add(3 * 4 * int(np.maximum(counts - 2, 0).sum()))
    if (counts == 3).all():
        return corners.astype(np.int32).reshape(-1, 3)
    fans = np.maximum(counts - 2, 0)
    faces = np.empty((int(fans.sum()), 3), np.int32)
    ends, done = np.cumsum(counts), 0
    start = 0
    while start < len(counts):
        budget.tick()
        before = ends[start] - counts[start]
        stop = max(start + 1, int(np.searchsorted(ends, before + SLAB_CORNERS)))
        fan = fans[start:stop]
        first = np.repeat(ends[start:stop] - counts[start:stop], fan)
        step = np.arange(len(first)) - np.repeat(np.cumsum(fan) - fan, fan)
        place = faces[done : done + len(first)]
        place[:, 0] = corners[first]
        place[:, 1] = corners[first + step + 1]
        place[:, 2] = corners[first + step + 2]
        done += len(first)
        start = stop
    return faces


def bounded(corners: np.ndarray, vertices: int) -> None:
    """Refuse faces whose corners are no vertices."""
    if corners.size and not (corners.min() >= 0 and corners.max() < vertices):
        wrong = int(corners.min()) if corners.min() < 0 else int(corners.max())
        raise BadData(
            f"a face names vertex {wrong} (counted from 0); it must be one of the {vertices} "
            "there are; the file is damaged or cut off; get it again"
        )


def joined(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of triangles that list their corners one after the other, (3 m, 3).

    Corners in the same place become one vertex; vertices stand in the order of their first use.
    """
    order = np.lexsort(corners.T)
    fresh = np.ones(len(order), bool)
    ranked = corners[order]
    fresh[1:] = (ranked[1:] != ranked[:-1]).any(1)
    del ranked
    first = order[fresh]  # sorting is stable, so each group starts with its earliest corner
    place = np.empty(len(first), np.int32)
    place[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    faces = np.empty(len(order), np.int32)
    faces[order] = place[np.cumsum(fresh) - 1]
    return corners[np.sort(first)], faces.reshape(-1, 3)


def colours(values: np.ndarray) -> np.ndarray:
    """Colours between 0 and 1: bytes are divided by 255, as are numbers that are bytes."""
    if values.dtype.kind == "u":
        return np.divide(values, np.iinfo(values.dtype).max, dtype=np.float32)
    values = values.astype(np.float32)
    return values / np.float32(255) if values.size and np.nanmax(values) > 1 else values


def taken(source: Source, count: int, budget: Budget) -> np.ndarray:
    """The next bytes of a file; a promise of more than there are is refused."""
    room = source.size - source.stream.tell()
    if count > room:
        raise BadData(
            f"the header promises {size_text(count)}, the file holds {size_text(room)}; "
            "it was cut off; get it again"
        )
    budget.add(count)
    found = np.empty(count, np.uint8)
    if source.stream.readinto(found.data) != count:  # type: ignore[attr-defined]
        raise BadData("the file ended while it was read; get it again")
    return found
