"""The window in German: every text has its translation, and none is left in English."""

import gc
import re
import runpy
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTabBar,
    QTableView,
    QTreeWidget,
)

from tests.ui.conftest import Stalls, close, opened
from ui import translation, words
from ui.panes.gallery import GalleryPage
from ui.rows import Fields
from workbench.data.base import Kind

ROOT = Path(__file__).resolve().parents[2]
TOOL = runpy.run_path(str(ROOT / "packaging" / "translations.py"))
GERMAN = translation.texts("de")
FIELDS = re.compile(r"\{[^}]*\}")


def test_that_every_text_of_the_window_is_translated_and_no_other():
    assert set(TOOL["collect"]()) == set(GERMAN)


def test_that_every_tr_gets_a_text_that_the_tool_can_find():
    # A variable comes from a table whose entries are marked where they stand.
    tables = {"title", "text", "word", "target.title", "known.title", "COLUMNS[section]"}
    for file in (ROOT / "ui").rglob("*.py"):
        for given in re.findall(r"\btr\(\s*([^\s\"')][^),]*)", file.read_text("utf8")):
            assert given in tables or given.startswith("TIPS.get("), f"{file.name}: tr({given})"


def test_that_a_translation_has_the_places_and_marks_of_its_source():
    for (context, source), german in GERMAN.items():
        text = f"{context}: {source!r} is {german!r}"
        assert sorted(FIELDS.findall(source)) == sorted(FIELDS.findall(german)), text
        assert source.endswith("…") == german.endswith("…"), text
        assert ("&" in source) == ("&" in german), text
        assert source[:1].isspace() == german[:1].isspace(), text


def test_that_the_letters_of_each_menu_are_different_in_german(german):
    for name, menu in german.window.commands.menus.items():
        letters = [
            action.text()[action.text().index("&") + 1].lower()
            for action in menu.actions()
            if "&" in action.text().replace("&&", "") and not action.data()
        ]
        assert len(letters) == len(set(letters)), (name, letters)


def test_that_the_catalogue_is_updated_without_losing_what_is_translated(tmp_path):
    file = tmp_path / "de.ts"
    texts = {("A", "Old & <new>"): "Alt & <neu>", ("B", "Two\nlines"): ""}
    TOOL["write"](file, texts)
    assert TOOL["read"](file) == texts
    assert 'type="unfinished"' in file.read_text("utf8")
    assert TOOL["likely"](("C", "Old & <new>"), texts) == "Alt & <neu>"


def test_that_the_system_language_is_followed_and_an_unknown_one_is_english(qapp, monkeypatch):
    class Locale:
        def __init__(self, name: str) -> None:
            self._name = name

        def name(self) -> str:
            return self._name

    for name, spoken in (("de_AT", True), ("en_GB", False), ("fr_FR", False)):
        monkeypatch.setattr(translation.QLocale, "system", lambda name=name: Locale(name))
        used = translation.use(qapp, "system")
        assert bool(used) == spoken, name
        translation.remove(qapp, used)


@pytest.fixture(scope="module")
def german(light, qapp, tmp_path_factory):
    """A window whose language is German."""
    gc.collect()
    gc.freeze()
    used, stalls = translation.use(qapp, "de"), Stalls()
    user = opened(tmp_path_factory.mktemp("werkbank"), stalls)
    stalls.stop()
    yield user
    close(user)
    stalls.close()
    translation.remove(qapp, used)
    gc.unfreeze()


def strings(value) -> set[str]:
    """Every text in a nest of tables and lists."""
    if isinstance(value, dict):
        return set().union(*map(strings, value.values()), set(value))
    if isinstance(value, (list, tuple)):
        return set().union(*map(strings, value)) if value else set()
    return {str(value)}


def likeness(text: str) -> str:
    """The pattern of what a text becomes when its places are filled."""
    plain = text.replace("&", "").strip().rstrip("…").casefold()
    return "(?s)" + ".*".join(re.escape(part) for part in FIELDS.split(plain))


def of_method(widget) -> bool:
    """Whether it belongs to the form of a method, whose words stay English."""
    while widget is not None and not isinstance(widget, Fields):
        widget = widget.parentWidget()
    return widget is not None


