"""Line profiles: the curves along the lines, as a figure, and the panel that shows it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engines.figure import Axis, Figure, Image, Line, Panel, frame
from ui.icons import icon
from ui.plot_area import PlotArea
from ui.tools.shapes import Shape
from workbench.layout import layouts
from workbench.measure import images, profile
from workbench.palette import Theme

# Values of a movie's profiles: more are taken of the frame on show alone, to stay quick.
BUDGET = 400_000


def curves(shapes: list[Shape], figure: Figure, still: Figure) -> Figure:
    """A curve for each line and image, over all frames of a movie so that its axis stays."""
    lines, axes, values = [], [], []
    for number, shape in enumerate(shapes, 1):
        panel = figure.panels[shape.panel]
        pairs = list(zip(images(panel), images(still.panels[shape.panel]), strict=True))
        for place, (whole, one) in enumerate(pairs):
            found = profile(one, shape.start, shape.end, panel)
            moving = whole.frames() > 1
            limits = None
            if moving and whole.frames() * found.along.size <= BUDGET:
                found = profile(whole, shape.start, shape.end, panel)
            elif moving and whole.colours != "rgb":
                limits = whole.range()
            letter = chr(ord("A") + place) if len(pairs) > 1 else ""
            lines.append(Line(x=found.along, y=found.values, name=f"{number}{letter}"))
            axes.append(found.axis)
            values.append(_value_axis(whole, limits))
    x = axes[0] if len(set(axes)) == 1 else Axis(scale="linear")
    y = values[0] if len({(v.label, v.unit, v.scale) for v in values}) == 1 else Axis()
    return Figure("profiles", "", (Panel(tuple(lines), x=x, y=y),))


def _value_axis(image: Image, limits: tuple[float, float] | None) -> Axis:
    if image.colours == "rgb":
        return Axis("mean of red, green, blue")
    return Axis(image.name or "value", image.unit, "log" if image.log else "linear", limits)


class ProfileView(QWidget):
    """The curves, with the rulers, crosshair and keys that every picture has."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = Figure("", "", ())
        self.plots = PlotArea()
        self.plots.setAccessibleName(self.tr("Line profiles"))
        self.plots.setMinimumHeight(120)
        self.copy_button = QToolButton(text=self.tr("Copy"), autoRaise=True)
        self.copy_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.copy_button.setIcon(icon("copy"))
        self.copy_button.setAccessibleName(self.tr("Copy profiles"))
        self.copy_button.setToolTip(self.tr("Copy the values along the lines"))
        self.copy_button.clicked.connect(self.copy)
        head = QHBoxLayout()
        head.addWidget(QLabel(self.tr("Along the lines")), 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plots, 1)

    def show_curves(self, made: Figure, index: int, theme: Theme, font: QFont) -> None:
        """Draw the curves of one frame."""
        self._figure = frame(made, index if made.frames() > 1 else 0)
        self.plots.setBackground(theme.ground)
        self.plots.show_figure(self._figure, layouts(made), theme, font)

    def copy(self) -> None:
        """Put the values into the clipboard."""
        QApplication.clipboard().setText(self.text())

    def text(self) -> str:
        """Two columns for each line, between tabs, with all digits."""
        if not self._figure.panels:
            return ""
        panel = self._figure.panels[0]
        heads: list[str] = []
        columns: list[np.ndarray] = []
        for mark in panel.marks:
            assert isinstance(mark, Line)
            heads += [panel.x.text() or "place", f"{mark.name}: {panel.y.text()}"]
            columns += [mark.x, mark.y]
        rows = ["\t".join(heads)]
        for k in range(max(column.size for column in columns)):
            rows.append("\t".join(str(float(c[k])) if k < c.size else "" for c in columns))
        return "\n".join(rows)
