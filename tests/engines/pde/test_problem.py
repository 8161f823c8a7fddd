import numpy as np
import pytest

from engines.pde.problem import (
    PeriodicFlow,
    double_shear_layer,
    kolmogorov,
    random_turbulence,
    taylor_green,
)
from engines.problem import BadProblem


def velocity(flow):
    """u and v by a route of its own: the full complex transform."""
    field = flow.start()
    n = len(field)
    k = np.fft.fftfreq(n, 1 / n) * 2 * np.pi / flow.length
    squared = k[:, None] ** 2 + k**2
    squared[0, 0] = np.inf
    stream = np.fft.fft2(field) / squared
    return np.fft.ifft2(1j * k[:, None] * stream).real, np.fft.ifft2(-1j * k * stream).real


def test_that_the_shear_layer_has_the_velocity_it_is_named_for():
    u, v = velocity(double_shear_layer(256, length=1.0))
    y = np.arange(256)[:, None] / 256
    profile = np.where(y <= 0.5, np.tanh(30 * (y - 0.25)), np.tanh(30 * (0.75 - y)))
    # The tails of tanh at the seams are 1 − 2e-6 … 3e-7.
    np.testing.assert_allclose(u, np.broadcast_to(profile, u.shape), atol=1e-6)
    np.testing.assert_allclose(v[0], 0.05 * np.sin(2 * np.pi * np.arange(256) / 256), atol=1e-12)


def test_that_turbulence_has_energy_one_half_and_the_spectrum_asked_for():
    u, v = velocity(random_turbulence(64, peak=4.0, seed=3))
    assert np.mean(u**2 + v**2) / 2 == pytest.approx(0.5, rel=1e-12)
    energy = (abs(np.fft.fft2(u)) ** 2 + abs(np.fft.fft2(v)) ** 2) / 64**4 / 2
    k = np.fft.fftfreq(64, 1 / 64)
    shell = np.hypot(k[:, None], k).round()
    got = [energy[shell == s].sum() for s in (3, 7)]
    wanted = [s**4 / (1 + (s / 4) ** 6) for s in (3, 7)]
    # The number of modes in a shell differs from 2πk by some 10 %.
    assert got[0] / got[1] == pytest.approx(wanted[0] / wanted[1], rel=0.2)


def test_that_the_seed_decides_the_turbulence_and_the_grid_does_not():
    coarse, fine = random_turbulence(64, seed=1), random_turbulence(128, seed=1)
    np.testing.assert_allclose(fine.vorticity[::2, ::2], coarse.vorticity, atol=1e-12)
    assert abs(random_turbulence(64, seed=2).vorticity - coarse.vorticity).max() > 1


def test_that_vorticity_of_one_wavelength_is_recognised():
    assert taylor_green(32, waves=2).shell() == 8
    x = 2 * np.pi * np.arange(32) / 32
    five = np.cos(5 * x)[:, None] + np.cos(3 * x)[:, None] * np.sin(4 * x)
    assert PeriodicFlow(vorticity=five).shell() == 25
    assert PeriodicFlow(vorticity=five.astype(np.float32) + 7).shell() == 25


def test_that_a_mixture_has_no_known_solution():
    assert kolmogorov(32).shell() is None
    assert double_shear_layer(64).shell() is None
    assert PeriodicFlow(vorticity=np.ones((8, 8))).shell() is None


def test_that_the_middle_square_is_taken_and_its_mean_removed():
    field = np.arange(24.0).reshape(4, 6)
    start = PeriodicFlow(vorticity=field).start()
    np.testing.assert_allclose(start, field[:, 1:5] - field[:, 1:5].mean())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"vorticity": np.zeros((5, 8, 8))}, "slice"),
        ({"vorticity": np.array([[0.0, np.nan], [1.0, 2.0]])}, "finite"),
        ({"vorticity": np.eye(4), "length": 0.0}, "length is 0"),
        ({"vorticity": np.eye(4), "mean_v": np.inf}, "mean_v is inf"),
        ({"vorticity": np.eye(4), "reference": np.eye(5)}, "must agree"),
    ],
)
def test_that_bad_data_are_refused_by_name(data, words):
    with pytest.raises(BadProblem, match=words):
        PeriodicFlow(**data)
