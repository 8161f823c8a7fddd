"""What is inside a record: the groups and arrays of the HDF5 file, and the first values."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.elided import ElidedLabel

NODE = Qt.ItemDataRole.UserRole


class InspectorPane(QWidget):
    """A tree of the file; the chosen array's attributes and first values beside it."""

    failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._record = ""
        self._path = ElidedLabel(self.tr("Choose a record in the results, then Inspect."))
        self._path.setObjectName("hint")
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([self.tr("Name"), self.tr("Shape"), self.tr("Type")])
        self._tree.setAccessibleName(self.tr("Contents of the file"))
        self._tree.setColumnWidth(0, 190)
        self._tree.setColumnWidth(1, 110)
        self._values = QPlainTextEdit(readOnly=True)
        self._values.setAccessibleName(self.tr("Values"))
        self._values.setPlaceholderText(self.tr("Choose an array to see its first values."))
        self._values.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        split = QSplitter()
        split.addWidget(self._tree)
        split.addWidget(self._values)
        split.setSizes([420, 400])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._path)
        layout.addWidget(split, 1)
        self._tree.currentItemChanged.connect(lambda item, _: self._choose(item))

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def open(self, record: str) -> None:
        """Show the contents of this file."""
        self._record = record
        self._path.setText(record)
        if self._bridge is not None:
            self._bridge.call("tree", record, done=self._fill, failed=self.failed.emit)

    def _fill(self, nodes: Any) -> None:
        self._tree.clear()
        self._values.clear()
        items: dict[str, QTreeWidgetItem] = {}
        for node in nodes:
            above, _, name = node.path.strip("/").rpartition("/")
            if not name:
                continue
            parent = items.get(above)
            item = QTreeWidgetItem([name, " × ".join(map(str, node.shape)), node.dtype])
            if parent is None:
                self._tree.addTopLevelItem(item)
            else:
                parent.addChild(item)
            item.setData(0, NODE, node)
            items[node.path.strip("/")] = item
        for i in range(self._tree.topLevelItemCount()):
            self._tree.topLevelItem(i).setExpanded(True)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is None or self._bridge is None:
            return
        node = item.data(0, NODE)
        about = "\n".join(f"{k} = {v}" for k, v in dict(node.attributes).items())
        self._values.setPlainText(about)
        if node.kind != "dataset":
            return

        def show(values: Any) -> None:
            if self._tree.currentItem() is not item:
                return
            with np.printoptions(threshold=400, linewidth=100, precision=6):
                self._values.setPlainText(f"{about}\n\n{values}".strip())

        self._bridge.call("node", self._record, node.path, done=show, failed=self.failed.emit)
