"""A finished run on a clock: what its curves and its movie had come to at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from engines.figure import Figure, Line, Panel
from workbench.history import history_figure
from workbench.layout import layouts

if TYPE_CHECKING:
    from workbench.records import History  # brings h5py

MOST_POINTS = 1500  # of a curve: more cannot be told apart, and each picture draws all


@dataclass(frozen=True)
class Replay:
    """The curves of a run over its time; `total` are its seconds."""

    whole: Figure  # with the limits of the end, so that curves grow into them
    seconds: tuple[np.ndarray, ...]  # of the points of each panel
    total: float

    def at(self, time: float) -> Figure:
        """The curves up to a time."""
        panels = [
            replace(panel, marks=(_upto(panel, seconds, time),))
            for panel, seconds in zip(self.whole.panels, self.seconds, strict=True)
        ]
        return replace(self.whole, panels=tuple(panels))

    def frame(self, time: float, frames: int) -> int:
        """The frame of a movie that is shown then; all take the same share of the run."""
        share = min(1.0, max(0.0, time / self.total)) if self.total > 0 else 1.0
        return min(frames - 1, int(share * frames))


def replay(histories: Mapping[str, History], took: float | None) -> Replay:
    """The replay of a record's curves; `took` are the seconds of the run, where they are known."""
    thinned = {name: _thin(history) for name, history in histories.items()}
    figure = history_figure(
        {name: (h.steps.tolist(), h.values.tolist()) for name, h in thinned.items()}
    )
    shown = list(thinned.values())[: len(figure.panels)]
    ends = [float(h.seconds[-1]) for h in thinned.values() if h.seconds.size]
    panels = []
    for panel, plan in zip(figure.panels, layouts(figure), strict=True):
        left, right, bottom, top = plan.limits
        x = replace(panel.x, limits=(left, right))
        panels.append(replace(panel, x=x, y=replace(panel.y, limits=(bottom, top))))
    whole = replace(figure, panels=tuple(panels), caption="")
    return Replay(whole, tuple(h.seconds for h in shown), max([took or 0.0, *ends]))


def _thin(history: History) -> History:
    every = slice(None, None, 1 + history.steps.size // MOST_POINTS)
    return replace(
        history,
        steps=history.steps[every],
        seconds=history.seconds[every],
        values=history.values[every],
    )


def _upto(panel: Panel, seconds: np.ndarray, time: float) -> Line:
    line = panel.marks[0]
    assert isinstance(line, Line)
    count = int(np.searchsorted(seconds, time, "right"))
    return replace(line, x=line.x[:count], y=line.y[:count])
