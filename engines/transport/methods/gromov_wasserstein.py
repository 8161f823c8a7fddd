"""Matching of two spaces that share no coordinates."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Option, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import gromov_figures as figures
from engines.transport.cost import MOST_RATIO, Metric, one_thread
from engines.transport.figures import UNMET
from engines.transport.gromov import (
    ConditionalGradient,
    Descent,
    Distortion,
    EntropicDescent,
    comparable,
    plane,
    starts,
)
from engines.transport.peers import others
from engines.transport.problem_sets import (
    DistanceMatrices,
    TwoSpaces,
    clusters,
    roll_and_sheet,
    turned_ellipse,
)

# Above this a product of the matrices takes seconds, and a start hundreds of them.
MOST_POINTS = 3000

# Up to this many points threads gain nothing in a product of matrices.
SMALL = 400

# Plans that send at least this share of the mass elsewhere are two answers and not one.
ELSEWHERE = 0.1


class Exact(Option):
    """Conditional gradient: sharp matches from linear programmes"""

    kind: Literal["exact"] = "exact"
    tol: float = param(
        1e-9,
        "τ",
        "stop when a step could lower the value by less",
        unit="value of a bᵀ",
        gt=0,
        lt=1,
        log=True,
    )


class Entropic(Option):
    """Entropic: soft matches from Sinkhorn's iteration"""

    kind: Literal["entropic"] = "entropic"
    epsilon: float = param(
        0.05,
        "ε",
        "regularisation: small is sharp",
        unit="value of a bᵀ",
        gt=0,
        log=True,
    )
    tol: float = param(
        1e-6,
        "τ",
        "stop when the plan changes, and the marginals are missed, by less",
        unit="L1",
        gt=0,
        lt=1,
        log=True,
    )


@dataclass(frozen=True, kw_only=True)
class Matching(Result):
    """Who of the target is like whom of the source, and how well the distances agree."""

    plan: np.ndarray = array("source target", "mass moved", "mass")
    second: np.ndarray | None = array(
        "source target", "the best plan that is clearly another one", "mass", optional=True
    )
    match: np.ndarray = array("source", "target that gets most of each source")
    confidence: np.ndarray = array("source", "share of the source's mass that this target gets")
    c1: np.ndarray = array("source source_too", "distances inside the source, as compared")
    c2: np.ndarray = array("target target_too", "distances inside the target, as compared")
    source_plane: np.ndarray = array("source axis", "source drawn in a plane by its distances")
    target_plane: np.ndarray = array("target axis", "target drawn in a plane by its distances")
    ends: np.ndarray = array("start", "value that was reached from each start")
    values: np.ndarray = array("step", "value on the way, start after start")
    value_start: np.ndarray = array("step", "start that this value belongs to")
    value: float = metric("value of the plan: distortion, and features with their share")
    distortion: float = metric("Σ (C1_ik - C2_jl)² P_ij P_kl", better="lower")
    distance: float = metric("root of the distortion", better="lower")
    feature_cost: float = metric("cost of the matched features")
    second_value: float = metric("value of the other plan")
    mean_confidence: float = metric("mean of the shares of the best matches")
    marginal_error: float = metric(
        "larger of the L1 errors of both marginals", "mass", better="lower"
    )
    epsilon: float = metric("regularisation, in units of the distortion")
    iterations: int = scalar(0, "iterations from all starts")


@dataclass
class Descended:
    """How one descent ended."""

    name: str
    plan: Tensor
    status: Status = Status.limit_reached
    parts: tuple[float, float] = (math.nan, math.nan)
    values: list[float] = field(default_factory=list)

    def take(self, plan: Tensor, distortion: Distortion) -> None:
        """Come to another plan; nothing has changed where this is cancelled."""
        parts = distortion.parts(plan)
        self.plan, self.parts = plan, parts
        self.values.append(distortion.total(parts))

    @property
    def value(self) -> float:
        """The last value."""
        return self.values[-1]


