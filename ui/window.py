"""The main window: panes around the plots, and what happens between them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QUndoStack
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QMainWindow,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
)

from ui import theme
from ui.bridge import Bridge
from ui.command_palette import CommandPalette
from ui.commands import TOLD_MS, Commands
from ui.compare_control import CompareControl
from ui.demos import Demos
from ui.docks import made_docks
from ui.exporting import Exports
from ui.file_drops import FileDrops
from ui.handout import Handouts
from ui.help import Help
from ui.journal import Journal
from ui.layouts import Layouts
from ui.menus import table
from ui.notice import Notices
from ui.opening import Opening
from ui.panes.comparison import ComparisonPage
from ui.panes.data import DataPane
from ui.panes.inputs import InputsPane
from ui.panes.inspector import InspectorPane
from ui.panes.log import LogPane
from ui.panes.methods import MethodsPane
from ui.panes.parameters import ParametersPane
from ui.panes.plots import PlotsPane
from ui.panes.results import ResultsPane
from ui.panes.run import RunPane
from ui.panes.start import StartPage
from ui.panes.sweep import SweepPane
from ui.peer_control import PeerControl
from ui.preferences import Preferences
from ui.presenter import Presenter
from ui.reasons import reasons
from ui.record_watch import RecordWatch
from ui.repeat import Repeat
from ui.resuming import Resuming
from ui.run_control import RunControl
from ui.run_setup import RunSetup
from ui.run_view import RunView
from ui.settings import Settings
from ui.status import Status
from ui.sweep_control import SweepControl
from ui.tools.annotating import Annotating
from ui.words import state_text
from ui.workspaces import Workspaces
from workbench.catalogue import Catalogue, directions
from workbench.messages import Died, Ready

NAME = "Methods Workbench"


class MainWindow(QMainWindow):
    """Owns the panes and the bridge; a pane never reaches into another one."""

    painted = Signal()

    def __init__(self, workspace: Path, settings: QSettings) -> None:
        super().__init__()
        self.workspace = workspace
        self.settings = Settings(settings)
        self.bridge: Bridge | None = None
        self.setAcceptDrops(True)
        self._drops = FileDrops(self)
        self.setDockNestingEnabled(True)
        self.undo = QUndoStack(self)
        self._catalogue: Catalogue | None = None
        self._was_painted = False
        self._demo = False
        self._sure = False  # that runs may be stopped by closing
        self.commands = Commands(self, table(self))
        self._make_panes()
        self.docks = made_docks(self)
        self._connect()
        self.layouts = Layouts(self)
        self.workspaces = Workspaces(self)
        self.preferences = Preferences(self)
        self._name_window("")
        self._update_commands()

    # --- building ------------------------------------------------------------------------------

    def _make_panes(self) -> None:
        self.start = StartPage()
        self.plots = PlotsPane()
        self.data = DataPane()
        self.methods = MethodsPane()
        self.inputs = InputsPane(self.data.name_of)
        self.parameters = ParametersPane(self.undo)
        self.run_pane = RunPane(self.commands["run"], self.commands["pause"], self.commands["stop"])
        self.results = ResultsPane()
        self.inspector = InspectorPane()
        self.sweeps = SweepPane()
        self.log = LogPane()
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setWidget(self.start)
        scroll.setAccessibleName(self.tr("Start page"))
        self.centre = QStackedWidget()
        self._start_place = scroll
        self.centre.addWidget(scroll)
        self.centre.addWidget(self.plots)
        self.comparison = ComparisonPage()
        self.centre.addWidget(self.comparison)
        self.setCentralWidget(self.centre)
        self.status = Status()
        self.setStatusBar(self.status)
        self.notices = Notices(self, self.log)
        self.exports = Exports(self, self.plots, self.comparison, self.notices, self.settings)
        self.handouts = Handouts(
            self, self.plots, self.results, self.methods, self.notices, self.settings
        )
        self.setup = RunSetup(
            self.data, self.methods, self.inputs, self.parameters, self.run_pane, self.undo
        )
        self.opening = Opening(self, self.data, self.setup, self.inputs, self.notices)
        self.runs = RunControl(self.plots, self.run_pane, self.results, self.log, self.notices)
        self.sweeping = SweepControl(
            self, self.setup, self.runs, self.sweeps, lambda: self.reveal("sweep")
        )
        self.help = Help(self)
        Repeat(self)
        self._watch = RecordWatch(self.workspace / "runs", self.results)
        self.journal = Journal(self)
        self.peers = PeerControl(self)
        self.results.offer(self.commands["check"])
        self.results.offer(self.commands["export all"])
        self.resuming = Resuming(self)
        self.presenter = Presenter(self, self._story)
        self.demos = Demos(self)
        self.annotating = Annotating(self.plots, self.undo, self.notices)
        self.comparing = CompareControl(
            self.centre, self.comparison, self.plots, self.results, self.runs
        )

    def _connect(self) -> None:
        self.start.run_wanted.connect(self.run_example)
        self._drops.dropped.connect(self.opening.drop)
        self.setup.told.connect(lambda text: self.status.showMessage(text, TOLD_MS))
        self._drops.hovering.connect(
            lambda on: self.status.showMessage(self.tr("Drop to open the files") if on else "")
        )
        self.start.open_wanted.connect(self.open_files)
        self.data.open_wanted.connect(self.open_files)
        self.setup.changed.connect(self._update_commands)
        # Many runs may change at once; the shell shows them together.
        self._soon = QTimer(self, singleShot=True, interval=20)
        self._soon.timeout.connect(self._runs_changed)
        self.runs.changed.connect(self._soon.start)
        self.runs.shown.connect(lambda: self.centre.setCurrentWidget(self.plots))
        self.status.queue_wanted.connect(lambda: self.reveal("run"))
        self.plots.hovered.connect(self.status.place.setText)
        for page in (self.plots, self.comparison):
            page.view.tools.hinted.connect(self.status.hint.setText)
        self.plots.picture_changed.connect(self._update_commands)
        self.results.inspect_wanted.connect(self._inspect)
        self.results.deleted.connect(self._deleted)
        self.sweeps.brushed.connect(self.results.choose)
        self.results.start_wanted.connect(self.show_start)
        self.results.chosen.connect(lambda _: self._update_commands())
        self.undo.indexChanged.connect(self._update_commands)  # a stack that dies says so as well
        self.comparison.hovered.connect(self.status.place.setText)
        self.comparison.export_wanted.connect(self.exports.export)
        self.comparison.picture_changed.connect(self._update_commands)
        self.centre.currentChanged.connect(lambda _: self._update_commands())
        for pane in (self.data, self.results, self.inspector, self.sweeps, self.comparison):
            pane.failed.connect(self.notices.report)

    # --- life ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest and not self._was_painted and self.isVisible():
            self._was_painted = True
            QTimer.singleShot(0, self._begin)
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "commands"):
            self.commands.tint()
            theme.restyle(QApplication.instance())

    def _begin(self) -> None:
        """The window stands; now the helper processes."""
        self.windowHandle().installEventFilter(self._drops)
        self.painted.emit()
        bridge = Bridge(self.workspace, self)
        self.bridge = bridge
        bridge.ready.connect(self._ready)
        bridge.learnt.connect(self._learn)
        bridge.gauged.connect(self.status.show_memory)
        bridge.died.connect(self._died)
        for part in (self.opening, self.setup, self.runs, self.data, self.results, self.inspector):
            part.attach(bridge)
        for part in (
            self.comparison,
            self.exports,
            self.handouts,
            self.sweeping,
            self.journal,
            self.annotating,
            self.demos,
        ):
            part.attach(bridge)
        self.log.add(self.tr("workspace {0}").format(self.workspace))

    def closeEvent(self, event: QCloseEvent) -> None:
        active = self.runs.active()
        if active and not self._sure and self.settings["ask before closing"]:
            event.ignore()
            self._ask_to_close(active)
            return
        self.layouts.keep()
        self.hide()
        if self.bridge is not None:
            self.bridge.close()
        event.accept()

    def _ask_to_close(self, active: list[RunView]) -> None:
        names = "\n".join(
            f"{r.title}: {r.progress_text() or state_text(r.state)}" for r in active[:6]
        )
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Runs are going on"))
        question.setText(self.tr("Stop the runs and close?"))
        question.setInformativeText(
            names + "\n\n" + self.tr("What they found so far is kept in their records.")
        )
        stop = question.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        stop.clicked.connect(self.close_for_good)
        question.open()

    def close_for_good(self) -> None:
        """Stop what runs, and close without a question."""
        self._sure = True
        self.close()

    def was_painted(self) -> bool:
        """Whether the window stands, with its helper processes."""
        return self.bridge is not None

    def reveal(self, id: str) -> None:
        """Bring a pane into sight, also one that was closed."""
        self.docks[id].show()
        self.docks[id].raise_()

    # --- data and settings ---------------------------------------------------------------------

    def open_files(self) -> None:
        """Ask for data files or records."""
        dialog = QFileDialog(self, self.tr("Open"), self.settings["open folder"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.open_paths)
        dialog.open()

    def open_paths(self, paths: list[str]) -> None:
        """Open data files, and records of runs as runs."""
        for path in paths:
            self.settings["open folder"] = str(Path(path).parent)
            if Path(path).suffix == ".h5":
                self.runs.open_record(path, otherwise=lambda *_, p=path: self.data.add(p))
            else:
                self.opening.open(path)

    def _learn(self, catalogue: Catalogue) -> None:
        if catalogue == self._catalogue:
            return
        self._catalogue = catalogue
        self.help.set_catalogue(catalogue)
        self.setup.set_catalogue(catalogue)
        self.start.set_catalogue(catalogue)
        for part in (self.results, self.exports, self.handouts, self.peers, self.demos):
            part.set_catalogue(catalogue)
        for pane in (self.comparison, self.sweeps):
            pane.seeds.set_better(directions(catalogue.methods))
        self._update_commands()
        if self._demo:
            self.run_demo()

    def _ready(self, ready: Ready) -> None:
        self.run_pane.set_devices(ready.devices)
        self._watch.begin()
        self.resuming.tell_recovered(ready)
        self._runs_changed()

    # --- runs ----------------------------------------------------------------------------------

    def run_example(self, method: str, example: str) -> None:
        """Load an example with its settings and run it."""
        self.setup.load_example(method, example)
        self.run()

    def run_demo(self) -> None:
        """Run the first example of each family, as soon as the methods are known."""
        self._demo = self._catalogue is None
        if self._catalogue is not None:
            for family in self._catalogue.families:
                self.start.card(family).click()

    def run(self) -> str:
        """Run the method as it is set up now; gives the id of the run, empty where it cannot."""
        job = self.setup.job()
        if job is None:
            return ""
        self.runs.start(job)
        return job.id

    def _story(self, run: RunView) -> str:
        """What the example of a run shows, where it has one."""
        cards = self._catalogue.methods if self._catalogue else ()
        return next(
            (
                example.story
                for card in cards
                if card.id == run.method
                for example in card.examples
                if example.name == run.example
            ),
            "",
        )

    def show_start(self) -> None:
        """Back to the first page."""
        self.centre.setCurrentWidget(self._start_place)
        self._update_commands()

    # --- records -------------------------------------------------------------------------------

    def _inspect(self, record: str) -> None:
        self.inspector.open(record)
        self.reveal("inspector")

    def _deleted(self, title: str, binned: str) -> None:
        self.notices.tell(
            self.tr("{0} was moved to the bin.").format(title),
            (self.tr("Undo"), lambda: self.results.restore(binned)),
        )

    # --- notices and state of the shell --------------------------------------------------------

    def show_palette(self) -> None:
        """Open the command palette."""
        CommandPalette(self.commands, self).show()

    def _died(self, died: Died) -> None:
        text = self.tr("The {0} process died: {1}.").format(died.who, died.text)
        text += " " + (
            self.tr("It was not started again; restart the program.")
            if died.gave_up
            else self.tr("It was started again; the queue goes on.")
        )
        self.notices.report(text)
        self.results.reload()

    def _runs_changed(self) -> None:
        self._name_window(self.status.show_runs(self.runs.active()))
        self._update_commands()

    def _name_window(self, doing: str) -> None:
        """What goes on, the workspace where it has a name of its own, and the program."""
        parts = dict.fromkeys((doing, self.workspace.name, NAME))
        self.setWindowTitle(" – ".join(filter(None, parts)))

    def _update_commands(self, _: int = 0) -> None:
        run = self.runs.current()
        self.run_pane.explain(self.setup.missing())
        for id, reason in reasons(self).items():
            self.commands.allow(id, reason)
        paused = run is not None and run.state == "paused"
        opposite = (self.tr("&Go on"), "run") if paused else (self.tr("&Pause"), "pause")
        self.commands.change("pause", *opposite)
