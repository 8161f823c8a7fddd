"""Exact denoisers D(x, σ) = E[x₀ | x₀ + σε = x], and the choice between them.

D gives the score of the noisy density, ∇ log p_σ(x) = (D − x)/σ², and the covariance of what is
still unknown, Cov[x₀ | x] = σ² ∂D/∂x.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.diffusion.problem import DataSet, GaussianMixture, ImageSet
from engines.method import Option, param

Denoiser = Callable[[Tensor, float], Tensor]
Sampled = DataSet | ImageSet | GaussianMixture

CHUNK_VALUES = 2**25  # 256 MiB of float64 for the largest intermediate array
CHUNK_WORK = 10**9  # operations between two looks at the stop button: about 0.1 s on two cores


def rows_per_piece(values: int, work: int) -> int:
    """How many points to treat at once, given the values and the operations each needs."""
    return max(1, min(CHUNK_VALUES // values, CHUNK_WORK // work))


class EmpiricalDenoiser:
    """Exact denoiser of n data points, each blurred by N(0, h²): a softmax-weighted mean.

    D = (h² x + σ² m)/(σ²+h²),  m = Σ_i softmax_i(−‖x−y_i‖²/2(σ²+h²)) y_i
    """

    def __init__(self, points: np.ndarray, ctx: Context, bandwidth: float = 0.0) -> None:
        mean = points.mean(axis=0, dtype=np.float64)
        self.mean, self.points = ctx.tensors(mean, points - mean)
        self.half_norms = self.points.square().sum(1) / 2
        self.bandwidth = bandwidth
        self.rows = rows_per_piece(len(points), 4 * points.size)
        self.check = ctx.check
        # ‖x‖² + ‖y‖² − 2xy loses its digits in float32 at low noise; there differences are taken.
        self.safe = 0.0
        if self.points.dtype == torch.float32:
            self.safe = 1e-2 * float(2 * self.half_norms.max())

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """D(x, σ) of points (batch, feature)."""
        variance = sigma**2 + self.bandwidth**2
        near = torch.cat([self._nearby(part, variance) for part in torch.split(x, self.rows)])
        return (self.bandwidth**2 * x + sigma**2 * near) / variance

    def _nearby(self, x: Tensor, variance: float) -> Tensor:
        self.check()
        centred = x - self.mean
        if variance < self.safe:
            distance = torch.cdist(
                centred, self.points, compute_mode="donot_use_mm_for_euclid_dist"
            )
            logits = distance.square() / (-2 * variance)
        else:
            logits = (centred @ self.points.T - self.half_norms) / variance
        return torch.softmax(logits, 1) @ self.points + self.mean


class MixtureDenoiser:
    """Exact denoiser of a mixture of Gaussians, each blurred by N(0, h²).

    D = Σ_k r_k (μ_k + Σ_k (Σ_k+σ²)⁻¹ (x−μ_k)),  r_k ∝ w_k N(x; μ_k, Σ_k+σ²)
    """

    def __init__(self, mixture: GaussianMixture, ctx: Context, bandwidth: float = 0.0) -> None:
        values, vectors = np.linalg.eigh(mixture.covariances.astype(np.float64))
        self.means, self.values, self.vectors, self.log_weights = ctx.tensors(
            mixture.means, np.maximum(values, 0) + bandwidth**2, vectors, np.log(mixture.shares)
        )
        size = mixture.means.size
        self.rows = rows_per_piece(size, 4 * size * mixture.dimension)
        self.check = ctx.check

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """D(x, σ) of points (batch, feature)."""
        return torch.cat([self._denoise(part, sigma) for part in torch.split(x, self.rows)])

    def log_density(self, x: Tensor, sigma: float) -> Tensor:
        """Logarithm of the noisy density p_σ(x)."""
        parts = [self._terms(part, sigma)[1] for part in torch.split(x, self.rows)]
        return torch.logsumexp(torch.cat(parts), 1)

    def _denoise(self, x: Tensor, sigma: float) -> Tensor:
        rotated, log_terms = self._terms(x, sigma)
        share = torch.softmax(log_terms, 1)
        kept = rotated * (self.values / (self.values + sigma**2)) * share[:, :, None]
        return share @ self.means + torch.einsum("bke,kde->bd", kept, self.vectors)

    def _terms(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """Offsets from the means along the principal axes, and log w_k N(x; μ_k, Σ_k+σ²)."""
        self.check()
        rotated = torch.einsum("bkd,kde->bke", x[:, None] - self.means, self.vectors)
        variance = self.values + sigma**2
        log_terms = -0.5 * (rotated.square() / variance + (2 * math.pi * variance).log()).sum(2)
        return rotated, log_terms + self.log_weights


def gaussian_denoiser(mean: np.ndarray, covariance: np.ndarray, ctx: Context) -> MixtureDenoiser:
    """Exact denoiser of one Gaussian: D = μ + Σ (Σ+σ²)⁻¹ (x−μ)."""
    one = GaussianMixture(means=mean[None], covariances=covariance[None], weights=np.ones(1))
    return MixtureDenoiser(one, ctx)


class Exact(Option):
    """The exact score of the data or of the mixture; of data it returns the data themselves."""

    kind: Literal["exact"] = "exact"
    bandwidth: float = param(
        0.0, "h", "standard deviation of a Gaussian blur of the data; above 0 gives new points",
        unit="data", ge=0,
    )  # fmt: skip

    def denoiser(self, target: Sampled, ctx: Context) -> Denoiser:
        """The denoiser of this score."""
        if isinstance(target, GaussianMixture):
            return MixtureDenoiser(target, ctx, self.bandwidth)
        return EmpiricalDenoiser(target.points, ctx, self.bandwidth)

    def work(self, target: Sampled) -> int:
        """Operations of one evaluation at one point."""
        size = 4 * target.support * target.dimension
        return size * target.dimension if isinstance(target, GaussianMixture) else size


class GaussianFit(Option):
    """The score of one Gaussian with the mean and covariance of the data."""

    kind: Literal["gaussian"] = "gaussian"

    def denoiser(self, target: Sampled, ctx: Context) -> Denoiser:
        """The denoiser of this score."""
        return gaussian_denoiser(target.mean, target.covariance(), ctx)

    def work(self, target: Sampled) -> int:
        """Operations of one evaluation at one point."""
        return 4 * target.dimension**2
