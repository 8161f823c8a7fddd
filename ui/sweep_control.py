"""From the question what to vary to the runs in the queue."""

from __future__ import annotations

from collections.abc import Callable

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
from workbench.seeds import WANTED
from workbench.sweep import Plan, with_seed


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
        self._shown: tuple[list[Job], tuple[Field, ...], Plan] | None = None  # the sweep in hand
        runs.moved.connect(table.update_run)
        table.show_wanted.connect(runs.show)
        table.repeat_wanted.connect(self._repeat)

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
        dialog = SweepDialog(job, known, self._setup.seconds(), self._window)

        def count(plan: Plan) -> None:
            bridge.call(
                "sweep",
                job,
                known,
                plan,
                done=lambda jobs: isValid(dialog) and dialog.show_jobs(plan, jobs),
                failed=lambda text, _: isValid(dialog) and dialog.show_fault(plan, text),
            )

        def begin(plan: Plan, jobs: list[Job]) -> None:
            self._shown = list(jobs), known, plan
            self._table.begin(jobs, known, plan)
            self._begun()
            for one in jobs:
                self._runs.start(one, look=one is jobs[0])

        dialog.asked.connect(count)
        dialog.wanted.connect(begin)
        dialog.open()

    def _repeat(self) -> None:
        """Run every place with further seeds, up to those that statistics want."""
        if self._shown is None:
            return
        jobs, known, plan = self._shown
        first = min(job.seed for job in jobs)
        places = [job for job in jobs if job.seed == first]
        held = {job.seed for job in jobs}
        further = [s for s in range(first, first + WANTED) if s not in held]
        new = [with_seed(job, seed) for seed in further for job in places]
        self._shown = [*jobs, *new], known, plan
        self._table.extend(new, known, plan)
        for job in new:
            self._runs.start(job, look=False)
