"""A parameter as form, command line and manual see it; derived from the method's own fields.

No torch and no pydantic model is needed to read a Field, so the window can hold them.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from workbench.words import number_text

Kind = Literal["int", "float", "bool", "choice", "option"]


@dataclass(frozen=True)
class OptionSpec:
    """One alternative of a nested choice: its tag, its meaning and its own fields."""

    kind: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Field:
    """Name, symbol, meaning, unit, kind, default and limits of one parameter."""

    name: str
    symbol: str
    meaning: str
    unit: str
    kind: Kind
    default: Any
    optional: bool = False
    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    log: bool = False
    expert: bool = False
    choices: tuple[str, ...] = ()
    options: tuple[OptionSpec, ...] = ()

    def limits_text(self) -> str:
        """The allowed values in words: `> 0, ≤ 2`."""
        parts = [
            f"{sign} {number_text(limit)}"
            for sign, limit in ((">", self.gt), ("≥", self.ge), ("<", self.lt), ("≤", self.le))
            if limit is not None
        ]
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "option":
            return ", ".join(o.kind for o in self.options)
        return ", ".join(parts)

    def fault(self, value: Any) -> str:
        """What is wrong with a value, in one sentence; empty where it is fine."""
        if value is None:
            return "" if self.optional else f"{self.name} is empty; it must be {self._wanted()}"
        if self.kind == "choice":
            ok = value in self.choices
        elif self.kind == "bool":
            ok = isinstance(value, bool)
        elif self.kind == "option":
            return self._option_fault(value)
        else:
            ok = self._number_fits(value)
        return "" if ok else f"{self.name} is {_shown(value)}; it must be {self._wanted()}"

    def _wanted(self) -> str:
        noun = {"int": "a whole number", "float": "a number", "bool": "true or false"}
        if self.kind in noun:
            return " ".join(x for x in (noun[self.kind], self.limits_text()) if x)
        return "one of " + self.limits_text()

    def _number_fits(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(
            value, int if self.kind == "int" else (int, float)
        ):
            return False
        return (
            value == value  # NaN is no number
            and (self.gt is None or value > self.gt)
            and (self.ge is None or value >= self.ge)
            and (self.lt is None or value < self.lt)
            and (self.le is None or value <= self.le)
        )

    def _option_fault(self, value: Any) -> str:
        tag = value.get("kind") if isinstance(value, Mapping) else value
        for option in self.options:
            if option.kind == tag:
                given = value if isinstance(value, Mapping) else {}
                known = {f.name: f for f in option.fields}
                for name, part in given.items():
                    if name == "kind":
                        continue
                    if name not in known:
                        names = ", ".join(known)
                        return f"{self.name} has no parameter '{name}'; it must be one of {names}"
                    if fault := known[name].fault(part):
                        return f"{self.name}: {fault}"
                return ""
        return f"{self.name} is {_shown(tag)}; it must be {self._wanted()}"


def fields(model: type[BaseModel]) -> tuple[Field, ...]:
    """The parameters of a method or option in the order of their declaration."""
    return tuple(_field(name, info) for name, info in model.model_fields.items() if name != "kind")


def parse(field: Field, text: str) -> Any:
    """Read what a person typed, without judging limits; text that fits nothing stays text."""
    word = text.strip()
    if field.optional and word.lower() in ("", "none", "auto"):
        return None
    if field.kind == "bool" and word.lower() in (
        "true",
        "yes",
        "on",
        "1",
        "false",
        "no",
        "off",
        "0",
    ):
        return word.lower() in ("true", "yes", "on", "1")
    if field.kind == "option":
        return {"kind": word}
    for read in {"int": (int, _whole), "float": (float,)}.get(field.kind, ()):
        try:
            return read(word)
        except ValueError:
            continue
    return word


def _whole(word: str) -> int:
    value = float(word)
    if not value.is_integer():
        raise ValueError(word)
    return int(value)


def _shown(value: Any) -> str:
    return number_text(value) if isinstance(value, (int, float)) else f"'{value}'"


def _field(name: str, info: Any) -> Field:
    kinds = _alternatives(info.annotation)
    optional = type(None) in kinds
    kinds = tuple(k for k in kinds if k is not type(None))
    limits: dict[str, Any] = {}
    for rule in info.metadata:
        for side in ("gt", "ge", "lt", "le"):
            limit = getattr(rule, side, None)
            if limit is not None:
                limits[side] = limit
    extra = info.json_schema_extra or {}
    default = info.default.model_dump() if isinstance(info.default, BaseModel) else info.default
    kind, choices, options = _kind(name, kinds)
    return Field(
        name=name,
        symbol=info.title or name,
        meaning=info.description or "",
        unit=extra.get("unit", ""),
        kind=kind,
        default=default,
        optional=optional,
        log=extra.get("log", False),
        expert=extra.get("expert", False),
        choices=choices,
        options=options,
        **limits,
    )


def _kind(
    name: str, kinds: tuple[Any, ...]
) -> tuple[Kind, tuple[str, ...], tuple[OptionSpec, ...]]:
    if all(isinstance(k, type) and issubclass(k, BaseModel) for k in kinds):
        return "option", (), tuple(_option(k) for k in kinds)
    (kind,) = kinds
    if typing.get_origin(kind) is Literal:
        return "choice", tuple(typing.get_args(kind)), ()
    simple: dict[Any, Kind] = {int: "int", float: "float", bool: "bool"}
    if kind in simple:
        return simple[kind], (), ()
    raise TypeError(f"parameter {name} has the type {kind}, for which there is no editor")


def _option(model: type[BaseModel]) -> OptionSpec:
    title = (model.__doc__ or model.__name__).strip().splitlines()[0]
    return OptionSpec(model.model_fields["kind"].default, title, fields(model))


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return (annotation,)
