"""Records checked against other libraries, by mouse."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QTableWidget

from ui.peer_dialog import PeerDialog
from workbench.workspace import Workspace

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)


@pytest.fixture(scope="module", autouse=True)
def recorded(workspace) -> dict[str, Path]:
    """Records of a method with a peer and of one without, there when the window opens."""
    from workbench.api import run

    found = {}
    for title, method in (("Steep", "lowrank.randomized_svd"), ("Coupled", "transport.mec")):
        found[title] = Workspace(workspace).new_path(method, title)
        given = {"target": {"kind": "rank", "k": 5}} if title == "Steep" else {}
        example = "hilbert" if title == "Steep" else ""
        run(method, example=example, output=found[title], title=title, **given)
    return found


@pytest.fixture
def results(user):
    """The pane with its records, none of them selected."""
    pane = user.window.results
    user.until(lambda: len(pane.model.rows()) == 2, "the records are listed")
    user.window.reveal("results")
    pane.table.clearSelection()
    yield pane
    for dialog in user.window.findChildren(PeerDialog):
        dialog.close()


def select(user, pane, title: str) -> None:
    rows = [pane.model.shown(i).title for i in range(pane.model.rowCount())]
    spot = pane.table.visualRect(pane.model.index(rows.index(title), 1)).center()
    user.click(pane.table.viewport(), spot)
    user.until(lambda: pane.count() == 1, f"{title} is selected")


def checked(user) -> PeerDialog:
    """Take the command in the menu bar; gives the page that opens."""
    action = user.window.commands["check"]
    menu = user.window.commands.menus["Results"]
    menu.popup(user.window.mapToGlobal(user.window.rect().center()))
    handle = user.until(menu.windowHandle)
    QTest.mouseClick(handle, LEFT, NONE, menu.actionGeometry(action).center())
    return user.until(lambda: user.window.findChild(PeerDialog), "the page opens")


def said(dialog: PeerDialog) -> str:
    return next(d for d in dialog.findChildren(QLabel) if d.accessibleName() == "Verdict").text()


def test_that_a_record_is_checked_beside_the_window_and_the_table_can_be_copied(user, results):
    select(user, results, "Steep")
    dialog = checked(user)
    engine, desk = user.window.bridge.engine.pid, user.window.bridge.desk.pid
    user.until(lambda: "agrees" in said(dialog), "the verdict")
    assert "NumPy svd (LAPACK) took" in said(dialog)
    (table,) = dialog.findChildren(QTableWidget)
    cells = [table.item(i, 0).text().strip() for i in range(table.rowCount())]
    assert cells[0].startswith("NumPy svd (LAPACK) ")
    assert "s (5)" in cells
    user.click(user.button("Copy", dialog))
    text = QApplication.clipboard().text()
    assert said(dialog).split("\n")[0][1:-1] in text
    assert "relative" in text
    assert "Steep: s agrees to" in user.window.log.text()
    assert (engine, desk) == (user.window.bridge.engine.pid, user.window.bridge.desk.pid)
    user.click(user.button("Close", dialog))
    user.until(lambda: not user.window.findChildren(PeerDialog), "the page is gone")


def test_that_stop_ends_the_process_of_the_check(user, results):
    select(user, results, "Steep")
    before, log = {p.pid for p in psutil.Process().children()}, user.window.log.text()
    dialog = checked(user)
    (new,) = {p.pid for p in psutil.Process().children()} - before
    user.click(user.button("Stop", dialog))
    user.until(lambda: not user.window.findChildren(PeerDialog), "the page is gone")
    # By itself it would end later: to load the libraries alone takes longer.
    user.until(lambda: not psutil.pid_exists(new), "the process is gone", seconds=2)
    assert user.window.log.text() == log


def test_that_the_command_says_why_it_cannot_be_used(user, results):
    command = user.window.commands["check"]
    assert not command.isEnabled()
    assert "Select a record" in command.toolTip()
    select(user, results, "Coupled")
    assert not command.isEnabled()
    assert "No library is known" in command.toolTip()
    select(user, results, "Steep")
    assert command.isEnabled()
    assert "Have another library" in command.toolTip()
    results.table.selectAll()
    assert command.toolTip() == "Select one record only"


def test_that_the_menu_of_a_record_has_the_command_with_its_reason(user, results):
    select(user, results, "Coupled")
    results._open_menu(results.table.rect().center())
    menu = user.until(lambda: results.findChild(QMenu), "the menu opens")
    (action,) = [a for a in menu.actions() if a.objectName() == "check"]
    assert not action.isEnabled()
    assert menu.toolTipsVisible()
    assert "No library is known" in action.toolTip()
    menu.close()


def test_that_a_window_that_closes_ends_its_checks(alone, recorded):
    alone.window.open_paths([str(recorded["Steep"])])
    alone.until(lambda: alone.window.commands["check"].isEnabled(), "the record is on show")
    alone.window.commands["check"].trigger()
    alone.until(lambda: alone.window.findChild(PeerDialog), "the page opens")
