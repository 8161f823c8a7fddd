from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from engines.method import Option, Parameters, param
from workbench.fields import Field, fields, parse
from workbench.words import number_text


class Karras(Option):
    """Karras levels."""

    kind: Literal["karras"] = "karras"
    rho: float = param(7.0, "ρ", "exponent", ge=1)


class Uniform(Option):
    """Equal steps."""

    kind: Literal["uniform"] = "uniform"


class Settings(Parameters):
    epsilon: float = param(0.05, "ε", "regularisation", unit="cost", gt=0, log=True)
    steps: int = param(10, "K", "steps", ge=1, le=99, expert=True)
    fast: bool = param(False, "–", "take the short way")
    solver: Literal["euler", "heun"] = param("heun", "–", "integrator")
    dt: float | None = param(None, "Δt", "step", gt=0)
    schedule: Karras | Uniform = param(Karras(), "σ", "noise levels")


KNOWN = {f.name: f for f in fields(Settings)}


def test_that_a_field_says_all_that_its_declaration_says():
    epsilon = KNOWN["epsilon"]
    assert (epsilon.symbol, epsilon.unit, epsilon.kind, epsilon.gt, epsilon.log) == (
        "ε",
        "cost",
        "float",
        0,
        True,
    )
    assert (KNOWN["steps"].ge, KNOWN["steps"].le, KNOWN["steps"].expert) == (1, 99, True)
    assert KNOWN["solver"].choices == ("euler", "heun")
    assert KNOWN["dt"].optional
    assert KNOWN["dt"].kind == "float"
    assert [o.kind for o in KNOWN["schedule"].options] == ["karras", "uniform"]
    assert KNOWN["schedule"].options[0].fields[0].name == "rho"
    assert KNOWN["schedule"].default == {"kind": "karras", "rho": 7.0}


def test_that_fields_survive_json():
    adapter = TypeAdapter(tuple[Field, ...])
    assert adapter.validate_json(adapter.dump_json(tuple(KNOWN.values()))) == tuple(KNOWN.values())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epsilon", "1e-3", 1e-3),
        ("steps", "12", 12),
        ("steps", "1e1", 10),
        ("fast", "yes", True),
        ("fast", "off", False),
        ("dt", "auto", None),
        ("dt", "0.5", 0.5),
        ("solver", "euler", "euler"),
        ("schedule", "uniform", {"kind": "uniform"}),
        ("steps", "many", "many"),
    ],
)
def test_that_typed_text_becomes_the_value_that_was_meant(name, text, value):
    read = parse(KNOWN[name], text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("epsilon", 0.0, "epsilon is 0; it must be a number > 0"),
        ("epsilon", float("nan"), "epsilon is nan; it must be a number > 0"),
        ("epsilon", "abc", "epsilon is 'abc'; it must be a number > 0"),
        ("steps", 100, "steps is 100; it must be a whole number ≥ 1, ≤ 99"),
        ("steps", 2.5, "steps is 2.5; it must be a whole number ≥ 1, ≤ 99"),
        ("steps", True, "steps is true; it must be a whole number ≥ 1, ≤ 99"),
        ("fast", 1, "fast is 1; it must be true or false"),
        ("solver", "rk4", "solver is 'rk4'; it must be one of euler, heun"),
        ("schedule", {"kind": "cosine"}, "schedule is 'cosine'; it must be one of karras, uniform"),
        (
            "schedule",
            {"kind": "karras", "rho": 0.5},
            "schedule: rho is 0.5; it must be a number ≥ 1",
        ),
        (
            "schedule",
            {"kind": "karras", "x": 1},
            "schedule has no parameter 'x'; it must be one of rho",
        ),
        ("epsilon", None, "epsilon is empty; it must be a number > 0"),
    ],
)
def test_that_a_fault_is_one_sentence_and_the_model_agrees(name, value, fault):
    assert KNOWN[name].fault(value) == fault
    with pytest.raises(ValidationError):
        Settings.model_validate_json(json.dumps({name: value}))


@pytest.mark.parametrize(
    ("name", "value"), [("epsilon", 2), ("steps", 99), ("dt", None), ("fast", True)]
)
def test_that_what_the_field_allows_the_model_takes(name, value):
    assert KNOWN[name].fault(value) == ""
    assert getattr(Settings.model_validate_json(json.dumps({name: value})), name) == value


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (1e-6, "1e-06"), (3, "3"), (1 / 3, repr(1 / 3))]
)
def test_that_numbers_are_written_short_and_exact(value, text):
    assert number_text(value) == text
    assert float(number_text(value)) == value
