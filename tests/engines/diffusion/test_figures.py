import numpy as np
import pytest
import torch

from engines.context import Context
from engines.diffusion import figures
from engines.diffusion.methods.edm_sampler import EDMSampler
from engines.diffusion.problem import DataSet, GaussianMixture, ImageSet, digits8, gmm_ring8
from engines.figure import frame

RNG = np.random.default_rng(0)
TARGETS = {
    "ring": gmm_ring8(),
    "digits": digits8(),
    "line": DataSet(data=RNG.standard_normal((40, 1))),
    "table": DataSet(data=RNG.standard_normal((40, 5))),
    "mixture": GaussianMixture(
        means=np.eye(3), covariances=np.stack([np.eye(3)] * 3), weights=np.ones(3)
    ),
}


@pytest.fixture(scope="module", params=TARGETS)
def run(request):
    target = TARGETS[request.param]
    method = EDMSampler(n_samples=30, n_steps=9, ladder=True)
    return target, method.run(target, Context()), method


def test_that_every_target_has_figures_with_their_own_names(run):
    target, result, method = run
    found = method.figures(target, result)
    names = [f.name for f in found]
    assert len(set(names)) == len(names)
    assert {"levels", "quality"} <= set(names)
    for figure in found:
        if figure.frames() > 1:
            np.testing.assert_array_equal(figure.times, result.sigmas)
            frame(figure, figure.frames() - 1)


def test_that_the_movie_ends_with_the_samples(run):
    target, result, method = run
    if target.dimension == 1:
        pytest.skip("one feature has no movie")
    last = frame(method.figures(target, result)[0], len(result.sigmas) - 1).panels[0].marks[-1]
    if isinstance(target, ImageSet):
        corner = last.values[:8, :8]
        np.testing.assert_allclose(corner, result.samples[0].reshape(8, 8), atol=1e-12)
    else:
        axes = figures.Canvas(target).axes
        expected = result.samples @ axes
        np.testing.assert_allclose(np.stack([last.x, last.y], 1), expected, atol=1e-12)


def test_that_shrunk_states_have_the_size_of_the_data_at_every_level():
    canvas = figures.Canvas(TARGETS["ring"])
    rng = torch.Generator().manual_seed(0)
    clean = TARGETS["ring"].draw(20_000, rng)
    sigmas = np.array([80.0, 1.0, 0.0])
    noise = RNG.standard_normal((3, *clean.shape))
    shrunk = canvas.shrink(clean + sigmas[:, None, None] * noise, canvas.mean, sigmas)
    # Variance s²·(s²+σ²)/(s²+σ²); 20 000 values.
    spread = np.sqrt(shrunk.var(axis=1).mean(1))
    np.testing.assert_allclose(spread, canvas.spread, rtol=0.02)


def test_that_the_plane_of_a_table_holds_its_two_widest_directions():
    points = RNG.standard_normal((400, 4)) * [1, 5, 0.1, 9]
    axes = np.abs(figures.Canvas(DataSet(data=points)).axes)
    assert axes[:, 0].argmax() == 3
    assert axes[:, 1].argmax() == 1


def test_that_a_histogram_has_the_exact_density_of_a_mixture():
    target = TARGETS["ring"]
    result = EDMSampler(n_samples=20, n_steps=4).run(target, Context())
    figure = figures.histogram(figures.Canvas(target), result)
    for k, panel in enumerate(figure.panels):
        exact = next(m for m in panel.marks if m.name == "expected")
        drawn = target.draw(200_000, torch.Generator().manual_seed(1))[:, k]
        width = exact.x[1] - exact.x[0]
        edges = np.append(exact.x - width / 2, exact.x[-1] + width / 2)
        counts = np.histogram(drawn, edges)[0] / (len(drawn) * width)
        # Five standard errors of the fullest bar, and what is left of a bar's width.
        np.testing.assert_allclose(exact.y, counts, atol=0.03)


def test_that_the_power_of_white_noise_is_its_variance_at_every_frequency():
    images = 3 * RNG.standard_normal((4000, 6, 10))
    frequency, power = figures._spectrum(images)
    np.testing.assert_array_equal(frequency, [0, 1, 2, 3])
    np.testing.assert_allclose(power, 9, rtol=0.15)  # five standard errors at frequency 0
