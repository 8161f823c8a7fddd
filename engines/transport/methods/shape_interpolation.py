"""Shape interpolation: one shape flows into another along the straightest ways of its mass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from scipy.ndimage import gaussian_filter

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import BadProblem, Status
from engines.transport import pairs
from engines.transport import shape_figures as surface_figures
from engines.transport import shape_path as figures
from engines.transport.cost import squared_distances
from engines.transport.figures import splat
from engines.transport.functional_map import first_map, sizes
from engines.transport.laplacian import vertex_areas
from engines.transport.mesh_pair import MeshPair, arm_pair, blob_pair
from engines.transport.pairs import Pairs
from engines.transport.problem import (
    Histograms,
    PointClouds,
    disc_and_star,
    masses,
    points,
    two_moons,
)
from engines.transport.shape_map import Course
from engines.transport.shape_matching import describe, functions, grow, matching_work
from engines.transport.shape_path import ShapePath, spread
from engines.transport.vertices import vertex

# The map between two surfaces as functional_maps_ot finds it by default: descriptors, functions
# in the first map and added in each step, and what unlike eigenvalues cost.
DESCRIBED, FIRST, ADDED, UNLIKE = 100, 20, 5, 0.1

LOADING = 2e9  # operations in the time that the library of the simplex takes to load


class ShapeInterpolation(Method):
    """Displacement interpolation: every grain of a shape goes straight to its place in another.

    P of least cost Σ P_ij |x_i - y_j|² between two pictures or clouds; at time t the mass P_ij
    is at

        (1 - t) x_i + t y_j            (McCann),    W₂(μ_s, μ_t) = |t - s| W₂(μ_0, μ_1)

    Shows how a shape moves, splits and merges on the shortest path between two densities, beside
    the cross-fade, in which nothing moves. Mass is split as the plan splits it; the mean place of
    the targets would draw the shape together. Surfaces stay whole instead: their vertices follow
    the true map where it is given, else that of functional_maps_ot.

    Time: a linear programme between the n and m bins or points with mass, about (n m)^1.1, then a
    sum over at most n + m - 1 pairs for each frame; for surfaces the time of their map. Memory
    n·m; all in float64. Good values: up to 48 bins along a side, up to 3000 points, 21 frames, and
    a blur of half a bin to one bin, which vanishes at both ends and closes the gaps that open where
    a shape grows. Both pictures are given the mass 1.

    Becomes the moving shape itself where the target is the source elsewhere. Pitfalls: where
    several plans are nearly as cheap, the way jumps with small changes of a shape; a bright
    background is mass like any other, so give it the value 0; pictures and clouds do not stay
    whole on the way, for nothing holds neighbours together; what turns far on a surface shrinks on
    its way, for each vertex goes straight.
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
        Example(
            "two_moons",
            "One half moon becomes the other",
            two_moons,
            story="Two clouds of points: the crown of the arch sinks, its feet become tips.",
        ),
        Example(
            "ball_to_ring",
            "A ball becomes a ring",
            lambda: ball_to_ring(600),
            story="Points in space: the ball opens in its middle and flows outwards.",
        ),
        Example(
            "blob_pair",
            "A body bends",
            lambda: replace(blob_pair(), truth=None),
            story="Two surfaces of other triangles: the map between them is found first.",
        ),
        Example(
            "arm_pair",
            "An arm bends its elbow",
            arm_pair,
            story="The map is given, vertex by vertex; the forearm shrinks while it turns.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"resolution": 24, "n_frames": 11, "n_eig": 60},
        "default": {},
        # No blur: the masses where they are.
        "paper": {"blur": 0.0},
    }

    n_frames: int = param(21, "T", "pictures of the movie, both ends among them", ge=2, le=200)
    resolution: int = param(
        48, "N", "most bins along a side of a picture; finer ones are summed to this", ge=4, le=128
    )
    blur: float = param(
        0.7, "σ", "Gaussian blur of a picture half-way, none at the ends", unit="bins", ge=0, le=5
    )
    n_eig: int = param(
        120, "k", "eigenfunctions in the map between two surfaces", ge=20, le=300, expert=True
    )

    def run(self, problem: Histograms | PointClouds | MeshPair, ctx: Context) -> ShapePath:
        """Find the plan or the map, then move the mass along it, frame by frame."""
        if isinstance(problem, Histograms):
            return self._picture(problem, ctx)
        if isinstance(problem, PointClouds):
            return self._cloud(problem, ctx)
        return self._surface(problem, ctx)

    def _picture(self, problem: Histograms, ctx: Context) -> ShapePath:
        coarse = _coarse(problem, self.resolution)
        axes, (x, _) = coarse.axes(), points(coarse)
        ctx.show(figures.picture_now, axes, coarse.source, 0.0)
        found = _plan(x, x, coarse.source.ravel(), coarse.target.ravel(), ctx)
        times = np.linspace(0, 1, self.n_frames)
        frames, spreads = [coarse.source], [spread(x, coarse.source.ravel())]
        if found is not None:
            here, there = x[found.rows], x[found.cols]
            for k in ctx.steps(self.n_frames - 1):
                t = float(times[k + 1])
                places = (1 - t) * here + t * there
                frames.append(self._blurred(splat(axes, places, found.mass), t))
                spreads.append(spread(places, found.mass))
                ctx.log(spread=spreads[-1])
                ctx.show(figures.picture_now, axes, frames[-1], t)
        return ShapePath(
            row=axes[0],
            column=axes[1],
            t=times[: len(frames)],
            frames=np.stack(frames),
            spread=np.array(spreads),
            source=coarse.source,
            target=coarse.target,
            status=Status.stopped if ctx.stopped else Status.completed,
            **_kept(found, x, x),
        )

    def _cloud(self, problem: PointClouds, ctx: Context) -> ShapePath:
        (x, y), (a, b) = points(problem), masses(problem)
        ctx.show(figures.now, self._moved(x, x, a, ctx.quiet(), frames=1))
        found = _plan(x, y, a, b, ctx)
        if found is None:
            return self._moved(x, x, a, ctx, frames=1)
        kept = _kept(found, x, y)
        return self._moved(x[found.rows], y[found.cols], found.mass, ctx, **kept)

    def _surface(self, problem: MeshPair, ctx: Context) -> ShapePath:
        (source, source_faces), (target, faces) = problem.surfaces()
        try:
            t = self._map(problem, ctx)
        except Cancelled:
            mass = vertex_areas(source, source_faces)
            return self._moved(source, source, mass / mass.sum(), ctx, 1, faces=source_faces)
        mass = vertex_areas(target, faces)
        mass /= mass.sum()
        cost = float(mass @ ((source[t] - target) ** 2).sum(1))
        return self._moved(source[t], target, mass, ctx, faces=faces, T=t, cost=cost)

    def _map(self, problem: MeshPair, ctx: Context) -> np.ndarray:
        """The source vertex of each target vertex."""
        if problem.truth is not None:
            return problem.truth.astype(np.int64)
        found, count = Course(), functions(problem, self.n_eig, FIRST)
        sides = describe(problem, count, "wave_kernel", DESCRIBED, found, ctx)
        small = sides.one.first(FIRST), sides.two.first(FIRST)
        first = first_map(*small, sides.known, UNLIKE, "laplacian")
        grow(problem, first, sides, ADDED, found, ctx)
        assert found.t is not None
        return found.t

    def _moved(
        self,
        here: np.ndarray,
        there: np.ndarray,
        mass: np.ndarray,
        ctx: Context,
        frames: int = 0,
        **known: Any,
    ) -> ShapePath:
        """Everything straight on its way, in all frames or in the first few."""
        times = np.linspace(0, 1, self.n_frames)[: frames or None]
        places, spreads = [here], [spread(here, mass)]

        def path() -> ShapePath:
            return ShapePath(
                t=times[: len(places)],
                places=np.stack(places),
                spread=np.array(spreads),
                mass=mass,
                status=Status.stopped if ctx.stopped else Status.completed,
                **known,
            )

        for k in ctx.steps(len(times) - 1):
            t = float(times[k + 1])
            places.append((1 - t) * here + t * there)
            spreads.append(spread(places[-1], mass))
            ctx.log(spread=spreads[-1])
            ctx.show(_now, path)
        return path()

    def _blurred(self, frame: np.ndarray, t: float) -> np.ndarray:
        """The frame with its gaps closed; the mass stays the same."""
        width = self.blur * 2 * max(t * (1 - t), 0.0) ** 0.5
        blurred: np.ndarray = gaussian_filter(frame, width, mode="reflect") if width else frame
        return blurred

    def figures(
        self, problem: Histograms | PointClouds | MeshPair, result: ShapePath
    ) -> tuple[Figure, ...]:
        """The movie, a strip, the spread, and how far the mass goes."""
        if isinstance(problem, MeshPair):
            drawn = (figures.movie(result), figures.strip(result), figures.spreads(result))
            return (*drawn, surface_figures.correspondence(problem, result.T))
        if isinstance(problem, PointClouds):
            drawn = (figures.movie(result), figures.strip(result), figures.spreads(result))
        else:
            drawn = (
                figures.picture_movie(result),
                figures.picture_strip(result),
                figures.picture_spreads(result),
            )
            assert result.source is not None
            assert result.target is not None
            problem = Histograms(
                source=result.source, target=result.target, row=result.row, column=result.column
            )
        if result.plan_rows is None or result.plan_cols is None or result.plan_values is None:
            return drawn
        found = Pairs(result.plan_rows, result.plan_cols, result.plan_values)
        return (*drawn, pairs.distances(problem, found, "Distances"))

    def cost(self, problem: Histograms | PointClouds | MeshPair) -> Cost:
        """Matrix and edges of the simplex, and the frames; time as measured for the simplex."""
        if isinstance(problem, Histograms):
            bins = int(np.prod([min(side, self.resolution) for side in problem.source.shape]))
            n, m = (min(bins, int(np.count_nonzero(p))) for p in (problem.source, problem.target))
            output = 8 * bins * (self.n_frames + 2) + 40 * (n + m) + 16 * self.n_frames + 32 * bins
            return Cost(44 * n * m + 3 * output, output, LOADING + 240.0 * float(n * m) ** 1.115)
        if isinstance(problem, PointClouds):
            (n, dim), m = problem.x.shape, len(problem.y)
            output = (n + m) * (8 * dim * self.n_frames + 64) + 16 * self.n_frames
            return Cost(44 * n * m + 3 * output, output, LOADING + 240.0 * float(n * m) ** 1.115)
        n, m = len(problem.source), len(problem.target)
        output = m * (24 * self.n_frames + 16) + 24 * len(problem.target_faces)
        steps = 1 + len(sizes(FIRST, ADDED, self.n_eig))
        memory = 3 * output + 8 * (n + m) * (4 * self.n_eig + DESCRIBED + 60) + 20_000_000
        work = matching_work(n, m, self.n_eig, FIRST, steps)
        return Cost(memory, output, 1e6 if problem.truth is not None else work)


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


