"""Keeps the list of records right while another window, or the command line, adds to it."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from ui.panes.results import ResultsPane

REST_MS = 300  # after the last change in the folder: many files may come at once


class RecordWatch(QObject):
    """Reads the list again when the folder holds other records than are listed."""

    def __init__(self, folder: Path, results: ResultsPane) -> None:
        super().__init__(results)
        self._folder, self._results = folder, results
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self, singleShot=True, interval=REST_MS)
        self._watcher.directoryChanged.connect(lambda _: self._soon.start())
        self._soon.timeout.connect(self._look)

    def begin(self) -> None:
        """Look on from now; the folder is there."""
        self._watcher.addPath(str(self._folder))

    def _look(self) -> None:
        try:
            held = {name for name in os.listdir(self._folder) if name.endswith(".h5")}
        except OSError:  # the folder is away for a moment, as on a stick
            return
        listed = {os.path.basename(row.path) for row in self._results.model.rows()}
        if held != listed:
            self._results.reload()
