"""The checkpoint beside a record: whole or not there, without pickles, where its record is."""

import os
import pickle
import subprocess
import sys
import textwrap
import time
import zipfile

import numpy as np
import pytest

from engines.events import Logged
from workbench import __version__
from workbench.records import (
    Checkpoint,
    Recorder,
    RecordError,
    checkpoint_of,
    read_checkpoint,
    read_history,
    read_info,
    recover,
    recover_one,
)
from workbench.records import checkpoint as module
from workbench.records.checkpoint import write_checkpoint
from workbench.records.history import former_events

STATE = {
    "u": np.linspace(0, 1, 7, dtype=np.float32),
    "spectrum": np.array([1 + 2j, np.nan, -0.0]),
    "step": np.array(41),
    "sharp": np.array(True),
    "file": np.arange(3, dtype=np.uint8),  # a name of numpy's own
}


def test_that_a_state_is_read_back_bit_for_bit(tmp_path):
    record = tmp_path / "a.h5"
    write_checkpoint(record, Checkpoint(STATE, 12.5))
    found = read_checkpoint(record)
    assert found.seconds == 12.5
    assert list(found.state) == list(STATE)
    for name, values in STATE.items():
        assert found.state[name].dtype == values.dtype
        assert found.state[name].tobytes() == values.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5.ckpt.npz"]


