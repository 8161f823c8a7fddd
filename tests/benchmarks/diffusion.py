"""Our sampler beside the Heun scheduler of diffusers, and our sliced distance beside POT's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import ot
import torch
from torch import Tensor

from engines.context import Context
from engines.diffusion.denoisers import Denoiser, Exact, Sampled
from engines.diffusion.metrics import Reference, unit_directions
from engines.diffusion.problem import digits8, gmm_ring8
from engines.diffusion.sampling import initial_noise, integrate
from engines.diffusion.schedules import Karras
from engines.diffusion.solvers import heun_step
from tests.benchmarks.common import Row, time_pair


def rows() -> Iterator[Row]:
    """Sampling by 35 evaluations of the same exact denoiser, then the metric."""
    try:
        from diffusers import HeunDiscreteScheduler
    except ImportError as missing:
        print(f"no comparison with diffusers: {missing}")
    else:
        for name, target, batch, fine in (
            ("gmm_ring8", gmm_ring8(), 512, 1000),
            ("gmm_ring8", gmm_ring8(), 20_000, 1000),
            ("digits8", digits8(), 64, 200),
            ("digits8", digits8(), 1000, 200),
        ):
            yield from sampling(f"{name}, {batch} samples", target, batch, fine,
                                HeunDiscreteScheduler)  # fmt: skip
    yield sliced()


def sampling(
    problem: str, target: Sampled, batch: int, fine: int, scheduler: type
) -> Iterator[Row]:
    """Our steps alone and with record beside theirs; errors against `fine` levels."""
    ctx = Context()
    denoise = Exact().denoiser(target, ctx)
    start = initial_noise(target, batch, 80.0, ctx)
    sigmas = [*Karras().levels(18).tolist(), 0.0]

    def recorded(levels: list[float] = sigmas, start: Tensor = start) -> Tensor:
        return integrate(lambda *at: heun_step(denoise, *at), start, levels, target, ctx).x

    def steps() -> Tensor:
        x = start
        for sigma, to in pairwise(sigmas):
            x, _, _ = heun_step(denoise, x, sigma, to)
        return x

    def peer() -> Tensor:
        return peer_heun(scheduler, denoise, start, sigmas)

    few = start[:64]
    exact = recorded([*Karras().levels(fine).tolist(), 0.0], few)
    for name, ours in (("steps", steps), ("with record", recorded)):
        errors = [float((run()[:64] - exact).norm(dim=1).median()) for run in (ours, peer)]
        yield Row(f"{problem}, {name}", "diffusers HeunDiscrete", *time_pair(ours, peer), *errors)


def peer_heun(scheduler: type, denoise: Denoiser, x: Tensor, sigmas: list[float]) -> Tensor:
    """The peer's loop on our noise levels, which its own settings cannot express."""
    heun = scheduler(prediction_type="sample")
    heun.set_timesteps(len(sigmas) - 1)
    levels = torch.tensor(sigmas, dtype=torch.float64)
    heun.sigmas = torch.cat([levels[:1], levels[1:-1].repeat_interleave(2), levels[-1:]])
    heun.set_begin_index(0)
    for time, sigma in zip(heun.timesteps, heun.sigmas, strict=False):
        x = heun.step(denoise(x, float(sigma)), time, x).prev_sample
    return x


def sliced() -> Row:
    """The sliced distance of a shift, which is known: its length by √d."""
    n, d = 1000, 64
    ctx = Context()
    points = torch.randn(n, d, dtype=torch.float64, generator=ctx.rng)
    shifted = points + 3 / math.sqrt(d)
    directions = unit_directions(512, d, ctx)

    def ours() -> float:
        return Reference(shifted, directions).sliced_wasserstein(points)

    def peer() -> float:
        return float(ot.sliced_wasserstein_distance(points, shifted, projections=directions.T))

    exact = 3 / math.sqrt(d)
    errors = [abs(run() / exact - 1) for run in (ours, peer)]
    name = f"sliced W2, {n} × {d}, 512 directions"
    return Row(name, "POT", *time_pair(ours, peer), *errors)
