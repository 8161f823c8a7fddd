"""A figure on the screen: every mark is drawn, live updates disturb nothing, controls act."""

import gc
import subprocess
import sys
import weakref
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPicture
from PySide6.QtWidgets import QApplication

from engines.figure import (
    MARKS,
    Axis,
    Bars,
    Contours,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Points,
    Segments,
    Text,
)
from ui.figure_view import FigureView
from ui.plot_area import best_columns
from workbench.palette import DARK, LIGHT, table
from workbench.ticks import numbers

X = np.linspace(0.0, 1.0, 12)
FIELD = np.sin(6 * X)[:, None] * np.cos(5 * X)[None, :]
BOX = (0.0, 1.0, 0.0, 1.0)
SAMPLES: dict[str, Mark] = {
    "Line": Line(x=X, y=X**2, error=0.1 * X, name="a"),
    "Points": Points(x=X, y=1 - X, values=X, unit="K"),
    "Image": Image(values=FIELD, extent=BOX, colours="diverging", name="u", unit="m/s"),
    "Contours": Contours(values=FIELD, levels=[-0.5, 0.0, 0.5], extent=BOX),
    "Bars": Bars(edges=X, counts=np.arange(11.0)),
    "Segments": Segments(x0=X, y0=0 * X + 0.1, x1=X[::-1], y1=1 - X, weights=X, arrows=True),
    "Text": Text(x=0.5, y=0.5, text="here"),
}
BARE = Axis(ticks=False, limits=(0.0, 1.0))


def still(*marks, **panel):
    return Figure("f", "Title", (Panel(marks, **panel),))


@pytest.fixture
def view(qtbot):
    made = FigureView()
    qtbot.addWidget(made)
    made.resize(420, 340)
    made.show()
    qtbot.waitExposed(made)
    return made


def pixels(view):
    """Red, green and blue of the plots as they are now."""
    picture = view.picture().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    wide = rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
    return wide.astype(int)


def items(view, panel=0):
    return [item for _, held in view.plots.panels[panel].marks for item in held]


def near(image, colour, within=6):
    """How many pixels have a colour."""
    wanted = list(bytes.fromhex(colour[1:]))
    return int((np.abs(image - wanted).max(axis=2) <= within).sum())


# Marks in space are looked at in test_space.py.
@pytest.mark.parametrize("name", sorted(MARKS.keys() - {"Surface", "Cloud3D"}))
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_that_every_mark_changes_the_picture(view, name, scale):
    axis = Axis(scale=scale, limits=(0.05, 1.0), ticks=False)
    view.set_figure(still(x=axis, y=axis))
    empty = pixels(view)
    view.set_figure(still(SAMPLES[name], x=axis, y=axis))
    changed = np.abs(pixels(view) - empty).max(axis=2) > 30  # of 255: more than rounding
    assert changed.sum() > 20


@dataclass(frozen=True, kw_only=True)
class Spiral(Mark):
    turns: float = 3.0


def test_that_a_mark_nobody_can_draw_is_an_error_by_name(view):
    with pytest.raises(TypeError, match="Spiral"):
        view.set_figure(still(Spiral()))


def test_that_a_live_figure_keeps_its_items_and_the_zoom_of_the_user(view, qtbot):
    view.set_figure(still(*SAMPLES.values()))
    before = items(view)
    panel = view.plots.panels[0]
    panel.nudge(0.1, -0.2, 0.5)
    zoom = panel.view.viewRange()
    for step in range(5):
        later = [replace(SAMPLES["Line"], y=X**2 + step), *list(SAMPLES.values())[1:]]
        view.set_figure(still(*later))
        qtbot.wait(1)
    assert all(one is other for one, other in zip(items(view), before, strict=True))
    assert view.plots.panels == [panel]
    assert panel.view.viewRange() == zoom
    view.reset()
    assert panel.view.viewRange()[1][1] > 4


