"""The first page: one card for each family that loads its example and runs it with one click."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.catalogue import Catalogue
from workbench.registry import SHOWCASE

PICTURE = QSize(300, 170)
# The first method of each family's card, and what a click shows.
CARDS = {
    "lowrank": ("Low-rank compression", "See what each rank of a picture keeps"),
    "transport": ("Optimal transport", "Carry one cloud of points onto another"),
    "pde": ("PDE solver", "Watch a shear layer roll up into vortices"),
    "diffusion": ("Diffusion sampler", "Turn noise into samples, step by step"),
}


class StartPage(QWidget):
    """Four picture cards, and the way to one's own data."""

    run_wanted = Signal(str, str)  # method, example
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Catalogue | None = None
        heading = QLabel(self.tr("Methods Workbench"))
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setBold(True)
        heading.setFont(font)
        lead = QLabel(self.tr("Click a card: its example is loaded, run and drawn while it runs."))
        lead.setObjectName("hint")
        grid = QGridLayout()
        grid.setSpacing(16)
        self._cards: dict[str, QPushButton] = {}
        for i, (family, (title, text)) in enumerate(CARDS.items()):
            self._cards[family] = self._card(family, title, text)
            grid.addWidget(self._cards[family], i // 2, i % 2)
        own = QPushButton(self.tr("Open your own data…"))
        own.clicked.connect(self.open_wanted)
        hint = QLabel(
            self.tr("Tables, NumPy, HDF5, MATLAB, pictures, meshes; or drop files anywhere.")
        )
        hint.setObjectName("hint")
        inside = QVBoxLayout()
        inside.addWidget(heading)
        inside.addWidget(lead)
        inside.addSpacing(12)
        inside.addLayout(grid)
        inside.addSpacing(12)
        below = QHBoxLayout()
        below.addWidget(own)
        below.addWidget(hint, 1)
        inside.addLayout(below)
        layout = QGridLayout(self)
        layout.addLayout(inside, 1, 1)
        for edge in (0, 2):
            layout.setRowStretch(edge, 1)
            layout.setColumnStretch(edge, 1)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """The methods are known now; the cards can be clicked."""
        self._catalogue = catalogue
        for family, card in self._cards.items():
            card.setEnabled(any(m.family == family for m in catalogue.methods))

    def card(self, family: str) -> QPushButton:
        """The card of a family."""
        return self._cards[family]

    def _card(self, family: str, title: str, text: str) -> QPushButton:
        card = QPushButton(objectName="card")
        source = files("resources").joinpath("cards", f"{family}.png")
        picture = QPixmap()
        picture.loadFromData(source.read_bytes())
        picture.setDevicePixelRatio(picture.width() / PICTURE.width())
        shown, name, about = QLabel(), QLabel(self.tr(title)), QLabel(self.tr(text))
        shown.setPixmap(picture)
        font = name.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        name.setFont(font)
        about.setObjectName("hint")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 12, 12, 12)
        inside.setSpacing(4)
        for label in (shown, name, about):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(label)
        card.setFixedSize(PICTURE.width() + 24, PICTURE.height() + 72)
        card.setAccessibleName(title)
        card.setAccessibleDescription(text)
        card.setToolTip(self.tr("Run this example"))
        card.setEnabled(False)
        card.clicked.connect(lambda: self._run(family))
        return card

    def _run(self, family: str) -> None:
        assert self._catalogue is not None  # the cards are disabled until it is known
        method = self._catalogue.method(SHOWCASE[family])
        self.run_wanted.emit(method.id, method.examples[0].name)
