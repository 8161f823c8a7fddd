"""From selected or dragged records to the page that compares them, and back."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from ui.panes.comparison import SEEDS, ComparisonPage
from ui.panes.plots import PlotsPane
from ui.panes.results import ResultsPane
from ui.record_drops import RecordDrops
from ui.run_control import RunControl
from ui.run_view import RunView
from workbench.jobs import Job


class CompareControl(QObject):
    """Brings the page into sight when it has something to show."""

    def __init__(
        self,
        centre: QStackedWidget,
        page: ComparisonPage,
        plots: PlotsPane,
        results: ResultsPane,
        runs: RunControl,
    ) -> None:
        super().__init__(centre)
        self._page, self._plots, self._runs = page, plots, runs
        self._centre, self._results = centre, results
        self._repeated: list[str] = []  # records that wait for others with further seeds
        self._waiting: set[str] = set()  # ids of these runs
        self._found: list[str] = []
        results.compare_wanted.connect(lambda records: page.compare(records))
        results.renamed.connect(plots.rename)
        RecordDrops(plots).dropped.connect(self._dropped_on_plots)
        page.ready.connect(lambda: centre.setCurrentWidget(page))
        page.closed.connect(lambda: centre.setCurrentWidget(plots))
        page.open_wanted.connect(lambda record: runs.open_record(record))
        page.brushed.connect(results.choose)
        page.repeat_wanted.connect(self._repeat)
        runs.moved.connect(self._moved)

    def add(self) -> None:
        """What dropping the selected records on the picture in the middle does."""
        records = self._results.selected()
        if self._centre.currentWidget() is self._page and records:
            self._page.add(records)
        elif records:
            self._dropped_on_plots(records)

    def _repeat(self, records: list[str], jobs: list[Job]) -> None:
        """Run with further seeds; the page takes them in when all have ended."""
        self._repeated, self._found = records, []
        self._waiting = {job.id for job in jobs}
        self._page.seeds.tell_waiting(len(jobs))
        for job in jobs:
            self._runs.start(job, look=False)

    def _moved(self, run: RunView) -> None:
        # A run that is done is told of once more when its record is there.
        if run.id not in self._waiting or not run.over or (run.state == "done" and not run.record):
            return
        self._waiting.discard(run.id)
        self._found += [run.record] if run.record else []
        same = self._page.records == self._repeated
        if same and self._waiting:
            self._page.seeds.tell_waiting(len(self._waiting))
        elif same and self._page.isVisible():
            self._page.compare([*self._repeated, *self._found], SEEDS)

    def _dropped_on_plots(self, records: list[str]) -> None:
        """Compare with the run on show, where it has a record."""
        shown = self._plots.run.record if self._plots.run else ""
        several = list(dict.fromkeys([shown, *records] if shown else records))
        if len(several) > 1:
            self._page.compare(several)
        else:
            self._runs.open_record(several[0])
