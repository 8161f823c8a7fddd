"""Exact optimal transport: the linear programme itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import figures, pairs, simplex
from engines.transport.cost import Metric, PointCost, given_cost, nearest, point_cost
from engines.transport.line import line_plan
from engines.transport.pairs import Pairs
from engines.transport.peers import linear
from engines.transport.problem import (
    CostMatrix,
    Data,
    Histograms,
    PointClouds,
    assignment,
    disc_and_star,
    gauss_pair,
    gaussians_1d,
    given_masses,
    masses,
    points,
    shape,
    two_moons,
)
from engines.transport.simplex import Basis, Programme

# What a simplex that was cut short leaves behind.
CUT_WITH_PLAN = "the plan is not optimal yet: its cost is an upper bound"
CUT_WITHOUT_WAY = "part of the mass has no way yet, so that the cost says nothing"


# More pairs than this take over 4 GB as a matrix and the solver's edges; then `auto` is lazy.
MOST_STORED = 100_000_000

# To go over more pairs only to check or complete the prices takes too long.
MOST_CHECKED = 400_000_000

# Prices that break their constraints by more than this share of the cost prove little.
UNRESOLVED = 1e-3

# Sums of n weights leave over up to about √n times this by rounding: such pairs are none.
SLIVER = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True)
class ExactPlan(Result):
    """A vertex of the polytope of plans, and the prices that prove it optimal."""

    a: np.ndarray = array("source", "mass at the source, total 1", "mass")
    b: np.ndarray = array("target", "mass at the target, total 1", "mass")
    plan_rows: np.ndarray | None = array("pair", "sources of the pairs with mass", optional=True)
    plan_cols: np.ndarray | None = array("pair", "targets of the pairs with mass", optional=True)
    plan_values: np.ndarray | None = array("pair", "mass moved", "mass", optional=True)
    u: np.ndarray | None = array("source", "price of mass at the source", "cost", optional=True)
    v: np.ndarray | None = array("target", "price of mass at the target", "cost", optional=True)
    cost: float = metric("transport cost ⟨P, C⟩", "cost")
    W_p: float = metric("Wasserstein distance, the root of the cost")
    duality_gap: float = metric(
        "cost minus the value of the prices, u·a + v·b", "cost", better="lower"
    )
    max_dual_violation: float = metric(
        "largest excess of u_i + v_j over C_ij", "cost", better="lower"
    )
    marginal_error: float = metric(
        "larger of the L1 errors of both marginals", "mass", better="lower"
    )
    nnz: int = scalar(0, "pairs with mass, at most n + m - 1")


class ExactOT(Method):
    """Exact optimal transport: the linear programme, solved to its last digit.

    minimise  ⟨P, C⟩   subject to  P 1 = a,  Pᵀ 1 = b,  P ≥ 0

    maximise  u·a + v·b   subject to  u_i + v_j ≤ C_ij

    Shows which mass goes where, what that costs at the least, and the prices u, v that prove it:
    both values are equal. The plan joins at most n + m - 1 pairs. On a line sources and targets
    are sorted and matched in that order, in time n log n, for every cost |x - y|^p with p ≥ 1;
    elsewhere the network simplex of POT goes from vertex to vertex. That takes time between n² and
    n³ and several matrices n·m of memory, or memory n + m and four times as long (lazy). Always
    float64, on the CPU. How far the simplex is cannot be said; it can be stopped at any time.

    Good values: the right default up to n = 5000 (seconds); beyond 10 000 take Sinkhorn or a
    sliced distance. Equal clouds cost 0, a cloud and its shift by t cost |t|². The prices are not
    unique, nor is the plan where several are as cheap. Totals that differ need unbalanced
    transport.
    """

    title: ClassVar[str] = "Exact transport"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "N. Bonneel, M. van de Panne, S. Paris, W. Heidrich",
            2011,
            "Displacement interpolation using Lagrangian mass transport",
            doi="10.1145/2070781.2024192",
            venue="ACM Transactions on Graphics",
        ),
        Paper(
            "R. Flamary, N. Courty, A. Gramfort, et al.",
            2021,
            "POT: Python Optimal Transport",
            venue="Journal of Machine Learning Research",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "two_moons",
            "Two moons",
            two_moons,
            story="Each point of one half circle finds its partner on the other.",
        ),
        Example(
            "gauss_pair",
            "Two Gaussian clouds",
            gauss_pair,
            story="A thousand points shrink and shift; the squared distance is 5.346.",
        ),
        Example(
            "gaussians_1d",
            "Two Gaussians on a line",
            gaussians_1d,
            story="Sorting is enough on a line. The squared distance is 2² + (1 - 0.5)² = 4.25.",
            expects={"cost": Expect(4.25, 1e-3, "closed form for Gaussians")},
        ),
        Example(
            "disc_and_star",
            "A disc becomes a star",
            lambda: disc_and_star(32),
            story="Two pictures as densities; the movie shows the mass on its way.",
        ),
        Example(
            "assignment",
            "60 people, 60 tasks",
            assignment,
            story=(
                "Random demands: the cheapest assignment costs about π²/6 = 1.645 in all, however "
                "many there are; the cost shown is that of one person."
            ),
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"max_iter": 1_000_000},
        "default": {},
        # The published code keeps the matrix.
        "paper": {"memory_mode": "dense"},
    }

    metric: Metric = param(
        "sqeuclidean", "C", "cost of moving unit mass between two points; a cost matrix is itself"
    )
    p_root: bool = param(True, "W_p", "also report the distance, the p-th root of the cost")
    max_iter: int = param(
        10_000_000, "K", "most pivots of the simplex", ge=100_000, log=True, expert=True
    )
    memory_mode: Literal["auto", "dense", "lazy"] = param(
        "auto",
        "memory",
        "store all costs, or compute them again whenever needed; auto: lazy above 10⁸ pairs",
        expert=True,
    )

    def run(self, problem: Data, ctx: Context) -> ExactPlan:
        """Sort on a line, else pivot; then check what was found."""
        a, b = masses(problem)
        ctx.show(_waiting, problem)
        cost = self._ground_cost(problem)
        basis: Basis | None
        if self._on_line(problem) and not isinstance(problem, CostMatrix):
            basis = _along_line(problem, a, b, self._power())
        else:
            try:
                basis = self._pivot(problem, cost, a, b, ctx)
            except Cancelled:
                basis = None
        if basis is None:
            note = "stopped while the simplex was at work: there is no plan"
            return ExactPlan(a=a, b=b, status=Status.stopped, note=note)
        kept = basis.values > SLIVER * (len(a) + len(b)) ** 0.5
        rows, cols, values = (part[kept] for part in (basis.rows, basis.cols, basis.values))
        basis = replace(basis, rows=rows, cols=cols, values=values)
        return self._judged(problem, replace(cost, check=ctx.check), a, b, basis, ctx)

    def figures(self, problem: Data, result: ExactPlan) -> tuple[Figure, ...]:
        """The mass on its way, the plan, the prices, and how far the mass goes."""
        found = _pairs(result)
        mark = " (not optimal)" if result.status is Status.limit_reached else ""
        title = f"Displacement{mark}"
        if isinstance(problem, CostMatrix):
            drawn = (pairs.plan(problem, found, f"Transport plan{mark}"),)
            return (*drawn, pairs.payments(problem, found, f"Costs{mark}")) if found else drawn
        drawn = (pairs.displacement(problem, found, title),)
        if found is None or result.u is None or result.v is None:
            return drawn
        duals, weights = (result.u, result.v), (result.a, result.b)
        return (
            *drawn,
            pairs.plan(problem, found, f"Transport plan{mark}"),
            figures.prices(problem, duals, weights, "uv", f"Prices{mark}"),
            pairs.distances(problem, found, f"Distances{mark}"),
        )

    def peers(self, problem: Data, result: ExactPlan) -> tuple[Peer, ...]:
        """Sorting, assignment, HiGHS or POT's simplex."""
        return linear.exact(self, problem)

    def cost(self, problem: Data) -> Cost:
        """Matrix, plan and edges of the simplex, 5.4 matrices in all; time as measured."""
        n, m = shape(problem)
        output = 60 * (n + m) + 2_000_000
        if self._on_line(problem):
            return Cost(10 * output, output, 1000 * (n + m))
        # Pictures are mostly empty, and what is empty takes no part.
        n, m = (int(np.count_nonzero(weights)) for weights in given_masses(problem))
        lazy = self._lazy(problem, n * m)
        memory = 4 * n * m if lazy else 44 * n * m
        # 0.3 s for 10⁶ pairs, 51 s for 10⁸, at 4·10⁹ operations a second.
        return Cost(memory + 2 * output, output, (4 if lazy else 1) * 240.0 * (n * m) ** 1.115)

    def _power(self) -> int:
        return 2 if self.metric == "sqeuclidean" else 1

    def _on_line(self, problem: Data) -> bool:
        """Whether the cost is |x - y|^p between numbers."""
        if isinstance(problem, CostMatrix) or self.metric == "cosine":
            return False
        if isinstance(problem, PointClouds):
            return problem.x.shape[1] == 1
        return problem.source.ndim == 1

    def _lazy(self, problem: Data, count: int) -> bool:
        """Whether the costs of so many pairs are computed again whenever they are needed."""
        if self.memory_mode == "lazy" and isinstance(problem, CostMatrix):
            raise BadProblem(
                "memory_mode is lazy; it must be dense or auto where the costs are given as a "
                "matrix; choose auto"
            )
        large = self.memory_mode == "auto" and count > MOST_STORED
        return (self.memory_mode == "lazy" or large) and not isinstance(problem, CostMatrix)

    def _ground_cost(self, problem: Data) -> PointCost:
        if isinstance(problem, CostMatrix):
            return given_cost(torch.from_numpy(problem.cost.astype(np.float64)))
        x, y = (torch.from_numpy(places) for places in points(problem))
        return point_cost(x, y, self.metric)

    def _pivot(
        self, problem: Data, cost: PointCost, a: np.ndarray, b: np.ndarray, ctx: Context
    ) -> Basis | None:
        """The simplex between the sources and targets that have mass; prices for all."""
        rows, cols = np.flatnonzero(a), np.flatnonzero(b)
        part = cost
        if len(rows) < len(a) or len(cols) < len(b):
            part = cost.between(torch.from_numpy(rows), torch.from_numpy(cols))
        part, back = _near(part)
        here, there = a[rows], b[cols]
        there = there * (here.sum() / there.sum())  # to the last digit, or there is no plan
        if self._lazy(problem, len(rows) * len(cols)):
            programme = _lazily(part, here, there, self.max_iter)
        else:
            programme = Programme(here, there, partial(_rows, part), self.max_iter)
        found = simplex.solve(programme, ctx)
        if found is None:
            return None
        if found.code not in (simplex.OPTIMAL, simplex.LIMIT):
            raise BadProblem(
                f"the simplex ended with code {found.code}; it must reach a plan; check that no "
                "cost or weight is beyond 10¹⁵ times another"
            )
        u, v = np.full(len(a), -np.inf), np.full(len(b), -np.inf)
        u[rows], v[cols] = found.u + back[0], found.v + back[1]
        if len(rows) < len(a) or len(cols) < len(b):
            u, v = _completed(replace(cost, check=ctx.check), u, v)
        return replace(found, rows=rows[found.rows], cols=cols[found.cols], u=u, v=v)

    def _judged(
        self,
        problem: Data,
        cost: PointCost,
        a: np.ndarray,
        b: np.ndarray,
        basis: Basis,
        ctx: Context,
    ) -> ExactPlan:
        """The result: cost of the pairs, and how well plan and prices keep their constraints."""
        total = float(self._paid(problem, basis) @ basis.values)
        gap = total - float(basis.u[a > 0] @ a[a > 0] + basis.v[b > 0] @ b[b > 0])
        ctx.log(cost=total, duality_gap=gap)
        ctx.flush()
        rows = np.bincount(basis.rows, basis.values, len(a)) - a
        cols = np.bincount(basis.cols, basis.values, len(b)) - b
        is_distance = self.metric != "cosine" and not isinstance(problem, CostMatrix)
        root = self.p_root and is_distance
        error = float(max(np.abs(rows).sum(), np.abs(cols).sum()))
        limit = basis.code == simplex.LIMIT
        violation = _violation(cost, basis.u, basis.v)
        if not limit and violation > UNRESOLVED * total:
            ctx.warn(
                "the costs differ by more digits than the simplex resolves; the plan may not be "
                "the cheapest; take far-away points out, or another metric"
            )
        short = CUT_WITHOUT_WAY if error > figures.UNMET else CUT_WITH_PLAN
        return ExactPlan(
            a=a,
            b=b,
            plan_rows=basis.rows,
            plan_cols=basis.cols,
            plan_values=basis.values,
            u=basis.u,
            v=basis.v,
            cost=total,
            W_p=total ** (1 / self._power()) if root else float("nan"),
            duality_gap=gap,
            max_dual_violation=violation,
            marginal_error=error,
            nnz=len(basis.values),
            status=Status.limit_reached if limit else Status.converged,
            note=short if limit else "",
        )

    def _paid(self, problem: Data, basis: Basis) -> np.ndarray:
        """C of each pair, from the differences themselves: no digits are lost."""
        if isinstance(problem, CostMatrix):
            return problem.cost.astype(np.float64)[basis.rows, basis.cols]
        x, y = points(problem)
        x, y = x[basis.rows], y[basis.cols]
        if self.metric == "cosine":
            x, y = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
            return ((x - y) ** 2).sum(1) / 2
        if self.metric == "cityblock":
            return np.abs(x - y).sum(1)
        return np.linalg.norm(x - y, axis=1) ** self._power()


