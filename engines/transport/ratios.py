"""Which part of each mass takes part in a transport that may leave mass behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engines.figure import Axis, Figure, Line, Panel, Points
from engines.transport.figures import Plane, picture, thin
from engines.transport.problem import (
    Data,
    Histograms,
    PointClouds,
    TransportPlan,
    points,
)

# Sources of which less than this part is moved are drawn where they are.
LEFT_BEHIND = 0.01

CAPTION = (
    "The part of each mass that is moved: 1 is all of it, 0 is left behind, and above 1 more is "
    "moved than there is."
)


def ratios(
    problem: Data,
    sent: np.ndarray,
    received: np.ndarray,
    title: str,
) -> Figure:
    """P 1 / a over the source and Pᵀ 1 / b over the target."""
    if isinstance(problem, PointClouds):
        panels = _clouds(problem, sent, received)
    elif isinstance(problem, Histograms):
        panels = _densities(problem, sent, received)
    else:
        panels = tuple(
            Panel((Points(x=np.arange(len(r)), y=r, name=end),), Axis(end), Axis("part moved"))
            for end, r in (("source", sent), ("target", received))
        )
    return Figure("mass_ratio", title, panels, CAPTION)


def _clouds(problem: PointClouds, sent: np.ndarray, received: np.ndarray) -> tuple[Panel, ...]:
    x, y = points(problem)
    plane, panels = Plane(x, y), []
    for title, here, ratio, there in (
        ("source", x, sent, y),
        ("target", y, received, x),
    ):
        weighed = np.flatnonzero(np.isfinite(ratio))
        some = weighed[thin(len(weighed))]
        (u, v), (faint_u, faint_v) = plane(here[some]), plane(there[thin(len(there))])
        panels.append(
            plane.panel(
                Points(x=faint_u, y=faint_v, role="guide", size=2.0),
                Points(x=u, y=v, values=ratio[some], name="part moved", size=6.0),
                title=title,
            )
        )
    return tuple(panels)


def _densities(problem: Histograms, sent: np.ndarray, received: np.ndarray) -> tuple[Panel, ...]:
    axes, panels = problem.axes(), []
    sides = (("source", problem.source, sent), ("target", problem.target, received))
    for title, mass, ratio in sides:
        part = ratio.reshape(mass.shape)
        if len(axes) == 2:
            panels.append(picture(axes, part, title))
            continue
        marks = (
            Line(x=axes[0], y=mass, name=title, role="reference"),
            Line(x=axes[0], y=mass * part, name="moved"),
        )
        panels.append(Panel(marks, Axis("place"), Axis("mass"), title))
    return tuple(panels)


def moved(problem: PointClouds | Histograms, result: TransportPlan) -> TransportPlan:
    """The result as its displacement is drawn: only what leaves is on the way."""
    assert result.row_sums is not None
    assert result.col_sums is not None
    assert result.map is not None
    x, _ = points(problem)
    part = result.row_sums / np.maximum(result.a, np.finfo(np.float64).tiny)
    way = np.where(part[:, None] < LEFT_BEHIND, x, result.map)
    # Lines are as faint as the part of their source that they carry is small.
    whole = np.maximum(result.row_sums, result.a)
    return replace(result, a=result.row_sums, b=result.col_sums, map=way, row_sums=whole)
