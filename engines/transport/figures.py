"""The pictures of a transport plan: the plan itself, who goes where, prices, and the way there."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Colours, Figure, Image, Line, Mark, Panel, Points, Segments
from engines.transport.problem import (
    CostMatrix,
    Data,
    Histograms,
    PointClouds,
    TransportPlan,
    points,
    shape,
)

PLAN_PIXELS = 400  # along each side of a plan; more cannot be told apart in a window
FRAMES = 21  # of an interpolation
DOTS = 2000  # points drawn of a cloud
LINES = 400  # pairs joined by a line
FEW = 200  # dimensions of which all variances are computed, and points that stand for all beyond
# Above this a plan is no plan between the given weights, and every picture says so.
UNMET = 1e-3

HIDDEN = Axis(ticks=False)
AMOUNT = Axis("t, from source to target", limits=(0, 1))


def titled(title: str, result: TransportPlan) -> str:
    """The title, with a warning where the marginals are not met."""
    return title if result.marginal_error <= UNMET else f"{title} (not converged)"


class Plane:
    """Where points are drawn: their coordinates, or the first two principal axes of both clouds."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.dim = x.shape[1]
        both = np.concatenate([x, y])
        self._mean, self._axes = np.zeros(self.dim), np.eye(self.dim)
        if self.dim > 2:
            self._mean = both.mean(0)
            self._axes = main_axes(both)
        self.labels = ("first component", "second component") if self.dim > 2 else ("x", "y")

    def __call__(self, places: np.ndarray, height: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates on the page; points of a line are drawn at the given height."""
        flat = (places - self._mean) @ self._axes
        if self.dim == 1:
            return flat[:, 0], np.full(len(flat), height)
        return flat[:, 0], flat[:, 1]

    def panel(self, *marks: Mark, title: str = "") -> Panel:
        """A panel with the axes of this plane."""
        y = Axis(self.labels[1]) if self.dim > 1 else HIDDEN
        return Panel(marks, Axis(self.labels[0]), y, title, equal=self.dim > 1)


def main_axes(places: np.ndarray) -> np.ndarray:
    """The first two principal axes (d, 2) of points; in many dimensions those of some points."""
    if places.shape[1] <= FEW:
        return np.linalg.eigh(np.atleast_2d(np.cov(places.T)))[1][:, :-3:-1]
    some = places[thin(len(places), FEW)]
    return np.linalg.svd(some - some.mean(0), full_matrices=False)[2][:2].T


def order(problem: Data) -> tuple[np.ndarray, np.ndarray]:
    """Points along their common first principal axis; bins as they are; pixels that have mass."""
    if isinstance(problem, CostMatrix):
        n, m = shape(problem)
        return np.arange(n), np.arange(m)
    x, y = points(problem)
    if isinstance(problem, Histograms):
        if problem.source.ndim == 1:
            return np.arange(len(x)), np.arange(len(y))
        return np.flatnonzero(problem.source), np.flatnonzero(problem.target)
    both = np.concatenate([x, y])
    axis = main_axes(both)[:, 0]
    return np.argsort(x @ axis, kind="stable"), np.argsort(y @ axis, kind="stable")


def heat_map(problem: Data, values: np.ndarray, title: str) -> Figure:
    """A plan whose rows and columns are in the order of `order`."""
    if isinstance(problem, CostMatrix):
        kind, low, high = "in the order given", 0.0, 1.0
    elif isinstance(problem, PointClouds):
        kind, low, high = "sorted along the first principal axis", 0.0, 1.0
    elif problem.source.ndim == 2:
        kind, low, high = "pixels with mass, row by row", 0.0, 1.0
    else:
        kind, (low, high) = "place", edges(problem.axes()[0])
    # A few points far out keep all of their mass together and would leave the rest in the dark.
    bright = values[values > 1e-3 * values.max()]
    limits = (0.0, float(np.quantile(bright, 0.99))) if bright.size else None
    extent = (low, high, low, high)
    image = Image(values=values, extent=extent, limits=limits, name="mass moved")
    x, y = (Axis(f"{end}, {kind}", ticks=kind == "place") for end in ("target", "source"))
    caption = "Mass that goes from each source (up) to each target (right)."
    return Figure("plan", title, (Panel((image,), x, y, equal=True),), caption)


def pixels(
    problem: Data,
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Where sources and targets lie in the picture of a plan, and that picture, empty."""
    places = []
    for way, count in zip(order(problem), shape(problem), strict=True):
        place = np.zeros(count, dtype=np.int64)  # what is left out has no mass, wherever it goes
        place[way] = np.arange(len(way)) // -(-len(way) // PLAN_PIXELS)
        places.append(place)
    return (places[0], places[1]), np.zeros([int(place.max()) + 1 for place in places])


def plan(problem: Data, result: TransportPlan) -> tuple[Figure, ...]:
    """Heat map of the plan, several points to a pixel where there are many."""
    places, image = pixels(problem)
    if result.plan is not None:
        np.add.at(image, (places[0][:, None], places[1]), result.plan)
    elif result.plan_cols is not None and result.plan_values is not None:
        np.add.at(image, (places[0][:, None], places[1][result.plan_cols]), result.plan_values)
    else:
        return ()
    return (heat_map(problem, image, titled("Transport plan", result)),)


def displacement(problem: PointClouds | Histograms, result: TransportPlan) -> tuple[Figure, ...]:
    """The source on its way to the target, each point straight to the mean of its targets."""
    if result.map is None:
        return ()
    if isinstance(problem, PointClouds):
        panel, caption = _moving_cloud(problem, result)
    else:
        panel, caption = _moving_density(problem, result)
    title = titled("Displacement", result)
    times = np.linspace(0, 1, FRAMES)
    return (Figure("displacement", title, (panel,), caption, times=times, time=AMOUNT),)


def _moving_cloud(problem: PointClouds, result: TransportPlan) -> tuple[Panel, str]:
    assert result.map is not None
    x, y = points(problem)
    plane = Plane(x, y)
    some, others = thin(len(x)), thin(len(y))
    source, target = plane(x[some], 0), plane(y[others], 1)
    end = plane(result.map[some], 1)
    t = np.linspace(0, 1, FRAMES)[:, None]
    way = [(1 - t) * here + t * there for here, there in zip(source, end, strict=True)]
    marks: tuple[Mark, ...] = (
        *_lines(plane, x, y, result),
        Points(x=source[0], y=source[1], name="source", role="guide"),
        Points(x=target[0], y=target[1], name="target", role="reference"),
        Points(x=way[0], y=way[1], name="on the way"),
    )
    return plane.panel(*marks), (
        "Source points move to the mean place of their mass (barycentric map); lines join pairs "
        "between which much mass moves."
    )


def _lines(
    plane: Plane, x: np.ndarray, y: np.ndarray, result: TransportPlan
) -> tuple[Segments, ...]:
    """The largest entry of each of some rows, fainter where it is a small part of the row."""
    if result.row_sums is None:
        return ()
    rows = thin(len(x), LINES)
    if result.plan is not None:
        block = result.plan[rows]
        cols, mass = block.argmax(1), block.max(1)
    elif result.plan_cols is not None and result.plan_values is not None:
        cols, mass = result.plan_cols[rows, 0], result.plan_values[rows, 0]
    else:
        return ()
    part = mass / np.maximum(result.row_sums[rows], np.finfo(float).tiny)
    weights = part / max(float(part.max()), np.finfo(float).tiny)
    (x0, y0), (x1, y1) = plane(x[rows], 0), plane(y[cols], 1)
    return (Segments(x0=x0, y0=y0, x1=x1, y1=y1, weights=weights, role="guide", name="mass"),)


def _moving_density(problem: Histograms, result: TransportPlan) -> tuple[Panel, str]:
    assert result.map is not None
    axes, (x, _) = problem.axes(), points(problem)
    share = splat if len(axes) == 2 else spread
    end = np.where(result.a[:, None] > 0, result.map, x)  # bins without mass stay
    moved = [(1 - t) * x + t * end for t in np.linspace(0, 1, FRAMES)]
    frames = np.stack([share(axes, places, result.a) for places in moved])
    caption = (
        "The mass of each bin moves to the mean place of its targets (barycentric map), which "
        "draws it together where ε blurs the plan."
    )
    if len(axes) == 2:
        return picture(axes, frames.astype(np.float32)), caption
    marks = (
        Line(x=axes[0], y=result.a, name="source", role="guide"),
        Line(x=axes[0], y=result.b, name="target", role="reference"),
        Line(x=axes[0], y=frames, name="on the way"),
    )
    return Panel(marks, Axis("place"), Axis("mass")), caption


def spread(axes: tuple[np.ndarray, ...], places: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Mass of the bins of a line at their new places, each bin filling the way to the next."""
    old, new = (np.maximum.accumulate(borders(p)) for p in (axes[0], places[:, 0]))
    return np.diff(np.interp(old, new, np.concatenate([[0], np.cumsum(mass)])))


def splat(axes: tuple[np.ndarray, ...], places: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Mass at any places shared out linearly between the nearest bins of a grid."""
    shape = tuple(len(axis) for axis in axes)
    out = np.zeros(shape)
    along = zip(axes, places.T, strict=True)
    steps = [np.interp(place, axis, np.arange(len(axis))) for axis, place in along]
    low = [np.minimum(step.astype(np.int64), max(n - 2, 0)) for step, n in zip(steps, shape)]
    for corner in np.ndindex(*(min(2, n) for n in shape)):
        part = mass.copy()
        for step, base, up in zip(steps, low, corner, strict=True):
            part *= 1 - np.abs(step - base - up)
        np.add.at(out, tuple(base + up for base, up in zip(low, corner, strict=True)), part)
    return out


def picture(
    axes: tuple[np.ndarray, ...],
    values: np.ndarray,
    title: str = "",
    colours: Colours = "sequential",
) -> Panel:
    """Values on the bins of a plane, the first row on top."""
    (top, bottom), (left, right) = edges(axes[0]), edges(axes[1])
    extent = (left, right, top, bottom)
    image = Image(values=values, extent=extent, top_down=True, colours=colours)
    across, down = Axis("column", ticks=False), Axis("row", ticks=False)
    return Panel((image,), across, down, title, equal=True)


def potentials(problem: PointClouds | Histograms, result: TransportPlan) -> Figure:
    """Both dual potentials over the places of their masses."""
    values, mass = (result.f, result.g), (result.a, result.b)
    return prices(problem, values, mass, "fg", titled("Potentials", result))


def prices(
    problem: PointClouds | Histograms,
    duals: tuple[np.ndarray, np.ndarray],
    weights: tuple[np.ndarray, np.ndarray],
    names: str,
    heading: str,
) -> Figure:
    """What a unit of mass costs at each place, for the source and for the target."""
    titles = (f"{names[0]} of the source", f"{names[1]} of the target")
    sides = zip(titles, duals, weights, strict=True)
    panels = []
    for (title, values, mass), places in zip(sides, points(problem), strict=True):
        if isinstance(problem, Histograms) and problem.source.ndim == 2:
            shown = np.where(mass > 0, values, np.nan).reshape(problem.source.shape)
            panels.append(picture(problem.axes(), shown, title, "diverging"))
        elif places.shape[1] == 1:
            way = np.argsort(places[:, 0])
            line = Line(x=places[way, 0], y=np.where(mass > 0, values, np.nan)[way], name=title)
            panels.append(Panel((line,), Axis("place"), Axis("potential", "cost"), title))
        else:
            plane, some = Plane(*points(problem)), thin(len(places))
            u, v = plane(places[some])
            dots = Points(x=u, y=v, values=values[some], unit="cost")
            panels.append(plane.panel(dots, title=title))
    caption = (
        "Dual potentials: what it costs to have one more unit of mass taken from, or brought to, "
        "each place. Only their sum over a pair has a meaning."
    )
    return Figure("potentials", heading, tuple(panels), caption)


def convergence(result: TransportPlan, tol: float) -> Figure:
    """Error of the marginals over iterations and over time, and the dual value."""
    errors = np.where(result.errors > 0, result.errors, np.nan)
    panels = []
    for label, unit, at in (("iteration", "", result.iteration), ("time", "s", result.seconds)):
        marks = (
            Line(x=at, y=errors, name="marginal error"),
            Line(x=at[[0, -1]], y=[tol, tol], name="tolerance", role="guide"),
        )
        panels.append(Panel(marks, Axis(label, unit), Axis("marginal error", scale="log")))
    dual = Line(x=result.iteration, y=result.dual, name="dual value")
    panels.append(Panel((dual,), Axis("iteration"), Axis("dual value", "cost")))
    caption = "L1 error of the marginals after each check, and the value of the dual problem."
    return Figure("convergence", titled("Convergence", result), tuple(panels), caption)


def edges(centres: np.ndarray) -> tuple[float, float]:
    """Outer edges of bins with these centres."""
    outer = borders(centres)
    return float(outer[0]), float(outer[-1])


def borders(centres: np.ndarray) -> np.ndarray:
    """Edges half-way between centres, and as far beyond the outer ones."""
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    inner = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - inner[0]], inner, [2 * centres[-1] - inner[-1]]])


def thin(count: int, most: int = DOTS) -> slice:
    """Every k-th of `count`, so that no more than `most` remain."""
    return slice(None, None, -(-count // most))
