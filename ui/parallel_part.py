"""Parallel coordinates with what chooses their axes and their colour."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.elided import Modest
from ui.flow import Flow
from ui.parallel import ParallelView
from workbench.parallel import Rail, Sheet, Table, sheet

MOST = 10  # axes at first; more are crowded


class ParallelPart(QWidget):
    """A bar above the view; `brushed` tells which runs are within all intervals."""

    brushed = Signal(list)  # runs; empty where there is no interval
    opened = Signal(str)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ParallelView()
        self._whole = Table((), (), ())
        self._hidden: set[str] = set()
        self._colour = Modest()
        self._colour.setAccessibleName(self.tr("Metric that colours the lines"))
        self._axes = QToolButton(text=self.tr("Axes"), autoRaise=True)
        self._axes.setToolTip(self.tr("Settings and metrics that have an axis"))
        self._axes.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._axes)
        self._axes.setMenu(self._menu)
        self._clear = QToolButton(text=self.tr("Clear"), autoRaise=True)
        self._clear.setToolTip(self.tr("Take all intervals away (Escape)"))
        self._clear.clicked.connect(self.view.clear)
        self._said = QLabel()
        self._said.setObjectName("hint")
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar, layout = Flow(), QVBoxLayout(self)
        coloured = QLabel(self.tr("Coloured by"))
        coloured.setBuddy(self._colour)
        for part in (coloured, self._colour, self._axes, self._clear, self._said):
            bar.addWidget(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(bar)
        layout.addWidget(self.view, 1)
        self._colour.activated.connect(lambda _: self._recolour())
        self.view.opened.connect(self.opened)
        self.view.hovered.connect(self.hovered)
        self.view.brushed.connect(self._tell)

    def set_table(self, found: Table) -> None:
        """Show these runs; order, colour and hidden axes stay where they have the same names."""
        names = [rail.name for rail in found.rails]
        if names != [rail.name for rail in self._whole.rails]:
            self._hidden = set(names[MOST:])
            self._offer(found)
        before = [rail.name for rail in self.view.table.rails]
        place = {name: i for i, name in enumerate(before)}
        rails = sorted(found.rails, key=lambda rail: place.get(rail.name, len(place)))
        self._whole = found
        self._show(tuple(rails))

    def sheet(self, title: str) -> Sheet | None:
        """What is on show, for paper."""
        shown, by = self.view.table, self.view.colour
        return sheet(shown, by, self.view.chosen(), title) if shown.rails and by else None

    def _offer(self, found: Table) -> None:
        """Lists of axes and colours."""
        keep = self._colour.currentData()
        self._colour.clear()
        for rail in found.metrics():
            self._colour.addItem(rail.title, rail.name)
        # The run time comes first; what the method is about comes next.
        start = self._colour.findData(keep)
        self._colour.setCurrentIndex(start if start >= 0 else min(1, self._colour.count() - 1))
        self._menu.clear()
        for rail in found.rails:
            action = self._menu.addAction(rail.title)
            action.setCheckable(True)
            action.setChecked(rail.name not in self._hidden)
            action.toggled.connect(lambda on, name=rail.name: self._hide(name, not on))

    def _hide(self, name: str, hidden: bool) -> None:
        (self._hidden.add if hidden else self._hidden.discard)(name)
        shown = [rail.name for rail in self.view.table.rails]
        added = [rail for rail in self._whole.rails if rail.name not in shown]
        self._show((*self.view.table.rails, *added))

    def _show(self, rails: tuple[Rail, ...]) -> None:
        kept = tuple(rail for rail in rails if rail.name not in self._hidden)
        self.view.set_table(replace(self._whole, rails=kept), self._by())
        self._count()

    def _recolour(self) -> None:
        self.view.set_colour(self._by())

    def _by(self) -> Rail | None:
        name = self._colour.currentData()
        return next((rail for rail in self._whole.rails if rail.name == name), None)

    def _count(self) -> None:
        whole, chosen = len(self._whole.runs), int(self.view.chosen().sum())
        words = self.tr("{0} of {1} runs") if self.view.brushes else self.tr("{1} runs")
        hint = "" if self.view.brushes else self.tr("; drag on an axis to choose some")
        self._said.setText(words.format(chosen, whole) + hint)
        self._clear.setEnabled(bool(self.view.brushes))

    def _tell(self) -> None:
        self._count()
        runs, inside = self.view.table.runs, self.view.chosen()
        some = [run for run, is_in in zip(runs, inside, strict=True) if is_in]
        self.brushed.emit(some if self.view.brushes else [])
