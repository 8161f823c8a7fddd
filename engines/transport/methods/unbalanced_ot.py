"""Unbalanced optimal transport: mass may be lost and made, at a price."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Status, array, metric
from engines.transport import figures, ratios
from engines.transport.cost import Cost as GroundCost
from engines.transport.cost import (
    Facts,
    GridCost,
    Metric,
    facts,
    given_cost,
    one_thread,
    point_cost,
)
from engines.transport.live import Live
from engines.transport.peers import entropic
from engines.transport.problem import (
    SAME_TOTAL,
    CostMatrix,
    Data,
    Histograms,
    TransportPlan,
    given_masses,
    points,
    shape,
    torn_clouds,
    two_peaks,
    waning_disc,
)
from engines.transport.relaxed import Relaxed
from engines.transport.scaling import Course, Look, Scaling, scale
from engines.transport.softmin import Backend, make_softmin
from engines.transport.summary import DENSE_ENTRIES, LARGEST, Summary, summarise_unless_stopped
from engines.transport.tuning import MOST_RATIO_32, MOST_STORED, NO_ANNEALING, SMALL

# Levels of ε before the last, where it is small: the first, in units of the mean cost, their ratio.
FIRST_LEVEL, BETWEEN_LEVELS, PER_LEVEL = 0.05, 0.5, 40


@dataclass(frozen=True, kw_only=True)
class UnbalancedPlan(TransportPlan):
    """Where mass goes and how much of it. P_ij = a_i b_j exp((f_i + g_j - C_ij)/ε)."""

    a: np.ndarray = array("source", "mass at the source, in units of `unit_mass`", "mass")
    b: np.ndarray = array("target", "mass at the target, in units of `unit_mass`", "mass")
    row_mass_ratio: np.ndarray | None = array(
        "source", "mass that leaves over mass that is there", optional=True
    )
    col_mass_ratio: np.ndarray | None = array(
        "target", "mass that arrives over mass that is asked for", optional=True
    )
    errors: np.ndarray = array("check", "mean change of the potentials, over ε, at that time")
    mass: float = metric("mass that is moved, in units of `unit_mass`", "mass")
    unit_mass: float = metric("geometric mean of both totals, which counts as 1", "mass")
    reg_cost: float = metric("what is minimised: ⟨P, C⟩ and all divergences", "cost")
    duality_gap: float = metric(
        "what is minimised minus the value of the dual", "cost", better="lower"
    )
    marginal_error: float = metric("larger of the errors of both marginals", "mass", better="lower")
    marginal_error_rows: float = metric(
        "L1 distance of P 1 from a exp(-f/ρ₁)", "mass", better="lower"
    )
    marginal_error_cols: float = metric(
        "L1 distance of Pᵀ 1 from b exp(-g/ρ₂)", "mass", better="lower"
    )
    rho_source: float = metric("price ρ₁ of a deviation at the source", "cost")
    rho_target: float = metric("price ρ₂ of a deviation at the target", "cost")


class UnbalancedOT(Method):
    """Entropic transport between masses that differ: what is too far away is left behind.

    minimise  ⟨P, C⟩ + ε KL(P | a bᵀ) + ρ₁ KL(P 1 | a) + ρ₂ KL(Pᵀ 1 | b)

        f_i ← -λ₁ ε log Σ_j b_j exp((g_j - C_ij)/ε),   λ₁ = ρ₁/(ρ₁ + ε),   and the same for g

    Shows which part of each mass takes part: the ratio P 1 / a is 1 where all of it is moved,
    near 0 at outliers, above 1 where more is wanted. Mass goes no farther than about √ρ where C
    is the squared distance. Each update also takes the best constant between f and g, and is
    over-relaxed. Time n·m per iteration; memory n·m, or n + m streamed.

    Both masses are first divided by the geometric mean of their totals, because a bᵀ would
    otherwise make the blur depend on the unit of mass; multiply by `unit_mass` to go back.

    Good values: ρ near the squared distance beyond which a pairing makes no sense; ε as for
    Sinkhorn. Becomes balanced transport as ρ → ∞ (an infinite ρ on one side keeps that side
    exact), and moves nothing as ρ → 0. ⟨P, C⟩ alone is no distance: it falls as mass is left
    behind.
    """

    title: ClassVar[str] = "Unbalanced transport"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "L. Chizat, G. Peyré, B. Schmitzer, F.-X. Vialard",
            2018,
            "Scaling algorithms for unbalanced optimal transport problems",
            arxiv="1607.05816",
            venue="Mathematics of Computation",
        ),
        Paper(
            "T. Séjourné, F.-X. Vialard, G. Peyré",
            2022,
            "Faster unbalanced optimal transport: translation invariant Sinkhorn and 1-D "
            "Frank-Wolfe",
            arxiv="2201.00730",
            venue="AISTATS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "torn_clouds",
            "Groups of unlike size",
            torn_clouds,
            {"rho": 0.2},
            "Two groups swap sizes, and a few points lie far out. Groups stay together, and the "
            "outliers stay behind; raise ρ to see groups torn apart and outliers drawn in.",
        ),
        Example(
            "two_peaks",
            "Peaks that grow and shrink",
            two_peaks,
            {"rho": 0.05, "epsilon": 0.002},
            "Each peak moves to its neighbour and changes size on arrival.",
        ),
        Example(
            "waning_disc",
            "A disc becomes a lighter star",
            waning_disc,
            {"rho": 0.5},
            "The star weighs half as much as the disc: balanced transport has to refuse.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"tol": 1e-4},
        "default": {},
        "paper": {"relax": 1.0},
    }

    epsilon: float = param(0.01, "ε", "entropic regularisation: small is sharp", gt=0, log=True)
    rho: float = param(
        1.0, "ρ₁", "price of a deviation from a, and from b where ρ₂ is empty", gt=0, log=True
    )
    rho_target: float | None = param(
        None, "ρ₂", "price of a deviation from b; empty: as ρ₁", gt=0, log=True
    )
    epsilon_mode: Literal["relative_mean", "absolute"] = param(
        "relative_mean",
        "unit",
        "whether ε and ρ are multiples of the mean cost or costs themselves",
    )
    metric: Metric = param(
        "sqeuclidean", "C", "cost of moving unit mass between two points; a cost matrix is itself"
    )
    tol: float = param(
        1e-6, "τ", "stop when f changes by less than τ ε on average", ge=1e-12, le=1e-2, log=True
    )
    max_iter: int = param(10_000, "K", "most iterations at the final ε", ge=1)
    backend: Literal["auto", "kernel", "dense_log", "streamed"] = param(
        "auto",
        "back end",
        "how sums over the plan are computed: stored kernel, log domain with a stored matrix, or "
        "log domain in blocks from the points (memory n + m)",
        expert=True,
    )
    relax: float = param(
        1.97, "ω", "largest over-relaxation; 1 is the plain iteration", ge=1, lt=2, expert=True
    )

    def run(self, problem: Data, ctx: Context) -> UnbalancedPlan:
        """Scale to both relaxed marginals, then go over the plan once."""
        n, m = shape(problem)
        small = self._backend(problem, ctx.device.type) == "kernel" or n * m <= SMALL
        with one_thread(ctx.device.type == "cpu" and small):
            return self._solve(problem, ctx)

    def _solve(self, problem: Data, ctx: Context) -> UnbalancedPlan:
        a, b, unit = _unit_masses(problem, ctx)
        backend = self._backend(problem, ctx.device.type)
        cost, targets = self._ground_cost(problem, backend, ctx)
        seen = facts(cost, torch.zeros_like(b))
        epsilon = seen.absolute(self.epsilon, self.epsilon_mode)
        rhos = self._rhos(seen, a, b)
        base = make_softmin(backend, cost, a, b, ctx.dtype, ctx.device)
        if ctx.dtype == torch.float32 and seen.max > MOST_RATIO_32 * epsilon:
            base.sharpen()
        soft, live = Relaxed(base, *rhos), Live(problem, base)

        def picture(level: float, f: Tensor, g: Tensor) -> None:
            ctx.show(live.plan, level, f, g)

        state, course = Scaling(seen.f, seen.g, epsilon), self._course(epsilon, seen.mean)
        scale(soft, state, course, ctx, picture)
        found = summarise_unless_stopped(base, state, targets, ctx)
        blurred = found is not None and max(_errors(found, soft, state, rhos)) > self.tol
        if blurred and state.status is Status.converged and soft.sharpen():
            # The rounding of a float32 matrix was larger than the tolerance.
            scale(soft, state, replace(course, levels=(epsilon,), first=(1.0,)), ctx, picture)
            found = summarise_unless_stopped(base, state, targets, ctx)
        return _as_result(soft, state, found, seen, rhos, unit, backend, ctx)

    def figures(self, problem: Data, result: UnbalancedPlan) -> tuple[Figure, ...]:
        """Which mass takes part, its displacement, the plan, potentials and convergence."""
        drawn = (figures.convergence(result, self.tol),)
        if result.row_sums is None or result.col_sums is None:
            return drawn
        sent, received = result.row_mass_ratio, result.col_mass_ratio
        assert sent is not None
        assert received is not None
        title = figures.titled("Part of the mass that is moved", result)
        first = ratios.ratios(problem, sent, received, title)
        if isinstance(problem, CostMatrix):
            return (first, *figures.plan(problem, result), *drawn)
        return (
            first,
            *figures.displacement(problem, ratios.moved(problem, result)),
            *figures.plan(problem, result),
            figures.potentials(problem, result),
            *drawn,
        )

    def peers(self, problem: Data, result: UnbalancedPlan) -> tuple[Peer, ...]:
        """POT's translation invariant iteration."""
        return entropic.unbalanced(self, problem)

    def cost(self, problem: Data) -> Cost:
        """One matrix and the result; a few hundred iterations of two sweeps."""
        n, m = shape(problem)
        plan = 8 * n * m if n * m <= DENSE_ENTRIES else 16 * LARGEST * n
        output = plan + 200 * (n + m) + 1_000_000
        backend = self._backend(problem, "cpu")
        if backend == "grid":
            return Cost(2 * output, output, 400 * 8.0 * n**1.5)
        each, stored = (2.0, 8 * n * m) if backend == "kernel" else (45.0, 0)
        return Cost(2 * output + stored, output, 400 * each * n * m)

    def _ground_cost(
        self, problem: Data, backend: Backend, ctx: Context
    ) -> tuple[GroundCost, Tensor]:
        """The cost, and the places of the targets (their numbers where only costs are known)."""
        home = _home(ctx)
        if isinstance(problem, CostMatrix):
            matrix = torch.as_tensor(problem.cost.astype(np.float64), device=home)
            targets = torch.arange(matrix.shape[1], dtype=matrix.dtype, device=home)
            return given_cost(matrix, ctx.check), targets[:, None]
        x, y = (torch.as_tensor(places, device=home) for places in points(problem))
        if backend == "grid" and isinstance(problem, Histograms):
            axes = tuple(torch.as_tensor(axis, device=home) for axis in problem.axes())
            return GridCost(axes, ctx.check), y
        return point_cost(x, y, self.metric, ctx.check), y

    def _backend(self, problem: Data, device: str) -> Backend:
        """The back end asked for, or the fastest that fits."""
        if self.backend != "auto":
            return self.backend
        picture = isinstance(problem, Histograms) and problem.source.ndim == 2
        if picture and self.metric == "sqeuclidean":
            return "grid"
        n, m = shape(problem)
        if n * m > MOST_STORED and not isinstance(problem, CostMatrix):
            return "streamed"
        return "kernel" if device == "cpu" else "dense_log"

    def _rhos(self, seen: Facts, a: Tensor, b: Tensor) -> tuple[float, float]:
        """Both prices in units of the cost; totals that differ need one of them finite."""
        unit = seen.mean if self.epsilon_mode == "relative_mean" else 1.0
        here = self.rho * unit
        there = here if self.rho_target is None else self.rho_target * unit
        left, right = float(a.sum()), float(b.sum())
        if math.isinf(min(here, there)) and abs(left - right) > SAME_TOTAL * max(left, right):
            raise BadProblem(
                f"the source weighs {left / right:g} times as much as the target, and both rho "
                "are infinite; one of them must be finite where totals differ; lower rho"
            )
        return here, there

    def _course(self, epsilon: float, mean: float) -> Course:
        levels, level = [], FIRST_LEVEL * mean
        while epsilon < NO_ANNEALING * mean and level > epsilon:
            levels.append(level)
            level *= BETWEEN_LEVELS
        levels.append(epsilon)
        first = [1.0] * len(levels)
        return Course(levels, first, PER_LEVEL, self.tol, self.max_iter, self.relax)


