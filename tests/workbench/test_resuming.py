"""Runs that are stopped or killed and resumed: equal, byte for byte, to those that never were."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.context import Context
from engines.events import Logged
from ui.main import main
from workbench import api, records, runs
from workbench.jobs import Job, Refused
from workbench.records import RecordError
from workbench.resuming import job_to_resume

FLOW = {"grid": 32, "t_end": 4.0, "frames": 6, "forcing": 1.0, "drag": 0.1}
SINKHORN = {"epsilon": 0.005, "tol": 1e-9}
# The first map takes steps too: there the run is stopped at first, and then in the training.
TURNED = {"steps": 40, "batch": 32, "start": "turned", "keep": "best"}
# Method, example, settings and precision.
RUNS: list[tuple[str, str, Mapping[str, Any], str]] = [
    ("pde.navier_stokes_2d", "kolmogorov", {**FLOW, "stepper": "ETDRK4"}, "float64"),
    ("pde.navier_stokes_2d", "kolmogorov", {**FLOW, "stepper": "IMEX-CNAB2"}, "float64"),
    ("pde.navier_stokes_2d", "kolmogorov", {**FLOW, "stepper": "RK4"}, "float32"),
    ("transport.sinkhorn", "two_moons", {**SINKHORN, "backend": "kernel"}, "float64"),
    ("transport.sinkhorn", "two_moons", {**SINKHORN, "backend": "dense_log"}, "float64"),
    ("transport.sinkhorn", "two_moons", {**SINKHORN, "backend": "streamed"}, "float32"),
    ("transport.sinkhorn", "disc_and_star", {"epsilon": 0.01, "tol": 1e-9}, "float64"),
    ("diffusion.edm_sampler", "gmm_ring8", {"n_samples": 64, "S_churn": 10.0}, "float64"),
    ("diffusion.edm_sampler", "two_moons", {"n_samples": 64, "ladder": True}, "float64"),
    ("transport.light_sb", "eight_gaussians", {"steps": 60}, "float64"),
    ("transport.light_sb", "swiss_roll", {"steps": 60, "covariance": "full"}, "float32"),
    ("transport.monge_gap", "gaussian_turned", {**TURNED, "start": "random"}, "float64"),
    ("transport.monge_gap", "moons_to_ring", TURNED, "float32"),
]
SHORT = Job("pde.navier_stokes_2d", {"grid": 32, "t_end": 8.0, "frames": 4}, "double_shear_layer")


class Turns:
    """Counts the calls of `keep`, and asks for a stop at one of them."""

    def __init__(self, monkeypatch) -> None:
        self.count, self.stop_at, self.stop = 0, -1, threading.Event()
        real = Context.keep

        def keep(ctx, build):
            real(ctx, build)
            self.count += 1
            if self.count == self.stop_at:
                self.stop.set()

        monkeypatch.setattr(Context, "keep", keep)

    def until(self, number: int) -> threading.Event:
        """A stop that comes with the call of this number."""
        self.count, self.stop_at, self.stop = 0, number, threading.Event()
        return self.stop


@pytest.fixture
def turns(monkeypatch) -> Turns:
    return Turns(monkeypatch)


def ran(job: Job, place: Path, stop: threading.Event | None = None, **changes) -> Path:
    job = replace(job, output=str(place), **changes)
    outcome = runs.execute(runs.prepare(job), stop=stop)
    assert outcome.info.state == ("stopped" if stop else "done"), outcome.info.error
    return outcome.record


def stopped(place: Path, turns: Turns, job: Job = SHORT) -> Path:
    return ran(job, place, turns.until(20))


def equal(one: Path, other: Path) -> None:
    """Whether results and histories have the same bytes, but for the times of the clock."""
    first, second = (records.read_arrays(path, "result") for path in (one, other))
    assert list(first) == list(second)
    for name in (n for n in first if "seconds" not in n):
        assert first[name].dtype == second[name].dtype
        assert first[name].tobytes() == second[name].tobytes(), name
    first, second = (records.read_history(path) for path in (one, other))
    assert list(first) == list(second)
    for name in first:
        assert first[name].steps.tolist() == second[name].steps.tolist(), name
        assert first[name].values.tobytes() == second[name].values.tobytes(), name
        assert (np.diff(second[name].seconds) >= 0).all(), name


@pytest.mark.parametrize(("name", "example", "settings", "precision"), RUNS)
def test_that_a_run_stopped_on_its_way_and_resumed_gives_the_same_bytes(
    tmp_path, turns, name, example, settings, precision
):
    cls = runs.method(name)
    settings = {**runs.settings(cls, "quick", example), **settings}
    job = Job(name, settings, example, seed=3, precision=precision)
    whole = ran(job, tmp_path / "whole.h5")
    count = turns.count
    assert count > 6, "the run is long enough to be stopped twice"
    first = ran(job, tmp_path / "first.h5", turns.until(count // 3))
    second = ran(job, tmp_path / "second.h5", turns.until(3 * count // 5), resume=str(first))
    before = runs.prepare(replace(job, resume=str(second))).former.checkpoint.seconds
    last = ran(job, tmp_path / "last.h5", resume=str(second))
    equal(whole, last)
    info = records.read_info(last)
    assert info.resumed == str(second)
    assert info.seconds > before > 0


def test_that_a_stop_after_the_last_step_can_be_resumed_too(tmp_path, turns):
    whole = ran(SHORT, tmp_path / "whole.h5")
    first = ran(SHORT, tmp_path / "first.h5", turns.until(turns.count))
    equal(whole, ran(SHORT, tmp_path / "last.h5", resume=str(first)))


def test_that_the_former_curves_are_told_to_whoever_listens(tmp_path, turns):
    first = stopped(tmp_path / "first.h5", turns)
    job = replace(SHORT, output=str(tmp_path / "last.h5"), resume=str(first))
    events = []
    runs.execute(runs.prepare(job), events.append)
    told = [
        row["energy"]
        for e in events
        if isinstance(e, Logged)
        for *_, row in e.rows
        if row.get("energy")
    ]
    assert told == records.read_history(tmp_path / "last.h5")["energy"].values.tolist()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"seed": 4}, "seed is 4; it must be 0"),
        ({"parameters": {**SHORT.parameters, "grid": 64}}, "grid is 64; it must be 32"),
        ({"precision": "float32"}, "precision is float32; it must be float64"),
        ({"example": "taylor_green"}, "vorticity holds other values"),
        ({"method": "transport.sinkhorn", "parameters": {}, "example": ""}, "method is"),
        ({"resume": "nowhere.h5"}, "nowhere.h5 does not exist"),
    ],
)
def test_that_only_the_same_run_goes_on(tmp_path, turns, changes, text):
    job = replace(SHORT, resume=str(stopped(tmp_path / "a.h5", turns)))
    assert runs.prepare(job).former is not None
    with pytest.raises(Refused, match=text):
        runs.prepare(replace(job, **changes))


def test_that_a_run_that_is_done_or_has_no_checkpoint_does_not_go_on(tmp_path, turns):
    whole = ran(SHORT, tmp_path / "whole.h5")
    with pytest.raises(RecordError, match="is done; it must be stopped or interrupted"):
        job_to_resume(whole)
    first = stopped(tmp_path / "first.h5", turns)
    records.checkpoint_of(first).unlink()
    with pytest.raises(RecordError, match=r"has no checkpoint; .*; run again"):
        job_to_resume(first)


def test_that_a_script_resumes_arrays_of_its_own(tmp_path, turns):
    field = np.random.default_rng(0).normal(size=(32, 32))
    given = {"vorticity": field, **SHORT.parameters}
    whole = api.run(SHORT.method, output=tmp_path / "whole.h5", **given)
    first = tmp_path / "first.h5"
    prepared = runs.prepare(
        replace(SHORT, example="", output=str(first)), arrays={"vorticity": field}
    )
    runs.execute(prepared, stop=turns.until(20))
    with pytest.raises(RecordError, match="came from a script"):
        job_to_resume(first)
    last = api.run(SHORT.method, output=tmp_path / "last.h5", resume=first, **given)
    equal(whole.record, last.record)


def test_that_the_command_line_resumes_a_record(tmp_path, turns, capsys):
    whole = ran(replace(SHORT, seed=5, title="mine"), tmp_path / "whole.h5")
    first = stopped(tmp_path / "first.h5", turns, replace(SHORT, seed=5, title="mine"))
    last = tmp_path / "last.h5"
    assert main(["run", "--resume", str(first), "--output", str(last)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(last)
    equal(whole, last)
    assert main(["show", str(last), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["resumed"], shown["seed"], shown["title"]) == (str(first), 5, "mine")
    space = tmp_path / "space"
    assert main(["run", "--resume", str(first), "--workspace", str(space), "--quiet"]) == 0
    (record,) = (space / "runs").glob("*.h5")
    equal(whole, record)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--resume", "whole.h5"], "is done; it must be stopped or interrupted"),
        (["--resume", "first.h5", "--set", "grid=64"], "--set is given with --resume"),
        (["pde.navier_stokes_2d", "--resume", "first.h5"], "METHOD is given with --resume"),
        (["--resume", "first.h5", "--seed", "3"], "seed is 3; it must be 0"),
        ([], "METHOD is missing"),
    ],
)
def test_that_the_command_line_says_why_a_record_does_not_go_on(
    tmp_path, turns, capsys, monkeypatch, words, text
):
    monkeypatch.chdir(tmp_path)
    ran(SHORT, tmp_path / "whole.h5")
    stopped(tmp_path / "first.h5", turns)
    assert main(["run", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert text in line
