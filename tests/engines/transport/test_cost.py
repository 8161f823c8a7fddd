"""Ground costs block by block, and the tight potentials that a run starts from."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from engines.context import Cancelled
from engines.problem import BadProblem
from engines.transport.cost import (
    CHECK_COORDINATES,
    CHECK_ENTRIES,
    GridCost,
    facts,
    given_cost,
    grid_points,
    nearest,
    point_cost,
    squared_distances,
)

RNG = np.random.default_rng(3)
X, Y = torch.tensor(RNG.standard_normal((70, 3)) + 5), torch.tensor(RNG.standard_normal((40, 3)))
AXES = (torch.tensor([0.0, 1.0, 4.0], dtype=torch.float64), torch.linspace(-1, 1, 5).double())
GRID = GridCost(AXES)


def whole(cost):
    return torch.cat([cost.block(rows) for rows in cost.blocks()])


METRICS = ["sqeuclidean", "euclidean", "cityblock", "cosine"]


@pytest.mark.parametrize("metric", METRICS)
def test_that_costs_are_those_of_scipy(metric):
    cost = point_cost(X, Y, metric)
    np.testing.assert_allclose(whole(cost), cdist(X, Y, metric), atol=1e-13)
    np.testing.assert_allclose(whole(cost.T), cdist(Y, X, metric), atol=1e-13)


def test_that_a_far_origin_costs_no_digits():
    """Without centring, 10⁸ away, |x|² + |y|² - 2⟨x, y⟩ would be off by about 1."""
    near, far = whole(point_cost(X, Y)), whole(point_cost(X + 1e8, Y + 1e8))
    # The shifted coordinates themselves are rounded to 1.5e-8, times distances of 10.
    np.testing.assert_allclose(near, far, atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_that_exponents_are_those_of_the_cost(metric):
    cost, here = point_cost(X, Y, metric), torch.tensor(RNG.standard_normal(70))
    there = torch.tensor(RNG.standard_normal(40))
    exponents = torch.cat([block for _, block in cost.exponents(0.01, here, there)])
    expected = here[:, None] + there - whole(cost) / 0.01
    # Exponents up to 7000, of 1e-16 each.
    np.testing.assert_allclose(exponents, expected, atol=1e-10)


def test_that_a_point_without_direction_is_refused_by_number():
    x = X.clone()
    x[4] = 0
    with pytest.raises(BadProblem, match="point 4 of the source is the origin"):
        point_cost(x, Y, "cosine")


def test_that_the_cost_of_a_grid_is_that_of_its_bins():
    pairs = whole(grid_points(GRID))
    down, right = (t.reshape(-1) for t in torch.meshgrid(*GRID.axes, indexing="ij"))
    places = torch.stack([down, right], 1)
    np.testing.assert_allclose(pairs, cdist(places, places, "sqeuclidean"), atol=1e-14)


@pytest.mark.parametrize("cost", [point_cost(X, Y), GRID], ids=["points", "grid"])
def test_that_the_facts_are_those_of_the_whole_matrix(cost):
    guess = torch.tensor(RNG.standard_normal(cost.shape[1]))
    pairs = whole(grid_points(cost) if cost is GRID else cost)
    seen = facts(cost, guess)
    assert seen.mean == pytest.approx(float(pairs.mean()), rel=1e-13)
    assert seen.max == pytest.approx(float(pairs.max()), rel=1e-13)
    slack = pairs - seen.f[:, None] - seen.g
    assert slack.min() > -1e-12
    assert slack.amin(0).max() < 1e-12
    assert slack.amin(1).max() < 1e-12


@pytest.mark.parametrize("cost", [point_cost(X, Y), GRID], ids=["points", "grid"])
def test_that_a_guess_that_is_tight_already_is_kept(cost):
    """A c-transform is its own double c-transform."""
    tight = nearest(cost, torch.tensor(RNG.standard_normal(cost.shape[0])))
    np.testing.assert_allclose(facts(cost, tight).g, tight, atol=1e-12)


@pytest.mark.parametrize("cost", [point_cost(X, Y), GRID], ids=["points", "grid"])
def test_that_the_nearest_is_the_c_transform(cost):
    f = torch.tensor(RNG.standard_normal(cost.shape[0]))
    pairs = whole(grid_points(cost) if cost is GRID else cost)
    np.testing.assert_allclose(nearest(cost, f), (pairs - f[:, None]).amin(0), atol=1e-13)


def test_that_going_over_many_pairs_can_be_stopped_and_over_few_cannot():
    def stop():
        raise Cancelled

    some = torch.zeros(CHECK_ENTRIES // 1000 + 10, 1)
    with pytest.raises(Cancelled):
        list(point_cost(some, torch.zeros(1000, 1), check=stop).blocks())
    list(point_cost(some[:-20], torch.zeros(1000, 1), check=stop).blocks())


def test_that_a_given_matrix_is_the_cost_of_its_points():
    matrix = torch.from_numpy(cdist(X, Y, "sqeuclidean"))
    given, here = given_cost(matrix), torch.tensor(RNG.standard_normal(70))
    before, there = matrix.clone(), torch.tensor(RNG.standard_normal(40))
    for cost, peer in ((given, point_cost(X, Y)), (given.T, point_cost(Y, X))):
        assert cost.shape == peer.shape
        np.testing.assert_allclose(whole(cost), whole(peer), atol=1e-12)
    for (rows, block), (_, peer) in zip(
        given.exponents(0.1, here, there), point_cost(X, Y).exponents(0.1, here, there)
    ):
        np.testing.assert_allclose(block, peer, atol=1e-10, err_msg=str(rows))  # ten times larger
    single = given.to(torch.device("cpu"), torch.float32)
    assert whole(single.T).dtype == torch.float32
    for rows in given.blocks():
        given.block(rows).zero_()
    torch.testing.assert_close(given.x, before, rtol=0, atol=0)


@pytest.mark.parametrize("cost", [point_cost(X, Y), given_cost(torch.cdist(X, Y))])
def test_that_a_part_of_a_cost_is_that_between_some_points(cost):
    rows, cols = torch.tensor([3, 60, 7]), torch.tensor([39, 0])
    part = cost.between(rows, cols)
    assert part.shape == (3, 2)
    np.testing.assert_allclose(whole(part), whole(cost)[rows][:, cols], atol=1e-12)
    np.testing.assert_allclose(whole(part.T), whole(cost)[rows][:, cols].T, atol=1e-12)


def test_that_squared_distances_are_good_anywhere_and_ask_whether_to_stop():
    x, y, asked = RNG.standard_normal((500, 400)), RNG.standard_normal((600, 400)), []
    found = squared_distances(x, y, lambda: asked.append(1))
    np.testing.assert_array_equal(found, cdist(x, y, "sqeuclidean"))
    assert len(asked) >= 500 * 600 * 400 // CHECK_COORDINATES
    far = squared_distances(x[:50] + 1e7, y[:50] + 1e7, lambda: None)
    # Coordinates of 1e7 end at 2e-9, of a difference of about 1; errors are added up.
    np.testing.assert_allclose(far, found[:50, :50], rtol=1e-8)

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        squared_distances(x, y, stop)
