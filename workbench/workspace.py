"""A folder of records: names for new ones, a quick list of all, a bin."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.listing import Row
from workbench.records import (
    RESUMABLE,
    RecordError,
    RunInfo,
    checkpoint_of,
    read_summary,
    recover,
)

# Raised when the table changes: an index of another version is made anew from the files.
VERSION = 1
# Seconds to wait for another window that writes the index.
PATIENCE = 10.0

Entries = list["Entry"]
Stamp = tuple[int, int, int]  # size, time of the last change, of the last change of its rights


@dataclass(frozen=True)
class Entry:
    """One record in the list. A file that cannot be read has the state `unreadable`."""

    path: Path
    info: RunInfo
    metrics: dict[str, float]
    figures: tuple[str, ...]
    size: int
    resumable: bool = False  # from the checkpoint beside it

    def row(self) -> Row:
        """What a list shows of it."""
        info = self.info
        named = info.example or ", ".join(r.rsplit("/", 1)[-1] for r in info.inputs.values())
        return Row(
            path=str(self.path),
            title=info.title or self.path.stem,
            method=info.method,
            state=info.state,
            status=info.status,
            starred=info.starred,
            tags=info.tags,
            notes=info.notes,
            parameters=info.parameters,
            metrics=self.metrics,
            data=named.replace("_", " "),
            seconds=info.seconds,
            device=info.device,
            precision=info.precision,
            seed=info.seed,
            started=info.started,
            size=self.size,
            resumable=self.resumable,
        )


class Workspace:
    """`runs/` holds the records and `bin/` the deleted ones; `index.sqlite` can be thrown away.

    Any number of processes may use one folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.runs = self.folder / "runs"
        self.bin = self.folder / "bin"
        self._index = self.folder / "index.sqlite"
        # What could not be read is not kept in the index: the reason may go away.
        self._unreadable: dict[str, tuple[Stamp, Entry]] = {}
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            self.bin.mkdir(exist_ok=True)
        except OSError as error:
            raise RecordError(
                f"{self.folder} cannot be used as a workspace ({error.strerror}); choose another"
            ) from error

    def recover(self) -> tuple[Path, ...]:
        """Records made now from what killed processes left behind."""
        return tuple(recover(self.runs))

    def new_path(self, method: str, name: str) -> Path:
        """Where the next record goes. Its number is given to nobody else, in no other process."""
        number = self._reserve()
        words = (re.sub(r"[^\w.-]+", "-", text).strip("-.")[:60] for text in (method, name))
        return self.runs / f"{number:05d}-{'-'.join(filter(None, words))}.h5"

    def list(self) -> Entries:
        """Every record, the oldest first."""
        return self.look()[0]

    def look(self, seconds: float = math.inf) -> tuple[Entries, int]:
        """The records, the oldest first, as far as files can be read in that time.

        The second number says how many are still to be read: look again for them.
        """
        files, names = {}, set()
        with os.scandir(self.runs) as found:
            for item in found:
                names.add(item.name)
                if item.name.endswith(".h5"):
                    with contextlib.suppress(FileNotFoundError):  # just moved to the bin
                        files[item.name] = item.stat()
        entries, left = self._known(files, seconds)
        return [_with_checkpoint(entry, names) for entry in entries], left

    def _known(self, files: dict[str, os.stat_result], seconds: float) -> tuple[Entries, int]:
        try:
            return self._listed(str(self._index), files, seconds)
        except sqlite3.OperationalError:
            pass  # locked for long, or on a disk that cannot be written to
        except (sqlite3.DatabaseError, ValueError):
            with contextlib.suppress(sqlite3.Error, OSError, ValueError):
                for end in ("", "-wal", "-shm"):
                    Path(f"{self._index}{end}").unlink(missing_ok=True)
                return self._listed(str(self._index), files, seconds)
        return self._listed(":memory:", files, math.inf)  # it would forget between two looks

    def trash(self, path: Path) -> Path:
        """Move a record to the bin; gives the place where `restore` finds it."""
        return _move(Path(path), self.bin)

    def restore(self, path: Path) -> Path:
        """Take a record out of the bin again; gives its place among the others."""
        return _move(Path(path), self.runs)

    def _reserve(self) -> int:
        """A number above all others, kept by an empty file until the next one is given."""
        while True:
            number = max(self._numbers(), default=0) + 1
            marker = self.runs / f"{number:05d}.number"
            try:
                marker.touch(exist_ok=False)
            except FileExistsError:
                continue
            except OSError as error:
                raise RecordError(
                    f"{self.runs} cannot be written to ({error.strerror}); choose another workspace"
                ) from error
            if sum(n >= number for n in self._numbers()) == 1:
                break
            marker.unlink(missing_ok=True)  # while we looked, others went past this number
        for old in self.runs.glob("*.number"):
            if _number(old.name) < number:
                old.unlink(missing_ok=True)
        return number

    def _numbers(self) -> Iterator[int]:
        for folder in (self.runs, self.bin):
            yield from map(_number, os.listdir(folder))

    def _listed(
        self, place: str, files: dict[str, os.stat_result], seconds: float
    ) -> tuple[Entries, int]:
        with contextlib.closing(sqlite3.connect(place, timeout=PATIENCE)) as index:
            known = _rows(index)
            entries, fresh, left = [], [], 0
            for name, stat in sorted(files.items(), key=lambda item: (_number(item[0]), item[0])):
                path = self.runs / name
                row = known.pop(name, None)
                if row is not None and row[:2] == (stat.st_size, stat.st_mtime_ns):
                    entries.append(_entry(path, stat.st_size, *row[2:]))
                    continue
                stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
                bad = self._unreadable.get(name)
                if bad is not None and bad[0] == stamp:
                    entries.append(bad[1])
                    continue
                if seconds < 0:
                    left += 1
                    continue
                start = time.monotonic()
                entry = _read(path, stat)
                seconds -= time.monotonic() - start
                entries.append(entry)
                if entry.info.state == "unreadable":
                    self._unreadable[name] = (stamp, entry)
                else:
                    fresh.append((name, stat.st_size, stat.st_mtime_ns, *_columns(entry)))
            with index:
                index.executemany("DELETE FROM records WHERE name = ?", [(n,) for n in known])
                index.executemany("REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)", fresh)
        return entries, left


