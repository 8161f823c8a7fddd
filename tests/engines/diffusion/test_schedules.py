import math

import numpy as np
import pytest
from pydantic import ValidationError

from engines.diffusion.schedules import Cosine, FlowMatching, Karras, LinearVP, LogUniform

ALL = (Karras, LogUniform, LinearVP, Cosine, FlowMatching)


def test_that_karras_levels_are_those_of_the_published_formula():
    levels = Karras().levels(18)
    high, low = 80 ** (1 / 7), 0.002 ** (1 / 7)
    published = [(high + i / 17 * (low - high)) ** 7 for i in range(18)]
    np.testing.assert_allclose(levels, published, rtol=1e-12)  # rounding of a 7th power


def test_that_karras_with_exponent_1_is_even_in_sigma():
    steps = np.diff(Karras(rho=1.0).levels(9))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_that_levels_fall_from_sigma_max_to_sigma_min_both_exactly(kind):
    for n in (2, 3, 18, 1000):
        levels = kind().levels(n)
        assert len(levels) == n
        assert levels[0] == 80.0
        assert levels[-1] == 0.002
        assert (np.diff(levels) < 0).all()


def test_that_the_linear_vp_levels_are_the_noise_of_the_integrated_rate():
    # The rate β_min + β_d t integrated by quadrature, at times even between the ends.
    schedule = LinearVP(sigma_min=0.01, sigma_max=100.0)

    def noise(t):
        x, w = np.polynomial.legendre.leggauss(8)
        beta = 0.1 + 19.9 * t * (x + 1) / 2
        return math.sqrt(math.exp(t / 2 * (w @ beta)) - 1)

    def time(sigma):
        low, high = 0.0, 2.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if noise(middle) < sigma else (low, middle)
        return low

    times = np.linspace(time(100.0), time(0.01), 7)
    np.testing.assert_allclose(schedule.levels(7), [noise(t) for t in times], rtol=1e-9)


def test_that_flow_matching_levels_are_even_in_the_share_of_noise():
    levels = FlowMatching(sigma_min=0.25, sigma_max=4.0).levels(4)  # shares 0.8, 0.6, 0.4, 0.2
    np.testing.assert_allclose(levels, [4.0, 1.5, 2 / 3, 0.25], rtol=1e-12)


def test_that_cosine_levels_are_even_in_the_angle():
    levels = Cosine(sigma_min=math.tan(0.2), sigma_max=math.tan(1.4)).levels(4)
    np.testing.assert_allclose(np.arctan(levels), [1.4, 1.0, 0.6, 0.2], rtol=1e-12)


def test_that_a_log_uniform_level_is_a_constant_share_of_the_one_before():
    levels = LogUniform(sigma_min=0.01, sigma_max=100.0).levels(5)
    np.testing.assert_allclose(levels, [100, 10, 1, 0.1, 0.01], rtol=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_that_a_range_in_the_wrong_order_is_refused(kind):
    with pytest.raises(ValidationError, match="sigma_min is 5; it must be below sigma_max"):
        kind(sigma_min=5.0, sigma_max=1.0)
