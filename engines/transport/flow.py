"""Pictures of a cloud that moves towards another: as it runs, as a movie, and as a strip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from engines.figure import Axis, Figure, Panel, Points
from engines.transport.figures import Plane

STAGES = 4  # pictures of a strip: the start, then each time another third of the way less
MOST = 1000  # points of each cloud that are drawn while it moves
DOT = 3.0

Places = tuple[np.ndarray, np.ndarray]


def live(plane: Plane, x: Tensor, y: Tensor, k: int) -> Figure:
    """The cloud after k steps, of no more points than can be told apart."""
    some, others = (plane(cloud[:: -(-len(cloud) // MOST)].cpu().numpy()) for cloud in (x, y))
    panel = _clouds(plane, some, others, ("source", "target"))
    return Figure("flow", f"Gradient flow, step {k}", (panel,), "The source on its way.")


def movie(way: np.ndarray, y: np.ndarray, frame: np.ndarray, title: str) -> Figure:
    """The source (frame, point, dim) on its way, the target behind."""
    plane, moving, back = _places(way, y)
    panel = _clouds(plane, moving, back, ("source", "target"))
    caption = "The source moves against the gradient; the target stands behind."
    time = Axis("step")
    return Figure("flow", title, (_room(panel, moving, back),), caption, times=frame, time=time)


def strip(
    way: np.ndarray, y: np.ndarray, frame: np.ndarray, left: np.ndarray, title: str
) -> Figure:
    """A few stages of the movie, chosen by what is `left` of the distance at each frame."""
    plane, moving, back = _places(way, y)
    goals = left[0] * np.linspace(1, 0, STAGES)[:-1]
    stages = sorted({*(int(np.argmin(np.abs(left - goal))) for goal in goals), len(left) - 1})
    panels = []
    for i in stages:
        panel = _clouds(plane, (moving[0][i], moving[1][i]), back, ("", ""))
        panels.append(replace(_room(panel, moving, back), title=f"step {frame[i]}"))
    caption = "The source each time that the distance has fallen by a third; the target behind."
    return Figure("strip", title, tuple(panels), caption)


def _places(way: np.ndarray, y: np.ndarray) -> tuple[Plane, Places, Places]:
    """The plane of both clouds at the start, and where their points are in it."""
    plane = Plane(way[0], y)
    u, v = plane(way.reshape(-1, way.shape[-1]))
    return plane, (u.reshape(way.shape[:2]), v.reshape(way.shape[:2])), plane(y, 1)


def _clouds(plane: Plane, source: Places, target: Places, names: tuple[str, str]) -> Panel:
    return plane.panel(
        Points(x=target[0], y=target[1], name=names[1], role="guide", size=DOT),
        Points(x=source[0], y=source[1], name=names[0], size=DOT),
    )


def _room(panel: Panel, moving: Places, back: Places) -> Panel:
    """The panel with limits that hold at all times, so that the picture stands still."""
    axes = []
    for axis, a, b in zip((panel.x, panel.y), moving, back):
        low, high = min(a.min(), b.min()), max(a.max(), b.max())
        room = 0.05 * (high - low) or 1.0
        axes.append(replace(axis, limits=(float(low - room), float(high + room))))
    return replace(panel, x=axes[0], y=axes[1])
