"""A Figure on the screen: its panels, a small toolbar and the controls of a movie."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Contours, Figure, Image, Panel, frame
from ui.colour_range import RANGED, Choice, ColourRange, Ranged, coloured
from ui.elided import ElidedLabel
from ui.flow import Flow
from ui.icons import icon
from ui.movie_bar import MovieBar
from ui.panel import PanelItem
from ui.plot_area import PlotArea
from ui.plot_scroll import PlotScroll
from ui.tools.link import linkable
from ui.tools.toolbox import Tools
from workbench.layout import Layout, layouts
from workbench.palette import DARK, LIGHT, Theme

# The first painting tells the rulers how wide their numbers are, the next ones where panels end.
SETTLING = 6


class FigureView(QWidget):
    """Shows a figure and brings it up to date without losing zoom, range or frame.

    `hovered` carries what the pointer is on, for a status bar.
    """

    hovered = Signal(str)
    redrawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure: Figure | None = None  # as given
        self._drawn = Figure("", "", ())  # as the user wants it
        self._layouts: tuple[Layout, ...] = ()
        self._choices: list[Choice] = []
        self._stale = False
        self._theme = LIGHT
        self._link_chosen = False  # by the user; else it follows from the figure
        self.plots = PlotArea(self)
        self.tools = Tools(self.plots)
        self.movie = MovieBar()
        self.colours = ColourRange(self)
        self._build()
        self.plots.hovered.connect(self.hovered)
        self.tools.said.connect(self.hovered)
        self.plots.menu_wanted.connect(self._open_menu)
        self.movie.moved.connect(self._draw_frame)
        self.colours.changed.connect(self._on_choice)
        self.set_dark(self._palette_is_dark())

    def _build(self) -> None:
        self._title, self._caption = ElidedLabel(), QLabel(wordWrap=True)
        self._title.setStyleSheet("font-weight: bold")
        for label in (self._title, self._caption):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._caption.setContentsMargins(8, 2, 8, 4)
        tr = self.tr
        self._home = self._button(tr("Reset view"), tr("Show all data (Home)"), self.reset)
        self._home.setIcon(icon("home"))
        self._link = self._button(
            tr("Link axes"), tr("Move and zoom panels with equal axes together")
        )
        self._link.setCheckable(True)
        self._link.toggled.connect(partial(setattr, self.plots, "linked"))
        self._link.clicked.connect(partial(setattr, self, "_link_chosen", True))
        self._axes = self._button(tr("Axes"), tr("Logarithmic axes and crosshair"))
        self._axes.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._axes.setMenu(QMenu(self))
        self._axes.menu().aboutToShow.connect(self._fill_axes)
        self._range = self._button(tr("Colours"), tr("Colour map and range"), self._open_colours)
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        top, inside = Flow(), QHBoxLayout()
        top.setSpacing(2)
        inside.setContentsMargins(8, 2, 2, 2)
        inside.addLayout(top)
        top.addWidget(self._title)
        past = self.tools.history
        steps = (past.backward, past.onward, self._home)
        for button in (self.tools.bar, self._range, self._axes, self._link, *steps):
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inside)
        column.addWidget(PlotScroll(self.plots), 1)
        column.addWidget(self.tools.findings)
        column.addWidget(self.movie)
        column.addWidget(self._caption)
        self._caption.hide()
        self.movie.hide()

    def _button(self, text: str, tip: str, do: object = None) -> QToolButton:
        button = QToolButton(text=text, toolTip=tip, autoRaise=True)
        button.setAccessibleName(tip)
        if do is not None:
            button.clicked.connect(do)
        return button

    # -- what is shown ---------------------------------------------------------------------

    def set_figure(self, figure: Figure) -> None:
        """Show a figure; one of the same name and panels keeps zoom, choices and frame."""
        if self._figure is None or _shape(figure) != _shape(self._figure):
            self._choices = [Choice() for _ in figure.panels]
            self._link_chosen = False
            self.plots.forget()
            self.movie.forget()
            self.tools.turn_to(_shape(figure))
        self._figure = figure
        self._refresh()

    def figure(self) -> Figure | None:
        """The figure as it is seen, with the limits, scales and colours the user has chosen."""
        if self._figure is None:
            return None
        self._refresh(now=True)
        panels = []
        for item, panel in zip(self.plots.panels, self._drawn.panels, strict=True):
            if isinstance(item, PanelItem) and item.touched:
                left, right, bottom, top = item.limits()
                x = replace(panel.x, limits=(left, right))
                panel = replace(panel, x=x, y=replace(panel.y, limits=(bottom, top)))
            panels.append(panel)
        return replace(self._drawn, panels=tuple(panels), view=self.view() or self._drawn.view)

    def view(self) -> tuple[float, float] | None:
        """Azimuth and elevation from which panels in space are seen; None where there are none."""
        if not any(panel.in_space for panel in self._drawn.panels):
            return None
        camera = self.plots.camera
        return (camera.azimuth, camera.elevation)

    def set_dark(self, dark: bool) -> None:
        """Draw light on dark, or dark on light."""
        self._theme = DARK if dark else LIGHT
        self.plots.setBackground(self._theme.ground)
        self._refresh()

    def theme(self) -> Theme:
        """The colours that it is drawn in."""
        return self._theme

    def reset(self) -> None:
        """Show all the data in every panel."""
        self.plots.reset()

    def picture(self, scale: float = 1.0) -> QImage:
        """The panels as they are, `scale` pixels to each pixel of the screen."""
        self._refresh(now=True)
        if not self.isVisible():
            self.grab()  # gives every part the size it would have
        self.layout().activate()
        self.plots.hide_cross()
        size = self.plots.viewport().size()
        image = QImage(size * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        for _ in range(SETTLING):
            image.fill(self._theme.ground)
            self.plots.rest()
            self.plots.viewport().render(image)
            if self.plots.settled():
                break
        return image

    def grab_png(self, path: str | Path, scale: float = 1.0) -> None:
        """Write the panels as a picture of the size they have on the screen."""
        if not self.picture(scale).save(str(path), "PNG"):
            raise OSError(f"{path} cannot be written; choose another folder")

    def _refresh(self, now: bool = False) -> None:
        """Draw the newest figure; while nobody looks only remember to."""
        self._stale = self._figure is not None
        if self._figure is None or not (now or self.isVisible()):
            return
        self._stale = False
        panels = [c.applied(p) for c, p in zip(self._choices, self._figure.panels, strict=True)]
        drawn = replace(self._figure, panels=tuple(panels))
        self._layouts = layouts(drawn)
        # Ranges are known now: a movie need not look for them again in every frame.
        self._drawn = replace(drawn, panels=tuple(map(_pinned, drawn.panels, self._layouts)))
        self._title.setText(drawn.title)
        self._title.setToolTip(f"<span>{escape(drawn.title)}</span>")
        self._caption.setText(drawn.caption)
        self._caption.setVisible(bool(drawn.caption))
        self._range.setVisible(bool(self._images()))
        self._link.setVisible(_have_common_axes(panels))
        if not self._link_chosen:
            self._link.setChecked(linkable(panels, self._layouts))
        self.plots.setAccessibleName(self.tr("Plot: {}").format(drawn.title))
        self.plots.setAccessibleDescription(drawn.caption)
        self.movie.set_movie(drawn.frames(), drawn.times, drawn.time)
        self._draw_frame(self.movie.frame())

    def _draw_frame(self, index: int) -> None:
        still = frame(self._drawn, index)
        self.plots.show_figure(still, self._layouts, self._theme, self.font())
        self.tools.show_figure(self._drawn, still, index, self._theme, self.font())
        self.redrawn.emit()

    # -- what the user may change ----------------------------------------------------------

    def _on_choice(self, number: int, choice: Choice) -> None:
        self._choices[number] = choice
        self._refresh(now=True)
        self.colours.show_panels(self._images())

    def _images(self) -> dict[int, tuple[str, Choice, Ranged]]:
        """Panels with colours that can be chosen: title, choice and the first mark with such."""
        found: dict[int, tuple[str, Choice, Ranged]] = {}
        for number, panel in enumerate(self._drawn.panels):
            for mark in panel.marks:
                if coloured(mark):
                    found.setdefault(number, (panel.title, self._choices[number], mark))
        return found

    def _open_colours(self) -> None:
        self.colours.show_panels(self._images())
        self.colours.adjustSize()
        corner = self._range.mapToGlobal(QPoint(self._range.width(), self._range.height()))
        self.colours.move(corner - QPoint(self.colours.width(), 0))
        self.colours.show()
        self.colours.map.setFocus()

    def _fill_axes(self) -> None:
        menu = self._axes.menu()
        menu.clear()
        for old in menu.findChildren(QMenu):
            old.deleteLater()
        several = len(self._drawn.panels) > 1
        for number, panel in enumerate(self._drawn.panels):
            if panel.in_space:  # its axes are linear
                continue
            name = panel.title or self.tr("Panel {}").format(number + 1)
            self._add_scales(menu.addMenu(name) if several else menu, number)
        menu.addSeparator()
        menu.addAction(self._crosshair_action(menu))

    def _open_menu(self, number: int, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Reset view"), partial(self.plots.reset_panel, number))
        self._add_scales(menu, number)
        if number in self._images():
            menu.addAction(self.tr("Colours…"), self._open_colours)
        menu.addAction(self._crosshair_action(menu))
        if any(shape.kind != "annotate" for shape in self.tools.board.own):
            menu.addAction(self.tr("Remove what was drawn"), self.tools.board.clear)
        menu.popup(place)

    def _add_scales(self, menu: QMenu, number: int) -> None:
        panel = self._drawn.panels[number]
        if panel.in_space:  # its axes are linear
            return
        for name, axis in (("x_log", panel.x), ("y_log", panel.y)):
            letter = name[0]
            action = menu.addAction(self.tr("Logarithmic {}").format(axis.label or letter))
            action.setCheckable(True)
            action.setChecked(axis.scale == "log")
            action.setEnabled(not _is_map(panel))
            action.toggled.connect(partial(self._set_scale, number, name))

    def _set_scale(self, number: int, name: str, on: bool) -> None:
        self._on_choice(number, replace(self._choices[number], **{name: on}))

    def _crosshair_action(self, menu: QMenu) -> QAction:
        action = QAction(self.tr("Crosshair"), menu, checkable=True, checked=self.plots.crosshair)
        action.toggled.connect(partial(setattr, self.plots, "crosshair"))
        return action

    # -- Qt --------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._refresh(now=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window still stands
            self.tools.pick("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.movie.isVisible():
            self.movie.set_playing(not self.movie.playing())
        elif event.key() == Qt.Key.Key_Home:
            self.reset()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._home.setIcon(icon("home"))
            self.tools.tint()
            self.set_dark(self._palette_is_dark())
        elif event.type() == QEvent.Type.FontChange:
            self._refresh()
        super().changeEvent(event)

    def _palette_is_dark(self) -> bool:
        return self.palette().window().color().lightness() < 128


def _shape(figure: Figure) -> tuple[object, ...]:
    """What must stay the same for zoom and choices to make sense."""
    axes = [
        (p.title, p.in_space, p.x.text(), p.x.scale, p.y.text(), p.y.scale) for p in figure.panels
    ]
    return figure.name, *axes


def _have_common_axes(panels: list[Panel]) -> bool:
    sides = (
        [(a.label, a.unit, a.scale) for a in axes] for axes in zip(*((p.x, p.y) for p in panels))
    )
    return any(len(set(side)) < len(side) for side in sides)


def _pinned(panel: Panel, layout: Layout) -> Panel:
    """A panel whose marks have their colour range written on them."""
    marks = [
        replace(mark, limits=ends) if ends and isinstance(mark, RANGED) else mark
        for mark, ends in zip(panel.marks, layout.ranges, strict=True)
    ]
    return replace(panel, marks=tuple(marks))


def _is_map(panel: Panel) -> bool:
    return panel.equal or any(isinstance(mark, Image | Contours) for mark in panel.marks)
