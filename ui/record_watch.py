"""Keeps the list of records right while another window, or the command line, changes them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from ui.panes.results import ResultsPane

REST_MS = 300  # after the last change in the folder: many files may come at once


class RecordWatch(QObject):
    """Reads the list again when records came, went, or got other tags and notes.

    Those are kept in the records: a changed one takes the place of the old file.
    """

    def __init__(self, folder: Path, results: ResultsPane) -> None:
        super().__init__(results)
        self._folder, self._results = folder, results
        self._stamps: dict[str, tuple[int, int]] = {}  # size and time of the last change
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self, singleShot=True, interval=REST_MS)
        self._watcher.directoryChanged.connect(lambda _: self._soon.start())
        self._soon.timeout.connect(self._look)

    def begin(self) -> None:
        """Look on from now; the folder is there."""
        self._watcher.addPath(str(self._folder))

    def _look(self) -> None:
        try:
            held = stamps(self._folder)
        except OSError:  # the folder is away for a moment, as on a stick
            return
        if held != self._stamps:
            self._stamps = held
            self._results.reload()


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """What changes when a record does."""
    found = {}
    with os.scandir(folder) as files:
        for file in files:
            if file.name.endswith(".h5"):
                with contextlib.suppress(FileNotFoundError):  # just moved to the bin
                    facts = file.stat()
                    found[file.name] = facts.st_size, facts.st_mtime_ns
    return found
