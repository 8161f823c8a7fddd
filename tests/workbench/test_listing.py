from __future__ import annotations

import pytest

from workbench import catalogue
from workbench.listing import Presets, Row, flat, search
from workbench.registry import method


def row(**changed) -> Row:
    held = {
        "path": "/w/runs/00001-x.h5",
        "title": "Sinkhorn: two moons",
        "method": "transport.sinkhorn",
        "state": "done",
        "status": "converged",
        "starred": False,
        "tags": ("paper", "figure 2"),
        "notes": "looks Blurred",
        "parameters": {
            "epsilon": 0.05,
            "metric": "sqeuclidean",
            "ladder": True,
            "schedule": {"kind": "karras", "rho": 7.0},
        },
        "metrics": {"cost": 1.25, "iterations": 40.0},
        "data": "two_moons",
        "seconds": 1.5,
        "device": "cpu",
        "precision": "float64",
        "seed": 3,
        "started": "2026-01-02T03:04:05+00:00",
        "size": 1000,
    }
    return Row(**{**held, **changed})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MOONS",
        "sinkhorn moons",
        "paper",
        "blurred",
        "entropic",  # the title of the method
        "karras",  # a named setting
        '"looks blurred"',
        '"two mo',  # still typing
        "epsilon=0.05",
        "epsilon=5e-2",
        "epsilon=",  # still typing
        "epsilon>0.01 epsilon<=0.05",
        "epsilon!=0.1",
        "rho=7",
        "schedule.rho>6",
        "schedule=karras",
        "ladder=true",
        "cost>1",
        "iterations:40",
        "seed=3",
        "seconds<2",
        "tag:figure",
        "family=transport",
        "state:done",
        "note:blur",
        "-heat",
        "-epsilon=0.1",
    ],
)
def test_that_a_record_is_found_by(text):
    assert search(text, {"transport.sinkhorn": "Entropic transport"})(row())


@pytest.mark.parametrize(
    "text",
    [
        "heat",
        "moons heat",
        '"blurred looks"',
        "epsilon=0.051",
        "epsilon=5",  # a number is no piece of text
        "epsilon>0.05",
        "epsilon=small",
        "epsilon!=0.05",
        "tau=1",  # no such parameter
        "tau!=1",
        "tag:draft",
        "metric>sq",  # a word is in no order
        "-moons",
        "-epsilon=0.05",
    ],
)
def test_that_a_record_is_not_found_by(text):
    assert not search(text)(row())


def test_that_nested_settings_stand_side_by_side_under_their_kind():
    assert flat({"a": 1, "s": {"kind": "k", "p": {"kind": "z", "q": 2}}}) == {
        "a": 1,
        "s": "k",
        "s.p": "z",
        "s.p.q": 2,
    }


@pytest.fixture(scope="module")
def svd():
    return catalogue.card("lowrank.randomized_svd", method("lowrank.randomized_svd"))


@pytest.fixture(scope="module")
def presets(svd):
    return Presets(svd)


def settings(**changed):
    target = {"kind": "rank", "k": 50, "oversample": 10, "krylov": False}
    return {"target": {**target, **changed.pop("target", {})}, "n_power": 2, **changed}


def test_that_settings_equal_to_the_default_differ_in_nothing(presets):
    assert presets.changes(settings()) == ("default", {})
    assert presets.text(settings()) == "default"


def test_that_only_what_differs_from_the_default_is_told(presets):
    assert presets.changes(settings(n_power=3)) == ("default", {"n_power": 3})
    assert presets.text(settings(target={"k": 12})) == "target.k=12"


def test_that_settings_near_a_preset_are_told_by_what_differs_from_it(presets):
    quick = settings(target={"k": 10, "oversample": 5, "krylov": True}, n_power=1)
    assert presets.text(quick) == "quick, target.krylov=true"


def test_that_another_kind_is_told_with_what_differs_from_its_own_default(svd, presets):
    kinds = {o.kind: o for f in svd.fields for o in f.options}
    own = {f.name: f.default for f in kinds["tolerance"].fields}
    assert presets.changes(settings() | {"target": {"kind": "tolerance", **own, "block": 77}}) == (
        "default",
        {"target": "tolerance", "target.block": 77},
    )
