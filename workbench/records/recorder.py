"""Writing the record of a run while it runs, and completing it at the end."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue

import h5py
import numpy as np

from engines.events import Event, Step, Warned
from engines.figure import Figure
from engines.problem import Problem, Result
from workbench.records.attributes import put
from workbench.records.checkpoint import (
    RESUMABLE,
    Checkpoint,
    checkpoint_of,
    settle_checkpoint,
    write_checkpoint,
)
from workbench.records.figures import write_figures
from workbench.records.history import History, Journal, line, write_histories
from workbench.records.info import RecordError, RunInfo, write_info
from workbench.records.process import this_process
from workbench.records.writing import HasArrays, refuse_existing, unwritable, written

# Said of a run that has a checkpoint.
RESUME = "The run can be resumed."
# At most this much of the history is lost when the process is killed.
FLUSH_EVERY = 1.0
# Larger arrays of a problem are known by reference and fingerprint alone (decision 0001).
LARGEST = 64 * 2**20
# The format in which HDF5 lets others read while one writes.
SHARED = ("v110", "v110")

# Live logs that could not be written. HDF5 fails badly when it closes such a file, so none is.
_abandoned: list[object] = []


class Recorder:
    """Writes one run. While it goes on, the record is `<path>.part`, which others may read.

    `add` costs a queue entry; a thread of its own writes. `finish` makes the record at `path`
    from what is in memory, so it can be called again with another path when that one failed.
    Whenever the process is killed, the `.part` or the record is there.
    """

    def __init__(
        self, path: Path, info: RunInfo, problem: Problem | None, *, overwrite: bool = False
    ) -> None:
        self.path = Path(path)
        self.part = self.path.with_name(self.path.name + ".part")
        self.trouble = ""
        self._newest: deque[Checkpoint] = deque(maxlen=1)
        self._overwrite = overwrite
        self._problem = problem
        self._journal = Journal()
        refuse_existing(self.path, overwrite)
        if self.part.exists():
            raise RecordError(
                f"{self.part} belongs to another run that goes on; choose another name"
            )
        _begin(self.part, info, problem)
        self._log = _LiveLog(self.part)
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()
        atexit.register(self._end)

    def add(self, event: Event) -> None:
        """Keep what was logged and warned of, and the last step. Pictures are not kept."""
        self._events.put(event)

    def keep(self, state: Mapping[str, np.ndarray], seconds: float) -> None:
        """Put a checkpoint beside the record, in place of the one before."""
        self._newest.append(Checkpoint(state, seconds))

    def finish(
        self,
        info: RunInfo,
        result: Result | None,
        figures: Sequence[Figure],
        *,
        path: Path | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the complete record, at another path where one is given, and remove the .part."""
        self._end()
        target = self.path if path is None else Path(path)
        if info.state in RESUMABLE and checkpoint_of(self.part).exists():
            info = info.model_copy(update={"note": f"{info.note} {RESUME}".lstrip()})
        warnings = tuple(dict.fromkeys((*info.warnings, *self._journal.warnings)))
        write_record(
            target,
            info.model_copy(update={"warnings": warnings}),
            self._problem,
            result,
            figures,
            self._journal.histories(),
            overwrite=overwrite or (path is None and self._overwrite),
        )
        settle_checkpoint(self.part, target, info.state)
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)
        return target

    def discard(self) -> None:
        """Write no record; what was there before stays."""
        self._end()
        for file in (checkpoint_of(self.part), self.part):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    def _write(self) -> None:
        while not self._ended.wait(FLUSH_EVERY):
            self._flush()
        self._flush()
        self._log.close()

    def _flush(self) -> None:
        """Write what has come, and a checkpoint not before what was logged up to it."""
        checkpoint = self._newest.pop() if self._newest else None
        self._drain()
        if checkpoint is None:
            return
        try:
            write_checkpoint(self.part, checkpoint)
        except OSError as error:
            self._journal.add(Warned(f"no checkpoint could be written ({error.strerror})"))

    def _drain(self) -> None:
        """Write what has come since the last time; of the steps only the last."""
        lines = []
        last = ""
        for _ in range(self._events.qsize()):  # what comes meanwhile is for the next time
            event = self._events.get()
            self._journal.add(event)
            if isinstance(event, Step):
                last = line(event)
            else:
                lines.append(line(event))
        try:
            self._log.append("".join([*lines, last]).encode())
        except (OSError, RuntimeError) as error:
            self.trouble = f"{self.part} can no longer be written ({error})"

    def _end(self) -> None:
        """Let the thread write the rest and close the file."""
        atexit.unregister(self._end)
        self._ended.set()
        self._thread.join()


def write_record(
    path: Path,
    info: RunInfo,
    problem: HasArrays | None,
    result: Result | None,
    figures: Sequence[Figure],
    histories: Mapping[str, History],
    *,
    overwrite: bool = False,
) -> None:
    """Write a whole record in one go."""
    with written(path, overwrite=overwrite) as output:
        file = output.file
        put(file, NX_class="NXroot")
        write_info(file, info)
        if problem is not None:
            output.described(_collection(file, "problem"), problem, LARGEST)
        if result is not None:
            output.described(_collection(file, "result"), result)
        first_table = write_histories(output, histories)
        _lead(file, write_figures(output, figures) or first_table)


class _LiveLog:
    """The lines of a run that goes on, in a data set that other processes may read meanwhile."""

    def __init__(self, path: Path) -> None:
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
        access.set_file_locking(False, True)
        # Both flags at once: a process killed between two calls would leave the file unreadable.
        flags = h5py.h5f.ACC_RDWR | h5py.h5f.ACC_SWMR_WRITE
        try:
            self._file = h5py.File(h5py.h5f.open(os.fsencode(path), flags, access))
        except OSError as error:
            raise unwritable(path, error) from error
        self._lines = self._file["live/log"]
        self._open = True

    def append(self, text: bytes) -> None:
        if not text or not self._open:
            return
        start = self._lines.shape[0]
        try:
            self._lines.resize((start + len(text),))
            self._lines[start:] = np.frombuffer(text, np.uint8)
            self._lines.flush()
        except (OSError, RuntimeError):
            self._open = False
            _abandoned.append((self._file, self._lines))
            raise

    def close(self) -> None:
        if self._open:
            self._open = False
            self._file.close()


def _begin(part: Path, info: RunInfo, problem: Problem | None) -> None:
    """The .part as it is at the start of a run; from then on only its log grows."""
    writer = this_process()
    with written(part, libver=SHARED) as output:
        file = output.file
        write_info(file, info)
        put(file, pid=writer.pid, process_started=writer.started, host=writer.host)
        if problem is not None:
            output.described(_collection(file, "problem"), problem, LARGEST)
        file.create_dataset("live/log", (0,), np.uint8, maxshape=(None,), chunks=(2**16,))


def _collection(file: h5py.File, name: str) -> h5py.Group:
    """A group whose attributes and arrays keep the order in which they were declared."""
    group = file.create_group(name, track_order=True)
    put(group, NX_class="NXcollection")
    return group


def _lead(file: h5py.File, path: str) -> None:
    """Let `default` attributes point the way from the root to what is shown first."""
    group: h5py.Group = file
    for name in filter(None, path.split("/")):
        put(group, default=name)
        group = group[name]
