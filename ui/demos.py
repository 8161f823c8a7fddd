"""What shows the program to others: the gallery, the tour, scenes and the replay of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.bridge import Bridge
from ui.commands import TOLD_MS
from ui.panes.gallery import GalleryPage
from ui.replay import ReplayWindow
from ui.scenes import SceneControl
from ui.tour import Tour
from workbench.catalogue import Catalogue

if TYPE_CHECKING:
    from ui.window import MainWindow


class Demos(QObject):
    """Puts the gallery into the middle of the window and does what its cards ask for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._bridge: Bridge | None = None
        self.scenes = SceneControl(window)
        self.scenes.shown.connect(window.presenter.tell)
        self.scenes.changed.connect(lambda: window.setup.changed.emit())
        for command in ("add scene", "replay"):
            window.plots.offer(window.commands[command])
        window.results.replay_wanted.connect(self.replay)
        self.gallery = GalleryPage()
        window.centre.addWidget(self.gallery)
        self.gallery.run_wanted.connect(window.run_example)
        self.gallery.setup_wanted.connect(self._set_up)
        window.start.gallery_wanted.connect(self.show_gallery)
        self.tour = Tour(window)
        window.start.tour.setHidden(window.settings["toured"])
        window.start.tour_wanted.connect(self.take_tour)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        self.scenes.attach(bridge)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These are the methods whose examples are shown."""
        self.gallery.set_catalogue(catalogue)

    def show_gallery(self) -> None:
        """Bring the gallery into sight."""
        self._window.centre.setCurrentWidget(self.gallery)

    def take_tour(self) -> None:
        """Walk through the panes; the start page offers it until it was taken once."""
        self._window.settings["toured"] = True
        self._window.start.tour.hide()
        self.tour.begin()

    def replay_shown(self) -> None:
        """Replay the run on show, its picture on show first."""
        plots = self._window.plots
        if plots.run is not None:
            self.replay(plots.run.record, plots.figure_name())

    def replay(self, record: str, figure: str = "") -> None:
        """Play a record on a clock."""
        if record and self._bridge is not None:
            ReplayWindow(record, self._bridge, self._window, figure).show()

    def _set_up(self, method: str, example: str) -> None:
        w = self._window
        w.setup.load_example(method, example)
        w.reveal("parameters")
        w.reveal("run")
        card = next(e for e in w.setup.examples() if e.name == example)
        w.status.showMessage(self.tr("{0} is set up; press Run.").format(card.title), TOLD_MS)
