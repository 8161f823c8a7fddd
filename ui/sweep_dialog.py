"""Run over several values: which parameters vary, over what, and with how many seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.catalogue import MetricCard
from workbench.fields import Field
from workbench.jobs import Job
from workbench.search import INSTALL, missing
from workbench.sweep import MOST, TRIALS, Plan, shown, sweepable, value_of
from workbench.sweep_table import SECONDS
from workbench.words import duration_text

ASK_AFTER_MS = 200
WAYS = (
    (QT_TRANSLATE_NOOP("SweepDialog", "All combinations"), "grid"),
    (QT_TRANSLATE_NOOP("SweepDialog", "Evenly scattered places (Sobol)"), "sobol"),
    (QT_TRANSLATE_NOOP("SweepDialog", "Random places"), "random"),
    (QT_TRANSLATE_NOOP("SweepDialog", "Search for the best place (Optuna)"), "search"),
)
SIDES = (
    (QT_TRANSLATE_NOOP("SweepDialog", "Lower is better"), "lower"),
    (QT_TRANSLATE_NOOP("SweepDialog", "Higher is better"), "higher"),
)


class SweepDialog(QDialog):
    """Emits `asked(plan)` after each change; told the jobs, it offers to run them."""

    asked = Signal(object)  # Plan
    wanted = Signal(object, object)  # Plan, list of Job

    def __init__(
        self,
        job: Job,
        known: Sequence[Field],
        metrics: Sequence[MetricCard],
        seconds: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._seconds = seconds
        self._fields = sweepable(known, job.parameters)
        self.setWindowTitle(self.tr("Run over several values"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._table = QTableWidget(len(self._fields), 3)
        self._fill([value_of(job.parameters, known, f.name) for f in self._fields])
        self._way = QComboBox()
        for title, kind in WAYS:
            self._way.addItem(self.tr(title), kind)
        self._points = QSpinBox(minimum=1, maximum=MOST, value=16)
        self._trials = QSpinBox(minimum=1, maximum=MOST, value=TRIALS)
        self._trials.setSuffix(self.tr(" places"))
        self._trials.setToolTip(self.tr("The first ten are drawn by chance"))
        self._metric, self._better = QComboBox(), QComboBox()
        for title, side in SIDES:
            self._better.addItem(self.tr(title), side)
        self._better.setPlaceholderText(self.tr("Which way is better?"))
        self._offer(metrics)
        self._seeds = QSpinBox(minimum=1, maximum=1000, value=1)
        self._seeds.setToolTip(self.tr("Each place is run with this many seeds, for averages"))
        form = QFormLayout()
        form.addRow(self.tr("&Take"), self._way)
        self._grey_search(form)
        form.addRow(self.tr("&Places"), self._points)
        form.addRow(self.tr("&Metric"), self._metric)
        form.addRow(self.tr("&Better"), self._better)
        form.addRow(self.tr("&At most"), self._trials)
        form.addRow(self.tr("&Seeds"), self._seeds)
        self._form = form
        hint = QLabel(
            self.tr("Values as 0.1, 0.5 or as a range 0.1:1:5 of five. Empty: it stays as it is.")
        )
        hint.setObjectName("hint")
        self._state = QLabel(wordWrap=True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._run = self._buttons.addButton(self.tr("Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addWidget(self._table, 1)
        layout.addLayout(form)
        layout.addWidget(self._state)
        layout.addWidget(self._buttons)
        self._timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._timer.timeout.connect(lambda: self.asked.emit(self.plan()))
        self._table.itemChanged.connect(lambda _: self._changed())
        self._metric.currentIndexChanged.connect(lambda _: self._preset())
        for combo in (self._way, self._metric, self._better):
            combo.currentIndexChanged.connect(lambda _: self._changed())
        for spin in (self._points, self._trials, self._seeds):
            spin.valueChanged.connect(lambda _: self._changed())
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.resize(560, 480)
        self._table.setCurrentCell(0, 2)
        self._changed()

    def plan(self) -> Plan:
        """What is typed now."""
        texts = {
            field.name: self._table.item(row, 2).text()
            for row, field in enumerate(self._fields)
            if self._table.item(row, 2).text().strip()
        }
        kind, seeds = self._way.currentData(), self._seeds.value()
        if kind == "search":
            goal = self._metric.currentData(), self._better.currentData() or ""
            return Plan(texts, kind, self._trials.value(), seeds, *goal)
        return Plan(texts, kind, self._points.value(), seeds)

    def show_jobs(self, plan: Plan, jobs: list[Job]) -> None:
        """These are the runs of a plan."""
        if plan != self.plan():
            return
        self._jobs = jobs
        search = plan.kind == "search"
        count = plan.points * plan.seeds if search else len(jobs)
        one = count == 1
        text = (self.tr("At most {0} runs") if search else self.tr("{0} runs")).format(count)
        if one:
            text = self.tr("One run; give further values or seeds.")
        elif self._seconds:
            text += self.tr(", about {0}").format(duration_text(self._seconds * count))
        self._say(text, "hint", ready=not one)
        if not one:
            label = self.tr("Search") if search else self.tr("Run {0}").format(count)
            self._run.setText(label)

    def show_fault(self, plan: Plan, text: str) -> None:
        """The plan cannot be carried out."""
        if plan == self.plan():
            self._say(text, "fault", ready=False)

    def accept(self) -> None:
        self.wanted.emit(self.plan(), self._jobs)
        super().accept()

    def _fill(self, values: Sequence[Any]) -> None:
        tr = self.tr
        self._table.setHorizontalHeaderLabels([tr("Parameter"), tr("Now"), tr("Values")])
        self._table.verticalHeader().hide()
        self._table.setAccessibleName(tr("Parameters that can vary"))
        for row, (field, value) in enumerate(zip(self._fields, values, strict=True)):
            symbol = f"{field.symbol}  " if field.symbol and field.symbol != field.name else ""
            cells = (f"{symbol}{field.name}", tr("automatic") if value is None else shown(value))
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                item.setToolTip(f"{field.meaning} ({field.limits_text()})".replace(" ()", ""))
                self._table.setItem(row, column, item)
            self._table.setItem(row, 2, QTableWidgetItem(""))
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._table.verticalHeader().setDefaultSectionSize(26)
        self._table.setTabKeyNavigation(False)

    def _grey_search(self, form: QFormLayout) -> None:
        """Where Optuna is not installed there is no search, and a line says how to get one."""
        if missing():
            self._way.model().item(self._way.findData("search")).setEnabled(False)
            text = self.tr("A search for the best place needs Optuna: {0}").format(INSTALL)
            hint = QLabel(text, wordWrap=True, objectName="hint")
            hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow("", hint)

    def _offer(self, metrics: Sequence[MetricCard]) -> None:
        """The metrics and the time of a run; at first the one that has a direction."""
        seconds = MetricCard(SECONDS, self.tr("time of the run"), "s", "lower")
        self._metrics = {metric.name: metric for metric in (*metrics, seconds)}
        for row, metric in enumerate(self._metrics.values()):
            self._metric.addItem(metric.name.replace("_", " "), metric.name)
            self._metric.setItemData(row, metric.help, Qt.ItemDataRole.ToolTipRole)
        first = next(name for name, metric in self._metrics.items() if metric.better)
        self._metric.setCurrentIndex(self._metric.findData(first))
        self._preset()

    def _preset(self) -> None:
        """The direction that the metric declares; where it has none people choose."""
        metric = self._metrics[self._metric.currentData()]
        self._metric.setToolTip(metric.help)
        self._better.setCurrentIndex(self._better.findData(metric.better))

    def _changed(self) -> None:
        kind = self._way.currentData()
        self._form.setRowVisible(self._points, kind in ("sobol", "random"))
        for part in (self._metric, self._better, self._trials):
            self._form.setRowVisible(part, kind == "search")
        self._say(self._wish(), "hint", False)
        plan = self.plan()
        if kind == "search":
            ready = bool(plan.values and plan.better)
        else:
            ready = bool(plan.values) or plan.seeds > 1
        if ready:
            self._timer.start()

    def _wish(self) -> str:
        """What is still to be said."""
        if self._way.currentData() != "search":
            return self.tr("Type values for at least one parameter, or more seeds.")
        if self._better.currentIndex() < 0:
            return self.tr("Say whether lower or higher is better.")
        return self.tr("Type the range of at least one parameter, such as 0.01:1.")

    def _say(self, text: str, look: str, ready: bool) -> None:
        self._state.setObjectName(look)
        self._state.style().polish(self._state)
        self._state.setText(text)
        self._run.setText(self.tr("Run"))
        self._run.setEnabled(ready)
