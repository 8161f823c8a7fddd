"""What may not be readable on a page, in words."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from workbench.print_check import Doubt


class Doubts(QLabel):
    """One sentence for each doubt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True, objectName="warning")
        self.setAccessibleName(self.tr("What may not be readable"))

    def tell(self, found: tuple[Doubt, ...]) -> None:
        """Say these."""
        texts = {
            "text": self.tr("Letters of {0:.2g} pt; journals ask for 5 pt or more."),
            "pixels": self.tr("Letters of {0:.2g} pixels are hard to read; raise the resolution."),
            "lines": self.tr("Lines of {0:.2g} pixels look faint; raise the resolution."),
            "dots": self.tr("Dots of {0:.2g} pt may not be seen; make the page wider."),
            "colours": self.tr("“{1}” and “{2}” look alike, at least to colour-blind readers."),
        }
        words = (texts[doubt.kind].format(doubt.size, *doubt.names) for doubt in found)
        self.setText("\n".join(words))
