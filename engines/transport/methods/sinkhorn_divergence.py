"""The debiased distance of entropic transport, and the flow that follows its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Axis, Figure, Line, Panel, Points
from engines.method import Cost, Example, Method, Paper, param
from engines.peer import Peer
from engines.problem import Result, Status, array, metric
from engines.transport import flow
from engines.transport.cost import Facts, facts, one_thread, point_cost
from engines.transport.debiased import Debiased, Stand
from engines.transport.figures import UNMET, Plane
from engines.transport.peers import entropic
from engines.transport.problem import PointClouds, gauss_pair, masses
from engines.transport.softmin import Backend
from engines.transport.tuning import MOST_STORED


@dataclass(frozen=True, kw_only=True)
class DivergenceFlow(Result):
    """S between the moving source and the target, and where the source was."""

    trajectory: np.ndarray = array("frame source dim", "the source on its way")
    frame: np.ndarray = array("frame", "steps done at each frame")
    step: np.ndarray = array("step", "steps done")
    divergence: np.ndarray = array("step", "Sinkhorn divergence after these steps", "cost")
    errors: np.ndarray = array("step", "largest L1 error of the marginals", "mass")
    iterations: np.ndarray = array("step", "iterations of the three problems together")
    source_potential: np.ndarray | None = array(
        "source", "change of S with mass added at each given source point", "cost", optional=True
    )
    target_potential: np.ndarray | None = array(
        "target", "change of S with mass added at each target point", "cost", optional=True
    )
    gradient: np.ndarray | None = array(
        "source dim", "gradient of S in the given source points", optional=True
    )
    s: float = metric("Sinkhorn divergence of the given clouds", "cost")
    s_end: float = metric("Sinkhorn divergence after the last step", "cost", better="lower")
    ot_ab: float = metric("regularised value, source to target", "cost")
    ot_aa: float = metric("regularised value, source to itself", "cost")
    ot_bb: float = metric("regularised value, target to itself", "cost")
    mean_shift: float = metric("squared distance of the means, which is S at ε = ∞", "cost")
    marginal_error: float = metric(
        "largest L1 error of the marginals in all steps", "mass", better="lower"
    )
    epsilon: float = metric("regularisation", "cost")
    c_mean: float = metric("mean cost of all pairs", "cost")


class SinkhornDivergence(Method):
    """Debiased entropic distance between two clouds, and its gradient flow.

    S(a, b) = OT_ε(a, b) - ½ OT_ε(a, a) - ½ OT_ε(b, b)

        OT_ε(a, b) = min ⟨P, C⟩ + ε KL(P | a bᵀ),   C_ij = |x_i - y_j|²
        ∂S/∂x_i = 2 a_i (T_aa(x_i) - T_ab(x_i)),    T_ab(x_i) = Σ_j P_ij y_j / a_i
        flow:  x_i ← x_i + 2 τ (T_ab(x_i) - T_aa(x_i))

    OT_ε alone is smallest where the source has shrunk, not where it is the target; the two self
    terms take that bias away: S ≥ 0, and S = 0 only where the clouds agree. The movie shows the
    source become the target. Each step solves two problems of n·m and n² pairs, which start from
    the potentials of the step before; the self terms take some 20 averaged updates.

    Good values: ε between 0.5 % and 10 % of the mean cost; details finer than √ε are resolved
    late. With τ = 0.5 each point jumps the whole way at once. S becomes the exact squared distance
    as ε → 0 and that of the means as ε → ∞; for a shifted copy it is the squared shift at every ε.
    Compared with libraries whose cost is half of the squared distance and whose blur is √(ε/2), S
    is twice theirs. Three problems that are not equally well converged can make S negative.
    """

    title: ClassVar[str] = "Sinkhorn divergence"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "A. Genevay, G. Peyré, M. Cuturi",
            2018,
            "Learning generative models with Sinkhorn divergences",
            arxiv="1706.00292",
            venue="AISTATS",
        ),
        Paper(
            "J. Feydy, T. Séjourné, F.-X. Vialard, S. Amari, A. Trouvé, G. Peyré",
            2019,
            "Interpolating between optimal transport and MMD using Sinkhorn divergences",
            arxiv="1810.08278",
            venue="AISTATS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "heart_and_disc",
            "A heart becomes a disc",
            lambda: heart_and_disc(),
            {"step": 0.1},
            "The gradient carries every point of a heart until the cloud fills a disc.",
        ),
        Example(
            "petals_and_discs",
            "A flower divides",
            lambda: petals_and_discs(),
            {"step": 0.1},
            "One flower splits into two discs; points at the cut part from their neighbours.",
        ),
        Example(
            "gauss_pair",
            "Two Gaussian clouds",
            lambda: gauss_pair(400),
            {"epsilon": 0.05},
            "S is close to the exact squared distance, although ε is large.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"epsilon": 0.05, "tol": 1e-4, "n_steps": 12},
        "default": {},
        # As in the authors' flows: steps of 0.05 for half of the squared distance, and blur 0.01 in
        # the unit square, which is some 0.1 % of a mean cost there.
        "paper": {"epsilon": 1e-3, "step": 0.025, "n_steps": 100},
    }

    epsilon: float = param(0.01, "ε", "entropic regularisation: small is sharp", gt=0, log=True)
    epsilon_mode: Literal["relative_mean", "absolute"] = param(
        "relative_mean", "unit of ε", "whether ε is a multiple of the mean cost or a cost itself"
    )
    step: float = param(0.2, "τ", "part of the way taken in a step; 0.5 is all of it", gt=0, le=0.5)
    n_steps: int = param(50, "T", "steps of the flow; 0 computes the divergence alone", ge=0)
    record_every: int = param(1, "every", "steps between two stored clouds", ge=1)
    tol: float = param(
        1e-6,
        "tol",
        "stop when the L1 error of both marginals is below",
        ge=1e-12,
        le=1e-2,
        log=True,
    )
    max_iter: int = param(10_000, "K", "most iterations of each problem", ge=1)
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

    def run(self, problem: PointClouds, ctx: Context) -> DivergenceFlow:
        """Solve the three problems, step against the gradient, and so on."""
        pairs = max(len(problem.x), len(problem.y)) ** 2
        with one_thread(ctx.device.type == "cpu" and pairs <= MOST_STORED):
            return self._flow(problem, ctx)

    def _flow(self, problem: PointClouds, ctx: Context) -> DivergenceFlow:
        # Potentials and places in float64; where the device has none (Apple's), on the CPU.
        home = torch.device("cpu") if ctx.device.type == "mps" else ctx.device
        x, y = (torch.as_tensor(p.astype(np.float64), device=home) for p in (problem.x, problem.y))
        a, b = (torch.as_tensor(mass, device=home) for mass in masses(problem))
        walk, plane = _Walk([0], [x.cpu().numpy()]), Plane(problem.x, problem.y)
        ended = Status.stopped
        with suppress(Cancelled):
            walk.seen = seen = facts(point_cost(x, y, check=ctx.check), torch.zeros_like(b))
            solver = self._solver(seen, max(len(x), len(y)) ** 2, ctx)
            walk.epsilon = solver.epsilon
            for k in ctx.steps(self.n_steps + 1):
                stand = solver.solve(x, y, a, b)
                walk.keep(k, x, stand, k == self.n_steps or k % self.record_every == 0)
                ctx.log(divergence=stand.value, marginal_error=stand.error)
                ctx.show(flow.live, plane, x, y, k)
                if k < self.n_steps:
                    x = x - self.step * stand.gradient
                else:
                    ended = solver.status
        if ended is Status.converged and self.n_steps:
            ended = Status.completed
        return _result(walk, ended, a, b, y)

    def _solver(self, seen: Facts, pairs: int, ctx: Context) -> Debiased:
        epsilon = seen.absolute(self.epsilon, self.epsilon_mode)
        return Debiased(
            epsilon,
            seen.mean,
            seen.max,
            self.tol,
            self.max_iter,
            self.relax,
            self._backend(pairs, ctx.device.type),
            ctx.quiet(),
        )

    def figures(self, problem: PointClouds, result: DivergenceFlow) -> tuple[Figure, ...]:
        """The flow as a movie and as a strip, S per step, prices, and the inner solver."""
        return (
            *self._moving(problem, result),
            _descent(result),
            *_potentials(problem, result),
            _convergence(result, self.tol),
        )

    def _moving(self, problem: PointClouds, result: DivergenceFlow) -> tuple[Figure, Figure]:
        way, y, frame = result.trajectory, problem.y, result.frame
        left = np.sqrt(np.maximum(np.nan_to_num(result.divergence[frame]), 0))
        movie = flow.movie(way, y, frame, _titled("Gradient flow", result))
        return movie, flow.strip(way, y, frame, left, _titled("Stages of the flow", result))

    def peers(self, problem: PointClouds, result: DivergenceFlow) -> tuple[Peer, ...]:
        """POT's iteration for the three problems of the given clouds."""
        return entropic.divergence(self, problem)

    def cost(self, problem: PointClouds) -> Cost:
        """One matrix at a time and the stored clouds; each step some 60 sweeps."""
        (n, dim), m = problem.x.shape, len(problem.y)
        frames = 2 + self.n_steps // self.record_every
        output = 8 * n * dim * (frames + 1) + 8 * (n + m) + 32 * self.n_steps + 100_000
        most = max(n, m) ** 2
        stored = 8 * most if self._backend(most, "cpu") != "streamed" else 128 * (n + m)
        return Cost(2 * output + stored, output, 60.0 * (self.n_steps + 1) * 4 * n * (n + m))

    def _backend(self, pairs: int, device: str) -> Backend:
        """The back end asked for, or the fastest that fits."""
        if self.backend != "auto":
            return self.backend
        if device == "cuda":
            return "dense_log" if 8 * pairs <= torch.cuda.mem_get_info()[0] // 4 else "streamed"
        return "kernel" if pairs <= MOST_STORED else "streamed"


