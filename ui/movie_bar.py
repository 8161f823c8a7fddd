"""The controls of a movie: play, a slider, the time of the frame, speed and repetition."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from engines.figure import Axis
from ui.icons import icon

SECONDS = 6.0  # a movie lasts about this long at normal speed
FASTEST, SLOWEST = 40, 250  # milliseconds a frame: 25 pictures a second are enough
SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0}


class MovieBar(QWidget):
    """Emits `moved(frame)` when the frame changes, by hand or while playing."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._times: np.ndarray | None = None
        self._axis = Axis("t")
        self._stride = 1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self.play = QToolButton(autoRaise=True, checkable=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setMaximum(0)
        self.slider.setAccessibleName(self.tr("Frame"))
        self.slider.setToolTip(self.tr("Frame of the movie"))
        self.label = QLabel()
        self.speed = QComboBox()
        self.speed.addItems(list(SPEEDS))
        self.speed.setCurrentText("1×")
        self.speed.setToolTip(self.tr("Speed of the movie"))
        self.speed.setAccessibleName(self.tr("Speed"))
        self.loop = QToolButton(autoRaise=True, checkable=True, checked=True, text=self.tr("Loop"))
        self.loop.setToolTip(self.tr("Start again at the end"))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        for widget in (self.label, self.speed, self.loop):
            row.addWidget(widget)
        self.play.toggled.connect(self.set_playing)
        self.slider.valueChanged.connect(self._on_moved)
        self.speed.currentTextChanged.connect(self._pace)
        self._show_state(False)

    def set_movie(self, frames: int, times: np.ndarray | None, axis: Axis) -> None:
        """Set length and times; who stands on the last frame stays on the last."""
        last = self.slider.maximum()
        follows = self.slider.value() == last
        self._times, self._axis = times, axis
        if frames - 1 != last:
            self.slider.blockSignals(True)
            self.slider.setMaximum(frames - 1)
            self.slider.setPageStep(max(1, frames // 10))
            if follows:
                self.slider.setValue(frames - 1)
            self.slider.blockSignals(False)
        self.setVisible(frames > 1)
        self._write()
        self._pace()

    def forget(self) -> None:
        """Another movie comes: it starts on its last frame and does not play."""
        self.set_playing(False)
        self.slider.blockSignals(True)
        self.slider.setMaximum(0)
        self.slider.blockSignals(False)

    def frame(self) -> int:
        """The frame shown."""
        return self.slider.value()

    def set_playing(self, on: bool) -> None:
        """Play or pause; at the end playing starts again."""
        if on and self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self._show_state(on)

    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def _show_state(self, on: bool) -> None:
        self.play.setChecked(on)
        self.play.setIcon(icon("pause" if on else "run"))
        name = self.tr("Pause") if on else self.tr("Play")
        self.play.setToolTip(self.tr("{} (Space)").format(name))
        self.play.setAccessibleName(name)

    def _pace(self) -> None:
        speed = SPEEDS[self.speed.currentText()]
        pause = min(1000 * SECONDS / max(1, self.slider.maximum()), SLOWEST) / speed
        self._stride = max(1, round(FASTEST / pause))  # long movies leave frames out
        self._timer.setInterval(int(max(pause * self._stride, FASTEST)))

    def _step(self) -> None:
        if self.slider.value() < self.slider.maximum():
            self.slider.setValue(self.slider.value() + self._stride)
        elif self.loop.isChecked():
            self.slider.setValue(0)
        else:
            self.set_playing(False)

    def _on_moved(self, frame: int) -> None:
        self._write()
        self.moved.emit(frame)

    def _write(self) -> None:
        place, last = self.slider.value(), self.slider.maximum()
        words = f"{place + 1} / {last + 1}"
        if self._times is not None and place < len(self._times):
            unit = f" {self._axis.unit}" if self._axis.unit else ""
            words = f"{self._axis.label} = {self._times[place]:.4g}{unit}   {words}"
        self.label.setText(words)
        widest = self.label.fontMetrics().horizontalAdvance(words)
        self.label.setMinimumWidth(max(widest, self.label.minimumWidth()))  # no jitter

    def hideEvent(self, event: QHideEvent) -> None:
        self.set_playing(False)
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._show_state(self.playing())
        super().changeEvent(event)
