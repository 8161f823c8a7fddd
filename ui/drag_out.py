"""A picture dragged out of the plots: Ctrl and the left button, into any other program.

The file is drawn by the desk while the pointer moves. Where it is not ready when the other program
asks for it, or where there is no record yet, the picture of the screen is given.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from ui.figure_view import FigureView

URLS = "text/uri-list"
SMALL = 160  # pixels of the picture below the pointer

# Has a file drawn, as soon as may be; it is there when it is there.
Draw = Callable[[str], None]


class Promise(QMimeData):
    """A file that is made when somebody asks for it, and only once."""

    def __init__(self, path: str, instead: Callable[[str], Any]) -> None:
        super().__init__()
        self._path, self._instead = path, instead

    def formats(self) -> list[str]:
        return [URLS]

    def hasFormat(self, mime: str) -> bool:
        return mime == URLS

    def retrieveData(self, mime: str, kind: Any) -> Any:
        if mime != URLS:
            return None
        if not Path(self._path).exists():
            self._instead(self._path)
        return [QUrl.fromLocalFile(self._path)]  # Qt makes bytes of it where those are wanted


class DragOut(QObject):
    """Watches the plots of a view; `drawer(frame, view)` gives the title and what draws a file."""

    def __init__(
        self, view: FigureView, drawer: Callable[[], tuple[str, Draw | None]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._view, self._drawer = view, drawer
        self._from: QPoint | None = None
        self._folder: Path | None = None
        self._count = 0
        view.plots.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent) or watched is not self._view.plots.viewport():
            return False
        kind, left = event.type(), Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonPress:
            held = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            self._from = event.position().toPoint() if held and event.button() == left else None
            return self._from is not None
        if self._from is None:
            return False
        if kind == QEvent.Type.MouseMove:
            way = event.position().toPoint() - self._from
            if way.manhattanLength() >= QApplication.startDragDistance():
                self._from = None
                self.start(watched)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._from = None
        return True

    def start(self, source: QWidget) -> None:
        """Let the picture hang on the pointer until it is dropped."""
        drag = QDrag(source)
        drag.setMimeData(self.promise())
        small = self._view.plots.grab().scaled(
            SMALL,
            SMALL,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        drag.setPixmap(QPixmap(small))
        drag.exec(Qt.DropAction.CopyAction)

    def promise(self) -> Promise:
        """The file, which begins to be drawn now."""
        title, draw = self._drawer()
        self._count += 1
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="workbench-drag-"))
            # Other programs may read a file long after it was dropped on them.
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        folder = self._folder / str(self._count)  # the name stays that of the figure
        folder.mkdir()
        path = str(folder / (re.sub(r"[^\w.-]+", "-", title).strip("-.") + ".png"))
        if draw is not None:
            draw(path)
        return Promise(path, self._view.grab_png)
