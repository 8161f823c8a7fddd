"""POT's barycentres, on a grid and on points that move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import xlogy

from engines.peer import Peer, Solution
from engines.problem import BadProblem
from engines.transport.peers.sides import MOST_PAIRS
from engines.transport.problem_sets import Clouds, Densities

if TYPE_CHECKING:
    from engines.transport.methods.wasserstein_barycenter import (
        Barycenter,
        WassersteinBarycenter,
    )

# Added to bins without mass, because logarithms are taken of all; our iteration adds as much.
FLOOR = 1e-12

MOST_ITER = 10_000


def barycenter(
    method: WassersteinBarycenter, problem: Densities | Clouds, result: Barycenter
) -> tuple[Peer, ...]:
    """The peer for the support that was chosen."""
    whole = result.path_weights is None
    if result.points is not None:
        return (_free(problem, result.points, result.weights, whole),)
    assert isinstance(problem, Densities)
    if method.support.kind == "free":
        return ()
    epsilon, debiased = method.support.epsilon, method.support.debiased
    shape = problem.densities.shape[1:]
    if len(shape) == 2 and shape[0] != shape[1]:
        raise BadProblem(
            f"the grid is {shape[0]} × {shape[1]}; POT stretches pictures to a square, so that it "
            "must be square; check a run on a square grid"
        )
    if max(shape) * math.prod(shape) > MOST_PAIRS:
        raise BadProblem(
            f"the grid has {math.prod(shape)} bins; POT holds one matrix for each line of them, "
            f"of {MOST_PAIRS:g} numbers at most; check a run on a coarser grid"
        )
    weights, tol = result.weights, method.tol

    def solve() -> Solution:
        mean, iterations = _on_grid(problem, weights, epsilon, tol, debiased)
        mean = mean / mean.sum()
        note = f"POT did {iterations} iterations"
        if debiased:
            note += "; debiased means go on becoming sharper ever more slowly, here as there"
        return Solution({"density": mean, "entropy": -float(xlogy(mean, mean).sum())}, note)

    needed = 32 * max(shape) * math.prod(shape)
    return (Peer("POT barycentre", "ot", solve, memory=needed, whole=whole),)


def _on_grid(
    problem: Densities, weights: np.ndarray, epsilon: float, tol: float, debiased: bool
) -> tuple[np.ndarray, int]:
    """POT's mean in the log domain, and its iterations."""
    import ot

    inputs = problem.densities.astype(np.float64)
    every = tuple(range(1, inputs.ndim))
    inputs = inputs / inputs.sum(every, keepdims=True) + FLOOR
    inputs /= inputs.sum(every, keepdims=True)
    options = {
        "weights": weights,
        "method": "sinkhorn_log",
        "numItermax": MOST_ITER,
        "stopThr": tol,
        "log": True,
    }
    if inputs.ndim == 2:
        bins = problem.axes()[0][:, None]
        solve = ot.bregman.barycenter_debiased if debiased else ot.bregman.barycenter
        mean, log = solve(inputs.T, cdist(bins, bins, "sqeuclidean"), epsilon, **options)
        return mean, int(log["niter"])
    # POT's pixels lie from 0 to 1, ours are 1/n apart: its squared distances are larger.
    side = inputs.shape[1]
    epsilon *= (side / (side - 1)) ** 2
    name = "convolutional_barycenter2d"
    solve = getattr(ot.bregman, f"{name}_debiased" if debiased else name)
    mean, log = solve(inputs, epsilon, **options)
    return mean, int(log["niter"])


def _free(problem: Densities | Clouds, found: np.ndarray, weights: np.ndarray, whole: bool) -> Peer:
    """POT's iteration from our points: it stays there if they are where it would end."""

    def solve() -> Solution:
        import ot

        clouds = [cloud.astype(np.float64) for cloud, _ in problem.parts()]
        shares = [mass / mass.sum() for _, mass in problem.parts()]
        start = found.astype(np.float64)
        moved = ot.lp.free_support_barycenter(clouds, shares, start, weights=weights)
        equal = np.full(len(moved), 1 / len(moved))
        costs = [
            float(ot.emd2(equal, share, ot.dist(moved, cloud)))
            for cloud, share in zip(clouds, shares, strict=True)
        ]
        return Solution(
            {"objective": float(weights @ costs), "points": moved, "costs": np.array(costs)},
            "POT starts from our points and goes on until they no longer move",
        )

    largest = max(len(cloud) for cloud, _ in problem.parts())
    needed = 48 * len(found) * largest
    return Peer("POT free_support_barycenter", "ot", solve, memory=needed, whole=False)
