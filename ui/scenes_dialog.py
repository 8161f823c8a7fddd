"""The list of scenes: their order, names and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from ui.scenes import SceneControl

TEXT_HEIGHT = 90


class ScenesDialog(QDialog):
    """Changes take effect at once; a click on a scene shows it."""

    def __init__(self, scenes: SceneControl, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Scenes"))
        self.resize(560, 460)
        self._scenes = scenes
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Scenes"))
        self._list.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self._name = QLineEdit()
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setPlaceholderText(self.tr("A sentence that stands below the picture"))
        self._text.setFixedHeight(TEXT_HEIGHT)
        self._hint = QLabel(objectName="hint", wordWrap=True)
        self._form = self._made_form()
        self._none = QLabel(objectName="hint", wordWrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addLayout(self._upper(), 1)
        layout.addWidget(self._form)
        layout.addWidget(self._hint)
        self._list.currentRowChanged.connect(self._choose)
        self._list.itemClicked.connect(lambda _: self._show())
        self._list.model().rowsMoved.connect(lambda *_: self._take_order())
        self._name.editingFinished.connect(self._rename)
        self._text.textChanged.connect(self._retell)
        scenes.changed.connect(self._fill)
        scenes.shown.connect(self._tell)
        self._fill()
        self._list.setCurrentRow(max(0, scenes.at))

    def _upper(self) -> QHBoxLayout:
        upper, buttons = QHBoxLayout(), QVBoxLayout()
        upper.addWidget(self._list, 1)
        upper.addWidget(self._none, 1)
        upper.addLayout(buttons)
        self._buttons: list[QPushButton] = []
        for text, do in (
            (self.tr("&Show"), self._show),
            (self.tr("Move &up"), lambda: self._move(-1)),
            (self.tr("Move &down"), lambda: self._move(1)),
            (self.tr("D&elete"), self._delete),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(do)
            buttons.addWidget(button)
            self._buttons.append(button)
        buttons.addStretch(1)
        close = QPushButton(self.tr("&Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        buttons.addWidget(close)
        return upper

    def _made_form(self) -> QWidget:
        place = QWidget()
        form = QGridLayout(place)
        form.setContentsMargins(0, 0, 0, 0)
        for row, (title, editor) in enumerate(
            ((self.tr("&Name"), self._name), (self.tr("&Text"), self._text))
        ):
            label = QLabel(title)
            label.setBuddy(editor)
            editor.setAccessibleName(title.replace("&", ""))
            form.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(editor, row, 1)
        return place

    def _row(self) -> int:
        """The chosen scene, -1 where there is none."""
        row = self._list.currentRow()
        return row if row < len(self._scenes.all) else -1

    def _fill(self) -> None:
        row = self._list.currentRow()
        self._list.blockSignals(True)
        self._list.clear()
        for number, scene in enumerate(self._scenes.all):
            gone = self.tr(" (record is gone)") if self._scenes.missing(scene) else ""
            self._list.addItem(f"{number + 1}. {scene.name}{gone}")
            self._list.item(number).setData(Qt.ItemDataRole.UserRole, number)
        self._list.setCurrentRow(min(max(0, row), len(self._scenes.all) - 1))
        self._list.blockSignals(False)
        self._choose()

    def _choose(self, _: int = 0) -> None:
        row = self._row()
        scene = self._scenes.all[row] if row >= 0 else None
        for widget in (*self._buttons, self._name, self._text):
            widget.setEnabled(scene is not None)
        name, text = (scene.name, scene.text) if scene else ("", "")
        if self._name.text() != name:
            self._name.setText(name)
        if self._text.toPlainText() != text:
            self._text.blockSignals(True)
            self._text.setPlainText(text)
            self._text.blockSignals(False)
        for widget in (self._list, self._form):
            widget.setVisible(bool(self._scenes.all))
        self._none.setVisible(not self._scenes.all)
        self._tell()

    def _tell(self) -> None:
        """How to have scenes; why one cannot be shown, or what they are for."""
        none = self.tr("There are no scenes yet.\n\nShow a picture of a record, then choose\n{0}.")
        self._none.setText(none.format(self._scenes.way_to_add()))
        self._hint.setText(
            self._scenes.fault
            or self.tr("In presenter mode (Shift+F5) the arrow keys step through the scenes.")
        )

    def _show(self) -> None:
        if self._row() >= 0:
            self._scenes.show(self._row())

    def _move(self, by: int) -> None:
        scenes, row = list(self._scenes.all), self._row()
        if 0 <= row + by < len(scenes):
            scenes.insert(row + by, scenes.pop(row))
            self._scenes.put(scenes)
            self._list.setCurrentRow(row + by)

    def _delete(self) -> None:
        scenes = list(self._scenes.all)
        del scenes[self._row()]
        self._scenes.put(scenes)

    def _take_order(self) -> None:
        """A scene was dragged to another place."""
        role = Qt.ItemDataRole.UserRole
        order = [self._list.item(row).data(role) for row in range(self._list.count())]
        if order != sorted(order):
            self._scenes.put([self._scenes.all[number] for number in order])

    def _rename(self) -> None:
        if self._row() >= 0 and self._name.text().strip():
            self._scenes.change(self._row(), name=self._name.text().strip())

    def _retell(self) -> None:
        if self._row() >= 0:
            self._scenes.change(self._row(), text=self._text.toPlainText())
