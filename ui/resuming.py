"""Goes on with runs that were stopped or interrupted, from their last checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.messages import Ready

if TYPE_CHECKING:
    from ui.window import MainWindow


class Resuming(QObject):
    """Knows why the chosen record cannot go on, and offers to go on with recovered runs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.results.offer(window.commands["resume"])

    def reason(self) -> str:
        """Why the chosen record cannot go on; empty where it can."""
        results = self._window.results
        if results.count() > 1:
            return self.tr("select one record only")
        selected = results.selected()
        if not selected:
            return self.tr("select a record in the results first")
        row = results.model.shown(results.model.row(selected[0]))
        if row.state not in ("stopped", "interrupted"):
            return self.tr("only a run that was stopped or interrupted can go on")
        if not row.resumable:
            return self.tr(
                "there is no checkpoint: the method keeps none, or the run had just begun"
            )
        return ""

    def resume(self, record: str = "") -> None:
        """Go on with the run of a record; without one with that of the chosen record."""
        w = self._window
        if w.bridge is not None:
            record = record or w.results.current()
            w.bridge.call("resumption", record, done=w.runs.start, failed=w.notices.report)

    def tell_recovered(self, ready: Ready) -> None:
        """Say which runs were interrupted, and offer to go on with those that can."""
        w = self._window
        for path in ready.recovered:
            w.log.add(self.tr("recovered an interrupted run: {0}").format(path), "warning")
        if not ready.recovered:
            return
        text = self.tr("{0} interrupted run(s) were recovered.").format(len(ready.recovered))

        def resume_all() -> None:
            for path in ready.resumable:
                self.resume(path)

        w.notices.tell(text, (self.tr("Resume"), resume_all) if ready.resumable else None)
        w.results.reload()
