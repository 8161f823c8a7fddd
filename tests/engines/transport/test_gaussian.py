"""Closed forms of transport between Gaussians."""

import numpy as np
import torch

from engines.transport.cost import point_cost
from engines.transport.gaussian import gaussian_potential, linear_map, moments

RNG = np.random.default_rng(0)


def covariance(d):
    root = torch.tensor(RNG.standard_normal((d, d)))
    return root @ root.T


def test_that_the_map_takes_one_covariance_to_the_other_and_is_symmetric():
    source, target = covariance(4), covariance(4)
    b = linear_map(source, target)
    np.testing.assert_allclose(b, b.T, atol=1e-10)
    np.testing.assert_allclose(b @ source @ b.T, target, atol=1e-9)
    assert torch.linalg.eigvalsh(b).min() > 0


def test_that_moments_are_those_of_numpy():
    x, a = RNG.standard_normal((50, 3)), RNG.random(50)
    a /= a.sum()
    mean, spread = moments(torch.tensor(x), torch.tensor(a))
    np.testing.assert_allclose(mean, np.average(x, axis=0, weights=a), atol=1e-15)
    np.testing.assert_allclose(spread, np.cov(x.T, aweights=a, ddof=0), atol=1e-14)


def test_that_the_potential_of_an_affine_map_is_optimal():
    """For y = B x + t with B > 0 the plan is the identity, so f(x_i) + g(y_i) = C_ii is tight."""
    x = torch.tensor(RNG.standard_normal((80, 2)))
    y = x @ torch.tensor([[2.0, 0.3], [0.3, 0.5]], dtype=torch.float64) + torch.tensor([3.0, -1.0])
    a = torch.full((80,), 1 / 80, dtype=torch.float64)
    g = gaussian_potential(x, y, a, a)
    pairs = point_cost(x, y).block(slice(None))
    # The ridge that keeps flat clouds invertible shifts the map by 1e-6 of its size.
    best = (pairs - g).argmin(1)
    assert (best == torch.arange(80)).all()
    dual = (pairs - g).amin(1).mean() + g.mean()
    assert abs(float(dual - pairs.diagonal().mean())) < 1e-4


def test_that_a_cloud_without_spread_is_no_trouble():
    x = torch.zeros(5, 2, dtype=torch.float64)
    a = torch.full((5,), 0.2, dtype=torch.float64)
    assert torch.isfinite(gaussian_potential(x, x + 1, a, a)).all()
    line = torch.arange(5.0, dtype=torch.float64)[:, None] * torch.tensor([1.0, 1.0])
    assert torch.isfinite(gaussian_potential(line, line + 1, a, a)).all()
