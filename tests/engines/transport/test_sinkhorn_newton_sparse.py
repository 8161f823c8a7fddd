"""Sparse Newton steps against published numbers, other solvers, and what the paper promises."""

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
from engines.transport.methods.sinkhorn_newton_sparse import (
    Fixed,
    Robust,
    SinkhornNewtonSparse,
    ring_and_arcs,
    unit_squares,
)
from engines.transport.problem import CostMatrix, PointClouds, assignment, gauss_pair

RNG = np.random.default_rng(11)
SMALL = PointClouds(x=RNG.standard_normal((40, 2)), y=RNG.standard_normal((30, 2)) * 0.5 + 1)


def solve(problem, ctx=None, **settings):
    settings = {"compare": False, **settings}
    return SinkhornNewtonSparse(**settings).run(problem, ctx or Context())


def test_that_tens_of_iterations_replace_ten_thousand():
    """The claim of the paper, on its random costs; the plain iteration runs beside it."""
    method = SinkhornNewtonSparse(epsilon=1 / 1200, epsilon_mode="absolute")
    problem = assignment(500)
    result = method.run(problem, Context())
    assert result.status is Status.converged
    assert result.marginal_error < 1e-10
    assert result.sinkhorn_iterations + result.newton_iterations == result.iterations <= 100
    assert result.newton_iterations <= 20
    # Two other programs need 26 170 iterations; the float32 start of this one changes a few.
    assert result.plain_iterations == pytest.approx(26_170, rel=0.01)
    assert result.plain_errors[-1] < 1e-10
    assert result.plain_duration > 5 * result.duration
    # Independently computed to ten digits, with NumPy and SciPy.
    assert result.cost == pytest.approx(0.0034504129, abs=1e-10)
    assert {"convergence", "plan", "sparsity"} <= {f.name for f in method.figures(problem, result)}


def test_that_clouds_in_a_square_have_the_known_cost():
    clouds = unit_squares()
    largest = cdist(clouds.x, clouds.y, "sqeuclidean").max()
    result = solve(clouds)
    assert result.epsilon == pytest.approx(largest / 1200)
    assert result.status is Status.converged
    assert result.cost / largest == pytest.approx(0.0023315938, abs=1e-10)
    assert result.newton_iterations <= 15


@pytest.mark.parametrize("anneal", [0.5, 1.0])
def test_that_every_full_level_ends_in_the_plan_of_pot(anneal):
    epsilon = 0.05
    result = solve(
        SMALL, epsilon=epsilon, epsilon_mode="absolute", tol=1e-12, sparsity=Robust(anneal=anneal)
    )
    cost = ot.dist(SMALL.x, SMALL.y)
    a, b = np.full(40, 1 / 40), np.full(30, 1 / 30)
    peer = ot.sinkhorn(a, b, cost, epsilon, stopThr=1e-14, numItermax=200_000)
    np.testing.assert_allclose(result.plan, peer, atol=1e-12)
    entropic = (peer * cost).sum() + epsilon * (peer * np.log(peer / np.outer(a, b))).sum()
    assert result.reg_cost == pytest.approx(entropic, abs=1e-10)
    assert result.cost == pytest.approx((peer * cost).sum(), abs=1e-10)
    np.testing.assert_allclose(result.map, peer @ SMALL.y * 40, atol=1e-10)


@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "cosine"])
def test_that_other_metrics_give_the_plan_of_sinkhorn(metric):
    settings = {"epsilon": 0.02, "epsilon_mode": "relative_mean", "metric": metric, "tol": 1e-11}
    result, peer = solve(SMALL, **settings), Sinkhorn(**settings).run(SMALL, Context())
    assert result.epsilon == pytest.approx(peer.epsilon)
    np.testing.assert_allclose(result.plan, peer.plan, atol=1e-10)


def test_that_a_cost_matrix_is_the_same_as_its_points():
    by_points = solve(SMALL, tol=1e-12)
    by_matrix = solve(CostMatrix(cost=cdist(SMALL.x, SMALL.y, "sqeuclidean")), tol=1e-12)
    np.testing.assert_allclose(by_matrix.plan, by_points.plan, atol=1e-11)
    assert by_matrix.map is None


