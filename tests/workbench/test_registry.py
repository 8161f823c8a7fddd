from __future__ import annotations

import pytest

from workbench import catalogue
from workbench.registry import FAMILIES, UnknownMethod, method, methods, problems


def test_that_every_family_has_a_method_and_ids_follow_the_files():
    assert {name.split(".")[0] for name in methods()} == set(FAMILIES)
    for name, cls in methods().items():
        family, file = name.split(".")
        assert cls.__module__ == f"engines.{family}.methods.{file}"


def test_that_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(
        UnknownMethod, match=r"no method is called 'transport.sinkhron'.*transport.sinkhorn"
    ):
        method("transport.sinkhron")


def test_that_the_accepted_data_are_those_of_the_annotation():
    for cls in methods().values():
        assert all(type(e.make()) in problems(cls) for e in cls.examples)


def test_that_the_catalogue_survives_its_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "_file", lambda: tmp_path / "c" / "methods.json")
    assert catalogue.cached() is None
    known = catalogue.build()
    catalogue.store(known)
    assert catalogue.cached() == known
    monkeypatch.setattr(catalogue, "key", lambda: "other sources")
    assert catalogue.cached() is None


def test_that_a_damaged_cache_is_no_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "_file", lambda: tmp_path / "methods.json")
    (tmp_path / "methods.json").write_text('{"key": 3')
    assert catalogue.cached() is None