def _waiting(problem: Data) -> Figure:
    """What is to be joined, shown while nothing can be said of the plan."""
    if isinstance(problem, CostMatrix):
        return pairs.plan(problem, None, "Transport plan, running")
    return pairs.displacement(problem, None, "Displacement, running")


def _pairs(result: ExactPlan) -> Pairs | None:
    if result.plan_rows is None or result.plan_cols is None or result.plan_values is None:
        return None
    return Pairs(result.plan_rows, result.plan_cols, result.plan_values)


def _along_line(problem: PointClouds | Histograms, a: np.ndarray, b: np.ndarray, p: int) -> Basis:
    """The staircase of a line, whose prices are those of the sorted points."""
    x, y = (torch.from_numpy(places[:, 0]) for places in points(problem))
    found = line_plan(x, y, torch.from_numpy(a), torch.from_numpy(b), p)
    rows, cols, mass = found.rows.numpy(), found.cols.numpy(), found.mass.numpy()
    return Basis(simplex.OPTIMAL, rows, cols, mass, found.u.numpy(), found.v.numpy())


def _lazily(cost: PointCost, a: np.ndarray, b: np.ndarray, max_iter: int) -> Programme:
    """The programme from points; cosine costs are half the squared distances of unit vectors."""
    assert cost.metric != "given"
    half = cost.metric == "cosine"
    x, y = (z.numpy() * (0.5**0.5 if half else 1.0) for z in (cost.x, cost.y))
    name = "sqeuclidean" if cost.metric == "cosine" else cost.metric
    return Programme(a, b, lambda: iter([x, y]), max_iter, name)


