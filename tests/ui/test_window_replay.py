"""Replay by clicks: from the plots and the results, at several speeds, with its slider."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from tests.ui.conftest import slowness
from ui.replay import FIT, POSITIONS, ReplayWindow


@pytest.fixture(scope="module")
def flow(shared):
    """A run with curves and a movie."""
    shared.method("Navier–Stokes in two dimensions")
    shared.window.inputs.choose_example("taylor_green")
    shared.window.parameters.set_values({"grid": 64, "t_end": 2.0, "viscosity": 0.05})
    run = shared.over(shared.run())
    shared.until(lambda: shared.window.results.current() == run.record, "it is chosen")
    return run


@pytest.fixture
def box(user, flow):
    """The replay of the run on show; it plays."""
    user.window.runs.show(flow.id)
    user.until(user.window.commands["replay"].isEnabled, "it can be replayed")
    user.click(user.button("Replay", user.window.plots))
    found = user.until(lambda: user.window.findChild(ReplayWindow), "the replay opens")
    user.until(lambda: found._frames and found.playing(), "it plays")
    yield found
    found.close()
    user.until(lambda: user.window.findChild(ReplayWindow) is None, "it is closed")


def points(box) -> int:
    return box.curves._figure.panels[0].marks[0].x.size


def test_that_movie_and_curves_grow_together(user, box):
    box.set_playing(False)
    total = box._replay.total
    assert total > 0
    for share in (0.0, 0.5, 1.0):
        box.slider.setValue(round(share * POSITIONS))
        assert box.movie.movie.frame() == box._replay.frame(share * total, box._frames)
        wanted = int((box._replay.seconds[0] <= share * total).sum())
        assert points(box) == wanted
    assert box.movie.movie.frame() == box._frames - 1
    assert points(box) == box._replay.seconds[0].size


def test_that_a_replay_takes_ten_seconds_unless_a_speed_is_chosen(user, box):
    total = box._replay.total
    assert box.rate() == pytest.approx(total / FIT)
    user.pick(box.speed, "0.25×")
    assert box.rate() == 0.25
    user.rest(0.6)  # what is typed then is another word
    user.pick(box.speed, "100×")
    assert box.rate() == 100
    user.until(lambda: not box.playing(), "the end")
    assert box.slider.value() == POSITIONS


def test_that_the_clock_goes_as_fast_as_it_says(user, box):
    user.press(Qt.Key.Key_Space)
    assert not box.playing()
    box.slider.setValue(0)
    before = time.monotonic()
    user.press(Qt.Key.Key_Space)
    user.rest(2.0)
    user.press(Qt.Key.Key_Space)
    share, took = box.slider.value() / POSITIONS, time.monotonic() - before
    # One tick of the clock may be missing, more on a machine that is busy.
    assert share == pytest.approx(took / FIT, abs=0.03 * slowness())


def test_that_at_the_end_play_begins_again(user, box):
    box.set_playing(False)
    box.slider.setValue(POSITIONS)
    user.click(user.button("Play", box))
    assert box.playing()
    assert box.slider.value() < POSITIONS


def test_that_another_figure_is_played_at_the_same_time(user, box):
    box.set_playing(False)
    box.slider.setValue(POSITIONS // 2)
    user.pick(box.pictures, "Spectrum")
    user.until(lambda: box.movie._figure.name == "spectrum", "the other figure")
    assert box.slider.value() == POSITIONS // 2
    assert box.movie.movie.frame() == box._replay.frame(box._replay.total / 2, box._frames)


def test_that_a_record_is_replayed_from_the_menu_of_the_results(user, flow):
    results = user.window.results
    results.choose([flow.record])
    where = results.table.visualRect(results.model.index(results.model.row(flow.record), 1))
    results.table.customContextMenuRequested.emit(where.center())
    menu = user.until(
        lambda: next((m for m in results.findChildren(QMenu) if m.isVisible()), None), "the menu"
    )
    action = next(a for a in menu.actions() if a.text().replace("&", "") == "Replay…")
    action.trigger()
    menu.close()
    box = user.until(lambda: user.window.findChild(ReplayWindow), "the replay opens")
    user.until(box.playing, "it plays")
    assert "Taylor–Green" in box.windowTitle()
    box.close()


def test_that_the_menus_name_it_once(user, flow):
    user.window.runs.show(flow.id)
    user.until(user.window.commands["replay"].isEnabled, "it can be replayed")
    titles = [action.text().replace("&", "") for action in user.window.commands.actions.values()]
    assert titles.count("Replay…") == 1
    user.choose("Figure", "Replay…")
    box = user.until(lambda: user.window.findChild(ReplayWindow), "the replay opens")
    box.close()
    user.until(lambda: user.window.findChild(ReplayWindow) is None, "it is closed")


def test_that_a_record_that_is_gone_is_said_in_the_window(user):
    user.window.demos.replay(str(user.window.workspace / "runs" / "00099-gone.h5"))
    box = user.until(lambda: user.window.findChild(ReplayWindow), "the replay opens")
    user.until(lambda: "00099-gone.h5" in box._waiting.text(), "why there is nothing")
    assert not box.playing()
    user.click(box.play)
    assert not box.playing()
    box.close()
