from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engines.figure import Axis, Bars, Cloud3D, Figure, Image, Line, Panel, Points, frame
from workbench.export import export
from workbench.juxtapose import compared

X = np.linspace(0, 1, 5)
RANDOM = np.random.default_rng(0)


def curve(scale: float, **panel) -> Figure:
    marks = (Line(x=X, y=scale * X), Line(x=X, y=X**2, name="exact", role="reference"))
    return Figure("error", "Error", (Panel(marks, x=Axis("t", "s"), y=Axis("e"), **panel),))


def picture(values, **image) -> Figure:
    return Figure("field", "Field", (Panel((Image(values=values, **image),), equal=True),))


def test_that_curves_of_two_runs_lie_in_one_panel_under_the_names_of_the_runs():
    made = compared({"a": curve(1.0), "b": curve(2.0)})
    assert (made.name, made.title) == ("error", "Error")
    (panel,) = made.panels
    one, exact, two = panel.marks
    assert (one.name, two.name) == ("a", "b")
    assert (one.y[-1], two.y[-1]) == (1.0, 2.0)
    assert exact.name == "exact", "the reference of both is drawn once"


def test_that_several_curves_of_a_run_keep_their_own_names():
    def figure():
        marks = tuple(Line(x=X, y=X, name=name) for name in ("train", "test"))
        return Figure("loss", "Loss", (Panel(marks),))

    made = compared({"a": figure(), "b": figure()})
    names = [mark.name for mark in made.panels[0].marks]
    assert names == ["a: train", "a: test", "b: train", "b: test"]


def test_that_references_that_differ_are_told_apart():
    def figure(level):
        marks = (Line(x=X, y=X), Line(x=X, y=X * level, name="bound", role="reference"))
        return Figure("e", "E", (Panel(marks),))

    names = [m.name for m in compared({"a": figure(1.0), "b": figure(2.0)}).panels[0].marks]
    assert names == ["a", "bound", "b", "b: bound"]


def test_that_runs_without_a_panel_in_common_show_their_own():
    def progress(*names):
        panels = (Panel((Line(x=X, y=X),), x=Axis("step"), y=Axis(name)) for name in names)
        return Figure("progress", "Progress", tuple(panels))

    made = compared({"a": progress("error"), "b": progress("loss", "rate")})
    assert [(p.title, p.y.label) for p in made.panels] == [
        ("a", "error"), ("b", "loss"), ("b", "rate")
    ]  # fmt: skip
    assert "no panel in common" in made.caption
    many = compared({"a": progress(*"abcdefghi"), "b": progress(*"rstuvw"), "c": progress("x")})
    assert len(many.panels) == 4 + 4 + 1, "few enough to be read"


def test_that_guides_keep_their_common_name():
    def figure(end):
        guide = Line(x=np.array([0, end]), y=np.ones(2), name="tolerance", role="guide")
        return Figure("e", "E", (Panel((Line(x=X, y=X), guide)),))

    names = [m.name for m in compared({"a": figure(1.0), "b": figure(2.0)}).panels[0].marks]
    assert names == ["a", "tolerance", "b", "tolerance"], "one line of the legend"


def test_that_references_that_differ_by_rounding_are_one():
    def figure(error):
        exact = Line(x=X, y=X * (1 + error), name="exact", role="reference")
        return Figure("e", "E", (Panel((Line(x=X, y=X), exact)),))

    assert len(compared({"a": figure(0), "b": figure(1e-14)}).panels[0].marks) == 3
    assert len(compared({"a": figure(0), "b": figure(1e-3)}).panels[0].marks) == 4


def test_that_a_reference_that_goes_on_takes_the_place_of_the_shorter_one():
    def figure(count):
        exact = Line(x=np.arange(count), y=np.ones(count), name="exact", role="reference")
        return Figure("e", "E", (Panel((Line(x=X, y=X), exact)),))

    for counts in (3, 9), (9, 3):
        given = {str(i): figure(count) for i, count in enumerate(counts)}
        names = {m.name: m.x.size for m in compared(given).panels[0].marks}
        assert names == {"0": 5, "exact": 9, "1": 5}


@pytest.mark.parametrize(("scales", "common"), [(("log", "log"), "log"), (("log", "linear"),) * 2])
def test_that_axes_are_logarithmic_where_all_are(scales, common):
    given = {
        str(i): Figure("e", "E", (Panel((Line(x=X, y=X + 1),), y=Axis("e", scale=scale)),))
        for i, scale in enumerate(scales)
    }
    assert compared(given).panels[0].y.scale == (common if isinstance(common, str) else "linear")


