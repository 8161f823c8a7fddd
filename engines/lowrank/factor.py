"""Orthonormal bases that catch most of a matrix, and the singular triplets inside them.

A basis is a pair (Q, W = AᵀQ) with orthonormal columns in Q; it stands for A ≈ Q Wᵀ, whose
squared error is ‖A‖² − ‖W‖² in the Frobenius norm. The generators below yield ever better bases;
the caller decides when to stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

# rows × columns × smaller side up to which all singular values cost about 0.1 s on one core.
EXACT_WORK = 5e8

# Numbers of the residual that are held at once: small enough for the cache, large enough for BLAS.
RESIDUAL_BLOCK = 2**18

# Narrow Krylov blocks need fewer products in all, but a product with fewer columns is slow.
KRYLOV_BLOCK = 24


class Basis(NamedTuple):
    """Orthonormal columns Q and W = AᵀQ, so that A ≈ Q Wᵀ, and what they cost.

    `products` counts the products of A or Aᵀ with a vector.
    """

    Q: Tensor
    W: Tensor
    products: int

    @property
    def columns(self) -> int:
        """Number of vectors."""
        return self.Q.shape[1]


def times(A: Tensor, X: Tensor) -> Tensor:
    """A X, stored by columns: BLAS is faster that way, the more so the fewer columns there are."""
    return (X.T @ A.T).T


def beside(X: Tensor, Y: Tensor) -> Tensor:
    """X and Y next to each other, stored by columns."""
    return torch.cat([X.T, Y.T]).T


def conditioned(Y: Tensor) -> tuple[Tensor, Tensor]:
    """Y = Q R by one turn of Cholesky-QR: Q is orthonormal to about eps cond(Y)².

    Where Y is so ill conditioned that this fails, by Householder reflections.
    """
    lower, failed = torch.linalg.cholesky_ex(Y.T @ Y)
    if failed:
        Q, R = torch.linalg.qr(Y)
        return Q, R
    eye = torch.eye(Y.shape[1], dtype=Y.dtype, device=Y.device)
    return times(Y, torch.linalg.solve_triangular(lower.T, eye, upper=True)), lower.T


def orthonormal(Y: Tensor) -> tuple[Tensor, Tensor]:
    """Thin QR factorisation Y = Q R, with Q orthonormal to rounding whatever the rank of Y.

    Cholesky-QR twice, matrix products only, is as accurate as Householder reflections where the
    first turn leaves a Gram matrix within 1/2 of the identity; otherwise those are used.
    """
    Q, first = conditioned(Y)
    gram = Q.T @ Q
    gram.diagonal().sub_(1)
    if gram.norm() < 0.5:
        Q, second = conditioned(Q)
        return Q, second @ first
    Q, R = torch.linalg.qr(Y)
    return Q, R


def gaussian(A: Tensor, columns: int, rng: torch.Generator) -> Tensor:
    """Standard normal test vectors for A, drawn on the CPU in float64 on every device."""
    return torch.randn(columns, A.shape[1], generator=rng, dtype=torch.float64).to(A).T


def nothing(A: Tensor) -> Basis:
    """The basis without columns."""
    return Basis(A.new_empty(A.shape[0], 0), A.new_empty(A.shape[1], 0), 0)


def enlarge(A: Tensor, basis: Basis, block: Tensor, n_power: int = 0) -> Basis:
    """Add the directions of A·block that the basis lacks, after power steps on the rest of A.

    Directions less than ten times above the rounding errors of A·block are noise, left out.
    """
    Q, W, products = basis
    new, R = conditioned(times(A, block) - times(Q, W.T @ block))
    if basis.columns:
        noise = torch.finfo(A.dtype).eps * W.norm() * block.norm()
        new = new.T[R.diagonal().abs() > 10 * noise].T
    for _ in range(n_power):
        back, _ = conditioned(times(A.T, new) - times(W, Q.T @ new))
        new, _ = conditioned(times(A, back) - times(Q, W.T @ back))
    # Rounding left traces of the old basis, the larger the less there was of the new.
    new, R = orthonormal(new - times(Q, Q.T @ new))
    new = new.T[R.diagonal().abs() > 0.1].T  # the others were nothing but traces
    products += block.shape[1] + (2 * n_power + 1) * new.shape[1]
    return Basis(beside(Q, new), beside(W, times(A.T, new)), products)


def power_bases(A: Tensor, width: int, n_power: int, rng: torch.Generator) -> Iterator[Basis]:
    """Randomised subspace iteration: after 0, 1, … n_power power steps.

    Each half step ends orthonormal; otherwise singular values below s₁ eps^(1/(2q+1)) are lost.
    """
    Q, _ = orthonormal(times(A, gaussian(A, width, rng)))
    yield (basis := Basis(Q, times(A.T, Q), 2 * width))
    for _ in range(n_power):
        back, _ = conditioned(basis.W)
        Q, _ = orthonormal(times(A, back))
        yield (basis := Basis(Q, times(A.T, Q), basis.products + 2 * width))


def krylov_bases(
    A: Tensor, width: int, rng: torch.Generator, block: int = KRYLOV_BLOCK
) -> Iterator[Basis]:
    """Block Krylov: each block is A Aᵀ times the one before, and all are kept, up to `width`.

    Where a block brings nothing new, because singular values are equal, a fresh one is drawn.
    """
    basis = enlarge(A, nothing(A), gaussian(A, min(block, width), rng))
    yield basis
    while free := width - (size := basis.columns):
        ahead, _ = conditioned(basis.W[:, -block:])
        basis = enlarge(A, basis, ahead[:, :free])
        if basis.columns == size:
            basis = enlarge(A, basis, gaussian(A, min(block, free), rng))
        if basis.columns == size:
            return
        yield basis


def growing_bases(
    A: Tensor, block: int, n_power: int, max_rank: int, rng: torch.Generator
) -> Iterator[Basis]:
    """Blocked QB: fresh random vectors for what is still missing, up to `max_rank` columns."""
    basis = nothing(A)
    while free := max_rank - (size := basis.columns):
        basis = enlarge(A, basis, gaussian(A, min(block, free), rng), n_power)
        if basis.columns == size:
            return
        yield basis


def fixed_rank_bases(
    A: Tensor, width: int, n_power: int, krylov: bool, rng: torch.Generator
) -> Iterator[Basis]:
    """Bases from (2 n_power + 2) width products: the last power step, or all Krylov vectors."""
    if krylov:
        return krylov_bases(A, min((n_power + 1) * width, *A.shape), rng)
    return power_bases(A, min(width, *A.shape), n_power, rng)


def singular_triplets(basis: Basis, k: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """The k largest (or all) U, s, V of Q Wᵀ; in each column of U the largest entry is positive."""
    P, R = orthonormal(basis.W)
    # The small problem is too little work for a GPU, and in float64 it loses nothing.
    u, s, vt = torch.linalg.svd(R.T.cpu().double())
    U, V = times(basis.Q, u[:, :k].to(R)), times(P, vt[:k].T.to(R))
    low, high = U.aminmax(dim=0)
    sign = torch.where(high < -low, -1.0, 1.0).to(U)
    return U * sign, s[:k], V * sign


def randomized_svd(
    A: Tensor,
    k: int,
    rng: torch.Generator,
    *,
    oversample: int = 10,
    n_power: int = 2,
    krylov: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """The k largest singular triplets U, s, V of A, nearly."""
    *_, basis = fixed_rank_bases(A, k + oversample, n_power, krylov, rng)
    return singular_triplets(basis, k)


def frobenius(A: Tensor) -> float:
    """‖A‖, summed over rows in float64: one sum over millions of float32 loses three digits."""
    return float(A.norm(dim=-1).cpu().double().norm())


def energies(W: Tensor) -> np.ndarray:
    """Squared singular values of W, largest first, to rounding of the largest."""
    squares = torch.linalg.eigvalsh((W.T @ W).cpu().double())
    values: np.ndarray = squares.flip(0).clamp(min=0).numpy()
    return values


def residual(A: Tensor, left: Tensor, right: Tensor) -> float:
    """‖A − left rightᵀ‖ in the Frobenius norm, without a second matrix of the size of A."""
    rows = max(1, RESIDUAL_BLOCK // A.shape[1])
    parts = [
        torch.addmm(A[i : i + rows], left[i : i + rows], right.T, alpha=-1).norm()
        for i in range(0, A.shape[0], rows)
    ]
    return frobenius(torch.stack(parts))


def exact_spectrum(matrix: np.ndarray) -> np.ndarray | None:
    """All singular values in float64, or None where they cost more than `EXACT_WORK`."""
    if matrix.size * min(matrix.shape) > EXACT_WORK:
        return None
    values: np.ndarray = torch.linalg.svdvals(torch.tensor(matrix, dtype=torch.float64)).numpy()
    return values


def optimal_errors(spectrum: np.ndarray) -> np.ndarray:
    """Smallest relative Frobenius error of rank 1, 2, …, from all singular values."""
    s = spectrum / (spectrum[0] or 1.0)  # or the squares might overflow
    tails = np.sqrt(np.cumsum(s[::-1] ** 2))[::-1]
    errors: np.ndarray = np.append(tails[1:], 0.0) / (tails[0] or 1.0)
    return errors
