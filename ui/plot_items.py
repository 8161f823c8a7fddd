"""Items that draw many dots or strokes at once, sized in pixels whatever the axes do."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engines.figure import span
from workbench.layout import arrow_heads

FAR = 2.0**20  # pixels; Qt's painters overflow at larger coordinates
FADES = 8  # opacities that strokes are sorted into
# More dots than this are thinned to it while they move: 1e5 take 15 ms, 1e6 take 120.
MANY = 100_000
REST_MS = 150  # after a move all are drawn


class _Item(pg.GraphicsObject):
    """Points in data coordinates, painted in pixels. The view never scales to them by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()

    def boundingRect(self) -> QRectF:
        return self._box

    def _enclose(self, x: np.ndarray, y: np.ndarray) -> None:
        self.prepareGeometryChange()
        left, right = span(x) or (0.0, 0.0)
        bottom, top = span(y) or (0.0, 0.0)
        # An empty rectangle would never be painted: keep one that a view cannot miss.
        self._box = QRectF(left, bottom, (right - left) or 1e-300, (top - bottom) or 1e-300)
        self.informViewBoundsChanged()
        self.update()


def _to_pixels(painter: QPainter, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    t = painter.transform()
    with np.errstate(all="ignore"):
        return x * t.m11() + t.dx(), y * t.m22() + t.dy()


class Dots(_Item):
    """Round dots of one diameter, each in one of a few colours."""

    def __init__(self) -> None:
        super().__init__()
        self._x = self._y = np.empty(0)
        self._which: np.ndarray | None = None
        self._style: tuple[tuple[str, ...], float, bool] = ((), 0.0, False)
        self._strip: QPixmap | None = None
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)
        self._moving = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.rest)

    def set(
        self,
        x: np.ndarray,
        y: np.ndarray,
        colours: tuple[str, ...],
        size: float,
        which: np.ndarray | None = None,
        hollow: bool = False,
    ) -> None:
        """Draw dots of `size` pixels; `which` picks each one's colour, else it is the first."""
        self._x, self._y, self._which = x, y, which
        if self._style != (colours, size, hollow):
            self._style, self._strip = (colours, size, hollow), None
        self._enclose(x, y)

    def hurry(self) -> None:
        """The user moves the view: draw few until it rests."""
        if self._x.size > MANY:
            self._moving = True
            self._rest.start()

    def rest(self) -> None:
        """Draw all of them from now on."""
        self._rest.stop()
        if self._moving:
            self._moving = False
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colours, size, hollow = self._style
        every = slice(None, None, -(-self._x.size // MANY) if self._moving else 1)
        which = None if self._which is None else self._which[every]
        x, y = _to_pixels(painter, self._x[every], self._y[every])
        painter.resetTransform()
        ratio = painter.deviceTransform().m11()  # of the screen, or of the picture that is made
        if self._strip is None or self._strip.devicePixelRatio() != ratio:
            self._strip = _dot_strip(colours, size, hollow, ratio)
        seen = painter.viewport()
        inside = (x > -size) & (x < seen.width() + size) & (y > -size) & (y < seen.height() + size)
        side = self._strip.height()
        self._fragments.resize(int(inside.sum()))
        parts = self._fragments.ndarray()
        parts[:, 0], parts[:, 1] = x[inside], y[inside]
        parts[:, 2] = 0 if which is None else which[inside].astype(float) * side
        # source top, width, height; scale in x and y; rotation, opacity
        parts[:, 3:] = 0, side, side, 1 / ratio, 1 / ratio, 0, 1
        painter.drawPixmapFragments(*self._fragments.drawargs(), self._strip)


def _dot_strip(colours: tuple[str, ...], size: float, hollow: bool, ratio: float) -> QPixmap:
    """One picture of each dot side by side, in the pixels of the screen."""
    side = int(np.ceil(size * ratio)) + 2
    strip = QPixmap(side * max(1, len(colours)), side)
    strip.fill(Qt.GlobalColor.transparent)
    painter = QPainter(strip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = 1.2 * ratio if hollow else 0.0
    for place, colour in enumerate(colours):
        painter.setPen(QPen(QColor(colour), rim) if hollow else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else QColor(colour))
        gap = (side - size * ratio + rim) / 2
        painter.drawEllipse(QRectF(place * side + gap, gap, side - 2 * gap, side - 2 * gap))
    painter.end()
    strip.setDevicePixelRatio(ratio)
    return strip


class Strokes(_Item):
    """Straight lines, fainter where they weigh less, with heads at their ends if asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._ends = np.empty((0, 4))
        self._fade = np.empty(0, np.int64)
        self._pen = QPen()
        self._head = 0.0
        self._lines = PrimitiveArray(QLineF, 4)

    def set(
        self,
        ends: np.ndarray,
        pen: QPen,
        weights: np.ndarray | None = None,
        head: float = 0.0,
    ) -> None:
        """Draw from (x0, y0) to (x1, y1), the columns of `ends`; `head` is in pixels."""
        self._ends, self._pen, self._head = ends, pen, head
        fade = np.full(len(ends), FADES) if weights is None else np.ceil(weights.clip(0, 1) * FADES)
        self._fade = np.nan_to_num(fade).astype(np.int64)
        self._enclose(ends[:, 0::2], ends[:, 1::2])

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        x, y = _to_pixels(painter, self._ends[:, 0::2], self._ends[:, 1::2])
        fine = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
        x, y = x.clip(-FAR, FAR), y.clip(-FAR, FAR)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(x) <= 10_000)
        for fade in np.unique(self._fade[fine & (self._fade > 0)]):  # the strong ones last
            chosen = fine & (self._fade == fade)
            painter.setPen(self._pen)
            painter.setOpacity(fade / FADES)
            self._draw(painter, x[chosen, 0], y[chosen, 0], x[chosen, 1], y[chosen, 1])
            if self._head:
                tips = x[chosen, 1], y[chosen, 1]
                barbs = arrow_heads(x[chosen, 0], y[chosen, 0], *tips, self._head)
                for bx, by in zip(*barbs, strict=True):
                    self._draw(painter, bx, by, *tips)
        painter.setOpacity(1.0)

    def _draw(self, painter: QPainter, *ends: np.ndarray) -> None:
        self._lines.resize(ends[0].size)
        self._lines.ndarray()[:] = np.stack(ends, axis=1)
        if ends[0].size:
            painter.drawLines(*self._lines.drawargs())
