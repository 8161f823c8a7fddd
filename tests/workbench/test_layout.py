"""Limits, colour ranges and colours that the screen and the paper share."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest

from engines.figure import (
    Axis,
    Bars,
    Cloud3D,
    Figure,
    Image,
    Line,
    Panel,
    Points,
    Surface,
    frame,
)
from workbench.layout import arrow_heads, free_corner, grid, layouts, limits, named
from workbench.palette import DARK, LIGHT, blend, look, table

X = np.linspace(0.0, 10.0, 11)


def figure(*panels, **rest):
    return Figure("f", "", tuple(panels), **rest)


def test_that_limits_hold_the_data_with_a_margin_of_four_percent():
    assert limits(Panel((Line(x=X, y=2 * X),))) == pytest.approx((-0.4, 10.4, -0.8, 20.8))


def test_that_a_logarithmic_axis_leaves_out_what_is_not_positive():
    panel = Panel((Line(x=X, y=np.where(X > 5, 1e-3, -1.0)),), y=Axis(scale="log"))
    _, _, bottom, top = limits(panel)
    assert bottom < 1e-3 < top < 1


def test_that_error_bars_fit_and_bars_stand_on_the_axis():
    assert limits(Panel((Line(x=X, y=X, error=X + 5),)))[2:] == pytest.approx((-6.2, 26.2))
    assert limits(Panel((Bars(edges=X, counts=X[1:]),)))[2] == 0.0


def test_that_an_image_fills_its_panel_and_turns_the_axis_its_extent_turns():
    image = Image(values=np.ones((2, 3)), extent=(1.0, 4.0, 2.0, 0.0))
    assert limits(Panel((image,))) == (1.0, 4.0, 2.0, 0.0)
    assert limits(Panel((replace(image, extent=(4.0, 1.0, 0.0, 2.0)),))) == (4.0, 1.0, 0.0, 2.0)


def test_that_limits_of_the_axis_win_unless_nothing_fits_between_them():
    lines = (Line(x=X, y=X + 1),)
    assert limits(Panel(lines, y=Axis(limits=(3, 4))))[2:] == (3, 4)
    for bad in ((0.0, 0.0), (np.nan, 1.0)):
        assert limits(Panel(lines, y=Axis(limits=bad)))[2:] == pytest.approx((0.6, 11.4))
    assert limits(Panel(lines, y=Axis(scale="log", limits=(0, 1))))[3] > 10


def test_that_limits_and_ranges_are_those_of_all_frames_of_a_movie():
    ramp = np.linspace(0, 1, 5)[:, None]
    movie = figure(
        Panel((Line(x=X, y=ramp * X), Points(x=X, y=ramp * X, values=ramp * X))),
        Panel((Image(values=ramp[:, :, None] * np.ones((5, 3, 3))),)),
    )
    curves, image = layouts(movie)
    assert curves.limits[3] == pytest.approx(10.4)
    assert curves.ranges[1] == (0.0, 10.0)
    assert image.ranges[0] == (0.0, 1.0)
    assert layouts(frame(movie, 0))[0].limits[3] < 1


def test_that_a_name_has_one_colour_in_all_panels_and_roles_do_not_use_it_up():
    def line(name, role="data"):
        return Line(x=X, y=X, name=name, role=role)

    plan = layouts(
        figure(Panel((line("a"), line("exact", "reference"), line("b"))), Panel((line("b"),)))
    )
    first, exact, second = plan[0].slots
    assert (first, second, exact) == (("data", 0), ("data", 1), ("reference", 0))
    assert plan[1].slots == (second,)
    assert (plan[0].legend, plan[1].legend) == (True, False)


def test_that_twenty_four_series_look_different_from_each_other():
    for theme in (LIGHT, DARK):
        assert len({look(theme, "data", index) for index in range(24)}) == 24


def test_that_series_and_words_stand_out_from_the_ground():
    def brightness(colour):
        share = np.array(list(bytes.fromhex(colour[1:]))) / 255
        linear = np.where(share <= 0.03928, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    for theme in (LIGHT, DARK):
        for colour, least in ((theme.text, 7), *((c, 3) for c in theme.series[:4])):
            pair = sorted((brightness(colour), brightness(theme.ground)))
            assert pair[1] / pair[0] > least  # contrast of WCAG 2: 7 for text, 3 for graphics


@pytest.mark.parametrize(("meaning", "name"), [("sequential", "viridis"), ("diverging", "RdBu_r")])
def test_that_colour_maps_are_the_published_ones(meaning, name):
    wanted = np.asarray(matplotlib.colormaps[name](np.arange(256)))[:, :3] * 255
    assert np.abs(table(meaning) - wanted).max() < 3  # of 255: no eye sees that


def test_that_blending_is_what_opacity_gives():
    assert blend("#000000", "#ffffff", 0.25) == "#bfbfbf"


def test_that_panels_fill_a_grid_in_balanced_rows():
    panel = Panel(())
    shapes = [grid(figure(*[panel] * n), most=4) for n in (1, 3, 4, 5, 6, 9)]
    assert shapes == [(1, 1), (1, 3), (1, 4), (2, 3), (2, 3), (3, 3)]
    assert grid(figure(*[panel] * 5, columns=2), most=4) == (3, 2)


def test_that_the_legend_goes_where_the_data_are_not():
    rising = Panel((Line(x=X, y=X),))
    falling = Panel((Line(x=X, y=-X),))
    assert free_corner(rising, limits(rising)) in ("upper left", "lower right")
    assert free_corner(falling, limits(falling)) in ("upper right", "lower left")


def test_that_an_arrow_head_points_along_its_arrow_and_is_at_most_half_as_long():
    x, y = arrow_heads(*(np.array([v]) for v in (0.0, 0.0, 10.0, 0.0)), size=2.0)
    assert x.ravel() == pytest.approx([8, 8])
    assert y.ravel() == pytest.approx([-0.9, 0.9])
    x, _ = arrow_heads(*(np.array([v]) for v in (0.0, 0.0, 1.0, 0.0)), size=2.0)
    assert x.ravel() == pytest.approx([0.5, 0.5])


def test_that_a_photograph_has_no_colour_bar_and_a_field_has():
    grey = Image(values=np.ones((2, 2)), colours="grey")
    assert layouts(figure(Panel((grey,))))[0].bar is None
    assert layouts(figure(Panel((replace(grey, unit="K"),))))[0].bar == 0


def test_that_impossible_colour_ranges_are_made_possible():
    values = np.ones((2, 2))
    for limits_ in ((0.0, 0.0), (-1.0, 0.0), (2.0, 1.0)):
        for log in (False, True):
            image = Image(values=values, limits=limits_, log=log)
            low, high = layouts(figure(Panel((image,))))[0].ranges[0]
            assert low < high
            assert low > 0 or not log


def test_that_marks_in_space_have_a_bar_or_a_name_in_the_legend_or_neither():
    corners = np.eye(3)
    panel = Panel(
        (
            Cloud3D(points=corners, rgb=corners, name="painted"),
            Cloud3D(points=corners, name="plain"),
            Surface(vertices=corners, faces=[[0, 1, 2]], values=[0, 1, 4], name="heat"),
            Cloud3D(points=corners, name="other"),
        )
    )
    (plan,) = layouts(Figure("f", "", (panel,)))
    assert list(named(panel)) == ["plain", "other"]
    assert plan.legend
    assert (plan.bar, plan.ranges[2]) == (2, (0.0, 4.0))
    assert [plan.slots[place] for place in (1, 3)] == [("data", 0), ("data", 1)]
