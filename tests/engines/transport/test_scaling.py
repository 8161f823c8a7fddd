"""The loop that all entropic methods share."""

import math
import threading

import numpy as np
import pytest
import torch

from engines.context import Context, Logged
from engines.problem import Status
from engines.transport.cost import point_cost
from engines.transport.scaling import RAMP, Course, Relaxation, Scaling, scale
from engines.transport.softmin import make_softmin

RNG = np.random.default_rng(2)
X, Y = torch.tensor(RNG.standard_normal((60, 2))), torch.tensor(RNG.standard_normal((50, 2)) + 1)
A, B = torch.full((60,), 1 / 60, dtype=X.dtype), torch.full((50,), 1 / 50, dtype=X.dtype)


def soft(backend="dense_log"):
    return make_softmin(backend, point_cost(X, Y), A, B, torch.float64, torch.device("cpu"))


def start():
    return Scaling(torch.zeros_like(A), torch.zeros_like(B), 0.0)


def scaled(course, made=None, ctx=None):
    state = start()
    scale(made or soft(), state, course, ctx or Context(), lambda *_: None)
    return state


def row_error(state):
    pairs = point_cost(X, Y).block(slice(None))
    plan = A[:, None] * B * ((state.f[:, None] + state.g - pairs) / state.epsilon).exp()
    return float(max(abs(plan.sum(1) - A).sum(), abs(plan.sum(0) - B).sum()))


@pytest.mark.parametrize("relax", [1.0, 1.97])
@pytest.mark.parametrize("backend", ["dense_log", "kernel"])
def test_that_both_marginals_are_met_to_the_tolerance(relax, backend):
    state = scaled(Course([0.1], 40, 1e-9, 10_000, relax), soft(backend))
    assert state.status is Status.converged
    assert row_error(state) < 1e-9


def test_that_over_relaxation_reaches_the_same_plan_in_fewer_iterations():
    plain = scaled(Course([0.05], 40, 1e-10, 10_000, 1.0))
    fast = scaled(Course([0.05], 40, 1e-10, 10_000, 1.97))
    assert fast.iterations < plain.iterations / 2
    # Potentials are unique up to a constant.
    shift = (plain.f - fast.f).mean()
    np.testing.assert_allclose(plain.f - shift, fast.f, atol=1e-9)


def test_that_the_logged_error_is_that_of_the_plan():
    """Plain iteration: the error read after k iterations is that of the columns' update of k."""
    state = scaled(Course([0.5], 40, 1e-12, 7, 1.0))
    replay = start()
    made = soft()
    replay.epsilon = 0.5
    replay.f = made.rows(0.5, replay.g)
    for _ in range(7):
        replay.g = made.cols(0.5, replay.f)
        before = row_error(replay)
        replay.f = made.rows(0.5, replay.g)
    assert state.history[-1].error == pytest.approx(before, rel=1e-9)


def test_that_the_dual_value_rises_to_the_value_of_the_problem():
    state = scaled(Course([0.2], 40, 1e-11, 10_000, 1.0))
    duals = [look.dual for look in state.history]
    assert all(np.diff(duals) > -1e-12)
    assert duals[-1] == pytest.approx(float(A @ state.f + B @ state.g), abs=1e-12)


def test_that_the_levels_are_gone_through_in_order():
    state = scaled(Course([0.8, 0.4, 0.2], 5, 1e-9, 10_000, 1.97))
    seen = [look.epsilon for look in state.history]
    assert seen[:15] == [0.8] * 5 + [0.4] * 5 + [0.2] * 5
    assert state.epsilon == 0.2


def test_that_too_few_iterations_are_said():
    state = scaled(Course([0.01], 40, 1e-9, 3, 1.97))
    assert state.status is Status.limit_reached
    assert state.iterations == 3
    assert math.isfinite(state.history[-1].error)


def test_that_a_tolerance_below_float32_ends_in_float64():
    made = soft("kernel")
    state = scaled(Course([0.1], 40, 1e-12, 10_000, 1.97), made)
    assert state.status is Status.converged
    assert made.precision == torch.float64
    assert row_error(state) < 1e-12


def test_that_a_stop_keeps_the_last_potentials():
    stop, seen = threading.Event(), []

    def listen(event):
        if isinstance(event, Logged):
            seen.append(event)
            stop.set()

    state = scaled(Course([1e-4], 40, 1e-12, 10**7, 1.0), ctx=Context(listen, stop=stop))
    assert state.status is Status.stopped
    assert seen
    assert torch.isfinite(state.f).all()
    assert 0 < state.iterations < 10**7


def test_that_what_is_not_finite_is_not_kept():
    made = soft()
    rows, calls = made.rows, []

    def broken(epsilon, g):
        calls.append(1)
        return rows(epsilon, g) * (math.nan if len(calls) > 4 else 1)

    made.rows = broken
    state = scaled(Course([0.1], 40, 1e-9, 100, 1.0), made)
    assert state.status is Status.diverged
    assert torch.isfinite(state.f).all()
    assert torch.isfinite(state.g).all()


def test_that_the_rate_of_the_plain_iteration_gives_the_best_relaxation():
    """λ = 0.9: ω = 2/(1 + √0.1) = 1.5195."""
    relaxation = Relaxation(1.97)
    relaxation.observe(1.0, 1)
    assert relaxation.omega == 1
    relaxation.observe(0.9**10, 10)
    assert relaxation.omega == pytest.approx(2 / (1 + math.sqrt(0.1)), rel=1e-12)


def test_that_the_relaxation_is_found_from_a_relaxed_rate_as_well():
    """ω = 1.3 and λ = 0.9 give the μ that solves (μ + 0.3)² = μ · 1.69 · 0.9."""
    relaxation = Relaxation(1.97)
    relaxation.omega = 1.3
    half = (1.69 * 0.9 - 0.6) / 2
    mu = half + math.sqrt(half**2 - 0.09)
    relaxation.observe(1.0, 1)
    relaxation.observe(mu**10, 10)
    assert relaxation.omega == pytest.approx(2 / (1 + math.sqrt(0.1)), rel=1e-9)


def test_that_the_relaxation_has_limits_and_gives_way():
    relaxation = Relaxation(1.9)
    relaxation.observe(1.0, 1)
    relaxation.observe(0.99999, 10)
    assert relaxation.omega == pytest.approx(2 - RAMP)
    for _ in range(20):
        relaxation.observe(relaxation.last * 0.99999, 10)
    assert relaxation.omega == 1.9
    relaxation.observe(relaxation.last * 0.9**10 * 0.99, 10)  # faster than ω - 1: ω is too large
    assert relaxation.omega < 1.9
    for _ in range(3):
        relaxation.observe(relaxation.last * 2, 10)
    assert relaxation.omega == 1
    relaxation.observe(1.0, 10)
    for _ in range(20):
        relaxation.observe(relaxation.last * 0.99999, 10)
    assert 1.5 < relaxation.omega < 1.8


def test_that_an_error_of_zero_is_no_trouble():
    relaxation = Relaxation(1.9)
    for error in (0.0, 1.0, 0.0, 0.0, 1.0):
        relaxation.observe(error, 1)
    assert relaxation.omega == 1
