"""The whole way of a newcomer: own data, two methods, their comparison, and a figure on paper."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDoubleSpinBox,
    QStyle,
    QStyleOptionSpinBox,
    QTabBar,
    QTreeWidget,
    QWidget,
)

from ui.export_dialog import ExportDialog
from ui.panes.results import ResultsPane
from ui.records_model import COLUMNS

MOST_TABS = 150
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
ALT = Qt.KeyboardModifier.AltModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SOURCE, TARGET = "source.csv", "target.csv"


class Hand:
    """A mouse that counts how often it is pressed."""

    def __init__(self, user) -> None:
        self.user, self.presses = user, 0

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        self.user.click(widget, at)
        self.presses += 1

    def button(self, text: str, where: QWidget) -> None:
        found = self.user.button(text, where)
        self.user.until(found.isEnabled, f"{text} can be clicked")
        self.click(found)

    def item(self, tree: str, text: str) -> None:
        self.user.click_item(self.user.named(QTreeWidget, tree), text)
        self.presses += 1

    def up(self, box: QDoubleSpinBox) -> None:
        """Press the upper arrow of a number."""
        option = QStyleOptionSpinBox()
        box.initStyleOption(option)
        part = QStyle.SubControl.SC_SpinBoxUp
        control = QStyle.ComplexControl.CC_SpinBox
        self.click(box, box.style().subControlRect(control, option, part, box).center())

    def carry(self, pane: ResultsPane, row: int, onto: int) -> None:
        """Drag a record onto another one, by the way that the desktop takes."""
        port, column = pane.table.viewport(), COLUMNS.index("Name")
        place = pane.table.visualRect(pane.model.index(onto, column)).center()
        spot, action = port.mapTo(self.user.window, place), Qt.DropAction.CopyAction
        held = pane.model.mimeData([pane.model.index(row, column)]), LEFT, NONE
        handle = self.user.window.windowHandle()
        enter, move = QDragEnterEvent(spot, action, *held), QDragMoveEvent(spot, action, *held)
        QApplication.sendEvent(handle, enter)
        move.setAccepted(enter.isAccepted())
        QApplication.sendEvent(handle, move)
        drop = QDropEvent(QPointF(spot), action, *held)
        QApplication.sendEvent(handle, drop)
        assert move.isAccepted()
        assert drop.isAccepted()
        self.presses += 1


class Keys:
    """A keyboard that counts how often it is struck."""

    def __init__(self, user) -> None:
        self.user, self.strokes = user, 0

    def press(self, key: Qt.Key, *held: Qt.KeyboardModifier) -> None:
        self.user.press(key, *held)
        self.strokes += 1

    def write(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.strokes += len(text)

    def tab_to(self, name: str) -> None:
        """Tab until what is called so has the focus."""
        for _ in range(MOST_TABS):
            focus = QApplication.focusWidget()
            if focus is not None and focus.accessibleName() == name:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab does not lead to {name!r}")


@pytest.fixture
def clouds(tmp_path) -> list[Path]:
    """A tilted and a shifted cloud of 120 points each, as tables."""
    random = np.random.default_rng(0)
    found = [tmp_path / name for name in (SOURCE, TARGET)]
    for path, shift in zip(found, (0.0, 3.0), strict=True):
        points = random.normal(size=(120, 2)) @ [[1, 0.5], [0, 1]] + shift
        np.savetxt(path, points, delimiter=",", header="x,y", comments="")
    return found


def used(user) -> set[str]:
    return {r.rpartition("/")[2] for r in user.window.inputs.inputs().values()}


def paper(user) -> ExportDialog:
    return user.until(lambda: user.window.findChild(ExportDialog), "the dialog opens")


def written(user, path: Path) -> bytes:
    user.told(path.name)
    return path.read_bytes()


def check_paper(pdf: bytes) -> None:
    """A page of 89 mm (in points: 1/72 inch) on which every font is embedded as TrueType."""
    box = re.search(rb"/MediaBox \[ ?([^\]]+)\]", pdf)
    left, _, right, _ = (float(part) for part in box[1].split())
    assert (right - left) / 72 * 25.4 == pytest.approx(89.0, abs=0.1)
    described = pdf.count(b"/Type /FontDescriptor")
    assert described >= 1
    assert pdf.count(b"/FontFile2") == described
    assert b"/Type3" not in pdf


def costs(text: str) -> list[float]:
    """What both runs cost, as the table of a comparison says."""
    rows = {line.split("\t")[0]: line.split("\t") for line in text.splitlines()}
    return [float(cell) for cell in rows["cost (cost)"][1:3]]


def test_that_a_newcomer_comes_from_own_clouds_to_a_column_on_paper_by_mouse_alone(
    alone, clouds, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))  # where figures go at first
    user, window, hand, begun = alone, alone.window, Hand(alone), time.monotonic()
    user.drop(*clouds)
    hand.item("Methods", "Sinkhorn")
    user.until(lambda: used(user) == {SOURCE, TARGET}, "both clouds are its data")
    hand.button("Run", window.run_pane)
    first = user.over(window.plots.run)
    hand.item("Methods", "Exact transport")
    assert used(user) == {SOURCE, TARGET}, "the data stay"
    hand.button("Run", window.run_pane)
    second = user.over(window.plots.run)
    assert first is not second
    assert [run.state for run in (first, second)] == ["done", "done"]

    user.until(lambda: window.results.model.rowCount() == 2, "both records")
    hand.carry(window.results, 1, onto=0)
    page = window.comparison
    user.until(lambda: page.isVisible() and len(page.records) == 2, "the comparison")
    blurred, exact = sorted(costs(page.table_text()), reverse=True)
    assert exact < blurred, "nothing is cheaper than the exact plan"
    tabs = user.named(QTabBar, "Parts of the comparison")
    place = [tabs.tabText(i) for i in range(tabs.count())].index("Displacement")
    hand.click(tabs, tabs.tabRect(place).center())
    user.until(lambda: page.shown_figure() and page.view.isVisible(), "a picture of both")

    hand.button("Export…", page)
    dialog = paper(user)
    width = dialog.findChild(QDoubleSpinBox)
    for _ in range(4):  # from 85 mm
        hand.up(width)
    assert width.value() == 89.0
    hand.button("Save", dialog)
    check_paper(written(user, tmp_path / f"comparison-{page.figure_name()}.pdf"))
    print(f"by mouse: {hand.presses} presses, {time.monotonic() - begun:.1f} s")


def test_that_the_same_way_is_gone_by_keys_alone(alone, clouds, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    user, window, keys, begun = alone, alone.window, Keys(alone), time.monotonic()
    for path in clouds:
        keys.press(Qt.Key.Key_O, CTRL)
        user.until(QApplication.activeModalWidget, "the dialog opens")
        keys.write(str(path))
        keys.press(Qt.Key.Key_Return)
        user.until(lambda path=path: str(path) in window.data.references(), "it is read")
    for number, method in enumerate(("Sinkhorn", "Exact transport"), 1):
        keys.tab_to("Methods")
        keys.write(method)
        user.until(lambda: used(user) == {SOURCE, TARGET}, "both clouds are its data")
        keys.press(Qt.Key.Key_R, CTRL)
        user.until(lambda n=number: window.results.model.rowCount() == n, "its record")
        user.over(window.plots.run)
    keys.tab_to("Records")
    keys.press(Qt.Key.Key_A, CTRL)
    keys.press(Qt.Key.Key_C, CTRL, SHIFT)
    page = window.comparison
    user.until(lambda: page.isVisible() and len(page.records) == 2, "the comparison")
    keys.tab_to("Parts of the comparison")
    tabs = user.named(QTabBar, "Parts of the comparison")
    while tabs.tabText(tabs.currentIndex()) != "Displacement":
        keys.press(Qt.Key.Key_Right)
    user.until(lambda: page.shown_figure() and page.view.isVisible(), "a picture of both")
    keys.press(Qt.Key.Key_E, CTRL)
    dialog = paper(user)
    user.until(dialog.isActiveWindow, "it has the keys")
    keys.press(Qt.Key.Key_W, ALT)  # the line of the width
    keys.press(Qt.Key.Key_A, CTRL)
    keys.write("89")
    keys.press(Qt.Key.Key_Return)
    check_paper(written(user, tmp_path / f"comparison-{page.figure_name()}.pdf"))
    print(f"by keys: {keys.strokes} strokes, {time.monotonic() - begun:.1f} s")
