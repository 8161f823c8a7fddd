"""Randomized SVD beside scikit-learn, PyTorch and ARPACK, each pair at comparable accuracy.

Timed on both sides is the factorisation of an array that is already there, k = 50 of 2000 × 1500,
on one core: the libraries bring different thread pools, which would be compared instead.
The accuracy is the Frobenius error above the optimum, relative to the optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from engines.lowrank.factor import randomized_svd
from engines.lowrank.problem import decaying
from tests.benchmarks.common import Row, time_pair

K = 50
J = np.arange(1, 1501)
SPECTRA = {"1/j": 1.0 / J, "0.9^j": 0.9**J}

# "power" is the algorithm of scikit-learn and PyTorch themselves.
POWER = {"oversample": 10, "n_power": 2}


def krylov(oversample: int, n_power: int) -> dict[str, Any]:
    """Settings of block Krylov."""
    return {"oversample": oversample, "n_power": n_power, "krylov": True}


PAIRS: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("1/j", "sklearn", 2, POWER),
    ("1/j", "sklearn", 2, krylov(46, 0)),
    ("1/j", "sklearn", 4, krylov(10, 1)),
    ("1/j", "torch", 2, POWER),
    ("1/j", "torch", 2, krylov(50, 0)),
    ("1/j", "svds", 0, krylov(4, 3)),
    ("0.9^j", "sklearn", 2, POWER),
    ("0.9^j", "sklearn", 2, krylov(34, 0)),
    ("0.9^j", "sklearn", 4, krylov(50, 0)),
    ("0.9^j", "torch", 2, POWER),
    ("0.9^j", "torch", 2, krylov(34, 0)),
    ("0.9^j", "svds", 0, krylov(10, 1)),
)


def peer_call(name: str, A: np.ndarray, iterations: int) -> tuple[str, Callable[[], Any]]:
    """Label, and a call that gives U, s, Vᵀ of the peer."""
    if name == "sklearn":
        from sklearn.utils.extmath import randomized_svd as sklearn_svd

        return f"scikit-learn n_iter={iterations}", lambda: sklearn_svd(
            A, K, n_iter=iterations, random_state=0
        )
    if name == "svds":
        return "scipy svds", lambda: svds(A, K, random_state=0)
    tensor = torch.from_numpy(A)

    def low_rank() -> tuple[torch.Tensor, ...]:
        # q is the total number of columns here.
        U, s, V = torch.svd_lowrank(tensor, q=K + 10, niter=iterations)
        return U[:, :K], s[:K], V[:, :K].T

    return f"torch svd_lowrank niter={iterations}", low_rank


def rows() -> Iterator[Row]:
    """One row per pair."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        for pair in PAIRS:
            yield row(*pair)
    torch.set_num_threads(threads)


def row(spectrum: str, name: str, iterations: int, settings: dict[str, Any]) -> Row:
    """Ours beside one peer."""
    A = np.array(decaying(2000, 1500, SPECTRA[spectrum]).matrix)
    tensor = torch.from_numpy(A)

    def ours() -> tuple[torch.Tensor, ...]:
        U, s, V = randomized_svd(tensor, K, torch.Generator().manual_seed(0), **settings)
        return U, s, V.T

    label, peer = peer_call(name, A, iterations)
    errors = [excess(A, SPECTRA[spectrum], *call()) for call in (ours, peer)]
    kind = "Krylov" if settings.get("krylov") else "power"
    problem = f"s = {spectrum}, {kind} q={settings['n_power']} p={settings['oversample']}"
    return Row(problem, label, *time_pair(ours, peer, 9), *errors)


def excess(A: np.ndarray, spectrum: np.ndarray, U: Any, s: Any, Vt: Any) -> float:
    """Error above the optimum, relative to it."""
    U, s, Vt = (np.asarray(a) for a in (U, s, Vt))
    return float(np.linalg.norm(A - (U * s) @ Vt) / np.linalg.norm(spectrum[K:]) - 1)
