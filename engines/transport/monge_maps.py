"""Maps as networks: what is stored of them, what is known about some, and data to try them on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from engines.problem import Result, array, metric, scalar
from engines.transport.figures import main_axes
from engines.transport.gaussian import linear_map
from engines.transport.problem import PointClouds, masses, points


@dataclass(frozen=True, kw_only=True)
class MappedClouds(PointClouds):
    """Two clouds between which the map of least squared distance is known."""

    optimal: np.ndarray = array("source dim", "where that map sends each source point")


@dataclass(frozen=True, kw_only=True)
class MongeMap(Result):
    """A trained map, what it does, and how it was trained."""

    weights: np.ndarray = array("weight", "W and b of each layer, one after the other, by rows")
    widths: np.ndarray = array("layer", "numbers that enter each layer, and that leave the last")
    mapped: np.ndarray = array("source dim", "T(x) of every source point", "length")
    grid: np.ndarray = array("row column dim", "places of a regular grid", "length")
    grid_mapped: np.ndarray = array("row column dim", "T of the grid", "length")
    some: np.ndarray = array("some", "numbers of a few source points")
    way: np.ndarray = array("check some dim", "T of these at each check", "length")
    loss: np.ndarray = array("step", "fit + λ gap of the batch, for clouds of spread 1")
    batch_fit: np.ndarray = array("step", "fit of the batch", "length²")
    batch_gap: np.ndarray = array("step", "gap of the batch; NaN where λ is 0", "cost")
    seconds: np.ndarray = array("step", "time computed until then", "s")
    check_step: np.ndarray = array("check", "steps done at each check")
    check_seconds: np.ndarray = array("check", "time computed until then", "s")
    check_fit: np.ndarray = array("check", "Sinkhorn divergence of held-out points", "length²")
    check_gap: np.ndarray = array("check", "exact gap of held-out points", "cost")
    check_uvp: np.ndarray | None = array("check", "L2-UVP to the known map", "%", optional=True)
    residual: bool = scalar(False, "whether the network is added to x")
    gap: float = metric("exact Monge gap of held-out points", "cost", better="lower")
    fit: float = metric(
        "Sinkhorn divergence, mapped to held-out target points", "length²", better="lower"
    )
    fit_floor: float = metric("Sinkhorn divergence of two target samples of that size", "length²")
    cost: float = metric("mean of c(x, T(x)) over the source", "cost")
    l2_uvp: float = metric(
        "mean |T - T*|² in percent of the target's variance", "%", better="lower"
    )

    def network(self) -> Network:
        """The map that was trained; it takes and gives places as they are in the data."""
        return Network.of(torch.tensor(self.weights), self.widths.tolist(), self.residual)


@dataclass(frozen=True)
class Network:
    """T(x) = W_L σ(… σ(W_1 x + b_1) …) + b_L with σ(z) = z/(1 + e⁻ᶻ), or x plus that."""

    layers: list[tuple[Tensor, Tensor]]
    residual: bool

    @classmethod
    def drawn(cls, widths: list[int], residual: bool, rng: torch.Generator) -> Network:
        """Numbers that are uniform in ±1/√(numbers that enter)."""
        layers = []
        for enter, leave in pairwise(widths):
            w, b = (torch.rand(leave, k, generator=rng, dtype=torch.float64) for k in (enter, 1))
            layers.append(tuple((2 * v - 1) / math.sqrt(enter) for v in (w, b[:, 0])))
        return cls(layers, residual)  # type: ignore[arg-type]

    @classmethod
    def of(cls, weights: Tensor, widths: list[int], residual: bool) -> Network:
        """The network whose numbers `flat` gave."""
        layers, start = [], 0
        for enter, leave in pairwise(widths):
            middle, end = start + leave * enter, start + leave * enter + leave
            layers.append((weights[start:middle].view(leave, enter), weights[middle:end]))
            start = end
        return cls(layers, residual)

    def __call__(self, x: Tensor) -> Tensor:
        """T of places (n, d)."""
        z = x
        for w, b in self.layers[:-1]:
            z = silu(linear(z, w, b))
        z = linear(z, *self.layers[-1])
        return x + z if self.residual else z

    def free(self, device: torch.device, dtype: torch.dtype) -> Network:
        """The same, to be trained there."""
        return Network(
            [(w.to(device, dtype).requires_grad_(), b.to(device, dtype).requires_grad_())
             for w, b in self.layers],
            self.residual,
        )  # fmt: skip

    def parameters(self) -> list[Tensor]:
        """What is trained."""
        return [v for layer in self.layers for v in layer]

    @property
    def widths(self) -> list[int]:
        """Numbers that enter each layer, and that leave the last."""
        return [*(w.shape[1] for w, _ in self.layers), len(self.layers[-1][1])]

    def flat(self) -> Tensor:
        """All numbers in a row."""
        return torch.cat([v.detach().double().flatten() for v in self.parameters()])

    @torch.no_grad()
    def placed(self, m0: Tensor, m1: Tensor, unit: float) -> Network:
        """In double precision, the map from x to m1 + unit · T((x - m0)/unit)."""
        layers = [(w.detach().double(), b.detach().double()) for w, b in self.layers]
        w, b = layers[0]
        layers[0] = (w / unit, b - w @ m0 / unit)
        w, b = layers[-1]
        layers[-1] = (unit * w, unit * b + (m1 - m0 if self.residual else m1))
        return Network(layers, self.residual)


def regular_grid(x: np.ndarray, side: int) -> np.ndarray:
    """Places (row, column, d) over the extent of a cloud, in its plane or that of its main axes.

    On a line one row.
    """
    mean, dim = x.mean(0), x.shape[1]
    axes = np.eye(dim) if dim <= 2 else main_axes(x)
    flat = (x - mean) @ axes
    ticks = [np.linspace(v.min(), v.max(), side) for v in flat.T]
    down, across = np.meshgrid(ticks[1] if dim > 1 else [0.0], ticks[0], indexing="ij")
    return mean + np.stack([across, down][: axes.shape[1]], axis=-1) @ axes.T


def gaussian_clouds(n: int = 4000, seed: int = 0) -> MappedClouds:
    """N(0, I) and N((2, 0), [[1.5, 0.9], [0.9, 1]]), and the cheapest map between them."""
    rng = np.random.default_rng(seed)
    mean, spread = np.array([2.0, 0.0]), np.array([[1.5, 0.9], [0.9, 1.0]])
    x, y = rng.standard_normal((n, 2)), rng.multivariate_normal(mean, spread, n)
    best = linear_map(torch.eye(2, dtype=torch.float64), torch.tensor(spread)).numpy()
    return MappedClouds(x=x, y=y, optimal=x @ best + mean)


def moons_to_ring(n: int = 2000, seed: int = 0) -> PointClouds:
    """Two interleaved half circles, and a ring around them."""
    rng = np.random.default_rng(seed)
    angle = np.pi * rng.random(n)
    moons = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.arange(n) >= n // 2
    moons[lower] = [1.0, 0.5] - moons[lower]
    turn, noise = 2 * np.pi * rng.random(n), rng.standard_normal((2, n, 2))
    ring = [0.5, 0.25] + 1.6 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return PointClouds(x=moons + 0.07 * noise[0], y=ring + 0.1 * noise[1])


def uvp(problem: MappedClouds, mapped: np.ndarray) -> float:
    """Unexplained variance: 100 · E|T - T*|² over the variance of the target."""
    a, b = masses(problem)
    y = points(problem)[1]
    apart = a @ ((mapped - problem.optimal) ** 2).sum(1)
    return 100 * float(apart / (b @ ((y - b @ y) ** 2).sum(1)))
