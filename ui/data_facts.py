"""What is seen of a data set: a small picture, a histogram, and its facts."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.turntable import Turntable, in_space, turned
from workbench.palette import table as colour_table

THUMBNAIL = 96
BARS = 30  # height of the histogram
DOTS = "#3a8fb7"  # stands out on light and dark


class DataFacts(QWidget):
    """Picture and histogram of a data set; beside them its facts, and room for buttons below."""

    def __init__(self, side: int = THUMBNAIL, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.picture = Turntable()
        self.picture.setFixedSize(QSize(side, side))
        self.picture.setAccessibleName(self.tr("Thumbnail"))
        self.histogram = QLabel()
        self.histogram.setFixedSize(QSize(side, BARS))
        self.histogram.setAccessibleName(self.tr("Histogram"))
        self.histogram.setToolTip(self.tr("How often values occur, from the least to the greatest"))
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setVerticalSpacing(2)
        self.buttons = QHBoxLayout()
        pictures = QVBoxLayout()
        pictures.setSpacing(4)
        pictures.addWidget(self.picture)
        pictures.addWidget(self.histogram)
        pictures.addStretch(1)
        words = QVBoxLayout()
        words.addLayout(self._facts)
        words.addLayout(self.buttons)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(pictures)
        layout.addLayout(words, 1)

    def set_preview(self, preview: Any) -> None:
        """Show a data set."""
        while self._facts.count():
            self._facts.takeAt(0).widget().deleteLater()
        rows = [
            (self.tr("shape"), " × ".join(map(str, preview.shape))),
            (self.tr("axes"), ", ".join(preview.dims)),
            (self.tr("type"), str(preview.dtype)),
            (self.tr("range"), _range_text(preview)),
            (self.tr("missing"), _missing_text(preview)),
            *((self.tr("note"), note) for note in preview.notes),
        ]
        for row, (name, value) in enumerate(rows):
            title = QLabel(name, objectName="hint")
            title.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(title, row, 0)
            fact = QLabel(value, wordWrap=True)
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(fact, row, 1)
        if in_space(preview):
            self.picture.set_preview(preview, DOTS)
        else:
            self.picture.set_picture(thumbnail(preview, self._side, self.devicePixelRatioF()))
        self.histogram.setVisible(bool(preview.histogram))
        self.histogram.setPixmap(bars(preview.histogram, self.devicePixelRatioF(), self._side))


def thumbnail(preview: Any, size: int, ratio: float) -> QPixmap:
    """The small picture of a preview: an image through a colour map, a table as dots or a curve."""
    if in_space(preview):
        drawn = turned(preview, DOTS, int(size * ratio))
        drawn.setDevicePixelRatio(ratio)
        return drawn
    values = np.asarray(preview.thumbnail)
    colour = values.ndim == 3
    picture = colour or (values.ndim == 2 and preview.kind in ("image", "stack", "array"))
    drawn = _image(values) if picture else _dots(values, int(size * ratio))
    drawn = drawn.scaled(
        int(size * ratio),
        int(size * ratio),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    drawn.setDevicePixelRatio(ratio)
    return drawn


def _image(values: np.ndarray) -> QPixmap:
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    scaled = np.nan_to_num((values - low) / ((high - low) or 1.0)).clip(0, 1)
    if values.ndim == 2:
        scaled = colour_table("sequential")[(scaled * 255).astype(np.uint8)][..., :3] / 255
    pixels = np.ascontiguousarray((scaled[..., :3] * 255).astype(np.uint8))
    height, width = pixels.shape[:2]
    return QPixmap.fromImage(
        QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    )


def _dots(values: np.ndarray, size: int) -> QPixmap:
    """The first two columns of a table, or one column against its row number."""
    table = values.reshape(len(values), -1)
    if table.shape[1] == 1:
        table = np.column_stack([np.arange(len(table)), table])
    table = table[np.isfinite(table[:, :2]).all(1)]
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    if not len(table):
        return picture
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DOTS))
    dot, room = size / 40, size * 0.86
    for a, b in zip(_spread(table[:, 0]) * room, _spread(-table[:, 1]) * room, strict=True):
        painter.drawEllipse(int(a + size * 0.05), int(b + size * 0.05), int(dot + 1), int(dot + 1))
    painter.end()
    return picture


def _spread(values: np.ndarray) -> np.ndarray:
    """Values from 0 to 1."""
    return (values - values.min()) / (float(np.ptp(values)) or 1.0)


def bars(counts: tuple[int, ...], ratio: float, side: int = THUMBNAIL) -> QPixmap:
    """A small histogram."""
    picture = QPixmap(int(side * ratio), int(BARS * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    if counts:
        painter = QPainter(picture)
        wide, most = picture.width() / len(counts), max(counts)
        for k, count in enumerate(counts):
            tall = round(count / most * (picture.height() - 1)) + (count > 0)
            left, right = round(k * wide), round((k + 1) * wide)
            painter.fillRect(left, picture.height() - tall, right - left, tall, QColor(DOTS))
        painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def _range_text(preview: Any) -> str:
    unit = f" {preview.unit}" if preview.unit else ""
    return f"{preview.minimum:.4g} … {preview.maximum:.4g}{unit}"


def _missing_text(preview: Any) -> str:
    size = int(np.prod(preview.shape, dtype=np.float64)) or 1
    return f"{preview.missing} ({100 * preview.missing / size:.2g} %)" if preview.missing else "0"
