"""A path that is typed, or chosen in a dialog of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

ROOM = 360  # pixels of the line


class PathLine(QWidget):
    """`ask` is given the path as it stands and gives the chosen one, empty where there is none."""

    changed = Signal()

    def __init__(self, path: Path, ask: Callable[[str], str]) -> None:
        super().__init__()
        self._ask = ask
        self._line = QLineEdit(str(path), objectName="path")
        self._line.setMinimumWidth(ROOM)
        self._line.textChanged.connect(lambda _: self.changed.emit())
        browse = QPushButton(self.tr("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._line, 1)
        row.addWidget(browse)

    def add_to(self, form: QFormLayout, title: str) -> None:
        """Be a row of a form; the letter of its title leads into the line."""
        label = QLabel(title)
        label.setBuddy(self._line)
        self._line.setAccessibleName(title.replace("&", ""))
        form.addRow(label, self)

    def text(self) -> str:
        """The path as it stands."""
        return self._line.text()

    def set_text(self, text: str) -> None:
        """Let another path stand there."""
        self._line.setText(text)

    def _browse(self) -> None:
        if chosen := self._ask(self.text()):
            self.set_text(chosen)
