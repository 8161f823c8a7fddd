"""The table of settings: types, limits, defaults, and one place for each fact."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from ui.settings import BY_KEY, TABLE, Settings

ROOT = Path(__file__).resolve().parents[2]
IN_DIALOG = [setting for setting in TABLE if setting.title]


@pytest.fixture
def store(tmp_path):
    return QSettings(str(tmp_path / "ui.ini"), QSettings.Format.IniFormat)


def again(store: QSettings) -> Settings:
    """As the next start reads it: from the file, where everything is text."""
    store.sync()
    return Settings(QSettings(store.fileName(), QSettings.Format.IniFormat))


def test_that_every_setting_has_a_key_of_its_own_and_a_default_within_its_limits():
    assert len(BY_KEY) == len(TABLE)
    assert all(setting.fits(setting.default) for setting in TABLE)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "dark"),
        ("text size", 150),
        ("ask before closing", False),
        ("export caption", True),
        ("shortcuts", {"run": "Ctrl+G", "stop": ""}),
        ("workspaces", ["/a/b, c", 'with "quotes"', "ä"]),
        ("layout", QByteArray(b"\x00\xff\x01")),
    ],
)
def test_that_a_value_is_found_again_with_its_type(store, key, value):
    Settings(store)[key] = value
    found = again(store)[key]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("theme", "purple"),
        ("text size", "1000"),
        ("text size", "large"),
        ("ask before closing", "perhaps"),
        ("shortcuts", "{broken"),
        ("workspaces", '{"no": "list"}'),
        ("precision", ["a", "b"]),
    ],
)
def test_that_a_file_that_holds_nonsense_gives_the_default(store, key, held):
    store.setValue(key, held)
    assert again(store)[key] == BY_KEY[key].default


def test_that_a_value_out_of_its_limits_is_refused(store):
    settings = Settings(store)
    for key, value in (("text size", 500), ("theme", 3), ("export target", "Own size")):
        with pytest.raises(ValueError, match=key):
            settings[key] = value


def test_that_only_a_true_change_is_told_and_reset_keeps_what_the_window_remembers(store):
    settings, told = Settings(store), []
    settings.changed.connect(told.append)
    settings["theme"] = "system"  # as it is
    settings["theme"] = "dark"
    settings["layouts"] = {"mine": "AAAA"}
    settings.reset()
    assert told == ["theme", "layouts", "theme"]
    assert settings["layouts"] == {"mine": "AAAA"}
    assert all(settings[s.key] == s.default for s in IN_DIALOG)


def test_that_no_other_file_reads_or_writes_a_setting_by_a_key_of_its_own():
    access = re.compile(r"\.(?:setValue|value)\(\s*[\"']")
    for file in (ROOT / "ui").rglob("*.py"):
        if file.name != "settings.py":
            assert not access.search(file.read_text("utf8")), file.name
