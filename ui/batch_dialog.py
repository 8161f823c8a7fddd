"""Put every figure of some records on paper: for what, into which folder, under which names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from ui.export_dialog import FORMATS, TARGETS
from ui.path_line import PathLine
from workbench.batch import FIELDS, PATTERN, Plan

ASK_AFTER_MS = 150  # after the last change


class BatchDialog(QDialog):
    """Asks for a plan as settings change, and emits `wanted(pieces, options)`."""

    plan_wanted = Signal(str, str, str)  # folder, format, pattern
    wanted = Signal(tuple, dict)

    def __init__(self, records: list[str], folder: Path, target: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export all figures"))
        self._records = records
        self._plan: Plan | None = None
        self._target, self._format = QComboBox(), QComboBox()
        self._targets = [known for known in TARGETS if known.width]
        for known in self._targets:
            self._target.addItem(self.tr(known.title))
        for ending in FORMATS:
            self._format.addItem(ending.upper(), ending)
        self._folder = PathLine(folder, self._ask_folder)
        self._pattern = QLineEdit(PATTERN)
        self._pattern.setToolTip(" ".join("{" + field + "}" for field in FIELDS))
        self._said = QLabel(self.tr("Counting…"), wordWrap=True, objectName="hint")
        self._said.setMinimumHeight(2 * self._said.fontMetrics().lineSpacing())
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._said.setAccessibleName(self.tr("What will be written"))
        self._soon = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._soon.timeout.connect(self._ask)
        self._lay_out()
        self._target.currentIndexChanged.connect(self._take_target)
        self._target.setCurrentIndex([known.title for known in self._targets].index(target))
        self._take_target()
        self._format.currentIndexChanged.connect(self._change)
        self._folder.changed.connect(self._change)
        self._pattern.textChanged.connect(self._change)
        self._change()

    def question(self) -> tuple[str, str, str]:
        """Folder, format and pattern as they stand now."""
        folder = str(Path(self._folder.text()).expanduser())
        return folder, self._format.currentData(), self._pattern.text()

    def show_plan(self, plan: Plan, question: tuple[str, str, str]) -> None:
        """This would be written, unless something else is wanted by now."""
        if question != self.question():
            return
        self._plan = plan
        count, there = len(plan.pieces), len(plan.there)
        text = self.tr("Figures: {0}, of records: {1}").format(count, len(self._records))
        if count:
            text += "\n" + Path(plan.pieces[0].path).name + (", …" if count > 1 else "")
        if there:
            text += "\n" + self.tr("{0} of the files exist already.").format(there)
        self._said.setText(text)
        self._save.setEnabled(bool(count))

    def explain(self, text: str, question: tuple[str, str, str]) -> None:
        """Say why nothing can be written so."""
        if question == self.question():
            self._said.setText(text)

    def accept(self) -> None:
        if self._plan is None:
            return
        if self._plan.there:
            self._ask_to_replace(self._plan)
        else:
            self._go(self._plan.pieces)

    def _go(self, pieces: tuple) -> None:
        target = self._targets[self._target.currentIndex()]
        options: dict[str, Any] = {"width_mm": target.width, "dpi": target.dpi}
        if target.height:
            options["height_mm"] = target.height
        if pieces:
            self.wanted.emit(pieces, options)
        super().accept()

    def _ask_to_replace(self, plan: Plan) -> None:
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(self.tr("{0} of the files exist. Replace them?").format(len(plan.there)))
        role = QMessageBox.ButtonRole
        replace = question.addButton(self.tr("Replace"), role.DestructiveRole)
        skip = question.addButton(self.tr("Keep those, write the others"), role.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        others = tuple(piece for piece in plan.pieces if piece.path not in plan.there)
        replace.clicked.connect(lambda: self._go(plan.pieces))
        skip.clicked.connect(lambda: self._go(others))
        question.open()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("&For"), self._target)
        form.addRow(self.tr("For&mat"), self._format)
        self._folder.add_to(form, self.tr("F&older"))
        form.addRow(self.tr("&Names"), self._pattern)
        known = QLabel(self._pattern.toolTip(), objectName="hint")
        form.addRow("", known)
        form.addRow("", self._said)
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Save | button.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._save = buttons.button(button.Save)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _take_target(self) -> None:
        target = self._targets[self._target.currentIndex()]
        self._format.setCurrentIndex(FORMATS.index(target.format))

    def _change(self) -> None:
        self._plan = None
        self._save.setEnabled(False)
        self._soon.start()

    def _ask(self) -> None:
        self.plan_wanted.emit(*self.question())

    def _ask_folder(self, now: str) -> str:
        return QFileDialog.getExistingDirectory(self, self.windowTitle(), now)
