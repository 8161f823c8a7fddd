"""Transport in which every target is fed by at most k sources."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import sparse_figures, support
from engines.transport.cost import Metric, one_thread
from engines.transport.peers import linear
from engines.transport.problem import Data, PointClouds, shape
from engines.transport.sparse_dual import Climb, Dual, SemiDual, ascend, lbfgs
from engines.transport.support import Reduced

# What the final plan may miss of the marginals; from FAILED on the vertex is taken in its place.
EXACT, FAILED = 1e-13, 1e-9

# Iterations of L-BFGS for each point of the curve over k.
CURVE_ITER = 500


@dataclass(frozen=True, kw_only=True)
class SparsePlan(Result):
    """A plan by its pairs, beside the one that attains the dual value."""

    plan_rows: np.ndarray = array("pair", "sources of the pairs with mass")
    plan_cols: np.ndarray = array("pair", "targets of the pairs with mass")
    plan_values: np.ndarray = array("pair", "mass moved", "mass")
    raw_rows: np.ndarray = array("raw", "sources of the pairs in the plan of the dual")
    raw_cols: np.ndarray = array("raw", "targets of the pairs in the plan of the dual")
    raw_values: np.ndarray = array("raw", "mass moved in the plan of the dual", "mass")
    a: np.ndarray = array("source", "mass at the source, total 1", "mass")
    b: np.ndarray = array("target", "mass at the target, total 1", "mass")
    f: np.ndarray = array("source", "dual potential of the source; NaN without mass", "cost")
    g: np.ndarray = array("target", "dual potential of the target; NaN without mass", "cost")
    nnz_per_target: np.ndarray = array("target", "sources that feed each target")
    iteration: np.ndarray = array("check", "iterations done when the dual was read")
    seconds: np.ndarray = array("check", "time computed until then", "s")
    duals: np.ndarray = array("check", "value of the dual at that time", "cost")
    residuals: np.ndarray = array("check", "L1 error of the marginals of its plan", "mass")
    curve_k: np.ndarray | None = array("limit", "other limits k", optional=True)
    curve_dual: np.ndarray | None = array("limit", "dual value there", "cost", optional=True)
    curve_primal: np.ndarray | None = array(
        "limit", "value of a repaired plan there", "cost", optional=True
    )
    cost: float = metric("transport cost ⟨P, C⟩", "cost")
    primal_value: float = metric("value ⟨P, C⟩ + γ/2 |P|² of the plan", "cost")
    dual_value: float = metric("value of the dual: no plan has less", "cost")
    gap: float = metric(
        "(value of the plan - value of the dual)/|value of the dual|", better="lower"
    )
    lp_cost: float = metric("cost of the best plan without limit and without γ", "cost")
    marginal_error: float = metric(
        "larger of the L1 errors of both marginals", "mass", better="lower"
    )
    raw_error: float = metric("the same for the plan of the dual", "mass", better="lower")
    gamma: float = metric("strength of the square", "cost")
    c_max: float = metric("largest cost of all pairs", "cost")
    k: int = scalar(0, "largest number of sources allowed for a target")
    max_nnz: int = scalar(0, "largest number of sources that feed a target")
    crowded: int = scalar(0, "targets for which k sources were not enough")
    repaired: bool = scalar(False, "whether the plan was repaired")


def cloud_pair(n: int = 32, seed: int = 0) -> PointClouds:
    """N(0, I) and its copy shifted by (1, 1), n points of each."""
    rng = np.random.default_rng(seed)
    return PointClouds(x=rng.standard_normal((n, 2)), y=rng.standard_normal((n, 2)) + 1)


def experts(n: int = 256, seed: int = 0) -> PointClouds:
    """n tokens of 16 numbers in 8 groups of unequal size, and an expert at the heart of each."""
    rng = np.random.default_rng(seed)
    hearts = rng.standard_normal((8, 16))
    groups = rng.choice(8, n, p=rng.dirichlet(np.full(8, 2.0)))
    return PointClouds(x=hearts[groups] + 0.8 * rng.standard_normal((n, 16)), y=hearts)


class SparsityConstrainedOT(Method):
    """Transport in which every target is fed by at most k sources, and both marginals are exact.

    minimise  ⟨P, C⟩ + γ/2 |P|²   subject to  P 1 = a,  Pᵀ 1 = b,  P ≥ 0,  |p_j|₀ ≤ k

        D(f) = ⟨a, f⟩ - Σ_j max { ⟨f - c_j, p⟩ - γ/2 |p|² : p ≥ 0, Σ p = b_j, |p|₀ ≤ k }

    Shows the plan go from a matching (k = 1) to the plan of quadratic regularisation (k large),
    for experts, bins or sensors that can serve a few sources only. The maximum for each target is
    a projection on the simplex of its k largest scores. L-BFGS climbs D; where k binds the top is
    a kink, a plan of the dual then misses the sources by some per cent, and an averaged ascent
    says which pairs matter. On the k best pairs of each target, exchanged until they can carry all
    of the mass, the best plan is computed to rounding: its value and that of D bound the optimum.

    Time n·m and the k largest of each column per iteration, some thousand of them where k binds;
    memory a few matrices n × m, always float64. Good values: γ from 0.1 to 100 largest costs,
    k from 2. For k = 1 the optimum of D is that of the linear programme plus γ/2 Σ b_j²; for
    γ → 0 it is that of the linear programme.
    Pitfalls: the problem is not convex, and the repaired plan need not be the best one; the gap
    says how far it can be from it. With weights of all sizes a plan needs n + m - 1 pairs, so that
    small k may be impossible: the targets for which it is are counted.
    """

    title: ClassVar[str] = "Sparsity-constrained transport"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "T. Liu, J. Puigcerver, M. Blondel",
            2023,
            "Sparsity-constrained optimal transport",
            arxiv="2209.15466",
            venue="ICLR",
        ),
        Paper(
            "M. Blondel, V. Seguy, A. Rolet",
            2018,
            "Smooth and sparse optimal transport",
            arxiv="1710.06276",
            venue="AISTATS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "cloud_pair",
            "Two small clouds",
            cloud_pair,
            story="Four sources at most for each of 32 targets; seven would be best.",
        ),
        Example(
            "experts",
            "Tokens to experts",
            experts,
            {"k": 40, "gamma": 100.0},
            "Eight experts with equal shares of 256 tokens, each from 40 tokens at most.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"average_iter": 1000, "curve": False},
        "default": {},
        # L-BFGS on the semi-dual, and its plan as it is.
        "paper": {"solver": "lbfgs", "polish": "none"},
    }

    k: int = param(4, "k", "most sources for each target", ge=1)
    gamma: float = param(1.0, "γ", "strength of γ/2 |P|²", unit="largest cost", gt=0, log=True)
    metric: Metric = param("sqeuclidean", "C", "cost of moving unit mass between two points")
    polish: Literal["support_qp", "support_lp", "none"] = param(
        "support_qp",
        "repair",
        "exact marginals on k pairs per target: the best plan, the cheapest one, or no repair",
    )
    gtol: float = param(
        1e-6, "τ", "stop when the L1 error of the marginals is below", ge=1e-10, le=1e-2, log=True
    )
    max_iter: int = param(2000, "K", "most iterations of L-BFGS", ge=1)
    solver: Literal["lbfgs+average", "lbfgs", "ascent"] = param(
        "lbfgs+average",
        "solver",
        "L-BFGS, followed by the averaged ascent where it ends at a kink; or one of them alone",
        expert=True,
    )
    average_iter: int = param(12_000, "N", "iterations of the averaged ascent", ge=10, expert=True)
    formulation: Literal["semi_dual", "dual"] = param(
        "semi_dual", "D", "climb in f alone, the targets being exact, or in f and g", expert=True
    )
    curve: bool = param(True, "", "also bound the value for other limits k")

    def run(self, problem: Data, ctx: Context) -> SparsePlan:
        """Climb the dual, choose the pairs, find the plan on them, then look at other limits."""
        with one_thread(ctx.device.type == "cpu"):
            return self._solve(problem, ctx)

    def _solve(self, problem: Data, ctx: Context) -> SparsePlan:
        if ctx.dtype == torch.float32:
            ctx.warn("potentials and plan are computed in float64; float32 is too coarse for them")
        reduced = Reduced.of(problem, self.metric, ctx)
        self._refuse(reduced)
        kind = SemiDual if self.formulation == "semi_dual" else Dual
        most = min(self.k, len(reduced.a))
        function = kind(reduced.cost, reduced.a, reduced.b, self.gamma, most)
        climb = Climb.begin(function, ctx, _show)
        crowded, plan, status = 0, None, Status.stopped
        with suppress(Cancelled):
            mean = self._climb(climb, ctx)
            if self.polish != "none" and not ctx.stopped:
                crowded, plan = self._repair(climb, mean, ctx)
            if not ctx.stopped:
                met = plan is not None or climb.best.residual < self.gtol
                status = Status.converged if met and not crowded else Status.limit_reached
        curve = self._curve(climb, ctx) if self.curve and status is not Status.stopped else None
        return self._result(reduced, climb, crowded, plan, curve, status)

    def _refuse(self, reduced: Reduced) -> None:
        """Raise BadProblem where no plan can have so few pairs."""
        (m, n), total = reduced.cost.shape, len(reduced.mass[0])
        if self.k > total:
            raise BadProblem(
                f"k is {self.k}; it must be at most {total}, the number of sources; lower k"
            )
        if self.k * m < n:
            raise BadProblem(
                f"k is {self.k}; with {m} targets it cannot serve {n} sources; it must be at least "
                f"{-(-n // m)}; raise k"
            )

    def _climb(self, climb: Climb, ctx: Context) -> Tensor:
        """Go up the dual, and return the plan there, or the mean of plans at a kink."""
        if self.solver != "ascent":
            with ctx.phase("L-BFGS"):
                lbfgs(climb, self.gtol, self.max_iter)
        if self.solver == "lbfgs" or climb.best.residual < self.gtol:
            return climb.best.plan(climb.function.cost)
        ctx.check()
        with ctx.phase("averaged ascent"):
            return ascend(climb, self.average_iter)

    def _repair(self, climb: Climb, mean: Tensor, ctx: Context) -> tuple[int, Tensor]:
        """A plan on few pairs that meets both marginals, and its targets with more than k sources.

        Both the mean plan and that of the best potentials say which pairs matter, and either may
        lead to the better plan.
        """
        f, g = climb.function.potentials(climb.best.z)
        semi = _semi(climb.function, climb.function.k)
        reduced = semi.cost - f - g[:, None]
        found: list[tuple[int, float, Tensor]] = []
        for hint in (mean, climb.best.plan(semi.cost)):
            chosen = support.choose(hint, reduced, semi, ctx)
            plan = chosen.flow
            if self.polish == "support_qp":
                best = support.quadratic(chosen, semi, f, EXACT, ctx)
                plan = best.plan(plan) if best.residual < FAILED else plan
            found.append((support.crowded(plan, semi.k), _value(plan, semi), plan))
        crowded, _, plan = min(found, key=lambda one: one[:2])
        if crowded:
            ctx.warn(
                f"{crowded} targets need more than {self.k} sources to serve all of them exactly; "
                "raise k, or take equal weights"
            )
        return crowded, plan

    def _curve(self, climb: Climb, ctx: Context) -> tuple[list[tuple[float, ...]], float] | None:
        """(k, value of the dual, value of a repaired plan) for some k; cost without any limit."""
        m, n = climb.function.cost.shape
        limits = sorted({n, climb.function.k, *(2**i for i in range(n.bit_length()) if 2**i < n)})
        limits = [k for k in limits if k * m >= n][::-1]
        z, _ = climb.function.potentials(climb.best.z)
        found: list[tuple[float, ...]] = []
        try:
            with ctx.phase("other limits"):
                for i in ctx.steps(len(limits)):
                    semi = _semi(climb.function, limits[i])
                    way = Climb(semi, ctx.quiet(), semi(z), lambda _: None)
                    lbfgs(way, self.gtol, CURVE_ITER)
                    z = way.best.z
                    f, g = semi.potentials(z)
                    reduced = semi.cost - f - g[:, None]
                    chosen = support.choose(way.best.plan(semi.cost), reduced, semi, ctx)
                    best = support.quadratic(chosen, semi, f, EXACT, ctx)
                    fits = not chosen.crowded and best.residual < FAILED
                    value = _value(best.plan(semi.cost), semi) if fits else math.nan
                    found.append((limits[i], way.best.value, value))
            exact = support.linear(semi.cost, semi.a, semi.b, ctx)
        except Cancelled:
            return None
        return None if ctx.stopped else (found[::-1], float((exact * semi.cost).sum()))

    def _result(
        self,
        reduced: Reduced,
        climb: Climb,
        crowded: int,
        plan: Tensor | None,
        curve: tuple[list[tuple[float, ...]], float] | None,
        status: Status,
    ) -> SparsePlan:
        """The pairs of both plans with their values, in units of the given cost."""
        best, scale = climb.best, reduced.scale
        final = best.plan(reduced.cost) if plan is None else plan
        shown, raw = reduced.pairs(final), reduced.pairs(best.plan(reduced.cost))
        value = scale * _value(final, _semi(climb.function, climb.function.k))
        a, b = reduced.mass
        known: dict[str, Any] = _account(climb, reduced)
        known |= dict(zip(("plan_rows", "plan_cols", "plan_values"), shown))
        known |= dict(zip(("raw_rows", "raw_cols", "raw_values"), raw))
        if curve is not None:
            k, dual, primal = (np.array(column) for column in zip(*curve[0]))
            if plan is not None and not crowded:
                primal = np.where(k == climb.function.k, value / scale, primal)
            known |= {"curve_k": k, "curve_dual": scale * dual, "curve_primal": scale * primal}
            known["lp_cost"] = scale * curve[1]
        bound = known["dual_value"]
        note = "" if plan is not None else "the plan of the dual, not repaired"
        if crowded:
            note = f"{crowded} targets have more than {self.k} sources; raise k"
        counts = np.bincount(shown[1], minlength=len(b))
        return SparsePlan(
            **known,
            a=a,
            b=b,
            nnz_per_target=counts,
            cost=scale * float((final * reduced.cost).sum()),
            primal_value=value,
            # A plan that breaks the limit bounds nothing.
            gap=math.nan if plan is None or crowded else (value - bound) / (abs(bound) or math.nan),
            marginal_error=_error(shown, a, b),
            raw_error=_error(raw, a, b),
            gamma=scale * self.gamma,
            c_max=scale,
            k=self.k,
            max_nnz=int(counts.max()),
            crowded=crowded,
            repaired=plan is not None,
            status=status,
            note=note,
        )

    def figures(self, problem: Data, result: SparsePlan) -> tuple[Figure, ...]:
        """The plan before and after its repair, the mass on its way, counts, bounds, the climb."""
        return (
            sparse_figures.plan(problem, result),
            sparse_figures.ways(problem, result),
            sparse_figures.cardinality(result),
            *sparse_figures.price(result),
            sparse_figures.convergence(result, self.gtol),
        )

    def peers(self, problem: Data, result: SparsePlan) -> tuple[Peer, ...]:
        """POT's climb of the same dual."""
        return linear.sparse(self, problem)

    def cost(self, problem: Data) -> Cost:
        """A dozen matrices; at most all iterations, each as long as a small one at least."""
        n, m = shape(problem)
        output = 24 * (min(self.k, n) * m * 2 + n + m) + 10 * self.max_iter + 1_000_000
        steps = self.max_iter + self.average_iter * (self.solver != "lbfgs")
        return Cost(2 * output + 100 * n * m, output, steps * (250_000 + 40.0 * n * m))


