"""The sweep in hand: a row for each run, averages over seeds, and a metric along a parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.elided import Modest
from ui.figure_view import FigureView
from ui.flow import Flow
from ui.parallel_part import ParallelPart
from ui.run_view import RunView
from ui.seeds_part import SeedsPart
from ui.words import state_text
from workbench.fields import Field
from workbench.jobs import Job
from workbench.sweep import Plan, shown, swept, value_of
from workbench.sweep_table import (
    SECONDS,
    Average,
    Row,
    as_csv,
    best,
    figure,
    groups,
    heads,
    lines,
    metric_names,
    search_figure,
)

ID = Qt.ItemDataRole.UserRole


class SweepPane(QWidget):
    """Fills while the runs of a sweep end. A double click shows a run."""

    show_wanted = Signal(str)  # run id
    repeat_wanted = Signal()
    stop_wanted = Signal()  # of a search
    ended = Signal(str)  # run id; its numbers are in the table, where it has any
    brushed = Signal(list)  # records within the intervals of parallel axes
    failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._fields: dict[str, Field] = {}
        self._rows: dict[str, Row] = {}
        self._records: dict[str, str] = {}  # by run id
        self._over: set[str] = set()  # runs that `ended`
        self._plan = Plan({})
        self._searching = False
        self._best: dict[str, object] = {}  # place
        self._items: dict[tuple[int, int], QTableWidgetItem] = {}
        self._table = QTableWidget()
        self._table.setAccessibleName(self.tr("Runs of the sweep"))
        self._table.setTabKeyNavigation(False)  # Tab leaves the table
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self._table.verticalHeader().setDefaultSectionSize(24)
        self._table.verticalHeader().hide()
        self._average = QCheckBox(self.tr("Average over seeds"))
        self._metric, self._along = Modest(), Modest()
        self._metric.setAccessibleName(self.tr("Metric that is drawn"))
        self._along.setAccessibleName(self.tr("Parameter along which it is drawn"))
        self._parallel = QCheckBox(self.tr("Parallel axes"))
        self._parallel.setToolTip(
            self.tr("Draw every run across one axis for each parameter and metric")
        )
        self._copy = QPushButton(self.tr("Copy as CSV"))
        self._stop = QPushButton(self.tr("Stop the search"))
        self._stop.setToolTip(self.tr("End it with the run that goes on; what it found stays"))
        self._stop.clicked.connect(self.stop_wanted)
        self._state = QLabel()
        self._state.setObjectName("hint")
        self.view = FigureView()
        self._split = QSplitter()
        self.seeds, self.parallel = SeedsPart(), ParallelPart()
        self._tables, self._pictures = QStackedWidget(), QStackedWidget()
        for stack, parts in (
            (self._tables, (self._table, self.seeds)),
            (self._pictures, (self.view, self.parallel)),
        ):
            for part in parts:
                stack.addWidget(part)
            self._split.addWidget(stack)
        self._split.setSizes([600, 400])
        self._empty = QLabel(
            self.tr("No sweep yet. Run › Run over several values… starts one."),
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self._empty.setObjectName("hint")
        self._tools = QWidget()
        self._build()
        self._soon = QTimer(self, singleShot=True, interval=100)  # many rows change at once
        self._soon.timeout.connect(self._fill)
        self._average.toggled.connect(lambda _: self._fill())
        self._copy.clicked.connect(self._copy_csv)
        for combo in (self._metric, self._along):
            combo.currentIndexChanged.connect(lambda _: self._draw())
        self._table.itemDoubleClicked.connect(self._open)
        self._parallel.toggled.connect(lambda _: self._draw())
        self.seeds.failed.connect(self.failed)
        self.seeds.repeat_wanted.connect(self.repeat_wanted)
        self.seeds.picked.connect(lambda runs: self.show_wanted.emit(runs[0]))
        self.parallel.opened.connect(self.show_wanted)
        self.parallel.brushed.connect(self._brush)

    def _build(self) -> None:
        row, along = Flow(self._tools), QLabel(self.tr("along"))
        chosen = (self._metric, along, self._along, self._parallel)
        for part in (self._state, self._stop, self._average, self._copy, *chosen):
            row.addWidget(part)
        self._state.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._empty.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._tools)
        layout.addWidget(self._split, 1)
        self._tools.hide()
        self._split.hide()

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk."""
        self._bridge = bridge
        self.seeds.attach(bridge)

    def begin(self, jobs: Sequence[Job], known: Sequence[Field], plan: Plan) -> None:
        """A sweep starts."""
        first = jobs[0]
        self._fields = {n: swept(known, first.parameters, n) for n in plan.values}
        self._rows = {}
        self._records = {}
        self._over = set()
        self._plan = plan
        self._take_jobs(jobs, known, plan)
        self._average.setChecked(plan.seeds > 1)
        self._searching = plan.kind == "search"
        self._stop.setVisible(self._searching)
        for combo in (self._metric, self._along):
            combo.blockSignals(True)
            combo.clear()
        if plan.kind == "search":
            self._along.addItem(self.tr("the search"), "")
        for name, field in self._fields.items():
            if field.kind in ("int", "float"):
                self._along.addItem(name, name)
        for combo in (self._metric, self._along):
            combo.blockSignals(False)
        self._empty.hide()
        self._tools.show()
        self._split.show()
        self._fill()

    def extend(self, jobs: Sequence[Job], known: Sequence[Field], plan: Plan) -> None:
        """Further runs of the same sweep."""
        self._take_jobs(jobs, known, plan)
        self._fill()

    def end_search(self) -> None:
        """No further runs will come."""
        self._searching = False
        self._stop.hide()
        self._fill()

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """What is known of some runs."""
        return [self._rows[id] for id in ids]

    def goes_on(self, id: str) -> bool:
        """Whether more will be known of a run."""
        return id not in self._over

    def _take_jobs(self, jobs: Sequence[Job], known: Sequence[Field], plan: Plan) -> None:
        for job in jobs:
            place = {n: value_of(job.parameters, known, n) for n in plan.values}
            self._rows[job.id] = Row(place, job.seed, "queued", {})

    def update_run(self, run: RunView) -> None:
        """A run has another state; where it has a record, its metrics are read."""
        if run.id not in self._rows or self._bridge is None:
            return
        row = self._rows[run.id]
        self._rows[run.id] = Row(row.place, row.seed, run.state, row.metrics)
        self._soon.start()
        if run.record:
            self._records[run.id] = run.record
            self._bridge.call(
                "summary",
                run.record,
                done=lambda found, id=run.id: self._take(id, found),
                failed=lambda *why, id=run.id: self._lack(id, *why),
            )
        elif run.over:
            self._end(run.id)

    def _take(self, id: str, found: tuple) -> None:
        info, metrics, _ = found
        if id in self._rows and info.state != "failed":
            row = self._rows[id]
            numbers = {SECONDS: info.seconds or math.nan, **metrics}
            self._rows[id] = Row(row.place, row.seed, row.state, numbers)
            self._soon.start()
        self._end(id)

    def _lack(self, id: str, text: str, detail: str) -> None:
        """The record of a run cannot be read."""
        self.failed.emit(text, detail)
        self._end(id)

    def _end(self, id: str) -> None:
        if id in self._rows:
            self._over.add(id)
            self.ended.emit(id)

    def _fill(self) -> None:
        rows = list(self._rows.values())
        names = metric_names(rows)
        self._offer(names)
        top = best(rows, self._plan.metric, self._plan.better) if self._plan.better else None
        self._state.setText(self._progress(rows, top))
        averaged = self._average.isChecked()
        self._tables.setCurrentIndex(1 if averaged else 0)
        if averaged:
            self.seeds.show_groups(groups(self._rows))
        varied = [f.symbol or n for n, f in self._fields.items()]
        head = [*varied, self.tr("Seed"), self.tr("State"), *heads(rows)]
        self._table.setColumnCount(len(head))
        self._table.setHorizontalHeaderLabels(head)
        self._table.setRowCount(len(rows))
        self._items = {
            (i, j): item for (i, j), item in self._items.items() if i < len(rows) and j < len(head)
        }
        for i, (id, row) in enumerate(self._rows.items()):
            marked = top is not None and row.place == top.place
            for j, text in enumerate(self._cells(row, names, marked)):
                self._put(i, j, text, id, marked)
        self._table.resizeColumnsToContents()
        self._follow(top)
        self._draw()

    def _put(self, row: int, column: int, text: str, id: str, marked: bool) -> None:
        """Items stay what they are while the table fills: most of them have nothing new to say."""
        item = self._items.get((row, column))
        if item is None:
            item = self._items[row, column] = QTableWidgetItem()
            self._table.setItem(row, column, item)
        if item.data(ID) != id:
            item.setData(ID, id)
        if item.text() != text:
            item.setText(text)
        if item.font().bold() != marked:
            font = QFont(self._table.font())
            font.setBold(marked)
            item.setFont(font)

    def _follow(self, top: Average | None) -> None:
        """Bring the best place into sight when it is a new one, and tell it in words."""
        place = dict(top.place) if top else {}
        if place != self._best:
            self._best = place
            self._state.setToolTip(", ".join(f"{n} = {shown(v)}" for n, v in place.items()))
            rows = [i for i, row in enumerate(self._rows.values()) if row.place == place]
            if rows:
                self._table.scrollToItem(self._items[rows[0], 0])

    def _cells(self, row: Row, names: Sequence[str], marked: bool) -> list[str]:
        state = state_text(row.state)
        return [
            *(shown(v) for v in row.place.values()),
            str(row.seed),
            self.tr("{0}, best").format(state) if marked and row.state == "done" else state,
            *(_number(row.metrics.get(name)) for name in names),
        ]

    def _progress(self, rows: Sequence[Row], top: Average | None) -> str:
        """How many runs ended, and what is the best of them in a search."""
        over = sum(row.state not in ("queued", "running", "paused") for row in rows)
        most = self._plan.points * self._plan.seeds if self._searching else 0
        text = self.tr("{0} of {1} runs").format(over, max(most, len(rows)))
        if top is None:
            return text
        metric, value = self._plan.metric, top.mean[self._plan.metric]
        words = self.tr("{0}, best {1} = {2}")
        return words.format(text, metric.replace("_", " "), _number(value))

    def _offer(self, names: Sequence[str]) -> None:
        have = [self._metric.itemText(i) for i in range(self._metric.count())]
        if list(names) == have:
            return
        keep = self._metric.currentText() or self._plan.metric
        self._metric.blockSignals(True)
        self._metric.clear()
        self._metric.addItems(list(names))
        # The first number is the time; what the method is about comes next.
        self._metric.setCurrentIndex(names.index(keep) if keep in names else min(1, len(names) - 1))
        self._metric.blockSignals(False)

    def _draw(self) -> None:
        self._pictures.setCurrentIndex(1 if self._parallel.isChecked() else 0)
        if self._parallel.isChecked():
            self.parallel.set_table(lines(self._rows, self._titles()))
            return
        along, metric = self._along.currentData(), self._metric.currentText()
        rows = list(self._rows.values())
        if along == "":
            better = self._plan.better if metric == self._plan.metric else ""
            drawn = search_figure(rows, metric, better)
        else:
            log = along is not None and self._fields[along].log
            drawn = figure(rows, metric, along or "", log)
        self.view.setVisible(drawn is not None)
        if drawn is not None:
            self.view.set_figure(drawn)

    def _titles(self) -> list[str]:
        """What distinguishes each run."""
        return [
            ", ".join([*(f"{n} = {shown(v)}" for n, v in row.place.items()), f"seed {row.seed}"])
            for row in self._rows.values()
        ]

    def _brush(self, ids: list[str]) -> None:
        """Select the rows of these runs, here and in the list of records."""
        chosen, model = set(ids), self._table.selectionModel()
        model.clearSelection()
        flags = model.SelectionFlag
        for i, id in enumerate(self._rows):
            if id in chosen:
                model.select(self._table.model().index(i, 0), flags.Select | flags.Rows)
        self.brushed.emit([self._records[id] for id in ids if id in self._records])

    def _open(self, item: QTableWidgetItem) -> None:
        if item.data(ID):
            self.show_wanted.emit(item.data(ID))

    def _copy_csv(self) -> None:
        averaged = self._average.isChecked()
        text = self.seeds.csv() if averaged else as_csv(list(self._rows.values()))
        QGuiApplication.clipboard().setText(text)


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.6g}"
