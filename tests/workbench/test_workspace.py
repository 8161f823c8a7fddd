import multiprocessing
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from engines.events import Logged
from engines.figure import Figure, Line, Panel
from workbench import workspace
from workbench.records import (
    Recorder,
    RecordError,
    RunInfo,
    checkpoint_of,
    read_info,
    write_notes,
)
from workbench.workspace import Workspace


def info(**changes) -> RunInfo:
    values = {
        "method": "pde.heat",
        "parameters": {"n": 3, "bound": float("inf")},
        "seed": 1,
        "device": "cpu",
        "precision": "float64",
        "started": "2026-01-02T03:04:05+00:00",
        "state": "done",
    }
    return RunInfo(**{**values, **changes})


def record(place: Workspace, name: str = "", **changes) -> Path:
    """A small record with a figure and a line of history."""
    recorder = Recorder(place.new_path("pde.heat", name), info(**changes), None)
    recorder.add(Logged("", ((1, 0.0, {"loss": 1.0}),)))
    figure = Figure("main", "Main", (Panel((Line(x=[0.0], y=[0.0]),)),))
    return recorder.finish(info(**changes), None, [figure])


@pytest.fixture
def place(tmp_path) -> Workspace:
    return Workspace(tmp_path / "work")


@pytest.fixture
def reads(monkeypatch) -> Iterator[list[str]]:
    """Names of the records whose files were opened."""
    names: list[str] = []
    real = workspace.read_summary

    def noted(path):
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(workspace, "read_summary", noted)
    return names


def test_that_records_are_numbered_and_named_by_method_and_title(place):
    first = record(place, "Two gaussians / ε=½?")
    assert first.name == "00001-pde.heat-Two-gaussians-ε-½.h5"
    assert record(place).name == "00002-pde.heat.h5"
    assert record(place, "..").name == "00003-pde.heat.h5"
    assert len(record(place, "long " * 100).name) < 100


def test_that_a_number_is_not_given_twice_while_its_run_has_not_begun(place):
    paths = [place.new_path("a.b", "x") for _ in range(3)]
    assert [p.name[:5] for p in paths] == ["00001", "00002", "00003"]
    assert not any(p.exists() for p in paths)


def test_that_the_number_of_a_deleted_record_is_not_given_again(place):
    place.trash(record(place))
    for marker in place.runs.glob("*.number"):
        marker.unlink()
    assert place.new_path("a.b", "").name.startswith("00002")


@pytest.mark.parametrize("count", [1, 2])  # with the second one the first marker is gone again
def test_that_numbers_taken_between_looking_and_reserving_are_left_to_the_other(place, count):
    other = Workspace(place.folder)
    look = place._numbers
    taken = []

    def look_slowly():
        seen = list(look())
        if not taken:
            taken.extend(other.new_path("a.b", "").name[:5] for _ in range(count))
        return seen

    place._numbers = look_slowly
    mine = place.new_path("c.d", "")
    assert [*taken, mine.name[:5]] == ["00001", "00002", "00003"][: count + 1]


def _take_numbers(folder, count, start, found):
    place = Workspace(folder)
    start.wait()
    found.put([place.new_path(f"m.{os.getpid()}", str(k)).name[:5] for k in range(count)])


