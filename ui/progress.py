"""How far something is that takes long, and a way to end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressDialog, QWidget

from ui.bridge import Bridge


class Drawing(QProgressDialog):
    """Has a movie or many figures drawn in a process of their own; Cancel ends that."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setWindowTitle(self.tr("Export"))
        self.setLabelText(self.tr("Drawing starts…"))
        self.setMinimumWidth(360)
        self.setMinimumDuration(0)
        self.setAutoReset(False)
        self.setAutoClose(False)
        self.setRange(0, 0)

    def begin(
        self,
        bridge: Bridge,
        work: str,
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Start one of the works of `workbench.studio`."""

        def over(act: Callable[[Any], None], found: Any) -> None:
            self.canceled.disconnect(end)
            self.close()
            act(found)

        stop = bridge.draw(
            work,
            *args,
            told=self._tell,
            done=lambda value: over(done, value),
            failed=lambda text: over(failed, text),
        )

        def end() -> None:
            stop()
            self.close()

        self.canceled.connect(end)
        self.show()

    def _tell(self, done: int, total: int) -> None:
        self.setRange(0, total)
        self.setValue(done)
        self.setLabelText(self.tr("{0} of {1} pictures").format(done, total))
