"""What the runs of a sweep found: one row each, averages over seeds, CSV and a figure. No torch."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.figure import Axis, Figure, Line, Mark, Panel, Points
from engines.problem import Better
from workbench.parallel import Table, table
from workbench.seeds import Groups, gathered
from workbench.sweep import shown

SECONDS = "seconds"  # the time of a run, beside its metrics
DECADES = 100.0  # times by which values differ that need a logarithmic axis


@dataclass(frozen=True)
class Row:
    """One run: the values that were varied, its seed, its state, and what it measured."""

    place: Mapping[str, Any]
    seed: int
    state: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Average:
    """The runs of one place: how many, and mean and standard deviation of each metric."""

    place: Mapping[str, Any]
    count: int
    mean: Mapping[str, float]
    spread: Mapping[str, float]


def metric_names(rows: Sequence[Row]) -> tuple[str, ...]:
    """Metrics that at least one run has, in the order in which they are declared."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(n for n, v in row.metrics.items() if not math.isnan(v)))
    return tuple(names)


def heads(rows: Sequence[Row]) -> list[str]:
    """Column titles of the metrics; one that is named like a varied parameter says so."""
    varied = rows[0].place if rows else {}
    return [f"{n} (found)" if n in varied else n for n in metric_names(rows)]


def averages(rows: Sequence[Row]) -> list[Average]:
    """One line for each place, over the seeds that came to an end there."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row.metrics:
            groups.setdefault(tuple(row.place.values()), []).append(row)
    found = []
    for group in groups.values():
        mean, spread = {}, {}
        for name in metric_names(group):
            values = [r.metrics[name] for r in group if not math.isnan(r.metrics.get(name, np.nan))]
            mean[name] = statistics.fmean(values)
            spread[name] = statistics.stdev(values) if len(values) > 1 else math.nan
        found.append(Average(group[0].place, len(group), mean, spread))
    return found


def outcome(rows: Sequence[Row], metric: str) -> tuple[Mapping[str, Any], float | None]:
    """The place of some rows that have it in common, and the mean there; None without any."""
    found = best(rows, metric, "lower")
    return rows[0].place, None if found is None else found.mean[metric]


def best(rows: Sequence[Row], metric: str, better: Better) -> Average | None:
    """The place where a metric is best over the seeds that were done; the first among equals."""
    done = averages([row for row in rows if row.state == "done"])
    found = [one for one in done if math.isfinite(one.mean.get(metric, math.nan))]
    sign = -1 if better == "higher" else 1
    return min(found, key=lambda one: sign * one.mean[metric], default=None)


def groups(rows: Mapping[str, Row]) -> Groups:
    """The runs that came to an end, by their place; rows are named by their runs."""
    ended = {id: row for id, row in rows.items() if row.metrics}
    runs = [
        (tuple(map(str, row.place.values())), row.place, row.seed, id, row.metrics)
        for id, row in ended.items()
    ]
    return gathered(runs, dict.fromkeys(metric_names(list(ended.values())), ""))


def lines(rows: Mapping[str, Row], titles: Sequence[str]) -> Table:
    """Parallel axes for the varied parameters, the seed and the metrics of runs that ended."""
    ended = {id: (row, title) for (id, row), title in zip(rows.items(), titles) if row.metrics}
    held = [row for row, _ in ended.values()]
    place = held[0].place if held else {}
    columns: list[tuple[str, str, Sequence[Any], bool]] = [
        (name, "", [row.place[name] for row in held], False) for name in place
    ]
    columns.append(("seed", "", [row.seed for row in held], False))
    for name in metric_names(held):
        columns.append((name, "", [row.metrics.get(name) for row in held], True))
    return table(list(ended), [title for _, title in ended.values()], columns)


def as_csv(rows: Sequence[Row]) -> str:
    """One run a line; numbers have as many digits as it takes to read the same value back."""
    text, names = io.StringIO(), metric_names(rows)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(rows[0].place if rows else ()), "seed", "state", *heads(rows)])
    for row in rows:
        values = (row.metrics.get(name, math.nan) for name in names)
        numbers = ["" if math.isnan(v) else repr(float(v)) for v in values]
        writer.writerow([*row.place.values(), row.seed, row.state, *numbers])
    return text.getvalue()


def figure(rows: Sequence[Row], metric: str, along: str, log: bool = False) -> Figure | None:
    """A metric along one parameter, a line for each combination of the others; None without two.

    Points are means over seeds. `log` draws the parameter on a logarithmic axis.
    """
    lines: dict[str, list[tuple[float, float]]] = {}
    for average in averages(rows):
        here = average.place.get(along)
        if metric in average.mean and isinstance(here, (int, float)):
            rest = ", ".join(f"{n} = {shown(v)}" for n, v in average.place.items() if n != along)
            lines.setdefault(rest, []).append((float(here), average.mean[metric]))
    marks = []
    for name, pairs in lines.items():
        x, y = np.array(sorted(pairs)).T
        if len(x) > 1:
            marks.append(Line(x=x, y=y, name=name or metric))
    if not marks:
        return None
    positive = all((mark.x > 0).all() for mark in marks)
    x_axis = Axis(along, scale="log" if log and positive else "linear")
    panel = Panel(tuple(marks), x=x_axis, y=Axis(metric))
    return Figure(f"{metric} along {along}", f"{metric} along {along}", (panel,))


def search_figure(rows: Sequence[Row], metric: str, better: Better) -> Figure | None:
    """What each run of a search found, and the best so far where `better` says which way."""
    ended = [(i, row.metrics[metric]) for i, row in enumerate(rows, 1) if metric in row.metrics]
    found = [(i, value) for i, value in ended if math.isfinite(value)]
    if not found:
        return None
    x, y = np.array(found, float).T
    marks: list[Mark] = [Points(x=x, y=y, name=metric)]
    if better and len(x) > 1:
        so_far = np.minimum.accumulate(y) if better == "lower" else np.maximum.accumulate(y)
        marks.append(Line(x=x, y=so_far, name="best so far"))
    log = y.min() > 0 and y.max() > DECADES * y.min()
    panel = Panel(tuple(marks), x=Axis("run"), y=Axis(metric, scale="log" if log else "linear"))
    return Figure(f"{metric} of the search", f"{metric} of the search", (panel,))
