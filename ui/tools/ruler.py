"""The ruler: what it says beside its line."""

from __future__ import annotations

from engines.figure import Panel
from ui.readout import value
from ui.tools.shapes import Shape
from workbench.measure import ruled


def words(shape: Shape, panel: Panel) -> list[str]:
    """A fact a line, in the units of the axes."""
    facts = ruled(shape.start, shape.end, panel)
    return [value(*fact).replace(" °", "°") for fact in facts]