class GromovWasserstein(Method):
    """Match two spaces by comparing distances inside each: no common coordinates are needed.

    minimise over plans P from a to b   α E(P) + (1 - α) ⟨M, P⟩

        E(P) = Σ (C1_ik - C2_jl)² P_ij P_kl = ⟨L(P), P⟩
        L(P) = C1² a 1ᵀ + 1 (C2² b)ᵀ - 2 C1 P C2
        exact:     P ← P + t (Q - P),  Q = exact plan for the gradient 2 α L(P) + (1 - α) M
        entropic:  P ← plan of Sinkhorn for that gradient and ε KL(P | a bᵀ)

    Shows which point plays the part of which in a cloud that was turned, bent, or lives in another
    dimension, or in two graphs. M is an optional cost of features (fused matching).

    Cost n² m + n m² per iteration and one transport problem of n × m, memory of a few matrices;
    up to 3000 points on each side. Everything is computed in float64.

    Good values: exact for sharp matches; ε of 1 % to 10 % where soft ones are wanted. Isometric
    spaces have distortion 0. As ε → ∞ the plan becomes a bᵀ; distances scaled by c have the
    distortion (1 - c)² ⟨C², a aᵀ⟩ when matched by the identity.
    Pitfalls: the problem is not convex, so several starts are compared. A mirror image has the same
    distances: the best plan that is clearly different is reported as well. Distances must be in
    one unit (`rescale` divides by the means), and all plain or all squared.
    """

    title: ClassVar[str] = "Gromov-Wasserstein"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "F. Mémoli",
            2011,
            "Gromov-Wasserstein distances and the metric approach to object matching",
            doi="10.1007/s10208-011-9093-5",
            venue="Foundations of Computational Mathematics",
        ),
        Paper(
            "G. Peyré, M. Cuturi, J. Solomon",
            2016,
            "Gromov-Wasserstein averaging of kernel and distance matrices",
            venue="ICML",
        ),
        Paper(
            "T. Vayer, L. Chapel, R. Flamary, R. Tavenard, N. Courty",
            2019,
            "Optimal transport for structured data with application on graphs",
            arxiv="1805.09114",
            venue="ICML",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "turned_ellipse",
            "An ellipse, turned and shuffled",
            turned_ellipse,
            story="Only distances inside each cloud are known, and every point is found again.",
        ),
        Example(
            "clusters",
            "Clusters in the plane and in space",
            clusters,
            {"solver": {"kind": "entropic"}},
            "Two and three coordinates: the triangle of the clusters tells which is which.",
        ),
        Example(
            "roll_and_sheet",
            "A roll and a sheet",
            roll_and_sheet,
            story="Measured along its surface, a rolled-up sheet is flat.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_starts": 3},
        "default": {},
        # The entropic solver of the second paper, from the product alone.
        "paper": {"solver": {"kind": "entropic"}, "n_starts": 1},
    }

    solver: Exact | Entropic = param(Exact(), "", "sharp or soft matches")
    metric: Metric = param(
        "euclidean", "d", "distance inside each cloud of points; given matrices stay as they are"
    )
    rescale: Literal["none", "mean"] = param(
        "none", "", "divide each matrix by its mean, where the units have nothing in common"
    )
    alpha: float = param(
        0.5, "α", "share of the distances, where features are given as well", ge=0, le=1
    )
    n_starts: int = param(
        5,
        "",
        "plans to start from: the product, four that match the spectra up to a reflection, and "
        "then random ones",
        ge=1,
        le=100,
    )
    max_iter: int = param(1000, "K", "most iterations from each start", ge=1)

    def run(self, problem: TwoSpaces | DistanceMatrices, ctx: Context) -> Matching:
        """Descend from every start and keep the best."""
        with one_thread(ctx.device.type == "cpu" and max(problem.shape) <= SMALL):
            return self._solve(problem, ctx)

    def _solve(self, problem: TwoSpaces | DistanceMatrices, ctx: Context) -> Matching:
        distortion, epsilon = self._distortion(problem, ctx)
        planes = tuple(plane(c.cpu().numpy()) for c in (distortion.c1, distortion.c2))
        pair = planes[0], planes[1]
        found: list[Descended] = []
        with suppress(Cancelled):
            for name, start in islice(starts(distortion, pair, ctx), self.n_starts):
                descent: Descent = (
                    EntropicDescent(distortion, start, epsilon, self.solver.tol, ctx)
                    if isinstance(self.solver, Entropic)
                    else ConditionalGradient(distortion, start, ctx)
                )
                one = Descended(name, start)
                one.take(start, distortion)
                found.append(one)
                with ctx.phase(f"start {len(found)}"):
                    self._descend(descent, found[-1], distortion, problem, pair, ctx)
                ctx.check()
        return _as_result(found, distortion, pair, epsilon, ctx)

    def _descend(
        self,
        descent: Descent,
        found: Descended,
        distortion: Distortion,
        problem: TwoSpaces | DistanceMatrices,
        planes: figures.Planes,
        ctx: Context,
    ) -> None:
        for _ in ctx.steps(self.max_iter):
            rest = descent.step()
            found.take(descent.plan, distortion)
            ctx.log(value=found.value, rest=rest)
            ctx.show(_live_plan, planes, found.plan)
            ctx.show(_live_matching, problem, planes, found.plan)
            if rest < self.solver.tol:
                found.status = Status.converged
                return

    def _distortion(
        self, problem: TwoSpaces | DistanceMatrices, ctx: Context
    ) -> tuple[Distortion, float]:
        """What is minimised, and ε in its unit."""
        n, m = problem.shape
        if max(n, m) > MOST_POINTS:
            raise BadProblem(
                f"the number of points is {max(n, m)}; it must be at most {MOST_POINTS}; "
                "load a sample of the points"
            )
        for name, weights in zip("ab", (problem.a, problem.b)):
            if weights is not None and not weights.all():
                raise BadProblem(
                    f"{name} is 0 at index {int(weights.argmin())}; it must be above 0; "
                    "leave points without mass out"
                )
        home = "cpu" if ctx.device.type == "mps" else ctx.device  # Apple's has no float64
        c1, c2 = comparable(*problem.distances(self.metric), self.rescale == "mean", ctx)
        known = [torch.as_tensor(v, device=home) for v in (c1, c2, *problem.masses())]
        features = None
        if problem.features is not None:
            features = torch.as_tensor(problem.features.astype(np.float64), device=home)
        distortion = Distortion(
            known[0], known[1], known[2], known[3], features, self.alpha, ctx.check
        )
        if not isinstance(self.solver, Entropic):
            return distortion, math.nan
        epsilon = self.solver.epsilon * distortion.unit
        ratio = epsilon / (float(distortion.gradient(distortion.product).abs().max()) or 1.0)
        if ratio < 1 / MOST_RATIO:
            raise BadProblem(
                f"ε is {ratio:.1g} of the largest gradient; it must be at least "
                f"{1 / MOST_RATIO:g}; raise epsilon or use the exact solver"
            )
        return distortion, epsilon

    def figures(
        self, problem: TwoSpaces | DistanceMatrices, result: Matching
    ) -> tuple[Figure, ...]:
        """Colours that are matched, the plan, both distances, and the way down."""
        late = " (not converged)" if result.marginal_error > UNMET else ""
        planes = result.source_plane, result.target_plane
        plans = {"target": result.plan}
        if result.second is not None:
            plans["target, second answer"] = result.second
        names = [f"start {k + 1}" for k in range(len(result.ends))]
        return (
            figures.matching(problem, planes, plans, f"Matched spaces{late}"),
            figures.coupling(planes, result.plan, f"Transport plan{late}"),
            figures.distances(planes, result.plan, result.c1, result.c2, f"Distances{late}"),
            figures.convergence(
                result.values, result.value_start, names, f"Descent from each start{late}"
            ),
        )

    def peers(self, problem: TwoSpaces | DistanceMatrices, result: Matching) -> tuple[Peer, ...]:
        """POT's descent from our plan and from the product."""
        return others.gromov(self, problem, result)

    def cost(self, problem: TwoSpaces | DistanceMatrices) -> Cost:
        """A plan for each start and a few matrices; some ten iterations of each start."""
        n, m = problem.shape
        output = 8 * (n * n + m * m + 2 * n * m + 4 * (n + m)) + 8 * self.n_starts * self.max_iter
        sweeps = 200 * 2.0 * n * m if isinstance(self.solver, Entropic) else 20.0 * (n + m) ** 2.5
        work = 15.0 * self.n_starts * (4.0 * n * m * (n + m) + sweeps)
        return Cost(2 * output + 8 * (self.n_starts + 6) * n * m, output, work)


