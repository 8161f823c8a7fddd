"""Two surfaces made of triangles, what is refused of them, and pairs to try methods on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from engines.problem import BadProblem, Problem, array
from engines.transport.problem import refuse_range
from engines.transport.surfaces import arm, arm_faces, bent, bent_arm, blob

# Soft maps hold a number for each pair of vertices: 3 GB for so many.
MOST_VERTICES = 20_000

# Of the largest triangle: below this the angles of a triangle are rounding.
LEAST_AREA = 1e-12


@dataclass(frozen=True, kw_only=True)
class MeshPair(Problem):
    """Two surfaces made of triangles."""

    source: np.ndarray = array("source_vertex axis", "x, y, z of each vertex of the first surface")
    source_faces: np.ndarray = array(
        "source_face corner",
        "its triangles, vertices counted from 0; from the file of source where not given",
    )
    target: np.ndarray = array("target_vertex axis", "x, y, z of each vertex of the second surface")
    target_faces: np.ndarray = array(
        "target_face corner",
        "its triangles, vertices counted from 0; from the file of target where not given",
    )
    truth: np.ndarray | None = array(
        "target_vertex",
        "the source vertex that each target vertex belongs to, where it is known: errors are "
        "measured by it",
        optional=True,
    )

    def check(self) -> None:
        """Refuse what is no connected surface of triangles in space."""
        for name, places, faces in (
            ("source", self.source, self.source_faces),
            ("target", self.target, self.target_faces),
        ):
            if places.shape[1] != 3:
                raise BadProblem(
                    f"{name} has {places.shape[1]} columns; it must have 3, x, y and z; load the "
                    "vertices of a mesh"
                )
            if len(places) > MOST_VERTICES:
                raise BadProblem(
                    f"{name} has {len(places)} vertices; it must have at most {MOST_VERTICES}; "
                    "decimate the mesh first"
                )
            refuse_range(**{name: places})
            _refuse_faces(name, len(places), faces)
            _refuse_areas(name, places, faces)
            _refuse_pieces(name, len(places), faces)
        if self.truth is not None:
            _refuse_numbers("truth", self.truth, len(self.source), "target vertex")

    def surfaces(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Vertices in float64 and triangles as whole numbers, of both sides."""
        return (
            (self.source.astype(np.float64), self.source_faces.astype(np.int64)),
            (self.target.astype(np.float64), self.target_faces.astype(np.int64)),
        )


def areas(places: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Area of each triangle."""
    a, b, c = (places[faces[:, k]] for k in range(3))
    found: np.ndarray = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return found


def edges(places: np.ndarray, faces: np.ndarray) -> csr_array:
    """The edges as a symmetric matrix of their lengths."""
    ends = np.unique(np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0)
    length = np.linalg.norm(places[ends[:, 0]] - places[ends[:, 1]], axis=1)
    there = coo_array((length, ends.T), shape=(len(places), len(places))).tocsr()
    return there + there.T


def _refuse_faces(name: str, count: int, faces: np.ndarray) -> None:
    if faces.shape[1] != 3:
        raise BadProblem(
            f"{name}_faces has {faces.shape[1]} columns; it must have 3, for all faces must be "
            "triangles; split the others"
        )
    _refuse_numbers(f"{name}_faces", faces, count, "face")


def _refuse_numbers(name: str, numbers: np.ndarray, count: int, row: str) -> None:
    """Refuse what does not count vertices."""
    bad = (numbers != np.floor(numbers)) | (numbers < 0) | (numbers >= count)
    if bad.any():
        place = np.unravel_index(int(bad.argmax()), numbers.shape)
        raise BadProblem(
            f"{name} is {numbers[place]:g} at {row} {place[0]}; it must be a vertex from 0 to "
            f"{count - 1}; count from 0, and load the two together"
        )


def _refuse_areas(name: str, places: np.ndarray, faces: np.ndarray) -> None:
    area = areas(places.astype(np.float64), faces.astype(np.int64))
    flat = area <= LEAST_AREA * area.max()
    if flat.any():
        count = np.count_nonzero(flat)
        raise BadProblem(
            f"the area of face {int(flat.argmax())} of {name} is 0, and so of {count} faces in "
            "all; it must be above 0; merge vertices that coincide and remove these faces"
        )


def _refuse_pieces(name: str, count: int, faces: np.ndarray) -> None:
    used = np.bincount(faces.astype(np.int64).ravel(), minlength=count) > 0
    if not used.all():
        raise BadProblem(
            f"vertex {int(used.argmin())} of {name} belongs to no face, as {int((~used).sum())} in "
            "all; each must belong to one; remove unused vertices"
        )
    links = faces[:, [0, 1, 1, 2]].astype(np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(links.shape[1]), links), shape=(count, count))
    pieces, labels = connected_components(graph, directed=False)
    if pieces > 1:
        share = 100 * np.bincount(labels).max() / count
        raise BadProblem(
            f"{name} has {pieces} components, the largest with {share:.3g} % of the vertices; it "
            "must be one; merge vertices that coincide, or keep the largest only"
        )


def blob_pair(cells: tuple[int, int] = (44, 52)) -> MeshPair:
    """A body with four limbs, and the same, of other triangles, bent into an arc."""
    (source, source_faces), (target, target_faces) = (blob(count) for count in cells)
    return MeshPair(
        source=source,
        source_faces=source_faces,
        target=bent(target),
        target_faces=target_faces,
        truth=cKDTree(source).query(target)[1],
    )


def arm_pair() -> MeshPair:
    """A straight arm, and the same with its elbow bent by 110°, vertex by vertex."""
    faces = arm_faces()
    source, target = arm(), bent_arm()
    truth = np.arange(len(source))
    return MeshPair(
        source=source, source_faces=faces, target=target, target_faces=faces, truth=truth
    )
