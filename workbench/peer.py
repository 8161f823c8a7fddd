"""A recorded run beside other libraries on the same problem: what differs, and their times."""

from __future__ import annotations

import contextlib
import io
import json
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.words import bytes_text, duration_text, number_text

if TYPE_CHECKING:  # the window shows reports without torch and HDF5
    from engines.method import Method
    from engines.peer import Peer, Solution
    from engines.problem import Problem, Result
    from workbench.records import RunInfo

# What `pip install` calls modules that go by another name.
PIP = {"ot": "POT", "pde": "py-pde", "sklearn": "scikit-learn"}

# A relative difference up to this is called an agreement.
AGREE = 0.01

# Above this relative difference a share would say nothing.
FAR = 10.0


class PeerError(ValueError):
    """A run that cannot be checked, in one sentence."""


@dataclass(frozen=True)
class Difference:
    """One quantity of both; of arrays the Frobenius norms and the greatest difference.

    `relative` is the difference over theirs, of arrays in the Frobenius norm.
    """

    quantity: str
    unit: str
    shape: tuple[int, ...]
    ours: float
    theirs: float
    greatest: float
    relative: float

    def cells(self) -> tuple[str, str, str, str, str]:
        """As a row of a table."""
        size = " × ".join(str(n) for n in self.shape)
        name = f"{self.quantity} ({size})" if size else self.quantity
        if self.unit not in ("", self.quantity):
            name += f" [{self.unit}]"
        head = "norm " if size else ""
        ours, theirs = (f"{head}{value:.10g}" for value in (self.ours, self.theirs))
        return name, ours, theirs, f"{self.greatest:.2g}", f"{self.relative:.2g}"


@dataclass(frozen=True)
class PeerReport:
    """One peer: the headline quantity comes first. `seconds` are those of the whole recorded run.

    Where `whole` is False the run did more than the peer, and times are not compared.
    """

    peer: str
    library: str
    version: str
    rows: tuple[Difference, ...]
    seconds: float
    peer_seconds: float
    whole: bool
    note: str = ""

    def verdict(self) -> str:
        """Whether the headline agrees, what agrees least, and how much longer the peer took."""
        first, worst = self.rows[0], max(self.rows, key=_size)
        text = _words(first)
        if worst is not first and _size(worst) > AGREE:
            text += f", {_words(worst)}"
        if not self.whole or not self.seconds > 0:
            return f"{text}; {self.peer} took {time_text(self.peer_seconds)}"
        ratio = self.peer_seconds / self.seconds
        return f"{text}; {self.peer} took {ratio:.2g} times as long"


@dataclass(frozen=True)
class Check:
    """What every peer of a run found, and why others were left out."""

    record: str
    title: str
    method: str
    reports: tuple[PeerReport, ...]
    left_out: tuple[str, ...] = ()

    def text(self) -> str:
        """The whole check as people read and paste it."""
        parts = []
        for report in self.reports:
            heads = ("", "this run", report.peer, "difference", "relative")
            rows = [heads, *(row.cells() for row in report.rows)]
            widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
            lines = [f"{report.peer} ({report.library} {report.version}): {report.verdict()}"]
            for name, *cells in rows:
                numbers = (cell.rjust(w) for cell, w in zip(cells, widths[1:], strict=True))
                lines.append("  ".join((f"  {name.ljust(widths[0])}", *numbers)))
            parts.append("\n".join([*lines, *([f"  {report.note}"] if report.note else [])]))
        return "\n\n".join([*parts, *self.left_out])


def time_text(seconds: float) -> str:
    """A time of which even a thousandth of a second is told."""
    if seconds >= 0.1:
        return duration_text(seconds)
    return f"{1000 * seconds:.{0 if seconds >= 0.001 else 1}f} ms"


