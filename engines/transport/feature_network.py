"""A small network that learns the features of two surfaces by spreading them as heat.

Each block adds to its input x what a two-layer network makes of x and of x after diffusion over a
learned time for each channel:  Φ exp(-λ t_c) Φᵀ M x. Both surfaces pass the same network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engines.transport.functional_map import Regulariser, Side, fit_map, penalty, scale
from engines.transport.sliced import directions

WIDTH, BLOCKS = 64, 3

TERMS = ("bijective", "orthogonal", "aligned", "sliced")  # of the loss

# Width of the Gaussian of feature distances, in root mean distances, and sweeps that balance it.
SHARPNESS, SWEEPS = 0.1, 10

# Exponents below this are taken as this: the square of such a number is still one of float32.
LOWEST = -40.0


class Block(nn.Module):
    """Diffusion, then two layers on what was and what became of it."""

    def __init__(self, largest: float, rng: torch.Generator) -> None:
        super().__init__()
        # Times from that in which the finest function fades, 1/λ, to that in which all do.
        drawn = torch.rand(WIDTH, generator=rng, dtype=torch.float64)
        self.log_time = nn.Parameter(-math.log(largest) * drawn)
        self.inner, self.outer = _linear(2 * WIDTH, WIDTH, rng), _linear(WIDTH, WIDTH, rng)

    def forward(self, x: Tensor, side: Side) -> Tensor:
        """The features after this block."""
        decay = torch.exp(-side.values[:, None] * self.log_time.exp())
        spread = side.basis @ (decay * side.coefficients(x))
        found: Tensor = x + self.outer(torch.relu(self.inner(torch.cat([x, spread], dim=1))))
        return found


class FeatureNetwork(nn.Module):
    """Descriptors (n, d) of a surface to features (n, 64)."""

    def __init__(self, inputs: int, largest: float, rng: torch.Generator) -> None:
        super().__init__()
        self.first, self.last = _linear(inputs, WIDTH, rng), _linear(WIDTH, WIDTH, rng)
        self.blocks = nn.ModuleList(Block(largest, rng) for _ in range(BLOCKS))

    def forward(self, descriptors: Tensor, side: Side) -> Tensor:
        """The features of every vertex."""
        x = self.first(descriptors)
        for block in self.blocks:
            x = block(x, side)
        found: Tensor = self.last(x)
        return found


def _linear(inputs: int, outputs: int, rng: torch.Generator) -> nn.Linear:
    """A layer as torch begins it, but drawn from the run's own numbers."""
    layer = nn.Linear(inputs, outputs, device="meta", dtype=torch.float64).to_empty(device="cpu")
    limit = 1 / math.sqrt(inputs)
    with torch.no_grad():
        for values in (layer.weight, layer.bias):
            drawn = torch.rand(values.shape, generator=rng, dtype=torch.float64)
            values.copy_((2 * drawn - 1) * limit)
    return layer


@dataclass(frozen=True)
class Matching:
    """Two surfaces, all of whose functions diffuse and the first k of which are mapped."""

    one: Side
    two: Side
    k: int
    mu: float
    regulariser: Regulariser
    tau: float
    check: Callable[[], None]

    def maps(self, f1: Tensor, f2: Tensor) -> tuple[Tensor, Tensor]:
        """C from source to target and C back, fitted to the features."""
        one, two = self.one.first(self.k), self.two.first(self.k)
        a, b = one.coefficients(f1), two.coefficients(f2)
        weights = penalty(one, two, self.regulariser)
        # In units of the features, as they are: no loss is won by making them larger or smaller.
        mu, back = (self.mu * scale(v.detach()) for v in (a, b))
        return fit_map(a, b, weights, mu), fit_map(b, a, weights.T, back)

    def soft_maps(self, f1: Tensor, f2: Tensor) -> tuple[Tensor, Tensor]:
        """P₁₂ (source, target) and P₂₁ (target, source), rows of total 1, from how alike they are.

        P = softmax(cos(F₁, F₂)/τ) along the rows.
        """
        alike = self._watched(_unit(f1) @ _unit(f2).T / self.tau)
        return self._watched(alike.softmax(1)), self._watched(alike.T.softmax(1))

    def balanced_maps(self, f1: Tensor, f2: Tensor) -> tuple[Tensor, Tensor]:
        """The same from a few Sinkhorn sweeps, so that no vertex is left out."""
        distance = (f1**2).sum(1)[:, None] - 2 * f1 @ f2.T + (f2**2).sum(1)
        scaled = distance / (2 * SHARPNESS**2 * distance.mean().detach())
        # Divided by the largest of each row: the sweeps take that out again.
        kernel = (scaled.detach().amin(1)[:, None] - scaled).clamp_min(LOWEST).exp()
        v = kernel.new_full((kernel.shape[1],), 1 / kernel.shape[1])
        for _ in range(SWEEPS):
            self.check()
            u = 1 / (len(kernel) * (kernel @ v))
            v = 1 / (kernel.shape[1] * (u @ kernel))
        plan = u[:, None] * kernel * v
        return plan / plan.sum(1)[:, None], plan.T / plan.sum(0)[:, None]

    def _watched(self, values: Tensor) -> Tensor:
        """Ask whether to stop, now and when the gradient comes back here."""
        self.check()
        if values.requires_grad:
            values.register_hook(lambda _: self.check())  # type: ignore[no-untyped-call]
        return values

    def soft_map_of_functions(self, p21: Tensor) -> Tensor:
        """C from source to target of a soft map: Φ₂ᵀ M₂ P₂₁ Φ₁."""
        return self.two.first(self.k).coefficients(p21 @ self.one.basis[:, : self.k])

    def losses(
        self, f1: Tensor, f2: Tensor, *, balanced: bool, n_proj: int, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """The terms of the loss, not weighted yet."""
        c12, c21 = self.maps(f1, f2)
        p12, p21 = (self.balanced_maps if balanced else self.soft_maps)(f1, f2)
        self.check()
        eye = torch.eye(self.k).to(c12)
        back = self.one.first(self.k).coefficients(p12 @ self.two.basis[:, : self.k])
        aligned = _square(c12 - self.soft_map_of_functions(p21)) + _square(c21 - back)
        self.check()
        theta = directions(n_proj, f1.shape[1], rng).to(f1)
        apart = _sliced(theta, f1, p12.detach() @ f2) + _sliced(theta, p21.detach() @ f1, f2)
        return {
            "bijective": _square(c12 @ c21 - eye) + _square(c21 @ c12 - eye),
            "orthogonal": _square(c12.T @ c12 - eye) + _square(c21.T @ c21 - eye),
            "aligned": aligned,
            "sliced": apart,
        }


def _sliced(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Sliced W₂² of two clouds of equally many points."""
    here, there = (theta @ x.T).sort(1).values, (theta @ y.T).sort(1).values
    return ((here - there) ** 2).mean()


def _square(values: Tensor) -> Tensor:
    return (values**2).sum()


def _unit(features: Tensor) -> Tensor:
    return nn.functional.normalize(features, dim=1)
