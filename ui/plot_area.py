"""The panels of a figure in a grid, with mouse and keyboard."""

from __future__ import annotations

from itertools import takewhile

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from engines.figure import Figure
from ui.panel import PanelItem
from ui.space_panel import SpaceItem
from workbench.camera import Camera
from workbench.layout import Layout
from workbench.palette import Theme

SHAPE = 1.35  # width over height that a panel would like to have
SPACE = 14  # pixels between panels
LEAST = (11, 9)  # heights of a line: width and height of the smallest panel that can be read
STEP, ZOOM = 0.1, 0.8  # of the view, for one key

_KEYS: dict[int, tuple[float, float, float]] = {
    Qt.Key.Key_Left: (-STEP, 0, 1),
    Qt.Key.Key_Right: (STEP, 0, 1),
    Qt.Key.Key_Up: (0, STEP, 1),
    Qt.Key.Key_Down: (0, -STEP, 1),
    Qt.Key.Key_Plus: (0, 0, ZOOM),
    Qt.Key.Key_Equal: (0, 0, ZOOM),
    Qt.Key.Key_Minus: (0, 0, 1 / ZOOM),
}


class PlotArea(pg.GraphicsLayoutWidget):
    """Arrow keys move the current panel, + and - zoom, Page Up and Down choose another.

    Panels in space are turned instead, all together: they have one `camera`.
    """

    hovered = Signal(str)
    menu_wanted = Signal(int, QPoint)
    moved = Signal()  # the user moved, zoomed or reset a panel
    stepped = Signal(int)  # the keys go to another panel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panels: list[PanelItem | SpaceItem] = []
        self.camera, self.turned = Camera(), False
        self._view = (self.camera.azimuth, self.camera.elevation)  # that the figure asks for
        self.current = 0
        self.linked = False
        self.crosshair = True
        self._wanted, self._grid = 0, (0, 0)
        self._room: QSize | None = None  # what is in sight of it, where it is scrolled
        self.ci.layout.setContentsMargins(8, 6, 16, 6)
        self._keys = False
        self.scene().sigMouseMoved.connect(self._on_pointer)
        self.scene().sigMouseClicked.connect(self._on_click)

    def show_figure(
        self, figure: Figure, plan: tuple[Layout, ...], theme: Theme, font: QFont
    ) -> None:
        """Draw a still figure with the panels that are there."""
        kinds = [SpaceItem if panel.in_space else PanelItem for panel in figure.panels]
        pairs = zip(self.panels, kinds)
        fitting = len(list(takewhile(lambda pair: type(pair[0]) is pair[1], pairs)))
        while len(self.panels) > fitting:
            self.ci.removeItem(self.panels.pop())
            self._grid = (0, 0)
        for kind in kinds[fitting:]:
            self.panels.append(kind())
            self.panels[-1].moved.connect(self._on_moved)
            if isinstance(self.panels[-1], SpaceItem):
                self.panels[-1].aimed.connect(self.aim)
            self._grid = (0, 0)
        self._view = figure.view
        self.aim(self.camera if self.turned else None)
        self._wanted = figure.columns
        self.current = min(self.current, max(0, len(self.panels) - 1))
        self._arrange()
        titled = any(panel.title for panel in figure.panels)
        for item, panel, layout in zip(self.panels, figure.panels, plan, strict=True):
            item.show_panel(panel, layout, theme, font, titled)

    def reset(self) -> None:
        """Show all the data in every panel."""
        for panel in self.panels:
            panel.reset()
        self.moved.emit()

    def reset_panel(self, number: int) -> None:
        """Show all the data in one panel, and in those that are linked with it."""
        self.panels[number].reset()
        self._on_moved(self.panels[number])

    def forget(self) -> None:
        """Let the next figure choose its own limits."""
        self.turned = False
        for panel in self.panels:
            panel.forget()

    def aim(self, camera: Camera | None) -> None:
        """See all that is in space from another place; None: from where the figure says."""
        self.turned = camera is not None
        self.camera = camera or Camera(*self._view)
        for panel in self.panels:
            if isinstance(panel, SpaceItem):
                panel.aim(self.camera)

    def rest(self) -> None:
        """Draw everything finely now, though something may still move."""
        for panel in self.panels:
            panel.rest()

    def settled(self) -> bool:
        """Lay out now, not when the event loop comes round; whether all stayed in its place."""
        before = [panel.view.sceneBoundingRect() for panel in self.panels]
        self.ci.layout.activate()
        for panel in self.panels:
            panel.layout().activate()
        return before == [panel.view.sceneBoundingRect() for panel in self.panels]

    def fit(self, room: QSize) -> None:
        """Be seen through a window so large, and be higher where panels would be too low."""
        self._room = room
        self._arrange()

    def hide_cross(self) -> None:
        """Take the crosshair away."""
        for panel in self.panels:
            panel.cross.hide()

    def _arrange(self) -> None:
        """Put the panels into the grid that fits the shape of the window."""
        count = len(self.panels)
        if not count:
            return
        wide, high = (side * self.fontMetrics().height() for side in LEAST)
        room = self._room or self.size()
        most = max(1, room.width() // wide)
        columns = self._wanted or best_columns(count, room.width(), room.height(), most)
        if self._room is not None:
            self.setMinimumHeight(-(-count // columns) * (high + SPACE))
        if (count, columns) == self._grid:
            return
        self._grid = (count, columns)
        for item in list(self.ci.items):
            self.ci.removeItem(item)
        for place, panel in enumerate(self.panels):
            self.ci.addItem(panel, *divmod(place, columns))
        cells, rows = self.ci.layout, -(-count // columns)
        for place in range(cells.columnCount()):  # the layout remembers the rows of a larger grid
            cells.setColumnStretchFactor(place, int(place < columns))
            cells.setColumnSpacing(place, SPACE if place < columns - 1 else 0)
        for place in range(cells.rowCount()):
            cells.setRowStretchFactor(place, int(place < rows))
            cells.setRowSpacing(place, SPACE if place < rows - 1 else 0)

    # -- mouse -----------------------------------------------------------------------------

    def panel_at(self, scene: QPointF) -> int | None:
        """The number of the panel whose view holds a place of the scene."""
        for number, panel in enumerate(self.panels):
            if panel.view.sceneBoundingRect().contains(scene):
                return number
        return None

    def _on_pointer(self, scene: QPointF) -> None:
        self.hide_cross()
        number = self.panel_at(scene)
        if number is None:
            self.hovered.emit("")
            return
        words = self.panels[number].point_at(scene)
        self.hovered.emit(words)
        self.panels[number].cross.setVisible(self.crosshair and bool(words))

    def _on_click(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        number = self.panel_at(event.scenePos())
        if number is None:
            return
        self.current = number
        if event.double():
            self.reset_panel(number)
        elif event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(number, event.screenPos().toPoint())

    def _on_moved(self, moved: PanelItem | SpaceItem) -> None:
        for panel in self.panels if self.linked else ():
            if panel is not moved:
                panel.follow(moved)
        self.moved.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hide_cross()
        self.hovered.emit("")

    # -- keyboard --------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if not self.panels:
            event.ignore()
        elif key in _KEYS:
            self.panels[self.current].nudge(*_KEYS[key])
        elif key == Qt.Key.Key_Home:
            self.reset()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = 1 if key == Qt.Key.Key_PageDown else -1
            self.current = (self.current + step) % len(self.panels)
            self._keys = True
            self.stepped.emit(self.current)
            self.viewport().update()
        elif key == Qt.Key.Key_Menu:
            panel = self.panels[self.current]
            place = self.mapFromScene(panel.sceneBoundingRect().center())
            self.menu_wanted.emit(self.current, self.viewport().mapToGlobal(place))
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._keys and self.panels:  # which panel the keys go to
            scene = self.panels[self.current].sceneBoundingRect()
            rect: QRect = self.mapFromScene(scene).boundingRect()
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.drawRect(rect.adjusted(-4, -4, 4, 4))
            painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        mouse = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        self._keys = event.reason() not in (*mouse, Qt.FocusReason.OtherFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._keys = False
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "panels"):  # pyqtgraph resizes while it is being made
            self._arrange()


def best_columns(count: int, width: float, height: float, most: int) -> int:
    """The columns that make panels largest, at `most` so many; empty places count against."""

    def size(columns: int) -> float:
        rows = -(-count // columns)
        return min(width / columns / SHAPE, height / rows) * count / (rows * columns)

    return max(range(1, min(count, most) + 1), key=size)