@dataclass
class _Walk:
    """What is kept of the way."""

    frames: list[int]
    clouds: list[np.ndarray]
    start: Stand | None = None
    seen: Facts | None = None
    epsilon: float = math.nan
    rows: list[tuple[float, float, int]] = field(default_factory=list)

    def keep(self, k: int, x: Tensor, look: Stand, due: bool) -> None:
        """Note where the source stands after k steps, and store the cloud if it is due."""
        self.start = self.start or look
        self.rows.append((look.value, look.error, look.iterations))
        if k and due:
            self.frames.append(k)
            self.clouds.append(x.cpu().numpy())


def _result(walk: _Walk, status: Status, a: Tensor, b: Tensor, y: Tensor) -> DivergenceFlow:
    shift = a @ torch.as_tensor(walk.clouds[0], device=a.device) - b @ y
    rows = walk.rows or [(math.nan, math.nan, 0)]
    values, errors, iterations = (np.array(column) for column in zip(*rows))
    known: dict[str, Any] = {}
    if start := walk.start:
        known = {
            "source_potential": (start.ab.f - start.aa.f).cpu().numpy(),
            "target_potential": (start.ab.g - start.bb.f).cpu().numpy(),
            "gradient": (a[:, None] * start.gradient).cpu().numpy(),
            "ot_ab": start.ab.value,
            "ot_aa": start.aa.value,
            "ot_bb": start.bb.value,
        }
    return DivergenceFlow(
        trajectory=np.stack(walk.clouds),
        frame=np.array(walk.frames),
        step=np.arange(len(values)),
        divergence=values,
        errors=errors,
        iterations=iterations,
        s=float(values[0]),
        s_end=float(values[-1]),
        mean_shift=float(shift @ shift),
        marginal_error=float(errors.max()),
        epsilon=walk.epsilon,
        c_mean=walk.seen.mean if walk.seen else math.nan,
        status=status,
        **known,
    )


