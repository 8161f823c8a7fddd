import math

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian

from engines.context import Cancelled, Context
from engines.diffusion import denoisers
from engines.diffusion.denoisers import (
    EmpiricalDenoiser,
    Exact,
    GaussianFit,
    MixtureDenoiser,
    gaussian_denoiser,
)
from engines.diffusion.problem import GaussianMixture, gmm_ring8, spiral256


def mixture5():
    """Five Gaussians in four dimensions, one of them flat in a direction."""
    rng = np.random.default_rng(3)
    root = rng.standard_normal((5, 4, 4)) * 0.4
    root[0, :, 0] = 0
    return GaussianMixture(
        means=rng.standard_normal((5, 4)),
        covariances=root @ root.transpose(0, 2, 1),
        weights=np.arange(1.0, 6.0),
    )


def log_mixture(x, target, variance):
    """log p of the blurred mixture by torch.distributions, which knows nothing of ours."""
    eye = torch.eye(target.dimension, dtype=torch.float64)
    parts = torch.distributions.MultivariateNormal(
        torch.tensor(target.means), torch.tensor(target.covariances) + variance * eye
    )
    shares = torch.distributions.Categorical(torch.tensor(target.shares))
    return torch.distributions.MixtureSameFamily(shares, parts).log_prob(x)


def log_points(x, target, variance):
    """log p of the blurred points, up to a constant, from explicit differences."""
    gaps = (x[:, None] - torch.tensor(target.points)).square().sum(2)
    return torch.logsumexp(-gaps / (2 * variance), 1)


CASES = [
    pytest.param(mixture5(), log_mixture, id="mixture"),
    pytest.param(gmm_ring8(), log_mixture, id="ring"),
    pytest.param(spiral256(), log_points, id="points"),
]


def somewhere(target, sigma, n=6):
    rng = torch.Generator().manual_seed(1)
    noise = sigma * torch.randn(n, target.dimension, dtype=torch.float64, generator=rng)
    return torch.tensor(target.draw(n, rng)) + noise


@pytest.mark.parametrize("bandwidth", [0.0, 0.3])
@pytest.mark.parametrize("sigma", [0.1, 1.0, 20.0])
@pytest.mark.parametrize(("target", "log_density"), CASES)
def test_that_the_score_is_the_gradient_of_the_log_density(target, log_density, sigma, bandwidth):
    x = somewhere(target, sigma).requires_grad_()
    total = log_density(x, target, sigma**2 + bandwidth**2).sum()
    (gradient,) = torch.autograd.grad(total, x)
    denoise = Exact(bandwidth=bandwidth).denoiser(target, Context())
    score = (denoise(x, sigma) - x) / sigma**2
    # Rounding of D is divided by σ² ≥ 0.01; scores are of order 1/σ.
    torch.testing.assert_close(score.detach(), gradient, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 20.0])
@pytest.mark.parametrize(("target", "_"), CASES)
def test_that_the_jacobian_is_symmetric_and_positive(target, _, sigma):
    denoise = Exact().denoiser(target, Context())
    for x in somewhere(target, sigma, 3):
        found = jacobian(lambda y: denoise(y[None], sigma)[0], x)
        torch.testing.assert_close(found, found.T, rtol=0, atol=1e-9)  # rounding by 1/σ²
        assert torch.linalg.eigvalsh(found).min() > -1e-9


@pytest.mark.parametrize(("target", "_"), CASES)
def test_that_all_is_mean_where_noise_is_endless(target, _):
    denoise = Exact().denoiser(target, Context())
    x = somewhere(target, 1.0)
    # D − mean = Cov x/σ² and falls like 1/σ² for fixed x.
    np.testing.assert_allclose(denoise(x, 1e5), np.tile(target.mean, (6, 1)), atol=1e-8)


def test_that_the_nearest_point_is_left_where_noise_is_none():
    target = spiral256()
    x = somewhere(target, 0.1, 50)
    found = Exact().denoiser(target, Context())(x, 1e-5).numpy()
    gaps = np.linalg.norm(x.numpy()[:, None] - target.points, axis=2)
    np.testing.assert_allclose(found, target.points[gaps.argmin(1)], atol=1e-12)


