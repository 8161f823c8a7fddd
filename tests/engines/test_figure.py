from __future__ import annotations

import numpy as np
import pytest

from engines.figure import (
    MARKS,
    Axis,
    Cloud3D,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Surface,
    frame,
    settings,
)


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


CORNERS = np.eye(4, 3)


def test_that_a_surface_moves_while_its_faces_and_the_range_of_the_movie_stand_still():
    moving = Surface(
        vertices=np.arange(3)[:, None, None] + CORNERS,
        faces=[[0, 1, 2], [3, 2, 1]],
        values=[[0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 5]],
    )
    figure = Figure(
        "f",
        "F",
        (
            Panel(
                (moving, Cloud3D(points=CORNERS, rgb=CORNERS)),
            ),
        ),
    )
    assert figure.frames() == 3
    assert figure.panels[0].in_space
    surface, cloud = frame(figure, 1).panels[0].marks
    np.testing.assert_array_equal(surface.vertices, 1 + CORNERS)
    np.testing.assert_array_equal(surface.faces, [[0, 1, 2], [3, 2, 1]])
    assert surface.faces.dtype == np.int64
    np.testing.assert_array_equal(surface.values, [0, 0, 0, 2])
    assert surface.range() == (0.0, 5.0)
    np.testing.assert_array_equal(cloud.points, CORNERS)


def test_that_colours_of_marks_in_space_may_be_symmetric_about_zero():
    cloud = Cloud3D(points=CORNERS, values=[-1, 0, 4, 0], colours="diverging")
    assert cloud.range() == (-4.0, 4.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Cloud3D(points=np.zeros((4, 2))), "2 coordinates a point"),
        (lambda: Cloud3D(points=CORNERS, values=[1, 2, 3]), "Cloud3D.values must have one row"),
        (lambda: Cloud3D(points=CORNERS, rgb=np.zeros((4, 2))), "Cloud3D.rgb must have one row"),
        (lambda: Cloud3D(points=CORNERS, values=[0] * 4, rgb=np.zeros((4, 3))), "by one of them"),
        (lambda: Cloud3D(points=CORNERS, colours="rgb"), "give the colours themselves"),
        (lambda: Surface(vertices=CORNERS, faces=[[0, 1, 4]]), "must count the 4 vertices"),
        (lambda: Surface(vertices=CORNERS, faces=[[0, 1, -1]]), "must count the 4 vertices"),
        (lambda: Surface(vertices=CORNERS, faces=[[0, 1]]), r"whole numbers \(f, 3\)"),
        (lambda: Surface(vertices=CORNERS, faces=[[0, 1, 1.5]]), "whole numbers"),
        (lambda: Surface(vertices=CORNERS, faces=[[[0, 1, 2]]]), "stand still"),
        (lambda: Panel((Cloud3D(points=CORNERS), Line(x=[0], y=[0]))), "mixes 3-D marks"),
        (lambda: Panel((Cloud3D(points=CORNERS),), z=Axis(scale="log")), "must be linear"),
    ],
)
def test_that_what_cannot_be_drawn_in_space_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