def seen(window) -> set[str]:
    """What a person reads or hears: words of widgets, heads of tables, tips, names."""
    found = set()
    for kind in (QLabel, QAbstractButton):
        found |= {w.text() for w in window.findChildren(kind) if not of_method(w)}
    for combo in window.findChildren(QComboBox):
        found |= {combo.itemText(i) for i in range(combo.count())}
    for bar in window.findChildren(QTabBar):
        found |= {bar.tabText(i) for i in range(bar.count())}
    for dock in window.findChildren(QDockWidget):
        found.add(dock.windowTitle())
    for line in window.findChildren(QLineEdit):
        found.add(line.placeholderText())
    for action in window.commands.actions.values():
        found |= {action.text(), action.statusTip(), action.property("menu")}
    for menu in window.commands.menus.values():
        found.add(menu.title())
    for table in window.findChildren(QTableView):
        model = table.model()
        found |= {model.headerData(i, table.horizontalHeader().orientation(), 0)
                  for i in range(model.columnCount())}  # fmt: skip
    for tree in window.findChildren(QTreeWidget):
        found |= {tree.headerItem().text(i) for i in range(tree.columnCount()) if tree.header()
                  .isVisible()}  # fmt: skip
        found |= {tree.topLevelItem(i).text(0) for i in range(tree.topLevelItemCount())}
    for widget in window.findChildren(QComboBox) + window.findChildren(QAbstractButton):
        if not of_method(widget):
            found |= {widget.accessibleName(), widget.toolTip()}
    return {str(text).replace("&", "").strip() for text in found if text}


def test_that_the_kinds_of_data_are_german(german):
    tree = german.named(QTreeWidget, "Daten")

    def kinds() -> set[str]:
        groups = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
        return {group.child(i).text(1) for group in groups for i in range(group.childCount())}

    german.until(kinds, "the samples are listed")
    assert kinds() <= {"Bild", "Stapel", "Tabelle", "Punkte", "Signal", "Zahlenfeld"}
    assert {"Bild", "Punkte"} <= kinds()
    assert get_args(Kind) == words.KINDS, "no other kinds"


def test_that_no_english_is_left_in_the_window(german):
    german.window.methods.choose("transport.sinkhorn")
    german.until(german.window.commands["run"].isEnabled, "it can be run")
    german.window.commands["run"].trigger()
    german.over(german.window.plots.run)
    german.until(lambda: german.window.results.model.rowCount() == 1, "the record is listed")
    german.rest(0.3)
    run = german.window.plots.run
    # What methods say, and what Qt has translated itself.
    others = strings([asdict(card) for card in german.window._catalogue.methods])
    others |= {f.title for f in run.figures.values()} | {f.caption for f in run.figures.values()}
    others |= {name.replace("_", " ").capitalize() for name in run.names} | {run.text, "English"}
    others |= {device.title for device in german.window.run_pane.devices()}
    lists = german.window.findChild(GalleryPage).lists
    for box in lists["data"], lists["paper"]:
        others |= {box.itemText(i) for i in range(box.count())}
    others |= {"Lösen", "Schließen", "Nach links scrollen", "Nach rechts scrollen"}
    patterns = [re.compile(likeness(text)) for text in GERMAN.values()]
    patterns.append(re.compile(r"[\d.]+ [kmgt]ib"))
    known = {text.strip().casefold() for text in others}

    def fits(text: str) -> bool:
        plain = text.rstrip("…").casefold()
        return (
            not re.search(r"[A-Za-z]{3}", text)
            or plain in known
            or any(pattern.fullmatch(plain) for pattern in patterns)
        )

    def german_or_method(text: str) -> bool:
        without_keys = re.sub(r" \([^()]*\)$", "", text)
        parts = re.split(r"\s+·\s+| › |: ", text)
        return fits(text) or fits(without_keys) or all(map(fits, parts))

    left = sorted(text for text in seen(german.window) if not german_or_method(text))
    assert not left, "\n".join(left)


def test_that_the_buttons_of_qt_are_german_too(german):
    answered = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        answered.extend(b.text().replace("&", "") for b in box.buttons())
        box.reject()

    box = QMessageBox(german.window)
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    QTimer.singleShot(100, look)
    box.open()
    german.until(lambda: answered, "the box was read")
    assert answered == ["Abbrechen"]
