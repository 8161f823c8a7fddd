"""Files that fall on the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent


class FileDrops(QObject):
    """Filters a QWindow, so that no pane or line of text below the pointer takes the files."""

    hovering = Signal(bool)
    dropped = Signal(list)  # paths

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        if not isinstance(event, QDropEvent):
            return False
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return False
        event.acceptProposedAction()
        falls = event.type() == QEvent.Type.Drop
        self.hovering.emit(not falls)
        if falls:
            self.dropped.emit(paths)
        return True
