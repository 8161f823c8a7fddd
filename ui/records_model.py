"""Records as rows of a table: sorted, filtered, edited in place and dragged upon each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.tones import FAULT
from ui.words import state_text
from workbench.catalogue import Catalogue
from workbench.listing import Presets, Row, Test
from workbench.words import bytes_text, duration_text

COLUMNS = (
    "★",
    QT_TRANSLATE_NOOP("RecordsModel", "Name"),
    QT_TRANSLATE_NOOP("RecordsModel", "State"),
    QT_TRANSLATE_NOOP("RecordsModel", "Result"),
    QT_TRANSLATE_NOOP("RecordsModel", "Settings"),
    QT_TRANSLATE_NOOP("RecordsModel", "Time"),
    QT_TRANSLATE_NOOP("RecordsModel", "Device"),
    QT_TRANSLATE_NOOP("RecordsModel", "Seed"),
    QT_TRANSLATE_NOOP("RecordsModel", "Started"),
    QT_TRANSLATE_NOOP("RecordsModel", "Method"),
    QT_TRANSLATE_NOOP("RecordsModel", "Data"),
    QT_TRANSLATE_NOOP("RecordsModel", "Tags"),
    QT_TRANSLATE_NOOP("RecordsModel", "Note"),
    QT_TRANSLATE_NOOP("RecordsModel", "Size"),
)
TIPS = {
    "★": QT_TRANSLATE_NOOP("RecordsModel", "Starred: click to mark a record"),
    "Result": QT_TRANSLATE_NOOP("RecordsModel", "The most telling numbers of the result"),
    "Settings": QT_TRANSLATE_NOOP(
        "RecordsModel",
        "What differs from the default, or from the nearest preset",
    ),
    "Tags": QT_TRANSLATE_NOOP(
        "RecordsModel",
        "Words of your own, with commas between them; double-click to edit",
    ),
    "Note": QT_TRANSLATE_NOOP("RecordsModel", "Double-click to edit"),
}
# The field of a record that a cell changes.
EDITED = {"Name": "title", "Tags": "tags", "Note": "notes"}
# Made once: Qt asks for those of every cell, also of ten thousand rows out of sight.
_FLAG = Qt.ItemFlag
_FLAGS = _FLAG.ItemIsEnabled | _FLAG.ItemIsSelectable
_FLAGS |= _FLAG.ItemIsDragEnabled | _FLAG.ItemIsDropEnabled
FLAGS = tuple(_FLAGS | _FLAG.ItemIsEditable if name in EDITED else _FLAGS for name in COLUMNS)
MIME = "application/x-workbench-records"
ROLE = Qt.ItemDataRole
STAR = QColor("#e69f00")


class RecordsModel(QAbstractTableModel):
    """The rows that pass the filter, in the order of the chosen column."""

    edited = Signal(str, dict)  # record, changes
    dropped = Signal(list)  # the records that were dragged and the one below them

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._held: dict[str, int] = {}  # where a record is among all, also the hidden ones
        self._shown: list[Row] = []
        self._places: dict[str, int] = {}
        self._titles: dict[str, str] = {}  # of the methods
        self._presets: dict[str, Presets] = {}
        self._texts: dict[str, str] = {}  # of the column Settings; they cost the most
        self._test: Test = lambda row: True
        self._order = (COLUMNS.index("Started"), Qt.SortOrder.DescendingOrder)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Methods by id: their titles, and the defaults that settings are compared with."""
        self._titles = {card.id: card.title for card in catalogue.methods}
        self._presets = {card.id: Presets(card) for card in catalogue.methods}
        self._texts.clear()
        self._arrange()

    def set_rows(self, rows: list[Row]) -> None:
        """These are the records there are now."""
        self._rows = rows
        self._held = {row.path: i for i, row in enumerate(rows)}
        self._arrange()

    def set_filter(self, test: Test) -> None:
        """Show only the records that pass a test."""
        self._test = test
        self._arrange()

    def rows(self) -> list[Row]:
        """Every record, also what the filter hides."""
        return self._rows

    def shown(self, row: int) -> Row:
        """What stands in a row of the table."""
        return self._shown[row]

    def path(self, row: int) -> str:
        """The file of the record in a row of the table."""
        return self._shown[row].path

    def row(self, path: str) -> int:
        """Where a record stands, -1 where it is not shown."""
        return self._places.get(path, -1)

    def change(self, path: str, changes: dict[str, Any]) -> None:
        """Show at once what is being written to a record; it stays in its place till then."""
        held = self._held.get(path, -1)
        if held >= 0:
            self._rows[held] = self._rows[held]._replace(**changes)
        place = self.row(path)
        if place >= 0:
            self._shown[place] = self._shown[place]._replace(**changes)
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    # -- Qt --------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == ROLE.DisplayRole:
            return self.tr(COLUMNS[section])
        return self.tr(TIPS.get(COLUMNS[section], "")) if role == ROLE.ToolTipRole else None

    def data(self, index: QModelIndex, role: int = ROLE.DisplayRole) -> Any:
        row, name = self._shown[index.row()], COLUMNS[index.column()]
        if role in (ROLE.DisplayRole, ROLE.EditRole):
            return self._text(row, name)
        if role == ROLE.ToolTipRole:
            whole = {
                "Settings": self._settings(row),
                "Note": row.notes,
                "Tags": self._text(row, name),
            }
            resumable = self.tr("The run can be resumed.") if row.resumable else ""
            return whole.get(name) or "\n".join(filter(None, (row.path, row.status, resumable)))
        if role == ROLE.ForegroundRole:
            return self._colour(row, name)
        if role == ROLE.TextAlignmentRole and name == "★":
            return Qt.AlignmentFlag.AlignCenter
        if role == ROLE.AccessibleTextRole and name == "★":
            return self.tr("starred") if row.starred else self.tr("not starred")
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = ROLE.EditRole) -> bool:
        row, name = self._shown[index.row()], COLUMNS[index.column()]
        if role != ROLE.EditRole or name not in EDITED or value == self._text(row, name):
            return False
        words = tuple(dict.fromkeys(t.strip() for t in value.split(",") if t.strip()))
        changes = {EDITED[name]: words if name == "Tags" else value.strip()}
        self.edited.emit(row.path, changes)
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        return FLAGS[index.column()]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (column, order)
        self._arrange()

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        paths = dict.fromkeys(self.path(index.row()) for index in indexes)
        return records_mime(list(paths))

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        return parent.isValid() and bool(set(records_of(data)) - {self.path(parent.row())})

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        self.dropped.emit(list(dict.fromkeys([self.path(parent.row()), *records_of(data)])))
        return True

    # -- what cells hold -------------------------------------------------------------------

    def _arrange(self) -> None:
        column, order = self._order
        key = self._key(COLUMNS[column])
        shown = [row for row in self._rows if self._test(row)]
        shown.sort(key=key, reverse=order == Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self._shown = shown
        self._places = {row.path: i for i, row in enumerate(shown)}
        self.endResetModel()

    def _key(self, name: str) -> Callable[[Row], Any]:
        keys: dict[str, Callable[[Row], Any]] = {
            "★": lambda row: row.starred,
            "Result": lambda row: headline(row.metrics, 1),
            "Time": lambda row: row.seconds or 0.0,
            "Seed": lambda row: row.seed,
            # In one second several runs may begin; all records come in the order of their numbers.
            "Started": lambda row: (row.started, self._held[row.path]),
            "Size": lambda row: row.size,
        }
        return keys.get(name, lambda row: self._text(row, name).casefold())

    def _text(self, row: Row, name: str) -> str:
        if name in _TEXTS:
            return _TEXTS[name](row)
        if name == "Settings":
            return self._settings(row)
        return self._titles.get(row.method, row.method)

    def _settings(self, row: Row) -> str:
        if row.path not in self._texts:
            if row.method not in self._presets:
                return ""
            self._texts[row.path] = self._presets[row.method].text(row.parameters)
        return self._texts[row.path]

    def _colour(self, row: Row, name: str) -> QColor | None:
        grey = self.parent().palette().color(QPalette.ColorRole.PlaceholderText)
        if name == "★":
            return STAR if row.starred else grey
        if name == "State" and row.state in ("failed", "unreadable"):
            return self.parent().palette().color(FAULT)
        return grey if name in ("Device", "Seed", "Data", "Size") else None


class CellEditor(QStyledItemDelegate):
    """A line in the cell, named after its column."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        line = QLineEdit(parent, frame=False)
        name = index.model().headerData(index.column(), Qt.Orientation.Horizontal, 0)
        line.setAccessibleName(name)
        if COLUMNS[index.column()] == "Tags":
            line.setPlaceholderText(self.tr("words, with, commas"))
        return line


def headline(metrics: dict[str, float], count: int = 2) -> list[tuple[str, float]]:
    """The first metrics that have a value: methods declare the most telling ones first."""
    return [(k, v) for k, v in metrics.items() if v == v][:count]


def records_mime(paths: list[str]) -> QMimeData:
    """Records as they are dragged."""
    mime = QMimeData()
    mime.setData(MIME, json.dumps(paths).encode())
    return mime


def records_of(mime: QMimeData) -> list[str]:
    """The records that are dragged, empty where it is something else."""
    if not mime.hasFormat(MIME):
        return []
    try:
        return [str(path) for path in json.loads(bytes(mime.data(MIME).data()))]
    except (ValueError, TypeError):  # another program may say anything
        return []


def _result(row: Row) -> str:
    found = headline(row.metrics)
    return ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in found) or row.status


def _started(row: Row) -> str:
    return f"{datetime.fromisoformat(row.started).astimezone():%d %b %Y %H:%M}"


_TEXTS: dict[str, Callable[[Row], str]] = {
    "★": lambda row: "★" if row.starred else "☆",
    "Name": lambda row: row.title,
    "State": lambda row: state_text(row.state),
    "Result": _result,
    "Time": lambda row: "" if row.seconds is None else duration_text(row.seconds),
    "Device": lambda row: f"{row.device} {row.precision}",
    "Seed": lambda row: str(row.seed),
    "Started": _started,
    "Data": lambda row: row.data,
    "Tags": lambda row: ", ".join(row.tags),
    "Note": lambda row: row.notes,
    "Size": lambda row: bytes_text(row.size),
}
