"""The mean of densities or clouds in the geometry of transport."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Option, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import barycenter_figures as figures
from engines.transport.barycenters import FreeMean, GridMean, Mean, lattice, seeds
from engines.transport.cost import GridCost, one_thread
from engines.transport.figures import UNMET
from engines.transport.peers import means
from engines.transport.problem_sets import (
    Clouds,
    Densities,
    disc_and_square,
    four_ellipses,
    line_gaussians,
    three_shapes,
)

# Weights are drawn as a line, a triangle or a square; five inputs would need a space.
MOST_CORNERS = 4


class Grid(Option):
    """On the grid of the inputs: a density, blurred or sharpened by ε"""

    kind: Literal["grid"] = "grid"
    epsilon: float = param(
        1e-3, "ε", "regularisation: blurs over √(ε/2)", unit="longer side²", gt=0, log=True
    )
    debiased: bool = param(True, "", "take the blur of ε back")


class Free(Option):
    """On points that move freely: exact plans, no blur"""

    kind: Literal["free"] = "free"
    n_support: int = param(200, "k", "points of the mean", ge=1, le=5000)


@dataclass(frozen=True, kw_only=True)
class Barycenter(Result):
    """The mean for the weights asked for, and those for weights between the inputs."""

    density: np.ndarray | None = array("row column?", "mean on the grid", "mass", optional=True)
    points: np.ndarray | None = array("support dim", "points of the mean", optional=True)
    weights: np.ndarray = array("input", "share of each input, total 1")
    costs: np.ndarray = array("input", "cost of moving the mean to each input", "cost")
    path: np.ndarray | None = array(
        "frame row column?", "means for other weights", "mass", optional=True
    )
    path_points: np.ndarray | None = array(
        "frame support dim", "points of the means for other weights", optional=True
    )
    path_weights: np.ndarray | None = array(
        "frame input", "the weights of these means", optional=True
    )
    iteration: np.ndarray = array("step", "iterations done")
    changes: np.ndarray = array(
        "step", "change of the mean in that iteration, or error of the marginals where larger"
    )
    masses: np.ndarray | None = array("step", "mass of the mean by then", "mass", optional=True)
    entropies: np.ndarray | None = array("step", "entropy of the mean by then", optional=True)
    objectives: np.ndarray | None = array(
        "step", "mean cost before that iteration", "cost", optional=True
    )
    objective: float = metric("mean cost Σ λ_s ⟨P_s, C⟩", "cost")
    mass: float = metric("mass of the mean before it was made 1", "mass")
    entropy: float = metric("entropy of the mean", "nat")
    marginal_error: float = metric(
        "largest L1 error of a marginal of the plans", "mass", better="lower"
    )
    iterations: int = scalar(0, "iterations for the weights asked for")


@dataclass
class Way:
    """How an iteration ended, and what was read in each step."""

    status: Status
    rows: list[dict[str, float]]


@dataclass
class Path:
    """Weights between the inputs, the means found for the first of them, and those not settled."""

    weights: np.ndarray
    frames: list[np.ndarray] = field(default_factory=list)
    late: int = 0


MakeMean = Callable[[np.ndarray], Mean]


class WassersteinBarycenter(Method):
    """Mean of densities or clouds: the one from which it costs least to move to all of them.

    minimise over p   Σ_s λ_s W(p, a_s),   λ_s ≥ 0,  Σ_s λ_s = 1

        grid:   W = OT_ε;  u_s ← a_s / K v_s,   p ← d Π_s (Kᵀ u_s)^λ_s,   v_s ← p / Kᵀ u_s
                debiased:  d ← √(d · p / K d),   else d = 1;   K = exp(-C/ε)
        free:   W = W₂²;   P_s ← exact plan from X to Y_s,   X ← k Σ_s λ_s P_s Y_s

    Shows how shapes turn into each other when mass moves rather than fades: all means between two,
    three or four inputs, beside the mean for the weights asked for.

    Cost on a grid of N bins in D dimensions: 2 S + 1 sums of N^(1 + 1/D) products per iteration,
    memory a few densities. With k free points: S linear programmes per iteration,
    time about (k + m)^2.5. Everything is computed in float64.

    Good values: ε between (one bin)² and 0.01; k near the number of points of a cloud.
    Without debiasing, Gaussians become wider by ε/2 in variance; debiased, the variance is right.
    As ε → 0 both become the exact mean. Two clouds of k equal points give McCann's interpolation.
    Pitfalls: where the inputs have sharp edges, the debiased mean goes on becoming sharper ever
    more slowly: a change below τ in one iteration does not say that it is near its limit. Without
    debiasing the iteration converges geometrically. The free mean is a local optimum: it starts
    from points of the input with the largest weight.
    """

    title: ClassVar[str] = "Wasserstein barycentre"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "J.-D. Benamou, G. Carlier, M. Cuturi, L. Nenna, G. Peyré",
            2015,
            "Iterative Bregman projections for regularized transportation problems",
            arxiv="1412.5154",
            venue="SIAM Journal on Scientific Computing",
        ),
        Paper(
            "J. Solomon, F. de Goes, G. Peyré, M. Cuturi, A. Butscher, A. Nguyen, T. Du, L. Guibas",
            2015,
            "Convolutional Wasserstein distances: efficient optimal transportation on geometric "
            "domains",
            doi="10.1145/2766963",
            venue="ACM Transactions on Graphics",
        ),
        Paper(
            "H. Janati, M. Cuturi, A. Gramfort",
            2020,
            "Debiased Sinkhorn barycenters",
            arxiv="2006.02575",
            venue="ICML",
        ),
        Paper(
            "M. Cuturi, A. Doucet",
            2014,
            "Fast computation of Wasserstein barycenters",
            arxiv="1310.4375",
            venue="ICML",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "three_shapes",
            "A ring, a star and a cross",
            three_shapes,
            {"support": {"kind": "grid", "epsilon": 2e-3}, "steps": 5},
            "A triangle of shapes: each is the mean for the weights of its place.",
        ),
        Example(
            "disc_and_square",
            "A disc becomes a square",
            disc_and_square,
            {"steps": 11},
            "A movie between two pictures. Switch the debiasing off to see the blur of ε.",
        ),
        Example(
            "line_gaussians",
            "Two Gaussians on a line",
            line_gaussians,
            {"steps": 11},
            "The mean is known: N(0.475, 0.06²).",
        ),
        Example(
            "four_ellipses",
            "Four outlines",
            four_ellipses,
            {"support": {"kind": "free", "n_support": 150}},
            "A square of ellipses between four of them, without a grid and without blur.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"tol": 1e-3, "steps": 3},
        "default": {},
        # The papers stop in different ways; a long run for one mean stands for all of them.
        "paper": {"tol": 1e-5, "max_iter": 10_000, "steps": 1},
    }

    support: Grid | Free = param(Grid(), "", "where the mean may have mass")
    steps: int = param(
        5, "", "means along each edge between two to four inputs; 1: only the mean", ge=1, le=21
    )
    tol: float = param(
        1e-4,
        "τ",
        "stop when an iteration changes the mean, and the marginals are missed, by less: L1 on a "
        "grid; with free points the largest move, relative to their spread",
        gt=0,
        lt=1,
        log=True,
    )
    max_iter: int = param(1000, "K", "most iterations for each mean", ge=1)

    def run(self, problem: Densities | Clouds, ctx: Context) -> Barycenter:
        """Iterate for the weights asked for, then for those between the inputs."""
        with one_thread(ctx.device.type == "cpu"):
            return self._solve(problem, ctx)

    def _solve(self, problem: Densities | Clouds, ctx: Context) -> Barycenter:
        weights = _shares(problem)
        make = (
            self._free(problem, self.support, weights, ctx)
            if isinstance(self.support, Free)
            else self._on_grid(problem, self.support, ctx)
        )
        mean = make(weights)
        way = self._improve(mean, problem, ctx)
        path = self._between(make, problem, len(weights), ctx)
        costs, error = _costs(mean, len(weights))
        kind = "points" if isinstance(mean, FreeMean) else "density"
        frames = "path_points" if isinstance(mean, FreeMean) else "path"
        found: dict[str, Any] = {
            kind: _drawn(mean, problem, ctx),
            frames: np.stack(path.frames) if path.frames else None,
            "path_weights": path.weights[: len(path.frames)] if path.frames else None,
        }
        late = f"{path.late} of {len(path.weights)} means between the inputs ended at max_iter"
        return Barycenter(
            weights=weights,
            costs=costs,
            objective=float(weights @ costs),
            marginal_error=error,
            status=Status.stopped if ctx.stopped else way.status,
            note=late if path.late else "",
            **found,
            **_history(way),
        )

    def _on_grid(self, problem: Densities | Clouds, support: Grid, ctx: Context) -> MakeMean:
        if isinstance(problem, Clouds):
            raise BadProblem(
                "support is grid; it must be free for clouds of points; choose free, or load "
                "densities on a grid"
            )
        smallest = (0.5 / max(problem.densities.shape[1:])) ** 2
        if support.epsilon < smallest:
            raise BadProblem(
                f"epsilon is {support.epsilon:g}; it must be at least (half a bin)² = "
                f"{smallest:.2g}, for the grid does not resolve less; raise epsilon"
            )
        home = "cpu" if ctx.device.type == "mps" else ctx.device  # Apple's has no float64
        inputs = torch.as_tensor(problem.densities.astype(np.float64), device=home).flatten(1)
        inputs = inputs / inputs.sum(1, keepdim=True)
        axes = tuple(torch.as_tensor(axis, device=home) for axis in problem.axes())
        return lambda weights: GridMean(
            GridCost(axes, ctx.check), inputs, weights, support.epsilon, debiased=support.debiased
        )

    def _free(
        self, problem: Densities | Clouds, support: Free, weights: np.ndarray, ctx: Context
    ) -> MakeMean:
        clouds, masses = [], []
        for cloud, mass in problem.parts():
            clouds.append(cloud.astype(np.float64))
            masses.append(mass.astype(np.float64) / mass.sum())
        first = int(weights.argmax())
        start = seeds(clouds[first], masses[first], support.n_support, ctx.rng)
        return lambda weights: FreeMean(clouds, masses, weights, start, ctx)

    def _improve(self, mean: Mean, problem: Densities | Clouds, ctx: Context) -> Way:
        """Step until the mean no longer changes."""
        way = Way(Status.limit_reached, [])
        for k in ctx.steps(self.max_iter):
            try:
                change = mean.step()
            except Cancelled:
                break  # the mean is that of the last whole step
            state = mean.state()
            way.rows.append({"iteration": k + 1, "change": change, **state})
            ctx.log(change=change, **state)
            ctx.show(_live, problem, mean, ctx)
            if change < self.tol:
                way.status = Status.converged
                break
        return way

    def _between(
        self, make: MakeMean, problem: Densities | Clouds, count: int, ctx: Context
    ) -> Path:
        """Means between the inputs."""
        if self.steps == 1 or count > MOST_CORNERS:
            return Path(np.empty((0, count)))
        path = Path(lattice(count, self.steps))
        with ctx.phase("between"):
            for k in ctx.steps(len(path.weights)):
                mean = make(path.weights[k])
                ended = self._improve(mean, problem, ctx.quiet()).status
                if ctx.stopped:
                    break
                path.late += ended is Status.limit_reached
                path.frames.append(_drawn(mean, problem, ctx))
        return path

    def figures(self, problem: Densities | Clouds, result: Barycenter) -> tuple[Figure, ...]:
        """All means between the inputs, the mean asked for, and convergence."""
        late = "" if not result.marginal_error > UNMET else " (not converged)"
        value, path = result.density, result.path
        points = value is None
        if points:
            value, path = result.points, result.path_points
        assert value is not None
        drawn = []
        if path is not None and result.path_weights is not None:
            title = f"Between the inputs{late}"
            drawn.append(figures.interpolation(problem, path, result.path_weights, points, title))
        drawn.append(figures.mean(problem, value, points, f"Barycentre{late}"))
        watched = {
            "mass": result.masses,
            "entropy": result.entropies,
            "mean cost": result.objectives,
        }
        known = {name: values for name, values in watched.items() if values is not None}
        way = figures.convergence(
            result.iteration, result.changes, self.tol, known, f"Convergence{late}"
        )
        return (*drawn, way)

    def peers(self, problem: Densities | Clouds, result: Barycenter) -> tuple[Peer, ...]:
        """POT's barycentre on the same support."""
        return means.barycenter(self, problem, result)

    def cost(self, problem: Densities | Clouds) -> Cost:
        """Some hundred iterations of each mean, more to a finer tolerance; all means are kept."""
        count = len(_shares(problem))
        between = self.steps > 1 and count <= MOST_CORNERS
        means = 1 + (len(lattice(count, self.steps)) if between else 0)
        if isinstance(self.support, Free):
            sizes = [len(cloud) for cloud, _ in problem.parts()]
            k, dim = self.support.n_support, problem.parts()[0][0].shape[1]
            value, held = k * dim, 3 * k * max(sizes)
            work = 20.0 * sum((k + m) ** 2.5 for m in sizes)
        elif isinstance(problem, Densities):
            shape = problem.densities.shape[1:]
            value, held = math.prod(shape), 8 * problem.densities.size
            sweeps = min(self.max_iter, 300 * (1e-3 / self.tol) ** 0.3)
            work = sweeps * (2 * count + 1) * 2.0 * value * sum(shape)
        else:
            value, held, work = 0, 0, 0.0
        output = 8 * means * (value + count) + 48 * self.max_iter + 100_000
        return Cost(2 * output + 8 * held, output, means * work)


