"""The command palette: type a few letters of what you want to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.commands import Commands


class CommandPalette(QDialog):
    """A line to type in and the commands that fit, best first."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._commands = commands.listed()
        self._line = QLineEdit(placeholderText=self.tr("Type a command"))
        self._line.setAccessibleName(self.tr("Command"))
        self._list = QTreeWidget(columnCount=2, headerHidden=True, rootIsDecorated=False)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.setAccessibleName(self.tr("Matching commands"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._line)
        layout.addWidget(self._list)
        self._line.textChanged.connect(self._filter)
        self._line.returnPressed.connect(self._run)
        self._line.installEventFilter(self)
        self._list.itemClicked.connect(self._run)
        self._filter("")
        self.resize(520, 360)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + 80)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                row = self._list.indexOfTopLevelItem(self._list.currentItem()) + step
                last = self._list.topLevelItemCount() - 1
                self._list.setCurrentItem(self._list.topLevelItem(max(0, min(last, row))))
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self._list.clear()
        ranked = [(score(typed, title), title, action) for title, action in self._commands]
        for _, title, action in sorted((r for r in ranked if r[0] >= 0), key=lambda r: r[:2]):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem(self._list, [title, keys])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
        self._list.setCurrentItem(self._list.topLevelItem(0))

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is None:
            return
        action: QAction = item.data(0, Qt.ItemDataRole.UserRole)
        self.close()
        action.trigger()


def score(typed: str, title: str) -> int:
    """How well typed letters fit: -1 not at all, else the gaps between them (0 is best)."""
    gaps, place, low = 0, 0, title.lower()
    for letter in typed.lower().replace(" ", ""):
        found = low.find(letter, place)
        if found < 0:
            return -1
        gaps += found - place if place else 0
        place = found + 1
    return gaps