def test_that_curves_of_different_units_are_set_side_by_side():
    metres = Figure("e", "E", (Panel((Line(x=X, y=X),), x=Axis("x", "m")),))
    feet = Figure("e", "E", (Panel((Line(x=X, y=X),), x=Axis("x", "ft")),))
    assert [p.title for p in compared({"a": metres, "b": feet}).panels] == ["a", "b"]


def test_that_limits_hold_those_of_all_runs_where_all_have_them():
    def figure(*ends):
        return Figure("e", "E", (Panel((Line(x=X, y=X),), x=Axis(limits=ends or None)),))

    assert compared({"a": figure(0, 2), "b": figure(-1, 1)}).panels[0].x.limits == (-1, 2)
    assert compared({"a": figure(0, 2), "b": figure()}).panels[0].x.limits is None


def test_that_images_share_one_colour_range_and_are_followed_by_their_difference():
    first, second = RANDOM.normal(size=(4, 5)), 3 * RANDOM.normal(size=(4, 5))
    made = compared({"a": picture(first), "b": picture(second)})
    one, two, away = (panel.marks[0] for panel in made.panels)
    both = np.concatenate([first, second])
    assert one.limits == two.limits == (both.min(), both.max())
    assert np.array_equal(away.values, second - first)
    most = np.abs(second - first).max()
    assert away.range() == (-most, most)
    assert away.colours == "diverging"
    assert [panel.title for panel in made.panels] == ["a", "b", "b − a"]


def test_that_diverging_images_keep_zero_in_the_middle():
    made = compared(
        {
            "a": picture(np.array([[-1.0, 0.5]]), colours="diverging"),
            "b": picture(np.array([[0.0, 2.0]]), colours="diverging"),
        }
    )
    assert made.panels[0].marks[0].limits == made.panels[1].marks[0].limits == (-2.0, 2.0)


@pytest.mark.parametrize(
    "other", [RANDOM.normal(size=(4, 6)), {"extent": (0, 2, 0, 1)}, {"top_down": True}]
)
def test_that_images_on_different_grids_have_no_difference_and_the_caption_says_so(other):
    values = RANDOM.normal(size=(4, 5))
    second = picture(values, **other) if isinstance(other, dict) else picture(other)
    made = compared({"a": picture(values), "b": second})
    assert [panel.title for panel in made.panels] == ["a", "b"]
    assert "different grids" in made.caption


def test_that_equal_images_differ_by_zero_within_a_range_that_can_be_drawn():
    values = RANDOM.normal(size=(4, 5))
    away = compared({"a": picture(values), "b": picture(values)}).panels[2].marks[0]
    assert not away.values.any()
    assert away.range() == (-1.0, 1.0)


def test_that_colours_differ_by_how_far_they_are_apart():
    black, red = np.zeros((2, 2, 3)), np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    away = compared({"a": picture(black, colours="rgb"), "b": picture(red, colours="rgb")})
    assert np.allclose(away.panels[2].marks[0].values, 1 / 3)  # one of three channels


def test_that_small_floats_are_not_blown_up_by_the_difference():
    values = RANDOM.normal(size=(4, 5)).astype(np.float32)
    away = compared({"a": picture(values), "b": picture(values + 1)}).panels[2].marks[0]
    assert away.values.dtype == np.float32


def test_that_clouds_stand_side_by_side_within_common_limits():
    def cloud(shift):
        return Figure("s", "S", (Panel((Points(x=X + shift, y=X),), equal=True),))

    one, two = compared({"a": cloud(0.0), "b": cloud(5.0)}).panels
    assert one.x.limits == two.x.limits
    assert one.x.limits[0] <= 0.0
    assert one.x.limits[1] >= 6.0


def in_space(points, values, **axes):
    cloud = Cloud3D(points=points, values=values, name="heat")
    return Figure("f", "F", (Panel((cloud,), **axes),), view=(10.0, 20.0))


def test_that_what_lies_in_space_has_one_box_one_range_and_one_view():
    corners = np.array([[0.0, 0, 0], [1, 1, 1]])
    first, second = in_space(corners, [0.0, 1.0]), in_space(2 * corners, [-3.0, 0.5])
    found = compared({"a": first, "b": replace(second, view=(0.0, 0.0))})
    assert found.view == (10.0, 20.0)
    assert [panel.title for panel in found.panels] == ["a", "b"]
    for panel in found.panels:
        for axis in (panel.x, panel.y, panel.z):
            assert axis.limits == pytest.approx((-0.08, 2.08))  # the larger one with its margin
        assert panel.marks[0].limits == (-3.0, 1.0)


