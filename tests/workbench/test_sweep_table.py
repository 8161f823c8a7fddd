"""The table of a sweep: averages, CSV and the line along a parameter."""

from __future__ import annotations

import csv
import io
import math

import pytest

from workbench.sweep_table import (
    Row,
    as_csv,
    averages,
    best,
    figure,
    metric_names,
    outcome,
    search_figure,
)

ROWS = [
    Row({"epsilon": e, "metric": m}, seed, "done", {"cost": 10 * e + seed, "never": math.nan})
    for e in (0.1, 0.01)
    for m in ("cosine", "euclidean")
    for seed in (0, 1)
] + [Row({"epsilon": 1.0, "metric": "cosine"}, 0, "failed", {})]


def test_that_averages_are_over_the_seeds_of_a_place():
    found = averages(ROWS)
    assert [a.count for a in found] == [2, 2, 2, 2]
    assert found[0].mean["cost"] == pytest.approx(1.5)
    assert found[0].spread["cost"] == pytest.approx(math.sqrt(0.5))  # of 1 and 2
    assert metric_names(ROWS) == ("cost",)


def test_that_the_csv_reads_back_to_the_same_numbers():
    rows = list(csv.DictReader(io.StringIO(as_csv(ROWS))))
    assert [float(r["cost"]) for r in rows[:8]] == [r.metrics["cost"] for r in ROWS[:8]]
    assert rows[8] == {
        "epsilon": "1.0", "metric": "cosine", "seed": "0", "state": "failed", "cost": ""
    }  # fmt: skip


def test_that_a_metric_named_like_a_parameter_is_told_apart():
    rows = [Row({"epsilon": 0.1}, 0, "done", {"epsilon": 0.3, "cost": 1.0})]
    assert as_csv(rows).splitlines()[0] == "epsilon,seed,state,epsilon (found),cost"


def test_that_a_figure_has_a_line_for_each_combination_of_the_others():
    drawn = figure(ROWS, "cost", "epsilon", log=True)
    (panel,) = drawn.panels
    assert [mark.name for mark in panel.marks] == ["metric = cosine", "metric = euclidean"]
    assert panel.x.scale == "log"
    assert list(panel.marks[0].x) == [0.01, 0.1]
    assert list(panel.marks[0].y) == pytest.approx([0.6, 1.5])


def test_that_one_place_makes_no_line():
    assert figure(ROWS[:2], "cost", "epsilon") is None
    assert figure(ROWS, "cost", "metric") is None


def searched(*costs: float) -> list[Row]:
    return [Row({"k": k}, 0, "done", {"cost": cost}) for k, cost in enumerate(costs)]


def test_that_the_best_place_is_that_of_the_best_mean_of_runs_that_were_done():
    assert best(ROWS, "cost", "lower").place == {"epsilon": 0.01, "metric": "cosine"}
    assert best(ROWS, "cost", "higher").place == {"epsilon": 0.1, "metric": "cosine"}
    stopped = [Row({"k": 9}, 0, "stopped", {"cost": -1.0}), *searched(3.0, 2.0)]
    assert best(stopped, "cost", "lower").place == {"k": 1}
    assert best(stopped, "nothing", "lower") is None
    assert outcome(ROWS[:2], "cost") == (ROWS[0].place, pytest.approx(1.5))
    assert outcome([ROWS[-1]], "cost") == (ROWS[-1].place, None)


def test_that_the_picture_of_a_search_has_every_run_and_the_best_so_far():
    (panel,) = search_figure(searched(3.0, 5.0, 1.0, 2.0), "cost", "lower").panels
    points, line = panel.marks
    assert list(points.y) == [3, 5, 1, 2]
    assert list(line.y) == [3, 3, 1, 1]
    assert panel.y.scale == "linear"
    (panel,) = search_figure(searched(1.0, 500.0, 20.0), "cost", "higher").panels
    assert list(panel.marks[1].y) == [1, 500, 500]
    assert panel.y.scale == "log"
    assert len(search_figure(searched(1.0, 2.0), "cost", "").panels[0].marks) == 1
    assert search_figure([ROWS[-1]], "cost", "lower") is None
