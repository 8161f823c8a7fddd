"""Colour transfer: a picture in the colours of another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.peer import Peer
from engines.problem import Result, Status, array, metric, scalar
from engines.transport import colour_figures
from engines.transport.colours import (
    BRIGHTNESS,
    ColourMap,
    ColourPictures,
    entropic_map,
    gaussian_map,
    meadow_and_dusk,
    nearest_map,
    palette,
    sliced_distance,
    sliced_round,
    under_a_lamp,
)
from engines.transport.cost import facts, one_thread, point_cost, squared_distances
from engines.transport.gaussian import gaussian_pair
from engines.transport.peers import others
from engines.transport.scaling import Course, Scaling, best_omega, scale
from engines.transport.softmin import make_softmin
from engines.transport.vertices import vertex

# Pixels times colours of the palette that are mapped at a time: some 50 ms on one core.
BLOCK = 4_000_000

# The entropic plan: more digits would be lost in eight bits, and few iterations reach these.
TOL, MAX_ITER = 1e-4, 5000
# Over-relaxation that is only guessed, and the largest that the measured rate may ask for.
FIRST_RELAX, MOST_RELAX = 1.8, 1.97


@dataclass(frozen=True, kw_only=True)
class Recoloured(Result):
    """The source in its new colours, and the palettes that were joined."""

    image: np.ndarray = array("row column channel", "the source in its new colours")
    palette: np.ndarray | None = array(
        "colour channel", "colours of the source between which the plan is found", optional=True
    )
    palette_moved: np.ndarray | None = array(
        "colour channel", "mean colour to which the plan sends each of them", optional=True
    )
    round: np.ndarray = array("round", "rounds done when the distance was read")
    distance: np.ndarray = array("round", "sliced W₂² of the colours to the reference", "cost")
    before: float = metric("sliced W₂² between both pictures at the start", "cost")
    after: float = metric("sliced W₂² between the result and the reference", "cost", better="lower")
    map_cost: float = metric("mean squared shift of a colour, before values are cut off", "cost")
    plan_cost: float = metric("cost of the plan between the palettes", "cost")
    clipped: float = metric("share of values that were cut off at 0 or 1", better="lower")
    colours: int = scalar(0, "different colours in the palette of the source")


@dataclass
class _Work:
    """The colours at hand, and what is known of the plan."""

    x: np.ndarray
    y: np.ndarray
    moved: np.ndarray
    status: Status = Status.completed
    palette: np.ndarray | None = None
    palette_moved: np.ndarray | None = None
    plan_cost: float = float("nan")
    distance: list[float] = field(default_factory=list)


class ColorTransfer(Method):
    """Colour transfer: the pixels of a picture take the colours of another at least change.

    Pixels are points x of the colour cube, those of the reference y. A plan P between n random
    pixels of each, of least cost or with entropy, gives every colour of the palette a new one:

        T(x_i) = Σ_j P_ij y_j / a_i
        exact:     T(x) = x + T(x_i) - x_i,  x_i the nearest colour of the palette
        sinkhorn:  T(x) = Σ_j y_j b_j e^{(g_j - |x - y_j|²)/ε} / Σ_j b_j e^{(g_j - |x - y_j|²)/ε}
        gaussian:  T(x) = m₁ + B (x - m₀),  B = S₀^{-½} (S₀^½ S₁ S₀^½)^½ S₀^{-½}
        sliced:    in each round, match the sorted pixels along three random perpendicular axes

    Shows which colours become which, and how differently four ways to transport behave: the exact
    plan follows every detail of the palettes, the entropic map is smooth, the Gaussian one is
    linear, and the sliced flow takes all pixels to the very histogram of the reference.

    Time: the plan takes n² to n³, the map n for each pixel (sinkhorn) or log n (exact); a round of
    the sliced flow sorts all pixels three times. Memory n² and a few copies of the pictures; all
    in float64. Good values: n = 1000, ε from 0.5 % to 5 % of the mean cost, 20 to 30 rounds.
    Becomes the mean colour of the reference as ε → ∞, and the source itself at strength 0.

    Pitfalls: shares of colours are kept, so that a green meadow before a reference with much sky
    turns partly blue; neighbours in a smooth sky may go apart (bands: use sinkhorn, or a lower
    strength); the entropic map pales the colours, their variance falls by about ε/2.
    """

    title: ClassVar[str] = "Colour transfer"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "F. Pitié, A. C. Kokaram, R. Dahyot",
            2007,
            "Automated colour grading using colour distribution transfer",
            venue="Computer Vision and Image Understanding 107",
        ),
        Paper(
            "S. Ferradans, N. Papadakis, G. Peyré, J.-F. Aujol",
            2014,
            "Regularized discrete optimal transport",
            arxiv="1307.5551",
            venue="SIAM Journal on Imaging Sciences 7",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "meadow_at_dusk",
            "A meadow at dusk",
            meadow_and_dusk,
            story="The green hills take the violet of the dusk, the sky its orange.",
        ),
        Example(
            "smooth",
            "The same with a smooth map",
            meadow_and_dusk,
            {"way": "sinkhorn"},
            "The entropic map has no bands in the sky; raise ε to see the colours pale.",
        ),
        Example(
            "all_pixels",
            "The same, to the last pixel",
            meadow_and_dusk,
            {"way": "sliced"},
            "Thirty rounds give the result the histograms of the reference.",
        ),
        Example(
            "red_lamp",
            "Daylight for a red lamp",
            under_a_lamp,
            {"way": "gaussian"},
            "A linear cast is undone to the last digit that anybody sees.",
            {"after": Expect(0.0, 1e-6, "the cast is linear, and so is the map")},
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_samples": 300, "epsilon": 0.02, "rounds": 10},
        "default": {},
        # All pixels, along random axes, without a palette.
        "paper": {"way": "sliced", "rounds": 20},
    }

    way: Literal["exact", "sinkhorn", "gaussian", "sliced"] = param(
        "exact", "way", "how colours are transported: a plan of palettes, moments, or random lines"
    )
    n_samples: int = param(
        1000, "n", "pixels of each picture in its palette (exact, sinkhorn)", ge=10, le=5000
    )
    epsilon: float = param(
        0.01, "ε", "entropic regularisation (sinkhorn)", unit="mean cost", ge=1e-4, log=True
    )
    rounds: int = param(30, "K", "rounds of three axes each (sliced)", ge=1, le=1000)
    strength: float = param(1.0, "s", "share of the way to the new colours", ge=0, le=1)
    preserve_luminance: bool = param(
        False, "keep brightness", "whether each pixel keeps its brightness and changes hue only"
    )

    def run(self, problem: ColourPictures, ctx: Context) -> Recoloured:
        """Find how colours move, then move those of all pixels."""
        x, y = problem.pixels()
        work = _Work(x, y, x.copy())
        work.distance.append(sliced_distance(x, y))
        with one_thread(ctx.device.type == "cpu"), suppress(Cancelled):
            if self.way == "sliced":
                self._flow(problem, work, ctx)
            else:
                self._map_all(problem, work, self._found_map(work, ctx), ctx)
        return self._result(problem, work, ctx)

    def _found_map(self, work: _Work, ctx: Context) -> ColourMap:
        """The map of colours; what the plan says is kept in `work`."""
        if self.way == "gaussian":
            return gaussian_map(work.x, work.y)
        fewest = min(len(work.x), len(work.y))
        if fewest < self.n_samples:
            ctx.warn(f"a picture has only {fewest} pixels, fewer than n_samples: all are used")
        x, a = palette(work.x, self.n_samples, ctx)
        y, b = palette(work.y, self.n_samples, ctx)
        work.palette = x
        if self.way == "sinkhorn":
            return self._entropic(work, (x, a), (y, b), ctx)
        costs = squared_distances(x, y, ctx.check)
        plan = vertex(a, b, costs, ctx)
        work.plan_cost = float(plan.values @ costs[plan.rows, plan.cols])
        sums = [np.bincount(plan.rows, plan.values * c, len(x)) for c in y[plan.cols].T]
        work.palette_moved = np.stack(sums, axis=1) / a[:, None]
        return nearest_map(x, work.palette_moved)

    def _entropic(
        self,
        work: _Work,
        source: tuple[np.ndarray, np.ndarray],
        target: tuple[np.ndarray, np.ndarray],
        ctx: Context,
    ) -> ColourMap:
        """Scale to both marginals; g alone says where any colour goes."""
        home = "cpu" if ctx.device.type == "mps" else ctx.device
        x, a, y, b = (torch.as_tensor(part, device=home) for part in (*source, *target))
        cost, pair = point_cost(x, y, check=ctx.check), gaussian_pair(x, y, a, b)
        seen = facts(cost, pair.potential(y))
        if seen.mean == 0:  # both pictures are of one and the same colour
            return gaussian_map(work.x, work.y)
        epsilon = seen.absolute(self.epsilon, "relative_mean")
        soft = make_softmin("kernel", cost, a, b, torch.float64, x.device)
        state = Scaling(seen.f, seen.g, epsilon)
        first = min(FIRST_RELAX, best_omega(pair.rate(epsilon)))
        course = Course((epsilon,), (first,), MAX_ITER, TOL, MAX_ITER, MOST_RELAX)
        scale(soft, state, course, ctx, lambda *_: None)
        work.status = state.status
        found = entropic_map(state.g, y, b, epsilon)
        work.palette_moved = found(source[0])
        work.plan_cost = 0.0
        for rows in cost.blocks():
            block = cost.block(rows)
            plan = torch.exp((state.f[rows, None] + state.g - block) / epsilon)
            work.plan_cost += float(a[rows] @ (plan * block) @ b)
        return found

    def _map_all(
        self, problem: ColourPictures, work: _Work, found: ColourMap, ctx: Context
    ) -> None:
        """Map all pixels, some at a time."""
        size = max(1, BLOCK // self.n_samples)
        for k in ctx.steps(-(-len(work.x) // size)):
            rows = slice(k * size, (k + 1) * size)
            work.moved[rows] = found(work.x[rows])
            ctx.log(mapped=min(rows.stop, len(work.x)) / len(work.x))
            ctx.show(colour_figures.running, problem, self._finished(work))
        work.distance.append(sliced_distance(self._finished(work), work.y))

    def _flow(self, problem: ColourPictures, work: _Work, ctx: Context) -> None:
        """Match all pixels along random axes, round after round."""
        for _ in ctx.steps(self.rounds):
            work.moved = sliced_round(work.moved, work.y, ctx)
            work.distance.append(sliced_distance(self._finished(work), work.y))
            ctx.log(sliced_distance=work.distance[-1])
            ctx.show(colour_figures.running, problem, self._finished(work))

    def _wanted(self, work: _Work) -> np.ndarray:
        """The new colours with strength and brightness, of which some may lie outside the cube."""
        colours = work.x + self.strength * (work.moved - work.x)
        if self.preserve_luminance:
            colours += ((work.x - colours) @ BRIGHTNESS)[:, None]
        return colours

    def _finished(self, work: _Work) -> np.ndarray:
        return self._wanted(work).clip(0, 1)

    def _result(self, problem: ColourPictures, work: _Work, ctx: Context) -> Recoloured:
        wanted = self._wanted(work)
        ended = wanted.clip(0, 1)
        return Recoloured(
            image=ended.reshape(problem.source.shape),
            palette=work.palette,
            palette_moved=work.palette_moved,
            round=np.arange(len(work.distance)),
            distance=np.array(work.distance),
            before=work.distance[0],
            after=work.distance[-1],
            map_cost=float(((work.moved - work.x) ** 2).sum(1).mean()),
            plan_cost=work.plan_cost,
            clipped=float((wanted != ended).mean()),
            colours=0 if work.palette is None else len(work.palette),
            status=Status.stopped if ctx.stopped else work.status,
        )

    def figures(self, problem: ColourPictures, result: Recoloured) -> tuple[Figure, ...]:
        """The pictures, their colours on the way, the channels, and the distance that is left."""
        image, title = result.image, "Source, reference and result"
        if result.status is Status.limit_reached:
            title += " (not converged)"
        drawn = (
            colour_figures.pictures(problem, image, title),
            colour_figures.cube(problem, image),
            colour_figures.plane(problem, image),
            colour_figures.channels(problem, image),
        )
        distances = colour_figures.distances(result.round, result.distance)
        return (*drawn, distances) if len(result.distance) > 2 else drawn

    def peers(self, problem: ColourPictures, result: Recoloured) -> tuple[Peer, ...]:
        """POT's linear map, for the Gaussian way."""
        return others.colours(self, problem)

    def cost(self, problem: ColourPictures) -> Cost:
        """Copies of the pictures and a matrix of the palettes; time as measured."""
        n, m = (p.shape[0] * p.shape[1] for p in (problem.source, problem.reference))
        count = self.n_samples
        output = 24 * n + 48 * count + 16 * (self.rounds + 1)
        plan = 44 * count**2 if self.way in ("exact", "sinkhorn") else 0
        work = {
            "exact": 240.0 * count**2.23 + 11_000.0 * n,
            "sinkhorn": 1000.0 * count**2 + 13.0 * n * count,
            "gaussian": 0.0,
            "sliced": 800.0 * self.rounds * (n + m),
        }[self.way]
        work += 2000.0 * (n + m)
        return Cost(8 * output + 100 * (n + m) + plan + 32 * BLOCK, output, work)
