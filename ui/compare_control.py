"""From selected or dragged records to the page that compares them, and back."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from ui.panes.comparison import ComparisonPage
from ui.panes.plots import PlotsPane
from ui.panes.results import ResultsPane
from ui.record_drops import RecordDrops
from ui.run_control import RunControl


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
        results.compare_wanted.connect(lambda records: page.compare(records))
        results.renamed.connect(plots.rename)
        RecordDrops(plots).dropped.connect(self._dropped_on_plots)
        page.ready.connect(lambda: centre.setCurrentWidget(page))
        page.closed.connect(lambda: centre.setCurrentWidget(plots))

    def _dropped_on_plots(self, records: list[str]) -> None:
        """Compare with the run on show, where it has a record."""
        shown = self._plots.run.record if self._plots.run else ""
        several = list(dict.fromkeys([shown, *records] if shown else records))
        if len(several) > 1:
            self._page.compare(several)
        else:
            self._runs.open_record(several[0])
