"""States of runs in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

STATES = (
    QT_TRANSLATE_NOOP("State", "queued"),
    QT_TRANSLATE_NOOP("State", "running"),
    QT_TRANSLATE_NOOP("State", "paused"),
    QT_TRANSLATE_NOOP("State", "done"),
    QT_TRANSLATE_NOOP("State", "stopped"),
    QT_TRANSLATE_NOOP("State", "failed"),
    QT_TRANSLATE_NOOP("State", "interrupted"),
    QT_TRANSLATE_NOOP("State", "unreadable"),
)


def state_text(state: str) -> str:
    """One of STATES as it is shown."""
    return QCoreApplication.translate("State", state)
