"""Which panels of a figure move together from the start."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from engines.figure import Axis, Image, Panel
from workbench.layout import Layout


def linkable(panels: Sequence[Panel], plan: Sequence[Layout]) -> bool:
    """Whether two flat panels have an axis that means the same and reaches as far.

    An axis without a label means something only below an image: its pixels.
    """
    for sides in (slice(0, 2), slice(2, 4)):
        found = [
            (panel.x if sides.start == 0 else panel.y, laid.limits[sides], panel)
            for panel, laid in zip(panels, plan, strict=True)
            if not panel.in_space
        ]
        for place, (axis, ends, panel) in enumerate(found):
            for other, others, beside in found[:place]:
                meant = axis.label or (_image(panel) and _image(beside))
                if meant and _meaning(axis) == _meaning(other) and _equal(ends, others):
                    return True
    return False


def _meaning(axis: Axis) -> tuple[str, str, str]:
    return axis.label, axis.unit, axis.scale


def _image(panel: Panel) -> bool:
    return any(isinstance(mark, Image) for mark in panel.marks)


def _equal(ends: Sequence[float], others: Sequence[float]) -> bool:
    room = 1e-9 * abs(ends[1] - ends[0])
    return all(isclose(a, b, rel_tol=0, abs_tol=room) for a, b in zip(ends, others, strict=True))