def test_that_an_untouched_view_follows_the_data(view):
    for top in (1.0, 50.0):
        view.set_figure(still(Line(x=X, y=top * X)))
        assert view.plots.panels[0].view.viewRange()[1] == pytest.approx([-0.04 * top, 1.04 * top])


def test_that_another_figure_starts_with_a_view_of_its_own(view):
    view.set_figure(still(Line(x=X, y=X)))
    view.plots.panels[0].nudge(0.3, 0.3, 0.1)
    view.set_figure(replace(still(Line(x=X, y=X)), name="other"))
    assert view.plots.panels[0].view.viewRange()[0] == pytest.approx([-0.04, 1.04])


def test_that_marks_and_panels_may_come_and_go(view):
    for count in (3, 1, 4, 0, 2):
        lines = [Line(x=X, y=k * X) for k in range(count)]
        view.set_figure(Figure("f", "", (Panel((*lines, SAMPLES["Image"])),) * max(1, count)))
        assert len(view.plots.panels) == max(1, count)
        assert [kind.__name__ for kind, _ in view.plots.panels[0].marks] == ["Line"] * count + [
            "Image"
        ]
        assert (
            len(view.plots.panels[0].view.childGroup.childItems()) == 2 * count + 1
        )  # curve, error bars


def test_that_a_hidden_view_draws_only_when_it_is_looked_at(qtbot):
    hidden = FigureView()
    qtbot.addWidget(hidden)
    hidden.set_figure(still(Line(x=X, y=X)))
    assert hidden.plots.panels == []
    hidden.show()
    assert len(items(hidden)) == 2


@pytest.fixture
def movie():
    rising = np.linspace(0, 1, 6)[:, None] * np.ones(12)
    line = Line(x=X, y=rising)
    return Figure("m", "", (Panel((line,)),), times=np.arange(6) / 4, time=Axis("t", "s"))


def test_that_the_slider_chooses_the_frame_and_names_its_time(view, movie):
    view.set_figure(movie)
    curve = items(view)[1]
    assert view.movie.isVisible()
    assert view.movie.frame() == 5
    assert curve.getOriginalDataset()[1] == pytest.approx(np.ones(12))
    limits = view.plots.panels[0].view.viewRange()
    for frame in (0, 3):
        view.movie.slider.setValue(frame)
        assert curve.getOriginalDataset()[1] == pytest.approx(movie.panels[0].marks[0].y[frame])
    assert "t = 0.75 s" in view.movie.label.text()
    assert "4 / 6" in view.movie.label.text()
    assert view.plots.panels[0].view.viewRange() == limits  # nothing jumps while it plays


def test_that_play_runs_through_the_frames_and_stops_at_the_end_unless_it_loops(view, movie, qtbot):
    view.set_figure(movie)
    view.movie.loop.setChecked(False)
    view.movie.speed.setCurrentText("4×")
    seen = []
    view.movie.moved.connect(seen.append)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not view.movie.playing(), timeout=5000)
    assert seen == [0, 1, 2, 3, 4, 5]
    view.movie.loop.setChecked(True)
    view.movie.set_playing(True)
    qtbot.waitUntil(lambda: len(seen) >= 14, timeout=5000)
    assert seen[6:14] == [0, 1, 2, 3, 4, 5, 0, 1]
    view.hide()
    assert not view.movie.playing()


def test_that_a_growing_movie_stays_on_its_newest_frame_until_one_is_chosen(view, movie):
    view.set_figure(movie)
    line = movie.panels[0].marks[0]
    for more in (2, 3):
        longer = replace(line, y=np.tile(line.y, (more, 1)))
        view.set_figure(replace(movie, panels=(Panel((longer,)),), times=None))
        assert view.movie.frame() == 6 * more - 1
    view.movie.slider.setValue(4)
    view.set_figure(movie)
    assert view.movie.frame() == 4
    view.set_figure(replace(movie, name="another"))
    assert view.movie.frame() == 5


