"""One row for each step of a reference: what it does, its numbers, its place among the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from workbench.data.steps import LARGEST, SEEDS, Crop, Draw, Every, Standardise, Step


class StepRow(QFrame):
    """A step that is edited; the row knows its number."""

    edited = Signal()
    moved = Signal(int)  # -1 up, 1 down
    removed = Signal()

    def __init__(self, step: Step, dims: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._named: list[tuple[QWidget, str]] = []
        self._title = QLabel()
        self._fields = QGridLayout()
        self._fields.setHorizontalSpacing(6)
        self._fields.setColumnMinimumWidth(0, 6 * self.fontMetrics().height())
        self._fields.addWidget(self._title, 0, 0)
        self._bounds: list[tuple[QLabel, QSpinBox, QSpinBox]] = []
        self._read = self._built(step)
        self.set_dims(dims)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 4, 4, 4)
        line.addLayout(self._fields)
        line.addStretch(1)
        self._up = self._button("↑", self.tr("Move step {0} up"), lambda: self.moved.emit(-1))
        self._down = self._button("↓", self.tr("Move step {0} down"), lambda: self.moved.emit(1))
        remove = self._button("✕", self.tr("Remove step {0}"), self.removed.emit)
        for button in (self._up, self._down, remove):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def step(self) -> Step:
        """What the row says."""
        return self._read()

    def places(self) -> list[QWidget]:
        """Where the keys can go: fields, then buttons."""
        return sorted((w for w, _ in self._named), key=lambda w: isinstance(w, QToolButton))

    def set_place(self, number: int, last: int) -> None:
        """It is the `number`-th of `last` steps."""
        self._up.setEnabled(number > 1)
        self._down.setEnabled(number < last)
        for widget, name in self._named:
            widget.setAccessibleName(name.format(number))
            if isinstance(widget, QToolButton):
                widget.setToolTip(name.format(number))

    def set_dims(self, dims: Sequence[str]) -> None:
        """Name the axes that a crop may narrow, and add those it did not know of."""
        if not self._bounds:
            return
        for axis in range(len(self._bounds), len(dims)):
            self._bound(axis)
        for (label, _, _), name in zip(self._bounds, dims, strict=False):
            label.setText(name)

    def _built(self, step: Step) -> Callable[[], Step]:
        """Make the fields of this kind of step; gives what reads them."""
        match step:
            case Draw():
                self._title.setText(self.tr("Draw rows"))
                self._title.setToolTip(
                    self.tr("Rows by chance, in their order; a seed always draws the same ones")
                )
                count = self._number(self.tr("Rows of step {0}"), 1, LARGEST, step.count)
                seed = self._number(self.tr("Seed of step {0}"), 0, SEEDS - 1, step.seed)
                self._put(0, count, QLabel(self.tr("rows, seed")), seed)
                return lambda: Draw(count.value(), seed.value())
            case Every():
                self._title.setText(self.tr("One row of"))
                pace = self._number(self.tr("Pace of step {0}"), 1, LARGEST, step.pace)
                self._put(0, pace)
                return lambda: Every(pace.value())
            case Standardise():
                return self._scale(step)
            case _:
                assert isinstance(step, Crop)
                self._title.setText(self.tr("Crop"))
                self._title.setToolTip(
                    self.tr("Places are counted from 0; the last number is the first left out")
                )
                for axis, (start, end) in enumerate(step.ranges):
                    self._bound(axis, start or 0, end or 0)
                return self._crop

    def _scale(self, step: Standardise) -> Callable[[], Step]:
        self._title.setText(self.tr("Standardise"))
        tip = self.tr(
            "Each column by itself, a picture as a whole; NaN stays.\n"
            "Two data sets of a run are standardised each by itself, not together."
        )
        self._title.setToolTip(tip)
        scale = QComboBox(toolTip=tip)
        scale.addItem(self.tr("mean 0, variance 1"), "")
        scale.addItem(self.tr("mean 0"), "mean")
        scale.addItem(self.tr("from 0 to 1"), "range")
        scale.setCurrentIndex(scale.findData(step.to))
        scale.currentIndexChanged.connect(lambda _: self.edited.emit())
        self._named.append((scale, self.tr("Scale of step {0}")))
        self._put(0, scale)
        return lambda: Standardise(scale.currentData())

    def _bound(self, axis: int, start: int = 0, end: int = 0) -> None:
        """Two numbers for an axis; an end of 0 is that of the axis."""
        label = QLabel(self.tr("axis {0}").format(axis))
        first = self._number(self.tr("Start along axis %d of step {0}") % axis, 0, LARGEST, start)
        last = self._number(self.tr("End along axis %d of step {0}") % axis, 0, LARGEST, end)
        last.setSpecialValueText(self.tr("end"))
        self._put(axis, label, first, QLabel(self.tr("to")), last)
        self._bounds.append((label, first, last))

    def _crop(self) -> Crop:
        found = [(start.value() or None, end.value() or None) for _, start, end in self._bounds]
        while len(found) > 1 and found[-1] == (None, None):
            found.pop()
        return Crop(tuple(found))

    def _number(self, name: str, least: int, most: int, value: int) -> QSpinBox:
        spin = QSpinBox(minimum=least, maximum=most, value=value)
        spin.setMaximumWidth(96)
        spin.valueChanged.connect(lambda _: self.edited.emit())
        self._named.append((spin, name))
        return spin

    def _put(self, line: int, *widgets: QWidget) -> None:
        for column, widget in enumerate(widgets, 1):
            self._fields.addWidget(widget, line, column)

    def _button(self, text: str, name: str, do: Callable[[], None]) -> QToolButton:
        button = QToolButton(text=text, autoRaise=True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(do)
        self._named.append((button, name))
        return button
