import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from engines.context import Context
from engines.diffusion.denoisers import Exact, gaussian_denoiser
from engines.diffusion.problem import gmm_ring8
from engines.diffusion.schedules import Karras
from engines.diffusion.solvers import euler_step, heun_step

SOLVERS = {"heun": (heun_step, 2), "euler": (euler_step, 1)}


def solve(step, denoise, x, sigmas):
    for sigma, to in pairwise(sigmas):
        x, _, _ = step(denoise, x, sigma, to)
    return x


@pytest.mark.parametrize(
    ("name", "levels", "known"),
    [
        ("heun", 20, 0.05069023),
        ("euler", 20, 0.04568638),
        ("heun", 40, 0.05011785),
        ("euler", 40, 0.04782410),
    ],
)
def test_that_one_gaussian_is_solved_to_the_known_number(name, levels, known):
    denoise = gaussian_denoiser(np.zeros(1), np.full((1, 1), 0.25), Context())
    start = torch.ones(1, 1, dtype=torch.float64)
    sigmas = Karras(sigma_min=0.01, sigma_max=10.0).levels(levels)
    found = float(solve(SOLVERS[name][0], denoise, start, sigmas))
    assert found == pytest.approx(known, abs=1e-8)  # all digits that are known
    exact = math.sqrt(0.2501 / 100.25)
    assert abs(found - exact) < (0.09 if name == "euler" else 0.02) * exact


@pytest.fixture(scope="module")
def ring():
    """The denoiser, a fixed start at σ = 80, and its end at 0.002 by SciPy in log σ."""
    denoise = Exact().denoiser(gmm_ring8(), Context())
    start = 80 * np.random.default_rng(0).standard_normal((512, 2))

    def slope(log_sigma, x):
        x = torch.tensor(x.reshape(-1, 2))
        return (x - denoise(x, math.exp(log_sigma))).numpy().ravel()

    span = (math.log(80), math.log(0.002))
    solved = solve_ivp(slope, span, start.ravel(), method="DOP853", rtol=1e-6, atol=1e-6)
    return denoise, torch.tensor(start), torch.tensor(solved.y[:, -1].reshape(-1, 2))


@pytest.mark.parametrize(
    ("name", "order", "at_64", "at_256"),
    [("heun", 2.0, 0.0106, 5.7e-4), ("euler", 1.0, 0.033, 0.0082)],
)
def test_that_the_error_falls_with_the_order_and_has_the_known_size(
    ring, name, order, at_64, at_256
):
    denoise, start, exact = ring
    step, cost = SOLVERS[name]
    errors = []
    for evaluations in (64, 256):
        end = solve(step, denoise, start, Karras().levels(evaluations // cost + 1))
        errors.append(float((end - exact).norm(dim=1).median()))
    assert math.log(errors[0] / errors[1], 4) == pytest.approx(order, abs=0.25)
    assert errors == pytest.approx([at_64, at_256], rel=0.05)  # known to two digits


def test_that_the_step_to_zero_gives_the_denoised_point():
    denoise = gaussian_denoiser(np.zeros(2), np.eye(2), Context())
    x = torch.tensor([[1.0, -3.0]], dtype=torch.float64)
    for step, _ in SOLVERS.values():
        end, denoised, evaluations = step(denoise, x, 0.5, 0.0)
        torch.testing.assert_close(end, x / 1.25)  # the linear estimate x/(1+σ²)
        torch.testing.assert_close(denoised, end)
        assert evaluations == 1
