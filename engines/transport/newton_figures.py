"""The pictures of a Newton run: the race against plain Sinkhorn, and what the steps kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.figure import Axis, Figure, Image, Line, Mark, Panel, Points, Role
from engines.transport import figures
from engines.transport.newton_plan import NewtonPlan
from engines.transport.problem import CostMatrix, Data
from engines.transport.scaling import Look

ERROR = Axis("marginal error", scale="log")
ITERATION, TIME = Axis("iteration", scale="log"), Axis("time", "s", scale="log")
# Entries this far below the largest are drawn as nothing.
FAINTEST = 1e-12


def running(
    history: Sequence[Look], tol: float, plain: Sequence[Look] = (), began: float = 0.0
) -> Figure:
    """The error so far, and that of plain Sinkhorn, which started at `began`."""
    ours, other = np.array(history), np.array(plain).reshape(len(plain), 5)
    panels = []
    for column, axis in enumerate((ITERATION, TIME)):
        marks = [_line(ours[:, column], ours[:, 2], "with Newton steps")]
        if len(other):
            at = other[:, column] - began * column
            marks.append(_line(at, other[:, 2], "plain Sinkhorn", "reference"))
        marks.append(_level(np.concatenate([mark.x for mark in marks]), tol))
        panels.append(Panel(tuple(marks), axis, ERROR))
    caption = "L1 error of the marginals so far."
    return Figure("convergence", "Convergence, running", tuple(panels), caption)


def race(result: NewtonPlan, tol: float) -> Figure:
    """Error over iterations and over time, beside that of plain Sinkhorn."""
    title = f"{result.iterations} iterations"
    if result.plain_errors is not None:
        met = result.plain_errors[-1] <= tol
        title += f"; plain Sinkhorn: {'' if met else 'over '}{result.plain_iterations}"
    caption = (
        "L1 error of the marginals. Dots are Newton steps; they begin at the final ε where the "
        "upright line is. The error rises where the next, smaller ε begins."
    )
    panels = (
        _course(result, tol, ITERATION, result.iteration, "plain_iteration"),
        _course(result, tol, TIME, result.seconds, "plain_seconds"),
    )
    return Figure("convergence", figures.titled(title, result), panels, caption)


def _course(result: NewtonPlan, tol: float, axis: Axis, at: np.ndarray, plain: str) -> Panel:
    marks: list[Mark] = [_line(at, result.errors, "with Newton steps")]
    beside = getattr(result, plain)
    if beside is not None and result.plain_errors is not None:
        marks.append(_line(beside, result.plain_errors, "plain Sinkhorn", "reference"))
        marks.append(_level(np.append(at, beside), tol))
    else:
        marks.append(_level(at, tol))
    steps = np.flatnonzero(result.newton)
    if len(steps):
        marks.append(Points(x=at[steps], y=_positive(result.errors[steps]), name="Newton step"))
    final = steps[result.epsilons[steps] == result.epsilon]
    if len(final) and final[0] > 0:
        low, high = tol, max(1.0, float(np.nanmax(result.errors)))
        where = np.full(2, at[final[0] - 1])
        marks.append(Line(x=where, y=[low, high], name="Newton starts", role="guide"))
    return Panel(tuple(marks), axis, ERROR)


def sparsity(problem: Data, result: NewtonPlan) -> tuple[Figure, ...]:
    """The plan in powers of ten, the entries that the last step kept, and the work of each step."""
    panels: list[Panel] = []
    ways = _ways(problem, result)
    if result.plan is not None:
        largest = float(result.plan.max())
        image = Image(
            values=np.maximum(_binned(result.plan, ways), FAINTEST * largest),
            limits=(FAINTEST * largest, largest),
            log=True,
            name="mass moved",
        )
        panels.append(_pairs(image, "all digits of the plan"))
    if result.kept_rows is not None and result.kept_cols is not None:
        kept = np.zeros((len(result.f), len(result.g)), dtype=bool)
        kept[result.kept_rows.astype(np.int64), result.kept_cols.astype(np.int64)] = True
        shown = Image(values=_binned(kept, ways) > 0, colours="grey", name="kept")
        part = result.density[result.newton > 0][-1]
        panels.append(_pairs(shown, f"kept by the last step: {part:.1%}"))
    steps = np.flatnonzero(result.newton)
    if len(steps):
        count = np.arange(1, len(steps) + 1)
        density = Line(x=count, y=_positive(result.density[steps]), name="part of the plan kept")
        step = Axis("Newton step")
        panels.append(Panel((density,), step, Axis("part of the plan kept", scale="log")))
        work = Line(x=count, y=result.cg_iters[steps], name="conjugate gradient iterations")
        panels.append(Panel((work,), step, Axis("conjugate gradient iterations")))
    if not panels:
        return ()
    caption = (
        "Newton's matrix needs few entries of the plan where ε is small; fewer are kept while the "
        "error is large."
    )
    title = figures.titled("Sparsity", result)
    return (Figure("sparsity", title, tuple(panels), caption, columns=2),)


def plan(problem: Data, result: NewtonPlan) -> tuple[Figure, ...]:
    """Heat map; the targets of a cost matrix in the order of the sources that feed them."""
    if not isinstance(problem, CostMatrix):
        return figures.plan(problem, result)
    if result.plan is None:
        return ()
    panel = _pairs(Image(values=_binned(result.plan, _ways(problem, result)), name="mass moved"))
    caption = "Mass that goes from each source (up) to each target (right)."
    return (Figure("plan", figures.titled("Transport plan", result), (panel,), caption),)


def _pairs(image: Image, title: str = "") -> Panel:
    across, up = Axis("target", ticks=False), Axis("source", ticks=False)
    return Panel((image,), across, up, title, equal=True)


def _ways(problem: Data, result: NewtonPlan) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(problem, CostMatrix):
        return figures.order(problem)
    rows = np.arange(len(result.f))
    if result.plan is None:
        return rows, np.arange(len(result.g))
    return rows, np.argsort(result.plan.argmax(0), kind="stable")


def _binned(values: np.ndarray, ways: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Values in that order, several to a pixel where there are many."""
    for axis, way in enumerate(ways):
        step = -(-len(way) // figures.PLAN_PIXELS)
        starts = np.arange(0, len(way), step)
        values = np.add.reduceat(np.take(values, way, axis).astype(np.float64), starts, axis)
    return values


def _line(at: np.ndarray, errors: np.ndarray, name: str, role: Role = "data") -> Line:
    return Line(x=at, y=_positive(errors), name=name, role=role)


def _level(at: np.ndarray, tol: float) -> Line:
    return Line(x=[at.min(), at.max()], y=[tol, tol], name="tolerance", role="guide")


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)
