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
class Move:
    """Let a run that waits have its turn before another one; last where that is empty."""

    id: str
    before: str


@dataclass(frozen=True)
class Place:
    """The answer to Homeless: where to write the record; an empty path gives it up."""

    id: str
    path: str


Command = Submit | Ask | Pause | Resume | Stop | Move | Place

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
    """The engine can take jobs; these are its devices, and the records it recovered.

    Those in `resumable` have a checkpoint.
    """

    devices: tuple[DeviceFacts, ...]
    recovered: tuple[str, ...] = ()
    resumable: tuple[str, ...] = ()


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
class Queue:
    """The runs that wait, the next one first; each device takes the first that is for it."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class NotMoved:
    """A run has its turn already."""

    id: str


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


@dataclass(frozen=True)
class Checking:
    """A peer begins to solve the problem of a record."""

    token: int
    peer: str


@dataclass(frozen=True)
class Checked:
    """The Check of a record, or the sentence that says why there is none."""

    token: int
    value: Any = None
    error: str = ""


@dataclass(frozen=True)
class Drawing:
    """How many pictures of a movie or batch are done, and of how many."""

    token: int
    done: int
    total: int


@dataclass(frozen=True)
class Drawn:
    """What a movie or batch gave back, or the sentence that says why not."""

    token: int
    value: Any = None
    error: str = ""


Message = (
    Ready
    | Learnt
    | Changed
    | Queue
    | NotMoved
    | Said
    | Homeless
    | Billed
    | Gauge
    | Died
    | Answer
    | Checking
    | Checked
    | Drawing
    | Drawn
)
