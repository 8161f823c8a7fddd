"""Panels that would become too small to read keep their size, and are scrolled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.plot_area import PlotArea


class PlotScroll(QScrollArea):
    """Up and down alone; the panel that the keys go to is brought into sight."""

    def __init__(self, plots: PlotArea, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._plots = plots
        self.setWidget(plots)
        plots.stepped.connect(self._seek)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Without the bar: panels must not change their number of columns because it comes.
        self._plots.fit(self.maximumViewportSize())
        super().resizeEvent(event)

    def _seek(self, number: int) -> None:
        scene = self._plots.panels[number].sceneBoundingRect()
        place = self._plots.mapFromScene(scene).boundingRect()
        middle = place.center()
        self.ensureVisible(middle.x(), middle.y(), 0, place.height() // 2 + 1)