def test_that_two_processes_never_get_one_number(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    start, found = spawn.Event(), spawn.Queue()
    several = [
        spawn.Process(target=_take_numbers, args=(tmp_path, 100, start, found)) for _ in range(3)
    ]
    for process in several:
        process.start()
    time.sleep(1.0)
    start.set()
    taken = [number for _ in several for number in found.get(timeout=60)]
    for process in several:
        process.join(10)
    assert len(taken) == len(set(taken)) == 300


def test_that_the_list_shows_header_metrics_figures_and_size(place):
    path = record(place, title="mine", starred=True)
    (entry,) = place.list()
    assert entry.path == path
    assert entry.info == read_info(path)
    assert entry.info.parameters["bound"] == float("inf")
    assert entry.figures == ("main",)
    assert entry.metrics == {}
    assert entry.size == path.stat().st_size
    assert place.list() == [entry]  # now out of the index


def test_that_metrics_are_listed_as_numbers_in_their_order(place):
    path = record(place)
    with h5py.File(path, "r+") as file:
        group = file.create_group("result", track_order=True)
        for name, value in (("zeta", 2.0), ("word", "x"), ("alpha", np.nan), ("count", 3)):
            group.attrs[name] = value
        group.attrs["zeta_units"] = "J"
    for _ in range(2):  # out of the file, then out of the index
        metrics = place.list()[0].metrics
        assert list(metrics) == ["zeta", "alpha", "count"]
        assert metrics["count"] == 3.0
        assert np.isnan(metrics["alpha"])


def test_that_the_list_goes_by_number(place):
    names = ["00010-a.h5", "00002-b.h5", "100000-c.h5", "other.h5"]
    for name in names:
        record(place).rename(place.runs / name)
    listed = [entry.path.name for entry in place.list()]
    assert listed == ["other.h5", "00002-b.h5", "00010-a.h5", "100000-c.h5"]


def test_that_a_look_of_no_time_reads_one_more_file_until_all_are_known(place, reads):
    paths = [record(place) for _ in range(3)]
    bad = place.runs / "00002-bad.h5"
    bad.write_text("no record")
    found = []
    for _ in range(5):
        entries, left = place.look(0.0)
        found.append((len(entries), left))
    # The damaged one takes a turn, but only once; an index that is full leaves nothing to read.
    assert found == [(1, 3), (2, 2), (3, 1), (4, 0), (4, 0)]
    assert sorted(reads) == sorted([bad.name, *(p.name for p in paths)])


def test_that_a_damaged_record_is_tried_again_once_its_rights_change(place, reads):
    bad = place.runs / "00001-bad.h5"
    bad.write_text("no record")
    for _ in range(2):
        assert place.list()[0].info.state == "unreadable"
    assert len(reads) == 1
    bad.chmod(0o600)
    place.list()
    assert len(reads) == 2


def test_that_a_row_says_of_a_record_what_its_entry_does(place):
    record(place, inputs={"u": "/home/me/start_field.csv"}, tags=("a", "b"), seconds=2.0)
    (entry,) = place.list()
    row = entry.row()
    assert (row.title, row.data) == (entry.path.stem, "start field.csv")
    for name in row._fields:
        if name not in ("path", "title", "data", "metrics", "size", "resumable"):
            assert getattr(row, name) == getattr(entry.info, name), name


def test_that_only_what_changed_is_read_again(place, reads):
    first, second = record(place), record(place)
    place.list()
    assert reads == [first.name, second.name]
    place.list()
    assert len(reads) == 2
    write_notes(second, title="new")
    assert place.list()[1].info.title == "new"
    assert reads[2:] == [second.name]
    with h5py.File(second, "r+") as file:
        file.attrs.modify("seed", 2)  # as many bytes as before
    assert place.list()[1].info.seed == 2
    first.unlink()
    assert [entry.path for entry in place.list()] == [second]


@pytest.mark.parametrize("damage", ["missing", "garbage", "wrong cell", "old"])
def test_that_the_index_is_made_anew_when_it_is(place, reads, damage):
    path = record(place)
    place.list()
    index = place.folder / "index.sqlite"
    if damage == "missing":
        index.unlink()
    elif damage == "garbage":
        index.write_bytes(b"no database" * 1000)
    else:
        change = {
            "other table": ["DROP TABLE records", "CREATE TABLE records (x)"],
            "wrong cell": ["UPDATE records SET info = 'x'"],
            "old": ["DROP TABLE records", "PRAGMA user_version = 0"],
        }
        with sqlite3.connect(index) as db:
            for command in change[damage]:
                db.execute(command)
        db.close()
    assert [entry.path for entry in place.list()] == [path]
    assert len(reads) == 2
    assert [entry.path for entry in place.list()] == [path]
    assert len(reads) == 2


def test_that_the_list_is_there_while_another_window_holds_the_index(place, monkeypatch):
    path = record(place)
    place.list()
    second = record(place)
    monkeypatch.setattr(workspace, "PATIENCE", 0.05)
    other = sqlite3.connect(place.folder / "index.sqlite")
    other.execute("BEGIN EXCLUSIVE")
    before = (place.folder / "index.sqlite").stat().st_ino
    assert [entry.path for entry in place.list()] == [path, second]
    other.close()
    assert (place.folder / "index.sqlite").stat().st_ino == before  # not taken for damage


def test_that_an_unreadable_record_is_listed_with_the_reason(place):
    good = record(place)
    bad = place.runs / "00007-bad.h5"
    bad.write_text("no record")
    entries = place.list()
    assert [entry.path for entry in entries] == [good, bad]
    assert entries[1].info.state == "unreadable"
    assert "is not an HDF5 file" in entries[1].info.status


def test_that_two_thousand_records_are_listed_in_a_fifth_of_a_second(place):
    original = record(place)
    (entry,) = place.list()
    with sqlite3.connect(place.folder / "index.sqlite") as index:
        (row,) = index.execute("SELECT info, metrics, figures FROM records")
        rows = []
        for k in range(2, 2002):
            path = place.runs / f"{k:05d}-fake.h5"
            path.touch()
            rows.append((path.name, 0, path.stat().st_mtime_ns, *row))
        index.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)
    index.close()
    start = time.process_time()  # of the processor: other work may go on beside the tests
    entries = place.list()
    taken = time.process_time() - start
    assert len(entries) == 2001
    assert entries[0].path == original
    assert entries[2000].info == entry.info
    assert taken < 1.0 * 2000 / 10_000  # measured: a third of it


