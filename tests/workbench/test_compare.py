from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from engines.events import Logged
from engines.figure import Figure, Line, Panel
from workbench.compare import (
    CompareError,
    Side,
    comparison,
    csv_text,
    read_compared,
    read_comparison,
)
from workbench.records import Recorder, RunInfo


def side(number: int = 1, metrics=None, figures=("plan",), **changed) -> Side:
    held = {
        "method": "transport.sinkhorn",
        "parameters": {"epsilon": 0.1, "schedule": {"kind": "karras", "rho": 7}},
        "seed": 0,
        "device": "cpu",
        "precision": "float64",
        "started": "2026-01-02T03:04:05+00:00",
        "state": "done",
        "seconds": 2.0,
        "title": "moons",
    }
    info = RunInfo(**{**held, **changed})
    return Side(f"/w/{number:05d}-x.h5", info, metrics or {}, figures)


def row(found, name):
    (one,) = [one for one in found.rows if one.name == name]
    return one


def test_that_only_settings_that_differ_are_listed_by_their_full_names():
    other = {"epsilon": 0.2, "schedule": {"kind": "karras", "rho": 5}, "extra": True}
    found = comparison([side(1), side(2, parameters=other, seed=4)])
    settings = {one.name: one.values for one in found.rows if one.kind == "setting"}
    assert settings == {
        "epsilon": (0.1, 0.2),
        "schedule.rho": (7, 5),
        "extra": (None, True),
        "seed": (0, 4),
    }


def test_that_results_of_at_least_two_runs_are_listed_with_unit_and_difference():
    found = comparison(
        [
            side(1, {"cost": (2.0, "J"), "only": (1.0, "")}),
            side(2, {"cost": (5.0, "J"), "error": (0.5, "")}),
            side(3, {"error": (0.25, "")}),
        ]
    )
    cost, error = row(found, "cost"), row(found, "error")
    assert (cost.values, cost.unit) == ((2.0, 5.0, None), "J")
    assert cost.differences() == (3.0, None)
    assert error.values == (None, 0.5, 0.25)
    assert error.differences() == (None, None), "there is no first one"
    assert "only" not in {one.name for one in found.rows}
    assert row(found, "run time").differences() == (0.0, 0.0)


def test_that_words_and_switches_have_no_difference():
    found = comparison([side(1, parameters={"on": True}), side(2, parameters={"on": False})])
    assert row(found, "on").differences() == (None,)


def test_that_figures_of_at_least_two_runs_are_offered_in_the_order_of_the_first():
    several = [side(1, figures=("a", "b")), side(2, figures=("c", "b")), side(3, figures=("c",))]
    assert comparison(several).figures == ("b", "c")


@pytest.mark.parametrize(
    ("sides", "labels"),
    [
        ([side(1, title="A"), side(2, title="B")], ("A", "B")),
        ([side(1), side(2, parameters={"epsilon": 0.2})], None),
        ([side(1), side(2, seed=3)], ("seed=0", "seed=3")),
        ([side(1), side(2)], ("moons #00001", "moons #00002")),
        ([side(1, title=""), side(1, title="")], ("#1", "#2")),
    ],
)
def test_that_labels_are_titles_else_what_differs_else_numbers(sides, labels):
    found = comparison(sides).labels
    assert len(set(found)) == len(sides)
    assert labels is None or found == labels


def test_that_long_titles_are_cut_only_where_they_still_differ():
    long = "x" * 60
    assert comparison([side(1, title="A" + long), side(2, title="B" + long)]).labels[0][:2] == "Ax"
    assert all(
        "#" in label
        for label in comparison([side(1, title=long), side(2, title=long + "y")]).labels
    )


@pytest.mark.parametrize("count", [1, 501])
def test_that_too_few_or_too_many_are_refused(count):
    with pytest.raises(CompareError, match=f"is {count}; it must be from 2 to 500"):
        comparison([side(i) for i in range(count)])


def test_that_the_csv_gives_back_the_very_numbers():
    third = 1 / 3
    found = comparison([side(1, {"cost": (third, "J")}), side(2, {"cost": (0.5, "J")}, seed=1)])
    rows = list(csv.reader(io.StringIO(csv_text(found))))
    assert rows[0] == ["kind", "name", "unit", "seed=0", "seed=1", "seed=1 − seed=0"]
    assert rows[1] == ["setting", "seed", "", "0", "1", "1"]
    (cost,) = [line for line in rows if line[1] == "cost"]
    assert [float(v) for v in cost[3:]] == [third, 0.5, 0.5 - third]


# --- from records ------------------------------------------------------------------------------


def record(folder: Path, number: int, loss: list[float], figures=("main",)) -> str:
    info = side(seed=number).info
    recorder = Recorder(folder / f"{number:05d}-x.h5", info, None)
    rows = tuple((k, 0.1 * k, {"loss": value}) for k, value in enumerate(loss))
    recorder.add(Logged("", rows))
    drawn = [Figure(n, "Main", (Panel((Line(x=[0.0, 1.0], y=[0, number]),)),)) for n in figures]
    return str(recorder.finish(info, None, drawn))


def test_that_records_are_read_into_one_figure_of_their_curves(tmp_path):
    records = [record(tmp_path, k, [1.0, 2.0]) for k in (1, 2)]
    assert read_comparison(records).figures == ("main", "progress")
    made = read_compared(records, "main")
    assert [mark.name for mark in made.panels[0].marks] == ["seed=1", "seed=2"]
    assert made.panels[0].marks[1].y[-1] == 2.0


def test_that_progress_is_overlaid_and_thinned(tmp_path):
    long = np.linspace(1, 2, 9000).tolist()
    made = read_compared([record(tmp_path, 1, long), record(tmp_path, 2, [1.0])], "progress")
    (panel,) = made.panels
    assert panel.y.label == "loss"
    assert [mark.x.size for mark in panel.marks] == [3000, 1]


def test_that_a_figure_of_one_run_only_is_refused(tmp_path):
    records = [record(tmp_path, 1, [1.0]), record(tmp_path, 2, [1.0], figures=("other",))]
    with pytest.raises(CompareError, match="with a figure 'main' is 1"):
        read_compared(records, "main")


def test_that_runs_that_differ_by_their_seed_alone_are_one_group():
    several = [
        side(1, {"cost": (1.0, "J")}, seed=0),
        side(2, {"cost": (2.0, "J")}, seed=1, title="other words"),
        side(3, {"cost": (5.0, "J")}, parameters={"epsilon": 0.2}),
        side(4, {"cost": (9.0, "J")}, seed=2, state="stopped"),
        side(5, {"cost": (7.0, "J")}, seed=3, inputs={"x": "/a.npy"}, fingerprints={"x": "1"}),
        side(6, {"cost": (7.0, "J")}, seed=4, inputs={"x": "/a.npy"}, fingerprints={"x": "2"}),
    ]
    found = comparison(several).groups
    assert [group.seeds for group in found.groups] == [(0, 1), (0,), (3,), (4,)]
    assert found.groups[0].values["cost"] == (1.0, 2.0)
    assert found.groups[1].place["epsilon"] == 0.2
    assert "seed" not in found.groups[1].place
    assert found.units == {"cost": "J", "run time": "s"}


def test_that_pictures_of_many_runs_show_one_of_each_group():
    many = [side(i, seed=i % 10, parameters={"epsilon": i // 10}) for i in range(30)]
    found = comparison(many)
    assert found.drawn() == tuple(side(i).record for i in (0, 10, 20))
    assert comparison(many[:12]).drawn() == found.records[:12]
