"""Replay of a finished run: its curves grow and its movie plays on a clock."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Figure
from ui.bridge import Bridge
from ui.figure_view import FigureView
from ui.icons import icon
from workbench.replay import Replay, replay

TICK_MS = 80  # the curves are drawn twelve times a second
POSITIONS = 1000  # of the slider
FIT = 10.0  # seconds that a replay takes unless a speed is chosen
SPEEDS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100)


class ReplayWindow(QDialog):
    """A movie of the record, the curves beside it, and the controls of the clock."""

    def __init__(self, record: str, bridge: Bridge, parent: QWidget, first: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Replay"))
        self.resize(980, 560)
        self._record, self._bridge, self._first = record, bridge, first
        self._open = True
        self._replay: Replay | None = None
        self._frames = 0
        self._seconds, self._last = 0.0, 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._waiting = QLabel(self.tr("Reading the record…"), objectName="hint", wordWrap=True)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.movie, self.curves = FigureView(), FigureView()
        aside = QWidget(self)
        aside.hide()
        self.movie.movie.setParent(aside)  # the clock leads it
        self._parts = QSplitter()
        for view in (self.movie, self.curves):
            view.hide()
            self._parts.addWidget(view)
        layout = QVBoxLayout(self)
        layout.addWidget(self._waiting, 1)
        layout.addWidget(self._parts, 1)
        layout.addLayout(self._bar())
        self._parts.hide()
        self._show_state()
        bridge.call("run", record, done=self._take, failed=self._explain)

    def _bar(self) -> QHBoxLayout:
        self.play = QToolButton(autoRaise=True, checkable=True)
        self.play.toggled.connect(self.set_playing)
        self.slider = QSlider(Qt.Orientation.Horizontal, maximum=POSITIONS)
        self.slider.setAccessibleName(self.tr("Time of the run"))
        self.slider.setToolTip(self.tr("Time of the run"))
        self.slider.valueChanged.connect(self._on_slider)
        self._time = QLabel()
        self.pictures = QComboBox()
        self.pictures.setAccessibleName(self.tr("Figure"))
        self.pictures.setToolTip(self.tr("The figure that is played"))
        self.pictures.currentIndexChanged.connect(lambda _: self._read())
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("Speed of the clock, or how long all of it takes"))
        self.speed.addItem(self.tr("In {0} s").format(f"{FIT:g}"), 0.0)
        for factor in SPEEDS:
            self.speed.addItem(f"{factor:g}×", float(factor))
        row = QHBoxLayout()
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        for widget in (self._time, self.pictures, self.speed):
            row.addWidget(widget)
        return row

    # --- the record ----------------------------------------------------------------------------

    def _take(self, found: Any) -> None:
        if not self._open:
            return
        info, histories, names = found
        self.setWindowTitle(self.tr("Replay: {0}").format(info.title or info.method))
        self._replay = replay(histories, info.seconds)
        if self._replay.whole.panels:
            self.curves.show()
            self._parts.show()
            self._waiting.hide()
        self.pictures.blockSignals(True)
        for name in names:
            self.pictures.addItem(name.replace("_", " ").capitalize(), name)
        self.pictures.setCurrentIndex(max(0, self.pictures.findData(self._first)))
        self.pictures.blockSignals(False)
        self.pictures.setVisible(bool(names))
        self._go_to(0.0)
        if names:
            self._read(seek=not self._first)
        elif not self._replay.whole.panels:
            self._explain(self.tr("This record holds neither curves nor figures."), "")
        else:
            self.set_playing(True)

    def _read(self, seek: bool = False) -> None:
        """Read the chosen figure; `seek` goes on to the next one until one is a movie."""
        name = self.pictures.currentData()

        def read(figure: Figure) -> None:
            if self._open and self.pictures.currentData() == name:
                self._take_figure(figure, seek)

        self._bridge.call("figure", self._record, name, done=read, failed=self._explain)

    def _take_figure(self, figure: Figure, seek: bool) -> None:
        further = self.pictures.currentIndex() + 1
        if seek and figure.frames() < 2 and further < self.pictures.count():
            self.pictures.blockSignals(True)
            self.pictures.setCurrentIndex(further)
            self.pictures.blockSignals(False)
            self._read(seek=True)
            return
        fresh = self._frames == 0
        self._frames = max(1, figure.frames())
        self.movie.set_figure(figure)
        self.movie.show()
        self._parts.show()
        self._waiting.hide()
        self._go_to(self._seconds)
        if fresh:
            self.set_playing(True)

    def _explain(self, text: str, _: str) -> None:
        if self._open:
            self._waiting.setText(text)
            self._waiting.show()

    # --- the clock -----------------------------------------------------------------------------

    def set_playing(self, on: bool) -> None:
        """Play or hold; at the end playing starts again."""
        on = on and self._replay is not None and self._replay.total > 0
        if on and self._replay is not None and self._seconds >= self._replay.total:
            self._go_to(0.0)
        self._last = time.monotonic()
        (self._timer.start if on else self._timer.stop)()
        self._show_state()

    def playing(self) -> bool:
        """Whether the clock goes."""
        return self._timer.isActive()

    def rate(self) -> float:
        """Seconds of the run for each second on the wall."""
        chosen = self.speed.currentData()
        total = self._replay.total if self._replay else 0.0
        return chosen or total / FIT

    def _tick(self) -> None:
        assert self._replay is not None
        now = time.monotonic()
        seconds = self._seconds + (now - self._last) * self.rate()
        self._last = now
        self._go_to(min(seconds, self._replay.total))
        if self._seconds >= self._replay.total:
            self.set_playing(False)

    def _go_to(self, seconds: float) -> None:
        if self._replay is None:
            return
        self._seconds = seconds
        total = self._replay.total
        self.slider.blockSignals(True)
        self.slider.setValue(round(POSITIONS * seconds / total) if total > 0 else 0)
        self.slider.blockSignals(False)
        self._time.setText(f"{seconds:.3g} / {total:.3g} s")
        if self._replay.whole.panels:
            self.curves.set_figure(self._replay.at(seconds))
        if self._frames:
            self.movie.movie.slider.setValue(self._replay.frame(seconds, self._frames))

    def _on_slider(self, position: int) -> None:
        if self._replay is not None:
            self._last = time.monotonic()
            self._go_to(position / POSITIONS * self._replay.total)

    def _show_state(self) -> None:
        on = self.playing()
        self.play.blockSignals(True)
        self.play.setChecked(on)
        self.play.blockSignals(False)
        self.play.setIcon(icon("pause" if on else "run"))
        name = self.tr("Pause") if on else self.tr("Play")
        self.play.setToolTip(self.tr("{} (Space)").format(name))
        self.play.setAccessibleName(name)

    # --- Qt ------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_state()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.set_playing(not self.playing())
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._close_down()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._close_down()
        super().closeEvent(event)

    def _close_down(self) -> None:
        """Answers that come late are not for this window any more."""
        self._open = False
        self._timer.stop()
