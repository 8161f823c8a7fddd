"""Exact transport against closed forms, other solvers of the same programme, and bad input."""

import math
import threading

import numpy as np
import ot
import pytest
from scipy.optimize import linear_sum_assignment, linprog
from scipy.spatial.distance import cdist

from engines.context import Context
from engines.figure import Bars, Line, Points, Segments
from engines.problem import BadProblem, Status
from engines.transport import simplex
from engines.transport.methods.exact_ot import ExactOT
from engines.transport.problem import (
    CostMatrix,
    Histograms,
    PointClouds,
    assignment,
    disc_and_star,
    gauss_pair,
    gaussians_1d,
    two_moons,
)

RNG = np.random.default_rng(7)
X, Y = RNG.standard_normal((40, 2)), RNG.standard_normal((30, 2)) * 0.5 + 1
A, B = (w / w.sum() for w in (RNG.random(40), RNG.random(30)))
WEIGHTED = PointClouds(x=X, y=Y, a=A, b=B)
SHIFT = np.array([3.0, -4.0])
METRICS = ["sqeuclidean", "euclidean", "cityblock", "cosine"]
# Rounding of sums of some hundred products of numbers near 1.
ROUNDING = 1e-12


def solve(problem, **settings):
    return ExactOT(**settings).run(problem, Context())


def dense(result):
    plan = np.zeros((len(result.a), len(result.b)))
    np.add.at(plan, (result.plan_rows, result.plan_cols), result.plan_values)
    return plan


