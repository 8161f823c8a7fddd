"""Editors of one value each; they show whatever they are given and keep what was typed.

An editor emits `edited(value, gesture, symbol)`. Edits of one gesture (a drag, a key held down)
share a number above 0 and can be undone together. `symbol` names a nested field, or is empty.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPalette, QPen, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ui.scales import TICKS, Scale, first_value, scale, stepped
from workbench.fields import Field, parse
from workbench.words import number_text

HUGE = 1e300  # beyond, a step would overflow
_gestures = count(1)


def alarm(palette: QPalette) -> QColor:
    """Red that can be read on the theme's background (contrast above 4.5 on both)."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return QColor("#ff8a65" if dark else "#b3400e")


class Steady:
    """Mixed into an input: the wheel needs the focus, and a wrong value has a red frame."""

    wrong = False
    gesture = 0

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: Any) -> None:
        self.gesture = next(_gestures)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: Any) -> None:
        if not event.isAutoRepeat():
            self.gesture = next(_gestures)
        super().keyPressEvent(event)

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if self.wrong:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(alarm(self.palette()), 1.5))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)

    def set_wrong(self, wrong: bool) -> None:
        """Put the red frame on or take it off."""
        self.wrong = wrong
        self.update()


class _Line(QLineEdit):
    """A line with a unit at its right end."""

    def __init__(self, unit: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._unit = unit
        self._keep_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_room()

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if self._unit:
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            middle_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect().adjusted(0, 0, -4, 0), middle_right, self._unit)

    def _keep_room(self) -> None:
        room = self.fontMetrics().horizontalAdvance(self._unit) + 6 if self._unit else 0
        self.setTextMargins(0, 0, room, 0)


class NumberBox(Steady, QAbstractSpinBox):
    """A line for a number of any size or notation, with buttons that step it."""

    stepped = Signal(int)
    typed = False  # since the text was last set; Qt's own `modified` ends with Enter

    def __init__(self, unit: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setLineEdit(_Line(unit, self))
        self.lineEdit().textEdited.connect(lambda: setattr(self, "typed", True))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)

    def event(self, event: QEvent) -> bool:
        # A line takes every Ctrl+Z for itself; without a half-typed text it belongs to the form.
        if event.type() == QEvent.Type.ShortcutOverride and not self.typed:
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                return False
        return super().event(event)

    def set_text(self, text: str) -> None:
        """Show a text that nobody has typed."""
        self.lineEdit().setText(text)
        self.typed = False

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(self.lineEdit().sizeHint() + QSize(0, 2))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return self.StepEnabledFlag.StepUpEnabled | self.StepEnabledFlag.StepDownEnabled

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)


class Slider(Steady, QSlider):
    """A slider on a scale."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.scale = scale
        self.setRange(scale.first, scale.last)
        self.setSingleStep(TICKS // 100)
        self.setPageStep(TICKS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_value(self, value: Any) -> None:
        """Go to the value, unless this position already stands for it."""
        number = isinstance(value, (int, float)) and value == value  # no NaN
        self.setEnabled(number)
        if number and self.scale.value(self.value()) != value:
            with QSignalBlocker(self):
                self.setValue(self.scale.position(value))


class Editor(QWidget):
    """What all editors share; `main` takes the focus and the red frame."""

    edited = Signal(object, int, str)  # value, gesture, symbol of a nested field
    main: Any

    def _lead(self, main: QWidget) -> None:
        self.main = main
        self.setFocusProxy(main)

    def show_value(self, value: Any) -> None:
        """Display a value without telling anybody."""
        raise NotImplementedError

    def current(self, held: Any) -> Any:
        """The value with what is still being typed; else the one that the row holds."""
        return held

    def describe(self, name: str, text: str) -> None:
        """What a screen reader says."""
        self.main.setAccessibleName(name)
        self.main.setAccessibleDescription(text)

    def set_wrong(self, wrong: bool) -> None:
        """Mark the value as wrong or right."""
        self.main.set_wrong(wrong)


class NumberEditor(Editor):
    """A whole or real number; with a slider where the field has a scale."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._field = field
        self._value: Any = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        box = NumberBox(field.unit, self)
        box.editingFinished.connect(self._commit)
        box.stepped.connect(self._step)
        column.addWidget(box)
        self._lead(box)
        self.slider: Slider | None = None
        if field.kind == "float" and (found := scale(field)):
            self.slider = Slider(found, self)
            self.slider.valueChanged.connect(self._slide)
            column.addWidget(self.slider)

    def show_value(self, value: Any) -> None:
        self._value = value
        text = number_text(value) if isinstance(value, (int, float)) else str(value or "")
        self.main.set_text(text)
        if self.slider:
            self.slider.show_value(value)

    def current(self, held: Any) -> Any:
        if not self.main.typed:
            return held
        text = self.main.text().strip()
        return parse(self._field, text) if text else None

    def describe(self, name: str, text: str) -> None:
        super().describe(name, text)
        if self.slider:
            self.slider.setAccessibleName(self.tr("{0}, slider").format(name))
            self.slider.setAccessibleDescription(text)

    def _commit(self) -> None:
        if self.main.typed:
            value = self.current(self._value)
            self.main.typed = False
            self.edited.emit(value, 0, "")

    def _step(self, steps: int) -> None:
        self._commit()
        if isinstance(self._value, (int, float)) and abs(self._value) < HUGE:
            value = stepped(self._field, self._value, steps)
            self.edited.emit(value, self.main.gesture, "")

    def _slide(self, position: int) -> None:
        self.edited.emit(self.slider.scale.value(position), self.slider.gesture, "")


