"""The table of records: how it looks, and what is selected whatever its order."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QTableView

from ui.records_model import COLUMNS, CellEditor, RecordsModel

WIDTHS = (28, 200, 75, 210, 150, 60, 95, 45, 130, 130, 100, 90, 120, 70)


class RecordTable(QTableView):
    """Rows are selected whole, and stay so when they are sorted, filtered or read again."""

    def __init__(self, model: RecordsModel) -> None:
        super().__init__()
        self._records = model
        self._kept: tuple[list[str], str] = ([], "")  # selected and current record
        self.setModel(model)
        self.setAccessibleName(self.tr("Records"))
        self._behave()
        self._dress()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._reselect)

    def _behave(self) -> None:
        view = QAbstractItemView
        self.setItemDelegate(CellEditor(self))
        self.setSelectionBehavior(view.SelectionBehavior.SelectRows)
        self.setEditTriggers(view.EditTrigger.EditKeyPressed)
        self.setDragDropMode(view.DragDropMode.DragDrop)
        self.setDragDropOverwriteMode(True)  # a row falls upon another, not between two
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setSectionsMovable(True)
        started = COLUMNS.index("Started")
        self.horizontalHeader().setSortIndicator(started, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    def _dress(self) -> None:
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(26)
        for i, width in enumerate(WIDTHS):
            self.setColumnWidth(i, width)

    def current(self) -> str:
        """Path of the chosen record, empty where there is none."""
        index = self.currentIndex()
        return self._records.path(index.row()) if index.isValid() else ""

    def selected(self) -> list[str]:
        """Paths of the selected records, from top to bottom."""
        ranges = self.selectionModel().selection()
        rows = {row for part in ranges for row in range(part.top(), part.bottom() + 1)}
        return [self._records.path(row) for row in sorted(rows)]

    def count(self) -> int:
        """How many records are selected."""
        return sum(part.height() for part in self.selectionModel().selection())

    def _remember(self) -> None:
        self._kept = self.selected(), self.current()

    def _reselect(self) -> None:
        self.choose(*self._kept)

    def choose(self, records: list[str], current: str = "") -> None:
        """Select these records, as far as they are shown, and go to the current or the first."""
        places = sorted(place for place in map(self._records.row, records) if place >= 0)
        flag, choice = QItemSelectionModel.SelectionFlag, self.selectionModel()
        if not places:
            choice.clearSelection()
            return
        choice.reset()  # to tell thousands of old ranges from new ones takes long
        self.viewport().update()  # which it does not say
        first = self._records.row(current) if current else -1
        here = self._records.index(first if first >= 0 else places[0], 0)
        choice.setCurrentIndex(here, flag.NoUpdate)
        self.scrollTo(here)
        # Rows that follow each other are one range: thousands of single ones take minutes.
        starts = [p for p, before in zip(places, [-2, *places], strict=False) if p != before + 1]
        ends = [p for p, after in zip(places, [*places[1:], -2], strict=True) if p != after - 1]
        chosen = QItemSelection()
        for start, end in zip(starts, ends, strict=True):
            chosen.append(QItemSelectionRange(self._records.index(start, 0), self._last(end)))
        choice.select(chosen, flag.ClearAndSelect)

    def _last(self, row: int) -> QModelIndex:
        return self._records.index(row, len(COLUMNS) - 1)
