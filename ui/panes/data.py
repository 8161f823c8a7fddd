"""The data sets at hand: files that were opened and samples that are built in."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap
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
from workbench.palette import table as colour_table

THUMBNAIL = 96
REFERENCE = Qt.ItemDataRole.UserRole


class DataPane(QWidget):
    """A tree of data sets; below it a thumbnail and the facts of the chosen one."""

    selected = Signal(str)  # reference, empty where nothing is chosen
    changed = Signal()  # a data set came, went, or its preview arrived
    failed = Signal(str, str)  # sentence, detail
    open_wanted = Signal()

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
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(QSize(THUMBNAIL, THUMBNAIL))
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
                failed=self.failed.emit,
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
        below = QHBoxLayout(self._about)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._picture)
        below.addLayout(self._facts, 1)
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
        self._loaded.setHidden(False)
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
        for part in parts if len(parts) > 1 else ():
            name = f"{self._names[reference]}::{part.name}"
            inner = self._new_item(item, name, f"{reference}::{part.name}")
            inner.setText(0, part.name)
            inner.setText(1, " × ".join(map(str, part.shape)))

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
            (self.tr("type"), str(preview.dtype)),
            (self.tr("range"), f"{preview.minimum:.4g} … {preview.maximum:.4g}"),
            (self.tr("missing"), str(preview.missing)),
        ]
        for row, (name, value) in enumerate(rows):
            title = QLabel(name)
            title.setObjectName("hint")
            self._facts.addWidget(title, row, 0)
            self._facts.addWidget(QLabel(value), row, 1)
        self._facts.addWidget(QLabel(), len(rows), 0)
        self._facts.setRowStretch(len(rows), 1)
        self._picture.setPixmap(thumbnail(preview, THUMBNAIL, self.devicePixelRatioF()))
        self._picture.setAccessibleName(self.tr("Thumbnail"))


def thumbnail(preview: Any, size: int, ratio: float) -> QPixmap:
    """The small picture of a preview: an image through a colour map, a table as dots or a curve."""
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
    """A cloud of the first two columns, or one column against its row number."""
    table = values.reshape(len(values), -1)
    x, y = (
        (table[:, 0], table[:, 1]) if table.shape[1] > 1 else (np.arange(len(table)), table[:, 0])
    )
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    if not len(x):
        return picture
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.darkCyan)
    dot, room = size / 40, size * 0.86
    for a, b in zip(_spread(x) * room, _spread(-y) * room, strict=True):
        painter.drawEllipse(int(a + size * 0.05), int(b + size * 0.05), int(dot + 1), int(dot + 1))
    painter.end()
    return picture


def _spread(values: np.ndarray) -> np.ndarray:
    width = float(np.ptp(values)) or 1.0
    return (values - values.min()) / width
