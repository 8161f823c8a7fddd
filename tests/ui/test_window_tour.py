"""The guided tour by clicks and keys: every stop lies on the real pane, and nothing is blocked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from ui.tour import STOPS


@pytest.fixture
def tour(user):
    """The tour at its first stop."""
    user.window.commands["tour"].trigger()
    user.rest()
    yield user.window.demos.tour
    user.window.demos.tour.end()


def place(window, widget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def test_that_the_start_page_offers_the_tour_until_it_was_taken(alone):
    window = alone.window
    alone.click(alone.button("Take the tour", window.start))
    assert window.demos.tour.at == 0
    alone.click(alone.button("Skip", window.demos.tour.words))
    assert window.demos.tour.at == -1
    assert not window.start.tour.isVisible()
    assert window.settings["toured"] is True


def test_that_next_leads_over_all_panes_with_the_light_on_each(user, tour):
    window = user.window
    for number, stop in enumerate(STOPS):
        assert tour.at == number
        user.rest()
        if stop.place in window.docks:
            assert window.docks[stop.place].isVisible()
            assert tour.light.spot == place(window, window.docks[stop.place])
        elif stop.place == "plots":
            assert tour.light.spot == place(window, window.plots)
        else:
            assert not tour.light.spot.isEmpty()
        assert window.rect().contains(tour.words.geometry())
        assert not number or user.button("Back", tour.words).isEnabled()
        last = number == len(STOPS) - 1
        user.click(user.button("Done" if last else "Next", tour.words))
    assert tour.at == -1
    assert tour.light is None


def test_that_back_and_escape_and_return_do_what_they_say(user, tour):
    user.press(Qt.Key.Key_Return)  # Next has the focus
    assert tour.at == 1
    user.click(user.button("Back", tour.words))
    assert tour.at == 0
    assert not tour.words.back.isEnabled()
    user.press(Qt.Key.Key_Escape)
    assert tour.at == -1
    assert tour.words is None


def test_that_a_closed_pane_is_brought_back_when_its_turn_comes(user, tour):
    user.window.docks["methods"].hide()
    user.click(user.button("Next", tour.words))
    user.rest()
    assert user.window.docks["methods"].isVisible()
    assert tour.light.spot == place(user.window, user.window.docks["methods"])


def test_that_panes_are_used_while_the_tour_goes_on(user, tour):
    user.method("Sinkhorn")
    assert user.window.setup.method() == "transport.sinkhorn"
    line = user.window.results.filter.findChild(type(user.window.methods._search))
    user.click(line)
    QTest.keyClicks(line, "moons")
    assert line.text() == "moons"
    line.clear()
    assert tour.at == 0


def test_that_the_light_follows_when_the_window_changes_its_size(user, tour):
    size = user.window.size()
    with user.stalls.paused():
        user.window.resize(1024, 700)
        user.rest(0.3)
    assert tour.light.spot == place(user.window, user.window.docks["data"])
    assert tour.light.size() == user.window.size()
    with user.stalls.paused():
        user.window.resize(size)
        user.rest(0.3)