def test_that_weights_of_all_sizes_and_none_are_served():
    a, b = RNG.random(40) ** 4, RNG.random(30)
    a[[3, 17]] = b[5] = 0
    a, b = a / a.sum(), b / b.sum()
    result = solve(PointClouds(x=SMALL.x, y=SMALL.y, a=a, b=b), tol=1e-11)
    assert result.status is Status.converged
    assert result.plan[[3, 17]].max() < 1e-25
    assert result.plan[:, 5].max() < 1e-25
    np.testing.assert_allclose(result.plan.sum(1), a, atol=1e-11)
    np.testing.assert_allclose(result.plan.sum(0), b, atol=1e-11)
    assert np.isfinite(result.f).all()
    kept = PointClouds(x=SMALL.x[a > 0], y=SMALL.y[b > 0], a=a[a > 0], b=b[b > 0])
    fewer = solve(kept, epsilon=result.epsilon, epsilon_mode="absolute", tol=1e-11)
    np.testing.assert_allclose(result.plan[a > 0][:, b > 0], fewer.plan, atol=1e-11)


def test_that_the_dual_grows_and_the_steps_are_told_apart():
    result = solve(assignment(200), sparsity=Robust(anneal=1.0))
    steps = np.flatnonzero(result.newton)
    assert len(steps) == result.newton_iterations > 1
    # Beyond rounding no step lowers the dual.
    assert (np.diff(result.dual[steps]) > -1e-14).all()
    assert (result.cg_iters[steps] > 0).all()
    assert ((result.density[steps] > 0) & (result.density[steps] < 0.2)).all()
    assert np.isnan(result.density[result.newton == 0]).all()
    assert result.kept_rows.max() < 200
    assert len(result.kept_rows) == round(result.density[steps[-1]] * 200 * 200)


def test_that_the_iteration_after_each_step_leaves_the_columns_exact():
    settings = {"max_newton": 1, "warm_iters": 1}
    swept = solve(assignment(60), sparsity=Robust(anneal=1.0), **settings)
    assert swept.newton_iterations == 1
    assert swept.marginal_error_rows > 1e-3
    # The sums are those of a plan computed anew from the potentials: rounding times C/ε.
    assert swept.marginal_error_cols < 1e-12
    assert solve(assignment(60), sparsity=Fixed(), **settings).marginal_error_cols > 1e-3


def test_that_a_fixed_number_of_entries_is_slower_or_stalls():
    """Two per target converge linearly on random costs, and stall on clouds."""
    random = solve(assignment(200), sparsity=Fixed(), tol=1e-9)
    let_decide = solve(assignment(200), sparsity=Robust(anneal=1.0), tol=1e-9)
    assert random.newton_iterations > 2 * let_decide.newton_iterations
    few, more = (solve(unit_squares(), sparsity=Fixed(per_target=k)) for k in (2.0, 15.0))
    assert few.status is Status.limit_reached
    assert few.marginal_error > 1e-3
    assert "keep more entries" in few.note
    assert more.status is Status.converged


def test_that_the_hard_case_of_plain_distances_converges():
    pictures = ring_and_arcs(16)
    result = solve(pictures, metric="euclidean")
    assert result.status is Status.converged
    assert result.iterations < 200
    settings = {"epsilon": result.epsilon, "epsilon_mode": "absolute", "metric": "euclidean"}
    peer = Sinkhorn(**settings, tol=1e-9).run(pictures, Context())
    assert result.cost == pytest.approx(peer.cost, rel=1e-7)


def test_that_a_thousand_points_at_a_thousandth_of_the_mean_cost_converge():
    result = solve(gauss_pair(1000), epsilon=1e-3, epsilon_mode="relative_mean")
    assert result.status is Status.converged
    # Computed independently with NumPy and SciPy.
    assert result.cost == pytest.approx(5.35085091, abs=1e-8)


def test_that_a_large_epsilon_says_that_the_plan_is_dense():
    events = []
    result = solve(SMALL, Context(events.append), epsilon=0.5, warm_iters=1, tol=1e-12)
    assert result.status is Status.converged
    assert any("Sinkhorn is probably faster" in e.text for e in events if isinstance(e, Warned))


def test_that_single_precision_is_told_and_gives_the_same_numbers():
    events = []
    single = solve(SMALL, Context(events.append, dtype=torch.float32))
    assert any("float64" in e.text for e in events if isinstance(e, Warned))
    assert single.plan.dtype == np.float32
    assert single.cost == solve(SMALL).cost


