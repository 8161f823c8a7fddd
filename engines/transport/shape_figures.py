"""Pictures of a map between two surfaces: colours carried over, the map of functions, errors."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel, Surface
from engines.transport.feature_network import TERMS
from engines.transport.geodesic import CLOSE, curve
from engines.transport.mesh_pair import MeshPair
from engines.transport.shape_map import ShapeMap

# Largest error drawn, of the root of the area.
FARTHEST, THRESHOLDS = 0.25, 126

# Bodies of the examples lie along x; one bends upwards, the other to the side.
VIEW = (-70.0, 35.0)

GREY = 0.75
# Colours of places keep away from black and white, so that the shading can be seen.
DARKEST, LIGHTEST = 0.1, 0.95


def correspondence(problem: MeshPair, t: np.ndarray | None) -> Figure:
    """Both surfaces; each target vertex has the colour of the source vertex that it belongs to."""
    (source, source_faces), (target, target_faces) = problem.surfaces()
    colours = place_colours(source)
    carried = np.full(target.shape, GREY) if t is None else colours[t]
    panels = (
        in_space(painted(source, source_faces, colours), source, "source"),
        in_space(painted(target, target_faces, carried), target, "target"),
    )
    caption = (
        "The source is coloured by its coordinates; each vertex of the target has the colour of "
        "the source vertex that it belongs to."
    )
    return Figure("correspondence", "Corresponding places", panels, caption, view=VIEW)


def place_colours(places: np.ndarray) -> np.ndarray:
    """Red, green and blue from x, y and z."""
    low, high = places.min(0), places.max(0)
    share = (places - low) / np.where(high > low, high - low, 1)
    return DARKEST + (LIGHTEST - DARKEST) * share


def painted(places: np.ndarray, faces: np.ndarray, colours: np.ndarray) -> Surface:
    """A surface, each of its vertices in a colour."""
    return Surface(vertices=places.astype(np.float32), faces=faces, rgb=colours.astype(np.float32))


def in_space(mark: Surface | Cloud3D, extent: np.ndarray, title: str = "") -> Panel:
    """One thing in space, within the extent of some places (…, 3)."""
    flat = extent.reshape(-1, 3)
    x, y, z = (
        Axis(name, limits=(float(low), float(high)), ticks=False)
        for name, low, high in zip("xyz", flat.min(0), flat.max(0), strict=True)
    )
    return Panel((mark,), x, y, title, equal=True, z=z)


def function_map(c: np.ndarray) -> Figure:
    """How much of each function of the source is in each of the target."""
    image = Image(
        values=np.abs(c), extent=(0, c.shape[1], 0, c.shape[0]), limits=(0, 1), name="|C|"
    )
    axes = Axis("function of the source"), Axis("function of the target")
    panel = Panel((image,), *axes, equal=True)
    caption = (
        "Size of the coefficients |C| between the eigenfunctions of both surfaces. It is diagonal "
        "where lengths are kept; a funnel opens where they are not."
    )
    return Figure("map", "Functional map", (panel,), caption)


def errors(result: ShapeMap, stages: tuple[str, ...]) -> Figure:
    """Share of vertices by error after each stage."""
    assert result.errors is not None
    at = np.linspace(0, FARTHEST, THRESHOLDS)
    named = list(zip(stages, result.errors))
    marks = tuple(
        Line(
            x=at,
            y=100 * curve(found, at),
            name=f"{stage}, mean {found.mean():.3f}",
            role="data" if k == len(named) - 1 else "reference",
        )
        for k, (stage, found) in enumerate(named)
    )
    limit = Line(x=[CLOSE, CLOSE], y=[0, 100], role="guide")
    panel = Panel(
        (*marks, limit),
        Axis("error", "√area", limits=(0, FARTHEST)),
        Axis("vertices", "%", limits=(0, 100)),
    )
    caption = (
        "Share of the target vertices that are sent no farther than this from their true place, "
        "along the edges of the source, by what was known after each stage."
    )
    return Figure("error", "Error", (panel,), caption)


def growth(result: ShapeMap) -> Figure:
    """What each larger map changed, and its error."""
    assert result.sizes is not None
    assert result.changed is not None
    size = Axis("functions in the map")
    moved = Line(x=result.sizes, y=100 * result.changed, name="changed")
    panels = [Panel((moved,), size, Axis("vertices changed", "%", limits=(0, 100)))]
    if result.step_errors is not None:
        line = Line(x=result.sizes, y=result.step_errors, name="mean error")
        panels.append(Panel((line,), size, Axis("mean error", "√area")))
    caption = "ZoomOut: each step lets the map know more functions, and reads it off anew."
    return Figure("growth", "Growth of the map", tuple(panels), caption)


def spectra(result: ShapeMap) -> Figure:
    """Eigenvalues of both sides, and the law of Weyl that they follow."""
    assert result.eigenvalues_source is not None
    number = np.arange(len(result.eigenvalues_source))
    marks = [Line(x=number, y=result.eigenvalues_source, name="source")]
    if result.eigenvalues_target is not None:
        marks.append(Line(x=number, y=result.eigenvalues_target, name="target", role="reference"))
    weyl = Line(x=number, y=4 * np.pi * number, name="4πk", role="guide")
    panel = Panel((*marks, weyl), Axis("k"), Axis("eigenvalue", "1/area"))
    caption = (
        "Eigenvalues of the Laplacian of both surfaces, scaled to area 1. Equal ones mean that "
        "lengths are kept; for large k they grow like 4πk on any surface."
    )
    return Figure("spectrum", "Eigenvalues", (panel,), caption)


def training(losses: np.ndarray, checks: np.ndarray | None, found: np.ndarray | None) -> Figure:
    """Terms of the loss, and the error of the nearest features."""
    step = Axis("training step")
    number = np.arange(1, len(losses) + 1)
    marks = tuple(
        Line(x=number, y=np.where(losses[:, k] > 0, losses[:, k], np.nan), name=term)
        for k, term in enumerate(TERMS)
    )
    panels = [Panel(marks, step, Axis("term of the loss", scale="log"))]
    if checks is not None and found is not None:
        line = Line(x=checks, y=found, name="nearest features")
        panels.append(Panel((line,), step, Axis("mean error", "√area")))
    caption = "Terms of the loss, each without its weight, as the features are learned."
    return Figure("training", "Training", tuple(panels), caption)
