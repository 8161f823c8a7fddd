"""Data in space on the screen, turned with the mouse: drawn without OpenGL, so it works anywhere.

While something moves that takes long to draw, a coarser picture is shown for that time.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from time import perf_counter

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QGraphicsSceneResizeEvent,
    QGraphicsSceneWheelEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engines.figure import Cloud3D, Panel
from ui.plots import POINT
from workbench.box import Box, Word, box, margin
from workbench.camera import Camera, Margin, Projection, projection
from workbench.layout import Layout
from workbench.palette import LIGHT, Theme
from workbench.raster import Raster, Solid, render
from workbench.solids import solids, space

QUICK = 0.02  # seconds; what takes longer is drawn coarsely while it moves
REST_MS = 150  # without a movement, then it is drawn finely
COARSE, FINE = 1_500_000, 8_000_000  # fragments of a picture that moves, and of one at rest
LAYERS = 2.0  # surfaces over each other at a pixel, about
MOST_DOTS = 100_000  # of a picture that moves
MANY = 50_000  # points that take long before anybody has measured it
TURN = 0.4  # degrees for a pixel
WHEEL = 1.0015  # enlargement for an eighth of a degree of the wheel
WALL, GRID = 14, 45  # opacity of the colour of words, of 255


class SpaceView(pg.GraphicsWidget):
    """Draws a 3-D panel as its camera sees it; the mouse asks for another camera."""

    aimed = Signal(object)  # the Camera that the user wants

    def __init__(self) -> None:
        super().__init__()
        self.camera = Camera()
        self._panel, self._plan = Panel(()), Layout((0, 1, 0, 1), (), (), None, False)
        self._theme, self._font = LIGHT, QFont()
        self._solids: list[Solid] = []
        self._drawn: tuple[object, ...] = ()  # what the picture below shows
        self._image = QImage()
        self._raster: Raster | None = None  # the fine picture, if that is shown
        self._slow = False  # a fine picture takes long
        self._moving = False  # and so a coarse one is shown
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.rest)
        self.setFlag(self.GraphicsItemFlag.ItemClipsToShape)

    def show_panel(self, panel: Panel, plan: Layout, theme: Theme, font: QFont) -> None:
        """Draw these data; the camera stays."""
        self._panel, self._plan, self._theme, self._font = panel, plan, theme, font
        self._solids = solids(panel, plan, theme, POINT)
        self._slow = self._slow or sum(len(solid.places) for solid in self._solids) > MANY
        self._change()

    def aim(self, camera: Camera) -> None:
        """See the data from another place."""
        if camera != self.camera:
            self.camera = camera
            self._change()

    def resizeEvent(self, event: QGraphicsSceneResizeEvent) -> None:
        super().resizeEvent(event)
        self._change()

    def rest(self) -> None:
        """Draw finely from now on."""
        self._rest.stop()
        if self._moving:
            self._moving = False
            self.update()

    def _change(self) -> None:
        self._drawn, self._raster = (), None
        if self._slow:
            self._moving = True
            self._rest.start()
        self.update()

    # -- picture ---------------------------------------------------------------------------

    def onto(self) -> Projection:
        """Where the data are in this item."""
        limits, size = space(self._plan), (self.rect().width(), self.rect().height())
        return projection(limits, self._panel.equal, self.camera, size, self._margin())

    def _margin(self) -> Margin:
        return margin(self._panel, space(self._plan), self._measure)

    def _measure(self, words: str) -> tuple[float, float]:
        metrics = QFontMetricsF(self._font)
        return metrics.horizontalAdvance(words), metrics.height()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        onto = self.onto()
        drawn = box(self._panel, space(self._plan), onto, self._measure)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_walls(painter, drawn)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._render(onto, painter.deviceTransform().m11())
        painter.drawImage(self.rect(), self._image)
        self._paint_words(painter, drawn)

    def _paint_walls(self, painter: QPainter, drawn: Box) -> None:
        tint = QColor(self._theme.text)
        tint.setAlpha(WALL)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        for wall in drawn.walls:
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in wall.tolist()]))
        tint.setAlpha(GRID)
        painter.setPen(QPen(tint, 1.0))
        painter.drawLines([QLineF(*line) for line in drawn.grid])

    def _paint_words(self, painter: QPainter, drawn: Box) -> None:
        painter.setPen(QPen(QColor(self._theme.text), 1.0))
        painter.drawLines([QLineF(*line) for line in drawn.edges])
        painter.setFont(self._font)
        around = QRectF(-500, -50, 1000, 100)
        for word in drawn.words:
            painter.save()
            painter.translate(*self._inside(word))
            painter.rotate(-90 if word.upright else 0)
            painter.drawText(around, Qt.AlignmentFlag.AlignCenter, word.text)
            painter.restore()

    def _inside(self, word: Word) -> tuple[int, int]:
        """Where words stand: those at the border are moved inside, those beyond it stay there."""
        wide, high = self._measure(word.text)[::-1] if word.upright else self._measure(word.text)
        found = []
        for place, half, side in (
            (word.x, wide / 2, self.rect().width()),
            (word.y, high / 2, self.rect().height()),
        ):
            seen = -half < place < side + half
            found.append(round(min(max(place, half), side - half) if seen else place))
        return found[0], found[1]

    def _render(self, onto: Projection, ratio: float) -> None:
        """Bring the picture of the data up to date."""
        key = (ratio, self._moving)
        if key == self._drawn:
            return
        self._drawn, begun = key, perf_counter()
        taken, detail, samples = self._effort(ratio)
        width, height = (
            max(1, round(side * detail)) for side in (self.rect().width(), self.rect().height())
        )
        raster = render(taken, onto.scaled(detail), width, height, samples)
        kind = QImage.Format.Format_RGBA8888_Premultiplied
        self._image = QImage(raster.pixels.data, width, height, 4 * width, kind).copy()
        if not self._moving:
            self._slow = perf_counter() - begun > QUICK
        self._raster = None if self._moving else raster

    def _effort(self, ratio: float) -> tuple[list[Solid], float, int]:
        """What is drawn, with how many dots for a pixel of this item, and samples for a dot."""
        area = self.rect().width() * self.rect().height()
        taken, cost = [], 0.0
        for solid in self._solids:
            if solid.faces is not None:
                taken.append(solid)
                cost += LAYERS * area
                continue
            count = len(solid.places)
            if self._moving and count > MOST_DOTS:
                some = slice(None, None, -(-count // MOST_DOTS))
                solid = replace(solid, places=solid.places[some], colours=solid.colours[some])
            most = sqrt(FINE / max(count, 1)) / ratio  # so many dots do not need to be large
            solid = replace(solid, size=min(solid.size, max(most, 1.0)))
            taken.append(solid)
            cost += len(solid.places) * solid.size**2
        detail = min(1.0, sqrt(COARSE / max(cost, 1.0))) if self._moving else ratio
        samples = 2 if not self._moving and 4 * cost * ratio**2 <= FINE else 1
        return [replace(solid, size=solid.size * detail) for solid in taken], detail, samples

    # -- pointer ---------------------------------------------------------------------------

    def under(self, spot: QPointF) -> tuple[int, int] | None:
        """The mark at a place of this item and which of its triangles or dots; None if none."""
        if self._raster is None or not self.rect().contains(spot):
            return None
        who = self._raster.who
        row = int(spot.y() / self.rect().height() * who.shape[0])
        column = int(spot.x() / self.rect().width() * who.shape[1])
        number = int(who[min(row, who.shape[0] - 1), min(column, who.shape[1] - 1)]) - 1
        for place, solid in enumerate(self._solids if number >= 0 else ()):
            if number < solid.count():
                return place, number
            number -= solid.count()
        return None

    def vertex(self, place: int, number: int, spot: QPointF) -> int:
        """The dot, or the corner of a triangle that is nearest to a place of this item."""
        mark = self._panel.marks[place]
        if isinstance(mark, Cloud3D):
            return number
        corners = mark.faces[number]
        seen = self.onto()(mark.vertices[corners])
        return int(corners[np.hypot(seen[:, 0] - spot.x(), seen[:, 1] - spot.y()).argmin()])

    # -- mouse -----------------------------------------------------------------------------

    def mouseDragEvent(self, event: pg.GraphicsScene.mouseEvents.MouseDragEvent) -> None:
        """Turn; with Shift or the middle button, move."""
        left = event.button() == Qt.MouseButton.LeftButton
        if not left and event.button() != Qt.MouseButton.MiddleButton:
            event.ignore()
            return
        event.accept()
        way = event.pos() - event.lastPos()
        if left and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.aimed.emit(self.camera.turned(-way.x() * TURN, way.y() * TURN))
        else:
            least = max(1.0, min(self.rect().width(), self.rect().height()))
            self.aimed.emit(self.camera.moved(way.x() / least, way.y() / least))

    def wheelEvent(self, event: QGraphicsSceneWheelEvent) -> None:
        """Enlarge what is under the pointer."""
        event.accept()
        nearer = self.camera.nearer(WHEEL ** event.delta())
        size = (self.rect().width(), self.rect().height())
        away = event.pos() - QPointF(*self._margin().middle(size))
        share = (1 - nearer.zoom / self.camera.zoom) / max(1.0, min(size))
        self.aimed.emit(nearer.moved(away.x() * share, away.y() * share))
