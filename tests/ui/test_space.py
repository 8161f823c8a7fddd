"""Data in space on the screen: turned, moved and enlarged with the mouse and the keys."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engines.figure import Axis, Cloud3D, Figure, Line, Panel, Surface
from ui.figure_view import FigureView
from ui.panel import PanelItem
from ui.space_panel import SpaceItem
from workbench.camera import Camera
from workbench.palette import DARK, LIGHT

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
OFF = Qt.MouseButton.NoButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
HOME = Camera(-60, 30)
TETRAHEDRON = Surface(
    vertices=[[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]],
    faces=[[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]],
    values=[0.0, 1.0, 2.0, 3.0],
    name="heat",
    unit="K",
)
CLOUD = Cloud3D(points=np.eye(3), rgb=np.eye(3), size=12.0)
SIDES = {"x": Axis("x", "m"), "y": Axis("y"), "z": Axis("height"), "equal": True}


def still(*marks, **panel):
    return Figure("f", "Title", (Panel(marks, **{**SIDES, **panel}),))


@pytest.fixture
def view(qtbot):
    made = FigureView()
    qtbot.addWidget(made)
    made.resize(480, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def pixels(view, scale=1.0):
    picture = view.picture(scale).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    wide = rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
    return wide.astype(int)


def middle(view, number=0):
    canvas = view.plots.panels[number].view
    return view.plots.mapFromScene(canvas.sceneBoundingRect().center())


def send(view, kind, place, button, buttons, held=NONE):
    target, spot = view.plots.viewport(), QPointF(place)
    lands = target.mapToGlobal(spot)
    QApplication.sendEvent(target, QMouseEvent(kind, spot, lands, button, buttons, held))
    QTest.qWait(15)  # moves that follow each other too fast are taken for one


def drag(view, start, way, button=LEFT, held=NONE):
    """Press, move in steps, release, as a hand does."""
    send(view, QEvent.Type.MouseButtonPress, start, button, button, held)
    for step in range(1, 6):
        send(view, QEvent.Type.MouseMove, start + way * step / 5, OFF, button, held)
    send(view, QEvent.Type.MouseButtonRelease, start + way, button, OFF, held)


def click_twice(view, place):
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        send(view, kind, place, LEFT, LEFT)
        send(view, QEvent.Type.MouseButtonRelease, place, LEFT, OFF)


def roll(view, place, eighths):
    target = view.plots.viewport()
    spot = QPointF(place)
    event = QWheelEvent(
        spot,
        target.mapToGlobal(spot),
        QPoint(),
        QPoint(0, eighths),
        OFF,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, event)


def differing(one, other):
    return int((np.abs(one - other).max(axis=2) > 30).sum())


@pytest.mark.parametrize("mark", [TETRAHEDRON, CLOUD], ids=["surface", "cloud"])
def test_that_marks_in_space_are_drawn_with_their_axes(view, mark):
    view.set_figure(still(mark))
    drawn = pixels(view)
    colours = len(np.unique(drawn.reshape(-1, 3), axis=0))
    assert colours > 20  # shades and soft edges
    bare = replace(
        mark, **{"vertices" if mark is TETRAHEDRON else "points": mark.places() * np.nan}
    )
    view.set_figure(still(bare))
    assert differing(drawn, pixels(view)) > 500


def test_that_a_drag_turns_the_data_and_home_turns_them_back(view):
    view.set_figure(still(TETRAHEDRON))
    first = pixels(view)
    drag(view, middle(view), QPoint(60, -25))
    camera = view.plots.camera
    # 0.4 degrees a pixel; dragged to the right the camera goes left, dragged up it goes down.
    assert camera.azimuth == pytest.approx(-60 - 0.4 * 60)
    assert camera.elevation == pytest.approx(30 - 0.4 * 25)
    assert differing(first, pixels(view)) > 1000
    QTest.keyClick(view.plots, Qt.Key.Key_Home)
    assert view.plots.camera == HOME
    np.testing.assert_array_equal(pixels(view), first)


def test_that_a_double_click_turns_back(view):
    view.set_figure(still(TETRAHEDRON))
    drag(view, middle(view), QPoint(50, 50))
    assert view.plots.camera != HOME
    click_twice(view, middle(view))
    assert view.plots.camera == HOME


@pytest.mark.parametrize(("button", "held"), [(LEFT, SHIFT), (MIDDLE, NONE)])
def test_that_shift_or_the_middle_button_moves(view, button, held):
    view.set_figure(still(TETRAHEDRON))
    pixels(view)
    canvas = view.plots.panels[0].view
    before = canvas.onto()(np.zeros((1, 3)))[0, :2]
    drag(view, middle(view), QPoint(40, 20), button, held)
    after = canvas.onto()(np.zeros((1, 3)))[0, :2]
    np.testing.assert_allclose(after - before, [40, 20], atol=1e-6)
    assert (view.plots.camera.azimuth, view.plots.camera.elevation) == (-60, 30)


def test_that_the_wheel_enlarges_what_is_under_the_pointer(view):
    view.set_figure(still(CLOUD))
    canvas = view.plots.panels[0].view
    before = canvas.onto()(CLOUD.points)[0]
    place = view.plots.mapFromScene(canvas.mapToScene(QPointF(before[0], before[1])))
    roll(view, place, 240)
    after = canvas.onto()(CLOUD.points)[0]
    assert view.plots.camera.zoom == pytest.approx(1.0015**240)
    np.testing.assert_allclose(after[:2], before[:2], atol=1)  # the pointer is on a whole pixel


def test_that_keys_turn_and_enlarge(view):
    view.set_figure(still(CLOUD))
    for key, camera in (
        (Qt.Key.Key_Right, Camera(-50, 30)),
        (Qt.Key.Key_Up, Camera(-50, 40)),
        (Qt.Key.Key_Left, Camera(-60, 40)),
        (Qt.Key.Key_Down, HOME),
        (Qt.Key.Key_Plus, replace(HOME, zoom=1.25)),
        (Qt.Key.Key_Minus, HOME),
    ):
        QTest.keyClick(view.plots, key)
        assert view.plots.camera == camera


def test_that_the_slider_and_new_data_keep_the_view_and_another_figure_has_its_own(view):
    movie = replace(CLOUD, points=np.eye(3) + np.arange(4)[:, None, None])
    view.set_figure(replace(still(movie), view=(10, 20)))
    assert view.plots.camera == Camera(10, 20)
    drag(view, middle(view), QPoint(30, 0))
    camera, item = view.plots.camera, view.plots.panels[0]
    first = pixels(view)
    view.movie.slider.setValue(2)
    assert view.plots.camera == camera
    assert differing(first, pixels(view)) > 100
    view.set_figure(replace(still(replace(movie, points=movie.points + 1)), view=(10, 20)))
    assert (view.plots.camera, view.plots.panels) == (camera, [item])
    assert view.figure().view == (camera.azimuth, camera.elevation)
    view.set_figure(replace(still(TETRAHEDRON), name="other"))
    assert view.plots.camera == HOME


def test_that_all_panels_of_a_figure_are_turned_together(view):
    view.set_figure(Figure("f", "F", (Panel((CLOUD,)), Panel((TETRAHEDRON,)))))
    drag(view, middle(view, 1), QPoint(30, 10))
    cameras = [panel.view.camera for panel in view.plots.panels]
    assert cameras == [view.plots.camera] * 2
    assert cameras[0] != HOME


def test_that_flat_panels_and_panels_in_space_stand_beside_each_other_and_change_places(view):
    flat, space = Panel((Line(x=[0, 1], y=[0, 1]),)), Panel((CLOUD,))
    for panels in ((flat, space), (space, flat), (space,), (flat, flat, space)):
        view.set_figure(Figure("f", "F", panels))
        kinds = [SpaceItem if panel.in_space else PanelItem for panel in panels]
        assert [type(item) for item in view.plots.panels] == kinds
        pixels(view)


def test_that_the_pointer_reads_the_place_and_value_of_a_corner(view):
    said = []
    view.hovered.connect(said.append)
    view.set_figure(still(TETRAHEDRON))
    pixels(view)
    item = view.plots.panels[0]
    x, y = item.view.onto()(np.array([[0.97, -0.97, -0.97]]))[0, :2]  # close to the second corner
    view.plots.scene().sigMouseMoved.emit(item.view.mapToScene(QPointF(x, y)))
    assert said[-1] == "x = 1 m,  y = −1,  height = −1,  heat = 1 K"
    assert item.cross.isVisible()
    view.plots.scene().sigMouseMoved.emit(item.view.mapToScene(QPointF(3, 3)))
    assert said[-1] == ""
    assert not item.cross.isVisible()


def test_that_colours_of_values_can_be_chosen(view):
    view.set_figure(still(TETRAHEDRON))
    assert view._range.isVisible()
    first = pixels(view)
    view._open_colours()
    view.colours.map.setCurrentIndex(view.colours.map.findData("grey"))
    view.colours.map.activated.emit(view.colours.map.currentIndex())
    assert differing(first, pixels(view)) > 500
    assert view.figure().panels[0].marks[0].colours == "grey"
    view.colours.hide()


@pytest.mark.parametrize("dark", [False, True])
def test_that_the_ground_and_words_follow_the_palette(view, dark):
    view.set_figure(still(Cloud3D(points=np.eye(3), size=20.0)))
    view.setPalette(QPalette(QColor("#2d2f32" if dark else "#efefef")))
    theme = DARK if dark else LIGHT
    drawn = pixels(view)
    for colour, least in ((theme.ground, 10_000), (theme.series[0], 50)):
        wanted = list(bytes.fromhex(colour[1:]))
        assert (np.abs(drawn - wanted).max(axis=2) <= 3).sum() > least


def test_that_a_picture_has_the_detail_of_its_scale(view):
    view.set_figure(still(TETRAHEDRON))
    small, large = pixels(view), pixels(view, 2.0)
    assert large.shape[:2] == tuple(2 * side for side in small.shape[:2])
    halved = large.reshape(small.shape[0], 2, small.shape[1], 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 3  # of 255: the same picture
    assert np.abs(np.repeat(np.repeat(small, 2, 0), 2, 1) - large).max() > 60  # with finer edges


def test_that_much_data_is_drawn_coarsely_while_it_turns_and_finely_at_rest(view, qtbot):
    rng = np.random.default_rng(0)
    view.set_figure(still(Cloud3D(points=rng.normal(size=(150_000, 3)), size=4.0)))
    pixels(view)
    canvas = view.plots.panels[0].view
    canvas._slow = True  # as found on a slow machine
    QTest.keyClick(view.plots, Qt.Key.Key_Right)
    view.plots.viewport().repaint()
    assert canvas._raster is None
    assert canvas._image.width() < canvas.rect().width()
    qtbot.waitUntil(lambda: canvas._raster is not None)
    assert canvas._image.width() == round(canvas.rect().width())


@pytest.mark.parametrize(
    "mark",
    [
        Cloud3D(points=np.empty((0, 3))),
        Cloud3D(points=np.full((3, 3), np.nan), values=[np.nan] * 3),
        Cloud3D(points=np.zeros((2, 3)), values=[1, 1]),
        Cloud3D(points=[[1e300, 0, 0], [-1e300, 0, 0]]),
        Surface(vertices=np.zeros((3, 3)), faces=[[0, 1, 2], [0, 0, 0]]),
        Surface(vertices=np.empty((0, 3)), faces=np.empty((0, 3))),
    ],
    ids=["none", "nan", "one place", "huge", "no area", "no faces"],
)
def test_that_awkward_data_are_drawn_without_a_warning(view, mark, recwarn):
    view.set_figure(still(mark))
    pixels(view)
    QTest.keyClick(view.plots, Qt.Key.Key_Right)
    pixels(view)
    assert not recwarn.list