def _with_checkpoint(entry: Entry, names: set[str]) -> Entry:
    """An entry that knows whether its run can go on; `names` are those in the folder."""
    if entry.info.state not in RESUMABLE or checkpoint_of(entry.path).name not in names:
        return entry
    return replace(entry, resumable=True)


def _number(name: str) -> int:
    """The number a file name begins with, 0 where it has none."""
    digits = re.match(r"\d+", name)
    return int(digits.group()) if digits else 0


def _move(path: Path, folder: Path) -> Path:
    target = folder / path.name
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem} {number}{path.suffix}"
    try:
        moved = path.rename(target)
        with contextlib.suppress(FileNotFoundError):
            checkpoint_of(path).rename(checkpoint_of(target))
        return moved
    except OSError as error:
        raise RecordError(
            f"{path.name} could not be moved ({error.strerror}); close it in other programs"
        ) from error


def _rows(index: sqlite3.Connection) -> dict[str, tuple[int, int, str, str, str]]:
    index.execute("PRAGMA journal_mode = WAL")
    version = "PRAGMA user_version"
    if index.execute(version).fetchone()[0] != VERSION:
        with index:
            index.execute("BEGIN IMMEDIATE")  # of two windows the second finds it made
            if index.execute(version).fetchone()[0] != VERSION:
                _make(index)
    return {name: tuple(rest) for name, *rest in index.execute("SELECT * FROM records")}


def _make(index: sqlite3.Connection) -> None:
    index.execute("DROP TABLE IF EXISTS records")
    index.execute(
        "CREATE TABLE records (name TEXT PRIMARY KEY, size INTEGER, changed INTEGER, "
        "info TEXT, metrics TEXT, figures TEXT)"
    )
    index.execute(f"PRAGMA user_version = {VERSION}")


def _columns(entry: Entry) -> tuple[str, str, str]:
    return entry.info.model_dump_json(), json.dumps(entry.metrics), json.dumps(entry.figures)


def _entry(path: Path, size: int, info: str, metrics: str, figures: str) -> Entry:
    names = tuple(json.loads(figures))
    return Entry(path, RunInfo.model_validate_json(info), json.loads(metrics), names, size)


def _read(path: Path, stat: os.stat_result) -> Entry:
    try:
        return Entry(path, *read_summary(path), stat.st_size)
    except RecordError as error:
        info = RunInfo(
            method="",
            parameters={},
            seed=0,
            device="",
            precision="",
            started=datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="seconds"),
            state="unreadable",
            status=str(error),
        )
        return Entry(path, info, {}, (), stat.st_size)
