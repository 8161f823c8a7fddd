"""Presenter mode: the pictures alone, large, with their story; the arrow keys step through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from ui.run_view import RunView

if TYPE_CHECKING:
    from ui.window import MainWindow

LARGER = 1.8  # than the letters of the window: to be read from the last row


class Presenter(QObject):
    """Hides everything but the plots. Left and Right choose the scene, or the picture where there
    are no scenes, Up and Down the run, Space plays a movie, Escape ends it."""

    def __init__(self, window: MainWindow, story: Callable[[RunView], str]) -> None:
        super().__init__(window)
        self._window, self._story_of = window, story
        self._layout = QByteArray()
        self._was_full = False
        self.on = False
        self._story = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._story.setObjectName("hint")
        self._story.hide()
        window.plots.layout().addWidget(self._story)
        window.plots.picture_changed.connect(self.tell)

    def toggle(self) -> None:
        """Begin, or go back to the window as it was."""
        (self._end if self.on else self._begin)()

    def _begin(self) -> None:
        w = self._window
        w.demos.tour.end()
        self.on, self._was_full = True, w.isFullScreen()
        self._layout = w.saveState()
        for dock in w.docks.values():
            dock.hide()
        w.menuBar().hide()
        w.statusBar().hide()
        w.notices.hold(True)
        self._enlarge(LARGER)
        w.centre.setCurrentWidget(w.plots)
        w.showFullScreen()
        QApplication.instance().installEventFilter(self)
        scenes = w.demos.scenes
        if scenes.all:
            scenes.show(max(0, scenes.at))
        self.tell()

    def _end(self) -> None:
        w = self._window
        self.on = False
        QApplication.instance().removeEventFilter(self)
        self._story.hide()
        self._enlarge(1 / LARGER)
        w.menuBar().show()
        w.statusBar().show()
        w.notices.hold(False)
        if not self._was_full:
            w.showNormal()
        w.restoreState(self._layout)

    def _enlarge(self, factor: float) -> None:
        """Each by itself, for some have a size of their own; all are read before one is set,
        for the others take the font of their parent."""
        parts = (self._window.plots, *self._window.plots.findChildren(QWidget))
        for part, size in [(part, part.font().pointSizeF()) for part in parts]:
            font = part.font()
            font.setPointSizeF(size * factor)
            part.setFont(font)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or watched is not self._window.windowHandle():
            return False
        assert isinstance(event, QKeyEvent)
        plots, runs = self._window.plots, self._window.runs
        match event.key():
            case Qt.Key.Key_Escape:
                self._end()
            case Qt.Key.Key_Right | Qt.Key.Key_PageDown:
                self._step(1)
            case Qt.Key.Key_Left | Qt.Key.Key_PageUp:
                self._step(-1)
            case Qt.Key.Key_Down:
                runs.step(1)
            case Qt.Key.Key_Up:
                runs.step(-1)
            case Qt.Key.Key_Space if plots.view.movie.isVisible():
                plots.view.movie.set_playing(not plots.view.movie.playing())
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        """To another scene, or where there are none to another picture."""
        scenes = self._window.demos.scenes
        (scenes if scenes.all else self._window.plots).step(by)

    def tell(self) -> None:
        """What the picture shows: the words of the scene, or the story of the example."""
        run, scenes = self._window.plots.run, self._window.demos.scenes
        text = scenes.text() if scenes.all else ""
        if run is not None and not text:
            text = self._story_of(run)
        self._story.setText(text)
        self._story.setVisible(self.on and bool(text))
