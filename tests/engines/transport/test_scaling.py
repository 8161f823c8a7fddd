"""The loop that all entropic methods share."""

import math
import threading

import numpy as np
import pytest
import torch

from engines.context import Context, Logged
from engines.problem import Status
from engines.transport.cost import point_cost
from engines.transport.scaling import LEVEL_TOL, PATIENCE, RAMP, Course, Relaxation, Scaling, scale
from engines.transport.softmin import make_softmin

RNG = np.random.default_rng(2)
X, Y = torch.tensor(RNG.standard_normal((60, 2))), torch.tensor(RNG.standard_normal((50, 2)) + 1)
A, B = torch.full((60,), 1 / 60, dtype=X.dtype), torch.full((50,), 1 / 50, dtype=X.dtype)


def course(levels, *rest):
    return Course(levels, [1.0] * len(levels), *rest)


def soft(backend="dense_log"):
    return make_softmin(backend, point_cost(X, Y), A, B, torch.float64, torch.device("cpu"))


def start():
    return Scaling(torch.zeros_like(A), torch.zeros_like(B), 0.0)


def scaled(plan, made=None, ctx=None):
    state = start()
    scale(made or soft(), state, plan, ctx or Context(), lambda *_: None)
    return state


def row_error(state):
    pairs = point_cost(X, Y).block(slice(None))
    plan = A[:, None] * B * ((state.f[:, None] + state.g - pairs) / state.epsilon).exp()
    return float(max(abs(plan.sum(1) - A).sum(), abs(plan.sum(0) - B).sum()))


@pytest.mark.parametrize("relax", [1.0, 1.97])
@pytest.mark.parametrize("backend", ["dense_log", "kernel"])
def test_that_both_marginals_are_met_to_the_tolerance(relax, backend):
    state = scaled(course([0.1], 40, 1e-9, 10_000, relax), soft(backend))
    assert state.status is Status.converged
    assert row_error(state) < 1e-9


def test_that_a_plain_iteration_has_the_last_word():
    """Whatever ω was, the rows are met to rounding."""
    state = scaled(course([0.05], 40, 1e-3, 10_000, 1.97))
    assert state.status is Status.converged
    pairs = point_cost(X, Y).block(slice(None))
    plan = A[:, None] * B * ((state.f[:, None] + state.g - pairs) / state.epsilon).exp()
    np.testing.assert_allclose(plan.sum(1), A, rtol=1e-13)


def test_that_over_relaxation_reaches_the_same_plan_in_fewer_iterations():
    plain = scaled(course([0.05], 40, 1e-10, 10_000, 1.0))
    fast = scaled(course([0.05], 40, 1e-10, 10_000, 1.97))
    assert fast.iterations < plain.iterations / 2
    # Potentials are unique up to a constant.
    shift = (plain.f - fast.f).mean()
    np.testing.assert_allclose(plain.f - shift, fast.f, atol=1e-9)


def test_that_the_logged_error_is_that_of_the_plan():
    """Plain iteration: the error read after k iterations is that of the columns' update of k."""
    state = scaled(course([0.5], 40, 1e-12, 7, 1.0))
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
    state = scaled(course([0.2], 40, 1e-11, 10_000, 1.0))
    duals = [look.dual for look in state.history]
    assert all(np.diff(duals) > -1e-12)
    assert duals[-1] == pytest.approx(float(A @ state.f + B @ state.g), abs=1e-12)


def test_that_the_levels_are_gone_through_in_order():
    state = scaled(course([0.8, 0.1, 0.05], 5, 1e-9, 10_000, 1.97))
    seen = [look.epsilon for look in state.history]
    assert seen[:15] == [0.8] * 5 + [0.1] * 5 + [0.05] * 5
    assert state.epsilon == 0.05


def test_that_a_level_on_the_way_ends_when_its_plan_is_good_enough():
    state = scaled(course([8.0, 0.1], 1000, 1e-9, 10_000, 1.97))
    first = [look.error for look in state.history if look.epsilon == 8.0]
    assert 1 < len(first) < 20
    assert first[-1] < LEVEL_TOL < first[-2]
    assert state.status is Status.converged


def test_that_too_few_iterations_are_said():
    state = scaled(course([0.01], 40, 1e-9, 3, 1.97))
    assert state.status is Status.limit_reached
    assert state.iterations == 3
    assert math.isfinite(state.history[-1].error)


