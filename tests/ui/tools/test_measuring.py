"""Profiles, regions and rulers drawn with the mouse or placed by keys, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTableWidget

from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel, Surface

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key
X = (np.arange(64) + 0.5) / 16  # centres on 0 … 4
Y = (np.arange(48) + 0.5) / 16  # and 0 … 3
FIELD = 2 + 3 * X[None, :] - Y[:, None]
METRES = {"x": Axis("x", "m"), "y": Axis("y", "m"), "equal": True}
PIXEL = 0.03  # metres: more than a pixel of these windows, which a mouse cannot hit better
LINE = Line(x=np.linspace(0, 10, 101), y=3 * np.linspace(0, 10, 101), name="a")


def field(values=FIELD, **changed):
    return Image(values=values, extent=(0, 4, 0, 3), **{"name": "u", "unit": "K", **changed})


def still(*marks, name="f", **panel):
    return Figure(name, "Title", (Panel(marks, **{**METRES, **panel}),))


def film():
    times = np.array([1.0, 2.0, 5.0])
    panels = (Panel((field(times[:, None, None] * FIELD),), **METRES),)
    return Figure("film", "Film", panels, times=times, time=Axis("t", "s"))


def cells(view):
    """The column of the table by its rows."""
    table = view.tools.findings.regions.table
    names = view.tools.findings.regions.names()
    return {name: table.item(row, 0).text() for row, name in enumerate(names)}


def curve(view, number=0):
    """Places and values of a profile as it is drawn."""
    mark = view.tools.findings.profiles.plots.panels[0].panel.marks[number]
    return mark.x, mark.y


# --- profiles ----------------------------------------------------------------------------------


def test_that_a_dragged_line_shows_the_values_along_it(view, mouse):
    mouse.show(still(field()))
    mouse.button("profile")
    mouse.drag((0.5, 0.5), (3.5, 2.5))
    (shape,) = view.tools.board.own
    assert np.allclose([*shape.start, *shape.end], [0.5, 0.5, 3.5, 2.5], atol=PIXEL)
    along, values = curve(view)
    assert view.tools.findings.profiles.isVisible()
    assert along[-1] == pytest.approx(np.hypot(3, 2), abs=2 * PIXEL)
    share = along / along[-1]
    (x0, y0), (x1, y1) = shape.start, shape.end
    wanted = 2 + 3 * (x0 + share * (x1 - x0)) - (y0 + share * (y1 - y0))
    np.testing.assert_allclose(values, wanted, atol=1e-10)  # rounding
    panel = view.tools.findings.profiles.plots.panels[0].panel
    assert (panel.x.text(), panel.y.text()) == ("distance (m)", "u (K)")


def test_that_profiles_follow_the_time_slider(view, mouse):
    mouse.show(film())
    mouse.button("profile")
    mouse.drag((0.5, 1.5), (3.5, 1.5))
    limits = view.tools.findings.profiles.plots.panels[0].view.viewRange()
    last = curve(view)[1].copy()
    view.movie.slider.setValue(0)
    np.testing.assert_allclose(curve(view)[1], last / 5, rtol=1e-12)
    assert view.tools.findings.profiles.plots.panels[0].view.viewRange() == limits


def test_that_several_profiles_are_told_apart_and_removed(view, mouse):
    mouse.show(still(field()))
    mouse.button("profile")
    mouse.drag((0.5, 0.5), (3.5, 0.5))
    mouse.drag((0.5, 2.5), (3.5, 2.5))
    plots = view.tools.findings.profiles.plots
    assert plots.panels[0].legend.names() == ["1", "2"]
    assert curve(view, 1)[1][0] == pytest.approx(curve(view, 0)[1][0] - 2, abs=4 * PIXEL)
    mouse.key(KEY.Key_Delete)
    assert len(plots.panels[0].panel.marks) == 1
    mouse.key(KEY.Key_S)
    mouse.key(KEY.Key_Delete)
    assert view.tools.board.own == []
    assert not view.tools.findings.isVisible()


def test_that_a_line_is_moved_by_its_end_and_as_a_whole(view, mouse):
    mouse.show(still(field()))
    mouse.button("profile")
    mouse.drag((1.0, 1.0), (3.0, 1.0))
    mouse.key(KEY.Key_Escape)
    assert view.tools.tool == ""
    mouse.drag((3.0, 1.0), (3.0, 2.0))
    (shape,) = view.tools.board.own
    assert np.allclose([*shape.start, *shape.end], [1, 1, 3, 2], atol=PIXEL)
    mouse.drag((2.0, 1.5), (2.5, 1.0))
    (shape,) = view.tools.board.own
    assert np.allclose([*shape.start, *shape.end], [1.5, 0.5, 3.5, 1.5], atol=2 * PIXEL)
    mouse.drag((3.5, 1.5), (3.0, 0.7), held=SHIFT)
    (shape,) = view.tools.board.own
    assert shape.end[1] == pytest.approx(shape.start[1], abs=1e-9), "Shift keeps it level"


def test_that_the_values_are_copied_with_all_digits(view, mouse):
    mouse.show(still(field()))
    mouse.button("profile")
    mouse.drag((0.5, 0.5), (3.5, 0.5))
    mouse.key(KEY.Key_C, CTRL)
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0] == ["distance (m)", "1: u (K)"]
    np.testing.assert_array_equal(np.array(lines[1:], float).T, curve(view))


# --- regions -----------------------------------------------------------------------------------


def test_that_a_rectangle_has_the_statistics_of_its_pixels(view, mouse):
    mouse.show(still(field()))
    mouse.button("region")
    mouse.drag((1.02, 0.52), (3.02, 2.02))  # between the centres of pixels
    taken = FIELD[8:32, 16:48]
    assert cells(view) == {
        "Values": str(24 * 32),
        "Minimum": f"{taken.min():.6g} K",
        "Maximum": f"{taken.max():.6g} K",
        "Mean": f"{taken.mean():.6g} K",
        "Standard deviation": f"{taken.std():.6g} K",
        "Sum": f"{taken.sum():.6g} K",
        "Integral": f"{taken.sum() / 256:.6g} K·m²",
    }


def test_that_statistics_follow_the_time_slider_and_are_copied(view, mouse):
    mouse.show(film())
    mouse.button("region")
    mouse.drag((1.02, 0.52), (3.02, 2.02))
    view.movie.slider.setValue(1)
    mean = 2 * FIELD[8:32, 16:48].mean()
    assert cells(view)["Mean"] == f"{mean:.6g} K"
    view.tools.findings.regions.copy_button.click()
    head, row = (line.split("\t") for line in QApplication.clipboard().text().splitlines())
    found = dict(zip(head, row, strict=True))
    assert float(found["mean"]) == pytest.approx(mean, rel=1e-15)
    assert (found["unit"], found["unit of integral"]) == ("K", "K·m²")


def test_that_an_interval_of_a_curve_is_integrated(view, mouse):
    mouse.show(still(LINE, x=Axis("t", "s"), y=Axis("v", "m/s"), equal=False))
    mouse.button("region")
    mouse.drag((2.0, 10.0), (6.0, 12.0))
    (shape,) = view.tools.board.own
    assert shape.kind == "interval"
    low, high = shape.start[0], shape.end[0]
    text, unit = cells(view)["Integral"].split(" ")
    assert float(text) == pytest.approx(1.5 * (high**2 - low**2), rel=1e-5)  # six digits shown
    assert unit == "(m/s)·s"


def test_that_a_chosen_region_moves_by_its_inside_and_any_other_drag_moves_the_picture(view, mouse):
    mouse.show(still(field()))
    mouse.button("region")
    mouse.drag((1.0, 1.0), (2.0, 2.0))
    mouse.key(KEY.Key_Escape)
    mouse.drag((1.0, 1.5), (1.5, 1.5))  # its edge
    mouse.drag((2.0, 1.5), (2.5, 1.5))  # chosen now: its inside
    (shape,) = view.tools.board.own
    assert np.allclose([*shape.start, *shape.end], [2, 1, 3, 2], atol=2 * PIXEL)
    before = view.plots.panels[0].view.viewRange()
    mouse.drag((0.5, 2.5), (1.0, 2.5))
    assert view.plots.panels[0].view.viewRange()[0][0] < before[0][0]
    assert view.tools.board.own == [shape]
    assert view.tools.board.chosen is None


# --- rulers ------------------------------------------------------------------------------------


def test_that_a_ruler_says_distance_and_angle(view, mouse):
    mouse.show(still(field()))
    mouse.button("ruler")
    mouse.drag((0.5, 0.5), (3.5, 2.75))
    overlay = view.tools.board.overlay(0)
    facts = dict(word.replace("−", "-").split(" = ") for word in overlay._drawn[0].words)
    assert float(facts["distance"].split()[0]) == pytest.approx(3.75, abs=2 * PIXEL)
    assert float(facts["angle"].rstrip("°")) == pytest.approx(36.87, abs=1.0)  # of 3 : 4 : 5
    assert facts["distance"].endswith(" m")
    mouse.key(KEY.Key_C, CTRL)
    assert "distance = " in QApplication.clipboard().text()


# --- keys and manners --------------------------------------------------------------------------


def test_that_everything_can_be_done_by_keys(view, mouse):
    mouse.show(still(field()))
    view.tools.pick("region")
    mouse.key(KEY.Key_Return)
    mouse.key(KEY.Key_Escape)
    (shape,) = view.tools.board.own
    assert cells(view)["Values"] != "0"
    mouse.key(KEY.Key_S)
    width = view.tools.board.overlay(0).canvas.box().width()
    for _ in range(5):
        mouse.key(KEY.Key_Right)
    view.tools.board.commit()
    (moved,) = view.tools.board.own
    metres = 4 / width  # a pixel
    assert moved.start[0] - shape.start[0] == pytest.approx(0.05 * width * metres, rel=1e-6)
    mouse.key(KEY.Key_Up, SHIFT)
    view.tools.board.commit()
    (grown,) = view.tools.board.own
    assert grown.start == pytest.approx(moved.start)
    assert grown.end[1] > moved.end[1]
    mouse.key(KEY.Key_Backspace)
    assert view.tools.board.own == []


def test_that_drags_move_the_picture_while_no_tool_is_on(view, mouse):
    mouse.show(still(field()))
    mouse.drag((2.0, 1.5), (1.0, 1.0))
    assert view.tools.board.own == []
    assert view.plots.panels[0].touched


def test_that_a_click_makes_nothing_and_a_double_click_keeps_the_zoom_while_a_tool_is_on(
    view, mouse
):
    mouse.show(still(field()))
    mouse.drag((2.0, 1.5), (1.0, 1.0))
    mouse.button("ruler")
    mouse.twice((2.0, 1.5))
    assert view.tools.board.own == []
    assert view.plots.panels[0].touched
    mouse.button("ruler")
    assert view.tools.tool == ""


def test_that_shapes_stay_through_live_updates_and_come_back_with_their_figure(view, mouse):
    mouse.show(still(field()))
    mouse.button("region")
    mouse.drag((1.02, 0.52), (3.02, 2.02))
    mouse.show(still(field(2 * FIELD)))
    assert cells(view)["Mean"] == f"{2 * FIELD[8:32, 16:48].mean():.6g} K"
    mouse.show(still(LINE, name="other"))
    assert not view.tools.findings.isVisible()
    assert view.tools.tool == ""
    mouse.show(still(field()))
    assert cells(view)["Mean"] == f"{FIELD[8:32, 16:48].mean():.6g} K"


def test_that_the_menu_removes_all_that_was_drawn(view, mouse):
    mouse.show(still(field()))
    mouse.button("ruler")
    mouse.drag((0.5, 0.5), (3.5, 0.5))
    mouse.drag((0.5, 2.5), (3.5, 2.5))
    view._open_menu(0, QPoint(10, 10))
    (menu,) = (m for m in view.findChildren(QMenu) if m.isVisible())
    (action,) = (a for a in menu.actions() if a.text() == "Remove what was drawn")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert view.tools.board.own == []


def test_that_tools_are_offered_where_they_mean_something(view, mouse):
    def offered():
        return {name for name, button in view.tools.bar.buttons.items() if button.isEnabled()}

    mouse.show(still(LINE, name="curve"))
    assert offered() == {"region", "ruler"}
    mouse.show(still(field()))
    assert offered() == {"region", "profile", "ruler"}
    cloud = Cloud3D(points=np.zeros((2, 3)))
    space = Panel((Surface(vertices=np.eye(3), faces=[[0, 1, 2]]),))
    mouse.show(Figure("space", "", (Panel((cloud,)), space)))
    assert offered() == set()
    tip = view.tools.bar.buttons["ruler"].toolTip()
    assert "space" in tip


def test_that_a_panel_in_space_beside_a_flat_one_is_left_alone(view, mouse):
    space = Panel((Cloud3D(points=np.random.default_rng(0).normal(size=(9, 3))),))
    mouse.show(Figure("both", "", (Panel((field(),), **METRES), space)))
    mouse.button("ruler")
    centre = view.plots.panels[1].sceneBoundingRect().center()
    spot = view.plots.viewport().mapTo(view, view.plots.mapFromScene(centre))
    mouse.drag_pixels(spot, spot + (mouse.at((3, 2)) - mouse.at((2, 1))))
    assert view.tools.board.own == []
    mouse.drag((1, 1), (3, 2))
    assert len(view.tools.board.own) == 1


def test_that_screen_readers_are_told_of_everything(view, mouse):
    mouse.show(still(field()))
    mouse.button("region")
    mouse.drag((1.0, 0.5), (3.0, 2.0))
    for button in view.tools.bar.buttons.values():
        assert button.accessibleName()
        assert button.toolTip()
    names = [t.accessibleName() for t in view.findChildren(QTableWidget)]
    assert names == ["Statistics of the regions"]
