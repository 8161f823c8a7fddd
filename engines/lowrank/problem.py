"""What is compressed, what comes out, and data to try it on.

Every kind of data becomes one matrix A of m rows and n columns, without copying where the memory
layout allows it:

Matrix  as it is.
Image   one row per line of pixels; the channels of a pixel stand next to each other, so that all
        channels share the left vectors and there is one spectrum and one rank.
Stack   one row per item: the left vectors say how much of each pattern an item holds, the right
        vectors are the patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.fft import dctn

from engines.problem import BadProblem, Problem, Result, array, metric


@dataclass(frozen=True, kw_only=True)
class Matrix(Problem):
    """A table of numbers, and its singular values where somebody knows them."""

    matrix: Any = array("row column", "the values")
    spectrum: Any = array("index", "its exact singular values, largest first", optional=True)

    def check(self) -> None:
        """Refuse a spectrum that cannot belong to the matrix."""
        if self.spectrum is None:
            return
        wanted = min(self.matrix.shape)
        if len(self.spectrum) != wanted:
            raise BadProblem(
                f"spectrum has {len(self.spectrum)} values; it must have min(rows, columns) = "
                f"{wanted}; load the spectrum of this matrix or none"
            )
        if self.spectrum[-1] < 0 or (np.diff(self.spectrum) > 0).any():
            raise BadProblem(
                "spectrum is negative or not sorted; it must fall from the largest singular value "
                "to the smallest; sort it or load none"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that is compressed."""
        rows, columns = self.matrix.shape
        return rows, columns

    def as_matrix(self) -> np.ndarray:
        """The matrix that is compressed."""
        values: np.ndarray = self.matrix
        return values


@dataclass(frozen=True, kw_only=True)
class Image(Problem):
    """A picture in grey (y, x) or with channels (y, x, channel), in any range of values."""

    image: Any = array("row column channel?", "brightness, row 0 at the top")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that is compressed: y and x times channels."""
        rows, *rest = self.image.shape
        return rows, int(np.prod(rest))

    def as_matrix(self) -> np.ndarray:
        """One row per line of pixels, channels interleaved."""
        values: np.ndarray = self.image.reshape(self.shape)
        return values


@dataclass(frozen=True, kw_only=True)
class Stack(Problem):
    """Pictures of one size: frames of a film, samples, slices, snapshots of a simulation."""

    stack: Any = array("item row column", "the pictures, one after the other")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that is compressed: items and pixels."""
        items, *rest = self.stack.shape
        return items, int(np.prod(rest))

    def as_matrix(self) -> np.ndarray:
        """One row per item."""
        values: np.ndarray = self.stack.reshape(self.shape)
        return values


@dataclass(frozen=True, kw_only=True)
class LowRank(Result):
    """A ≈ U diag(s) Vᵀ with orthonormal columns in U and V.

    The entry of largest modulus in each column of U is positive, so that equal runs on different
    machines give equal signs. Errors are in the Frobenius norm, divided by that of A.
    """

    U: Any = array("row rank", "left singular vectors")
    s: Any = array("rank", "singular values, largest first")
    V: Any = array("column rank", "right singular vectors")
    error: Any = array("rank", "relative error when only the first terms are kept")
    spectrum: Any = array("index", "all exact singular values of A", optional=True)
    products: Any = array(
        "step", "products of A or Aᵀ with a vector until this step", optional=True
    )
    progress: Any = array("step", "relative error after this step", optional=True)
    relative_error: float = metric(
        "relative error of the approximation, from its residual", better="lower"
    )
    optimal_error: float = metric("smallest relative error that any matrix of this rank can have")
    rank: float = metric("number of terms kept")
    compression_ratio: float = metric("numbers in A for each number in U, s and V", better="higher")

    @property
    def reconstruction(self) -> np.ndarray:
        """U diag(s) Vᵀ, in the shape of the matrix that was compressed."""
        product: np.ndarray = (self.U * self.s) @ self.V.T
        return product


def decaying(rows: int, columns: int, spectrum: np.ndarray, seed: int = 0) -> Matrix:
    """A dense matrix with this spectrum.

    Its singular vectors are cosines, shuffled. Methods that draw Gaussian vectors cannot tell
    them from random ones, because a rotated Gaussian vector is a Gaussian vector.
    """
    rng = np.random.default_rng(seed)
    core = np.zeros((rows, columns))
    n = min(rows, columns)
    core[rng.permutation(rows)[:n], rng.permutation(columns)[:n]] = spectrum
    return Matrix(matrix=dctn(core, norm="ortho"), spectrum=spectrum)


