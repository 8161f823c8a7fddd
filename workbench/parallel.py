"""Many runs as lines across parallel axes: one for each setting that varies and each metric.

Values stand at 0…1 of their axis: by ratio where positive numbers span two decades or more, by
difference elsewhere, and words at equal distances. The figure for paper is made of Points in rows,
because those alone have a colour bar.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from engines.figure import Axis, Figure, Line, Mark, Panel, Points, Text
from workbench.compare import Comparison
from workbench.listing import value_text
from workbench.ticks import numbers, ticks

LEAST = 3  # runs; two are told apart by a table
DECADES = 100.0  # ratio of the ends from which an axis is logarithmic
WORDS = 16  # names on an axis
DOTS = 200_000  # on paper
DOT = 0.9  # points
CLOSE = 0.0025  # distance of two dots, in heights of an axis
SHAPE = 1.6  # width of the panel for its height
SHORT = 16  # letters of a name on paper
ROOM = 0.06  # of the axis, below and above the values

Kind = Literal["linear", "log", "words"]
Brushes = Mapping[str, tuple[float, float]]  # by axis, from and to in 0…1


@dataclass(frozen=True)
class Rail:
    """One axis: where each run stands on it (NaN: nowhere), and its ticks."""

    name: str
    title: str
    kind: Kind
    places: np.ndarray
    ticks: tuple[tuple[float, str], ...]
    values: tuple[Any, ...]
    metric: bool = False


@dataclass(frozen=True)
class Table:
    """Runs by name with their titles, and the axes they have."""

    runs: tuple[str, ...]
    titles: tuple[str, ...]
    rails: tuple[Rail, ...]

    def metrics(self) -> tuple[Rail, ...]:
        """Axes that lines can be coloured by: those of numbers, metrics first."""
        numbers = [rail for rail in self.rails if rail.kind != "words"]
        return tuple(sorted(numbers, key=lambda rail: not rail.metric))

    def inside(self, brushes: Brushes) -> np.ndarray:
        """Which runs pass through every interval."""
        found = np.ones(len(self.runs), bool)
        for rail in self.rails:
            if rail.name in brushes:
                low, high = sorted(brushes[rail.name])
                with np.errstate(invalid="ignore"):
                    found &= (rail.places >= low) & (rail.places <= high)
        return found


@dataclass(frozen=True)
class Sheet:
    """What a picture for paper needs and no more: it crosses a pipe more quickly than its dots."""

    rails: tuple[Rail, ...]
    by: Rail
    chosen: np.ndarray
    title: str

    def figure(self) -> Figure:
        """The picture."""
        return figure(Table((), (), self.rails), self.by, self.chosen, self.title)


def sheet(shown: Table, by: Rail, chosen: np.ndarray, title: str) -> Sheet:
    """The axes in their order, the one that gives the colours, and the runs that have them."""
    bare = tuple(replace(r, places=r.places.astype(np.float32), values=()) for r in shown.rails)
    return Sheet(bare, by, chosen, title)


def table_of(found: Comparison) -> Table:
    """The runs of a comparison: settings that differ, then metrics."""
    columns = [
        (row.name, row.unit, row.values, row.kind == "result")
        for row in found.rows
        if row.name != "state"
    ]
    return table(found.records, found.labels, columns)


def table(
    runs: Sequence[str],
    titles: Sequence[str],
    columns: Sequence[tuple[str, str, Sequence[Any], bool]],
) -> Table:
    """Axes from columns of name, unit, values, and whether it is a metric; only those that vary."""
    rails = [_rail(*column) for column in columns]
    taken: dict[str, Rail] = {}
    for rail in filter(None, rails):
        name = f"{rail.name} (found)" if rail.name in taken else rail.name
        taken[name] = replace(rail, name=name, title=rail.title.replace(rail.name, name, 1))
    return Table(tuple(runs), tuple(titles), tuple(taken.values()))


def figure(shown: Table, by: Rail, chosen: np.ndarray, title: str) -> Figure:
    """The axes in their order with the chosen runs, coloured by one axis, the others faint."""
    rails = shown.rails
    places = np.stack([rail.places for rail in rails])
    marks: list[Mark] = []
    for i, rail in enumerate(rails):
        marks.append(Line(x=[i, i], y=[0.0, 1.0], role="guide"))
        marks += [Text(x=i, y=at, text=text) for at, text in rail.ticks]
        # Names of neighbours stand at two heights, where they do not touch.
        high = 1.0 + (1.2 + i % 2) * ROOM
        marks.append(Text(x=i, y=high, text=_short(rail.title)))
    x, y, values = _dots(places[:, chosen], _numbers(by)[chosen])
    coloured = f"log₁₀ {by.title}" if by.kind == "log" else by.title
    if x.size:
        marks.insert(0, Points(x=x, y=y, values=values, size=DOT, name=coloured))
    if (~chosen).any():
        x, y, _ = _rows(places[:, ~chosen], np.zeros((~chosen).sum()))
        marks.insert(0, Line(x=x, y=y, role="guide"))
    hidden = Axis(ticks=False, limits=(-0.5, len(rails) - 0.5))
    panel = Panel(tuple(marks), x=hidden, y=Axis(ticks=False, limits=(-ROOM, 1.0 + 3.2 * ROOM)))
    said = f"{int(chosen.sum())} of {chosen.size} runs, coloured by {coloured}."
    return Figure("parallel", title, (panel,), caption=said)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _numbers(rail: Rail) -> np.ndarray:
    """What colours mean: values, or their logarithms where the axis has those."""
    values = np.array([v if isinstance(v, (int, float)) else math.nan for v in rail.values], float)
    with np.errstate(all="ignore"):
        return np.log10(values) if rail.kind == "log" else values


def _rows(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs one after another with gaps between them."""
    axes, runs = places.shape
    gap = np.full((runs, 1), np.nan)
    x = np.concatenate([np.tile(np.arange(axes, dtype=float), (runs, 1)), gap], axis=1)
    y = np.concatenate([places.T, gap], axis=1)
    return x.ravel(), y.ravel(), np.repeat(values, axes + 1)


