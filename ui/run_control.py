"""The runs of the window: starts and follows them, and puts records on show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engines.events import Finished, Logged, Step
from engines.figure import Figure
from ui.bridge import Bridge
from ui.notice import Notices
from ui.panes.log import LogPane
from ui.panes.plots import PlotsPane
from ui.panes.results import ResultsPane
from ui.panes.run import RunPane
from ui.rescue import Rescue
from ui.run_view import MAX_POINTS, PROGRESS, Curve, RunView
from ui.words import state_text
from workbench.jobs import Job, State


class RunControl(QObject):
    """Keeps the plots, the queue, the results and the log in step with the engine."""

    changed = Signal()  # a run came, moved on or ended, or another one is on show
    moved = Signal(object)  # a RunView that has another state
    shown = Signal()  # the plots are wanted in sight

    def __init__(
        self, plots: PlotsPane, queue: RunPane, results: ResultsPane, log: LogPane, notices: Notices
    ) -> None:
        super().__init__(plots)
        self._plots, self._queue, self._results = plots, queue, results
        self._log, self._notices = log, notices
        self._bridge: Bridge | None = None
        self._runs: dict[str, RunView] = {}
        self._stopping: set[str] = set()
        self._reading: set[tuple[str, str]] = set()
        queue.pause_wanted.connect(self.pause)
        queue.stop_wanted.connect(self.stop)
        queue.move_wanted.connect(self.move)
        queue.show_wanted.connect(self.show)
        plots.figure_wanted.connect(self._read_figure)
        results.open_wanted.connect(self.open_record)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the engine."""
        self._bridge = bridge
        bridge.changed.connect(self._on_changed)
        bridge.ordered.connect(self._queue.queue.set_order)
        bridge.not_moved.connect(self._on_not_moved)
        bridge.stepped.connect(self._on_stepped)
        bridge.logged.connect(self._on_logged)
        bridge.shown.connect(self._on_shown)
        bridge.warned.connect(self._on_warned)
        bridge.finished.connect(self._on_finished)
        bridge.homeless.connect(self._on_homeless)

    def active(self) -> list[RunView]:
        """Runs that are not over, in the order they were given."""
        return [run for run in self._runs.values() if not run.over]

    def current(self) -> RunView | None:
        """The run that Pause and Stop mean: the one on show, else the one that goes on."""
        going = [run for run in self.active() if run.state != "queued"]
        on_show = self._plots.run
        return on_show if on_show in going else next(iter(going), None)

    # --- what the user wants -------------------------------------------------------------------

    def start(self, job: Job, look: bool = True) -> None:
        """Put a job into the queue, and look at it."""
        if self._bridge is not None:
            title = job.title or job.method
            self._runs[job.id] = RunView(job.id, title, job.method, example=job.example)
            self._bridge.submit(job)
            if look:
                self.show(job.id)

    def pause(self, id: str = "") -> None:
        """Hold a run, or let it go on; without an id the current one."""
        run = self._runs.get(id) or self.current()
        if run is not None and self._bridge is not None:
            (self._bridge.resume if run.state == "paused" else self._bridge.pause)(run.id)

    def stop(self, id: str = "") -> None:
        """Stop a run; asked a second time, offer to end the engine process."""
        run = self._runs.get(id) or self.current()
        if run is None or self._bridge is None:
            return
        if run.id in self._stopping and run.state != "queued":
            kill = (self.tr("End the engine process"), self._bridge.engine.kill)
            self._notices.tell(self.tr("{0} does not answer.").format(run.title), kill)
            return
        self._stopping.add(run.id)
        self._bridge.stop(run.id)

    def move(self, id: str, before: str) -> None:
        """Let a run that waits have its turn before another one, or last."""
        if self._bridge is not None:
            self._bridge.move(id, before)

    def show(self, id: str, picture: str = "") -> None:
        """Look at a run, and at that picture of it."""
        before, run = self._plots.run, self._runs[id]
        if before is not None and before is not run and before.names:
            before.figures.clear()  # they are in its record
        self._plots.set_run(run, picture)
        self.shown.emit()
        self.changed.emit()

    def step(self, by: int) -> None:
        """Look at the run that was given after the one on show, or before it."""
        ids = list(self._runs)
        on_show = self._plots.run
        if on_show is not None and on_show.id in ids:
            self.show(ids[(ids.index(on_show.id) + by) % len(ids)])

    def open_record(
        self,
        record: str,
        otherwise: Callable[[str, str], None] | None = None,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Look at a finished run; `otherwise` is called where the file is no record."""

        def found(run: RunView) -> None:
            self.show(run.id)
            then()

        self.find_record(record, found, otherwise or self._notices.report)

    def find_record(
        self, record: str, done: Callable[[RunView], None], failed: Callable[[str, str], None]
    ) -> None:
        """Give the run of a record, read where it is not known yet; it is not put on show."""
        for run in self._runs.values():
            if run.record == record:
                done(run)
                return
        if self._bridge is not None:
            self._bridge.call(
                "run",
                record,
                done=lambda found: done(self._take_record(record, found)),
                failed=failed,
            )

    # --- what the engine says ------------------------------------------------------------------

    def _on_changed(self, id: str, state: State) -> None:
        run = self._runs[id]
        if run.state == "queued" and state == "running":
            self._log.add(self.tr("{0} ({1}) started").format(run.title, run.method))
        run.state = state
        self._refresh(run)
        self.moved.emit(run)

    def _on_not_moved(self, id: str) -> None:
        text = self.tr("{0} has started; only runs that wait can be moved.")
        self._notices.report(text.format(self._runs[id].title))

    def _on_stepped(self, id: str, step: Step) -> None:
        run = self._runs[id]
        run.step = step
        self._queue.queue.update_run(run)
        if self._plots.run is run:
            self._plots.update_state()
        self.changed.emit()

    def _on_logged(self, id: str, logged: Logged) -> None:
        self._runs[id].add(logged)
        self._redraw(self._runs[id], PROGRESS)

    def _on_shown(self, id: str, figure: Figure) -> None:
        self._runs[id].figures[figure.name] = figure
        self._redraw(self._runs[id], figure.name)

    def _on_warned(self, id: str, text: str) -> None:
        self._log.add(f"{self._runs[id].title}: {text}", "warning")

    def _on_homeless(self, id: str, path: str, why: str) -> None:
        assert self._bridge is not None
        run, place = self._runs[id], self._bridge.place
        self._log.add(f"{run.title}: {why}", "error")
        Rescue(self._plots.window(), run.title, path, why, lambda p: place(id, p)).open()

    def _on_finished(self, id: str, finished: Finished) -> None:
        run = self._runs[id]
        self._stopping.discard(id)
        run.state, run.text, run.record = finished.state, finished.text, finished.record
        if finished.state == "failed":
            self._notices.report(f"{run.title}: {finished.text}", finished.detail)
        else:
            self._log.add(f"{run.title} {state_text(finished.state)}: {finished.text}")
        self._refresh(run)
        self.moved.emit(run)
        self._results.reload(run.record if self._plots.run is run else "")
        if run.record and self._bridge is not None:
            self._bridge.call(
                "run",
                run.record,
                done=lambda found: self._take_names(run, found[2]),
                failed=self._notices.report,
            )

    # --- records -------------------------------------------------------------------------------

    def _take_names(self, run: RunView, names: tuple[str, ...]) -> None:
        """From now on the pictures are those of the record."""
        if names:
            run.names = names
            run.figures.clear()
        self._refresh(run)

    def _take_record(self, record: str, found: Any) -> RunView:
        info, history, names = found
        run = RunView(record, info.title or Path(record).stem, info.method, info.state)
        run.example = info.example or ""
        run.text, run.record, run.names = info.outcome, record, names
        for name, scalars in history.items():
            every = 1 + len(scalars.steps) // MAX_POINTS
            run.history[name] = Curve(list(scalars.steps[::every]), list(scalars.values[::every]))
        return self._runs.setdefault(run.id, run)

    def _read_figure(self, record: str, name: str) -> None:
        run = self._plots.run
        if run is None or self._bridge is None or (record, name) in self._reading:
            return

        def read(figure: Figure) -> None:
            self._reading.discard((record, name))
            run.figures[name] = figure
            self._redraw(run, name)
            self.changed.emit()  # from now on it can be exported

        def failed(text: str, detail: str) -> None:
            self._reading.discard((record, name))
            self._notices.report(text, detail)
            if self._plots.run is run:
                self._plots.explain(name, text)

        self._reading.add((record, name))
        self._bridge.call("figure", record, name, done=read, failed=failed)

    def _redraw(self, run: RunView, name: str) -> None:
        if self._plots.run is run:
            self._plots.refresh(changed=name)

    def _refresh(self, run: RunView) -> None:
        self._queue.queue.update_run(run)
        if self._plots.run is run:
            self._plots.refresh()
        self.changed.emit()
