"""The five things a run can say. No torch here: the window reads these too."""

from __future__ import annotations

from dataclasses import dataclass

from engines.figure import Figure


@dataclass(frozen=True)
class Step:
    """Progress: `done` of `total` steps of a phase (total None: not known beforehand)."""

    phase: str
    done: int
    total: int | None
    seconds: float


@dataclass(frozen=True)
class Logged:
    """Rows (step, seconds since the start, {name: value}) of one phase, oldest first."""

    phase: str
    rows: tuple[tuple[int, float, dict[str, float]], ...]


@dataclass(frozen=True)
class Shown:
    """A picture of the state now; a later one of the same name replaces it."""

    figure: Figure


@dataclass(frozen=True)
class Warned:
    """Something the user should know; kept in the record."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The run is over: its state, a sentence, and the record (empty where there is none)."""

    state: str
    text: str
    detail: str = ""
    record: str = ""


Event = Step | Logged | Shown | Warned | Finished
