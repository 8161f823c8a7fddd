"""Start-up, commands, records, themes and layouts: what belongs to no method."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTreeWidget,
    QWidget,
)

from ui import theme
from ui.window import MainWindow
from workbench import catalogue, records

ROOT = Path(__file__).resolve().parents[2]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
DEAD = """
import sys
from pathlib import Path
import os
from engines.events import Logged
from workbench.records import Recorder, RunInfo
info = RunInfo(method="a.b", parameters={}, seed=0, device="cpu", precision="float64",
               started="2026-01-02T03:04:05+00:00", state="running", title="Cut short")
recorder = Recorder(Path(sys.argv[1]), info, None)
recorder.add(Logged("", ((1, 0.5, {"loss": 2.0}),)))
recorder._end()
os._exit(1)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """What a computer that lost its power left behind; and no list of methods from last time."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "runs").mkdir()
    left = folder / "runs" / "00001-cut.h5"
    ended = subprocess.run([sys.executable, "-c", DEAD, str(left)], cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert left.with_suffix(".h5.part").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "cached", lambda: None)
        yield folder


@pytest.fixture
def record(user):
    """A finished run that is chosen in the results."""
    user.method("Sinkhorn")
    user.window.inputs.choose_example("two_moons")
    user.window.parameters.set_values({"epsilon": 0.05})
    run = user.over(user.run())
    user.until(lambda: user.window.results.current() == run.record, "it is chosen")
    return run


def listed(user) -> list[str]:
    model = user.window.results.model
    return [model.path(row) for row in range(model.rowCount())]


def palette(user, typed: str) -> None:
    user.press(Qt.Key.Key_P, CTRL, SHIFT)
    box = user.until(QApplication.activePopupWidget, "the palette opens")
    QTest.keyClicks(box.findChild(QLineEdit), typed)
    QTest.keyClick(box.findChild(QLineEdit), Qt.Key.Key_Return)


def epsilon(user) -> QLineEdit:
    return user.window.parameters._form.rows["epsilon"].editor.main


def test_that_an_interrupted_run_is_recovered_at_the_start_and_said(user, workspace):
    found = workspace / "runs" / "00001-cut.h5"
    user.until(lambda: str(found) in listed(user), "it is listed")
    assert records.read_info(found).state == "interrupted"
    assert "1 interrupted run(s) were recovered" in user.window.log.text()


def test_that_the_self_test_says_how_long_the_first_paint_took_and_loads_nothing_heavy(tmp_path):
    words = [sys.executable, "-m", "ui", "--self-test", "--workspace", str(tmp_path)]
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    said = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    (line,) = said.stdout.splitlines()
    facts = json.loads(line)
    assert facts["heavy_modules"] == []
    assert 0 < facts["seconds_to_paint"] < 60


def test_that_a_bad_value_disables_run_and_says_why_until_it_is_right(user):
    user.method("Sinkhorn")
    run = user.button("Run", user.window.run_pane)
    user.until(run.isEnabled, "Run can be clicked")
    user.write(epsilon(user), "-1")
    assert not run.isEnabled()
    notice = user.window.parameters._form.rows["epsilon"].notice
    assert notice.isVisible()
    assert "-1" in notice.text()
    user.write(epsilon(user), "0.1")
    assert run.isEnabled()
    assert not notice.isVisible()


def test_that_a_card_runs_whatever_was_typed_before(user):
    user.method("Sinkhorn")
    user.write(epsilon(user), "nonsense")
    user.write(user.window.methods._search, "navier")
    run = user.card("transport")
    assert user.over(run).state == "done", run.text
    assert user.window.parameters.values()["epsilon"] == 0.01, "the default"
    user.window.methods._search.clear()


def test_that_a_parameter_is_undone_and_done_again_by_keys(user):
    user.method("Sinkhorn")
    user.write(epsilon(user), "0.2")
    user.write(epsilon(user), "0.3")
    user.click(user.window.methods._search)  # the line itself would undo its own typing
    user.window.methods._search.clearFocus()
    for key, value in ("Z", 0.2), ("Y", 0.3):
        user.press(Qt.Key[f"Key_{key}"], CTRL)
        assert user.window.parameters.values()["epsilon"] == value


def test_that_a_deleted_record_comes_back_by_the_undo_of_the_notice(user, record):
    user.click(user.button("Delete", user.window.results))
    user.until(lambda: record.record not in listed(user), "it is gone")
    assert not Path(record.record).exists()
    user.click(user.button("Undo", user.told(f"{record.title} was moved to the bin")))
    user.until(lambda: record.record in listed(user), "it is back")
    assert records.read_info(Path(record.record)).state == "done"


def test_that_a_picture_that_cannot_be_read_is_explained_in_its_place(user, record):
    Path(record.record).unlink()
    bar = user.window.plots._tabs
    user.click(bar, bar.tabRect(1).center())
    user.told(Path(record.record).name)
    assert user.window.plots._waiting.isVisible()
    assert Path(record.record).name in user.window.plots._waiting.text()


def test_that_the_inspector_shows_the_tree_of_a_record_and_its_values(user, record):
    user.click(user.button("Inspect", user.window.results))
    tree = user.named(QTreeWidget, "Contents of the file")
    user.until(lambda: user.item(tree, "result"), "the groups")
    user.click_item(tree, "result")
    user.click_item(tree, "f")
    values = user.named(QPlainTextEdit, "Values")
    with h5py.File(record.record) as file:
        first = f"{file['result/f'][0]:.6f}".rstrip("0")
    user.until(lambda: first in values.toPlainText(), "the first value")
    assert "dual potential" in values.toPlainText()
    assert not user.notices()
    user.window.reveal("results")


def test_that_the_palette_finds_a_command_by_a_few_letters(user):
    user.card("transport")
    user.until(user.window.plots.isVisible, "the plots")
    palette(user, "start page")
    user.until(user.window.start.isVisible, "the command was carried out")
    user.press(Qt.Key.Key_P, CTRL, SHIFT)
    box = user.until(QApplication.activePopupWidget, "the palette opens")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    user.until(lambda: QApplication.activePopupWidget() is None, "it closes")


def test_that_a_theme_repaints_the_window_and_the_plots(user, record):
    window, grounds = user.window, []
    user.until(window.plots.view.isVisible, "a picture")
    for scheme in "dark", "light":
        palette(user, f"{scheme} theme")
        user.rest(0.2)
        with user.stalls.paused():
            shown = window.grab().toImage(), window.plots.view.plots.grab().toImage()
        grounds.append([image.pixelColor(3, 3).lightness() for image in shown])
    assert max(grounds[0]) < 100 < 200 < min(grounds[1]), grounds


def test_that_cards_hints_and_notices_follow_when_the_desktop_turns_dark(user, qapp):
    user.window.show_start()
    user.window.notices.report("something went wrong")
    named = "card", "hint", "error"

    def grounds() -> list[int]:
        widgets = [w for w in user.window.findChildren(QWidget) if w.isVisible()]
        seen = [next(w for w in widgets if w.objectName() == name) for name in named]
        return [w.grab().toImage().pixelColor(8, 3).lightness() for w in seen]

    with user.stalls.paused():
        by_day = grounds()
        qapp.setPalette(theme.palette(night=True))
        user.rest(0.2)
        by_night = grounds()
        theme.apply(qapp, "light")
        user.rest(0.2)
        again = grounds()
    assert max(by_night) < 100 < 200 < min(by_day), (by_night, by_day)
    assert again == by_day


@pytest.mark.parametrize("family", ["transport", "pde", "diffusion"])
def test_that_the_cards_are_as_dark_as_the_window(user, qapp, family):
    card, found = user.window.start.card(family), []
    user.window.show_start()
    for night in True, False:
        with user.stalls.paused():
            qapp.setPalette(theme.palette(night=True)) if night else theme.apply(qapp, "light")
            user.rest(0.2)
            image = card.grab().toImage()
        middle = image.height() // 3
        pixels = [image.pixelColor(x, middle).lightness() for x in range(image.width())]
        found.append(sorted(pixels)[len(pixels) // 2])
    assert found[0] < 90 < 200 < found[1], found


def test_that_no_two_commands_have_the_same_keys(user):
    keys = [a.shortcut().toString() for a in user.window.commands.actions.values()]
    keys = [k for k in keys if k]
    assert len(keys) > 10
    assert sorted(set(keys)) == sorted(keys)


def test_that_a_closed_pane_comes_back_with_the_first_layout(user):
    dock = user.window.docks["methods"]
    user.click(dock.findChild(QAbstractButton, "qt_dockwidget_closebutton"))
    user.until(lambda: not dock.isVisible(), "it is closed")
    palette(user, "reset layout")
    user.until(dock.isVisible, "it is back")
    assert not dock.isFloating()


def test_that_a_layout_is_found_again_by_the_next_window(light, tmp_path):
    settings = QSettings(str(tmp_path / "ui.ini"), QSettings.Format.IniFormat)
    first = MainWindow(tmp_path, settings)
    first.docks["log"].hide()
    first.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first.docks["run"])
    first.close()
    second = MainWindow(tmp_path, settings)
    assert second.docks["log"].isHidden()
    assert second.dockWidgetArea(second.docks["run"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert not second.docks["data"].isHidden()
    for window in first, second:
        window.deleteLater()


def test_that_a_thousand_repaints_keep_the_references_to_none(user, record):
    plots = user.window.plots.view.plots.viewport()
    user.until(plots.isVisible, "a picture")
    with user.stalls.paused():
        plots.repaint()
        before = sys.getrefcount(None)
        for _ in range(1000):
            plots.repaint()
        # One build of Qt for Python loses one at every text, which ends the program in the end.
        assert sys.getrefcount(None) > before - 20
