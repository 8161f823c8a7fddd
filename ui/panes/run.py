"""Where and how to run, the three buttons, and the queue with its progress."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.elided import Modest
from ui.icons import icon
from ui.panes.queue import QueueList
from workbench.messages import DeviceFacts


class RunPane(QWidget):
    """Device, precision, seed and name; Run, Pause and Stop; one row for each run."""

    edited = Signal()
    pause_wanted = Signal(str)
    stop_wanted = Signal(str)
    show_wanted = Signal(str)
    move_wanted = Signal(str, str)  # run, the run before which it shall have its turn

    def __init__(self, run: QAction, pause: QAction, stop: QAction) -> None:
        super().__init__()
        self._devices: tuple[DeviceFacts, ...] = ()
        self._preferred = "auto"
        self._device, self._precision = Modest(), Modest()
        self._device.addItem(self.tr("Automatic"), "auto")
        self._precision.addItem(self.tr("double (float64)"), "float64")
        self._precision.addItem(self.tr("single (float32)"), "float32")
        self._seed = QSpinBox(maximum=2**31 - 1)
        self._name = QLineEdit(placeholderText=self.tr("optional, e.g. fine grid"))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, editor in (
            (self.tr("&Device"), self._device),
            (self.tr("&Precision"), self._precision),
            (self.tr("&Seed"), self._seed),
            (self.tr("&Name"), self._name),
        ):
            editor.setAccessibleName(title.replace("&", ""))
            form.addRow(title, editor)
        buttons = QHBoxLayout()
        for action in (run, pause, stop):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setObjectName("primary" if action is run else "")
            button.ensurePolished()  # only now its size is known
            button.setMinimumHeight(max(30, button.sizeHint().height()))
            buttons.addWidget(button)
            if action is run:
                self._primary = button
        run.changed.connect(self._whiten)
        self._whiten()
        self._why = QLabel()
        self._why.setObjectName("fault")
        self._why.setWordWrap(True)
        self._why.hide()
        self.queue = QueueList()
        for ours, theirs in (
            (self.pause_wanted, self.queue.pause_wanted),
            (self.stop_wanted, self.queue.stop_wanted),
            (self.show_wanted, self.queue.show_wanted),
            (self.move_wanted, self.queue.move_wanted),
        ):
            theirs.connect(ours)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self._why)
        layout.addWidget(self.queue, 1)
        self._device.currentIndexChanged.connect(lambda _: self._fit_precision())
        for signal in (self._precision.currentIndexChanged, self._seed.valueChanged):
            signal.connect(lambda _: self.edited.emit())

    def set_devices(self, devices: tuple[DeviceFacts, ...]) -> None:
        """Offer the devices of the engine."""
        keep = self._device.currentData() if self._devices else self._preferred
        self._devices = devices
        self._device.clear()
        self._device.addItem(self.tr("Automatic ({0})").format(devices[0].title), "auto")
        for device in devices:
            self._device.addItem(f"{device.title}", device.name)
        self._device.setCurrentIndex(max(0, self._device.findData(keep)))

    def devices(self) -> tuple[DeviceFacts, ...]:
        """The devices of the engine, none before it is ready."""
        return self._devices

    def prefer(self, device: str, precision: str) -> None:
        """Begin with these; a device that the engine lacks is chosen automatically."""
        self._preferred = device
        self._device.setCurrentIndex(max(0, self._device.findData(device)))
        self._precision.setCurrentIndex(max(0, self._precision.findData(precision)))

    def settings(self) -> dict[str, object]:
        """Device, precision, seed and title of the next run."""
        return {
            "device": self._device.currentData(),
            "precision": self._precision.currentData(),
            "seed": self._seed.value(),
            "title": self._name.text().strip(),
        }

    def set_settings(self, device: str, precision: str, seed: int) -> None:
        """Take the settings of an earlier run."""
        self._device.setCurrentIndex(max(0, self._device.findData(device)))
        self._precision.setCurrentIndex(max(0, self._precision.findData(precision)))
        self._seed.setValue(seed)

    def explain(self, text: str) -> None:
        """Say why Run is not possible; empty text takes it away."""
        self._why.setText(text[:1].upper() + text[1:])
        self._why.setVisible(bool(text))

    def _whiten(self) -> None:
        """The action gives the button its icon in the colour of text; on blue it is white."""
        self._primary.setIcon(icon("run", QColor("white")))

    def _fit_precision(self) -> None:
        name = self._device.currentData()
        allowed = next((d.precisions for d in self._devices if d.name == name), None)
        if allowed and self._precision.currentData() not in allowed:
            self._precision.setCurrentIndex(self._precision.findData(allowed[0]))
        self.edited.emit()
