"""The time on the bill follows what runs took."""

from __future__ import annotations

import pytest

from workbench import rates


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.setattr(rates, "_file", lambda: tmp_path / "deep" / "rates.json")


def test_that_the_first_run_replaces_the_guess():
    assert rates.rate("a.b", "cpu") == rates.UNKNOWN
    rates.learn("a.b", "cpu", work=1e9, seconds=2.0)
    assert rates.rate("a.b", "cpu") == pytest.approx(5e8)
    assert rates.rate("a.b", "cuda:0") == rates.UNKNOWN


def test_that_a_method_that_never_ran_is_taken_to_be_as_fast_as_others_are_here():
    for name in ("a.b", "a.c", "a.d"):
        rates.learn(name, "cpu", work=rates.UNKNOWN * 16, seconds=1.0)
    rates.learn("a.b", "cuda:0", work=rates.UNKNOWN, seconds=1e3)
    # Three of four say 16 times as fast: the geometric mean is 16^(3/4) = 8.
    assert rates.rate("a.new", "cpu") == pytest.approx(8 * rates.UNKNOWN)
    assert rates.rate("a.b", "cpu") == pytest.approx(16 * rates.UNKNOWN)


def test_that_later_runs_draw_the_rate_towards_theirs():
    for seconds in (1.0, 4.0, 4.0, 4.0, 4.0, 4.0):
        rates.learn("a.b", "cpu", work=1e9, seconds=seconds)
    # The first run is worth 1/32 of the logarithm of 4 by now.
    assert rates.rate("a.b", "cpu") == pytest.approx(1e9 / 4 * 4 ** (1 / 32))


@pytest.mark.parametrize(("work", "seconds"), [(0.0, 1.0), (float("inf"), 1.0), (1e9, 0.001)])
def test_that_runs_that_measure_nothing_are_left_out(work, seconds):
    rates.learn("a.b", "cpu", work, seconds)
    assert rates.rate("a.b", "cpu") == rates.UNKNOWN


@pytest.mark.parametrize("text", ["{", "[1]", '{"a.b cpu": "x"}', '{"a.b cpu": -1}'])
def test_that_a_damaged_file_is_forgotten(text):
    rates.learn("a.b", "cpu", 1e9, 1.0)
    rates._file().write_text(text)
    assert rates.rate("a.b", "cpu") == rates.UNKNOWN
