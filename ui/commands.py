"""Every command of the window once: menu, tool bar, palette and shortcut list are made of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ui.icons import icon

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Command:
    """Where it stands, what it is called, its keys, what it does; `tip` explains it."""

    id: str
    menu: str
    title: str
    do: Callable[[], object]
    keys: str | Keys | None = None
    icon: str = ""
    tip: str = ""
    checkable: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole


SEPARATOR = None


class Commands:
    """The actions of a window by id, in the menus that their commands name."""

    def __init__(self, window: QMainWindow, table: list[Command | None]) -> None:
        self._window = window
        self._icons: dict[str, str] = {}
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        last = ""
        for command in table:
            if command is None:
                self.menus[last].addSeparator()
                continue
            last = command.menu
            if last not in self.menus:
                self.menus[last] = window.menuBar().addMenu(f"&{last}")
            self.menus[last].addAction(self._action(command))

    def __getitem__(self, id: str) -> QAction:
        return self.actions[id]

    def listed(self) -> list[tuple[str, QAction]]:
        """`menu: title` of every command that can be used now, for the palette."""
        return [
            (f"{action.property('menu')}: {action.text().replace('&', '')}", action)
            for action in self.actions.values()
            if action.isEnabled()
        ]

    def change(self, id: str, title: str, icon_name: str) -> None:
        """Let a command do its opposite."""
        if self.actions[id].text() != title:
            self.actions[id].setText(title)
            self.actions[id].setIcon(icon(icon_name))
            self._icons[id] = icon_name

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        for id, name in self._icons.items():
            self.actions[id].setIcon(icon(name))

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self._window)
        action.setObjectName(command.id)
        action.setProperty("menu", command.menu)
        action.setMenuRole(command.role)
        action.setCheckable(command.checkable)
        if command.keys is not None:
            action.setShortcut(QKeySequence(command.keys))
        tip = command.tip or command.title.replace("&", "").rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.setStatusTip(tip)
        if command.icon:
            self._icons[command.id] = command.icon
            action.setIcon(icon(command.icon))
        action.triggered.connect(lambda _checked=False: command.do())
        self.actions[command.id] = action
        return action
