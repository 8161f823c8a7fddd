"""A recorded run in words: what reports, slides, captions and scripts say about it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from engines.figure import Figure
from workbench import records
from workbench.catalogue import MethodCard
from workbench.cite import citation, short
from workbench.fields import Field
from workbench.records import RunInfo
from workbench.words import duration_text, number_text

Block = tuple[Literal["text", "equation"], str]


@dataclass(frozen=True)
class Row:
    """One line of a table: a parameter or a metric."""

    name: str
    value: str
    unit: str = ""
    symbol: str = ""
    meaning: str = ""
    changed: bool = False  # differs from the default

    def text(self) -> str:
        """`ε = 0.05 cost`."""
        return f"{self.symbol or self.name} = {self.value} {self.unit}".rstrip()


@dataclass(frozen=True)
class DataRow:
    """One array that went in."""

    name: str
    shape: str
    meaning: str
    source: str
    fingerprint: str


@dataclass(frozen=True)
class Facts:
    """Everything but the pictures; `card` is None where this version lacks the method."""

    path: Path
    info: RunInfo
    card: MethodCard | None
    parameters: tuple[Row, ...]
    metrics: tuple[Row, ...]
    data: tuple[DataRow, ...]
    run: tuple[tuple[str, str], ...]
    figures: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the run is called."""
        return self.info.title or self.path.stem

    @property
    def method(self) -> str:
        """What the method is called."""
        return self.card.title if self.card else self.info.method

    @property
    def label(self) -> str:
        """Run and method; the method once where the run is called after it."""
        return self.title if self.title.startswith(self.method) else f"{self.title} · {self.method}"

    @property
    def about(self) -> str:
        """What the method does, under its name where the title lacks it."""
        said = self.card.summary if self.card else ""
        parts = [said] if self.title.startswith(self.method) else [self.method, said]
        return " – ".join(filter(None, parts)) or self.method

    @property
    def citations(self) -> tuple[str, ...]:
        """The papers of the method, one line each."""
        return tuple(citation(p) for p in self.card.papers) if self.card else ()

    @property
    def source(self) -> str:
        """What the method was run on, in a few words."""
        if self.info.example:
            known = self.card.examples if self.card else ()
            title = next((e.title for e in known if e.name == self.info.example), "")
            return title or self.info.example.replace("_", " ")
        return ", ".join(dict.fromkeys(map(_place, self.info.inputs.values()))) or "arrays at hand"


def read_facts(path: Path, card: MethodCard | None) -> Facts:
    """What a record says, in the words of the method's card."""
    info = records.read_info(path)
    return Facts(
        path=Path(path),
        info=info,
        card=card,
        parameters=tuple(_parameters(card.fields if card else (), info.parameters)),
        metrics=tuple(_metrics(records.read_outline(path, "result"))),
        data=tuple(_data(records.read_outline(path, "problem"), info)),
        run=tuple(_run(info, path)),
        figures=records.figure_names(path),
    )


def blocks(description: str) -> tuple[Block, ...]:
    """A method's description as paragraphs.

    Indented lines are equations and keep their breaks, and so does a first paragraph that is no
    sentence.
    """
    found: list[Block] = []
    for part in description.split("\n\n"):
        if part.startswith("    ") or not (found or part.rstrip().endswith(".")):
            found.append(("equation", "\n".join(line.strip() for line in part.splitlines())))
        elif part.strip():
            found += [("text", text) for text in _paragraphs(part)]
    return tuple(found)


def caption(facts: Facts, figure: Figure) -> str:
    """What stands under a figure in print: what it shows, how it was made, whom to cite."""
    changed = [row.text() for row in facts.parameters if row.changed]
    papers = facts.card.papers if facts.card else ()
    cited = "; ".join(map(short, papers))
    versions = facts.info.versions
    sentences = (
        f"{figure.title}.",
        figure.caption,
        f"{facts.method} ({cited}) on {facts.source}." if cited else f"{facts.method}.",
        f"Settings: {', '.join(changed)}; all others at their defaults."
        if changed
        else "All settings at their defaults.",
        f"Seed {facts.info.seed}, {facts.info.precision} on {facts.info.device}; "
        f"Methods Workbench {versions.get('workbench', '')}, record {facts.path.name}.",
    )
    text = " ".join(" ".join(s.split()) for s in sentences if s)
    return "\n\n".join((text, *facts.citations)) + "\n"


