"""Mixtures of sources: their grids and draws, and distances against POT and differences."""

import numpy as np
import ot
import pytest
import torch

from engines.context import Context
from engines.problem import BadProblem
from engines.transport.labelled import LabelledSources
from engines.transport.mixtures import (
    Distance,
    ExactDistance,
    Pool,
    SinkhornDivergence,
    counts,
    grid_size,
    in_hull,
    simplex_grid,
)


def blobs(same=False, per_source=40, seed=0):
    """Three sources of two classes each around places of their own, or thrice the same points.

    29 has no factor in common with the numbers of samples, so that dual solutions are unique.
    """
    rng = np.random.default_rng(seed)
    places = np.zeros((3, 2)) if same else np.array([[0.0, 0], [2, 0], [0, 3]])
    once = rng.standard_normal((per_source, 2))
    clouds = [p + (once if same else rng.standard_normal((per_source, 2))) for p in places]
    labels = np.tile(np.arange(per_source) % 2, 3)
    features = np.concatenate(clouds) + 1.5 * labels[:, None]
    goal_labels = np.arange(29) % 2
    return LabelledSources(
        features=features,
        labels=labels,
        source=np.repeat([3, 4, 8], per_source),
        validation_features=rng.standard_normal((29, 2)) + [0.5, 0.5] + 1.5 * goal_labels[:, None],
        validation_labels=goal_labels,
    )


def pool(label_weight=1.0, **kind):
    return Pool.of(blobs(**kind), label_weight, np.ones(2), Context().check)


def w2(x, y, a=None):
    a = np.full(len(x), 1 / len(x)) if a is None else a
    return ot.emd2(a, np.full(len(y), 1 / len(y)), ot.dist(x, y))


def test_that_the_grid_has_all_mixtures_once():
    grid = simplex_grid(3, 10)
    assert grid.shape == (grid_size(3, 10), 3) == (66, 3)
    assert len({tuple(np.round(10 * p)) for p in grid}) == 66
    assert grid.min() == 0  # not -1e-17
    np.testing.assert_allclose(grid.sum(1), 1, atol=1e-15)


@pytest.mark.parametrize(("p", "n", "wanted"), [
    ([0.5, 0.3, 0.2], 10, [5, 3, 2]),
    ([1 / 3, 1 / 3, 1 / 3], 10, None),
    ([1.0, 0.0, 0.0], 7, [7, 0, 0]),
    ([0.26, 0.26, 0.48], 2, [1, 0, 1]),
])  # fmt: skip
def test_that_counts_are_whole_and_near_the_shares(p, n, wanted):
    found = counts(np.array(p), n)
    assert found.sum() == n
    assert (np.abs(found - n * np.array(p)) < 1).all()
    if wanted:
        assert found.tolist() == wanted


def test_that_a_draw_has_the_shares_and_takes_samples_of_the_right_source():
    drawn = pool().draw(np.array([0.5, 0.0, 0.5]), 60, torch.Generator().manual_seed(0))
    owner = pool().source[drawn]
    assert [(owner == s).sum() for s in range(3)] == [30, 0, 30]


def test_that_without_labels_and_with_one_source_the_distance_is_plain_transport():
    bare = pool(label_weight=0.0)
    rows = bare.draw(np.array([0.0, 1.0, 0.0]), 50, torch.Generator().manual_seed(1))
    found = ExactDistance().measure(bare, rows, Context())
    assert found.value == pytest.approx(w2(bare.features[rows], bare.goal), rel=1e-12)


def test_that_labels_add_the_distance_between_their_gaussians():
    weighed = pool(label_weight=2.0)
    bare = pool(label_weight=0.0)
    x, z = (
        [side[labels == c] for c in (0, 1)]
        for side, labels in (
            (weighed.features, weighed.labels),
            (weighed.goal, weighed.goal_labels),
        )
    )
    k, j = 5, 8  # of classes 1 and 0
    apart = ((x[1].mean(0) - z[0].mean(0)) ** 2 + (x[1].std(0) - z[0].std(0)) ** 2).sum()
    assert weighed.cost[k, j] - bare.cost[k, j] == pytest.approx(2 * apart, rel=1e-12)
    assert bare.cost[k, j] == pytest.approx(((bare.features[k] - bare.goal[j]) ** 2).sum())


def reweighted(rows, p):
    """Weights of drawn samples in which each source weighs p."""
    owner = pool().source[rows]
    return p[owner] / np.bincount(owner, minlength=3)[owner]


def test_that_the_derivative_is_that_of_differences():
    data, p = pool(), np.full(3, 1 / 3)
    rows = np.arange(120)  # every sample once, so that prices are those of the sources
    found = ExactDistance().measure(data, rows, Context()).derivative(p)
    goal = np.full(29, 1 / 29)
    h = 1e-6  # the value is a polygon, so any step within a side will do
    for i in range(3):
        # Share i grows by h and the others shrink in proportion.
        values = []
        for step in (h, -h):
            q = p * (1 - p[i] - step) / (1 - p[i])
            q[i] = p[i] + step
            values.append(ot.emd2(reweighted(rows, q), goal, data.cost[rows]))
        slopes = (values[0] - values[1]) / (2 * h)
        assert found[i] == pytest.approx(slopes, rel=1e-6)


