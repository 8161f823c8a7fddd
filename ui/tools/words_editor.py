"""The line in which the words of an annotation are typed, over the picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

WIDTH = 220  # pixels


class WordsEditor(QLineEdit):
    """Return or a click elsewhere takes the words, Escape leaves them as they were."""

    done = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Words of the annotation"))
        self.setPlaceholderText(self.tr("Words, then Return"))
        self.setFixedWidth(WIDTH)
        self.hide()

    def edit(self, text: str, middle: QPoint) -> None:
        """Begin to type, around a place of the parent."""
        self.setText(text)
        self.selectAll()
        corner = middle - QPoint(WIDTH // 2, self.sizeHint().height() // 2)
        room = self.parentWidget().rect().adjusted(4, 4, -4 - WIDTH, -4 - self.sizeHint().height())
        x = max(min(corner.x(), room.right()), room.left())
        self.move(x, max(min(corner.y(), room.bottom()), room.top()))
        self.show()
        self.raise_()
        self.setFocus()

    def finish(self) -> None:
        """Take what was typed so far."""
        if not self.isHidden():  # though what it lies on may be
            self.hide()  # the focus leaves once more
            self.done.emit(self.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
        else:
            super().keyPressEvent(event)
        event.accept()  # keys of the picture are not meant

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        passing = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in passing:
            self.finish()
