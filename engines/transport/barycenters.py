"""Means of densities and of clouds: the two iterations, and the weights that lie between inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from engines.context import Context
from engines.transport.cost import GridCost
from engines.transport.softmin import Separable
from engines.transport.vertices import vertex

# Bins with less than this share of the mass get it: logarithms stay finite and the mean can be
# positive everywhere, as the iteration needs.
FLOOR = 1e-12


class Mean(ABC):
    """A mean that gets better by steps."""

    @abstractmethod
    def step(self) -> float:
        """Improve; returns how far the mean was from standing still."""

    @abstractmethod
    def state(self) -> dict[str, float]:
        """Numbers worth watching."""

    @abstractmethod
    def costs(self) -> tuple[list[float], float]:
        """Cost of moving the mean to each input, and the largest L1 error of a marginal."""

    @property
    @abstractmethod
    def value(self) -> Tensor:
        """The mean as it stands."""


class GridMean(Mean):
    """Iterative Bregman projections on a grid, in the log domain and axis by axis.

    P_s = diag(u_s) K diag(v_s) with rows a_s and columns p = d Π_s (Kᵀ u_s)^λ_s. The debiasing d,
    with d · K d = p, takes back the blur that the entropy adds (Janati 2020); else d = 1.
    """

    def __init__(
        self,
        cost: GridCost,
        inputs: Tensor,
        weights: np.ndarray,
        epsilon: float,
        *,
        debiased: bool,
    ) -> None:
        """Take inputs (input, bin) of total 1."""
        # The iteration has scalings of its own, so the back end gets no weights.
        none = torch.ones_like(inputs[0])
        self._soft = Separable(cost, none, none)
        self._places = torch.cartesian_prod(*cost.axes).reshape(-1, len(cost.axes))
        self._weights, self._epsilon = inputs.new_tensor(weights), epsilon
        self._debiased = debiased
        floored = inputs + FLOOR
        self._inputs = floored / floored.sum(1, keepdim=True)
        self._log_a = self._inputs.log()
        self._log_v = torch.zeros_like(inputs)
        self._log_d = torch.zeros_like(none)
        # Until the first step, the mean is that of the masses.
        self._log_p = (self._weights @ self._inputs).log()

    def step(self) -> float:
        """One projection onto each marginal; returns the L1 change, or the L1 error if larger.

        The error is that of the columns of the plans, against the mean before the step.
        """
        log_k = torch.stack([self._convolve(self._log_u(s)) for s in range(len(self._log_a))])
        log_p, p = self._weights @ log_k, self._log_p.exp()
        error = float(((self._log_v + log_k).exp() - p).abs().sum(1).max())
        if self._debiased:
            log_p += self._log_d
            self._log_d = (self._log_d + log_p - self._convolve(self._log_d)) / 2
        self._log_v = log_p - log_k
        self._log_p = log_p
        return max(error, float((log_p.exp() - p).abs().sum()))

    def state(self) -> dict[str, float]:
        """Mass of the mean, which is 1 in the end, and its entropy."""
        p = self._log_p.exp()
        return {"mass": float(p.sum()), "entropy": -float(p @ self._log_p)}

    @property
    def value(self) -> Tensor:
        """The mean, of total 1."""
        return self._log_p.softmax(0)

    def costs(self) -> tuple[list[float], float]:
        """⟨P_s, C⟩ of each input, and the largest L1 error of a marginal of a plan P_s."""
        x, p, epsilon = self._places - self._places.mean(0), self._log_p.exp(), self._epsilon
        costs, error = [], 0.0
        for s, rows in enumerate(self._inputs):
            # The rows are met, because u is that of the newest v.
            log_u, log_v = self._log_u(s), self._log_v[s]
            columns = (log_v + self._convolve(log_u)).exp()
            error = max(error, float((columns - p).abs().sum()))
            moved = self._soft.apply(epsilon, epsilon * log_u, epsilon * log_v, x)
            # Σ P_ij |x_i - x_j|²
            costs.append(float((x * x).sum(1) @ (rows + columns) - 2 * (x * moved).sum()))
        return costs, error

    def _log_u(self, s: int) -> Tensor:
        return self._log_a[s] - self._convolve(self._log_v[s])

    def _convolve(self, lines: Tensor) -> Tensor:
        return self._soft.convolve(self._epsilon, lines)


class FreeMean(Mean):
    """Points of equal mass, each moved to the mean of where exact plans send it.

    With the plans P_s fixed, X = k Σ_s λ_s P_s Y_s is the best support of k points; with the
    support fixed, the plans are linear programmes. The mean cost falls with every step.
    """

    def __init__(
        self,
        clouds: Sequence[np.ndarray],
        masses: Sequence[np.ndarray],
        weights: np.ndarray,
        start: np.ndarray,
        ctx: Context,
    ) -> None:
        """Take clouds with masses above 0, of total 1, and the points to start from."""
        self._ctx = ctx
        self._clouds, self._masses, self._weights = clouds, masses, weights
        self._x = start
        # Moves are measured against the size of everything together.
        everything = np.concatenate(clouds)
        self._unit = float(np.linalg.norm(everything.std(0))) or 1.0
        self._costs = np.full(len(clouds), np.nan)

    def step(self) -> float:
        """New plans, then a new support; returns the largest move of a point."""
        k = len(self._x)
        share, new, costs = np.full(k, 1 / k), np.zeros_like(self._x), self._costs.copy()
        for s, (cloud, mass) in enumerate(zip(self._clouds, self._masses, strict=True)):
            cost = cdist(self._x, cloud, "sqeuclidean")
            plan = vertex(share, mass, cost, self._ctx)
            costs[s] = plan.values @ cost[plan.rows, plan.cols]
            moved = self._weights[s] * k * plan.values[:, None] * cloud[plan.cols]
            np.add.at(new, plan.rows, moved)
        change = float(np.linalg.norm(new - self._x, axis=1).max()) / self._unit
        self._x, self._costs = new, costs
        return change

    def state(self) -> dict[str, float]:
        """Mean cost of the plans that led to the last move."""
        return {"objective": float(self._weights @ self._costs)}

    def costs(self) -> tuple[list[float], float]:
        """⟨P_s, C⟩ of each input, before the last move; exact plans have no error."""
        return self._costs.tolist(), 0.0

    @property
    def value(self) -> Tensor:
        """The support, of equal masses."""
        return torch.from_numpy(self._x)


def seeds(cloud: np.ndarray, mass: np.ndarray, count: int, rng: torch.Generator) -> np.ndarray:
    """Points of a cloud far from each other, drawn as k-means++ does; all of them, if so many.

    Each is drawn with the odds mass · (distance to the nearest drawn so far)². Once all distances
    are 0, the odds are the masses alone.
    """
    if count == len(cloud) and np.ptp(mass) == 0:
        return cloud.copy()
    drawn: list[int] = []
    odds, far = mass, np.full(len(cloud), np.inf)
    for pick in torch.rand(count, generator=rng, dtype=torch.float64).tolist():
        sums = odds.cumsum()
        drawn.append(min(int(np.searchsorted(sums, pick * sums[-1], "right")), len(cloud) - 1))
        far = np.minimum(far, ((cloud - cloud[drawn[-1]]) ** 2).sum(1))
        odds = mass * far if (mass * far).any() else mass
    return cloud[drawn]


def lattice(inputs: int, steps: int) -> np.ndarray:
    """Weights (frame, input) that fill a line, a triangle or a square between 2, 3 or 4 inputs.

    Row by row: a triangle has input 0 on top, a square has inputs 0, 1 above 2, 3.
    """
    t = np.linspace(0, 1, steps)
    if inputs == 2:
        return np.stack([1 - t, t], axis=1)
    if inputs == 3:
        rows = [(r, c) for r in range(steps) for c in range(r + 1)]
        return np.array([[steps - 1 - r, r - c, c] for r, c in rows]) / (steps - 1)
    u, v = (axis.ravel() for axis in np.meshgrid(t, t, indexing="ij"))
    return np.stack([(1 - u) * (1 - v), (1 - u) * v, u * (1 - v), u * v], axis=1)


def seats(inputs: int, steps: int) -> np.ndarray:
    """Where the frames of `lattice` stand, (frame, 2) in whole frames right and down."""
    if inputs == 3:
        rows = [(r, c) for r in range(steps) for c in range(r + 1)]
        return np.array([[(steps - 1 - r) / 2 + c, r] for r, c in rows])
    down, right = np.divmod(np.arange(steps ** (inputs - 2 or 1)), steps)
    return np.stack([right, down], axis=1).astype(np.float64)
