"""Pictures of a sparse plan: which source is joined to which target, and what that costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engines.figure import Axis, Bars, Figure, Image, Line, Mark, Panel, Points, Role, Segments
from engines.transport.figures import (
    AMOUNT,
    FRAMES,
    PLAN_PIXELS,
    Plane,
    borders,
    heat_map,
    picture,
    pixels,
    splat,
    thin,
)
from engines.transport.problem import CostMatrix, Data, Histograms, PointClouds, points

BINS = 40  # of a histogram
ALIKE = 1 + 1e-9  # masses that differ by no larger factor differ by rounding


class Pairs(NamedTuple):
    """Sources, the targets that they are joined to, and the mass that goes that way."""

    rows: np.ndarray
    cols: np.ndarray
    mass: np.ndarray


def plan(problem: Data, pairs: Pairs | None, title: str) -> Figure:
    """Heat map of the plan; over a cost matrix, the pairs on top of the costs."""
    if isinstance(problem, CostMatrix):
        return _choice(problem, pairs, title)
    places, image = pixels(problem)
    if pairs is not None:
        np.add.at(image, (places[0][pairs.rows], places[1][pairs.cols]), pairs.mass)
    return heat_map(problem, image, title)


def _choice(problem: CostMatrix, pairs: Pairs | None, title: str) -> Figure:
    """The costs in grey, several to a pixel where there are many, and a dot for each pair."""
    costs = problem.cost.astype(np.float64)
    for axis in (0, 1):
        starts = np.arange(0, costs.shape[axis], -(-costs.shape[axis] // PLAN_PIXELS))
        counts = np.diff(starts, append=costs.shape[axis])
        costs = np.add.reduceat(costs, starts, axis) / np.expand_dims(counts, 1 - axis)
    n, m = problem.cost.shape
    marks: tuple[Mark, ...] = (
        Image(values=costs, extent=(0, m, 0, n), colours="grey", name="cost"),
    )
    if pairs is not None:
        some = thin(len(pairs.rows))
        x, y, mass = pairs.cols[some] + 0.5, pairs.rows[some] + 0.5, pairs.mass[some]
        alike = mass.max() < ALIKE * mass.min()
        values = None if alike else mass
        marks += (Points(x=x, y=y, values=values, name="mass moved", unit="mass", size=6.0),)
    panel = Panel(marks, Axis("target"), Axis("source"), equal=True)
    caption = "What each source (up) pays for each target (right), and the pairs that are joined."
    return Figure("plan", title, (panel,), caption)


def displacement(problem: PointClouds | Histograms, pairs: Pairs | None, title: str) -> Figure:
    """The mass on its way, each part of it straight to its target; no way where there is none."""
    if isinstance(problem, PointClouds):
        panel = _moving_cloud(problem, pairs)
        caption = "Lines join the pairs, fainter where less mass moves; each part goes straight."
    else:
        panel = _moving_density(problem, pairs)
        caption = "Each part of the mass goes straight to its target, at constant speed."
    times = None if pairs is None else np.linspace(0, 1, FRAMES)
    return Figure("displacement", title, (panel,), caption, times=times, time=AMOUNT)


def _moving_cloud(problem: PointClouds, pairs: Pairs | None) -> Panel:
    x, y = points(problem)
    plane = Plane(x, y)
    (x0, y0), (x1, y1) = plane(x[thin(len(x))], 0), plane(y[thin(len(y))], 1)
    ends: tuple[Mark, ...] = (
        Points(x=x0, y=y0, name="source", role="guide"),
        Points(x=x1, y=y1, name="target", role="reference"),
    )
    if pairs is None:
        return plane.panel(*ends)
    some = thin(len(pairs.rows))
    here, there = plane(x[pairs.rows[some]], 0), plane(y[pairs.cols[some]], 1)
    t = np.linspace(0, 1, FRAMES)[:, None]
    way = [(1 - t) * h + t * g for h, g in zip(here, there, strict=True)]
    lines = Segments(
        x0=here[0],
        y0=here[1],
        x1=there[0],
        y1=there[1],
        weights=pairs.mass[some] / pairs.mass.max(),
        role="guide",
        name="mass",
    )
    return plane.panel(lines, *ends, Points(x=way[0], y=way[1], name="on the way"))


def _moving_density(problem: Histograms, pairs: Pairs | None) -> Panel:
    axes, (x, _) = problem.axes(), points(problem)
    source, target = (s / s.sum() for s in (problem.source, problem.target))
    if pairs is None:
        frames = source
    elif len(axes) == 1 and _monotone(pairs):
        frames = np.stack([_between(axes[0], source, target, t) for t in np.linspace(0, 1, FRAMES)])
    else:
        here, there = x[pairs.rows], x[pairs.cols]
        ways = ((1 - t) * here + t * there for t in np.linspace(0, 1, FRAMES))
        frames = np.stack([splat(axes, way, pairs.mass) for way in ways])
    if len(axes) == 2:
        return picture(axes, frames.astype(np.float32))
    marks = (
        Line(x=axes[0], y=source, name="source", role="guide"),
        Line(x=axes[0], y=target, name="target", role="reference"),
        Line(x=axes[0], y=frames, name="on the way"),
    )
    return Panel(marks, Axis("place"), Axis("mass"))


def _monotone(pairs: Pairs) -> bool:
    way = np.lexsort((pairs.cols, pairs.rows))
    return bool((np.diff(pairs.cols[way]) >= 0).all())


def _between(centres: np.ndarray, source: np.ndarray, target: np.ndarray, t: float) -> np.ndarray:
    """Mass of the bins when all of it, even within the bins, is the share t of its way ahead."""
    edges = borders(centres)
    left, right = (np.concatenate([[0], np.cumsum(mass)]) for mass in (source, target))
    levels = np.union1d(left, right).clip(0, 1)
    place = (1 - t) * np.interp(levels, left, edges) + t * np.interp(levels, right, edges)
    return np.diff(np.interp(edges, place, levels))


def distances(problem: PointClouds | Histograms, pairs: Pairs, title: str) -> Figure:
    """How much mass goes how far."""
    x, y = points(problem)
    far = np.linalg.norm(x[pairs.rows] - y[pairs.cols], axis=1)
    mean = float(far @ pairs.mass)
    caption = f"How much mass goes how far, in straight lines; {mean:.4g} on average."
    marks = (_bars(far, pairs.mass, "mass moved", (0.0, float(far.max()) or 1.0)),)
    panel = Panel(marks, Axis("distance"), Axis("mass"))
    return Figure("distances", title, (panel,), caption)


def payments(problem: CostMatrix, pairs: Pairs, title: str) -> Figure:
    """Costs that are paid, beside all those that could have been paid."""
    paid, all_costs = problem.cost[pairs.rows, pairs.cols], problem.cost.ravel()
    limits = (float(all_costs.min()), float(all_costs.max()))
    if limits[0] == limits[1]:
        limits = (limits[0] - 0.5, limits[1] + 0.5)
    share = np.full(len(all_costs), 1 / len(all_costs))
    marks = (
        _bars(all_costs, share, "all pairs alike", limits, role="guide"),
        _bars(paid, pairs.mass, "mass moved", limits),
    )
    panel = Panel(marks, Axis("cost"), Axis("mass"))
    caption = "The costs at which the mass moves, and those of mass spread evenly over all pairs."
    return Figure("distances", title, (panel,), caption)


def _bars(
    values: np.ndarray,
    mass: np.ndarray,
    name: str,
    limits: tuple[float, float],
    role: Role = "data",
) -> Bars:
    counts, edges = np.histogram(values, BINS, limits, weights=mass)
    return Bars(edges=edges, counts=counts, name=name, role=role)
