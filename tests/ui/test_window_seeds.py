"""Groups of seeds and parallel axes in the window, by mouse and keys, on records of real runs."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit

from ui import seeds_part
from ui.export_dialog import ExportDialog
from ui.sweep_dialog import SweepDialog
from workbench import seeds_text
from workbench.api import run
from workbench.records import read_arrays
from workbench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SLICED = "transport.sliced_wasserstein_cv"
SMALL = {"repeats": 2, "flow_steps": 1, "flow_projections": 2}


@pytest.fixture(scope="module", autouse=True)
def records(workspace) -> list[str]:
    """Three groups; the third has one seed. Few lines err more than many."""
    held = Workspace(workspace)
    paths = []
    for lines, seeds in ((10, 4), (200, 4), (50, 1)):
        for seed in range(seeds):
            path = held.new_path(SLICED, "x")
            run(SLICED, n_projections=lines, **SMALL, seed=seed, output=path,
                title=f"{lines} lines, seed {seed}")  # fmt: skip
            paths.append(str(path))
    return paths


def tab(user, text: str) -> None:
    bar = user.window.comparison._tabs
    names = [bar.tabText(i) for i in range(bar.count())]
    user.click(bar, bar.tabRect(names.index(text)).center())


@pytest.fixture
def page(user, records):
    """All records compared, on the tab of the means."""
    page = user.window.comparison
    user.until(lambda: user.window.results.model.row(records[-1]) >= 0, "the records")
    before = page._shown
    page.compare(records)
    user.until(lambda: page._shown is not before, "the comparison")
    tab(user, "Over seeds")
    user.until(lambda: page.seeds.judged, "the desk has judged")
    return page


def column(page, title: str) -> int:
    table = page.seeds.table
    return next(
        i for i in range(table.columnCount()) if table.horizontalHeaderItem(i).text() == title
    )


def test_that_groups_show_means_with_marks_and_words_where_chance_is_not_enough(page):
    table = page.seeds.table
    assert table.rowCount() == 3
    errors = column(page, "standard error (cost)")
    assert "± " in table.item(0, errors).text()
    assert table.item(0, errors).text().endswith("(4)")
    many = table.item(1, errors)
    assert many.text().endswith("(4) ▼"), "twenty times the lines"
    assert many.font().bold()
    assert "n_projections = 200 is smaller by" in many.toolTip()
    assert many.toolTip().endswith("4 seeds each, paired by seed, better")
    assert "repeat" in table.item(2, errors).toolTip()


def test_that_a_stricter_level_takes_marks_away(user, page):
    before = len([c for row in page.seeds.judged.values() for c in row if c.significant])
    user.pick(user.named(QComboBox, "Level of significance"), "0.1 %")
    now = page.seeds.judged
    user.until(lambda: page.seeds.judged is not now, "judged again")
    held = [c for row in page.seeds.judged.values() for c in row if c.kind in ("paired", "welch")]
    assert all(c.p <= 0.001 for c in held if c.significant)
    assert len([c for row in page.seeds.judged.values() for c in row if c.significant]) < before
    page.seeds._level.setCurrentIndex(1)


def test_that_the_statistics_are_copied_as_csv(user, page):
    user.window.exports.copy()
    rows = list(csv.DictReader(io.StringIO(QApplication.clipboard().text())))
    (row,) = [r for r in rows if r["metric"] == "standard_error" and r["n_projections"] == "200"]
    assert (row["seeds"], row["test"], row["significant"]) == ("4", "paired", "true")
    assert float(row["95 % to"]) < 0
    assert row["compared with"] == "n_projections = 10"


def test_that_one_seed_offers_to_repeat_and_the_new_runs_are_taken_in(user, records):
    page = user.window.comparison
    page.compare([records[0], records[8]])
    user.until(lambda: page.records == [records[0], records[8]], "two records")
    tab(user, "Over seeds")
    assert "one seed" in page.seeds._said.text()
    user.click(user.button("Repeat with 5 seeds"))
    user.until(lambda: len(page.records) == 10, "eight more runs")
    groups = page.seeds.groups.groups
    assert [group.seeds for group in groups] == [(0, 1, 2, 3, 4)] * 2
    assert not page.seeds.repeat.isVisible()
    titles = [run.title for run in user.window.runs._runs.values()]
    assert "10 lines, seed 4" in titles


# --- parallel axes -------------------------------------------------------------------------------


@pytest.fixture
def lines(user, page):
    tab(user, "Parallel")
    view = page.parallel.view
    view.clear()
    user.until(lambda: view.isVisible() and view.width() > 300, "the axes")
    return view


def axis(view, name: str) -> int:
    return [rail.name for rail in view.table.rails].index(name)


def drag(view, one: QPointF, two: QPointF) -> None:
    handle = view.window().windowHandle()
    start, end = (view.mapTo(view.window(), point.toPoint()) for point in (one, two))
    QTest.mousePress(handle, LEFT, NONE, start)
    for share in (0.4, 0.8, 1.0):
        QTest.mouseMove(handle, start + (end - start) * share)
        QTest.qWait(5)
    QTest.mouseRelease(handle, LEFT, NONE, end)
    QApplication.processEvents()


def test_that_intervals_on_several_axes_choose_lines_and_records_and_escape_clears(
    user, lines, records
):
    i = axis(lines, "n_projections")
    drag(lines, lines.place(i, 0.9), lines.place(i, 1.0))
    assert list(np.flatnonzero(lines.chosen())) == [4, 5, 6, 7]
    i = axis(lines, "seed")
    drag(lines, lines.place(i, -0.02), lines.place(i, 0.4))
    assert list(np.flatnonzero(lines.chosen())) == [4, 5]
    assert set(user.window.results.selected()) == {records[4], records[5]}
    heads = user.window.comparison.table.horizontalHeaderItem
    assert [heads(k).font().bold() for k in range(1, 10)] == [4 <= k < 6 for k in range(9)]
    user.press(Qt.Key.Key_Escape)
    assert lines.chosen().all()
    assert set(user.window.results.selected()) == set(records)


def test_that_a_click_takes_an_interval_away(lines):
    i = axis(lines, "seed")
    drag(lines, lines.place(i, 0.5), lines.place(i, 0.9))
    assert lines.brushes
    spot = lines.mapTo(lines.window(), lines.place(i, 0.7).toPoint())
    QTest.mouseClick(lines.window().windowHandle(), LEFT, NONE, spot)
    assert not lines.brushes


def test_that_heads_are_dragged_to_another_place_and_keys_do_so_too(user, lines):
    before = [rail.name for rail in lines.table.rails]
    head = QPointF(lines.place(0, 1).x(), 10)
    drag(lines, head, QPointF(lines.place(2, 1).x() + 5, 10))
    after = [rail.name for rail in lines.table.rails]
    assert after[:3] == [before[1], before[2], before[0]]
    lines.setFocus()
    lines._axis = 2
    for _ in range(2):
        user.press(Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert [rail.name for rail in lines.table.rails] == before


def test_that_the_line_under_the_mouse_is_named_and_a_click_opens_its_run(user, lines, records):
    run = 8
    one, two = (lines.place(i, float(lines.table.rails[i].places[run])) for i in (0, 1))
    spot = (one * 0.6 + two * 0.4).toPoint()
    handle = lines.window().windowHandle()
    said = []
    lines.hovered.connect(said.append)
    QTest.mouseMove(handle, lines.mapTo(lines.window(), spot + QPoint(0, 40)))
    QTest.mouseMove(handle, lines.mapTo(lines.window(), spot))
    user.until(lambda: said and said[-1] == "50 lines, seed 0", "the name")
    QTest.mouseClick(handle, LEFT, NONE, lines.mapTo(lines.window(), spot))
    plots = user.window.plots
    user.until(lambda: plots.run and plots.run.record == records[run], "the run")
    user.window.centre.setCurrentWidget(user.window.comparison)


def test_that_a_sweep_has_means_and_axes_and_brushed_rows(user):
    user.until(lambda: not user.window.findChild(SweepDialog), "no dialog")
    user.method("Sinkhorn")
    user.window.inputs.choose_example("two_moons")
    user.until(user.window.commands["sweep"].isEnabled, "it can run")
    user.window.commands["sweep"].trigger()
    dialog = user.until(lambda: user.window.findChild(SweepDialog), "the dialog")
    table = dialog._table
    row = next(r for r in range(table.rowCount()) if table.item(r, 0).text().endswith("epsilon"))
    table.item(row, 2).setText("0.05, 0.2, 0.5")
    user.until(dialog._run.isEnabled, "the runs are counted")
    assert dialog._seeds.value() == 1
    user.click(dialog._run)
    sweeps = user.window.sweeps
    user.until(lambda: len(sweeps._rows) == 3, "the sweep")
    user.until(lambda: all(r.metrics for r in sweeps._rows.values()), "all runs ended")
    user.click(sweeps._average)
    user.until(sweeps.seeds.repeat.isVisible, "one seed is too few")
    user.click(sweeps.seeds.repeat)
    user.until(
        lambda: [len(g.seeds) for g in sweeps.seeds.groups.groups] == [5] * 3, "five seeds each"
    )
    assert not sweeps.seeds.repeat.isVisible()
    user.until(lambda: sweeps.seeds.judged and sweeps.seeds.judged["cost"][1].seeds == (5, 5))
    assert sweeps.seeds.judged["cost"][1].kind == "exact", "Sinkhorn draws nothing"
    sweeps._average.click()
    user.click(sweeps._parallel)
    view = sweeps.parallel.view
    user.until(lambda: view.isVisible() and len(view.table.runs) == 15, "the axes")
    i = axis(view, "epsilon")
    drag(view, view.place(i, 0.8), view.place(i, 1.0))
    chosen = {index.row() for index in sweeps._table.selectionModel().selectedRows()}
    at = list(sweeps._rows.values())
    assert {at[k].place["epsilon"] for k in chosen} == {0.5}
    assert len(chosen) == 5
    assert len(user.window.results.selected()) == 5


# --- without the mouse, and as a script ----------------------------------------------------------


def test_that_records_join_what_is_shown_by_keys_as_by_dropping(user, records):
    window = user.window
    results, page = window.results, window.comparison
    window.runs.open_record(records[0])
    user.until(lambda: window.centre.currentWidget() is window.plots, "a run on show")
    user.until(lambda: window.plots.run and window.plots.run.record == records[0], "that run")
    results.choose([records[4]])
    user.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)
    user.until(lambda: page.records == [records[0], records[4]], "both are compared")
    user.until(lambda: window.centre.currentWidget() is page, "on the page")
    results.choose([records[8]])
    user.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)
    user.until(lambda: page.records == [records[0], records[4], records[8]], "a third one")


def test_that_parallel_axes_are_exported_as_they_are_on_show(user, lines, tmp_path):
    i = axis(lines, "n_projections")
    drag(lines, lines.place(i, 0.9), lines.place(i, 1.0))
    user.window.commands["export"].trigger()
    dialog = user.until(lambda: user.window.findChild(ExportDialog), "the dialog")
    path = tmp_path / "parallel.svg"
    dialog.wanted.emit(str(path), {"width_mm": 174.0})
    user.until(path.exists, "the picture")
    text = path.read_text("utf8")
    assert text.startswith("<?xml")
    assert "parallel" in text, "its provenance"
    dialog.close()


def test_that_the_session_is_saved_as_a_script_whose_arrays_are_the_same(user, tmp_path):
    window = user.window
    user.method("Randomized SVD")
    window.inputs.choose_example("hilbert")
    run = user.over(user.run())
    name = run.names[0]
    figure = tmp_path / "figure.svg"
    window.exports._write("export", run.record, name, str(figure), {"width_mm": 89.0})
    user.until(figure.exists, "an export")
    user.until(lambda: window.journal.deeds[-1].path == str(figure), "it is in the journal")
    assert [d for d in window.journal.deeds if d.kind == "run" and run.record in d.records]
    # The script of this run alone: what other tests did takes long.
    window.journal.deeds = [d for d in window.journal.deeds if run.record in d.records]
    window.commands["session"].trigger()
    dialog = user.until(
        lambda: next((d for d in window.findChildren(QFileDialog) if d.isVisible()), None),
        "the dialog",
    )
    path = tmp_path / "session.py"
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, "the script")
    with user.stalls.paused():
        done = subprocess.run(
            [sys.executable, path.name],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    again = tmp_path / f"{Path(run.record).stem}-again.h5"
    before, after = (read_arrays(Path(p), "result") for p in (run.record, again))
    assert before
    assert {n: a.tobytes() for n, a in before.items()} == {n: a.tobytes() for n, a in after.items()}


def test_that_every_word_of_the_sentences_has_a_translation_to_look_for():
    assert seeds_part.WORDS == seeds_text.WORDS
