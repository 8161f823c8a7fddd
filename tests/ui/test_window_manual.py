"""F1 opens the page about what has the focus; the search finds pages by their words."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTextBrowser, QTreeWidget

from ui.manual import Manual, pages


@pytest.fixture
def manual(user):
    """Press F1 and give the window of the manual."""

    def opened() -> Manual:
        user.press(Qt.Key.Key_F1)
        return user.until(lambda: user.window.findChild(Manual), "the manual")

    yield opened
    for one in user.window.findChildren(Manual):
        one.close()
    user.window.activateWindow()


def text(manual: Manual) -> str:
    return manual.findChild(QTextBrowser).toPlainText()


def test_that_f1_shows_the_page_about_what_has_the_focus(user, manual):
    user.click(user.named(QTreeWidget, "Data sets"))
    assert text(manual()).startswith("Data\n")
    user.window.activateWindow()
    user.method("Sinkhorn")
    page = text(manual())
    assert page.startswith("Sinkhorn\n")
    assert "two_moons" in page
    assert "iters_per_level" in page, "the table of parameters"
    assert "Cuturi" in page


def test_that_a_search_leaves_the_pages_that_have_the_words(user, manual):
    window = manual()
    line = window.findChild(QLineEdit)
    QTest.keyClicks(line, "evenly scattered")
    assert text(window).startswith("Running\n")
    line.clear()
    QTest.keyClicks(line, "enstrophy")
    assert "Navier" in text(window)


def test_that_every_page_names_only_commands_that_exist(user):
    """Shortcuts in brackets are those of the commands."""
    keys = {a.shortcut().toString() for a in user.window.commands.actions.values()}
    found = re.compile(r"\(((?:Ctrl|Alt|Shift)\+.+?)\)")
    named = {k for page in pages().values() for k in found.findall(page)}
    assert len(named) > 5
    assert named <= keys
