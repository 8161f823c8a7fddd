"""All records of the workspace: searched, filtered, sorted, marked; opened, compared, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.flow import Flow
from ui.icons import icon
from ui.record_filter import RecordFilter
from ui.record_table import RecordTable
from ui.records_model import COLUMNS, RecordsModel
from workbench.catalogue import Catalogue
from workbench.listing import Row


class ResultsPane(QWidget):
    """A table of records, what narrows it down, and the buttons for the chosen ones."""

    open_wanted = Signal(str)  # record
    again_wanted = Signal(str)
    inspect_wanted = Signal(str)
    replay_wanted = Signal(str)
    compare_wanted = Signal(list)  # records
    start_wanted = Signal()
    failed = Signal(str, str)
    deleted = Signal(str, str)  # title, place in the bin
    renamed = Signal(str, str)  # record, title
    chosen = Signal(int)  # how many records are selected

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._reading = self._again = False
        self._choose = ""
        self._left = 0  # records whose files are still to be read
        self._writing: dict[str, dict[str, Any]] = {}  # changes that may not be on disk yet
        self._late: list[Row] | None = None  # came while a cell was being edited
        self.model = RecordsModel(self)
        self.table = RecordTable(self.model)
        self._buttons: dict[str, QToolButton] = {}
        self._tips: dict[str, str] = {}
        self._offered: list[QAction] = []
        self._connect_table()
        self._make_empty()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(self._bar())
        layout.addWidget(self._stack, 1)
        self.model.edited.connect(self.note)
        self.model.dropped.connect(self.compare_wanted)
        self._refresh()

    # --- building ------------------------------------------------------------------------------

    def _connect_table(self) -> None:
        table = self.table
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        table.itemDelegate().closeEditor.connect(self._edit_over)
        table.clicked.connect(self._clicked)
        table.doubleClicked.connect(self._double_clicked)
        table.selectionModel().selectionChanged.connect(lambda *_: self._selection_changed())
        for key, act in ((Qt.Key.Key_Return, self.open), (Qt.Key.Key_Delete, self.delete)):
            shortcut = QShortcut(QKeySequence(key), table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def _make_empty(self) -> None:
        self._why = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._why.setObjectName("hint")
        self._way = QPushButton()
        self._way.clicked.connect(self._take_way)
        empty = QWidget()
        inside = QVBoxLayout(empty)
        inside.addStretch(1)
        inside.addWidget(self._why)
        inside.addWidget(self._way, 0, Qt.AlignmentFlag.AlignCenter)
        inside.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.table)

    def _bar(self) -> Flow:
        tr = self.tr
        self.filter = RecordFilter()
        self.filter.changed.connect(self._filter)
        self._count = QLabel()
        self._count.setObjectName("hint")
        bar = Flow()
        bar.addWidget(self.filter)
        bar.addWidget(self._count)
        named = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for title, name, tip, act in (
            (tr("Open"), "open", tr("Look at the pictures of the record"), self.open),
            (tr("Compare"), "compare", tr("Set two or more records side by side"), self.compare),
            (tr("Run again"), "again", tr("Run again with the same settings and data"), self.again),
            (tr("Inspect"), "data", tr("Look into the file"), self.inspect),
            (tr("Delete"), "delete", tr("Move to the bin"), self.delete),
        ):
            button = QToolButton(text=title, autoRaise=True, toolTip=tip)
            button.setIcon(icon(name))
            if name in ("open", "compare"):
                button.setToolButtonStyle(named)
            button.clicked.connect(act)
            self._buttons[name], self._tips[name] = button, tip
            bar.addWidget(button)
        return bar

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.filter.tint()
            for name, button in self._buttons.items():
                button.setIcon(icon(name))

    # --- the list ------------------------------------------------------------------------------

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        self.reload()

    def offer(self, action: QAction) -> None:
        """Put a command of the window into the menu of the records."""
        self._offered.append(action)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These are the methods there are."""
        self.model.set_catalogue(catalogue)
        self.filter.set_catalogue(catalogue)

    def reload(self, choose: str = "") -> None:
        """Read the list of records again, and select one of them."""
        self._choose = choose or self._choose
        if self._bridge is None:
            return
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        self._bridge.call("runs", done=self._take, failed=self._not_read)

    def _take(self, found: tuple[list[Row], int]) -> None:
        rows, self._left = found
        self._reading = False
        if self._again or self._left:
            self.reload()
        rows = [row._replace(**self._writing.get(row.path, {})) for row in rows]
        if self.table.state() == QAbstractItemView.State.EditingState:
            self._late = rows
            return
        self._fill(rows)

    def _fill(self, rows: list[Row]) -> None:
        self._late = None
        self.model.set_rows(rows)
        if self._choose and not self._left:
            if self.model.row(self._choose) >= 0:  # else the filter hides it
                self.table.choose([self._choose])
            self._choose = ""
        self._refresh()

    def _edit_over(self, *_: object) -> None:
        if self._late is not None:
            self._fill([row._replace(**self._writing.get(row.path, {})) for row in self._late])

    def _not_read(self, text: str, detail: str) -> None:
        self._reading = False
        self.failed.emit(text, detail)
        self._refresh()

    def _filter(self) -> None:
        self.model.set_filter(self.filter.test())
        self._refresh()

    def _refresh(self) -> None:
        """Count, and where nothing is listed say why and what to do."""
        shown, count = self.model.rowCount(), len(self.model.rows())
        words = self.tr("1 record") if count == 1 else self.tr("{0} records")
        words = words if shown == count else self.tr("{1} of {0}")
        if self._left:
            words = self.tr("{1}, reading {2} more")
        self._count.setText(words.format(count, shown, self._left) if count else "")
        self._stack.setCurrentIndex(1 if shown else 0)
        reading = not count and (self._reading or self._bridge is None)
        if reading:
            self._why.setText(self.tr("Reading the records…"))
        elif count:
            self._why.setText(self.tr("None of the {0} records fits.").format(count))
            self._way.setText(self.tr("Show all"))
        else:
            self._why.setText(
                self.tr(
                    "Every run is kept here as an HDF5 file. There are none yet: choose a method "
                    "and press Run, or click an example."
                )
            )
            self._way.setText(self.tr("Show the examples"))
        self._way.setVisible(not reading)
        self._selection_changed()

    def _take_way(self) -> None:
        if self.model.rows():
            self.filter.clear()
        else:
            self.start_wanted.emit()

    # --- the chosen records --------------------------------------------------------------------

    def current(self) -> str:
        """Path of the chosen record, empty where there is none."""
        return self.table.current()

    def selected(self) -> list[str]:
        """Paths of the selected records, from top to bottom."""
        return self.table.selected()

    def choose(self, records: list[str]) -> None:
        """Select these records, as far as the filter shows them."""
        self.table.choose(records)

    def count(self) -> int:
        """How many records are selected."""
        return self.table.count()

    def open(self) -> None:
        """Look at the chosen record."""
        self._with_current(self.open_wanted.emit)

    def again(self) -> None:
        """Run the chosen record again."""
        self._with_current(self.again_wanted.emit)

    def inspect(self) -> None:
        """Look into the file of the chosen record."""
        self._with_current(self.inspect_wanted.emit)

    def replay(self) -> None:
        """Play the chosen record on a clock."""
        self._with_current(self.replay_wanted.emit)

    def compare(self) -> None:
        """Compare the selected records."""
        if len(self.selected()) > 1:
            self.compare_wanted.emit(self.selected())

    def delete(self) -> None:
        """Move the selected records to the bin."""
        for path in self.selected():
            self._delete(path, self.model.shown(self.model.row(path)).title)

    def restore(self, binned: str) -> None:
        """Take a record out of the bin again."""
        if self._bridge is not None:
            self._bridge.call(
                "restore", binned, done=lambda _: self.reload(), failed=self.failed.emit
            )

    def note(self, path: str, changes: dict[str, Any]) -> None:
        """Write title, tags, notes or star into a record; the list shows them at once."""
        if self._bridge is None:
            return
        self._writing[path] = {**self._writing.get(path, {}), **changes}
        self.model.change(path, changes)

        def written(_: Any) -> None:
            held = self._writing.get(path, {})
            if all(held.get(name) == value for name, value in changes.items()):
                left = {n: v for n, v in held.items() if n not in changes}
                self._writing[path] = left
            if "title" in changes:
                self.renamed.emit(path, changes["title"])

        def refused(text: str, detail: str) -> None:
            self._writing.pop(path, None)
            self.failed.emit(text, detail)
            self.reload()

        self._bridge.call("note", path, changes, done=written, failed=refused)

    def _delete(self, path: str, title: str) -> None:
        def moved(binned: str) -> None:
            self.deleted.emit(title, binned)
            self.reload()

        if self._bridge is not None:
            self._bridge.call("trash", path, done=moved, failed=self.failed.emit)

    def _with_current(self, act: Callable[[str], None]) -> None:
        if self.current():
            act(self.current())

    def _clicked(self, index: QModelIndex) -> None:
        if COLUMNS[index.column()] == "★":
            row = self.model.shown(index.row())
            self.note(row.path, {"starred": not row.starred})

    def _double_clicked(self, index: QModelIndex) -> None:
        name = COLUMNS[index.column()]
        if name in ("Tags", "Note"):
            self.table.edit(index)
        elif name != "★":
            self.open()

    def _open_menu(self, place: QPoint) -> None:
        if not self.selected():
            return
        tr, menu, several = self.tr, QMenu(self), len(self.selected()) > 1
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addAction(icon("open"), tr("Open"), self.open)
        menu.addAction(icon("compare"), tr("Compare"), self.compare).setEnabled(several)
        menu.addAction(icon("again"), tr("Run again"), self.again)
        menu.addAction(icon("data"), tr("Inspect"), self.inspect)
        menu.addAction(icon("replay"), tr("Replay…"), self.replay)
        menu.addActions(self._offered)
        menu.addSeparator()
        starred = all(self.model.shown(self.model.row(p)).starred for p in self.selected())
        title = tr("Remove star") if starred else tr("Star")
        menu.addAction(icon("star"), title, lambda: self._star(not starred))
        for title, name in (
            (tr("Rename"), "Name"),
            (tr("Edit tags"), "Tags"),
            (tr("Edit note"), "Note"),
        ):
            menu.addAction(title, lambda name=name: self._edit(name)).setEnabled(not several)
        menu.addSeparator()
        menu.addAction(icon("delete"), tr("Delete"), self.delete)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _star(self, on: bool) -> None:
        for path in self.selected():
            self.note(path, {"starred": on})

    def _edit(self, name: str) -> None:
        index = self.model.index(self.table.currentIndex().row(), COLUMNS.index(name))
        self.table.scrollTo(index)
        self.table.edit(index)

    def _selection_changed(self) -> None:
        count = self.count()
        for name, button in self._buttons.items():
            needed = 2 if name == "compare" else 1
            button.setEnabled(count >= needed)
            reason = self.tr("Select a record first") if needed == 1 else ""
            reason = reason or self.tr("Select two or more records first")
            button.setToolTip(self._tips[name] if count >= needed else reason)
        self.chosen.emit(count)
