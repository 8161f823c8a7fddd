"""Draws what the tools have put on a panel, sharp at any zoom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui.panel import PanelItem
from ui.tools.shapes import Canvas, Shape, area, ends, grips
from workbench.palette import LIGHT, Theme, look

GRIP = 7.0  # pixels of the square by which a shape is taken
HEAD = 9.0  # pixels of an arrow head
PAD = 5.0


@dataclass(frozen=True)
class Drawn:
    """A shape and how it looks: `words` stand beside it, `number` chooses its colour."""

    shape: Shape
    chosen: bool = False
    number: int | None = None
    words: Sequence[str] = field(default_factory=tuple)


class Overlay(pg.GraphicsObject):
    """Above the data and the legend, below the crosshair."""

    def __init__(self, panel: PanelItem) -> None:
        super().__init__(panel)
        self.setZValue(150)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.canvas = Canvas(panel)
        self._box = QRectF()
        self._drawn: list[Drawn] = []
        self._theme, self._font = LIGHT, QFont()
        panel.view.sigRangeChanged.connect(lambda *_: self.update())
        panel.view.geometryChanged.connect(self._fit)

    def show_shapes(self, drawn: list[Drawn], theme: Theme, font: QFont) -> None:
        """Draw these."""
        self._drawn, self._theme, self._font = drawn, theme, font
        self._fit()
        self.setVisible(bool(drawn))
        self.update()

    def words_box(self, shape: Shape) -> QRectF | None:
        """The pixels of the words of an annotation."""
        found = ends(shape, self.canvas)
        if shape.kind != "annotate" or found is None:
            return None
        box = self._size([shape.text or "…"])
        box.moveCenter(found[1])
        return box

    def boundingRect(self) -> QRectF:
        return self._box

    def _fit(self) -> None:
        box = self.canvas.box()
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setClipRect(self._box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        for drawn in self._drawn:
            if ends(drawn.shape, self.canvas) is None:
                continue
            if drawn.shape.kind in ("region", "interval"):
                self._region(painter, drawn)
            elif drawn.shape.kind == "annotate":
                self._annotation(painter, drawn)
            else:
                self._line(painter, drawn)
            if drawn.chosen:
                self._grips(painter, drawn.shape)

    def _region(self, painter: QPainter, drawn: Drawn) -> None:
        box, path = area(drawn.shape, self.canvas), QPainterPath()
        if drawn.shape.kind == "region":
            path.addRect(box)
        else:
            for x in (box.left(), box.right()):
                path.moveTo(x, box.top())
                path.lineTo(x, box.bottom())
        fill = self._colour(drawn)
        fill.setAlphaF(0.12)
        painter.fillRect(box, fill)
        self._stroke(painter, path, self._colour(drawn))
        self._label(painter, drawn, box.topLeft() + QPointF(PAD, PAD))

    def _line(self, painter: QPainter, drawn: Drawn) -> None:
        found = ends(drawn.shape, self.canvas)
        assert found is not None
        start, end = found
        path = QPainterPath(start)
        path.lineTo(end)
        if drawn.shape.kind == "ruler":
            for tip in found:  # bars across its ends
                across = _across(end - start, GRIP)
                path.moveTo(tip - across)
                path.lineTo(tip + across)
        self._stroke(painter, path, self._colour(drawn))
        if drawn.shape.kind == "profile":  # which end is the beginning
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(drawn))
            painter.drawEllipse(start, 3.5, 3.5)
            self._label(painter, drawn, start + QPointF(PAD, PAD))
        else:
            self._label(painter, drawn, (start + end) / 2 + QPointF(PAD, PAD))

    def _annotation(self, painter: QPainter, drawn: Drawn) -> None:
        found, box = ends(drawn.shape, self.canvas), self.words_box(drawn.shape)
        assert found is not None
        assert box is not None
        tip, middle = found
        if not box.contains(tip):
            path = QPainterPath(_border(box, middle, tip))
            path.lineTo(tip)
            back = tip - _along(tip - middle, HEAD)
            barb = _across(tip - middle, 0.45 * HEAD)
            path.moveTo(back + barb)
            path.lineTo(tip)
            path.lineTo(back - barb)
            self._stroke(painter, path, QColor(self._theme.text))
        self._plate(painter, box, [drawn.shape.text or "…"])

    def _label(self, painter: QPainter, drawn: Drawn, corner: QPointF) -> None:
        """Words beside a shape, kept inside the panel."""
        if not drawn.words:
            return
        box, room = self._size(drawn.words), self._box.adjusted(2, 2, -2, -2)
        box.moveTo(corner)
        box.moveLeft(max(min(box.left(), room.right() - box.width()), room.left()))
        box.moveTop(max(min(box.top(), room.bottom() - box.height()), room.top()))
        self._plate(painter, box, drawn.words)

    def _size(self, words: Sequence[str]) -> QRectF:
        metrics = QFontMetricsF(self._font)
        width = max(metrics.horizontalAdvance(line) for line in words)
        return QRectF(0, 0, width + 2 * PAD, metrics.height() * len(words) + PAD)

    def _plate(self, painter: QPainter, box: QRectF, words: Sequence[str]) -> None:
        ground, edge = QColor(self._theme.ground), QColor(self._theme.guide)
        ground.setAlphaF(0.88)
        painter.setPen(QPen(edge, 0.8))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(self._theme.text))
        inside = box.adjusted(PAD, PAD / 2, 0, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft, "\n".join(words))

    def _stroke(self, painter: QPainter, path: QPainterPath, colour: QColor) -> None:
        """Seen on light and dark grounds: every line has a rim."""
        rim = QColor(self._theme.ground)
        rim.setAlphaF(0.75)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in QPen(rim, 4.0), QPen(colour, 1.8):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPath(path)

    def _grips(self, painter: QPainter, shape: Shape) -> None:
        painter.setPen(QPen(QColor(self._theme.text), 1.2))
        painter.setBrush(QColor(self._theme.ground))
        for grip in grips(shape, self.canvas):
            painter.drawRect(QRectF(grip.x() - GRIP / 2, grip.y() - GRIP / 2, GRIP, GRIP))

    def _colour(self, drawn: Drawn) -> QColor:
        if drawn.number is None:
            return QColor(self._theme.text)
        return QColor(look(self._theme, "data", drawn.number)[0])


def _along(way: QPointF, length: float) -> QPointF:
    """So many pixels in a direction."""
    return way * (length / (hypot(way.x(), way.y()) or 1.0))


def _across(way: QPointF, length: float) -> QPointF:
    return _along(QPointF(-way.y(), way.x()), length)


def _border(box: QRectF, middle: QPointF, tip: QPointF) -> QPointF:
    """Where the way from the middle of a box to a place outside leaves it."""
    way = tip - middle
    shares = [
        half / abs(part)
        for half, part in ((box.width() / 2, way.x()), (box.height() / 2, way.y()))
        if part
    ]
    return middle + way * min(1.0, *shares, 1.0)
