"""Entropic transport against closed forms, limits, other solvers, and bad input."""

import math
import threading
import time

import numpy as np
import ot
import pytest
import torch
from scipy.spatial.distance import cdist

from engines.context import Context, Logged, Shown, Warned
from engines.problem import BadProblem, Status
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.problem import (
    CostMatrix,
    Histograms,
    PointClouds,
    disc_and_star,
    gauss_pair,
    gaussians_1d,
    two_moons,
)

RNG = np.random.default_rng(7)
SMALL = PointClouds(x=RNG.standard_normal((40, 2)), y=RNG.standard_normal((30, 2)) * 0.5 + 1)
POINT_BACKENDS = ["kernel", "dense_log", "streamed"]


def solve(problem, ctx=None, **settings):
    return Sinkhorn(**settings).run(problem, ctx or Context())


def absolute(problem, epsilon, **settings):
    return solve(problem, epsilon=epsilon, epsilon_mode="absolute", **settings)


def closed_form(epsilon, variance0=1.0, variance1=0.25, shift=2.0):
    """Value and covariance of entropic transport between Gaussians of a line (arXiv 2006.02572)."""
    s = epsilon / 2
    d = math.sqrt(4 * variance0 * variance1 + s**2)
    value = shift**2 + variance0 + variance1 - d + s * (1 - math.log(2 * s)) + s * math.log(d + s)
    return value, (d - s) / 2


@pytest.mark.parametrize("backend", [*POINT_BACKENDS, "grid"])
@pytest.mark.parametrize("epsilon", [0.1, 0.5, 2.0])
def test_that_gaussians_on_a_line_have_their_closed_form(epsilon, backend):
    line = gaussians_1d()
    result = absolute(line, epsilon, backend=backend, tol=1e-10)
    value, covariance = closed_form(epsilon)
    assert result.status is Status.converged
    assert result.reg_cost == pytest.approx(value, abs=1e-7)
    x = line.row
    assert x @ result.plan @ (x - 2) == pytest.approx(covariance, abs=1e-7)


def test_that_the_closed_form_gives_the_published_numbers():
    for epsilon, value, covariance in (
        (0.1, 4.416379, 0.4756246),
        (0.5, 4.704377, 0.3903882),
        (2.0, 5.024013, 0.2071068),
    ):
        assert closed_form(epsilon) == pytest.approx((value, covariance), abs=5e-7)


def test_that_a_single_precision_run_has_the_closed_form_to_single_precision():
    line = gaussians_1d()
    result = absolute(line, 0.5, ctx=Context(dtype=torch.float32))
    assert result.reg_cost == pytest.approx(closed_form(0.5)[0], rel=1e-6)
    assert result.plan.dtype == np.float32


@pytest.mark.parametrize("backend", POINT_BACKENDS)
def test_that_the_plan_is_that_of_pot(backend):
    result = absolute(SMALL, 0.3, backend=backend, tol=1e-12)
    cost = ot.dist(SMALL.x, SMALL.y)
    a, b = np.full(40, 1 / 40), np.full(30, 1 / 30)
    peer = ot.sinkhorn(a, b, cost, 0.3, stopThr=1e-14, numItermax=100_000)
    np.testing.assert_allclose(result.plan, peer, atol=1e-13)
    entropic = (peer * cost).sum() + 0.3 * (peer * np.log(peer / np.outer(a, b))).sum()
    assert result.reg_cost == pytest.approx(entropic, abs=1e-11)
    assert result.cost == pytest.approx((peer * cost).sum(), abs=1e-11)
    assert result.entropy == pytest.approx(-(peer * np.log(peer)).sum(), abs=1e-11)
    assert result.eff_support == pytest.approx(math.exp(result.entropy))
    np.testing.assert_allclose(result.map, peer @ SMALL.y * 40, atol=1e-11)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_that_other_metrics_are_those_of_pot_as_well(metric):
    result = solve(SMALL, epsilon=0.05, metric=metric, tol=1e-11)
    cost = cdist(SMALL.x, SMALL.y, metric)
    assert result.c_mean == pytest.approx(cost.mean())
    assert result.c_max == pytest.approx(cost.max())
    a, b = np.full(40, 1 / 40), np.full(30, 1 / 30)
    peer = ot.sinkhorn(a, b, cost, result.epsilon, stopThr=1e-13, numItermax=100_000)
    np.testing.assert_allclose(result.plan, peer, atol=1e-11)


