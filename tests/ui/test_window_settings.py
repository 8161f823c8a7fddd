"""Settings, shortcuts and layouts as a person changes them, with keys and the mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QInputDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMessageBox,
    QSpinBox,
    QTreeWidget,
)

from ui import theme
from ui.settings import TABLE
from ui.window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def dialog(user) -> QDialog:
    """The dialog that is open, once it has the keys."""
    box = user.until(QApplication.activeModalWidget, "a dialog opens")
    user.until(lambda: QApplication.activeWindow() is box, "it has the keys")
    return box


def shut(user) -> None:
    box = dialog(user)
    user.click(user.button("Close", box))
    user.until(lambda: QApplication.activeModalWidget() is None, "it closes")


def field(box: QDialog, kind, name: str):
    return next(w for w in box.findChildren(kind) if w.accessibleName() == name)


@pytest.fixture
def settings(user):
    """The dialog of the settings; afterwards everything is as it was."""
    user.press(Qt.Key.Key_Comma, CTRL)
    yield dialog(user)
    if QApplication.activeModalWidget() is not None:
        shut(user)
    with user.stalls.paused():
        user.window.settings.reset()
        user.window.settings["shortcuts"] = {}
        user.rest()
        theme.apply(QApplication.instance(), "light")


def test_that_a_theme_chosen_in_the_dialog_counts_at_once(user, settings):
    with user.stalls.paused():  # the whole window is styled anew
        user.pick(field(settings, QComboBox, "Theme"), "Dark")
        user.until(theme.dark, "the window is dark")
    assert user.window.settings["theme"] == "dark"


def test_that_the_language_is_told_to_wait_for_the_next_start(user, settings):
    hints = [label for label in settings.findChildren(QLabel) if label.objectName() == "hint"]
    user.pick(field(settings, QComboBox, "Language"), "Deutsch")
    assert any("next start" in h.text() and "Language" in h.text() for h in hints)
    user.rest(0.6)  # else it is one word for the search in the list
    user.pick(field(settings, QComboBox, "Language"), "As the desktop")
    assert not any("next start" in h.text() for h in hints)


def test_that_new_runs_begin_with_the_chosen_precision_and_device(user, settings):
    user.pick(field(settings, QComboBox, "Precision"), "single")
    assert user.window.run_pane.settings()["precision"] == "float32"
    shut(user)
    user.method("Sinkhorn")
    run = user.over(user.run())
    user.until(lambda: user.window.results.model.row(run.record) >= 0, "its record is listed")
    row = user.window.results.model.shown(user.window.results.model.row(run.record))
    assert row.precision == "float32"


def test_that_an_export_begins_with_the_chosen_target(user, settings):
    user.pick(field(settings, QComboBox, "Figures for"), "Web")
    shut(user)
    user.over(user.card("transport"))
    user.until(user.window.commands["export"].isEnabled, "it can be exported")
    user.press(Qt.Key.Key_E, CTRL)
    box = dialog(user)
    (target, *_) = box.findChildren(QComboBox)
    assert target.currentText() == "Web, 1600 pixels"
    assert box.findChild(QLineEdit, "path").text().endswith(".png")
    user.press(Qt.Key.Key_Escape)
    user.until(lambda: QApplication.activeModalWidget() is None, "it closes")


def test_that_reset_gives_every_default_and_the_dialog_shows_them(user, settings):
    size = field(settings, QSpinBox, "Text size")
    user.click(size)
    QTest.keyClick(size, Qt.Key.Key_Up)
    question = field(settings, QCheckBox, "Ask before runs are stopped by closing")
    user.click(question, QPoint(10, question.height() // 2))
    assert user.window.settings["text size"] == 110
    assert not user.window.settings["ask before closing"]
    user.click(user.button("Reset to defaults", settings))
    assert all(user.window.settings[s.key] == s.default for s in TABLE if s.title)
    assert size.value() == 100


def test_that_closing_does_not_ask_where_it_was_told_not_to(alone):
    alone.window.settings["ask before closing"] = False
    alone.card("pde")
    alone.until(lambda: alone.window.runs.active(), "a run goes on")
    alone.stalls.stop()
    alone.window.close()
    assert not alone.window.findChildren(QMessageBox)
    assert alone.window.isHidden()


# --- shortcuts ---------------------------------------------------------------------------------


@pytest.fixture
def shortcuts(user):
    """The dialog of the shortcuts; afterwards all are those of the table."""
    user.window.commands["shortcuts"].trigger()
    yield dialog(user)
    if QApplication.activeModalWidget() is not None:
        shut(user)
    user.window.settings["shortcuts"] = {}


def choose(user, box: QDialog, words: str) -> QKeySequenceEdit:
    """Search a command; gives where its keys are typed."""
    user.write(field(box, QLineEdit, "Search commands and keys"), words)
    listed = field(box, QTreeWidget, "Commands")
    assert listed.topLevelItemCount() == 1, words
    return box.findChild(QKeySequenceEdit)


def type_keys(user, edit: QKeySequenceEdit, key: Qt.Key, *modifiers) -> None:
    user.click(edit)
    user.press(key, *modifiers)


def test_that_new_keys_reach_the_command_and_the_old_ones_no_longer(user, shortcuts):
    edit = choose(user, shortcuts, "start page")
    type_keys(user, edit, Qt.Key.Key_H, CTRL, SHIFT)
    user.until(lambda: user.window.settings["shortcuts"] == {"start": "Ctrl+Shift+H"}, "kept")
    shut(user)
    user.over(user.card("transport"))
    user.until(user.window.plots.isVisible, "the plots")
    user.press(Qt.Key.Key_Home, ALT)
    user.rest()
    assert user.window.plots.isVisible()
    user.press(Qt.Key.Key_H, CTRL, SHIFT)
    user.until(user.window.start.isVisible, "the command was carried out")
    assert "Ctrl+Shift+H" in user.window.commands["start"].toolTip()


def test_that_keys_of_another_command_are_named_and_only_taken_when_told(user, shortcuts):
    edit = choose(user, shortcuts, "start page")
    state = field(shortcuts, QLabel, "Whether the keys are free")
    type_keys(user, edit, Qt.Key.Key_R, CTRL)
    user.until(state.text, "it says whose they are")
    assert "Run: Run" in state.text()
    assert user.window.commands["run"].shortcut() == QKeySequence("Ctrl+R")
    user.click(user.button("Take the keys", shortcuts))
    assert user.window.commands["start"].shortcut() == QKeySequence("Ctrl+R")
    assert user.window.commands["run"].shortcut().isEmpty()
    assert not state.text()


def test_that_the_letters_of_the_menus_are_not_given_away(user, shortcuts):
    edit = choose(user, shortcuts, "start page")
    type_keys(user, edit, Qt.Key.Key_F, ALT)
    state = field(shortcuts, QLabel, "Whether the keys are free")
    user.until(lambda: "File" in state.text(), "it names the menu")
    assert not user.window.settings["shortcuts"]


def test_that_one_command_and_then_all_get_their_first_keys_back(user, shortcuts):
    for words, key in (("start page", Qt.Key.Key_J), ("full screen", Qt.Key.Key_K)):
        type_keys(user, choose(user, shortcuts, words), key, CTRL, SHIFT)
    user.until(lambda: len(user.window.settings["shortcuts"]) == 2, "both are kept")
    user.click(user.button("Reset", shortcuts))
    user.until(lambda: list(user.window.settings["shortcuts"]) == ["start"], "one is back")
    user.click(user.button("Reset all", shortcuts))
    assert user.window.settings["shortcuts"] == {}
    assert user.window.commands["start"].shortcut() == QKeySequence("Alt+Home")


def test_that_a_search_finds_commands_by_their_keys(user, shortcuts):
    user.write(field(shortcuts, QLineEdit, "Search commands and keys"), "ctrl+e")
    listed = field(shortcuts, QTreeWidget, "Commands")
    assert [listed.topLevelItem(i).text(0) for i in range(listed.topLevelItemCount())] == [
        "Figure: Export…"
    ]
    user.write(field(shortcuts, QLineEdit, "Search commands and keys"), "no such thing")
    assert not shortcuts.findChild(QKeySequenceEdit).isEnabled()


# --- layouts -----------------------------------------------------------------------------------


def layout_names(user) -> list[str]:
    menu = user.window.commands.menus["View/Layouts"]
    own = {user.window.commands[id] for id in ("save layout", "delete layout", "layout")}
    return [a.text() for a in menu.actions() if not a.isSeparator() and a not in own]


def test_that_a_layout_is_saved_chosen_and_deleted_under_a_name(user):
    window, log = user.window, user.window.docks["log"]
    log.hide()
    window.commands["save layout"].trigger()
    box = dialog(user)
    QTest.keyClicks(box.findChild(QLineEdit), "Narrow & quiet")
    user.press(Qt.Key.Key_Return)
    user.until(lambda: layout_names(user) == ["Narrow && quiet"], "it is in the menu")
    with user.stalls.paused():
        window.commands["layout"].trigger()
        assert not log.isHidden()
        next(a for a in window.commands.menus["View/Layouts"].actions()
             if a.text() == "Narrow && quiet").trigger()  # fmt: skip
        assert log.isHidden()
        window.layouts.reset()
    window.commands["delete layout"].trigger()
    box = dialog(user)
    assert isinstance(box, QInputDialog)
    user.press(Qt.Key.Key_Return)
    user.until(lambda: not layout_names(user), "it is gone")
    assert not window.commands["delete layout"].isEnabled()


def test_that_a_layout_of_another_version_is_explained(user):
    user.window.settings["layouts"] = {"old": "AAAA"}
    user.window.layouts.choose("old")
    user.told("another version")
    user.window.settings["layouts"] = {}


def test_that_named_layouts_and_shortcuts_are_there_in_the_next_window(user, workspace):
    user.window.settings["shortcuts"] = {"start": "Ctrl+J"}
    user.window.layouts.save("mine")
    with user.stalls.paused():
        second = MainWindow(workspace, user.window.settings._store)
        assert second.commands["start"].shortcut() == QKeySequence("Ctrl+J")
        assert "mine" in [a.text() for a in second.commands.menus["View/Layouts"].actions()]
        second.deleteLater()
    user.window.settings["shortcuts"] = {}
    user.window.settings["layouts"] = {}
