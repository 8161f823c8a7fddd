"""How two compared images are looked at: beside each other, overlaid, or subtracted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from engines.figure import Figure, Panel
from ui.elided import ElidedLabel, Modest
from ui.icons import icon
from workbench.juxtapose import Pair

BESIDE, SWIPE, FLICKER, DIFFERENCE = "beside", "swipe", "flicker", "difference"


class ModeBar(QWidget):
    """Four buttons, and where there are several runs which of them lies over the first."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.setAccessibleName(tr("How images are compared"))
        self._group = QButtonGroup(self)
        self._hint = ElidedLabel()
        self._hint.setObjectName("hint")
        self.other = Modest()
        self.other.setAccessibleName(tr("Compared with the first run"))
        self.other.setToolTip(tr("The run that lies over the first one"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._hint)
        row.addSpacing(6)
        row.addWidget(self.other)
        row.addSpacing(6)
        self.buttons: dict[str, QToolButton] = {}
        for mode, title, tip in (
            (BESIDE, tr("Side by side"), tr("Every image in a panel of its own")),
            (SWIPE, tr("Swipe"), tr("One image over the other, up to a line that you move")),
            (FLICKER, tr("Flicker"), tr("One image and the other in turns, in the same place")),
            (DIFFERENCE, tr("Difference"), tr("The second image minus the first")),
        ):
            button = QToolButton(text=title, checkable=True, autoRaise=True, toolTip=tip)
            button.setIconSize(QSize(16, 16))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(self._on_changed)
            self._group.addButton(button)
            self.buttons[mode] = button
            row.addWidget(button)
        self.buttons[BESIDE].setChecked(True)
        self.other.activated.connect(self._on_changed)
        self.tint()
        self.hide()

    def offer(self, pairs: Sequence[Pair]) -> None:
        """Choose among these pairs; without any there is nothing to choose."""
        others = list(dict.fromkeys(pair.labels[1] for pair in pairs))
        if others != [self.other.itemText(i) for i in range(self.other.count())]:
            self.other.clear()
            self.other.addItems(others)
        self.setVisible(bool(pairs))
        self._explain()

    def mode(self) -> str:
        """The mode that is chosen."""
        return next(mode for mode, button in self.buttons.items() if button.isChecked())

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        for mode, button in self.buttons.items():
            button.setIcon(icon(mode))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.tint()

    def _on_changed(self) -> None:
        self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        hints = {
            SWIPE: self.tr("Drag the line, or use the arrow keys."),
            FLICKER: self.tr("Arrow keys choose; Flicker goes on."),
        }
        self._hint.setText(hints.get(self.mode(), ""))
        self.other.setVisible(self.other.count() > 1 and self.mode() != BESIDE)


def chosen(pairs: Sequence[Pair], other: str) -> list[Pair]:
    """The pairs of the first run and one other."""
    return [pair for pair in pairs if pair.labels[1] == other]


def subtracted(figure: Figure, pairs: Sequence[Pair]) -> Figure:
    """The differences alone."""
    panels = tuple(figure.panels[pair.difference] for pair in pairs)
    return replace(figure, name=f"{figure.name}/{DIFFERENCE}", panels=panels, columns=0)


def stacked(figure: Figure, pairs: Sequence[Pair]) -> Figure:
    """Both images of each pair in one panel: the marks of the first run, then of the other."""
    panels = tuple(_both(figure.panels[p.first], figure.panels[p.other], p) for p in pairs)
    return replace(figure, name=f"{figure.name}/{SWIPE}", panels=panels, columns=0)


def _both(first: Panel, other: Panel, pair: Pair) -> Panel:
    what = first.title.removesuffix(pair.labels[0]).removesuffix(" – ")
    return replace(first, marks=(*first.marks, *other.marks), title=what)
