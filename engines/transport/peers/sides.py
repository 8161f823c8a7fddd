"""What the peers of transport start from: masses and costs, computed by SciPy from the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import kl_div

from engines.problem import BadProblem
from engines.transport.problem import CostMatrix, Data, points, shape

# Most pairs for a peer, which holds several matrices of that many numbers.
MOST_PAIRS = 40_000_000
MATRICES = 6

# Our results hold a plan as a matrix up to this size.
MOST_COMPARED = 4_000_000


@dataclass(frozen=True)
class Sides:
    """The sources and targets that have mass, the cost between them, and mean and largest of all.

    Libraries divide by masses, so that those of 0 are left out; they take no part in any plan.
    """

    rows: np.ndarray
    cols: np.ndarray
    a: np.ndarray
    b: np.ndarray
    cost: np.ndarray
    shape: tuple[int, int]
    mean: float
    largest: float

    @classmethod
    def of(cls, problem: Data, metric: str, weights: tuple[np.ndarray, np.ndarray]) -> Sides:
        """Names of metrics are those of SciPy."""
        if isinstance(problem, CostMatrix):
            cost = problem.cost.astype(np.float64)
        else:
            cost = cdist(*points(problem), metric)
        (a, b), (rows, cols) = weights, (np.flatnonzero(w) for w in weights)
        part = cost[np.ix_(rows, cols)] if len(rows) < len(a) or len(cols) < len(b) else cost
        return cls(
            rows, cols, a[rows], b[cols], part, cost.shape, float(cost.mean()), float(cost.max())
        )

    def whole(self, plan: np.ndarray) -> np.ndarray:
        """A plan between all sources and targets."""
        if plan.shape == self.shape:
            return plan
        full = np.zeros(self.shape)
        full[np.ix_(self.rows, self.cols)] = plan
        return full

    def divergence(self, plan: np.ndarray) -> float:
        """KL(P | a bᵀ) = Σ P log(P/(a b)) - P + a b, which our regularised values contain."""
        return float(kl_div(plan, self.a[:, None] * self.b).sum())

    def error(self, plan: np.ndarray) -> float:
        """Larger of the L1 errors of both marginals."""
        sums = (plan.sum(1) - self.a, plan.sum(0) - self.b)
        return max(float(np.abs(part).sum()) for part in sums)


def memory(problem: Data) -> int:
    """Bytes that a peer takes; refuses what is too much for any."""
    n, m = shape(problem)
    if n * m > MOST_PAIRS:
        raise BadProblem(
            f"the problem has {n} × {m} pairs; a peer keeps all of their costs and takes at most "
            f"{MOST_PAIRS:g}; check a run on fewer points"
        )
    return 8 * MATRICES * n * m
