"""Other libraries' decompositions of the same matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.lowrank.problem import Image, LowRank, Matrix, Stack
from engines.peer import ROUNDING, Peer, Solution

if TYPE_CHECKING:
    from engines.lowrank.methods.randomized_svd import RandomizedSVD

# Rows × columns × smaller side up to which all singular values take some ten seconds.
MOST_WORK = 2e10

# The matrix of the terms is compared up to so many numbers.
MOST_COMPARED = 4_000_000


def svd(
    method: RandomizedSVD, problem: Matrix | Image | Stack, result: LowRank
) -> tuple[Peer, ...]:
    """The exact decomposition, cut to as many terms as we have, and scikit-learn's random one.

    Signs of singular vectors are free and vectors of equal values turn into each other, so that
    the sum of the terms is compared and not its factors.
    """
    k, (m, n) = len(result.s), problem.shape
    full = m * n * min(m, n) <= MOST_WORK
    ours = {"sum of the terms": (result.U * result.s) @ result.V.T} if _small(m, n) else {}

    def exact() -> Solution:
        A = problem.as_matrix().astype(np.float64)
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        return _solution(
            A, U, s, Vt, k, "these terms are the best there are; more power steps bring ours nearer"
        )

    def partial() -> Solution:
        from scipy.sparse.linalg import svds

        A = problem.as_matrix().astype(np.float64)
        U, s, Vt = svds(A, k)
        falling = np.argsort(-s)
        return _solution(A, U[:, falling], s[falling], Vt[falling], k)

    def drawn() -> Solution:
        from sklearn.utils.extmath import randomized_svd

        assert method.target.kind == "rank"
        A, extra = problem.as_matrix().astype(np.float64), method.target.oversample
        draws = {"n_oversamples": extra, "n_iter": method.n_power, "random_state": 0}
        U, s, Vt = randomized_svd(A, k, **draws)
        return _solution(A, U, s, Vt, k, "with other random vectors")

    needed = 8 * (3 * m * n + min(m, n) ** 2)
    found = Peer("NumPy svd (LAPACK)", "numpy", exact, ours, needed)
    if not full and k < min(m, n):
        found = Peer("SciPy svds (ARPACK)", "scipy.sparse.linalg", partial, ours, needed)
    if method.target.kind == "rank" and not method.target.krylov:
        return found, Peer(
            "scikit-learn randomized_svd", "sklearn.utils.extmath", drawn, ours, needed
        )
    return (found,)


def _solution(A: np.ndarray, U: Any, s: Any, Vt: Any, k: int, note: str = "") -> Solution:
    """What the first k terms say, by the names of our result."""
    U, s, Vt = U[:, :k], s[:k], Vt[:k]
    terms = (U * s) @ Vt
    norm = float(np.linalg.norm(A)) or 1.0
    found = {"s": s, "relative_error": float(np.linalg.norm(A - terms)) / norm}
    if _small(*A.shape):
        found["sum of the terms"] = terms
    return Solution(found, note, {"relative_error": ROUNDING})


def _small(m: int, n: int) -> bool:
    return math.prod((m, n)) <= MOST_COMPARED
