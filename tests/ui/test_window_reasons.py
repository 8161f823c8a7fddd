"""What cannot be used now is not offered, and says why: to the pointer, and to who presses keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
RANDOM = np.random.default_rng(0)


def told(user) -> str:
    return user.window.statusBar().currentMessage()


def test_that_what_needs_a_record_says_so_until_one_is_selected(user):
    commands, results = user.window.commands, user.window.results
    user.until(lambda: not results._reading, "the list is read")
    for id, reason in (
        ("delete", "Select a record in the results first"),
        ("report", "Select a record in the results first"),
        ("script", "Select a record in the results first"),
        ("python", "Select a record in the results first"),
        ("compare", "Select two or more records in the results first"),
        ("export", "No figure of a record is on show"),
        ("present", "There is no run on show; run a method first"),
        ("stop", "No run goes on"),
        ("run", "Choose a method first"),
        ("undo", "There is nothing to undo"),
        ("delete layout", "There is no layout of your own yet; save one first"),
    ):
        assert not commands[id].isEnabled(), id
        assert commands[id].toolTip() == commands[id].statusTip() == reason
    user.press(Qt.Key.Key_E, CTRL, SHIFT)
    assert told(user) == "Select a record in the results first"
    run = user.over(user.card("lowrank"))
    user.until(lambda: results.current() == run.record, "its record is chosen")
    for id in "delete", "report", "script", "python":
        user.until(commands[id].isEnabled, f"{id} can be used")
        assert "Select" not in commands[id].toolTip()
    assert not commands["compare"].isEnabled(), "one record is not enough"
    results.table.clearSelection()
    user.until(lambda: not commands["delete"].isEnabled(), "nothing is selected")
    assert commands["report"].isEnabled(), "it reports on the run on show"


def test_that_the_buttons_of_the_results_say_what_they_need(user):
    results = user.window.results
    results.table.clearSelection()
    button = results._buttons
    user.until(lambda: not button["delete"].isEnabled(), "nothing is selected")
    assert button["delete"].toolTip() == "Select a record first"
    assert button["compare"].toolTip() == "Select two or more records first"
    results.table.selectRow(0)
    user.until(button["delete"].isEnabled, "one is selected")
    assert button["delete"].toolTip() == "Move to the bin"
    assert button["compare"].toolTip() == "Select two or more records first"


def test_that_run_is_not_offered_while_the_data_are_refused(user, tmp_path):
    flat, deep = tmp_path / "flat.npy", tmp_path / "deep.npy"
    np.save(flat, RANDOM.normal(size=(30, 2)))
    np.save(deep, RANDOM.normal(size=(30, 3)))
    user.method("Sinkhorn")
    user.drop(flat, deep)
    user.until(lambda: len(user.window.inputs.inputs()) == 2, "both are taken")
    run = user.button("Run", user.window.run_pane)
    user.until(lambda: not run.isEnabled(), "the engine has looked at them")
    why = user.window.inputs._message.text()
    assert why
    assert run.toolTip().casefold() == why.casefold()
    assert not user.window.commands["sweep"].isEnabled()
    user.press(Qt.Key.Key_R, CTRL)
    assert told(user).casefold() == why.casefold()
    assert not user.window.runs.active(), "nothing was started"
    combo = user.window.inputs._slots["y"]
    combo.setCurrentIndex(combo.findData(str(flat)))
    assert run.isEnabled(), "other data are not judged yet"
    user.rest(0.5)
    assert run.isEnabled()
    assert run.toolTip().startswith("Run the method with these settings")
    assert user.over(user.run()).state == "done"