class _Switch(Steady, QCheckBox):
    pass


class SwitchEditor(Editor):
    """True or false."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        box = _Switch(self)
        box.setMinimumHeight(box.fontMetrics().height() + 8)  # as high as the other editors
        box.clicked.connect(lambda on: self.edited.emit(on, 0, ""))
        row.addWidget(box)
        row.addStretch()
        self._lead(box)

    def show_value(self, value: Any) -> None:
        self.main.setChecked(value is True)


class Combo(Steady, QComboBox):
    """A list to choose from that gives way when the pane is narrow."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def choose(self, text: str) -> None:
        """Select an entry; a text that is none of them stands there as it is."""
        self.setPlaceholderText(text)
        self.setCurrentIndex(self.findText(text))


class ChoiceEditor(Editor):
    """One of several words."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        combo = Combo(self)
        combo.addItems(field.choices)
        combo.textActivated.connect(lambda text: self.edited.emit(text, 0, ""))
        row.addWidget(combo)
        self._lead(combo)

    def show_value(self, value: Any) -> None:
        self.main.choose("" if value is None else str(value))


class OptionalEditor(Editor):
    """Any editor with a switch that leaves the value to the method."""

    def __init__(self, field: Field, inner: Editor) -> None:
        super().__init__(inner.parentWidget())
        self.inner = inner
        self._last = first_value(field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(inner, 1)
        self.auto = QCheckBox(self.tr("auto"), self)
        self.auto.clicked.connect(self._switch)
        self.auto.setMinimumHeight(inner.main.sizeHint().height())
        row.addWidget(self.auto, 0, Qt.AlignmentFlag.AlignTop)
        QWidget.setTabOrder(inner.main, self.auto)  # before a slider, which stands below
        inner.edited.connect(self.edited)
        self._lead(inner.main)

    def show_value(self, value: Any) -> None:
        if value is not None:
            self._last = value
        self.auto.setChecked(value is None)
        self.inner.setEnabled(value is not None)
        self.inner.show_value(value)

    def current(self, held: Any) -> Any:
        return self.inner.current(held)

    def describe(self, name: str, text: str) -> None:
        self.inner.describe(name, text)
        self.auto.setAccessibleName(self.tr("{0}, automatic").format(name))

    def _switch(self, on: bool) -> None:
        self.edited.emit(None if on else self._last, 0, "")


class Notice(QLabel):
    """A sentence in red that follows the theme; hidden while it is empty."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.hide()

    def say(self, text: str) -> None:
        """Show the sentence, or nothing."""
        self.setText(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: Any) -> None:
        # Painted, not styled: a colour set in a style sheet would outlive a change of theme.
        painter = QPainter(self)
        painter.setPen(alarm(self.palette()))
        painter.drawText(self.contentsRect(), Qt.TextFlag.TextWordWrap, self.text())
