"""Records as a list shows, searches and sorts them. Light enough for the window: no HDF5 here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from workbench.catalogue import MethodCard
from workbench.fields import Field
from workbench.words import number_text

Test = Callable[["Row"], bool]


class Row(NamedTuple):
    """What is shown of one record; a tuple, because ten thousand of them cross a pipe."""

    path: str
    title: str
    method: str
    state: str
    status: str
    starred: bool
    tags: tuple[str, ...]
    notes: str
    parameters: dict[str, Any]
    metrics: dict[str, float]
    data: str
    seconds: float | None
    device: str
    precision: str
    seed: int
    started: str
    size: int
    resumable: bool = False

    @property
    def family(self) -> str:
        """The family of the method."""
        return self.method.partition(".")[0]


# --- parameters --------------------------------------------------------------------------------


def flat(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings side by side: `schedule` is the kind, `schedule.rho` a part of it."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            for part, inner in flat(value).items():
                found[name if part == "kind" else f"{name}.{part}"] = inner
        else:
            found[name] = value
    return found


class Presets:
    """What settings of a method are compared with: its default and its presets."""

    def __init__(self, card: MethodCard) -> None:
        self._fields = card.fields
        self._presets: dict[str, Mapping[str, Any]] = {"default": {}, **card.presets}
        self._bases: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}

    def changes(self, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The preset that is nearest to some settings, and what differs from it."""
        held = flat(parameters)
        best = ("", held)
        for name, base in self._flat(parameters).items():
            differing = {n: v for n, v in held.items() if base.get(n, _NONE) != v}
            if not best[0] or len(differing) < len(best[1]):
                best = name, differing
            if not differing:
                break
        return best

    def text(self, parameters: Mapping[str, Any]) -> str:
        """`quick, rank=12`: the preset unless it is the default, and what differs from it."""
        preset, differing = self.changes(parameters)
        parts = [f"{name}={value_text(value)}" for name, value in differing.items()]
        return ", ".join(parts if preset == "default" and parts else [preset, *parts])

    def _flat(self, parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Every preset side by side, with all parts of the kinds that the settings have."""
        kinds = tuple(str(p.get("kind")) for p in parameters.values() if isinstance(p, Mapping))
        if kinds not in self._bases:
            self._bases[kinds] = {
                name: flat(
                    {
                        f.name: _filled(f, preset.get(f.name, f.default), parameters)
                        for f in self._fields
                    }
                )
                for name, preset in self._presets.items()
            }
        return self._bases[kinds]


def value_text(value: Any) -> str:
    """A parameter as people type it."""
    if isinstance(value, (bool, int, float)) or value is None:
        return number_text(value)
    return str(value)


def _filled(field: Field, value: Any, parameters: Mapping[str, Any]) -> Any:
    """The value of a preset with all its parts, as far as the settings compared have them."""
    if not isinstance(value, Mapping):
        return value
    given = parameters.get(field.name)
    kind = given.get("kind") if isinstance(given, Mapping) else value.get("kind")
    option = next((o for o in field.options if o.kind == kind), None)
    parts = {f.name: f.default for f in option.fields} if option else {}
    own = dict(value) if kind == value.get("kind") else {"kind": value.get("kind")}
    return {**parts, **own}


_NONE = object()


# --- search ------------------------------------------------------------------------------------

_WORDS = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_COMPARED = re.compile(r"([^\W\d][\w.]*)(>=|<=|!=|=|:|>|<)(.*)")
_ALIKE = 1e-9  # of a number: what people type and what was computed may differ in the last digit
_TEXTS: dict[str, Callable[[Row], str]] = {
    "title": lambda row: row.title,
    "method": lambda row: row.method,
    "family": lambda row: row.family,
    "state": lambda row: row.state,
    "tag": lambda row: "\n".join(row.tags),
    "note": lambda row: row.notes,
    "data": lambda row: row.data,
    "device": lambda row: row.device,
    "precision": lambda row: row.precision,
}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: math.isclose(a, b, rel_tol=_ALIKE),
    ":": lambda a, b: math.isclose(a, b, rel_tol=_ALIKE),
}


def search(text: str, titles: Mapping[str, str] | None = None) -> Test:
    """Whether a record fits what was typed; every word has to.

    A word is looked for in title, method (by id, or by its title in `titles`), tags, notes, data
    and named settings; `epsilon=0.05`, `seed>3`, `tag:paper` compare one of them, also a metric;
    `-word` leaves out, `"two words"` belong together.
    """
    words = _WORDS.findall(text)
    tests = [_test(bool(minus), said, word, titles or {}) for minus, said, word in words]
    return lambda row: all(test(row) for test in tests)


def _test(minus: bool, phrase: str, word: str, titles: Mapping[str, str]) -> Test:
    compared = _COMPARED.fullmatch(word)
    wanted = (word or phrase).casefold()

    def contains(row: Row) -> bool:
        return wanted in _words(row, titles.get(row.method, "")).casefold()

    found = _comparison(*compared.groups()) if compared else contains
    return (lambda row: not found(row)) if minus else found


def _words(row: Row, title: str) -> str:
    named = (v for v in flat(row.parameters).values() if isinstance(v, str))
    return "\n".join((row.title, row.method, title, row.notes, row.data, *row.tags, *named))


def _comparison(name: str, sign: str, text: str) -> Test:
    wanted = text.casefold()
    number = _number(wanted)
    if sign == "!=":
        equal = _comparison(name, "=", text)
        return lambda row: _value(row, name) is not _NONE and not equal(row)

    def test(row: Row) -> bool:
        value = _value(row, name)
        if value is _NONE:
            return False
        if not wanted:  # the value is still to be typed
            return True
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return number is not None and _ORDERS[sign](value, number)
        return sign in "=:" and wanted in value_text(value).casefold()

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _value(row: Row, name: str) -> Any:
    """A field, parameter or metric by name; the last part of a nested name is enough."""
    for held in (row.parameters, row.metrics):
        if name in held and not isinstance(held[name], Mapping):
            return held[name]
    if name in _TEXTS:
        return _TEXTS[name](row)
    if name in ("seed", "seconds"):
        value = getattr(row, name)
        return _NONE if value is None else value
    for full, value in flat(row.parameters).items():
        if full == name or full.endswith(f".{name}"):
            return value
    return _NONE
