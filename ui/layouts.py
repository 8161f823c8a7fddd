"""Where the panes stand: kept from start to start, under names, and as it was at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QInputDialog

if TYPE_CHECKING:
    from ui.window import MainWindow

# Raised when the panes change: a layout of another version is not restored.
VERSION = 2
MENU = "View/Layouts"


class Layouts(QObject):
    """Keeps the layouts of a window, and lists them in its menu."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        self._default = self.state()
        self._listed: list[QAction] = []
        geometry, last = self._settings["geometry"], self._settings["layout"]
        if not geometry.isEmpty():
            window.restoreGeometry(geometry)
        if not last.isEmpty():
            self.restore(last)
        self._settings.changed.connect(lambda key: self._list() if key == "layouts" else None)
        self._list()

    def state(self) -> QByteArray:
        """Where the panes stand now."""
        return self._window.saveState(VERSION)

    def restore(self, state: QByteArray) -> bool:
        """Put the panes where they stood; False where that was another version's."""
        return self._window.restoreState(state, VERSION)

    def keep(self) -> None:
        """Remember size, place and panes for the next start."""
        self._settings["geometry"] = self._window.saveGeometry()
        self._settings["layout"] = self.state()

    def reset(self) -> None:
        """Put every pane back where it was at first."""
        self.restore(self._default)

    def save_as(self) -> None:
        """Ask for a name, and keep the layout under it."""
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Save layout"))
        dialog.setLabelText(self.tr("&Name (a layout of the same name is replaced)"))
        dialog.textValueSelected.connect(self.save)
        dialog.open()

    def save(self, name: str) -> None:
        """Keep the layout under a name."""
        if name := name.strip():
            held = bytes(self.state().toBase64().data()).decode()
            self._settings["layouts"] = {**self._settings["layouts"], name: held}

    def choose(self, name: str) -> None:
        """Put the panes where a named layout has them."""
        state = QByteArray.fromBase64(str(self._settings["layouts"].get(name, "")).encode())
        if not self.restore(state):
            self._window.notices.report(
                self.tr("Layout {0} is of another version; save it anew under its name.").format(
                    name
                )
            )

    def ask_to_delete(self) -> None:
        """Ask which of the named layouts is to go."""
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Delete a layout"))
        dialog.setLabelText(self.tr("&Layout"))
        dialog.setOkButtonText(self.tr("Delete"))
        dialog.setComboBoxItems(list(self._settings["layouts"]))
        dialog.findChild(QComboBox).setAccessibleName(self.tr("Layout"))
        dialog.textValueSelected.connect(self.delete)
        dialog.open()

    def delete(self, name: str) -> None:
        """Forget a named layout."""
        kept = {n: state for n, state in self._settings["layouts"].items() if n != name}
        self._settings["layouts"] = kept

    def _list(self) -> None:
        """The names stand first in the menu."""
        menu = self._window.commands.menus[MENU]
        for action in self._listed:
            menu.removeAction(action)
            action.deleteLater()
        first = menu.actions()[0]
        self._listed = []
        for name in sorted(self._settings["layouts"], key=str.casefold):
            action = QAction(name.replace("&", "&&"), menu)
            action.triggered.connect(lambda _=False, name=name: self.choose(name))
            self._listed.append(action)
        if self._listed:
            line = QAction(menu)
            line.setSeparator(True)
            self._listed.append(line)
        menu.insertActions(first, self._listed)
        none = "" if self._listed else self.tr("there is no layout of your own yet; save one first")
        self._window.commands.allow("delete layout", none)
