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
from workbench.jobs import Job
from workbench.sweep import Plan


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
        runs.moved.connect(table.update_run)
        table.show_wanted.connect(runs.show)

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
            self._table.begin(jobs, known, plan)
            self._begun()
            for one in jobs:
                self._runs.start(one, look=one is jobs[0])

        dialog.asked.connect(count)
        dialog.wanted.connect(begin)
        dialog.open()
