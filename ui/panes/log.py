"""What happened, newest last; can be filtered and copied."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

LEVELS = ("info", "warning", "error")
MAX_LINES = 5000


class LogPane(QWidget):
    """Lines `time  level  text`; details (tracebacks) are kept below their line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[str, str, str]] = []
        self._filter = QLineEdit(placeholderText=self.tr("Filter"), clearButtonEnabled=True)
        self._filter.setAccessibleName(self.tr("Filter the log"))
        self._level = QComboBox()
        self._level.setAccessibleName(self.tr("Least level shown"))
        for level, title in zip(
            LEVELS, (self.tr("Everything"), self.tr("Warnings"), self.tr("Errors")), strict=True
        ):
            self._level.addItem(title, level)
        copy = QPushButton(self.tr("Copy"))
        copy.setToolTip(self.tr("Copy the lines shown"))
        self._text = QPlainTextEdit(readOnly=True, maximumBlockCount=MAX_LINES)
        self._text.setAccessibleName(self.tr("Log"))
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        bar = QHBoxLayout()
        bar.addWidget(self._filter, 1)
        bar.addWidget(self._level)
        bar.addWidget(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(bar)
        layout.addWidget(self._text, 1)
        self._filter.textChanged.connect(self._show_all)
        self._level.currentIndexChanged.connect(self._show_all)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))

    def add(self, text: str, level: str = "info", detail: str = "") -> None:
        """Add a line, and its detail on the lines below."""
        line = f"{datetime.now():%H:%M:%S}  {level:<7}  {text}"
        if detail:
            line += "\n" + "\n".join("            " + part for part in detail.splitlines())
        self._lines.append((level, line.lower(), line))
        del self._lines[:-MAX_LINES]
        if self._fits(self._lines[-1]):
            self._text.appendPlainText(line)

    def text(self) -> str:
        """The lines shown."""
        return self._text.toPlainText()

    def _fits(self, line: tuple[str, str, str]) -> bool:
        level, low, _ = line
        least = LEVELS.index(self._level.currentData())
        return LEVELS.index(level) >= least and self._filter.text().lower() in low

    def _show_all(self) -> None:
        self._text.setPlainText("\n".join(line[2] for line in self._lines if self._fits(line)))
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
