"""What every panel on the screen has around its data: title, colour bar, legend, crosshair."""

from __future__ import annotations

from html import escape

import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsGridLayout

from engines.figure import Panel
from ui.panel_parts import ColourBar, Crosshair, Legend, Title
from workbench.layout import Layout, bar_text
from workbench.palette import Theme


class PanelFrame(pg.GraphicsWidget):
    """A panel without its data; each kind of panel has a `view` that draws them."""

    moved = Signal(object)  # the user moved, enlarged or turned the data of this panel
    view: pg.GraphicsWidget

    def __init__(self) -> None:
        super().__init__()
        self.panel = Panel(())
        self.touched = False
        self.title, self._titled = Title(""), ("", "", "")
        self.bar = ColourBar()
        self.legend, self.cross = Legend(self), Crosshair(self)
        self.setPreferredSize(320, 240)  # the same for all, so that a grid has equal columns

    def _arrange(self, *parts: tuple[pg.GraphicsWidget, int, int]) -> None:
        """Put the view into row 1 and column 1, and parts into theirs."""
        cells = QGraphicsGridLayout()
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(0)
        own = (self.title, 0, 1), (self.view, 1, 1), (self.bar, 1, 2)
        for part, row, column in (*own, *parts):
            cells.addItem(part, row, column)
        cells.setColumnStretchFactor(1, 1)
        cells.setRowStretchFactor(1, 1)
        self.setLayout(cells)

    def _entitle(self, panel: Panel, theme: Theme, font: QFont, titled: bool) -> None:
        """The title; `titled` leaves room for one."""
        text = (escape(panel.title) or "&nbsp;", theme.text, f"{font.pointSizeF()}pt")
        if text != self._titled:
            self._titled = text
            self.title.setText(text[0], color=text[1], size=text[2])
        self.title.setMaximumHeight(self.title.itemRect().height() if titled else 0)
        self.title.setVisible(titled)
        self.cross.dress(theme, font)

    def _explain(self, panel: Panel, layout: Layout, theme: Theme, font: QFont) -> None:
        """The colour bar of the first coloured mark."""
        ends = None if layout.bar is None else layout.ranges[layout.bar]
        self.bar.setVisible(ends is not None)
        self.bar.setMaximumWidth(1e5 if ends else 0)
        if ends is None or layout.bar is None:
            return
        mark = panel.marks[layout.bar]
        log = getattr(mark, "log", False)
        self.bar.ruler.dress(bar_text(mark), theme, font, log)
        self.bar.explain(getattr(mark, "colours", "sequential"), ends, log)
