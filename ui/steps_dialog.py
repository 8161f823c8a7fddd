"""Rows drawn, columns standardised, ranges cropped: the steps between a data set and its run."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.steps_part import ReferenceLine, StepsPart
from workbench.data.steps import asked, divided, joined

SIDE = 200  # of the picture


class StepsDialog(QDialog):
    """Emits `wanted(reference)`: the data set after its steps."""

    wanted = Signal(str)

    def __init__(self, reference: str, name: str, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._base, text = divided(reference)
        self.setWindowTitle(self.tr("Steps of {0}").format(divided(name)[0]))
        self.part = StepsPart(bridge, SIDE)
        self._reference = ReferenceLine()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Use"))
        self._build()
        self.part.start(asked(text))
        self.part.changed.connect(self._update)
        self.part.set_base(self._base)
        self._update()

    def accept(self) -> None:
        """Hand over the reference."""
        self.wanted.emit(joined(self._base, self.part.steps()))
        super().accept()

    def _build(self) -> None:
        hint = QLabel(
            self.tr(
                "The steps are done in this order. They become part of the reference, so that a "
                "record, its script and the command line repeat them."
            ),
            objectName="hint",
            wordWrap=True,
        )
        named = QHBoxLayout()
        title = QLabel(self.tr("&Reference"))
        title.setBuddy(self._reference)
        named.addWidget(title)
        named.addWidget(self._reference, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addWidget(self.part, 1)
        layout.addLayout(named)
        layout.addWidget(self._buttons)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.resize(940, 440)

    def _update(self) -> None:
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not self.part.fault())
        folder = str(PurePath(self._base).parent)
        whole = joined(self._base, self.part.steps())
        self._reference.show_text(whole.replace(folder, "…", 1) if folder != "." else whole)
