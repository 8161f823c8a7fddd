"""The gallery: every example of every method as a picture card, searched and narrowed down."""

from __future__ import annotations

import re
from itertools import pairwise

from PySide6.QtCore import QEvent, QMargins, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.elided import ElidedLabel, Modest
from ui.flow import Flow
from ui.thumbnails import SIZE, thumbnail
from workbench.catalogue import Catalogue, ExampleCard, MethodCard, ProblemCard
from workbench.cite import short

AT_ONCE = 4  # cards made before other work has its turn
GAP = 12


class GalleryPage(QWidget):
    """A line to search in, three lists and a mark that narrow down, and the cards that are left."""

    run_wanted = Signal(str, str)  # method, example
    setup_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[str, MethodCard, ExampleCard]] = []
        self.cards: list[Card] = []
        self._stale: list[Card] = []  # their pictures are of the other scheme
        self._dark = theme.dark()  # the scheme of their pictures
        self._soon = QTimer(self, interval=0)
        self._soon.timeout.connect(self._make_some)
        heading = QLabel(self.tr("Gallery"))
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        heading.setFont(font)
        self._count = QLabel(objectName="hint")
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addWidget(self._count, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, 0)
        layout.addLayout(top)
        layout.addLayout(self._bar())
        layout.addWidget(self._list(), 1)

    def _bar(self) -> Flow:
        self.search = QLineEdit(placeholderText=self.tr("Search titles, stories, methods, authors"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search the examples"))
        self.search.setMinimumWidth(220)
        self.search.textChanged.connect(self._filter)
        bar = Flow()
        bar.addWidget(self.search)
        self.lists: dict[str, Modest] = {}
        for name, every, said in (
            ("family", self.tr("All families"), self.tr("Family")),
            ("data", self.tr("All kinds of data"), self.tr("Kind of data")),
            ("paper", self.tr("All papers"), self.tr("Paper")),
        ):
            box = Modest()
            box.setAccessibleName(said)
            box.setToolTip(said)
            box.setMinimumContentsLength(16)
            box.addItem(every, "")
            box.currentIndexChanged.connect(self._filter)
            self.lists[name] = box
            bar.addWidget(box)
        self.known = QCheckBox(self.tr("Known answer"))
        self.known.setToolTip(
            self.tr("Only examples whose answer is known: after the run you are told whether")
        )
        self.known.toggled.connect(self._filter)
        bar.addWidget(self.known)
        return bar

    def _list(self) -> QScrollArea:
        inside = QWidget()
        self._flow = Flow()
        self._flow.setSpacing(GAP)
        self._none = QLabel(self.tr("No example fits."), objectName="hint")
        self._all = QPushButton(self.tr("Show all examples"))
        self._all.clicked.connect(self.clear)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, GAP)
        column.addLayout(self._flow)
        for widget in (self._none, self._all):
            widget.hide()
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._scroll = scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        scroll.setAccessibleName(self.tr("Examples"))
        return scroll

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These are the methods; their cards are made while nobody waits for anything else."""
        for card in self.cards:
            card.deleteLater()
        self.cards, self._stale = [], []
        self._waiting = [
            (catalogue.families[method.family], method, example)
            for method in catalogue.methods
            for example in method.examples
        ]
        methods = catalogue.methods
        papers = sorted({short(paper) for method in methods for paper in method.papers})
        kinds = sorted({kind_text(kind) for method in methods for kind in method.problems})
        entries = {
            "family": [(self.tr(title), name) for name, title in catalogue.families.items()],
            "data": [(kind, kind) for kind in kinds],
            "paper": [(paper, paper) for paper in papers],
        }
        for name, box in self.lists.items():
            box.blockSignals(True)
            while box.count() > 1:
                box.removeItem(1)
            for text, value in entries[name]:
                box.addItem(text, value)
            box.blockSignals(False)
        if self.isVisible():
            self._soon.start()

    def clear(self) -> None:
        """Show every example."""
        self.search.clear()
        self.known.setChecked(False)
        for box in self.lists.values():
            box.setCurrentIndex(0)

    def complete(self) -> bool:
        """Whether all cards are made, and drawn for the present scheme."""
        return not (self._waiting or self._stale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._paint()
        self._soon.start()
        self.search.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._paint()

    def _paint(self) -> None:
        """Have the pictures drawn anew where they are of the other scheme; those in sight first."""
        if self._dark != theme.dark():
            self._dark = theme.dark()
            self._stale = sorted(self.cards, key=lambda card: card.visibleRegion().isEmpty())
            self._soon.start()

    def _make_some(self) -> None:
        """Cards and pictures, a few at a time: nobody has to wait for them."""
        for card in self._stale[:AT_ONCE]:
            card.paint()
        del self._stale[:AT_ONCE]
        for family, method, example in self._waiting[:AT_ONCE]:
            card = Card(family, method, example)
            card.run_wanted.connect(self.run_wanted)
            card.setup_wanted.connect(self.setup_wanted)
            self._flow.addWidget(card)
            last = self.cards[-1].buttons[-1] if self.cards else self._scroll
            for before, after in pairwise((last, *card.buttons)):  # Tab goes on from card to card
                QWidget.setTabOrder(before, after)
            card.setVisible(self._fits(card))
            self.cards.append(card)
        del self._waiting[:AT_ONCE]
        if not (self._waiting or self._stale):
            self._soon.stop()
        self._tell()

    def _filter(self) -> None:
        layout = self._scroll.widget().layout()
        layout.setEnabled(False)  # it would arrange all cards for each that appears
        for card in self.cards:
            card.setVisible(self._fits(card))
        layout.setEnabled(True)
        layout.activate()
        self._tell()

    def _fits(self, card: Card) -> bool:
        chosen = {name: box.currentData() for name, box in self.lists.items()}
        return (
            all(word in card.words for word in self.search.text().lower().split())
            and all(not value or value in card.facts[name] for name, value in chosen.items())
            and (card.known or not self.known.isChecked())
        )

    def _tell(self) -> None:
        """How many there are; where none is left, say so."""
        count, shown = len(self.cards), sum(not card.isHidden() for card in self.cards)
        words = self.tr("{0} examples") if shown == count else self.tr("{1} of {0} examples")
        self._count.setText(words.format(count, shown))
        nothing = not shown and not self._waiting
        self._none.setVisible(nothing)
        self._all.setVisible(nothing)


class Card(QFrame):
    """One example: its picture, what it shows, and two buttons; a click anywhere runs it."""

    run_wanted = Signal(str, str)
    setup_wanted = Signal(str, str)

    def __init__(self, family: str, method: MethodCard, example: ExampleCard) -> None:
        super().__init__(objectName="example")
        self._ids = (method.id, example.name)
        self._method = method
        self.known = bool(example.known)
        kinds, papers = list(map(kind_text, method.problems)), list(map(short, method.papers))
        self.facts = {"family": [method.family], "data": kinds, "paper": papers}
        titles = (f"{paper.authors} {paper.title}" for paper in method.papers)
        of_method = (family, method.title, method.summary, method.id, *kinds, *papers, *titles)
        self.words = " ".join((example.title, example.story, example.known, *of_method)).lower()
        self._picture = QLabel()
        self.paint()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(QMargins(10, 10, 10, 10))
        layout.setSpacing(4)
        layout.addWidget(self._picture)
        title, of = QLabel(example.title), ElidedLabel(method.title)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        of.setToolTip(method.summary)
        of.setMaximumWidth(SIZE.width())
        story = QLabel(example.story, objectName="hint")
        known = QLabel(self.tr("Known: {0}").format(example.known) if self.known else "")
        for label in (title, of, story, known):
            label.setTextFormat(Qt.TextFormat.PlainText)
            if not label.text():
                continue
            layout.addWidget(label)
            if label is not of:
                label.setWordWrap(True)
                label.setFixedSize(SIZE.width(), label.heightForWidth(SIZE.width()))
        layout.addStretch(1)
        self.buttons: list[QPushButton] = []
        layout.addLayout(self._row(example.title))
        self.setFixedWidth(layout.totalSizeHint().width())
        self.setAccessibleName(f"{example.title}, {method.title}")
        self.setAccessibleDescription(example.story)

    def _row(self, title: str) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, said, tip, signal in (
            (
                self.tr("Run"),
                self.tr("Run {0}"),
                self.tr("Load data and settings, and run"),
                self.run_wanted,
            ),
            (
                self.tr("Set up"),
                self.tr("Set up {0}"),
                self.tr("Load data and settings, and do not run yet"),
                self.setup_wanted,
            ),
        ):
            button = QPushButton(text, toolTip=tip)
            button.setAccessibleName(said.format(f"{title}, {self._method.title}"))
            button.clicked.connect(lambda _=False, signal=signal: signal.emit(*self._ids))
            self.buttons.append(button)
            row.addWidget(button)
        return row

    def paint(self) -> None:
        """Draw the picture for the scheme of the window."""
        self._picture.setPixmap(thumbnail(*self._ids, self._method.title))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.run_wanted.emit(*self._ids)

    def sizeHint(self) -> QSize:
        """As wide as the picture; all cards of a row are as high as the highest."""
        return QSize(self.width(), super().sizeHint().height())


def kind_text(kind: ProblemCard) -> str:
    """`Two clouds of points`: the beginning of the sentence that describes a kind of data."""
    return re.split(r"[;:,.(]| whose ", kind.title)[0].strip()
