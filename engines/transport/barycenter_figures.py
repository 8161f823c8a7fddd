"""The pictures of a mean of densities or clouds: the mean, all that lie between, and the way."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Figure, Line, Mark, Panel, Points
from engines.transport.barycenters import seats
from engines.transport.figures import AMOUNT, HIDDEN, Plane, picture
from engines.transport.problem_sets import Clouds, Densities

INPUTS = 4  # pictures of inputs shown beside their mean
GAP = 1.15  # from one cloud to the next in a triangle or square of clouds, in widths of a cloud

# Share of the bins of a picture that keep their values; a few bright ones would darken the rest.
BRIGHT = 0.99

BETWEEN = "Means for weights that go from one input to the others"


def mean(problem: Densities | Clouds, value: np.ndarray, points: bool, title: str) -> Figure:
    """The mean beside, or among, its inputs."""
    caption = (
        "The mean is as near as possible to all inputs, nearness being the cost of moving mass: "
        "it moves and deforms, where the mean of the values would fade."
    )
    if points:
        clouds, plane = _clouds(problem)
        inputs = _guides(clouds, plane)
        u, v = plane(_upright(problem, value), len(clouds) / 2)
        panels = [plane.panel(*inputs, Points(x=u, y=v, name="mean"))]
    else:
        assert isinstance(problem, Densities)
        given = problem.densities.astype(np.float64)
        given = given / given.sum(tuple(range(1, given.ndim)), keepdims=True)
        if value.ndim == 2:
            some = given[:INPUTS]
            panels = [picture(problem.axes(), g, f"input {k}") for k, g in enumerate(some)]
            panels.append(picture(problem.axes(), value, "mean"))
        else:
            panels = [_lines(problem, given, value)]
    return Figure("barycentre", title, tuple(panels), caption)


def interpolation(
    problem: Densities | Clouds, path: np.ndarray, weights: np.ndarray, points: bool, title: str
) -> Figure:
    """All means between the inputs: a movie between two, a triangle of three, a square of four."""
    inputs = weights.shape[1]
    if points:
        panel, moves = _clouds_between(problem, path, inputs)
    elif path.ndim == 3 and inputs > 2:
        assert isinstance(problem, Densities)
        panel, moves = _mosaic(path, inputs), False
    else:
        assert isinstance(problem, Densities)
        moves = True
        if path.ndim == 3:
            panel = picture(problem.axes(), path.astype(np.float32))
        else:
            given = problem.densities / problem.densities.sum(1, keepdims=True)
            panel = _lines(problem, given, path)
    if inputs == 2:
        time = Axis("t, from input 0 to input 1", limits=AMOUNT.limits)
        times: np.ndarray | None = weights[:, 1]
        caption = f"{BETWEEN}, here (1 - t, t)."
    else:
        time, times = Axis("frame"), np.arange(float(len(path))) if moves else None
        corners = "input 0 on top, 1 and 2 below" if inputs == 3 else "inputs 0, 1 above 2, 3"
        caption = f"{BETWEEN}: {corners}. Each picture has its own range of colours."
        if moves:
            caption = f"{BETWEEN}, row by row: {corners}."
    return Figure("interpolation", title, (panel,), caption, times=times, time=time)


def convergence(
    iteration: np.ndarray,
    changes: np.ndarray,
    tol: float,
    watched: dict[str, np.ndarray],
    title: str,
) -> Figure:
    """Change of the mean in each step, and the numbers watched on the way."""
    marks = (
        Line(x=iteration, y=np.where(changes > 0, changes, np.nan), name="change"),
        Line(x=iteration[[0, -1]], y=[tol, tol], name="tolerance", role="guide"),
    )
    panels = [Panel(marks, Axis("iteration"), Axis("change of the mean", scale="log"))]
    for name, values in watched.items():
        line = Line(x=iteration, y=values, name=name)
        panels.append(Panel((line,), Axis("iteration"), Axis(name)))
    caption = "How much each iteration changes the mean, and what the mean is like by then."
    return Figure("convergence", title, tuple(panels), caption)


def _lines(problem: Densities, given: np.ndarray, value: np.ndarray) -> Panel:
    (x,) = problem.axes()
    marks: list[Mark] = [
        Line(x=x, y=y, name=f"input {k}", role="guide") for k, y in enumerate(given)
    ]
    marks.append(Line(x=x, y=value, name="mean"))
    return Panel(tuple(marks), Axis("place"), Axis("mass"))


def _mosaic(path: np.ndarray, inputs: int) -> Panel:
    """Pictures on the places of their weights, each scaled so that nearly all of it is below 1."""
    _, height, width = path.shape
    places = seats(inputs, _steps(len(path), inputs))
    columns, rows = places.max(0) + 1
    canvas = np.zeros((int(rows) * height, int(columns * width)))
    for frame, (right, down) in zip(path, places, strict=True):
        top, left = int(down) * height, int(right * width)
        shown = np.minimum(frame / np.quantile(frame, BRIGHT), 1)
        canvas[top : top + height, left : left + width] = shown
    return picture((np.arange(len(canvas)) + 0.5, np.arange(canvas.shape[1]) + 0.5), canvas)


def _clouds_between(
    problem: Densities | Clouds, path: np.ndarray, inputs: int
) -> tuple[Panel, bool]:
    clouds, plane = _clouds(problem)
    drawn = [plane(_upright(problem, frame), 0.5) for frame in path]
    u, v = (np.stack(axis) for axis in zip(*drawn, strict=True))
    if inputs == 2:
        return plane.panel(*_guides(clouds, plane), Points(x=u, y=v, name="mean")), True
    places = seats(inputs, _steps(len(path), inputs))
    # Only the shapes matter here, so each of them stands around its own seat.
    u, v = (axis - axis.mean(1, keepdims=True) for axis in (u, v))
    wide = GAP * max(float(np.ptp(u, axis=1).max()), float(np.ptp(v, axis=1).max()), 1e-300)
    u, v = u + wide * places[:, :1], v - wide * places[:, 1:]
    dots = Points(x=u.ravel(), y=v.ravel(), name="mean", size=2.0)
    return Panel((dots,), HIDDEN, HIDDEN, equal=True), False


def _steps(frames: int, inputs: int) -> int:
    """Frames along an edge of a lattice of so many frames."""
    if inputs == 3:
        return int((np.sqrt(8 * frames + 1) - 1) / 2)
    return frames if inputs == 2 else int(np.sqrt(frames))


def _clouds(problem: Densities | Clouds) -> tuple[list[np.ndarray], Plane]:
    """Points of the inputs as they are drawn, and the plane that holds them."""
    clouds = [_upright(problem, cloud) for cloud, _ in problem.parts()]
    return clouds, Plane(np.concatenate(clouds), clouds[0])


def _guides(clouds: list[np.ndarray], plane: Plane) -> list[Points]:
    """The inputs, faint; those on a line one above the other."""
    drawn = (plane(cloud, height) for height, cloud in enumerate(clouds))
    return [
        Points(x=u, y=v, name=f"input {k}", role="guide", size=3.0)
        for k, (u, v) in enumerate(drawn)
    ]


def _upright(problem: Densities | Clouds, places: np.ndarray) -> np.ndarray:
    """Points of a picture with rows running down; other points as they are."""
    if isinstance(problem, Densities) and places.shape[1] == 2:
        return places[:, ::-1] * [1, -1]
    return places
