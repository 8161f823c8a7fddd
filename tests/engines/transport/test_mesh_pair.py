"""Generated surfaces against Euler, Gauss and closed forms; what is no surface is refused."""

import numpy as np
import pytest

from engines.problem import BadProblem
from engines.transport.mesh_pair import MOST_VERTICES, MeshPair, areas, arm_pair, blob_pair, edges
from engines.transport.surfaces import BALLS, SKIN, bent, blob, isosurface

TETRAHEDRON = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
SIDES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def pair(places=TETRAHEDRON, faces=SIDES, **others):
    given = {"target": TETRAHEDRON, "target_faces": SIDES} | others
    return MeshPair(source=places, source_faces=faces, **given)


def closed(faces):
    """Each edge is passed once each way."""
    passed = faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2).tolist()
    return sorted(passed) == sorted(e[::-1] for e in passed)


def ball(cells=20):
    side = np.linspace(-1.3, 1.3, cells + 1)
    grid = np.stack(np.meshgrid(side, side, side, indexing="ij"), -1)
    return isosurface(-np.linalg.norm(grid, axis=-1), -1.0), side


def test_that_an_isosurface_is_closed_and_looks_outwards():
    (places, faces), side = ball()
    places = side[0] + (side[1] - side[0]) * places
    assert closed(faces)
    assert len(places) - len(faces) * 3 // 2 + len(faces) == 2, "Euler: it is a sphere"
    volume = np.linalg.det(places[faces]).sum() / 6
    # Vertices lie in the middle of their cells' crossings, inside the sphere by up to h²/4.
    assert volume == pytest.approx(4 / 3 * np.pi, rel=0.02)
    assert volume < 4 / 3 * np.pi
    assert areas(places, faces).sum() == pytest.approx(4 * np.pi, rel=0.02)


def test_that_the_body_is_one_sphere_on_its_level_with_as_many_vertices_as_published():
    places, faces = blob(44)
    assert closed(faces)
    assert len(places) - len(faces) * 3 // 2 + len(faces) == 2
    field = sum(np.exp(-1.2 * ((places - c) ** 2).sum(1) / r**2) for *c, r in BALLS)
    np.testing.assert_allclose(field, SKIN, atol=1e-9)
    # Marching cubes has a vertex on each crossed edge (1460), surface nets one in each cell.
    assert abs(len(places) - 1460) < 30


def test_that_bending_keeps_lengths_along_the_middle_and_turns_the_ends_down():
    line = np.column_stack((np.linspace(-2, 2, 401), np.zeros((401, 2))))
    arc = bent(line)
    length = np.linalg.norm(np.diff(arc, axis=0), axis=1).sum()
    assert length == pytest.approx(4, rel=1e-5)  # chords of an arc: 1 - (0.01/1.6)²/24
    assert arc[0, 2] == pytest.approx(1.6 * np.cos(2 / 1.6) - 1.6)
    np.testing.assert_allclose(bent(line + np.array([0, 0.3, 0]))[:, 1], 0.3)


def test_that_the_truth_of_the_pair_is_near():
    problem = blob_pair((24, 28))
    straight = blob(28)[0]
    far = np.linalg.norm(problem.source[problem.truth.astype(int)] - straight, axis=1)
    assert far.max() < 4.8 / 24, "a cell of the coarser grid"
    np.testing.assert_array_equal(problem.target, bent(straight))


def test_that_the_arm_has_its_own_number_for_each_vertex():
    problem = arm_pair()
    np.testing.assert_array_equal(problem.truth, np.arange(1538))
    np.testing.assert_array_equal(problem.source_faces, problem.target_faces)


def test_that_edges_have_their_lengths():
    graph = edges(TETRAHEDRON, SIDES).toarray()
    apart = np.linalg.norm(TETRAHEDRON[:, None] - TETRAHEDRON, axis=2)
    np.testing.assert_allclose(graph, apart)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"places": TETRAHEDRON[:, :2], "target": TETRAHEDRON[:, :2]}, "source has 2 columns"),
        (
            {"faces": np.array([[0, 1, 2, 3]]), "target_faces": np.array([[0, 1, 2, 3]])},
            "source_faces has 4 columns; it must have 3, for all faces must be triangles",
        ),
        ({"places": 1e90 * TETRAHEDRON}, "the largest number in source is 1e+90; it must lie"),
        ({"faces": SIDES + 1}, "source_faces is 4 at face 1; it must be a vertex from 0 to 3"),
        ({"faces": SIDES + 0.5}, "source_faces is 0.5 at face 0"),
        ({"faces": np.vstack([SIDES, [0, 1, 1]])}, "the area of face 4 of source is 0"),
        (
            {"places": np.vstack([TETRAHEDRON, [5, 5, 5]])},
            "vertex 4 of source belongs to no face, as 1 in all",
        ),
        (
            {
                "places": np.vstack([TETRAHEDRON, TETRAHEDRON[:3] + 5]),
                "faces": np.vstack([SIDES, [4, 5, 6]]),
            },
            "source has 2 components, the largest with 57.1 % of the vertices",
        ),
        ({"truth": np.array([0.0, 1, 2, 4])}, "truth is 4 at target vertex 3"),
        ({"truth": np.arange(3.0)}, "truth has 3 along its axis 'target_vertex'"),
    ],
)
def test_that_what_is_no_connected_surface_is_refused(change, words):
    with pytest.raises(BadProblem) as refusal:
        pair(**change)
    assert str(refusal.value).startswith(words)
    assert str(refusal.value).count(";") == 2 or "axis" in words


def test_that_a_mesh_beyond_the_limit_is_refused():
    many = np.zeros((MOST_VERTICES + 1, 3))
    with pytest.raises(BadProblem, match=f"target has {MOST_VERTICES + 1} vertices"):
        pair(target=many)