def test_that_identical_sources_have_equal_derivatives():
    data = pool(same=True)
    p = np.full(3, 1 / 3)
    rows = data.draw(p, 60, torch.Generator().manual_seed(4))
    for way in (ExactDistance(), SinkhornDivergence(epsilon=0.1)):
        prices = way.measure(data, rows, Context()).prices
        found = Distance(0.0, prices).derivative(p)
        np.testing.assert_allclose(found, 0, atol=1e-12)  # rounding


def test_that_a_source_that_is_not_drawn_has_the_price_that_it_would_have():
    data = pool()
    rows = np.arange(80)
    found = ExactDistance().measure(data, rows, Context())
    goal = np.full(29, 1 / 29)
    # A little mass on samples of the third source changes the value by its price.
    more = np.concatenate([rows, data.members[2]])
    h = 1e-7
    a = np.concatenate([np.full(80, (1 - h) / 80), np.full(40, h / 40)])
    values = ot.emd2(a, goal, data.cost[more])
    slope = (values - found.value) / h
    wanted = found.derivative(np.array([0.5, 0.5, 0.0]))[2]
    assert wanted == pytest.approx(slope, rel=1e-5)  # seven digits of the difference


def entropic(x, y, epsilon):
    """⟨P, C⟩ + ε KL(P | a bᵀ) with POT's plan."""
    a, b = (np.full(len(z), 1 / len(z)) for z in (x, y))
    cost = ot.dist(x, y)
    plan = ot.sinkhorn(a, b, cost, epsilon, stopThr=1e-13, numItermax=100_000)
    return (plan * cost).sum() + epsilon * (plan * np.log(plan / np.outer(a, b))).sum()


def test_that_the_divergence_is_that_of_pots_plans():
    data = pool(label_weight=0.0)
    rows = np.arange(0, 120, 4)
    way = SinkhornDivergence(epsilon=0.2)
    epsilon = 0.2 * data.cost.mean()
    x, y = data.features[rows], data.goal
    wanted = entropic(x, y, epsilon) - (entropic(x, x, epsilon) + entropic(y, y, epsilon)) / 2
    assert way.measure(data, rows, Context()).value == pytest.approx(wanted, rel=1e-4)


def test_that_the_price_of_the_divergence_is_its_derivative():
    data, p = pool(label_weight=0.0), np.full(3, 1 / 3)
    rows = np.arange(120)
    way = SinkhornDivergence(epsilon=0.2)
    epsilon = 0.2 * data.cost.mean()
    x, y = data.features[rows], data.goal

    def value(a):
        b = np.full(29, 1 / 29)
        parts = []
        for left, right, mass, other in ((x, y, a, b), (x, x, a, a)):
            cost = ot.dist(left, right)
            plan = ot.sinkhorn(mass, other, cost, epsilon, stopThr=1e-13, numItermax=100_000)
            divergence = (plan * np.log(plan / np.outer(mass, other))).sum()
            parts.append((plan * cost).sum() + epsilon * divergence)
        return parts[0] - parts[1] / 2

    h = 1e-4
    moved = []
    for step in (h, -h):
        q = p * (1 - p[0] - step) / (1 - p[0])
        q[0] = p[0] + step
        moved.append(value(q[data.source] / 40))
    slope = (moved[0] - moved[1]) / (2 * h)
    found = way.measure(data, rows, Context()).derivative(p)[0]
    assert found == pytest.approx(slope, rel=1e-3)  # smooth: as good as the potentials


def test_that_features_that_do_not_differ_are_refused_where_epsilon_needs_a_unit():
    flat = Pool(
        np.ones((120, 2)),
        pool().labels,
        pool().source,
        np.ones((29, 2)),
        pool().goal_labels,
        2,
        1.0,
        Context().check,
    )
    assert ExactDistance().measure(flat, np.arange(50), Context()).value == 0
    with pytest.raises(BadProblem, match="the mean cost between samples and validation is 0"):
        SinkhornDivergence().measure(flat, np.arange(50), Context())


def test_that_a_source_that_is_alone_has_no_derivative():
    found = Distance(1.0, np.array([2.0, 5.0])).derivative(np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found, [0.0, 3.0])


def test_that_the_hull_of_mixtures_is_known():
    tried = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    assert in_hull(tried, np.full(3, 1 / 3))
    assert in_hull(tried, tried[1])
    assert not in_hull(tried, np.array([0.9, 0.05, 0.05]))
    assert in_hull(simplex_grid(3, 4), np.array([1.0, 0.0, 0.0]))
