"""One step of the probability-flow ODE dx/dσ = (x − D(x, σ))/σ between two noise levels."""

from __future__ import annotations

import torch
from torch import Tensor

from engines.diffusion.denoisers import Denoiser


def euler_step(denoise: Denoiser, x: Tensor, sigma: float, to: float) -> tuple[Tensor, Tensor, int]:
    """First order: x at `to`, D(x, σ), and the number of evaluations. The same as DDIM."""
    denoised = denoise(x, sigma)
    return torch.add(denoised, x - denoised, alpha=to / sigma), denoised, 1


def heun_step(denoise: Denoiser, x: Tensor, sigma: float, to: float) -> tuple[Tensor, Tensor, int]:
    """Second order: x at `to`, D(x, σ), and the number of evaluations; to σ = 0 it is Euler's."""
    denoised = denoise(x, sigma)
    gap = x - denoised
    guess = torch.add(denoised, gap, alpha=to / sigma)
    if to == 0:
        return guess, denoised, 1
    there = denoise(guess, to)
    slopes = gap.div_(sigma).add_(guess.sub_(there), alpha=1 / to)
    return torch.add(x, slopes, alpha=(to - sigma) / 2), denoised, 2