def value_text(value: Any) -> str:
    """A setting as people read it."""
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number_text(value)
    return str(value)


def _parameters(known: tuple[Field, ...], given: Mapping[str, Any]) -> Iterator[Row]:
    by_name = {f.name: f for f in known}
    for name, value in given.items():
        field = by_name.get(name)
        if field is None:
            yield Row(name, value_text(value))
            continue
        default = field.default
        if isinstance(value, Mapping):
            kind = value.get("kind")
            parts = next((o.fields for o in field.options if o.kind == kind), ())
            base = default if isinstance(default, Mapping) else {}
            yield _row(field, str(kind), kind != base.get("kind"))
            inner = {n: v for n, v in value.items() if n != "kind"}
            for row in _parameters(parts, inner):
                yield Row(f"{name}.{row.name}", *_rest(row))
        else:
            yield _row(field, value_text(value), value != default)


def _row(field: Field, value: str, changed: bool) -> Row:
    symbol = "" if field.symbol == field.name else field.symbol
    return Row(field.name, value, field.unit, symbol, field.meaning, changed)


def _rest(row: Row) -> tuple[str, str, str, str, bool]:
    return row.value, row.unit, row.symbol or row.name, row.meaning, row.changed


def _metrics(outline: records.Outline) -> Iterator[Row]:
    for name, (value, unit) in outline.scalars.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isnan(value):
                yield Row(name.replace("_", " "), f"{value:.6g}", unit)
        elif isinstance(value, str):
            yield Row(name.replace("_", " "), value, unit)


def _data(outline: records.Outline, info: RunInfo) -> Iterator[DataRow]:
    for name in dict.fromkeys((*outline.arrays, *outline.referenced, *info.fingerprints)):
        held = outline.arrays.get(name)
        shape = outline.referenced.get(name, "")
        if held is not None:
            shape = f"{' × '.join(map(str, held.shape))} {held.dtype}"
        unit = f" ({held.spec.unit})" if held and held.spec.unit else ""
        source = info.inputs.get(name) or (f"example {info.example}" if info.example else "")
        yield DataRow(
            name,
            shape,
            held.spec.help + unit if held else "",
            source or "an array at hand",
            info.fingerprints.get(name, ""),
        )
    for name, (value, unit) in outline.scalars.items():
        shown = f"{value:.6g}" if isinstance(value, float) else value_text(value)
        yield DataRow(name, f"{shown} {unit}".rstrip(), "", "", "")


def _run(info: RunInfo, path: Path) -> Iterator[tuple[str, str]]:
    yield "State", f"{info.state}: {info.status}" if info.status else info.state
    if info.verdict:
        yield "Known answer", info.verdict
    if info.note:
        yield "Note", info.note
    if info.resumed:
        yield "Resumed from", Path(info.resumed).name
    yield "Started", f"{datetime.fromisoformat(info.started):%d %B %Y, %H:%M} UTC"
    if info.seconds is not None:
        quick = info.seconds < 1
        yield "Took", f"{1000 * info.seconds:.0f} ms" if quick else duration_text(info.seconds)
    yield "Device", f"{info.device}, {info.precision}"
    yield "Seed", str(info.seed)
    names = {
        "workbench": "Methods Workbench",
        "python": "Python",
        "platform": "System",
        "threads": "CPU threads",
    }
    for name, version in info.versions.items():
        yield names.get(name, name), version
    yield "Record", path.name
    if info.tags:
        yield "Tags", ", ".join(info.tags)


def _paragraphs(part: str) -> list[str]:
    """Lines joined to paragraphs; what begins with a head word is one of its own."""
    heads = ("Cost", "Precision", "Good values", "Becomes", "Pitfall", "Shows", "Memory")
    found: list[str] = []
    for line in part.splitlines():
        fresh = not found or line.startswith(heads)
        found = [*found, line.strip()] if fresh else [*found[:-1], f"{found[-1]} {line.strip()}"]
    return found


def _place(reference: str) -> str:
    """The end of a reference, which is what a person knows it by."""
    return reference.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].removeprefix("sample:")
