"""A sweep by mouse and keys: values typed, runs queued, a table that fills, a line, a CSV."""

from __future__ import annotations

import csv
import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from ui.panes.queue import QUEUED_ROWS
from ui.sweep_dialog import SweepDialog


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


def test_that_a_sweep_fills_its_table_and_draws_a_metric_along_a_parameter(user):
    dialog = opened(user)
    assert not dialog._run.isEnabled()
    type_values(user, dialog, "epsilon", "0.02:0.5:3")
    dialog._seeds.setValue(2)
    user.until(dialog._run.isEnabled, "the runs are counted")
    assert dialog._run.text() == "Run 6"
    user.click(dialog._run)
    sweeps = user.window.sweeps
    user.until(lambda: len(sweeps._rows) == 6, "the sweep begins")
    user.until(lambda: all(r.metrics for r in sweeps._rows.values()), "all runs ended")
    assert sweeps.isVisible()
    user.until(lambda: sweeps.seeds.table.rowCount() == 3, "averages over two seeds")
    sweeps._average.click()
    assert sweeps._table.rowCount() == 6
    user.pick(user.named(QComboBox, "Metric that is drawn"), "entropy")
    (panel,) = sweeps.view.figure().panels
    x, y = panel.marks[0].x, panel.marks[0].y
    assert len(x) == 3
    assert (y[1:] > y[:-1]).all(), "the plan blurs as ε grows"
    user.click(user.button("Copy as CSV", sweeps))
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert sorted({float(r["epsilon"]) for r in rows}) == pytest.approx(sorted(x))


def test_that_values_that_cannot_be_are_explained_in_the_dialog(user):
    dialog = opened(user)
    type_values(user, dialog, "epsilon", "0.1, -3")
    user.until(lambda: "-3" in dialog._state.text(), "the fault is told")
    assert dialog._state.objectName() == "fault"
    assert not dialog._run.isEnabled()
    user.click(user.button("Cancel", dialog))


def test_that_a_long_queue_is_counted_instead_of_shown(user):
    dialog = opened(user)
    type_values(user, dialog, "epsilon", "0.2:0.5:60")
    user.until(dialog._run.isEnabled, "the runs are counted")
    user.click(dialog._run)
    pane = user.window.run_pane

    def counted() -> bool:
        return any("more wait" in w.text() for w in pane.findChildren(QLabel) if w.isVisible())

    user.until(counted, "they are counted")
    assert len(pane.queue.rows) <= QUEUED_ROWS + 9, "and the one that goes on and a few that ended"
    user.until(lambda: not user.window.runs.active(), "all of them run", 60)
    assert not counted()
