"""What the window knows of one run while it goes on and after it ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from engines.events import Logged, Step
from engines.figure import Figure
from workbench.history import history_figure
from workbench.jobs import FINAL, State
from workbench.words import duration_text

PROGRESS = "progress"
# A curve on the screen needs no more points than this; beyond it every second one goes.
MAX_POINTS = 4000


@dataclass
class Curve:
    """A scalar over the steps, thinned as it grows."""

    steps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    every: int = 1
    seen: int = 0

    def add(self, step: float, value: float) -> None:
        """Append, or leave out where the curve has been thinned."""
        self.seen += 1
        if self.seen % self.every:
            return
        self.steps.append(step)
        self.values.append(value)
        if len(self.steps) > MAX_POINTS:
            del self.steps[::2], self.values[::2]
            self.every *= 2


@dataclass
class RunView:
    """Title, state, progress, scalars and pictures of a run; `record` once it is finished."""

    id: str
    title: str
    method: str
    state: State = "queued"
    step: Step | None = None
    text: str = ""
    record: str = ""
    example: str = ""
    history: dict[str, Curve] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL

    def add(self, logged: Logged) -> None:
        """Take in scalars."""
        prefix = f"{logged.phase}: " if logged.phase else ""
        for step, _, row in logged.rows:
            for name, value in row.items():
                self.history.setdefault(prefix + name, Curve()).add(step, value)

    def tabs(self) -> tuple[str, ...]:
        """Names of the pictures there are: live ones, or those of the record."""
        names = self.names or tuple(self.figures)
        return (*names, PROGRESS) if self.history else names

    def picture(self, name: str) -> Figure | None:
        """A picture by name; None where it has still to be read from the record."""
        if name == PROGRESS:
            return history_figure({n: (c.steps, c.values) for n, c in self.history.items()})
        return self.figures.get(name)

    def progress_text(self) -> str:
        """`12 / 100 · 4.1 a second · 21 s left`."""
        if self.step is None:
            return ""
        done, total, seconds = self.step.done, self.step.total, self.step.seconds
        parts = [f"{done} / {total}" if total else str(done)]
        if self.step.phase:
            parts.insert(0, self.step.phase)
        if done and seconds > 0.3:
            rate = done / seconds
            parts.append(f"{rate:.3g}/s")
            if total and not self.over:
                left = QCoreApplication.translate("RunView", "{0} left")
                parts.append(left.format(duration_text((total - done) / rate)))
        return " · ".join(parts)
