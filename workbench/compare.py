"""Runs side by side, as data: what differs, what they share, and their figures in one.

Nothing here judges: a difference is that of a run and the first one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engines.figure import Figure
from workbench.history import history_figure
from workbench.juxtapose import Pair, juxtaposed
from workbench.listing import flat, value_text
from workbench.seeds import Groups, gathered

if TYPE_CHECKING:  # records bring HDF5, which whoever only shows a table does without
    from workbench.records import RunInfo

MOST = 12  # runs in one picture; more could not be told apart
MANY = 500  # runs in one comparison
PROGRESS = "progress"
# A curve on the screen needs no more points than this.
MAX_POINTS = 4000
LONGEST = 40  # letters of a label

Kind = Literal["setting", "result"]


class CompareError(ValueError):
    """Runs that cannot be compared, in one sentence."""


@dataclass(frozen=True)
class Compared:
    """One quantity of all runs; None where a run has none."""

    kind: Kind
    name: str
    unit: str
    values: tuple[Any, ...]

    def differences(self) -> tuple[float | None, ...]:
        """Of each further run and the first; None where there is nothing to subtract."""
        first = self.values[0]
        return tuple(
            value - first if _is_number(value) and _is_number(first) else None
            for value in self.values[1:]
        )


@dataclass(frozen=True)
class Comparison:
    """Records with the names they go by, a table, and the figures that at least two have.

    `groups` holds the runs that came to an end, those that differ by their seed alone together.
    """

    records: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[Compared, ...]
    figures: tuple[str, ...]
    groups: Groups

    def drawn(self) -> tuple[str, ...]:
        """Records that pictures show: all, else the first ones, of each group one."""
        if len(self.records) <= MOST:
            return self.records
        ones = tuple(group.runs[0] for group in self.groups.groups)
        return (ones if len(ones) > 1 else self.records)[:MOST]

    def heads(self) -> tuple[str, ...]:
        """Of the columns of values: the runs, then each minus the first."""
        return (*self.labels, *(f"{label} − {self.labels[0]}" for label in self.labels[1:]))


@dataclass(frozen=True)
class Side:
    """What is compared of one run: its header, metrics with their units, names of figures."""

    record: str
    info: RunInfo
    metrics: Mapping[str, tuple[float, str]]
    figures: tuple[str, ...]


def comparison(sides: Sequence[Side]) -> Comparison:
    """The table of some runs: settings that differ, and results that at least two share."""
    if not 2 <= len(sides) <= MANY:
        raise CompareError(
            f"the number of runs to compare is {len(sides)}; it must be from 2 to {MANY}; "
            "select others"
        )
    settings = _settings(sides)
    names = _shared([side.figures for side in sides])
    return Comparison(
        tuple(side.record for side in sides),
        labels(sides, settings),
        (*settings, *_results(sides)),
        names,
        grouped(sides, settings),
    )


def grouped(sides: Sequence[Side], settings: Sequence[Compared] | None = None) -> Groups:
    """Runs that came to an end, by everything but their seed; `settings` are those that differ."""
    held = [_held(side) for side in sides]
    names = [row.name for row in (_settings(sides) if settings is None else settings)]
    units = {n: unit for side in sides for n, (_, unit) in side.metrics.items()} | {"run time": "s"}
    runs = []
    for side, one in zip(sides, held, strict=True):
        place = {n: one[n] for n in names if n in one and n != "seed"}
        key = tuple((n, str(v)) for n, v in sorted(one.items()) if n != "seed")
        prints = () if side.info.example else tuple(sorted(side.info.fingerprints.items()))
        found = {n: value for n, (value, _) in side.metrics.items()}
        found["run time"] = side.info.seconds or float("nan")
        if side.info.state == "done":
            runs.append(((key, prints), place, side.info.seed, side.record, found))
    return gathered(runs, units)


def labels(sides: Sequence[Side], settings: Sequence[Compared]) -> tuple[str, ...]:
    """Short names that tell the runs apart: their titles, else the settings that differ."""
    titles = [side.info.title for side in sides]
    changed = [
        ", ".join(
            f"{row.name}={value_text(row.values[i])}"
            for row in settings
            if row.values[i] is not None
        )
        for i in range(len(sides))
    ]
    for found in titles, changed, [side.info.method for side in sides]:
        short = [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in found]
        if all(short) and len(set(short)) == len(short):
            return tuple(short)
    numbers = [Path(side.record).stem.split("-")[0] for side in sides]
    if len(set(numbers)) < len(numbers):
        numbers = [str(i) for i in range(1, len(sides) + 1)]
    return tuple(f"{title[: LONGEST - 8]} #{n}".strip() for title, n in zip(titles, numbers))


def csv_text(found: Comparison) -> str:
    """The table as CSV; numbers have as many digits as it takes to read the same value back."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("kind", "name", "unit", *found.heads()))
    for row in found.rows:
        values = (*row.values, *row.differences())
        rows.writerow((row.kind, row.name, row.unit, *("" if v is None else v for v in values)))
    return text.getvalue()


