"""A soft map between vertices: entropic transport of area, so that no part is left out."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engines.context import Context
from engines.transport.cost import facts, point_cost
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.softmin import Backend, make_softmin
from engines.transport.summary import log_scalings, plan_blocks
from engines.transport.tuning import MOST_STORED, NO_ANNEALING

# Source vertices that are kept for each target vertex.
LARGEST = 5

# Areas are met to this share of the whole: less can be seen in no map.
TOL, MAX_ITER, RELAX = 1e-4, 5000, 1.97

# Levels of ε before the last: the first, relative to the mean cost, their ratio, iterations each.
LEVELS_FROM, LEVELS_RATIO, PER_LEVEL = 0.05, 0.5, 40


class SoftMap(NamedTuple):
    """A plan whose rows, one for each target vertex, were divided by their sums."""

    cols: Tensor  # (target, LARGEST) source vertices, the likeliest first
    shares: Tensor
    moved: Tensor  # functions on the source, averaged for each target vertex
    scaling: Scaling


def soft_map(
    embedded: tuple[Tensor, Tensor],
    areas: tuple[Tensor, Tensor],
    values: Tensor,
    epsilon: float,
    ctx: Context,
) -> SoftMap:
    """Transport of area between the embedded vertices of the target and of the source.

    ε counts in mean squared distances; `values` are functions on the source (n, k).
    """
    cost = point_cost(*embedded, check=ctx.check)
    a, b = (area / area.sum() for area in areas)
    seen = facts(cost, torch.zeros_like(b))
    last = seen.absolute(epsilon, "relative_mean")
    backend: Backend = "kernel" if len(a) * len(b) <= MOST_STORED else "streamed"
    soft = make_softmin(backend, cost, a, b, a.dtype, a.device)
    soft.sharpen()  # which vertex is likeliest must not hang on the rounding of float32
    levels, level = [], LEVELS_FROM * seen.mean
    while last < NO_ANNEALING * seen.mean and level > last:
        levels.append(level)
        level *= LEVELS_RATIO
    levels.append(last)
    state = Scaling(seen.f, seen.g, last)
    course = Course(levels, [1.0] * len(levels), PER_LEVEL, TOL, MAX_ITER, RELAX)
    scale(soft, state, course, ctx, lambda *_: None)
    ctx.check()
    cols, shares, moved = [], [], []
    for _, plan, _ in plan_blocks(cost, state.epsilon, *log_scalings(soft, state)):
        rows = plan / plan.sum(1, keepdim=True)
        share, col = rows.topk(min(LARGEST, rows.shape[1]), dim=1)
        cols.append(col)
        shares.append(share)
        moved.append(rows @ values)
    return SoftMap(torch.cat(cols), torch.cat(shares), torch.cat(moved), state)
