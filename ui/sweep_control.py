"""From the question what to vary to the runs in the queue, and in a search to the next of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.panes.sweep import SweepPane
from ui.run_control import RunControl
from ui.run_setup import RunSetup
from ui.sweep_dialog import SweepDialog
from workbench.fields import Field
from workbench.jobs import Job
from workbench.search import Tried
from workbench.seeds import WANTED
from workbench.sweep import Plan, tagged, with_seed
from workbench.sweep_table import outcome


@dataclass
class Sweep:
    """The sweep or search in hand: the job around which it is, its runs so far, what it found."""

    job: Job
    known: tuple[Field, ...]
    plan: Plan
    jobs: list[Job]
    place: list[Job]  # of a search, that goes on now; empty where it is over
    tried: list[Tried] = field(default_factory=list)


class SweepControl(QObject):
    """Joins the dialog, the desk that makes the jobs, the queue and the table."""

    def __init__(
        self, window: QWidget, setup: RunSetup, runs: RunControl, table: SweepPane,
        begun: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._window, self._setup, self._runs, self._table = window, setup, runs, table
        self._begun = begun
        self._bridge: Bridge | None = None
        self._sweep: Sweep | None = None
        runs.moved.connect(table.update_run)
        table.show_wanted.connect(runs.show)
        table.repeat_wanted.connect(self._repeat)
        table.stop_wanted.connect(self._stop)
        table.ended.connect(self._ended)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk."""
        self._bridge = bridge
        self._table.attach(bridge)

    def ask(self) -> None:
        """Ask over what to run, then queue the runs."""
        job, known = self._setup.job(), self._setup.fields()
        if job is None or self._bridge is None:
            return
        bridge = self._bridge
        searched = tagged(job, "search")
        metrics, seconds = self._setup.metrics(), self._setup.seconds()
        dialog = SweepDialog(job, known, metrics, seconds, self._window)

        def count(plan: Plan) -> None:
            search = plan.kind == "search"
            bridge.call(
                *(("search", searched, known, plan, []) if search else ("sweep", job, known, plan)),
                done=lambda jobs: isValid(dialog) and dialog.show_jobs(plan, jobs),
                failed=lambda text, _: isValid(dialog) and dialog.show_fault(plan, text),
            )

        def begin(plan: Plan, jobs: list[Job]) -> None:
            search = plan.kind == "search"
            place = list(jobs) if search else []
            self._sweep = Sweep(searched, known, plan, list(jobs), place)
            self._table.begin(jobs, known, plan)
            self._begun()
            for one in jobs:
                self._runs.start(one, look=one is jobs[0])

        dialog.asked.connect(count)
        dialog.wanted.connect(begin)
        dialog.open()

    def _repeat(self) -> None:
        """Run every place with further seeds, up to those that statistics want."""
        if self._sweep is None:
            return
        jobs = self._sweep.jobs
        first = min(job.seed for job in jobs)
        places = [job for job in jobs if job.seed == first]
        held = {job.seed for job in jobs}
        further = [s for s in range(first, first + WANTED) if s not in held]
        self._extend([with_seed(job, seed) for seed in further for job in places])

    def _extend(self, jobs: list[Job]) -> None:
        assert self._sweep is not None
        self._sweep.jobs += jobs
        self._table.extend(jobs, self._sweep.known, self._sweep.plan)
        for job in jobs:
            self._runs.start(job, look=False)

    # --- a search ------------------------------------------------------------------------------

    def _ended(self, id: str) -> None:
        """A run is over and its numbers are known; the last of a place leads to the next one."""
        sweep = self._sweep
        if sweep is None or self._bridge is None or id not in {job.id for job in sweep.place}:
            return
        rows = self._table.rows([job.id for job in sweep.place])
        if any(row.state == "stopped" for row in rows):
            self._stop()
        elif not any(self._table.goes_on(job.id) for job in sweep.place):
            sweep.tried.append(outcome(rows, sweep.plan.metric))
            self._bridge.call(
                "search", sweep.job, sweep.known, sweep.plan, list(sweep.tried),
                done=lambda jobs: self._go_on(sweep, jobs),
                failed=lambda *why: self._fail(sweep, *why),
            )  # fmt: skip

    def _go_on(self, sweep: Sweep, jobs: list[Job]) -> None:
        if sweep is not self._sweep or not sweep.place:
            return  # it was stopped meanwhile
        sweep.place = jobs
        if jobs:
            self._extend(jobs)
        else:
            self._finish()

    def _fail(self, sweep: Sweep, text: str, detail: str) -> None:
        if sweep is self._sweep:
            self._finish()
        self._table.failed.emit(text, detail)

    def _stop(self) -> None:
        """End the search; what it found stays."""
        going = [job.id for job in self._sweep.place] if self._sweep else []
        self._finish()
        for run in self._runs.active():
            if run.id in going:
                self._runs.stop(run.id)

    def _finish(self) -> None:
        assert self._sweep is not None
        self._sweep.place = []
        self._table.end_search()
