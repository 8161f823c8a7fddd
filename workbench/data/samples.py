"""Built-in data, at least one for every family of methods; the same numbers each time."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources

import numpy as np

from engines.transport.surfaces import arm, arm_faces, bent_arm
from workbench.data.base import Sample

FORMULA = "computed from a formula"
OWN = "BSD-3-Clause"


def samples() -> dict[str, Sample]:
    """All samples by name; load one as `sample:NAME`."""
    digits = (
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository, 1998 (test set)"
    )
    navy = "J. S. Davis, official portrait of Rear Admiral Grace Hopper, United States Navy, 1984"
    fault = "elevation in metres around the Jacksboro fault, Tennessee; sample data of Matplotlib"
    found = (
        Sample("moons", "Two half moons", "points", OWN, FORMULA, moons),
        Sample("ring", "A ring", "points", OWN, FORMULA, ring),
        Sample("phantom", "Shepp-Logan phantom", "image", OWN, FORMULA, phantom),
        Sample("vorticity", "Vortices of both signs", "image", OWN, FORMULA, vorticity),
        Sample("decay", "Matrix with singular values 1, 1/2, 1/4, …", "array", OWN, FORMULA, decay),
        _mesh("arm", "An arm, stretched", arm),
        _mesh("bent_arm", "The same arm, bent: point by point", bent_arm),
        Sample(
            "arm_faces",
            "Triangles of the arm, both poses",
            "table",
            OWN,
            FORMULA,
            arm_faces,
            ("face", "corner"),
        ),
        Sample("terrain", "Mountains on a fault", "image", "Matplotlib licence", fault, _terrain),
        Sample("portrait", "Grace Hopper", "image", "public domain", navy, _portrait),
        Sample("digits", "Handwritten digits 0 to 9", "stack", "CC-BY-4.0", digits, _digits),
    )
    return {sample.name: sample for sample in found}


def moons(n: int = 400) -> np.ndarray:
    """Two interleaved half circles of radius 1 with a little noise, (n, 2)."""
    angle = np.pi * _even(n // 2)
    upper = np.column_stack((np.cos(angle), np.sin(angle)))
    lower = np.column_stack((1 - np.cos(angle), 0.5 - np.sin(angle)))
    noise = np.random.default_rng(0).normal(scale=0.05, size=(2 * len(angle), 2))
    return np.vstack((upper, lower)) + noise


def ring(n: int = 400) -> np.ndarray:
    """Points around the circle of radius 1.5 about (0.5, 0.25), the middle of the moons, (n, 2)."""
    angle = 2 * np.pi * _even(n)
    radius = 1.5 + np.random.default_rng(1).normal(scale=0.05, size=n)
    return np.column_stack((0.5 + radius * np.cos(angle), 0.25 + radius * np.sin(angle)))


# Intensity, half axes, centre and angle in degrees of each ellipse: the original of Shepp and
# Logan (1974), with the contrast of Toft (1996) so that the inside can be seen.
ELLIPSES = (
    (1.0, 0.69, 0.92, 0.0, 0.0, 0),
    (-0.8, 0.6624, 0.874, 0.0, -0.0184, 0),
    (-0.2, 0.11, 0.31, 0.22, 0.0, -18),
    (-0.2, 0.16, 0.41, -0.22, 0.0, 18),
    (0.1, 0.21, 0.25, 0.0, 0.35, 0),
    (0.1, 0.046, 0.046, 0.0, 0.1, 0),
    (0.1, 0.046, 0.046, 0.0, -0.1, 0),
    (0.1, 0.046, 0.023, -0.08, -0.605, 0),
    (0.1, 0.023, 0.023, 0.0, -0.606, 0),
    (0.1, 0.023, 0.046, 0.06, -0.605, 0),
)


def phantom(n: int = 128) -> np.ndarray:
    """Shepp and Logan's head, (n, n) between 0 and 1, top row first."""
    x = 2 * _even(n) - 1
    y = -x[:, None]
    image = np.zeros((n, n))
    for intensity, a, b, x0, y0, degrees in ELLIPSES:
        turn = np.deg2rad(degrees)
        along = (x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)
        across = (y - y0) * np.cos(turn) - (x - x0) * np.sin(turn)
        image[(along / a) ** 2 + (across / b) ** 2 <= 1] += intensity
    return np.clip(image, 0, 1)


def vorticity(n: int = 128) -> np.ndarray:
    """Vorticity of random waves of wavelengths 1/2 to 1/8 on the unit torus, (n, n), greatest 1."""
    rng = np.random.default_rng(2)
    x = 2 * np.pi * np.arange(n) / n
    field = np.zeros((n, n))
    for kx in range(-8, 9):
        for ky in range(9):
            k = np.hypot(kx, ky)
            if 2 <= k <= 8:
                phase = rng.uniform(0, 2 * np.pi)
                field += k**-1.5 * np.cos(kx * x + ky * x[:, None] + phase)
    return field / np.abs(field).max()


def decay(rows: int = 200, columns: int = 150) -> np.ndarray:
    """A matrix with cosines as singular vectors and singular values 2⁻ᵏ, k = 0, 1, …"""
    left, right = _cosines(rows)[:, :columns], _cosines(columns)
    return (left * 0.5 ** np.arange(columns)) @ right.T


def _mesh(name: str, title: str, make: Callable[[], np.ndarray]) -> Sample:
    """Vertices of the arm in one pose."""
    return Sample(name, title, "points", OWN, FORMULA, make, ("vertex", "axis"), "arm_faces")


def _even(n: int) -> np.ndarray:
    """The middles of n equal pieces of 0…1."""
    return (np.arange(n) + 0.5) / n


def _cosines(n: int) -> np.ndarray:
    """The orthogonal matrix of the discrete cosine transform, a wave in each column."""
    waves = np.cos(np.pi * _even(n)[:, None] * np.arange(n))
    return waves / np.linalg.norm(waves, axis=0)


def _digits() -> np.ndarray:
    return _shipped("digits8.npz", "images")


def _terrain() -> np.ndarray:
    return _shipped("terrain.npz", "elevation")


def _portrait() -> np.ndarray:
    return np.divide(_shipped("portrait.npz", "grey"), 255, dtype=np.float32)


def _shipped(name: str, part: str) -> np.ndarray:
    file = resources.files("resources") / "data" / name
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return np.asarray(archive[part])
