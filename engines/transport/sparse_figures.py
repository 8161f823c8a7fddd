"""The pictures of a plan with at most k sources per target, before and after its repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engines.figure import Axis, Bars, Figure, Line, Mark, Panel, Points
from engines.transport import figures, pairs
from engines.transport.pairs import Pairs
from engines.transport.problem import CostMatrix, Data
from engines.transport.sparse_dual import Climb

if TYPE_CHECKING:
    from engines.transport.methods.sparsity_constrained_ot import SparsePlan

RESIDUAL = Axis("L1 error of the marginals", scale="log")


def titled(title: str, result: SparsePlan) -> str:
    """The title, with a warning where the marginals are not met."""
    met = result.marginal_error <= figures.UNMET
    return title if met else f"{title} (not converged)"


def final(result: SparsePlan) -> Pairs:
    """The pairs of the plan."""
    return Pairs(result.plan_rows, result.plan_cols, result.plan_values)


def raw(result: SparsePlan) -> Pairs:
    """The pairs of the plan that attains the dual value."""
    return Pairs(result.raw_rows, result.raw_cols, result.raw_values)


def running(climb: Climb) -> Figure:
    """Residual and dual value so far."""
    seen = np.array(climb.history)
    residual = Line(x=seen[:, 0], y=_positive(seen[:, 3]), name="error of the marginals")
    value = Line(x=seen[:, 0], y=seen[:, 2], name="dual value")
    panels = (
        Panel((residual,), Axis("iteration"), RESIDUAL),
        Panel((value,), Axis("iteration"), Axis("dual value", "largest cost")),
    )
    return Figure("convergence", "Convergence, running", panels, "The way up the dual, so far.")


def plan(problem: Data, result: SparsePlan) -> Figure:
    """The plan that attains the dual value, and the repaired one."""
    shown = [("dual", raw(result)), ("repaired", final(result))][: 1 + result.repaired]
    panels = []
    for name, found in shown:
        places, image = figures.pixels(problem)
        np.add.at(image, (places[0][found.rows], places[1][found.cols]), found.mass)
        miss = result.raw_error if name == "dual" else result.marginal_error
        marks = figures.heat_map(problem, image, "").panels[0].marks
        x, y = Axis("target", ticks=False), Axis("source", ticks=False)
        panels.append(Panel(marks, x, y, f"{name}, error {miss:.0e}", equal=True))
    caption = (
        "Mass that goes from each source (up) to each target (right). Where k binds, the plan "
        "that attains the dual value misses the masses of the sources; the repaired one has both "
        "exactly."
    )
    title = f"{len(result.plan_values)} pairs, at most {result.max_nnz} per target"
    return Figure("plan", titled(title, result), tuple(panels), caption)


def ways(problem: Data, result: SparsePlan) -> Figure:
    """The mass on its way; of a cost matrix, the costs that are paid."""
    if isinstance(problem, CostMatrix):
        return pairs.payments(problem, final(result), titled("Costs", result))
    return pairs.displacement(problem, final(result), titled("Displacement", result))


def cardinality(result: SparsePlan) -> Figure:
    """How many sources feed each target, and how far the mass of each source is missed."""
    fed = {"dual": raw(result), "repaired": final(result)}
    if not result.repaired:
        del fed["repaired"]
    m = len(result.b)
    counts = {name: np.bincount(found.cols, minlength=m) for name, found in fed.items()}
    top = max(result.k, *(int(count.max()) for count in counts.values()))
    edges = np.arange(top + 2) - 0.5
    left: list[Mark] = [
        Bars(edges=edges, counts=np.bincount(count, minlength=top + 1), name=name)
        for name, count in counts.items()
    ]
    left.append(Line(x=[result.k + 0.5] * 2, y=[0, m], name="limit k", role="guide"))
    some = np.flatnonzero(result.a)
    sent = {
        name: np.bincount(found.rows, found.mass, len(result.a))[some] / result.a[some]
        for name, found in fed.items()
    }
    way = np.argsort(sent["dual"])
    right = [Points(x=np.arange(len(way)), y=part[way], name=name) for name, part in sent.items()]
    panels = (
        Panel(tuple(left), Axis("sources that feed a target"), Axis("number of targets")),
        Panel(tuple(right), Axis("source, in this order"), Axis("mass sent/mass had")),
    )
    caption = (
        "Left: sources per target, and the limit k. Right: what leaves each source as a part of "
        "what it has, in the plan of the dual and in the repaired one."
    )
    return Figure("cardinality", titled("Sources per target", result), panels, caption)


def convergence(result: SparsePlan, gtol: float) -> Figure:
    """Residual over iterations and time, and the value of the dual."""
    panels = []
    for axis, at in ((Axis("iteration"), result.iteration), (Axis("time", "s"), result.seconds)):
        marks = (
            Line(x=at, y=_positive(result.residuals), name="error of the marginals"),
            Line(x=at[[0, -1]], y=[gtol, gtol], name="tolerance", role="guide"),
        )
        panels.append(Panel(marks, axis, RESIDUAL))
    ends, best = result.iteration[[0, -1]], max(result.primal_value, result.dual_value)
    values = (
        Line(x=result.iteration, y=result.duals, name="dual value"),
        Line(x=ends, y=[result.primal_value] * 2, name="value of the plan", role="reference"),
    )
    low = float(np.quantile(result.duals, 0.2))
    limits = (low, best + 0.1 * (best - low)) if best > low else None
    panels.append(Panel(values, Axis("iteration"), Axis("value", "cost", limits=limits)))
    caption = (
        "The way up the dual: L-BFGS first; where k binds it ends at a kink, and an averaged "
        "ascent follows. The value of the best plan is not below that of the dual."
    )
    return Figure("convergence", titled("Convergence", result), tuple(panels), caption)


def price(result: SparsePlan) -> tuple[Figure, ...]:
    """Bounds of the best value for other limits k."""
    if result.curve_k is None:
        return ()
    k = result.curve_k
    marks = (
        Line(x=k, y=result.curve_primal, name="repaired plan"),
        Line(x=k, y=result.curve_dual, name="dual value"),
        Points(x=[result.k], y=[result.primal_value], name="this plan", size=8.0),
    )
    panel = Panel(marks, Axis("limit k", scale="log"), Axis("value", "cost"))
    caption = (
        "Value of the best plan with at most k sources per target: it lies between both curves, "
        "which meet at k = 1 and where the limit no longer binds. The cheapest plan without limit "
        f"and without γ costs {result.lp_cost:.5g}."
    )
    return (Figure("price", "Price of sparsity", (panel,), caption),)


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)
