"""Scenes: takes down views of records, and shows them again one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from engines.figure import Figure
from ui.bridge import Bridge
from ui.commands import named
from ui.run_view import PROGRESS, RunView
from ui.scenes_dialog import ScenesDialog
from ui.sight import look, sight_of
from workbench.scenes import Scene, Scenes

if TYPE_CHECKING:
    from ui.window import MainWindow

MOST = 4  # figures that are kept at hand


class SceneControl(QObject):
    """The scenes of the workspace and the one on show; its neighbours are read ahead."""

    changed = Signal()  # the list
    shown = Signal()  # another scene, or the sentence why it cannot be shown

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._bridge: Bridge | None = None
        self._store = Scenes(window.workspace)
        self._figures: dict[tuple[str, str], Figure] = {}  # the newest last
        self._wanted = -1
        self.at = -1  # the scene shown last
        self._on = False  # and whether it still is
        self.fault = ""  # why it is not
        self.all = self._store.read()
        window.plots.picture_changed.connect(self._left)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        if self._store.complaint:
            self._window.notices.report(self._store.complaint)

    def text(self) -> str:
        """What stands below the picture: words about the scene, or why it cannot be shown."""
        return self.fault or (self.all[self.at].text if self._on else "")

    # --- the list ------------------------------------------------------------------------------

    def add(self) -> None:
        """Take down what is on show."""
        plots, notices = self._window.plots, self._window.notices
        run, name = plots.run, plots.figure_name()
        if run is None or not run.record or not (name in run.names or name == PROGRESS):
            notices.report(self.tr("A scene shows a record: wait for the end of the run."))
            return
        title = f"{run.title}: {plots.figure_title()}"
        scene = Scene(title, self._store.short(run.record), name, sight_of(plots.view))
        self.put([*self.all, scene])
        told = self.tr("Scene {0} was added.").format(len(self.all))
        notices.tell(told, (self.tr("Scenes…"), self.open_dialog))

    def put(self, scenes: list[Scene]) -> None:
        """Keep another list, here and in the workspace."""
        self.all, self.at, self._on, self.fault = scenes, -1, False, ""
        try:
            self._store.write(scenes)
        except OSError as error:
            why = self.tr("The scenes could not be written ({0}); they last till the window closes")
            self._window.notices.report(why.format(error.strerror or error))
        self.changed.emit()

    def way_to_add(self) -> str:
        """The command that does it, and its keys."""
        action = self._window.commands["add scene"]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return f"{named(action)} ({keys})" if keys else named(action)

    def missing(self, scene: Scene) -> bool:
        """Whether the record of a scene is gone."""
        return not self._store.path(scene).exists()

    def open_dialog(self) -> None:
        """Show the list."""
        ScenesDialog(self, self._window).show()

    # --- one after the other -------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Show the next scene or the one before; after the last comes the first."""
        if self.all:
            start = self._wanted if self._wanted >= 0 else self.at
            self.show((start + by) % len(self.all) if start >= 0 else 0)

    def show(self, number: int) -> None:
        """Show a scene as it was taken down."""
        scene = self.all[number]
        self._wanted = number
        record = str(self._store.path(scene))

        def failed(text: str, _: str) -> None:
            if self._wanted == number:
                self._end(number, self._why_not(scene, text))

        def found(run: RunView) -> None:
            if self._wanted == number:
                self._with_figure(scene, run, lambda: self._present(number, run), failed)

        self._window.runs.find_record(record, found, failed)

    def _with_figure(self, scene: Scene, run: RunView, done: object, failed: object) -> None:
        """Call `done` when the figure of a scene is at hand."""
        place = (run.record, scene.figure)
        if scene.figure == PROGRESS or place in self._figures or self._bridge is None:
            done()
            return

        def read(figure: Figure) -> None:
            self._figures[place] = figure
            for old in list(self._figures)[:-MOST]:
                del self._figures[old]
            done()

        self._bridge.call("figure", *place, done=read, failed=failed)

    def _present(self, number: int, run: RunView) -> None:
        scene, plots = self.all[number], self._window.plots
        if scene.figure != PROGRESS:
            run.figures[scene.figure] = self._figures[run.record, scene.figure]
        self._window.runs.show(run.id, scene.figure)
        plots.refresh()
        look(plots.view, scene.sight)
        self._end(number, "")
        for near in (number + 1, number - 1):
            self._read_ahead(self.all[near % len(self.all)])

    def _end(self, number: int, fault: str) -> None:
        self.at, self._wanted, self.fault, self._on = number, -1, fault, not fault
        self.shown.emit()

    def _left(self) -> None:
        """Another picture is on show."""
        self._on, self.fault = False, ""

    def _read_ahead(self, scene: Scene) -> None:
        """Have a figure at hand before it is asked for; a fault is told when it is."""

        def ignore(*_: object) -> None:
            return

        def found(run: RunView) -> None:
            self._with_figure(scene, run, ignore, ignore)

        self._window.runs.find_record(str(self._store.path(scene)), found, ignore)

    def _why_not(self, scene: Scene, text: str) -> str:
        if not self.missing(scene):
            return text
        gone = self.tr("The record {0} of this scene is gone; bring it back, or delete the scene.")
        return gone.format(scene.record)

    def change(self, number: int, **changes: str) -> None:
        """Give a scene another name or text."""
        if any(getattr(self.all[number], name) != value for name, value in changes.items()):
            at, on = self.at, self._on
            scenes = list(self.all)
            scenes[number] = replace(scenes[number], **changes)
            self.put(scenes)
            self.at, self._on = at, on
