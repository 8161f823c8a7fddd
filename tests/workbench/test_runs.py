"""A run whose record finds no place at its end: nothing computed may be lost."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.events import Finished, Logged
from workbench import records, runs
from workbench.jobs import Job, Refused

ROOT = Path(__file__).resolve().parents[2]
JOB = Job("pde.navier_stokes_2d", {"grid": 32, "t_end": 0.1, "frames": 3})


def thrown_away(folder):
    """A listener that takes the folder of the record away as soon as the run says something."""

    def listen(event) -> None:
        if isinstance(event, Logged) and folder.is_dir():
            folder.rename(folder.with_name("moved"))
            folder.write_text("a file where the folder was")

    return listen


def ended(folder, answers):
    """The outcome of a run that loses its folder, and what `elsewhere` was told."""
    folder.mkdir()
    why = []

    def elsewhere(text):
        why.append(text)
        return answers.pop(0)

    job = replace(JOB, output=str(folder / "a.h5"))
    return runs.execute(
        runs.prepare(job), thrown_away(folder), elsewhere=elsewhere
    ), why  # fmt: skip


def test_that_a_record_without_a_place_goes_where_it_is_told_when_asked_again(tmp_path):
    bad, good = tmp_path / "runs" / "b.h5", tmp_path / "c.h5"
    outcome, why = ended(tmp_path / "runs", [bad, good])
    assert outcome.record == good
    assert len(why) == 2
    assert "runs" in why[0]
    found = records.read_arrays(good, "result")["vorticity"]
    np.testing.assert_array_equal(found, outcome.result.vorticity)


def test_that_a_record_is_given_up_only_when_told_so(tmp_path):
    outcome, why = ended(tmp_path / "runs", [None])
    assert outcome.record is None
    assert outcome.info.state == "done"
    assert outcome.result is not None
    assert len(why) == 1


def test_that_a_place_that_cannot_hold_a_record_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    job = replace(JOB, output=str(tmp_path / "file" / "a.h5"))
    said = []
    with pytest.raises(Refused, match="file"):
        runs.execute(runs.prepare(job), said.append)
    assert not any(isinstance(event, Finished) for event in said)


def test_that_what_a_killed_run_left_in_the_same_place_is_recovered_first(tmp_path):
    output = str(tmp_path / "a.h5")
    words = f"run pde.navier_stokes_2d --set t_end=1e6 --set frames=10000 --output {output}"
    process = subprocess.Popen([sys.executable, "-m", "ui", *words.split()], cwd=ROOT)
    part, until = Path(f"{output}.part"), time.monotonic() + 60
    while not part.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    process.kill()
    process.wait()
    with pytest.raises(Refused, match="left behind by a run that was killed"):
        runs.execute(runs.prepare(replace(JOB, output=output)))
    (found,) = tmp_path.glob("*.h5")
    assert records.read_info(found).state == "interrupted"