def test_that_a_run_tells_what_its_steps_take_and_shows_the_plan():
    events = []
    solve(unit_squares(60), Context(events.append))
    logged = [(e.phase, row) for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    assert {phase for phase, _ in logged} == {"Sinkhorn", "Newton"}
    newton = [row for phase, row in logged if phase == "Newton"]
    assert {"marginal_error", "epsilon", "dual", "density", "cg_iters"} == set(newton[0])
    assert newton[-1]["marginal_error"] < 1e-10
    assert {e.figure.name for e in events if isinstance(e, Shown)} == {"plan", "convergence"}


@pytest.mark.parametrize("after", [1, 12])
def test_that_a_stop_amid_the_work_answers_at_once(after):
    """Four million pairs; the time is that of this thread alone, for the machine may be busy."""
    problem, stop, asked = gauss_pair(2000), threading.Event(), []

    def listen(event):
        asked.append(time.thread_time())
        if len(asked) == after:
            stop.set()

    settings = {"epsilon": 1e-4, "epsilon_mode": "relative_mean"}
    result = solve(problem, Context(listen, stop=stop), **settings)
    assert time.thread_time() - asked[after - 1] < 0.5
    assert result.status is Status.stopped
    assert np.isfinite(result.f).all()
    assert SinkhornNewtonSparse().figures(problem, result)


def test_that_a_stop_at_any_moment_is_called_one():
    """A stop that comes with the n-th question whether there is one."""

    class Late(threading.Event):
        def is_set(self):
            self.left -= 1
            return self.left < 0

    for n in range(0, 300, 9):
        stop = Late()
        stop.left = n
        result = solve(assignment(60), Context(stop=stop), sparsity=Robust(anneal=1.0), tol=1e-12)
        done = result.errors[-1] < 1e-12
        assert result.status is (Status.converged if done else Status.stopped)


def test_that_a_stop_during_the_comparison_keeps_the_plan():
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Logged) and event.phase == "plain Sinkhorn":
            stop.set()

    result = solve(assignment(200), Context(listen, stop=stop), compare=True)
    assert result.status is Status.converged
    assert result.plan is not None
    assert 0 < result.plain_iterations < 10_000


@pytest.mark.parametrize(
    ("problem", "settings", "sentence"),
    [
        (SMALL, {"epsilon": 1e-8}, r"ε is .* of the largest cost; .*1e-06.*; .*exact solver"),
        (PointClouds(x=[[1.0]], y=[[1.0]]), {}, "the largest cost is 0; it must be above 0"),
        (CostMatrix(cost=[[1.0]], a=[1.0], b=[2.0]), {}, "weighs 1 and the target 2"),
        (PointClouds(x=[[0.0]], y=[[1.0]]), {"metric": "cosine"}, "point 0 of the source"),
    ],
)
def test_that_bad_settings_for_the_data_are_refused_with_a_sentence(problem, settings, sentence):
    with pytest.raises(BadProblem, match=sentence):
        solve(problem, **settings)


def test_that_one_point_is_transported():
    one = solve(PointClouds(x=[[0.0, 0.0]], y=[[3.0, 4.0]]))
    assert one.cost == pytest.approx(25)
    assert one.status is Status.converged
    assert SinkhornNewtonSparse().figures(PointClouds(x=[[0.0, 0.0]], y=[[3.0, 4.0]]), one)


@pytest.mark.parametrize(
    ("problem", "counted"), [(unit_squares(200), None), (assignment(500), (42, 26_162))]
)
def test_that_the_estimate_of_work_follows_the_plain_iterations(problem, counted):
    """Nearly all time goes into them where there are many; without them little is left."""
    blunt, sharp = (SinkhornNewtonSparse(epsilon=e, tol=1e-8) for e in (1 / 300, 1 / 1200))
    counted = counted or [m.run(problem, Context()).plain_iterations for m in (blunt, sharp)]
    # A pair takes 4 operations in each of them, and some 2000 in all others.
    wanted = (2000 + 4 * counted[1]) / (2000 + 4 * counted[0])
    growth = sharp.cost(problem).work / blunt.cost(problem).work
    assert wanted / 2 < growth < 2 * wanted
    alone = SinkhornNewtonSparse(epsilon=1 / 1200, compare=False)
    assert alone.cost(problem).work < sharp.cost(problem).work / 5
