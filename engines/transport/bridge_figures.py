"""The pictures of a Schrödinger bridge: paths, plan, fans, drift, and how it was trained."""

from __future__ import annotations

import numpy as np
import torch

from engines.figure import Axis, Figure, Line, Mark, Panel, Points, Segments
from engines.transport.figures import Plane
from engines.transport.light_bridge import Bridge, LightBridge
from engines.transport.problem import PointClouds, points

DOTS = 1000  # points drawn of a cloud
FRAMES = 51  # of the movie of the paths
TRAILS = 25  # paths drawn as lines
ARROWS = 150  # arrows of a drift
MOMENTS = (0.0, 0.25, 0.5, 0.75)
AHEAD = 0.2  # an arrow is the way that the drift alone would take in this time
SMOOTH = 100  # steps over which the loss is averaged, for batches differ
TIME = Axis("t", limits=(0, 1))


class Stage:
    """Where places are drawn: over the time on a line, in a plane otherwise."""

    def __init__(self, problem: PointClouds) -> None:
        self.x, self.y = points(problem)
        self._plane = Plane(self.x, self.y)

    def at(self, places: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates on the page of places (…, d) at a time."""
        flat = places.reshape(-1, places.shape[-1])
        u, v = self._plane(flat)
        if self._plane.dim == 1:
            u, v = np.full(len(flat), t), u
        return u.reshape(places.shape[:-1]), v.reshape(places.shape[:-1])

    def panel(self, *marks: Mark, title: str = "") -> Panel:
        """Marks between the clouds."""
        behind: list[Mark] = []
        clouds = (("source", self.x, 0.0, "guide"), ("target", self.y, 1.0, "reference"))
        for name, cloud, t, role in clouds:
            u, v = self.at(cloud[:: -(-len(cloud) // DOTS)], t)
            behind.append(Points(x=u, y=v, name=name, role=role, size=3))  # type: ignore[arg-type]
        labels = self._plane.labels
        if self._plane.dim == 1:
            return Panel((*behind, *marks), Axis("t"), Axis("x"), title)
        return Panel((*behind, *marks), Axis(labels[0]), Axis(labels[1]), title, equal=True)


def plan_now(problem: PointClouds, generated: np.ndarray) -> Figure:
    """Where the source goes, each point to one place drawn at random."""
    stage = Stage(problem)
    u, v = stage.at(generated[:DOTS], 1.0)
    dots = Points(x=u, y=v, name="generated", size=3)
    caption = "Source, target, and one place for every source point, drawn from the plan."
    return Figure("plan", "Generated and target points", (stage.panel(dots),), caption)


def paths(problem: PointClouds, result: LightBridge) -> Figure:
    """Movie of the points on their random way, some of them with their path."""
    stage = Stage(problem)
    shown = np.unique(np.linspace(0, len(result.times) - 1, FRAMES).round().astype(int))
    times = result.times[shown]
    frames = [stage.at(result.paths[k], t) for k, t in zip(shown, times, strict=True)]
    u, v = (np.stack(part) for part in zip(*frames, strict=True))
    gap = np.full((1, u[:, :TRAILS].shape[1]), np.nan)
    trails = (np.concatenate([part[:, :TRAILS], gap]).T.ravel() for part in (u, v))
    marks = (
        Line(**dict(zip(("x", "y"), trails, strict=True)), name="paths", role="guide"),
        Points(x=u, y=v, name="on the way", size=4),
    )
    caption = (
        "Points that follow dX = g(X, t) dt + √ε dW from the source to the target; the lines are "
        f"the whole paths of {gap.shape[1]} of them."
    )
    panel = stage.panel(*marks)
    return Figure("paths", "Random paths", (panel,), caption, times=times, time=TIME)


def fans(problem: PointClouds, result: LightBridge) -> Figure:
    """Many targets of a few source points."""
    stage = Stage(problem)
    marks: list[Mark] = []
    for k, (start, ends) in enumerate(zip(result.fan_source, result.fans, strict=True), start=1):
        (u0, v0), (u, v) = stage.at(start[None], 0.0), stage.at(ends, 1.0)
        x0, y0, faint = (np.full(len(u), value) for value in (u0[0], v0[0], 0.3))
        marks.append(Segments(x0=x0, y0=y0, x1=u, y1=v, weights=faint, name=f"point {k}"))
    u, v = stage.at(result.fan_source, 0.0)
    marks.append(Points(x=u, y=v, name="starts", size=9))
    caption = (
        f"{result.fans.shape[1]} places drawn for each of {len(u)} source points: the larger ε, "
        "the wider they fan out."
    )
    return Figure("fans", "One point, many targets", (stage.panel(*marks),), caption)


def drift(problem: PointClouds, result: LightBridge) -> Figure:
    """The drift where the paths are, at four times."""
    stage, bridge, panels = Stage(problem), result.bridge(), []
    for moment in MOMENTS:
        k = int(np.abs(result.times - moment).argmin())
        here, t = result.paths[k][:ARROWS], float(result.times[k])
        pull = bridge.drift(torch.tensor(here), t).numpy()
        (x0, y0), (x1, y1) = stage.at(here, t), stage.at(here + AHEAD * pull, t + AHEAD)
        arrows = Segments(x0=x0, y0=y0, x1=x1, y1=y1, arrows=True, name="drift")
        panels.append(stage.panel(arrows, title=f"t = {t:.2f}"))
    caption = f"The drift g(x, t) at points on their way: where it alone would lead in {AHEAD:g}."
    return Figure("drift", "Drift", tuple(panels), caption, columns=2)


def training(result: LightBridge) -> Figure:
    """Loss, gradient and distance to the target over the steps."""
    step = Axis("step")
    count = np.arange(len(result.loss))
    at = result.check_step
    floor = Line(
        x=at[[0, -1]], y=[result.w2_floor] * 2, name="two draws of the target", role="guide"
    )
    distance = Line(x=at, y=result.check_w2, name="generated and target")
    loss = (
        Line(x=count, y=result.loss, name="loss", role="guide"),
        Line(x=count, y=_smooth(result.loss), name=f"mean of {SMOOTH} steps"),
    )
    panels = (
        Panel(loss, step, Axis("loss")),
        Panel(
            (Line(x=count, y=result.gradient, name="norm"),), step, Axis("gradient", scale="log")
        ),
        Panel((distance, floor), step, Axis("W₂²", "length²")),
    )
    caption = (
        "Loss of each batch, which is KL(π* | π) up to a constant that is not known; norm of its "
        "gradient; squared Wasserstein distance between samples, with its value for two samples "
        "of the target."
    )
    return Figure("training", "Training", panels, caption)


def bridge_now(problem: PointClouds, bridge: Bridge, x: torch.Tensor) -> Figure:
    """The plan while it is trained, drawn with random numbers of its own."""
    generated = bridge.sample(x, torch.Generator().manual_seed(0))
    return plan_now(problem, generated.cpu().numpy())


def _smooth(values: np.ndarray) -> np.ndarray:
    """Mean over the last steps, and over fewer at the beginning."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    end = np.arange(1, len(sums))
    start = np.maximum(end - SMOOTH, 0)
    return (sums[end] - sums[start]) / (end - start)