def test_that_a_tolerance_below_float32_ends_in_float64():
    made = soft("kernel")
    state = scaled(course([0.1], 40, 1e-12, 10_000, 1.97), made)
    assert state.status is Status.converged
    assert made.precision == torch.float64
    assert row_error(state) < 1e-12


def test_that_a_stop_keeps_the_last_potentials():
    stop, seen = threading.Event(), []

    def listen(event):
        if isinstance(event, Logged):
            seen.append(event)
            stop.set()

    state = scaled(course([1e-4], 40, 1e-12, 10**7, 1.0), ctx=Context(listen, stop=stop))
    assert state.status is Status.stopped
    assert seen
    assert torch.isfinite(state.f).all()
    assert 0 < state.iterations < 10**7


def test_that_every_look_is_kept_and_one_for_each_per_cent_of_the_way_is_told():
    told = []

    def listen(event):
        if isinstance(event, Logged):
            told.extend(step for step, _, _ in event.rows)

    state = scaled(course([1e-4], 40, 1e-15, 20_000, 1.0), ctx=Context(listen))
    steps = np.array([look.iteration for look in state.history])
    assert len(steps) > 3 * len(told)
    assert told[0] <= steps[0]
    late = np.array([step for step in told if step > 1000])
    assert np.diff(np.log(late)).max() < 0.01
    assert steps[-1] - told[-1] < 0.01 * steps[-1]


def test_that_what_is_not_finite_is_not_kept():
    made = soft()
    rows, calls = made.rows, []

    def broken(epsilon, g):
        calls.append(1)
        return rows(epsilon, g) * (math.nan if len(calls) > 4 else 1)

    made.rows = broken
    state = scaled(course([0.1], 40, 1e-9, 100, 1.0), made)
    assert state.status is Status.diverged
    assert torch.isfinite(state.f).all()
    assert torch.isfinite(state.g).all()


def follow(relaxation, *ratios):
    """Errors that change by these ratios over ten iterations each."""
    error, iteration = relaxation.last or 1.0, relaxation._read
    if not relaxation.last:
        relaxation.observe(error, iteration := 1)
    for ratio in ratios:
        error, iteration = error * ratio, iteration + 10
        relaxation.observe(error, iteration)
    return relaxation.omega


def test_that_the_rate_of_the_plain_iteration_gives_the_best_relaxation():
    """λ = 0.9: ω = 2/(1 + √0.1) = 1.5195."""
    assert follow(Relaxation(1.97)) == 1
    assert follow(Relaxation(1.97), 0.9**10) == pytest.approx(2 / (1 + math.sqrt(0.1)), rel=1e-12)


def test_that_the_relaxation_is_found_from_a_relaxed_rate_as_well():
    """ω = 1.3 and λ = 0.9 give the μ that solves (μ + 0.3)² = μ · 1.69 · 0.9."""
    relaxation = Relaxation(1.97)
    relaxation.omega = 1.3
    half = (1.69 * 0.9 - 0.6) / 2
    mu = half + math.sqrt(half**2 - 0.09)
    assert follow(relaxation, mu**10) == pytest.approx(2 / (1 + math.sqrt(0.1)), rel=1e-9)


def test_that_looks_in_quick_succession_say_nothing_about_the_rate():
    relaxation = Relaxation(1.97)
    for iteration in range(1, 10):
        relaxation.observe(0.5**iteration, iteration)
    assert relaxation.omega == 1


def test_that_the_relaxation_has_limits_and_gives_way():
    slow = 0.99999
    relaxation = Relaxation(1.9)
    assert follow(relaxation, slow) == pytest.approx(2 - RAMP)
    assert follow(relaxation, *[slow] * 20) == 1.9
    # Faster than ω - 1 says that ω is beyond the best.
    assert follow(relaxation, 0.89**10) < 1.9
    assert follow(relaxation, *[2] * PATIENCE) == 1
    assert follow(relaxation, *[2] * PATIENCE) == 1  # it is plain already
    assert 1.5 < follow(relaxation, *[slow] * 20) < 1.85


def test_that_an_error_of_zero_is_no_trouble():
    relaxation = Relaxation(1.9)
    for iteration, error in enumerate((0.0, 1.0, 0.0, 0.0, 1.0)):
        relaxation.observe(error, 10 * iteration)
    assert relaxation.omega == 1