def test_that_notes_are_written_into_a_copy_which_takes_the_place_of_the_record(place):
    path = record(place, title="mine")
    before = path.read_bytes()
    os.link(path, place.folder / "other name of the same file")
    write_notes(path, notes="new")
    assert (place.folder / "other name of the same file").read_bytes() == before
    assert read_info(path).notes == "new"


def _note_for_ever(path, started):
    k = 0
    while True:
        write_notes(path, notes=f"{k} " * 5000, starred=bool(k % 2))
        started.set()
        k += 1


def test_that_notes_that_are_killed_while_written_leave_the_old_or_the_new_ones(place):
    path = record(place, title="mine")
    spawn = multiprocessing.get_context("spawn")
    for pause in (0.0, 0.003, 0.01):
        started = spawn.Event()
        process = spawn.Process(target=_note_for_ever, args=(path, started))
        process.start()
        assert started.wait(60)
        time.sleep(pause)
        process.kill()
        process.join()
        kept = read_info(path)
        words = kept.notes.split()
        assert (kept.title, len(words), len(set(words))) == ("mine", 5000, 1)
        assert kept.starred == bool(int(words[0]) % 2), "both of one time"
        assert [entry.path for entry in place.list()] == [path], "what is left over is no record"


def test_that_a_record_goes_to_the_bin_and_comes_back(place):
    path = record(place)
    binned = place.trash(path)
    assert binned.parent == place.bin
    assert place.list() == []
    assert place.restore(binned) == path
    assert [entry.path for entry in place.list()] == [path]


def test_that_the_bin_keeps_both_of_two_records_of_one_name(place):
    path = record(place, seed=1)
    copy = shutil.copy(path, place.folder / "copy.h5")
    first = place.trash(path)
    os.replace(copy, path)
    second = place.trash(path)
    assert first != second
    assert first.exists()
    assert second.exists()


def test_that_a_checkpoint_goes_with_its_record_and_the_list_tells_of_it(place):
    path = record(place, state="stopped")
    other = record(place, state="done")
    assert not any(entry.row().resumable for entry in place.list())
    checkpoints = [checkpoint_of(p) for p in (path, other)]
    for checkpoint in checkpoints:
        checkpoint.write_bytes(b"state")
    assert [entry.row().resumable for entry in place.list()] == [True, False]
    binned = place.trash(path)
    assert checkpoint_of(binned).read_bytes() == b"state"
    assert not checkpoints[0].exists()
    assert place.restore(binned) == path
    assert checkpoints[0].read_bytes() == b"state"


def test_that_what_cannot_be_moved_is_refused(place):
    with pytest.raises(RecordError, match="could not be moved"):
        place.trash(place.runs / "gone.h5")


def test_that_a_folder_that_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot be used as a workspace"):
        Workspace(tmp_path / "file" / "work")


def test_that_opening_a_workspace_recovers_what_a_killed_run_left(place):
    recorder = Recorder(place.new_path("a.b", ""), info(state="running"), None)
    recorder._end()
    with h5py.File(recorder.part, "r+") as file:
        file.attrs["pid"] = 999_999_999
    again = Workspace(place.folder)
    assert again.recover() == (recorder.path,)
    assert again.list()[0].info.state == "interrupted"


def _write_and_list(folder, found):
    place = Workspace(folder)
    for k in range(5):
        record(place, str(k))
        place.list()
    found.put(sorted(entry.path.name for entry in place.list()))


def _list_often(folder, start, found):
    place = Workspace(folder)
    start.wait()
    counts = set()
    for k in range(20):
        if k % 5 == 4:
            (folder / "index.sqlite").unlink(missing_ok=True)
        counts.add(len(place.list()))
    found.put(counts)


def test_that_windows_that_make_and_lose_one_index_at_once_list_every_record(place):
    for _ in range(10):
        record(place)
    spawn = multiprocessing.get_context("spawn")
    start, found = spawn.Event(), spawn.Queue()
    words = (place.folder, start, found)
    both = [spawn.Process(target=_list_often, args=words) for _ in range(2)]
    for process in both:
        process.start()
    time.sleep(1.0)
    start.set()
    assert [found.get(timeout=60) for _ in both] == [{10}, {10}]
    for process in both:
        process.join(10)
    assert len(Workspace(place.folder).list()) == 10


def test_that_two_windows_on_one_workspace_see_the_same(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    found = spawn.Queue()
    both = [spawn.Process(target=_write_and_list, args=(tmp_path, found)) for _ in range(2)]
    for process in both:
        process.start()
    for _ in both:
        found.get(timeout=60)
    for process in both:
        process.join(10)
    entries = Workspace(tmp_path).list()
    assert len(entries) == 10
    assert {entry.info.state for entry in entries} == {"done"}
    index = sqlite3.connect(tmp_path / "index.sqlite")
    assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    index.close()
