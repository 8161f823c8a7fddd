"""Parts of a panel on the screen: rulers with readable numbers, the colour bar, the legend."""

from __future__ import annotations

from html import escape, unescape
from math import ceil

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsLinearLayout,
    QGraphicsSceneResizeEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engines.figure import Colours
from workbench.palette import Theme, table
from workbench.ticks import RAISED, numbers

FRAME = 8.0  # pixels left and right of a text
SHORTEST = 30.0  # pixels of an axis whose label can be read


class Ruler(pg.AxisItem):
    """An axis whose numbers are read as in print: 10⁻³, 2·10⁶, a true minus sign."""

    _text = ""  # pyqtgraph resizes while it is being made

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self._dressed: tuple[object, ...] = ()
        # Room for numbers only grows: a panel of fixed shape would swing between two widths else.
        self.setStyle(tickLength=4, tickTextOffset=3, maxTickLevel=1, autoReduceTextSpace=False)

    def dress(
        self,
        text: str,
        theme: Theme,
        font: QFont,
        log: bool,
        ticks: bool = True,
        grid: bool = False,
    ) -> None:
        """Label, colours, type and scale."""
        key = (text, theme, font.key(), log, ticks, grid)
        if key == self._dressed:  # a new label costs a new layout
            return
        recoloured = self._dressed and (*self._dressed[:1], theme, *self._dressed[2:]) == key
        self._dressed, self._text = key, text
        size = font.pointSizeF()
        self.setLogMode(log, log)
        self.setTickFont(font)
        if not recoloured:  # other colours alone move nothing
            self.textWidth, self.textHeight = 8, QFontMetricsF(font).height()  # grow with numbers
        self.setPen(pg.mkPen(theme.text))
        self.setTextPen(pg.mkPen(theme.text))
        self.setTickPen(pg.mkPen(theme.guide))
        self.setGrid(40 if grid else False)
        self.setStyle(showValues=ticks)
        self.setLabel(escape(text), color=theme.text, **{"font-size": f"{size}pt"})
        self.showLabel(bool(text))
        self._cut()
        self.setVisible(ticks or bool(text))
        if not ticks:
            self.setPen(pg.mkPen(None))
            self.setTextPen(pg.mkPen(theme.text))

    def resizeEvent(self, event: QGraphicsSceneResizeEvent | None = None) -> None:
        self._cut()
        super().resizeEvent(event)

    def _cut(self) -> None:
        """Shorten a label that is longer than its axis; all of it stands in its tool tip."""
        across = self.orientation in ("top", "bottom")
        room = self.size().width() if across else self.size().height()
        if not self._text or room < SHORTEST:  # it has no size yet
            return
        middle = Qt.TextElideMode.ElideMiddle  # the unit at the end stays
        cut = QFontMetricsF(self.style["tickFont"]).elidedText(self._text, middle, room - FRAME)
        if escape(cut) != self.labelText:
            self.labelText = escape(cut)
            self.label.setHtml(self.labelString())
            self.label.setToolTip("" if cut == self._text else self._text)

    def boundingRect(self) -> QRectF:
        """With room for the halves of the outermost numbers, which pyqtgraph leaves out."""
        across = self.orientation in ("top", "bottom")
        return super().boundingRect().adjusted(*((-40, 0, 40, 0) if across else (0, -10, 0, 10)))

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers with just the digits that tell neighbours apart; none over another."""
        if self.logMode:
            return [_decade(value, spacing) for value in values]
        names = numbers(values, spacing)
        if self.orientation in ("left", "right") or not names or not self.style["tickFont"]:
            return names
        metrics = QFontMetricsF(self.style["tickFont"])
        widest = max(metrics.horizontalAdvance(name) for name in names) + metrics.averageCharWidth()
        room = self.size().width() * spacing / max(abs(self.range[1] - self.range[0]), 1e-300)
        every = max(1, ceil(widest / max(room, 1e-9)))
        levels = self.tickSpacing(*sorted(self.range), self.size().width())
        if every > 1 and levels and spacing < 0.99 * levels[0][0]:
            return [""] * len(names)  # 2, 4, 6 would stand among the 5, 10, 15 of the level above
        return [
            name if round(value / spacing) % every == 0 else ""
            for name, value in zip(names, values, strict=True)
        ]


class Title(pg.LabelItem):
    """The line above a panel; one that is too long is cut, and stands whole in its tool tip."""

    _whole = ""

    def setText(self, text: str, **style: str) -> None:
        """Show a line of HTML without marks in it."""
        self._whole = unescape(text)
        super().setText(text, **style)

    def resizeEvent(self, event: QGraphicsSceneResizeEvent | None) -> None:
        font, room = QFont(self.item.font()), self.size().width()
        if "size" in self.opts and room > SHORTEST:
            font.setPointSizeF(float(self.opts["size"].removesuffix("pt")))
            middle = Qt.TextElideMode.ElideMiddle  # the run at the end stays
            cut = QFontMetricsF(font).elidedText(self._whole, middle, room - FRAME)
            if escape(cut) != self.text:
                super().setText(escape(cut))
                self.item.setToolTip("" if cut == self._whole else self._whole)
        super().resizeEvent(event)

    def updateMin(self) -> None:
        super().updateMin()
        self.setMinimumWidth(0)
        for which in Qt.SizeHint.MinimumSize, Qt.SizeHint.PreferredSize:
            self._sizeHint[which] = (0, self.itemRect().height())


def _decade(value: float, spacing: float | None) -> str:
    """A tick of a logarithmic ruler; lines between decades have a number only when zoomed in."""
    if abs(value - round(value)) < 1e-6:
        return "10" + str(round(value)).translate(RAISED)
    return "" if spacing is None or spacing >= 1 else f"{10**value:.3g}"


class ColourBar(pg.GraphicsWidget):
    """What the colours of a panel mean: a strip of the map and a ruler beside it."""

    WIDTH = 12.0

    def __init__(self) -> None:
        super().__init__()
        self._strip = _Strip()
        self.ruler = Ruler("right")
        row = QGraphicsLinearLayout(Qt.Orientation.Horizontal)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(0)
        row.addItem(self._strip)
        row.addItem(self.ruler)
        self.setLayout(row)

    def explain(self, colours: Colours, ends: tuple[float, float], log: bool) -> None:
        """Show the range of a map."""
        self._strip.set(colours)
        low, high = (float(np.log10(end)) for end in ends) if log else ends
        self.ruler.setRange(low, high)


class _Strip(pg.GraphicsWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(ColourBar.WIDTH)
        self._image = QImage()

    def set(self, colours: Colours) -> None:
        rows = np.ascontiguousarray(table(colours)[::-1].reshape(256, 1, 3).repeat(4, axis=1))
        self._image = QImage(rows.data, 4, 256, 12, QImage.Format.Format_RGB888).copy()
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.drawImage(self.rect(), self._image)


class Legend(pg.GraphicsObject):
    """Names beside a sample of each mark, in a corner of the view."""

    SAMPLE = 20.0  # pixels
    GAP = 6.0

    def __init__(self, panel: QGraphicsItem) -> None:
        super().__init__(panel)
        self.setZValue(100)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._entries: list[tuple[str, QPen, str]] = []
        self._theme: Theme | None = None
        self._font = QFont()
        self._size = (0.0, 0.0)
        self.corner = "upper right"

    def names(self) -> list[str]:
        """The names shown."""
        return [name for name, _, _ in self._entries]

    def show_entries(self, entries: list[tuple[str, QPen, str]], theme: Theme, font: QFont) -> None:
        """Entries are (name, pen, kind); kind is line, dot, ring or box."""
        if (entries, theme, font) == (self._entries, self._theme, self._font):
            return
        self.prepareGeometryChange()
        self._entries, self._theme, self._font = entries, theme, font
        metrics = QFontMetricsF(font)
        widest = max((metrics.horizontalAdvance(name) for name, _, _ in entries), default=0.0)
        rows = len(entries) * metrics.height()
        self._size = (self.SAMPLE + 3 * self.GAP + widest, rows + self.GAP)
        self.update()

    def place(self, view: QRectF) -> None:
        """Move into the chosen corner of a rectangle."""
        width, height = self._size
        right = self.corner.endswith("right")
        x = view.right() - width - self.GAP if right else view.left() + self.GAP
        upper = self.corner.startswith("upper")
        y = view.top() + self.GAP if upper else view.bottom() - height - self.GAP
        self.setPos(QPointF(round(x), round(y)))

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, *self._size)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._theme is None:
            return
        ground = QColor(self._theme.ground)
        ground.setAlphaF(0.8)
        painter.fillRect(self.boundingRect(), ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        high = QFontMetricsF(self._font).height()
        for row, (name, pen, kind) in enumerate(self._entries):
            top = self.GAP / 2 + row * high
            _sample(painter, QRectF(self.GAP, top, self.SAMPLE, high), pen, kind)
            painter.setPen(QColor(self._theme.text))
            words = QRectF(self.SAMPLE + 2 * self.GAP, top, self._size[0], high)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)


def _sample(painter: QPainter, box: QRectF, pen: QPen, kind: str) -> None:
    middle = box.center()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if kind == "line":
        painter.setPen(pen)
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
    elif kind == "box":
        fill = QColor(pen.color())
        fill.setAlphaF(0.35)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRect(QRectF(box.left(), middle.y() - 4, box.width(), 8))
    else:
        painter.setPen(QPen(pen.color(), 1.2) if kind == "ring" else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if kind == "ring" else pen.color())
        painter.drawEllipse(middle, 3.5, 3.5)


class Crosshair(pg.GraphicsObject):
    """Two thin lines through a place, unless `lines` is off, and the words for what is there."""

    def __init__(self, panel: QGraphicsItem) -> None:
        super().__init__(panel)
        self.setZValue(200)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._box, self._spot = QRectF(), QPointF()
        self._facts: list[str] = []
        self._theme: Theme | None = None
        self._font = QFont()
        self.lines = True
        self.hide()

    def dress(self, theme: Theme, font: QFont) -> None:
        """Colours and type."""
        self._theme, self._font = theme, font

    def point(self, spot: QPointF, box: QRectF, facts: list[str]) -> None:
        """Cross at `spot` inside `box`, in coordinates of the panel, with one fact a line."""
        if box != self._box:
            self.prepareGeometryChange()
        self._spot, self._box, self._facts = spot, box, facts
        self.show()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._theme is None:
            return
        box, spot = self._box, self._spot
        painter.setClipRect(box)
        faint = QColor(self._theme.text)
        faint.setAlphaF(0.5)
        painter.setPen(QPen(faint, 1))
        if self.lines:
            painter.drawLine(QPointF(spot.x(), box.top()), QPointF(spot.x(), box.bottom()))
            painter.drawLine(QPointF(box.left(), spot.y()), QPointF(box.right(), spot.y()))
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        width = max(metrics.horizontalAdvance(fact) for fact in self._facts) + 12
        height = metrics.height() * len(self._facts) + 6
        x = spot.x() + 8 if spot.x() + 8 + width < box.right() else spot.x() - 8 - width
        y = spot.y() - 8 - height if spot.y() - 8 - height > box.top() else spot.y() + 8
        label = QRectF(round(max(x, box.left())), round(y), round(width), round(height))
        painter.setBrush(QColor(self._theme.ground))
        painter.drawRect(label)
        painter.setPen(QColor(self._theme.text))
        words = label.adjusted(6, 3, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, "\n".join(self._facts))
