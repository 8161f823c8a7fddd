"""The sweep in hand: a row for each run, averages over seeds, and a metric along a parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.figure_view import FigureView
from ui.run_view import RunView
from workbench.fields import Field
from workbench.jobs import Job
from workbench.sweep import Plan, shown, swept, value_of
from workbench.sweep_table import Row, as_csv, averages, figure, heads, metric_names

ID = Qt.ItemDataRole.UserRole


class SweepPane(QWidget):
    """Fills while the runs of a sweep end. A double click shows a run."""

    show_wanted = Signal(str)  # run id
    failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._fields: dict[str, Field] = {}
        self._rows: dict[str, Row] = {}
        self._table = QTableWidget()
        self._table.setAccessibleName(self.tr("Runs of the sweep"))
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self._table.verticalHeader().setDefaultSectionSize(24)
        self._table.verticalHeader().hide()
        self._average = QCheckBox(self.tr("Average over seeds"))
        self._metric, self._along = QComboBox(), QComboBox()
        self._metric.setAccessibleName(self.tr("Metric that is drawn"))
        self._along.setAccessibleName(self.tr("Parameter along which it is drawn"))
        self._copy = QPushButton(self.tr("Copy as CSV"))
        self._state = QLabel()
        self._state.setObjectName("hint")
        self.view = FigureView()
        self._split = QSplitter()
        self._split.addWidget(self._table)
        self._split.addWidget(self.view)
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

    def _build(self) -> None:
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._state, 1)
        row.addWidget(self._average)
        row.addWidget(self._copy)
        row.addSpacing(16)
        row.addWidget(self._metric)
        row.addWidget(QLabel(self.tr("along")))
        row.addWidget(self._along)
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

    def begin(self, jobs: Sequence[Job], known: Sequence[Field], plan: Plan) -> None:
        """A sweep starts."""
        first = jobs[0]
        self._fields = {n: swept(known, first.parameters, n) for n in plan.values}
        self._rows = {}
        for job in jobs:
            place = {n: value_of(job.parameters, known, n) for n in plan.values}
            self._rows[job.id] = Row(place, job.seed, "queued", {})
        self._average.setVisible(plan.seeds > 1)
        self._average.setChecked(plan.seeds > 1)
        for combo, names in (
            (self._metric, ()),
            (self._along, [n for n, f in self._fields.items() if f.kind in ("int", "float")]),
        ):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(names)
            combo.blockSignals(False)
        self._empty.hide()
        self._tools.show()
        self._split.show()
        self._fill()

    def update_run(self, run: RunView) -> None:
        """A run has another state; where it has a record, its metrics are read."""
        if run.id not in self._rows or self._bridge is None:
            return
        row = self._rows[run.id]
        self._rows[run.id] = Row(row.place, row.seed, run.state, row.metrics)
        self._soon.start()
        if run.record:
            self._bridge.call(
                "summary",
                run.record,
                done=lambda found, id=run.id: self._take(id, found),
                failed=self.failed.emit,
            )

    def _take(self, id: str, found: tuple) -> None:
        info, metrics, _ = found
        if id in self._rows and info.state != "failed":
            row = self._rows[id]
            numbers = {"seconds": info.seconds or math.nan, **metrics}
            self._rows[id] = Row(row.place, row.seed, row.state, numbers)
            self._soon.start()

    def _fill(self) -> None:
        rows = list(self._rows.values())
        names = metric_names(rows)
        self._offer(names)
        over = sum(row.state not in ("queued", "running", "paused") for row in rows)
        self._state.setText(self.tr("{0} of {1} runs").format(over, len(rows)))
        averaged = self._average.isChecked()
        varied = [f.symbol or n for n, f in self._fields.items()]
        last = self.tr("Runs") if averaged else self.tr("Seed")
        head = [*varied, last, *([] if averaged else [self.tr("State")]), *heads(rows)]
        self._table.setColumnCount(len(head))
        self._table.setHorizontalHeaderLabels(head)
        lines = self._averages(names) if averaged else self._runs(names)
        self._table.setRowCount(len(lines))
        for i, (id, cells) in enumerate(lines):
            for j, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setData(ID, id)
                self._table.setItem(i, j, item)
        self._table.resizeColumnsToContents()
        self._draw()

    def _runs(self, names: Sequence[str]) -> list[tuple[str, list[str]]]:
        return [
            (
                id,
                [
                    *(shown(v) for v in row.place.values()),
                    str(row.seed),
                    row.state,
                    *(_number(row.metrics.get(name)) for name in names),
                ],
            )
            for id, row in self._rows.items()
        ]

    def _averages(self, names: Sequence[str]) -> list[tuple[str, list[str]]]:
        lines = []
        for average in averages(list(self._rows.values())):
            cells = [*(shown(v) for v in average.place.values()), str(average.count)]
            for name in names:
                spread = average.spread.get(name, math.nan)
                more = f" ± {spread:.2g}" if spread > 0 else ""
                cells.append(_number(average.mean.get(name)) + more)
            lines.append(("", cells))
        return lines

    def _offer(self, names: Sequence[str]) -> None:
        have = [self._metric.itemText(i) for i in range(self._metric.count())]
        if list(names) == have:
            return
        keep = self._metric.currentText()
        self._metric.blockSignals(True)
        self._metric.clear()
        self._metric.addItems(list(names))
        # The first number is the time; what the method is about comes next.
        self._metric.setCurrentIndex(names.index(keep) if keep in names else min(1, len(names) - 1))
        self._metric.blockSignals(False)

    def _draw(self) -> None:
        along = self._along.currentText()
        log = bool(along) and self._fields[along].log
        drawn = figure(list(self._rows.values()), self._metric.currentText(), along, log)
        self.view.setVisible(drawn is not None)
        if drawn is not None:
            self.view.set_figure(drawn)

    def _open(self, item: QTableWidgetItem) -> None:
        if item.data(ID):
            self.show_wanted.emit(item.data(ID))

    def _copy_csv(self) -> None:
        QGuiApplication.clipboard().setText(as_csv(list(self._rows.values())))


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.6g}"
