"""Records of runs whose process was killed."""

from __future__ import annotations

import contextlib
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import h5py

from workbench.records.attributes import plain
from workbench.records.checkpoint import checkpoint_of, settle_checkpoint
from workbench.records.history import Journal, replay
from workbench.records.info import RecordError, RunInfo, info_of
from workbench.records.process import Writer
from workbench.records.reading import read_info
from workbench.records.recorder import RESUME, write_record
from workbench.records.safe import Stored, member, opened, values_of

PAUSES = (0.1, 0.1, 0.0)  # seconds: a living file may be caught in the middle of a change
TEMPORARY = re.compile(r"\.(\d+-\d+)\.tmp$")


def recover(folder: Path) -> list[Path]:
    """Turn every left-over .part into a record marked interrupted; gives the records it made.

    A path that ends in `.broken` is a file that nobody could read; it was put aside, not deleted.
    Files of processes that still run are left alone, and so is what the disk has no room for.
    """
    for path in Path(folder).glob("*.tmp"):
        named = TEMPORARY.search(path.name)
        if named and not Writer.from_tag(named.group(1)).alive():
            path.unlink(missing_ok=True)
    made = (recover_one(part) for part in sorted(Path(folder).glob("*.part")))
    return [path for path in made if path is not None]


def recover_one(part: Path) -> Path | None:
    """The record made of one left-over .part; None where its run goes on or there is no room."""
    for pause in PAUSES:
        try:
            return _recovered(part)
        except RecordError as error:
            if error.errno is not None or not part.exists():
                return None  # no room, or another process was faster
            time.sleep(pause)
    broken = part.with_name(part.name.removesuffix(".part") + ".broken")
    with contextlib.suppress(OSError):
        os.replace(part, broken)
    return broken


def _recovered(part: Path) -> Path | None:
    with opened(part) as file:
        if _writer_of(file).alive():
            return None
        log = member(file, "live/log")
        journal = replay(values_of(log).tobytes())
        info = _interrupted(info_of(file), journal, part)
        path, complete = _place(part, info)
        if complete is None:
            group = member(file, "problem")
            problem = Stored(group) if group is not None else None
            write_record(path, info, problem, None, (), journal.histories())
        settle_checkpoint(part, path, (complete or info).state)
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    return path if complete is None else None


def _place(part: Path, info: RunInfo) -> tuple[Path, RunInfo | None]:
    """Where the record goes; or where it is, and its header, where only its .part was left."""
    path = wanted = part.with_suffix("")
    number = 1
    while path.exists():
        with contextlib.suppress(RecordError):
            found = read_info(path)
            if _identity(found) == _identity(info):
                return path, found
        number += 1
        path = wanted.with_name(f"{wanted.stem} {number}{wanted.suffix}")
    return path, None


def _identity(info: RunInfo) -> str:
    return info.model_dump_json(include={"method", "parameters", "seed", "fingerprints", "started"})


def _interrupted(info: RunInfo, journal: Journal, part: Path) -> RunInfo:
    """The header as it would be had the run stopped with the last thing it said."""
    note = "The program ended before the run did."
    if journal.step is not None:
        done, total = journal.step.done, journal.step.total
        note += f" It had done {done} {f'of {total} ' if total else ''}steps."
    if checkpoint_of(part).exists():
        note += f" {RESUME}"
    return info.model_copy(
        update={
            "state": "interrupted",
            "note": note,
            "ended": datetime.fromtimestamp(part.stat().st_mtime, UTC).isoformat(),
            "seconds": journal.seconds(),
            "warnings": tuple(dict.fromkeys((*info.warnings, *journal.warnings))),
        }
    )


def _writer_of(file: h5py.File) -> Writer:
    pid, started, host = (plain(file.attrs[n]) for n in ("pid", "process_started", "host"))
    return Writer(int(pid), float(started), str(host))
