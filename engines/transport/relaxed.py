"""Soft c-transforms for marginals that are only nearly met: the price ρ KL(P 1 | a) of a deviation.

    f_i = λ f̂_i,   λ = ρ/(ρ + ε),   where f̂ would meet the marginal exactly

Adding t to f and taking it from g changes no plan, only the mass that the prices ask for. The best
t is known in closed form, and is taken into every update (Séjourné, Vialard & Peyré 2022): without
it the total mass converges like 1 - ε/ρ. Potentials here are therefore known up to a constant;
`balanced` gives the pair whose t is best.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engines.transport.softmin import SoftMin


class Relaxed(SoftMin):
    """Another back end with relaxed marginals; an infinite ρ keeps its side exact."""

    def __init__(self, soft: SoftMin, rho_source: float, rho_target: float) -> None:
        super().__init__(soft.cost, soft.a, soft.b)
        self._soft = soft
        self.every = soft.every
        self._rho = rho_source, rho_target

    @property
    def precision(self) -> torch.dtype:
        """The precision of the matrix."""
        return self._soft.precision

    def sharpen(self) -> bool:
        """Go on in float64; False where that is so already."""
        return self._soft.sharpen()

    def rows(self, epsilon: float, g: Tensor) -> Tensor:
        """The f that is best for this g and any constant between them."""
        exact = self._soft.rows(epsilon, g)
        here, there = self._rho
        asked = log_mass(self.log_a, exact, here + epsilon) - log_mass(self.log_b, g, there)
        return _relaxed(exact, asked, epsilon, here, there)

    def cols(self, epsilon: float, f: Tensor) -> Tensor:
        """The g that is best for this f and any constant between them."""
        exact = self._soft.cols(epsilon, f)
        there, here = self._rho
        asked = log_mass(self.log_b, exact, here + epsilon) - log_mass(self.log_a, f, there)
        return _relaxed(exact, asked, epsilon, here, there)

    def apply(self, epsilon: float, f: Tensor, g: Tensor, values: Tensor) -> Tensor:
        """P V for V (m, k), without forming P."""
        return self._soft.apply(epsilon, f, g, values)

    def balanced(self, f: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        """The same plan's potentials for which both sides ask for the same mass."""
        here, there = self._rho
        weak = 1 / here + 1 / there
        if weak == 0:
            return f, g
        t = (log_mass(self.log_a, f, here) - log_mass(self.log_b, g, there)) / weak
        return f + t, g - t

    def dual(self, epsilon: float, f: Tensor, g: Tensor) -> float:
        """Value of the dual; the plan has the mass that the rows ask for."""
        f, g = self.balanced(f, g)
        here, there = self._rho
        mass = float(log_mass(self.log_a, f, here).exp())
        product = float(self.a.sum() * self.b.sum())
        gain = _gain(self.a, f, here) + _gain(self.b, g, there)
        return gain + epsilon * (product - mass)


def log_mass(log_weights: Tensor, potential: Tensor, rho: float) -> Tensor:
    """log Σ a_i exp(-f_i/ρ), the mass that a side wants to move at these prices."""
    return torch.logsumexp(log_weights - potential / rho, 0)


def _relaxed(exact: Tensor, asked: Tensor, epsilon: float, here: float, there: float) -> Tensor:
    """λ (f̂ + t) - t with the t at which both sides move the same mass."""
    weak = 1 / (here + epsilon) + 1 / there
    if weak == 0:
        return exact
    # As λ f̂ - (1 - λ) t, for t may be as large as ρ.
    return exact / (1 + epsilon / here) - asked / weak / (1 + here / epsilon)


def _gain(weights: Tensor, potential: Tensor, rho: float) -> float:
    """ρ Σ a_i (1 - exp(-f_i/ρ)), which is Σ a_i f_i where ρ is infinite."""
    if math.isinf(rho):
        return float(weights @ potential)
    return -rho * float(weights @ torch.expm1(potential / -rho))
