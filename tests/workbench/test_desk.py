from __future__ import annotations

import os
import signal
import time
from collections import deque

import numpy as np
import pytest

from engines.figure import Figure, Image, Panel
from workbench import desk, runs
from workbench import messages as m
from workbench.jobs import Job
from workbench.records import RunInfo
from workbench.records.recorder import write_record


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


def test_that_a_desk_that_is_ended_while_it_writes_leaves_nothing(tmp_path, posted):
    out = tmp_path / "out"
    out.mkdir()
    cells = np.random.default_rng(0).random((600, 600))
    figure = Figure("noise", "", (Panel((Image(values=cells),)),))
    info = RunInfo(
        method="pde.x",
        parameters={},
        seed=0,
        device="cpu",
        precision="float64",
        started="2026-01-01T00:00:00+00:00",
        state="done",
    )
    write_record(tmp_path / "a.h5", info, None, None, (figure,), {})
    made = desk.Desk(tmp_path, posted.append)
    options = {"width_mm": 800.0, "dpi": 400}  # some seconds
    made.call("export", str(tmp_path / "a.h5"), "noise", str(out / "a.png"), options)
    until = time.monotonic() + 30
    while not list(out.iterdir()) and time.monotonic() < until:
        time.sleep(0.001)
    os.kill(made.pid, signal.SIGSTOP)
    assert [p.name for p in out.iterdir()] != ["a.png"], "it was too fast to be ended"
    made.close()
    assert list(out.iterdir()) == []
