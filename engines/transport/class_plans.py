"""Entropic plans in which the classes of the source keep together.

minimise  ⟨P, C⟩ + ε KL(P | a bᵀ) + η Ω(P)     over all P ≥ 0 with P 1 = a,  Pᵀ 1 = b

P_cj is what target j receives from all sources of class c. Both choices of Ω are least where each
target receives from one class alone: with √ of the mass (arXiv 1507.00504), which is concave, and
with the norm of the single masses, which is convex.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import torch
from scipy.optimize import brentq
from torch import Tensor

from engines.context import Cancelled, Context
from engines.problem import Status
from engines.transport.cost import given_cost
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.softmin import make_softmin

# Entropic plans inside the loop: a marginal error that no accuracy can tell from 0.
TOL, MAX_ITER, MOST_RELAX = 1e-6, 5000, 1.97

# Added to a class' mass, so that √ has a slope at 0.
OFFSET = 1e-3

# A step is known up to this.
STEP = 1e-4

# Entries of a plan that are looked at together: some 20 ms on one core.
BLOCK = 1 << 20


@dataclass
class Found:
    """The plan at hand, and what was read on the way to it."""

    plan: Tensor
    status: Status = Status.limit_reached
    objective: list[float] = field(default_factory=list)


# Told how to get the plan of the moment; it is computed only where somebody looks.
Look = Callable[[Callable[[], Tensor]], None]


class Entropic:
    """Entropic plans between two weights, each begun where the last one ended."""

    def __init__(self, a: Tensor, b: Tensor, epsilon: float, ctx: Context) -> None:
        self.a, self.b, self.epsilon, self._ctx = a, b, epsilon, ctx
        self._f, self._g = torch.zeros_like(a), torch.zeros_like(b)
        self.status = Status.limit_reached

    def plan(self, cost: Tensor, ctx: Context | None = None, look: Look | None = None) -> Tensor:
        """The plan of this cost; whatever there is of it after a stop."""
        self._ctx.check()
        ctx = ctx or self._ctx.quiet()
        soft = make_softmin(
            "kernel", given_cost(cost, ctx.check), self.a, self.b, cost.dtype, cost.device
        )
        soft.sharpen()
        state = Scaling(self._f, self._g, self.epsilon)

        def picture(_: float, f: Tensor, g: Tensor) -> None:
            if look:
                look(partial(self._of, cost, f, g))

        course = Course((self.epsilon,), (1.0,), MAX_ITER, TOL, MAX_ITER, MOST_RELAX)
        scale(soft, state, course, ctx, picture)
        self._f, self._g, self.status = state.f, state.g, state.status
        return self._of(cost, state.f, state.g)

    def blocks(self, *, targets: bool = False) -> Iterator[slice]:
        """Slices of sources, or of targets, between which a stop is looked for."""
        count, others = len(self.a), len(self.b)
        if targets:
            count, others = others, count
        step = max(1, BLOCK // others)
        for start in range(0, count, step):
            self._ctx.check()
            yield slice(start, start + step)

    def _of(self, cost: Tensor, f: Tensor, g: Tensor) -> Tensor:
        plan = torch.sub(f[:, None] + g, cost).div_(self.epsilon).exp_()
        return plan.mul_(self.a[:, None]).mul_(self.b)


class Bend(ABC):
    """Ω of the class regularisation: its value and its slope."""

    def __init__(self, labels: Tensor, eta: float) -> None:
        self.member = torch.nn.functional.one_hot(labels).T.to(torch.float64)  # class, source
        self.labels, self.eta = labels, eta

    @abstractmethod
    def value(self, plan: Tensor) -> float:
        """η Ω(P)."""

    @abstractmethod
    def slope(self, plan: Tensor) -> Tensor:
        """η ∂Ω/∂P."""


class RootOfMass(Bend):
    """Ω = Σ_j Σ_c (P_cj + δ)^½ of the mass P_cj that target j has of class c."""

    def value(self, plan: Tensor) -> float:
        """η Ω(P)."""
        return self.eta * float((self.member @ plan + OFFSET).sqrt().sum())

    def slope(self, plan: Tensor) -> Tensor:
        """η ∂Ω/∂P."""
        return (self.eta / 2 * (self.member @ plan + OFFSET).rsqrt())[self.labels]


class NormOfMasses(Bend):
    """Ω = Σ_j Σ_c (Σ_i P_ij²)^½ over the sources i of class c."""

    def value(self, plan: Tensor) -> float:
        """η Ω(P)."""
        return self.eta * float((self.member @ plan.square()).sqrt().sum())

    def slope(self, plan: Tensor) -> Tensor:
        """η ∂Ω/∂P; 0 where a class sends nothing."""
        norms = (self.member @ plan.square()).sqrt()[self.labels]
        return self.eta * plan / norms.clamp_min(torch.finfo(plan.dtype).tiny)


def bend(
    solver: Entropic, cost: Tensor, omega: Bend, max_iter: int, tol: float, ctx: Context, look: Look
) -> Found:
    """Replace Ω by its tangent, take the plan of C + η ∂Ω/∂P, and go there, or part of the way.

    Where Ω is concave its tangent lies above it, so that the way is always gone to its end
    (majorise and minimise); where it is convex the way ends at the least value on it (generalised
    conditional gradient, arXiv 1510.06567).
    """
    concave = isinstance(omega, RootOfMass)
    found = Found(solver.plan(cost) if concave else torch.outer(solver.a, solver.b))
    found.objective.append(_objective(solver, cost, omega, found.plan)[0])
    with suppress(Cancelled):
        for _ in ctx.steps(max_iter):
            goal = solver.plan(cost + omega.slope(found.plan))
            ctx.check()
            step = 1.0 if concave else _best_step(solver, cost, omega, found.plan, goal)
            ahead = torch.lerp(found.plan, goal, step)
            now, moved = _objective(solver, cost, omega, ahead)
            found.plan, before = ahead, found.objective[-1]
            found.objective.append(now)
            ctx.log(objective=now, step=step)
            look(partial(getattr, found, "plan"))
            if before - now <= tol * max(abs(now), moved):
                found.status = Status.converged
                break
    if ctx.stopped:
        found.status = Status.stopped
    return found


def _objective(solver: Entropic, cost: Tensor, omega: Bend, plan: Tensor) -> tuple[float, float]:
    """The objective, and ⟨P, C⟩ in it."""
    moved, divergence = 0.0, 0.0
    log_b = solver.b.log()
    for rows in solver.blocks():
        part, logs = plan[rows], solver.a[rows, None].log() + log_b
        moved += float(torch.vdot(part.flatten(), cost[rows].flatten()))
        divergence += float((torch.xlogy(part, part) - part * logs).sum())
    return moved + solver.epsilon * divergence + omega.value(plan), moved


def _best_step(solver: Entropic, cost: Tensor, omega: Bend, plan: Tensor, goal: Tensor) -> float:
    """Where the convex objective is least on the way: its slope there is 0."""
    tiny = torch.finfo(plan.dtype).tiny

    def slope(step: float) -> float:
        """By targets, for Ω is a sum over them."""
        total = 0.0
        for cols in solver.blocks(targets=True):
            here = torch.lerp(plan[:, cols], goal[:, cols], step)
            logs = solver.a.log()[:, None] + solver.b[cols].log()
            up = here.clamp_min(tiny).log_().sub_(logs).mul_(solver.epsilon)
            up.add_(cost[:, cols]).add_(omega.slope(here))
            total += float((up * (goal[:, cols] - plan[:, cols])).sum())
        return total

    if slope(1.0) <= 0:
        return 1.0
    return float(brentq(slope, 0.0, 1.0, xtol=STEP)) if slope(0.0) < 0 else 0.0


def purity(plan: Tensor, labels: Tensor) -> float:
    """Share of the mass that comes from the class that its target receives most from."""
    member = torch.nn.functional.one_hot(labels).T.to(plan)
    return math.fsum((member @ plan).amax(0).tolist()) / float(plan.sum())
