"""The tools of a picture put together: buttons, shapes, hands, and what was found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from engines.figure import Figure
from ui.plot_area import PlotArea
from ui.tools import ruler
from ui.tools.board import REGIONS, Board
from ui.tools.findings import Findings
from ui.tools.hands import Hands
from ui.tools.toolbar import ToolBar
from ui.tools.zoom import ZoomHistory
from workbench.measure import images, sampled
from workbench.palette import Theme


class Tools(QObject):
    """Nothing is on at first. On panels in space there are no tools."""

    annotated = Signal(object, object)  # annotations of the figure, and what they are to be
    said = Signal(str)  # for the status bar
    hinted = Signal(str)  # what to do with the tool that is on, empty where none is

    def __init__(self, plots: PlotArea) -> None:
        super().__init__(plots)
        self.bar, self.findings = ToolBar(), Findings()
        self.history = ZoomHistory(plots)
        self.board = Board(plots)
        self._hands = Hands(plots, self.board)
        self._index = 0
        # Says why the figure cannot be annotated; empty where it can.
        self.refusal: Callable[[], str] = lambda: self.tr("This picture is in no record.")
        self.bar.picked.connect(self.pick)
        self.board.changed.connect(self._find)
        self.board.annotated.connect(self.annotated)
        self._hands.said.connect(self.said)
        self._hands.let_go.connect(lambda: self.pick(""))
        self._hands.copied.connect(self.copy)

    @property
    def tool(self) -> str:
        """The tool that is on, empty where none is."""
        return self._hands.tool

    def turn_to(self, key: object) -> None:
        """Another figure comes; what was drawn on it before is there again."""
        self.pick("")
        self.board.turn_to(key)
        self.history.forget()

    def show_figure(
        self, figure: Figure, still: Figure, index: int, theme: Theme, font: QFont
    ) -> None:
        """The figure, and the frame of it on show."""
        self._index = index
        if figure is not self.board.figure:  # else only the frame is another one
            self._offer(figure)
        self.board.show_figure(figure, still, theme, font)

    def pick(self, tool: str) -> None:
        """Take up a tool, or let it go."""
        self._hands.take(tool if tool and self.bar.buttons[tool].isEnabled() else "")
        self.bar.show_tool(self.tool)
        self.hinted.emit(self.bar.hint(self.tool) if self.tool else "")

    def copy(self) -> None:
        """Put what the chosen shape says into the clipboard."""
        board = self.board
        shape = board.own[board.chosen] if board.chosen is not None else None
        if shape is None:
            return
        text = shape.text
        if shape.kind == "profile" and self.findings.profiles is not None:
            text = self.findings.profiles.text()
        elif shape.kind in REGIONS and self.findings.regions is not None:
            text = self.findings.regions.text()
        elif shape.kind == "ruler":
            text = "\n".join(ruler.words(shape, board.still.panels[shape.panel]))
        QApplication.clipboard().setText(text)

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        for part in (self.bar, self.findings, self.history):
            part.tint()

    def _offer(self, figure: Figure) -> None:
        flat = [panel for panel in figure.panels if not panel.in_space]
        why = "" if flat else self.tr("Panels in space are not measured.")
        image = any(images(panel) for panel in flat)
        values = image or any(sampled(panel) for panel in flat)
        refusal = self.refusal()
        self.bar.allow("region", why or ("" if values else self.tr("There are no values.")))
        self.bar.allow("profile", why or ("" if image else self.tr("There is no image.")))
        self.bar.allow("ruler", why)
        self.bar.allow("annotate", why or refusal)
        self._hands.edits = not refusal
        if self.tool and not self.bar.buttons[self.tool].isEnabled():
            self.pick("")

    def _find(self) -> None:
        board = self.board
        if self._hands.drawing() and not self.findings.isVisible():
            return  # the picture must not change its size under the mouse
        found = board.shapes()
        self.findings.show_shapes(found, board.figure, board.still, self._index, board.look)
