"""Statistics of regions: which numbers, and the table that shows and copies them."""

from __future__ import annotations

from dataclasses import astuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Panel
from ui.icons import icon
from ui.tools.shapes import Shape
from workbench.measure import Statistics, images, in_interval, in_rectangle, sampled

MOST = 8  # marks of one region in the table

Column = tuple[str, Statistics]  # its head


def columns(shapes: list[Shape], panels: tuple[Panel, ...]) -> list[Column]:
    """The statistics of every region, each with a head that tells it from the others."""
    regions = [shape for shape in shapes if shape.kind in ("region", "interval")]
    found: list[Column] = []
    for number, shape in enumerate(regions, 1):
        panel = panels[shape.panel]
        if shape.kind == "region":
            made = [in_rectangle(i, shape.start, shape.end, panel) for i in images(panel)]
        else:
            ends = shape.start[0], shape.end[0]
            made = [in_interval(mark, *ends, panel) for mark in sampled(panel)[:MOST]]
        for place, one in enumerate(made):
            letter = chr(ord("A") + place) if len(made) > 1 and shape.kind == "region" else ""
            parts = (str(number) if len(regions) > 1 else "", letter, one.name)
            found.append((" ".join(filter(None, parts)), one))
    return found


class RegionTable(QWidget):
    """A column for each region and mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: list[Column] = []
        self.table = QTableWidget()
        self.table.setAccessibleName(self.tr("Statistics of the regions"))
        self.table.setTabKeyNavigation(False)  # Tab leaves the table
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().setDefaultSectionSize(21)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        title = QLabel(self.tr("Statistics"))
        self.copy_button = QToolButton(text=self.tr("Copy"), autoRaise=True)
        self.copy_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.copy_button.setIcon(icon("copy"))
        self.copy_button.setAccessibleName(self.tr("Copy statistics"))
        self.copy_button.setToolTip(self.tr("Copy the numbers with all their digits"))
        self.copy_button.clicked.connect(self.copy)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.table)

    def names(self) -> list[str]:
        """What each row is called."""
        tr = self.tr
        last = (tr("Mean"), tr("Standard deviation"), tr("Sum"), tr("Integral"))
        return [tr("Values"), tr("Minimum"), tr("Maximum"), *last]

    def show_columns(self, found: list[Column]) -> None:
        """Fill the table; its cells are kept, because a movie fills it often."""
        self._columns = found
        names = self.names()
        self.table.setRowCount(len(names))
        self.table.setColumnCount(len(found))
        self.table.setVerticalHeaderLabels(names)
        self.table.setHorizontalHeaderLabels([head or self.tr("Region") for head, _ in found])
        for place, (_, one) in enumerate(found):
            for row, text in enumerate(cells(one)):
                item = self.table.item(row, place)
                if item is None:
                    item = QTableWidgetItem()
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                    self.table.setItem(row, place, item)
                item.setText(text)
        for place in range(len(found)):
            wanted = self.table.sizeHintForColumn(place) + 12
            head = self.table.horizontalHeader().sectionSizeHint(place)
            self.table.setColumnWidth(place, max(wanted, head, self.table.columnWidth(place)))

    def wanted_width(self) -> int:
        """Pixels at which two columns are seen whole."""
        header = self.table.verticalHeader().sizeHint().width()
        columns = sum(self.table.columnWidth(i) for i in range(min(2, len(self._columns))))
        return header + columns + 24

    def copy(self) -> None:
        """Put the numbers into the clipboard, a row for each region."""
        QApplication.clipboard().setText(self.text())

    def text(self) -> str:
        """A row for each region with all digits, columns between tabs."""
        heads = ("region", "unit", "values", "not finite", "minimum", "maximum", "mean")
        rows = ["\t".join((*heads, "standard deviation", "sum", "integral", "unit of integral"))]
        for head, one in self._columns:
            _, unit, *numbers = astuple(one)
            rows.append("\t".join((head, unit, *(_exact(value) for value in numbers))))
        return "\n".join(rows)


def cells(one: Statistics) -> list[str]:
    """The numbers of a column as they are shown, with their units."""
    count = f"{one.count} (+{one.missing} NaN, ∞)" if one.missing else str(one.count)
    values = (one.low, one.high, one.mean, one.deviation, one.total)
    return [count, *(_text(v, one.unit) for v in values), _text(one.integral, one.integral_unit)]


def _text(value: float, unit: str) -> str:
    return f"{value:.6g} {unit}".rstrip().replace("-", "−") if value == value else "–"


def _exact(value: object) -> str:
    return "" if value != value else str(value)