def _titled(title: str, result: DivergenceFlow) -> str:
    return f"{title} (not converged)" if result.marginal_error > UNMET else title


def _descent(result: DivergenceFlow) -> Figure:
    above = np.where(result.divergence > 0, result.divergence, np.nan)
    panel = Panel(
        (Line(x=result.step, y=above, name="S"),),
        Axis("step"),
        Axis("Sinkhorn divergence", "cost", scale="log"),
    )
    caption = "Divergence between the moving source and the target; it is 0 where they agree."
    return Figure("descent", _titled("Divergence", result), (panel,), caption)


def _potentials(problem: PointClouds, result: DivergenceFlow) -> tuple[Figure, ...]:
    if result.source_potential is None or result.target_potential is None:
        return ()
    plane = Plane(problem.x, problem.y)
    panels = []
    found = (result.source_potential, result.target_potential)
    for name, places, values in zip(("source", "target"), (problem.x, problem.y), found):
        u, v = plane(np.asarray(places, dtype=np.float64))
        if plane.dim == 1:
            way = np.argsort(u)
            line = Line(x=u[way], y=values[way], name=name)
            panels.append(Panel((line,), Axis("x"), Axis("potential", "cost"), name))
        else:
            dots = Points(x=u, y=v, values=values, unit="cost", name=name)
            panels.append(plane.panel(dots, title=name))
    caption = (
        "Debiased potentials f - f_aa and g - g_bb of the given clouds: how S changes with a "
        "little more mass at each point. Only differences within a cloud have a meaning."
    )
    return (Figure("potentials", _titled("Potentials", result), tuple(panels), caption),)


