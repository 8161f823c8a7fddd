"""A search by mouse and keys: places that follow from what was found, the best of them marked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from ui import sweep_dialog
from ui.sweep_dialog import SweepDialog
from workbench.search import missing

needs_optuna = pytest.mark.skipif(bool(missing()), reason="Optuna is not installed")


def opened(user) -> SweepDialog:
    user.until(lambda: not user.window.findChild(SweepDialog), "the former dialog is gone")
    user.method("Sinkhorn")
    user.window.inputs.choose_example("two_moons")
    user.until(user.window.commands["sweep"].isEnabled, "it can run")
    user.window.commands["sweep"].trigger()
    return user.until(lambda: user.window.findChild(SweepDialog), "the dialog")


def type_values(user, dialog, name: str, text: str) -> None:
    table = dialog._table
    row = next(r for r in range(table.rowCount()) if table.item(r, 0).text().endswith(name))
    cell = table.item(row, 2)
    user.click(table.viewport(), table.visualItemRect(cell).center())
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = user.until(lambda: table.findChild(QLineEdit), "an editor")
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    user.until(lambda: cell.text() == text, "the cell holds it")


def searching(user, epsilon: str, metric: str, trials: int) -> SweepDialog:
    """The dialog with a search over ε typed and chosen in it."""
    dialog = opened(user)
    user.pick(dialog._way, "Search for the best place")
    type_values(user, dialog, "epsilon", epsilon)
    user.pick(dialog._metric, metric)
    user.write(dialog._trials.lineEdit(), str(trials))
    return dialog


def cells(sweeps) -> list[list[str]]:
    table = sweeps._table
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


@needs_optuna
def test_that_a_search_goes_on_by_what_it_found_and_marks_the_best(user):
    dialog = searching(user, "0.01:1", "reg cost", 12)
    assert dialog._better.currentIndex() < 0, "nobody declared which way it is better"
    assert "lower or higher" in dialog._state.text()
    assert not dialog._run.isEnabled()
    user.pick(dialog._better, "Higher is better")
    user.until(dialog._run.isEnabled, "it can begin")
    assert "At most 12 runs" in dialog._state.text()
    user.click(dialog._run)
    sweeps = user.window.sweeps
    user.until(lambda: len(sweeps._rows) == 3, "one run after the other")
    assert sum(row.state != "done" for row in sweeps._rows.values()) <= 1
    assert "of 12 runs" in sweeps._state.text()
    user.until(lambda: not sweeps._searching, "the search ends")
    user.until(lambda: "12 of 12" in sweeps._state.text(), "the table says so")
    rows = list(sweeps._rows.values())
    best = max(rows, key=lambda row: row.metrics["reg_cost"])
    assert best.place["epsilon"] > 0.3, "the value grows with ε"
    late = [row.place["epsilon"] for row in rows[-2:]]
    assert min(late) > 0.1, "the last ones lie where the first ones were good"
    marked = [i for i, row in enumerate(cells(sweeps)) if "done, best" in row]
    assert marked == [rows.index(best)]
    assert sweeps._table.item(marked[0], 0).font().bold()
    assert f"{best.metrics['reg_cost']:.6g}" in sweeps._state.text()
    (panel,) = sweeps.view.figure().panels
    assert panel.marks[0].y == pytest.approx([row.metrics["reg_cost"] for row in rows])
    assert panel.marks[1].y[-1] == pytest.approx(best.metrics["reg_cost"])
    assert not sweeps._stop.isVisible()
    tags = {job.tags for job in user.window.sweeping._sweep.jobs}
    assert [tag.split("-")[0] for (tag,) in tags] == ["search"]


@needs_optuna
def test_that_a_search_again_under_the_same_seed_takes_the_same_places(user):
    sweeps, found = user.window.sweeps, []
    for _ in range(2):
        dialog = searching(user, "0.01:1", "marginal error", 11)
        assert dialog._better.currentData() == "lower", "as the metric declares"
        user.until(dialog._run.isEnabled, "it can begin")
        user.click(dialog._run)
        user.until(lambda: sweeps._searching and len(sweeps._rows) == 1, "it begins")
        user.until(lambda: not sweeps._searching, "the search ends")
        found.append([row.place["epsilon"] for row in sweeps._rows.values()])
    assert found[0] == found[1]
    assert len(set(found[0])) == 11


@needs_optuna
def test_that_a_search_is_stopped_and_keeps_what_it_found(user):
    dialog = searching(user, "0.01:1", "marginal error", 500)
    user.until(dialog._run.isEnabled, "it can begin")
    user.click(dialog._run)
    sweeps = user.window.sweeps
    user.until(lambda: any(row.metrics for row in sweeps._rows.values()), "a run ended")
    user.click(user.button("Stop the search", sweeps))
    user.until(lambda: not user.window.runs.active(), "nothing goes on")
    count = len(sweeps._rows)
    user.rest(1.0)
    assert len(sweeps._rows) == count < 500, "no further run comes"
    assert "best marginal error" in sweeps._state.text()


@needs_optuna
def test_that_runs_that_fail_are_told_and_the_search_goes_on(user, monkeypatch):
    """The second one is given a setting that the engine refuses."""
    dialog = searching(user, "0.01:1", "marginal error", 4)
    user.until(dialog._run.isEnabled, "it can begin")
    start = user.window.runs.start

    def spoilt(job, look=True):
        if len(user.window.sweeps._rows) == 2:
            job = replace(job, parameters={**job.parameters, "epsilon": -1.0})
        start(job, look)

    monkeypatch.setattr(user.window.runs, "start", spoilt)
    user.click(dialog._run)
    sweeps = user.window.sweeps
    user.until(lambda: sweeps._searching, "it begins")
    user.until(lambda: not sweeps._searching, "the search ends")
    user.told("epsilon is -1")
    assert [row.state for row in sweeps._rows.values()] == ["done", "failed", "done", "done"]
    assert "failed" in cells(sweeps)[1]


def test_that_without_optuna_the_search_is_grey_and_says_how_to_get_it(user, monkeypatch):
    monkeypatch.setattr(sweep_dialog, "missing", lambda: "it is not there")
    dialog = opened(user)
    row = dialog._way.findData("search")
    assert not dialog._way.model().item(row).isEnabled()
    hints = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert any('pip install "methods-workbench[sweep]"' in hint for hint in hints)
    user.click(dialog._way)
    user.until(dialog._way.view().isVisible, "the list opens")
    QTest.keyClicks(dialog._way.view(), "Search")
    QTest.keyClick(dialog._way.view(), Qt.Key.Key_Return)
    assert dialog._way.currentData() == "grid"
    QTest.keyClick(dialog._way.view(), Qt.Key.Key_Escape)
    user.click(user.button("Cancel", dialog))
