"""Every command of the window once: menu, tool bar, palette and shortcut list are made of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

from ui.icons import icon

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Command:
    """Where it stands, what it is called, its keys, what it does; `tip` explains it.

    Menu, title and tip are English here and shown in the language of the window. A menu in
    another one is named after both: `View/Layouts`.
    """

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
TOLD_MS = 8000  # a reason stays in the status bar


class Commands:
    """The actions of a window by id, in the menus that their commands name."""

    def __init__(self, window: QMainWindow, table: list[Command | None]) -> None:
        self._window = window
        self._icons: dict[str, str] = {}
        self._tips: dict[str, str] = {}
        self._defaults: dict[str, QKeySequence] = {}
        self._reasons: dict[str, str] = {}  # why commands cannot be used now
        self._keys: dict[str, QShortcut] = {}  # which tell the reason
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        last = ""
        for command in table:
            if command is None:
                self.menus[last.partition("/")[0]].addSeparator()
                continue
            last = command.menu
            self._menu(last).addAction(self._action(command))
        self.use_keys({})

    def __getitem__(self, id: str) -> QAction:
        return self.actions[id]

    def bar(self) -> QMenuBar:
        """Where the menus stand."""
        return self._window.menuBar()

    def listed(self) -> list[tuple[str, QAction]]:
        """`menu: title` of every command that can be used now, for the palette."""
        return [(named(action), action) for action in self.actions.values() if action.isEnabled()]

    def allow(self, id: str, reason: str = "") -> None:
        """Let a command be used; or say, also to who presses its keys, why it cannot be."""
        reason = reason[:1].upper() + reason[1:]
        if reason == self._reasons.get(id):  # asked many times a second while runs go on
            return
        if reason and id not in self._keys:
            self._keys[id] = QShortcut(self._window)
            self._keys[id].activated.connect(lambda: self._tell(id))
        self.actions[id].setEnabled(not reason)
        self._reasons[id] = reason
        self._explain(id)

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

    def default_keys(self, id: str) -> QKeySequence:
        """The keys that the table gives a command."""
        return self._defaults[id]

    def use_keys(self, own: Mapping[str, str]) -> None:
        """Give some commands other keys than the table does, and all others those."""
        for id, action in self.actions.items():
            action.setShortcut(QKeySequence(own[id]) if id in own else self._defaults[id])
            self._explain(id)

    def _explain(self, id: str) -> None:
        """What a command does and its keys, or why it cannot be used."""
        action, reason = self.actions[id], self._reasons.get(id, "")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = f"{self._tips[id]} ({keys})" if keys else self._tips[id]
        action.setToolTip(reason or tip)
        action.setStatusTip(reason or self._tips[id])
        if id in self._keys:
            self._keys[id].setKeys(action.shortcuts())
            self._keys[id].setEnabled(bool(reason))

    def _tell(self, id: str) -> None:
        self._window.statusBar().showMessage(self._reasons[id], TOLD_MS)

    def _menu(self, name: str) -> QMenu:
        if name not in self.menus:
            outer, _, inner = name.rpartition("/")
            place = self._menu(outer) if outer else self.bar()
            self.menus[name] = place.addMenu(_words(f"&{inner}"))
            self.menus[name].setToolTipsVisible(True)
        return self.menus[name]

    def _action(self, command: Command) -> QAction:
        title = _words(command.title)
        action = QAction(title, self._window)
        action.setObjectName(command.id)
        path = [_words(f"&{part}").replace("&", "") for part in command.menu.split("/")]
        action.setProperty("menu", " › ".join(path))
        action.setMenuRole(command.role)
        action.setCheckable(command.checkable)
        self._defaults[command.id] = (
            QKeySequence() if command.keys is None else QKeySequence(command.keys)
        )
        tip = _words(command.tip) if command.tip else title.replace("&", "").rstrip("…")
        self._tips[command.id] = tip
        action.setStatusTip(tip)
        if command.icon:
            self._icons[command.id] = command.icon
            action.setIcon(icon(command.icon))
        action.triggered.connect(lambda _checked=False: command.do())
        self.actions[command.id] = action
        return action


def named(action: QAction) -> str:
    """`menu: title`, as the palette and the list of shortcuts call a command."""
    return f"{action.property('menu')}: {action.text().replace('&', '')}"


def _words(text: str) -> str:
    return QCoreApplication.translate("Commands", text)
