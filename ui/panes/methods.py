"""The methods by family, those that fit the chosen data first, and a card about one of them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engines.method import Paper
from ui.fitting import problem_fit, required
from ui.tones import HINT, TONE, Toned
from workbench.catalogue import Catalogue, MethodCard
from workbench.cite import citation, link

if TYPE_CHECKING:
    from workbench.data import Preview  # brings the readers

ID = Qt.ItemDataRole.UserRole
HEADS = re.compile(r"(?m)^(Cost|Precision|Good values|Becomes|Pitfalls?)\b")


class MethodsPane(QWidget):
    """A searchable tree of families and methods, and the card of the chosen method."""

    chosen = Signal(object)  # MethodCard

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Catalogue | None = None
        self._data: Preview | None = None
        self._chosen: MethodCard | None = None
        self._search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self._search.setAccessibleName(self.tr("Search the methods"))
        self._tree = QTreeWidget(headerHidden=True)
        self._tree.setAccessibleName(self.tr("Methods"))
        self._tree.setItemDelegate(Toned(self._tree))
        self._card = QTextBrowser(openExternalLinks=True)
        self._card.setAccessibleName(self.tr("About the method"))
        self._card.document().setDefaultStyleSheet("p, h3, ul, li { margin: 4px 0; }")
        self._card.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._card.setPlaceholderText(self.tr("The methods are being read…"))
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._tree)
        split.addWidget(self._card)
        split.setSizes([180, 220])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._search)
        layout.addWidget(split, 1)
        self._search.textChanged.connect(self._fill)
        self._tree.currentItemChanged.connect(lambda item, _: self._choose(item))

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Show these methods; the chosen one is chosen again where it has changed."""
        self._catalogue = catalogue
        self._card.setPlaceholderText(self.tr("Choose a method to read about it."))
        self._fill()
        self._choose(self._tree.currentItem())

    def set_data(self, data: Preview | None) -> None:
        """These data are chosen; grey the methods that they do not fit."""
        self._data = data
        self._fill()

    def choose(self, method: str) -> None:
        """Select a method by its id; a search that hides it is given up."""
        if self._item(method) is None:
            self._search.clear()
        self._tree.setCurrentItem(self._item(method))

    def _item(self, method: str) -> QTreeWidgetItem | None:
        for i in range(self._tree.topLevelItemCount()):
            family = self._tree.topLevelItem(i)
            for j in range(family.childCount()):
                if family.child(j).data(0, ID) == method:
                    return family.child(j)
        return None

    def _fill(self) -> None:
        if self._catalogue is None:
            return
        self._tree.blockSignals(True)
        self._tree.clear()
        words = self._search.text().lower().split()
        for family, title in self._catalogue.families.items():
            cards = [
                c
                for c in self._catalogue.methods
                if c.family == family and all(w in _searched(c) for w in words)
            ]
            if not cards:
                continue
            group = QTreeWidgetItem(self._tree, [self.tr(title)])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = group.font(0)
            font.setBold(True)
            group.setFont(0, font)
            for card in sorted(cards, key=lambda c: (bool(self._misfit(c)), c.title)):
                item = QTreeWidgetItem(group, [card.title])
                item.setData(0, ID, card.id)
                item.setToolTip(0, self._misfit(card) or card.summary)
                if self._misfit(card):
                    item.setData(0, TONE, HINT)
            group.setExpanded(True)
        self._tree.setCurrentItem(self._item(self._chosen.id) if self._chosen else None)
        self._tree.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._chosen:
            bar = self._card.verticalScrollBar()
            place = bar.value()
            self._card.setHtml(card_html(self._chosen))  # links keep their colour
            bar.setValue(place)

    def _misfit(self, card: MethodCard) -> str:
        """Why the chosen data do not fit, or nothing."""
        if self._data is None or any(problem_fit(p, self._data) for p in card.problems):
            return ""
        wanted = self.tr(" or ").join(" × ".join(required(p)[0].dims) for p in card.problems)
        return self.tr("The chosen data have {0} axes; this method takes {1}").format(
            len(self._data.shape), wanted
        )

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        method = item.data(0, ID) if item else None
        if method is None or self._catalogue is None:
            return
        card = self._catalogue.method(method)
        if card == self._chosen:  # a search had taken it out of sight
            return
        self._chosen = card
        self._card.setHtml(card_html(card))
        self.chosen.emit(card)


def card_html(card: MethodCard) -> str:
    """Purpose, description and papers of a method for a text browser."""
    paragraphs = "".join(map(_paragraph, filter(None, card.description.split("\n\n"))))
    papers = "".join(f"<li>{cite(p)}</li>" for p in card.papers)
    return (
        f"<h3>{html.escape(card.title)}</h3><p><b>{html.escape(card.summary)}</b></p>"
        f"{paragraphs}<p><b>Papers</b></p><ul style='-qt-list-indent: 0'>{papers}</ul>"
    )


def _paragraph(text: str) -> str:
    """Indented lines stay lines; what starts with one of HEADS starts anew."""
    text = html.escape(text)
    if text.startswith("    "):
        lines = "<br>".join(line.strip() for line in text.splitlines())
        return f"<p style='margin-left: 12px'>{lines}</p>"
    return "<p>" + HEADS.sub(r"</p><p><b>\1</b>", text) + "</p>"


def cite(paper: Paper) -> str:
    """One paper as a line; its name in the archive, or its doi, is a link."""
    line, place = html.escape(citation(paper)), html.escape(link(paper))
    name = f"arXiv:{paper.arxiv}" if paper.arxiv else f"doi:{paper.doi}"
    return line.replace(name, f"<a href='{place}'>{name}</a>") if place else line


def _searched(card: MethodCard) -> str:
    papers = " ".join(f"{p.authors} {p.year} {p.title}" for p in card.papers)
    return f"{card.id} {card.title} {card.summary} {card.description} {papers}".lower()
