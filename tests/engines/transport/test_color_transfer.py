"""Colour transfer against assignments, POT's plans and closed forms."""

import threading
from dataclasses import replace

import numpy as np
import ot
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from engines.context import Context, Step, Warned
from engines.problem import BadProblem, Status
from engines.transport.colours import (
    BRIGHTNESS,
    ColourPictures,
    gaussian_map,
    meadow_and_dusk,
    nearest_map,
    sliced_distance,
    under_a_lamp,
)
from engines.transport.methods.color_transfer import ColorTransfer

RNG = np.random.default_rng(0)
# As many pixels as a palette may have: nothing is left to the draw.
SMALL = ColourPictures(source=0.5 * RNG.random((8, 10, 3)), reference=RNG.random((10, 8, 3)))
X, Y = SMALL.pixels()
COSTS = ot.dist(X, Y)


def solve(problem=SMALL, ctx=None, **settings):
    return ColorTransfer(**settings).run(problem, ctx or Context())


def rows(colours):
    """Colours in an order of their own, so that two sets of them can be compared."""
    flat = colours.reshape(-1, 3)
    return flat[np.lexsort(flat.T)]


def test_that_the_exact_way_hands_out_the_colours_of_the_reference_at_least_cost():
    result = solve()
    np.testing.assert_allclose(rows(result.image), rows(SMALL.reference), atol=1e-12)  # rounding
    i, j = linear_sum_assignment(COSTS)
    assert result.map_cost == pytest.approx(COSTS[i, j].mean(), rel=1e-12)
    assert result.plan_cost == pytest.approx(result.map_cost, rel=1e-12)
    assert result.status is Status.completed


def test_that_pixels_of_one_colour_stay_of_one_colour():
    """Ten black and thirty grey pixels, and twenty dark and light ones in the reference.

    A third of the grey pixels has to become dark: all of them take the mean of what they get.
    """
    source = np.repeat([[[0.1, 0.1, 0.1], [0.6, 0.6, 0.6]]], [10, 30], axis=1)
    dark, light = np.array([0.3, 0.1, 0.0]), np.array([0.9, 0.9, 0.8])
    reference = np.repeat([[light, dark]], 20, axis=1)
    result = solve(ColourPictures(source=source, reference=reference))
    assert result.colours == 2
    wanted = np.repeat([[dark, (dark + 2 * light) / 3]], [10, 30], axis=1)
    np.testing.assert_allclose(result.image, wanted, atol=1e-12)


def test_that_the_entropic_map_is_the_barycentric_projection_of_pots_plan():
    epsilon = 0.05
    weights = np.full(80, 1 / 80)
    plan = ot.sinkhorn(weights, weights, COSTS, epsilon * COSTS.mean(), stopThr=1e-12)
    result = solve(way="sinkhorn", epsilon=epsilon)
    # The run ends at a marginal error of 1e-4 in L1; single rows may be off by some times that.
    np.testing.assert_allclose(result.image.reshape(-1, 3), 80 * plan @ Y, atol=1e-3)
    assert result.plan_cost == pytest.approx((plan * COSTS).sum(), rel=1e-3)
    assert result.status is Status.converged


def test_that_a_huge_epsilon_gives_every_pixel_the_mean_colour():
    result = solve(way="sinkhorn", epsilon=1e5)
    mean = np.broadcast_to(Y.mean(0), X.shape)
    np.testing.assert_allclose(result.image.reshape(-1, 3), mean, atol=1e-4)  # 1/ε of the spread


def test_that_the_entropic_variance_falls_short_of_that_of_the_reference():
    variances = [solve(way="sinkhorn", epsilon=e).image.var() for e in (0.3, 0.1, 0.01)]
    assert variances == sorted(variances)
    assert variances[-1] < SMALL.reference.var()


def test_that_the_gaussian_map_gives_the_moments_of_the_reference():
    moved = gaussian_map(X, Y)(X)
    np.testing.assert_allclose(moved.mean(0), Y.mean(0), atol=1e-12)
    # Both variances are some 0.02 and up and were widened by 1e-6 of themselves.
    np.testing.assert_allclose(np.cov(moved.T), np.cov(Y.T), atol=1e-6)


def test_that_the_gaussian_way_undoes_a_linear_cast():
    """A symmetric positive matrix is the gradient of a convex function, hence the optimal map."""
    problem = under_a_lamp(30, 40)
    result = solve(problem, way="gaussian")
    assert np.abs(result.image - problem.reference).max() < 1 / 255
    cost = ((problem.source - problem.reference) ** 2).sum(2).mean()
    assert result.map_cost == pytest.approx(cost, rel=1e-3)  # of the widening, 1e-4 here


def test_that_a_picture_of_one_colour_becomes_the_mean_of_the_reference():
    grey = ColourPictures(source=np.full((4, 5, 3), 0.4), reference=SMALL.reference)
    for way in ("exact", "sinkhorn", "gaussian"):
        image = solve(grey, way=way).image.reshape(-1, 3)
        np.testing.assert_allclose(image, np.tile(Y.mean(0), (20, 1)), atol=1e-6, err_msg=way)


@pytest.mark.parametrize("way", ["exact", "sinkhorn", "gaussian", "sliced"])
def test_that_two_pictures_of_one_colour_are_joined(way):
    problem = ColourPictures(source=np.full((4, 5, 3), 0.4), reference=np.full((3, 3, 3), 0.4))
    np.testing.assert_allclose(solve(problem, way=way).image, 0.4, atol=1e-9)


