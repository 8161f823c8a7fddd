"""The Laplacian of a surface of triangles, its smoothest functions, and what they say of a point.

W φ = λ M φ,   Φᵀ M Φ = I      W: cotangents, M: areas; the surface is scaled to area 1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array, eye_array
from scipy.sparse.linalg import LinearOperator, eigsh, splu

from engines.transport.mesh_pair import areas

# Half a cotangent of a triangle so thin that its angles say nothing.
MOST_COTANGENT = 50.0

# Where the inverse is taken: beside the smallest eigenvalue, 0, at which there is none.
SHIFT = -0.01

# Energies are spread by so many of their distances, and keep so much away from both ends.
SPREAD, MARGIN = 7, 2
# Of the whole range: with few energies the margins would meet otherwise.
MOST_SPREAD = 0.125


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues (k,), eigenfunctions (n, k) and areas (n,) of a surface of area 1, places (n, 3).

    `stiffness` is W.
    """

    values: np.ndarray
    functions: np.ndarray
    mass: np.ndarray
    places: np.ndarray
    stiffness: csr_array


def spectrum(
    places: np.ndarray, faces: np.ndarray, count: int, check: Callable[[], None]
) -> Spectrum:
    """The `count` smallest eigenvalues and their functions; `check` may raise to end the search."""
    places = (places - places.mean(0)) / np.sqrt(areas(places, faces).sum())
    stiffness, mass = cotangents(places, faces), vertex_areas(places, faces)
    scale = diags_array(1 / np.sqrt(mass))
    # As an ordinary eigenproblem: M^-½ W M^-½ ψ = λ ψ, φ = M^-½ ψ.
    matrix = (scale @ stiffness @ scale).tocsc()
    factors = splu(
        (matrix - SHIFT * eye_array(len(mass))).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )

    def solve(vector: np.ndarray) -> np.ndarray:
        check()
        solved: np.ndarray = factors.solve(vector)
        return solved

    inverse = LinearOperator(matrix.shape, solve, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(len(mass))
    values, functions = eigsh(matrix, count, sigma=SHIFT, OPinv=inverse, v0=start)
    order = np.argsort(values)
    functions = functions[:, order] / np.sqrt(mass)[:, None]
    # Rounding leaves the first a little below 0.
    return Spectrum(values[order].clip(0), functions, mass, places, stiffness)


def cotangents(places: np.ndarray, faces: np.ndarray) -> csr_array:
    """W, with uᵀ W u = ∫ |∇u|²: an edge weighs half the cotangents of the angles opposite to it."""
    halves = _half_cotangents(places, faces)
    rows, cols, weights = [], [], []
    for k, half in enumerate(halves.T):
        one, other = faces[:, (k + 1) % 3], faces[:, (k + 2) % 3]
        rows += [one, other, one, other]
        cols += [other, one, one, other]
        weights += [-half, -half, half, half]
    entries = (np.concatenate(rows), np.concatenate(cols))
    shape = (len(places), len(places))
    return coo_array((np.concatenate(weights), entries), shape=shape).tocsr()


def _half_cotangents(places: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Half the cotangent at each corner of each triangle, (face, 3)."""
    found = np.empty(faces.shape)
    for k in range(3):
        apex, one, other = (places[faces[:, (k + step) % 3]] for step in range(3))
        left, right = one - apex, other - apex
        sine = np.linalg.norm(np.cross(left, right), axis=1)
        found[:, k] = (left * right).sum(1) / (2 * sine)
    found = found.clip(-MOST_COTANGENT, MOST_COTANGENT)
    # No triangle's energy may be below 0: one that is blunt gets less of what it was cut off.
    low, mid, high = np.sort(found, axis=1).T
    least = np.maximum(low, -mid * high / (mid + high))
    np.put_along_axis(
        found, found.argmin(1)[:, None], np.where(low < 0, least, low)[:, None], axis=1
    )
    return found


def vertex_areas(places: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """A third of the triangles around each vertex."""
    shares = np.repeat(areas(places, faces) / 3, 3)
    return np.bincount(faces.ravel(), shares, minlength=len(places))


def wave_kernel(surface: Spectrum, count: int) -> np.ndarray:
    """Wave kernel signature (n, count): how likely a wave of each energy is at each vertex.

    D(x, e) = Σ_k exp(-(e - log λ_k)²/2s²) φ_k(x)² / Σ_k exp(-(e - log λ_k)²/2s²)
    """
    levels = np.log(surface.values[1:])
    low, high = levels[0], levels[-1]
    width = min(SPREAD / count, MOST_SPREAD) * (high - low)
    energies = np.linspace(low + MARGIN * width, high - MARGIN * width, count)
    weights = np.exp(-((energies - levels[:, None]) ** 2) / (2 * width**2))
    found: np.ndarray = surface.functions[:, 1:] ** 2 @ (weights / weights.sum(0))
    return found


def heat_kernel(surface: Spectrum, count: int) -> np.ndarray:
    """Heat kernel signature (n, count): heat that stays at each vertex, Σ_k exp(-λ_k t) φ_k(x)²."""
    first, last = 4 * np.log(10) / surface.values[[-1, 1]]
    weights = np.exp(-surface.values[:, None] * np.geomspace(first, last, count))
    found: np.ndarray = surface.functions**2 @ weights
    return found