def _home(ctx: Context) -> torch.device:
    """Where float64 lives: Apple's devices have none."""
    return torch.device("cpu") if ctx.device.type == "mps" else ctx.device


def _unit_masses(problem: Data, ctx: Context) -> tuple[Tensor, Tensor, float]:
    """Both masses over the geometric mean of their totals, and that mean."""
    a, b = given_masses(problem)
    unit = math.sqrt(float(a.sum()) * float(b.sum()))
    left, right = (torch.as_tensor(w / unit, device=_home(ctx)) for w in (a, b))
    return left, right, unit


def _errors(
    found: Summary, soft: Relaxed, state: Scaling, rhos: tuple[float, float]
) -> tuple[float, float]:
    """How far the marginals are from those that the prices ask for."""
    f, g = soft.balanced(state.f, state.g)
    rows = soft.a * (-f / rhos[0]).exp() - found.row_sums
    cols = soft.b * (-g / rhos[1]).exp() - found.col_sums
    return float(rows.abs().sum()), float(cols.abs().sum())


def _divergence(sums: Tensor, weights: Tensor, log_weights: Tensor, rho: float) -> float:
    """ρ KL(sums | weights); 0 where ρ is infinite, for then they are equal."""
    if math.isinf(rho):
        return 0.0
    return rho * float((torch.xlogy(sums, sums) - sums * log_weights - sums + weights).sum())