def _convergence(result: DivergenceFlow, tol: float) -> Figure:
    step = result.step
    marks = (
        Line(x=step, y=np.where(result.errors > 0, result.errors, np.nan), name="marginal error"),
        Line(x=step[[0, -1]], y=[tol, tol], name="tolerance", role="guide"),
    )
    counts = (Line(x=step, y=result.iterations, name="iterations"),)
    panels = (
        Panel(marks, Axis("step"), Axis("marginal error", scale="log")),
        Panel(counts, Axis("step"), Axis("iterations")),
    )
    caption = (
        "Largest L1 error of the marginals in each step, and the iterations of its problems; all "
        "but the first start from the potentials of the step before."
    )
    return Figure("convergence", _titled("Inner iterations", result), panels, caption)


def _filled(
    inside: Callable[[np.ndarray, np.ndarray], np.ndarray], n: int, seed: int
) -> np.ndarray:
    """n random points of [-1.5, 1.5]² that are inside."""
    rng = np.random.default_rng(seed)
    found = np.empty((0, 2))
    while len(found) < n:
        drawn = rng.uniform(-1.5, 1.5, (4 * n, 2))
        found = np.concatenate([found, drawn[inside(drawn[:, 0], drawn[:, 1])]])
    return found[:n]


def heart_and_disc(n: int = 600, seed: int = 0) -> PointClouds:
    """Points that fill a heart, and points that fill a disc to its right."""

    def heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return (u**2 + v**2 - 1) ** 3 < u**2 * v**3

    def disc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.hypot(u, v) < 1

    return PointClouds(x=_filled(heart, n, seed), y=_filled(disc, n, seed + 1) * 0.8 + [2.2, 0.3])


def petals_and_discs(n: int = 600, seed: int = 0) -> PointClouds:
    """Points that fill a flower of five petals, and points that fill two discs beside it."""

    def flower(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.hypot(u, v) < 0.8 + 0.4 * np.cos(5 * np.arctan2(v, u))

    def discs(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.hypot(np.abs(u) - 1, v) < 0.4

    return PointClouds(x=_filled(flower, n, seed), y=_filled(discs, n, seed + 1) * [1.6, 1.6])