def test_that_the_axes_of_a_grid_give_the_plan_of_its_points():
    shapes = disc_and_star(12)
    by_axes = solve(shapes, backend="grid", tol=1e-11)
    by_pairs = solve(shapes, backend="kernel", tol=1e-11)
    np.testing.assert_allclose(by_axes.plan, by_pairs.plan, atol=1e-12)
    mass = by_axes.a > 0  # without mass there is no place to go to
    np.testing.assert_allclose(by_axes.map[mass], by_pairs.map[mass], atol=1e-9)
    assert np.isnan(by_axes.map[~mass]).all()
    assert by_axes.cost == pytest.approx(by_pairs.cost, abs=1e-11)
    assert by_axes.reg_cost == pytest.approx(by_pairs.reg_cost, abs=1e-10)


def test_that_a_huge_epsilon_gives_the_product_plan():
    result = solve(SMALL, epsilon=1e6)
    # P = a bᵀ exp((f + g - C)/ε), and the exponent is of the order of 1/10⁶.
    np.testing.assert_allclose(result.plan, 1 / 1200, rtol=1e-5)
    np.testing.assert_allclose(result.map, np.tile(SMALL.y.mean(0), (40, 1)), atol=1e-4)


def test_that_the_cost_falls_with_epsilon_to_that_of_the_linear_programme():
    costs = [solve(SMALL, epsilon=e, tol=1e-9).cost for e in (1.0, 0.3, 0.1, 0.03, 0.003)]
    exact = ot.emd2([], [], ot.dist(SMALL.x, SMALL.y))
    assert all(np.diff(costs) < 0)
    assert exact < costs[-1] < exact * 1.01


@pytest.mark.parametrize("unit", [1e-30, 1e25])
@pytest.mark.parametrize("metric", ["sqeuclidean", "euclidean", "cosine"])
def test_that_units_do_not_matter(unit, metric):
    """Lengths whose squares are beyond float32, but not beyond float64."""
    scaled = PointClouds(x=unit * SMALL.x, y=unit * SMALL.y)
    same = solve(SMALL, tol=1e-10, metric=metric)
    result = solve(scaled, tol=1e-10, metric=metric)
    assert result.status is Status.converged
    np.testing.assert_allclose(result.plan, same.plan, atol=1e-11)


def test_that_permuted_points_permute_the_plan():
    there, back = RNG.permutation(40), RNG.permutation(30)
    plan = solve(SMALL, tol=1e-11).plan
    moved = solve(PointClouds(x=SMALL.x[there], y=SMALL.y[back]), tol=1e-11).plan
    np.testing.assert_allclose(moved, plan[there][:, back], atol=1e-12)


def test_that_a_point_without_weight_is_no_point():
    a = RNG.random(40)
    a[[3, 17]] = 0
    result = solve(PointClouds(x=SMALL.x, y=SMALL.y, a=a), tol=1e-11)
    kept = np.flatnonzero(a)
    fewer = solve(PointClouds(x=SMALL.x[kept], y=SMALL.y, a=a[kept]), tol=1e-11)
    assert result.plan[[3, 17]].max() < 1e-25
    factor = result.epsilon  # relative to a mean over other points
    same = absolute(PointClouds(x=SMALL.x[kept], y=SMALL.y, a=a[kept]), factor, tol=1e-11)
    np.testing.assert_allclose(result.plan[kept], same.plan, atol=1e-12)
    assert fewer.status is Status.converged


