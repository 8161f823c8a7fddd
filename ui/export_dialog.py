"""Put a figure on paper: width in millimetres, resolution, file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

WIDTHS = (
    ("Journal column (89 mm)", 89.0),
    ("Journal page (183 mm)", 183.0),
    ("Slide 16:9 (254 mm)", 254.0),
    ("Own width", 0.0),
)
FORMATS = ("pdf", "svg", "png", "eps", "csv")


class ExportDialog(QDialog):
    """Asks for what `workbench.export` needs and emits `wanted(path, options)`."""

    wanted = Signal(str, dict)

    def __init__(self, name: str, folder: Path, frame: int | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export figure"))
        self._frame = frame
        self._preset = QComboBox()
        for title, width in WIDTHS:
            self._preset.addItem(self.tr(title), width)
        self._width = QDoubleSpinBox(minimum=10, maximum=2000, decimals=1, suffix=" mm", value=89)
        self._dpi = QSpinBox(minimum=50, maximum=1200, value=300, suffix=" dpi")
        self._format = QComboBox()
        for ending in FORMATS:
            self._format.addItem(ending.upper(), ending)
        self._path = QLineEdit(str(folder / f"{name}.pdf"), objectName="path")
        self._path.setMinimumWidth(320)
        browse = QPushButton(self.tr("Browse…"))
        place = QHBoxLayout()
        place.addWidget(self._path, 1)
        place.addWidget(browse)
        form = QFormLayout()
        form.addRow(self.tr("&Size"), self._preset)
        form.addRow(self.tr("&Width"), self._width)
        form.addRow(self.tr("&Resolution"), self._dpi)
        form.addRow(self.tr("&Format"), self._format)
        file = QLabel(self.tr("F&ile"))
        file.setBuddy(self._path)
        form.addRow(file, place)
        hint = QLabel(self.tr("Fonts are embedded. CSV holds the numbers behind the figure."))
        hint.setObjectName("hint")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(buttons)
        self._preset.currentIndexChanged.connect(self._take_width)
        self._width.valueChanged.connect(self._mark_own)
        self._format.currentIndexChanged.connect(self._take_format)
        browse.clicked.connect(self._browse)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)

    def accept(self) -> None:
        options: dict[str, Any] = {"width_mm": self._width.value(), "dpi": self._dpi.value()}
        if self._frame is not None:
            options["frame_index"] = self._frame
        self.wanted.emit(self._path.text(), options)
        super().accept()

    def _take_width(self) -> None:
        if self._preset.currentData():
            self._width.setValue(self._preset.currentData())

    def _mark_own(self, value: float) -> None:
        if self._preset.currentData() and self._preset.currentData() != value:
            self._preset.setCurrentIndex(len(WIDTHS) - 1)

    def _take_format(self) -> None:
        self._path.setText(
            str(Path(self._path.text()).with_suffix("." + self._format.currentData()))
        )
        self._dpi.setEnabled(self._format.currentData() != "csv")

    def _browse(self) -> None:
        kinds = ";;".join(f"{f.upper()} (*.{f})" for f in FORMATS)
        chosen, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), self._path.text(), kinds)
        if chosen:
            self._path.setText(chosen)
