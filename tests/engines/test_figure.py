from __future__ import annotations

import numpy as np
import pytest

from engines.figure import MARKS, Axis, Figure, Image, Line, Mark, Panel, frame, settings


def test_that_a_frame_cuts_every_moving_array_and_keeps_the_range_of_the_movie():
    movie = Figure(
        "m",
        "M",
        (
            Panel(
                (
                    Image(values=np.arange(24.0).reshape(4, 2, 3)),
                    Line(x=np.arange(3), y=np.arange(12.0).reshape(4, 3)),
                )
            ),
        ),
        times=np.arange(4) / 10,
    )
    assert movie.frames() == 4
    image, line = frame(movie, 1).panels[0].marks
    np.testing.assert_array_equal(image.values, np.arange(6.0, 12.0).reshape(2, 3))
    np.testing.assert_array_equal(line.y, [3, 4, 5])
    np.testing.assert_array_equal(line.x, [0, 1, 2])
    assert image.range() == (0.0, 23.0)


def test_that_a_diverging_image_is_symmetric_about_zero():
    assert Image(values=[[-1.0, 4.0]], colours="diverging").range() == (-4.0, 4.0)


def test_that_a_constant_image_has_a_range_that_can_be_drawn():
    low, high = Image(values=np.zeros((2, 2))).range()
    assert high > low


def test_that_colour_pictures_have_one_axis_more():
    still = Image(values=np.zeros((4, 5, 3)), colours="rgb")
    assert still.frames() == 1
    assert still.box() == (0.0, 5.0, 0.0, 4.0)
    assert Image(values=np.zeros((7, 4, 5, 3)), colours="rgb").frames() == 7


def test_that_an_array_of_the_wrong_number_of_axes_is_refused():
    with pytest.raises(ValueError, match=r"Image.values has 1 axes"):
        Image(values=[1.0, 2.0])


def test_that_every_mark_is_known_by_its_name():
    ours = [cls for cls in Mark.__subclasses__() if cls.__module__ == Mark.__module__]
    assert set(MARKS) == {cls.__name__ for cls in ours}


def test_that_settings_are_the_fields_without_arrays():
    assert settings(Line(x=[0], y=[0], name="a")) == {"name": "a", "role": "data"}


def test_that_an_axis_writes_its_unit():
    assert Axis("time", "s").text() == "time (s)"
    assert Axis("rank").text() == "rank"


def test_that_marks_of_different_length_in_time_are_refused():
    marks = (Image(values=np.zeros((4, 2, 3))), Line(x=np.arange(3), y=np.zeros((5, 3))))
    with pytest.raises(ValueError, match="different length in time"):
        Figure("m", "M", (Panel(marks),))
