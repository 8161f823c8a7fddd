"""Shape interpolation: one picture flows into another along the straightest ways of its mass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from engines.context import Cancelled, Context
from engines.figure import Axis, Figure, Line, Panel
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import BadProblem, Result, Status, array, metric, scalar
from engines.transport import pairs
from engines.transport.figures import AMOUNT, picture, splat
from engines.transport.pairs import Pairs
from engines.transport.problem import Histograms, disc_and_star, points
from engines.transport.vertices import vertex

STAGES = 4  # pictures of the strip


@dataclass(frozen=True, kw_only=True)
class ShapePath(Result):
    """The pictures between two pictures, and the plan that they follow."""

    row: np.ndarray = array("row", "centres of the bins of the frames, first axis")
    column: np.ndarray = array("column", "centres of the bins of the frames, second axis")
    t: np.ndarray = array("frame", "share of the way done")
    frames: np.ndarray = array("frame row column", "mass in each bin, total 1", "mass")
    spread: np.ndarray = array("frame", "mean squared distance of the mass from its centre")
    source: np.ndarray = array("row column", "the first picture on these bins", "mass")
    target: np.ndarray = array("row column", "the second picture on these bins", "mass")
    plan_rows: np.ndarray | None = array("pair", "bins that the mass leaves", optional=True)
    plan_cols: np.ndarray | None = array("pair", "bins that it reaches", optional=True)
    plan_values: np.ndarray | None = array("pair", "mass moved", "mass", optional=True)
    cost: float = metric("transport cost, the mean squared way of the mass", "cost")
    W_2: float = metric("length of the path: Wasserstein distance of both pictures")
    nnz: int = scalar(0, "pairs of bins with mass")


class ShapeInterpolation(Method):
    """Displacement interpolation: every grain of a picture goes straight to its place in another.

    P of least cost Σ P_ij |x_i - y_j|² between two pictures as densities; at time t the mass P_ij
    is at

        (1 - t) x_i + t y_j            (McCann),    W₂(μ_s, μ_t) = |t - s| W₂(μ_0, μ_1)

    Shows how a shape moves, splits and merges on the shortest path between two densities, beside
    the cross-fade, in which nothing moves. Mass is split as the plan splits it; the mean place of
    the targets would draw the shape together.

    Time: a linear programme between the n and m bins with mass, about (n m)^1.1, then a sum over
    at most n + m - 1 pairs for each frame. Memory n·m; all in float64. Good values: up to 48 bins
    along a side, 21 frames, and a blur of half a bin to one bin, which vanishes at both ends and
    closes the gaps that open where a shape grows. Both pictures are given the mass 1.

    Becomes the moving picture itself where the target is the source elsewhere. Pitfalls: where
    several plans are nearly as cheap, the way jumps with small changes of a picture; a bright
    background is mass like any other, so give it the value 0; shapes do not stay whole on the
    way, for nothing holds neighbours together.
    """

    title: ClassVar[str] = "Shape interpolation"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "R. J. McCann",
            1997,
            "A convexity principle for interacting gases",
            venue="Advances in Mathematics 128",
        ),
        Paper(
            "N. Bonneel, M. van de Panne, S. Paris, W. Heidrich",
            2011,
            "Displacement interpolation using Lagrangian mass transport",
            venue="ACM Transactions on Graphics 30",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "disc_and_star",
            "A disc becomes a star",
            lambda: disc_and_star(40),
            story="The disc crosses the picture and grows five points on its way.",
        ),
        Example(
            "one_and_two",
            "One drop becomes two",
            lambda: one_and_two(40),
            story="The plan cuts the drop through its middle; each half goes its own way.",
        ),
        Example(
            "o_and_x",
            "An O becomes an X",
            lambda: o_and_x(40),
            story="The ring reaches for the corners and draws its four sides in.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"resolution": 24, "n_frames": 11},
        "default": {},
        # No blur: the masses where they are.
        "paper": {"blur": 0.0},
    }

    n_frames: int = param(21, "T", "pictures of the movie, both ends among them", ge=2, le=200)
    resolution: int = param(
        48, "N", "most bins along a side; finer pictures are summed to this", ge=4, le=128
    )
    blur: float = param(
        0.7, "σ", "Gaussian blur half-way, nothing at the ends", unit="bins", ge=0, le=5
    )

    def run(self, problem: Histograms, ctx: Context) -> ShapePath:
        """Find the plan, then move the mass along it, frame by frame."""
        coarse = _coarse(problem, self.resolution)
        axes, (x, _) = coarse.axes(), points(coarse)
        ctx.show(_now, axes, coarse.source, 0.0)
        try:
            found = _plan(coarse, x, ctx)
        except Cancelled:
            found = None
        times = np.linspace(0, 1, self.n_frames)
        frames, spread = [coarse.source], [_spread(x, coarse.source.ravel())]
        known: dict[str, Any] = {}
        if found is not None:
            here, there = x[found.rows], x[found.cols]
            cost = float(((here - there) ** 2).sum(1) @ found.mass)
            known = {"plan_rows": found.rows, "plan_cols": found.cols, "plan_values": found.mass}
            known |= {"cost": cost, "W_2": cost**0.5, "nnz": len(found.mass)}
            for k in ctx.steps(self.n_frames - 1):
                t = float(times[k + 1])
                places = (1 - t) * here + t * there
                frames.append(self._blurred(splat(axes, places, found.mass), t))
                spread.append(_spread(places, found.mass))
                ctx.log(spread=spread[-1])
                ctx.show(_now, axes, frames[-1], t)
        return ShapePath(
            row=axes[0],
            column=axes[1],
            t=times[: len(frames)],
            frames=np.stack(frames),
            spread=np.array(spread),
            source=coarse.source,
            target=coarse.target,
            status=Status.stopped if ctx.stopped else Status.completed,
            **known,
        )

    def _blurred(self, frame: np.ndarray, t: float) -> np.ndarray:
        """The frame with its gaps closed; the mass stays the same."""
        width = self.blur * 2 * max(t * (1 - t), 0.0) ** 0.5
        blurred: np.ndarray = gaussian_filter(frame, width, mode="reflect") if width else frame
        return blurred

    def figures(self, problem: Histograms, result: ShapePath) -> tuple[Figure, ...]:
        """The movie beside the cross-fade, a strip, the spread, and how far the mass goes."""
        drawn = (_movie(result), _strip(result), _spreads(result))
        if result.plan_rows is None or result.plan_cols is None or result.plan_values is None:
            return drawn
        found = Pairs(result.plan_rows, result.plan_cols, result.plan_values)
        coarse = Histograms(
            source=result.source, target=result.target, row=result.row, column=result.column
        )
        return (*drawn, pairs.distances(coarse, found, "Distances"))

    def cost(self, problem: Histograms) -> Cost:
        """Matrix and edges of the simplex, and the frames; time as measured for the simplex."""
        bins = int(np.prod([min(side, self.resolution) for side in problem.source.shape]))
        n, m = (min(bins, int(np.count_nonzero(p))) for p in (problem.source, problem.target))
        output = 8 * bins * (self.n_frames + 2) + 40 * (n + m) + 16 * self.n_frames + 32 * bins
        return Cost(44 * n * m + 3 * output, output, 240.0 * float(n * m) ** 1.115)


def one_and_two(n: int = 48) -> Histograms:
    """A drop on the left, and two smaller ones on the right, above each other."""
    down, right = _grid(n)
    drop = np.hypot(down - 0.5, right - 0.25) < 0.18
    two = np.minimum(np.hypot(down - 0.25, right - 0.75), np.hypot(down - 0.75, right - 0.75))
    return Histograms(source=drop / drop.sum(), target=(two < 0.13) / (two < 0.13).sum())


def o_and_x(n: int = 48) -> Histograms:
    """The letters O and X."""
    down, right = _grid(n)
    ring = np.abs(np.hypot(down - 0.5, right - 0.5) - 0.28) < 0.07
    slope = np.minimum(np.abs(down - right), np.abs(down + right - 1))
    cross = (slope < 0.1) & (np.abs(down - 0.5) < 0.35)
    return Histograms(source=ring / ring.sum(), target=cross / cross.sum())


def _grid(n: int) -> tuple[np.ndarray, np.ndarray]:
    side = (np.arange(n) + 0.5) / n
    down, right = np.meshgrid(side, side, indexing="ij")
    return down, right


def _coarse(problem: Histograms, most: int) -> Histograms:
    """Both pictures with mass 1, summed over blocks to at most so many bins along a side."""
    if problem.source.ndim != 2:
        raise BadProblem(
            "source has 1 axis; it must have 2, row and column; load two pictures, or use exact_ot "
            "for densities on a line"
        )
    pictures, axes = [], []
    step = -(-max(problem.source.shape) // most)
    for values in (problem.source, problem.target):
        mass = values.astype(np.float64)
        for axis in (0, 1):
            mass = np.add.reduceat(mass, np.arange(0, mass.shape[axis], step), axis)
        pictures.append(mass / mass.sum())
    for centres in problem.axes():
        starts = np.arange(0, len(centres), step)
        counts = np.diff(starts, append=len(centres))
        axes.append(np.add.reduceat(centres, starts) / counts)
    return Histograms(source=pictures[0], target=pictures[1], row=axes[0], column=axes[1])


def _plan(problem: Histograms, x: np.ndarray, ctx: Context) -> Pairs:
    """The cheapest plan between the bins that have mass."""
    a, b = problem.source.ravel(), problem.target.ravel()
    rows, cols = np.flatnonzero(a), np.flatnonzero(b)
    here, there = a[rows], b[cols]
    there = there * (here.sum() / there.sum())  # to the last digit, or there is no plan
    found = vertex(here, there, cdist(x[rows], x[cols], "sqeuclidean"), ctx)
    return Pairs(rows[found.rows], cols[found.cols], found.values)


def _spread(places: np.ndarray, mass: np.ndarray) -> float:
    centre = mass @ places
    return float(mass @ ((places - centre) ** 2).sum(1))


def _now(axes: tuple[np.ndarray, ...], frame: np.ndarray, t: float) -> Figure:
    panel = picture(axes, frame.astype(np.float32), "transport")
    return Figure("interpolation", f"Interpolation, t = {t:.2f}", (panel,), "The mass on its way.")


def _movie(result: ShapePath) -> Figure:
    axes, t = (result.row, result.column), result.t[:, None, None]
    fade = (1 - t) * result.source + t * result.target
    panels = (
        picture(axes, result.frames.astype(np.float32), "transport"),
        picture(axes, fade.astype(np.float32), "cross-fade"),
    )
    caption = (
        "Left: every grain of mass goes straight to its target, at constant speed. Right: one "
        "picture fades into the other."
    )
    return Figure("interpolation", "Interpolation", panels, caption, times=result.t, time=AMOUNT)


def _strip(result: ShapePath) -> Figure:
    stages = np.unique(np.linspace(0, len(result.t) - 1, STAGES).round().astype(int))
    axes = (result.row, result.column)
    panels = tuple(
        picture(axes, result.frames[k].astype(np.float32), f"t = {result.t[k]:.2f}") for k in stages
    )
    caption = "The mass at a few times on its way."
    return Figure("strip", "Stages of the way", panels, caption)


def _spreads(result: ShapePath) -> Figure:
    """Spread on the way; that of a cross-fade grows by t (1 - t) times the squared shift."""
    grid = np.stack(np.meshgrid(result.row, result.column, indexing="ij"), axis=-1).reshape(-1, 2)
    flat = [(1 - t) * result.source.ravel() + t * result.target.ravel() for t in result.t]
    panel = Panel(
        (
            Line(x=result.t, y=result.spread, name="transport"),
            Line(
                x=result.t,
                y=np.array([_spread(grid, mass) for mass in flat]),
                name="cross-fade",
                role="guide",
            ),
        ),
        Axis("t"),
        Axis("spread"),
    )
    caption = (
        "Mean squared distance of the mass from its centre. On the way of transport it is never "
        "above that of the cross-fade."
    )
    return Figure("spread", "Spread of the mass", (panel,), caption)
