"""The first page: one card for each family that loads its example and runs it with one click."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from workbench.catalogue import Catalogue
from workbench.registry import SHOWCASE

PICTURE = QSize(300, 170)
CARD = PICTURE + QSize(24, 72)
GAP, MARGIN = 16, 12
# The first method of each family's card, and what a click shows.
CARDS = {
    "lowrank": (
        QT_TRANSLATE_NOOP("StartPage", "Low-rank compression"),
        QT_TRANSLATE_NOOP("StartPage", "See what each rank of a picture keeps"),
    ),
    "transport": (
        QT_TRANSLATE_NOOP("StartPage", "Optimal transport"),
        QT_TRANSLATE_NOOP("StartPage", "Carry one cloud of points onto another"),
    ),
    "pde": (
        QT_TRANSLATE_NOOP("StartPage", "PDE solver"),
        QT_TRANSLATE_NOOP("StartPage", "Watch a shear layer roll up into vortices"),
    ),
    "diffusion": (
        QT_TRANSLATE_NOOP("StartPage", "Diffusion sampler"),
        QT_TRANSLATE_NOOP("StartPage", "Turn noise into samples, step by step"),
    ),
}


class StartPage(QWidget):
    """Four picture cards, and the way to one's own data."""

    run_wanted = Signal(str, str)  # method, example
    open_wanted = Signal()
    gallery_wanted = Signal()
    tour_wanted = Signal()

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
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        self._cards: dict[str, QPushButton] = {}
        self._pictures: dict[str, QLabel] = {}
        self._columns = 0
        for family, (title, text) in CARDS.items():
            self._cards[family] = self._card(family, title, text)
        tallest = max(card.height() for card in self._cards.values())
        for card in self._cards.values():
            card.setFixedHeight(tallest)
        every = QPushButton(self.tr("All examples…"))
        every.setToolTip(self.tr("Every example of every method as a picture card"))
        every.clicked.connect(self.gallery_wanted)
        self.tour = QPushButton(self.tr("Take the tour"))
        self.tour.setToolTip(self.tr("Seven stops: from data to a figure on paper"))
        self.tour.clicked.connect(self.tour_wanted)
        own = QPushButton(self.tr("Open your own data…"))
        own.clicked.connect(self.open_wanted)
        hint = QLabel(
            self.tr("Tables, NumPy, HDF5, MATLAB, pictures, meshes; or drop files anywhere.")
        )
        hint.setObjectName("hint")
        for words in lead, hint:
            words.setWordWrap(True)
        inside = QVBoxLayout()
        above = QHBoxLayout()
        above.addWidget(lead, 1)
        above.addWidget(self.tour)
        above.addWidget(every)
        inside.addWidget(heading)
        inside.addLayout(above)
        inside.addSpacing(12)
        inside.addLayout(self._grid)
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
        self._arrange(2)

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
        shown, name, about = QLabel(), QLabel(self.tr(title)), QLabel(self.tr(text))
        shown.setPixmap(picture(family))
        self._pictures[family] = shown
        font = name.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        name.setFont(font)
        about.setObjectName("hint")
        for words in name, about:
            words.setWordWrap(True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 12, 12, 12)
        inside.setSpacing(4)
        for label in (shown, name, about):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(label)
        # Large letters, or the words of another language, may need a second line.
        card.setFixedSize(CARD.expandedTo(QSize(0, inside.totalHeightForWidth(CARD.width()))))
        card.setAccessibleName(name.text())
        card.setAccessibleDescription(about.text())
        card.setToolTip(self.tr("Run this example"))
        card.setEnabled(False)
        card.clicked.connect(lambda: self._run(family))
        return card

    def minimumSizeHint(self) -> QSize:
        """Of a page with one card in a row."""
        return QSize(CARD.width() + 2 * MARGIN, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= 2 * CARD.width() + GAP + 2 * MARGIN else 1)

    def _arrange(self, columns: int) -> None:
        """Put the cards side by side, or one below the other."""
        if columns != self._columns:
            self._columns = columns
            for i, card in enumerate(self._cards.values()):
                self._grid.addWidget(card, i // columns, i % columns)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for family, shown in self._pictures.items():
                shown.setPixmap(picture(family))

    def _run(self, family: str) -> None:
        assert self._catalogue is not None  # the cards are disabled until it is known
        method = self._catalogue.method(SHOWCASE[family])
        self.run_wanted.emit(method.id, method.examples[0].name)


def picture(family: str) -> QPixmap:
    """The picture of a card; some have one for a dark ground as well."""
    cards = files("resources").joinpath("cards")
    source = cards.joinpath(f"{family}-dark.png")
    if not (theme.dark() and source.is_file()):
        source = cards.joinpath(f"{family}.png")
    found = QPixmap()
    found.loadFromData(source.read_bytes())
    found.setDevicePixelRatio(found.width() / PICTURE.width())
    return found
