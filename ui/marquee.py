"""A rectangle that is drawn with the mouse over a small picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QRubberBand

LEAST = 4  # pixels; less is a click


class Marquee(QObject):
    """Emits the rectangle as shares of the picture, from 0 to 1, left and top first."""

    marked = Signal(QRectF)

    def __init__(self, label: QLabel) -> None:
        super().__init__(label)
        self._label = label
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, label)
        self._from: QPoint | None = None
        self._on = False
        label.installEventFilter(self)

    def set_on(self, on: bool) -> None:
        """Whether a rectangle can be drawn now."""
        self._on = on
        if on:
            self._label.setCursor(Qt.CursorShape.CrossCursor)
            self._label.setToolTip(self.tr("Drag a rectangle to crop"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._on or not isinstance(event, QMouseEvent):
            return False
        place = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            self._from = place
            self._band.setGeometry(QRect(place, QSize()))
            self._band.show()
        elif event.type() == QEvent.Type.MouseMove and self._from is not None:
            self._band.setGeometry(QRect(self._from, place).normalized())
        elif event.type() == QEvent.Type.MouseButtonRelease and self._from is not None:
            self._finish(QRectF(QPointF(self._from), QPointF(place)).normalized())
        return True

    def _finish(self, drawn: QRectF) -> None:
        self._from = None
        self._band.hide()
        shown = QRectF(QPointF(), self._label.pixmap().deviceIndependentSize())
        shown.moveCenter(QRectF(self._label.rect()).center())
        kept = drawn & shown
        if min(kept.width(), kept.height()) >= LEAST:
            kept.translate(-shown.topLeft())
            wide, tall = shown.width(), shown.height()
            self.marked.emit(
                QRectF(kept.x() / wide, kept.y() / tall, kept.width() / wide, kept.height() / tall)
            )
