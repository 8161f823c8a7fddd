"""Exact plans inside a loop: one linear programme after the other."""

from __future__ import annotations

import numpy as np

from engines.context import Cancelled, Context
from engines.transport.simplex import Basis, Programme, solve

# POT's own limit ends too early from 5000 points on.
PIVOTS = 100_000_000


def vertex(a: np.ndarray, b: np.ndarray, cost: np.ndarray, ctx: Context) -> Basis:
    """The cheapest plan between weights above 0; raises Cancelled where a stop was asked for."""
    plan = solve(Programme(a, b, lambda: iter([cost]), PIVOTS), ctx.quiet())
    if plan is None:
        raise Cancelled
    return plan


def dense(plan: Basis, shape: tuple[int, int]) -> np.ndarray:
    """A plan as a matrix."""
    matrix = np.zeros(shape)
    matrix[plan.rows, plan.cols] = plan.values
    return matrix
