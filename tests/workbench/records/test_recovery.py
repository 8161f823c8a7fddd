import contextlib
import json
import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from engines.events import Logged, Step
from workbench.records import (
    Recorder,
    RecordError,
    read_arrays,
    read_history,
    read_info,
    read_scalars,
    recorder,
    recover,
    recovery,
)
from workbench.records.live import Still, lookup3
from workbench.records.recorder import _abandoned

# Logs a row every 5 ms with the time of day as its value, so that a reader knows how old it is.
WRITER = """
    import sys, time
    from dataclasses import dataclass
    from pathlib import Path
    import numpy as np
    from engines.events import Logged, Step, Warned
    from engines.problem import Problem, array, scalar
    from workbench.records import Recorder, RunInfo

    @dataclass(frozen=True, kw_only=True)
    class Plate(Problem):
        u: object = array("y x", "temperature", "K")
        nu: float = scalar(0.1, "diffusivity", "m²/s")

    info = RunInfo(method="a.b", parameters={"n": 3}, seed=5, device="cpu", precision="float64",
                   started="2026-01-02T03:04:05+00:00", state="running")
    recorder = Recorder(Path(sys.argv[1]), info, Plate(u=np.arange(12.0).reshape(3, 4)))
    recorder.add(Warned("small"))
    print("begun", flush=True)
    for k in range(100_000):
        recorder.add(Logged("a", ((k, 0.005 * k, {"now": time.time()}),)))
        recorder.add(Step("a", k, None, 0.005 * k))
        time.sleep(0.005)
"""