def _live_plan(planes: figures.Planes, plan: Tensor) -> Figure:
    return figures.coupling(planes, plan.cpu().numpy(), "Transport plan, running")


def _live_matching(
    problem: TwoSpaces | DistanceMatrices, planes: figures.Planes, plan: Tensor
) -> Figure:
    plans = {"target": plan.cpu().numpy()}
    return figures.matching(problem, planes, plans, "Matched spaces, running")


def _as_result(
    found: list[Descended],
    distortion: Distortion,
    planes: figures.Planes,
    epsilon: float,
    ctx: Context,
) -> Matching:
    best = min(found, key=lambda one: one.value)
    others = [one for one in found if _apart(one.plan, best.plan) > ELSEWHERE]
    second = min(others, key=lambda one: one.value, default=None)
    plan, (distances, features) = best.plan, best.parts
    rows = float((plan.sum(1) - distortion.a).abs().sum())
    columns = float((plan.sum(0) - distortion.b).abs().sum())
    top, match = (plan / plan.sum(1, keepdim=True)).max(1)

    def kept(values: Tensor) -> np.ndarray:
        return values.to(ctx.dtype).cpu().numpy()

    return Matching(
        plan=kept(plan),
        second=None if second is None else kept(second.plan),
        match=match.cpu().numpy(),
        confidence=kept(top),
        c1=kept(distortion.c1),
        c2=kept(distortion.c2),
        source_plane=planes[0],
        target_plane=planes[1],
        ends=np.array([one.value for one in found]),
        values=np.concatenate([one.values for one in found]),
        value_start=np.repeat(np.arange(len(found)), [len(one.values) for one in found]),
        value=best.value,
        distortion=distances,
        distance=math.sqrt(distances),
        feature_cost=features if distortion.fused else math.nan,
        second_value=math.nan if second is None else second.value,
        mean_confidence=float(top.mean()),
        marginal_error=max(rows, columns),
        epsilon=epsilon,
        iterations=sum(len(one.values) - 1 for one in found),
        status=Status.stopped if ctx.stopped else best.status,
        note=f"the best start was the {best.name} one",
    )


def _apart(one: Tensor, other: Tensor) -> float:
    """Share of the mass that two plans send differently."""
    return float((one - other).abs().sum()) / 2
