"""One image over another in the same panel: up to a line that is moved, or in turns."""

from __future__ import annotations

from dataclasses import replace

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engines.figure import Panel
from ui.figure_view import FigureView
from ui.panel import PanelItem
from ui.tools.modes import FLICKER, SWIPE
from workbench.palette import LIGHT, Theme

REACH = 9.0  # pixels within which the line is taken
KNOB = 11.0  # pixels
STEP, LEAP = 0.01, 0.1  # of the width, for one key
TURN_MS = 700  # slow enough for people whom flashes harm: at most three a second
PAD = 5.0


class Swipe(QObject):
    """Works on a view whose panels hold the marks of two runs, so many of the first."""

    def __init__(self, view: FigureView) -> None:
        super().__init__(view)
        self._view = view
        self._mode = ""
        self._counts: list[int] = []
        self._labels = ("", "")
        self._layers: dict[PanelItem, _Layers] = {}
        self._dragging = False
        self._held: _Layers | None = None  # whose line is dragged
        self.share = 0.5  # of the width, that the first image has
        self.second = False  # is on show while they take turns
        self._timer = QTimer(self, interval=TURN_MS)
        self._timer.timeout.connect(self._turn)
        view.redrawn.connect(self._dress)
        view.plots.installEventFilter(self)
        view.plots.viewport().installEventFilter(self)

    def begin(self, mode: str, counts: list[int], labels: tuple[str, str]) -> None:
        """Lay the images of the view over each other."""
        self._mode, self._counts, self._labels = mode, counts, labels
        self.second = False
        self._dress()
        (self._timer.start if mode == FLICKER else self._timer.stop)()

    def end(self) -> None:
        """Leave the panels as they were."""
        self._mode = ""
        self._timer.stop()
        for layers in self._layers.values():
            layers.undo()
        self._layers = {}

    def turning(self) -> bool:
        """Whether the images take turns by themselves."""
        return self._timer.isActive()

    def _dress(self) -> None:
        """The view was drawn anew: its items go to the layer of their run."""
        if not self._mode:
            return
        panels = self._view.plots.panels
        if len(panels) != len(self._counts):
            return
        self._layers = {p: s for p, s in self._layers.items() if p in panels}
        for panel, count in zip(panels, self._counts, strict=True):
            if isinstance(panel, PanelItem):
                if panel not in self._layers:
                    self._layers[panel] = _Layers(panel)
                self._layers[panel].take(count, self._labels, self._view.font())
        self._show()

    def _show(self) -> None:
        for layers in self._layers.values():
            if self._mode == SWIPE:
                layers.split(self.share, self._view.theme())
            else:
                layers.turn(self.second, self._view.theme())

    def _turn(self) -> None:
        if self._view.isVisible():
            self.second = not self.second
            self._show()

    # -- mouse and keys --------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._mode:
            return False
        if isinstance(event, QKeyEvent) and watched is self._view.plots:
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if isinstance(event, QMouseEvent) and watched is self._view.plots.viewport():
            return self._mouse(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        held = event.modifiers()
        if event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return False
        if held & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier):
            return False
        right = event.key() == Qt.Key.Key_Right
        if self._mode == FLICKER:
            self._timer.stop()
            self.second = right
        else:
            step = LEAP if held & Qt.KeyboardModifier.ShiftModifier else STEP
            self.share = min(max(self.share + (step if right else -step), 0.0), 1.0)
        self._show()
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        scene = self._view.plots.mapToScene(event.position().toPoint())
        number = self._view.plots.panel_at(scene)
        layers = None
        if number is not None:
            layers = self._layers.get(self._view.plots.panels[number])
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick:
                left = event.button() == Qt.MouseButton.LeftButton
                near = layers is not None and self._mode == SWIPE and layers.near(scene)
                self._dragging = left and near
                self._held = layers
                if self._dragging:
                    self._view.plots.setFocus(Qt.FocusReason.MouseFocusReason)
                    self._view.plots.hide_cross()
                return self._dragging
            case QEvent.Type.MouseMove if self._dragging and self._held is not None:
                self.share = self._held.share_at(scene)
                self._show()
                return True
            case QEvent.Type.MouseMove if layers is not None:
                layers.read(scene, self.second if self._mode == FLICKER else None)
            case QEvent.Type.MouseButtonRelease if self._dragging:
                self._dragging = False
                return True
        return False


