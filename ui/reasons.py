"""Why a command of the window cannot be used now, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ui.tools.commands import TOOLS, view_of

if TYPE_CHECKING:
    from ui.window import MainWindow

NO_RUN = QT_TRANSLATE_NOOP("Reasons", "no run goes on")
NONE_SHOWN = QT_TRANSLATE_NOOP("Reasons", "there is no run on show; run a method first")
NO_FIGURE = QT_TRANSLATE_NOOP("Reasons", "no figure of a record is on show")
NO_PICTURE = QT_TRANSLATE_NOOP("Reasons", "no picture is on show; run a method or open a record")
NO_RECORD = QT_TRANSLATE_NOOP("Reasons", "select a record in the results first")
TOO_FEW = QT_TRANSLATE_NOOP("Reasons", "select two or more records in the results first")
NO_SESSION = QT_TRANSLATE_NOOP("Reasons", "nothing has been run in this window yet")
NO_METHOD = QT_TRANSLATE_NOOP("Reasons", "choose a method first")
NO_CHANGE = QT_TRANSLATE_NOOP("Reasons", "there is nothing to undo")
NONE_UNDONE = QT_TRANSLATE_NOOP("Reasons", "there is nothing to do again")


def reasons(w: MainWindow) -> dict[str, str]:
    """By command; empty where it can be used."""
    selected, going, recorded = w.results.count(), w.runs.current(), w.handouts.records()
    found = {
        "pause": (going, NO_RUN),
        "stop": (going, NO_RUN),
        "present": (w.plots.run or w.demos.scenes.all, NONE_SHOWN),
        "add scene": (w.plots.run, NONE_SHOWN),
        "replay": (w.plots.run and w.plots.run.record, NO_FIGURE),
        "export": (w.exports.can_export(), NO_FIGURE),
        "copy": (w.exports.can_copy(), NO_PICTURE),
        "compare": (selected > 1, TOO_FEW),
        "compare with shown": (selected, NO_RECORD),
        "delete": (selected, NO_RECORD),
        "report": (recorded, NO_RECORD),
        "export all": (recorded, NO_RECORD),
        "python": (recorded, NO_RECORD),
        "script": (recorded, NO_RECORD),
        "session": (w.journal.has_runs(), NO_SESSION),
        "bibtex": (w.handouts.method(), NO_METHOD),
        "undo": (w.undo.canUndo(), NO_CHANGE),
        "redo": (w.undo.canRedo(), NONE_UNDONE),
    }
    found |= dict.fromkeys(TOOLS, (view_of(w), NO_PICTURE))
    found |= dict.fromkeys(("back", "forward"), (view_of(w), NO_PICTURE))
    words = {
        id: "" if usable else QCoreApplication.translate("Reasons", reason)
        for id, (usable, reason) in found.items()
    }
    words["check"] = w.peers.reason()
    words["resume"] = w.resuming.reason()
    return words | dict.fromkeys(("run", "sweep"), w.setup.reason())
