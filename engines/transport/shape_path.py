"""Shapes on their way into other shapes: what is kept of a path, and pictures of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engines.figure import Axis, Cloud3D, Figure, Line, Panel, Points, Role
from engines.problem import Result, array, metric, scalar
from engines.transport.figures import AMOUNT, DOTS, Plane, picture, thin
from engines.transport.shape_figures import VIEW, in_space, painted, place_colours

STAGES = 4  # pictures of the strip
SIDES: tuple[str, str] = ("source", "target")
ROLES: tuple[Role, Role] = ("guide", "reference")


@dataclass(frozen=True, kw_only=True)
class ShapePath(Result):
    """The shapes between two shapes, and the plan or the map that they follow.

    Pictures have frames on bins; clouds and surfaces have places.
    """

    t: np.ndarray = array("frame", "share of the way done")
    spread: np.ndarray = array("frame", "mean squared distance of the mass from its centre")
    row: np.ndarray | None = array(
        "row", "centres of the bins of the frames, first axis", optional=True
    )
    column: np.ndarray | None = array(
        "column", "centres of the bins of the frames, second axis", optional=True
    )
    frames: np.ndarray | None = array(
        "frame row column", "mass in each bin, total 1", "mass", optional=True
    )
    source: np.ndarray | None = array(
        "row column", "the first picture on these bins", "mass", optional=True
    )
    target: np.ndarray | None = array(
        "row column", "the second picture on these bins", "mass", optional=True
    )
    places: np.ndarray | None = array(
        "frame part axis", "where each part of the mass, or each vertex, is", optional=True
    )
    mass: np.ndarray | None = array(
        "part", "mass of each part, or of each vertex by its area; total 1", "mass", optional=True
    )
    faces: np.ndarray | None = array("face corner", "triangles between the vertices", optional=True)
    T: np.ndarray | None = array("part", "source vertex that each vertex comes from", optional=True)
    plan_rows: np.ndarray | None = array(
        "pair", "bins or points that the mass leaves", optional=True
    )
    plan_cols: np.ndarray | None = array("pair", "bins or points that it reaches", optional=True)
    plan_values: np.ndarray | None = array("pair", "mass moved", "mass", optional=True)
    cost: float = metric("transport cost, the mean squared way of the mass", "cost")
    W_2: float = metric("length of the path: Wasserstein distance of both shapes")
    nnz: int = scalar(0, "pairs of bins or points with mass")


def spread(places: np.ndarray, mass: np.ndarray) -> float:
    """Mean squared distance of some mass from its centre."""
    centre = mass @ places
    return float(mass @ ((places - centre) ** 2).sum(1))


def faded_spread(
    ends: tuple[np.ndarray, np.ndarray], mass: np.ndarray, t: np.ndarray
) -> np.ndarray:
    """Spread of a cross-fade: that of both ends in their shares, and t (1 - t) of their shift²."""
    first, last = (spread(places, mass) for places in ends)
    shift = mass @ ends[0] - mass @ ends[1]
    return (1 - t) * first + t * last + t * (1 - t) * (shift @ shift)


# --- pictures --------------------------------------------------------------------------------


def picture_now(axes: tuple[np.ndarray, ...], frame: np.ndarray, t: float) -> Figure:
    """One picture on the way."""
    panel = picture(axes, frame.astype(np.float32), "transport")
    return Figure("interpolation", f"Interpolation, t = {t:.2f}", (panel,), "The mass on its way.")


def picture_movie(result: ShapePath) -> Figure:
    """The way of the mass beside the cross-fade."""
    axes, t = _axes(result), result.t[:, None, None]
    assert result.frames is not None
    fade = (1 - t) * result.source + t * result.target
    panels = (
        picture(axes, result.frames.astype(np.float32), "transport"),
        picture(axes, fade.astype(np.float32), "cross-fade"),
    )
    caption = (
        "Left: every grain of mass goes straight to its target, at constant speed. Right: one "
        "picture fades into the other."
    )
    return Figure("interpolation", "Interpolation", panels, caption, times=result.t, time=AMOUNT)


def picture_strip(result: ShapePath) -> Figure:
    """A few pictures on the way."""
    assert result.frames is not None
    panels = tuple(
        picture(_axes(result), result.frames[k].astype(np.float32), f"t = {result.t[k]:.2f}")
        for k in _stages(result)
    )
    return Figure("strip", "Stages of the way", panels, "The mass at a few times on its way.")


def picture_spreads(result: ShapePath) -> Figure:
    """Spread on the way, and that of the cross-fade."""
    assert result.source is not None
    assert result.target is not None
    grid = np.stack(np.meshgrid(*_axes(result), indexing="ij"), axis=-1).reshape(-1, 2)
    flat = [(1 - t) * result.source.ravel() + t * result.target.ravel() for t in result.t]
    return _spreads(result, np.array([spread(grid, mass) for mass in flat]))


# --- clouds and surfaces -----------------------------------------------------------------------


def now(result: ShapePath) -> Figure:
    """The last shape of a path that is still being made."""
    assert result.places is not None
    t = float(result.t[-1])
    panel = _shape(result, result.places[-1])
    title, caption = f"Interpolation, t = {t:.2f}", "The shape on its way."
    return Figure("interpolation", title, (panel,), caption, view=VIEW)


def movie(result: ShapePath) -> Figure:
    """The shape on its way."""
    assert result.places is not None
    if result.faces is None:
        caption = "Each part of the mass goes straight to its target, at constant speed."
    else:
        caption = "Each vertex goes straight to its place; its colour is that of where it is from."
    panel, t = _shape(result, result.places), result.t
    return Figure(
        "interpolation", "Interpolation", (panel,), caption, times=t, time=AMOUNT, view=VIEW
    )


def strip(result: ShapePath) -> Figure:
    """The shape at a few times."""
    assert result.places is not None
    panels = tuple(
        _shape(result, result.places[k], f"t = {result.t[k]:.2f}") for k in _stages(result)
    )
    caption = "The shape at a few times on its way."
    return Figure("strip", "Stages of the way", panels, caption, view=VIEW)


def spreads(result: ShapePath) -> Figure:
    """Spread on the way, and that of a cross-fade."""
    assert result.places is not None
    assert result.mass is not None
    return _spreads(result, faded_spread(_ends(result), result.mass, result.t))


def _shape(result: ShapePath, places: np.ndarray, title: str = "") -> Panel:
    """Places, with the frames first or of one frame, in the colours of where they come from."""
    ends = start, _ = _ends(result)
    if result.faces is not None:
        surface = painted(places, result.faces, place_colours(start))
        return in_space(surface, np.stack(ends), title)
    some = thin(len(start), DOTS)
    if start.shape[1] == 3:
        colours = place_colours(start)[some].astype(np.float32)
        cloud = Cloud3D(points=places[..., some, :].astype(np.float32), rgb=colours)
        return in_space(cloud, np.stack(ends), title)
    plane, shown = Plane(*ends), places[..., some, :]
    u, v = (w.reshape(shown.shape[:-1]) for w in plane(shown.reshape(-1, shown.shape[-1])))
    fixed = [plane(end[some]) for end in ends]
    if title:  # one of several: in the same frame as the others
        panel = plane.panel(Points(x=u, y=v), title=title)
        x, y = (_around(axis, *both) for axis, *both in zip((panel.x, panel.y), *fixed))
        return replace(panel, x=x, y=y)
    marks = (
        Points(x=x, y=y, name=name, role=role)
        for name, role, (x, y) in zip(SIDES, ROLES, fixed, strict=True)
    )
    return plane.panel(*marks, Points(x=u, y=v, name="on the way"))


def _around(axis: Axis, *values: np.ndarray) -> Axis:
    """The axis with limits a little beyond all values."""
    low, high = min(v.min() for v in values), max(v.max() for v in values)
    room = 0.05 * (high - low) or 0.5
    return replace(axis, limits=(float(low - room), float(high + room)), ticks=False)


def _ends(result: ShapePath) -> tuple[np.ndarray, np.ndarray]:
    """Where all of it starts, and where it goes; a path that was stopped goes on straight."""
    assert result.places is not None
    start, last, done = result.places[0], result.places[-1], float(result.t[-1])
    return start, start + (last - start) / (done or 1.0)


def _spreads(result: ShapePath, faded: np.ndarray) -> Figure:
    lines = (
        Line(x=result.t, y=result.spread, name="transport"),
        Line(x=result.t, y=faded, name="cross-fade", role="guide"),
    )
    panel = Panel(lines, Axis("t"), Axis("spread"))
    caption = (
        "Mean squared distance of the mass from its centre. On the way of transport it is never "
        "above that of the cross-fade."
    )
    return Figure("spread", "Spread of the mass", (panel,), caption)


def _axes(result: ShapePath) -> tuple[np.ndarray, np.ndarray]:
    assert result.row is not None
    assert result.column is not None
    return result.row, result.column


def _stages(result: ShapePath) -> np.ndarray:
    return np.unique(np.linspace(0, len(result.t) - 1, STAGES).round().astype(int))
