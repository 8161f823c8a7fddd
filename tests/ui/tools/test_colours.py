"""The editor of colours: histogram with handles, percentiles, maps."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engines.figure import Figure, Image, Panel
from ui.tools.histogram import MARGIN, sample, tails
from workbench.palette import table

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
VALUES = np.linspace(0.0, 10.0, 101 * 101).reshape(101, 101)


@pytest.fixture
def editor(view, mouse):
    """Opens the editor of a figure with one image."""

    def opened(**changed):
        image = Image(**{"values": VALUES, "name": "u", "unit": "K", **changed})
        mouse.show(Figure("f", "", (Panel((image,)),)))
        view._range.click()
        QApplication.processEvents()
        return view.colours

    yield opened
    view.colours.hide()


def limits(view):
    return view.figure().panels[0].marks[0].limits


def drag(histogram, start, end):
    """From one value to another, where the width is from 0 to 10."""

    def at(value):
        width = histogram.width() - 2 * MARGIN
        return QPoint(round(MARGIN + value / 10 * width), histogram.height() // 2)

    QTest.mousePress(histogram, LEFT, NONE, at(start))
    QTest.mouseMove(histogram, at((start + end) / 2))
    QTest.mouseMove(histogram, at(end))
    QTest.mouseRelease(histogram, LEFT, NONE, at(end))


def test_that_handles_drag_the_ends_of_the_colours(view, editor):
    histogram = editor().histogram
    drag(histogram, 10.0, 6.0)
    drag(histogram, 0.0, 2.0)
    pixel = 10 / (histogram.width() - 2 * MARGIN)
    assert limits(view) == pytest.approx((2.0, 6.0), abs=1.5 * pixel)
    assert view.colours.low.value() == pytest.approx(limits(view)[0], rel=1e-4)
    drag(histogram, 2.0, 9.0)
    assert limits(view)[0] < limits(view)[1], "a handle never passes the other"


def test_that_the_scale_stands_still_while_a_handle_is_held(view, editor):
    histogram = editor(limits=(-10.0, 10.0)).histogram
    QTest.mousePress(histogram, LEFT, NONE, QPoint(round(MARGIN), 20))
    for step in range(1, 11):
        QTest.mouseMove(histogram, QPoint(round(MARGIN) + 2 * step, 20))
    pixel = 20 / (histogram.width() - 2 * MARGIN)
    assert limits(view)[0] == pytest.approx(-10 + 20 * pixel, abs=1.5 * pixel)
    QTest.mouseRelease(histogram, LEFT, NONE, QPoint(round(MARGIN) + 20, 20))


def test_that_keys_move_the_ends(view, editor):
    histogram = editor().histogram
    histogram.setFocus()
    for _ in range(3):
        QTest.keyClick(histogram, Qt.Key.Key_Right)
    QTest.keyClick(histogram, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert limits(view) == pytest.approx((0.3, 9.9), abs=1e-9)


def test_that_percentiles_leave_out_the_outermost_hundredths(view, editor):
    values = VALUES.copy()
    values[0, :50] = -1e6
    values[-1, -50:] = 1e6
    popup = editor(values=values)
    popup.tails.click()
    assert limits(view) == pytest.approx(tuple(np.percentile(values, (1, 99))), rel=1e-12)
    popup.auto.click()
    assert limits(view) == (-1e6, 1e6)


def test_that_diverging_colours_stay_about_zero(view, editor):
    popup = editor(values=VALUES - 2.0, colours="diverging")
    popup.tails.click()
    low, high = limits(view)
    assert low == -high
    assert high == pytest.approx(np.percentile(VALUES - 2, 99), rel=1e-12)
    popup.histogram.setFocus()
    QTest.keyClick(popup.histogram, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert limits(view)[0] == -limits(view)[1]
    assert limits(view)[1] < high


def test_that_a_logarithmic_range_takes_positive_values_alone():
    values = np.array([-5.0, 0.0, np.nan, *np.geomspace(1e-3, 1e3, 1001)])
    assert tails(values, True, False) == pytest.approx(
        np.percentile(np.geomspace(1e-3, 1e3, 1001), (1, 99)), rel=1e-12
    )
    assert tails(np.full(9, 3.0), False, False) is None
    assert tails(np.array([np.nan]), False, False) is None


def test_that_a_sample_of_many_values_is_spread_over_all_of_them():
    found = sample(np.arange(3e6).reshape(1000, 3000))
    assert 150_000 <= found.size <= 250_000
    assert np.percentile(found, 90) == pytest.approx(0.9 * 3e6, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "peer", "within"),
    [("sequential", "viridis", 2), ("magma", "magma", 2), ("cividis", "cividis", 7)],
)
def test_that_the_maps_are_the_published_ones(name, peer, within):
    wanted = matplotlib.colormaps[peer](np.arange(256))[:, :3] * 255
    assert np.abs(table(name) - wanted).max() <= within  # of 255; corners and straight lines


def test_that_every_map_can_be_chosen_and_is_drawn(view, editor):
    popup = editor()
    seen = set()
    for index in range(popup.map.count()):
        popup.map.setCurrentIndex(index)
        popup.map.activated.emit(index)
        assert view.figure().panels[0].marks[0].colours == popup.map.itemData(index)
        seen.add(bytes(view.picture().constBits()))
    assert len(seen) == popup.map.count() == 5
