"""Items of lists in colours of the scheme; a brush of their own would not change with it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

TONE = Qt.ItemDataRole.UserRole + 100  # of an item: the role of the palette that its words have
HINT = QPalette.ColorRole.PlaceholderText
FAULT = QPalette.ColorRole.BrightText  # see `theme.tinted`


class Toned(QStyledItemDelegate):
    """Draws words in the colour that the palette has for the TONE of their item."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        if (tone := index.data(TONE)) is not None:
            option.palette.setBrush(QPalette.ColorRole.Text, option.palette.brush(tone))