def test_that_spaces_of_other_axes_keep_their_own_box():
    corners = np.array([[0.0, 0, 0], [1, 1, 1]])
    found = compared(
        {
            "a": in_space(corners, [0.0, 1.0], z=Axis("height")),
            "b": in_space(2 * corners, [0.0, 1.0], z=Axis("depth")),
        }
    )
    assert [panel.z.limits for panel in found.panels] == [None, None]


def test_that_bars_are_overlaid():
    def bars(k):
        return Figure("h", "H", (Panel((Bars(edges=[0, 1, 2], counts=[k, 1]),)),))

    assert len(compared({"a": bars(1), "b": bars(2)}).panels) == 1


def test_that_panels_of_unlike_figures_are_matched_by_title_and_axes():
    def figure(*names):
        return Figure("e", "E", tuple(Panel((Line(x=X, y=X),), y=Axis(n)) for n in names))

    made = compared({"a": figure("loss", "cost"), "b": figure("rate", "cost", "mass")})
    assert [panel.y.label for panel in made.panels] == ["cost"]


def test_that_three_runs_of_two_images_stand_in_rows():
    def figure():
        two = tuple(Panel((Image(values=RANDOM.normal(size=(3, 3))),), title=t) for t in ("u", "v"))
        return Figure("f", "F", two)

    made = compared({k: figure() for k in "abc"})
    assert made.columns == 5
    assert [p.title for p in made.panels[:5]] == ["u – a", "u – b", "u – c", "b − a", "c − a"]


# --- movies ------------------------------------------------------------------------------------


def movie(times, values=None, **figure) -> Figure:
    times = np.asarray(times, float)
    values = times[:, None, None] * np.ones((len(times), 2, 2)) if values is None else values
    panels = (Panel((Image(values=values),)),)
    return Figure("u", "U", panels, times=times, time=Axis("t", "s"), **figure)


def test_that_movies_of_equal_times_keep_all_their_frames():
    made = compared({"a": movie([0, 1, 2]), "b": movie([0, 1, 2])})
    assert made.frames() == 3
    assert made.times.tolist() == [0, 1, 2]
    assert made.caption == ""
    assert made.panels[2].marks[0].values.shape == (3, 2, 2)


def test_that_frames_of_the_second_run_are_those_nearest_in_time():
    made = compared({"a": movie([0, 1, 2, 9]), "b": movie([0, 0.9, 1.4, 2.2, 3])})
    assert made.times.tolist() == [0, 1, 2, 9]
    assert made.panels[1].marks[0].values[:, 0, 0].tolist() == [0, 0.9, 2.2, 3], "then it stays"
    assert made.caption == "Frames are those nearest in t."


def test_that_the_longer_of_two_movies_says_how_long_both_last():
    made = compared({"a": movie([0, 1]), "b": movie([0, 1, 2, 3])})
    assert made.times.tolist() == [0, 1, 2, 3]
    assert made.panels[0].marks[0].values[:, 0, 0].tolist() == [0, 1, 1, 1]


def test_that_falling_times_are_matched_as_well():
    made = compared({"a": movie([80, 5, 0.1]), "b": movie([80, 40, 5, 1, 0.1])})
    assert made.panels[1].marks[0].values[:, 0, 0].tolist() == [80, 5, 0.1]


def test_that_movies_without_common_times_are_matched_by_their_share():
    made = compared({"a": movie([0, 1, 2]), "b": movie([10, 11, 12, 13, 14])})
    assert made.times is None
    assert made.panels[1].marks[0].values[:, 0, 0].tolist() == [10, 12, 14]
    assert "share" in made.caption


def test_that_a_still_picture_stands_beside_a_movie():
    still = picture(np.ones((2, 2)))
    made = compared({"a": still, "b": movie([0, 1, 2])})
    assert made.frames() == 3
    assert frame(made, 0).panels[0].marks[0].values.shape == (2, 2)


@pytest.mark.parametrize("kind", ["png", "csv"])
def test_that_a_comparison_goes_on_paper_like_any_figure(tmp_path, kind):
    figures = {"a": movie([0, 1, 2]), "b": movie([0, 1, 2])}
    export(compared(figures), tmp_path / f"c.{kind}", dpi=60)
    assert (tmp_path / f"c.{kind}").stat().st_size > 100
