"""How a table is read: delimiter, decimal mark, header, use of columns; and how it then comes out.

What is chosen becomes part of the reference, so that a run, its record and the command line repeat
it.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.steps_part import ReferenceLine, StepsPart
from ui.tones import FAULT, HINT, TONE, Toned
from workbench.catalogue import Slot
from workbench.data.base import BadData
from workbench.data.sources import split
from workbench.data.steps import asked as steps_asked
from workbench.data.steps import divided, joined
from workbench.data.table_options import DECIMALS, DELIMITERS, HEADERS, Options, asked, part_text

ASK_AFTER_MS = 120
SIDE = 96  # of the picture of the data after their steps
LONGEST_CELL = 200  # characters shown
MOST_COLUMNS = 60  # shown; further ones of numbers are taken too
# The words of `workbench.data.table_options`.
WORDS = (
    QT_TRANSLATE_NOOP("ImportDialog", "comma"),
    QT_TRANSLATE_NOOP("ImportDialog", "semicolon"),
    QT_TRANSLATE_NOOP("ImportDialog", "tab"),
    QT_TRANSLATE_NOOP("ImportDialog", "bar"),
    QT_TRANSLATE_NOOP("ImportDialog", "spaces"),
    QT_TRANSLATE_NOOP("ImportDialog", "point"),
    QT_TRANSLATE_NOOP("ImportDialog", "yes"),
    QT_TRANSLATE_NOOP("ImportDialog", "no"),
)
LEFT_OUT, DATA = "-", ""  # uses of a column; any other is the name of an array


class ImportDialog(QDialog):
    """Emits `wanted(reference, arrays)`: a data set, and further ones by the array they are for."""

    wanted = Signal(str, dict)

    def __init__(self, reference: str, slots: list[Slot], bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._slots = bridge, slots
        base, text = divided(reference)
        self._path, part = split(base)
        try:
            columns, options = asked(part)
        except BadData:  # which is why it is here
            columns, options = "", Options()
        try:
            steps = steps_asked(text)
        except BadData:
            steps = ()
        self._told = bool(columns)  # which columns to take was told, not found out
        self._head: Any = None
        self._asked = 0
        self._uses: list[QComboBox] = []
        self.setWindowTitle(self.tr("Import {0}").format(PurePath(self._path).name))
        self._delimiter = self._choice(DELIMITERS, options.delimiter, self.tr("Delimiter"))
        self._decimal = self._choice(DECIMALS, options.decimal, self.tr("Decimal mark"))
        self._header = self._choice(HEADERS, options.header, self.tr("Header"))
        self._skip = QSpinBox(maximum=999_999_999, value=options.skip)
        self._skip.setAccessibleName(self.tr("Lines to skip"))
        self._table = QTableWidget()
        self._table.setAccessibleName(self.tr("First rows"))
        self._table.setItemDelegate(Toned(self._table))
        self._table.setTabKeyNavigation(False)  # Tab leaves the table
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self._table.verticalHeader().setDefaultSectionSize(24)
        self._fault = QLabel(objectName="fault", wordWrap=True)
        self._reference = ReferenceLine()
        self._steps = StepsPart(bridge, SIDE, idle=True)
        self._steps.start(steps)
        self._steps.changed.connect(self._update)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        self._timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._timer.timeout.connect(lambda: self._ask(""))
        self._build()
        self._ask(columns)

    def accept(self) -> None:
        """Hand over what was chosen."""
        references = self._references()
        self.wanted.emit(references.pop(DATA, ""), references)
        super().accept()

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        left, right = QFormLayout(), QFormLayout()
        left.addRow(self.tr("&Delimiter"), self._delimiter)
        left.addRow(self.tr("Decimal &mark"), self._decimal)
        right.addRow(self.tr("&Header"), self._header)
        right.addRow(self.tr("&Skip lines"), self._skip)
        top = QHBoxLayout()
        top.addLayout(left, 1)
        top.addSpacing(24)
        top.addLayout(right, 1)
        hint = QLabel(
            self.tr(
                "Each column is left out, or taken into one data set, or into an array of the "
                "method. Missing cells become NaN."
            ),
            objectName="hint",
            wordWrap=True,
        )
        named = QHBoxLayout()
        title = QLabel(self.tr("&Reference"))
        title.setBuddy(self._reference)
        named.addWidget(title)
        named.addWidget(self._reference, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(hint)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._fault)
        layout.addWidget(self._steps)
        layout.addLayout(named)
        layout.addWidget(self._buttons)
        for combo in (self._delimiter, self._decimal, self._header):
            combo.currentIndexChanged.connect(lambda _: self._timer.start())
        self._skip.valueChanged.connect(lambda _: self._timer.start())
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.resize(860, 640)

    def _choice(self, words: dict[str, Any], chosen: Any, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.addItem(self.tr("found out"), None)
        for word, meaning in words.items():
            combo.addItem(self.tr(word), meaning)
        combo.setCurrentIndex(max(0, combo.findData(chosen)) if chosen is not None else 0)
        return combo

    # --- the table as it comes out --------------------------------------------------------------

    def _options(self) -> Options:
        choices = (self._delimiter, self._decimal, self._header)
        return Options(*(combo.currentData() for combo in choices), self._skip.value())

    def _ask(self, columns: str) -> None:
        """Have the desk read the first rows; an answer that comes late is not shown."""
        self._asked += 1
        number = self._asked
        part = "::".join(filter(None, (columns, self._options().text())))

        def wanted() -> bool:
            return isValid(self) and number == self._asked

        self._bridge.call(
            "table_head",
            f"{self._path}::{part}" if part else self._path,
            done=lambda head: wanted() and self._show(head),
            failed=lambda text, _: wanted() and self._refuse(text),
        )

    def _refuse(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.show()
        self._buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(False)

    def _show(self, head: Any) -> None:
        same = self._head is None or self._columns(self._head) == self._columns(head)
        self._told = self._told and same  # other options make other columns
        uses = [combo.currentData() for combo in self._uses] if self._told else []
        self._head = head
        self._name_found(head)
        self._table.clear()
        self._uses = []
        columns = self._columns(head)
        shown = columns[:MOST_COLUMNS]
        self._table.setColumnCount(len(shown))
        self._table.setRowCount(len(head.rows) + 1)
        self._table.setHorizontalHeaderLabels(list(shown))
        lines = [str(row) for row, _ in head.rows]
        self._table.setVerticalHeaderLabels([self.tr("use as"), *lines])
        for k in range(len(shown) if head.dialect else 0):
            default = DATA if k in head.chosen else LEFT_OUT
            self._table.setCellWidget(0, k, self._use(k, uses[k] if uses else default))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for i, (_, cells) in enumerate(head.rows, 1):
            for k, cell in enumerate(cells[: len(shown)]):
                item = QTableWidgetItem(cell[:LONGEST_CELL])
                if head.dialect and head.dialect.numeric[k]:
                    item.setTextAlignment(right)
                self._table.setItem(i, k, item)
        self._table.resizeColumnsToContents()
        for k in range(len(shown)):
            self._table.setColumnWidth(k, min(max(96, self._table.columnWidth(k)), 600))
        # Lists that come later would lead Tab back to the first field.
        way = [self._skip, self._table, *self._uses, *self._steps.places()]
        way += [self._reference, *self._buttons.buttons()]
        for before, after in pairwise(way):
            self.setTabOrder(before, after)
        self._update()

    @staticmethod
    def _columns(head: Any) -> tuple[str, ...]:
        return head.dialect.columns if head.dialect else ("",)

    def _name_found(self, head: Any) -> None:
        """Say behind `found out` what was found out."""
        found = head.dialect
        for combo, meaning in (
            (self._delimiter, found and found.delimiter),
            (self._decimal, found and found.decimal),
            (self._header, found and found.header),
        ):
            word = combo.itemText(combo.findData(meaning)) if found else ""
            combo.setItemText(
                0, self.tr("found out: {0}").format(word) if word else self.tr("found out")
            )

    def _use(self, column: int, chosen: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(self.tr("Use of column {0}").format(column))
        combo.addItem(self.tr("leave out"), LEFT_OUT)
        combo.addItem(self.tr("data set"), DATA)
        for slot in self._slots:
            combo.addItem(slot.name, slot.name)
            combo.setItemData(combo.count() - 1, slot.help, Qt.ItemDataRole.ToolTipRole)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        combo.currentIndexChanged.connect(lambda _: self._used())
        self._uses.append(combo)
        return combo

    def _used(self) -> None:
        self._told = True
        self._update()

    # --- what it means --------------------------------------------------------------------------

    def _taken(self) -> dict[str, list[int]]:
        """Columns by their use; those of numbers beyond the ones shown go with the data set."""
        found: dict[str, list[int]] = {}
        for k, combo in enumerate(self._uses):
            if combo.currentData() != LEFT_OUT:
                found.setdefault(combo.currentData(), []).append(k)
        if DATA in found and self._head.dialect:
            numeric = self._head.dialect.numeric
            found[DATA] += [k for k in range(len(self._uses), len(numeric)) if numeric[k]]
        return found

    def _references(self) -> dict[str, str]:
        steps = self._steps.steps()
        return {use: joined(base, steps) for use, base in self._bases().items()}

    def _bases(self) -> dict[str, str]:
        """The references before their steps."""
        found = {}
        for use, columns in self._taken().items():
            known = self._head.dialect.columns
            names = [known[k] for k in columns] if self._told else []
            part = part_text(names, self._options(), known)
            found[use] = f"{self._path}::{part}" if part else self._path
        return found

    def _update(self) -> None:
        """Grey what is left out, mark what is no number, and show the reference."""
        if self._head is None:
            return
        taken = {k for columns in self._taken().values() for k in columns}
        for i, (row, _) in enumerate(self._head.rows, 1):
            for k in range(self._table.columnCount()):
                if (item := self._table.item(i, k)) is not None:
                    bad = k in taken and (row, k) in self._head.words
                    item.setData(TONE, FAULT if bad else None if k in taken else HINT)
        fault = self._head.fault or self._complaint(taken)
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        bases = {} if fault else self._bases()
        self._steps.set_base(bases.get(DATA) or next(iter(bases.values()), ""))
        open_button = self._buttons.button(QDialogButtonBox.StandardButton.Open)
        open_button.setEnabled(not fault and not self._steps.fault())
        folder = str(PurePath(self._path).parent)
        shown = [
            f"{use}={reference}".removeprefix("=").replace(folder, "…", 1)
            for use, reference in (self._references() if not fault else {}).items()
        ]
        self._reference.show_text("   ".join(shown))

    def _complaint(self, taken: set[int]) -> str:
        """Why the rows on show cannot be loaded so, in one sentence."""
        if not taken:
            return self.tr("no column is taken; choose at least one")
        for line, (row, cells) in enumerate(self._head.rows, 1):
            for k in sorted(taken):
                if (row, k) in self._head.words:
                    self._table.scrollToItem(self._table.item(line, k))
                    return self.tr(
                        "row {0}, column {1} holds {2}; it must be a number; skip lines above it, "
                        "leave the column out, or choose another mark"
                    ).format(row, repr(self._head.dialect.columns[k]), repr(cells[k][:40]))
        return ""
