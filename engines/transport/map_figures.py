"""The pictures of a trained map: where it sends points and a grid, and how it was trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engines.figure import Axis, Bars, Figure, Line, Mark, Panel, Points, Segments, span
from engines.transport.bridge_figures import Stage
from engines.transport.figures import Plane, thin
from engines.transport.monge_maps import MappedClouds, MongeMap, uvp
from engines.transport.problem import PointClouds, points

ARROWS = 120  # arrows of a map
DOTS = 400  # points drawn of a cloud
EVERY = 2  # lines of the grid between two that have arrows
BINS = 40
SMOOTH = 25  # steps over which batches are averaged


def arrows(problem: PointClouds, x: np.ndarray, mapped: np.ndarray) -> Figure:
    """Where source points x go, with an arrow for some of them."""
    stage, some, dots = _stage(problem), thin(len(x), ARROWS), thin(len(x), DOTS)
    (x0, y0), (x1, y1) = stage.at(x[some], 0.0), stage.at(mapped[some], 1.0)
    u, v = stage.at(mapped[dots], 1.0)
    marks = (
        Points(x=u, y=v, name="T(x)", size=3),
        Segments(x0=x0, y0=y0, x1=x1, y1=y1, arrows=True, name="x → T(x)"),
    )
    caption = "Source, target, and where the map sends the source; an arrow for some of its points."
    return Figure("map", "Map", (stage.panel(*marks),), caption)


def unwinding(problem: PointClouds, result: MongeMap) -> Figure:
    """Movie of the training: a few source points, and where the map sends them meanwhile."""
    x, y = points(problem)
    plane = Plane(x, y)
    start, target = plane(x[result.some], 0.0), plane(y[thin(len(y), DOTS)], 1.0)
    frames = [plane(places, 1.0) for places in result.way]
    u, v = (np.stack(part) for part in zip(*frames, strict=True))
    colour = np.broadcast_to(start[0], u.shape)
    before = Points(x=start[0], y=start[1], values=start[0], size=4)
    behind = Points(x=target[0], y=target[1], name="target", role="guide", size=3)
    after = Points(x=u, y=v, values=colour, size=4)
    panels = _alike(plane.panel(before, title="source"), plane.panel(behind, after, title="mapped"))
    caption = (
        "The same points before and after the map, in the colours of their places in the source; "
        "the map as it was at each check of the training."
    )
    time, steps = Axis("step"), result.check_step
    return Figure("course", "Map in training", panels, caption, times=steps, time=time)


def grid(problem: PointClouds, result: MongeMap) -> Figure:
    """A regular grid, and what the map makes of it; the graph of the map on a line."""
    caption = "A regular grid over the source, and the same grid after the map."
    if result.grid.shape[-1] == 1:
        x, y = result.grid.ravel(), result.grid_mapped.ravel()
        marks = (Line(x=x, y=y, name="T(x)"), Line(x=x, y=x, name="x", role="guide"))
        panels: tuple[Panel, ...] = (Panel(marks, Axis("x"), Axis("T(x)")),)
    else:
        panels = _alike(
            _net(problem, "source", result.grid, "before"),
            _net(problem, "target", result.grid_mapped, "after"),
        )
    return Figure("grid", "Grid under the map", panels, caption)


def displacement(problem: PointClouds, result: MongeMap) -> Figure:
    """The way T(x) - x at the places of the grid: where to, and how far."""
    way = result.grid_mapped - result.grid
    dim, length = way.shape[-1], np.linalg.norm(way, axis=-1)
    if dim == 1:
        line = Line(x=result.grid.ravel(), y=way.ravel(), name="T(x) - x")
        panel = Panel((line,), Axis("x"), Axis("T(x) - x", "length"))
        return Figure("displacement", "Displacement", (panel,), "How far the map moves each place.")
    plane, few = Plane(*points(problem)), (slice(None, None, EVERY), slice(None, None, EVERY))
    here, there = result.grid[few], (result.grid + way / 2)[few]
    (x0, y0), (x1, y1) = (plane(places.reshape(-1, dim)) for places in (here, there))
    arrow = Segments(x0=x0, y0=y0, x1=x1, y1=y1, arrows=True, name="(T(x) - x)/2")
    u, v = plane(result.grid.reshape(-1, dim))
    dots = Points(x=u, y=v, values=length.ravel(), unit="length", name="|T(x) - x|", size=6)
    panels = _alike(plane.panel(arrow, title="direction"), plane.panel(dots, title="distance"))
    caption = "Where to (arrows of half length) and how far the map moves the places of a grid."
    return Figure("displacement", "Displacement", panels, caption)


def training(result: MongeMap, entropic: bool) -> Figure:
    """Fit and gap over the steps and over the time, and the distance to a known map."""
    panels: list[Panel] = []
    solver = "batches, entropic" if entropic else "batches"
    curves = [
        ("fit", "length²", "log", result.batch_fit, result.check_fit, "batches"),
        ("gap", "cost", "linear", result.batch_gap, result.check_gap, solver),
    ]
    known = result.check_uvp
    for label, unit, scale, batch, held, name in curves:
        for x, at, checks in _clocks(result):
            marks = [Line(x=checks, y=held, name="held-out points")]
            if not np.isnan(batch).all():
                marks.insert(0, Line(x=at, y=_smooth(batch), name=name, role="guide"))
            if label == "fit":
                floor = [result.fit_floor] * 2
                two = Line(x=checks[[0, -1]], y=floor, name="two target samples", role="reference")
                marks.append(two)
            panels.append(Panel(tuple(marks), x, Axis(label, unit, scale=scale)))  # type: ignore[arg-type]
    for x, _, checks in _clocks(result) if known is not None else ():
        marks = [Line(x=checks, y=known, name="to the known map")]
        panels.append(Panel(tuple(marks), x, Axis("L2-UVP", "%", scale="log")))
    caption = (
        f"Fit and gap of the batches, means of {SMOOTH} steps, and of points held out, whose gap "
        "is exact; left over the steps, right over the time. The smaller samples are, the farther "
        "apart they seem."
    )
    if entropic:
        caption += " An entropic gap is not 0 where the map is optimal: only its changes count."
    return Figure("training", "Training", tuple(panels), caption, columns=2)


def against_known(problem: PointClouds, result: MongeMap) -> tuple[Figure, ...]:
    """Both maps of the source points, where the cheapest is known."""
    if not isinstance(problem, MappedClouds) or result.check_uvp is None:
        return ()
    best, mapped = np.asarray(problem.optimal, dtype=np.float64), result.mapped
    plane, some = Plane(*points(problem)), thin(len(mapped), ARROWS)
    (x0, y0), (x1, y1) = plane(best[some], 0.0), plane(mapped[some], 1.0)
    errors = (
        Points(x=x0, y=y0, name="T*(x), known", role="reference", size=4),
        Points(x=x1, y=y1, name="T(x), trained", size=4),
        Segments(x0=x0, y0=y0, x1=x1, y1=y1, name="difference", role="guide"),
    )
    apart = np.linalg.norm(mapped - best, axis=1)
    counts, edges = np.histogram(apart, BINS)
    how_far = Axis("|T(x) - T*(x)|", "length")
    panels = (
        plane.panel(*errors),
        Panel((Bars(edges=edges, counts=counts),), how_far, Axis("points")),
    )
    title = f"Against the known map: L2-UVP {uvp(problem, mapped):.3g} %"
    caption = (
        "Where the trained and the cheapest map send the same points, and how far these places are "
        "apart; the L2-UVP is the mean square of that in percent of the variance of the target."
    )
    return (Figure("known", title, panels, caption),)


def _stage(problem: PointClouds) -> Stage:
    """The clouds behind the map, of no more points than leave it visible."""
    x, y = problem.x, problem.y
    return Stage(PointClouds(x=x[thin(len(x), DOTS)], y=y[thin(len(y), DOTS)]))


def _alike(*panels: Panel) -> tuple[Panel, ...]:
    """Panels with the same limits, so that shapes compare, and that a movie stands still."""
    axes = []
    for name in "xy":
        ends = (f"{name}{k}" for k in ("", "0", "1"))
        drawn = [m.arrays()[e].ravel() for e in ends for p in panels for m in p.marks
                 if e in m.arrays()]  # fmt: skip
        low, high = span(np.concatenate(drawn)) or (0.0, 1.0)
        room = 0.05 * (high - low) or 1.0
        axes.append(replace(getattr(panels[0], name), limits=(low - room, high + room)))
    return tuple(replace(panel, x=axes[0], y=axes[1]) for panel in panels)


def _net(problem: PointClouds, name: str, places: np.ndarray, title: str) -> Panel:
    """All rows and columns of a grid, over one of the clouds."""
    x, y = points(problem)
    plane, cloud = Plane(x, y), x if name == "source" else y
    behind = plane(cloud[thin(len(cloud), DOTS)])
    marks: list[Mark] = [Points(x=behind[0], y=behind[1], name=name, role="guide", size=3)]
    for way, lines in (("rows", places), ("columns", places.swapaxes(0, 1))):
        gaps = np.full((len(lines), 1, lines.shape[-1]), np.nan)
        u, v = plane(np.concatenate([lines, gaps], axis=1).reshape(-1, lines.shape[-1]))
        marks.append(Line(x=u, y=v, name=way))
    return plane.panel(*marks, title=title)


def _clocks(result: MongeMap) -> Sequence[tuple[Axis, np.ndarray, np.ndarray]]:
    """Steps and seconds: the axis, its values at each step, and at each check."""
    steps = np.arange(1, len(result.loss) + 1)
    return (
        (Axis("step"), steps, result.check_step),
        (Axis("time", "s"), result.seconds, result.check_seconds),
    )


def _smooth(values: np.ndarray) -> np.ndarray:
    """Means over the last steps, over fewer at the beginning."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    end = np.arange(1, len(sums))
    start = np.maximum(end - SMOOTH, 0)
    return (sums[end] - sums[start]) / (end - start)
