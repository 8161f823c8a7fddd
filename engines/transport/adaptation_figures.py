"""Pictures of domain adaptation: both domains, borders of classes, and who was taken for whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree
from torch import Tensor

from engines.figure import (
    Axis,
    Bars,
    Contours,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Points,
    Segments,
    Text,
)
from engines.transport.figures import LINES, PLAN_PIXELS, UNMET, Plane, thin
from engines.transport.labelled import Adapted, TwoDomains, places

COLOURS = 6  # series that can be told apart; more classes become values of a colour map
GRID = 160  # pixels along each side of a picture of the borders
MOST_NUMBERS = 12  # classes of a confusion matrix whose cells still have room for a number
FRAME = 0.12  # share of a confusion matrix that the names of its classes take beside it


def titled(title: str, result: Adapted) -> str:
    """The title, with a warning where the plan does not meet the masses."""
    return f"{title} (not converged)" if result.marginal_error > UNMET else title


def domains_now(problem: TwoDomains, plan: Callable[[], Tensor]) -> Figure:
    """Where the source would go by the plan of the moment."""
    share = plan().cpu().numpy()
    moved = share @ problem.target.astype(np.float64)
    moved /= np.maximum(share.sum(1, keepdims=True), np.finfo(float).tiny)
    return domains(problem, moved, None, "Domains, running")


def domains(
    problem: TwoDomains, moved: np.ndarray | None, partner: np.ndarray | None, title: str
) -> Figure:
    """The source with its classes, before and after, among the points of the target."""
    x, y = problem.source.astype(np.float64), problem.target.astype(np.float64)
    plane = Plane(x, y)
    others = thin(len(y))
    u, v = plane(y[others], 1)
    few = len(np.unique(problem.labels)) <= COLOURS
    target = Points(x=u, y=v, name="target" if few else "", role="reference")
    before: list[Mark] = [target, *_classed(problem, plane, x)]
    if partner is not None:
        some = thin(len(x), LINES)
        (x0, y0), (x1, y1) = plane(x[some], 0), plane(y[partner[some]], 1)
        faint = np.full(len(x0), 0.5)
        before.insert(0, Segments(x0=x0, y0=y0, x1=x1, y1=y1, weights=faint, role="guide"))
    panels = [plane.panel(*before, title="before")]
    if moved is not None:
        panels.append(plane.panel(target, *_classed(problem, plane, moved), title="after"))
    caption = (
        "The labelled source among the points of the target, which are hollow, and the source "
        "where transport sends it. Lines lead to the target point that receives most of a source "
        "point."
    )
    return Figure("domains", title, tuple(panels), caption, columns=len(panels))


def _classed(problem: TwoDomains, plane: Plane, x: np.ndarray) -> list[Mark]:
    """The source points in the colours of their classes."""
    some = thin(len(x))
    return _in_colours(*plane(x[some], 0), problem.labels[some], np.unique(problem.labels))


def _in_colours(
    u: np.ndarray, v: np.ndarray, labels: np.ndarray, classes: np.ndarray
) -> list[Mark]:
    """Points in a colour for each class, or, where these are many, in those of a map."""
    if len(classes) > COLOURS:
        return [Points(x=u, y=v, values=labels, name="class")]
    return [
        Points(x=u[labels == c], y=v[labels == c], name=f"class {c:g}")
        for c in classes
        if (labels == c).any()
    ]


def borders(problem: TwoDomains, moved: np.ndarray, k: int) -> tuple[Figure, ...]:
    """Where the nearest points change class, without transport and with it; in a plane only."""
    if problem.source.shape[1] != 2:
        return ()
    x, y = problem.source.astype(np.float64), problem.target.astype(np.float64)
    panels = []
    low, high = y.min(0), y.max(0)
    room = 0.1 * (high - low) + 1e-12
    low, high = low - room, high + room
    truth = problem.target_labels
    for title, cloud in (("without transport", x), ("after transport", moved)):
        marks = _border_lines(cloud, problem.labels, low, high, k)
        if truth is None:
            dots: list[Mark] = [Points(x=y[:, 0], y=y[:, 1], name="target", role="reference")]
        else:
            dots = _in_colours(y[:, 0], y[:, 1], truth, problem.classes)
        limits = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
        panels.append(
            Panel((*dots, *marks), Axis("x", limits=limits[0]), Axis("y", limits=limits[1]), title,
                  equal=True)
        )  # fmt: skip
    caption = (
        "Lines are the borders between the classes that the nearest labelled points give to each "
        "place. Points are those of the target"
        + ("." if truth is None else ", in the colours of their true classes.")
    )
    return (Figure("borders", "Borders between classes", tuple(panels), caption, columns=2),)


def _border_lines(
    cloud: np.ndarray, labels: np.ndarray, low: np.ndarray, high: np.ndarray, k: int
) -> list[Mark]:
    """For each class the line on which it and the best of the others are equally near."""
    step = (high - low) / GRID
    axes = [low[d] + step[d] * (np.arange(GRID) + 0.5) for d in range(2)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    near = _nearness(cloud, labels, grid, k)
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    marks: list[Mark] = []
    # Between two classes there is one border; it is drawn once.
    for c in range(near.shape[1] - (near.shape[1] == 2)):
        margin = near[:, c] - np.delete(near, c, axis=1).max(1)
        values = margin.reshape(GRID, GRID)
        name = "border"
        marks.append(Contours(values=values, levels=[0.0], extent=extent, name=name, role="guide"))
    return marks


def _nearness(cloud: np.ndarray, labels: np.ndarray, grid: np.ndarray, k: int) -> np.ndarray:
    """How near each class is to each place: minus the distance, or votes of several neighbours."""
    classes = np.unique(labels)
    if k == 1:
        trees = [KDTree(cloud[labels == c]) for c in classes]
        return np.stack([-tree.query(grid)[0] for tree in trees], axis=1)
    voters = KDTree(cloud).query(grid, min(k, len(cloud)))[1].reshape(len(grid), -1)
    return np.stack([(labels[voters] == c).mean(1) for c in classes], axis=1)


def confusion(result: Adapted) -> tuple[Figure, ...]:
    """True against predicted classes, as shares of each true class."""
    if result.confusion is None or result.confusion_before is None:
        return ()
    count = len(result.classes)
    panels = []
    for title, table, accuracy in (
        ("without transport", result.confusion_before, result.accuracy_before),
        ("after transport", result.confusion, result.accuracy),
    ):
        share = table / np.maximum(table.sum(1, keepdims=True), 1)
        extent = (-0.5, count - 0.5, count - 0.5, -0.5)
        marks: list[Mark] = [
            Image(values=share, extent=extent, limits=(0, 1), top_down=True, name="share")
        ]
        x, y = Axis("predicted class, rising"), Axis("true class, rising")
        if count <= MOST_NUMBERS:
            marks += _numbers(table, result.classes)
            x = Axis("predicted class", limits=(-0.5 - FRAME * count, count - 0.5), ticks=False)
            y = Axis("true class", limits=(count - 0.5 + FRAME * count, -0.5), ticks=False)
        heading = f"{title}: {accuracy:.1%} right"
        panels.append(Panel(tuple(marks), x, y, heading, equal=True))
    caption = (
        "How often each true class (down) is taken for which class (right): numbers are points of "
        "the target, colours their share of the true class."
    )
    return (Figure("confusion", "Confusion", tuple(panels), caption, columns=2),)


def _numbers(table: np.ndarray, classes: np.ndarray) -> list[Mark]:
    """What stands in the cells that are not 0, and the classes beside rows and below columns."""
    count = len(classes)
    margin = count - 0.5 + FRAME * count / 2
    inside = [
        Text(x=j, y=i, text=f"{table[i, j]}") for i, j in zip(*np.nonzero(table), strict=True)
    ]
    beside = [Text(x=count - 1 - margin, y=i, text=f"{c}") for i, c in enumerate(classes)]
    below = [Text(x=j, y=margin, text=f"{c}") for j, c in enumerate(classes)]
    return [*inside, *beside, *below]


def accuracies(result: Adapted) -> tuple[Figure, ...]:
    """The share that is right in each class and in all, before and after."""
    if result.confusion is None or result.confusion_before is None:
        return ()
    names = [*(f"{c}" for c in result.classes), "all"]
    marks: list[Mark] = []
    for name, table, accuracy, at in (
        ("without transport", result.confusion_before, result.accuracy_before, -0.4),
        ("after transport", result.confusion, result.accuracy, 0.0),
    ):
        right = np.append(np.diag(table) / np.maximum(table.sum(1), 1), accuracy)
        starts = np.arange(len(names)) + at
        edges = np.stack([starts, starts + 0.4], axis=1).ravel()
        heights = np.stack([right, np.zeros_like(right)], axis=1).ravel()[:-1]  # gaps between bars
        marks.append(Bars(edges=edges, counts=heights, name=name))
    if len(names) <= MOST_NUMBERS + 1:
        marks += [Text(x=k, y=-0.06, text=name) for k, name in enumerate(names)]
    x = Axis("true class, and all of them", ticks=False)
    panel = Panel(tuple(marks), x, Axis("share found", limits=(-0.12, 1.22)))
    caption = (
        f"Points of each class of the target that are recognised: {result.accuracy_before:.1%} of "
        f"all without transport, {result.accuracy:.1%} after it."
    )
    return (Figure("accuracy", "Accuracy by class", (panel,), caption),)


def plan(problem: TwoDomains, result: Adapted) -> tuple[Figure, ...]:
    """The plan with rows and columns sorted by class: blocks, where classes stay together."""
    if result.plan is None:
        return ()
    known = problem.target_labels if problem.target_labels is not None else result.predicted
    columns = np.zeros(result.plan.shape[1]) if known is None else known
    clouds = (problem.source.astype(np.float64), problem.target.astype(np.float64))
    along = Plane(*clouds)
    # Within a class along the page, so that neighbours stand together.
    ways = [
        np.lexsort((along(cloud)[0], side))
        for cloud, side in zip(clouds, (problem.labels, columns), strict=True)
    ]
    values = result.plan[np.ix_(*ways)]
    extent = (0.0, float(values.shape[1]), 0.0, float(values.shape[0]))
    lines = [
        *_breaks(problem.labels[ways[0]], extent, down=True),
        *_breaks(columns[ways[1]], extent, down=False),
    ]
    for axis in (0, 1):
        values = np.add.reduceat(
            values, np.arange(0, values.shape[axis], -(-values.shape[axis] // PLAN_PIXELS)), axis
        )
    bright = values[values > 1e-3 * values.max()]
    image = Image(
        values=values, extent=extent, limits=(0, float(np.quantile(bright, 0.99))),
        name="mass moved",
    )  # fmt: skip
    kind = "true" if problem.target_labels is not None else "predicted"
    x = Axis(f"target, by {kind} class", ticks=False)
    panel = Panel((image, *lines), x, Axis("source, by class", ticks=False), equal=True)
    caption = (
        f"Mass that goes from each source (up) to each target (right); lines part the classes. "
        f"{result.purity:.1%} of it comes from the class that its target receives most from."
    )
    return (Figure("plan", titled("Transport plan", result), (panel,), caption),)


def _breaks(
    sorted_labels: np.ndarray, extent: tuple[float, float, float, float], *, down: bool
) -> list[Mark]:
    at = np.flatnonzero(np.diff(sorted_labels)) + 1.0
    if not len(at):
        return []
    ends = extent[:2] if down else extent[2:]
    low, high = np.full(len(at), ends[0]), np.full(len(at), ends[1])
    if down:
        return [Segments(x0=low, y0=at, x1=high, y1=at, role="guide")]
    return [Segments(x0=at, y0=low, x1=at, y1=high, role="guide")]


def convergence(result: Adapted) -> tuple[Figure, ...]:
    """What is minimised, over the iterations of the class regularisation."""
    if result.objective is None or len(result.objective) < 2:
        return ()
    line = Line(x=np.arange(len(result.objective)), y=result.objective, name="objective")
    panel = Panel((line,), Axis("iteration"), Axis("objective", "cost"))
    caption = "Transport cost, entropy and class regularisation together, after each new plan."
    return (Figure("convergence", titled("Convergence", result), (panel,), caption),)


def confusions(truth: np.ndarray, predicted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Number of points of each true (down) and predicted (right) class."""
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(table, (places(truth, classes), places(predicted, classes)), 1)
    return table
