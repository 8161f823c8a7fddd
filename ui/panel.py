"""One flat panel on the screen: axes, marks, legend, crosshair; kept while data change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import log10

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsItem

from engines.figure import Axis, Bars, Image, Mark, Panel, Points
from ui.panel_frame import PanelFrame
from ui.panel_parts import Ruler
from ui.plot_items import Dots
from ui.plots import Ink, draw
from ui.readout import Pointer, readout
from workbench.layout import Box, Layout, free_corner, named
from workbench.palette import Theme, look

Items = tuple[QGraphicsItem, ...]
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)


class PanelItem(PanelFrame):
    """Draws a flat Panel, and the next one with the same items."""

    def __init__(self) -> None:
        super().__init__()
        self.view = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.view.disableAutoRange()
        self.left, self.bottom = Ruler("left"), Ruler("bottom")
        self.marks: list[tuple[type[Mark], Items]] = []
        self._home = NOWHERE
        self._arrange((self.left, 1, 0), (self.bottom, 2, 1))
        self.left.linkToView(self.view)
        self.bottom.linkToView(self.view)
        self.view.setZValue(-1)  # the line of an axis covers the edge of an image
        self.view.sigRangeChangedManually.connect(self._on_moved)
        self.view.sigResized.connect(self._settle)

    def show_panel(
        self, panel: Panel, layout: Layout, theme: Theme, font: QFont, titled: bool
    ) -> None:
        """Draw a still panel; keeping the zoom of the user. `titled` leaves room for a title."""
        before, self.panel = self.panel, panel
        if (before.x.scale, before.y.scale) != (panel.x.scale, panel.y.scale):
            self.touched = False
        self._dress(panel, theme, font, titled)
        inks = [_ink(panel, place, layout, theme, font) for place in range(len(panel.marks))]
        self._draw(panel, inks)
        self._explain(panel, layout, theme, font)
        self._name(panel, layout, inks)
        home = (*_on_view(layout.limits[:2], panel.x), *_on_view(layout.limits[2:], panel.y))
        if home != self._home:
            self._home = home
            if not self.touched:
                self.reset()
            self._settle()

    def _dress(self, panel: Panel, theme: Theme, font: QFont, titled: bool) -> None:
        plain = not any(isinstance(mark, Image) for mark in panel.marks)
        for ruler, axis in ((self.bottom, panel.x), (self.left, panel.y)):
            log = axis.scale == "log"
            ruler.dress(axis.text(), theme, font, log, axis.ticks, plain and axis.ticks)
        self._entitle(panel, theme, font, titled)
        linear = panel.x.scale == panel.y.scale == "linear"
        if bool(self.view.state["aspectLocked"]) != (panel.equal and linear):
            self.view.setAspectLocked(panel.equal and linear)

    def _draw(self, panel: Panel, inks: list[Ink]) -> None:
        for place, mark in enumerate(panel.marks):
            if place < len(self.marks) and self.marks[place][0] is not type(mark):
                self._remove(self.marks[place][1])
                self.marks[place] = (type(mark), ())
            elif place == len(self.marks):
                self.marks.append((type(mark), ()))
            draw(mark, partial(self._keep, place), inks[place])
        for _, items in self.marks[len(panel.marks) :]:
            self._remove(items)
        del self.marks[len(panel.marks) :]

    def _keep(self, place: int, *makers: Callable[[], QGraphicsItem]) -> Items:
        """The items of a mark; made, and put into the view before they get data, if missing."""
        kind, items = self.marks[place]
        if not items:
            items = tuple(make() for make in makers)
            self.marks[place] = (kind, items)
            for item in items:
                item.setZValue(place)
                self.view.addItem(item, ignoreBounds=True)
        return items

    def _remove(self, items: Items) -> None:
        for item in items:
            self.view.removeItem(item)

    def _name(self, panel: Panel, layout: Layout, inks: list[Ink]) -> None:
        """The legend, in the corner that was free when its names first appeared."""
        self.legend.setVisible(layout.legend)
        if not layout.legend:
            return
        places = named(panel)
        entries = [(n, inks[i].pen(1.8), _sample(panel.marks[i])) for n, i in places.items()]
        if list(places) != self.legend.names():
            self.legend.corner = free_corner(panel, layout.limits)
        self.legend.show_entries(entries, inks[0].theme, inks[0].font)

    def reset(self) -> None:
        """Show all the data again."""
        self.touched = False
        left, right, bottom, top = self._home
        self.view.invertX(left > right)
        self.view.invertY(bottom > top)
        x, y = sorted((left, right)), sorted((bottom, top))
        self.view.setRange(xRange=x, yRange=y, padding=0)

    def forget(self) -> None:
        """Take the limits of the next panel, whatever was zoomed to in this one."""
        self.touched, self._home = False, NOWHERE

    def limits(self) -> Box:
        """The limits in sight in data coordinates: left, right, bottom, top."""
        (left, right), (bottom, top) = self.view.viewRange()
        x = (right, left) if self.view.xInverted() else (left, right)
        y = (top, bottom) if self.view.yInverted() else (bottom, top)
        return (*_on_data(x, self.panel.x), *_on_data(y, self.panel.y))

    def follow(self, other: PanelItem) -> None:
        """Take the limits of another panel along the axes that measure the same, as far."""
        if not isinstance(other, PanelItem):
            return
        x, y = other.view.viewRange()
        same_x = _alike(self.panel.x, other.panel.x) and _as_far(self._home[:2], other._home[:2])
        same_y = _alike(self.panel.y, other.panel.y) and _as_far(self._home[2:], other._home[2:])
        if same_x or same_y:
            self._hurry()
            self.view.setRange(
                xRange=x if same_x else None, yRange=y if same_y else None, padding=0
            )

    def nudge(self, across: float, up: float, zoom: float) -> None:
        """Move by shares of the view and enlarge, as with the mouse."""
        rect = self.view.viewRect()
        self.view.scaleBy((zoom, zoom))
        self.view.translateBy(x=across * rect.width(), y=up * rect.height())
        self._on_moved()

    def rest(self) -> None:
        """Draw everything now, though something may still move."""
        for dots in self._dots():
            dots.rest()

    def _dots(self) -> list[Dots]:
        return [item for _, items in self.marks for item in items if isinstance(item, Dots)]

    def _hurry(self) -> None:
        """The user moves what is seen."""
        self.touched = True
        for dots in self._dots():
            dots.hurry()

    def point_at(self, scene: QPointF) -> str:
        """Put the crosshair on what is at a place of the scene; gives the words for it."""
        here = self.view.mapSceneToView(scene)
        x, _, y, _ = self._data((here.x(), here.x(), here.y(), here.y()))
        logs = self.panel.x.scale == "log", self.panel.y.scale == "log"
        facts, place = readout(self.panel, Pointer(x, y, self.view.viewPixelSize(), *logs))
        snapped = [_on_view((v, v), a)[0] for v, a in zip(place, (self.panel.x, self.panel.y))]
        spot = self.mapFromScene(self.view.mapViewToScene(QPointF(*snapped)))
        self.cross.point(spot, self._view_box(), facts)
        return ",  ".join(facts)

    def _data(self, box: Box) -> Box:
        return (*_on_data(box[:2], self.panel.x), *_on_data(box[2:], self.panel.y))

    def _on_moved(self) -> None:
        self._hurry()
        self.moved.emit(self)

    def _view_box(self) -> QRectF:
        return self.view.mapRectToItem(self, self.view.rect())

    def _settle(self) -> None:
        """Shrink a panel of equal units to the shape of its data, keep the legend in its corner."""
        left, right, bottom, top = self._home
        cells, view = self.layout(), self.view.rect()
        old = cells.getContentsMargins()
        spare_x = spare_y = 0.0
        if self.view.state["aspectLocked"] and view.isValid() and self._home != NOWHERE:
            wide, high = view.width() + 2 * old[0], view.height() + 2 * old[1]
            shape = abs((top - bottom) / (right - left))
            spare_x, spare_y = max(0.0, wide - high / shape) / 2, max(0.0, high - wide * shape) / 2
        if abs(spare_x - old[0]) > 1 or abs(spare_y - old[1]) > 1:
            cells.setContentsMargins(spare_x, spare_y, spare_x, spare_y)
        self.legend.place(self._view_box())


def _ink(panel: Panel, place: int, layout: Layout, theme: Theme, font: QFont) -> Ink:
    colour, dashes = look(theme, *layout.slots[place])
    return Ink(
        theme,
        colour,
        dashes,
        layout.ranges[place],
        getattr(panel.marks[place], "role", "data") != "data",
        font,
        panel.x.scale == "log",
        panel.y.scale == "log",
        min(layout.limits[2:]),
    )


def _sample(mark: Mark) -> str:
    """What stands for a mark in the legend."""
    if isinstance(mark, Points):
        return "ring" if mark.role == "reference" else "dot"
    return "box" if isinstance(mark, Bars) and mark.role == "data" else "line"


def _on_view(ends: tuple[float, float], axis: Axis) -> tuple[float, float]:
    return (log10(ends[0]), log10(ends[1])) if axis.scale == "log" else ends


def _on_data(ends: tuple[float, float], axis: Axis) -> tuple[float, float]:
    return (10.0 ** ends[0], 10.0 ** ends[1]) if axis.scale == "log" else ends


def _alike(one: Axis, other: Axis) -> bool:
    return (one.label, one.unit, one.scale) == (other.label, other.unit, other.scale)


def _as_far(ends: tuple[float, float], others: tuple[float, float]) -> bool:
    """Whether two axes reach equally far, up to rounding."""
    room = 1e-9 * abs(ends[1] - ends[0])
    return abs(ends[0] - others[0]) <= room and abs(ends[1] - others[1]) <= room