def hilbert(n: int = 200) -> Matrix:
    """H_ij = 1/(i + j − 1): its singular values fall below rounding after about 20."""
    i = np.arange(n)
    return Matrix(matrix=1.0 / (i[:, None] + i[None, :] + 1.0))


# Modified Shepp-Logan head (Toft 1996): value, half axes, centre, angle in degrees.
_ELLIPSES = (
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


def phantom(n: int = 256) -> Image:
    """The Shepp-Logan head, n × n pixels over [−1, 1]²: ten ellipses of constant brightness."""
    at = (np.arange(n) + 0.5) * 2 / n - 1
    x, y = at[None, :], -at[:, None]
    values = np.zeros((n, n))
    for value, a, b, x0, y0, degrees in _ELLIPSES:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        along, across = (x - x0) * c + (y - y0) * s, (y - y0) * c - (x - x0) * s
        values += value * ((along / a) ** 2 + (across / b) ** 2 <= 1)
    return Image(image=values)


def sunset(height: int = 256, width: int = 384) -> Image:
    """A painted landscape in colour: smooth sky, three ridges, their reflection in water."""
    shore = 0.66
    y, x = np.mgrid[0:height, 0:width] / height
    depth = np.maximum(y - shore, 0)
    # What is seen at depth d below the shore is what stands at height d above it, with ripples.
    up = np.where(y < shore, y, shore - depth + 0.004 * np.sin(260 * np.sqrt(depth + 0.02)))

    def colour(red: float, green: float, blue: float) -> np.ndarray:
        return np.array([red, green, blue])

    def cover(under: np.ndarray, inside: np.ndarray, paint: np.ndarray) -> np.ndarray:
        alpha = 1 / (1 + np.exp(-np.clip(inside, -50, 50)))[..., None]
        return under * (1 - alpha) + paint * alpha

    t = (up.clip(0, shore) / shore)[..., None]
    scene = (1 - t) ** 1.3 * colour(0.12, 0.17, 0.42) + t**1.6 * colour(1.0, 0.55, 0.25)
    scene += t * (1 - t) * colour(0.96, 0.38, 0.70)
    far = np.hypot(x - 0.95, up - 0.43)
    scene += np.exp(-((far / 0.22) ** 2))[..., None] * colour(0.35, 0.22, 0.02)
    scene = cover(scene, (0.075 - far) * 300, colour(1.0, 0.93, 0.70))
    hills = (
        (0.47, 0.050, colour(0.46, 0.27, 0.40)),
        (0.54, 0.040, colour(0.28, 0.17, 0.32)),
        (0.60, 0.025, colour(0.12, 0.09, 0.20)),
    )
    for k, (base, height_, paint) in enumerate(hills):
        waves = (np.sin((2.3 + k) * 1.9**j * x + 1.7 * k + j * j) / 1.75**j for j in range(6))
        crest = base - height_ * sum(waves)
        scene = cover(scene, (up - crest) * 500, paint * (1 + 0.5 * (up - base))[..., None])
    glint = 0.71 + 0.09 * np.sin(60 / (depth + 0.08) + 9 * np.sin(7 * x))
    water = scene * glint[..., None] + colour(0.0, 0.01, 0.04)
    return Image(image=np.where((y > shore)[..., None], water, scene).clip(0, 1))


def waves(items: int = 80, n: int = 64) -> Stack:
    """Frames of a pond: two sources of different pitch and a bright drop that drifts across.

    Each source is a sine and a cosine in time, so it takes two terms; the drop takes the rest.
    """
    t = np.arange(items)[:, None, None] / items
    y, x = np.mgrid[0:n, 0:n] / (n - 1)
    film = np.zeros((items, n, n))
    for x0, y0, pitch in ((0.2, 0.3, 5), (0.8, 0.6, 8)):
        far = np.hypot(x - x0, y - y0)
        film += np.cos(2 * np.pi * pitch * (t - far)) / np.sqrt(1 + 20 * far)
    film += 2 * np.exp(-((x - 0.1 - 0.8 * t) ** 2 + (y - 0.5 - 0.3 * np.sin(5 * t)) ** 2) / 0.01)
    return Stack(stack=film)


def snapshots() -> Stack:
    """Vorticity of a shear layer that rolls up, 41 times on 64² points, from a solver."""
    with (files("resources") / "data" / "flow.npz").open("rb") as file:
        return Stack(stack=np.load(file, allow_pickle=False)["vorticity"].astype(np.float64))
