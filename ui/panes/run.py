"""Where and how to run, the three buttons, and the queue with its progress."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.elided import ElidedLabel
from ui.icons import icon
from ui.run_view import RunView
from workbench.messages import DeviceFacts

# Finished rows that stay in the queue list; all runs are in the results anyway.
KEEP_FINISHED = 8
# Runs of a long queue get their row when their turn comes; up to then they are only counted.
QUEUED_ROWS = 30


class RunPane(QWidget):
    """Device, precision, seed and name; Run, Pause and Stop; one row for each run."""

    edited = Signal()
    pause_wanted = Signal(str)
    stop_wanted = Signal(str)
    show_wanted = Signal(str)

    def __init__(self, run: QAction, pause: QAction, stop: QAction) -> None:
        super().__init__()
        self._devices: tuple[DeviceFacts, ...] = ()
        self._rows: dict[str, Row] = {}
        self._waiting: set[str] = set()
        self._device = QComboBox()
        self._device.addItem(self.tr("Automatic"), "auto")
        self._precision = QComboBox()
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
            button.setMinimumHeight(30)
            button.setObjectName("primary" if action is run else "")
            buttons.addWidget(button)
        self._why = QLabel()
        self._why.setObjectName("fault")
        self._why.setWordWrap(True)
        self._why.hide()
        self._list = QVBoxLayout()
        self._list.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._list)
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._empty = QLabel(self.tr("No runs yet."), alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setObjectName("hint")
        self._list.insertWidget(0, self._empty)
        self._more = QLabel()
        self._more.setObjectName("hint")
        self._more.hide()
        self._list.insertWidget(0, self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self._why)
        layout.addWidget(scroll, 1)
        self._device.currentIndexChanged.connect(lambda _: self._fit_precision())
        for signal in (self._precision.currentIndexChanged, self._seed.valueChanged):
            signal.connect(lambda _: self.edited.emit())

    def set_devices(self, devices: tuple[DeviceFacts, ...]) -> None:
        """Offer the devices of the engine."""
        keep = self._device.currentData()
        self._devices = devices
        self._device.clear()
        self._device.addItem(self.tr("Automatic ({0})").format(devices[0].title), "auto")
        for device in devices:
            self._device.addItem(f"{device.title}", device.name)
        self._device.setCurrentIndex(max(0, self._device.findData(keep)))

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
        self._why.setText(text)
        self._why.setVisible(bool(text))

    def update_run(self, run: RunView) -> None:
        """Show a run as it stands now."""
        if run.state == "queued" and run.id not in self._rows and len(self._rows) >= QUEUED_ROWS:
            self._waiting.add(run.id)
            self._count()
            return
        if run.id in self._waiting:
            self._waiting.remove(run.id)
            self._count()
        if run.id not in self._rows:
            row = Row(run)
            row.pause_wanted.connect(self.pause_wanted)
            row.stop_wanted.connect(self.stop_wanted)
            row.show_wanted.connect(self.show_wanted)
            self._rows[run.id] = row
            self._list.insertWidget(1, row)  # below the count of those that wait
            self._empty.hide()
            self._forget()
        self._rows[run.id].update_run(run)

    def _count(self) -> None:
        self._more.setText(self.tr("… and {0} more wait").format(len(self._waiting)))
        self._more.setVisible(bool(self._waiting))

    def _forget(self) -> None:
        finished = [id for id, row in self._rows.items() if row.over]
        for id in finished[:-KEEP_FINISHED]:
            self._rows.pop(id).deleteLater()

    def _fit_precision(self) -> None:
        name = self._device.currentData()
        allowed = next((d.precisions for d in self._devices if d.name == name), None)
        if allowed and self._precision.currentData() not in allowed:
            self._precision.setCurrentIndex(self._precision.findData(allowed[0]))
        self.edited.emit()


class Row(QFrame):
    """One run: its name and state, a bar, its rate, and the buttons that reach it."""

    pause_wanted = Signal(str)
    stop_wanted = Signal(str)
    show_wanted = Signal(str)

    def __init__(self, run: RunView) -> None:
        super().__init__()
        self._id = run.id
        self.over = False
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._title = ElidedLabel()
        self._state = QLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(6)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setObjectName("hint")
        self._pause = self._button("pause", self.tr("Pause or go on"))
        self._stop = self._button("stop", self.tr("Stop this run"))
        self._pause.clicked.connect(lambda: self.pause_wanted.emit(self._id))
        self._stop.clicked.connect(lambda: self.stop_wanted.emit(self._id))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._state)
        head.addWidget(self._pause)
        head.addWidget(self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._text)
        self.setToolTip(self.tr("Click to look at this run"))

    def mouseReleaseEvent(self, event: object) -> None:
        self.show_wanted.emit(self._id)

    def update_run(self, run: RunView) -> None:
        """Show the run as it stands now."""
        self.over = run.over
        self._title.setText(run.title)
        self._state.setText(run.state)
        self._pause.setVisible(run.state in ("running", "paused"))
        self._pause.setIcon(icon("run" if run.state == "paused" else "pause"))
        self._stop.setVisible(not run.over)
        total = run.step.total if run.step else None
        if run.state in ("running", "paused"):
            self._bar.setRange(0, total or 0)
            self._bar.setValue(run.step.done if run.step and total else 0)
        self._bar.setVisible(not run.over and run.state != "queued")
        text = run.text if run.over else run.progress_text()
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setIcon(icon(name))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button
