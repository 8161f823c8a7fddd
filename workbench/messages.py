"""What the window and its two helper processes say to each other. Plain data, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.events import Event
from workbench.catalogue import Catalogue
from workbench.jobs import Bill, Job, State

# --- to the engine -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Submit:
    """Put a job at the end of its device's queue."""

    job: Job


@dataclass(frozen=True)
class Ask:
    """What would this job take? Answered by Billed; a later question replaces an earlier one."""

    job: Job


@dataclass(frozen=True)
class Pause:
    """Hold a run after its present step."""

    id: str


@dataclass(frozen=True)
class Resume:
    """Let a paused run go on."""

    id: str


@dataclass(frozen=True)
class Stop:
    """End a run after its present step, or take it out of the queue."""

    id: str


@dataclass(frozen=True)
class Place:
    """The answer to Homeless: where to write the record; an empty path gives it up."""

    id: str
    path: str


Command = Submit | Ask | Pause | Resume | Stop | Place

# --- from the engine ---------------------------------------------------------------------------


@dataclass(frozen=True)
class DeviceFacts:
    """A device as the window lists it."""

    name: str
    title: str
    total: int
    precisions: tuple[str, ...]


@dataclass(frozen=True)
class Ready:
    """The engine can take jobs; these are its devices, and the records it recovered."""

    devices: tuple[DeviceFacts, ...]
    recovered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Learnt:
    """The methods there are."""

    catalogue: Catalogue


@dataclass(frozen=True)
class Changed:
    """A run is in another state."""

    id: str
    state: State
    text: str = ""


@dataclass(frozen=True)
class Said:
    """Events of a run, oldest first; superseded pictures and steps were left out."""

    id: str
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Homeless:
    """The record of a run could not be written at `path`; the result waits for a Place."""

    id: str
    path: str
    why: str


@dataclass(frozen=True)
class Billed:
    """The answer to Ask."""

    job: str
    bill: Bill


@dataclass(frozen=True)
class Gauge:
    """Memory in bytes: of the engine process, and free of all on its busiest device."""

    used: int
    free: int
    total: int
    device: str


@dataclass(frozen=True)
class Died:
    """A helper process ended on its own and was started again (or not: `gave_up`)."""

    who: str
    text: str
    gave_up: bool = False


@dataclass(frozen=True)
class Answer:
    """What a call of the desk gave back, or the sentence that says why not."""

    token: int
    value: Any = None
    error: str = ""
    detail: str = ""


Message = Ready | Learnt | Changed | Said | Homeless | Billed | Gauge | Died | Answer