def test_that_colours_and_range_of_an_image_can_be_changed_and_reset(view):
    ramp = Image(values=np.linspace(0, 1, 64).reshape(8, 8), extent=BOX, name="u", unit="K")
    figure = still(ramp, x=BARE, y=BARE)
    view.set_figure(figure)
    plain = pixels(view)
    view._open_colours()
    view.colours.high.setValue(0.5)
    shrunk = pixels(view)
    yellow = "#{:02x}{:02x}{:02x}".format(*table("sequential")[-1])
    assert near(shrunk, yellow) > 10 * max(1, near(plain, yellow))
    assert view.figure().panels[0].marks[0].limits == (0.0, 0.5)
    view.set_figure(figure)  # a live update keeps it
    assert np.array_equal(pixels(view), shrunk)
    view.colours.map.setCurrentIndex(view.colours.map.findData("grey"))
    view.colours.map.activated.emit(view.colours.map.currentIndex())
    grey = pixels(view)
    assert (np.ptp(grey, axis=2) <= 2).all()
    view.colours.auto.click()
    assert np.array_equal(pixels(view), plain)


def test_that_an_impossible_range_is_explained_and_not_used(view):
    view.set_figure(still(Image(values=FIELD, limits=(0.1, 1.0), log=True)))
    view._open_colours()
    for value, word in ((2.0, "below"), (-1.0, "positive")):
        view.colours.low.setValue(value)
        assert not view.colours.hint.isHidden()
        assert word in view.colours.hint.text()
    assert view.figure().panels[0].marks[0].limits == (0.1, 1.0)


def test_that_a_large_offset_costs_an_image_no_digits(view):
    steps = np.arange(4.0).reshape(2, 2)
    view.set_figure(still(Image(values=steps, extent=BOX), x=BARE, y=BARE))
    plain = pixels(view)
    view.set_figure(still(Image(values=1e9 + steps * 1e-3, extent=BOX), x=BARE, y=BARE))
    # The same four colours: float32 could not tell the four values apart. The ruler differs.
    middle = np.s_[100:250, 60:250]
    assert np.abs(pixels(view)[middle] - plain[middle]).max() <= 1


def test_that_axes_turn_logarithmic_and_back(view):
    view.set_figure(still(Line(x=X + 1, y=10 ** (5 * X))))
    view._set_scale(0, "y_log", True)
    panel = view.plots.panels[0]
    assert panel.view.viewRange()[1] == pytest.approx([-0.2, 5.2])
    assert view.figure().panels[0].y.scale == "log"
    view._set_scale(0, "y_log", False)
    assert panel.view.viewRange()[1][1] > 1e5
    view._fill_axes()
    names = [action.text() for action in view._axes.menu().actions()]
    assert names[:2] == ["Logarithmic x", "Logarithmic y"]


def test_that_linked_panels_move_together_where_their_axes_agree(view):
    line = Line(x=X, y=X)
    same, other = Axis("time", "s"), Axis("frequency", "Hz")
    view.set_figure(
        Figure("f", "", tuple(Panel((line,), x=axis, y=same) for axis in (same, same, other)))
    )
    view.plots.linked = True
    first, second, third = view.plots.panels
    before = third.view.viewRange()[0]
    first.nudge(0.2, 0.2, 0.5)
    assert second.view.viewRange() == first.view.viewRange()
    assert third.view.viewRange()[1] == first.view.viewRange()[1]
    assert third.view.viewRange()[0] == before


def test_that_keys_move_zoom_reset_and_choose_panels(view, qtbot):
    view.set_figure(Figure("f", "", (Panel((Line(x=X, y=X),)),) * 2))
    plots = view.plots
    home = plots.panels[1].view.viewRange()
    qtbot.keyClick(plots, Qt.Key.Key_PageDown)
    qtbot.keyClick(plots, Qt.Key.Key_Plus)
    qtbot.keyClick(plots, Qt.Key.Key_Right)
    (left, right), _ = plots.panels[1].view.viewRange()
    assert right - left == pytest.approx(0.8 * 1.08)
    assert (left + right) / 2 > 0.5
    assert plots.panels[0].view.viewRange() == home
    qtbot.keyClick(plots, Qt.Key.Key_Home)
    assert plots.panels[1].view.viewRange() == home


