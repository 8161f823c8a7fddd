"""All records of the workspace: sortable, searchable; open, run again, delete to the bin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.icons import icon
from workbench.words import duration_text

COLUMNS = ("Name", "State", "Result", "Time", "Started", "Method", "Data", "Seed", "Size")
WIDTHS = (230, 75, 240, 60, 135, 170, 140, 50, 75)
SORT = Qt.ItemDataRole.UserRole


class ResultsPane(QWidget):
    """A table of records and the buttons for the chosen one."""

    open_wanted = Signal(str)  # record
    again_wanted = Signal(str)
    inspect_wanted = Signal(str)
    failed = Signal(str, str)
    deleted = Signal(str, str)  # title, place in the bin

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self.model = Records(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = QTableView()
        self.table.setModel(self._sorted)
        self.table.setAccessibleName(self.tr("Records"))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(COLUMNS.index("Started"), Qt.SortOrder.DescendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for i, width in enumerate(WIDTHS):
            self.table.setColumnWidth(i, width)
        self._empty = QLabel(
            self.tr("Every run is kept here as an HDF5 file. There are none yet."),
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self._empty.setObjectName("hint")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(self._bar())
        layout.addWidget(self._stack, 1)
        self.table.doubleClicked.connect(lambda _: self._with_current(self.open_wanted.emit))

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        self.reload()

    def reload(self, choose: str = "") -> None:
        """Read the list of records again, and select one of them."""

        def fill(entries: list[Any]) -> None:
            keep = [choose] if choose else self._selected()
            self.model.set_entries(entries)
            self._stack.setCurrentWidget(self.table if entries else self._empty)
            self._select(keep)

        if self._bridge is not None:
            self._bridge.call("runs", done=fill, failed=self.failed.emit)

    def current(self) -> str:
        """Path of the chosen record, empty where there is none."""
        index = self.table.currentIndex()
        if not index.isValid():
            return ""
        return self.model.path(self._sorted.mapToSource(index).row())

    def delete(self) -> None:
        """Move the chosen records to the bin."""
        for path in self._selected():
            self._delete(path, self.model.title(self.model.row(path)))

    def restore(self, binned: str) -> None:
        """Take a record out of the bin again."""
        if self._bridge is not None:
            self._bridge.call(
                "restore", binned, done=lambda _: self.reload(), failed=self.failed.emit
            )

    def _delete(self, path: str, title: str) -> None:
        def moved(binned: str) -> None:
            self.deleted.emit(title, binned)
            self.reload()

        if self._bridge is not None:
            self._bridge.call("trash", path, done=moved, failed=self.failed.emit)

    def _bar(self) -> QHBoxLayout:
        search = QLineEdit(placeholderText=self.tr("Search records"), clearButtonEnabled=True)
        search.setAccessibleName(self.tr("Search records"))
        search.textChanged.connect(self._sorted.setFilterFixedString)
        bar = QHBoxLayout()
        bar.addWidget(search, 1)
        for title, name, act in (
            (self.tr("Open"), "open", lambda: self._with_current(self.open_wanted.emit)),
            (self.tr("Run again"), "again", lambda: self._with_current(self.again_wanted.emit)),
            (self.tr("Inspect"), "data", lambda: self._with_current(self.inspect_wanted.emit)),
            (self.tr("Delete"), "delete", self.delete),
        ):
            button = QToolButton(text=title, autoRaise=True)
            button.setIcon(icon(name))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(act)
            bar.addWidget(button)
        return bar

    def _with_current(self, act: Any) -> None:
        if self.current():
            act(self.current())

    def _selected(self) -> list[str]:
        rows = self.table.selectionModel().selectedRows()
        return [self.model.path(self._sorted.mapToSource(index).row()) for index in rows]

    def _select(self, records: list[str]) -> None:
        found = [self.model.index(r, 0) for r in map(self.model.row, records) if r >= 0]
        places = [place for place in map(self._sorted.mapFromSource, found) if place.isValid()]
        if places:
            self.table.setCurrentIndex(places[0])
        flag = QItemSelectionModel.SelectionFlag
        for place in places:
            self.table.selectionModel().select(place, flag.Select | flag.Rows)


class Records(QAbstractTableModel):
    """Entries of the workspace as rows; text is made only for what is seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[Any] = []

    def set_entries(self, entries: list[Any]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def path(self, row: int) -> str:
        return str(self._entries[row].path)

    def row(self, path: str) -> int:
        """Where a record stands, -1 where it is not listed."""
        return next((i for i, e in enumerate(self._entries) if str(e.path) == path), -1)

    def title(self, row: int) -> str:
        return self.data(self.index(row, 0))

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.tr(COLUMNS[section])
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, name = self._entries[index.row()], COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, SORT):
            shown, key = _cell(entry, name)
            return shown if role == Qt.ItemDataRole.DisplayRole else key
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{entry.path}\n{entry.info.status}".strip()
        if (
            role == Qt.ItemDataRole.ForegroundRole
            and name == "State"
            and entry.info.state == "failed"
        ):
            return QColor("#d55e00")
        if role == Qt.ItemDataRole.ForegroundRole and name in ("Size", "Seed", "Data"):
            return self.parent().palette().color(QPalette.ColorRole.PlaceholderText)
        return None


def _cell(entry: Any, column: str) -> tuple[str, Any]:
    """Text and sort key of one cell."""
    info = entry.info
    if column == "Name":
        name = info.title or entry.path.stem
        return name, name.lower()
    if column == "Result":
        text = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in headline(entry.metrics))
        return text or info.status, text
    if column == "Time":
        return ("" if info.seconds is None else duration_text(info.seconds)), info.seconds or 0.0
    if column == "Started":
        local = datetime.fromisoformat(info.started).astimezone()
        return f"{local:%d %b %Y %H:%M}", info.started
    if column == "Data":
        source = info.example or ", ".join(r.rsplit("/", 1)[-1] for r in info.inputs.values())
        return source.replace("_", " "), source
    if column == "Size":
        return f"{entry.size / 2**20:.1f} MiB", entry.size
    value = getattr(info, column.lower())
    return str(value), value


def headline(metrics: dict[str, float], count: int = 2) -> list[tuple[str, float]]:
    """The first metrics that have a value: methods declare the most telling ones first."""
    return [(k, v) for k, v in metrics.items() if v == v][:count]