def test_that_the_reported_errors_are_those_of_the_plan():
    result = solve(SMALL, max_iter=3, anneal=1.0)
    assert result.status is Status.limit_reached
    rows = abs(result.plan.sum(1) - 1 / 40).sum()
    cols = abs(result.plan.sum(0) - 1 / 30).sum()
    assert result.marginal_error_rows == pytest.approx(rows, abs=1e-14)
    assert result.marginal_error_cols == pytest.approx(cols, abs=1e-14)
    assert result.marginal_error == max(result.marginal_error_rows, result.marginal_error_cols)


@pytest.mark.parametrize("epsilon", [0.05, 0.01])
@pytest.mark.parametrize("backend", POINT_BACKENDS)
def test_that_single_precision_meets_the_tolerance_and_the_cost(backend, epsilon):
    pair = gauss_pair(200)
    single = solve(pair, Context(dtype=torch.float32), epsilon=epsilon, backend=backend)
    double = solve(pair, epsilon=epsilon, backend=backend)
    for result in (single, double):
        assert result.status is Status.converged
        assert result.marginal_error < 1e-6
    assert single.cost == pytest.approx(double.cost, rel=1e-4)


def test_that_single_precision_gives_way_where_it_blurs_the_plan():
    """C_max/ε is some 3·10⁵ here."""
    events = []
    ctx = Context(events.append, dtype=torch.float32)
    result = solve(SMALL, ctx, epsilon=2e-5, backend="dense_log", max_iter=20)
    assert "float64" in result.note
    assert any("float64" in e.text for e in events if isinstance(e, Warned))
    quiet = []
    solve(SMALL, Context(quiet.append, dtype=torch.float32))
    assert not any(isinstance(e, Warned) for e in quiet)


def test_that_epsilon_in_units_of_the_mean_cost_is_that_epsilon():
    mean = cdist(SMALL.x, SMALL.y, "sqeuclidean").mean()
    relative = solve(SMALL, epsilon=0.05)
    assert relative.epsilon == pytest.approx(0.05 * mean)
    np.testing.assert_array_equal(absolute(SMALL, relative.epsilon).plan, relative.plan)


def test_that_small_epsilon_is_annealed_and_large_is_not():
    sharp, blurred = solve(SMALL, epsilon=0.002), solve(SMALL, epsilon=0.02)
    levels = np.unique(sharp.epsilons) / sharp.c_mean
    np.testing.assert_allclose(levels, [0.002, 0.003125, 0.00625, 0.0125, 0.025, 0.05])
    assert len(np.unique(blurred.epsilons)) == 1
    assert len(np.unique(solve(SMALL, epsilon=0.002, anneal=1.0).epsilons)) == 1


def test_that_the_back_end_is_chosen_by_data_and_size():
    def chosen(problem, **settings):
        return Sinkhorn(**settings)._backend(problem, "cpu")

    big = PointClouds(x=np.zeros((7000, 1)), y=np.zeros((7000, 1)))
    assert chosen(SMALL) == "kernel"
    assert chosen(big) == "streamed"
    assert chosen(disc_and_star(8)) == "grid"
    assert chosen(disc_and_star(8), metric="euclidean") == "kernel"
    assert chosen(gaussians_1d()) == "kernel"
    memory = [Sinkhorn(backend=b).cost(big).memory for b in ("streamed", "kernel")]
    assert memory[0] < 2e7 < 8 * 49_000_000 < memory[1]


def test_that_a_large_plan_is_kept_as_its_largest_entries():
    pair = gauss_pair(2100)
    result = solve(pair, epsilon=0.05, tol=1e-3)
    assert result.plan is None
    assert result.plan_values.shape == (2100, 8)
    assert (np.diff(result.plan_values, axis=1) <= 0).all()
    assert Sinkhorn().cost(pair).output > sum(v.nbytes for _, v, _, _ in result.arrays())


