"""Long drawings in a process of their own: told of, ended, failed, and never in the way."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from engines.figure import Figure, Image, Panel
from workbench import messages as m
from workbench.batch import plan
from workbench.export import clear
from workbench.records import RunInfo
from workbench.records.recorder import write_record
from workbench.studio import Studio

MOVIE = Figure("wave", "", (Panel((Image(values=np.random.default_rng(0).random((40, 8, 8))),)),))
OPTIONS = {"width_mm": 60.0, "dpi": 50, "every": 2}


@pytest.fixture
def record(tmp_path) -> str:
    info = RunInfo(
        method="pde.x",
        parameters={},
        seed=0,
        device="cpu",
        precision="float64",
        started="2026-01-01T00:00:00+00:00",
        state="done",
    )
    write_record(tmp_path / "a.h5", info, None, None, (MOVIE,), {})
    (tmp_path / "out").mkdir()
    return str(tmp_path / "a.h5")


@pytest.fixture
def posted():
    return deque()


@pytest.fixture
def studio(posted):
    made = Studio(posted.append)
    yield made
    made.close()


def wait(what, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def drawn(posted, token):
    kinds = (m.Drawn,)
    return wait(
        lambda: next((x for x in list(posted) if isinstance(x, kinds) and x.token == token), None)
    )


def test_that_a_movie_is_told_of_picture_by_picture(studio, posted, record, tmp_path):
    path = str(tmp_path / "out" / "a.gif")
    token = studio.start("movie", record, "wave", path, OPTIONS)
    assert drawn(posted, token) == m.Drawn(token, path)
    told = [(x.done, x.total) for x in posted if isinstance(x, m.Drawing)]
    assert told == [(k, 20) for k in range(21)]
    assert Path(path).exists()


def test_that_a_work_that_is_ended_says_no_more_and_leaves_no_file(
    studio, posted, record, tmp_path
):
    path = tmp_path / "out" / "a.mp4"
    token = studio.start("movie", record, "wave", str(path), {**OPTIONS, "every": 1})
    wait(lambda: any(isinstance(x, m.Drawing) and x.done > 1 for x in list(posted)))
    child = studio._open[token]
    studio.stop(token)
    count = len(posted)
    wait(lambda: not child._process.is_alive())
    assert len(posted) == count
    assert child._process.exitcode == 0, "it ended by itself, and was not killed"
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a"])
def test_that_a_picture_that_takes_too_long_leaves_nothing_either(
    studio, posted, record, tmp_path, monkeypatch, name
):
    monkeypatch.setattr("workbench.studio.PATIENCE", 0.1)
    path = tmp_path / "out" / name
    token = studio.start("movie", record, "wave", str(path), {**OPTIONS, "every": 1})
    wait(lambda: list(path.parent.iterdir()))
    child = studio._open[token]
    os.kill(child.pid, signal.SIGSTOP)  # a picture that does not get ready
    studio.stop(token)
    wait(lambda: child._process.exitcode is not None)
    wait(lambda: not list(path.parent.iterdir()), 5.0)
    assert child._process.exitcode == -signal.SIGKILL, "it did not end by itself"


def test_that_what_others_write_beside_it_stays(tmp_path):
    names = (".a.gif.12-x.tmp", ".a.gif.123-x.tmp", ".b.gif.12-x.tmp", "a.gif")
    for name in names:
        (tmp_path / name).mkdir()
    clear(str(tmp_path / "a.gif"), 12)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names[1:])
    clear(str(tmp_path / "nowhere" / "a.gif"), 12)


def test_that_a_refusal_is_a_sentence_and_a_dead_process_is_told(studio, posted, record, tmp_path):
    token = studio.start("movie", record, "wave", str(tmp_path / "nowhere" / "a.gif"), OPTIONS)
    assert "cannot be written" in drawn(posted, token).error
    out = tmp_path / "out"
    token = studio.start("movie", record, "wave", str(out / "b.gif"), {**OPTIONS, "every": 1})
    wait(lambda: list(out.iterdir()))
    os.kill(studio._open[token].pid, signal.SIGKILL)
    assert "SIGKILL" in drawn(posted, token).error
    assert list(out.iterdir()) == []


def test_that_a_batch_gives_its_files(studio, posted, record, tmp_path):
    pieces = plan([record], tmp_path / "out", "svg").pieces
    token = studio.start("batch", pieces, {"width_mm": 60.0, "dpi": 50})
    assert drawn(posted, token).value == [str(tmp_path / "out" / "a-wave.svg")]
