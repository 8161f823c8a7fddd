"""The result of Newton steps: a plan, what each step took, and how plain Sinkhorn fared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch
from torch import Tensor

from engines.problem import array, metric, scalar
from engines.transport.newton import Kept, Taken
from engines.transport.problem import TransportPlan
from engines.transport.scaling import Look, Scaling
from engines.transport.softmin import SoftMin

# More kept entries than this are not stored.
MOST_KEPT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class NewtonPlan(TransportPlan):
    """A plan found by Newton steps, with what each of them took and how plain Sinkhorn fared."""

    newton: np.ndarray = array("check", "1 after a Newton step, 0 after Sinkhorn iterations")
    cg_iters: np.ndarray = array("check", "conjugate gradient iterations of that step")
    density: np.ndarray = array("check", "part of the plan kept in the matrix of that step")
    step: np.ndarray = array("check", "length of that step; 1 is the full one, 0 a failure")
    kept_rows: np.ndarray | None = array(
        "entry", "sources of the entries that the last step kept", optional=True
    )
    kept_cols: np.ndarray | None = array(
        "entry", "targets of the entries that the last step kept", optional=True
    )
    plain_iteration: np.ndarray | None = array(
        "plain", "iterations of plain Sinkhorn when its error was read", optional=True
    )
    plain_seconds: np.ndarray | None = array(
        "plain", "time of plain Sinkhorn until then", "s", optional=True
    )
    plain_errors: np.ndarray | None = array(
        "plain", "L1 error of its marginals at that time", optional=True
    )
    newton_iterations: int = scalar(0, "Newton steps, all levels of ε together")
    sinkhorn_iterations: int = scalar(0, "Sinkhorn iterations before and between them")
    plain_iterations: int = scalar(0, "iterations of plain Sinkhorn to the same tolerance, or all")
    duration: float = metric("time to the plan", "s", better="lower")
    plain_duration: float = metric("time of plain Sinkhorn", "s")


@dataclass
class Trail:
    """What the Newton steps took, by their place in the history of errors."""

    taken: dict[int, Taken] = field(default_factory=dict)
    kept: Kept | None = None
    dense: bool = False


def extend(whole: SoftMin, state: Scaling, rows: Tensor, cols: Tensor) -> None:
    """Give points without mass the potentials that the others leave them."""
    if len(rows) < len(whole.a) or len(cols) < len(whole.b):
        f = torch.full_like(whole.a, float(state.f.min()))
        f[rows] = state.f
        g = whole.cols(state.epsilon, f)
        g[cols] = state.g
        f = whole.rows(state.epsilon, g)
        f[rows] = state.f
        state.f, state.g = f, g


def newton_plan(
    base: TransportPlan,
    no_places: bool,
    trail: Trail,
    plain: Sequence[Look] | None,
    rows: Tensor,
    cols: Tensor,
) -> NewtonPlan:
    """The plan with the account of the steps and of the comparison."""
    known = {item.name: getattr(base, item.name) for item in fields(base)}
    steps = [trail.taken.get(k) for k in range(len(base.errors))]
    known["newton"] = np.array([float(step is not None) for step in steps])
    known["cg_iters"] = np.array([step.cg_iters if step else 0 for step in steps], dtype=float)
    known["density"] = np.array([step.density if step else math.nan for step in steps])
    known["step"] = np.array([step.length if step else math.nan for step in steps])
    if trail.kept and 0 < int(trail.kept.mask.sum()) <= MOST_KEPT:
        kept = trail.kept.mask.nonzero(as_tuple=True)
        known["kept_rows"] = rows[kept[0]].cpu().numpy()
        known["kept_cols"] = cols[kept[1]].cpu().numpy()
    if plain:
        names = ("plain_iteration", "plain_seconds", "plain_errors")
        known |= {name: np.array(column) for name, column in zip(names, zip(*plain))}
        known["plain_iterations"] = plain[-1].iteration
        known["plain_duration"] = plain[-1].seconds
    known["newton_iterations"] = len(trail.taken)
    known["sinkhorn_iterations"] = base.iterations - len(trail.taken)
    known["duration"] = float(base.seconds[-1])
    if no_places:
        known["map"] = None
    return NewtonPlan(**known)
