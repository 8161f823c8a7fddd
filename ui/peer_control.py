"""Checks a record against other libraries, each in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.peer_dialog import PeerDialog
from workbench.catalogue import Catalogue, MethodCard
from workbench.peer import Check

if TYPE_CHECKING:
    from ui.window import MainWindow


class PeerControl(QObject):
    """Knows which record a check would be of, why it cannot be, and shows what comes out."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._cards: dict[str, MethodCard] = {}

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These methods are known."""
        self._cards = {card.id: card for card in catalogue.methods}

    def reason(self) -> str:
        """Why nothing can be checked now; empty where something can."""
        if self._window.results.count() > 1:
            return self.tr("select one record only")
        record, method, state = self._chosen()
        if not record:
            return self.tr("select a record in the results first")
        if state != "done":
            return self.tr("only a run that is done can be checked")
        if method not in self._cards:
            return self.tr("there is no method {0} in this version").format(method)
        return self._cards[method].no_peer

    def check(self) -> None:
        """Check the chosen record in a dialog of its own."""
        w = self._window
        record, method, _ = self._chosen()
        if w.bridge is None or not record:
            return
        dialog = PeerDialog(f"{self._title(record)}  ·  {self._cards[method].title}", w)

        def done(found: Check) -> None:
            for report in found.reports:
                w.log.add(f"{found.title}: {report.verdict()}")
            dialog.show_check(found)

        def failed(text: str) -> None:
            w.log.add(text, "warning")
            dialog.show_fault(text)

        stop = w.bridge.check(record, dialog.begin, done, failed)
        dialog.stopped.connect(stop)
        dialog.show()

    def _chosen(self) -> tuple[str, str, str]:
        """Path, method and state of the selected record, else of the run on show."""
        w = self._window
        if selected := w.results.selected():
            row = w.results.model.shown(w.results.model.row(selected[0]))
            return row.path, row.method, row.state
        run = w.plots.run
        return (run.record, run.method, run.state) if run else ("", "", "")

    def _title(self, record: str) -> str:
        """What a record is called in the list, or on show."""
        model = self._window.results.model
        if (place := model.row(record)) >= 0:
            return model.shown(place).title
        run = self._window.plots.run
        return run.title if run else record