def _near(cost: PointCost) -> tuple[PointCost, tuple[np.ndarray, np.ndarray]]:
    """A cost with the same plans, and what it lacks in the prices of both sides.

    The squared distance of clouds that are far apart is nearly the same for all pairs, and what
    decides would be lost in its last digits. About their own means, with δ between these,
    |x - y|² = |x' - y'|² + (2 x'·δ + |δ|²) - 2 y'·δ, and only the first part matters to the plan.
    """
    if cost.metric != "sqeuclidean":
        return cost, (np.zeros(1), np.zeros(1))
    here, there = cost.x.mean(0), cost.y.mean(0)
    x, y, apart = cost.x - here, cost.y - there, here - there
    back = 2 * x @ apart + apart @ apart, -2 * y @ apart
    return replace(cost, x=x, y=y), (back[0].numpy(), back[1].numpy())


def _rows(cost: PointCost) -> Iterator[np.ndarray]:
    return (cost.block(rows).numpy() for rows in cost.blocks())


def _completed(cost: PointCost, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prices where there is no mass: the highest that break no constraint, if they are not many."""
    if cost.shape[0] * cost.shape[1] > MOST_CHECKED:
        return np.where(np.isinf(u), np.nan, u), np.where(np.isinf(v), np.nan, v)
    left, right = torch.from_numpy(u), torch.from_numpy(v)
    left = torch.where(left.isinf(), nearest(cost.T, right), left)
    return left.numpy(), torch.where(right.isinf(), nearest(cost, left), right).numpy()


def _violation(cost: PointCost, u: np.ndarray, v: np.ndarray) -> float:
    """Largest excess of u_i + v_j over C_ij; unknown of very many pairs, and after a stop."""
    if cost.shape[0] * cost.shape[1] > MOST_CHECKED:
        return float("nan")
    try:
        allowed: Tensor = nearest(cost, torch.from_numpy(u))
    except Cancelled:
        return float("nan")
    return max(0.0, float((torch.from_numpy(v) - allowed).max()))
