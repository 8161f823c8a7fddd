from __future__ import annotations

import pytest

from workbench.jobs import FINAL, next_state

EVENTS = ("start", "pause", "resume", "complete", "stop", "fail", "interrupt")


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (("start", "complete"), "done"),
        (("start", "pause", "resume", "complete"), "done"),
        (("start", "pause", "stop"), "stopped"),
        (("stop",), "stopped"),
        (("start", "fail"), "failed"),
        (("fail",), "failed"),
        (("start", "interrupt"), "interrupted"),
        (("pause", "resume"), "queued"),
        (("start", "resume"), "running"),
    ],
)
def test_that_a_run_goes_through_its_states(path, end):
    state = "queued"
    for event in path:
        state = next_state(state, event)
    assert state == end


@pytest.mark.parametrize("state", sorted(FINAL))
def test_that_nothing_happens_after_the_end(state):
    assert all(next_state(state, event) == state for event in EVENTS)