def test_that_the_cost_is_that_of_the_linear_programme():
    n, m = 12, 9
    problem = PointClouds(x=X[:n], y=Y[:m], a=A[:n], b=B[:m] * (A[:n].sum() / B[:m].sum()))
    a, b = A[:n] / A[:n].sum(), B[:m] / B[:m].sum()
    sums = np.concatenate([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    costs = cdist(X[:n], Y[:m], "sqeuclidean")
    peer = linprog(costs.ravel(), A_eq=sums, b_eq=np.concatenate([a, b]), method="highs")
    result = solve(problem)
    assert result.cost == pytest.approx(peer.fun, abs=1e-9)  # the tolerance of that solver
    np.testing.assert_allclose(dense(result), peer.x.reshape(n, m), atol=1e-9)


def test_that_two_gaussian_clouds_cost_the_known_number():
    result = solve(gauss_pair(1000))
    assert result.cost == pytest.approx(5.345956, abs=5e-7)
    assert result.W_p == pytest.approx(math.sqrt(5.345956), abs=5e-7)
    assert result.nnz == 1000
    assert result.status is Status.converged


def test_that_the_cost_of_a_shift_is_its_squared_length():
    result = solve(PointClouds(x=X, y=X + SHIFT))
    assert result.cost == pytest.approx(25, abs=ROUNDING)
    np.testing.assert_array_equal(result.plan_rows, result.plan_cols)


def test_that_equal_clouds_cost_nothing_and_stay_where_they_are():
    result = solve(PointClouds(x=X, y=X, a=A, b=A))
    assert result.cost == 0
    np.testing.assert_allclose(dense(result), np.diag(A), atol=1e-15)


def test_that_uniform_distributions_of_a_line_have_their_closed_form():
    """U(0, 1) to U(2, 5): 3² + (3 - 1)²/12; middles of n bins miss O(1/n²)."""
    middles = (np.arange(2000)[:, None] + 0.5) / 2000
    assert solve(PointClouds(x=middles, y=2 + 3 * middles)).cost == pytest.approx(28 / 3, abs=1e-6)


def test_that_gaussians_of_a_line_have_their_closed_form():
    # The bins are 0.023 wide, and their tails are cut off at six and twelve deviations.
    assert solve(gaussians_1d()).cost == pytest.approx(4.25, abs=2e-4)


def test_that_rounding_joins_no_pairs():
    """Each of 1000 points feeds two of 2000; sums of both weights differ in their last bits."""
    x, y = (np.random.default_rng(n).random((n, 1)) for n in (1000, 2000))
    assert solve(PointClouds(x=x, y=y)).nnz == 2000


@pytest.mark.parametrize("metric", ["sqeuclidean", "euclidean", "cityblock"])
def test_that_sorting_on_a_line_finds_what_the_simplex_finds(metric):
    x, y = X[:, :1], Y[:, :1]
    costs = CostMatrix(cost=cdist(x, y, metric), a=A, b=B)
    line, matrix = solve(PointClouds(x=x, y=y, a=A, b=B), metric=metric), solve(costs)
    assert line.cost == pytest.approx(matrix.cost, abs=ROUNDING)
    assert line.max_dual_violation < ROUNDING
    assert abs(line.duality_gap) < ROUNDING


@pytest.mark.parametrize("memory_mode", ["dense", "lazy"])
@pytest.mark.parametrize("metric", METRICS)
def test_that_every_metric_costs_what_pot_says(metric, memory_mode):
    result = solve(WEIGHTED, metric=metric, memory_mode=memory_mode)
    peer = ot.emd2(A, B, cdist(X, Y, metric))
    assert result.cost == pytest.approx(peer, abs=ROUNDING)
    assert abs(result.duality_gap) < ROUNDING
    assert math.isnan(result.W_p) == (metric == "cosine")


def test_that_the_prices_prove_the_cost():
    for problem in (WEIGHTED, two_moons(), assignment(), disc_and_star(24)):
        result = solve(problem)
        assert abs(result.duality_gap) < ROUNDING
        assert result.max_dual_violation < ROUNDING
        assert result.marginal_error < ROUNDING
        assert result.nnz <= len(result.a) + len(result.b) - 1


def test_that_the_way_back_costs_the_same_and_detours_cost_more():
    z = RNG.standard_normal((35, 2))
    there, back = (
        solve(PointClouds(x=p, y=q), metric="euclidean").W_p for p, q in ((X, Y), (Y, X))
    )
    assert there == pytest.approx(back, abs=ROUNDING)
    via = sum(solve(PointClouds(x=p, y=q), metric="euclidean").W_p for p, q in ((X, z), (z, Y)))
    assert there <= via


def test_that_an_assignment_is_that_of_the_hungarian_method():
    problem = assignment(80, seed=3)
    rows, cols = linear_sum_assignment(problem.cost)
    result = solve(problem)
    assert result.cost == pytest.approx(problem.cost[rows, cols].mean(), abs=ROUNDING)
    np.testing.assert_array_equal(result.plan_cols[np.argsort(result.plan_rows)], cols)


def test_that_points_without_mass_are_left_out_but_have_prices():
    a = np.where(np.arange(40) % 3 == 0, 0, A)
    b = np.where(np.arange(30) % 4 == 0, 0, B)
    result = solve(PointClouds(x=X, y=Y, a=a / a.sum(), b=b / b.sum()))
    kept = np.ix_(a > 0, b > 0)
    costs = cdist(X, Y, "sqeuclidean")
    peer = ot.emd2(a[a > 0] / a.sum(), b[b > 0] / b.sum(), costs[kept])
    assert result.cost == pytest.approx(peer, abs=ROUNDING)
    assert not set(result.plan_rows) & set(np.flatnonzero(a == 0))
    slack = costs - result.u[:, None] - result.v
    assert slack.min() > -ROUNDING
    # Not only allowed, but the highest: each of them meets a constraint.
    assert np.abs(slack.min(1)[a == 0]).max() < ROUNDING
    assert np.abs(slack.min(0)[b == 0]).max() < ROUNDING


@pytest.mark.filterwarnings("ignore:numItermax")  # POT's own; ours is in the result
def test_that_a_simplex_cut_short_says_what_its_cost_is_worth():
    best = solve(WEIGHTED)
    early, late = (
        ExactOT.model_construct(max_iter=pivots).run(WEIGHTED, Context()) for pivots in (20, 200)
    )
    assert early.status is late.status is Status.limit_reached
    assert early.marginal_error > 0.1
    assert "says nothing" in early.note
    assert late.cost > best.cost
    assert late.marginal_error < ROUNDING
    assert "upper bound" in late.note
    assert "(not optimal)" in ExactOT().figures(WEIGHTED, late)[0].title


def test_that_a_stop_before_the_plan_leaves_the_clouds_to_look_at():
    stop = threading.Event()
    stop.set()
    for problem in (WEIGHTED, assignment(), disc_and_star(16)):
        result = ExactOT().run(problem, Context(stop=stop))
        assert result.status is Status.stopped
        assert result.plan_rows is None
        assert len(ExactOT().figures(problem, result)) == 1


def test_that_the_first_picture_joins_the_pairs_and_ends_at_the_targets():
    problem = two_moons()
    result = solve(problem)
    first = ExactOT().figures(problem, result)[0]
    marks = first.panels[0].marks
    (lines,) = (m for m in marks if isinstance(m, Segments))
    (way,) = (m for m in marks if isinstance(m, Points) and m.name == "on the way")
    np.testing.assert_array_equal(lines.x0, problem.x[result.plan_rows, 0])
    np.testing.assert_array_equal(way.x[0], problem.x[result.plan_rows, 0])
    np.testing.assert_array_equal(way.y[-1], problem.y[result.plan_cols, 1])
    assert len(way.x) == len(first.times)


def test_that_densities_on_their_way_keep_their_mass():
    problem = disc_and_star(24)
    frames = ExactOT().figures(problem, solve(problem))[0].panels[0].marks[0].values
    np.testing.assert_allclose(frames.sum((1, 2)), 1, atol=1e-6)  # pictures are float32
    np.testing.assert_allclose(frames[0], problem.source, atol=1e-7)
    np.testing.assert_allclose(frames[-1], problem.target, atol=1e-7)


def test_that_a_gaussian_of_a_line_is_a_gaussian_all_the_way():
    problem = gaussians_1d()
    marks = ExactOT().figures(problem, solve(problem))[0].panels[0].marks
    (way,) = (m for m in marks if isinstance(m, Line) and m.name == "on the way")
    half = way.y[10]
    mean = half @ problem.row
    # Means and deviations are interpolated; a bin is 0.023 wide.
    assert mean == pytest.approx(1, abs=1e-3)
    assert math.sqrt(half @ (problem.row - mean) ** 2) == pytest.approx(0.75, abs=1e-3)


def test_that_the_distances_are_a_histogram_of_all_the_mass():
    problem = PointClouds(x=X, y=X + SHIFT)
    (bars,) = ExactOT().figures(problem, solve(problem))[-1].panels[0].marks
    assert isinstance(bars, Bars)
    assert bars.counts[-1] == pytest.approx(1, abs=ROUNDING)  # all of it goes 5 far
    assert bars.edges[-1] == pytest.approx(5, abs=ROUNDING)


def test_that_few_pixels_show_the_mean_cost_of_the_pairs_that_they_stand_for():
    costs = np.arange(900 * 3, dtype=float).reshape(900, 3)
    figure = ExactOT().figures(CostMatrix(cost=costs), solve(CostMatrix(cost=costs)))[0]
    image = figure.panels[0].marks[0]
    assert image.values.shape == (300, 3)
    np.testing.assert_allclose(image.values[0], costs[:3].mean(0))


@pytest.mark.parametrize(
    ("problem", "settings", "sentence"),
    [
        (PointClouds(x=X, y=Y, a=A, b=2 * B), {}, "source weighs 1 and the target 2; .*unbalanced"),
        (assignment(), {"memory_mode": "lazy"}, "memory_mode is lazy; .*; choose auto"),
        (
            PointClouds(x=np.concatenate([X, np.zeros((1, 2))]), y=Y),
            {"metric": "cosine"},
            "point 40 of the source is the origin",
        ),
    ],
)
def test_that_what_cannot_be_solved_is_refused_with_a_sentence(problem, settings, sentence):
    with pytest.raises(BadProblem, match=sentence):
        solve(problem, **settings)


def test_that_a_simplex_without_a_plan_is_an_error(monkeypatch):
    nothing = np.zeros(0, dtype=np.int64)
    failed = simplex.Basis(0, nothing, nothing, np.zeros(0), np.zeros(40), np.zeros(30))
    monkeypatch.setattr(simplex, "solve", lambda *_: failed)
    with pytest.raises(BadProblem, match="ended with code 0; it must reach a plan"):
        solve(WEIGHTED)


def test_that_large_problems_are_solved_from_the_points():
    cost = ExactOT().cost
    stored, lazy = (gauss_pair(n) for n in (100, 200))
    assert cost(stored).memory < cost(lazy).memory
    huge = PointClouds(x=np.zeros((20_000, 2)), y=np.zeros((20_000, 2)))
    assert cost(huge).memory < ExactOT(memory_mode="dense").cost(huge).memory / 5
    assert cost(Histograms(source=np.ones(10**6), target=np.ones(10**6))).work < 1e10


def test_that_only_pixels_with_mass_take_part():
    """A corner of a picture with 1.6·10⁹ pairs of pixels moves to the opposite one."""
    source, target = np.zeros((200, 200)), np.zeros((200, 200))
    source[:6, :6] = target[-6:, -6:] = 1
    problem = Histograms(source=source, target=target)
    result = solve(problem)
    assert result.cost == pytest.approx(2 * 0.97**2, abs=ROUNDING)  # 194 pixels, twice
    assert abs(result.duality_gap) < ROUNDING
    assert ExactOT().cost(problem).memory < 5e7
    assert len(ExactOT().figures(problem, result)) == 4


@pytest.mark.parametrize("unit", [1e-8, 1e-6, 1e9])
@pytest.mark.parametrize("mode", ["dense", "lazy"])
def test_that_units_do_not_matter(unit, mode):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(40, 2))
    method = ExactOT(memory_mode=mode)
    true = method.run(PointClouds(x=x, y=y), Context()).cost
    found = method.run(PointClouds(x=unit * x, y=unit * y), Context())
    assert found.cost / unit**2 == pytest.approx(true, rel=1e-12)
    assert abs(found.duality_gap) < 1e-9 * found.cost


def test_that_clouds_far_apart_are_matched_as_if_they_were_near():
    x = np.random.default_rng(0).normal(size=(30, 2))
    found = ExactOT().run(PointClouds(x=x, y=np.flipud(x) + np.array([1e8, 0])), Context())
    np.testing.assert_array_equal(found.plan_cols, 29 - found.plan_rows)
