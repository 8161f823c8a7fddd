"""A recorded run in words."""

from __future__ import annotations

import numpy as np
import pytest

from engines.figure import Figure
from workbench import catalogue
from workbench.api import run
from workbench.facts import blocks, caption, read_facts, value_text
from workbench.registry import method, methods

SVD = "lowrank.randomized_svd"


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    path = tmp_path_factory.mktemp("facts") / "00007-svd.h5"
    run(SVD, example="hilbert", target={"kind": "rank", "k": 5}, seed=3, output=path, title="mine")
    return read_facts(path, catalogue.card(SVD, method(SVD)))


def test_that_parameters_have_symbol_meaning_and_a_mark_where_they_are_not_the_default(facts):
    rows = {row.name: row for row in facts.parameters}
    assert rows["target"].value == "rank"
    assert (rows["target.k"].symbol, rows["target.k"].value) == ("k", "5")
    assert rows["target.k"].meaning == "terms to keep"
    assert {name for name, row in rows.items() if row.changed} == {"target.k"}


def test_that_metrics_without_a_value_are_left_out(facts, tmp_path):
    rows = {row.name: row.value for row in facts.metrics}
    assert rows["rank"] == "5"
    assert 0 < float(rows["relative error"]) < 0.01
    path = tmp_path / "flow.h5"
    result = run("pde.navier_stokes_2d", grid=16, t_end=0.01, frames=2, output=path).result
    assert np.isnan(result.error), "this flow has no exact solution"
    assert "error" not in {row.name for row in read_facts(path, None).metrics}


def test_that_data_are_named_with_shape_source_and_fingerprint(facts):
    row = facts.data[0]
    assert row.shape.endswith("float64")
    assert row.source == "example hilbert"
    assert row.fingerprint == facts.info.fingerprints[row.name]


def test_that_a_caption_says_what_how_and_whom_to_cite(facts):
    text = caption(facts, Figure("spectrum", "Spectrum", (), "Falls fast."))
    first, *rest = text.strip().split("\n\n")
    assert first.startswith("Spectrum. Falls fast. Randomized SVD (Halko et al., 2011;")
    assert "Settings: k = 5; all others at their defaults. Seed 3, float64 on cpu" in first
    assert "record 00007-svd.h5" in first
    assert [line[:30] for line in rest] == [c[:30] for c in facts.citations]


def test_that_a_run_of_a_method_of_another_version_still_has_its_facts(facts):
    bare = read_facts(facts.path, None)
    assert bare.method == SVD
    assert {row.name for row in bare.parameters} >= {"n_power"}
    assert "All settings" in caption(bare, Figure("a", "A", ()))


def test_that_arrays_at_hand_and_files_are_told_apart(tmp_path):
    np.save(tmp_path / "A.npy", np.eye(4))
    settings = {"target": {"kind": "rank", "k": 2}}
    run(SVD, matrix=np.eye(4), **settings, output=tmp_path / "a.h5")
    run(SVD, matrix=str(tmp_path / "A.npy"), **settings, output=tmp_path / "b.h5")
    assert read_facts(tmp_path / "a.h5", None).source == "arrays at hand"
    assert read_facts(tmp_path / "b.h5", None).source == "A.npy"


@pytest.mark.parametrize("name", methods())
def test_that_no_word_of_a_description_is_lost(name):
    text = catalogue.card(name, method(name)).description
    found = blocks(text)
    assert " ".join(t for _, t in found).split() == text.split()
    assert any(kind == "text" for kind, _ in found)


def test_that_equations_keep_their_lines():
    text = "a = b   for all\n\nShows it.\nCost n.\nmore\n\n    c = d\n    e = f"
    assert blocks(text) == (
        ("equation", "a = b   for all"),
        ("text", "Shows it."),
        ("text", "Cost n. more"),
        ("equation", "c = d\ne = f"),
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "automatic"), (True, "yes"), (0.1, "0.1"), (1e-6, "1e-06"), (3, "3"), ("a b", "a b")],
)
def test_that_settings_read_as_people_write_them(value, text):
    assert value_text(value) == text
