"""The colours of an image: which map, from which value to which, linear or logarithmic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QWidget,
)

from engines.figure import Axis, Colours, Image, Panel


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

    def _coloured(self, image: Image) -> Image:
        log = image.log if self.log is None else self.log
        limits = self.limits or (image.limits if log == image.log else None)
        return replace(image, colours=self.colours or image.colours, limits=limits, log=log)


def coloured(mark: object) -> bool:
    """Whether a mark is an image with a colour map."""
    return isinstance(mark, Image) and mark.colours != "rgb"


def _scaled(axis: Axis, log: bool | None) -> Axis:
    return axis if log is None else replace(axis, scale="log" if log else "linear")


class ColourRange(QFrame):
    """A small window beside the button that opens it; changes are seen at once."""

    changed = Signal(int, object)  # panel, Choice

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._panels: dict[int, tuple[Choice, Image]] = {}
        self.panel, self.map = QComboBox(), QComboBox()
        names = (self.tr("Sequential"), self.tr("Diverging"), self.tr("Grey"))
        for name, meaning in zip(names, ("sequential", "diverging", "grey"), strict=True):
            self.map.addItem(name, meaning)
        self.low, self.high = (pg.SpinBox(dec=True, step=0.1, decimals=5) for _ in range(2))
        self.log = QCheckBox(self.tr("&Logarithmic"))
        self.hint = QLabel(self.tr("The minimum must be below the maximum."))
        self.auto = QPushButton(self.tr("&Automatic"))
        self.auto.setToolTip(self.tr("The colours and the range that the figure asks for"))
        self._form = QFormLayout(self)
        self._form.addRow(self.tr("&Panel"), self.panel)
        self._form.addRow(self.tr("&Colours"), self.map)
        self._form.addRow(self.tr("Ma&ximum"), self.high)
        self._form.addRow(self.tr("Mi&nimum"), self.low)
        for widget in (self.hint, self.log, self.auto):
            self._form.addRow(widget)
        self.panel.currentIndexChanged.connect(self._fill)
        self.map.activated.connect(lambda: self._emit(colours=self.map.currentData()))
        self.low.sigValueChanged.connect(self._on_ends)
        self.high.sigValueChanged.connect(self._on_ends)
        # Limits of the other scale may be impossible: a change of scale starts from the data.
        self.log.clicked.connect(lambda on: self._emit(log=on, limits=None))
        self.auto.clicked.connect(lambda: self._emit(colours=None, limits=None, log=None))

    def show_panels(self, panels: dict[int, tuple[str, Choice, Image]]) -> None:
        """Offer the image panels: number, title, what was chosen, the image as it is drawn."""
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
        self.log.setChecked(image.log)
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

    def _emit(self, **changes: Any) -> None:
        number = self.panel.currentData()
        choice = replace(self._panels[number][0], **changes)
        self.changed.emit(number, choice)
