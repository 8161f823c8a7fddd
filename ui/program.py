"""The program around its window: which workspace it shows, and what second starts ask of it."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

from ui.instance import Door, Knock, Wish, token
from ui.window import MainWindow


class Program(QObject):
    """One window at a time; another workspace takes its place."""

    def __init__(self, workspace: Path, store: QSettings, door: Door | None) -> None:
        super().__init__()
        self._store = store
        self._door: Door | None = None
        self.window = self._made(workspace)
        self._listen(door)

    def switch(self, workspace: Path) -> None:
        """Show another workspace; the window that has it open already comes to the front."""
        knock = Knock(workspace, Wish(token=token()), self)
        knock.answered.connect(lambda heard: None if heard else self._replace(workspace))
        knock.answered.connect(knock.deleteLater)

    def close(self) -> None:
        """Take no more wishes."""
        if self._door is not None:
            self._door.close()
            self._door.deleteLater()
            self._door = None

    def _made(self, workspace: Path) -> MainWindow:
        window = MainWindow(workspace, self._store)
        fit(window, window.screen().availableSize())
        window.workspaces.wanted.connect(self.switch)
        return window

    def _replace(self, workspace: Path) -> None:
        app, old = QApplication.instance(), self.window
        app.setQuitOnLastWindowClosed(False)
        self.close()
        old.close_for_good()
        old.deleteLater()
        self.window = self._made(workspace)
        self.window.show()
        app.setQuitOnLastWindowClosed(True)
        door = Door(workspace, self)
        door.listen()
        self._listen(door)

    def _listen(self, door: Door | None) -> None:
        self._door = door
        if door is not None:
            door.knocked.connect(self._fulfil)

    def _fulfil(self, wish: Wish) -> None:
        window = self.window
        if wish.window:
            window.workspaces.open_beside()
            return
        if wish.token:
            os.environ["XDG_ACTIVATION_TOKEN"] = wish.token
        if window.isMinimized():
            window.showNormal()
        window.raise_()
        window.activateWindow()
        files = list(wish.files)
        if window.was_painted():
            window.open_paths(files)
        else:
            window.painted.connect(lambda: QTimer.singleShot(0, lambda: window.open_paths(files)))


def fit(window: MainWindow, screen: QSize) -> None:
    """Let a window be no larger than the screen; on a small one its sides give way."""
    if window.width() > screen.width() or window.height() > screen.height():
        window.resize(window.size().boundedTo(screen))
        sides = [window.docks["data"], window.docks["parameters"]]
        share = [screen.width() // 5, screen.width() // 4]
        window.resizeDocks(sides, share, Qt.Orientation.Horizontal)
