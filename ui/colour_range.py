"""The colours of values: which map, from which value to which, linear or logarithmic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from engines.figure import Axis, Cloud3D, Colours, Image, Panel, Surface
from ui.tools.histogram import Histogram, tails
from workbench.palette import table

STRIP = QSize(48, 12)  # pixels of a map in the list
Ranged = Image | Surface | Cloud3D  # marks with a colour map and its limits
RANGED = (Image, Surface, Cloud3D)


@dataclass(frozen=True)
class Choice:
    """What the user changed in a panel; None leaves it to the figure."""

    x_log: bool | None = None
    y_log: bool | None = None
    colours: Colours | None = None
    limits: tuple[float, float] | None = None
    log: bool | None = None

    def applied(self, panel: Panel) -> Panel:
        """The panel as the user wants it."""
        marks = tuple(self._coloured(mark) if coloured(mark) else mark for mark in panel.marks)
        x, y = _scaled(panel.x, self.x_log), _scaled(panel.y, self.y_log)
        return replace(panel, marks=marks, x=x, y=y)

    def _coloured(self, mark: Ranged) -> Ranged:
        colours = self.colours or mark.colours
        if not isinstance(mark, Image):
            return replace(mark, colours=colours, limits=self.limits or mark.limits)
        log = mark.log if self.log is None else self.log
        limits = self.limits or (mark.limits if log == mark.log else None)
        return replace(mark, colours=colours, limits=limits, log=log)


def coloured(mark: object) -> TypeGuard[Ranged]:
    """Whether a mark has values that a colour map shows."""
    return isinstance(mark, RANGED) and mark.colours != "rgb" and mark.values is not None


def _scaled(axis: Axis, log: bool | None) -> Axis:
    return axis if log is None else replace(axis, scale="log" if log else "linear")


def _strip(colours: str) -> QIcon:
    """A colour map from left to right."""
    row = np.ascontiguousarray(table(colours)[np.newaxis])
    image = QImage(row.data, 256, 1, 768, QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image.scaled(STRIP)))


class ColourRange(QFrame):
    """A small window beside the button that opens it; changes are seen at once."""

    changed = Signal(int, object)  # panel, Choice

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._panels: dict[int, tuple[Choice, Ranged]] = {}
        self.panel, self.map = QComboBox(), QComboBox()
        for name, colours in (
            (self.tr("Viridis"), "sequential"),
            (self.tr("Magma"), "magma"),
            (self.tr("Cividis"), "cividis"),
            (self.tr("Grey"), "grey"),
            (self.tr("Blue to red (diverging)"), "diverging"),
        ):
            self.map.addItem(_strip(colours), name, colours)
        self.map.setIconSize(STRIP)
        self.low, self.high = (pg.SpinBox(dec=True, step=0.1, decimals=5) for _ in range(2))
        for box in (self.low, self.high):
            box.setMinimumHeight(self.map.sizeHint().height())  # it asks for none itself
        self.log = QCheckBox(self.tr("&Logarithmic"))
        self.hint = QLabel(self.tr("The minimum must be below the maximum."))
        self.histogram = Histogram()
        self.tails = QPushButton(self.tr("1–99 %"))
        self.tails.setToolTip(self.tr("Leave out the smallest and the largest hundredth of values"))
        self.tails.setAccessibleName(self.tr("Range from 1 to 99 per cent of the values"))
        self.auto = QPushButton(self.tr("&Automatic"))
        self.auto.setToolTip(self.tr("The colours and the range that the figure asks for"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.tails)
        buttons.addWidget(self.auto)
        self._form = QFormLayout(self)
        self._form.addRow(self.tr("&Panel"), self.panel)
        self._form.addRow(self.tr("&Colours"), self.map)
        self._form.addRow(self.histogram)
        self._form.addRow(self.tr("Ma&ximum"), self.high)
        self._form.addRow(self.tr("Mi&nimum"), self.low)
        for widget in (self.hint, self.log):
            self._form.addRow(widget)
        self._form.addRow(buttons)
        self._connect()

    def _connect(self) -> None:
        self.panel.currentIndexChanged.connect(self._fill)
        self.map.activated.connect(lambda: self._emit(colours=self.map.currentData()))
        self.low.sigValueChanged.connect(self._on_ends)
        self.high.sigValueChanged.connect(self._on_ends)
        self.histogram.moved.connect(lambda low, high: self._emit(limits=(low, high)))
        self.tails.clicked.connect(self._on_tails)
        # Limits of the other scale may be impossible: a change of scale starts from the data.
        self.log.clicked.connect(lambda on: self._emit(log=on, limits=None))
        self.auto.clicked.connect(lambda: self._emit(colours=None, limits=None, log=None))

    def show_panels(self, panels: dict[int, tuple[str, Choice, Ranged]]) -> None:
        """Offer panels by their number: title, what was chosen, the mark as it is drawn."""
        self._panels = {number: (choice, image) for number, (_, choice, image) in panels.items()}
        if [self.panel.itemData(i) for i in range(self.panel.count())] != list(panels):
            self.panel.blockSignals(True)
            self.panel.clear()
            for number, (title, _, _) in panels.items():
                self.panel.addItem(title or self.tr("Panel {}").format(number + 1), number)
            self.panel.blockSignals(False)
        self._form.setRowVisible(self.panel, len(panels) > 1)
        self._fill()

    def _fill(self) -> None:
        if self.panel.currentData() is None:
            return
        _, image = self._panels[self.panel.currentData()]
        self.map.setCurrentIndex(self.map.findData(image.colours))
        for box, end in zip((self.low, self.high), image.range(), strict=True):
            if not box.hasFocus():  # never write where somebody types
                box.blockSignals(True)
                box.setValue(end)
                box.blockSignals(False)
        log = isinstance(image, Image) and image.log
        self._form.setRowVisible(self.log, isinstance(image, Image))
        self.log.setChecked(log)
        self.histogram.show_values(image.values, log, image.colours, image.range())
        self.hint.setVisible(False)

    def _on_ends(self) -> None:
        low, high = float(self.low.value()), float(self.high.value())
        wrong = low >= high or (self.log.isChecked() and low <= 0)
        if low < high and wrong:
            self.hint.setText(self.tr("A logarithmic range must be positive."))
        else:
            self.hint.setText(self.tr("The minimum must be below the maximum."))
        self.hint.setVisible(wrong)
        if not wrong:
            self._emit(limits=(low, high))

    def _on_tails(self) -> None:
        _, image = self._panels[self.panel.currentData()]
        log = isinstance(image, Image) and image.log
        found = tails(image.values, log, image.colours == "diverging")
        if found is not None:
            self._emit(limits=found)

    def _emit(self, **changes: Any) -> None:
        number = self.panel.currentData()
        choice = replace(self._panels[number][0], **changes)
        self.changed.emit(number, choice)