class _Layers:
    """The two layers of one panel: each clips the items of a run."""

    def __init__(self, panel: PanelItem) -> None:
        self._panel = panel
        self._two = (_Layer(panel.view.childGroup), _Layer(panel.view.childGroup))
        self._line = _Line(panel)
        self._whole, self._count = Panel(()), 0
        self._share: float | None = None
        panel.view.sigRangeChanged.connect(self._fit)
        panel.view.geometryChanged.connect(self._fit)

    def take(self, count: int, labels: tuple[str, str], font: QFont) -> None:
        """The first `count` marks belong to the first run."""
        self._whole, self._count = self._panel.panel, count
        self._line.labels, self._line.font = labels, font
        for place, (_, items) in enumerate(self._panel.marks):
            for item in items:
                layer = self._two[place >= count]
                if item.parentItem() is not layer:
                    item.setParentItem(layer)

    def undo(self) -> None:
        """Give the items back."""
        self._panel.view.sigRangeChanged.disconnect(self._fit)
        self._panel.view.geometryChanged.disconnect(self._fit)
        for _, items in self._panel.marks:
            for item in items:
                item.setParentItem(self._panel.view.childGroup)
        for part in (*self._two, self._line):
            if part.scene() is not None:
                part.scene().removeItem(part)

    def split(self, share: float, theme: Theme) -> None:
        """The first run left of a line, the second right of it."""
        self._share = share
        self._line.show_at(share, None, theme)
        for layer in self._two:
            layer.setVisible(True)
        self._fit()

    def turn(self, second: bool, theme: Theme) -> None:
        """One of the two alone."""
        self._share = None
        self._line.show_at(None, second, theme)
        for place, layer in enumerate(self._two):
            layer.setVisible(place == second)
        self._fit()

    def near(self, scene: QPointF) -> bool:
        """Whether the line is taken there."""
        at = self._line.mapFromScene(scene)
        return abs(at.x() - self._line.place()) <= REACH

    def share_at(self, scene: QPointF) -> float:
        """The share of the width left of a place."""
        box = self._line.box()
        share = (self._line.mapFromScene(scene).x() - box.left()) / max(box.width(), 1.0)
        return min(max(share, 0.0), 1.0)

    def read(self, scene: QPointF, second: bool | None) -> None:
        """Let the crosshair read the image that is seen there."""
        if second is None:
            second = self._line.mapFromScene(scene).x() > self._line.place()
        marks = self._whole.marks
        seen = marks[self._count :] if second else marks[: self._count]
        self._panel.panel = replace(self._whole, marks=seen)

    def _fit(self, *_: object) -> None:
        rect, view = self._panel.view.viewRect(), self._panel.view
        left, right = QRectF(rect), QRectF(rect)
        if self._share is not None:
            share = 1 - self._share if view.xInverted() else self._share
            middle = rect.left() + share * rect.width()
            left.setRight(middle)
            right.setLeft(middle)
            if view.xInverted():
                left, right = right, left
        for layer, part in zip(self._two, (left, right), strict=True):
            layer.set_rect(part)
        self._line.fit()


class _Layer(QGraphicsItem):
    """Shows its children within a rectangle of the view alone."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self._rect = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)

    def set_rect(self, rect: QRectF) -> None:
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect

    def boundingRect(self) -> QRectF:
        return self._rect


class _Line(pg.GraphicsObject):
    """The line with its knob, and what is on either side."""

    def __init__(self, panel: PanelItem) -> None:
        super().__init__(panel)
        self.setZValue(140)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._panel = panel
        self._box = QRectF()
        self._share: float | None = None
        self._second: bool | None = None
        self._theme = LIGHT
        self.labels, self.font = ("", ""), QFont()

    def show_at(self, share: float | None, second: bool | None, theme: Theme) -> None:
        """A line at a share of the width, or the name of the one run that is seen."""
        self._share, self._second, self._theme = share, second, theme
        self.update()

    def box(self) -> QRectF:
        """The pixels of the view."""
        return self._panel.view.mapRectToItem(self._panel, self._panel.view.rect())

    def place(self) -> float:
        """Where the line is, in pixels."""
        return self._box.left() + (self._share or 0.0) * self._box.width()

    def fit(self) -> None:
        """Follow the size of the panel."""
        self.prepareGeometryChange()
        self._box = self.box()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setClipRect(self._box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font)
        if self._second is not None:
            self._name(painter, int(self._second), self._box.left() + PAD)
            return
        x, middle = self.place(), self._box.center().y()
        ground, text = QColor(self._theme.ground), QColor(self._theme.text)
        for colour, width in ((ground, 4.0), (text, 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, self._box.top()), QPointF(x, self._box.bottom()))
        painter.setBrush(ground)
        painter.drawEllipse(QPointF(x, middle), KNOB, KNOB)
        for side in (-1, 1):  # two arrow heads
            tip = QPointF(x + side * 7.0, middle)
            for up in (-4.0, 4.0):
                painter.drawLine(tip, QPointF(x + side * 3.0, middle + up))
        width = self._width(0)
        self._name(painter, 0, x - PAD - width)
        self._name(painter, 1, x + PAD)

    def _width(self, which: int) -> float:
        return QFontMetricsF(self.font).horizontalAdvance(self.labels[which]) + 2 * PAD

    def _name(self, painter: QPainter, which: int, left: float) -> None:
        """A label at the top."""
        high = QFontMetricsF(self.font).height()
        plate = QRectF(left, self._box.top() + PAD, self._width(which), high + 4)
        ground = QColor(self._theme.ground)
        ground.setAlphaF(0.88)
        painter.setPen(QPen(QColor(self._theme.guide), 0.8))
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 3, 3)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.labels[which])
