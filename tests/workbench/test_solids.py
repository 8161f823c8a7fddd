import numpy as np

from engines.figure import Cloud3D, Figure, Panel, Surface
from workbench.layout import layouts
from workbench.palette import DARK, LIGHT, table
from workbench.solids import solids, space

CORNERS = np.eye(4, 3)


def made(*marks, theme=LIGHT):
    panel = Panel(marks)
    (plan,) = layouts(Figure("f", "F", (panel,)))
    return solids(panel, plan, theme, 2.0)


def rgb(colour):
    return list(bytes.fromhex(colour[1:]))


def test_that_values_take_the_colours_of_their_map_within_the_limits():
    values = [0.0, 1.0, 7.0, np.nan]
    (cloud,) = made(
        Cloud3D(points=CORNERS, values=values, limits=(-1, 1), colours="diverging", size=4.0)
    )
    map_ = table("diverging")
    np.testing.assert_array_equal(cloud.colours[:3], map_[[127, 255, 255]])
    assert cloud.colours[3].tolist() == rgb(LIGHT.guide)  # no value, no colour
    assert cloud.size == 8.0
    assert cloud.ground is None


def test_that_own_colours_are_kept_as_they_are():
    painted = np.array([[0, 0.5, 1], [1, 1, 1], [2, -1, 0], [0, 0, 0]])
    (cloud,) = made(Cloud3D(points=CORNERS, rgb=painted))
    assert cloud.colours.tolist() == [[0, 128, 255], [255, 255, 255], [255, 0, 0], [0, 0, 0]]
    (cloud,) = made(Cloud3D(points=CORNERS, rgb=np.full((4, 3), 7, np.uint8)))
    assert (cloud.colours == 7).all()


def test_that_a_triangle_has_the_mean_colour_of_its_corners():
    painted = np.array([[30, 0, 0], [60, 0, 0], [90, 0, 3], [0, 0, 0]], np.uint8)
    (surface,) = made(Surface(vertices=CORNERS, faces=[[0, 1, 2], [3, 3, 3]], rgb=painted))
    assert surface.colours.tolist() == [[60, 0, 1], [0, 0, 0]]


def test_that_marks_without_colours_take_those_of_the_series_in_turn():
    clouds = [Cloud3D(points=CORNERS, name=name) for name in "ab"]
    for theme in (LIGHT, DARK):
        for cloud, colour in zip(made(*clouds, theme=theme), theme.series):
            assert (cloud.colours == rgb(colour)).all()
            assert cloud.ground.tolist() == rgb(theme.ground)
            assert cloud.ink.tolist() == rgb(theme.text)


def test_that_the_limits_hold_all_points_of_all_frames():
    moving = Cloud3D(points=np.stack([CORNERS, CORNERS + np.array([0, 0, 9])]))
    (plan,) = layouts(Figure("f", "F", (Panel((moving,)),)))
    low, high = zip(*space(plan))
    np.testing.assert_allclose(low, [-0.04, -0.04, -0.4])
    np.testing.assert_allclose(high, [1.04, 1.04, 10.4])
