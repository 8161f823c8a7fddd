"""Entropic optimal transport."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Status
from engines.transport import figures
from engines.transport.cost import Cost as GroundCost
from engines.transport.cost import (
    GridCost,
    Metric,
    facts,
    given_cost,
    one_thread,
    point_cost,
)
from engines.transport.gaussian import GaussianPair, gaussian_pair
from engines.transport.live import Live
from engines.transport.peers import entropic
from engines.transport.problem import (
    CostMatrix,
    Data,
    Histograms,
    PointClouds,
    TransportPlan,
    assignment,
    disc_and_star,
    gauss_pair,
    gaussians_1d,
    masses,
    points,
    shape,
    two_moons,
)
from engines.transport.scaling import Course, Scaling, best_omega, scale
from engines.transport.softmin import Backend, make_softmin
from engines.transport.summary import (
    DENSE_ENTRIES,
    LARGEST,
    as_result,
    summarise_unless_stopped,
)
from engines.transport.tuning import (
    MOST_DIMENSIONS,
    MOST_FIRST,
    MOST_RATIO_32,
    MOST_STORED,
    NO_ANNEALING,
    SMALL,
)


class Sinkhorn(Method):
    """Entropic optimal transport by alternating updates of two dual potentials.

    minimise  ⟨P, C⟩ + ε KL(P | a bᵀ)   subject to  P 1 = a,  Pᵀ 1 = b

        P_ij = a_i b_j exp((f_i + g_j - C_ij)/ε)
        f_i ← -ε log Σ_j b_j exp((g_j - C_ij)/ε)     and the same for g

    Shows where the mass goes, what that costs, and how the plan blurs as ε grows. The potentials
    start from those of the Gaussians with the same moments, ε is annealed where it is small, and
    the updates are over-relaxed, first by the rate of those Gaussians and then by the measured
    one. Time n·m per iteration; memory n·m, or n + m streamed. On a CPU the matrix is float32
    while that is enough, the potentials are always float64, and the error reported is that of the
    plan in float64.

    Good values: ε between 0.5 % and 10 % of the mean cost; below 0.1 % the exact solver is faster.
    Becomes exact transport as ε → 0 and the product a bᵀ as ε → ∞. The map draws the cloud
    together: its variance falls by about ε/2 along each axis. ⟨P, C⟩ of a plan that is not
    converged can lie below the true cost.
    """

    title: ClassVar[str] = "Sinkhorn"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "M. Cuturi",
            2013,
            "Sinkhorn distances: lightspeed computation of optimal transport",
            arxiv="1306.0895",
            venue="NeurIPS",
        ),
        Paper(
            "B. Schmitzer",
            2019,
            "Stabilized sparse scaling algorithms for entropy regularized transport problems",
            arxiv="1610.06519",
            venue="SIAM Journal on Scientific Computing",
        ),
        Paper(
            "T. Lehmann, M.-K. von Renesse, A. Sambale, A. Uschmajew",
            2022,
            "A note on overrelaxation in the Sinkhorn algorithm",
            arxiv="2012.12562",
            venue="Optimization Letters",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "two_moons",
            "Two moons",
            two_moons,
            story="One half circle moves onto another; lower ε to see the blur go.",
        ),
        Example(
            "gauss_pair",
            "Two Gaussian clouds",
            gauss_pair,
            story="A thousand points shrink and shift; the exact squared distance is 5.346.",
        ),
        Example(
            "gaussians_1d",
            "Two Gaussians on a line",
            gaussians_1d,
            {"epsilon": 0.5, "epsilon_mode": "absolute"},
            "The value is known in closed form: 4.704377 at ε = 0.5.",
            {"reg_cost": Expect(4.704377, 1e-5, "closed form for Gaussians, Janati et al. 2020")},
        ),
        Example(
            "disc_and_star",
            "A disc becomes a star",
            disc_and_star,
            {"epsilon": 0.005},
            "Two pictures as densities; the movie shows the mass on its way.",
        ),
        Example(
            "assignment",
            "60 people, 60 tasks",
            assignment,
            {"epsilon": 0.002},
            "Only the costs are known; a small ε nearly gives each person one task.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"epsilon": 0.05, "tol": 1e-4},
        "default": {},
        # λ = 9 on costs in units of their median, plain iteration.
        "paper": {"epsilon": 0.11, "anneal": 1.0, "relax": 1.0},
    }

    epsilon: float = param(0.01, "ε", "entropic regularisation: small is sharp", gt=0, log=True)
    epsilon_mode: Literal["relative_mean", "absolute"] = param(
        "relative_mean", "unit of ε", "whether ε is a multiple of the mean cost or a cost itself"
    )
    metric: Metric = param(
        "sqeuclidean", "C", "cost of moving unit mass between two points; a cost matrix is itself"
    )
    tol: float = param(
        1e-6, "τ", "stop when the L1 error of both marginals is below", ge=1e-12, le=1e-2, log=True
    )
    max_iter: int = param(10_000, "K", "most iterations at the final ε", ge=1)
    backend: Literal["auto", "kernel", "dense_log", "streamed", "grid"] = param(
        "auto",
        "back end",
        "how sums over the plan are computed: stored kernel, log domain with a stored matrix, "
        "log domain in blocks from the points (memory n + m), or axis by axis on a grid",
        expert=True,
    )
    relax: float = param(
        1.97, "ω", "largest over-relaxation; 1 is the plain iteration", ge=1, lt=2, expert=True
    )
    anneal: float = param(
        0.5, "q", "factor between two levels of ε; 1 starts at the final ε", gt=0, le=1, expert=True
    )
    anneal_start: float = param(
        0.05,
        "ε₀",
        "first level of ε, used where ε is below 1 %",
        unit="mean cost",
        gt=0,
        expert=True,
    )
    iters_per_level: int = param(
        40, "k", "iterations at each level before the last", ge=1, expert=True
    )

    def run(self, problem: Data, ctx: Context) -> TransportPlan:
        """Scale to both marginals, then go over the plan once."""
        n, m = shape(problem)
        backend = self._backend(problem, ctx.device.type)
        small = backend == "kernel" or n * m <= SMALL
        with one_thread(ctx.device.type == "cpu" and small):
            return self._solve(problem, backend, ctx)

    def _solve(self, problem: Data, backend: Backend, ctx: Context) -> TransportPlan:
        a, b = _tensors(masses(problem), ctx)
        x, y = _tensors(_places(problem), ctx)
        cost = self._ground_cost(problem, backend, x, y, ctx)
        pair = None
        known = not isinstance(problem, CostMatrix) and x.shape[1] <= MOST_DIMENSIONS
        if self.metric == "sqeuclidean" and known:
            pair = gaussian_pair(x, y, a, b)
        seen = facts(cost, pair.potential(y) if pair else torch.zeros_like(b))
        epsilon = seen.absolute(self.epsilon, self.epsilon_mode)
        soft = make_softmin(backend, cost, a, b, ctx.dtype, ctx.device)
        if ctx.dtype == torch.float32 and seen.max > MOST_RATIO_32 * epsilon:
            soft.sharpen()
        live = Live(problem, soft)

        def picture(level: float, f: Tensor, g: Tensor) -> None:
            ctx.show(live.plan, level, f, g)
            if isinstance(problem, PointClouds):
                ctx.show(live.arrows, level, f, g)

        state, course = Scaling(seen.f, seen.g, epsilon), self._course(epsilon, seen.mean, pair)
        again = replace(course, levels=(epsilon,), first=(1.0,))
        for turn in range(int(ctx.kept["turn"]) if ctx.kept else 0, 2):
            scale(soft, state, again if turn else course, ctx, picture, turn)
            found = summarise_unless_stopped(soft, state, y, ctx)
            if not found or state.status is not Status.converged:
                break
            if max(found.errors(soft)) <= self.tol:
                break
            # The rounding of a float32 matrix is larger than the tolerance.
            soft.sharpen()
        if ctx.dtype == torch.float32 and soft.precision != torch.float32 and backend != "grid":
            ctx.warn("the iteration ended in float64: float32 does not resolve this ε, tol or data")
        note = f"back end {backend}, matrix in {str(soft.precision).removeprefix('torch.')}"
        result = as_result(soft, state, found, seen, note, ctx)
        # Without places there is no mean place.
        return replace(result, map=None) if isinstance(problem, CostMatrix) else result

    def figures(self, problem: Data, result: TransportPlan) -> tuple[Figure, ...]:
        """Plan, displacement, potentials and convergence."""
        drawn = figures.plan(problem, result)
        if not isinstance(problem, CostMatrix):
            drawn += figures.displacement(problem, result)
            drawn += (figures.potentials(problem, result),)
        return (*drawn, figures.convergence(result, self.tol))

    def peers(self, problem: Data, result: TransportPlan) -> tuple[Peer, ...]:
        """POT's iteration to the same tolerance."""
        return entropic.sinkhorn(self, problem, result)

    def cost(self, problem: Data) -> Cost:
        """One matrix and the result; a few hundred iterations of two sweeps."""
        (n, m), dim = shape(problem), _dimension(problem)
        backend = self._backend(problem, "cpu")
        plan = 8 * n * m if n * m <= DENSE_ENTRIES else 16 * LARGEST * n
        output = plan + 8 * (6 + dim) * (n + m) + 1_000_000
        matrix = 8 * n * m if backend in ("kernel", "dense_log") else 64 * (n + m)
        # Operations per entry: a product, or an exponential, which is some thirty of them; of the
        # grid those of a product of matrices, which are fast.
        each = {"kernel": 2.0, "dense_log": 40.0, "streamed": 40.0 + 2 * dim}.get(backend, 0.0)
        sweep = each * n * m if each else 4 * n * n ** (1 / dim) * dim
        return Cost(2 * output + matrix, output, 400 * sweep)

    def _ground_cost(
        self,
        problem: Data,
        backend: Backend,
        x: Tensor,
        y: Tensor,
        ctx: Context,
    ) -> GroundCost:
        if isinstance(problem, CostMatrix):
            (matrix,) = _tensors((problem.cost.astype(np.float64),), ctx)
            return given_cost(matrix, ctx.check)
        if backend != "grid" or isinstance(problem, PointClouds):
            return point_cost(x, y, self.metric, ctx.check)
        axes = tuple(torch.as_tensor(axis, device=x.device) for axis in problem.axes())
        return GridCost(axes, ctx.check)

    def _backend(self, problem: Data, device: str) -> Backend:
        """The back end asked for, or the fastest that fits."""
        grid = isinstance(problem, Histograms) and self.metric == "sqeuclidean"
        if self.backend == "grid" and not grid:
            raise BadProblem(
                "backend is grid; it must have densities on a grid and the squared Euclidean "
                "metric; choose auto"
            )
        if self.backend != "auto":
            return self.backend
        if isinstance(problem, Histograms) and grid and problem.source.ndim == 2:
            return "grid"
        n, m = shape(problem)
        if device == "cpu":
            stored = n * m <= MOST_STORED or isinstance(problem, CostMatrix)
            return "kernel" if stored else "streamed"
        return "dense_log" if 8 * n * m <= _free_memory(device) // 2 else "streamed"

    def _course(self, epsilon: float, mean: float, pair: GaussianPair | None) -> Course:
        levels, level = [], self.anneal_start * mean
        if self.anneal < 1 and epsilon < NO_ANNEALING * mean:
            while level > epsilon:
                levels.append(level)
                level *= self.anneal
        levels.append(epsilon)
        most = min(self.relax, MOST_FIRST)
        first = [min(most, best_omega(pair.rate(level))) if pair else 1.0 for level in levels]
        return Course(levels, first, self.iters_per_level, self.tol, self.max_iter, self.relax)


def _tensors(arrays: tuple[np.ndarray, ...], ctx: Context) -> tuple[Tensor, ...]:
    """Arrays in float64; where the device has none (Apple's), on the CPU."""
    home = "cpu" if ctx.device.type == "mps" else ctx.device
    return tuple(torch.as_tensor(array, device=home) for array in arrays)


def _places(problem: Data) -> tuple[np.ndarray, ...]:
    """Places of sources and targets; where only costs are known, their numbers."""
    if isinstance(problem, CostMatrix):
        return tuple(np.arange(count, dtype=float)[:, None] for count in shape(problem))
    return points(problem)


def _dimension(problem: Data) -> int:
    if isinstance(problem, Histograms):
        return problem.source.ndim
    return problem.x.shape[1] if isinstance(problem, PointClouds) else 1


def _free_memory(device: str) -> int:
    return torch.cuda.mem_get_info()[0] if device == "cuda" else 8 * MOST_STORED
