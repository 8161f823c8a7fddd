from __future__ import annotations

import os
import signal
import time
from collections import deque

import pytest

from workbench import desk, runs
from workbench import messages as m
from workbench.jobs import Job


@pytest.fixture
def posted():
    return deque()


def wait(posted, what, seconds=30.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for message in list(posted):
            if what(message):
                return message
        time.sleep(0.01)
    raise AssertionError(list(posted))


def answer(posted, token):
    return wait(posted, lambda x: isinstance(x, m.Answer) and x.token == token)


def test_that_a_call_is_answered_and_a_refusal_is_a_sentence(tmp_path, posted):
    made = desk.Desk(tmp_path, posted.append)
    assert "moons" in answer(posted, made.call("samples")).value
    assert "nowhere.csv" in answer(posted, made.call("preview", "/nowhere.csv")).error
    made.close()


def test_that_a_killed_desk_answers_again(tmp_path, posted):
    made = desk.Desk(tmp_path, posted.append)
    answer(posted, made.call("runs"))
    os.kill(made.pid, signal.SIGKILL)
    time.sleep(0.3)
    assert answer(posted, made.call("runs")).value is not None
    made.close()


def _die(connection, workspace):
    os._exit(3)


def test_that_a_desk_which_cannot_start_is_given_up_instead_of_started_for_ever(
    tmp_path, posted, monkeypatch
):
    monkeypatch.setattr(desk, "serve", _die)
    made = desk.Desk(tmp_path, posted.append)
    died = wait(posted, lambda x: isinstance(x, m.Died))
    assert died.gave_up
    assert "does not start" in answer(posted, made.call("runs")).error
    made.close()


def test_that_the_arrays_of_two_records_are_compared_byte_for_byte(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.h5", "b.h5", "c.h5")]
    for path, end in zip(paths, (0.1, 0.1, 0.2), strict=True):
        settings = {"grid": 16, "t_end": end, "frames": 3}
        job = Job("pde.navier_stokes_2d", settings, "decaying_turbulence", output=path)
        runs.execute(runs.prepare(job))
    calls = desk.Calls(tmp_path)
    count, differing = calls.differences(paths[0], paths[1])
    assert count > 5
    assert differing == ()
    assert {"vorticity", "time"} <= set(calls.differences(paths[0], paths[2])[1])
    assert "x" not in calls.differences(paths[0], paths[2])[1]