# --- from records ------------------------------------------------------------------------------


def read_comparison(records: Sequence[str]) -> Comparison:
    """The table of some records."""
    return comparison([_side(record) for record in records])


def read_groups(records: Sequence[Path]) -> Groups:
    """The same runs in groups that differ by more than their seed."""
    return grouped([_side(str(record)) for record in records])


def read_compared(records: Sequence[str], name: str) -> Figure:
    """The figure of that name of all records that have it, in one."""
    return read_juxtaposed(records, name)[0]


def read_juxtaposed(records: Sequence[str], name: str) -> tuple[Figure, tuple[Pair, ...]]:
    """The same, and which of its panels can be laid over each other."""
    from workbench import records as stored

    sides = [_side(record) for record in records]
    names = comparison(sides).labels
    figures = {
        label: _progress(side.record)
        if name == PROGRESS
        else stored.read_figure(Path(side.record), name)
        for label, side in zip(names, sides, strict=True)
        if name in side.figures
    }
    if len(figures) < 2:
        raise CompareError(
            f"the number of runs with a figure '{name}' is {len(figures)}; it must be at least 2; "
            "choose another figure"
        )
    return juxtaposed(figures)


def _side(record: str) -> Side:
    from workbench import records as stored

    path = Path(record)
    info, _, names = stored.read_summary(path)
    scalars = stored.read_outline(path, "result").scalars
    metrics = {n: (v, unit) for n, (v, unit) in scalars.items() if _is_number(v) and v == v}
    history = (PROGRESS,) if stored.read_history(path) else ()
    return Side(record, info, metrics, (*names, *history))


def _progress(record: str) -> Figure:
    from workbench import records as stored

    curves = {}
    for name, scalars in stored.read_history(Path(record)).items():
        every = 1 + len(scalars.steps) // MAX_POINTS
        curves[name] = (scalars.steps[::every].tolist(), scalars.values[::every].tolist())
    drawn = history_figure(curves)
    return Figure(PROGRESS, drawn.title, drawn.panels)


# --- the table ---------------------------------------------------------------------------------


def _settings(sides: Sequence[Side]) -> list[Compared]:
    """What was chosen differently: method, data, parameters, seed, device, precision."""
    held = [_held(side) for side in sides]
    names = dict.fromkeys(name for one in held for name in one)
    rows = [Compared("setting", n, "", tuple(one.get(n) for one in held)) for n in names]
    return [row for row in rows if any(value != row.values[0] for value in row.values)]


def _held(side: Side) -> dict[str, Any]:
    """What was chosen for one run."""
    info = side.info
    data = info.example or ", ".join(r.rsplit("/", 1)[-1] for r in info.inputs.values())
    about = {"seed": info.seed, "device": info.device, "precision": info.precision}
    return {"method": info.method, "data": data, **flat(info.parameters), **about}


def _results(sides: Sequence[Side]) -> list[Compared]:
    """State where it differs, run time, and metrics that at least two runs have."""
    rows = [
        Compared("result", "state", "", tuple(side.info.state for side in sides)),
        Compared("result", "run time", "s", tuple(side.info.seconds for side in sides)),
    ]
    for name in _shared([tuple(side.metrics) for side in sides]):
        found = [side.metrics.get(name) for side in sides]
        unit = next(one[1] for one in found if one is not None)
        rows.append(Compared("result", name, unit, tuple(one and one[0] for one in found)))
    return [row for row in rows if row.name != "state" or len(set(row.values)) > 1]


def _shared(several: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names that occur at least twice, in the order of the first that has them."""
    names = dict.fromkeys(name for one in several for name in one)
    return tuple(n for n in names if sum(n in one for one in several) > 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
