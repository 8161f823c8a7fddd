"""What to do with a tool that was chosen from the menu, by clicks and keys in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

TOOLS = {
    "Line profile": "drag a line",
    "Region with statistics": "drag a rectangle",
    "Ruler": "drag to measure",
    "Annotate": "drag from a place",
}


@pytest.fixture(scope="module")
def run(shared):
    return shared.over(shared.card("lowrank"))


@pytest.fixture
def hint(user, run):
    """A picture of a run, and what the status bar says to do."""
    user.window.runs.show(run.id)
    user.tab("Reconstruction")
    user.until(user.window.commands["profile"].isEnabled, "there are tools")
    return lambda: user.window.status.hint.text() if user.window.status.hint.isVisible() else ""


@pytest.mark.parametrize("tool", TOOLS)
def test_that_a_tool_from_the_menu_says_what_to_do_until_it_is_let_go(user, hint, tool):
    assert hint() == ""
    user.choose("Figure", "Tools", tool)
    assert TOOLS[tool] in user.until(hint, "a hint")
    assert "Esc ends" in hint()
    user.press(Qt.Key.Key_Escape)
    assert hint() == ""


def test_that_the_hint_goes_with_the_picture(user, hint):
    user.choose("Figure", "Tools", "Ruler")
    user.until(hint, "a hint")
    user.window.show_start()
    user.until(lambda: not hint(), "no picture, no hint")


def test_that_the_menu_says_why_a_tool_is_of_no_use(user, hint):
    user.tab("Spectrum")
    user.choose("Figure", "Tools", "Line profile")
    user.until(lambda: "There is no image." in user.window.status.currentMessage(), "the reason")
    assert hint() == ""
