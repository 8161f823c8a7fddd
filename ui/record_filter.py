"""What narrows down the list of records: words, method, state, stars."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QWidget

from ui.icons import icon
from ui.words import state_text
from workbench.catalogue import Catalogue
from workbench.listing import Test, search

STATES = ("done", "stopped", "failed", "interrupted", "unreadable")


class RecordFilter(QWidget):
    """A search field, two lists and a star; `changed` says that `test` gives another answer."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: dict[str, str] = {}
        tr = self.tr
        self._words = QLineEdit(placeholderText=tr("Search records"), clearButtonEnabled=True)
        self._words.setAccessibleName(tr("Search records"))
        self._words.setToolTip(
            tr("Words of name, method, tags and note, or a comparison:")
            + "\nepsilon=0.05   rank>10   tag:paper   state:failed   -word   seed=3"
        )
        self._methods, self._states = QComboBox(), QComboBox()
        self._methods.addItem(tr("All methods"), "")
        self._methods.setAccessibleName(tr("Method of the records"))
        self._states.addItem(tr("All states"), "")
        for state in STATES:
            self._states.addItem(state_text(state), state)
        self._states.setAccessibleName(tr("State of the records"))
        self._starred = QToolButton(checkable=True, autoRaise=True, text=tr("Starred only"))
        self._starred.setToolTip(tr("Show only what is starred"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        for box in (self._methods, self._states):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(9)
            box.view().setMinimumWidth(240)
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
            row.addWidget(box)
        row.addWidget(self._starred)
        self._words.textChanged.connect(lambda _: self.changed.emit())
        self._starred.toggled.connect(lambda _: self.changed.emit())
        self.tint()

    def tint(self) -> None:
        """Draw the icon in the colours of the scheme."""
        self._starred.setIcon(icon("star"))

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer families and their methods, and find methods by their titles."""
        self._titles = {card.id: card.title for card in catalogue.methods}
        now = self._methods.currentData()
        with QSignalBlocker(self._methods):
            self._methods.clear()
            self._methods.addItem(self.tr("All methods"), "")
            for family, title in catalogue.families.items():
                self._methods.addItem(self.tr(title), family)
                for card in catalogue.methods:
                    if card.family == family:
                        self._methods.addItem(f"    {card.title}", card.id)
            self._methods.setCurrentIndex(max(0, self._methods.findData(now)))
        self.changed.emit()

    def test(self) -> Test:
        """Whether a record is wanted."""
        found, method = search(self._words.text(), self._titles), self._methods.currentData()
        state, starred = self._states.currentData(), self._starred.isChecked()
        return lambda row: (
            (not starred or row.starred)
            and (not state or row.state == state)
            and (not method or method in (row.method, row.family))
            and found(row)
        )

    def clear(self) -> None:
        """Want every record again."""
        self._words.clear()
        self._methods.setCurrentIndex(0)
        self._states.setCurrentIndex(0)
        self._starred.setChecked(False)
