"""Back and forward through what was zoomed to."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QToolButton

from ui.icons import icon
from ui.panel import PanelItem
from ui.plot_area import PlotArea

Range = tuple[tuple[float, float], tuple[float, float]]
# The limits in sight of each panel; None where it shows all its data.
State = tuple[Range | None, ...]
# A turn of the wheel or a drag is one step; it is over when nothing moves for so long.
PAUSE_MS = 300
MOST = 100  # steps that are kept


class ZoomHistory(QObject):
    """Remembers the views of one figure; another one begins anew."""

    def __init__(self, plots: PlotArea) -> None:
        super().__init__(plots)
        self._plots = plots
        self._past: list[State] = []
        self._future: list[State] = []
        self._now: State = ()
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._note)
        self.backward = self._button(self.tr("Previous view"), "Alt+Left", self.back)
        self.onward = self._button(self.tr("Next view"), "Alt+Right", self.forward)
        plots.moved.connect(self._timer.start)
        self.tint()
        self._offer()

    def _button(self, name: str, keys: str, do: object) -> QToolButton:
        button = QToolButton(autoRaise=True, toolTip=f"{name} ({keys})")
        button.setAccessibleName(name)
        button.clicked.connect(do)
        return button

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        self.backward.setIcon(icon("back"))
        self.onward.setIcon(icon("forward"))

    def forget(self) -> None:
        """Another figure comes."""
        self._timer.stop()
        self._past, self._future, self._now = [], [], ()
        self._offer()

    def back(self) -> None:
        """Look again at what was seen before."""
        self._settle()
        self._step(self._past, self._future)

    def forward(self) -> None:
        """Take a step back again."""
        self._settle()
        self._step(self._future, self._past)

    def _step(self, source: list[State], target: list[State]) -> None:
        if source:
            target.append(self._now)
            self._show(source.pop())
            self._now = self._state()  # a panel of equal units may have another shape by now
            self._timer.stop()  # this was no move of the user
            self._offer()

    def _settle(self) -> None:
        """A move that goes on counts as one step."""
        if self._timer.isActive():
            self._note()

    def _note(self) -> None:
        self._timer.stop()
        state = self._state()
        start: State = (None,) * len(state)
        now = self._now or start
        if state != now:
            self._past = [*self._past, now][-MOST:]
            self._future = []
        self._now = state
        self._offer()

    def _state(self) -> State:
        return tuple(
            tuple(tuple(ends) for ends in item.view.viewRange())
            if isinstance(item, PanelItem) and item.touched
            else None
            for item in self._plots.panels
        )

    def _show(self, state: State) -> None:
        for item, ranges in zip(self._plots.panels, state, strict=False):
            if not isinstance(item, PanelItem):
                continue
            if ranges is None:
                item.reset()
            else:
                item.touched = True
                item.view.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)

    def _offer(self) -> None:
        self.backward.setEnabled(bool(self._past))
        self.onward.setEnabled(bool(self._future))
