"""One step of the probability-flow ODE dx/dσ = (x − D(x, σ))/σ between two noise levels."""

from __future__ import annotations

from torch import Tensor

from engines.diffusion.denoisers import Denoiser


def euler_step(denoise: Denoiser, x: Tensor, sigma: float, to: float) -> tuple[Tensor, Tensor, int]:
    """First order: x at `to`, D(x, σ), and the number of evaluations. The same as DDIM."""
    denoised = denoise(x, sigma)
    return denoised + (to / sigma) * (x - denoised), denoised, 1


def heun_step(denoise: Denoiser, x: Tensor, sigma: float, to: float) -> tuple[Tensor, Tensor, int]:
    """Second order: x at `to`, D(x, σ), and the number of evaluations; to σ = 0 it is Euler's."""
    denoised = denoise(x, sigma)
    gap = x - denoised
    guess = denoised + (to / sigma) * gap
    if to == 0:
        return guess, denoised, 1
    slopes = gap / sigma + (guess - denoise(guess, to)) / to
    return x + ((to - sigma) / 2) * slopes, denoised, 2
