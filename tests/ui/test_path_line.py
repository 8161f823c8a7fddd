"""The line of a path with its button, as the dialogs of exports have it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QWidget

from ui.path_line import PathLine


def test_that_a_path_is_typed_or_chosen_and_a_cancelled_choice_changes_nothing(qtbot):
    answers, asked, told = ["/b/two.pdf", ""], [], []
    made = PathLine(Path("/a/one.pdf"), lambda now: asked.append(now) or answers.pop(0))
    qtbot.addWidget(made)
    made.show()
    made.changed.connect(lambda: told.append(made.text()))
    line, button = made.findChild(QLineEdit), made.findChild(QPushButton)
    line.selectAll()
    QTest.keyClicks(line, "/c")
    assert (made.text(), told) == ("/c", ["/", "/c"])
    for wanted in ("/b/two.pdf", "/b/two.pdf"):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert made.text() == wanted
    assert asked == ["/c", "/b/two.pdf"], "it is told where to begin"


def test_that_the_letter_of_its_title_leads_into_the_line(qtbot):
    place = QWidget()
    form, made = QFormLayout(place), PathLine(Path("/a"), str)
    form.addRow("other", QLineEdit())
    made.add_to(form, "F&ile")
    qtbot.addWidget(place)
    with qtbot.waitActive(place):
        place.show()
        place.activateWindow()
    QTest.keyClick(place.windowHandle(), Qt.Key.Key_I, Qt.KeyboardModifier.AltModifier)
    line = made.findChild(QLineEdit)
    assert line.hasFocus()
    assert line.accessibleName() == "File"