def no_peer(method: type[Method]) -> str:
    """Why no run of a method can be checked here; empty where one can."""
    libraries = method.peer_libraries
    if not libraries:
        return f"no library is known that solves the same problem as {method.title}"
    if any(find_spec(name) for name in libraries):
        return ""
    return _missing(libraries[0])


def check(record: Path, begun: Callable[[str], None] = lambda name: None) -> Check:
    """Have every peer solve the problem of a record; `begun` hears the name of each."""
    from engines.problem import BadProblem
    from workbench import records, registry

    info = records.read_info(record)
    cls = registry.method(info.method)
    if info.state != "done":
        raise PeerError(
            f"the run is {info.state}; it must be done to be checked; run it to its end"
        )
    if why := no_peer(cls):
        raise PeerError(why)
    problem, result = _problem(record, info, cls), _result(record, info, cls)
    try:
        peers = _settings(info, cls).peers(problem, result)
    except BadProblem as error:
        raise PeerError(str(error)) from error
    found, left_out = [], []
    for peer in peers:
        if why := _obstacle(peer):
            left_out.append(why)
            continue
        begun(peer.name)
        try:
            report = _report(peer, result, info.seconds or 0.0)
        except Exception as error:  # it is theirs, and may be anything
            left_out.append(f"{peer.name} failed: {type(error).__name__}: {error}")
            continue
        if report.rows:
            found.append(report)
        else:
            left_out.append(f"{peer.name} found nothing that this record holds")
    if not found:
        raise PeerError("; ".join(left_out) or f"no peer of {cls.title} takes these settings")
    title = info.title or record.name
    return Check(str(record), title, cls.title, tuple(found), tuple(left_out))


# --- what the record holds ---------------------------------------------------------------------


def _settings(info: RunInfo, cls: type[Method]) -> Method:
    from pydantic import ValidationError

    try:
        return cls.model_validate_json(json.dumps(info.parameters))
    except ValidationError as error:
        raise PeerError(
            f"the settings of the record are not those of this version of {cls.title}; run again"
        ) from error


def _problem(record: Path, info: RunInfo, cls: type[Method]) -> Problem:
    """The stored data; large ones are referenced and read again from where they came."""
    from engines.problem import array_specs, scalar_specs
    from workbench import records, registry

    if records.read_outline(record, "problem").referenced:
        return _read_again(info)
    arrays = records.read_arrays(record, "problem")
    scalars = records.read_scalars(record, "problem")
    for kind in registry.problems(cls):
        specs = array_specs(kind)
        needed = {name for name, spec in specs.items() if not spec.optional}
        if needed <= set(arrays) <= set(specs) and set(scalars) == set(scalar_specs(kind)):
            return kind(**arrays, **scalars)
    raise PeerError(
        f"the data of {record.name} are not those that {cls.title} takes in this version; run again"
    )


def _read_again(info: RunInfo) -> Problem:
    from workbench import runs
    from workbench.jobs import Refused, job_of

    if not info.example and not info.inputs:
        raise PeerError(
            "the data came from a script and were too large to be kept; a run can only be checked "
            "with its data; write them to a file and run on that"
        )
    try:
        prepared = runs.prepare(replace(job_of(info), device="auto"))
    except Refused as error:
        raise PeerError(f"the data cannot be read again: {error}") from error
    if prepared.fingerprints != info.fingerprints:
        raise PeerError(
            "the data have changed since the run; they must be those it had; run again on these"
        )
    return prepared.problem


def _result(record: Path, info: RunInfo, cls: type[Method]) -> Result:
    from engines.problem import Status
    from workbench import records, registry

    held = records.read_arrays(record, "result") | records.read_scalars(record, "result")
    try:
        return registry.result_kind(cls)(**held, status=Status(info.status), note=info.note)
    except (TypeError, ValueError) as error:
        raise PeerError(
            f"the result in {record.name} is not one of this version of {cls.title}; run again"
        ) from error


# --- one peer ----------------------------------------------------------------------------------


