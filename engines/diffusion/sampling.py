"""The loop that all samplers share: from noise down the levels, watched, recorded and judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from engines.context import Cancelled, Context, State
from engines.diffusion import figures, metrics
from engines.diffusion.denoisers import Sampled
from engines.diffusion.problem import PointTarget, Samples
from engines.problem import Status

PATHS = 16  # samples whose whole way is stored
CLOUD = 1000  # samples whose way is stored in the plane of the pictures
WAYS = ("trajectory", "denoised", "marginals")  # what is stored at every level

# From x at level σ_a to x at level σ_b < σ_a: also D(x, σ_a), and how often D was evaluated.
Step = Callable[[Tensor, float, float], tuple[Tensor, Tensor, int]]


@dataclass
class Walk:
    """Where the samples are, and the way they came."""

    start: Tensor
    x: Tensor
    nfe: int = 0
    sigmas: list[float] = field(default_factory=list)
    trajectory: list[Tensor] = field(default_factory=list)
    denoised: list[Tensor] = field(default_factory=list)
    marginals: list[Tensor] = field(default_factory=list)
    previous: Tensor | None = None

    def kept(self, generator: Tensor) -> dict[str, Any]:
        """What it takes to go on from here, after a step or more."""
        ways = {name: torch.stack(getattr(self, name)) for name in WAYS}
        here = {"x": self.x, "nfe": self.nfe, "sigmas": self.sigmas, "previous": self.previous}
        return {**here, **ways, "generator": generator}

    def go_on(self, kept: State) -> None:
        """Take the place where another walk was."""
        held = {name: torch.from_numpy(kept[name]).to(self.x) for name in ("x", "previous", *WAYS)}
        self.x, self.previous = held["x"], held["previous"]
        self.nfe, self.sigmas = int(kept["nfe"]), kept["sigmas"].tolist()
        for name in WAYS:
            setattr(self, name, list(held[name]))


def initial_noise(target: Sampled, n: int, sigma: float, ctx: Context) -> Tensor:
    """Draw n points from N(mean of the data, σ²)."""
    drawn = torch.randn(n, target.dimension, dtype=torch.float64, generator=ctx.rng)
    return ctx.tensors(target.mean + sigma * drawn.numpy())


def sample(
    step: Step,
    start: Tensor,
    sigmas: Sequence[float],
    fewer: Sequence[Sequence[float]],
    target: Sampled,
    ctx: Context,
) -> Samples:
    """Take the start down the noise levels and judge the end; then try `fewer` levels too."""
    walk = integrate(step, start, sigmas, target, ctx)
    found: dict[str, Any] = {}
    note = ""
    finished = len(walk.sigmas) == len(sigmas)
    try:
        if finished:
            found = _judge(walk, step, fewer, target, ctx)
        else:
            note = f"stopped at σ = {walk.sigmas[-1]:.3g}; the samples still carry that much noise"
    except Cancelled:
        finished = False
        note = "stopped after the sampling; the samples are complete, the metrics are missing"
    return Samples(
        status=Status.completed if finished else Status.stopped,
        note=note,
        samples=walk.x,
        sigmas=walk.sigmas,
        trajectory=torch.stack(walk.trajectory),
        denoised=torch.stack(walk.denoised) if walk.denoised else None,
        marginals=torch.stack(walk.marginals),
        nfe=float(walk.nfe),
        **found,
    )


def integrate(
    step: Step, start: Tensor, sigmas: Sequence[float], target: Sampled, ctx: Context
) -> Walk:
    """Take the start from the first noise level to the last, or as far as a stop lets it come."""
    canvas = figures.Canvas(target)
    axes = ctx.tensors(canvas.axes)
    walk = Walk(start, start)

    def keep(sigma: float) -> None:
        walk.sigmas.append(sigma)
        walk.trajectory.append(walk.x[:PATHS].clone())
        walk.marginals.append(walk.x[:CLOUD] @ axes)

    if ctx.kept:
        walk.go_on(ctx.kept)
        ctx.rng.set_state(torch.from_numpy(ctx.kept["generator"]))
    else:
        keep(sigmas[0])
    with suppress(Cancelled):  # asked for inside a step: the state is that of the last finished one
        for k in ctx.steps(len(sigmas) - 1, len(walk.sigmas) - 1):
            walk.x, denoised, evaluations = step(walk.x, sigmas[k], sigmas[k + 1])
            walk.nfe += evaluations
            walk.denoised.append(denoised[:PATHS].clone())
            keep(sigmas[k + 1])
            _log(ctx, walk, denoised, walk.previous)
            walk.previous = denoised
            ctx.keep(partial(walk.kept, ctx.rng.get_state()))
            ctx.show(figures.live, canvas, walk.x, denoised, sigmas[k + 1])
    return walk


def _log(ctx: Context, walk: Walk, denoised: Tensor, previous: Tensor | None) -> None:
    before, now = walk.sigmas[-2:]
    few = denoised[:CLOUD]  # as telling as all of them
    row = {"sigma": now, "nfe": walk.nfe, "denoised_norm": few.norm(dim=1).mean()}
    if now > 0:
        row["lambda_step"] = math.log(before / now)
    if previous is not None:
        row["curvature"] = (few - previous[:CLOUD]).norm(dim=1).square().mean().sqrt()
    ctx.log(**row)


def _judge(
    walk: Walk, step: Step, fewer: Sequence[Sequence[float]], target: Sampled, ctx: Context
) -> dict[str, Any]:
    """Metrics of the samples with their floors, and of runs with fewer levels."""
    score = metrics.scorer(target, ctx)
    found: dict[str, Any] = {**score(walk.x), **metrics.floors(target, len(walk.x), score, ctx)}
    if isinstance(target, PointTarget):
        points = ctx.tensors(target.points)
        distances, nearest = metrics.nearest_points(walk.x, points, ctx)
        found |= {"nn_distance": float(distances.median()), "nearest": nearest}
        if target.held_out_points is not None:
            held_out = ctx.tensors(target.held_out_points)
            kept, _ = metrics.nearest_points(held_out[: metrics.MOST_POINTS], points, ctx)
            found["nn_distance_held_out"] = float(kept.median())
    if fewer:
        found |= _fewer_steps(walk, step, fewer, score, ctx)
    return found


def _fewer_steps(
    walk: Walk,
    step: Step,
    fewer: Sequence[Sequence[float]],
    score: Callable[[Tensor], metrics.Scores],
    ctx: Context,
) -> dict[str, Any]:
    """The same start taken down with fewer levels: evaluations, distances and errors."""
    rungs = []
    with ctx.phase("fewer steps"):
        for k in ctx.steps(len(fewer)):
            x, spent = walk.start, 0
            for sigma, to in pairwise(fewer[k]):
                ctx.check()
                x, _, evaluations = step(x, sigma, to)
                spent += evaluations
            error = (x - walk.x).norm(dim=1).median()
            rungs.append((float(spent), score(x)["sliced_wasserstein"], float(error)))
    ctx.check()
    names = ("ladder_nfe", "ladder_sliced_wasserstein", "ladder_error")
    return dict(zip(names, zip(*rungs, strict=True), strict=True))
