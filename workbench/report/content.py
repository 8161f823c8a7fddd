"""What a report holds, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engines.figure import Figure
from workbench import __version__, records
from workbench.export import page_size
from workbench.facts import Facts

WIDTHS = (174.0, 140.0, 115.0, 89.0)  # millimetres; the text is as wide as the first


def page_width(figure: Figure, highest: float) -> float:
    """The largest width at which a figure is not higher than `highest` (mm), or the smallest.

    A single panel never takes the whole width: its lines and letters would look lost.
    """
    widths = WIDTHS[1:] if len(figure.panels) == 1 else WIDTHS
    fits = (w for w in widths if page_size(figure, w)[1] <= highest)
    return next(fits, WIDTHS[-1])


@dataclass(frozen=True)
class Chapter:
    """One run; its figures count on from `first`."""

    facts: Facts
    first: int

    def plates(self) -> Iterator[tuple[int, Figure]]:
        """Number and figure, read one at a time."""
        for number, name in enumerate(self.facts.figures, self.first):
            yield number, records.read_figure(self.facts.path, name)


@dataclass(frozen=True)
class Report:
    """Title, time of writing, runs."""

    title: str
    made: datetime
    chapters: tuple[Chapter, ...]

    @property
    def imprint(self) -> str:
        """Who wrote it and when."""
        return f"Methods Workbench {__version__}, {self.made:%d %B %Y}"
