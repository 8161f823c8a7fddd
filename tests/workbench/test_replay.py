"""Replay of curves: what had been logged by a time, in axes that stay."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.records import History
from workbench.replay import MOST_POINTS, replay


def history(name: str, seconds, values) -> History:
    steps = np.arange(len(seconds))
    return History("", name, steps, np.asarray(seconds, float), np.asarray(values, float))


@pytest.fixture
def two():
    """Logged every second, and every two seconds."""
    return {
        "loss": history("loss", [0, 1, 2, 3, 4], [5.0, 4.0, 3.0, 2.5, 2.4]),
        "rank": history("rank", [0, 2, 4], [1.0, 2.0, 3.0]),
    }


def test_that_each_curve_has_what_was_logged_by_then(two):
    shown = replay(two, 5.0).at(2.0)
    lines = [panel.marks[0] for panel in shown.panels]
    np.testing.assert_array_equal(lines[0].y, [5.0, 4.0, 3.0])
    np.testing.assert_array_equal(lines[1].y, [1.0, 2.0])
    assert [line.x.size for line in (p.marks[0] for p in replay(two, 5.0).at(1.99).panels)] == [
        2,
        1,
    ]


def test_that_the_axes_are_those_of_the_end(two):
    whole = replay(two, 5.0)
    for time in (0.0, 2.0, 5.0):
        loss, rank = whole.at(time).panels
        for axis, low, high in ((loss.x, 0, 4), (loss.y, 2.4, 5), (rank.x, 0, 2), (rank.y, 1, 3)):
            assert axis.limits[0] <= low  # with a margin of a few per cent
            assert high <= axis.limits[1] < high + 1


def test_that_the_time_is_that_of_the_run_or_of_its_last_row(two):
    assert replay(two, 5.0).total == 5.0
    assert replay(two, None).total == 4.0
    assert replay({}, 3.0).total == 3.0
    assert replay({}, None).total == 0.0


def test_that_the_frames_share_the_time_equally(two):
    found = replay(two, 4.0)
    assert [found.frame(t, 4) for t in (0.0, 0.99, 1.0, 2.5, 3.99, 4.0, 9.0)] == [
        0, 0, 1, 2, 3, 3, 3,
    ]  # fmt: skip
    assert replay({}, None).frame(0.0, 7) == 6  # without a clock the movie is at its end


def test_that_a_long_curve_is_thinned_and_keeps_its_times():
    count = 10 * MOST_POINTS
    long = {"loss": history("loss", np.linspace(0, 10, count), np.linspace(1, 0, count))}
    line = replay(long, 10.0).at(5.0).panels[0].marks[0]
    assert line.x.size <= MOST_POINTS
    assert line.y[-1] == pytest.approx(0.5, abs=1e-3)  # half of the time, half of the way
