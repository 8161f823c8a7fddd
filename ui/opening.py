"""Ways to open data besides files: a folder of pictures, the clipboard, a table read otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from ui.bridge import Bridge
from ui.notice import Notices
from ui.panes.data import DataPane
from ui.panes.inputs import InputsPane
from ui.run_setup import RunSetup

if TYPE_CHECKING:
    from ui.window import MainWindow
    from workbench.data import Part  # brings the readers

MOST_PIXELS = 40_000_000  # of a picture that is handed on while the window waits: 50 ms


class Opening(QObject):
    """Asks, hands the work to the desk, and puts what comes of it into the data pane."""

    def __init__(
        self,
        window: MainWindow,
        data: DataPane,
        setup: RunSetup,
        inputs: InputsPane,
        notices: Notices,
    ) -> None:
        super().__init__(window)
        self._window, self._data, self._setup = window, data, setup
        self._inputs, self._notices = inputs, notices
        self._bridge: Bridge | None = None
        data.import_wanted.connect(self.import_table)
        data.steps_wanted.connect(self.change_steps)
        data.refused.connect(self._refused)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def drop(self, paths: list[str], place: QPoint) -> None:
        """Open files that fell on the window; data are taken there, or where they fit."""
        self._setup.expect(paths, self._inputs.array_at(self._window.childAt(place)))
        self._window.open_paths(paths)

    def open(self, path: str) -> None:
        """Open a data file; a picture that was exported leads back to its record."""

        def found(stamp: dict | None) -> None:
            if stamp is None:
                self._data.add(path)
            else:
                self._reopen(stamp)

        def lost(text: str, detail: str) -> None:
            action = (self.tr("Open as data"), lambda: self._data.add(path))
            self._notices.report(text, detail, action)

        if self._bridge is not None:
            self._bridge.call("origin", path, done=found, failed=lost)

    def _reopen(self, stamp: dict) -> None:
        view = tuple(stamp["view"]) if "view" in stamp else None
        runs, plots = self._window.runs, self._window.plots
        runs.open_record(
            stamp["record"], then=lambda: plots.seek(stamp["figure"], stamp.get("frame"), view)
        )

    def open_folder(self) -> None:
        """Ask for a folder of pictures."""
        start = self._window.settings["open folder"]
        dialog = QFileDialog(self._window, self.tr("Open a folder of pictures"), start)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self._window.open_paths)
        dialog.open()

    def import_table(self, reference: str) -> None:
        """Ask how a table is to be read."""
        if self._bridge is None:
            return
        from ui.import_dialog import ImportDialog  # brings the readers

        dialog = ImportDialog(reference, self._inputs.fields(), self._bridge, self._window)
        dialog.wanted.connect(self._import)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def change_steps(self, reference: str) -> None:
        """Ask what is to be done with a data set before a run takes it."""
        if self._bridge is None:
            return
        from ui.steps_dialog import StepsDialog  # brings the readers

        name = self._data.name_of(reference)
        dialog = StepsDialog(reference, name, self._bridge, self._window)
        dialog.wanted.connect(lambda wanted: self._exchange(reference, wanted))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _exchange(self, old: str, new: str) -> None:
        """Open a data set after its steps; where it was taken before them it is taken so."""
        inputs = self._inputs.inputs()
        if new != old and old in inputs.values():
            self._inputs.set_inputs({n: new if r == old else r for n, r in inputs.items()})
        self._data.add(new)

    def paste(self) -> None:
        """Open what the clipboard holds: files, a table of numbers, or a picture."""
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()  # an empty one may be none
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if paths:
            self._window.open_paths(paths)
        elif mime.text().strip():
            # Spreadsheets offer their cells as a picture too; that is second best.
            self._call("paste_text", mime.text(), failed=self._no_table)
        elif mime.hasImage():
            self._paste_picture()
        else:
            self._notices.report(
                self.tr("The clipboard holds no data; copy a table, a picture or files first.")
            )

    def _no_table(self, text: str, detail: str) -> None:
        if QGuiApplication.clipboard().mimeData().hasImage():
            self._paste_picture()
        else:
            self._notices.report(text, detail)

    def _paste_picture(self) -> None:
        image = QGuiApplication.clipboard().image()
        if image.width() * image.height() > MOST_PIXELS:
            self._notices.report(
                self.tr("The picture is too large to be pasted; save it to a file and open that.")
            )
            return
        image = image.convertToFormat(QImage.Format.Format_RGBA8888)
        self._call("paste_picture", image.width(), bytes(image.constBits()))

    def _call(self, name: str, *args: object, failed: Callable | None = None) -> None:
        if self._bridge is not None:
            failed = failed or self._notices.report
            self._bridge.call(name, *args, done=self._data.add, failed=failed)

    def _import(self, reference: str, arrays: dict[str, str]) -> None:
        if arrays:
            self._setup.assign(arrays)
        if reference:
            self._data.add(reference, select=not arrays)

    def _refused(self, reference: str, text: str, detail: str) -> None:
        """Say why; where it is a table, other options may help, where it is too large, a crop."""
        options = (self.tr("Import options…"), lambda: self.import_table(reference))
        steps = (self.tr("Steps…"), lambda: self.change_steps(reference))

        def judge(parts: tuple[Part, ...]) -> None:
            from workbench.data.base import Limits  # the parts brought the readers

            most = max((math.prod(p.shape) * np.dtype(p.dtype).itemsize for p in parts), default=0)
            self._notices.report(text, detail, steps if most > Limits().bytes else None)

        def no_table(*_: str) -> None:
            assert self._bridge is not None
            self._bridge.call(
                "parts",
                reference,
                done=judge,
                failed=lambda *_: self._notices.report(text, detail),
            )

        if self._bridge is not None:
            self._bridge.call(
                "table_head",
                reference,
                done=lambda _: self._notices.report(text, detail, options),
                failed=no_table,
            )