def _as_result(
    soft: Relaxed,
    state: Scaling,
    found: Summary | None,
    seen: Facts,
    rhos: tuple[float, float],
    unit: float,
    backend: Backend,
    ctx: Context,
) -> UnbalancedPlan:
    """The result of a run: potentials, history, and the sums over the plan where there are any."""
    dual = soft.dual(state.epsilon, state.f, state.g)
    history = state.history or [Look(0, ctx.seconds, math.nan, dual, state.epsilon)]
    iteration, seconds, errors, duals, epsilons = (np.array(column) for column in zip(*history))
    note = f"back end {backend}; masses in units of {unit:g}, the geometric mean of both totals"
    known: dict[str, Any] = {}
    if found is None:
        note += "; stopped before the plan was gone over: map, cost and masses are missing"
    else:
        known = _sums(soft, state, found, rhos, ctx)
    f, g = soft.balanced(state.f, state.g)
    return UnbalancedPlan(
        f=f.cpu().numpy(),
        g=g.cpu().numpy(),
        a=soft.a.cpu().numpy(),
        b=soft.b.cpu().numpy(),
        iteration=iteration,
        seconds=seconds,
        errors=errors,
        dual=duals,
        epsilons=epsilons,
        epsilon=state.epsilon,
        rho_source=rhos[0],
        rho_target=rhos[1],
        unit_mass=unit,
        c_mean=seen.mean,
        c_max=seen.max,
        iterations=state.iterations,
        status=state.status,
        note=note,
        **known,
    )


