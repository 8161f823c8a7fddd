"""Notices at the bottom of the window: what happened, details on demand, a way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QHideEvent,
    QShowEvent,
)
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

from ui.panes.log import LogPane

SECONDS = 10
MARGIN = 16
GAP = 6
WIDEST = 520  # of the text
MOST = 5  # older ones go; all are in the log

Action = tuple[str, Callable[[], object]]


class Notices(QObject):
    """Shows notices above each other at the bottom of a window, and writes them to the log."""

    def __init__(self, window: QWidget, log: LogPane) -> None:
        super().__init__(window)
        self._window, self._log = window, log
        self._shown: list[Notice] = []
        self._held = False
        window.installEventFilter(self)

    def hold(self, on: bool) -> None:
        """Keep notices back, and show them when that is over."""
        self._held = on
        for notice in self._shown:
            notice.setVisible(not on)
        self._place()

    def tell(self, text: str, action: Action | None = None) -> None:
        """Tell something that needs no answer."""
        self._log.add(text)
        self._add(Notice(self._window, text, action=action))

    def tell_written(self, path: str) -> None:
        """Tell that a file was written, and offer to open it."""
        url = QUrl.fromLocalFile(path)
        self.tell(
            self.tr("Exported {0}").format(path),
            (self.tr("Open"), lambda: QDesktopServices.openUrl(url)),
        )

    def report(self, text: str, detail: str = "", action: Action | None = None) -> None:
        """Tell what went wrong, and what may help."""
        self._log.add(text, "error", detail)
        self._add(Notice(self._window, text, detail=detail, action=action, error=True))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Panes that are put elsewhere may have new tabs, which would lie above the notices.
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return False

    def _add(self, notice: Notice) -> None:
        self._shown.append(notice)
        notice.resized.connect(self._place)
        notice.gone.connect(lambda: self._remove(notice))
        notice.setVisible(not self._held)
        for old in self._shown[:-MOST]:
            old.close()
        self._place()

    def _remove(self, notice: Notice) -> None:
        if notice in self._shown:  # a click may come just before its time is over
            self._shown.remove(notice)
            self._place()

    def _place(self) -> None:
        """The newest at the bottom."""
        bottom = self._window.height() - 2 * MARGIN
        for notice in reversed(self._shown):
            notice.adjustSize()
            notice.resize(min(notice.width(), self._window.width() - 2 * MARGIN), notice.height())
            bottom -= notice.height()
            notice.move((self._window.width() - notice.width()) // 2, bottom)
            notice.raise_()
            bottom -= GAP


class Notice(QFrame):
    """Floats over its parent; goes by itself unless it reports an error."""

    resized = Signal()
    gone = Signal()

    def __init__(
        self,
        parent: QWidget,
        text: str,
        *,
        detail: str = "",
        action: Action | None = None,
        error: bool = False,
    ) -> None:
        super().__init__(parent, objectName="error" if error else "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAutoFillBackground(True)
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        # A wrapped label tells its height only where its width is settled.
        label.setFixedWidth(min(label.fontMetrics().horizontalAdvance(text) + 8, WIDEST))
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
        self._time = QTimer(self, singleShot=True, interval=0 if error else SECONDS * 1000)
        self._time.timeout.connect(self.close)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._time.interval():
            self._time.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._time.stop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.gone.emit()
        super().closeEvent(event)

    def _add_detail(self, row: QHBoxLayout, layout: QVBoxLayout, text: str, detail: str) -> None:
        box = QPlainTextEdit(detail, readOnly=True)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setMinimumHeight(160)
        box.hide()
        more = QPushButton(self.tr("Details"), checkable=True)
        copy = QPushButton(self.tr("Copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{text}\n\n{detail}"))
        more.toggled.connect(box.setVisible)
        more.toggled.connect(lambda _: self.resized.emit())
        row.addWidget(more)
        row.addWidget(copy)
        layout.addWidget(box)
