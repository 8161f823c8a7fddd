"""A row of widgets that goes on in a second row where the first is full."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """From left to right, then downwards; widgets that want to grow take what a row leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(6)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(self._height(row) + self.spacing() for row in self._rows(width)) - self.spacing()

    def minimumSize(self) -> QSize:
        """Of the widest one alone."""
        found = QSize()
        for item in self._shown():
            found = found.expandedTo(item.minimumSize())
        return found

    def sizeHint(self) -> QSize:
        """Of all in one row."""
        shown = self._shown()
        wide = sum(self._width(item) + self.spacing() for item in shown) - self.spacing()
        return QSize(max(0, wide), self._height(shown))

    def setGeometry(self, place: QRect) -> None:
        super().setGeometry(place)
        top = place.top()
        for row in self._rows(place.width()):
            growing = [i for i in row if i.expandingDirections() & Qt.Orientation.Horizontal]
            taken = sum(map(self._width, row)) + self.spacing() * (len(row) - 1)
            spare, left = max(0, place.width() - taken), place.left()
            for item in row:
                more = spare // len(growing) if item in growing else 0
                size = QSize(min(self._width(item) + more, place.width()), self._height(row))
                item.setGeometry(QRect(QPoint(left, top), size))
                left += size.width() + self.spacing()
            top += self._height(row) + self.spacing()

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = [[]]
        left = 0
        for item in self._shown():
            wide = self._width(item)
            if rows[-1] and left + wide > width:
                rows.append([])
                left = 0
            rows[-1].append(item)
            left += wide + self.spacing()
        return rows

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _width(self, item: QLayoutItem) -> int:
        growing = item.expandingDirections() & Qt.Orientation.Horizontal
        return item.minimumSize().width() if growing else item.sizeHint().width()

    @staticmethod
    def _height(row: list[QLayoutItem]) -> int:
        return max((item.sizeHint().height() for item in row), default=0)
