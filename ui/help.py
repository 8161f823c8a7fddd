"""F1: the page of the manual about what has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from ui.manual import Manual
from workbench.catalogue import Catalogue

if TYPE_CHECKING:
    from ui.window import MainWindow

FIRST = "01-first-steps"
# Pane to page; the parameters and the methods have the page of the chosen method.
PAGES = {
    "data": "02-data",
    "parameters": "03-parameters",
    "run": "04-running",
    "sweep": "04-running",
    "plots": "05-plots",
    "results": "06-results",
    "inspector": "06-results",
    "gallery": "09-demo",
}


class Help(QObject):
    """Keeps one window of the manual, made when it is first asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._catalogue: Catalogue | None = None
        self._manual: Manual | None = None

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These are the methods that have pages."""
        self._catalogue = catalogue
        if self._manual is not None:
            self._manual.deleteLater()
            self._manual = None

    def open(self) -> None:
        """Show the page about what has the focus."""
        if self._manual is None:
            self._manual = Manual(self._catalogue, self._window)
        self._manual.open_at(self._page())

    def _page(self) -> str:
        w, focus = self._window, QApplication.focusWidget()
        if focus is None:
            return FIRST
        places = {**w.docks, "plots": w.plots, "gallery": w.demos.gallery}
        name = next((n for n, place in places.items() if place.isAncestorOf(focus)), "")
        if name in ("parameters", "methods") and w.setup.method():
            return w.setup.method()
        return PAGES.get(name, FIRST)
