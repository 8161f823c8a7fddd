"""The scalars of a run over time: collected while it runs, one table each in the record."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import h5py
import numpy as np

from engines.events import Event, Logged, Step, Warned
from engines.problem import ArraySpec
from workbench.records.attributes import plain, put
from workbench.records.safe import children, member, values_of
from workbench.records.writing import Output, free_name


@dataclass(frozen=True)
class History:
    """One scalar over time: the step, the seconds since the start and the value of each row."""

    phase: str
    name: str
    steps: np.ndarray
    seconds: np.ndarray
    values: np.ndarray


class Journal:
    """What a run has said so far, held in columns (24 bytes a number)."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.step: Step | None = None
        self._columns: dict[tuple[str, str], tuple[array[int], array[float], array[float]]] = {}

    def add(self, event: Event) -> None:
        """Keep scalars, warnings and the last step; pictures are made again from the result."""
        match event:
            case Logged(phase, rows):
                for step, seconds, row in rows:
                    for name, value in row.items():
                        column = self._columns.get((phase, name))
                        if column is None:
                            column = self._columns[phase, name] = (
                                array("q"),
                                array("d"),
                                array("d"),
                            )
                        column[0].append(step)
                        column[1].append(seconds)
                        column[2].append(value)
            case Warned(text):
                self.warnings.append(text)
            case Step():
                self.step = event

    def histories(self) -> dict[str, History]:
        """Every scalar by its name; a phase is put before it as in `training: loss`."""
        return {
            _label(phase, name): History(phase, name, *(np.array(c) for c in column))
            for (phase, name), column in self._columns.items()
        }

    def seconds(self) -> float:
        """The time of the last thing that was said."""
        last = [seconds[-1] for _, seconds, _ in self._columns.values()]
        return max([*last, self.step.seconds if self.step else 0.0])


def line(event: Event) -> str:
    """An event as a line of the live log; empty for a picture."""
    match event:
        case Logged(phase, rows):
            said: dict[str, object] = {"logged": phase, "rows": rows}
        case Warned(text):
            said = {"warned": text}
        case Step(phase, done, total, seconds):
            said = {"step": [phase, done, total, seconds]}
        case _:
            return ""
    return json.dumps(said, default=float) + "\n"


def replay(log: bytes) -> Journal:
    """Read the live log again. A line that a killed writer left unfinished is passed over."""
    journal = Journal()
    for text in log.splitlines():
        try:
            said = json.loads(text)
            if "logged" in said:
                journal.add(Logged(said["logged"], said["rows"]))
            elif "warned" in said:
                journal.add(Warned(said["warned"]))
            elif "step" in said:
                journal.add(Step(*said["step"]))
        except (ValueError, TypeError, KeyError):
            continue
    return journal


def former_events(histories: Mapping[str, History], seconds: float) -> list[Event]:
    """What a run had logged when it had taken so long, as it would say it again."""
    found: list[Event] = []
    for history in histories.values():
        count = int(np.searchsorted(history.seconds, seconds, "right"))
        columns = (c[:count].tolist() for c in (history.steps, history.seconds, history.values))
        rows = tuple((step, t, {history.name: value}) for step, t, value in zip(*columns))
        found.append(Logged(history.phase, rows))
    return found


def write_histories(output: Output, histories: Mapping[str, History]) -> str:
    """Write one table for each scalar; gives the path of the first one or nothing."""
    parent = output.file.create_group("history", track_order=True)
    put(parent, NX_class="NXcollection")
    phases: dict[str, h5py.Group] = {}
    first = ""
    for history in histories.values():
        if history.phase not in phases:
            name = free_name(parent, history.phase or "run")
            phases[history.phase] = parent.create_group(name, track_order=True)
            put(phases[history.phase], NX_class="NXcollection", phase=history.phase)
        phase = phases[history.phase]
        table = phase.create_group(free_name(phase, history.name))
        _write_table(output, table, history)
        first = first or table.name
    return first


def histories_of(file: h5py.File) -> dict[str, History]:
    """All scalars of a record, or those that a live one has so far."""
    log = member(file, "live/log")
    if log is not None:
        return replay(values_of(log).tobytes()).histories()
    found = {}
    for _, phase in children(member(file, "history")):
        of = str(plain(phase.attrs["phase"]))
        for _, table in children(phase):
            name = str(plain(table.attrs["name"]))
            columns = (values_of(member(table, key)) for key in ("step", "seconds", "value"))
            found[_label(of, name)] = History(of, name, *columns)
    return found


def _write_table(output: Output, table: h5py.Group, history: History) -> None:
    put(table, NX_class="NXdata", signal="value", axes=["step"], step_indices=0)
    put(table, title=history.name, name=history.name)
    columns = (
        ("step", history.steps, "step", ""),
        ("seconds", history.seconds, "time since the start", "s"),
        ("value", history.values, history.name, ""),
    )
    output.arrays(
        table,
        [(name, v, ("step",), ArraySpec(("step",), help, unit)) for name, v, help, unit in columns],
    )


def _label(phase: str, name: str) -> str:
    return f"{phase}: {name}" if phase else name
