"""3-D marks as the renderer takes them: the colours that the palette gives their points."""

from __future__ import annotations

import numpy as np

from engines.figure import Cloud3D, Panel, Surface
from workbench.camera import Ends
from workbench.layout import Layout
from workbench.palette import Theme, look, table
from workbench.raster import Solid


def space(plan: Layout) -> tuple[Ends, Ends, Ends]:
    """The limits of the three axes of a panel."""
    left, right, bottom, top = plan.limits
    return (left, right), (bottom, top), plan.depth


def solids(panel: Panel, plan: Layout, theme: Theme, point: float) -> list[Solid]:
    """The marks of a still 3-D panel; `point` is the size of a point of print in pixels."""
    made = []
    for place, mark in enumerate(panel.marks):
        assert isinstance(mark, Surface | Cloud3D)
        own = _bytes(look(theme, *plan.slots[place])[0])
        colours = _colours(mark, plan.ranges[place], own, _bytes(theme.guide))
        if isinstance(mark, Surface):
            made.append(Solid(mark.vertices, _of_faces(colours, mark.faces), mark.faces))
            continue
        plain = mark.values is None and mark.rgb is None
        ground = _bytes(theme.ground) if plain else None
        size, ink = mark.size * point, _bytes(theme.text)
        made.append(Solid(mark.points, colours, size=size, ground=ground, ink=ink))
    return made


def _colours(
    mark: Surface | Cloud3D, ends: Ends | None, own: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """A colour for each point, as bytes."""
    if mark.values is not None and ends is not None:
        low, high = ends
        with np.errstate(all="ignore"):
            share = (mark.values - low) / (high - low)
        found = table(mark.colours)[(np.nan_to_num(share).clip(0, 1) * 255).astype(np.uint8)]
        found[~np.isfinite(mark.values)] = missing
        return found
    if mark.rgb is None:
        return np.broadcast_to(own, mark.places().shape)
    if mark.rgb.dtype == np.uint8:
        return mark.rgb
    bright: np.ndarray = (np.nan_to_num(mark.rgb).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return bright


def _of_faces(colours: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """The mean colour of the corners of each triangle."""
    total = sum(colours[faces[:, k]].astype(np.uint16) for k in range(3))
    return np.asarray(total // 3).astype(np.uint8)


def _bytes(colour: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(colour[1:]), np.uint8)
