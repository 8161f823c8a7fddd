"""Transport against POT: from the points to the plan, to the same marginal error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import ot

from engines.context import Context
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.problem import PointClouds, gauss_pair
from tests.benchmarks.common import Row, time_pair

TOLERANCE = 1e-6
# POT's stabilised variant rebuilds its kernel whenever a scaling is above tau, which its default
# of 1000 makes every iteration from 1000 points on.
VARIANTS = {
    "sinkhorn": {},
    "sinkhorn_stabilized": {"tau": 1e6},
    "sinkhorn_log": {},
}


def rows() -> Iterator[Row]:
    """Sinkhorn at two sizes and two regularisations; the log variant takes minutes at 2000."""
    for n in (1000, 2000):
        problem = gauss_pair(n)
        for relative in (0.05, 0.01):
            iterations = needed(problem, relative)
            for variant in VARIANTS:
                if n == 1000 or variant != "sinkhorn_log":
                    yield compare(problem, relative, variant, iterations)


def compare(problem: PointClouds, relative: float, variant: str, iterations: int) -> Row:
    """One variant of POT, told how many iterations it needs."""
    method = Sinkhorn(epsilon=relative, tol=TOLERANCE)

    def ours():
        return method.run(problem, Context())

    def peer():
        return pot(problem, relative, variant, iterations)

    repeats = {"sinkhorn": 15, "sinkhorn_stabilized": 5, "sinkhorn_log": 1}[variant]
    seconds = time_pair(ours, peer, repeats)
    name = f"sinkhorn n={len(problem.x)} ε={relative:g} C_mean"
    return Row(name, f"ot {variant}", *seconds, ours().marginal_error, error(peer()))


def pot(problem: PointClouds, relative: float, variant: str, iterations: int) -> np.ndarray:
    """The plan of POT after so many iterations."""
    cost = ot.dist(problem.x, problem.y)
    a, b = np.full(len(problem.x), 1 / len(problem.x)), np.full(len(problem.y), 1 / len(problem.y))
    return ot.sinkhorn(
        a,
        b,
        cost,
        relative * cost.mean(),
        method=variant,
        numItermax=iterations,
        stopThr=0,
        warn=False,
        **VARIANTS[variant],
    )


def needed(problem: PointClouds, relative: float) -> int:
    """Iterations, in tens, that POT needs; all of its variants do the same ones."""
    low, high = 0, 10
    while error(pot(problem, relative, "sinkhorn", high)) > TOLERANCE:
        low, high = high, 2 * high
    while high - low > 10:
        middle = (low + high) // 20 * 10
        met = error(pot(problem, relative, "sinkhorn", middle)) <= TOLERANCE
        low, high = (low, middle) if met else (middle, high)
    return high


def error(plan: np.ndarray) -> float:
    """Larger of the L1 errors of both marginals, for uniform weights."""
    return max(float(abs(plan.sum(axis) - 1 / plan.shape[1 - axis]).sum()) for axis in (0, 1))
