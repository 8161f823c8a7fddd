"""A notice at the bottom of the window: what happened, details on demand, a way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

SECONDS = 10
MARGIN = 16


class Notice(QFrame):
    """Floats over its parent; goes by itself unless it reports an error."""

    def __init__(
        self,
        parent: QWidget,
        text: str,
        *,
        detail: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
        error: bool = False,
    ) -> None:
        super().__init__(parent, objectName="error" if error else "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAutoFillBackground(True)
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setMinimumWidth(260)
        label.setMaximumWidth(520)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.addWidget(label, 1)
        if action is not None:
            button = QPushButton(action[0])
            button.clicked.connect(lambda: (action[1](), self.close()))
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        if detail:
            self._add_detail(row, layout, text, detail)
        close = QToolButton(text="✕", autoRaise=True)
        close.setAccessibleName(self.tr("Close the notice"))
        close.clicked.connect(self.close)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        parent.installEventFilter(self)
        self.show()
        self._place()
        if not error:
            self._timer = QTimer(self, singleShot=True)
            self._timer.timeout.connect(self.close)
            self._timer.start(SECONDS * 1000)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _add_detail(self, row: QHBoxLayout, layout: QVBoxLayout, text: str, detail: str) -> None:
        box = QPlainTextEdit(detail, readOnly=True)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setMinimumHeight(160)
        box.hide()
        more = QPushButton(self.tr("Details"), checkable=True)
        copy = QPushButton(self.tr("Copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{text}\n\n{detail}"))
        more.toggled.connect(box.setVisible)
        more.toggled.connect(lambda _: self._place())
        row.addWidget(more)
        row.addWidget(copy)
        layout.addWidget(box)

    def _place(self) -> None:
        parent = self.parentWidget()
        self.adjustSize()
        self.resize(min(self.width(), parent.width() - 2 * MARGIN), self.height())
        self.move(
            (parent.width() - self.width()) // 2, parent.height() - self.height() - 2 * MARGIN
        )
        self.raise_()
