"""The pictures of two matched spaces: who is like whom, the plan, both distances, and the way."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Figure, Image, Line, Panel, Points
from engines.transport.figures import HIDDEN, PLAN_PIXELS, Plane, thin
from engines.transport.problem_sets import DistanceMatrices, TwoSpaces

Planes = tuple[np.ndarray, np.ndarray]


def matching(
    problem: TwoSpaces | DistanceMatrices,
    planes: Planes,
    plans: dict[str, np.ndarray],
    title: str,
) -> Figure:
    """The source in colours, and the target in the colours that each plan brings to it."""
    u, v, labels = _drawn(problem, planes, 0)
    some = thin(len(u))
    dots = Points(x=u[some], y=v[some], values=u[some], size=6.0)
    panels = [Panel((dots,), *labels, "source", equal=True)]
    x, y, labels = _drawn(problem, planes, 1)
    some = thin(len(x))
    for name, plan in plans.items():
        dots = Points(x=x[some], y=y[some], values=_brought(u, plan)[some], size=6.0)
        panels.append(Panel((dots,), *labels, name, equal=True))
    caption = (
        "Points of the same colour are matched: each target point has the mean colour of the "
        "source points whose mass it gets."
    )
    return Figure("matching", title, tuple(panels), caption, columns=len(panels))


def coupling(planes: Planes, plan: np.ndarray, title: str) -> Figure:
    """The plan, the source along its first axis and the target in the order of its colours."""
    rows, columns = _orders(planes, plan)
    image = _summed(_summed(plan[np.ix_(rows, columns)]).T).T
    x, y = (Axis(f"{end}, sorted by the matching", ticks=False) for end in ("target", "source"))
    panel = Panel((Image(values=image, name="mass moved"),), x, y)
    caption = "Mass that goes from each source (up) to each target (right)."
    return Figure("plan", title, (panel,), caption)


def distances(
    planes: Planes, plan: np.ndarray, c1: np.ndarray, c2: np.ndarray, title: str
) -> Figure:
    """Both matrices in the order of the matching: alike where the match is good."""
    panels = []
    limits = (0.0, float(max(c1.max(), c2.max())) or 1.0)
    for name, order, matrix in zip(("source", "target"), _orders(planes, plan), (c1, c2)):
        some = order[thin(len(order), PLAN_PIXELS)]
        image = Image(values=matrix[np.ix_(some, some)], limits=limits, name="distance")
        panels.append(Panel((image,), HIDDEN, HIDDEN, name, equal=True))
    caption = "Distances inside each space, points in the order of the matching."
    return Figure("distances", title, tuple(panels), caption)


def convergence(values: np.ndarray, start: np.ndarray, names: list[str], title: str) -> Figure:
    """The value on the way down from each start."""
    lines = []
    for k, name in enumerate(names):
        way = values[start == k]
        shown = np.where(way > 0, way, np.nan)
        lines.append(Line(x=np.arange(len(way)), y=shown, name=name))
    panel = Panel(tuple(lines), Axis("iteration"), Axis("value", scale="log"))
    caption = (
        "The descent ends in different places, for the problem is not convex; the lowest is kept. "
        "A line ends where the value is 0."
    )
    return Figure("convergence", title, (panel,), caption)


def _drawn(
    problem: TwoSpaces | DistanceMatrices, planes: Planes, side: int
) -> tuple[np.ndarray, np.ndarray, tuple[Axis, Axis]]:
    """Where the points of one space are drawn, and the axes: their own where they have such."""
    if isinstance(problem, TwoSpaces):
        points = (problem.x, problem.y)[side].astype(np.float64)
        if points.shape[1] > 1:
            flat = Plane(points, points)
            u, v = flat(points)
            return u, v, (Axis(flat.labels[0]), Axis(flat.labels[1]))
    u, v = planes[side].T
    return u, v, (HIDDEN, HIDDEN)


def _brought(values: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """Mean over the sources of each target."""
    return values @ plan / plan.sum(0)


def _orders(planes: Planes, plan: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first = planes[0][:, 0]
    return np.argsort(first, kind="stable"), np.argsort(_brought(first, plan), kind="stable")


def _summed(matrix: np.ndarray) -> np.ndarray:
    """Rows added up until no more than PLAN_PIXELS are left."""
    step = -(-len(matrix) // PLAN_PIXELS)
    return np.add.reduceat(matrix, np.arange(0, len(matrix), step))
