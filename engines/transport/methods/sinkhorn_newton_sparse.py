"""Entropic optimal transport to high accuracy: Sinkhorn first, then sparse Newton steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Option, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Status
from engines.transport import figures, newton_figures
from engines.transport.cost import (
    Facts,
    Metric,
    PointCost,
    facts,
    given_cost,
    one_thread,
    point_cost,
)
from engines.transport.live import Live
from engines.transport.newton import Kept, Newton, keep_above, keep_largest
from engines.transport.newton_plan import MOST_KEPT, NewtonPlan, Trail, extend, newton_plan
from engines.transport.peers import entropic
from engines.transport.problem import (
    CostMatrix,
    Data,
    Histograms,
    PointClouds,
    assignment,
    masses,
    points,
    shape,
)
from engines.transport.scaling import Course, Look, Scaling, scale
from engines.transport.softmin import Kernel, make_softmin
from engines.transport.summary import DENSE_ENTRIES, LARGEST, as_result, summarise_unless_stopped

# A level of ε that only leads to the next is left when its error is below this.
LEVEL_TOL = 1e-4

# Relative residual of the linear systems: as small as the error, but within these.
LOOSEST, TIGHTEST = 1e-2, 1e-12

# Entries of the plan that the plain iteration for comparison may go over: some seconds on one
# core, whatever the size. It always has a thousand iterations.
PLAIN_WORK, LEAST_PLAIN = 10_000_000_000, 1000


class Robust(Option):
    """What is dropped shrinks with the error; ε is annealed"""

    kind: Literal["robust"] = "robust"
    sweeps: ClassVar = True
    remedy: ClassVar = "loosen tol"
    drop_tol: float = param(
        0.05, "θ", "largest part of a row that may be left out; less as the error falls", gt=0, lt=1
    )
    anneal: float = param(
        0.5, "q", "factor between two levels of ε; 1 starts at the final ε", gt=0, le=1
    )
    newton_per_level: int = param(
        3, "k", "most Newton steps at each level before the last", ge=0, le=20
    )

    def levels(self, epsilon: float, mean: float) -> list[float]:
        """The values of ε, from a twentieth of the mean cost down."""
        found, level = [], 0.05 * mean
        while self.anneal < 1 and level > epsilon:
            found.append(level)
            level *= self.anneal
        return [*found, epsilon]

    def keep(self, newton: Newton, error: float) -> Kept:
        """Entries that matter at this error."""
        return keep_above(newton.plan, newton.rows, newton.cols, min(self.drop_tol, error))


class Fixed(Option):
    """The largest entries, a fixed number of them; one level of ε"""

    kind: Literal["fixed"] = "fixed"
    per_target: float = param(
        2.0, "λn", "entries kept per target; 15 where the plan is not unique", gt=0, log=True
    )
    newton_per_level: ClassVar = 0
    sweeps: ClassVar = False
    remedy: ClassVar = "keep more entries per target or let the error decide"

    def levels(self, epsilon: float, mean: float) -> list[float]:
        """The final ε alone."""
        return [epsilon]

    def keep(self, newton: Newton, error: float) -> Kept:
        """The largest entries of the plan."""
        return keep_largest(newton.plan, math.ceil(self.per_target * newton.plan.shape[1]))


def unit_squares(n: int = 500) -> PointClouds:
    """Two clouds of n points, each uniform in the unit square."""
    x, y = (np.random.default_rng(seed).random((n, 2)) for seed in (1, 2))
    return PointClouds(x=x, y=y)


def ring_and_arcs(n: int = 24) -> Histograms:
    """A zero and a three on n × n pixels, drawn with a soft pen on grey paper."""
    side = (np.arange(n) + 0.5) / n
    down, right = np.meshgrid(side, side, indexing="ij")
    ring = abs(np.hypot((right - 0.5) / 0.24, (down - 0.5) / 0.34) - 1) * 0.28
    arcs = np.minimum(
        abs(np.hypot(right - 0.47, down - 0.32) - 0.18),
        abs(np.hypot(right - 0.47, down - 0.68) - 0.18),
    )
    arcs = np.where((right < 0.4) & (abs(down - 0.5) < 0.3), 1.0, arcs)
    drawn = [np.exp(-((away / 0.07) ** 2)) + 0.16 for away in (ring, arcs)]
    return Histograms(source=drawn[0] / drawn[0].sum(), target=drawn[1] / drawn[1].sum())


class SinkhornNewtonSparse(Method):
    """Entropic optimal transport to all digits: Sinkhorn iterations, then sparse Newton steps.

    maximise  F(f, g) = ⟨a, f⟩ + ⟨b, g⟩ - ε (Σ P - 1),   P_ij = a_i b_j exp((f_i + g_j - C_ij)/ε)

        [diag(P 1)   P_kept   ] [Δf]       [a - P 1  ]
        [P_keptᵀ   diag(Pᵀ 1)] [Δg]  =  ε [b - Pᵀ 1]

    Shows that a plan of small ε, for which the alternating updates need 10³ to 10⁵ iterations,
    takes some tens: a few updates bring the potentials near, and then each Newton step doubles
    the number of digits. The matrix is sparse because the plan is: entries that do not matter at
    the present error are left out, while the diagonal keeps the full sums, so that the matrix
    stays positive semidefinite. Conjugate gradients solve it, and a line search guards each step.
    The same plan is computed by the plain iteration for comparison.

    Time n·m exponentials per step and the kept entries per inner iteration; memory three n × m
    matrices. Potentials, plan and matrix are float64 whatever the precision of the run.
    Good values: ε between 1/10 000 and 1/500 of the largest cost, tol down to 10⁻¹².
    Becomes Newton's method for θ → 0 (quadratic convergence), and plain Sinkhorn without steps.
    Pitfalls: where plain Sinkhorn needs fewer than some thousand iterations it is as fast, and so
    is the over-relaxed one between clouds of points; at large ε the plan is dense and each step
    is a dense one; a fixed number of entries converges only linearly, or stalls, where the plan
    is less sparse than that.
    """

    title: ClassVar[str] = "Sinkhorn-Newton-Sparse"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "X. Tang, M. Shavlovsky, H. Rahmanian, E. Tardini, K. K. Thekumparampil, T. Xiao, "
            "L. Ying",
            2024,
            "Accelerating Sinkhorn algorithm with sparse Newton iterations",
            arxiv="2401.12253",
            venue="ICLR",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "random_costs",
            "Random costs, 500 × 500",
            lambda: assignment(500),
            story="Plain Sinkhorn takes 26 000 iterations to ten digits; this takes some eighty.",
        ),
        Example(
            "unit_squares",
            "Two clouds in a square",
            unit_squares,
            story="Five hundred points each; the plan is nearly a permutation.",
        ),
        Example(
            "ring_and_arcs",
            "A zero becomes a three",
            ring_and_arcs,
            {"metric": "euclidean"},
            "Pictures and plain distance: many plans are nearly as good, the hard case of the "
            "paper.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"epsilon": 1 / 300, "tol": 1e-8},
        "default": {},
        "paper": {"sparsity": {"kind": "fixed"}, "tol": 1e-9},
    }

    epsilon: float = param(1 / 1200, "ε", "entropic regularisation: small is sharp", gt=0, log=True)
    epsilon_mode: Literal["relative_max", "relative_mean", "absolute"] = param(
        "relative_max",
        "unit of ε",
        "whether ε is a multiple of the largest or of the mean cost, or a cost itself",
    )
    metric: Metric = param("sqeuclidean", "C", "cost of moving unit mass between two points")
    tol: float = param(
        1e-10,
        "τ",
        "stop when the L1 error of both marginals is below",
        ge=1e-13,
        le=1e-3,
        log=True,
    )
    warm_iters: int = param(
        20, "N₁", "Sinkhorn iterations before the Newton steps, at each ε", ge=1, le=5000
    )
    max_newton: int = param(50, "N₂", "most Newton steps at the final ε", ge=1, le=500)
    sparsity: Robust | Fixed = param(Robust(), "", "which entries Newton's matrix keeps")
    compare: bool = param(True, "", "run plain Sinkhorn afterwards, for comparison")
    density_cap: float = param(
        0.3, "ρ", "part of the plan above which all of it is used", gt=0, le=1, expert=True
    )
    cg_max: int = param(
        500, "K", "most conjugate gradient iterations for each step", ge=1, expert=True
    )

    def run(self, problem: Data, ctx: Context) -> NewtonPlan:
        """Go down the levels of ε, go over the plan once, then run the plain iteration."""
        with one_thread(ctx.device.type == "cpu"):
            return self._solve(problem, ctx)

    def _solve(self, problem: Data, ctx: Context) -> NewtonPlan:
        if ctx.dtype == torch.float32:
            ctx.warn("potentials and plan are computed in float64; float32 is too coarse for them")
        began = ctx.seconds
        a, b, cost, targets = _tensors(problem, self.metric, ctx)
        seen = facts(cost, torch.zeros_like(b))
        epsilon = self._absolute(seen)
        # The logarithm of a weight of 0 is of no use to anyone.
        rows, cols = a.nonzero().squeeze(1), b.nonzero().squeeze(1)
        soft = Kernel(cost.between(rows, cols), a[rows], b[cols])
        levels = self.sparsity.levels(epsilon, seen.mean)
        state, trail = _zero(soft, levels[0]), Trail()
        complete = (len(rows), len(cols)) == cost.shape
        live = Live(problem, soft) if complete else None
        self._descend(soft, state, trail, levels, live, ctx)
        whole = make_softmin("streamed", cost, a, b, torch.float64, a.device)
        extend(whole, state, rows, cols)
        found = summarise_unless_stopped(whole, state, targets, ctx)
        state.history = _since(state.history, began)
        plain = None
        if self.compare and state.status is not Status.stopped:
            plain = self._plain(soft, epsilon, state.history, ctx)
        note = f"{len(trail.taken)} Newton steps, levels of ε: {len(levels)}"
        if state.status is Status.limit_reached:
            note += f"; {self.sparsity.remedy}, or raise max_newton or warm_iters"
        base = as_result(whole, state, found, seen, note, ctx)
        return newton_plan(base, isinstance(problem, CostMatrix), trail, plain, rows, cols)

    def _descend(
        self,
        soft: Kernel,
        state: Scaling,
        trail: Trail,
        levels: Sequence[float],
        live: Live | None,
        ctx: Context,
    ) -> None:
        """Sinkhorn and Newton at every level, each from the potentials of the one before."""

        def picture(level: float, f: Tensor, g: Tensor) -> None:
            if state.history:
                ctx.show(newton_figures.running, state.history, self.tol)
            if live:
                ctx.show(live.plan, level, f, g)

        newton = Newton(soft, ctx.check)
        for level in levels:
            last = level == levels[-1]
            tol = self.tol if last else LEVEL_TOL
            warm = Course((level,), (1.0,), 0, tol, self.warm_iters, 1.0)

            def sinkhorn(course: Course = warm) -> None:
                with ctx.phase("Sinkhorn"):
                    scale(soft, state, course, ctx, picture)

            sinkhorn()
            if state.status is Status.stopped:
                return
            most = self.max_newton if last else self.sparsity.newton_per_level
            with suppress(Cancelled), ctx.phase("Newton"):
                newton.start(level, state.f, state.g)
                for _ in ctx.steps(most):
                    if newton.error < tol:
                        break
                    if not self._step(newton, state, trail, last, ctx):
                        sinkhorn()
                        newton.start(level, state.f, state.g)
                    picture(level, state.f, state.g)
            if ctx.stopped:
                state.status = Status.stopped
                return
        state.status = Status.converged if newton.error < self.tol else Status.limit_reached

    def _step(self, newton: Newton, state: Scaling, trail: Trail, last: bool, ctx: Context) -> bool:
        """One Newton step, noted; False where the line search found no better potentials."""
        error = newton.error
        kept = self.sparsity.keep(newton, error)
        if last and kept.density > self.density_cap and not trail.dense:
            trail.dense = True
            ctx.warn(
                f"the plan is dense at this ε: {kept.density:.0%} of it matter; Newton uses all of "
                "it, and Sinkhorn is probably faster"
            )
        rtol = min(LOOSEST, max(TIGHTEST, error))
        taken = newton.step(kept, self.density_cap, rtol, self.cg_max)
        if taken.length > 0 and self.sparsity.sweeps:
            newton.sweep()
        trail.taken[len(state.history)], trail.kept = taken, kept
        state.f, state.g = newton.f, newton.g
        state.iterations += 1
        look = Look(state.iterations, ctx.seconds, newton.error, newton.dual, state.epsilon)
        state.history.append(look)
        ctx.log(
            marginal_error=look.error,
            epsilon=look.epsilon,
            dual=look.dual,
            density=taken.density,
            cg_iters=taken.cg_iters,
        )
        return taken.length > 0

    def _plain(
        self, soft: Kernel, epsilon: float, ours: Sequence[Look], ctx: Context
    ) -> list[Look]:
        """The history of plain Sinkhorn from potentials of 0."""
        assert isinstance(soft.cost, PointCost)
        n, m = soft.cost.shape
        most = max(LEAST_PLAIN, PLAIN_WORK // (n * m))
        course = Course((epsilon,), (1.0,), 0, self.tol, most, 1.0)
        began, other = ctx.seconds, Kernel(soft.cost, soft.a, soft.b)
        state = _zero(other, epsilon)

        def picture(level: float, f: Tensor, g: Tensor) -> None:
            ctx.show(newton_figures.running, ours, self.tol, state.history, began)

        with ctx.phase("plain Sinkhorn"):
            scale(other, state, course, ctx, picture)
        return _since(state.history, began)

    def figures(self, problem: Data, result: NewtonPlan) -> tuple[Figure, ...]:
        """The race, the plan, what the steps kept, displacement and potentials."""
        found = (
            newton_figures.race(result, self.tol),
            *newton_figures.plan(problem, result),
            *newton_figures.sparsity(problem, result),
        )
        if isinstance(problem, CostMatrix):
            return found
        return (
            *found,
            *figures.displacement(problem, result),
            figures.potentials(problem, result),
        )

    def peers(self, problem: Data, result: NewtonPlan) -> tuple[Peer, ...]:
        """POT's plain iteration to the same tolerance."""
        return entropic.sinkhorn(self, problem, result, whole=not self.compare)

    def cost(self, problem: Data) -> Cost:
        """Two kernels, the plan and the sparse matrix; some 150 sweeps, and the comparison."""
        n, m = shape(problem)
        plan = 8 * n * m if n * m <= DENSE_ENTRIES else 16 * LARGEST * n
        output = plan + 16 * min(n * m, MOST_KEPT) + 400 * (n + m) + 2_000_000
        # As counted: of points in proportion to 1/ε; of 500 random costs 42 at 1/300 and 26 162 at
        # 1/1200, which is meant where ε is not relative.
        sharp = max(self.epsilon, 1e-9) if self.epsilon_mode != "absolute" else 1 / 1200
        random = isinstance(problem, CostMatrix)
        plain = 42 * (300 * sharp) ** -4.6 if random else 2 / sharp
        plain = min(plain, max(LEAST_PLAIN, PLAIN_WORK / (n * m))) * self.compare
        work = (2000.0 + 4.0 * plain) * n * m
        return Cost(2 * output + 40 * n * m, output, work)

    def _absolute(self, seen: Facts) -> float:
        """ε in units of the cost, if it can be used."""
        if self.epsilon_mode != "relative_max":
            return seen.absolute(self.epsilon, self.epsilon_mode)
        if not seen.max > 0:
            raise BadProblem(
                f"the largest cost is {seen.max:g}; it must be above 0 to measure epsilon by it; "
                "load data that differ, or set epsilon_mode to absolute"
            )
        return seen.absolute(self.epsilon * seen.max, "absolute")


def _tensors(
    problem: Data, metric: Metric, ctx: Context
) -> tuple[Tensor, Tensor, PointCost, Tensor]:
    """Weights, cost and places of the targets in float64; on the CPU where the device has none."""
    home = "cpu" if ctx.device.type == "mps" else ctx.device
    a, b = (torch.as_tensor(mass, device=home) for mass in masses(problem))
    if isinstance(problem, CostMatrix):
        values = torch.as_tensor(problem.cost.astype(np.float64), device=home)
        return a, b, given_cost(values, ctx.check), torch.zeros_like(b)[:, None]
    x, y = (torch.as_tensor(places, device=home) for places in points(problem))
    return a, b, point_cost(x, y, metric, ctx.check), y


def _zero(soft: Kernel, epsilon: float) -> Scaling:
    return Scaling(torch.zeros_like(soft.a), torch.zeros_like(soft.b), epsilon)


def _since(history: Sequence[Look], began: float) -> list[Look]:
    return [look._replace(seconds=look.seconds - began) for look in history]
