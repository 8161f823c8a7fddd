"""The data sets at hand: files that were opened and samples that are built in."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
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
from ui.data_facts import DataFacts
from ui.tones import HINT, TONE, Toned
from ui.words import kind_text

MOST_PARTS = 200  # of a file that are listed
REFERENCE = Qt.ItemDataRole.UserRole


class DataPane(QWidget):
    """A tree of data sets; below it a thumbnail and the facts of the chosen one."""

    selected = Signal(str)  # reference, empty where nothing is chosen
    changed = Signal()  # a data set came, went, or its preview arrived
    failed = Signal(str, str)  # sentence, detail
    refused = Signal(str, str, str)  # reference that cannot be opened, sentence, detail
    open_wanted = Signal()
    import_wanted = Signal(str)  # reference of a table
    steps_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self._previews: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._tree = QTreeWidget(headerHidden=True, columnCount=2)
        self._tree.setAccessibleName(self.tr("Data sets"))
        self._tree.setItemDelegate(Toned(self._tree))
        self._tree.setRootIsDecorated(True)
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, self._tree.header().ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, self._tree.header().ResizeMode.ResizeToContents)
        self._loaded = self._group(self.tr("Opened"))
        self._loaded.setHidden(True)
        self._samples = self._group(self.tr("Built-in samples"))
        self._about = DataFacts()
        self._options = QPushButton(self.tr("Import options…"))
        self._options.setToolTip(self.tr("Delimiter, decimal mark, header, columns and their use"))
        self._options.clicked.connect(lambda: self.import_wanted.emit(self.current()))
        self._steps = QPushButton(self.tr("Steps…"))
        self._steps.setToolTip(self.tr("Draw rows, standardise or crop; a run records each step"))
        self._steps.clicked.connect(lambda: self.steps_wanted.emit(self.current()))
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
        self._about.hide()
        for button in (self._steps, self._options):
            self._about.buttons.addWidget(button)
        self._about.buttons.addStretch(1)
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
            item.setText(1, kind_text(kind))
            item.setToolTip(0, f"{title}\n{source}\n{licence}")

    def _add(self, reference: str, preview: Any, select: bool) -> None:
        shape = " × ".join(map(str, preview.shape))
        item, known = self._item(reference), reference in self._names
        item = item or self._place(reference)
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

    def _place(self, reference: str) -> QTreeWidgetItem:
        """A new place in the tree; after steps it is below what they start from."""
        from workbench.data.steps import divided  # the preview brought the readers

        base, steps = divided(reference)
        above = self._item(base) if steps else None
        if above is None:
            name = reference.replace("\\", "/").rsplit("/", 1)[-1]
            return self._new_item(self._loaded, name, reference)
        item = self._new_item(above, f"{self._names[base]}::{steps}", reference)
        item.setText(0, steps)
        above.setExpanded(True)
        return item

    def _new_item(self, parent: QTreeWidgetItem, name: str, reference: str) -> QTreeWidgetItem:
        self._names[reference] = name
        item = QTreeWidgetItem(parent, [name])
        item.setData(0, REFERENCE, reference)
        item.setToolTip(0, reference)
        item.setData(1, TONE, HINT)
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
        self._about.setVisible(preview is not None)
        if preview is not None:
            self._options.setVisible(preview.dialect is not None)
            self._about.set_preview(preview)
