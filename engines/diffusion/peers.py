"""The schedulers of diffusers on our noise levels, with our denoiser in place of a network."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

from engines.context import Context
from engines.diffusion.problem import DataSet, GaussianMixture, ImageSet, Samples
from engines.peer import Peer, Solution
from engines.problem import BadProblem

if TYPE_CHECKING:
    from engines.diffusion.methods.edm_sampler import EDMSampler


def sampler(
    method: EDMSampler, problem: DataSet | ImageSet | GaussianMixture, result: Samples
) -> tuple[Peer, ...]:
    """Take the samples whose way is in the record down the same levels from the same noise."""
    if method.S_churn > 0:
        raise BadProblem(
            f"S_churn is {method.S_churn:g}; it must be 0 for a check, because a library draws "
            "other noise; check a run without churn"
        )
    if not method.final_to_zero or result.sigmas[-1] != 0:
        raise BadProblem(
            f"the last noise level is {result.sigmas[-1]:g}; it must be 0 for a check, because "
            "diffusers always ends there; check a run with final_to_zero"
        )

    def solve() -> Solution:
        library: Any = import_module("diffusers")
        heun = method.solver == "heun"
        kind = library.HeunDiscreteScheduler if heun else library.EulerDiscreteScheduler
        scheduler = kind(prediction_type="sample")  # D(x, σ) is the mean sample, not the noise
        levels = torch.as_tensor(result.sigmas.copy(), dtype=torch.float64)
        scheduler.set_timesteps(len(levels) - 1)
        # Its own settings cannot express our levels. Heun looks at each inner one twice.
        inner = levels[1:-1].repeat_interleave(2) if heun else levels[1:-1]
        scheduler.sigmas = torch.cat([levels[:1], inner, levels[-1:]])
        scheduler.set_begin_index(0)
        scheduler.is_scale_input_called = True  # our D takes x as it is
        denoise = method.score.denoiser(problem, Context())
        x = torch.as_tensor(result.trajectory[0].copy(), dtype=torch.float64)
        for time, sigma in zip(scheduler.timesteps, scheduler.sigmas, strict=False):
            x = scheduler.step(denoise(x, float(sigma)), time, x).prev_sample
        note = f"the first {len(x)} samples; the denoiser is ours, the steps are theirs"
        note += "" if heun else ", which diffusers does in float32"
        return Solution({"last state": x.numpy()}, note)

    ours = {"last state": result.trajectory[-1]}
    module = "diffusers.schedulers.scheduling_heun_discrete"
    return (Peer("diffusers scheduler", module, solve, ours, whole=False),)
