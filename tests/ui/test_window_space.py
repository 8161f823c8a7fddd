"""Data in space in the whole window: turned with real drags, on paper as on the screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from ui.export_dialog import ExportDialog
from workbench import records
from workbench.export import export
from workbench.workspace import Workspace

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TRANSFER = "transport.color_transfer"


@pytest.fixture(scope="module", autouse=True)
def record(workspace) -> Path:
    """A record with a figure in space that is there when the window opens."""
    from workbench.api import run

    path = Workspace(workspace).new_path(TRANSFER, "dusk")
    run(TRANSFER, way="gaussian", output=path, title="Dusk")
    return path


@pytest.fixture
def cube(user, record):
    """The window with the colour cube of the record on show."""
    user.window.open_paths([str(record)])
    user.until(lambda: user.window.plots.shown_figure(), "a picture")
    bar = user.window.plots._tabs
    user.until(lambda: bar.count() > 1, "its pictures")
    names = [bar.tabData(index) for index in range(bar.count())]
    user.tab(user.tabs()[names.index("cube")])
    user.until(lambda: user.window.plots.view.movie.isVisible(), "the cube")
    area = user.window.plots.view.plots
    area.aim(None)
    return area


def drag(target, start: QPoint, way: QPoint) -> None:
    """With the left button, in steps."""

    def send(kind, place, button, buttons):
        spot = QPointF(place)
        event = QMouseEvent(kind, spot, target.mapToGlobal(spot), button, buttons, NONE)
        QApplication.sendEvent(target, event)
        QTest.qWait(20)  # moves that follow each other too fast are taken for one

    send(QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
    for step in range(1, 6):
        send(QEvent.Type.MouseMove, start + way * step / 5, Qt.MouseButton.NoButton, LEFT)
    send(QEvent.Type.MouseButtonRelease, start + way, LEFT, Qt.MouseButton.NoButton)


def middle(area) -> QPoint:
    return area.mapFromScene(area.panels[0].view.sceneBoundingRect().center())


def seen(user) -> np.ndarray:
    with user.stalls.paused():
        image = user.window.plots.view.picture()
    return np.frombuffer(image.constBits(), np.uint8).copy()


def test_that_a_drag_turns_all_panels_and_the_view_stays_while_the_movie_moves(user, cube):
    before = seen(user)
    drag(cube.viewport(), middle(cube), QPoint(80, -30))
    assert (cube.camera.azimuth, cube.camera.elevation) == pytest.approx((-92, 18))
    assert [panel.view.camera for panel in cube.panels] == [cube.camera] * len(cube.panels)
    turned = seen(user)
    assert (turned != before).sum() > 10_000
    user.window.plots.view.movie.slider.setValue(0)
    assert cube.camera.azimuth == pytest.approx(-92)
    assert (seen(user) != turned).sum() > 1000
    user.press(Qt.Key.Key_F5, SHIFT)  # a talk, in which the pictures are larger
    with user.stalls.paused():
        user.rest()
    drag(cube.viewport(), middle(cube), QPoint(20, 0))
    assert cube.camera.azimuth == pytest.approx(-100)
    with user.stalls.paused():
        user.press(Qt.Key.Key_Escape)
        user.rest()
    user.click(user.button("Reset view", user.window.plots))
    assert (cube.camera.azimuth, cube.camera.elevation) == (-60, 30)


def test_that_paper_shows_the_cube_from_where_the_window_does(user, cube, record, tmp_path):
    drag(cube.viewport(), middle(cube), QPoint(50, 25))
    camera, index = cube.camera, user.window.plots.view.movie.frame()
    user.press(Qt.Key.Key_E, CTRL)
    dialog = user.until(
        lambda: next((d for d in user.window.findChildren(ExportDialog) if d.isVisible()), None),
        "the dialog opens",
    )
    page = next(w for w in dialog.findChildren(QLabel) if w.accessibleName().startswith("Preview"))
    user.until(lambda: not page.pixmap().isNull(), "the page is shown")
    path = tmp_path / "cube.png"
    dialog._width.setValue(100.0)
    dialog._dpi.setValue(100)
    dialog.findChild(QLineEdit, "path").setText(str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, "it is written")
    view = (camera.azimuth, camera.elevation)
    with user.stalls.paused():
        figure = records.read_figure(record, "cube")
        export(figure, tmp_path / "own.png", width_mm=100, dpi=100, frame_index=index, view=view)
    with PIL.Image.open(path) as one, PIL.Image.open(tmp_path / "own.png") as other:
        assert one.width == int(100 / 25.4 * 100)
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_that_the_thumbnail_of_a_mesh_is_turned_with_the_mouse(user):
    user.data("An arm, stretched")
    picture = user.window.data._about.picture
    user.until(lambda: picture._preview is not None, "the preview arrives")
    front = picture.pixmap().toImage()
    drag(picture, QPoint(48, 48), QPoint(30, 10))
    assert picture.pixmap().toImage() != front
    QTest.mouseDClick(picture, LEFT)
    assert picture.pixmap().toImage() == front