def test_that_a_point_on_the_data_of_a_mixture_stays_where_noise_is_none():
    target = gmm_ring8()
    x = somewhere(target, 0.0, 50)
    # D − x = σ² score, and the score within three deviations is at most 3/0.1.
    np.testing.assert_allclose(Exact().denoiser(target, Context())(x, 1e-5), x, atol=1e-8)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
@pytest.mark.parametrize(("target", "_"), CASES)
def test_that_no_linear_estimate_beats_the_denoiser(target, _, sigma):
    rng = torch.Generator().manual_seed(2)
    clean = torch.tensor(target.draw(20_000, rng))
    noisy = clean + sigma * torch.randn(clean.shape, dtype=torch.float64, generator=rng)
    squared = (Exact().denoiser(target, Context())(noisy, sigma) - clean).square().sum(1)
    values = np.linalg.eigvalsh(target.covariance())
    bound = (values * sigma**2 / (values + sigma**2)).sum()
    standard_error = float(squared.std()) / math.sqrt(len(squared))
    assert float(squared.mean()) <= bound + 4 * standard_error


def test_that_the_denoiser_of_a_gaussian_is_the_linear_estimate():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((3, 3))
    mean, covariance, x = rng.standard_normal(3), root @ root.T, rng.standard_normal((4, 3))
    gain = covariance @ np.linalg.inv(covariance + 0.7**2 * np.eye(3))
    found = gaussian_denoiser(mean, covariance, Context())(torch.tensor(x), 0.7)
    np.testing.assert_allclose(found, mean + (x - mean) @ gain.T, rtol=1e-10)


def test_that_a_gaussian_fit_has_the_mean_and_covariance_of_the_data():
    target = spiral256()
    x = torch.tensor([[0.3, -1.0]], dtype=torch.float64)
    covariance = np.cov(target.data.T, bias=True)
    gain = covariance @ np.linalg.inv(covariance + 4 * np.eye(2))
    found = GaussianFit().denoiser(target, Context())(x, 2.0)
    np.testing.assert_allclose(found[0], gain @ x[0].numpy(), rtol=1e-10, atol=1e-12)


def test_that_the_mixture_knows_its_density():
    target = mixture5()
    x = somewhere(target, 0.5)
    found = MixtureDenoiser(target, Context()).log_density(x, 0.5)
    torch.testing.assert_close(found, log_mixture(x, target, 0.25), rtol=1e-12, atol=1e-12)


def test_that_close_points_of_wide_data_are_told_apart_in_float32():
    # Pairs 0.05 apart in data 80 wide: ‖x‖² + ‖y‖² − 2xy in float32 would be off by 1e-3, and
    # so would the weights by 1e-3/σ², which is more than 1.
    rng = np.random.default_rng(0)
    points = 30 * rng.standard_normal((200, 6))
    points = np.concatenate([points, points + 0.02 * rng.standard_normal(points.shape)])
    sigma = 0.02
    x = points[:20] + sigma * rng.standard_normal((20, 6))
    exact = EmpiricalDenoiser(points, Context())(torch.tensor(x), sigma)
    single = Context(dtype=torch.float32)
    found = EmpiricalDenoiser(points, single)(single.tensors(x), sigma)
    # A float32 near 80 has steps of 8e-6, which move a weight by 1e-3 and D by a tenth of that.
    np.testing.assert_allclose(found, exact, atol=2e-4)


@pytest.mark.parametrize(("target", "_"), CASES)
def test_that_pieces_give_the_same_as_the_whole(target, _, monkeypatch):
    x = somewhere(target, 0.3, 50)
    whole = Exact().denoiser(target, Context())(x, 0.3)
    monkeypatch.setattr(denoisers, "CHUNK_VALUES", 7 * 256)
    pieces = Exact().denoiser(target, Context())(x, 0.3)
    torch.testing.assert_close(pieces, whole, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("target", "_"), CASES)
def test_that_a_stop_is_heard_between_pieces(target, _):
    ctx = Context()
    ctx._stop.set()
    with pytest.raises(Cancelled):
        Exact().denoiser(target, ctx)(somewhere(target, 0.3), 0.3)
