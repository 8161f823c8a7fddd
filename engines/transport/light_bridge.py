"""Schrödinger bridges whose potential is a mixture of Gaussians: plan, drift and paths.

With the Brownian prior dX = √ε dW over unit time and v(y) = Σ_k α_k N(y | r_k, ε S_k), the law of
y given x is a mixture again, and so is φ_t(x) = ∫ N(y | x, (1-t) ε I) exp(|y|²/(2ε)) v(y) dy,
whose gradient is the drift. All mixtures are sums of exponentials of quadratic forms

    (xᵀ M_k x / 2 + n_k·x + c_k) / ε,

of points counted from the mean of their cloud, for far from it digits would be lost; the means
move along a straight line and add to the drift what they move. All is in logarithms. Matrices
are (K, d) where they are diagonal, else (K, d, d).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engines.problem import Result, array, metric
from engines.transport.problem import PointClouds

# Points × components looked at together: 32 MB for each set of weights.
BLOCK = 4_000_000


@dataclass(frozen=True, kw_only=True)
class LightBridge(Result):
    """A trained bridge, what it generates, and how it was trained."""

    log_alpha: np.ndarray = array("component", "logarithm of the weight α, of total 1")
    r: np.ndarray = array(
        "component dim", "centre of each component of v, from the target mean", "length"
    )
    s: np.ndarray = array("component dim other_dim?", "S of each component, diagonal or matrix")
    source_mean: np.ndarray = array("dim", "mean of the source, where its x count from", "length")
    target_mean: np.ndarray = array("dim", "mean of the target, where its y count from", "length")
    source: np.ndarray = array("sample dim", "source points, drawn by their weights", "length")
    generated: np.ndarray = array("sample dim", "one place drawn for each of them", "length")
    fan_source: np.ndarray = array("fan dim", "a few source points", "length")
    fans: np.ndarray = array("fan draw dim", "many places drawn for each of them", "length")
    times: np.ndarray = array("time", "times of the paths")
    paths: np.ndarray = array("time path dim", "places on random paths", "length")
    loss: np.ndarray = array("step", "log c - log v, mean over the batch")
    gradient: np.ndarray = array("step", "norm of the gradient")
    check_step: np.ndarray = array("check", "steps done when the distance was read")
    check_w2: np.ndarray = array("check", "squared Wasserstein distance at that time", "length²")
    epsilon: float = metric("variance of the Brownian prior over unit time", "length²")
    w2: float = metric(
        "squared Wasserstein distance, generated to target", "length²", better="lower"
    )
    w2_paths: float = metric(
        "squared Wasserstein distance, ends of paths to target", "length²", better="lower"
    )
    w2_floor: float = metric("squared Wasserstein distance of two target samples", "length²")
    mean_loss: float = metric("mean loss over the last tenth of the steps")
    effective: float = metric("components that share the weight, exp(entropy of α)")

    def bridge(self) -> Bridge:
        """The bridge that was trained."""
        kept = (self.log_alpha, self.r, self.s, self.source_mean, self.target_mean)
        return Bridge(self.epsilon, *(torch.tensor(v) for v in kept))


def quadratic(x: Tensor, matrices: Tensor, vectors: Tensor) -> Tensor:
    """xᵀ M_k x / 2 + n_k·x of points x (B, d) for every component, (B, K)."""
    return _squares(x, matrices) @ matrices.flatten(1).T / 2 + x @ vectors.T


def _squares(x: Tensor, matrices: Tensor) -> Tensor:
    """What the entries of a matrix are multiplied with in a quadratic form, one row a point."""
    return x * x if matrices.ndim == 2 else (x[:, :, None] * x[:, None, :]).flatten(1)


@dataclass
class Potential:
    """log v and log c with free parameters: log α, r, and log S or the Cholesky factor of S.

    The Cholesky factor holds the logarithms of its diagonal, so that every value is allowed.
    """

    epsilon: float
    log_alpha: Tensor
    r: Tensor
    shape: Tensor

    def parameters(self) -> list[Tensor]:
        """What is trained."""
        return [self.log_alpha, self.r, self.shape]

    def covariances(self) -> Tensor:
        """S_k, diagonals or matrices."""
        if self.shape.ndim == 2:
            return self.shape.exp()
        factor = self._factor()
        return factor @ factor.mT

    def log_c(self, x: Tensor) -> Tensor:
        """log c(x), c(x) = Σ_k α_k exp((xᵀ S_k x + 2 r_k·x)/(2ε)) = ∫ exp(x·y/ε) v(y) dy."""
        forms = quadratic(x, self.covariances(), self.r) / self.epsilon
        return torch.logsumexp(self.log_alpha + forms, 1)

    def log_v(self, y: Tensor) -> Tensor:
        """log v(y)."""
        if self.shape.ndim == 2:
            inverse, half_log_det = (-self.shape).exp(), self.shape.sum(1) / 2
            vectors = inverse * self.r
        else:
            factor = self._factor()
            unit = torch.eye(y.shape[1], dtype=y.dtype, device=y.device)
            root = torch.linalg.solve_triangular(factor, unit.expand_as(factor), upper=False)
            inverse, half_log_det = root.mT @ root, self.shape.diagonal(dim1=1, dim2=2).sum(1)
            vectors = (inverse @ self.r[:, :, None])[:, :, 0]
        forms = quadratic(y, -inverse, vectors) - (self.r * vectors).sum(1) / 2
        width = y.shape[1] / 2 * math.log(2 * math.pi * self.epsilon)
        return torch.logsumexp(self.log_alpha + forms / self.epsilon - half_log_det, 1) - width

    def bridge(self, m0: Tensor, m1: Tensor, scale: float) -> Bridge:
        """The bridge between clouds of which (x - m0)/scale and (y - m1)/scale were seen here."""
        log_alpha, r, s = (
            value.detach().double() for value in (self.log_alpha, self.r, self.covariances())
        )
        return Bridge(
            self.epsilon * scale**2, torch.log_softmax(log_alpha, 0), scale * r, s, m0, m1
        )

    def _factor(self) -> Tensor:
        diagonal = self.shape.diagonal(dim1=1, dim2=2).exp()
        return self.shape.tril(-1) + torch.diag_embed(diagonal)


@dataclass(frozen=True)
class Bridge:
    """A trained bridge in float64: log α of total 1, r (K, d), S (K, d) or (K, d, d), means (d,).

    r and S belong to clouds of mean 0; here those are moved to m0 and m1.
    """

    epsilon: float
    log_alpha: Tensor
    r: Tensor
    s: Tensor
    m0: Tensor
    m1: Tensor

    @cached_property
    def _principal(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Eigenvalues of S_k, r_k in their basis, and the basis; none where S is diagonal."""
        if self.s.ndim == 2:
            return self.s, self.r, None
        values, basis = torch.linalg.eigh(self.s)
        return values.clamp_min(0), (basis.mT @ self.r[:, :, None])[:, :, 0], basis

    def _forms(self, t: float) -> tuple[Tensor, Tensor, Tensor]:
        """M, n and log-weight of each component of φ_t.

        With D = t S + (1 - t) I they are (S - I) D⁻¹, D⁻¹ r and log α - log det D / 2 -
        t rᵀ D⁻¹ r/(2ε): the singular terms of t → 1 have cancelled.
        """
        values, r, basis = self._principal
        spread = t * values + (1 - t)
        matrices, vectors = (values - 1) / spread, r / spread
        weights = self.log_alpha - spread.log().sum(1) / 2
        weights = weights - t * (r * vectors).sum(1) / (2 * self.epsilon)
        if basis is not None:
            matrices = (basis * matrices[:, None, :]) @ basis.mT
            vectors = (basis @ vectors[:, :, None])[:, :, 0]
        return matrices, vectors, weights

    def log_potential(self, x: Tensor, t: float) -> Tensor:
        """log φ_t(x), up to a number for each t."""
        matrices, vectors, weights = self._forms(t)
        forms = quadratic(x - self._mean(t), matrices, vectors) + x @ (self.m1 - self.m0)[:, None]
        return torch.logsumexp(weights + forms / self.epsilon, 1)

    def _mean(self, t: float) -> Tensor:
        return (1 - t) * self.m0 + t * self.m1

    def drift(self, x: Tensor, t: float) -> Tensor:
        """ε ∇ log φ_t(x) = (E[y | x_t = x] - x)/(1 - t)."""
        matrices, vectors, weights = self._forms(t)
        found = torch.empty_like(x)
        for some in self._blocks(x):
            z = x[some] - self._mean(t)
            w = torch.softmax(weights + quadratic(z, matrices, vectors) / self.epsilon, 1)
            mean = w @ matrices.flatten(1)
            if matrices.ndim == 2:
                pull = mean * z
            else:
                pull = (mean.view(-1, x.shape[1], x.shape[1]) @ z[:, :, None])[:, :, 0]
            found[some] = pull + w @ vectors + (self.m1 - self.m0)
        return found

    def sample(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """One y for every x, drawn from the plan: first the component, then its Gaussian."""
        matrices, vectors, weights = self._forms(0.0)
        values, _, basis = self._principal
        drawn = _draw(torch.rand, len(x), 1, rng, x.device)
        noise = _draw(torch.randn, len(x), x.shape[1], rng, x.device)
        found = torch.empty_like(x)
        for some in self._blocks(x):
            z = x[some] - self.m0
            w = torch.softmax(weights + quadratic(z, matrices, vectors) / self.epsilon, 1)
            k = (w.cumsum(1) < drawn[some]).sum(1).clamp_max(len(self.r) - 1)
            wide = noise[some] * (self.epsilon * values[k]).sqrt()
            if basis is None:
                found[some] = self.m1 + (self.r[k] + self.s[k] * z + wide)
            else:
                both = torch.stack([z, wide], 2)
                turned = (self.s[k] @ both[:, :, :1] + basis[k] @ both[:, :, 1:])[:, :, 0]
                found[some] = self.m1 + (self.r[k] + turned)
        return found

    def paths(self, x: Tensor, steps: int, rng: torch.Generator) -> Iterator[Tensor]:
        """Places of the points x at t = 0, 1/N, …, 1: Euler-Maruyama for dX = g dt + √ε dW."""
        yield x
        for i in range(steps):
            noise = _draw(torch.randn, len(x), x.shape[1], rng, x.device)
            x = x + self.drift(x, i / steps) / steps + math.sqrt(self.epsilon / steps) * noise
            yield x

    def _blocks(self, x: Tensor) -> Iterator[slice]:
        size = self.s[0].numel()
        rows = max(1, BLOCK // max(len(self.r), size))
        for start in range(0, len(x), rows):
            yield slice(start, start + rows)


def _draw(
    kind: Callable[..., Tensor], n: int, d: int, rng: torch.Generator, device: torch.device
) -> Tensor:
    """Draws in float64 from the CPU, the same on every device."""
    return kind(n, d, generator=rng, dtype=torch.float64).to(device)


def eight_gaussians(n: int = 2000, seed: int = 0) -> PointClouds:
    """N(0, I), and eight clusters of deviation 0.3 on a circle of radius 4."""
    rng = np.random.default_rng(seed)
    angle = rng.integers(0, 8, n) * np.pi / 4
    centres = 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return PointClouds(x=rng.standard_normal((n, 2)), y=centres + 0.3 * rng.standard_normal((n, 2)))


def gaussian_clouds(n: int = 4000, seed: int = 0) -> PointClouds:
    """Two tilted Gaussians in a plane, between which the bridge is known in closed form."""
    rng = np.random.default_rng(seed)
    source = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 0.8]], n)
    return PointClouds(x=source, y=rng.multivariate_normal([2, -1], [[0.6, -0.3], [-0.3, 1.2]], n))


def swiss_roll(n: int = 2000, seed: int = 0) -> PointClouds:
    """N(0, I) and a noisy spiral."""
    rng = np.random.default_rng(seed)
    angle = 1.5 * np.pi * (1 + 2 * rng.random(n))
    spiral = 0.25 * angle[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return PointClouds(x=rng.standard_normal((n, 2)), y=spiral + 0.1 * rng.standard_normal((n, 2)))
