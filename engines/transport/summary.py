"""What a pair of potentials says about its plan: marginals, cost, map, largest entries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.transport.cost import Facts, GridCost, PointCost, grid_points, new_matrix, product
from engines.transport.problem import TransportPlan
from engines.transport.scaling import Look, Scaling
from engines.transport.softmin import SoftMin, exp_

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
    cost: float = 0.0
    entropy: float = 0.0
    plan: Tensor | None = None
    cols: Tensor | None = None
    values: Tensor | None = None

    def errors(self, soft: SoftMin) -> tuple[float, float]:
        """L1 errors of the mass that leaves and of the mass that arrives."""
        rows, cols = self.row_sums - soft.a, self.col_sums - soft.b
        return float(rows.abs().sum()), float(cols.abs().sum())


def log_scalings(soft: SoftMin, state: Scaling) -> tuple[Tensor, Tensor]:
    """Logarithms of u, v in P_ij = u_i v_j exp(-C_ij/ε)."""
    return state.f / state.epsilon + soft.log_a, state.g / state.epsilon + soft.log_b


def plan_blocks(
    cost: PointCost, epsilon: float, here: Tensor, there: Tensor, into: Tensor | None = None
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Rows with their P and log P, block by block, from the logarithms of u and v."""
    for rows, log_p in cost.exponents(epsilon, here, there):
        plan = torch.empty_like(log_p) if into is None else into[rows]
        yield rows, exp_(log_p, plan), log_p


def summarise(soft: SoftMin, state: Scaling, targets: Tensor, dtype: torch.dtype) -> Summary:
    """Go over the plan once; `targets` are the places y_j that the map averages."""
    if isinstance(soft.cost, GridCost):
        return _over_axes(soft, soft.cost, state, targets, dtype)
    rows, cols = torch.zeros_like(state.f), torch.zeros_like(state.g)
    found = Summary(rows, cols, targets.new_zeros(len(rows), targets.shape[1]))
    _make_room(found, dtype)
    # In double precision the plan is computed where it is kept.
    into = found.plan if dtype == rows.dtype else None
    here, there = log_scalings(soft, state)
    total = rows.new_zeros(())
    for some, plan, log_p in plan_blocks(soft.cost, state.epsilon, here, there, into):
        rows[some] = plan.sum(1)
        cols += plan.sum(0)
        found.map[some] = product(plan, targets)
        total -= torch.dot(plan.view(-1), log_p.view(-1))
        if into is None:
            _keep(found, some, plan)
    found.map /= rows[:, None]
    found.entropy = float(total)
    # C_ij = ε (log u_i + log v_j - log P_ij).
    found.cost = state.epsilon * (float(rows @ here + cols @ there) + found.entropy)
    return found


def _over_axes(
    soft: SoftMin, cost: GridCost, state: Scaling, targets: Tensor, dtype: torch.dtype
) -> Summary:
    epsilon, f, g = state.epsilon, state.f, state.g
    rows = soft.a * ((f - soft.rows(epsilon, g)) / epsilon).exp()
    cols = soft.b * ((g - soft.cols(epsilon, f)) / epsilon).exp()
    # Sources and targets are the same bins; from their centre Σ P_ij |x_i - y_j|² loses least.
    x = targets - targets.mean(0)
    moved = soft.apply(epsilon, f, g, x)
    total = float((x * x).sum(1) @ (rows + cols) - 2 * (x * moved).sum())
    leaving = torch.where(soft.a > 0, rows, torch.nan)
    here, there = log_scalings(soft, state)
    entropy = total / epsilon - float(rows @ here + cols @ there)
    found = Summary(rows, cols, moved / leaving[:, None] + targets.mean(0), total, entropy)
    if math.prod(cost.shape) <= MOST_PAIRS:
        _make_room(found, dtype)
        for some, plan, _ in plan_blocks(grid_points(cost), epsilon, here, there):
            _keep(found, some, plan)
    return found


def _make_room(found: Summary, dtype: torch.dtype) -> None:
    """For the plan, or for the largest entries of each row."""
    n, m = len(found.row_sums), len(found.col_sums)
    if n * m <= DENSE_ENTRIES:
        found.plan = new_matrix(found.row_sums, (n, m), dtype)
    else:
        shape = (n, min(LARGEST, m))
        found.cols = new_matrix(found.row_sums, shape, torch.int64)
        found.values = new_matrix(found.row_sums, shape, dtype)


def _keep(found: Summary, rows: slice, plan: Tensor) -> None:
    if found.plan is not None:
        found.plan[rows] = plan
    elif found.cols is not None and found.values is not None:
        largest = plan.topk(found.cols.shape[1], dim=1)
        found.values[rows], found.cols[rows] = largest.values.to(found.values), largest.indices


def summarise_unless_stopped(
    soft: SoftMin, state: Scaling, targets: Tensor, ctx: Context
) -> Summary | None:
    """Sums over the plan; nothing where a stop is asked for and there is much to go over."""
    try:
        return summarise(soft, state, targets, ctx.dtype)
    except Cancelled:
        return None


def as_result(
    soft: SoftMin,
    state: Scaling,
    found: Summary | None,
    seen: Facts,
    note: str,
    ctx: Context,
) -> TransportPlan:
    """The result of a run: potentials, history, and the sums over the plan where there are any."""
    dual = float(soft.a @ state.f + soft.b @ state.g)
    history = state.history or [Look(0, ctx.seconds, math.nan, dual, state.epsilon)]
    iteration, seconds, errors, duals, epsilons = (np.array(column) for column in zip(*history))
    known: dict[str, Any] = {}
    if found is None:
        note += "; stopped before the plan was gone over: map, cost and marginals are missing"
    else:
        rows, cols = found.errors(soft)
        known = {
            "plan": found.plan,
            "plan_cols": found.cols,
            "plan_values": found.values,
            "map": found.map.to(ctx.dtype),
            "row_sums": found.row_sums,
            "col_sums": found.col_sums,
            "cost": found.cost,
            "reg_cost": dual - state.epsilon * (float(found.row_sums.sum()) - 1),
            "entropy": found.entropy,
            "eff_support": math.exp(found.entropy),
            "marginal_error": max(rows, cols),
            "marginal_error_rows": rows,
            "marginal_error_cols": cols,
        }
    return TransportPlan(
        f=state.f.cpu().numpy(),
        g=state.g.cpu().numpy(),
        a=soft.a.cpu().numpy(),
        b=soft.b.cpu().numpy(),
        iteration=iteration,
        seconds=seconds,
        errors=errors,
        dual=duals,
        epsilons=epsilons,
        epsilon=state.epsilon,
        c_mean=seen.mean,
        c_max=seen.max,
        iterations=state.iterations,
        status=state.status,
        note=note,
        **known,
    )
