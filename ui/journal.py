"""What was done since the window opened: data, runs and exports; written down as a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from engines.events import Finished
from ui.bridge import Bridge
from workbench.deeds import Deed, deeds_of

if TYPE_CHECKING:
    from ui.window import MainWindow


class Journal(QObject):
    """Listens to what the helper processes have done; keeps nothing beyond the window's life."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.deeds: list[Deed] = []

    def attach(self, bridge: Bridge) -> None:
        """Start to listen."""
        bridge.finished.connect(self._finished)
        bridge.did.connect(self._did)

    def has_runs(self) -> bool:
        """Whether there is something to repeat."""
        return any(deed.records for deed in self.deeds)

    def save(self) -> None:
        """Ask for a file and write the script."""
        w = self._window
        folder = w.settings["export folder"] or str(Path.home())
        dialog = QFileDialog(w, self.tr("Save session as script"), folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Python (*.py)")
        dialog.setDefaultSuffix("py")
        dialog.selectFile("session.py")
        dialog.fileSelected.connect(self._write)
        dialog.open()

    def _write(self, path: str) -> None:
        w = self._window
        w.settings["export folder"] = str(Path(path).parent)
        if w.bridge is not None:
            w.bridge.call(
                "save_session",
                list(self.deeds),
                path,
                done=w.notices.tell_written,
                failed=w.notices.report,
            )

    def _finished(self, _: str, finished: Finished) -> None:
        if finished.record:
            self.deeds.append(Deed("run", (finished.record,)))

    def _did(self, call: str, args: tuple) -> None:
        self.deeds += deeds_of(call, args)
