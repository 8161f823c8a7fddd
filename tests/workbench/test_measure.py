"""Measurements in a picture against closed forms, brute force and a peer library."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from engines.figure import Axis, Bars, Image, Line, Panel, Points
from workbench.measure import (
    in_interval,
    in_rectangle,
    interpolated,
    product,
    profile,
    ruled,
)

BOX = (-1.0, 3.0, 2.0, 5.0)
ROWS, COLUMNS = 60, 80
METRES = Panel((), x=Axis("x", "m"), y=Axis("y", "m"))
MIXED = Panel((), x=Axis("t", "s"), y=Axis("y", "m"))
EXACT = 1e-12  # rounding of some hundred operations on numbers of order one


def centres(count, start, end):
    return start + (np.arange(count) + 0.5) * (end - start) / count


X, Y = centres(COLUMNS, *BOX[:2]), centres(ROWS, *BOX[2:])


def bilinear(x, y):
    return 2 + 3 * x - y + 0.5 * x * y


def image(values=None, **changed):
    made = bilinear(X[None, :], Y[:, None]) if values is None else values
    return Image(values=made, extent=BOX, **{"name": "u", "unit": "K", **changed})


# --- profiles ----------------------------------------------------------------------------------


def test_that_a_bilinear_field_is_met_exactly_along_any_line():
    start, end = (-0.7, 2.3), (2.6, 4.4)
    found = profile(image(), start, end, METRES)
    share = np.linspace(0, 1, found.along.size)
    x, y = start[0] + share * 3.3, start[1] + share * 2.1
    np.testing.assert_allclose(found.values, bilinear(x, y), atol=10 * EXACT)
    assert found.along[-1] == pytest.approx(np.hypot(3.3, 2.1), abs=EXACT)
    assert found.axis == Axis("distance", "m")
    assert found.along.size == 1 + np.ceil(3.3 / 4 * COLUMNS), "a sample for every pixel on the way"


def test_that_values_between_pixels_are_those_of_scipy():
    values = np.random.default_rng(1).normal(size=(ROWS, COLUMNS))
    x, y = np.random.default_rng(2).uniform([[-1], [2]], [[3], [5]], (2, 500))
    rows, columns = (y - 2) / 3 * ROWS - 0.5, (x + 1) / 4 * COLUMNS - 0.5
    wanted = map_coordinates(values, [rows, columns], order=1, mode="nearest")
    np.testing.assert_allclose(interpolated(image(values), x, y), wanted, atol=1e-10)


def test_that_a_picture_with_row_0_on_top_is_read_upside_down():
    turned = image(bilinear(X[None, :], Y[::-1, None]), top_down=True)
    here = profile(turned, (0.0, 2.5), (0.0, 4.5), METRES)
    np.testing.assert_allclose(here.values, bilinear(0.0, 2.5 + here.along), atol=10 * EXACT)


def test_that_there_is_nothing_outside_and_the_edge_is_flat():
    found = interpolated(image(), np.array([-1.0001, -1.0, 3.0, 3.0001]), np.full(4, 3.0))
    assert np.isnan(found[[0, 3]]).all()
    np.testing.assert_allclose(found[1:3], bilinear(X[[0, -1]], 3.0), atol=10 * EXACT)


def test_that_a_hole_spoils_only_the_pixels_beside_it():
    values = np.ones((4, 4))
    values[2, 2] = np.nan
    grid = Image(values=values)
    # The centre of pixel (1, 1), where pixel (2, 2) has no weight, and half a pixel further.
    found = interpolated(grid, np.array([1.5, 2.0]), np.array([1.5, 2.0]))
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_that_all_frames_of_a_movie_and_colours_are_sampled():
    factors = np.array([1.0, -2.0, 0.5])
    film = image(factors[:, None, None] * image().values)
    found = profile(film, (-0.5, 3.0), (2.0, 4.0), METRES)
    still = profile(image(), (-0.5, 3.0), (2.0, 4.0), METRES)
    np.testing.assert_allclose(found.values, factors[:, None] * still.values, atol=10 * EXACT)
    photo = np.zeros((2, 2, 3), np.uint8)
    photo[..., 0] = 255
    grey = interpolated(Image(values=photo, colours="rgb"), np.array([1.0]), np.array([1.0]))
    assert grey[0] == pytest.approx(1 / 3, abs=EXACT)


def test_that_unlike_units_have_no_distance_and_the_longer_way_is_the_axis():
    assert profile(image(), (0, 3), (2, 3.1), MIXED).axis == Axis("t", "s")
    upright = profile(image(), (0, 2.5), (0.1, 4.5), MIXED)
    assert upright.axis == Axis("y", "m")
    np.testing.assert_allclose(upright.along[[0, -1]], [2.5, 4.5])


def test_that_a_line_on_logarithmic_axes_is_straight_there():
    panel = Panel((), x=Axis("k", scale="log"), y=Axis("y"))
    grid = Image(values=np.tile(np.arange(1000.0) + 0.5, (2, 1)), extent=(0.0, 1000.0, 0.0, 1.0))
    found = profile(grid, (1.0, 0.5), (100.0, 0.5), panel)
    assert found.values[found.values.size // 2] == pytest.approx(10.0, rel=0.02)  # of 500 samples


# --- regions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_that_statistics_of_a_rectangle_are_those_of_the_pixels_inside(kind):
    values = np.random.default_rng(3).normal(5, 2, (ROWS, COLUMNS)).astype(kind)
    (x0, x1), (y0, y1) = (0.31, 2.2), (4.83, 2.72)
    inside = ((x0 <= X) & (x1 >= X))[None, :] & ((y0 >= Y) & (y1 <= Y))[:, None]
    taken = values[inside].astype(float)
    found = in_rectangle(image(values), (x0, y0), (x1, y1), METRES)
    wanted = taken.min(), taken.max(), taken.mean(), taken.std(), taken.sum()
    got = found.low, found.high, found.mean, found.deviation, found.total
    assert found.count == inside.sum()
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
    assert found.integral == pytest.approx(taken.sum() * (4 / COLUMNS) * (3 / ROWS), rel=1e-12)
    assert (found.unit, found.integral_unit) == ("K", "K·m²")


def test_that_the_integral_over_all_of_a_bilinear_field_is_the_exact_one():
    found = in_rectangle(image(), (-9, -9), (9, 9), METRES)
    x, y = 1.0, 3.5  # the centre: the midpoint rule is exact for a bilinear field
    assert found.integral == pytest.approx(12 * bilinear(x, y), rel=1e-12)
    assert found.count == ROWS * COLUMNS


def test_that_holes_are_counted_apart_and_an_empty_region_says_nothing():
    values = image().values.copy()
    values[30, 40] = np.nan
    values[31, 40] = np.inf
    found = in_rectangle(image(values), (-1, 2), (3, 5), METRES)
    assert (found.count, found.missing) == (ROWS * COLUMNS - 2, 2)
    assert found.total == pytest.approx(values[np.isfinite(values)].sum(), rel=1e-12)
    empty = in_rectangle(image(), (0.001, 3), (0.002, 4), METRES)
    assert empty.count == 0
    assert np.isnan([empty.low, empty.mean, empty.integral]).all()


def test_that_the_area_under_straight_pieces_is_cut_at_the_ends():
    x = np.linspace(0, 10, 11)
    line = Line(x=x, y=3 * x + 1, name="a")
    found = in_interval(line, 7.25, 2.5, MIXED)
    assert found.integral == pytest.approx(1.5 * (7.25**2 - 2.5**2) + 4.75, rel=1e-12)
    assert (found.count, found.low, found.high) == (5, 10.0, 22.0)
    assert found.deviation == pytest.approx(3 * np.sqrt(2), rel=1e-12), "of 3 … 7, by n"
    assert (found.name, found.integral_unit) == ("a", "m·s")
    turned = in_interval(Line(x=x[::-1], y=(3 * x + 1)[::-1]), 2.5, 7.25, MIXED)
    assert turned.integral == pytest.approx(found.integral, rel=1e-12)


def test_that_a_curve_with_a_gap_has_no_area_there():
    x = np.linspace(0, 10, 11)
    line = Line(x=x, y=np.where(x == 5, np.nan, x))
    assert np.isnan(in_interval(line, 2, 8, MIXED).integral)
    assert in_interval(line, 0, 4, MIXED).integral == pytest.approx(8.0, rel=1e-12)


def test_that_dots_and_bars_have_their_numbers():
    dots = in_interval(Points(x=[1, 2, 3], y=[5, 7, 100]), 0.5, 2.5, MIXED)
    assert (dots.count, dots.mean) == (2, 6.0)
    assert np.isnan(dots.integral)
    bars = Bars(edges=[0, 1, 2, 4], counts=[2, 3, 4])
    found = in_interval(bars, 1.0, 5.0, MIXED)
    assert (found.count, found.total, found.integral) == (2, 7.0, 3 * 1 + 4 * 2)
    with pytest.raises(TypeError, match="no samples"):
        in_interval(image(), 0, 1, MIXED)


# --- rulers and units --------------------------------------------------------------------------


def test_that_a_ruler_knows_the_triangle_of_three_four_five():
    facts = {name: (value, unit) for name, value, unit in ruled((1, 2), (4, 6), METRES)}
    assert facts["distance"] == (5.0, "m")
    assert facts["angle"][0] == pytest.approx(53.13010235415598, abs=1e-12)
    assert facts["Δx"] == (3.0, "m")
    assert [name for name, _, _ in ruled((1, 2), (4, 6), MIXED)] == ["Δx", "Δy"]


def test_that_the_slope_between_logarithmic_axes_is_the_order_of_a_power_law():
    log = Panel((), x=Axis("h", scale="log"), y=Axis("e", scale="log"))
    facts = {name: value for name, value, _ in ruled((0.1, 7 * 0.1**3), (0.01, 7 * 0.01**3), log)}
    assert facts["slope"] == pytest.approx(3.0, abs=1e-12)
    assert "distance" not in facts


@pytest.mark.parametrize(
    ("units", "written"),
    [
        (("K", "m", "m"), "K·m²"),
        (("m", "m", "m"), "m³"),
        (("", "s", "m"), "s·m"),
        (("m/s", "m/s", ""), "(m/s)²"),
        (("1/s", "m", "m"), "(1/s)·m²"),
        (("m/s", "", ""), "m/s"),
        (("", "", ""), ""),
    ],
)
def test_that_units_are_multiplied(units, written):
    assert product(*units) == written