@contextlib.contextmanager
def writer(path: Path):
    """A process that records a run until it is killed."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "begun\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def part_of_the_dead(tmp_path, info, problem):
    """The .part of a process that is gone; its log holds two rows and a torn third one."""

    def make(name: str = "a.h5") -> Path:
        killed = Recorder(tmp_path / name, info, problem)
        killed.add(Logged("", ((1, 0.5, {"loss": 2.0}), (2, 1.5, {"loss": np.nan}))))
        killed.add(Step("", 3, 10, 1.75))
        killed._end()
        with h5py.File(killed.part, "r+") as file:
            file.attrs["process_started"] = file.attrs["process_started"] - 100
            torn = np.frombuffer(b'{"logged": "", "rows": [[3, 2.0', np.uint8)
            log = file["live/log"]
            log.resize((log.size + torn.size,))
            log[-torn.size :] = torn
        return killed.part

    return make


def test_that_a_killed_run_loses_at_most_two_seconds_of_its_history(tmp_path):
    rng = random.Random(time.time())
    waits = [0.0, *(rng.uniform(0.05, 2.5) for _ in range(5))]
    running, begun, killed = {}, {}, {}
    with contextlib.ExitStack() as stack:
        for k in range(len(waits)):
            running[k] = stack.enter_context(writer(tmp_path / f"{k}.h5"))
            begun[k] = time.time()
        assert recover(tmp_path) == []  # all of them are alive
        start = time.time()
        for k in sorted(running, key=lambda k: waits[k]):
            time.sleep(max(0.0, start + waits[k] - time.time()))
            running[k].kill()
            killed[k] = time.time()
            running[k].wait()
    made = recover(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{k}.h5" for k in range(len(waits))]
    for k, path in enumerate(made):
        header = read_info(path)
        assert (header.state, header.seed, header.parameters) == ("interrupted", 5, {"n": 3})
        np.testing.assert_array_equal(
            read_arrays(path, "problem")["u"], np.arange(12.0).reshape(3, 4)
        )
        rows = read_history(path).get("a: now")
        if rows is not None:
            np.testing.assert_array_equal(rows.steps, np.arange(rows.steps.size))
            assert killed[k] - rows.values[-1] < 2.0
            assert header.warnings == ("small",)
        else:
            assert killed[k] - begun[k] < 2.0
    assert sum("a: now" in read_history(path) for path in made) >= 1


def test_that_a_run_is_read_by_others_while_it_goes_on(tmp_path):
    path = tmp_path / "a.h5"
    with writer(path):
        part = tmp_path / "a.h5.part"
        sizes = []
        until = time.monotonic() + 10
        while len(sizes) < 2 and time.monotonic() < until:
            rows = read_history(part).get("a: now")
            if rows is not None and rows.values.size not in sizes:
                sizes.append(rows.values.size)
                np.testing.assert_array_equal(rows.steps, np.arange(rows.steps.size))
            time.sleep(0.05)
        with h5py.File(part, "r", swmr=True, locking=False) as file:  # without our own reader
            assert file["live/log"].size > 0
            assert file["problem/u"][2, 3] == 11.0
        assert read_info(part).state == "running"
    assert len(sizes) == 2
    assert sizes[0] < sizes[1]


def test_that_a_left_over_becomes_a_record_marked_interrupted(tmp_path, part_of_the_dead, problem):
    part = part_of_the_dead()
    assert recover(tmp_path) == [tmp_path / "a.h5"]
    assert not part.exists()
    header = read_info(tmp_path / "a.h5")
    assert header.state == "interrupted"
    assert header.note == "The program ended before the run did. It had done 3 of 10 steps."
    assert header.seconds == 1.75
    assert header.ended is not None
    np.testing.assert_array_equal(read_history(tmp_path / "a.h5")["loss"].values, [2.0, np.nan])
    assert read_arrays(tmp_path / "a.h5", "problem")["u"].tobytes() == problem.u.tobytes()
    assert read_scalars(tmp_path / "a.h5", "problem") == {"nu": 0.25, "border": "periodic"}
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["problem/u"].attrs["units"] == "K"
        assert file["problem"].attrs["nu_units"] == "m²/s"
        assert file["problem/u"].dims[1][0] == file["problem/x"]
        assert "live" not in file
        assert "pid" not in file.attrs


def test_that_a_recovered_problem_still_names_what_was_too_large(
    tmp_path, part_of_the_dead, monkeypatch
):
    monkeypatch.setattr(recorder, "LARGEST", 100)
    part_of_the_dead()
    (path,) = recover(tmp_path)
    assert list(read_arrays(path, "problem")) == ["x"]
    with h5py.File(path) as file:
        assert json.loads(file["problem"].attrs["referenced"])["u"] == "5 × 7 float64"


def test_that_a_run_of_a_living_process_is_left_alone(tmp_path, info):
    living = Recorder(tmp_path / "a.h5", info, None)
    temporary = tmp_path / f"b.h5.{os.getpid()}-{psutil.Process().create_time():.0f}.tmp"
    temporary.write_text("")
    assert recover(tmp_path) == []
    assert living.part.exists()
    assert temporary.exists()
    living.finish(info, None, ())


def test_that_a_run_on_another_machine_is_left_alone(tmp_path, part_of_the_dead):
    part = part_of_the_dead()
    with h5py.File(part, "r+") as file:
        file.attrs["host"] = "the-other-one"
    assert recover(tmp_path) == []
    assert part.exists()


def test_that_temporary_files_of_the_dead_are_removed(tmp_path):
    (tmp_path / f"a.h5.{os.getpid()}-1.tmp").write_text("")  # a number that was used before
    (tmp_path / "a.h5.999999999-1.tmp").write_text("")
    (tmp_path / "of somebody else.tmp").write_text("")
    assert recover(tmp_path) == []
    assert [p.name for p in tmp_path.iterdir()] == ["of somebody else.tmp"]


def test_that_an_unreadable_left_over_is_put_aside_and_never_deleted(tmp_path):
    (tmp_path / "a.h5.part").write_bytes(b"\x89HDF\r\n\x1a\n and then nothing")
    assert recover(tmp_path) == [tmp_path / "a.h5.broken"]
    assert (tmp_path / "a.h5.broken").read_bytes().endswith(b"nothing")


def test_that_a_run_killed_after_its_record_was_complete_is_not_doubled(tmp_path, part_of_the_dead):
    part = part_of_the_dead()
    before = part.read_bytes()
    recover(tmp_path)
    complete = (tmp_path / "a.h5").read_bytes()
    part.write_bytes(before)  # as if the process had died between renaming and removing
    assert recover(tmp_path) == []
    assert (tmp_path / "a.h5").read_bytes() == complete
    assert not part.exists()


def test_that_a_left_over_never_replaces_a_record_of_another_run(tmp_path, part_of_the_dead, info):
    part_of_the_dead()
    other = Recorder(tmp_path / "b.h5", info.model_copy(update={"seed": 8}), None)
    other.finish(info.model_copy(update={"seed": 8}), None, ()).rename(tmp_path / "a.h5")
    assert recover(tmp_path) == [tmp_path / "a 2.h5"]
    assert read_info(tmp_path / "a.h5").seed == 8
    assert read_info(tmp_path / "a 2.h5").state == "interrupted"


def test_that_a_left_over_waits_where_there_is_no_room_for_its_record(
    tmp_path, part_of_the_dead, monkeypatch
):
    part = part_of_the_dead()

    def full(*args, **options):
        raise RecordError("no room", 28)

    monkeypatch.setattr(recovery, "write_record", full)
    assert recover(tmp_path) == []
    assert part.exists()


def test_that_a_finish_that_failed_leaves_a_run_that_can_be_recovered(tmp_path, info, problem):
    failing = Recorder(tmp_path / "a.h5", info, problem)
    failing.add(Logged("", ((1, 0.5, {"loss": 2.0}),)))
    with pytest.raises(RecordError):
        failing.finish(info, None, (), path=tmp_path / "gone" / "a.h5")
    with h5py.File(failing.part, "r+") as file:
        file.attrs["pid"] = 999_999_999
    assert recover(tmp_path) == [tmp_path / "a.h5"]
    assert read_history(tmp_path / "a.h5")["loss"].values[0] == 2.0
    assert not _abandoned


def test_that_a_left_over_with_a_wrong_checksum_is_put_aside_at_once(tmp_path, part_of_the_dead):
    part = part_of_the_dead()
    whole = part.read_bytes()
    places = [at for at in range(len(whole)) if whole.startswith(b"OHDR", at)]
    for place in places:  # heads of groups and data sets; HDF5 itself would ask again for ever
        part.write_bytes(whole[: place + 30] + b"\xff" + whole[place + 31 :])
        start = time.monotonic()
        recover(tmp_path)
        assert time.monotonic() - start < 5
        assert not part.exists()
    assert len(places) > 3


def test_that_a_living_file_shows_what_its_writer_has_not_yet_counted(tmp_path, part_of_the_dead):
    part = part_of_the_dead()
    whole = part.read_bytes()
    with Still(part) as still, h5py.File(still) as file, h5py.File(part) as plain:
        assert sorted(file) == sorted(plain)
        np.testing.assert_array_equal(file["live/log"], plain["live/log"])
    assert part.read_bytes() == whole
    marked = bytearray(whole)
    marked[11] = 5  # open for writing, and for reading meanwhile
    marked[44:48] = lookup3(bytes(marked[:44])).to_bytes(4, "little")
    part.write_bytes(marked)
    with pytest.raises(OSError, match="open"):
        h5py.File(part)
    assert list(read_history(part)["loss"].steps) == [1, 2]


def test_that_the_checksum_is_that_of_hdf5(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w", libver="latest"):
        pass
    head = (tmp_path / "a.h5").read_bytes()[:48]
    assert lookup3(head[:44]) == int.from_bytes(head[44:], "little")
