import threading
import time

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from engines.context import Context
from engines.diffusion.denoisers import Exact, GaussianFit
from engines.diffusion.methods.edm_sampler import EDMSampler
from engines.diffusion.problem import DataSet, ImageSet, digits8, gmm_ring8, spiral256
from engines.diffusion.schedules import Karras
from engines.events import Logged, Shown, Warned
from engines.problem import Status


def test_that_the_samples_of_a_data_set_are_its_points():
    target = spiral256()
    result = EDMSampler(n_samples=2000, n_steps=40).run(target, Context())
    gaps = np.linalg.norm(result.samples[:, None] - target.data, axis=2)
    # At σ = 0.002 points are 5σ or more apart, but for a few of them.
    assert np.quantile(gaps.min(1), 0.9) < 1e-9
    np.testing.assert_array_equal(result.nearest, gaps.argmin(1))
    # Every point is as probable as another: χ² per degree of freedom with 255 of them.
    counts = np.bincount(result.nearest, minlength=256)
    chi2 = ((counts - 2000 / 256) ** 2 / (2000 / 256)).sum() / 255
    assert chi2 < 1.4  # five standard deviations of √(2/255) above 1


def test_that_digits_are_sampled_as_well_as_by_exact_draws():
    result = EDMSampler(n_samples=1000).run(digits8(), Context())
    # Known for the training part itself against the 360 kept aside: 0.050.
    assert result.sliced_wasserstein == pytest.approx(0.050, abs=0.015)
    assert result.sliced_wasserstein < 1.25 * result.sliced_wasserstein_floor
    assert result.nn_distance < 1e-6  # copies of the data
    assert result.nn_distance_held_out == pytest.approx(2.04, abs=0.005)
    assert result.nfe == 35


def test_that_the_ring_is_sampled_to_the_known_distance():
    result = EDMSampler(n_samples=1000, n_steps=40).run(gmm_ring8(), Context())
    assert result.nfe == 79
    # Known for 79 evaluations: 0.0015 with a floor of 0.0009, for three times as many samples.
    assert result.energy_distance < 2.5 * result.energy_distance_floor
    assert result.mode_tv < 2.5 * result.mode_tv_floor


def test_that_a_blur_gives_samples_of_the_blurred_data():
    target = DataSet(data=np.array([[-5.0], [5.0]]))
    method = EDMSampler(n_samples=4000, n_steps=40, score=Exact(bandwidth=0.5))
    found = method.run(target, Context()).samples[:, 0]
    right = found[found > 0]
    assert len(right) == pytest.approx(2000, abs=160)  # five standard deviations
    assert right.mean() == pytest.approx(5, abs=0.06)
    assert right.std() == pytest.approx(0.5, rel=0.08)


def test_that_the_fitted_gaussian_gives_the_covariance_of_the_data():
    target = spiral256()
    method = EDMSampler(n_samples=4000, n_steps=40, score=GaussianFit())
    found = np.cov(method.run(target, Context()).samples.T)
    # Variances of 4000 draws are 2.2 % off, and those of 40 steps a little more.
    np.testing.assert_allclose(found, np.cov(target.data.T), atol=0.1)


def test_that_churn_still_samples_the_mixture():
    result = EDMSampler(n_samples=1000, n_steps=40, S_churn=20.0).run(gmm_ring8(), Context())
    plain = EDMSampler(n_samples=1000, n_steps=40).run(gmm_ring8(), Context())
    assert result.nfe == 79
    # Known for 79 evaluations: 0.0020 with a floor of 0.0009, for three times as many samples.
    assert result.energy_distance < 3 * result.energy_distance_floor
    assert np.abs(result.samples - plain.samples).max() > 1  # it did change the paths


def test_that_churn_acts_only_between_its_limits():
    target, plain = gmm_ring8(), EDMSampler(n_samples=50)
    outside = EDMSampler(n_samples=50, S_churn=40.0, S_min=100.0)
    a, b = (m.run(target, Context()) for m in (plain, outside))
    np.testing.assert_array_equal(a.samples, b.samples)
    below = EDMSampler(n_samples=50, S_churn=40.0, S_max=1.0).run(target, Context())
    high = a.sigmas > 1
    np.testing.assert_array_equal(below.trajectory[: high.sum()], a.trajectory[: high.sum()])
    assert not np.array_equal(below.samples, a.samples)


def test_that_churn_of_a_first_euler_step_has_the_variance_it_should():
    # To σ_b from σ by Euler with D = 0 the state is multiplied by σ_b/σ; churn to σ(1+γ) first
    # leaves N(0, σ²(1+γ)²), so the state has deviation σ_b whatever γ is, with S_noise = 1.
    target = DataSet(data=np.array([[-1e-9], [1e-9]]))
    method = EDMSampler(
        n_samples=40_000,
        n_steps=2,
        solver="euler",
        S_churn=1.0,
        S_noise=1.5,
        final_to_zero=False,
        schedule=Karras(sigma_min=1.0, sigma_max=10.0),
    )
    found = method.run(target, Context()).samples.std()
    gamma = 2**0.5 - 1  # the most; S_churn/N is 0.5
    variance = (1 + 1.5**2 * ((1 + gamma) ** 2 - 1)) / (1 + gamma) ** 2
    assert found == pytest.approx(variance**0.5, rel=0.02)  # five standard errors


def test_that_the_ladder_shows_second_order_in_fewer_steps():
    method = EDMSampler(n_steps=200, n_samples=200, ladder=True, final_to_zero=False)
    result = method.run(gmm_ring8(), Context())
    np.testing.assert_array_equal(result.ladder_nfe, [48, 98, 198])
    assert result.nfe == 398
    error = result.ladder_error
    # Against the full run, not the exact end: e(N) − e(2N) halves twice as well.
    assert np.log2(error[0] / error[1]) == pytest.approx(2.1, abs=0.35)
    assert (result.ladder_sliced_wasserstein > 0).all()


