"""What transport problems accept, and how they turn into weights and places."""

import numpy as np
import pytest

from engines.problem import BadProblem
from engines.transport.problem import (
    CostMatrix,
    Histograms,
    PointClouds,
    disc_and_star,
    gauss_pair,
    gaussians_1d,
    given_masses,
    masses,
    points,
    shape,
    torn_clouds,
    two_moons,
    two_peaks,
    waning_disc,
)

X, Y = np.zeros((7, 2)), np.ones((3, 2))


def test_that_weights_default_to_equal_shares():
    a, b = masses(PointClouds(x=X, y=Y))
    np.testing.assert_array_equal(a, np.full(7, 1 / 7))
    np.testing.assert_array_equal(b, np.full(3, 1 / 3))


def test_that_weights_are_divided_by_their_total():
    a, b = masses(PointClouds(x=X, y=Y, a=np.arange(7.0), b=np.full(3, 7.0)))
    np.testing.assert_allclose(a, np.arange(7) / 21, rtol=1e-15)
    np.testing.assert_allclose(b, 1 / 3, rtol=1e-15)


def test_that_a_total_given_for_one_side_only_is_no_contradiction():
    a, b = masses(PointClouds(x=X, y=Y, b=np.full(3, 7.0)))
    assert a.sum() == pytest.approx(1, abs=1e-15)
    assert b.sum() == pytest.approx(1, abs=1e-15)


def test_that_totals_that_differ_are_refused_with_both_numbers():
    with pytest.raises(BadProblem, match=r"source weighs 7 and the target 6; .*; .*unbalanced"):
        masses(PointClouds(x=X, y=Y, a=np.ones(7), b=np.full(3, 2.0)))
    # A relative difference of 5e-7 is rounding of a file, 5e-6 is not.
    masses(PointClouds(x=X, y=Y, a=np.ones(7), b=np.full(3, 7 / 3 * (1 + 5e-7))))
    with pytest.raises(BadProblem, match="equal totals"):
        masses(PointClouds(x=X, y=Y, a=np.ones(7), b=np.full(3, 7 / 3 * (1 + 5e-6))))


def test_that_negative_mass_is_refused_by_value_and_place():
    weights = np.ones(7)
    weights[5] = -0.003
    with pytest.raises(BadProblem, match=r"weights must be >= 0, smallest is -0.003 at index 5"):
        PointClouds(x=X, y=Y, a=weights)
    image = np.ones((4, 5))
    image[2, 3] = -1
    with pytest.raises(BadProblem, match=r"smallest is -1 at index 2, 3 of target"):
        Histograms(source=np.ones((4, 5)), target=image)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"x": X, "y": np.ones((3, 3))}, "y has 3 along its axis 'dim', but x has 2"),
        ({"x": X, "y": Y, "a": np.zeros(7)}, "the sum of a is 0"),
        ({"x": X, "y": Y, "a": np.ones(6)}, "a has 6 along its axis 'source', but x has 7"),
        ({"x": X[:0], "y": Y}, "x is empty"),
        ({"x": np.where(X == 0, np.nan, X), "y": Y}, "x has 14 NaN .* source 0, dim 0"),
        ({"x": X[:, 0], "y": Y}, "x has 1 axes"),
    ],
)
def test_that_bad_clouds_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(BadProblem, match=sentence):
        PointClouds(**given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"source": np.ones(4), "target": np.ones((4, 4))}, "same grid"),
        ({"source": np.ones((4, 5)), "target": np.ones((4, 4))}, "target has 4 along its axis"),
        ({"source": np.ones((4, 4)), "target": np.zeros((4, 4))}, "the sum of target is 0"),
        ({"source": np.ones(4), "target": np.ones(4), "row": np.ones(5)}, "row has 5"),
        ({"source": np.ones(4), "target": np.ones(4), "column": np.ones(4)}, "column is given"),
        ({"source": np.ones(3), "target": np.ones(3), "row": [0.0, 2.0, 1.0]}, "row .* index 2"),
    ],
)
def test_that_bad_densities_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(BadProblem, match=sentence):
        Histograms(**given)


def test_that_bins_are_squares_in_the_unit_box_unless_centres_are_given():
    image = np.ones((2, 4))
    places, again = points(Histograms(source=image, target=image))
    np.testing.assert_array_equal(places, again)
    np.testing.assert_allclose(places[[0, 1, 4]], [[0.125, 0.125], [0.125, 0.375], [0.375, 0.125]])
    given = Histograms(source=image, target=image, row=[5.0, 7.0])
    np.testing.assert_allclose(points(given)[0][[0, 4]], [[5, 0.125], [7, 0.125]])


