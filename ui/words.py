"""States of runs and kinds of data in the language of the window."""

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
KINDS = (
    QT_TRANSLATE_NOOP("Data", "image"),
    QT_TRANSLATE_NOOP("Data", "stack"),
    QT_TRANSLATE_NOOP("Data", "table"),
    QT_TRANSLATE_NOOP("Data", "points"),
    QT_TRANSLATE_NOOP("Data", "signal"),
    QT_TRANSLATE_NOOP("Data", "array"),
)


def state_text(state: str) -> str:
    """One of STATES as it is shown."""
    return QCoreApplication.translate("State", state)


def kind_text(kind: str) -> str:
    """One of KINDS as it is shown."""
    return QCoreApplication.translate("Data", kind)
