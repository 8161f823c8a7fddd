from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch

from engines.pde.etd import ETDRK4, contour_means
from engines.pde.imex import CNAB2
from engines.pde.rk import RK4


def exact_means(z):
    """Q, f₁, f₂, f₃ per step, with so many digits that cancellation does no harm."""
    getcontext().prec = 80
    z = Decimal(z)
    e = z.exp()
    return (
        ((z / 2).exp() - 1) / z,
        (-4 - z + e * (4 - 3 * z + z * z)) / z**3,
        (2 + z + e * (z - 2)) / z**3,
        (-4 - 3 * z - z * z + e * (4 - z)) / z**3,
    )


@pytest.mark.parametrize("z", [-1e-8, -1e-4, -1e-2, -0.3, -0.999, -1.0, -1.5, -20.0, -1e4])
def test_that_the_contour_gives_the_coefficients_near_to_rounding(z):
    means = contour_means(np.array([z]))
    for ours, true in zip(means, exact_means(z), strict=True):
        # The formula as it stands loses 14 digits at z = -1e-4; a unit circle loses 3 at z = -1.
        assert abs(Decimal(float(ours[0])) / true - 1) < 1e-14


def test_that_the_coefficients_at_zero_are_those_of_runge_kutta():
    means = [float(m[0]) for m in contour_means(np.array([0.0]))]
    assert means == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6], abs=1e-15)


def test_that_imaginary_symbols_keep_their_imaginary_part():
    q = contour_means(np.array([2j]))[0][0]
    assert q == pytest.approx((np.exp(1j) - 1) / 2j, abs=1e-15)


def cubic(v, out):
    torch.mul(v, v, out=out).mul_(v).neg_()


def solve(stepper, linear, steps, t_end=1.0):
    """v' = L v − v³ from v = 1."""
    v = torch.ones(1, dtype=torch.float64)
    scheme = stepper(np.array([linear]), cubic, v)
    for dt in steps if isinstance(steps, list) else [t_end / steps] * steps:
        scheme.step(v, dt)
    return float(v)


def exact(linear, t=1.0):
    """Bernoulli's equation: v⁻² solves a linear one."""
    return ((1 - 1 / linear) * np.exp(-2 * linear * t) + 1 / linear) ** -0.5


@pytest.mark.parametrize(("stepper", "order"), [(ETDRK4, 4), (RK4, 4), (CNAB2, 2)])
def test_that_halving_the_step_divides_the_error_by_two_to_the_order(stepper, order):
    errors = [abs(solve(stepper, -2.0, n) - exact(-2.0)) for n in (80, 160)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize(("stepper", "order"), [(ETDRK4, 4), (CNAB2, 2)])
def test_that_unequal_steps_keep_the_order(stepper, order):
    def error(n):
        return abs(solve(stepper, -2.0, [0.5 / n, 1.5 / n] * (n // 2)) - exact(-2.0))

    assert np.log2(error(80) / error(160)) == pytest.approx(order, abs=0.2)


def test_that_the_first_of_two_step_schemes_steps_is_as_good_as_the_others():
    errors = [abs(solve(CNAB2, -2.0, [dt]) - exact(-2.0, dt)) for dt in (0.01, 0.005)]
    # One step of a scheme of order 2 leaves dt³; without its trial step it would leave dt².
    assert np.log2(errors[0] / errors[1]) == pytest.approx(3, abs=0.2)


def test_that_a_linear_equation_is_solved_exactly_with_any_step():
    v = torch.ones(1, dtype=torch.float64)
    ETDRK4(np.array([-3.0]), lambda v, out: out.zero_(), v).step(v, 2.0)
    assert float(v) == pytest.approx(np.exp(-6), rel=1e-15)


def test_that_without_linear_part_the_scheme_is_runge_kutta():
    assert solve(ETDRK4, 0.0, 4) == pytest.approx(solve(RK4, 0.0, 4), abs=1e-15)


@pytest.mark.parametrize(("stepper", "stages"), [(ETDRK4, 4), (RK4, 4), (CNAB2, 2)])
def test_that_a_step_abandoned_at_any_stage_leaves_the_state_alone(stepper, stages):
    for last in range(1, stages + 1):
        calls = []

        def fail(v, out, calls=calls, last=last):
            calls.append(1)
            if len(calls) == last:
                raise InterruptedError
            cubic(v, out)

        v = torch.full((1,), 0.7, dtype=torch.float64)
        scheme = stepper(np.array([-1.0]), fail, v)
        with pytest.raises(InterruptedError):
            scheme.step(v, 0.1)
        assert float(v) == 0.7