def hover(view, panel, x, y):
    box = view.plots.panels[panel].view
    view.plots._on_pointer(box.mapViewToScene(QPointF(x, y)))


def test_that_the_pointer_reads_values_with_their_units(view):
    said = []
    view.hovered.connect(said.append)
    x, y = Axis("time", "s"), Axis("height", "m")
    image = Image(values=np.arange(6.0).reshape(2, 3), name="u", unit="K")
    view.set_figure(still(image, Points(x=[0.5], y=[1.5], name="probe"), x=x, y=y))
    hover(view, 0, 2.5, 0.5)
    assert said[-1] == "time = 2.5 s,  height = 0.5 m,  u = 2 K"
    hover(view, 0, 0.51, 1.51)
    assert said[-1] == "time = 0.5 s,  height = 1.5 m,  probe"
    assert view.plots.panels[0].cross.isVisible()
    view.set_figure(replace(still(replace(image, top_down=True), x=x, y=y), name="turned"))
    hover(view, 0, 2.5, 0.5)
    assert said[-1].endswith("u = 5 K")
    view.plots.crosshair = False
    hover(view, 0, 2.5, 0.5)
    assert not view.plots.panels[0].cross.isVisible()


def test_that_the_pointer_snaps_to_samples_on_logarithmic_axes(view):
    said = []
    view.hovered.connect(said.append)
    log = Axis("k", scale="log")
    view.set_figure(still(Line(x=[1, 10, 100], y=[1, 1e-3, 1e-6], name="E"), x=log, y=log))
    hover(view, 0, 1.01, -3.02)
    assert said[-1] == "k = 10,  k = 0.001,  E"
    view.set_figure(replace(still(SAMPLES["Bars"], y=Axis("n")), name="bars"))
    hover(view, 0, 0.95, 1.0)
    assert said[-1].endswith("count = 10")


@pytest.mark.parametrize("dark", [False, True])
def test_that_the_theme_follows_the_palette(view, dark):
    ground = "#2d2f32" if dark else "#efefef"
    view.set_figure(still(Line(x=X, y=X), x=BARE, y=BARE))
    view.setPalette(QPalette(QColor(ground)))
    theme = DARK if dark else LIGHT
    assert near(pixels(view), theme.ground, 0) > 10_000
    assert near(pixels(view), theme.series[0]) > 100
    view.set_dark(not dark)
    assert near(pixels(view), theme.ground, 0) < 100


def test_that_an_equal_panel_has_square_units_and_shows_just_its_data(view, qtbot):
    for extent in ((0, 4, 0, 1), (0, 1, 0, 4)):
        image = Image(values=FIELD, extent=extent)
        view.set_figure(replace(still(image, equal=True), name=str(extent)))
        box = view.plots.panels[0].view
        qtbot.waitUntil(
            lambda box=box, extent=extent: np.allclose(np.ravel(box.viewRange()), extent, atol=0.06)
        )
        width, height = box.viewPixelSize()
        assert width == pytest.approx(height)


def settle():
    """More rounds of the event loop than any layout needs."""
    for _ in range(20):
        QApplication.processEvents()


@pytest.mark.parametrize("extent", [(0, 4, 0, 1), (0, 1, 0, 4), (0, 1e-7, 0, 1.3e-7)])
def test_that_a_figure_at_rest_is_not_painted_again(view, extent):
    # The room for the numbers of a ruler and the limits that make them could chase each other.
    view.set_figure(still(Image(values=FIELD, extent=extent), equal=True))
    settle()
    painted = []
    drawing = view.plots.scene().changed.connect(lambda _: painted.append(True))
    settle()
    view.plots.scene().changed.disconnect(drawing)
    assert painted == []


