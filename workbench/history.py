"""The scalars of a run as a figure: one panel each, logarithmic where they span decades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from engines.figure import Axis, Figure, Line, Panel

MAX_PANELS = 9


def history_figure(history: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw {name: (steps, values)}; the first MAX_PANELS names that vary or stand alone."""
    panels = tuple(
        Panel(
            (Line(x=np.asarray(steps, float), y=np.asarray(values, float)),),
            x=Axis("step"),
            y=Axis(name.replace("_", " "), scale=_scale(np.asarray(values, float))),
        )
        for name, (steps, values) in list(history.items())[:MAX_PANELS]
    )
    return Figure("history", "Progress", panels, caption="What the run reported at each step.")


def _scale(values: np.ndarray) -> Literal["linear", "log"]:
    finite = values[np.isfinite(values)]
    if finite.size < 2 or finite.min() <= 0:
        return "linear"
    return "log" if finite.max() > 50 * finite.min() else "linear"
