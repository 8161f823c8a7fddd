"""What is on show, on paper or in the clipboard: figures of a run, of a comparison, its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow
from shiboken6 import isValid

from engines.figure import Figure
from ui.batch_dialog import BatchDialog
from ui.bridge import Bridge
from ui.drag_out import DragOut
from ui.export_dialog import ExportDialog
from ui.figure_view import FigureView
from ui.notice import Notices
from ui.panes.comparison import PARALLEL, SEEDS, ComparisonPage
from ui.panes.plots import PlotsPane
from ui.progress import Drawing
from ui.settings import Settings
from workbench.batch import Piece
from workbench.catalogue import Catalogue, MethodCard

DRAGGED_MM = 120.0  # width of a picture that is dragged out


class Exports(QObject):
    """Asks where a picture is to go and has the desk write it."""

    def __init__(
        self,
        window: QMainWindow,
        plots: PlotsPane,
        comparison: ComparisonPage,
        notices: Notices,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._plots, self._comparison = window, plots, comparison
        self._notices, self._settings = notices, settings
        self._bridge: Bridge | None = None
        self._cards: dict[str, MethodCard] = {}
        self.drag_out = DragOut(plots.view, self.drawer, self)

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
            page = self._comparison
            records, name, figure = page.records, page.figure_name(), page.shown_figure()
            if name in ("", SEEDS):
                self._ask_for_table(records, page.statistics() if name else "")
            elif figure is not None:
                where = page.sheet() if name == PARALLEL else page.drawn
                self._ask(f"comparison-{name.strip(':')}", figure, page.view, where, name)
            return
        run, name = self._plots.run, self._plots.figure_name()
        assert run is not None
        self._ask(name, run.figures[name], self._plots.view, run.record, name)

    def export_all(self, records: list[str]) -> None:
        """Put every figure of some records on paper."""
        bridge = self._bridge
        if bridge is None or not records:
            return
        target = self._settings["export target"]
        dialog = BatchDialog(records, self._folder(), target, self._window)

        def ask(*question: str) -> None:
            def answer(tell: Callable[..., None], found: Any) -> None:
                if isValid(dialog):
                    tell(found, question)

            bridge.call(
                "batch_plan",
                records,
                *question,
                done=lambda plan: answer(dialog.show_plan, plan),
                failed=lambda text, _: answer(dialog.explain, text),
            )

        dialog.plan_wanted.connect(ask)
        dialog.wanted.connect(self._write_all)
        dialog.open()

    def _write_all(self, pieces: tuple[Piece, ...], options: dict[str, Any]) -> None:
        folder = str(Path(pieces[0].path).parent)
        self._settings["export folder"] = folder

        def done(paths: list[str]) -> None:
            url = QUrl.fromLocalFile(folder)
            self._notices.tell(
                self.tr("Exported to {1}; figures: {0}").format(len(paths), folder),
                (self.tr("Show folder"), lambda: QDesktopServices.openUrl(url)),
            )

        if self._bridge is not None:
            Drawing(self._window).begin(
                self._bridge, "batch", pieces, options, done=done, failed=self._notices.report
            )

    def drawer(self) -> tuple[str, Callable[[str], None] | None]:
        """Name of the picture of the run on show, and what draws it into a file if it can be."""
        run, name = self._plots.run, self._plots.figure_name()
        if run is None or name not in run.names or name not in run.figures:
            return name or "picture", None
        record, figure, view = run.record, run.figures[name], self._plots.view
        options: dict[str, Any] = {"width_mm": DRAGGED_MM}
        if figure.frames() > 1:
            options["frame_index"] = view.movie.frame()
        if view.view() is not None:
            options["view"] = view.view()

        def draw(path: str) -> None:
            if self._bridge is not None:
                self._bridge.call(
                    "export",
                    record,
                    name,
                    path,
                    options,
                    done=lambda _: None,
                    failed=lambda *_: None,  # the picture of the screen takes its place
                )

        return f"{Path(record).stem}-{name}", draw

    def copy(self) -> None:
        """Copy the plots as they are on the screen, or the table of a comparison as text."""
        name = self._comparison.figure_name() if self._comparing() else None
        if name in ("", SEEDS):
            text = self._comparison.statistics() if name else self._comparison.table_text()
            QApplication.clipboard().setText(text)
        elif name == PARALLEL:
            QApplication.clipboard().setPixmap(self._comparison.parallel.view.grab())
        else:
            view = self._comparison.view if self._comparing() else self._plots.view
            view.plots.rest()
            QApplication.clipboard().setPixmap(view.grab())
        self._window.statusBar().showMessage(self.tr("Copied"), 3000)

    def _comparing(self) -> bool:
        return self._comparison.isVisibleTo(self._window)

    def _folder(self) -> Path:
        return Path(self._settings["export folder"] or Path.home())

    def _ask(self, title: str, figure: Figure, view: FigureView, where: Any, name: str) -> None:
        frame = view.movie.frame() if figure.frames() > 1 else None
        figure = replace(figure, view=view.view() or figure.view)
        call = "export" if isinstance(where, str) else "export_compared"
        dialog = ExportDialog(title, figure, self._folder(), frame, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.choose(self._settings["export target"])
        dialog.wanted.connect(lambda path, options: self._write(call, where, name, path, options))
        dialog.page_wanted.connect(lambda options: self._draw_page(dialog, where, name, options))
        if isinstance(where, str):  # a figure of one run has a caption
            dialog.offer_caption(self._settings["export caption"])
            dialog.caption_wanted.connect(lambda path: self._write_caption(where, name, path))
            dialog.copy_wanted.connect(lambda: self._copy_caption(where, name))
        dialog.open()

    def _ask_for_table(self, records: list[str], text: str = "") -> None:
        """Into a file with the table of some records, or with this text."""
        dialog = QFileDialog(self._window, self.tr("Save table"), str(self._folder()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("comparison.csv")
        where = text or records
        dialog.fileSelected.connect(
            lambda path: self._write("export_compared", where, "", path, {})
        )
        dialog.open()

    def _write(self, call: str, where: Any, name: str, path: str, options: dict[str, Any]) -> None:
        self._settings["export folder"] = str(Path(path).parent)
        if self._bridge is not None and "every" in options:
            Drawing(self._window).begin(
                self._bridge,
                "movie",
                where,
                name,
                path,
                options,
                done=self._notices.tell_written,
                failed=self._notices.report,
            )
        elif self._bridge is not None:
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
