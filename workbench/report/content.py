"""What a report holds, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engines.figure import Figure
from engines.problem import Better
from workbench import __version__, records
from workbench.compare import read_groups
from workbench.export import page_size
from workbench.facts import Facts
from workbench.seeds import LEVEL, judge
from workbench.seeds_text import sentence, spread_text

ABOUT_MEANS = (
    "Mean ± standard deviation (number of seeds) of runs that differ by their seed alone, and the "
    f"difference from the first group: bold where it is more than chance at {100 * LEVEL:g} %, by "
    "a t test (paired where the seeds are the same, else Welch's) corrected by Holm's method for "
    "the number of groups; ± holds 95 %."
)
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
class Mean:
    """A metric of a group of seeds, and whether it differs from that of the first group."""

    metric: str
    group: str
    value: str
    words: str
    significant: bool


def means(paths: Sequence[Path], better: Mapping[str, Better]) -> tuple[Mean, ...]:
    """Every metric over the seeds of each group; none where no seed repeats."""
    found = read_groups(paths)
    if not found.repeated():
        return ()
    judged = judge(found)
    rows = []
    for metric, unit in found.units.items():
        title = metric.replace("_", " ") + (f" ({unit})" if unit else "")
        for group, contrast in zip(found.groups, judged[metric], strict=True):
            label = group.label or "All runs"
            value = spread_text(contrast.mean, contrast.spread, contrast.seeds[0])
            words = sentence("It", unit, better.get(metric, ""), contrast)
            words = "" if contrast.kind == "first" else words
            if contrast.seeds[0]:
                rows.append(Mean(title, label, value, words, contrast.significant))
    return tuple(rows)


@dataclass(frozen=True)
class Report:
    """Title, time of writing, runs."""

    title: str
    made: datetime
    chapters: tuple[Chapter, ...]
    means: tuple[Mean, ...] = ()  # where runs differ by their seed alone

    @property
    def imprint(self) -> str:
        """Who wrote it and when."""
        return f"Methods Workbench {__version__}, {self.made:%d %B %Y}"
