"""The pictures of one run: live while it goes on, afterwards the same ones from its record."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Figure
from ui.elided import ElidedLabel
from ui.figure_view import FigureView
from ui.run_view import PROGRESS, RunView
from ui.words import state_text
from workbench.camera import Camera

# Curves of scalars are drawn at most this often; a person does not read numbers faster.
HISTORY_INTERVAL = 0.1


class PlotsPane(QWidget):
    """A tab for each picture of the run and one view, so that only what is seen is drawn."""

    figure_wanted = Signal(str, str)  # record, figure name
    hovered = Signal(str)
    picture_changed = Signal()  # another picture is on show, or none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunView | None = None
        self._drawn = 0.0
        self._on_show = ("", "")  # run and name of the picture in sight
        self._picked = ""  # the tab that the user clicked, in this run
        # Run, name, frame and view of a picture that is not there yet.
        self._sought: tuple[str, str, int | None, tuple[float, float] | None]
        self._sought = ("", "", None, None)
        self._title = ElidedLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._state = ElidedLabel()
        self._state.setObjectName("hint")
        self._tabs = QTabBar(expanding=False, drawBase=False)
        self._tabs.setAccessibleName(self.tr("Pictures of the run"))
        self._tabs.setUsesScrollButtons(True)
        self.view = FigureView()
        self._waiting = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._waiting.setObjectName("hint")
        self._waiting.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self.view)
        self._head = head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)
        self._tabs.currentChanged.connect(lambda _: self._show())
        self._tabs.tabBarClicked.connect(self._pick)
        self.view.hovered.connect(self.hovered)
        self._wait(self.tr("Run a method to see its pictures here."))

    def offer(self, action: QAction) -> None:
        """Put a command of the window beside the title."""
        button = QToolButton(autoRaise=True)
        button.setDefaultAction(action)
        self._head.addWidget(button)

    @property
    def run(self) -> RunView | None:
        """The run on show."""
        return self._run

    def figure_name(self) -> str:
        """Name of the picture on show, empty where there is none."""
        index = self._tabs.currentIndex()
        return self._tabs.tabData(index) if index >= 0 else ""

    def figure_title(self) -> str:
        """What its tab is called."""
        return self._tab_title(self.figure_name())

    def shown_figure(self) -> Figure | None:
        """The picture on show."""
        return self._run.picture(self.figure_name()) if self._run else None

    def set_run(self, run: RunView, picture: str = "") -> None:
        """Look at another run, at that picture or at the first."""
        self._run = run
        self._picked = picture
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        self._tabs.blockSignals(False)
        self.refresh()

    def choose(self, name: str) -> None:
        """Show the picture of that name."""
        for i in range(self._tabs.count()):
            if self._tabs.tabData(i) == name:
                self._tabs.setCurrentIndex(i)

    def seek(
        self, name: str, frame: int | None = None, view: tuple[float, float] | None = None
    ) -> None:
        """Show a picture of this run at a frame and from a place, as soon as it is there."""
        if self._run is None or name not in self._run.tabs():
            return
        self._picked, self._sought = name, (self._run.id, name, frame, view)
        self.choose(name)
        self._show()

    def _arrive(self, name: str) -> None:
        """Go to the frame that was sought."""
        if self._run is None or self._sought[:2] != (self._run.id, name):
            return
        frame, view = self._sought[2:]
        self._sought = ("", "", None, None)
        self.view.figure()  # it is drawn now, and the slider knows how far it goes
        if frame is not None:
            self.view.movie.slider.setValue(frame)
        if view is not None:
            self.view.plots.aim(Camera(*view))

    def step(self, by: int) -> None:
        """Show the next picture, or the one before; after the last comes the first."""
        if self._tabs.count():
            index = (self._tabs.currentIndex() + by) % self._tabs.count()
            self._tabs.setCurrentIndex(index)
            self._pick(index)

    def refresh(self, changed: str = "") -> None:
        """The run has something new; `changed` names a picture, empty means anything."""
        if self._run is None:
            return
        self.update_state()
        self._update_tabs()
        now = self.figure_name()
        if changed == PROGRESS and time.monotonic() - self._drawn < HISTORY_INTERVAL:
            return
        if not changed or changed == now:
            self._show()

    def update_state(self) -> None:
        """The run got further."""
        if self._run is None:
            return
        self._title.setText(self._run.title)
        state = self._run.text if self._run.over and self._run.text else self._run.progress_text()
        self._state.setText("  ·  ".join(p for p in (state_text(self._run.state), state) if p))

    def rename(self, record: str, title: str) -> None:
        """A record got another title."""
        if self._run is not None and self._run.record == record:
            self._run.title = title
            self.update_state()

    def explain(self, name: str, text: str) -> None:
        """Say why a picture cannot be shown."""
        if name == self.figure_name():
            self._wait(text)

    def _update_tabs(self) -> None:
        assert self._run is not None
        wanted = self._run.tabs()
        now = self._picked or (self.figure_name() if self.figure_name() != PROGRESS else "")
        have = tuple(self._tabs.tabData(i) for i in range(self._tabs.count()))
        if wanted == have:
            return
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for name in wanted:
            self._tabs.setTabData(self._tabs.addTab(self._tab_title(name)), name)
        self._tabs.blockSignals(False)
        if now in wanted:
            self._tabs.setCurrentIndex(wanted.index(now))
        self._show()

    def _pick(self, index: int) -> None:
        self._picked = self._tabs.tabData(index) if index >= 0 else ""

    def _tab_title(self, name: str) -> str:
        return self.tr("Progress") if name == PROGRESS else name.replace("_", " ").capitalize()

    def _show(self) -> None:
        if self._run is None:
            return
        name = self.figure_name()
        if not name:
            waiting = {
                "queued": self.tr("Waiting in the queue…"),
                "running": self.tr("Running; the first picture is on its way…"),
                "paused": self.tr("Paused before the first picture."),
            }
            self._wait(waiting.get(self._run.state, self._run.text or self.tr("No pictures.")))
            return
        figure = self._run.picture(name)
        if figure is None:
            if self._on_show != (self._run.id, name):  # the live picture stays till then
                self._wait(self.tr("Reading the record…"))
            self.figure_wanted.emit(self._run.record, name)
            return
        self._drawn = time.monotonic()
        self.view.set_figure(figure)
        self._stack.setCurrentWidget(self.view)
        self._note((self._run.id, name))
        self._arrive(name)

    def _wait(self, text: str) -> None:
        self._waiting.setText(text)
        self._stack.setCurrentWidget(self._waiting)
        self._note(("", ""))

    def _note(self, on_show: tuple[str, str]) -> None:
        if on_show != self._on_show:
            self._on_show = on_show
            self.picture_changed.emit()
