"""Ways to move labelled points of one domain to where the points of another lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.method import Option, param
from engines.problem import BadProblem, Status
from engines.transport import simplex
from engines.transport.class_plans import Bend, Entropic, NormOfMasses, RootOfMass, bend
from engines.transport.cost import CHECK_COORDINATES, MOST_RATIO
from engines.transport.gaussian import linear_map, moments
from engines.transport.vertices import PIVOTS, dense


@dataclass
class Task:
    """Both clouds in the units of the run, the costs, and what is found."""

    x: Tensor
    y: Tensor
    labels: Tensor
    ctx: Context
    look: Callable[[Callable[[], Tensor]], None]
    plan: Tensor | None = None
    moved: Tensor | None = None
    status: Status = Status.completed
    iterations: int = 0
    objective: list[float] = field(default_factory=list)

    @cached_property
    def costs(self) -> Tensor:
        """|x_i - y_j|²."""
        found = self.x.new_empty(len(self.x), len(self.y))
        step = max(1, CHECK_COORDINATES // self.y.numel())
        for i in range(0, len(found), step):
            self.ctx.check()
            some = self.x[i : i + step]
            apart = torch.cdist(some, self.y, compute_mode="donot_use_mm_for_euclid_dist")
            torch.square(apart, out=found[i : i + step])
        return found

    def weights(self) -> tuple[Tensor, Tensor]:
        """Equal masses."""
        n, m = len(self.x), len(self.y)
        return self.x.new_full((n,), 1 / n), self.y.new_full((m,), 1 / m)


class Exact(Option):
    """The exact plan: each point goes to few others"""

    kind: Literal["exact"] = "exact"
    iterations: ClassVar = 1

    def transport(self, task: Task, relative: bool) -> None:
        """The linear programme."""
        costs = task.costs.cpu().numpy()
        a, b = (weights.cpu().numpy() for weights in task.weights())
        found = simplex.solve(simplex.Programme(a, b, lambda: iter([costs]), PIVOTS), task.ctx)
        if found is None:
            raise Cancelled
        task.plan = torch.as_tensor(dense(found, costs.shape), device=task.x.device)
        task.iterations = 1


class Sinkhorn(Option):
    """The entropic plan: each point goes to a blurred neighbourhood"""

    kind: Literal["sinkhorn"] = "sinkhorn"
    epsilon: float = param(0.05, "ε", "entropic regularisation", ge=1e-4, log=True)
    iterations: ClassVar = 1

    def transport(self, task: Task, relative: bool) -> None:
        """Alternating updates of two potentials."""
        costs = task.costs
        unit = _unit(costs, relative)
        solver = Entropic(*task.weights(), _resolved(self.epsilon * unit, costs), task.ctx)
        task.plan = solver.plan(costs, task.ctx, task.look)
        task.status, task.iterations = solver.status, 1


class Bent(Option):
    """An entropic plan that keeps the classes together."""

    epsilon: float = param(0.05, "ε", "entropic regularisation", ge=1e-4, log=True)
    eta: float = param(0.5, "η", "weight of the class regularisation", ge=0, le=1e3)
    max_iter: int = param(100, "K", "most plans", ge=1, le=10_000)
    tol: float = param(1e-5, "τ", "end when a plan lowers the objective by less", gt=0, lt=1,
                       log=True)  # fmt: skip
    iterations: ClassVar = 10
    omega: ClassVar[type[Bend]]

    def transport(self, task: Task, relative: bool) -> None:
        """One entropic plan after the other, of costs that favour the class that leads."""
        costs = task.costs
        unit = _unit(costs, relative)
        solver = Entropic(*task.weights(), _resolved(self.epsilon * unit, costs), task.ctx)
        omega = self.omega(task.labels, self.eta * unit)
        found = bend(solver, costs, omega, self.max_iter, self.tol, task.ctx, task.look)
        task.plan, task.status, task.objective = found.plan, found.status, found.objective
        task.iterations = len(found.objective)


class RootClasses(Bent):
    """Entropic, classes kept apart by the roots of their masses (Lp-L1)"""

    kind: Literal["lpl1"] = "lpl1"
    omega: ClassVar[type[Bend]] = RootOfMass


class NormClasses(Bent):
    """Entropic, classes kept apart by a group norm (L1-L2)"""

    kind: Literal["l1l2"] = "l1l2"
    omega: ClassVar[type[Bend]] = NormOfMasses


class GaussianMap(Option):
    """The linear map between Gaussians: shift, stretch and shear"""

    kind: Literal["gaussian"] = "gaussian"
    iterations: ClassVar = 0

    def transport(self, task: Task, relative: bool) -> None:
        """T(x) = m₁ + (x - m₀) B."""
        a, b = task.weights()
        m0, s0 = moments(task.x, a)
        task.ctx.check()
        m1, s1 = moments(task.y, b)
        task.moved = m1 + (task.x - m0) @ linear_map(s0, s1, task.ctx.check)


def _unit(costs: Tensor, relative: bool) -> float:
    """What ε and η are multiples of."""
    mean = float(costs.mean())
    if relative and mean == 0:
        raise BadProblem(
            "the mean cost is 0; it must be above 0 to measure epsilon by it; "
            "load points that differ, or set epsilon_mode to absolute"
        )
    return mean if relative else 1.0


def _resolved(epsilon: float, costs: Tensor) -> float:
    largest = float(costs.max())
    if largest > MOST_RATIO * epsilon:
        raise BadProblem(
            f"ε is {epsilon / largest:.1g} of the largest cost; it must be at least "
            f"{1 / MOST_RATIO:g}; raise epsilon, or take the exact way"
        )
    return epsilon
