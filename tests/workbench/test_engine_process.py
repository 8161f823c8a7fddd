"""The engine process as the window uses it: real processes, real kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engines.events import Finished, Logged, Shown, Step
from workbench import messages as m
from workbench import records
from workbench.client import EngineClient
from workbench.jobs import Job
from workbench.resuming import job_to_resume

ROOT = Path(__file__).resolve().parents[2]
# Steps enough that a run is surely going on while a test acts on it.
LONG = {"grid": 64, "t_end": 1e6, "frames": 10_000, "forcing": 1.0, "drag": 0.1}


class Engine:
    """A client and everything it posted."""

    def __init__(self, folder: Path) -> None:
        self.posted: deque[m.Message] = deque()
        self.client = EngineClient(folder, self.posted.append)

    def wait(self, what, seconds: float = 60.0):
        """The first posted message for which `what` is true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in list(self.posted):
                if what(message):
                    return message
            time.sleep(0.005)
        raise AssertionError(f"did not come within {seconds} s; last {list(self.posted)[-5:]}")

    def finished(self, job: Job, seconds: float = 60.0) -> Finished:
        said = self.wait(
            lambda x: (
                isinstance(x, m.Said) and x.id == job.id and isinstance(x.events[-1], Finished)
            ),
            seconds,
        )
        return said.events[-1]

    def events(self, job: Job) -> list:
        return [
            e
            for x in list(self.posted)
            if isinstance(x, m.Said) and x.id == job.id
            for e in x.events
        ]

    def running(self, job: Job) -> None:
        """Wait until the run has said something."""
        self.wait(
            lambda x: isinstance(x, m.Said) and x.id == job.id and isinstance(x.events[0], Logged)
        )


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path)
    yield made
    made.client.close()
    assert (
        not psutil.pid_exists(made.client.pid)
        or psutil.Process(made.client.pid).status() == "zombie"
    )


def long_job(**changes) -> Job:
    return Job("pde.navier_stokes_2d", LONG, "kolmogorov", **changes)


def short_job(**changes) -> Job:
    return Job("transport.sinkhorn", {"epsilon": 0.05}, "two_moons", **changes)


def test_that_a_run_reports_and_leaves_its_record(engine):
    job = short_job(title="first")
    engine.client.submit(job)
    end = engine.finished(job)
    assert end.state == "done", end.detail
    kinds = {type(e) for e in engine.events(job)}
    assert {Step, Logged, Shown} <= kinds
    info = records.read_info(Path(end.record))
    assert (info.state, info.title, info.seed) == ("done", "first", 0)
    states = [x.state for x in engine.posted if isinstance(x, m.Changed) and x.id == job.id]
    assert states == ["queued", "running"]


def test_that_stop_pause_and_resume_reach_the_run(engine):
    job, second = long_job(), short_job()
    engine.client.submit(job)
    engine.client.submit(second)
    engine.running(job)
    engine.client.send(m.Pause(job.id))
    engine.wait(lambda x: isinstance(x, m.Changed) and x.state == "paused")
    time.sleep(0.2)
    before = len(engine.events(job))
    time.sleep(0.4)
    assert len(engine.events(job)) == before, "a paused run goes on"
    engine.client.send(m.Resume(job.id))
    time.sleep(0.3)
    assert len(engine.events(job)) > before
    assert engine.client.states()[second.id] == "queued"
    engine.client.send(m.Stop(job.id))
    end = engine.finished(job, 5.0)
    assert end.state == "stopped"
    assert records.read_info(Path(end.record)).state == "stopped"
    assert engine.finished(second).state == "done"


def test_that_a_queued_run_can_be_taken_out(engine):
    job, second = long_job(), long_job()
    engine.client.submit(job)
    engine.client.submit(second)
    engine.running(job)
    engine.client.send(m.Stop(second.id))
    engine.client.send(m.Stop(job.id))
    assert engine.finished(second).state == "stopped"


def test_that_runs_have_their_turns_in_the_order_that_the_queue_was_given(engine):
    first, *waiting = long_job(), *(short_job(seed=i) for i in range(4))
    for job in (first, *waiting):
        engine.client.submit(job)
    engine.running(first)

    def order(*jobs: Job) -> m.Queue:
        wanted = m.Queue(tuple(job.id for job in jobs))
        return engine.wait(lambda x: x == wanted)

    a, b, c, d = waiting
    order(a, b, c, d)
    for id, before, wanted in (
        (d.id, b.id, (a, d, b, c)),
        (a.id, "", (d, b, c, a)),
        (c.id, d.id, (c, d, b, a)),
    ):
        engine.client.send(m.Move(id, before))
        order(*wanted)
    assert [id for id in engine.client.states() if id != first.id] == [c.id, d.id, b.id, a.id]
    engine.client.send(m.Stop(first.id))
    for job in waiting:
        assert engine.finished(job).state == "done"
    started = [x.id for x in engine.posted if isinstance(x, m.Changed) and x.state == "running"]
    assert started == [first.id, c.id, d.id, b.id, a.id]
    assert [x for x in engine.posted if isinstance(x, m.Queue)][-1] == m.Queue(())


def test_that_a_run_that_has_its_turn_cannot_be_moved(engine):
    first, second = long_job(), short_job()
    engine.client.submit(first)
    engine.client.submit(second)
    engine.running(first)
    engine.client.send(m.Move(first.id, ""))
    assert engine.wait(lambda x: isinstance(x, m.NotMoved)).id == first.id
    # Where the one it was to be moved before has started, a run is the next.
    third = short_job()
    engine.client.submit(third)
    engine.client.send(m.Move(third.id, first.id))
    engine.wait(lambda x: x == m.Queue((third.id, second.id)))
    engine.client.send(m.Stop(first.id))
    assert engine.finished(second).state == "done"