def _account(climb: Climb, reduced: Reduced) -> dict[str, Any]:
    """Potentials and values of the climb, by field of the result."""
    if not climb.history:
        climb.note(climb.best)
    iteration, seconds, duals, residuals = (np.array(part) for part in zip(*climb.history))
    f, g = (np.full(len(mass), math.nan) for mass in reduced.mass)
    potentials = climb.function.potentials(climb.best.z)
    f[reduced.rows], g[reduced.cols] = (reduced.scale * p.cpu().numpy() for p in potentials)
    return {
        "f": f,
        "g": g,
        "iteration": iteration,
        "seconds": seconds,
        "duals": reduced.scale * duals,
        "residuals": residuals,
        "dual_value": reduced.scale * climb.best.value,
    }


def _show(climb: Climb) -> None:
    climb.ctx.show(sparse_figures.running, climb)


def _semi(function: SemiDual | Dual, k: int) -> SemiDual:
    return SemiDual(function.cost, function.a, function.b, function.gamma, k)


def _value(plan: Tensor, semi: SemiDual) -> float:
    """⟨P, C⟩ + γ/2 |P|²."""
    return float((plan * semi.cost).sum() + semi.gamma / 2 * (plan * plan).sum())


def _error(pairs: tuple[np.ndarray, np.ndarray, np.ndarray], a: np.ndarray, b: np.ndarray) -> float:
    rows, cols, mass = pairs
    missing = (a - np.bincount(rows, mass, len(a)), b - np.bincount(cols, mass, len(b)))
    return max(float(np.abs(part).sum()) for part in missing)
