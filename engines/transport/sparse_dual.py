"""Transport with at most k sources per target: dual functions, and ways up to their maximum.

Everything is seen from the targets: matrices are (target, source), so that the k largest entries
are sought along the contiguous axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from engines.context import Context
from engines.transport.projection import project_largest

# Vectors that L-BFGS remembers.
MEMORY = 20

# The ascent: first step length, and the part at the end over which plans are averaged.
FIRST_STEP, AVERAGED = 1e-2, 0.3

# Adam's averages of gradients and of their squares.
BETAS = (0.9, 0.999)

# Iterations of the ascent between two that are noted.
NOTE_EVERY = 50


@dataclass(frozen=True)
class Point:
    """A dual function at one place: value, gradient, and the plan that attains it."""

    value: float
    gradient: Tensor
    weights: Tensor
    sources: Tensor
    z: Tensor

    @property
    def residual(self) -> float:
        """L1 norm of the gradient: what is missing from the marginals, or too much."""
        return float(self.gradient.abs().sum())

    def plan(self, like: Tensor) -> Tensor:
        """This plan as a matrix of that shape."""
        plan = torch.zeros_like(like)
        self.add_to(plan)
        return plan

    def add_to(self, plan: Tensor, share: float = 1.0) -> None:
        """Add a share of this plan."""
        plan.scatter_add_(1, self.sources, share * self.weights)


@dataclass(frozen=True)
class SemiDual:
    """D(f) = ⟨a, f⟩ - Σ_j max { ⟨f - c_j, p⟩ - γ/2 |p|² : p ≥ 0, Σ p = b_j, at most k entries }.

    Its plan meets the targets at every f; the gradient is what is missing at the sources.
    A cost of +∞ keeps a pair apart.
    """

    cost: Tensor
    a: Tensor
    b: Tensor
    gamma: float
    k: int

    @property
    def start(self) -> Tensor:
        """Where to begin."""
        return torch.zeros_like(self.a)

    def __call__(self, z: Tensor) -> Point:
        """Value, gradient and plan."""
        chosen = project_largest((z - self.cost) / self.gamma, self.b, self.k)
        p = chosen.weights
        # The k largest scores are p + shift wherever p > 0.
        won = (p * (p / 2 + chosen.shift[:, None])).sum()
        sent = torch.zeros_like(z).index_add_(0, chosen.places.flatten(), p.flatten())
        value = float(z @ self.a - self.gamma * won)
        return Point(value, self.a - sent, p, chosen.places, z)

    def potentials(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """f and g; pairs with mass P have f + g - C = γ P."""
        chosen = project_largest((z - self.cost) / self.gamma, self.b, self.k)
        return z, -self.gamma * chosen.shift


@dataclass(frozen=True)
class Dual:
    """D(f, g) = ⟨a, f⟩ + ⟨b, g⟩ - 1/(2 γ) Σ_j Σ over the k largest i of [f_i + g_j - C_ij]₊²."""

    cost: Tensor
    a: Tensor
    b: Tensor
    gamma: float
    k: int

    @property
    def start(self) -> Tensor:
        """Where to begin."""
        return torch.cat([torch.zeros_like(self.a), torch.zeros_like(self.b)])

    def __call__(self, z: Tensor) -> Point:
        """Value, gradient and plan."""
        f, g = self.potentials(z)
        top, places = (f + g[:, None] - self.cost).topk(self.k, dim=1)
        p = top.clamp_min(0) / self.gamma
        sent = torch.zeros_like(f).index_add_(0, places.flatten(), p.flatten())
        value = float(f @ self.a + g @ self.b - self.gamma / 2 * (p * p).sum())
        return Point(value, torch.cat([self.a - sent, self.b - p.sum(1)]), p, places, z)

    def potentials(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """f and g."""
        return z[: len(self.a)], z[len(self.a) :]


class Step(NamedTuple):
    """What is read after every iteration."""

    iteration: int
    seconds: float
    value: float
    residual: float


@dataclass
class Climb:
    """The way up a dual function: the best point so far, and what was read on the way."""

    function: SemiDual | Dual
    ctx: Context
    best: Point
    picture: Callable[[Climb], None]
    history: list[Step] = field(default_factory=list)

    @classmethod
    def begin(
        cls, function: SemiDual | Dual, ctx: Context, picture: Callable[[Climb], None]
    ) -> Climb:
        """Where all potentials are 0."""
        return cls(function, ctx, function(function.start), picture)

    def look(self, z: Tensor) -> Point:
        """The point of these potentials, kept if it is the best so far."""
        self.ctx.check()
        point = self.function(z)
        best = self.best
        if (point.value, -point.residual) > (best.value, -best.residual):
            self.best = point
        return point

    def note(self, point: Point) -> None:
        """Remember an iteration and tell of it."""
        step = Step(len(self.history) + 1, self.ctx.seconds, point.value, point.residual)
        self.history.append(step)
        self.ctx.log(dual=point.value, residual=point.residual)
        self.picture(self)


def lbfgs(climb: Climb, gtol: float, most: int) -> None:
    """Climb with L-BFGS; at a kink it ends before the gradient is small."""
    device = climb.best.z.device
    steps = climb.ctx.steps(most)

    def negative(vector: np.ndarray) -> tuple[float, np.ndarray]:
        point = climb.look(torch.as_tensor(vector.copy(), device=device))
        return -point.value, -point.gradient.cpu().numpy()

    def look(_: np.ndarray) -> None:
        climb.note(climb.best)
        if climb.best.residual < gtol or next(steps, None) is None:
            raise StopIteration

    minimize(
        negative,
        climb.best.z.cpu().numpy(),
        jac=True,
        method="L-BFGS-B",
        callback=look,
        options={"maxcor": MEMORY, "ftol": 1e-15, "gtol": 0.0, "maxiter": most, "maxfun": 3 * most},
    )


def ascend(climb: Climb, most: int) -> Tensor:
    """Climb with Adam, whose steps shrink to 0, and return the mean of the last plans.

    At a kink several plans attain the value, and only their mean meets the marginals.
    """
    z, function = climb.best.z, climb.function
    gradient = climb.best.gradient
    mean, size = torch.zeros_like(z), torch.zeros_like(z)
    plan = torch.zeros_like(function.cost)
    first = int((1 - AVERAGED) * most)
    for k in climb.ctx.steps(most):
        mean.lerp_(gradient, 1 - BETAS[0])
        size.lerp_(gradient**2, 1 - BETAS[1])
        step = FIRST_STEP * (1 - k / most) / (1 - BETAS[0] ** (k + 1))
        z = z + step * mean / ((size / (1 - BETAS[1] ** (k + 1))).sqrt() + 1e-12)
        point = climb.look(z)
        gradient = point.gradient
        if k >= first:
            point.add_to(plan, 1 / (most - first))
        if k % NOTE_EVERY == 0:
            climb.note(point)
    return plan
