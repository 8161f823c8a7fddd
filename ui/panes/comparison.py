"""Several runs side by side: a table of what differs, and their figures in one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Figure
from ui.bridge import Bridge
from ui.elided import ElidedLabel
from ui.figure_view import FigureView
from ui.icons import icon
from ui.record_drops import RecordDrops
from workbench.compare import Compared, Comparison
from workbench.listing import value_text


class ComparisonPage(QWidget):
    """A table and a tab for each figure that at least two of the runs have."""

    ready = Signal()  # something to show
    closed = Signal()
    export_wanted = Signal()
    hovered = Signal(str)
    picture_changed = Signal()
    failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._shown: Comparison | None = None
        self._figures: dict[str, Figure] = {}
        self._asked: tuple[str, ...] = ()
        self._make_head()
        self._tabs = QTabBar(expanding=False, drawBase=False)
        self._tabs.setAccessibleName(self.tr("Parts of the comparison"))
        self._tabs.currentChanged.connect(lambda _: self._show())
        self.table = QTableWidget()
        self.table.setAccessibleName(self.tr("What differs"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.view = FigureView()
        self.view.link(True)
        self.view.hovered.connect(self.hovered)
        self._waiting = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._waiting.setObjectName("hint")
        self._stack = QStackedWidget()
        for part in (self.table, self.view, self._waiting):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(self._head)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)
        RecordDrops(self).dropped.connect(self.add)

    def _make_head(self) -> None:
        title = QLabel(self.tr("Comparison"))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self._names = ElidedLabel()
        self._names.setObjectName("hint")
        against = QLabel(self.tr("Differences from"))
        self._first = QComboBox()
        self._first.setAccessibleName(self.tr("Differences from"))
        self._first.setToolTip(self.tr("The run that is subtracted from the others"))
        self._first.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._first.setMaximumWidth(240)
        self._first.activated.connect(self._put_first)
        against.setBuddy(self._first)
        export = QToolButton(text=self.tr("Export…"), autoRaise=True)
        export.setIcon(icon("export"))
        export.setToolTip(self.tr("The table as CSV, or the figure on paper"))
        export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        export.clicked.connect(self.export_wanted)
        close = QToolButton(text="✕", autoRaise=True)
        close.setAccessibleName(self.tr("Close the comparison"))
        close.setToolTip(self.tr("Back to the pictures of the run"))
        close.clicked.connect(self.closed)
        self._head = QHBoxLayout()
        self._head.addWidget(title)
        self._head.addWidget(self._names, 1)
        for part in (against, self._first, export, close):
            self._head.addWidget(part)

    # --- what is compared ----------------------------------------------------------------------

    @property
    def records(self) -> list[str]:
        """The records on show; the first one is subtracted from the others."""
        return list(self._shown.records) if self._shown else []

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def compare(self, records: list[str], name: str = "") -> None:
        """Set these records side by side; the table comes first unless a figure is named."""
        if self._bridge is None:
            return
        self._asked = tuple(records)

        def take(found: Comparison) -> None:
            if found.records == self._asked:  # else another comparison was asked for meanwhile
                self._take(found, name)

        self._bridge.call("comparison", records, done=take, failed=self.failed.emit)

    def add(self, records: list[str]) -> None:
        """Compare with these records as well."""
        self.compare(list(dict.fromkeys([*self.records, *records])), self.figure_name())

    def _put_first(self, index: int) -> None:
        records = self.records
        others = [record for i, record in enumerate(records) if i != index]
        self.compare([records[index], *others], self.figure_name())

    def _take(self, found: Comparison, name: str) -> None:
        self._shown, self._figures = found, {}
        self._names.setText("  ·  ".join(found.labels))
        self._first.clear()
        self._first.addItems(list(found.labels))
        self._fill(found)
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for text, data in (
            (self.tr("Table"), ""),
            *((n.replace("_", " ").capitalize(), n) for n in found.figures),
        ):
            self._tabs.setTabData(self._tabs.addTab(text), data)
        self._tabs.setCurrentIndex(found.figures.index(name) + 1 if name in found.figures else 0)
        self._tabs.blockSignals(False)
        self._show()
        self.ready.emit()

    # --- figures -------------------------------------------------------------------------------

    def figure_name(self) -> str:
        """Name of the figure on show, empty for the table."""
        index = self._tabs.currentIndex()
        return self._tabs.tabData(index) if index >= 0 else ""

    def shown_figure(self) -> Figure | None:
        """The figure on show."""
        return self._figures.get(self.figure_name())

    def _show(self) -> None:
        name = self.figure_name()
        figure = self.shown_figure()
        if not name:
            self._stack.setCurrentWidget(self.table)
        elif figure is not None:
            self.view.set_figure(figure)
            self._stack.setCurrentWidget(self.view)
        else:
            self._explain(self.tr("Reading the records…"))
            self._read(name)
        self.picture_changed.emit()

    def _read(self, name: str) -> None:
        found = self._shown
        if found is None or self._bridge is None:
            return

        def read(figure: Figure) -> None:
            if self._shown is found:
                self._figures[name] = figure
                if self.figure_name() == name:
                    self._show()

        def failed(text: str, detail: str) -> None:
            if self._shown is found and self.figure_name() == name:
                self._explain(text)
            self.failed.emit(text, detail)

        self._bridge.call("compared", list(found.records), name, done=read, failed=failed)

    def _explain(self, text: str) -> None:
        self._waiting.setText(text)
        self._stack.setCurrentWidget(self._waiting)

    # --- the table -----------------------------------------------------------------------------

    def table_text(self) -> str:
        """The table as people paste it: columns between tabs."""
        held = range(self.table.columnCount())
        lines = ["\t".join(self.table.horizontalHeaderItem(i).text() for i in held)]
        for row in range(self.table.rowCount()):
            cells = (self.table.item(row, i) for i in held)
            lines.append("\t".join(cell.text() if cell else "" for cell in cells).rstrip("\t"))
        return "\n".join(lines)

    def _fill(self, found: Comparison) -> None:
        table = self.table
        table.clear()
        table.setRowCount(0)
        table.setColumnCount(1 + len(found.heads()))
        table.setHorizontalHeaderLabels(["", *found.heads()])
        groups = (
            ("setting", self.tr("Settings that differ"), self.tr("All settings are equal.")),
            ("result", self.tr("Results"), ""),
        )
        for kind, title, empty in groups:
            self._add_row([title], bold=True)
            rows = [row for row in found.rows if row.kind == kind]
            for row in rows:
                self._add_row(_cells(row))
            if not rows:
                self._add_row([empty])
        table.resizeColumnsToContents()
        for i in range(table.columnCount()):
            table.setColumnWidth(i, min(max(table.columnWidth(i) + 12, 90), 320))

    def _add_row(self, texts: list[str], bold: bool = False) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for i, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            if i:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if bold:
                font = QFont(item.font())
                font.setBold(True)
                item.setFont(font)
            self.table.setItem(row, i, item)
        if len(texts) == 1:
            self.table.setSpan(row, 0, 1, self.table.columnCount())


def _cells(row: Compared) -> list[str]:
    """Name, values, and what each is more than the first."""
    name = row.name.replace("_", " ") if row.kind == "result" else row.name
    head = f"{name} ({row.unit})" if row.unit else name
    pairs = zip(row.values[1:], row.differences(), strict=True)
    differences = [_difference(row.values[0], value, away) for value, away in pairs]
    exact = row.kind == "setting"
    return [head, *(_text(value, exact) for value in row.values), *differences]


def _text(value: Any, exact: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) and not exact else value_text(value)


def _difference(first: Any, value: Any, away: float | None) -> str:
    if away is None:
        return "" if first == value or None in (first, value) else "≠"
    if away == 0:
        return "0"
    share = f"  ({100 * away / abs(first):+.3g} %)" if first and abs(away) < 10 * abs(first) else ""
    return f"{away:+.4g}{share}"
