"""The dialog of the settings: what is chosen counts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.settings import Setting, Settings, shown
from workbench.messages import DeviceFacts

WIDTH = 440


def words(text: str) -> str:
    """A text of the table in the language of the window."""
    found = QCoreApplication.translate("Settings", text) if text else ""
    return found if found != text else QCoreApplication.translate("ExportDialog", text)


class SettingsDialog(QDialog):
    """One row for each setting that has a title; made of the table alone."""

    def __init__(
        self, settings: Settings, devices: tuple[DeviceFacts, ...], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self._devices = devices
        self._shows: dict[str, Callable[[Any], None]] = {}
        self._labels: list[QLabel] = []
        layout = QVBoxLayout(self)
        for group, members in shown():
            heading = QLabel(f"<b>{words(group)}</b>")
            layout.addWidget(heading)
            layout.addLayout(self._form(members))
            layout.addSpacing(8)
        widest = max(label.sizeHint().width() for label in self._labels)
        for label in self._labels:  # the editors of all groups stand below each other
            label.setMinimumWidth(widest)
        self._later = QLabel(wordWrap=True)
        self._later.setObjectName("hint")
        layout.addWidget(self._later)
        layout.addStretch(1)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.RestoreDefaults | standard.Close)
        reset = buttons.button(standard.RestoreDefaults)
        reset.setText(self.tr("&Reset to defaults"))
        reset.setToolTip(self.tr("Layouts, shortcuts and workspaces stay"))
        reset.clicked.connect(settings.reset)
        for button in buttons.buttons():
            button.setAutoDefault(False)  # Enter in a field is no answer
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        settings.changed.connect(self._show)
        self._tell_later()

    def _form(self, members: list[Setting]) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(12, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for setting in members:
            editor = self._editor(setting)
            editor.setAccessibleName(words(setting.title).replace("&", ""))
            editor.setAccessibleDescription(words(setting.help))
            if isinstance(editor, QCheckBox):
                form.addRow(editor)
            else:
                label = QLabel(words(setting.title))
                label.setBuddy(editor)
                self._labels.append(label)
                form.addRow(label, self._explained(editor, words(setting.help)))
            self._show(setting.key)
        return form

    def _explained(self, editor: QWidget, text: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(editor)
        if text:
            hint = QLabel(text, wordWrap=True)
            hint.setObjectName("hint")
            column.addWidget(hint)
        return column

    def _editor(self, setting: Setting) -> QWidget:
        key = setting.key

        def take(value: Any) -> None:
            self._settings[key] = value

        if isinstance(setting.default, bool):
            box = QCheckBox(words(setting.title))
            box.setMinimumWidth(box.sizeHint().width())  # Qt would cut its words off
            box.toggled.connect(take)
            self._shows[key] = box.setChecked
            return box
        if setting.limits:
            low, high = setting.limits
            number = QSpinBox(minimum=low, maximum=high, singleStep=10, suffix=" %")
            number.valueChanged.connect(take)
            self._shows[key] = number.setValue
            return number
        combo = QComboBox()
        for value, text in self._choices(setting):
            combo.addItem(text, value)
        combo.activated.connect(lambda _: take(combo.currentData()))
        self._shows[key] = lambda value: combo.setCurrentIndex(max(0, combo.findData(value)))
        return combo

    def _choices(self, setting: Setting) -> list[tuple[Any, str]]:
        if setting.key != "device":
            return [(value, words(text)) for value, text in setting.choices]
        known = [(device.name, device.title) for device in self._devices]
        chosen = self._settings[setting.key]
        if chosen not in ("auto", *(name for name, _ in known)):  # of another computer
            known.append((chosen, chosen))
        return [("auto", self.tr("Automatic")), *known]

    def _show(self, key: str) -> None:
        if key in self._shows:
            self._shows[key](self._settings[key])
        self._tell_later()

    def _tell_later(self) -> None:
        """Say what waits for the next start."""
        if not hasattr(self, "_later"):
            return  # still being built
        names = [words(s.title).replace("&", "") for s in self._settings.waiting()]
        text = self.tr("After the next start of the program: {0}").format(", ".join(names))
        self._later.setText(text if names else "")