def _sums(
    soft: Relaxed,
    state: Scaling,
    found: Summary,
    rhos: tuple[float, float],
    ctx: Context,
) -> dict[str, Any]:
    """What the plan says of masses and costs."""
    rows, cols, mass = found.row_sums, found.col_sums, float(found.row_sums.sum())
    product = float(soft.a.sum() * soft.b.sum())
    cross = float(rows @ soft.log_a + cols @ soft.log_b)
    value = found.cost + state.epsilon * (product - mass - found.entropy - cross)
    value += _divergence(rows, soft.a, soft.log_a, rhos[0])
    value += _divergence(cols, soft.b, soft.log_b, rhos[1])
    errors = _errors(found, soft, state, rhos)
    return {
        "plan": found.plan,
        "plan_cols": found.cols,
        "plan_values": found.values,
        "map": found.map.to(ctx.dtype),
        "row_sums": rows,
        "col_sums": cols,
        "row_mass_ratio": torch.where(soft.a > 0, rows / soft.a, math.nan),
        "col_mass_ratio": torch.where(soft.b > 0, cols / soft.b, math.nan),
        "mass": mass,
        "cost": found.cost,
        "reg_cost": value,
        "duality_gap": value - soft.dual(state.epsilon, state.f, state.g),
        "entropy": found.entropy,
        "eff_support": mass * math.exp(found.entropy / mass) if mass else 0.0,
        "marginal_error": max(errors),
        "marginal_error_rows": errors[0],
        "marginal_error_cols": errors[1],
    }
