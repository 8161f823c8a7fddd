"""Samples of several sources mixed in given shares, and how far such a mixture is from other data.

The cost of a sample (x, c) and a validation sample (z, e) is |x - z|² + λ W₂²(class c, class e)
(arXiv 2002.02923), where the clouds of the classes stand for Gaussians with independent features.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

import numpy as np
import torch
from scipy.optimize import linprog
from scipy.spatial.distance import cdist

from engines.context import Cancelled, Context
from engines.method import Option, param
from engines.problem import BadProblem, Status
from engines.transport.cost import given_cost, squared_distances
from engines.transport.labelled import LabelledSources, places
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.softmin import SoftMin, make_softmin
from engines.transport.vertices import vertex

# Entropic potentials: a marginal error far below the scatter of a random draw.
TOL, MAX_ITER, MOST_RELAX = 1e-5, 5000, 1.97


def simplex_grid(sources: int, divisions: int) -> np.ndarray:
    """All mixtures whose shares are multiples of 1/divisions, (mixture, source)."""
    return np.array(list(_shares(sources, divisions))) / divisions


def _shares(sources: int, total: int) -> Iterator[list[int]]:
    """All ways to write `total` as so many whole numbers: bars between stars."""
    for bars in combinations(range(total + sources - 1), sources - 1):
        ends = (-1, *bars, total + sources - 1)
        yield [after - before - 1 for before, after in pairwise(ends)][::-1]


def grid_size(sources: int, divisions: int) -> int:
    """How many mixtures `simplex_grid` has."""
    return math.comb(divisions + sources - 1, sources - 1)


def in_hull(mixtures: np.ndarray, p: np.ndarray) -> bool:
    """Whether p is a mean, with any weights, of the given mixtures."""
    sums = np.vstack([mixtures.T, np.ones(len(mixtures))])
    found = linprog(np.zeros(len(mixtures)), A_eq=sums, b_eq=np.append(p, 1.0))
    return bool(found.status == 0)


def counts(p: np.ndarray, n: int) -> np.ndarray:
    """Whole numbers of total n as near to n p as can be; the largest remainders round up."""
    wanted = n * p
    floor = np.floor(wanted + 1e-9).astype(np.int64)
    short = n - int(floor.sum())
    floor[np.argsort(floor - wanted, kind="stable")[:short]] += 1
    return floor


@dataclass(frozen=True)
class Pool:
    """All samples, and those to validate on, with classes and sources by their index."""

    features: np.ndarray
    labels: np.ndarray
    source: np.ndarray
    goal: np.ndarray
    goal_labels: np.ndarray
    classes: int
    label_weight: float
    check: Callable[[], None]
    _potentials: dict[float, torch.Tensor] = field(default_factory=dict)

    @staticmethod
    def of(
        problem: LabelledSources, label_weight: float, unit: np.ndarray, check: Callable[[], None]
    ) -> Pool:
        """The samples of a problem, each feature divided by its unit; `check` may raise."""
        kinds = problem.classes
        return Pool(
            problem.features / unit,
            places(problem.labels, kinds),
            places(problem.source, np.unique(problem.source)),
            problem.validation_features / unit,
            places(problem.validation_labels, kinds),
            len(kinds),
            label_weight,
            check,
        )

    @cached_property
    def members(self) -> list[np.ndarray]:
        """Rows of the samples of each source."""
        return [np.flatnonzero(self.source == s) for s in range(int(self.source.max()) + 1)]

    def draw(self, p: np.ndarray, n: int, rng: torch.Generator) -> np.ndarray:
        """Rows of n samples in the shares p, drawn with replacement inside each source."""
        rows = [
            some[torch.randint(len(some), (int(k),), generator=rng).numpy()]
            for some, k in zip(self.members, counts(p, n), strict=True)
        ]
        return np.concatenate(rows)

    @cached_property
    def cost(self) -> np.ndarray:
        """Cost between all samples and all of the validation."""
        apart = self.class_distances(self._clouds, self._goal_clouds)
        return self._costs(self.features, self.labels, self.goal, self.goal_labels, apart)

    def among(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Cost between some samples and others of them."""
        apart = self.class_distances(self._clouds, self._clouds)
        x, labels = self.features, self.labels
        return self._costs(x[rows], labels[rows], x[others], labels[others], apart)

    @cached_property
    def goal_cost(self) -> np.ndarray:
        """Cost inside the validation."""
        apart = self.class_distances(self._goal_clouds, self._goal_clouds)
        return self._costs(self.goal, self.goal_labels, self.goal, self.goal_labels, apart)

    def goal_potential(self, epsilon: float, ctx: Context) -> torch.Tensor:
        """The entropic potential of the validation to itself."""
        if epsilon not in self._potentials:
            self._potentials[epsilon] = _alone(self.goal_cost, epsilon, ctx)
        return self._potentials[epsilon]

    def means(self, prices: np.ndarray) -> np.ndarray:
        """Mean price of the samples of each source."""
        return np.array([prices[some].mean() for some in self.members])

    def _costs(
        self, x: np.ndarray, c: np.ndarray, z: np.ndarray, e: np.ndarray, apart: np.ndarray
    ) -> np.ndarray:
        cost = squared_distances(x, z, self.check)
        return cost + self.label_weight * apart[np.ix_(c, e)] if self.label_weight else cost

    @cached_property
    def _clouds(self) -> np.ndarray:
        return _moments(self.features, self.labels, self.classes)

    @cached_property
    def _goal_clouds(self) -> np.ndarray:
        return _moments(self.goal, self.goal_labels, self.classes)

    @staticmethod
    def class_distances(here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """W₂² of Gaussians with independent features: means and deviations side by side."""
        return cdist(here, there, "sqeuclidean")


def _moments(x: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Means, then standard deviations, of the features of each class; 0 where it has no sample."""
    found = np.zeros((classes, 2 * x.shape[1]))
    for c in np.unique(labels):
        some = x[labels == c]
        found[c] = np.concatenate([some.mean(0), some.std(0)])
    return found


class Distance(NamedTuple):
    """A distance, and its slope: the mean price of a sample of each source."""

    value: float
    prices: np.ndarray

    def derivative(self, p: np.ndarray) -> np.ndarray:
        """∂/∂p_i where the other shares shrink in proportion; 0 for a source that is alone."""
        rest = 1 - p
        others = (p @ self.prices - p * self.prices) / np.where(rest > 0, rest, 1)
        return np.where(rest > 0, self.prices - others, 0.0)


class ExactDistance(Option):
    """Exact transport"""

    kind: Literal["exact"] = "exact"

    def measure(self, pool: Pool, rows: np.ndarray, ctx: Context) -> Distance:
        """Value and prices of the linear programme, which the targets' set for all samples."""
        cost, m = pool.cost[rows], len(pool.goal)
        plan = vertex(np.full(len(rows), 1 / len(rows)), np.full(m, 1 / m), cost, ctx)
        value = float(plan.values @ cost[plan.rows, plan.cols])
        return Distance(value, pool.means((pool.cost - plan.v).min(1)))


class SinkhornDivergence(Option):
    """Entropic transport without its bias"""

    kind: Literal["sinkhorn_div"] = "sinkhorn_div"
    epsilon: float = param(
        0.01, "ε", "entropic regularisation", unit="mean cost", ge=1e-3, le=10, log=True
    )

    def measure(self, pool: Pool, rows: np.ndarray, ctx: Context) -> Distance:
        """OT_ε(a, b) - ½ OT_ε(a, a) - ½ OT_ε(b, b), and its prices f_ab - f_aa."""
        cost, inner = pool.cost[rows], pool.among(rows, rows)
        epsilon = self.epsilon * float(pool.cost.mean())
        if not epsilon:
            raise BadProblem(
                "the mean cost between samples and validation is 0; it must be above 0 to measure "
                "epsilon by it; load features that differ, or take the exact distance"
            )
        across = _soft(cost)
        state = Scaling(torch.zeros(len(rows), dtype=torch.float64), *_start(across, epsilon))
        course = Course((epsilon,), (1.0,), MAX_ITER, TOL, MAX_ITER, MOST_RELAX)
        scale(across, state, course, ctx.quiet(), lambda *_: None)
        if state.status is Status.stopped:
            raise Cancelled
        g = state.g
        f = across.rows(epsilon, g)
        own = _alone(inner, epsilon, ctx)
        goal = pool.goal_potential(epsilon, ctx)
        value = float(f.mean() + g.mean() - own.mean() - goal.mean())

        everyone = np.arange(len(pool.features))
        there = _soft(pool.cost).rows(epsilon, g)
        here = _soft(pool.among(everyone, rows)).rows(epsilon, own)
        return Distance(value, pool.means((there - here).numpy()))


DistanceWay = ExactDistance | SinkhornDivergence


def _soft(cost: np.ndarray) -> SoftMin:
    """Soft minima over a cost between equal weights, in float64."""
    matrix = torch.from_numpy(np.ascontiguousarray(cost))
    a, b = (torch.full((k,), 1 / k, dtype=matrix.dtype) for k in matrix.shape)
    soft = make_softmin("kernel", given_cost(matrix), a, b, matrix.dtype, matrix.device)
    soft.sharpen()
    return soft


def _start(soft: SoftMin, epsilon: float) -> tuple[torch.Tensor, float]:
    return torch.zeros_like(soft.b), epsilon


def _alone(cost: np.ndarray, epsilon: float, ctx: Context) -> torch.Tensor:
    """The potential of a cloud to itself: f ← (f + f')/2 with the update f' halves the error."""
    soft = _soft(cost)
    f = new = torch.zeros_like(soft.a)
    for _ in range(MAX_ITER):
        ctx.check()
        f = (f + new) / 2
        new = soft.rows(epsilon, f)
        if float(torch.expm1((f - new) / epsilon).abs().mean()) < TOL:
            break
    return new
