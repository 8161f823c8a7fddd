"""The main window: panes around the plots, and what happens between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QFrame,
    QLabel,
    QMainWindow,
    QMessageBox,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.events import Finished, Step
from ui import theme
from ui.bridge import Bridge
from ui.command_palette import CommandPalette
from ui.commands import Commands
from ui.export_dialog import ExportDialog
from ui.menus import table
from ui.notice import Notice
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
from ui.run_view import PROGRESS, RunView, duration
from workbench.catalogue import Catalogue, MethodCard
from workbench.jobs import Bill, Job
from workbench.messages import Died, Gauge, Ready

# A bill is asked for when nothing was edited for this long.
ASK_AFTER_MS = 150
# A second click on Stop within this time offers to end the engine process.
LAYOUT_VERSION = 1


class MainWindow(QMainWindow):
    """Owns the panes and the bridge; a pane never reaches into another one."""

    painted = Signal()

    def __init__(self, workspace: Path, settings: QSettings) -> None:
        super().__init__()
        self.workspace = workspace
        self.settings = settings
        self.bridge: Bridge | None = None
        self.runs: dict[str, RunView] = {}
        self.setWindowTitle("Methods Workbench")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.undo = QUndoStack(self)
        self._catalogue: Catalogue | None = None
        self._card: MethodCard | None = None
        self._asked = ""
        self._faulty = False
        self._stopping: set[str] = set()
        self._was_painted = False
        self._demo = False
        self.commands = Commands(self, table(self))
        self._make_panes()
        self._make_docks()
        self._make_status()
        self._connect()
        self._ask_timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._ask_timer.timeout.connect(self._ask)
        self._default_state = self.saveState(LAYOUT_VERSION)
        self._restore_layout()
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
        self.log = LogPane()
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setWidget(self.start)
        self.centre = QStackedWidget()
        self._start_place = scroll
        self.centre.addWidget(scroll)
        self.centre.addWidget(self.plots)
        self.setCentralWidget(self.centre)

    def _make_docks(self) -> None:
        area = Qt.DockWidgetArea
        setup = QWidget()
        inside = QVBoxLayout(setup)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.inputs)
        inside.addWidget(self.parameters, 1)
        self.docks: dict[str, QDockWidget] = {}
        for id, title, pane, where in (
            ("data", self.tr("Data"), self.data, area.LeftDockWidgetArea),
            ("methods", self.tr("Methods"), self.methods, area.LeftDockWidgetArea),
            ("parameters", self.tr("Parameters"), setup, area.RightDockWidgetArea),
            ("run", self.tr("Run"), self.run_pane, area.RightDockWidgetArea),
            ("results", self.tr("Results"), self.results, area.BottomDockWidgetArea),
            ("inspector", self.tr("Inspector"), self.inspector, area.BottomDockWidgetArea),
            ("log", self.tr("Log"), self.log, area.BottomDockWidgetArea),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(id)
            dock.setWidget(pane)
            self.addDockWidget(where, dock)
            self.docks[id] = dock
            self.commands.menus["View"].addAction(dock.toggleViewAction())
        self.tabifyDockWidget(self.docks["results"], self.docks["inspector"])
        self.tabifyDockWidget(self.docks["inspector"], self.docks["log"])
        self.docks["results"].raise_()
        self.setCorner(Qt.Corner.BottomLeftCorner, area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, area.RightDockWidgetArea)
        self.resize(1440, 900)
        side = [self.docks["data"], self.docks["parameters"]]
        self.resizeDocks(side, [290, 350], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["results"]], [210], Qt.Orientation.Vertical)
        pairs = [self.docks[i] for i in ("data", "methods", "parameters", "run")]
        self.resizeDocks(pairs, [330, 420, 470, 280], Qt.Orientation.Vertical)

    def _make_status(self) -> None:
        self._where = QLabel()
        self._memory = QLabel()
        self._activity = QToolButton(autoRaise=True)
        self._activity.setText(self.tr("Engine is starting…"))
        self._activity.setToolTip(self.tr("Show the queue"))
        self._activity.clicked.connect(self.docks["run"].raise_)
        self._busy = QProgressBar(textVisible=False)
        self._busy.setFixedWidth(110)
        self._busy.setFixedHeight(8)
        self._busy.setRange(0, 0)
        bar = self.statusBar()
        for widget in (self._where, self._busy, self._activity, self._memory):
            bar.addPermanentWidget(widget)

    def _connect(self) -> None:
        self.start.run_wanted.connect(self.run_example)
        self.start.open_wanted.connect(self.open_files)
        self.data.open_wanted.connect(self.open_files)
        self.data.changed.connect(self._offer_data)
        self.data.selected.connect(self._data_selected)
        self.methods.chosen.connect(self._take_method)
        self.inputs.changed.connect(self._edited)
        self.inputs.example_chosen.connect(self._take_example)
        self.parameters.edited.connect(self._edited)
        self.parameters.faulty.connect(self._set_faulty)
        self.run_pane.edited.connect(self._edited)
        self.run_pane.pause_wanted.connect(self.pause)
        self.run_pane.stop_wanted.connect(self.stop)
        self.run_pane.show_wanted.connect(self.show_run)
        self.plots.figure_wanted.connect(self._read_figure)
        self.plots.hovered.connect(self._where.setText)
        self.plots.tab_changed.connect(self._update_commands)
        self.results.open_wanted.connect(self.open_record)
        self.results.again_wanted.connect(self.run_again)
        self.results.inspect_wanted.connect(self._inspect)
        self.results.deleted.connect(self._deleted)
        for pane in (self.data, self.results, self.inspector):
            pane.failed.connect(self.report)

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

    def _begin(self) -> None:
        """The window stands; now the helper processes."""
        self.painted.emit()
        bridge = Bridge(self.workspace, self)
        self.bridge = bridge
        bridge.ready.connect(self._ready)
        bridge.learnt.connect(self._learn)
        bridge.changed.connect(self._run_changed)
        bridge.stepped.connect(self._run_stepped)
        bridge.logged.connect(self._run_logged)
        bridge.shown.connect(self._run_shown)
        bridge.warned.connect(self._run_warned)
        bridge.finished.connect(self._run_finished)
        bridge.billed.connect(self._billed)
        bridge.gauged.connect(self._gauge)
        bridge.died.connect(self._died)
        self.data.attach(bridge)
        self.results.attach(bridge)
        self.inspector.attach(bridge)
        self.log.add(f"workspace {self.workspace}")

    def closeEvent(self, event: QCloseEvent) -> None:
        active = [r for r in self.runs.values() if not r.over]
        if active and not self._may_close(active):
            event.ignore()
            return
        self.settings.setValue("geometry", self.saveGeometry())
        self.settings.setValue("layout", self.saveState(LAYOUT_VERSION))
        self.hide()
        if self.bridge is not None:
            self.bridge.close()
        event.accept()

    def _may_close(self, active: list[RunView]) -> bool:
        names = "\n".join(f"{r.title}: {r.progress_text() or r.state}" for r in active[:6])
        question = QMessageBox(self)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Runs are going on"))
        question.setText(self.tr("Stop the runs and close?"))
        question.setInformativeText(
            names + "\n\n" + self.tr("What they found so far is kept in their records.")
        )
        stop = question.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        return question.clickedButton() is stop

    def _restore_layout(self) -> None:
        geometry, layout = self.settings.value("geometry"), self.settings.value("layout")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if layout is not None:
            self.restoreState(layout, LAYOUT_VERSION)

    def reset_layout(self) -> None:
        """Put every pane back where it was at first."""
        self.restoreState(self._default_state, LAYOUT_VERSION)

    # --- data and settings ---------------------------------------------------------------------

    def open_files(self) -> None:
        """Ask for data files or records."""
        paths, _ = QFileDialog.getOpenFileNames(self, self.tr("Open"), "")
        self.open_paths(paths)

    def open_paths(self, paths: list[str]) -> None:
        """Open data files, and records of runs as runs."""
        for path in paths:
            if self.bridge is not None and Path(path).suffix == ".h5":
                self.bridge.call(
                    "run",
                    path,
                    done=lambda found, p=path: self._record_read(p, found),
                    failed=lambda _text, _detail, p=path: self.data.add(p),
                )
            else:
                self.data.add(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.statusBar().showMessage(self.tr("Drop to open the files"))

    def dropEvent(self, event: QDropEvent) -> None:
        self.statusBar().clearMessage()
        self.open_paths([u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()])
        event.acceptProposedAction()

    def _offer_data(self) -> None:
        self.inputs.set_references(self.data.references(), self.data.current())

    def _data_selected(self, reference: str) -> None:
        preview = self.data.references().get(reference)
        self.methods.set_data_axes(len(preview.shape) if preview is not None else -1)
        if preview is not None:
            self.inputs.use(reference)

    def _learn(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.methods.set_catalogue(catalogue)
        self.start.set_catalogue(catalogue)
        self._update_commands()
        if self._demo:
            self.run_demo()

    def _ready(self, ready: Ready) -> None:
        self.run_pane.set_devices(ready.devices)
        for path in ready.recovered:
            self.log.add(f"recovered an interrupted run: {path}", "warning")
        if ready.recovered:
            self.notify(
                self.tr("{0} interrupted run(s) were recovered.").format(len(ready.recovered))
            )
            self.results.reload()
        self._update_activity()

    def _take_method(self, card: MethodCard) -> None:
        self._card = card
        self.parameters.set_method(card)
        self.inputs.set_method(card)
        self._offer_data()
        if self.data.current() in self.data.references():
            self.inputs.use(self.data.current())
        self._update_commands()

    def _take_example(self, name: str) -> None:
        assert self._card is not None
        example = next(e for e in self._card.examples if e.name == name)
        if example.settings:
            self.parameters.set_values(dict(example.settings))
        self._edited()

    def _set_faulty(self, faulty: bool) -> None:
        self._faulty = faulty
        self._edited()

    def _edited(self) -> None:
        self._ask_timer.start()
        self._update_commands()

    def _ask(self) -> None:
        job = self._job()
        if job is not None and self.bridge is not None:
            self._asked = job.id
            self.bridge.ask(job)

    def _billed(self, job: str, bill: Bill) -> None:
        if job != self._asked or self._card is None:
            return
        self.parameters.set_bill(bill)
        own = {f.name for f in self._card.fields}
        self.inputs.show_message("" if bill.field in own else bill.refusal)

    def _job(self) -> Job | None:
        if self._card is None or self._faulty or self.inputs.fault():
            return None
        return Job(
            method=self._card.id,
            parameters=self.parameters.values(),
            example=self.inputs.example(),
            inputs=self.inputs.inputs(),
            **self.run_pane.settings(),  # type: ignore[arg-type]
        )

    # --- runs ----------------------------------------------------------------------------------

    def run_example(self, method: str, example: str) -> None:
        """Load an example with its settings and run it."""
        self.methods.choose(method)
        self.inputs.choose_example(example)
        self._take_example(example)
        self.run()

    def run_demo(self) -> None:
        """Run the first example of each family, as soon as the methods are known."""
        self._demo = self._catalogue is None
        if self._catalogue is not None:
            for family in self._catalogue.families:
                self.start.card(family).click()

    def run(self) -> None:
        """Run the method as it is set up now."""
        job = self._job()
        if job is None or self.bridge is None or self._card is None:
            return
        title = job.title or f"{self._card.title}: {self.inputs.title()}"
        job = replace(job, title=title)
        self.runs[job.id] = RunView(job.id, title, job.method)
        self.bridge.submit(job)
        self.show_run(job.id)

    def run_again(self, record: str) -> None:
        """Take method, data and settings of a record, ready to run."""
        if self.bridge is not None:
            self.bridge.call("run", record, done=self._take_settings, failed=self.report)

    def _take_settings(self, found: Any) -> None:
        info = found[0]
        if self._catalogue is None or info.method not in {m.id for m in self._catalogue.methods}:
            self.report(self.tr("There is no method {0} in this version.").format(info.method), "")
            return
        self.methods.choose(info.method)
        if info.example:
            self.inputs.choose_example(info.example)
        self.parameters.set_values(info.parameters)
        self.run_pane.set_settings(info.device, info.precision, info.seed)
        for reference in info.inputs.values():
            self.data.add(reference)
        self.run()

    def pause(self, id: str = "") -> None:
        """Hold a run, or let it go on; without an id the one on show."""
        run = self._run_for(id)
        if run is not None and self.bridge is not None:
            (self.bridge.resume if run.state == "paused" else self.bridge.pause)(run.id)

    def stop(self, id: str = "") -> None:
        """Stop a run; asked a second time, offer to end the engine process."""
        run = self._run_for(id)
        if run is None or self.bridge is None:
            return
        if run.id in self._stopping and run.state in ("running", "paused"):
            self.notify(
                self.tr("{0} does not answer.").format(run.title),
                action=(self.tr("End the engine process"), self.bridge.engine.kill),
            )
            return
        self._stopping.add(run.id)
        self.bridge.stop(run.id)

    def show_run(self, id: str) -> None:
        """Look at a run."""
        self.centre.setCurrentWidget(self.plots)
        self.plots.set_run(self.runs[id])
        self._update_commands()

    def show_start(self) -> None:
        """Back to the first page."""
        self.centre.setCurrentWidget(self._start_place)
        self._update_commands()

    def _run_for(self, id: str) -> RunView | None:
        if id:
            return self.runs.get(id)
        active = [r for r in self.runs.values() if r.state in ("running", "paused")]
        shown = self.plots.run
        return shown if shown in active else (active[0] if active else None)

    def _run_changed(self, id: str, state: Any) -> None:
        run = self.runs[id]
        run.state = state
        if state == "running":
            self.log.add(f"{run.title} ({run.method}) started")
        self._refresh(run)

    def _run_stepped(self, id: str, step: Step) -> None:
        self.runs[id].step = step
        self.run_pane.update_run(self.runs[id])
        if self.plots.run is self.runs[id]:
            self.plots.refresh(changed="\0")
        self._update_activity()

    def _run_logged(self, id: str, logged: Any) -> None:
        self.runs[id].add(logged)
        if self.plots.run is self.runs[id]:
            self.plots.refresh(changed=PROGRESS)

    def _run_shown(self, id: str, figure: Any) -> None:
        self.runs[id].figures[figure.name] = figure
        if self.plots.run is self.runs[id]:
            self.plots.refresh(changed=figure.name)

    def _run_warned(self, id: str, text: str) -> None:
        self.log.add(f"{self.runs[id].title}: {text}", "warning")

    def _run_finished(self, id: str, finished: Finished) -> None:
        run = self.runs[id]
        self._stopping.discard(id)
        run.state, run.text, run.record = finished.state, finished.text, finished.record
        failed = finished.state == "failed"
        self.log.add(
            f"{run.title} {finished.state}: {finished.text}",
            "error" if failed else "info",
            finished.detail,
        )
        if failed:
            self.report(f"{run.title}: {finished.text}", finished.detail)
        self._refresh(run)
        self.results.reload()
        if run.record and self.bridge is not None:
            self.bridge.call(
                "run",
                run.record,
                done=lambda found: self._take_names(run, found[2]),
                failed=self.report,
            )

    def _take_names(self, run: RunView, names: tuple[str, ...]) -> None:
        if names:
            run.names, run.figures = names, {}
        self.results.choose(run.record)
        self._refresh(run)

    def _refresh(self, run: RunView) -> None:
        self.run_pane.update_run(run)
        if self.plots.run is run:
            self.plots.refresh()
        self._update_commands()
        self._update_activity()

    # --- records -------------------------------------------------------------------------------

    def open_record(self, record: str) -> None:
        """Look at a finished run."""
        for run in self.runs.values():
            if run.record == record:
                self.show_run(run.id)
                return
        if self.bridge is not None:
            self.bridge.call(
                "run",
                record,
                done=lambda found: self._record_read(record, found),
                failed=self.report,
            )

    def _record_read(self, record: str, found: Any) -> None:
        info, history, names = found
        run = RunView(record, info.title or Path(record).stem, info.method, info.state)
        run.text, run.record, run.names = info.status, record, names
        for name, scalars in history.items():
            run.history[name] = _curve(scalars.steps, scalars.values)
        self.runs[run.id] = run
        self.show_run(run.id)

    def _read_figure(self, record: str, name: str) -> None:
        run = self.plots.run
        if run is None or self.bridge is None:
            return

        def read(figure: Any) -> None:
            run.figures[name] = figure
            if self.plots.run is run:
                self.plots.refresh(changed=name)

        self.bridge.call("figure", record, name, done=read, failed=self.report)

    def _inspect(self, record: str) -> None:
        self.inspector.open(record)
        self.docks["inspector"].raise_()

    def _deleted(self, title: str, binned: str) -> None:
        self.notify(
            self.tr("{0} was moved to the bin.").format(title),
            action=(self.tr("Undo"), lambda: self.results.restore(binned)),
        )

    def export_figure(self) -> None:
        """Put the figure on show on paper."""
        run, name = self.plots.run, self.plots.figure_name()
        if run is None or not run.record or not name or name == PROGRESS:
            return
        folder = Path(self.settings.value("export folder") or Path.home())
        frame = self.plots.view.frame() if run.figures[name].frames() > 1 else None
        dialog = ExportDialog(name, folder, frame, self)
        dialog.wanted.connect(lambda path, options: self._export(run.record, name, path, options))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _export(self, record: str, name: str, path: str, options: dict[str, Any]) -> None:
        self.settings.setValue("export folder", str(Path(path).parent))

        def done(written: str) -> None:
            url = QUrl.fromLocalFile(written)
            self.notify(
                self.tr("Exported {0}").format(written),
                action=(self.tr("Open"), lambda: QDesktopServices.openUrl(url)),
            )

        if self.bridge is not None:
            self.bridge.call("export", record, name, path, options, done=done, failed=self.report)

    def copy_picture(self) -> None:
        """Copy the plots as they are on the screen."""
        QApplication.clipboard().setPixmap(self.plots.view.grab())
        self.statusBar().showMessage(self.tr("Copied"), 3000)

    # --- notices and state of the shell --------------------------------------------------------

    def notify(self, text: str, action: Any = None) -> None:
        """Tell something that needs no answer."""
        self.log.add(text)
        Notice(self, text, action=action)

    def report(self, text: str, detail: str = "") -> None:
        """Tell what went wrong."""
        self.log.add(text, "error", detail)
        Notice(self, text, detail=detail, error=True)

    def show_palette(self) -> None:
        """Open the command palette."""
        CommandPalette(self.commands, self).show()

    def set_theme(self, name: str) -> None:
        """Use the light, the dark or the system's scheme."""
        self.settings.setValue("theme", name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, name)

    def _gauge(self, gauge: Gauge) -> None:
        used, free, total = (n / 2**30 for n in (gauge.used, gauge.free, gauge.total))
        self._memory.setText(
            self.tr("{0}: engine {1:.1f} GiB, {2:.1f} of {3:.1f} GiB free").format(
                gauge.device, used, free, total
            )
        )

    def _died(self, died: Died) -> None:
        text = self.tr("The {0} process died: {1}.").format(died.who, died.text)
        text += " " + (
            self.tr("It was not started again; restart the program.")
            if died.gave_up
            else self.tr("It was started again; the queue goes on.")
        )
        self.report(text)
        self.results.reload()

    def _update_activity(self) -> None:
        active = [r for r in self.runs.values() if not r.over]
        going = [r for r in active if r.state in ("running", "paused")]
        self._busy.setVisible(bool(going))
        if not active:
            self._activity.setText(self.tr("Ready"))
            self.setWindowTitle("Methods Workbench")
            return
        first = (going or active)[0]
        step = first.step
        self._activity.setText(self.tr("{0} active").format(len(active)))
        if step is not None and step.total:
            self._busy.setRange(0, step.total)
            self._busy.setValue(step.done)
            part = f"{100 * step.done // step.total} % "
        else:
            self._busy.setRange(0, 0)
            part = f"{duration(step.seconds)} " if step else ""
        self.setWindowTitle(f"{part}{first.title} – Methods Workbench")

    def _update_commands(self) -> None:
        if not hasattr(self, "inputs"):
            return
        run = self._run_for("")
        why = self.inputs.fault() if self._card else ""
        self.run_pane.explain(why)
        self.commands["run"].setEnabled(
            self._card is not None and not self._faulty and not why and self.bridge is not None
        )
        self.commands["pause"].setEnabled(run is not None)
        self.commands["pause"].setText(
            self.tr("Go on") if run is not None and run.state == "paused" else self.tr("Pause")
        )
        self.commands["stop"].setEnabled(run is not None)
        shown = self.plots.run
        on_paper = bool(shown and shown.record and shown.names)
        self.commands["export"].setEnabled(on_paper and self.plots.figure_name() != PROGRESS)
        self.commands["copy"].setEnabled(shown is not None and bool(self.plots.figure_name()))


def _curve(steps: Any, values: Any) -> Any:
    from ui.run_view import Curve

    curve = Curve()
    for step, value in zip(steps, values, strict=True):
        curve.add(float(step), float(value))
    return curve
