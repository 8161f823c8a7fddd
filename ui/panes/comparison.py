"""Several runs side by side: a table of what differs, and their figures in one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Figure
from ui.bridge import Bridge
from ui.difference_table import Table, cells
from ui.elided import ElidedLabel, Modest
from ui.figure_view import FigureView
from ui.flow import Flow
from ui.icons import icon
from ui.parallel_part import ParallelPart
from ui.record_drops import RecordDrops
from ui.seeds_part import SeedsPart
from ui.tools.modes import BESIDE, DIFFERENCE, ModeBar, chosen, stacked, subtracted
from ui.tools.swipe import Swipe
from workbench.compare import MOST, Comparison
from workbench.juxtapose import Pair
from workbench.parallel import LEAST, Sheet, table_of

SEEDS, PARALLEL = ":seeds", ":parallel"  # parts that are no figures of records


class ComparisonPage(QWidget):
    """A table and a tab for each figure that at least two of the runs have."""

    ready = Signal()  # something to show
    closed = Signal()
    export_wanted = Signal()
    hovered = Signal(str)
    picture_changed = Signal()
    failed = Signal(str, str)
    repeat_wanted = Signal(list, list)  # records, jobs with further seeds
    open_wanted = Signal(str)  # record
    brushed = Signal(list)  # records within the intervals of parallel axes; all where none is

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._shown: Comparison | None = None
        self._figures: dict[str, Figure] = {}
        self._pairs: dict[str, tuple[Pair, ...]] = {}
        self._asked: tuple[str, ...] = ()
        self._seen = ""  # name of the figure on show
        self._make_head()
        self._tabs = QTabBar(expanding=False, drawBase=False)
        self._tabs.setAccessibleName(self.tr("Parts of the comparison"))
        self._tabs.currentChanged.connect(lambda _: self._show())
        self.table = Table()
        self.table.setAccessibleName(self.tr("What differs"))
        self.table.setTabKeyNavigation(False)  # Tab leaves the table
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.view = FigureView()
        self.modes, self.swipe = ModeBar(), Swipe(self.view)
        self.modes.changed.connect(self._show_figure)
        self.view.hovered.connect(self.hovered)
        self._waiting = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._waiting.setObjectName("hint")
        self._stack = QStackedWidget()
        self.seeds, self.parallel = SeedsPart(), ParallelPart()
        for part in (self.table, self.view, self._waiting, self.seeds, self.parallel):
            self._stack.addWidget(part)
        self._connect_parts()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(self._head)
        row = Flow()
        self._tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self._tabs)
        row.addWidget(self.modes)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)
        RecordDrops(self).dropped.connect(self.add)

    def _make_head(self) -> None:
        title = QLabel(self.tr("Comparison"))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self._names = ElidedLabel()
        self._names.setObjectName("hint")
        against = self._against = QLabel(self.tr("Differences from"))
        self._first = Modest()
        self._first.setAccessibleName(self.tr("Differences from"))
        self._first.setToolTip(self.tr("The run that is subtracted from the others"))
        self._first.setMaximumWidth(240)
        self._first.activated.connect(self._put_first)
        against.setBuddy(self._first)
        export = self._export = QToolButton(text=self.tr("Export…"), autoRaise=True)
        export.setIcon(icon("export"))
        export.setToolTip(self.tr("The table as CSV, or the figure on paper"))
        export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        export.clicked.connect(self.export_wanted)
        close = QToolButton(text="✕", autoRaise=True)
        close.setAccessibleName(self.tr("Close the comparison"))
        close.setToolTip(self.tr("Back to the pictures of the run"))
        close.clicked.connect(self.closed)
        row = Flow()
        self._names.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for part in (title, self._names, against, self._first, export):
            row.addWidget(part)
        self._head = QHBoxLayout()
        self._head.addLayout(row, 1)
        self._head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)  # its corner, however they wrap

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._export.setIcon(icon("export"))

    def _connect_parts(self) -> None:
        self.seeds.repeat_wanted.connect(self._repeat)
        self.seeds.failed.connect(self.failed)
        self.seeds.picked.connect(lambda runs: self.open_wanted.emit(runs[0]))
        self.parallel.opened.connect(self.open_wanted)
        self.parallel.hovered.connect(self.hovered)
        self.parallel.brushed.connect(self._brush)

    def _repeat(self) -> None:
        records = self.records
        if self._bridge is not None:
            self._bridge.call(
                "repetitions",
                records,
                done=lambda jobs: self.repeat_wanted.emit(records, jobs),
                failed=self.failed.emit,
            )

    def _brush(self, records: list[str]) -> None:
        """Mark the columns of the table too."""
        chosen = set(records)
        for i, record in enumerate(self.records if self._wide() else (), 1):
            font = QFont(self.table.horizontalHeader().font())
            font.setBold(record in chosen)
            self.table.horizontalHeaderItem(i).setFont(font)
        self.brushed.emit(records or self.records)

    def _wide(self) -> bool:
        """Whether the runs are few enough for a column each."""
        return self._shown is not None and len(self._shown.records) <= MOST

    # --- what is compared ----------------------------------------------------------------------

    @property
    def records(self) -> list[str]:
        """The records on show; the first one is subtracted from the others."""
        return list(self._shown.records) if self._shown else []

    @property
    def drawn(self) -> list[str]:
        """The records that pictures show."""
        return list(self._shown.drawn()) if self._shown else []

    def statistics(self) -> str:
        """Means over seeds and what was tested, as CSV."""
        return self.seeds.csv()

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        self.seeds.attach(bridge)

    def compare(self, records: list[str], name: str | None = None) -> None:
        """Set these records side by side, with the part of that name first.

        Without a name it is the table, or the means where groups of seeds are compared.
        """
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

    def _take(self, found: Comparison, name: str | None) -> None:
        self._shown, self._figures, self._pairs = found, {}, {}
        self._names.setText("  ·  ".join(found.labels))
        self._first.clear()
        self._first.addItems(list(found.labels))
        if self._wide():
            self._fill(found)
        self.seeds.show_groups(found.groups)
        if len(found.records) >= LEAST:
            self.parallel.set_table(table_of(found))
        self._offer(found, name)
        self._show()
        self.ready.emit()

    def _offer(self, found: Comparison, name: str | None) -> None:
        """A tab for each part."""
        parts = [(self.tr("Table"), "")] if self._wide() else []
        seeds = [(self.tr("Over seeds"), SEEDS)]
        repeated = found.groups.repeated()
        parts += seeds if repeated else []
        parts += [(self.tr("Parallel"), PARALLEL)] if len(found.records) >= LEAST else []
        parts += [(n.replace("_", " ").capitalize(), n) for n in found.figures]
        parts += [] if repeated else seeds
        if name is None and repeated and len(found.groups.groups) > 1:
            name = SEEDS
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for text, data in parts:
            self._tabs.setTabData(self._tabs.addTab(text), data)
        names = [data for _, data in parts]
        self._tabs.setCurrentIndex(names.index(name) if name in names else 0)
        self._tabs.blockSignals(False)

    # --- figures -------------------------------------------------------------------------------

    def figure_name(self) -> str:
        """Name of the figure on show, SEEDS or PARALLEL, empty for the table."""
        index = self._tabs.currentIndex()
        return self._tabs.tabData(index) if index >= 0 else ""

    def shown_figure(self) -> Figure | None:
        """The figure on show."""
        if self.figure_name() == PARALLEL:
            sheet = self.sheet()
            return sheet.figure() if sheet else None
        return self._figures.get(self.figure_name())

    def sheet(self) -> Sheet | None:
        """The parallel axes as they are on show."""
        return self.parallel.sheet(self.tr("Runs compared"))

    def _show(self) -> None:
        name = self.figure_name()
        self.modes.offer(self._pairs.get(name, ()))
        for part in (self._against, self._first):
            part.setVisible(name not in (SEEDS, PARALLEL))
        own = {"": self.table, SEEDS: self.seeds, PARALLEL: self.parallel}
        if name in own:
            self._stack.setCurrentWidget(own[name])
        elif self.shown_figure() is not None:
            self._show_figure()
            self._stack.setCurrentWidget(self.view)
        else:
            self._explain(self.tr("Reading the records…"))
            self._read(name)
        self.picture_changed.emit()

    def _show_figure(self) -> None:
        """The figure as a whole, or two of its images in the way that was chosen."""
        figure = self.shown_figure()
        if figure is None:
            return
        mode, frame = self.modes.mode(), self.view.movie.frame()
        name = self.figure_name()
        pairs = chosen(self._pairs.get(name, ()), self.modes.other.currentText())
        same = self._seen == name
        self._seen = name
        self.swipe.end()
        if mode == BESIDE or not pairs:
            self.view.set_figure(figure)
        elif mode == DIFFERENCE:
            self.view.set_figure(subtracted(figure, pairs))
        else:
            self.view.set_figure(stacked(figure, pairs))
            counts = [len(figure.panels[pair.first].marks) for pair in pairs]
            self.swipe.begin(mode, counts, pairs[0].labels)
        if same:
            self.view.movie.slider.setValue(frame)

    def _read(self, name: str) -> None:
        found = self._shown
        if found is None or self._bridge is None:
            return

        def read(made: tuple[Figure, tuple[Pair, ...]]) -> None:
            if self._shown is found:
                self._figures[name], self._pairs[name] = made
                if self.figure_name() == name:
                    self._show()

        def failed(text: str, detail: str) -> None:
            if self._shown is found and self.figure_name() == name:
                self._explain(text)
            self.failed.emit(text, detail)

        self._bridge.call("compared", list(found.drawn()), name, done=read, failed=failed)

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
                self._add_row(cells(row))
            if not rows:
                self._add_row([empty])
        for i, head in enumerate(found.heads(), 1):
            table.horizontalHeaderItem(i).setToolTip(head)
        table.fit()

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