def _shares(problem: Densities | Clouds) -> np.ndarray:
    """Weights of the inputs, of total 1."""
    if problem.weights is not None:
        return problem.weights.astype(np.float64) / problem.weights.sum()
    count = len(problem.densities if isinstance(problem, Densities) else problem.parts())
    return np.full(count, 1 / count)


def _drawn(mean: Mean, problem: Densities | Clouds, ctx: Context) -> np.ndarray:
    """The mean as an array in the precision of the run, in the shape of the grid on a grid."""
    value = mean.value.to(ctx.dtype).cpu().numpy()
    if isinstance(problem, Densities) and isinstance(mean, GridMean):
        return value.reshape(problem.densities.shape[1:])
    return value


def _live(problem: Densities | Clouds, mean: Mean, ctx: Context) -> Figure:
    """The mean on its way."""
    points = isinstance(mean, FreeMean)
    return figures.mean(problem, _drawn(mean, problem, ctx), points, "Barycentre, running")


def _costs(mean: Mean, count: int) -> tuple[np.ndarray, float]:
    """Cost of moving the mean to each input, and the largest error of a marginal."""
    try:
        costs, error = mean.costs()
    except Cancelled:
        costs, error = [math.nan] * count, math.nan
    return np.array(costs), error


def _history(way: Way) -> dict[str, Any]:
    """What was read on the way, and the last of it."""
    rows = way.rows or [{"iteration": 0, "change": math.nan}]
    read = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    found: dict[str, Any] = {"iteration": read["iteration"], "changes": read["change"]}
    for name, plural in (("mass", "masses"), ("entropy", "entropies"), ("objective", "objectives")):
        found[plural] = read.get(name)
    for name in ("mass", "entropy"):
        found[name] = rows[-1].get(name, math.nan)
    return {**found, "iterations": len(way.rows)}