def test_that_the_examples_have_the_moments_that_their_names_say():
    pair = gauss_pair(20_000)
    # The standard error of a mean of 20 000 draws is 0.007, of a variance 0.01.
    np.testing.assert_allclose(pair.y.mean(0), [2, 1], atol=0.03)
    np.testing.assert_allclose(pair.y.std(0), [0.7, 0.7], atol=0.03)
    line = gaussians_1d()
    mean = line.target @ line.row
    assert mean == pytest.approx(2, abs=1e-12)
    assert line.target @ (line.row - mean) ** 2 == pytest.approx(0.25, abs=1e-12)
    moons = two_moons(2000)
    # Half circles of radius 1 about (0, 0) and (1, 1/2), blurred by 0.05.
    assert abs(np.hypot(*moons.x.T) - 1).mean() < 0.06
    assert abs(np.hypot(*(moons.y - [1, 0.5]).T) - 1).mean() < 0.06
    shapes = disc_and_star()
    area = np.count_nonzero(shapes.source) / shapes.source.size
    assert area == pytest.approx(np.pi * 0.2**2, rel=0.03)


def test_that_a_cost_matrix_has_the_weights_of_its_rows_and_columns():
    costs = CostMatrix(cost=np.zeros((7, 3)), b=np.arange(1.0, 4.0))
    assert shape(costs) == (7, 3)
    a, b = masses(costs)
    np.testing.assert_array_equal(a, np.full(7, 1 / 7))
    np.testing.assert_allclose(b, np.arange(1, 4) / 6, rtol=1e-15)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"cost": np.zeros((7, 3)), "a": np.ones(3)}, "a has 3 along its axis 'source', but cost"),
        ({"cost": np.zeros((7, 3)), "b": -np.ones(3)}, "smallest is -1 at index 0 of b"),
        ({"cost": np.array([[1.0, np.inf]])}, "cost has 1 NaN .* source 0, target 1"),
        ({"cost": np.zeros(7)}, "cost has 1 axes"),
    ],
)
def test_that_bad_cost_matrices_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(BadProblem, match=sentence):
        CostMatrix(**given)


def test_that_given_masses_keep_their_totals():
    a, b = given_masses(PointClouds(x=X, y=Y, a=np.arange(7.0), b=np.full(3, 2.0)))
    assert (a.sum(), b.sum()) == (21, 6)
    a, b = given_masses(PointClouds(x=X, y=Y, b=np.full(3, 2.0)))
    np.testing.assert_allclose(a, 6 / 7, rtol=1e-15)
    a, b = given_masses(PointClouds(x=X, y=Y))
    assert a.sum() == pytest.approx(1, abs=1e-15)
    assert b.sum() == pytest.approx(1, abs=1e-15)


def test_that_the_unbalanced_examples_have_the_masses_they_tell_of():
    disc = waning_disc()
    assert (disc.source.sum(), disc.target.sum()) == pytest.approx((1, 0.5), abs=1e-12)
    peaks = two_peaks()
    left = peaks.row < 0.5
    shares = (peaks.source[left].sum(), peaks.source[~left].sum())
    assert shares == pytest.approx((1, 0.4), abs=1e-3)  # the bumps have tails
    shares = (peaks.target[left].sum(), peaks.target[~left].sum())
    assert shares == pytest.approx((0.5, 1), abs=1e-3)
    clouds = torn_clouds(100)
    # 70 and 30 points above and below, of which the outliers are five of those above.
    assert (clouds.x[:, 1] > 1).sum() == 65
    assert (clouds.y[:, 1] < -1).sum() == 70


@pytest.mark.parametrize("size", [1e80, 1e-80])
def test_that_coordinates_whose_squares_are_no_numbers_are_refused(size):
    with pytest.raises(BadProblem, match=r"the largest number in y is .*; choose another unit"):
        PointClouds(x=X, y=size * Y)
    with pytest.raises(BadProblem, match=r"the largest number in row is .*; choose another unit"):
        Histograms(source=np.ones(3), target=np.ones(3), row=size * np.arange(3.0))


def test_that_a_cloud_may_be_small_beside_another_and_all_may_be_0():
    """Squared distances are numbers then: 2 to the last digit between 1e-200 and 1, and 0."""
    for x, y, apart in ((1e-200 + X, Y, 2.0), (X, X[:3], 0.0)):
        problem = PointClouds(x=x, y=y)
        here, there = points(problem)
        np.testing.assert_array_equal(here, x)
        np.testing.assert_array_equal(there, y)
        squares = ((here[:, None] - there) ** 2).sum(-1)
        np.testing.assert_array_equal(squares, np.full((7, 3), apart))
