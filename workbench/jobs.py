"""What is to be run, and the states a run goes through. No torch: the window makes these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

if TYPE_CHECKING:
    from workbench.records import RunInfo

State = Literal["queued", "running", "paused", "done", "stopped", "failed", "interrupted"]
FINAL: frozenset[State] = frozenset({"done", "stopped", "failed", "interrupted"})

_NEXT: dict[tuple[State, str], State] = {
    ("queued", "start"): "running",
    ("queued", "stop"): "stopped",
    ("queued", "fail"): "failed",
    ("running", "pause"): "paused",
    ("paused", "resume"): "running",
}
_END: dict[str, State] = {
    "complete": "done",
    "stop": "stopped",
    "fail": "failed",
    "interrupt": "interrupted",
}


def next_state(state: State, event: str) -> State:
    """The state after an event; an event that does not apply leaves the state as it is."""
    if state in ("running", "paused") and event in _END:
        return _END[event]
    return _NEXT.get((state, event), state)


@dataclass(frozen=True)
class Job:
    """A method with its settings on named data: everything that decides the numbers.

    `inputs` maps a field of the problem to a data reference; `example` names a built-in problem
    instead. `output` is the record to write (empty: none), `resume` that of a run of the same
    settings and data which goes on from its last checkpoint (empty: it begins anew).
    """

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    example: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    precision: str = "float64"
    output: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    resume: str = ""
    id: str = field(default_factory=lambda: uuid4().hex)


def job_of(info: RunInfo) -> Job:
    """The job that a record came from, where its data are files or an example."""
    return Job(
        method=info.method,
        parameters=info.parameters,
        example=info.example or "",
        inputs=info.inputs,
        seed=info.seed,
        device=info.device,
        precision=info.precision,
        title=info.title,
        tags=info.tags,
    )


class Refused(ValueError):
    """The call or the data cannot be run; `field` names the parameter or input at fault."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Bill:
    """What a job is expected to take; `refusal` says why it cannot run (empty: it can)."""

    seconds: float = 0.0
    memory: int = 0
    output: int = 0
    free: int = 0
    refusal: str = ""
    field: str = ""
