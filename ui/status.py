"""The status bar: what the pointer is on, what goes on, and the memory."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QStatusBar, QToolButton, QWidget

from ui.elided import ElidedLabel
from ui.run_view import RunView
from workbench.messages import Gauge
from workbench.words import duration_text


class Status(QStatusBar):
    """`hint` says what can be done now, `place` what the pointer is on.

    A click on the activity asks for the queue.
    """

    queue_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint, self.place, self._memory = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.addWidget(self.hint, 1)  # a message takes its place for a while
        self.setContentsMargins(6, 0, 0, 0)
        self._activity = QToolButton(autoRaise=True)
        self._activity.setText(self.tr("Engine is starting…"))
        self._activity.setToolTip(self.tr("Show the queue"))
        self._activity.clicked.connect(self.queue_wanted)
        self._busy = QProgressBar(textVisible=False)
        self._busy.setFixedSize(110, 8)
        self._busy.setAccessibleName(self.tr("Progress of the run"))
        self._busy.hide()
        for widget in (self.place, self._busy, self._activity, self._memory):
            self.addPermanentWidget(widget)

    def show_runs(self, active: list[RunView]) -> str:
        """Show how far the runs are; gives the words for the title of the window."""
        going = [run for run in active if run.state != "queued"]
        self._busy.setVisible(bool(going))
        if not active:
            self._activity.setText(self.tr("Ready"))
            return ""
        self._activity.setText(self.tr("{0} active").format(len(active)))
        first = (going or active)[0]
        step = first.step
        total = step.total if step else None
        self._busy.setRange(0, total or 0)
        if step is None or not total:
            return f"{duration_text(step.seconds)} {first.title}" if step else first.title
        self._busy.setValue(step.done)
        return f"{100 * step.done // total} % {first.title}"

    def show_memory(self, gauge: Gauge) -> None:
        """Show the memory of the engine and of its device."""
        used, free, total = (n / 2**30 for n in (gauge.used, gauge.free, gauge.total))
        self._memory.setText(
            self.tr("{0}: engine {1:.1f} GiB, {2:.1f} of {3:.1f} GiB free").format(
                gauge.device, used, free, total
            )
        )
