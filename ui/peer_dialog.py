"""What other libraries make of the problem of a run, as it comes in."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.elided import ElidedLabel
from workbench.peer import Check, PeerReport, time_text
from workbench.words import duration_text

ROW, MOST_ROWS = 24, 16  # pixels, and how many are shown without a scroll bar
AIR = 18  # pixels between columns
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PeerDialog(QDialog):
    """Waits with a way to stop; then says what agrees, in a sentence and as a table."""

    stopped = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Check against a peer"))
        self._check: Check | None = None
        self._doing, self._seconds = self.tr("The libraries are being loaded"), 0
        name = ElidedLabel(title)
        name.setToolTip(title)
        font = QFont(name.font())
        font.setBold(True)
        name.setFont(font)
        self._said = QLabel(wordWrap=True)
        self._said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._said.setAccessibleName(self.tr("Verdict"))
        self._wait = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self._table = self._make_table()
        self._notes = QLabel(wordWrap=True, objectName="hint")
        self._notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self._copy = self._buttons.addButton(self.tr("Copy"), role.ActionRole)
        self._copy.setToolTip(self.tr("Copy the verdict and the table as text"))
        self._copy.clicked.connect(self._copy_text)
        self._end = self._buttons.addButton(self.tr("Stop"), role.RejectRole)
        self._copy.setAutoDefault(False)  # Return closes
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for part in (name, self._said, self._wait, self._table, self._notes):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        for part in (self._table, self._notes, self._copy):
            part.hide()
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._tell()
        self.resize(560, self.sizeHint().height())

    def _make_table(self) -> QTableWidget:
        tr = self.tr
        heads = [tr("Quantity"), tr("This run"), tr("Peer"), tr("Difference"), tr("Relative")]
        table = QTableWidget(0, len(heads))
        table.setHorizontalHeaderLabels(heads)
        table.horizontalHeaderItem(3).setToolTip(tr("Of an array, the greatest of all values"))
        table.horizontalHeaderItem(4).setToolTip(
            tr("The difference over the peer's value; of an array, in the Frobenius norm")
        )
        for i in range(len(heads)):
            table.horizontalHeaderItem(i).setTextAlignment(
                RIGHT if i else Qt.AlignmentFlag.AlignLeft
            )
        table.setAccessibleName(tr("Differences"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return table

    # --- what comes in -------------------------------------------------------------------------

    def begin(self, peer: str) -> None:
        """This peer is at work now."""
        self._doing = self.tr("{0} solves the same problem").format(peer)
        self._tell()

    def show_check(self, check: Check) -> None:
        """All peers are done."""
        self._check = check
        self._finish("\n".join(f"{text}." for text in map(sentence, check.reports)))
        for report in check.reports:
            self._add(report)
        several = len(check.reports) > 1
        notes = [f"{r.peer}: {r.note}" if several else r.note for r in check.reports if r.note]
        self._notes.setText("\n".join([*notes, *check.left_out]))
        self._notes.setVisible(bool(self._notes.text()))
        self._table.show()
        self._copy.show()
        for i in range(1, self._table.columnCount()):
            self._table.resizeColumnToContents(i)
            self._table.setColumnWidth(i, self._table.columnWidth(i) + AIR)
        height = ROW * min(self._table.rowCount(), MOST_ROWS) + 2 * self._table.frameWidth()
        self._table.setFixedHeight(height + self._table.horizontalHeader().sizeHint().height())
        self._fit(760)

    def show_fault(self, text: str) -> None:
        """There is nothing to compare with."""
        self._finish(text[:1].upper() + text[1:])
        self._said.setObjectName("fault")
        self._said.style().polish(self._said)
        self._fit(560)

    def done(self, result: int) -> None:
        if self._clock.isActive():
            self._clock.stop()
            self.stopped.emit()
        super().done(result)

    def _finish(self, text: str) -> None:
        self._clock.stop()
        self._wait.hide()
        self._said.setText(text)
        self._end.setText(self.tr("Close"))
        self._end.setFocus()

    def _fit(self, width: int) -> None:
        """As high as what there is to see takes at this width."""
        width = max(self.width(), width)
        self.layout().activate()
        self.resize(width, self.layout().heightForWidth(width))

    def _tick(self) -> None:
        self._seconds += 1
        self._tell()

    def _tell(self) -> None:
        passed = duration_text(self._seconds) if self._seconds else ""
        self._said.setText(f"{self._doing}… {passed}")

    def _add(self, report: PeerReport) -> None:
        table, tr = self._table, self.tr
        row = table.rowCount()
        table.insertRow(row)
        head = tr("{0} {1}: {2}; this run: {3}").format(
            report.peer,
            report.version,
            time_text(report.peer_seconds),
            time_text(report.seconds),
        )
        item = QTableWidgetItem(head)
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(font)
        table.setItem(row, 0, item)
        table.setSpan(row, 0, 1, table.columnCount())
        for line in report.rows:
            row = table.rowCount()
            table.insertRow(row)
            for i, text in enumerate(line.cells()):
                item = QTableWidgetItem(f"   {text}" if i == 0 else text)
                item.setToolTip(text)
                if i:
                    item.setTextAlignment(RIGHT)
                table.setItem(row, i, item)

    def _copy_text(self) -> None:
        if self._check is not None:
            QGuiApplication.clipboard().setText(self._check.text())


def sentence(report: PeerReport) -> str:
    """The verdict of a peer with a capital letter, unless it begins with a symbol."""
    text = report.verdict()
    return text if text[1:2] in " _" else text[:1].upper() + text[1:]