def ball_to_ring(n: int = 600, seed: int = 0) -> PointClouds:
    """Points in a ball of radius 1, and in a ring of radius 2 and thickness 0.4 around it."""
    rng = np.random.default_rng(seed)
    ways = rng.standard_normal((n, 3))
    ball = ways / np.linalg.norm(ways, axis=1, keepdims=True) * rng.random((n, 1)) ** (1 / 3)
    around, across = 2 * np.pi * rng.random((2, n))
    out = 2 + 0.4 * np.cos(across)
    ring = np.stack([out * np.cos(around), out * np.sin(around), 0.4 * np.sin(across)], axis=1)
    return PointClouds(x=ball, y=ring)


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


def _plan(x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray, ctx: Context) -> Pairs | None:
    """The cheapest plan between the places that have mass; None where a stop was asked for."""
    rows, cols = np.flatnonzero(a), np.flatnonzero(b)
    here, there = a[rows], b[cols]
    there = there * (here.sum() / there.sum())  # to the last digit, or there is no plan
    try:
        found = vertex(here, there, squared_distances(x[rows], y[cols], ctx.check), ctx)
    except Cancelled:
        return None
    return Pairs(rows[found.rows], cols[found.cols], found.values)


def _kept(found: Pairs | None, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """The plan and its cost, as a result holds them."""
    if found is None:
        return {}
    cost = float(((x[found.rows] - y[found.cols]) ** 2).sum(1) @ found.mass)
    plan = {"plan_rows": found.rows, "plan_cols": found.cols, "plan_values": found.mass}
    return plan | {"cost": cost, "W_2": cost**0.5, "nnz": len(found.mass)}


def _now(path: Callable[[], ShapePath]) -> Figure:
    return figures.now(path())