def _obstacle(peer: Peer) -> str:
    """Why a peer cannot be asked here and now."""
    from workbench.devices import free_memory
    from workbench.runs import SHARE

    if find_spec(peer.library.partition(".")[0]) is None:
        return _missing(peer.library)
    free = free_memory("cpu")
    if peer.memory > SHARE * free:
        return (
            f"{peer.name} needs about {bytes_text(peer.memory)}; {bytes_text(free)} are free; "
            "check a smaller run"
        )
    return ""


def _missing(library: str) -> str:
    name = _package(library)
    return f"{name} is not installed; it is the library to check against; pip install {name}"


def _package(library: str) -> str:
    """What `pip` calls the package of a module."""
    top = library.partition(".")[0]
    return PIP.get(top, top)


def _report(peer: Peer, result: Result, seconds: float) -> PeerReport:
    import_module(peer.library)  # loading it is no part of solving
    solution, took, warned = _timed(peer.solve)
    ours = _quantities(result) | {name: (value, "") for name, value in peer.ours.items()}
    rows = []
    for name, theirs in solution.values.items():
        if name in ours:
            value, unit = ours[name]
            rows.append(_difference(name, value, unit, theirs, solution.floors.get(name, 0.0)))
    library = _package(peer.library)
    note = "; ".join(filter(None, (solution.note, *(f"it warned: {text}" for text in warned))))
    return PeerReport(
        peer.name, library, version(library), tuple(rows), seconds, took, peer.whole, note
    )


def _timed(solve: Callable[[], Solution]) -> tuple[Solution, float, tuple[str, ...]]:
    """What it found, the time it took, and its warnings, each once.

    Some libraries print as they go, which must not get into a table or into JSON, and use what
    their own libraries are about to drop, which says nothing of the result.
    """
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        began = time.perf_counter()
        solution = solve()
        took = time.perf_counter() - began
    said = (w for w in caught if not issubclass(w.category, (DeprecationWarning, FutureWarning)))
    return solution, took, tuple(dict.fromkeys(str(w.message) for w in said))


def _quantities(result: Result) -> dict[str, tuple[Any, str]]:
    """Arrays and numbers of a result that are there, with their units."""
    arrays = {name: (values, spec.unit) for name, values, _, spec in result.arrays()}
    numbers = {name: (value, spec.unit) for name, value, spec in result.scalars() if value == value}
    return arrays | numbers


def _difference(name: str, ours: Any, unit: str, theirs: Any, floor: float = 0.0) -> Difference:
    """Values that are NaN on both sides agree; other shapes or gaps differ without limit."""
    one, other = (np.asarray(values, dtype=np.float64) for values in (ours, theirs))
    shape = one.shape
    if shape != other.shape:
        return Difference(name, unit, shape, _norm(one), _norm(other), math.inf, math.inf)
    here, there = np.isfinite(one), np.isfinite(other)
    if (here != there).any():
        return Difference(name, unit, shape, _norm(one), _norm(other), math.inf, math.inf)
    one, other = one[here], other[here]
    away, size = one - other, max(float(np.linalg.norm(other)), floor)
    greatest, total = float(np.abs(away).max(initial=0.0)), float(np.linalg.norm(away))
    relative = 0.0 if total == 0 else total / size if size else math.inf
    values = (_norm(one), _norm(other)) if shape else (float(one[0]), float(other[0]))
    return Difference(name, unit, shape, *values, greatest, relative)


def _norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values[np.isfinite(values)]))


def _size(row: Difference) -> float:
    return math.inf if math.isnan(row.relative) else row.relative


def _words(row: Difference) -> str:
    if row.relative == 0:
        return f"{row.quantity} is equal"
    if row.relative <= AGREE:
        return f"{row.quantity} agrees to {row.relative:.1g}"
    if row.relative <= FAR:
        return f"{row.quantity} differs by {number_text(float(f'{100 * row.relative:.2g}'))} %"
    return f"{row.quantity} is another"
