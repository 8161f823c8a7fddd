"""Light bridges against Gaussian closed forms, quadrature, finite differences and Sinkhorn."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.linalg import sqrtm

from engines.context import Context, Logged, Warned
from engines.problem import BadProblem, Status
from engines.transport.light_bridge import (
    Bridge,
    Potential,
    eight_gaussians,
    gaussian_clouds,
)
from engines.transport.methods.light_sb import LightSchroedingerBridge
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.problem import PointClouds

A, B = np.array([[1, 0.5], [0.5, 0.8]]), np.array([[0.6, -0.3], [-0.3, 1.2]])
M1 = np.array([2.0, -1.0])
RNG = np.random.default_rng(0)


def closed_form(epsilon, a=A, b=B):
    """S and the cross-covariance of x and y between Gaussians (arXiv 2202.05722)."""
    root = sqrtm(a).real
    d = sqrtm(4 * root @ b @ root + epsilon**2 * np.eye(len(a))).real
    cross = (root @ d @ np.linalg.inv(root) - epsilon * np.eye(len(a))) / 2
    return cross.T @ np.linalg.inv(a), cross


def gaussian_bridge(epsilon):
    s, r, alpha = closed_form(epsilon)[0], np.zeros((1, 2)), np.zeros(1)
    return Bridge(epsilon, *(torch.tensor(v) for v in (alpha, r, s[None], np.zeros(2), M1)))


def mixture(covariance, d=2, k=3, epsilon=0.4):
    """A potential with random values."""
    shape = 0.4 * torch.tensor(RNG.standard_normal((k, d)))
    if covariance == "full":
        shape = 0.3 * torch.tensor(RNG.standard_normal((k, d, d)))
    alpha, r = torch.tensor(RNG.standard_normal(k)), torch.tensor(RNG.standard_normal((k, d)))
    return Potential(epsilon, torch.log_softmax(alpha, 0), r, shape)


def as_bridge(potential):
    d = potential.r.shape[1]
    return potential.bridge(torch.zeros(d).double(), torch.zeros(d).double(), 1.0)


def train(problem, ctx=None, **settings):
    settings = {"lr": 0.01, "steps": 1000, "sde_steps": 20, **settings}
    return LightSchroedingerBridge(**settings).run(problem, ctx or Context())


# One Gaussian each, trained in 500 steps: what remains is the noise of batches of 128 points.
ONE = {"n_components": 1, "covariance": "full", "lr": 0.03, "steps": 500}


def test_that_the_closed_form_has_its_published_numbers():
    found = closed_form(0.1)[0], closed_form(1.0)[0]
    known = (
        [[0.862870, -0.491355], [-0.491355, 1.366221]],
        [[0.455843, -0.244592], [-0.244592, 0.811663]],
    )
    np.testing.assert_allclose(found, known, atol=5e-7)
    for epsilon, s in ((0.1, found[0]), (1.0, found[1])):
        # The law of y = r + S x + √(ε S) z is the target's.
        np.testing.assert_allclose(s @ A @ s + epsilon * s, B, atol=1e-12)


@pytest.mark.parametrize(("epsilon", "tol"), [(0.1, 0.025), (1.0, 0.015)])
def test_that_training_finds_the_closed_form_between_gaussians(epsilon, tol):
    """The loss of one component sees only two moments, so those of the sample give its optimum."""
    clouds = gaussian_clouds(2000)
    result = train(clouds, epsilon=epsilon, **ONE)
    s, _ = closed_form(epsilon, np.cov(clouds.x.T), np.cov(clouds.y.T))
    np.testing.assert_allclose(result.s[0], s, atol=tol)
    np.testing.assert_allclose(result.r[0], 0, atol=tol)
    np.testing.assert_allclose(result.source_mean, clouds.x.mean(0), atol=1e-12)
    np.testing.assert_allclose(result.target_mean, clouds.y.mean(0), atol=1e-12)
    assert result.status is Status.completed


def test_that_a_small_epsilon_approaches_the_optimal_map():
    clouds = gaussian_clouds(2000)
    result = train(clouds, epsilon=0.01, **ONE)
    a, b = np.cov(clouds.x.T), np.cov(clouds.y.T)
    root = sqrtm(a).real
    inverse = np.linalg.inv(root)
    brenier = inverse @ sqrtm(root @ b @ root).real @ inverse
    # They differ by about ε A⁻¹/2, whose largest eigenvalue is 0.012, and by noise of batches.
    np.testing.assert_allclose(result.s[0], brenier, atol=0.05)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
@pytest.mark.parametrize("t", [0.0, 0.35, 0.9])
def test_that_the_drift_is_the_gradient_of_its_potential(covariance, t):
    bridge = mixture(covariance).bridge(*torch.tensor([[0.3, -0.2], [0.1, 0.5]]).double(), 1.0)
    x, h = torch.tensor(RNG.standard_normal((20, 2))), 1e-5
    steps = h * torch.eye(2, dtype=torch.float64)
    slopes = [
        (bridge.log_potential(x + s, t) - bridge.log_potential(x - s, t)) / (2 * h) for s in steps
    ]
    # Central differences: h² times a third derivative, and rounding over h.
    expected = bridge.epsilon * torch.stack(slopes, 1)
    np.testing.assert_allclose(bridge.drift(x, t), expected, atol=1e-8)


def test_that_the_drift_between_gaussians_is_linear_as_the_closed_form_says():
    """g(x, t) = (E[y | x_t] - x)/(1 - t) with the joint Gaussian law of y and x_t."""
    epsilon, t = 0.7, 0.4
    _, cross = closed_form(epsilon)
    x = RNG.standard_normal((10, 2))
    spread = (1 - t) ** 2 * A + t**2 * B + t * (1 - t) * (cross + cross.T)
    spread += epsilon * t * (1 - t) * np.eye(2)
    with_y = (1 - t) * cross.T + t * B
    mean = M1 + (x - t * M1) @ np.linalg.solve(spread, with_y.T)
    found = gaussian_bridge(epsilon).drift(torch.tensor(x), t)
    np.testing.assert_allclose(found, (mean - x) / (1 - t), atol=1e-12)


@pytest.mark.parametrize("t", [0.0, 0.5, 0.8])
def test_that_the_potential_is_the_integral_that_defines_it(t):
    potential = mixture("diagonal", d=1)
    bridge, epsilon = as_bridge(potential), potential.epsilon
    y = torch.linspace(-15, 15, 40001, dtype=torch.float64)[:, None]
    x = torch.tensor([[-1.0], [0.3], [2.0]], dtype=torch.float64)
    kernel = -((y[:, 0] - x) ** 2) / (2 * (1 - t) * epsilon)
    heat = kernel - 0.5 * math.log(2 * math.pi * (1 - t) * epsilon)
    values = heat + y[:, 0] ** 2 / (2 * epsilon) + potential.log_v(y)
    integral = torch.logsumexp(values, 1) + torch.log(y[1, 0] - y[0, 0])
    integral += 0.5 * math.log(2 * math.pi * epsilon)  # the constant that is left out
    np.testing.assert_allclose(bridge.log_potential(x, t), integral, atol=1e-9)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_that_c_is_the_integral_of_v(covariance):
    potential = mixture(covariance, d=1)
    y = torch.linspace(-15, 15, 40001, dtype=torch.float64)[:, None]
    x = torch.tensor([[-1.0], [0.3], [2.0]], dtype=torch.float64)
    values = x * y[:, 0] / potential.epsilon + potential.log_v(y)
    integral = torch.logsumexp(values, 1) + torch.log(y[1, 0] - y[0, 0])
    np.testing.assert_allclose(potential.log_c(x), integral, atol=1e-9)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_that_v_is_a_mixture_of_gaussians(covariance):
    potential = mixture(covariance)
    y = torch.tensor(RNG.standard_normal((7, 2)))
    s = potential.covariances()
    s = torch.diag_embed(s) if s.ndim == 2 else s
    parts = [
        torch.distributions.MultivariateNormal(r, potential.epsilon * one).log_prob(y)
        for r, one in zip(potential.r, s, strict=True)
    ]
    expected = torch.logsumexp(potential.log_alpha + torch.stack(parts, 1), 1)
    np.testing.assert_allclose(potential.log_v(y), expected, atol=1e-12)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_that_shift_and_scale_of_the_data_change_only_the_coordinates(covariance):
    potential = mixture(covariance)
    m0, m1, scale = torch.tensor([0.3, -2.0]).double(), torch.tensor([5.0, 1.0]).double(), 2.5
    plain, moved = as_bridge(potential), potential.bridge(m0, m1, scale)
    x = torch.tensor(RNG.standard_normal((6, 2)))
    mean = x + plain.drift(x, 0.0)
    there = m0 + scale * x
    np.testing.assert_allclose(there + moved.drift(there, 0.0), m1 + scale * mean, atol=1e-12)
    assert moved.epsilon == pytest.approx(potential.epsilon * scale**2)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_that_no_digits_are_lost_far_from_the_origin(covariance):
    potential, far = mixture(covariance, epsilon=0.01), torch.full((2,), 1e7).double()
    plain, moved = as_bridge(potential), potential.bridge(far, far, 1.0)
    x = torch.tensor(RNG.standard_normal((6, 2)))
    # The places themselves are known to 2e-9 there; the weights of the mixture vary over ε.
    np.testing.assert_allclose(moved.drift(x + far, 0.3), plain.drift(x, 0.3), rtol=1e-5, atol=1e-5)
    ends = [
        bridge.sample(start, torch.Generator().manual_seed(0)) - shift
        for bridge, start, shift in ((plain, x, 0 * far), (moved, x + far, far))
    ]
    np.testing.assert_allclose(ends[1], ends[0], atol=1e-7)


def test_that_the_order_of_the_components_plays_no_role():
    bridge, order = as_bridge(mixture("full", k=4)), [2, 0, 3, 1]
    parts = {name: getattr(bridge, name)[order] for name in ("log_alpha", "r", "s")}
    turned = replace(bridge, **parts)
    x = torch.tensor(RNG.standard_normal((5, 2)))
    np.testing.assert_allclose(turned.drift(x, 0.3), bridge.drift(x, 0.3), atol=1e-13)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_that_draws_have_the_moments_of_the_plan(covariance):
    bridge = as_bridge(mixture(covariance))
    x = torch.tensor([[0.4, -0.7]]).double()
    drawn = bridge.sample(x.expand(40000, 2), torch.Generator().manual_seed(0)).numpy()
    s = torch.diag_embed(bridge.s) if bridge.s.ndim == 2 else bridge.s
    forms = torch.einsum("i,kij,j->k", x[0], s, x[0]) + 2 * bridge.r @ x[0]
    w = torch.softmax(bridge.log_alpha + forms / (2 * bridge.epsilon), 0)
    centres = bridge.r + s @ x[0]
    mean = w @ centres
    spread = torch.einsum("k,kij->ij", w, bridge.epsilon * s)
    spread += torch.einsum("k,ki,kj->ij", w, centres - mean, centres - mean)
    # Five standard errors of 40000 draws.
    error = 5 * float(spread.diagonal().max().sqrt()) / 200
    np.testing.assert_allclose(drawn.mean(0), mean, atol=error)
    np.testing.assert_allclose(np.cov(drawn.T), spread, atol=10 * float(spread.max()) / 200)
    np.testing.assert_allclose(x + bridge.drift(x, 0.0), mean[None], atol=1e-12)


@pytest.mark.parametrize(("steps", "tol"), [(20, 0.06), (100, 0.03)])
def test_that_paths_end_in_the_target(steps, tol):
    x = torch.tensor(RNG.multivariate_normal([0, 0], A, 40000))
    bridge = gaussian_bridge(1.0)
    *_, end = bridge.paths(x, steps, torch.Generator().manual_seed(1))
    # Time steps of 1/20 alone give an error of 0.024, 40000 paths one of about 0.01.
    np.testing.assert_allclose(np.cov(end.T.numpy()), B, atol=tol)
    np.testing.assert_allclose(end.mean(0), M1, atol=0.05)
    cross = np.cov(x.T.numpy(), end.T.numpy())[:2, 2:]
    np.testing.assert_allclose(cross, closed_form(1.0)[1], atol=tol)


def test_that_one_gaussian_splits_evenly_into_eight():
    result = train(eight_gaussians(), sde_steps=50)
    angle = np.arctan2(*result.generated.T[::-1])
    mode = np.round(angle / (np.pi / 4)).astype(int) % 8
    shares = np.bincount(mode, minlength=8) / len(mode)
    # The sample's own shares lie between 0.111 and 0.139; 2000 draws add 0.007.
    assert ((shares > 0.095) & (shares < 0.155)).all()
    centres = 4 * np.stack([np.cos(mode * np.pi / 4), np.sin(mode * np.pi / 4)], axis=1)
    far = np.linalg.norm(result.generated - centres, axis=1) > 1.5  # five deviations
    assert far.mean() < 0.01
    # At ε = 0.1 nine points out of ten go the shortest way.
    nearest = np.round(np.arctan2(*result.source.T[::-1]) / (np.pi / 4)).astype(int) % 8
    assert (nearest == mode).mean() > 0.85
    ends = np.linalg.norm(result.paths[-1], axis=1)
    assert np.abs(ends - 4).mean() < 0.35


def test_that_the_mean_target_is_that_of_entropic_transport():
    """Cost |x - y|²/2 and ε are the squared cost and 2 ε; Sinkhorn on the same points."""
    clouds = gaussian_clouds(400)
    result = train(clouds, epsilon=0.5, **ONE)
    peer = Sinkhorn(epsilon=1.0, epsilon_mode="absolute").run(clouds, Context())
    x = torch.tensor(clouds.x)
    mean = x + result.bridge().drift(x, 0.0)
    error = np.sqrt(((mean.numpy() - peer.map) ** 2).sum(1).mean())
    # 400 points differ from the Gaussians that one component can follow; their spread is over 1.
    assert error < 0.12


def test_that_weights_count_as_points_do():
    clouds = gaussian_clouds(300)
    b = np.where(clouds.y[:, 0] > 2, 3.0, 0.0)
    b[0] = 3.0
    weighted = PointClouds(x=clouds.x, y=clouds.y, b=b / b.sum(), a=np.full(300, 1 / 300))
    result = train(weighted, n_components=5, steps=50)
    chosen = clouds.y[b > 0]
    assert result.generated[:, 0].mean() == pytest.approx(chosen[:, 0].mean(), abs=0.15)
    with pytest.raises(BadProblem, match=f"at most {len(chosen)}, the number of target points"):
        train(weighted, n_components=len(chosen) + 1)


@pytest.mark.parametrize("d", [1, 3])
def test_that_every_dimension_is_drawn(d):
    clouds = PointClouds(x=RNG.standard_normal((60, d)), y=RNG.standard_normal((50, d)) + 3)
    method = LightSchroedingerBridge(n_components=4, steps=20, sde_steps=10)
    result = method.run(clouds, Context())
    names = [f.name for f in method.figures(clouds, result)]
    assert names == ["paths", "plan", "fans", "drift", "training"]


def test_that_single_precision_gives_way_where_it_cannot_resolve_epsilon():
    events = []
    train(
        gaussian_clouds(200),
        Context(events.append, dtype=torch.float32),
        epsilon=1e-3,
        n_components=3,
        steps=3,
    )
    assert any("float64" in e.text for e in events if isinstance(e, Warned))


def test_that_a_stop_in_training_leaves_a_bridge():
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Logged):
            stop.set()

    method = LightSchroedingerBridge(n_components=10)
    clouds = gaussian_clouds(300)
    result = method.run(clouds, Context(listen, stop=stop))
    assert result.status is Status.stopped
    assert np.isfinite(result.generated).all()
    assert len(method.figures(clouds, result)) == 5


def test_that_an_overflow_is_reported_and_the_bridge_before_it_is_kept():
    clouds = gaussian_clouds(300)
    result = train(clouds, epsilon=1e-3, n_components=3, lr=1.0, s_init=1e308, steps=40)
    assert result.status is Status.diverged
    assert np.isfinite(result.r).all()
    assert math.isnan(result.w2)


def test_that_bad_data_are_refused():
    flat = PointClouds(x=RNG.standard_normal((9, 2)), y=np.stack([np.arange(9), np.ones(9)], 1))
    with pytest.raises(BadProblem, match="feature 1 of y is 1 at every point; it must vary"):
        train(flat, n_components=2)
    with pytest.raises(BadProblem, match="n_components is 50; it must be at most 9"):
        train(PointClouds(x=flat.x, y=flat.x))
    with pytest.raises(ValidationError):
        LightSchroedingerBridge(epsilon=0.0)
