"""Annotations of the figure on show: kept in its record, and taken back by Undo."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from engines.figure import Annotation
from ui.bridge import Bridge
from ui.notice import Notices
from ui.panes.plots import PlotsPane
from ui.run_view import RunView

Notes = tuple[Annotation, ...]


class Annotating(QObject):
    """Between the tools of the plots and the desk process, which writes into the record."""

    def __init__(self, plots: PlotsPane, undo: QUndoStack, notices: Notices) -> None:
        super().__init__(plots)
        self._plots, self._undo, self._notices = plots, undo, notices
        self._bridge: Bridge | None = None
        self._written: dict[tuple[str, str], Notes] = {}  # by record and figure
        # What was typed while another figure was chosen belongs to the one that is still drawn.
        self._drawn: tuple[RunView, str] | None = None
        plots.view.tools.refusal = self._refusal
        plots.view.tools.annotated.connect(self._on_annotated)
        plots.view.redrawn.connect(self._on_drawn)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def _refusal(self) -> str:
        """Why the picture on show cannot be annotated; empty where it can."""
        run, name = self._plots.run, self._plots.figure_name()
        if run is not None and run.record and name in run.names:
            return ""
        if run is not None and not run.over:
            return self.tr("Annotations are kept in the record: wait for the end of the run.")
        return self.tr("This picture is in no record.")

    def _on_drawn(self) -> None:
        run = self._plots.run
        self._drawn = None if run is None else (run, self._plots.figure_name())

    def _on_annotated(self, before: Notes, after: Notes) -> None:
        if self._drawn is not None and self._drawn[0].record:
            self._written.setdefault((self._drawn[0].record, self._drawn[1]), before)
            self._undo.push(_Change(self, *self._drawn, before, after))

    def put(self, run: RunView, name: str, notes: Notes) -> None:
        """Show annotations, and write them into the record."""
        place = run.record, name
        self._show(run, name, notes)

        def done(_: None) -> None:
            self._written[place] = notes

        def failed(text: str, detail: str) -> None:
            self._notices.report(text, detail)
            self._show(run, name, self._written.get(place, ()))

        if self._bridge is not None:
            self._bridge.call("annotate", *place, notes, done=done, failed=failed)

    def _show(self, run: RunView, name: str, notes: Notes) -> None:
        if name in run.figures:
            run.figures[name] = replace(run.figures[name], annotations=notes)
            if self._plots.run is run:
                self._plots.refresh(changed=name)


class _Change(QUndoCommand):
    """The annotations of one figure before and after."""

    def __init__(
        self, annotating: Annotating, run: RunView, name: str, before: Notes, after: Notes
    ) -> None:
        super().__init__(annotating.tr("annotation"))
        self._annotating, self._run, self._name = annotating, run, name
        self._before, self._after = before, after

    def redo(self) -> None:
        self._annotating.put(self._run, self._name, self._after)

    def undo(self) -> None:
        self._annotating.put(self._run, self._name, self._before)
