"""The table of a comparison: what each run has, and what that is more than the first has."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableWidget, QWidget

from workbench.compare import Compared
from workbench.listing import value_text

NARROWEST, WIDEST = 70, 320  # pixels of a column, apart from its heading


class Table(QTableWidget):
    """Its headings give way, so that all columns are in sight as long as their cells allow it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def fit(self) -> None:
        """Share the width among the columns."""
        header, columns = self.horizontalHeader(), range(self.columnCount())
        cells = (self.sizeHintForColumn(i) + 12 for i in columns)
        least = [min(max(width, NARROWEST), WIDEST) for width in cells]
        wanted = [max(least[i], header.sectionSizeHint(i) + 12) - least[i] for i in columns]
        spare = max(0, self.viewport().width() - sum(least))
        share = min(1.0, spare / max(1, sum(wanted)))
        for i in columns:
            self.setColumnWidth(i, least[i] + int(share * wanted[i]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


def cells(row: Compared) -> list[str]:
    """Name, values, and what each is more than the first."""
    name = row.name.replace("_", " ") if row.kind == "result" else row.name
    head = f"{name} ({row.unit})" if row.unit else name
    pairs = zip(row.values[1:], row.differences(), strict=True)
    differences = [_difference(row.values[0], value, away) for value, away in pairs]
    exact = row.kind == "setting"
    return [head, *(_text(value, exact) for value in row.values), *differences]


def _text(value: Any, exact: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) and not exact else value_text(value)


def _difference(first: Any, value: Any, away: float | None) -> str:
    if away is None:
        return "" if first == value or None in (first, value) else "≠"
    if away == 0:
        return "0"
    share = f"  ({100 * away / abs(first):+.3g} %)" if first and abs(away) < 10 * abs(first) else ""
    return f"{away:+.4g}{share}"
