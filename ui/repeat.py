"""Run again what a record holds, and say whether the same numbers came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ui.run_view import RunView

if TYPE_CHECKING:
    from ui.window import MainWindow

# Wall-clock times differ from run to run.
CLOCKS = {"seconds"}


class Repeat(QObject):
    """Sets up the method, data and settings of a record, runs, and compares the arrays."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._first: dict[str, str] = {}  # run that repeats → record of the run before
        window.results.again_wanted.connect(self.run)
        window.runs.moved.connect(self._compare)

    def run(self, record: str) -> None:
        """Run with the method, data and settings of a record."""
        w = self._window

        def read(found: Any) -> None:
            if not w.setup.load_record(found[0]):
                text = self.tr("There is no method {0} in this version.")
                w.notices.report(text.format(found[0].method))
            elif (id := w.run()) and found[0].state == "done":
                self._first[id] = record

        if w.bridge is not None:
            w.bridge.call("run", record, done=read, failed=w.notices.report)

    def _compare(self, run: RunView) -> None:
        w = self._window
        if not run.over or run.id not in self._first or w.bridge is None:
            return
        first = self._first.pop(run.id)
        if run.state == "done" and run.record:
            w.bridge.call(
                "differences", first, run.record, done=self._tell, failed=w.notices.report
            )

    def _tell(self, found: tuple[int, tuple[str, ...]]) -> None:
        count, differing = found
        named = [name for name in differing if name not in CLOCKS]
        if named:
            text = self.tr("Run again: {0} of {1} arrays differ: {2}.").format(
                len(named), count, ", ".join(named)
            )
        else:
            clock = len(differing)
            text = self.tr("Run again: {0} arrays are equal, byte for byte.").format(count - clock)
        self._window.notices.tell(text)
