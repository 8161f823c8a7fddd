"""Going on with a run that was stopped or interrupted, from its last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engines.events import Event
from workbench.jobs import Job, job_of
from workbench.records import (
    RESUMABLE,
    Checkpoint,
    RecordError,
    RunInfo,
    read_checkpoint,
    read_history,
    read_info,
)
from workbench.records.history import former_events


@dataclass(frozen=True)
class Former:
    """What a run goes on from: a record, its checkpoint, and what was logged up to that."""

    record: Path
    checkpoint: Checkpoint
    events: tuple[Event, ...]


def job_to_resume(record: str | Path) -> Job:
    """The job that goes on with the run of a record; raises RecordError where none can."""
    path = Path(record).absolute()
    info = _resumable(path)
    read_checkpoint(path)
    if not info.inputs and not info.example:
        raise RecordError(
            f"the data of {path.name} came from a script; they must be given again; "
            "call workbench.api.run there with resume="
        )
    return replace(job_of(info), resume=str(path))


def former_run(job: Job, method: str, parameters: Mapping[str, Any], prints: Any) -> Former:
    """What a job goes on from; raises RecordError unless it is the same run."""
    path = Path(job.resume).absolute()
    info = _resumable(path)
    for name, ours, theirs in (
        ("method", method, info.method),
        ("parameters", parameters, info.parameters),
        ("seed", job.seed, info.seed),
        ("precision", job.precision, info.precision),
        ("data", prints, info.fingerprints),
    ):
        if _plain(ours) != _plain(theirs):
            raise RecordError(
                f"{_named(name, ours, theirs)}, as in the run that is to go on; set it so, or "
                "leave resume out"
            )
    checkpoint = read_checkpoint(path)
    events = former_events(read_history(path), checkpoint.seconds)
    return Former(path, checkpoint, tuple(events))


def _resumable(path: Path) -> RunInfo:
    info = read_info(path)
    if info.state not in RESUMABLE:
        raise RecordError(
            f"the run of {path.name} is {info.state}; it must be stopped or interrupted to go on; "
            "run again"
        )
    return info


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _named(name: str, ours: Any, theirs: Any) -> str:
    """Which value is what, and what it must be."""
    if name == "data":
        names = (n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n))
        return f"{', '.join(names)} holds other values; it must hold the same"
    if name == "parameters":
        name = next(n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n))
        ours, theirs = ours.get(name), theirs.get(name)
    return f"{name} is {ours}; it must be {theirs}"