def test_that_a_row_0_on_top_picture_has_its_first_row_on_top(view):
    values = np.zeros((2, 2, 3))
    values[0] = 1.0  # the first row is white
    for top_down in (True, False):
        image = Image(values=values, colours="rgb", top_down=top_down)
        view.set_figure(still(image, x=Axis(ticks=False), y=Axis(ticks=False)))
        rows = pixels(view)[:, 200].mean(axis=1)
        assert (rows[80] > rows[260]) == top_down


def test_that_a_picture_is_sharp_at_twice_the_scale(view, tmp_path):
    view.set_figure(still(*SAMPLES.values()))
    for scale in (1, 2):
        view.grab_png(tmp_path / "a.png", scale)
        read = QImage(str(tmp_path / "a.png"))
        area = view.plots.viewport().size()
        assert (read.width(), read.height()) == (scale * area.width(), scale * area.height())
    with pytest.raises(OSError, match="cannot be written"):
        view.grab_png(tmp_path / "nowhere" / "a.png")


def test_that_dots_are_as_large_at_any_scale(view):
    # A disc of 20 pt is 20 · 96 / 72 pixels wide.
    view.set_figure(still(Points(x=[0.5], y=[0.5], size=20.0), x=BARE, y=BARE))
    for scale in (1, 2):
        picture = view.picture(scale).convertToFormat(QImage.Format.Format_RGB888)
        row = [picture.pixelColor(x, picture.height() // 2) for x in range(picture.width())]
        blue = sum(colour.name() == LIGHT.series[0] for colour in row)
        assert blue == pytest.approx(scale * 20 * 96 / 72, abs=2)


def test_that_a_million_dots_are_thinned_only_while_they_move(view, qtbot):
    x = np.linspace(0, 1, 1_000_000)
    view.set_figure(still(Points(x=x, y=x, size=1.0)))
    view.picture()
    (dots,) = items(view)
    drawn = lambda: len(dots._fragments.ndarray())  # noqa: E731
    assert drawn() == x.size
    view.plots.panels[0].nudge(0.1, 0.1, 1)
    view.plots.viewport().repaint()
    assert drawn() < 110_000
    qtbot.waitUntil(lambda: drawn() > 800_000, timeout=5000)  # those in sight
    view.plots.panels[0].nudge(0.1, 0.1, 1)
    view.picture()
    assert drawn() > 700_000, "a picture that is kept has all of them"


def test_that_long_lines_are_thinned_without_losing_their_peaks(view):
    x = np.linspace(0, 1, 200_000)
    y = np.zeros(x.size)
    y[77_777] = 1.0
    view.set_figure(still(Line(x=x, y=y), x=BARE, y=replace(BARE, limits=(-0.1, 1.1))))
    view.picture()
    shown = items(view)[1].curve.getData()
    assert shown[0].size < 10_000
    assert shown[1].max() == 1.0


def test_that_gaps_and_curves_that_turn_back_are_drawn_as_they_are(view):
    t = np.linspace(0, 5, 200_000)  # not closed
    circle = np.cos(t), np.where(np.abs(t - 3) < 0.1, np.nan, np.sin(t))
    view.set_figure(still(Line(x=circle[0], y=circle[1])))
    view.picture()
    shown = items(view)[1].curve
    assert shown.getData()[0].size == t.size  # thinning needs ascending x
    assert shown.opts["connect"] == "finite"


AWKWARD = {
    "empty line": Line(x=[], y=[]),
    "one point": Line(x=[1.0], y=[2.0]),
    "only NaN": Line(x=X, y=X * np.nan),
    "huge": Line(x=X, y=X * 1e300),
    "infinite": Line(x=X, y=np.where(X > 0.5, np.inf, X)),
    "constant": Line(x=X, y=0 * X + 5),
    "no pixels": Image(values=np.empty((0, 0))),
    "constant image": Image(values=np.ones((4, 4)), name="u"),
    "NaN image": Image(values=np.where(FIELD > 0, np.nan, FIELD), log=True),
    "infinite image": Image(values=np.where(FIELD > 0, np.inf, FIELD)),
    "flat contours": Contours(values=np.ones((4, 4)), levels=[1.0], extent=BOX),
    "no dots": Points(x=[], y=[], values=[]),
    "NaN dots": Points(x=X, y=X, values=X * np.nan),
    "upside down": Image(values=FIELD, extent=(0, 1, 1, 0)),
}


@pytest.mark.parametrize("what", AWKWARD)
def test_that_awkward_data_are_drawn_without_a_warning(view, what, recwarn, qtbot):
    marks, log = (AWKWARD[what],), Axis(scale="log")
    with qtbot.captureExceptions() as raised:
        view.set_figure(Figure("f", "", (Panel(marks), Panel(marks, x=log, y=log))))
        view.picture()
        hover(view, 0, 0.5, 0.5)
    assert raised == []
    assert [str(warning.message) for warning in recwarn] == []


def test_that_numbers_of_a_ruler_are_short_and_differ():
    assert numbers([-0.5, 0.0, 0.5], 0.5) == ["−0.5", "0.0", "0.5"]
    assert numbers([-2e6, 0.0, 2e6], 2e6) == ["−2·10⁶", "0", "2·10⁶"]
    assert numbers([1e-7, 1.5e-7], 5e-8) == ["1.0·10⁻⁷", "1.5·10⁻⁷"]
    assert numbers([10000000.0, 10000050.0], 50.0) == ["10000000", "10000050"]


@pytest.mark.parametrize("width", [190, 230, 300, 420])
def test_that_no_number_of_a_ruler_stands_on_another(view, width):
    view.resize(width, 300)
    steps = np.arange(1.0, 18.0)  # numbers every 5 and, where there is room, between them
    view.set_figure(still(Line(x=steps, y=steps), x=Axis("step"), y=Axis("y")))
    pixels(view)  # lays it out
    ruler, canvas = view.plots.panels[0].bottom, QPicture()
    painter = QPainter(canvas)
    painter.setFont(ruler.style["tickFont"])
    drawn = ruler.generateDrawSpecs(painter)[2]
    painter.end()
    places = sorted((rect.left(), rect.right()) for rect, _, text in drawn if text)
    assert len(places) >= 2
    assert all(right < left for (_, right), (left, _) in pairwise(places))


def test_that_panels_are_arranged_by_the_shape_of_the_window():
    assert [best_columns(n, 900, 500, most=9) for n in (1, 2, 3, 4, 6)] == [1, 2, 3, 2, 3]
    assert best_columns(3, 300, 900, most=9) == 1
    assert best_columns(6, 900, 500, most=2) == 2


def test_that_a_thousand_repaints_take_no_reference_from_none(view, qtbot):
    figure = still(Line(x=X, y=X, name="a"), Line(x=X, y=-X, name="b"), Text(x=0, y=0, text="t"))
    view.resize(200, 160)
    for _ in range(20):  # caches fill up
        view.set_figure(figure)
        view.plots.viewport().repaint()
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(1000):
        view.plots.viewport().repaint()
    gc.collect()
    assert sys.getrefcount(None) - before > -50  # a bad binding loses several at each repaint


def test_that_closing_a_view_leaves_no_view_and_no_timer(qtbot, movie):
    made = FigureView()
    made.show()
    made.set_figure(movie)
    made.movie.set_playing(True)
    assert made.movie.playing()
    timers = [weakref.ref(timer) for timer in made.findChildren(QTimer)]
    gone = weakref.ref(made)
    deleted = []
    made.destroyed.connect(lambda: deleted.append(True))
    assert timers
    made.close()
    assert not made.movie.playing()
    made.deleteLater()
    del made
    qtbot.waitUntil(lambda: bool(deleted))
    gc.collect()
    assert gone() is None
    assert all(timer() is None for timer in timers)


def test_that_the_screen_needs_neither_torch_nor_scipy_nor_matplotlib():
    code = (
        "import sys, ui.figure_view\n"
        "found = {'torch', 'scipy', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_that_pyqtgraph_is_used_with_the_binding_of_the_program():
    assert pg.Qt.QT_LIB == "PySide6"
