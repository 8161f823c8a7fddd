"""What a map costs, how far it is from the cheapest with the same image, and from the target.

The Monge gap of a map T on a measure ρ is what T pays more than it must:

    M(T) = E_ρ c(x, T(x)) - OT_c(ρ, T#ρ) ≥ 0
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity, normalize

from engines.context import Cancelled, Context
from engines.problem import BadProblem
from engines.transport import simplex
from engines.transport.cost import CHECK_COORDINATES, given_cost
from engines.transport.debiased import Debiased
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.sliced import Pair, directions, slices
from engines.transport.softmin import Backend, make_softmin

# Inner problems: the noise of batches is far above these errors.
TOL, MOST_ITERATIONS, RELAX = 1e-3, 500, 1.9
MOST_PIVOTS = 10_000_000  # of the simplex; a batch of 4096 takes less

LINES = 64  # random lines of the sliced fit


@dataclass(frozen=True)
class Ground:
    """The cost of moving unit mass from x to y: |x - y|^p, or 1 - cos of the angle between."""

    kind: Literal["sqeuclidean", "euclidean", "power", "cosine"]
    power: float = 2.0

    @property
    def exponent(self) -> float:
        """The power of a length that the cost is."""
        known = {"sqeuclidean": 2.0, "euclidean": 1.0, "cosine": 0.0}
        return known.get(self.kind, self.power)

    def pairs(self, x: Tensor, y: Tensor) -> Tensor:
        """c(x_i, y_i)."""
        if self.kind == "cosine":
            return 1 - cosine_similarity(x, y, dim=-1)
        if self.kind == "sqeuclidean":
            return (x - y).square().sum(-1)
        return self._raised(torch.linalg.vector_norm(x - y, dim=-1))

    def matrix(self, x: Tensor, y: Tensor) -> Tensor:
        """c(x_i, y_j)."""
        if self.kind == "cosine":
            return 1 - normalize(x) @ normalize(y).T
        return self._raised(torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"))

    def _raised(self, length: Tensor) -> Tensor:
        return length if self.exponent == 1 else length**self.exponent

    def refuse(self, x: Tensor, y: Tensor) -> None:
        """Raise BadProblem for places without an angle."""
        for name, cloud in (("source", x), ("target", y)):
            length = cloud.norm(dim=1)
            if self.kind == "cosine" and not length.all():
                raise BadProblem(
                    f"point {int(length.argmin())} of the {name} is the origin; it must have a "
                    "direction for the cosine cost; leave it out or choose another cost"
                )


def exact_gap(x: Tensor, moved: Tensor, ground: Ground, ctx: Context) -> Tensor:
    """M of a batch, differentiable in T(x): the optimal plan stays, by the envelope theorem.

    It is 0 where the batch is c-cyclically monotone, and never below.
    """
    cost = _whole(x.detach(), moved.detach(), ground, ctx)
    mass = np.full(len(x), 1 / len(x))
    programme = simplex.Programme(mass, mass, lambda: iter([cost]), MOST_PIVOTS)
    plan = simplex.solve(programme, ctx.quiet())
    if plan is None:
        raise Cancelled
    held = (plan.rows, plan.cols, plan.values)
    rows, cols, values = (torch.as_tensor(v, device=x.device) for v in held)
    return ground.pairs(x, moved).mean() - values @ ground.pairs(x[rows], moved[cols])


def _whole(x: Tensor, y: Tensor, ground: Ground, ctx: Context) -> np.ndarray:
    """c(x_i, y_j); asks every now and then whether to stop."""
    parts, step = [], max(1, CHECK_COORDINATES // y.numel())
    for i in range(0, len(x), step):
        ctx.check()
        parts.append(ground.matrix(x[i : i + step], y).cpu().numpy())
    return np.concatenate(parts)


def entropic_gap(x: Tensor, moved: Tensor, ground: Ground, relative: float, ctx: Context) -> Tensor:
    """M with ⟨P, C⟩ + ε KL(P | ρ ⊗ T#ρ) in place of OT: at least -ε log n, ε a part of the mean C.

    Neither ε nor the plan is differentiated (envelope theorem).
    """
    cost = ground.matrix(x, moved)
    still = cost.detach()
    epsilon = max(relative * float(still.mean()), torch.finfo(x.dtype).tiny)
    mass = torch.full_like(still[:, 0], 1 / len(x))
    soft = make_softmin(_backend(x), given_cost(still), mass, mass, ctx.dtype, x.device)
    g = still.amin(0)
    state = Scaling(soft.rows(epsilon, g), g, epsilon)
    course = Course([epsilon], [1.0], 0, TOL, MOST_ITERATIONS, RELAX)
    scale(soft, state, course, ctx.quiet(), lambda *_: None)
    ctx.check()
    f = soft.rows(epsilon, state.g)
    plan = mass[:, None] * mass * ((f[:, None] + state.g - still) / epsilon).exp()
    value = mass @ (f + state.g)
    return ground.pairs(x, moved).mean() - value - (plan * (cost - still)).sum()


def divergence(moved: Tensor, y: Tensor, epsilon: float, ctx: Context) -> Tensor:
    """Sinkhorn divergence S of T#ρ and the target, differentiable in T(x) through its gradient."""
    here = moved.detach()
    spans = [(v - v.mean(0)).square().sum(1) for v in (here, y)]
    apart = float((here.mean(0) - y.mean(0)).square().sum())
    mean = float(spans[0].mean() + spans[1].mean()) + apart
    largest = (sum(math.sqrt(float(s.max())) for s in spans) + math.sqrt(apart)) ** 2
    solver = Debiased(
        epsilon, mean, largest, TOL, MOST_ITERATIONS, RELAX, _backend(y), ctx.quiet()
    )  # fmt: skip
    a, b = (torch.full_like(v[:, 0], 1 / len(v)) for v in (here, y))
    stand = solver.solve(here, y, a, b)
    return stand.value + ((moved - here) * stand.gradient).sum() / len(here)


def sliced(moved: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
    """d · SW₂² along random lines, which is the squared distance for a shifted copy."""
    theta = directions(LINES, y.shape[1], rng).to(y)
    pair = Pair(moved, y, (None, None), np.zeros(y.shape[1]))
    return y.shape[1] * slices(theta, pair).costs.mean()


def _backend(like: Tensor) -> Backend:
    return "kernel" if like.device.type == "cpu" else "dense_log"