def test_that_equal_seeds_give_equal_samples_and_others_do_not():
    method = EDMSampler(n_samples=20, S_churn=10.0)
    a, b, c = (method.run(gmm_ring8(), Context(seed=s)) for s in (4, 4, 5))
    np.testing.assert_array_equal(a.samples, b.samples)
    assert a.sliced_wasserstein == b.sliced_wasserstein
    assert not np.array_equal(a.samples, c.samples)


def test_that_single_precision_gives_the_same_samples():
    for target in (gmm_ring8(), digits8()):
        a = EDMSampler(n_samples=100).run(target, Context())
        b = EDMSampler(n_samples=100).run(target, Context(dtype=torch.float32))
        assert b.samples.dtype == np.float32
        # Rounding at σ = 80 is 5e-6; near the border of two modes it grows tenfold.
        np.testing.assert_allclose(a.samples, b.samples, atol=3e-4)


def test_that_a_stop_ends_a_long_run_within_half_a_second():
    target = DataSet(data=np.random.default_rng(0).standard_normal((20_000, 300)))
    stop, asked = threading.Event(), []

    def ask():
        asked.append(time.perf_counter())
        stop.set()

    timer = threading.Timer(1.0, ask)
    timer.start()
    method = EDMSampler(n_samples=2000, n_steps=500)
    result = method.run(target, Context(stop=stop))
    assert time.perf_counter() - asked[0] < 0.5
    assert result.status is Status.stopped
    assert "samples still carry that much noise" in result.note
    assert len(result.trajectory) == len(result.sigmas) == len(result.marginals)
    assert np.isfinite(result.samples).all()
    assert np.isnan(result.sliced_wasserstein)
    assert len(method.figures(target, result)) > 0


def test_that_a_stop_before_the_first_step_leaves_the_noise():
    stop = threading.Event()
    stop.set()
    for target in (digits8(), gmm_ring8(), DataSet(data=np.arange(5.0)[:, None])):
        method = EDMSampler(n_samples=20)
        result = method.run(target, Context(stop=stop))
        assert result.status is Status.stopped
        assert result.sigmas.tolist() == [80.0]
        assert result.denoised is None
        assert len(method.figures(target, result)) > 0


def test_that_a_stop_after_the_last_step_keeps_the_samples():
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Logged) and any(row["sigma"] == 0 for _, _, row in event.rows):
            stop.set()

    result = EDMSampler(n_samples=20).run(gmm_ring8(), Context(listen, stop=stop))
    assert result.status is Status.stopped
    assert result.sigmas[-1] == 0
    assert "samples are complete" in result.note


def test_that_a_run_tells_its_steps_and_shows_its_state():
    events = []
    EDMSampler(n_samples=50).run(digits8(), Context(events.append))
    rows = [row for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    assert [row["nfe"] for row in rows] == [*range(2, 35, 2), 35]
    assert rows[-1]["sigma"] == 0
    assert "lambda_step" not in rows[-1]
    assert all(np.isfinite(list(row.values())).all() for row in rows)
    assert any(isinstance(e, Shown) and e.figure.name == "samples" for e in events)


def test_that_a_small_sigma_max_is_told():
    events = []
    method = EDMSampler(n_samples=10, schedule=Karras(sigma_max=2.0))
    method.run(gmm_ring8(), Context(events.append))
    (told,) = (e.text for e in events if isinstance(e, Warned))
    assert told.startswith("sigma_max is 2; it should be several times the spread")


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_steps": 1},
        {"n_steps": 1001},
        {"n_samples": 0},
        {"S_noise": 3.0},
        {"S_churn": -1.0},
        {"S_min": 2.0, "S_max": 1.0},
        {"solver": "rk4"},
        {"s_churn": 1.0},
    ],
)
def test_that_settings_outside_their_limits_are_refused(wrong):
    with pytest.raises(ValidationError):
        EDMSampler(**wrong)


@pytest.mark.parametrize("example", EDMSampler.examples, ids=lambda e: e.name)
def test_that_the_estimate_of_storage_is_what_is_stored(example):
    method = EDMSampler(n_samples=64)
    problem = example.make()
    result = method.run(problem, Context())
    stored = sum(values.nbytes for _, values, _, _ in result.arrays())
    assert method.cost(problem).output == pytest.approx(stored, rel=0.1)
    assert method.cost(problem).memory > stored


def test_that_images_of_any_shape_can_be_sampled_and_drawn():
    rng = np.random.default_rng(0)
    target = ImageSet(images=rng.random((30, 5, 9)))
    result = EDMSampler(n_samples=7, n_steps=5).run(target, Context())
    movie = EDMSampler().figures(target, result)[0]
    assert movie.frames() == 6
    # Seven images in two rows of four, one empty pixel between them.
    assert movie.panels[0].marks[0].values.shape == (6, 2 * 5 + 1, 4 * 9 + 3)


def test_that_the_estimate_of_work_knows_what_no_evaluation_takes():
    """Few Gaussians in the plane: distances and calls take the time, 0.1 to 0.4 s on one core."""
    method = EDMSampler(n_steps=10, n_samples=256)
    ring, digits = (
        next(e for e in EDMSampler.examples if e.name == n).make() for n in ("gmm_ring8", "digits8")
    )
    little, much = method.cost(ring).work, method.cost(digits).work
    # Digits take some 5 times as long, and have 14 000 times as many products.
    assert 2 < much / little < 20
