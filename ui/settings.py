"""What the program remembers, each fact once: its key, type, default, limits, and its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QByteArray, QObject, QSettings, Signal

from ui.export_dialog import TARGETS
from ui.theme import SCHEMES

SYSTEM = "system"  # as the desktop has it
OWN_NAMES = {"en": "English", "de": "Deutsch"}  # a language is found by who speaks it
PERCENT = (80, 200)  # of the size of the desktop's letters


@dataclass(frozen=True)
class Setting:
    """One fact. Its type is that of the default; one with a title stands in the dialog."""

    key: str
    default: Any
    group: str = ""
    title: str = ""
    help: str = ""
    choices: tuple[tuple[Any, str], ...] = ()  # value, words; empty: any value
    limits: tuple[int, int] | None = None
    restart: bool = False  # takes effect when the program starts again

    def fits(self, value: Any) -> bool:
        """Whether it can have this value."""
        if type(value) is not type(self.default):
            return False
        if self.choices and value not in [choice for choice, _ in self.choices]:
            return False
        return self.limits is None or self.limits[0] <= value <= self.limits[1]


# The groups of the dialog.
LOOKS = QT_TRANSLATE_NOOP("Settings", "Appearance")
RUNS = QT_TRANSLATE_NOOP("Settings", "New runs")
OUTPUT = QT_TRANSLATE_NOOP("Settings", "Export")
QUESTIONS = QT_TRANSLATE_NOOP("Settings", "Questions")

TABLE = (
    Setting(
        "theme",
        SYSTEM,
        LOOKS,
        QT_TRANSLATE_NOOP("Settings", "&Theme"),
        choices=tuple(
            zip(
                SCHEMES,
                (
                    QT_TRANSLATE_NOOP("Settings", "As the desktop"),
                    QT_TRANSLATE_NOOP("Settings", "Light"),
                    QT_TRANSLATE_NOOP("Settings", "Dark"),
                ),
                strict=True,
            )
        ),
    ),
    Setting(
        "language",
        SYSTEM,
        LOOKS,
        QT_TRANSLATE_NOOP("Settings", "&Language"),
        QT_TRANSLATE_NOOP("Settings", "Methods, their parameters and papers stay English."),
        choices=(
            (SYSTEM, QT_TRANSLATE_NOOP("Settings", "As the desktop")),
            *OWN_NAMES.items(),
        ),
        restart=True,
    ),
    Setting(
        "text size",
        100,
        LOOKS,
        QT_TRANSLATE_NOOP("Settings", "Te&xt size"),
        QT_TRANSLATE_NOOP("Settings", "Of the size that the desktop asks for."),
        limits=PERCENT,
        restart=True,
    ),
    Setting(
        "device",
        "auto",
        RUNS,
        QT_TRANSLATE_NOOP("Settings", "&Device"),
        QT_TRANSLATE_NOOP("Settings", "Automatic where this computer has no such device."),
    ),
    Setting(
        "precision",
        "float64",
        RUNS,
        QT_TRANSLATE_NOOP("Settings", "&Precision"),
        choices=(
            ("float64", QT_TRANSLATE_NOOP("Settings", "double (float64)")),
            ("float32", QT_TRANSLATE_NOOP("Settings", "single (float32)")),
        ),
    ),
    Setting(
        "export target",
        TARGETS[0].title,
        OUTPUT,
        QT_TRANSLATE_NOOP("Settings", "&Figures for"),
        choices=tuple((target.title, target.title) for target in TARGETS if target.width),
    ),
    Setting(
        "export caption",
        False,
        OUTPUT,
        QT_TRANSLATE_NOOP("Settings", "&Caption as a text file beside a figure"),
    ),
    Setting(
        "ask before closing",
        True,
        QUESTIONS,
        QT_TRANSLATE_NOOP("Settings", "&Ask before runs are stopped by closing"),
    ),
    # What the window keeps by itself.
    Setting("geometry", QByteArray()),
    Setting("layout", QByteArray()),
    Setting("layouts", {}),  # name: state of the panes in base 64
    Setting("shortcuts", {}),  # id of a command: its keys, where they are not those of the table
    Setting("workspaces", []),  # the newest first
    Setting("toured", False),
    Setting("open folder", ""),
    Setting("export folder", ""),
)
BY_KEY = {setting.key: setting for setting in TABLE}


def shown() -> Iterator[tuple[str, list[Setting]]]:
    """The settings of the dialog, group by group."""
    groups: dict[str, list[Setting]] = {}
    for setting in TABLE:
        if setting.title:
            groups.setdefault(setting.group, []).append(setting)
    yield from groups.items()


class Settings(QObject):
    """The values, typed; what a file holds wrongly has its default. Says what changed."""

    changed = Signal(str)

    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self._store = store
        self._at_first = {s.key: self[s.key] for s in TABLE if s.restart}

    def __getitem__(self, key: str) -> Any:
        setting = BY_KEY[key]
        value = _typed(self._store.value(key), setting.default)
        return value if setting.fits(value) else setting.default

    def __setitem__(self, key: str, value: Any) -> None:
        if not BY_KEY[key].fits(value):
            raise ValueError(f"{key} is {value!r}; it must be as the table says; choose another")
        if value != self[key]:
            self._store.setValue(key, json.dumps(value) if _packed(value) else value)
            self.changed.emit(key)

    def waiting(self) -> list[Setting]:
        """What has changed and takes effect when the program starts again."""
        return [BY_KEY[key] for key, value in self._at_first.items() if self[key] != value]

    def reset(self) -> None:
        """Give everything in the dialog its default; layouts, shortcuts and folders stay."""
        for setting in TABLE:
            if setting.title:
                self[setting.key] = setting.default


def _packed(value: Any) -> bool:
    """Lists and tables are kept as text, the same on every system."""
    return isinstance(value, (dict, list))


def _typed(held: Any, default: Any) -> Any:
    """A file of settings holds texts: the value of the default's type, or None."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}.get(str(held).lower())
        if isinstance(default, int):
            return int(held)
        return json.loads(held) if _packed(default) else held
    except (TypeError, ValueError, RecursionError):
        return None
