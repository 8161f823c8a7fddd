"""Two compared images swiped, in turns and subtracted, with real records and the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engines.figure import Axis, Figure, Image, Line, Panel
from workbench.palette import table
from workbench.records import Recorder, RunInfo

X = (np.arange(40) + 0.5) / 10
BOX = (0.0, 4.0, 0.0, 4.0)
METRES = {"x": Axis("x", "m"), "y": Axis("y", "m")}
TIMES = np.array([0.0, 1.0, 2.0])
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
KEY = Qt.Key


def made(folder, number, title, level):
    info = RunInfo(
        method="transport.sinkhorn",
        parameters={},
        seed=number,
        device="cpu",
        precision="float64",
        started=f"2026-01-0{number}T03:04:05+00:00",
        state="done",
        title=title,
    )
    film = level + TIMES[:, None, None] * np.ones((40, 40))
    marks = (Image(values=film, extent=BOX, name="u", unit="K"), Line(x=X, y=X, name="front"))
    figures = [
        Figure("field", "Field", (Panel(marks, **METRES),), times=TIMES, time=Axis("t", "s")),
        Figure("error", "Error", (Panel((Line(x=X, y=level * X),), **METRES),)),
    ]
    return Recorder(folder / "runs" / f"{number:05d}-made.h5", info, None).finish(
        info, None, figures
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "runs").mkdir()
    for number, (title, level) in enumerate((("Low", 0.0), ("High", 10.0), ("Top", 20.0)), 1):
        made(folder, number, title, level)
    return folder


@pytest.fixture
def page(user, workspace):
    """Low and High compared, on the tab of the film, beside each other."""
    page = user.window.comparison
    paths = [str(workspace / "runs" / f"{n:05d}-made.h5") for n in (1, 2)]
    before = page._shown
    page.compare(paths, "field")
    user.until(lambda: page._shown is not before, "the comparison")
    user.until(lambda: page.shown_figure() and page.modes.isVisible(), "the picture")
    user.click(page.modes.buttons["beside"])
    user.until(lambda: len(page.view.plots.panels) == 3, "three panels")
    page.view.movie.slider.setValue(2)
    return page


def values(page, share_x, share_y=0.3):
    """The value whose colour is seen at shares of the first panel, away from its line."""
    shown = page.view.plots.viewport().grab().toImage()
    rect = page.view.plots.panels[0].view.sceneBoundingRect()
    x, y = rect.left() + share_x * rect.width(), rect.bottom() - share_y * rect.height()
    seen = shown.pixelColor(page.view.plots.mapFromScene(QPointF(x, y)))
    away = np.abs(table("sequential").astype(int) - [seen.red(), seen.green(), seen.blue()])
    low, high = page.view.figure().panels[0].marks[0].limits
    return low + int(away.sum(axis=1).argmin()) / 255 * (high - low)


def mode(user, page, name):
    user.click(page.modes.buttons[name])
    QApplication.processEvents()


def test_that_modes_are_offered_for_images_alone(user, page):
    assert page.modes.isVisible()
    bar = page._tabs
    for name in ("Error", "Table"):
        user.click(
            bar, bar.tabRect([bar.tabText(i) for i in range(bar.count())].index(name)).center()
        )
        user.until(lambda: not page.modes.isVisible(), "no modes")


def test_that_a_swipe_shows_the_first_left_and_the_second_right(user, page):
    mode(user, page, "swipe")
    assert len(page.view.plots.panels) == 1
    assert page.view.movie.frame() == 2
    assert values(page, 0.2) == pytest.approx(2.0, abs=0.2)  # of 12 in 255 steps
    assert values(page, 0.8) == pytest.approx(12.0, abs=0.2)


def test_that_the_line_follows_the_mouse_and_the_keys(user, page, mouse_on):
    mode(user, page, "swipe")
    swipe, plots = page.swipe, page.view.plots
    before = plots.panels[0].view.viewRange()
    box = plots.panels[0].view.sceneBoundingRect()

    def spot(share):
        scene = box.topLeft() + (box.bottomRight() - box.topLeft()) / 2
        scene.setX(box.left() + share * box.width())
        port = plots.viewport()
        return port.mapTo(page.window(), plots.mapFromScene(scene))

    mouse_on(page.view).drag_pixels(spot(swipe.share), spot(0.75))
    assert swipe.share == pytest.approx(0.75, abs=2 / box.width())
    assert plots.panels[0].view.viewRange() == before, "the picture stays"
    assert values(page, 0.6) == pytest.approx(2.0, abs=0.2)
    for _ in range(3):
        user.press(KEY.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    user.press(KEY.Key_Right)
    assert swipe.share == pytest.approx(0.46, abs=2 / box.width())
    assert values(page, 0.6) == pytest.approx(12.0, abs=0.2)


def test_that_the_line_keeps_its_place_while_the_picture_moves(user, page, mouse_on):
    mode(user, page, "swipe")
    page.swipe.share = 0.5
    page.swipe._show()
    mouse_on(page.view).drag((3.0, 1.0), (2.0, 1.0))
    assert page.view.plots.panels[0].view.viewRange()[0][0] > 0.8, "it was moved"
    assert values(page, 0.45) == pytest.approx(2.0, abs=0.2)
    assert values(page, 0.55) == pytest.approx(12.0, abs=0.2)
    page.view.reset()


def test_that_the_pointer_reads_the_image_that_is_seen(user, page, mouse_on):
    mode(user, page, "swipe")
    page.swipe.share = 0.5
    page.swipe._show()
    said = []
    page.view.hovered.connect(said.append)
    mouse = mouse_on(page.view)
    for x, value in ((1.0, "u = 2 K"), (3.0, "u = 12 K")):
        user.rest(0.05)  # pyqtgraph takes a hundred of these a second
        QTest.mouseMove(page.window().windowHandle(), mouse.at((x, 3.5 if x < 2 else 1.0)))
        user.until(lambda value=value: said and said[-1].endswith(value), value)
    page.view.hovered.disconnect(said.append)


def test_that_images_take_turns_and_keys_hold_one(user, page):
    mode(user, page, "flicker")
    assert page.swipe.turning()
    seen = {round(values(page, 0.5))}
    user.until(lambda: page.swipe.second, "the second one")
    seen.add(round(values(page, 0.5)))
    assert seen == {2, 12}
    page.view.plots.setFocus()
    user.press(KEY.Key_Left)
    assert not page.swipe.turning()
    assert values(page, 0.5) == pytest.approx(2.0, abs=0.2)
    user.press(KEY.Key_Right)
    assert values(page, 0.5) == pytest.approx(12.0, abs=0.2)


def test_that_the_difference_stands_alone_about_zero(user, page):
    mode(user, page, "difference")
    (panel,) = page.view.figure().panels
    (mark,) = panel.marks
    assert (mark.colours, mark.limits) == ("diverging", (-10.0, 10.0))
    np.testing.assert_array_equal(mark.values, np.full((3, 40, 40), 10.0))
    assert panel.title == "High − Low"


def test_that_the_frame_stays_and_both_move_with_the_slider(user, page):
    page.view.movie.slider.setValue(1)
    mode(user, page, "swipe")
    assert page.view.movie.frame() == 1
    assert values(page, 0.2) == pytest.approx(1.0, abs=0.2)
    page.view.movie.slider.setValue(0)
    assert values(page, 0.8) == pytest.approx(10.0, abs=0.2)
    mode(user, page, "difference")
    assert page.view.movie.frame() == 0


def test_that_panels_are_as_before_when_they_stand_beside_each_other_again(user, page):
    mode(user, page, "swipe")
    mode(user, page, "beside")
    assert len(page.view.plots.panels) == 3
    for item in page.view.plots.panels:
        assert all(
            part.parentItem() is item.view.childGroup for _, items in item.marks for part in items
        )
    assert values(page, 0.2) == values(page, 0.8) == pytest.approx(2.0, abs=0.2)
    assert page.shown_figure().name == "field", "what is exported is the whole figure"


def test_that_one_of_several_runs_is_chosen(user, page, workspace):
    page.add([str(workspace / "runs" / "00003-made.h5")])
    user.until(lambda: page._shown.labels == ("Low", "High", "Top"), "three runs")
    user.until(lambda: page.shown_figure() and page.modes.isVisible(), "the picture")
    mode(user, page, "swipe")
    page.swipe.share = 0.5
    user.pick(page.modes.other, "Top")
    assert values(page, 0.8) == pytest.approx(22.0, abs=0.4)  # of 22 in 255 steps


def test_that_a_swiped_film_leaves_no_timer_when_the_page_is_left(user, page):
    mode(user, page, "flicker")
    assert page.swipe.turning()
    mode(user, page, "beside")
    assert not page.swipe.turning()
