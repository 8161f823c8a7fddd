"""Closed forms of transport between Gaussians."""

import numpy as np
import pytest
import torch

from engines.context import Context
from engines.transport.cost import point_cost
from engines.transport.gaussian import gaussian_pair, linear_map, moments
from engines.transport.problem import gaussians_1d
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.softmin import make_softmin

RNG = np.random.default_rng(0)
A50 = torch.full((50,), 0.02, dtype=torch.float64)


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
    # The ridge that keeps flat clouds invertible adds 1e-6 of the mean variance.
    np.testing.assert_allclose(spread, np.cov(x.T, aweights=a, ddof=0), atol=2e-6)


def test_that_the_potential_of_an_affine_map_is_optimal():
    """For y = B x + t with B > 0 the plan is the identity, so f(x_i) + g(y_i) = C_ii is tight."""
    x = torch.tensor(RNG.standard_normal((80, 2)))
    y = x @ torch.tensor([[2.0, 0.3], [0.3, 0.5]], dtype=torch.float64) + torch.tensor([3.0, -1.0])
    a = torch.full((80,), 1 / 80, dtype=torch.float64)
    g = gaussian_pair(x, y, a, a).potential(y)
    pairs = point_cost(x, y).block(slice(None))
    # The ridge that keeps flat clouds invertible shifts the map by 1e-6 of its size.
    best = (pairs - g).argmin(1)
    assert (best == torch.arange(80)).all()
    dual = (pairs - g).amin(1).mean() + g.mean()
    assert abs(float(dual - pairs.diagonal().mean())) < 1e-4


def test_that_clouds_without_spread_are_no_trouble():
    a = torch.full((5,), 0.2, dtype=torch.float64)
    point = torch.zeros(5, 2, dtype=torch.float64)
    line = torch.arange(5, dtype=torch.float64)[:, None] * torch.ones(2, dtype=torch.float64)
    for x in (point, line):
        for y in (point + 1, line + 1):
            pair = gaussian_pair(x, y, a, a)
            assert torch.isfinite(pair.potential(y)).all()
            assert 0 <= pair.rate(0.1) <= 1


def test_that_sinkhorn_between_gaussians_converges_at_the_rate_of_the_formula():
    """Plain iteration from zero on the line: after the first few, errors shrink by ρ² each."""
    line, epsilon = gaussians_1d(200), 0.5
    a, b, x = (torch.tensor(v) for v in (line.source, line.target, line.row[:, None]))
    pair = gaussian_pair(x, x, a, b)
    soft = make_softmin("dense_log", point_cost(x, x), a, b, a.dtype, torch.device("cpu"))
    state = Scaling(torch.zeros_like(a), torch.zeros_like(b), 0.0)
    scale(soft, state, Course([epsilon], [1.0], 1, 1e-12, 30, 1.0), Context(), lambda *_: None)
    errors = [look.error for look in state.history]
    # Quadratic modes die like ρ⁴, so ten iterations leave (0.6)¹⁰ of them.
    assert errors[12] / errors[11] == pytest.approx(pair.rate(epsilon), rel=0.01)


def test_that_the_rate_has_the_limits_of_no_and_of_full_regularisation():
    pair = gaussian_pair(*(torch.tensor(RNG.standard_normal((50, 2))) for _ in range(2)), A50, A50)
    assert pair.rate(1e-9) == pytest.approx(1, abs=1e-8)
    assert pair.rate(1e9) < 1e-15
