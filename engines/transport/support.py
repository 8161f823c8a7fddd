"""From an averaged plan to one with at most k sources per target that meets both marginals.

Matrices are (target, source).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.transport.cost import Metric, given_cost, point_cost
from engines.transport.newton import GAIN, conjugate_gradients
from engines.transport.problem import CostMatrix, Data, masses, points
from engines.transport.sparse_dual import Point, SemiDual
from engines.transport.vertices import dense, vertex

# Mass below this share of the largest entry is rounding.
TINY = 1e-12

# Attempts to find pairs that can carry all of the mass.
ROUNDS = 100

# Newton's method on the plan of given pairs: most steps, and halvings of one.
STEPS, HALVINGS = 100, 40


@dataclass(frozen=True)
class Reduced:
    """The sources and targets that have mass, and their cost (target, source), at most 1."""

    rows: np.ndarray
    cols: np.ndarray
    mass: tuple[np.ndarray, np.ndarray]
    a: Tensor
    b: Tensor
    cost: Tensor
    scale: float

    @classmethod
    def of(cls, problem: Data, metric: Metric, ctx: Context) -> Reduced:
        """In float64; on the CPU where the device has none."""
        home = "cpu" if ctx.device.type == "mps" else ctx.device
        mass = masses(problem)
        rows, cols = (np.flatnonzero(part) for part in mass)
        a, b = (torch.as_tensor(part[some], device=home) for part, some in zip(mass, (rows, cols)))
        if isinstance(problem, CostMatrix):
            values = problem.cost.astype(np.float64)[np.ix_(rows, cols)]
            cost = given_cost(torch.as_tensor(values, device=home)).T
        else:
            places = zip(points(problem), (rows, cols))
            x, y = (torch.as_tensor(part[some], device=home) for part, some in places)
            cost = point_cost(x, y, metric, ctx.check).T
        matrix = torch.cat([cost.block(some) for some in cost.blocks()])
        scale = float(matrix.abs().max()) or 1.0
        # To the last digit: the network simplex finds no plan otherwise.
        return cls(rows, cols, mass, a, b * (a.sum() / b.sum()), matrix / scale, scale)

    def pairs(self, plan: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sources, targets and mass of the pairs of a plan, without what is rounding."""
        kept = plan > TINY * plan.max()
        cols, rows = (part.cpu().numpy() for part in kept.nonzero(as_tuple=True))
        return self.rows[rows], self.cols[cols], plan[kept].cpu().numpy()


@dataclass(frozen=True)
class Support:
    """Pairs that may carry mass, the cheapest plan on them, and its targets with over k sources."""

    pairs: Tensor
    flow: Tensor
    crowded: int


def choose(plan: Tensor, reduced: Tensor, problem: SemiDual, ctx: Context) -> Support:
    """The k largest entries of each target, exchanged until the pairs can carry all of the mass.

    The linear programme, with a price for every pair that was not chosen, needs few pairs: one
    less than there are points. Where a target still has more than k sources, the least of these
    become dearer, until all of them have k.
    """
    key = torch.where(plan > TINY * plan.max(), plan, -reduced.clamp_min(0))
    dear = float(problem.cost.abs().max()) or 1.0
    prices = problem.cost + 2 * dear * ~_largest(key, problem.k)
    for turn in range(ROUNDS):
        ctx.check()
        flow = linear(prices, problem.a, problem.b, ctx)
        used = flow > TINY * flow.max()
        if not crowded(flow, problem.k):
            break
        least = used & ~_largest(flow, problem.k)
        prices = prices + dear * (turn + 1) / 4 * least
    first = torch.where(used, key.abs().max() + flow, key)
    pairs = _largest(first, problem.k) | used
    # A price above any detour over all points keeps every pair that was not chosen empty.
    most = dear * sum(problem.cost.shape)
    flow = linear(problem.cost + most * ~pairs, problem.a, problem.b, ctx)
    return Support(pairs, flow, crowded(flow, problem.k))


def crowded(plan: Tensor, k: int) -> int:
    """Targets with more than k sources."""
    return int(((plan > TINY * plan.max()).sum(1) > k).sum())


def linear(cost: Tensor, a: Tensor, b: Tensor, ctx: Context) -> Tensor:
    """The cheapest plan, by the network simplex; its marginals are exact."""
    prices = cost.T.contiguous().cpu().numpy()
    found = vertex(a.cpu().numpy(), b.cpu().numpy(), prices, ctx)
    return torch.as_tensor(dense(found, prices.shape).T.copy(), device=cost.device)


def quadratic(support: Support, problem: SemiDual, z: Tensor, tol: float, ctx: Context) -> Point:
    """The plan on the chosen pairs that is best for the quadratic objective."""
    cost = torch.where(support.pairs, problem.cost, torch.inf)
    most = int(support.pairs.sum(1).max())
    inside = SemiDual(cost, problem.a, problem.b, problem.gamma, most)
    best = point = inside(z)
    for _ in range(STEPS):
        ctx.check()
        if best.residual < tol:
            break
        point = _newton_step(inside, point, ctx)
        if point.residual < best.residual:
            best = point
    return best


def _newton_step(function: SemiDual, point: Point, ctx: Context) -> Point:
    """One step of the semismooth Newton method, halved until the dual grows.

    Where pairs fall apart into groups the matrix is singular; a shift by the residual keeps the
    step short there, and vanishes fast enough to lose nothing.
    """
    active = torch.zeros_like(function.cost)
    active.scatter_(1, point.sources, (point.weights > 0).to(active))
    shared, count = active / active.sum(1, keepdim=True).clamp_min(1), active.sum(0)

    def apply(v: Tensor) -> Tensor:
        return (count * v - active.T @ (shared @ v) + point.residual * v) / function.gamma

    direction, _ = conjugate_gradients(apply, point.gradient, 1e-12, 4 * len(count), ctx.check)
    slope = float(point.gradient @ direction)
    size = float(function.a @ point.z.abs()) + abs(point.value)
    slack = 16 * torch.finfo(torch.float64).eps * size
    length = 1.0
    for _ in range(HALVINGS):
        ahead = function(point.z + length * direction)
        if ahead.value >= point.value + GAIN * length * slope - slack:
            return ahead
        length /= 2
    return point


def _largest(key: Tensor, k: int) -> Tensor:
    places = key.topk(k, dim=1).indices
    return torch.zeros_like(key, dtype=torch.bool).scatter_(1, places, True)
