"""The buttons of the tools: one at a time is on, or none."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.icons import icon


class ToolBar(QWidget):
    """Emits the tool that was chosen, or an empty name where it was let go."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.setAccessibleName(tr("Tools"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.buttons: dict[str, QToolButton] = {}
        self._tips: dict[str, str] = {}
        for name, title, tip in (
            ("region", tr("Region"), tr("drag a rectangle or an interval to get its statistics")),
            ("profile", tr("Line profile"), tr("drag a line to see the values along it")),
            ("ruler", tr("Ruler"), tr("drag to measure distance and angle")),
            ("annotate", tr("Annotate"), tr("drag from a place to where the words shall stand")),
        ):
            button = QToolButton(checkable=True, autoRaise=True, iconSize=QSize(16, 16))
            button.setAccessibleName(title)
            button.setAccessibleDescription(tip)
            self._tips[name] = f"{title}: {tip}"
            button.clicked.connect(lambda on, name=name: self.picked.emit(name if on else ""))
            self.buttons[name] = button
            row.addWidget(button)
        self.tint()

    def show_tool(self, name: str) -> None:
        """The tool that is on."""
        for own, button in self.buttons.items():
            button.setChecked(own == name)

    def hint(self, name: str) -> str:
        """What to do with a tool, and how to end it."""
        return self.tr("{0}. Return puts one into the middle, Esc ends.").format(self._tips[name])

    def allow(self, name: str, why_not: str) -> None:
        """Offer a tool, or say why it cannot be used."""
        self.buttons[name].setEnabled(not why_not)
        self.buttons[name].setToolTip(
            f"{self._tips[name]}. {why_not}" if why_not else self._tips[name]
        )

    def tint(self) -> None:
        """Draw the icons again after a change of theme."""
        for name, button in self.buttons.items():
            button.setIcon(icon(name))
