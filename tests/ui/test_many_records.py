"""Ten thousand records in the list of results: each act takes less than a second."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.panes.results import ResultsPane
from ui.records_model import COLUMNS
from workbench.listing import Row

COUNT = 10_000
LIMIT = 1.0  # seconds of the processor


class Writer:
    """A desk that has written at once."""

    def call(self, name, *args, done, failed):
        done(None)


def row(i: int) -> Row:
    return Row(
        path=f"/w/{i:05d}.h5",
        title=f"run {i}",
        method="transport.sinkhorn",
        state="done" if i % 5 else "failed",
        status="converged",
        starred=i % 9 == 0,
        tags=("paper",) if i % 3 else (),
        notes=f"note {i % 50}",
        parameters={"epsilon": 0.01 * (i % 7), "schedule": {"kind": "karras", "rho": i % 3}},
        metrics={"cost": (i * 37 % 1000) / 7, "error": 1 / (i + 1)},
        data="moons",
        seconds=i / 100,
        device="cpu",
        precision="float64",
        seed=i % 7,
        started=f"2026-01-{1 + i % 28:02d}T03:04:{i % 60:02d}+00:00",
        size=1000 + i,
    )


@pytest.fixture
def pane(qtbot):
    made = ResultsPane()
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    made._fill([row(i) for i in range(COUNT)])
    made._bridge = Writer()
    return made


def seconds(act) -> float:
    """Of this thread: other programs may have the processors meanwhile."""
    before = time.thread_time()
    act()
    QApplication.processEvents()
    return time.thread_time() - before


@pytest.mark.parametrize("name", COLUMNS)
def test_that_any_column_is_sorted(pane, name):
    column = COLUMNS.index(name)
    assert seconds(lambda: pane.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)) < LIMIT
    assert pane.model.rowCount() == COUNT


@pytest.mark.parametrize(
    ("text", "count"), [("cost>100", 2990), ("tag:paper", 6666), ("-paper", 3334), ("seed=3", 1429)]
)
def test_that_the_search_narrows_them_down(pane, text, count):
    assert seconds(lambda: pane.filter._words.setText(text)) < LIMIT
    assert pane.model.rowCount() == count


def click_head(pane, name: str) -> None:
    header = pane.table.horizontalHeader()
    column = COLUMNS.index(name)
    pane.table.scrollTo(pane.model.index(0, column))
    spot = QPoint(header.sectionViewportPosition(column) + 10, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_that_a_selection_in_thousands_of_pieces_outlives_search_and_order(pane):
    QTest.keyClicks(pane.filter._words, "tag:paper")
    QTest.keySequence(pane.table, "Ctrl+A")
    assert pane.count() == 6666
    wanted = set(pane.selected())
    assert seconds(pane.filter._words.clear) < LIMIT
    assert set(pane.selected()) == wanted
    for _ in range(2):  # upwards, downwards
        assert seconds(lambda: click_head(pane, "Time")) < LIMIT
        assert len(pane.table.selectionModel().selection()) > 3000, "it is in pieces"
        assert set(pane.selected()) == wanted
    others = sorted({r.path for r in pane.model.rows()} - wanted)
    assert seconds(lambda: pane.choose(others)) < LIMIT
    assert pane.count() == COUNT - 6666


def test_that_runs_of_one_second_stand_in_the_order_of_their_numbers(pane):
    numbers = [3, 10, 2, 9]
    first = row(0)
    pane._fill([first._replace(path=f"/w/{n:05d}.h5", title=str(n)) for n in sorted(numbers)])
    shown = lambda: [pane.model.shown(i).title for i in range(4)]  # noqa: E731
    assert shown() == ["10", "9", "3", "2"], "the newest first"
    click_head(pane, "Started")
    assert shown() == ["2", "3", "9", "10"]
    click_head(pane, "Started")
    assert shown() == ["10", "9", "3", "2"]


def test_that_all_are_starred_at_once(pane):
    pane.choose([r.path for r in pane.model.rows()])
    assert pane.count() == COUNT
    assert seconds(lambda: pane._star(True)) < LIMIT
    assert all(r.starred for r in pane.model.rows())


def test_that_tags_and_notes_are_kept_also_of_a_record_that_the_filter_hides(pane):
    pane.filter._words.setText("state:failed")
    assert seconds(lambda: pane.note("/w/00001.h5", {"tags": ("a",), "notes": "b"})) < LIMIT
    pane.filter.clear()
    held = pane.model.shown(pane.model.row("/w/00001.h5"))
    assert (held.tags, held.notes) == (("a",), "b")
