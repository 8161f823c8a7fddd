"""The settings of the chosen method: presets, search, form, and what a run will take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPalette, QUndoStack
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.editors import Combo, Notice
from ui.form import Form
from workbench.catalogue import MethodCard
from workbench.jobs import Bill
from workbench.words import bytes_text, duration_text

translate = QCoreApplication.translate
MANY = 8  # fields; a form with more gets a search line
ORDER = ("quick", "default", "paper")


def bill_text(bill: Bill) -> str:
    """Time, memory and file size; what is not known is left out."""
    parts = []
    if bill.seconds > 0:
        known = translate("bill", "about {0}").format(duration_text(bill.seconds))
        parts.append(known if bill.seconds >= 1 else translate("bill", "under 1 s"))
    if bill.memory > 0:
        parts.append(bytes_text(bill.memory))
    if bill.output > 0:
        parts.append(translate("bill", "{0} file").format(bytes_text(bill.output)))
    return " · ".join(parts)


class ParametersPane(QWidget):
    """Shows one method's form and keeps those of the other methods with their values."""

    edited = Signal()
    faulty = Signal(bool)

    def __init__(self, undo: QUndoStack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._undo = undo
        self._card: MethodCard | None = None
        self._form: Form | None = None
        self._kept: dict[str, tuple[MethodCard, Form, QScrollArea]] = {}
        self._chosen = ""  # the preset chosen last, of several that are equal
        self._told = ""  # the field that shows a refusal
        self._empty = QLabel(self.tr("Choose a method"), self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._full = QWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._empty)
        layout.addWidget(self._full)
        column = QVBoxLayout(self._full)
        column.setContentsMargins(0, 0, 0, 0)
        self._make_header(column)
        self._make_body(column)
        self.set_method(None)

    def set_method(self, card: MethodCard | None) -> None:
        """Show the form of a method with the values it had last; None: of no method."""
        self._empty.setVisible(card is None)
        self._full.setVisible(card is not None)
        if card is not None and card == self._card:
            return
        self._undo.clear()  # it must not change a form that is out of sight
        self.set_bill(None)
        self._card = card
        self._form = self._form_of(card) if card else None
        self._chosen = ""
        if card is None or self._form is None:
            return
        self._title.setText(card.title)
        self._presets.clear()
        self._presets.addItems(list(self._presets_of(card)))
        self._search.clear()
        self._search.setVisible(len(card.fields) > MANY)
        self._update()
        self.faulty.emit(bool(self._form.faults()))

    def values(self) -> dict[str, Any]:
        """What the form holds."""
        return self._form.values() if self._form else {}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Replace all values; missing ones get their defaults."""
        if self._form:
            self._form.set_values(values)

    def preset(self) -> str:
        """The preset that the values agree with, or "custom"."""
        if self._form is None or self._card is None:
            return "custom"
        values = self._form.values()
        presets = self._presets_of(self._card)
        equal = [n for n in presets if self._form.filled(presets[n]) == values]
        for name in (self._chosen, "default", *equal):
            if name in equal:
                return name
        return "custom"

    def set_bill(self, bill: Bill | None) -> None:
        """Show what the run will take, or why it cannot; None: not known yet."""
        text = bill_text(bill) if bill and not bill.refusal else ""
        self._bill.setText(text)
        self._bill.setEnabled(True)
        self._bill.setVisible(bool(text))
        if bill and bill.free:
            self._bill.setToolTip(self.tr("{0} of memory are free").format(bytes_text(bill.free)))
        self._refusal.say(bill.refusal if bill else "")
        if self._form:
            self._form.show_message(self._told, "")
            self._told = bill.field if bill else ""
            self._form.show_message(self._told, bill.refusal if bill else "")

    def _make_header(self, column: QVBoxLayout) -> None:
        self._title = QLabel(self._full, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setBold(True)
        self._title.setFont(font)
        label = QLabel(self.tr("Preset"), self._full)
        self._presets = Combo(self._full)
        self._presets.setAccessibleName(self.tr("Preset"))
        label.setBuddy(self._presets)
        self._reset = QPushButton(self.tr("Reset all"), self._full)
        self._reset.setToolTip(self.tr("Give every field its default"))
        self._search = QLineEdit(self._full, clearButtonEnabled=True)
        self._search.setPlaceholderText(self.tr("Search the parameters"))
        self._search.setAccessibleName(self.tr("Search the parameters"))
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self._presets, 1)
        row.addWidget(self._reset)
        column.addWidget(self._title)
        column.addLayout(row)
        column.addWidget(self._search)
        self._presets.textActivated.connect(self._choose)
        self._reset.clicked.connect(self._reset_all)
        self._search.textChanged.connect(self._filter)

    def _make_body(self, column: QVBoxLayout) -> None:
        self._nothing = QLabel(self.tr("No parameter matches"), self._full)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.hide()
        self._stack = QStackedWidget(self._full)
        self._bill = QLabel(self._full)
        self._bill.setAccessibleName(self.tr("What the run will take"))
        self._refusal = Notice(self._full)
        for widget in (self._nothing, self._stack, self._bill, self._refusal):
            column.addWidget(widget, int(widget is self._stack))

    def _form_of(self, card: MethodCard) -> Form:
        """The form kept for this method; a new one where the method itself has changed."""
        known, form, place = self._kept.get(card.id, (None, None, None))
        if known == card:
            self._stack.setCurrentWidget(place)
            return form
        place = QScrollArea(self._stack, widgetResizable=True)
        place.setFrameShape(QFrame.Shape.NoFrame)
        place.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        new = Form(card.fields, self._undo)
        if form is not None:
            new.set_values(form.values(), undoable=False)
            self._stack.removeWidget(self._kept[card.id][2])
            self._kept[card.id][2].deleteLater()
        new.changed.connect(self._changed)
        new.faulty.connect(self.faulty)
        place.setWidget(new)
        self._stack.addWidget(place)
        self._stack.setCurrentWidget(place)
        self._kept[card.id] = card, new, place
        return new

    @staticmethod
    def _presets_of(card: MethodCard) -> dict[str, Mapping[str, Any]]:
        presets = {"default": {}, **card.presets}
        names = [n for n in ORDER if n in presets] + [n for n in presets if n not in ORDER]
        return {name: presets[name] for name in names}

    def _choose(self, name: str) -> None:
        if self._form and self._card:
            self._chosen = name
            text = self.tr("choose preset {0}").format(name)
            self._form.set_values(self._presets_of(self._card)[name], text=text)
            self._update()

    def _reset_all(self) -> None:
        if self._form:
            self._form.set_values({}, text=self.tr("reset all"))

    def _filter(self, text: str) -> None:
        if self._form:
            self._nothing.setVisible(not self._form.filter(text))

    def _changed(self) -> None:
        self._bill.setEnabled(False)  # it belongs to the values before
        if self._form and self._form.faults():
            self.set_bill(None)
        self._update()
        self.edited.emit()

    def _update(self) -> None:
        if self._form:
            self._presets.choose(self.preset())
            self._reset.setEnabled(self._form.values() != self._form.defaults())
