"""The parameter form: made of the fields of a method, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QWidget

from ui.rows import Fields, completed
from workbench.fields import Field

EDITOR_SHARE = 0.46  # of the width; labels wrap, numbers do not
EDITOR_LIMITS = (9, 17)  # in heights of a line
LEAST = 12  # heights of a line: the width of the narrowest form


class _Change(QUndoCommand):
    """Values before and after an edit; the edits of one gesture become one."""

    def __init__(self, form: Form, new: dict[str, Any], text: str, gesture: int) -> None:
        super().__init__(text)
        self._form = form
        self._old = {name: form.known[name] for name in new}
        self.new = new
        self.gesture = gesture

    def id(self) -> int:
        return 1 if self.gesture else -1

    def mergeWith(self, other: _Change) -> bool:
        if other.gesture != self.gesture or other.new.keys() != self.new.keys():
            return False
        self.new = other.new
        return True

    def redo(self) -> None:
        self._form.apply(self.new)

    def undo(self) -> None:
        self._form.apply(self._old)


class Form(Fields):
    """The form of a method: values in and out, defaults, undo, and what is wrong with them."""

    changed = Signal()
    faulty = Signal(bool)

    def __init__(
        self, fields: tuple[Field, ...], undo: QUndoStack, parent: QWidget | None = None
    ) -> None:
        super().__init__(fields, parent)
        self._undo = undo
        self._faulty = False
        self._beside = True  # labels and editors; on a narrow form editors stand below
        self.known = self.held()
        self.edited.connect(self._record)

    def values(self) -> dict[str, Any]:
        """What the fields show, right or wrong, what is still being typed included."""
        return self.current()

    def defaults(self) -> dict[str, Any]:
        """The default of every field."""
        return {name: completed(r.field, r.field.default) for name, r in self.rows.items()}

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values for every field: those given, the defaults of the others, no unknown ones."""
        given = self.defaults() | {n: v for n, v in values.items() if n in self.rows}
        return {name: completed(self.rows[name].field, value) for name, value in given.items()}

    def set_values(
        self, values: Mapping[str, Any], *, undoable: bool = True, text: str = ""
    ) -> None:
        """Replace all values; names that are missing get their defaults."""
        new = self.filled(values)
        if undoable and new != self.values():
            self._undo.push(_Change(self, new, text or self.tr("change settings"), 0))
        else:
            self.apply(new)

    def apply(self, values: Mapping[str, Any]) -> None:
        """Display values and tell who listens; the way of every edit, undo and redo."""
        self.show_values(values)
        self.known = self.held()
        self.changed.emit()
        faulty = bool(self.faults())
        if faulty != self._faulty:
            self._faulty = faulty
            self.faulty.emit(faulty)

    def minimumSizeHint(self) -> QSize:
        # Beside each other they never ask for more than they get: else they go below each other.
        least = super().minimumSizeHint()
        narrow = LEAST * self.fontMetrics().height()
        return least.boundedTo(QSize(narrow, least.height())) if self._beside else least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low, high = (lines * self.fontMetrics().height() for lines in EDITOR_LIMITS)
        width = min(max(round(EDITOR_SHARE * self.width()), low), high)
        self._beside = self.width() >= self.least_width(low)
        self.set_editor_width(width if self._beside else None)

    def _record(self, name: str, value: Any, gesture: int, symbol: str) -> None:
        text = self.tr("change {0}").format(symbol)
        self._undo.push(_Change(self, {name: value}, text, gesture))
