"""Laplacians of surfaces against closed forms: spheres, flat squares, what changes nothing."""

import numpy as np
import pytest

from engines.context import Cancelled
from engines.transport.laplacian import (
    cotangents,
    heat_kernel,
    spectrum,
    vertex_areas,
    wave_kernel,
)
from engines.transport.mesh_pair import areas
from engines.transport.surfaces import isosurface


def go_on():
    pass


def sphere(cells=24):
    """Triangles of unit length, with all vertices on the sphere of radius 1."""
    side = np.arange(cells + 1) - cells / 2
    grid = np.stack(np.meshgrid(side, side, side, indexing="ij"), -1)
    places, faces = isosurface(-np.linalg.norm(grid, axis=-1), -0.4 * cells)
    places -= cells / 2
    return places / np.linalg.norm(places, axis=1, keepdims=True), faces


def test_that_the_sphere_has_the_eigenvalues_of_spherical_harmonics():
    """n (n + 1), each 2 n + 1 times; at area 1 they are 4π times as large."""
    found = spectrum(*sphere(), 25, go_on)
    wanted = np.repeat([n * (n + 1) for n in range(5)], [2 * n + 1 for n in range(5)])
    # Linear elements err by about λ h²/12 with h² = 0.014 on radius 1: 2 % at n = 4.
    np.testing.assert_allclose(found.values, 4 * np.pi * wanted, rtol=0.03, atol=1e-9)
    np.testing.assert_array_less(-1e-300, found.values)


def test_that_eigenfunctions_are_orthonormal_in_area_and_solve_the_equation():
    found = spectrum(*sphere(), 12, go_on)
    assert found.mass.sum() == pytest.approx(1, rel=1e-12)
    gram = found.functions.T @ (found.mass[:, None] * found.functions)
    np.testing.assert_allclose(gram, np.eye(12), atol=1e-9)
    left = found.stiffness @ found.functions
    right = found.mass[:, None] * found.functions * found.values
    np.testing.assert_allclose(left, right, atol=1e-9 * found.values[-1])


def test_that_the_stiffness_is_the_energy_of_linear_functions():
    """∫ |∇u|² of u = x on a flat square is its area; of a constant it is 0."""
    side = np.arange(5.0)
    places = np.stack([*np.meshgrid(side, side), np.zeros((5, 5))], -1).reshape(-1, 3)
    number = np.arange(25).reshape(5, 5)
    a, b, c, d = (number[i : i + 4, j : j + 4].ravel() for i in (0, 1) for j in (0, 1))
    faces = np.vstack([np.column_stack([a, b, d]), np.column_stack([a, d, c])])
    w = cotangents(places, faces)
    for u in (places[:, 0], places[:, 1]):
        assert u @ (w @ u) == pytest.approx(16, rel=1e-12)
    np.testing.assert_allclose(w @ np.ones(25), 0, atol=1e-12)
    assert vertex_areas(places, faces).sum() == pytest.approx(16, rel=1e-12)


def test_that_scale_place_and_orientation_change_nothing():
    places, faces = sphere(14)
    places = places * [1, 1.3, 0.8]  # so that no eigenvalue is double
    plain = spectrum(places, faces, 8, go_on)
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    other = spectrum(7 * places @ turned + 5, faces[::-1, ::-1], 8, go_on)
    np.testing.assert_allclose(other.values, plain.values, rtol=1e-8, atol=1e-9)
    overlap = other.functions.T @ (plain.mass[:, None] * plain.functions)
    np.testing.assert_allclose(np.abs(overlap), np.eye(8), atol=1e-6)
    for kernel in (wave_kernel, heat_kernel):
        np.testing.assert_allclose(kernel(other, 30), kernel(plain, 30), rtol=1e-5)


def test_that_descriptors_of_all_vertices_average_to_the_trace():
    """∫ φ² = 1: the wave kernel averages to 1, the heat kernel to Σ exp(-λ t)."""
    found = spectrum(*sphere(14), 20, go_on)
    np.testing.assert_allclose(found.mass @ wave_kernel(found, 40), 1, rtol=1e-9)
    ends = 4 * np.log(10) / found.values[[-1, 1]]
    traces = np.exp(-found.values[:, None] * np.geomspace(*ends, 40)).sum(0)
    np.testing.assert_allclose(found.mass @ heat_kernel(found, 40), traces, rtol=1e-9)


def test_that_few_energies_are_still_in_order():
    found = spectrum(*sphere(14), 20, go_on)
    for count in (16, 28):
        assert np.linalg.matrix_rank(wave_kernel(found, count), tol=1e-6) > 2


def test_that_the_search_for_eigenfunctions_can_be_stopped():
    asked = []

    def check():
        asked.append(True)
        if len(asked) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        spectrum(*sphere(14), 20, check)
    assert len(asked) == 5


def test_that_a_thin_triangle_does_not_spoil_the_rest():
    places = np.array([[0.0, 0, 0], [1, 0, 0], [0.5, 1e-5, 0], [0.5, 1, 0], [0.5, -1, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3], [2, 1, 3], [0, 4, 1]])
    assert areas(places, faces).min() > 0
    assert np.abs(cotangents(places, faces)).max() <= 4 * 50


@pytest.mark.parametrize("height", [1e-2, 1e-3, 1e-6])
def test_that_blunt_slivers_take_no_energy_and_change_no_eigenvalues(height):
    """A triangle with a new vertex close to the middle of a side is cut in three, one blunt."""
    places, faces = sphere(14)
    plain = spectrum(places, faces, 16, go_on)
    middle = np.einsum(
        "fck,c->fk", places[faces[::20]], [(1 - height) / 2, (1 - height) / 2, height]
    )
    new = len(places) + np.arange(len(middle))
    a, b, c = faces[::20].T
    cut = np.concatenate([np.stack(t, 1) for t in ((a, b, new), (b, c, new), (c, a, new))])
    rest = np.delete(faces, np.s_[::20], axis=0)
    thin = np.concatenate([places, middle]), np.concatenate([rest, cut])
    found = spectrum(*thin, 16, go_on)
    # Elements are cut by planes of their own, so that the surface is the same.
    np.testing.assert_allclose(found.values[1:], plain.values[1:], rtol=0.02)
    assert np.linalg.eigvalsh(found.stiffness.toarray())[0] > -1e-9  # rounding of entries of 100
