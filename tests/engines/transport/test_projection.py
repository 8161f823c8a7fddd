"""Projections on the simplex against an optimiser and against every choice of places."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from engines.transport.projection import project_largest, project_simplex

RNG = np.random.default_rng(3)


def on_paper(values, total):
    """The nearest point by sequential quadratic programming."""
    count = len(values)
    found = minimize(
        lambda p: ((p - values) ** 2).sum() / 2,
        np.full(count, total / count),
        jac=lambda p: p - values,
        bounds=[(0, None)] * count,
        constraints={
            "type": "eq",
            "fun": lambda p: p.sum() - total,
            "jac": lambda p: np.ones(count),
        },
        options={"ftol": 1e-15, "maxiter": 500},
    )
    return found.x


def test_that_the_projection_is_the_nearest_point_of_the_simplex():
    values, totals = RNG.standard_normal((6, 7)), RNG.random(6) + 0.1
    found = project_simplex(torch.from_numpy(values), torch.from_numpy(totals)).numpy()
    for row, near, total in zip(values, found, totals):
        np.testing.assert_allclose(
            near, on_paper(row, total), atol=1e-6
        )  # the optimiser's accuracy
    np.testing.assert_allclose(found.sum(1), totals, rtol=1e-14)
    assert (found >= 0).all()


def test_that_a_point_of_the_simplex_stays_where_it_is():
    values = RNG.dirichlet(np.ones(5), 4)
    found = project_simplex(torch.from_numpy(values), torch.ones(4, dtype=torch.float64))
    np.testing.assert_allclose(found.numpy(), values, atol=1e-15)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_that_the_largest_entries_are_the_best_k_of_all_choices(k):
    """Every choice of k of 6 places is tried: none is nearer."""
    values, total = RNG.standard_normal(6), 0.8
    chosen = project_largest(torch.from_numpy(values)[None], torch.tensor([total]).double(), k)
    near = np.zeros(6)
    near[chosen.places[0].numpy()] = chosen.weights[0].numpy()
    distances = []
    for places in combinations(range(6), k):
        part = torch.from_numpy(values[list(places)])[None]
        other = np.zeros(6)
        other[list(places)] = project_simplex(part, torch.tensor([total]).double())[0].numpy()
        distances.append(((other - values) ** 2).sum())
    assert ((near - values) ** 2).sum() == pytest.approx(min(distances), rel=1e-12)
    assert np.count_nonzero(near) <= k
    assert near.sum() == pytest.approx(total)


def test_that_no_mass_and_forbidden_places_get_nothing():
    values = torch.tensor([[3.0, 1.0, 2.0], [-torch.inf, 1.0, -torch.inf]], dtype=torch.float64)
    chosen = project_largest(values, torch.tensor([0.0, 2.0], dtype=torch.float64), 3)
    assert not chosen.weights[0].any()
    assert chosen.places[1, 0] == 1
    np.testing.assert_array_equal(chosen.weights[1].numpy(), [2, 0, 0])
