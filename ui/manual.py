"""The manual: short pages and one page for each method, searchable, without a network."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from importlib.resources import files

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.panes.methods import card_html
from workbench.catalogue import Catalogue, MethodCard
from workbench.fields import Field
from workbench.sweep import shown

NAME = Qt.ItemDataRole.UserRole
EVERYWHERE = Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive
# Columns of the table of parameters, and their share of its width.
HEADS = {"": 8, "name": 18, "meaning": 40, "default": 12, "limits": 16, "unit": 6}


class Manual(QDialog):
    """A window of its own, so that it can stay open beside the work."""

    def __init__(self, catalogue: Catalogue | None, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("Manual"))
        self._pages = pages()
        self._cards = {c.id: c for c in catalogue.methods} if catalogue else {}
        self._search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self._search.setAccessibleName(self.tr("Search the manual"))
        self._tree = QTreeWidget(headerHidden=True)
        self._tree.setAccessibleName(self.tr("Pages"))
        self._text = QTextBrowser(openExternalLinks=True)
        self._text.setAccessibleName(self.tr("Page"))
        self._text.document().setDocumentMargin(14)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._search)
        column.addWidget(self._tree)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self._text)
        split.setSizes([240, 640])
        QVBoxLayout(self).addWidget(split)
        self.resize(900, 640)
        self._search.textChanged.connect(self._fill)
        self._tree.currentItemChanged.connect(lambda item, _: self._show(item))
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            bar = self._text.verticalScrollBar()
            place = bar.value()
            self._show(self._tree.currentItem())  # links keep their colour
            bar.setValue(place)

    def open_at(self, name: str) -> None:
        """Show a page, or the page of a method."""
        self._search.clear()
        for item in self._tree.findItems("*", EVERYWHERE):
            if item.data(0, NAME) == name:
                self._tree.setCurrentItem(item)
        self.show()
        self.raise_()
        self.activateWindow()

    def _fill(self) -> None:
        words = self._search.text().lower().split()

        def fits(text: str) -> bool:
            return all(word in text.lower() for word in words)

        self._tree.clear()
        for name, text in self._pages.items():
            if fits(text):
                _item(self._tree, _title(text), name)
        group = QTreeWidgetItem(self._tree, [self.tr("Methods")])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for card in sorted(self._cards.values(), key=lambda c: c.title):
            if fits(f"{card.id} {method_html(card)}"):
                _item(group, card.title, card.id)
        group.setExpanded(True)
        group.setHidden(not group.childCount())
        first = self._tree.topLevelItem(0)
        self._tree.setCurrentItem(first.child(0) if first is group else first)

    def _show(self, item: QTreeWidgetItem | None) -> None:
        name = item.data(0, NAME) if item else None
        if name in self._pages:
            self._text.setMarkdown(self._pages[name])
        elif name in self._cards:
            self._text.setHtml(method_html(self._cards[name]))


def pages() -> dict[str, str]:
    """The text of each page by its name, in the order of their numbers."""
    found = files("resources").joinpath("manual").iterdir()
    return {
        file.name.removesuffix(".md"): file.read_text("utf8")
        for file in sorted(found, key=lambda f: f.name)
        if file.name.endswith(".md")
    }


def method_html(card: MethodCard) -> str:
    """Everything about one method: what it does, parameters, data, examples, papers."""
    inputs = "".join(
        f"<li>{html.escape(p.title)}<ul>"
        + "".join(
            f"<li><b>{s.name}</b> ({' × '.join(s.dims)}{', optional' * s.optional}): "
            f"{html.escape(s.help)}</li>"
            for s in p.slots
        )
        + "</ul></li>"
        for p in card.problems
    )
    examples = "".join(
        f"<li><b>{html.escape(e.title)}</b> ({e.name}). {html.escape(e.story)}</li>"
        for e in card.examples
    )
    return (
        card_html(card)
        + f"<h4>Parameters</h4>{_table(card.fields)}"
        + f"<h4>Data</h4><ul>{inputs}</ul><h4>Examples</h4><ul>{examples}</ul>"
        + f"<p>In scripts and on the command line: <code>{card.id}</code></p>"
    )


def _table(known: tuple[Field, ...]) -> str:
    rows = "".join(
        f"<tr><td><i>{html.escape(f.symbol)}</i></td><td><code>{name}</code></td>"
        f"<td>{html.escape(f.meaning)}</td><td>{html.escape(_default(f))}</td>"
        f"<td>{html.escape(f.limits_text())}</td><td>{html.escape(f.unit)}</td></tr>"
        for name, f in _flat(known).items()
    )
    head = "".join(f"<th align='left' width='{w}%'>{h}</th>" for h, w in HEADS.items())
    return f"<table cellspacing='0' cellpadding='4' border='1'><tr>{head}</tr>{rows}</table>"


def _flat(known: tuple[Field, ...]) -> Mapping[str, Field]:
    """Fields, and those of their options as `option.name`; equal ones of two options once."""
    found: dict[str, Field] = {}
    for field in known:
        found[field.name] = field
        for option in field.options:
            for part in option.fields:
                found[f"{field.name}.{part.name}"] = part
    return found


def _default(field: Field) -> str:
    if isinstance(field.default, Mapping):
        return str(field.default.get("kind", ""))
    return "automatic" if field.default is None else shown(field.default)


def _title(text: str) -> str:
    found = re.match(r"# (.+)", text)
    assert found is not None, "every page begins with its title"
    return found.group(1)


def _item(parent: QTreeWidget | QTreeWidgetItem, title: str, name: str) -> None:
    QTreeWidgetItem(parent, [title]).setData(0, NAME, name)
