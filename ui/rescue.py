"""The question where a finished result goes when its record cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


class Rescue(QMessageBox):
    """Asks until there is an answer: another place, the same one again, or none.

    `answer` gets the path; an empty one means that the result may go. Escape does not: it asks
    for another place, because nothing may be lost by a slip of the hand.
    """

    def __init__(
        self, parent: QWidget, title: str, path: str, why: str, answer: Callable[[str], None]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("The record was not written"))
        self.setIcon(QMessageBox.Icon.Warning)
        self.setText(self.tr("The result of {0} has no place yet.").format(title))
        self.setInformativeText(
            why + "\n\n" + self.tr("It is kept in memory until you choose; nothing is lost.")
        )
        role = QMessageBox.ButtonRole
        other = self.addButton(self.tr("Save elsewhere…"), role.AcceptRole)
        again = self.addButton(self.tr("Try again"), role.ActionRole)
        discard = self.addButton(self.tr("Discard the result"), role.DestructiveRole)
        self.setDefaultButton(other)
        self.setEscapeButton(other)
        again.clicked.connect(lambda: answer(path))
        discard.clicked.connect(lambda: answer(""))
        other.clicked.connect(lambda: _choose(parent, title, path, why, answer))


def _choose(
    parent: QWidget, title: str, path: str, why: str, answer: Callable[[str], None]
) -> None:
    start = Path.home() / Path(path).name
    dialog = QFileDialog(parent, QFileDialog.tr("Save the record"), str(start), "HDF5 (*.h5)")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("h5")
    dialog.fileSelected.connect(answer)
    dialog.rejected.connect(lambda: Rescue(parent, title, path, why, answer).open())
    dialog.open()
