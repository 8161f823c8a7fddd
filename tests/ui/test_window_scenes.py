"""Scenes by clicks and keys: taken down, put in order, and stepped through in presenter mode."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPlainTextEdit

from tests.ui.conftest import slowness
from ui.scenes_dialog import ScenesDialog
from workbench.scenes import Scenes

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FAST = 0.3  # seconds that a scene may take


@pytest.fixture(scope="module")
def runs(shared):
    """A run with flat pictures and a movie, and one with panels in space."""
    two = [shared.over(shared.card(family)) for family in ("lowrank", "transport")]
    shared.method("Shape interpolation")
    shared.window.inputs.choose_example("ball_to_ring")
    return [*two, shared.over(shared.run())]


@pytest.fixture
def scenes(user, runs):
    """An empty list of scenes."""
    control = user.window.demos.scenes
    control.put([])
    user.window.show_start()
    yield control
    control.put([])


def show(user, run, name: str) -> None:
    user.window.runs.show(run.id)
    user.window.plots.choose(name)
    plots = user.window.plots
    user.until(lambda: plots.figure_name() == name and plots.shown_figure(), f"picture {name}")
    user.rest()


def zoom(user) -> list:
    """Enlarge the first panel by keys; gives its limits."""
    user.window.plots.view.plots.setFocus()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Right):
        user.press(key)
    user.rest()
    return ranges(user)


def ranges(user) -> list:
    return user.window.plots.view.plots.panels[0].view.viewRange()


def present(user) -> None:
    with user.stalls.paused():  # the whole window is laid out anew
        user.press(Qt.Key.Key_F5, SHIFT)
        user.rest(0.3)


def end(user) -> None:
    with user.stalls.paused():
        user.press(Qt.Key.Key_Escape)
        user.rest(0.3)


def dialog(user) -> ScenesDialog:
    user.window.commands["scenes"].trigger()
    return user.until(lambda: user.window.findChild(ScenesDialog), "the list of scenes")


def words(user) -> list[str]:
    return [w.text() for w in user.window.plots.findChildren(QLabel) if w.isVisible()]


def test_that_an_empty_list_takes_no_words_and_says_how_to_fill_it(user, runs, scenes):
    opened = dialog(user)
    hints = lambda: [w.text() for w in opened.findChildren(QLabel) if w.isVisible()]  # noqa: E731
    user.until(lambda: any("Add scene (Ctrl+D)" in text for text in hints()), "the way to one")
    for kind in (QLineEdit, QPlainTextEdit, QListWidget):
        assert not opened.findChild(kind).isVisible(), "nothing to type into"
    show(user, runs[0], "spectrum")
    user.click(user.button("Add scene", user.window.plots))
    user.until(lambda: opened.findChild(QLineEdit).isVisible(), "the scene can be named")
    assert not any("Add scene" in text for text in hints())
    user.write(opened.findChild(QLineEdit), "Decay")
    assert scenes.all[0].name == "Decay"
    opened.close()


def test_that_a_scene_brings_back_figure_frame_and_zoom(user, runs, scenes):
    show(user, runs[1], "displacement")
    movie = user.window.plots.view.movie
    movie.slider.setValue(7)
    limits = zoom(user)
    user.click(user.button("Add scene", user.window.plots))
    user.told("Scene 1 was added")
    assert [s.figure for s in Scenes(user.window.workspace).read()] == ["displacement"]
    show(user, runs[0], "spectrum")
    scenes.step(1)
    user.until(lambda: scenes.at == 0, "the scene is shown")
    assert user.window.plots.run is runs[1]
    assert user.window.plots.figure_name() == "displacement"
    assert movie.frame() == 7
    for found, wanted in zip(ranges(user), limits, strict=True):
        assert found == pytest.approx(wanted, rel=1e-6)


def test_that_a_scene_brings_back_the_camera(user, runs, scenes):
    show(user, runs[2], "interpolation")
    plots = user.window.plots.view.plots
    plots.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Plus):
        user.press(key)
    camera = plots.camera
    user.press(Qt.Key.Key_D, CTRL)
    show(user, runs[0], "spectrum")
    scenes.step(1)
    user.until(lambda: scenes.at == 0, "the scene is shown")
    assert plots.turned
    assert plots.camera == camera


def test_that_arrow_keys_step_through_scenes_with_their_words_each_at_once(user, runs, scenes):
    for run, name in ((runs[0], "spectrum"), (runs[1], "displacement"), (runs[2], "strip")):
        show(user, run, name)
        user.press(Qt.Key.Key_D, CTRL)
    for number, text in enumerate(("First this.", "Then that.", "At last this.")):
        scenes.change(number, text=text)
    present(user)
    user.until(lambda: scenes.at == 0, "the first scene")
    assert "First this." in words(user)
    took = []
    for number, (name, text) in enumerate(
        (("displacement", "Then that."), ("strip", "At last this."), ("spectrum", "First this.")), 1
    ):
        user.rest(0.5)  # a person looks at it
        before = time.monotonic()
        with user.stalls.paused():
            user.press(Qt.Key.Key_Right)
            user.until(lambda number=number: scenes.at == number % 3, "the next scene")
        took.append(time.monotonic() - before)
        assert user.window.plots.figure_name() == name
        assert text in words(user)
    print("a scene took", *(f"{t:.3f}" for t in took))
    assert max(took) < FAST * slowness()
    user.press(Qt.Key.Key_Left)
    user.until(lambda: scenes.at == 2, "the scene before")
    end(user)


def test_that_scenes_are_renamed_worded_moved_and_deleted(user, runs, scenes):
    for name in ("spectrum", "convergence", "reconstruction"):
        show(user, runs[0], name)
        user.press(Qt.Key.Key_D, CTRL)
    box = dialog(user)
    rows = box.findChild(QListWidget)
    user.click(rows.viewport(), rows.visualItemRect(rows.item(1)).center())
    user.until(lambda: scenes.at == 1, "a click shows it")
    user.write(box.findChild(QLineEdit), "The error falls")
    user.click(box.findChild(QPlainTextEdit))
    QTest.keyClicks(box.findChild(QPlainTextEdit), "Two steps are enough.")
    user.click(user.button("Move up", box))
    kept = Scenes(user.window.workspace).read()
    assert [s.figure for s in kept] == ["convergence", "spectrum", "reconstruction"]
    assert (kept[0].name, kept[0].text) == ("The error falls", "Two steps are enough.")
    user.click(user.button("Delete", box))
    assert [s.figure for s in Scenes(user.window.workspace).read()] == kept_figures(kept[1:])
    user.click(user.button("Close", box))
    user.until(lambda: user.window.findChild(ScenesDialog) is None, "it is closed")


def kept_figures(scenes) -> list[str]:
    return [scene.figure for scene in scenes]


def test_that_a_scene_whose_record_is_gone_says_so_and_the_others_go_on(user, runs, scenes):
    from dataclasses import replace

    for run in runs[:2]:
        show(user, run, run.names[0])
        user.press(Qt.Key.Key_D, CTRL)
    first, second = scenes.all
    scenes.put([first, replace(second, record="00099-gone.h5", text="Never seen.")])
    present(user)
    user.until(lambda: scenes.at == 0, "the first scene")
    user.press(Qt.Key.Key_Right)
    user.until(lambda: scenes.at == 1, "its turn")
    assert any("The record 00099-gone.h5 of this scene is gone" in text for text in words(user))
    user.press(Qt.Key.Key_Right)
    user.until(lambda: scenes.at == 0, "the first again")
    assert not any("is gone" in text for text in words(user))
    end(user)
    box = dialog(user)
    assert "record is gone" in box.findChild(QListWidget).item(1).text()
    user.click(user.button("Close", box))


def test_that_a_workspace_that_cannot_be_written_to_keeps_scenes_for_now(user, runs, scenes):
    place = Path(user.window.workspace) / "scenes.new"
    place.mkdir()
    try:
        show(user, runs[0], runs[0].names[0])
        user.press(Qt.Key.Key_D, CTRL)
        user.told("The scenes could not be written")
        assert len(scenes.all) == 1
    finally:
        place.rmdir()