def test_that_the_sliced_way_reaches_the_distribution_of_the_reference():
    problem = meadow_and_dusk(30, 40)
    result = solve(problem, way="sliced")
    start, end = (
        ot.emd2([], [], ot.dist(colours.reshape(-1, 3)[::2], problem.pixels()[1][1::2]))
        for colours in (problem.source, result.image)
    )
    assert end < start / 50  # what is left is the difference between the two halves of the pixels
    assert result.after < 1e-3 * result.before
    assert len(result.distance) == 31


def test_that_the_sliced_way_takes_pictures_of_different_size():
    large, small = meadow_and_dusk(30, 40), meadow_and_dusk(12, 21)
    problem = ColourPictures(source=small.source, reference=large.reference)
    result = solve(problem, way="sliced")
    assert result.image.shape == small.source.shape
    assert result.after < 1e-3 * result.before  # 252 pixels resolve the reference to a few 1e-4


def test_that_the_sliced_distance_of_a_shift_is_a_third_of_its_square():
    shift = np.array([0.2, -0.1, 0.3])
    # The directions fill the sphere evenly to some per cent.
    assert sliced_distance(X, X + shift) == pytest.approx(shift @ shift / 3, rel=0.02)


def test_that_colours_between_those_of_the_palette_shift_with_the_nearest():
    colours = np.array([[0.0, 0, 0], [1, 1, 1]])
    moved = np.array([[0.2, 0, 0], [1, 0.5, 1]])
    found = nearest_map(colours, moved)(np.array([[0.1, 0.2, 0.3], [0.9, 0.8, 0.7]]))
    np.testing.assert_allclose(found, [[0.3, 0.2, 0.3], [0.9, 0.3, 0.7]], atol=1e-15)


def test_that_strength_goes_straight_from_the_source_to_the_full_result():
    full, half, none = (solve(strength=s).image for s in (1.0, 0.5, 0.0))
    np.testing.assert_allclose(half, (SMALL.source + full) / 2, atol=1e-12)
    np.testing.assert_array_equal(none, SMALL.source)


def test_that_brightness_is_kept_where_nothing_is_cut_off():
    result = solve(preserve_luminance=True)
    inside = ((result.image > 0) & (result.image < 1)).all(2)
    assert inside.mean() > 0.3
    difference = (result.image - SMALL.source) @ BRIGHTNESS
    np.testing.assert_allclose(difference[inside], 0, atol=1e-12)
    assert result.clipped > 0
    assert 0 <= result.image.min() <= result.image.max() <= 1


def test_that_a_palette_of_samples_comes_near_the_reference():
    problem = meadow_and_dusk(40, 60)
    result = solve(problem, n_samples=300)
    assert result.colours <= 300
    assert result.after < 0.02 * result.before  # 1/√300 of the spread, squared, and the extension


def test_that_a_small_picture_is_told_to_have_fewer_pixels_than_the_palette():
    events = []
    solve(ctx=Context(events.append))
    assert "only 80 pixels" in next(e.text for e in events if isinstance(e, Warned))


def test_that_a_stopped_flow_keeps_the_rounds_that_it_did():
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Step) and event.done >= 1:
            stop.set()

    result = solve(meadow_and_dusk(), Context(listen, stop=stop), way="sliced", rounds=1000)
    assert result.status is Status.stopped
    assert 2 <= len(result.distance) < 1000
    assert result.after < result.before


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (np.zeros((4, 4)), "source has 2 axes"),
        (np.zeros((4, 4, 1)), "1 channel; it must have 3"),
        (np.zeros((4, 4, 4)), "4 channels; it must have 3"),
        (np.full((4, 4, 3), 255.0), "divide bytes by 255"),
        (np.full((4, 4, 3), -0.1), "between 0 and 1"),
    ],
)
def test_that_pictures_that_are_not_in_colour_are_refused(source, words):
    with pytest.raises(BadProblem, match=words):
        ColourPictures(source=source, reference=source)


def test_that_figures_show_the_pictures_the_colours_and_the_channels():
    method = ColorTransfer(way="sliced", rounds=3)
    result = method.run(SMALL, Context())
    figures = {f.name: f for f in method.figures(SMALL, result)}
    assert list(figures) == ["pictures", "cube", "colours", "channels", "distance"]
    np.testing.assert_allclose(
        figures["pictures"].panels[2].marks[0].values, result.image, atol=1e-7
    )  # float32
    assert figures["colours"].frames() > 1
    on_the_way, reference = (panel.marks[0] for panel in figures["cube"].panels)
    for frame, wanted in ((0, SMALL.source), (-1, result.image)):  # from each colour to its new one
        cloud = on_the_way.points[frame]
        np.testing.assert_array_equal(cloud, on_the_way.rgb[frame])
        apart = cdist(cloud, wanted.reshape(-1, 3)).min(axis=1)
        assert apart.max() < 1e-6  # float32
    np.testing.assert_array_equal(reference.points, reference.rgb)
    for panel in figures["channels"].panels:
        for line in panel.marks:
            assert line.y.sum() == pytest.approx(1)


def test_that_a_plan_that_was_cut_short_says_so():
    method = ColorTransfer(way="sinkhorn", n_samples=100)
    result = method.run(SMALL, Context())
    for status, marked in ((Status.limit_reached, True), (Status.converged, False)):
        drawn = method.figures(SMALL, replace(result, status=status))
        assert drawn[0].title.endswith("(not converged)") == marked