def test_that_a_run_tells_its_error_epsilon_and_dual_and_shows_the_plan():
    events = []
    solve(two_moons(60), Context(events.append))
    logged = [row for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    assert set(logged[0]) == {"marginal_error", "epsilon", "dual"}
    assert logged[-1]["marginal_error"] < 1e-6
    assert {e.figure.name for e in events if isinstance(e, Shown)} == {"plan", "displacement"}


@pytest.mark.parametrize("backend", ["kernel", "streamed"])
def test_that_a_stop_amid_a_long_sweep_answers_at_once(backend):
    """36 million pairs: one streamed sweep takes longer than a stop may."""
    pair, stop = gauss_pair(6000), threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    began = time.perf_counter()
    result = solve(pair, Context(stop=stop), epsilon=0.001, tol=1e-12, backend=backend)
    assert time.perf_counter() - began - 1.0 < 0.5 * slowness()
    assert result.status is Status.stopped
    assert np.isfinite(result.f).all()
    assert np.isfinite(result.g).all()
    assert Sinkhorn().figures(pair, result)


def slowness():
    """How much slower than alone this machine is now: a second of work over its processor time."""
    began, spent = time.perf_counter(), time.thread_time()
    while time.thread_time() - spent < 0.05:
        pass
    return max(1.0, (time.perf_counter() - began) / 0.05)


def test_that_a_stop_before_the_first_step_leaves_a_plan():
    stop = threading.Event()
    stop.set()
    result = solve(SMALL, Context(stop=stop))
    assert result.status is Status.stopped
    assert result.iterations == 0
    assert result.plan.shape == (40, 30)
    assert np.isnan(result.errors).all()
    # The dual value where the mass is not 1: f·a + g·b - ε (Σ P - 1).
    mass = result.plan.sum()
    assert abs(mass - 1) > 0.01
    dual = result.f.mean() + result.g.mean() - result.epsilon * (mass - 1)
    assert result.reg_cost == pytest.approx(dual, rel=1e-12)


@pytest.mark.parametrize(
    ("problem", "settings", "sentence"),
    [
        (SMALL, {"epsilon": 1e-8}, r"ε is .* of the largest cost; .*1e-06.*; .*exact solver"),
        (PointClouds(x=[[1.0]], y=[[1.0]]), {}, "the mean cost is 0; it must be above 0"),
        (SMALL, {"backend": "grid"}, "backend is grid"),
        (gaussians_1d(), {"backend": "grid", "metric": "euclidean"}, "backend is grid"),
        (PointClouds(x=[[0.0]], y=[[1.0]]), {"metric": "cosine"}, "point 0 of the source"),
        (Histograms(source=np.ones(3), target=np.full(3, 2.0)), {}, "weighs 3 and the target 6"),
    ],
)
def test_that_bad_settings_for_the_data_are_refused_with_a_sentence(problem, settings, sentence):
    with pytest.raises(BadProblem, match=sentence):
        solve(problem, **settings)


def test_that_one_point_and_coinciding_points_are_transported():
    one = solve(PointClouds(x=[[0.0, 0.0]], y=[[3.0, 4.0]]))
    assert one.cost == pytest.approx(25)
    np.testing.assert_allclose(one.map, [[3, 4]])
    still = absolute(PointClouds(x=np.ones((3, 2)), y=np.ones((2, 2))), 0.1)
    np.testing.assert_allclose(still.plan, 1 / 6)


@pytest.mark.parametrize("backend", POINT_BACKENDS)
def test_that_a_cost_matrix_gives_the_plan_of_the_points_it_was_computed_from(backend):
    known = CostMatrix(cost=ot.dist(SMALL.x, SMALL.y))
    plan = solve(SMALL, tol=1e-11).plan
    result = solve(known, tol=1e-11, backend=backend)
    np.testing.assert_allclose(result.plan, plan, atol=1e-12)
    assert result.map is None
    names = [figure.name for figure in Sinkhorn().figures(known, result)]
    assert names == ["plan", "convergence"]
