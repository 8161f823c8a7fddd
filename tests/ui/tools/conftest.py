"""The mouse on a picture, by data coordinates."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.figure_view import FigureView
from ui.tools.shapes import Canvas

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Mouse:
    """Presses, drags and clicks at places of a panel; events take the way of the desktop."""

    def __init__(self, view: FigureView) -> None:
        self.view = view

    def show(self, figure) -> None:
        """Show a figure, and let its panels find their places."""
        self.view.set_figure(figure)
        self.view.picture()
        for _ in range(5):
            QApplication.processEvents()

    def at(self, place, panel=0) -> QPoint:
        """A place in pixels of the window."""
        plots = self.view.plots
        item = plots.panels[panel]
        pixel = Canvas(item).pixel(place)
        spot = plots.mapFromScene(item.mapToScene(pixel))
        return plots.viewport().mapTo(self.view.window(), spot)

    def drag(self, start, end, panel=0, held=NONE) -> None:
        """From one place to another."""
        self.drag_pixels(self.at(start, panel), self.at(end, panel), held)

    def drag_pixels(self, one: QPoint, two: QPoint, held=NONE) -> None:
        handle = self.view.window().windowHandle()
        QTest.mousePress(handle, LEFT, held, one)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(handle, one + (two - one) * share)
            QTest.qWait(15)  # pyqtgraph takes a hundred of these a second
        QTest.mouseRelease(handle, LEFT, held, two)
        QApplication.processEvents()

    def click(self, place, panel=0) -> None:
        handle = self.view.window().windowHandle()
        QTest.mouseClick(handle, LEFT, NONE, self.at(place, panel))
        QApplication.processEvents()

    def twice(self, place, panel=0) -> None:
        handle, spot = self.view.window().windowHandle(), self.at(place, panel)
        QTest.mouseClick(handle, LEFT, NONE, spot)
        QTest.mouseDClick(handle, LEFT, NONE, spot)
        QApplication.processEvents()

    def button(self, name: str) -> None:
        """Click a tool."""
        button = self.view.tools.bar.buttons[name]
        place = button.mapTo(self.view.window(), button.rect().center())
        QTest.mouseClick(self.view.window().windowHandle(), LEFT, NONE, place)
        QApplication.processEvents()

    def key(self, key, held=NONE) -> None:
        """A key for the picture."""
        self.view.plots.setFocus()
        QTest.keyClick(self.view.window().windowHandle(), key, held)
        QApplication.processEvents()


@pytest.fixture
def view(qtbot):
    made = FigureView()
    qtbot.addWidget(made)
    made.resize(820, 640)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def mouse(view):
    return Mouse(view)


@pytest.fixture
def mouse_on():
    return Mouse
