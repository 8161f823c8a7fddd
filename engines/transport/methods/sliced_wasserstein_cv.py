"""The distance of two clouds seen along random lines, with less noise for the same work."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import model_validator
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import flow, sliced_figures
from engines.transport.cost import one_thread
from engines.transport.figures import Plane
from engines.transport.peers import others
from engines.transport.problem import PointClouds
from engines.transport.sliced import (
    ESTIMATORS,
    Estimator,
    Fit,
    Pair,
    Slices,
    by_parts,
    directions,
    fit,
    scatter,
    slices,
)

# Numbers sorted between two questions whether to stop: some 10 ms.
LINE_ENTRIES = 1 << 20

# `auto` uses a control only where it explains at least the square of this correlation.
LEAST_CORRELATION = 0.4

# The exact distance takes the place of a step every so often, of so many points of each cloud.
EXACT_EVERY, EXACT_POINTS = 50, 512

FRAMES = 100  # of the movie
FOLLOWED = 100_000  # lines that the running estimate goes over


@dataclass(frozen=True, kw_only=True)
class SlicedDistance(Result):
    """SW_p^p estimated from random lines, how far such estimates scatter, and the flow."""

    costs: np.ndarray = array("direction", "W_p^p of the projected clouds", "cost")
    means: np.ndarray = array("direction", "squared distance of the projected means", "cost")
    widths: np.ndarray = array("direction", "sum of the projected variances", "cost")
    size: np.ndarray | None = array("size", "numbers of directions tried", optional=True)
    errors: np.ndarray | None = array(
        "estimator size", "root mean squared error: plain, lcv, ucv, both", "cost", optional=True
    )
    spread: np.ndarray | None = array(
        "estimator repeat", "estimates of SW_p^p: plain, lcv, ucv, both", "cost", optional=True
    )
    trajectory: np.ndarray | None = array(
        "frame source dim", "the source on its way", optional=True
    )
    frame: np.ndarray | None = array("frame", "steps done at each frame", optional=True)
    flow: np.ndarray | None = array(
        "step", "estimate of SW_2² before each step", "cost", optional=True
    )
    look: np.ndarray | None = array("look", "steps done at each exact value", optional=True)
    exact: np.ndarray | None = array(
        "look", "exact W_2² between samples of both clouds", "cost", optional=True
    )
    sw: float = metric("sliced Wasserstein distance SW_p")
    sw_p: float = metric("its power SW_p^p, the mean over lines, as estimated", "cost")
    standard_error: float = metric("of the estimate of SW_p^p", "cost", better="lower")
    plain: float = metric("mean over the same lines without a control", "cost")
    plain_error: float = metric("standard error of that mean", "cost")
    coefficient: float = metric("factor of the first control; NaN where there is none")
    correlation: float = metric("between costs and controls, over the lines used")
    reduction: float = metric(
        "mean squared error of plain estimates over that of these", better="higher"
    )
    reference: float = metric("SW_p^p from the lines of all repeats", "cost")
    expected_means: float = metric("known mean of the squared distance of the means", "cost")
    expected_widths: float = metric("known mean of the sum of variances", "cost")
    flow_end: float = metric(
        "estimate of SW_2² at the last step of the flow", "cost", better="lower"
    )
    exact_start: float = metric("exact W_2² between samples of the clouds", "cost")
    exact_end: float = metric("the same after the flow", "cost", better="lower")
    directions: int = scalar(0, "lines drawn, all repeats together")


class SlicedWassersteinCV(Method):
    """Sliced Wasserstein distance with control variates.

    SW_p^p = E_θ W_p^p(θ·x, θ·y),   θ uniform on the sphere,   W_l that of line θ_l

        Z = W̄ - c (Ḡ - E G),   c = Σ_l (W_l - W̄)(G_l - Ḡ) / Σ_l (G_l - Ḡ)²
        lower:  G = (θ·δ)²                   E G = |δ|²/d
        upper:  G = (θ·δ)² + θᵀ(S + T)θ      E G = (|δ|² + tr S + tr T)/d

    δ is the difference of the means, S and T are the covariances. Transport on a line is only a
    sort, so a million points are no trouble: L (n log n + n d). The controls cost nothing next to
    it, have known means, and take their part of the noise away. One sees estimates from the same
    number of lines draw together, by 1/(1 - correlation²) in variance.

    What is gained lies in the shift of the means: late in a flow, when the clouds are centred on
    each other, the controls gain nothing. Good values: 100 lines, 10 in a flow; `both` is best for
    100 lines and more, `lcv` for few. The published coefficient takes the variance of G about its
    known mean, which leaves noise where W and G are nearly proportional; the centred one makes
    `lcv` exact for a shifted copy. Estimates can be slightly negative near 0, and those with a
    control have a bias of the order 1/L. Needs two dimensions or more; controls need p = 2.
    """

    title: ClassVar[str] = "Sliced Wasserstein with control variates"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "K. Nguyen, N. Ho",
            2024,
            "Sliced Wasserstein estimation with control variates",
            arxiv="2305.00402",
            venue="ICLR",
        ),
        Paper(
            "N. Bonneel, J. Rabin, G. Peyré, H. Pfister",
            2015,
            "Sliced and Radon Wasserstein barycenters of measures",
            doi="10.1007/s10851-014-0506-3",
            venue="Journal of Mathematical Imaging and Vision",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "far_torus",
            "A torus far from an ellipsoid",
            lambda: torus_and_ellipsoid(shift=3.0),
            story="The shift of the means is all that matters: the variance falls 2000 times.",
        ),
        Example(
            "torus_and_ellipsoid",
            "A torus around an ellipsoid",
            lambda: torus_and_ellipsoid(),
            {"estimator": "auto"},
            "Both are centred, so there is little to gain; watch the flow deform the torus.",
        ),
        Example(
            "gaussians_50d",
            "Gaussians in 50 dimensions",
            lambda: gaussians_50d(),
            {"flow_steps": 0},
            "The lower control follows the costs, the upper one does not.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_projections": 50, "repeats": 20, "flow_steps": 60},
        "default": {},
        "paper": {"n_projections": 10, "coefficient": "published", "flow_projections": 10},
    }

    p: int = param(2, "p", "order of the distance; 2 with a control or a flow", ge=1, le=100)
    n_projections: int = param(100, "L", "lines of an estimate", ge=2, le=100_000, log=True)
    estimator: Literal["plain", "lcv", "ucv", "both", "auto"] = param(
        "lcv",
        "estimator",
        "plain mean, lower or upper control, both parts, or the better one if it is any good",
    )
    coefficient: Literal["centred", "published"] = param(
        "centred",
        "c",
        "whether the variance of the control is taken about its mean or as published",
    )
    repeats: int = param(
        100, "R", "estimates whose scatter is shown; 1 for the estimate alone", ge=1, le=10_000
    )
    flow_steps: int = param(300, "T", "steps of the gradient flow of n SW²", ge=0, le=100_000)
    flow_projections: int = param(10, "L'", "lines of each step of the flow", ge=2, le=1000)
    step: float = param(0.3, "τ", "size of a step; d/2 takes a shift at once", gt=0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.p != 2 and (self.estimator != "plain" or self.flow_steps):
            raise ValueError(
                f"p is {self.p}; it must be 2 with a control or a flow; set estimator to plain and "
                "flow_steps to 0, or p to 2"
            )
        return self

    def run(self, problem: PointClouds, ctx: Context) -> SlicedDistance:
        """Estimate from random lines, again and again, then follow the gradient."""
        self._refuse(problem)
        with one_thread(ctx.device.type == "cpu"):
            pair = Pair.of(problem, ctx)
            self._refuse_powers(pair)
            with ctx.phase("estimate"):
                pool = self._sample(pair, ctx)
            walk, first = _Walk(), pool.part(self.n_projections)
            if self.flow_steps and len(first.costs) > 1 and not ctx.stopped:
                walk.keep(0, pair)
                walk.measure(0, pair)
                with ctx.phase("flow"):
                    self._follow(walk, pair, self.chosen(first), ctx)
        whole = len(pool.costs) == self.repeats * self.n_projections
        done = whole and len(walk.values) == self.flow_steps
        return self._result(pool, walk, Status.completed if done else Status.stopped)

    def chosen(self, seen: Slices) -> Estimator:
        """The estimator asked for; `auto` keeps the control that explains most, if it is much."""
        if self.estimator != "auto":
            return self.estimator
        by_share: dict[Estimator, float] = {
            name: float(self._fit(seen, name).explained) for name in ("lcv", "ucv")
        }
        best = max(by_share, key=lambda name: by_share[name])
        return best if by_share[best] >= LEAST_CORRELATION**2 else "plain"

    def figures(self, problem: PointClouds, result: SlicedDistance) -> tuple[Figure, ...]:
        """Errors and scatter of all estimators, costs against controls, running mean, and flow."""
        seen = _seen(result)
        name = self.chosen(seen)
        return (
            *sliced_figures.errors(result.size, result.errors, self.p),
            *sliced_figures.spread(result.spread, result.reference, self.p),
            *sliced_figures.against_controls(seen, self.p),
            *sliced_figures.running(seen, name, self.coefficient == "centred", self.p),
            *sliced_figures.flow(
                problem.y, result.trajectory, result.frame, result.flow, result.look, result.exact
            ),
        )

    def peers(self, problem: PointClouds, result: SlicedDistance) -> tuple[Peer, ...]:
        """POT's mean over many lines."""
        return others.sliced(self, problem)

    def cost(self, problem: PointClouds) -> Cost:
        """Sorting all lines; those sorted at once, the costs of all, and the stored clouds."""
        (n, dim), m = problem.x.shape, len(problem.y)
        lines = self.n_projections * self.repeats
        frames = min(self.flow_steps, FRAMES) + 2 if self.flow_steps else 0
        output = 8 * (
            3 * self.n_projections + 4 * self.repeats + self.flow_steps + n * dim * frames
        )
        at_once = max(min(LINE_ENTRIES // (n + m), lines), 1, self.flow_projections)
        chunk = 100 * at_once * (n + m)
        sorted_once = (n + m) * (dim + 2 * math.log2(n + m))
        work = sorted_once * (lines + 3 * self.flow_projections * self.flow_steps)
        return Cost(2 * output + chunk + 100 * lines + 1_000_000, output + 100_000, work)

    def _refuse(self, problem: PointClouds) -> None:
        dim = problem.x.shape[1]
        if dim < 2:
            raise BadProblem(
                "x has 1 coordinate; it must have at least 2, for there is only one direction on a "
                "line; use exact transport"
            )
        if self.flow_steps and self.step > dim / 2:
            raise BadProblem(
                f"step is {self.step:g}; it must be at most d/2 = {dim / 2:g} in {dim} dimensions, "
                "where a shift is undone at once; lower step"
            )

    def _refuse_powers(self, pair: Pair) -> None:
        """Distances to the power p that no number can hold."""
        extent = sum(float(cloud.norm(dim=1).max()) for cloud in (pair.x, pair.y))
        most = 0.9 * math.log(torch.finfo(pair.x.dtype).max)
        if extent and abs(self.p * math.log(extent)) > most:
            raise BadProblem(
                f"p is {self.p}; it must be at most {int(most / abs(math.log(extent)))} for "
                f"distances of about {extent:.2g}, whose power is out of range otherwise; lower p "
                "or change the unit"
            )

    def _fit(self, seen: Slices, name: Estimator) -> Fit:
        return fit(seen, name, centred=self.coefficient == "centred")

    def _sample(self, pair: Pair, ctx: Context) -> Slices:
        """Costs and controls on the lines of all repeats; on those done where it is stopped."""
        total, facts = self.n_projections * self.repeats, pair.known()
        lines = self._lines(pair)
        room = torch.full((3, total), math.nan, dtype=torch.float64)
        shape = Slices(room[0], room[1], room[2], *(v.cpu().double() for v in facts.expected()))
        done = 0
        for _ in ctx.steps(-(-total // lines)):
            theta = directions(min(lines, total - done), pair.dim, ctx.rng).to(pair.x)
            part = slices(theta, pair, float(self.p), facts)
            now = slice(done, done + len(theta))
            room[:, now] = torch.stack(part[:3]).to(room)
            done = now.stop
            so_far = shape.part(min(done, FOLLOWED))
            if done > 1:
                name = self.chosen(so_far)
                found = self._fit(so_far, name)
                ctx.log(estimate=found.value, standard_error=found.standard_error())
                ctx.show(sliced_figures.live, so_far, name, self.coefficient == "centred", self.p)
        return shape.part(max(done, 1))

    def _follow(self, walk: _Walk, pair: Pair, name: Estimator, ctx: Context) -> None:
        """Steps against the gradient of n SW², which moves each point by its own displacement."""
        plane = Plane(*(cloud.cpu().double().numpy() for cloud in (pair.x, pair.y)))
        every = -(-self.flow_steps // FRAMES)
        x, per_mass = pair.x, pair.per_mass()
        for k in ctx.steps(self.flow_steps):
            theta = directions(self.flow_projections, pair.dim, ctx.rng).to(x)
            leaf = x.detach().requires_grad_()
            try:
                seen = by_parts(theta, pair.at(leaf), self._lines(pair), ctx.check)
            except Cancelled:
                break  # the points stay where the last whole step put them
            found = self._fit(seen, name)
            (gradient,) = torch.autograd.grad(found.value, leaf)
            x = x - self.step * per_mass * gradient
            walk.values.append(found.value.detach())
            ctx.log(sw2=walk.values[-1])
            if (k + 1) % every == 0 or k + 1 == self.flow_steps:
                walk.keep(k + 1, pair.at(x))
            if (k + 1) % EXACT_EVERY == 0 or k + 1 == self.flow_steps:
                ctx.log(exact=walk.measure(k + 1, pair.at(x)))
            ctx.show(flow.live, plane, x, pair.y, k + 1)

    def _lines(self, pair: Pair) -> int:
        """How many lines are looked at together."""
        return max(1, LINE_ENTRIES // (len(pair.x) + len(pair.y)))

    def _result(self, pool: Slices, walk: _Walk, status: Status) -> SlicedDistance:
        first = pool.part(self.n_projections)
        name = self.chosen(first)
        found, plain = self._fit(first, name), fit(first, "plain")
        value = float(found.value)
        return SlicedDistance(
            costs=first.costs.numpy(),
            means=first.means.numpy(),
            widths=first.widths.numpy(),
            sw=max(value, 0.0) ** (1 / self.p) if math.isfinite(value) else math.nan,
            sw_p=value,
            standard_error=float(found.standard_error()),
            plain=float(plain.value),
            plain_error=float(plain.standard_error()),
            coefficient=float(found.coefficients[0]) if found.coefficients else math.nan,
            correlation=math.sqrt(found.explained),
            expected_means=float(pool.expected_means),
            expected_widths=float(pool.expected_widths),
            directions=int(pool.costs.isfinite().sum()),
            status=status,
            note=f"estimator {name}",
            **self._scatter(pool, name),
            **walk.arrays(),
        )

    def _scatter(self, pool: Slices, name: Estimator) -> dict[str, Any]:
        """Estimates and their errors, from blocks of the lines drawn."""
        if len(pool.costs) < 2 * self.n_projections:
            return {}
        names = ESTIMATORS if self.p == 2 else ESTIMATORS[:1]
        found = scatter(pool, names, self.n_projections, centred=self.coefficient == "centred")
        plain, ours = found.errors[0, -1], found.errors[names.index(name), -1]
        reduction = float((plain / ours) ** 2) if ours else math.nan
        return {**found._asdict(), "reduction": reduction}


@dataclass
class _Walk:
    """What is kept of the flow."""

    frames: list[int] = field(default_factory=list)
    clouds: list[np.ndarray] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)

    def keep(self, k: int, pair: Pair) -> None:
        """Store the source after k steps."""
        self.frames.append(k)
        self.clouds.append(pair.x.cpu().double().numpy() + pair.centre)

    def measure(self, k: int, pair: Pair) -> float:
        """The exact distance after k steps."""
        self.looks.append(k)
        self.exact.append(pair.exact(EXACT_POINTS))
        return self.exact[-1]

    def arrays(self) -> dict[str, Any]:
        """What the result takes of it."""
        if not self.values:
            return {}
        values = torch.stack(self.values).cpu().double().numpy()
        return {
            "trajectory": np.stack(self.clouds),
            "frame": np.array(self.frames),
            "flow": values,
            "flow_end": float(values[-1]),
            "look": np.array(self.looks),
            "exact": np.array(self.exact),
            "exact_start": self.exact[0],
            "exact_end": self.exact[-1],
        }


def _seen(result: SlicedDistance) -> Slices:
    """The lines of the estimate, as they were."""
    values = (result.costs, result.means, result.widths)
    known_means = (result.expected_means, result.expected_widths)
    return Slices(
        *(torch.tensor(v, dtype=torch.float64) for v in values),
        *(torch.tensor(v, dtype=torch.float64) for v in known_means),
    )


def torus_and_ellipsoid(n: int = 1024, shift: float = 0.0, seed: int = 0) -> PointClouds:
    """Points of a torus (radii 1, 0.35) and of an ellipsoid (0.6, 0.6, 1.2) beside or inside it."""
    rng = np.random.default_rng(seed)
    around, across = 2 * np.pi * rng.random((2, n))
    out = 1 + 0.35 * np.cos(across)
    torus = [out * np.cos(around), out * np.sin(around), 0.35 * np.sin(across)]
    ball = rng.standard_normal((n, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    return PointClouds(x=np.stack(torus, axis=1), y=ball * [0.6, 0.6, 1.2] + [shift, 0, 0])


def gaussians_50d(n: int = 400, seed: int = 0) -> PointClouds:
    """N(0, I) and a Gaussian of random covariance whose mean is 0.2 in each of 50 coordinates."""
    rng = np.random.default_rng(seed)
    mix = rng.standard_normal((50, 50)) / math.sqrt(50)
    x, y = rng.standard_normal((2, n, 50))
    return PointClouds(x=x, y=y @ mix + 0.2)
