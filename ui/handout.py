"""What goes out of the window as words: reports, scripts, notebooks, citations."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow

from ui.bridge import Bridge
from ui.notice import Notices
from ui.panes.methods import MethodsPane
from ui.panes.plots import PlotsPane
from ui.panes.results import ResultsPane
from ui.settings import Settings
from workbench.catalogue import Catalogue, MethodCard
from workbench.cite import bibtex

REPORTS = (("HTML", "html"), ("PDF", "pdf"), ("PowerPoint", "pptx"))
SCRIPTS = (("Python", "py"), ("Jupyter notebook", "ipynb"))


class Handouts(QObject):
    """Asks where the words are to go and has the desk write them."""

    def __init__(
        self,
        window: QMainWindow,
        plots: PlotsPane,
        results: ResultsPane,
        methods: MethodsPane,
        notices: Notices,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._plots, self._results = window, plots, results
        self._notices, self._settings = notices, settings
        self._bridge: Bridge | None = None
        self._cards: dict[str, MethodCard] = {}
        self._chosen: MethodCard | None = None
        methods.chosen.connect(self._take_method)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These methods are known."""
        self._cards = {card.id: card for card in catalogue.methods}

    def records(self) -> list[str]:
        """The selected records, else the one on show."""
        shown = self._plots.run
        return self._results.selected() or ([shown.record] if shown and shown.record else [])

    def method(self) -> MethodCard | None:
        """The method of the run on show, else the one that is set up."""
        shown = self._plots.run
        return self._cards.get(shown.method) if shown else self._chosen

    def report(self) -> None:
        """Ask for a file and write a report on the selected records."""
        if records := self.records():
            self._ask(self.tr("Save report"), "report.html", REPORTS, "report", records)

    def save_script(self) -> None:
        """Ask for a file and write the script or notebook of a record."""
        if records := self.records():
            name = f"{Path(records[0]).stem}.py"
            title = self.tr("Save as script or notebook")
            self._ask(title, name, SCRIPTS, "save_script", records[0])

    def copy_python(self) -> None:
        """Copy the script of a record."""
        records = self.records()
        if records and self._bridge is not None:
            self._bridge.call(
                "script",
                records[0],
                self._cards,
                done=lambda text: self._copy(text, self.tr("Copied as Python")),
                failed=self._notices.report,
            )

    def copy_bibtex(self) -> None:
        """Copy the papers of a method."""
        if card := self.method():
            text = self.tr("Copied the BibTeX of {0}").format(card.title)
            self._copy(bibtex(card.papers), text)

    def _take_method(self, card: MethodCard) -> None:
        self._chosen = card

    def _copy(self, text: str, said: str) -> None:
        QApplication.clipboard().setText(text)
        self._window.statusBar().showMessage(said, 3000)

    def _ask(
        self, title: str, name: str, kinds: tuple[tuple[str, str], ...], call: str, what: object
    ) -> None:
        folder = self._settings["export folder"] or str(Path.home())
        dialog = QFileDialog(self._window, title, folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{kind} (*.{ending})" for kind, ending in kinds])
        dialog.setDefaultSuffix(kinds[0][1])
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(chosen.rsplit(".", 1)[-1].rstrip(")"))
        )
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self._write(call, what, path))
        dialog.open()

    def _write(self, call: str, what: object, path: str) -> None:
        self._settings["export folder"] = str(Path(path).parent)
        bar = self._window.statusBar()

        def done(written: str) -> None:
            bar.clearMessage()
            self._notices.tell_written(written)

        def failed(text: str, detail: str) -> None:
            bar.clearMessage()
            self._notices.report(text, detail)

        if self._bridge is not None:
            bar.showMessage(self.tr("Writing {0}…").format(Path(path).name))
            self._bridge.call(call, what, path, self._cards, done=done, failed=failed)
