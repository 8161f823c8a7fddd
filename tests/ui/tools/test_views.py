"""Back and forward through the views of a figure, and panels that move together."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel

FIELD = np.sin(np.linspace(0, 6, 40))[:, None] * np.cos(np.linspace(0, 5, 60))
BOX = (0.0, 3.0, 0.0, 2.0)
LINE = Line(x=np.linspace(0, 1, 20), y=np.linspace(0, 1, 20))


def image(extent=BOX):
    return Panel((Image(values=FIELD, extent=extent),), equal=True)


def ranges(view, panel=0):
    return np.ravel(view.plots.panels[panel].view.viewRange())


def wheel(view, spot, notches):
    """Turn the wheel over a place of the window."""
    port = view.plots.viewport()
    local = QPointF(port.mapFrom(view.window(), spot))
    event = QWheelEvent(
        local,
        QPointF(port.mapToGlobal(local.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)


@pytest.fixture
def past(view, qtbot):
    """Wait until a move counts as one."""
    history = view.tools.history

    def wait(before):
        qtbot.waitUntil(lambda: len(history._past) > before, timeout=5000)

    return wait


def test_that_each_move_is_a_step_back_and_forward(view, mouse, past):
    mouse.show(Figure("f", "", (image(),)))
    history = view.tools.history
    assert not history.backward.isEnabled()
    seen = [ranges(view)]
    for step in range(3):
        for _ in range(4):  # a turn of the wheel is many events
            wheel(view, mouse.at((1.5, 1.0)), 1)
        past(step)
        seen.append(ranges(view))
    assert len(history._past) == 3, "a turn is one step"
    for wanted in seen[2::-1]:
        history.backward.click()
        np.testing.assert_allclose(ranges(view), wanted, atol=1e-9)
    assert not history.backward.isEnabled()
    assert not view.plots.panels[0].touched, "the first one shows all data, also later ones"
    for wanted in seen[1:]:
        history.onward.click()
        np.testing.assert_allclose(ranges(view), wanted, atol=1e-9)
    assert not history.onward.isEnabled()


def test_that_a_new_move_forgets_the_way_forward(view, mouse, past):
    mouse.show(Figure("f", "", (image(),)))
    mouse.key(Qt.Key.Key_Plus)
    past(0)
    view.tools.history.back()
    mouse.key(Qt.Key.Key_Right)
    past(0)
    assert not view.tools.history.onward.isEnabled()


def test_that_fit_is_a_step_as_well(view, mouse, past):
    mouse.show(Figure("f", "", (Panel((LINE,)),)))
    mouse.drag((0.5, 0.5), (0.2, 0.2))
    past(0)
    zoomed = ranges(view)
    mouse.key(Qt.Key.Key_Home)
    past(1)
    view.tools.history.back()
    np.testing.assert_allclose(ranges(view), zoomed, atol=1e-9)


def test_that_another_figure_has_a_past_of_its_own(view, mouse, past):
    mouse.show(Figure("f", "", (Panel((LINE,)),)))
    mouse.key(Qt.Key.Key_Plus)
    past(0)
    mouse.show(Figure("g", "", (Panel((LINE,)),)))
    assert not view.tools.history.backward.isEnabled()


def test_that_equal_axes_are_linked_from_the_start_and_move_together(view, mouse):
    mouse.show(Figure("f", "", (image(), image(), image((0.0, 6.0, 0.0, 4.0)))))
    assert view._link.isChecked()
    apart = ranges(view, 2)
    mouse.drag((1.5, 1.0), (1.0, 0.8))
    np.testing.assert_allclose(ranges(view, 0), ranges(view, 1), atol=1e-9)
    assert ranges(view, 0)[0] > 0.3
    np.testing.assert_array_equal(ranges(view, 2), apart)


@pytest.mark.parametrize(
    ("panels", "linked"),
    [
        ((image(), image((0.0, 6.0, 0.0, 4.0))), False),
        ((Panel((LINE,), x=Axis("t", "s")), Panel((LINE,), x=Axis("t", "s"))), True),
        ((Panel((LINE,), x=Axis("t", "s")), Panel((LINE,), x=Axis("t", "h"))), False),
        ((Panel((LINE,)), Panel((LINE,))), False),
        ((Panel((Cloud3D(points=np.eye(3)),)),) * 2, False),
        ((image(), Panel((Cloud3D(points=np.eye(3)),))), False),
    ],
    ids=["extents", "labelled", "units", "unlabelled", "space", "mixed"],
)
def test_that_only_axes_that_agree_are_linked_from_the_start(view, mouse, panels, linked):
    mouse.show(Figure("f", "", panels))
    assert view.plots.linked == linked


def test_that_links_are_let_go_by_the_button_and_stay_so_through_updates(view, mouse):
    figure = Figure("f", "", (image(), image()))
    mouse.show(figure)
    view._link.click()
    mouse.show(figure)
    assert not view.plots.linked
    before = ranges(view, 1)
    mouse.drag((1.5, 1.0), (1.0, 0.8))
    np.testing.assert_array_equal(ranges(view, 1), before)


def test_that_a_mixed_figure_moves_without_a_fault(view, mouse, qtbot):
    space = Panel((Cloud3D(points=np.eye(3)),))
    mouse.show(Figure("f", "", (image(), image(), space)))
    with qtbot.captureExceptions() as raised:
        mouse.drag((1.5, 1.0), (1.0, 0.8))
        view.plots.current = 2
        mouse.key(Qt.Key.Key_Left)
        qtbot.wait(350)
        view.tools.history.back()
    assert raised == []