@pytest.mark.parametrize(
    "damage", ["cut", "changed", "pickle", "empty", "version", "packed", "open"]
)
def test_that_a_damaged_or_foreign_checkpoint_is_refused_with_a_sentence(tmp_path, damage):
    record, place = tmp_path / "a.h5", checkpoint_of(tmp_path / "a.h5")
    write_checkpoint(record, Checkpoint({"u": np.arange(1000.0)}, 1.0))
    whole = place.read_bytes()
    if damage == "cut":
        place.write_bytes(whole[: len(whole) // 2])
    elif damage == "changed":
        place.write_bytes(whole.replace(np.float64(500).tobytes(), np.float64(501).tobytes()))
    elif damage == "pickle":
        np.savez(place, **{"version": __version__, "seconds": 1.0, "state.u": np.array([{}])})
    elif damage == "packed":  # in which gigabytes may hide
        np.savez_compressed(place, version=__version__, seconds=1.0)
    elif damage == "open":  # on which numpy's reader raises what its own words do not name
        with zipfile.ZipFile(place, "w") as file:
            file.writestr(
                "version.npy", b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000
            )
    elif damage == "empty":
        place.write_bytes(b"")
    else:
        np.savez(place, **{"version": "0.0", "seconds": 1.0})
    with pytest.raises(RecordError, match=r"a\.h5\.ckpt\.npz .*; run again") as refusal:
        read_checkpoint(record)
    assert "\n" not in str(refusal.value)


def test_that_nothing_is_pickled_into_a_checkpoint(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_checkpoint(tmp_path / "a.h5", Checkpoint({"u": np.array([{}])}, 1.0))
    assert not list(tmp_path.iterdir())
    write_checkpoint(tmp_path / "a.h5", Checkpoint(STATE, 1.0))
    with zipfile.ZipFile(checkpoint_of(tmp_path / "a.h5")) as file:
        for name in file.namelist():
            assert pickle.PROTO not in file.read(name)[:1]


def test_that_a_killed_writer_leaves_the_former_checkpoint_or_the_next(tmp_path):
    """Each holds one number a million times; a torn one would hold two."""
    code = """
        import sys
        from pathlib import Path
        import numpy as np
        from workbench.records.checkpoint import Checkpoint, write_checkpoint
        for k in range(100_000):
            write_checkpoint(Path(sys.argv[1]), Checkpoint({"u": np.full(10**6, k)}, float(k)))
            print(k, flush=True)
    """
    record = tmp_path / "a.h5"
    for lines in (1, 3):
        command = [sys.executable, "-c", textwrap.dedent(code), str(record)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(lines):
                process.stdout.readline()
            time.sleep(0.003 * lines)
            process.kill()
        found = read_checkpoint(record)
        assert found.seconds >= lines - 1
        assert (found.state["u"] == found.seconds).all()
    recover(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5.ckpt.npz"], "no torn file is left"


def test_that_a_recorder_writes_the_newest_and_never_before_what_was_logged(
    tmp_path, info, monkeypatch
):
    order = []
    real = module.write_checkpoint

    def noted(record, checkpoint):
        order.append((checkpoint.seconds, len(read_history(record)["loss"].values)))
        real(record, checkpoint)

    monkeypatch.setattr("workbench.records.recorder.write_checkpoint", noted)
    recorder = Recorder(tmp_path / "a.h5", info, None)
    for k in range(5):
        recorder.add(Logged("", ((k, float(k), {"loss": 1.0}),)))
        recorder.keep({"k": np.array(k)}, float(k))
    stopped = info.model_copy(update={"state": "stopped", "note": "Enough."})
    record = recorder.finish(stopped, None, ())
    assert order[-1] == (4.0, 5)
    assert int(read_checkpoint(record).state["k"]) == 4
    assert read_info(record).note == "Enough. The run can be resumed."


@pytest.mark.parametrize("state", ["done", "failed"])
def test_that_a_run_that_cannot_go_on_keeps_no_checkpoint(tmp_path, info, state):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.keep(STATE, 1.0)
    record = recorder.finish(info.model_copy(update={"state": state}), None, ())
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
    assert "resumed" not in read_info(record).note


def test_that_a_record_written_elsewhere_takes_its_checkpoint_along(tmp_path, info):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.keep(STATE, 1.0)
    (tmp_path / "b").mkdir()
    stopped = info.model_copy(update={"state": "stopped"})
    recorder.finish(stopped, None, (), path=tmp_path / "b" / "c.h5")
    assert read_checkpoint(tmp_path / "b" / "c.h5").seconds == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_that_a_record_that_is_replaced_loses_its_checkpoint(tmp_path, info):
    for state in ("stopped", "done"):
        recorder = Recorder(tmp_path / "a.h5", info, None, overwrite=True)
        if state == "stopped":
            recorder.keep(STATE, 1.0)
        recorder.finish(info.model_copy(update={"state": state}), None, ())
        assert checkpoint_of(tmp_path / "a.h5").exists() == (state == "stopped")


def test_that_a_run_given_up_leaves_no_checkpoint(tmp_path, info):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.keep(STATE, 1.0)
    recorder.discard()
    assert not list(tmp_path.iterdir())


def killed(tmp_path, info):
    """The .part and the checkpoint of a process that is gone."""
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.keep(STATE, 1.0)
    recorder._end()
    return recorder


def test_that_a_recovered_record_has_its_checkpoint(tmp_path, info, monkeypatch):
    part = killed(tmp_path, info).part
    monkeypatch.setattr("workbench.records.process.Writer.alive", lambda self: False)
    (tmp_path / "a.h5").write_bytes(b"something else")
    record = recover_one(part)
    assert record == tmp_path / "a 2.h5"
    assert "The run can be resumed." in read_info(record).note
    assert read_checkpoint(record).seconds == 1.0
    assert not checkpoint_of(part).exists()


@pytest.mark.parametrize("state", ["stopped", "done"])
def test_that_a_run_killed_before_its_checkpoint_was_settled_is_settled_later(
    tmp_path, info, monkeypatch, state
):
    recorder = killed(tmp_path, info)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    record = recorder.finish(info.model_copy(update={"state": state}), None, ())
    checkpoint_of(record).unlink(missing_ok=True)
    for path, values in before.items():
        path.write_bytes(values)
    monkeypatch.setattr("workbench.records.process.Writer.alive", lambda self: False)
    assert recover(tmp_path) == []
    left = {path.name for path in tmp_path.iterdir()}
    assert left == ({"a.h5", "a.h5.ckpt.npz"} if state == "stopped" else {"a.h5"})


def test_that_a_disk_without_room_is_told_and_costs_no_run(tmp_path, info, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("workbench.records.recorder.write_checkpoint", full)
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.keep(STATE, 1.0)
    record = recorder.finish(info.model_copy(update={"state": "stopped"}), None, ())
    found = read_info(record)
    assert found.warnings == ("no checkpoint could be written (No space left on device)",)
    assert found.note == ""


def test_that_a_history_is_told_again_up_to_a_time(tmp_path, info):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    rows = tuple((k, 0.5 * k, {"loss": float(k), "rate": -1.0}) for k in range(6))
    recorder.add(Logged("training", rows))
    recorder.add(Logged("", ((9, 2.5, {"w2": 7.0}),)))
    record = recorder.finish(info, None, ())
    again = Recorder(tmp_path / "b.h5", info, None)
    for event in former_events(read_history(record), 1.5):
        again.add(event)
    found = read_history(again.finish(info, None, ()))
    assert list(found) == ["training: loss", "training: rate"]
    assert found["training: loss"].values.tolist() == [0, 1, 2, 3]
    assert found["training: loss"].seconds.tolist() == [0, 0.5, 1, 1.5]
