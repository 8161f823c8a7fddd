"""A second opinion: the problem of a run, solved by a library that shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Share of a natural size below which a number that may vanish is nothing but rounding.
ROUNDING = 1e-10


@dataclass(frozen=True)
class Solution:
    """What a peer found, by the names and in the conventions of our result.

    Numbers are floats, everything else arrays. `note` says what to know when they are compared;
    `floors` are the sizes below which quantities that may vanish are rounding.
    """

    values: Mapping[str, Any]
    note: str = ""
    floors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Peer:
    """A library that can solve the same problem with the same settings; `library` is its module.

    `ours` holds quantities of the run that its result does not have by that name; `memory` is what
    the peer takes, in bytes. Where `whole` is False the run did more than the peer does, and their
    times say nothing about each other.
    """

    name: str
    library: str
    solve: Callable[[], Solution]
    ours: Mapping[str, Any] = field(default_factory=dict)
    memory: int = 0
    whole: bool = True
