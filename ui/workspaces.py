"""Other folders of records: opened here or in a window of their own, and the last ones listed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMessageBox

import ui

if TYPE_CHECKING:
    from ui.window import MainWindow

MOST = 8  # in the list
MENU = "File/Recent workspaces"


class Workspaces(QObject):
    """Asks for a folder and what to do with the runs that go on; `wanted` says which it is."""

    wanted = Signal(object)  # Path: instead of the one of this window

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        self._listed: list[QAction] = []
        here = str(window.workspace.absolute())
        before = [folder for folder in self._settings["workspaces"] if folder != here]
        self._settings["workspaces"] = [here, *before][:MOST]
        window.commands.menus[MENU].aboutToShow.connect(self._list)
        self._list()

    def ask(self) -> None:
        """Ask for the folder of a workspace."""
        start = str(self._window.workspace.absolute().parent)
        dialog = QFileDialog(self._window, self.tr("Open a workspace"), start)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.open)
        dialog.open()

    def open(self, folder: str) -> None:
        """Use a folder in this window, or in another one while runs go on in this one."""
        path = Path(folder)
        if path.absolute() == self._window.workspace.absolute():
            self._window.statusBar().showMessage(self.tr("This is the workspace already."), 3000)
        elif not path.is_dir() or not os.access(path, os.W_OK):
            text = self.tr("{0} is no folder that can be written to; choose another workspace.")
            self._window.notices.report(text.format(folder))
        elif active := self._window.runs.active():
            self._ask_where(path, len(active))
        else:
            self.wanted.emit(path)

    def open_beside(self, folder: Path | None = None) -> None:
        """Open another window: on a folder, or on the one of this window."""
        # Where Python finds this package when the program is not installed.
        root = str(Path(ui.__file__).resolve().parents[1])
        there = str((folder or self._window.workspace).absolute())
        words = ["-m", "ui", "--workspace", there]
        QProcess.startDetached(sys.executable, words if folder else [*words, "--new-window"], root)

    def forget(self) -> None:
        """Empty the list but for the workspace of this window."""
        self._settings["workspaces"] = [str(self._window.workspace.absolute())]
        self._list()

    def _ask_where(self, path: Path, runs: int) -> None:
        question = QMessageBox(self._window)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Runs are going on"))
        question.setText(self.tr("Open {0} in a window of its own?").format(path.name))
        question.setInformativeText(
            self.tr(
                "{0} run(s) go on in this one. Here they would be stopped; what they found so far "
                "would be kept in their records."
            ).format(runs)
        )
        role = QMessageBox.ButtonRole
        own = question.addButton(self.tr("&New window"), role.AcceptRole)
        here = question.addButton(self.tr("&Stop them and open here"), role.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(own)
        own.clicked.connect(lambda: self.open_beside(path))
        here.clicked.connect(lambda: self.wanted.emit(path))
        question.open()

    def _list(self) -> None:
        """The last workspaces stand first in the menu; those that are gone cannot be chosen."""
        menu = self._window.commands.menus[MENU]
        for action in self._listed:
            menu.removeAction(action)
            action.deleteLater()
        first, here = menu.actions()[0], self._window.workspace.absolute()
        self._listed = []
        for folder in self._settings["workspaces"]:
            action = QAction(folder.replace("&", "&&"), menu)
            action.setEnabled(Path(folder).is_dir() and Path(folder) != here)
            action.triggered.connect(lambda _=False, folder=folder: self.open(folder))
            self._listed.append(action)
        line = QAction(menu)
        line.setSeparator(True)
        self._listed.append(line)
        menu.insertActions(first, self._listed)
