"""The steps of a reference as a list that is edited, and what the data then are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.data_facts import DataFacts
from ui.marquee import Marquee
from ui.step_rows import StepRow
from workbench.data.steps import Crop, Draw, Every, Standardise, Step, joined

ASK_AFTER_MS = 200
WORDS = 190  # width of the facts beside the picture
AXES = ("row", "column")  # until the data are known


class ReferenceLine(QLineEdit):
    """A reference to be read and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, readOnly=True)
        self.setAccessibleName(self.tr("Reference"))
        self.setToolTip(self.tr("What a record keeps, and what --input takes on the command line"))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))

    def show_text(self, text: str) -> None:
        """Show a reference from its start."""
        self.setText(text)
        self.setCursorPosition(0)


class StepsPart(QWidget):
    """A list of steps and the data after them; `idle` data without steps are not looked at."""

    changed = Signal()  # the steps, or what is wrong with them

    def __init__(self, bridge: Bridge, side: int, *, idle: bool = False) -> None:
        super().__init__()
        self._bridge, self._idle = bridge, idle
        self._base = ""
        self._rows: list[StepRow] = []
        self._preview: Any = None
        self._fault = ""
        self._asked = self._answered = ""  # references
        self._facts = DataFacts(side)
        self._facts.setFixedWidth(side + WORDS)
        self._facts.hide()
        self._marquee = Marquee(self._facts.picture)
        self._marquee.marked.connect(self._mark)
        self._timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)
        self._build()

    def start(self, steps: Sequence[Step]) -> None:
        """Show these steps."""
        for step in steps:
            self._insert(step)
        self._number()

    def set_base(self, base: str) -> None:
        """The steps begin with these data; nothing is shown where there are none."""
        if base != self._base:
            self._base = base
            self._timer.start()

    def steps(self) -> tuple[Step, ...]:
        """The steps in their order."""
        return tuple(row.step() for row in self._rows)

    def places(self) -> list[QWidget]:
        """Where the keys can go, in their order."""
        return [*self._adders, *(place for row in self._rows for place in row.places())]

    def fault(self) -> str:
        """Why the data cannot be taken so, in one sentence."""
        return self._fault

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self._none = QLabel(self.tr("No steps: the data are taken as they are."), objectName="hint")
        self._sentence = QLabel(objectName="fault", wordWrap=True)
        self._sentence.hide()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._none)
        self._list.addStretch(1)
        inner = QWidget()
        inner.setLayout(self._list)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(490)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the keys
        add = QHBoxLayout()
        add.addWidget(QLabel(self.tr("Add")))
        self._adders: list[QPushButton] = []
        for name, make in (
            (self.tr("Draw ro&ws"), self._some_rows),
            (self.tr("&Every k-th row"), lambda: Every(2)),
            (self.tr("S&tandardise"), Standardise),
            (self.tr("&Crop"), lambda: Crop(((None, None),))),
        ):
            button = QPushButton(name, autoDefault=False)
            button.clicked.connect(lambda _=False, make=make: self._add(make()))
            add.addWidget(button)
            self._adders.append(button)
        add.addStretch(1)
        left = QVBoxLayout()
        left.addLayout(add)
        left.addWidget(area, 1)
        left.addWidget(self._sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(self._facts)

    def _some_rows(self) -> Step:
        rows = self._preview.shape[0] if self._preview is not None else 200
        return Draw(max(1, rows // 2))

    # --- the list -------------------------------------------------------------------------------

    def _add(self, step: Step) -> None:
        row = self._insert(step)
        self._edited()
        row.places()[0].setFocus()

    def _insert(self, step: Step) -> StepRow:
        dims = self._preview.dims if self._preview is not None else AXES
        row = StepRow(step, dims)
        row.edited.connect(self._edited)
        row.moved.connect(lambda way: self._move(row, way))
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._list.insertWidget(self._list.count() - 1, row)
        return row

    def _move(self, row: StepRow, way: int) -> None:
        place = self._rows.index(row)
        self._rows.insert(place + way, self._rows.pop(place))
        self._list.removeWidget(row)
        self._list.insertWidget(1 + place + way, row)  # the first is what is said of none
        self._edited()

    def _remove(self, row: StepRow) -> None:
        self._rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._edited()

    def _number(self) -> None:
        self._none.setVisible(not self._rows)
        for number, row in enumerate(self._rows, 1):
            row.set_place(number, len(self._rows))
        for before, after in pairwise(self.places()):
            self.setTabOrder(before, after)

    def _edited(self) -> None:
        self._number()
        self._timer.start()
        self.changed.emit()

    def _mark(self, shares: QRectF) -> None:
        """Crop to a rectangle of what is shown; a crop that stands last is narrowed."""
        if self._asked or self._timer.isActive():  # what is shown is out of date
            return
        shape, colour = self._preview.shape, self._preview.dims[-1:] == ("channel",)
        across = len(shape) - 1 - colour
        ranges = [(0, 0)] * (across - 1)
        for axis, low, high in (
            (across - 1, shares.top(), shares.bottom()),
            (across, shares.left(), shares.right()),
        ):
            start = math.floor(low * shape[axis])
            ranges.append((start, max(start + 1, math.ceil(high * shape[axis] - 1e-9))))
        last = self._rows[-1].step() if self._rows else None
        if isinstance(last, Crop):
            before = [start or 0 for start, _ in last.ranges] + [0] * len(ranges)
            held = [*last.ranges, *[(None, None)] * len(ranges)]
            found = [
                (before[k] + a, before[k] + b) if b else held[k] for k, (a, b) in enumerate(ranges)
            ]
            found += last.ranges[len(ranges) :]
            self._remove(self._rows[-1])
        else:
            found = [(a, b) if b else (None, None) for a, b in ranges]
        self._insert(Crop(tuple(found)))
        self._edited()

    # --- what comes of it -----------------------------------------------------------------------

    def _ask(self) -> None:
        """Have the desk look; while it does so what changes waits."""
        reference = joined(self._base, self.steps()) if self._base else ""
        if self._asked or reference == self._answered:
            return
        if not reference or (self._idle and not self._rows):
            self._answered, self._fault = reference, ""
            self._facts.hide()
            self._show_fault()
            return
        self._asked = reference
        self._bridge.call(
            "tried",
            reference,
            done=lambda preview: isValid(self) and self._show(preview),
            failed=lambda text, _: isValid(self) and self._refuse(text),
        )

    def _arrived(self) -> bool:
        """Take note of an answer; False where something else is wanted by now."""
        self._answered, self._asked = self._asked, ""
        wanted = joined(self._base, self.steps()) if self._base else ""
        if self._answered != wanted:
            self._ask()
            return False
        return True

    def _show(self, preview: Any) -> None:
        if not self._arrived():
            return
        self._preview, self._fault = preview, ""
        for row in self._rows:
            row.set_dims(preview.dims)
        self._number()
        self._facts.set_preview(preview)
        self._facts.setEnabled(True)
        self._facts.show()
        self._marquee.set_on(preview.kind in ("image", "stack", "array") and len(preview.shape) > 1)
        self._show_fault()

    def _refuse(self, text: str) -> None:
        if self._arrived():
            self._fault = text
            self._facts.setEnabled(False)
            self._show_fault()

    def _show_fault(self) -> None:
        self._sentence.setText(self._fault)
        self._sentence.setVisible(bool(self._fault))
        self.changed.emit()
