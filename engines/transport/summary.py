"""What a pair of potentials says about its plan: marginals, cost, map, largest entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engines.transport.cost import Cost, GridCost, PointCost, grid_points
from engines.transport.softmin import LOWEST, Separable, log_weights, product

# A plan of more entries is kept as the largest few of each row.
DENSE_ENTRIES = 4_000_000
LARGEST = 8

# Grids of more pairs of bins than this are summed axis by axis only; to look at so many pairs
# for the largest takes over a second.
MOST_PAIRS = 100_000_000


@dataclass
class Summary:
    """Sums over the plan, and what is kept of it."""

    row_sums: Tensor
    col_sums: Tensor
    map: Tensor
    cost: float
    plan: Tensor | None = None
    cols: Tensor | None = None
    values: Tensor | None = None


def plan_blocks(
    cost: PointCost, a: Tensor, b: Tensor, epsilon: float, f: Tensor, g: Tensor
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Rows with their P and C, block by block."""
    here, there = f / epsilon + log_weights(a), g / epsilon + log_weights(b)
    for rows in cost.blocks():
        block = cost.block(rows)
        plan = torch.add(there, block, alpha=-1 / epsilon).add_(here[rows, None])
        yield rows, plan.clamp_(min=LOWEST[plan.dtype]).exp_(), block


def summarise(
    cost: Cost,
    a: Tensor,
    b: Tensor,
    epsilon: float,
    f: Tensor,
    g: Tensor,
    targets: Tensor,
    dtype: torch.dtype,
) -> Summary:
    """Go over the plan once; `targets` are the places y_j that the map averages."""
    if isinstance(cost, GridCost):
        return _over_axes(cost, a, b, epsilon, f, g, targets, dtype)
    summary = _space(cost, f, g, targets)
    _keep(summary, cost.shape, dtype)
    total = f.new_zeros(())
    for rows, plan, block in plan_blocks(cost, a, b, epsilon, f, g):
        summary.row_sums[rows] = plan.sum(1)
        summary.col_sums += plan.sum(0)
        summary.map[rows] = product(plan, targets)
        total += torch.dot(plan.view(-1), block.view(-1))
        _put(summary, rows, plan)
    summary.map /= summary.row_sums[:, None]
    summary.cost = float(total)
    return summary


def _over_axes(
    cost: GridCost,
    a: Tensor,
    b: Tensor,
    epsilon: float,
    f: Tensor,
    g: Tensor,
    targets: Tensor,
    dtype: torch.dtype,
) -> Summary:
    soft = Separable(cost, a, b)
    rows = a * ((f - soft.rows(epsilon, g)) / epsilon).exp()
    cols = b * ((g - soft.cols(epsilon, f)) / epsilon).exp()
    moved = soft.apply(epsilon, f, g, targets)
    # Σ P_ij |x_i - y_j|²; both live on the same bins, whose centre is taken as the origin.
    centre = targets.mean(0)
    x = targets - centre
    squares = (x * x).sum(1)
    cross = (x * (moved - rows[:, None] * centre)).sum()
    total = float(squares @ (rows + cols) - 2 * cross)
    summary = Summary(rows, cols, moved / rows[:, None], total)
    if len(f) ** 2 <= MOST_PAIRS:
        _keep(summary, cost.shape, dtype)
        for part, plan, _ in plan_blocks(grid_points(cost), a, b, epsilon, f, g):
            _put(summary, part, plan)
    return summary


def _space(cost: PointCost, f: Tensor, g: Tensor, targets: Tensor) -> Summary:
    places = f.new_zeros(len(f), targets.shape[1])
    return Summary(torch.zeros_like(f), torch.zeros_like(g), places, 0.0)


def _keep(summary: Summary, shape: tuple[int, int], dtype: torch.dtype) -> None:
    """Make room for the plan, or for the largest entries of each row."""
    n, m = shape
    like = summary.row_sums
    if n * m <= DENSE_ENTRIES:
        summary.plan = like.new_empty(shape, dtype=dtype)
    else:
        kept = min(LARGEST, m)
        summary.cols = like.new_empty((n, kept), dtype=torch.int64)
        summary.values = like.new_empty((n, kept), dtype=dtype)


def _put(summary: Summary, rows: slice, plan: Tensor) -> None:
    if summary.plan is not None:
        summary.plan[rows] = plan
    elif summary.cols is not None and summary.values is not None:
        largest = plan.topk(summary.cols.shape[1], dim=1)
        summary.values[rows], summary.cols[rows] = largest.values.to(summary.values), largest.indices


def entropy(summary: Summary, a: Tensor, b: Tensor, epsilon: float, f: Tensor, g: Tensor) -> float:
    """-Σ P log P in nats, from log P_ij = (f_i + g_j - C_ij)/ε + log a_i b_j without another pass."""
    here, there = f / epsilon + log_weights(a), g / epsilon + log_weights(b)
    return summary.cost / epsilon - float(summary.row_sums @ here + summary.col_sums @ there)
