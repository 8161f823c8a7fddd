"""What a method is: frozen parameters with symbols, units and limits, and one function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from engines.figure import Figure
from engines.peer import Peer
from engines.problem import Problem, Result

if TYPE_CHECKING:
    from engines.context import Context


@dataclass(frozen=True)
class Paper:
    """A publication that a method follows."""

    authors: str
    year: int
    title: str
    arxiv: str = ""
    doi: str = ""
    venue: str = ""


@dataclass(frozen=True)
class Expect:
    """A number that is known beforehand: its value, how near a run comes to it, and its source."""

    value: float
    within: float
    source: str


@dataclass(frozen=True)
class Example:
    """A problem that ships with a method, and the settings that show it best.

    `expects` says by name which metrics of the result are known at these settings.
    """

    name: str
    title: str
    make: Callable[[], Problem]
    settings: Mapping[str, Any] = field(default_factory=dict)
    story: str = ""
    expects: Mapping[str, Expect] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What a run will take: bytes at its peak, bytes it stores, floating point operations."""

    memory: int
    output: int
    work: float


def param(
    default: Any,
    symbol: str,
    meaning: str,
    *,
    unit: str = "",
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    log: bool = False,
    expert: bool = False,
) -> Any:
    """Declare one parameter: default, symbol, meaning, unit, limits and how it is edited."""
    return Field(
        default,
        title=symbol,
        description=meaning,
        gt=gt,
        ge=ge,
        lt=lt,
        le=le,
        json_schema_extra={"unit": unit, "log": log, "expert": expert},
    )


class Parameters(BaseModel):
    """Frozen, strict settings; unknown names are refused and infinity survives JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        ser_json_inf_nan="constants",
        validate_default=True,
    )


class Option(Parameters):
    """A choice that has parameters of its own; `kind: Literal["…"]` tells the choices apart."""


class Method(Parameters, ABC):
    """One published algorithm: its fields are the parameters, `run` is the algorithm.

    The file gives the name, the folder gives the family, the annotation of `problem` in `run`
    gives the accepted data. Methods do not inherit from each other.
    """

    title: ClassVar[str]
    papers: ClassVar[tuple[Paper, ...]]
    examples: ClassVar[tuple[Example, ...]]
    # Settings by name: "quick" ends in seconds on two cores, "default" is {}, "paper" the source's.
    presets: ClassVar[Mapping[str, Mapping[str, Any]]]
    # Modules that `peers` calls; one of them has to be installed for a check.
    peer_libraries: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def run(self, problem: Any, ctx: Context) -> Result:
        """Compute the result. Checks that need parameters and data together raise `BadProblem`."""

    @abstractmethod
    def figures(self, problem: Any, result: Any) -> tuple[Figure, ...]:
        """Draw the finished run; the first figure is the one shown first."""

    @abstractmethod
    def cost(self, problem: Any) -> Cost:
        """Estimate memory, stored size and work before the run, without touching the data."""

    def peers(self, problem: Any, result: Any) -> tuple[Peer, ...]:
        """Other libraries on the same problem; raises `BadProblem` where they cannot take it."""
        return ()
