"""Puts the settings into effect, at the start and whenever they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from ui import theme

if TYPE_CHECKING:
    from ui.window import MainWindow


class Preferences(QObject):
    """Of one window: its theme, its keys, and what a new run begins with."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.settings.changed.connect(self._apply)
        for key in ("device", "shortcuts"):
            self._apply(key)

    def open(self) -> None:
        """Show the dialog."""
        from ui.settings_dialog import SettingsDialog

        w = self._window
        SettingsDialog(w.settings, w.run_pane.devices(), w).open()

    def edit_shortcuts(self) -> None:
        """Show the dialog of the keys."""
        from ui.shortcuts import ShortcutsDialog

        ShortcutsDialog(self._window.commands, self._window.settings, self._window).open()

    def _apply(self, key: str) -> None:
        w = self._window
        if key == "theme":
            theme.apply(QApplication.instance(), w.settings["theme"])
        elif key in ("device", "precision"):
            w.run_pane.prefer(w.settings["device"], w.settings["precision"])
        elif key == "shortcuts":
            w.commands.use_keys(w.settings["shortcuts"])
