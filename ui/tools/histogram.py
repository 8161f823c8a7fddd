"""The histogram of the values of a picture, with a handle at each end of the colours."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from workbench.palette import table

BINS = 128
# Values that are looked at: enough for a histogram of this width, quick for any movie.
SAMPLE = 200_000
MARGIN = 9.0  # pixels at the sides, so that a handle at the end can be taken
STRIP = 10.0  # pixels of the colours below
GRIP = 6.0
REACH = 9.0  # pixels within which a handle is taken
STEP = 0.01  # of the width, for one key
TAILS = (1.0, 99.0)  # per cent


def sample(values: np.ndarray, positive: bool = False) -> np.ndarray:
    """Finite values spread evenly over an array, all of them where they are few."""
    flat = values.reshape(-1) if values.flags.c_contiguous else values.ravel()
    taken = flat[:: max(1, flat.size // SAMPLE)]
    kept: np.ndarray = taken[np.isfinite(taken) & (taken > 0 if positive else True)]
    return kept


def tails(values: np.ndarray, positive: bool, about_zero: bool) -> tuple[float, float] | None:
    """The range without the outermost hundredths; None where that is no range."""
    kept = sample(values, positive)
    if kept.size == 0:
        return None
    low, high = (float(end) for end in np.percentile(kept, TAILS))
    if about_zero:
        high = max(abs(low), abs(high))
        low = -high
    return (low, high) if low < high else None


class Histogram(QWidget):
    """Emits `moved(low, high)` while a handle is dragged or moved by keys.

    Left and Right move the lower end, with Shift the upper one. Heights are square roots of
    counts, so that rare values are seen as well.
    """

    moved = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(96)
        self.setAccessibleName(self.tr("Histogram with the ends of the colours"))
        self.setAccessibleDescription(
            self.tr("Arrow keys move the minimum, with Shift the maximum.")
        )
        self.setToolTip(self.tr("Drag the handles to the smallest and largest colour"))
        self._values: np.ndarray | None = None
        self._key: object = None
        self._log = False
        self._about_zero = False
        self._colours = "sequential"
        self._ends = (0.0, 1.0)
        self._span = (0.0, 1.0)  # of the whole width, as it is drawn
        self._heights = np.zeros(BINS)
        self._held: int | None = None

    def sizeHint(self) -> QSize:
        return QSize(260, 110)

    def show_values(
        self, values: np.ndarray, log: bool, colours: str, ends: tuple[float, float]
    ) -> None:
        """The values of all frames, and how they are coloured now."""
        self._colours, self._ends = colours, ends
        self._about_zero = colours == "diverging" and ends[0] == -ends[1]
        key = (values.__array_interface__["data"], values.shape, log)  # of the same memory
        same, self._key = key == self._key, key
        self._values, self._log = values, log
        if not same or (self._held is None and not self.hasFocus()):
            self._count()  # else the span would change below a handle
        self.update()

    def _count(self) -> None:
        assert self._values is not None
        kept = sample(self._values, self._log)
        drawn = np.log10(kept) if self._log else kept
        ends = [self._scaled(end) for end in self._ends if end > 0 or not self._log]
        held = [*ends, *((float(drawn.min()), float(drawn.max())) if kept.size else ())]
        low, high = min(held, default=0.0), max(held, default=1.0)
        self._span = (low, high if high > low else low + 1.0)
        counts, _ = np.histogram(drawn, BINS, self._span)
        self._heights = np.sqrt(counts / max(1, counts.max()))

    def _scaled(self, value: float) -> float:
        return float(np.log10(max(value, 1e-300))) if self._log else value

    def _x(self, value: float) -> float:
        low, high = self._span
        share = (self._scaled(value) - low) / (high - low)
        return MARGIN + min(max(share, 0.0), 1.0) * (self.width() - 2 * MARGIN)

    def _value(self, x: float) -> float:
        low, high = self._span
        share = min(max((x - MARGIN) / max(self.width() - 2 * MARGIN, 1.0), 0.0), 1.0)
        value = low + share * (high - low)
        return float(10**value) if self._log else value

    # -- drawing ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text, width = self.palette().text().color(), self.width() - 2 * MARGIN
        floor = self.height() - STRIP - GRIP - 3
        fill = QColor(text)
        fill.setAlphaF(0.45)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        step = width / BINS
        for place, height in enumerate(self._heights):
            tall = height * (floor - 4)
            painter.drawRect(QRectF(MARGIN + place * step, floor - tall, step, tall))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._strip(painter, floor + 2)
        left, right = (self._x(end) for end in self._ends)
        veil = QColor(self.palette().window().color())
        veil.setAlphaF(0.6)
        painter.fillRect(QRectF(MARGIN, 2, left - MARGIN, floor - 2), veil)
        painter.fillRect(QRectF(right, 2, MARGIN + width - right, floor - 2), veil)
        for place, x in enumerate((left, right)):
            self._handle(painter, x, floor, text, self._held == place)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _strip(self, painter: QPainter, top: float) -> None:
        """The colours from the lower to the upper end, the outermost beyond."""
        rgb = table(self._colours)
        row = np.ascontiguousarray(rgb.reshape(1, 256, 3).repeat(2, axis=0))
        image = QImage(row.data, 256, 2, 768, QImage.Format.Format_RGB888)
        left, right = (self._x(end) for end in self._ends)
        end = self.width() - MARGIN
        painter.fillRect(QRectF(MARGIN, top, left - MARGIN, STRIP), QColor(*map(int, rgb[0])))
        painter.fillRect(QRectF(right, top, end - right, STRIP), QColor(*map(int, rgb[-1])))
        painter.drawImage(QRectF(left, top, right - left, STRIP), image)

    def _handle(
        self, painter: QPainter, x: float, floor: float, colour: QColor, held: bool
    ) -> None:
        painter.setPen(QPen(colour, 2.2 if held else 1.4))
        painter.drawLine(QPointF(x, 2), QPointF(x, floor + STRIP + 2))
        painter.setBrush(self.palette().highlight() if held else self.palette().base())
        painter.setPen(QPen(colour, 1.2))
        bottom = floor + STRIP + 2 + GRIP
        corners = (x, bottom - GRIP - 3), (x - GRIP, bottom), (x + GRIP, bottom)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    # -- mouse and keys --------------------------------------------------------------------

    def _near(self, x: float) -> int | None:
        offs = [abs(self._x(end) - x) for end in self._ends]
        near = int(offs[1] < offs[0] or (offs[0] == offs[1] and x > self._x(self._ends[0])))
        return near if offs[near] <= REACH else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._near(event.position().x())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._held is None:
            near = self._near(x) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
        else:
            self._put(self._held, self._value(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
            return
        which = int(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        pixels = STEP * (self.width() - 2 * MARGIN)
        away = pixels if event.key() == Qt.Key.Key_Right else -pixels
        self._put(which, self._value(self._x(self._ends[which]) + away))

    def _put(self, which: int, value: float) -> None:
        """Move an end, never beyond the other; about zero both move."""
        ends = [*self._ends]
        ends[which] = value
        if self._about_zero:
            most = abs(value)
            ends = [-most, most]
        if ends[0] < ends[1]:
            self._ends = (ends[0], ends[1])
            self.update()
            self.moved.emit(*self._ends)
