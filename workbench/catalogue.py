"""What the window knows of the methods without importing them: plain data, cached as JSON."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import TypeAdapter, ValidationError

import engines
from engines.method import Method, Paper
from engines.problem import Better, array_specs, scalar_specs
from workbench import __version__
from workbench.fields import Field, fields
from workbench.peer import no_peer
from workbench.registry import FAMILIES, companions, methods, problems, result_kind
from workbench.verdict import known_text

TIMES = ("seconds", "run time")  # what sweeps and comparisons call the time of a run


@dataclass(frozen=True)
class Slot:
    """One array that a problem takes; `beside` names one whose file may hold this one too."""

    name: str
    dims: tuple[str, ...]
    help: str
    unit: str
    optional: bool
    beside: str = ""


@dataclass(frozen=True)
class ProblemCard:
    """One kind of data that a method accepts."""

    name: str
    title: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class ExampleCard:
    """A built-in problem by name, with the settings that go with it."""

    name: str
    title: str
    story: str
    settings: Mapping[str, Any]
    known: str = ""  # what a run should find, where that is known beforehand


@dataclass(frozen=True)
class MetricCard:
    """A headline number of a method's result, and which way it is better, if any."""

    name: str
    help: str
    unit: str
    better: Better


@dataclass(frozen=True)
class MethodCard:
    """Everything the window shows of a method before it runs."""

    id: str
    family: str
    title: str
    summary: str
    description: str
    papers: tuple[Paper, ...]
    fields: tuple[Field, ...]
    presets: Mapping[str, Mapping[str, Any]]
    examples: tuple[ExampleCard, ...]
    problems: tuple[ProblemCard, ...]
    no_peer: str = ""  # why no library can check a run; empty where one can
    metrics: tuple[MetricCard, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All methods, and the key of the sources they were read from."""

    key: str
    families: Mapping[str, str]
    methods: tuple[MethodCard, ...]

    def method(self, name: str) -> MethodCard:
        """The card of that id."""
        return next(m for m in self.methods if m.id == name)


_JSON = TypeAdapter(Catalogue)


def build() -> Catalogue:
    """Read every method; imports torch, so only the engine process and the command line do it."""
    cards = tuple(card(name, cls) for name, cls in methods().items())
    return Catalogue(key(), dict(FAMILIES), cards)


def card(name: str, cls: type[Method]) -> MethodCard:
    """The card of one method."""
    text = inspect.cleandoc(cls.__doc__ or "")
    summary, _, description = text.partition("\n")
    return MethodCard(
        id=name,
        family=name.split(".")[0],
        title=cls.title,
        summary=summary,
        description=description.strip("\n"),
        papers=cls.papers,
        fields=fields(cls),
        presets={k: dict(v) for k, v in cls.presets.items()},
        examples=tuple(
            ExampleCard(e.name, e.title, e.story, dict(e.settings), known_text(e.expects))
            for e in cls.examples
        ),
        problems=tuple(
            ProblemCard(
                kind.__name__,
                (kind.__doc__ or kind.__name__).strip().splitlines()[0],
                tuple(
                    Slot(n, s.dims, s.help, s.unit, s.optional, companions(kind).get(n, ""))
                    for n, s in array_specs(kind).items()
                ),
            )
            for kind in problems(cls)
        ),
        no_peer=no_peer(cls),
        metrics=tuple(
            MetricCard(name, spec.help, spec.unit, spec.better)
            for name, spec in scalar_specs(result_kind(cls)).items()
        ),
    )


def directions(cards: Iterable[MethodCard]) -> dict[str, Better]:
    """Which way the metrics of some methods and their times are better, where there is one.

    A name has the same direction in every method; records need not tell theirs.
    """
    found: dict[str, Better] = dict.fromkeys(TIMES, "lower")
    return found | {m.name: m.better for card in cards for m in card.metrics if m.better}


def key() -> str:
    """Changes whenever the program or a source file of the methods does; opens no file."""
    found = hashlib.sha256(__version__.encode())
    root = Path(next(iter(engines.__path__)))
    for file in sorted(root.rglob("*.py")):
        about = file.stat()
        found.update(f"{file.relative_to(root)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


def cached() -> Catalogue | None:
    """The catalogue of the last start, where it still fits the sources."""
    try:
        known = _JSON.validate_json(_file().read_bytes())
    except (OSError, ValidationError):
        return None
    return known if known.key == key() else None


def store(catalogue: Catalogue) -> None:
    """Keep the catalogue for the next start; a folder that cannot be written to is no harm."""
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(as_json(catalogue)))  # unlike pydantic's, it keeps infinity
        new.replace(file)
    except OSError:
        return


def as_json(catalogue: Catalogue) -> dict[str, Any]:
    """Plain JSON data for the command line."""
    return asdict(catalogue)


def _file() -> Path:
    return Path(platformdirs.user_cache_dir("methods-workbench", appauthor=False)) / "methods.json"
