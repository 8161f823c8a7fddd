"""Maps of functions against least squares by hand, permutations, and brute force."""

import numpy as np
import pytest
import torch

from engines.context import Context
from engines.transport.functional_map import (
    Side,
    fit_map,
    nearest,
    penalty,
    pull_back,
    sizes,
    vertex_map,
    zoom_out,
)
from engines.transport.laplacian import spectrum
from engines.transport.surfaces import blob


def go_on():
    pass


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def permuted():
    """A surface, the same with its vertices in another order, and that order."""
    places, faces = blob(24)
    order = np.random.default_rng(0).permutation(len(places))
    back = np.argsort(order)
    one = spectrum(places, faces, 40, go_on)
    two = spectrum(places[order], back[faces], 40, go_on)
    ctx = Context()
    return Side.of(one, ctx), Side.of(two, ctx), torch.as_tensor(order)


def side(values):
    values = torch.tensor(values, dtype=torch.float64)
    return Side(values, drawn(5, len(values)), torch.ones(5, dtype=torch.float64) / 5)


def test_that_the_fitted_map_is_the_minimum_of_its_objective():
    a, b, weights, mu = drawn(4, 9), drawn(3, 9, seed=1), drawn(3, 4, seed=2).square(), 0.7
    c = fit_map(a, b, weights, mu).requires_grad_()
    value = ((c @ a - b) ** 2).sum() + mu * (weights * c**2).sum()
    value.backward()
    # The ridge of 1e-9 pulls by so much.
    assert c.grad.abs().max() < 1e-6


def test_that_without_a_penalty_the_map_is_that_of_least_squares():
    a, b = drawn(4, 9), drawn(3, 9, seed=1)
    wanted = np.linalg.lstsq(a.numpy().T, b.numpy().T, rcond=None)[0].T
    np.testing.assert_allclose(fit_map(a, b, torch.zeros(3, 4), 0.0), wanted, atol=1e-7)


def test_that_a_function_that_no_descriptor_sees_gets_no_coefficient():
    a, b = drawn(4, 9), drawn(4, 9, seed=1)
    a[2] = 0
    c = fit_map(a, b, 1 - torch.eye(4, dtype=torch.float64), 0.1)
    assert c.isfinite().all()
    np.testing.assert_allclose(c[:, 2], 0, atol=1e-12)


def test_that_a_huge_penalty_leaves_the_diagonal():
    a, b = drawn(3, 9), drawn(3, 9, seed=1)
    c = fit_map(a, b, penalty(side([0, 1, 3]), side([0, 1, 3]), "laplacian"), 1e12)
    off = c - torch.diag(c.diagonal())
    assert off.abs().max() < 1e-9
    # What is left of each row is a regression on one number.
    np.testing.assert_allclose(c.diagonal(), (a * b).sum(1) / (a * a).sum(1), rtol=1e-6)


def test_that_penalties_have_their_values_at_a_few_eigenvalues():
    one, two = side([0.0, 1, 4]), side([0.0, 2, 4])
    wanted = np.array([[0, 1, 16], [4, 1, 4], [16, 9, 0]]) / 16
    np.testing.assert_allclose(penalty(one, two, "laplacian"), wanted)
    g2, g1 = 0.5**0.5, 0.25**0.5  # roots of 2/4 and 1/4
    real = g2 / (1 + g2**2) - g1 / (1 + g1**2)
    other = 1 / (1 + g2**2) - 1 / (1 + g1**2)
    found = penalty(one, two, "resolvent")
    assert float(found[1, 1]) == pytest.approx(real**2 + other**2, rel=1e-12)
    assert float(found[0, 0]) == float(found[2, 2]) == 0


def test_that_the_nearest_are_those_of_brute_force():
    here, there = drawn(300, 7), drawn(200, 7, seed=1)
    wanted = torch.cdist(here, there).argmin(1)
    np.testing.assert_array_equal(nearest(here, there, go_on), wanted)


def test_that_sizes_end_at_the_last():
    assert sizes(20, 5, 33) == [25, 30, 33]
    assert sizes(20, 5, 30) == [25, 30]
    assert sizes(20, 5, 20) == []


def test_that_a_permutation_has_a_diagonal_map_of_signs_and_comes_back(permuted):
    one, two, order = permuted
    c = pull_back(order, one, two, 20)
    np.testing.assert_allclose(c.abs(), np.eye(20), atol=1e-6)
    np.testing.assert_array_equal(vertex_map(c, one, two, go_on), order)


def test_that_a_map_that_keeps_areas_is_orthogonal(permuted):
    one, two, order = permuted
    c = pull_back(order, one, two, 40)
    np.testing.assert_allclose(c.T @ c, np.eye(40), atol=1e-8)


def test_that_zoom_out_finds_a_permutation_from_the_signs_of_a_few_functions(permuted):
    one, two, order = permuted
    first = pull_back(order, one, two, 8).sign() * torch.eye(8, dtype=torch.float64)
    steps = list(zoom_out(first, one, two, 10, Context()))
    assert [len(c) for c, _ in steps] == [8, 18, 28, 38, 40]
    np.testing.assert_array_equal(steps[-1][1], order)


def test_that_functions_are_carried_by_the_map(permuted):
    """Coefficients of f∘T are C times those of f, for f among the first functions."""
    one, two, order = permuted
    c = pull_back(order, one, two, 20)
    f = one.basis[:, :20] @ drawn(20, 3)
    left = two.first(20).coefficients(f[order])
    np.testing.assert_allclose(left, c @ one.first(20).coefficients(f), atol=1e-8)
