"""Presenter mode by keys: pictures alone and large, stepped through, and the window as before."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from ui.presenter import LARGER


@pytest.fixture
def shown(user):
    """Two runs that have ended, the second on show."""
    runs = [user.over(user.card(family)) for family in ("lowrank", "transport")]
    user.until(lambda: user.window.plots.shown_figure(), "a picture")
    return runs


def size(user) -> float:
    return user.window.plots.view.font().pointSizeF()


def test_that_the_pictures_stand_alone_and_keys_step_through_them(user, shown):
    window, letters = user.window, size(user)
    docks = {name for name, dock in window.docks.items() if dock.isVisible()}
    with user.stalls.paused():  # the whole window is laid out anew
        user.press(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        user.rest()
    assert not any(dock.isVisible() for dock in window.docks.values())
    assert not window.menuBar().isVisible()
    assert size(user) == pytest.approx(LARGER * letters)  # once, however deep it lies
    stories = [w.text() for w in window.plots.findChildren(QLabel) if w.isVisible()]
    assert any("One half circle moves onto another" in text for text in stories)
    first = window.plots.figure_name()
    user.press(Qt.Key.Key_Right)
    second = window.plots.figure_name()
    assert second != first
    user.press(Qt.Key.Key_Left)
    assert window.plots.figure_name() == first
    user.press(Qt.Key.Key_Up)
    assert window.plots.run is shown[0]
    user.press(Qt.Key.Key_Down)
    assert window.plots.run is shown[1]
    with user.stalls.paused():
        user.press(Qt.Key.Key_Escape)
        user.rest()
    assert {name for name, dock in window.docks.items() if dock.isVisible()} == docks
    assert size(user) == letters
    assert window.menuBar().isVisible()


def test_that_space_plays_the_movie(user, shown):
    with user.stalls.paused():
        user.press(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        user.rest()
    while user.window.plots.figure_name() != "displacement":
        user.press(Qt.Key.Key_Right)
    movie = user.window.plots.view.movie
    user.until(movie.isVisible, "the movie from the record")
    user.press(Qt.Key.Key_Space)
    assert movie.playing()
    user.press(Qt.Key.Key_Space)
    assert not movie.playing()
    with user.stalls.paused():
        user.press(Qt.Key.Key_Escape)
        user.rest()


def test_that_notices_wait_until_the_talk_is_over(user, shown):
    user.window.notices.report("said before")
    user.told("said before")
    with user.stalls.paused():
        user.press(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        user.rest()
    user.window.notices.tell("said meanwhile")
    user.rest()
    assert not user.notices()
    with user.stalls.paused():
        user.press(Qt.Key.Key_Escape)
        user.rest()
    user.told("said before")
    user.told("said meanwhile")


def test_that_a_notice_lies_above_the_tabs_that_come_back(user, shown):
    window = user.window
    with user.stalls.paused():
        window.presenter.toggle()
        window.notices.tell("on top")
        window.presenter.toggle()
    notice = user.told("on top")
    user.until(lambda: window.children()[-1] is notice, "nothing is above it")
    spot = notice.geometry().center()
    assert notice.isAncestorOf(window.childAt(spot)) or window.childAt(spot) is notice
