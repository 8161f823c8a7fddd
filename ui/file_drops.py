"""Files that fall on the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QDropEvent


class FileDrops(QObject):
    """Filters a QWindow, so that no pane or line of text below the pointer takes the files."""

    hovering = Signal(bool)
    dropped = Signal(list, QPoint)  # paths, place in the window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        if not isinstance(event, QDropEvent) or event.source() is not None:
            return False  # what is dragged out of the window is not opened in it
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return False
        event.acceptProposedAction()
        falls = event.type() == QEvent.Type.Drop
        self.hovering.emit(not falls)
        if falls:
            self.dropped.emit(paths, event.position().toPoint())
        return True
