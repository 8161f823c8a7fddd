"""What the tools have found, below the picture: curves along lines, statistics of regions."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engines.figure import Figure
from ui.icons import icon
from ui.tools.profile import ProfileView, curves
from ui.tools.region import RegionTable, columns
from ui.tools.shapes import Shape
from workbench.palette import Theme

HEIGHT = 204  # pixels: the seven rows of the table


class Findings(QWidget):
    """Hidden while there is nothing; its parts are made when they are first needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.profiles: ProfileView | None = None
        self.regions: RegionTable | None = None
        # The curves of all frames, as long as the film and the lines are the same.
        self._figure = self._curves = Figure("", "", ())
        self._lines: list[Shape] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(12)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.hide()

    def show_shapes(
        self,
        shapes: list[Shape],
        figure: Figure,
        still: Figure,
        index: int,
        look: tuple[Theme, QFont],
    ) -> None:
        """Show the numbers of these shapes in one frame of a figure."""
        kinds = {shape.kind for shape in shapes}
        if "profile" in kinds:
            if self.profiles is None:
                self.profiles = ProfileView()
                self._row.insertWidget(0, self.profiles, 1)
            lines = [shape for shape in shapes if shape.kind == "profile"]
            if figure is not self._figure or lines != self._lines or self._curves.frames() == 1:
                self._figure, self._lines = figure, lines
                self._curves = curves(lines, figure, still)
            self.profiles.show_curves(self._curves, index, *look)
        if kinds & {"region", "interval"}:
            if self.regions is None:
                self.regions = RegionTable()
                self._row.addWidget(self.regions)
            self.regions.show_columns(columns(shapes, still.panels))
            alone = "profile" not in kinds
            self.regions.setMaximumWidth(16777215 if alone else self.regions.wanted_width())
            self.regions.setMinimumWidth(min(self.regions.wanted_width(), 420))
        if self.profiles is not None:
            self.profiles.setVisible("profile" in kinds)
        if self.regions is not None:
            self.regions.setVisible(bool(kinds & {"region", "interval"}))
        self.setVisible(bool(kinds & {"profile", "region", "interval"}))

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        for part in (self.profiles, self.regions):
            if part is not None:
                part.copy_button.setIcon(icon("copy"))
