"""What is on show, on paper or in the clipboard: figures of a run, of a comparison, its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow
from shiboken6 import isValid

from engines.figure import Figure
from ui.bridge import Bridge
from ui.export_dialog import ExportDialog
from ui.figure_view import FigureView
from ui.notice import Notices
from ui.panes.comparison import ComparisonPage
from ui.panes.plots import PlotsPane
from workbench.catalogue import Catalogue, MethodCard


class Exports(QObject):
    """Asks where a picture is to go and has the desk write it."""

    def __init__(
        self,
        window: QMainWindow,
        plots: PlotsPane,
        comparison: ComparisonPage,
        notices: Notices,
        settings: QSettings,
    ) -> None:
        super().__init__(window)
        self._window, self._plots, self._comparison = window, plots, comparison
        self._notices, self._settings = notices, settings
        self._bridge: Bridge | None = None
        self._cards: dict[str, MethodCard] = {}

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These methods are known; captions cite them."""
        self._cards = {card.id: card for card in catalogue.methods}

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def can_export(self) -> bool:
        """Whether what is on show is in records, from where it can be put on paper."""
        if self._comparing():
            return bool(self._comparison.records)
        run, name = self._plots.run, self._plots.figure_name()
        return run is not None and name in run.names and name in run.figures

    def can_copy(self) -> bool:
        """Whether there is something to copy."""
        return self._comparing() or (
            self._plots.run is not None and bool(self._plots.figure_name())
        )

    def export(self) -> None:
        """Put the figure on show on paper, or the table of a comparison into a file."""
        if not self.can_export():
            return
        if self._comparing():
            records, name = self._comparison.records, self._comparison.figure_name()
            figure = self._comparison.shown_figure()
            if not name:
                self._ask_for_table(records)
            elif figure is not None:
                self._ask(f"comparison-{name}", figure, self._comparison.view, records, name)
            return
        run, name = self._plots.run, self._plots.figure_name()
        assert run is not None
        self._ask(name, run.figures[name], self._plots.view, run.record, name)

    def copy(self) -> None:
        """Copy the plots as they are on the screen, or the table of a comparison as text."""
        if self._comparing() and not self._comparison.figure_name():
            QApplication.clipboard().setText(self._comparison.table_text())
        else:
            view = self._comparison.view if self._comparing() else self._plots.view
            QApplication.clipboard().setPixmap(view.grab())
        self._window.statusBar().showMessage(self.tr("Copied"), 3000)

    def _comparing(self) -> bool:
        return self._comparison.isVisibleTo(self._window)

    def _folder(self) -> Path:
        return Path(self._settings.value("export folder") or Path.home())

    def _ask(self, title: str, figure: Figure, view: FigureView, where: Any, name: str) -> None:
        frame = view.movie.frame() if figure.frames() > 1 else None
        call = "export" if isinstance(where, str) else "export_compared"
        dialog = ExportDialog(title, figure, self._folder(), frame, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(lambda path, options: self._write(call, where, name, path, options))
        dialog.page_wanted.connect(lambda options: self._draw_page(dialog, where, name, options))
        if isinstance(where, str):  # a figure of one run has a caption
            dialog.offer_caption()
            dialog.caption_wanted.connect(lambda path: self._write_caption(where, name, path))
            dialog.copy_wanted.connect(lambda: self._copy_caption(where, name))
        dialog.open()

    def _ask_for_table(self, records: list[str]) -> None:
        dialog = QFileDialog(self._window, self.tr("Save table"), str(self._folder()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("comparison.csv")
        dialog.fileSelected.connect(
            lambda path: self._write("export_compared", records, "", path, {})
        )
        dialog.open()

    def _write(self, call: str, where: Any, name: str, path: str, options: dict[str, Any]) -> None:
        self._settings.setValue("export folder", str(Path(path).parent))

        if self._bridge is not None:
            self._bridge.call(
                call,
                where,
                name,
                path,
                options,
                done=self._notices.tell_written,
                failed=self._notices.report,
            )

    def _draw_page(
        self, dialog: ExportDialog, where: Any, name: str, options: dict[str, Any]
    ) -> None:
        def done(held: bytes) -> None:
            if isValid(dialog):
                dialog.set_page(held, options)

        def failed(text: str, _detail: str) -> None:
            if isValid(dialog):
                dialog.explain(text)

        if self._bridge is not None:
            self._bridge.call("page", where, name, options, done=done, failed=failed)

    def _write_caption(self, record: str, name: str, path: str) -> None:
        if self._bridge is not None:
            beside = str(Path(path).with_suffix(".txt"))
            self._bridge.call(
                "save_caption",
                record,
                name,
                beside,
                self._cards,
                done=lambda _: None,
                failed=self._notices.report,
            )

    def _copy_caption(self, record: str, name: str) -> None:
        def done(text: str) -> None:
            QApplication.clipboard().setText(text)
            self._window.statusBar().showMessage(self.tr("Copied"), 3000)

        if self._bridge is not None:
            self._bridge.call(
                "caption", record, name, self._cards, done=done, failed=self._notices.report
            )