def _dots(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dots along the line of each run, so close that they make one."""
    axes, _ = places.shape
    wide = SHAPE / max(1, axes - 1)  # between two axes, in heights of an axis
    rise = np.nan_to_num(np.diff(places, axis=0))
    length = np.hypot(wide, rise)
    apart = max(CLOSE, float(length.sum()) / DOTS)
    count = np.ceil(length / apart).astype(int)
    count[~(np.isfinite(places[1:]) & np.isfinite(places[:-1]) & np.isfinite(values))] = 0
    left, run = np.indices(count.shape)
    each = count.ravel()
    left, run = np.repeat(left.ravel(), each), np.repeat(run.ravel(), each)
    nth = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    share = nth / np.repeat(np.maximum(each, 1), each)
    y = places[left, run] + share * rise[left, run]
    return left + share, y, values[run]


# --- one axis ------------------------------------------------------------------------------------


def _rail(name: str, unit: str, values: Sequence[Any], metric: bool) -> Rail | None:
    """The axis of some values, None where they do not vary."""
    title = (name.replace("_", " ") if metric else name) + (f" ({unit})" if unit else "")
    given = [v for v in values if v is not None]
    if given and all(_is_number(v) for v in given):
        held = np.array([math.nan if v is None else v for v in values], float)
        finite = held[np.isfinite(held)]
        if finite.size and finite.min() < finite.max():
            kind, places, shown = _scaled(held, finite)
            return Rail(name, title, kind, places, shown, tuple(values), metric)
        return None
    words = list(dict.fromkeys(value_text(v) for v in given))
    if len(words) < 2:
        return None
    step = 1 / (len(words) - 1)
    place = {word: i * step for i, word in enumerate(words)}
    places = np.array([math.nan if v is None else place[value_text(v)] for v in values])
    every = -(-len(words) // WORDS)
    shown = tuple((place[word], word) for word in words[::every])
    return Rail(name, title, "words", places, shown, tuple(values), metric)


def _scaled(
    values: np.ndarray, finite: np.ndarray
) -> tuple[Kind, np.ndarray, tuple[tuple[float, str], ...]]:
    low, high = float(finite.min()), float(finite.max())
    log = low > 0 and high / low >= DECADES
    kind: Kind = "log" if log else "linear"
    with np.errstate(all="ignore"):
        scaled = np.log10(values) if log else values
    bottom, top = (math.log10(low), math.log10(high)) if log else (low, high)
    places = (scaled - bottom) / (top - bottom)
    ends = ((0.0, f"{low:.3g}"), (1.0, f"{high:.3g}"))
    marks = [m for m in _ticks(bottom, top, log) if 0.08 < m[0] < 0.92]
    return kind, np.where(np.isfinite(places), places, np.nan), (ends[0], *marks, ends[1])


def _ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """Round numbers between the ends; powers of ten on a logarithmic axis."""
    if log:
        step = max(1, math.ceil((high - low) / 8))
        wanted = range(math.ceil(low), math.floor(high) + 1, step)
        return [((e - low) / (high - low), f"{10.0**e:g}") for e in wanted]
    found = ticks(low, high, 5)
    spacing = found[1] - found[0] if len(found) > 1 else 0.0
    places = [(value - low) / (high - low) for value in found]
    return list(zip(places, numbers(found, spacing), strict=True))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
