"""Parallel axes: where values stand, what an interval chooses, and the picture for paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.figure import Line, Points, Text
from workbench.export import picture
from workbench.parallel import figure, table
from workbench.sweep_table import Row, lines

RUNS = ("a", "b", "c", "d")
COLUMNS = [
    ("epsilon", "cost", (0.001, 0.01, 0.1, 1.0), False),
    ("rank", "", (2, 4, 6, 10), False),
    ("metric", "", ("cosine", "euclidean", "cosine", "other"), False),
    ("fixed", "", (1, 1, 1, 1), False),
    ("same", "", ("x", "x", "x", "x"), False),
    ("error", "", (0.5, None, math.nan, 1.5), True),
]


@pytest.fixture
def shown():
    return table(RUNS, RUNS, COLUMNS)


def rail(shown, name):
    return next(one for one in shown.rails if one.name == name)


def test_that_only_what_varies_has_an_axis_and_decades_are_logarithmic(shown):
    kinds = {one.name: one.kind for one in shown.rails}
    assert kinds == {"epsilon": "log", "rank": "linear", "metric": "words", "error": "linear"}
    assert rail(shown, "epsilon").places == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert rail(shown, "rank").places == pytest.approx([0, 0.25, 0.5, 1])
    assert rail(shown, "metric").places == pytest.approx([0, 0.5, 0, 1])
    assert [text for _, text in rail(shown, "metric").ticks] == ["cosine", "euclidean", "other"]
    assert rail(shown, "epsilon").title == "epsilon (cost)"


def test_that_ticks_stand_where_their_values_do(shown):
    for place, text in rail(shown, "epsilon").ticks:
        assert float(text) == pytest.approx(10 ** (-3 + 3 * place))
    for place, text in rail(shown, "rank").ticks:
        assert float(text) == pytest.approx(2 + 8 * place)


def test_that_negative_numbers_and_narrow_ranges_are_linear():
    found = table(RUNS, RUNS, [("a", "", (-1.0, 10.0, 1e5, 2.0), True),
                               ("b", "", (1.0, 2.0, 99.0, 3.0), True)])  # fmt: skip
    assert [one.kind for one in found.rails] == ["linear", "linear"]


def test_that_several_intervals_combine_and_missing_values_are_in_none(shown):
    assert list(shown.inside({})) == [True] * 4
    assert list(shown.inside({"rank": (0.2, 1.0)})) == [False, True, True, True]
    both = {"rank": (1.0, 0.2), "metric": (0.0, 0.6)}
    assert list(shown.inside(both)) == [False, True, True, False]
    assert list(shown.inside({"error": (0.0, 1.0)})) == [True, False, False, True]


def test_that_a_metric_named_like_a_parameter_is_told_apart():
    columns = [("epsilon", "", (1, 2, 3, 4), False), ("epsilon", "", (5, 6, 7, 9), True)]
    assert [one.name for one in table(RUNS, RUNS, columns).rails] == ["epsilon", "epsilon (found)"]


def test_that_the_figure_has_every_axis_and_dots_on_the_lines_of_the_chosen(shown):
    chosen = np.array([True, False, True, True])
    by = rail(shown, "epsilon")
    drawn = figure(shown, by, chosen, "Runs")
    (panel,) = drawn.panels
    (dots,) = [mark for mark in panel.marks if isinstance(mark, Points)]
    assert dots.name == "log₁₀ epsilon (cost)"
    assert set(np.round(dots.values, 9)) == {-3.0, -1.0, 0.0}
    last = dots.values == 0.0  # run d: from 1 at the first axis to 1 at the second
    first_gap = last & (dots.x < 1)
    assert dots.y[first_gap] == pytest.approx(1.0)
    half = dots.values == -3.0  # run a: metric 0 to error 0
    assert dots.y[half] == pytest.approx(0.0)
    slope = (dots.values == -1.0) & (dots.x < 1)  # run c: from 2/3 down to 1/2
    assert dots.y[slope] == pytest.approx(2 / 3 - dots.x[slope] / 6)
    assert (np.diff(np.sort(dots.x[first_gap])) < 0.02).all(), "close enough to be a line"
    guides = [mark for mark in panel.marks if isinstance(mark, Line)]
    assert len(guides) == 4 + 1, "axes, and the runs that are not chosen"
    words = [mark.text for mark in panel.marks if isinstance(mark, Text)]
    assert {"epsilon (cost)", "rank", "metric", "error", "cosine"} <= set(words)
    assert "3 of 4 runs" in drawn.caption
    assert picture(drawn, "png", width_mm=120.0, dpi=80).startswith(b"\x89PNG")


def test_that_a_run_has_no_line_where_a_value_is_missing(shown):
    drawn = figure(shown, rail(shown, "rank"), np.array([False, True, False, False]), "Runs")
    (dots,) = [mark for mark in drawn.panels[0].marks if isinstance(mark, Points)]
    assert dots.x.max() < 2.0, "its error is missing"


def test_that_thousands_of_runs_stay_within_the_dots_that_paper_takes():
    rng = np.random.default_rng(0)
    many = [str(i) for i in range(3000)]
    columns = [(name, "", list(rng.random(3000)), True) for name in "abcdef"]
    found = table(many, many, columns)
    drawn = figure(found, found.rails[0], np.ones(3000, bool), "Runs")
    (dots,) = [mark for mark in drawn.panels[0].marks if isinstance(mark, Points)]
    assert dots.x.size < 250_000


def test_that_a_sweep_has_axes_for_parameters_seed_and_metrics_of_runs_that_ended():
    rows = {
        f"{e}{s}": Row({"epsilon": e}, s, "done", {"cost": e + s}) for e in (1, 2) for s in (0, 1)
    }
    rows["late"] = Row({"epsilon": 9}, 0, "running", {})
    found = lines(rows, [f"title {id}" for id in rows])
    assert found.runs == ("10", "11", "20", "21")
    assert found.titles[0] == "title 10"
    assert [one.name for one in found.rails] == ["epsilon", "seed", "cost"]
