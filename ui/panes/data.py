"""The data sets at hand: files that were opened and samples that are built in."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.turntable import Turntable, in_space, turned
from workbench.palette import table as colour_table

THUMBNAIL = 96
BARS = 30  # height of the histogram
MOST_PARTS = 200  # of a file that are listed
DOTS = "#3a8fb7"  # stands out on light and dark
REFERENCE = Qt.ItemDataRole.UserRole


class DataPane(QWidget):
    """A tree of data sets; below it a thumbnail and the facts of the chosen one."""

    selected = Signal(str)  # reference, empty where nothing is chosen
    changed = Signal()  # a data set came, went, or its preview arrived
    failed = Signal(str, str)  # sentence, detail
    refused = Signal(str, str, str)  # reference that cannot be opened, sentence, detail
    open_wanted = Signal()
    import_wanted = Signal(str)  # reference of a table

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._previews: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._tree = QTreeWidget(headerHidden=True, columnCount=2)
        self._tree.setAccessibleName(self.tr("Data sets"))
        self._tree.setRootIsDecorated(True)
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, self._tree.header().ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, self._tree.header().ResizeMode.ResizeToContents)
        self._loaded = self._group(self.tr("Opened"))
        self._loaded.setHidden(True)
        self._samples = self._group(self.tr("Built-in samples"))
        self._picture = Turntable()
        self._picture.setFixedSize(QSize(THUMBNAIL, THUMBNAIL))
        self._histogram = QLabel()
        self._histogram.setFixedSize(QSize(THUMBNAIL, BARS))
        self._histogram.setAccessibleName(self.tr("Histogram"))
        self._histogram.setToolTip(
            self.tr("How often values occur, from the least to the greatest")
        )
        self._options = QPushButton(self.tr("Import options…"))
        self._options.setToolTip(self.tr("Delimiter, decimal mark, header, columns and their use"))
        self._options.clicked.connect(lambda: self.import_wanted.emit(self.current()))
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setVerticalSpacing(2)
        self._build()
        self._tree.currentItemChanged.connect(lambda *_: self._select())

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge
        bridge.call("samples", done=self._list_samples, failed=self.failed.emit)

    def add(self, reference: str, select: bool = True) -> None:
        """Open a data set, or read it again; a file that is refused does not enter the list."""
        if self._bridge is not None:
            self._bridge.call(
                "preview",
                reference,
                done=lambda preview: self._add(reference, preview, select),
                failed=lambda *why: self.refused.emit(reference, *why),
            )

    def references(self) -> dict[str, Any]:
        """Every data set whose shape is known: reference → preview."""
        return dict(self._previews)

    def name_of(self, reference: str) -> str:
        """What the data set is called in lists."""
        return self._names.get(reference, reference)

    def current(self) -> str:
        """Reference of the chosen data set."""
        item = self._tree.currentItem()
        return (item.data(0, REFERENCE) or "") if item else ""

    def _build(self) -> None:
        hint = QLabel(self.tr("Drop files on the window, or"))
        hint.setObjectName("hint")
        hint.setWordWrap(True)
        open_button = QPushButton(self.tr("Open…"))
        open_button.setToolTip(self.tr("Open data files (Ctrl+O)"))
        open_button.clicked.connect(self.open_wanted)
        top = QHBoxLayout()
        top.addWidget(hint, 1)
        top.addWidget(open_button)
        self._about = QWidget()
        self._about.hide()
        pictures = QVBoxLayout()
        pictures.setSpacing(4)
        pictures.addWidget(self._picture)
        pictures.addWidget(self._histogram)
        pictures.addStretch(1)
        words = QVBoxLayout()
        words.addLayout(self._facts)
        words.addWidget(self._options, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        below = QHBoxLayout(self._about)
        below.setContentsMargins(0, 0, 0, 0)
        below.addLayout(pictures)
        below.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(top)
        layout.addWidget(self._tree, 1)
        layout.addWidget(self._about)

    def _group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self._tree, [title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setFirstColumnSpanned(True)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        item.setExpanded(True)
        return item

    def _list_samples(self, samples: dict[str, tuple[str, str, str, str]]) -> None:
        for name, (title, kind, licence, source) in samples.items():
            reference = f"sample:{name}"
            item = self._new_item(self._samples, title, reference)
            item.setText(1, kind)
            item.setToolTip(0, f"{title}\n{source}\n{licence}")

    def _add(self, reference: str, preview: Any, select: bool) -> None:
        shape = " × ".join(map(str, preview.shape))
        item, known = self._item(reference), reference in self._names
        if item is None:
            name = reference.replace("\\", "/").rsplit("/", 1)[-1]
            item = self._new_item(self._loaded, name, reference)
        item.setText(1, shape)
        self._previews[reference] = preview
        self._loaded.setHidden(not self._loaded.childCount())
        self._loaded.setExpanded(True)
        self.changed.emit()
        if select and self.current() == reference:
            self._select()
        elif select:
            self._tree.setCurrentItem(item)
        if self._bridge is not None and not known and "::" not in reference:
            self._bridge.call(
                "parts",
                reference,
                done=lambda parts: self._add_parts(item, reference, parts),
                failed=self.failed.emit,
            )

    def _add_parts(self, item: QTreeWidgetItem, reference: str, parts: Any) -> None:
        """Arrays of a file and columns of a table, each to be taken alone."""
        for part in parts[:MOST_PARTS] if len(parts) > 1 else ():
            name = f"{self._names[reference]}::{part.name}"
            inner = self._new_item(item, name, f"{reference}::{part.name}")
            inner.setText(0, part.name)
            inner.setText(1, " × ".join(map(str, part.shape)))
        if len(parts) > MOST_PARTS:
            more = QTreeWidgetItem(item, [self.tr("and {0} more").format(len(parts) - MOST_PARTS)])
            more.setFlags(Qt.ItemFlag.NoItemFlags)

    def _new_item(self, parent: QTreeWidgetItem, name: str, reference: str) -> QTreeWidgetItem:
        self._names[reference] = name
        item = QTreeWidgetItem(parent, [name])
        item.setData(0, REFERENCE, reference)
        item.setToolTip(0, reference)
        item.setForeground(1, self.palette().placeholderText())
        return item

    def _item(self, reference: str) -> QTreeWidgetItem | None:
        places = QTreeWidgetItemIterator(self._tree)
        while places.value():
            if places.value().data(0, REFERENCE) == reference:
                return places.value()
            places += 1
        return None

    def _select(self) -> None:
        reference = self.current()
        if reference in self._previews or not reference or self._bridge is None:
            self._show(self._previews.get(reference))
            self.selected.emit(reference)
            return

        def arrived(preview: Any) -> None:
            self._previews[reference] = preview
            self.changed.emit()
            if self.current() == reference:
                self._show(preview)
                self.selected.emit(reference)

        self._show(None)
        self._bridge.call("preview", reference, done=arrived, failed=self.failed.emit)

    def _show(self, preview: Any | None) -> None:
        while self._facts.count():
            self._facts.takeAt(0).widget().deleteLater()
        self._about.setVisible(preview is not None)
        if preview is None:
            return
        rows = [
            (self.tr("shape"), " × ".join(map(str, preview.shape))),
            (self.tr("axes"), ", ".join(preview.dims)),
            (self.tr("type"), str(preview.dtype)),
            (self.tr("range"), _range_text(preview)),
            (self.tr("missing"), _missing_text(preview)),
        ]
        for row, (name, value) in enumerate(rows):
            title = QLabel(name)
            title.setObjectName("hint")
            self._facts.addWidget(title, row, 0)
            fact = QLabel(value, wordWrap=True)
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(fact, row, 1)
        self._options.setVisible(preview.dialect is not None)
        if in_space(preview):
            self._picture.set_preview(preview, DOTS)
        else:
            drawn = thumbnail(preview, THUMBNAIL, self.devicePixelRatioF())
            self._picture.set_picture(drawn)
        self._picture.setAccessibleName(self.tr("Thumbnail"))
        self._histogram.setVisible(bool(preview.histogram))
        self._histogram.setPixmap(bars(preview.histogram, self.devicePixelRatioF()))


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


def bars(counts: tuple[int, ...], ratio: float) -> QPixmap:
    """A small histogram."""
    picture = QPixmap(int(THUMBNAIL * ratio), int(BARS * ratio))
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