def test_that_a_new_engine_takes_the_runs_over_in_their_order(engine):
    first, second, third = long_job(), short_job(seed=1), short_job(seed=2)
    for job in (first, second, third):
        engine.client.submit(job)
    engine.running(first)
    engine.client.send(m.Move(third.id, second.id))
    engine.wait(lambda x: x == m.Queue((third.id, second.id)))
    engine.client.kill()
    assert engine.finished(second).state == "done"
    started = [x.id for x in engine.posted if isinstance(x, m.Changed) and x.state == "running"]
    assert started == [first.id, third.id, second.id]


def test_that_refused_settings_and_data_fail_with_a_sentence(engine):
    for job, text in (
        (Job("transport.sinkhorn", {"epsilon": -1.0}, "two_moons"), "epsilon is -1"),
        (Job("transport.sinkhorn", {}, "no such"), "example is 'no such'"),
        (
            Job("transport.sinkhorn", {}, inputs={"x": "/nowhere.csv", "y": "/nowhere.csv"}),
            "nowhere.csv",
        ),
        (Job("transport.sinkhorn", {}, "two_moons", device="cuda:7"), "device is 'cuda:7'"),
    ):
        engine.client.submit(job)
        end = engine.finished(job)
        assert end.state == "failed"
        assert text in end.text


def test_that_the_bill_comes_before_the_run_and_names_the_field_at_fault(engine):
    engine.client.send(m.Ask(job := short_job()))
    bill = engine.wait(lambda x: isinstance(x, m.Billed) and x.job == job.id).bill
    assert bill.memory > 0
    assert bill.output > 0
    assert not bill.refusal
    engine.client.send(m.Ask(job := Job("transport.sinkhorn", {"epsilon": 0.0}, "two_moons")))
    bill = engine.wait(lambda x: isinstance(x, m.Billed) and x.job == job.id).bill
    assert bill.field == "epsilon"


def test_that_a_run_which_cannot_fit_is_refused_with_a_proposal(engine):
    job = Job("pde.navier_stokes_2d", {"grid": 8192, "frames": 2000})
    engine.client.submit(job)
    end = engine.finished(job)
    assert end.state == "failed"
    assert "GiB" in end.text
    assert "lower" in end.text


def test_that_a_killed_engine_fails_its_run_keeps_the_record_and_goes_on(engine):
    job, second = long_job(), short_job()
    engine.client.submit(job)
    engine.client.submit(second)
    engine.running(job)
    time.sleep(2.5)  # the history is written at least every two seconds
    os.kill(engine.client.pid, signal.SIGKILL)
    end = engine.finished(job)
    assert end.state == "failed"
    assert "SIGKILL" in end.text
    assert engine.finished(second).state == "done"
    ready = [x for x in engine.posted if isinstance(x, m.Ready)][-1]
    (recovered,) = ready.recovered
    info = records.read_info(Path(recovered))
    assert info.state == "interrupted"
    assert records.read_history(Path(recovered))["energy"].values.size > 0
    assert not list(Path(recovered).parent.glob("*.part"))


def test_that_a_run_whose_engine_was_killed_goes_on_and_gives_the_same_bytes(engine):
    settings = {"grid": 64, "t_end": 100.0, "frames": 60, "forcing": 1.0, "drag": 0.1}
    job = Job("pde.navier_stokes_2d", settings, "kolmogorov", seed=2)
    engine.client.submit(job)
    folder = engine.client._workspace / "runs"
    until = time.monotonic() + 60
    while not list(folder.glob("*.part.ckpt.npz")) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(engine.client.pid, signal.SIGKILL)
    assert "SIGKILL" in engine.finished(job).text
    ready = engine.wait(lambda x: isinstance(x, m.Ready) and x.recovered)
    assert ready.resumable == ready.recovered
    (record,) = map(Path, ready.recovered)
    assert "can be resumed" in records.read_info(record).note
    rest = job_to_resume(record)
    engine.client.submit(rest)
    whole = replace(job, id="whole")
    engine.client.submit(whole)
    resumed, straight = (Path(engine.finished(j, 120).record) for j in (rest, whole))
    info = records.read_info(resumed)
    assert (info.state, info.resumed) == ("done", str(record))
    assert info.seconds > records.read_info(record).seconds
    one, other = (records.read_arrays(path, "result") for path in (resumed, straight))
    assert {n: v.tobytes() for n, v in one.items()} == {n: v.tobytes() for n, v in other.items()}
    one, other = (records.read_history(path) for path in (resumed, straight))
    assert {n: h.values.tobytes() for n, h in one.items()} == {
        n: h.values.tobytes() for n, h in other.items()
    }
    assert not list(folder.glob("*.part*"))


def test_that_nothing_outlives_a_killed_window(tmp_path):
    """A parent that is killed without a word: no process left after 5 s, the record readable."""
    code = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from workbench.client import EngineClient
from workbench.jobs import Job
from workbench.resuming import job_to_resume
if __name__ == "__main__":
    client = EngineClient(Path({str(tmp_path)!r}), lambda x: None)
    client.submit(Job("pde.navier_stokes_2d", {LONG!r}, "kolmogorov"))
    print(client.pid, flush=True)
    time.sleep(600)
"""
    script = tmp_path / "parent.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    engine = psutil.Process(int(parent.stdout.readline()))
    until = time.monotonic() + 60
    while not list((tmp_path / "runs").glob("*.part")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1.0)
    family = [engine, *engine.children(recursive=True)]
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(family, timeout=5.0)
    assert not alive
    (record,) = (tmp_path / "runs").glob("*.h5")
    assert records.read_info(record).state == "interrupted"
    assert records.read_history(record)["energy"].values.size > 0
