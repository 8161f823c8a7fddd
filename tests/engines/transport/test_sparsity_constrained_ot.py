"""Plans with at most k sources per target against identities, POT, brute force and bounds."""

import threading
from itertools import permutations

import numpy as np
import ot
import pytest
import torch

from engines.context import Context, Logged, Shown, Warned
from engines.problem import BadProblem, Status
from engines.transport.methods.sparsity_constrained_ot import (
    SparsityConstrainedOT,
    cloud_pair,
    experts,
)
from engines.transport.problem import CostMatrix, PointClouds
from engines.transport.sparse_dual import Dual, SemiDual

PAIR = cloud_pair()
COST = ot.dist(PAIR.x, PAIR.y)
UNIT = COST.max()
EVEN = np.full(32, 1 / 32)
RNG = np.random.default_rng(2)


def solve(problem=PAIR, ctx=None, **settings):
    settings = {"curve": False, "average_iter": 1000, **settings}
    return SparsityConstrainedOT(**settings).run(problem, ctx or Context())


def plan(result):
    matrix = np.zeros((len(result.a), len(result.b)))
    matrix[result.plan_rows, result.plan_cols] = result.plan_values
    return matrix


# Value of the dual by γ and k, in units of the largest cost, computed independently with SciPy.
@pytest.mark.parametrize(
    ("gamma", "k", "dual"),
    [
        (0.1, 2, 0.0782761),
        (1.0, 2, 0.0863948),
        (1.0, 4, 0.0846466),
        (10.0, 4, 0.1242171),
        (10.0, 8, 0.1121790),
    ],
)
def test_that_where_k_binds_the_repaired_plan_is_exact_and_near_its_bound(gamma, k, dual):
    result = solve(gamma=gamma, k=k, average_iter=2000)
    assert result.status is Status.converged
    # L-BFGS alone ends some 10⁻⁶ below the top of a kink, the ascent up to 4·10⁻⁷ above that.
    assert result.dual_value / UNIT == pytest.approx(dual, abs=1e-6)
    assert result.raw_error > 1e-3
    P = plan(result)
    assert result.max_nnz == k == np.count_nonzero(P, axis=0).max()
    assert (P >= 0).all()
    assert np.abs(P.sum(1) - EVEN).sum() < 1e-12
    assert np.abs(P.sum(0) - EVEN).sum() < 1e-12
    value = (P * COST).sum() + gamma * UNIT / 2 * (P**2).sum()
    assert result.primal_value == pytest.approx(value, rel=1e-12)
    assert 0 <= result.gap < 0.005


@pytest.mark.parametrize("weights", ["even", "uneven"])
def test_that_one_source_per_target_has_the_value_of_the_linear_programme(weights):
    """max D = LP + γ/2 Σ b_j², for any weights."""
    b = EVEN if weights == "even" else RNG.dirichlet(np.ones(32))
    problem = PointClouds(x=PAIR.x, y=PAIR.y, a=EVEN, b=b)
    result = solve(problem, k=1, polish="none", average_iter=12_000)
    exact = ot.emd2(EVEN, b, COST) + UNIT / 2 * (b**2).sum()
    # Uneven weights have a kink at the top, where the last steps of the ascent are this long.
    assert result.dual_value == pytest.approx(exact, rel=1e-9 if weights == "even" else 1e-4)
    assert result.dual_value <= exact * (1 + 1e-12)


def test_that_one_source_per_target_of_equal_weights_is_the_best_assignment():
    result = solve(k=1)
    assert result.cost == pytest.approx(ot.emd2(EVEN, EVEN, COST), rel=1e-12)
    assert result.max_nnz == 1
    assert result.gap == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("k", [8, 32])
def test_that_a_limit_that_does_not_bind_gives_the_quadratic_plan_of_pot(k):
    result = solve(k=k)
    peer = ot.smooth.smooth_ot_semi_dual(
        EVEN, EVEN, COST / UNIT, 1.0, reg_type="l2", stopThr=1e-12, numItermax=5000
    )
    assert result.max_nnz == 7
    assert result.status is Status.converged
    np.testing.assert_allclose(plan(result), peer, atol=1e-6)  # POT's own error of the rows
    assert result.dual_value / UNIT == pytest.approx(0.0845250, abs=1e-7)
    assert result.gap == pytest.approx(0, abs=1e-9)


def test_that_nothing_beats_the_plan_on_a_small_problem():
    """k = 1 and 5 × 5: all 120 assignments are tried. k = 2: the bound proves it to 1 %."""
    small = cloud_pair(5, seed=3)
    C = ot.dist(small.x, small.y)
    best = min(C[list(way), range(5)].sum() / 5 for way in permutations(range(5)))
    assert solve(small, k=1).cost == pytest.approx(best, rel=1e-12)
    two = solve(small, k=2, gamma=10.0)
    assert two.max_nnz <= 2
    assert 0 <= two.gap < 0.05


def test_that_the_limit_lowers_nothing():
    values = [solve(k=k).dual_value for k in (1, 2, 4, 8, 32)]
    assert all(np.diff(values) < 1e-7 * values[0])
    assert values[3] == pytest.approx(values[4], rel=1e-9)


def test_that_a_small_gamma_leaves_the_linear_programme():
    result = solve(gamma=1e-3, k=4)
    assert result.cost == pytest.approx(ot.emd2(EVEN, EVEN, COST), rel=1e-3)


def test_that_the_cheapest_repair_is_cheaper_and_the_best_repair_is_better():
    cheap, best = solve(gamma=10.0, k=2, polish="support_lp"), solve(gamma=10.0, k=2)
    for result in (cheap, best):
        assert result.max_nnz <= 2
        assert result.marginal_error < 1e-12
    assert cheap.cost <= best.cost
    assert cheap.primal_value >= best.primal_value


def test_that_without_repair_the_plan_is_that_of_the_dual():
    result = solve(k=2, polish="none", solver="lbfgs")
    assert result.status is Status.limit_reached
    assert not result.repaired
    assert result.marginal_error == result.raw_error > 0.01
    np.testing.assert_allclose(plan(result).sum(0), EVEN, rtol=1e-12)
    assert np.isnan(result.gap)


def test_that_experts_take_equal_shares_of_few_tokens():
    result = solve(experts(), k=32)
    assert (result.nnz_per_target == 32).all()
    np.testing.assert_allclose(result.plan_values, 1 / 256, rtol=1e-9)
    assert len(np.unique(result.plan_rows)) == 256


@pytest.mark.parametrize("formulation", ["semi_dual", "dual"])
@pytest.mark.parametrize("solver", ["lbfgs", "lbfgs+average", "ascent"])
def test_that_all_ways_up_lead_to_the_same_plan_where_the_top_is_smooth(formulation, solver):
    result = solve(k=8, formulation=formulation, solver=solver, average_iter=6000)
    assert result.dual_value / UNIT == pytest.approx(0.0845250, abs=2e-7)
    assert result.primal_value / UNIT == pytest.approx(0.0845250, abs=2e-7)


@pytest.mark.parametrize("kind", [SemiDual, Dual])
def test_that_the_gradient_of_the_dual_is_its_slope(kind):
    C = torch.from_numpy(RNG.random((7, 9)))
    a, b = torch.from_numpy(RNG.dirichlet(np.ones(9))), torch.from_numpy(RNG.dirichlet(np.ones(7)))
    function = kind(C, a, b, 0.7, 3)
    z = function.start + torch.from_numpy(RNG.random(len(function.start)))
    point, h = function(z), 1e-6
    for i in range(len(z)):
        shift = torch.zeros_like(z)
        shift[i] = h
        slope = (function(z + shift).value - function(z - shift).value) / (2 * h)
        assert slope == pytest.approx(float(point.gradient[i]), abs=1e-8)
    # The plan attains the value: ⟨P, C⟩ + γ/2 |P|² + what is missing, at its price.
    P = point.plan(C)
    assert (P > 0).sum(1).max() <= 3
    primal = float((P * C).sum() + 0.35 * (P * P).sum())
    assert point.value == pytest.approx(primal + float(point.gradient @ z), rel=1e-12)


def test_that_pairs_with_mass_obey_the_prices():
    """f_i + g_j - C_ij = γ P_ij where P > 0, and not above γ P elsewhere if k does not bind."""
    result = solve(k=32, gamma=10.0, gtol=1e-9)
    P, excess = plan(result), result.f[:, None] + result.g - COST
    np.testing.assert_allclose(excess[P > 0] / result.gamma, P[P > 0], atol=1e-6)
    assert excess[P == 0].max() < 1e-5 * UNIT


def test_that_a_cost_matrix_and_points_without_mass_are_served():
    a = np.append(EVEN, 0)
    cost = np.vstack([COST, np.zeros(32)])
    result = solve(CostMatrix(cost=cost, a=a, b=EVEN), k=33, curve=True)
    same = solve(k=32)
    np.testing.assert_allclose(plan(result)[:32], plan(same), atol=1e-12)
    assert not plan(result)[32].any()
    assert np.isnan(result.f[32])


def test_that_targets_that_need_more_are_counted_not_hidden():
    """Weights without common sums need 30 + 25 - 1 pairs, more than two for each of 25."""
    a, b = RNG.dirichlet(np.ones(30)), RNG.dirichlet(np.ones(25))
    problem = PointClouds(x=RNG.standard_normal((30, 2)), y=RNG.standard_normal((25, 2)), a=a, b=b)
    events = []
    result = solve(problem, Context(events.append), k=2, average_iter=500)
    assert result.status is Status.limit_reached
    assert result.crowded == np.count_nonzero(result.nnz_per_target > 2) > 0
    assert result.marginal_error < 1e-12
    assert any("need more than 2 sources" in e.text for e in events if isinstance(e, Warned))
    roomy = solve(problem, k=6, average_iter=500)
    assert roomy.status is Status.converged
    assert roomy.max_nnz <= 6


def test_that_uneven_weights_are_served_by_three_sources_each():
    """The cheapest plan has more for some targets: pairs are exchanged until it has not."""
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((30, 2)), rng.standard_normal((25, 2)) + 1
    problem = PointClouds(x=x, y=y, a=rng.dirichlet(np.ones(30)), b=rng.dirichlet(np.ones(25)))
    result = solve(problem, k=3, average_iter=500)
    assert result.crowded == 0
    assert result.max_nnz == 3
    assert result.marginal_error < 1e-12


def test_that_the_curve_bounds_the_value_from_both_sides():
    result = solve(curve=True)
    assert list(result.curve_k) == [1, 2, 4, 8, 16, 32]
    assert (result.curve_dual <= result.curve_primal * (1 + 1e-9)).all()
    assert result.curve_primal[2] == result.primal_value
    assert result.lp_cost == pytest.approx(ot.emd2(EVEN, EVEN, COST), rel=1e-12)
    names = {f.name for f in SparsityConstrainedOT().figures(PAIR, result)}
    assert names == {"plan", "displacement", "cardinality", "price", "convergence"}


def test_that_units_do_not_matter():
    """A power of two, so that not even the rounding differs."""
    scaled = PointClouds(x=2.0**20 * PAIR.x, y=2.0**20 * PAIR.y)
    result, same = solve(scaled, k=2), solve(k=2)
    assert result.cost == 2.0**40 * same.cost
    np.testing.assert_array_equal(result.plan_values, same.plan_values)


def test_that_a_run_tells_dual_and_residual_and_shows_them():
    events = []
    solve(ctx=Context(events.append))
    rows = [(e.phase, row) for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    assert {phase for phase, _ in rows} == {"L-BFGS", "averaged ascent"}
    assert all(set(row) == {"dual", "residual"} for _, row in rows)
    assert {e.figure.name for e in events if isinstance(e, Shown)} == {"convergence"}


@pytest.mark.parametrize("phase", ["", "L-BFGS", "averaged ascent", "other limits"])
def test_that_a_stop_in_any_part_leaves_a_result(phase):
    stop = threading.Event()

    def listen(event):
        if getattr(event, "phase", None) == phase:
            stop.set()

    if not phase:
        stop.set()
    result = solve(ctx=Context(listen, stop=stop), curve=True, average_iter=2000)
    assert result.status is (Status.converged if phase == "other limits" else Status.stopped)
    assert result.curve_k is None
    assert SparsityConstrainedOT().figures(PAIR, result)


@pytest.mark.parametrize(
    ("problem", "k", "sentence"),
    [
        (PAIR, 33, "k is 33; it must be at most 32, the number of sources; lower k"),
        (
            PointClouds(x=PAIR.x, y=PAIR.y[:20]),
            1,
            "k is 1; with 20 targets it cannot serve 32 sources; it must be at least 2; raise k",
        ),
        (CostMatrix(cost=[[1.0]], a=[1.0], b=[2.0]), 1, "weighs 1 and the target 2"),
    ],
)
def test_that_an_impossible_limit_is_refused_with_a_sentence(problem, k, sentence):
    with pytest.raises(BadProblem, match=sentence):
        solve(problem, k=k)


def test_that_coinciding_points_are_no_problem():
    result = solve(PointClouds(x=np.ones((4, 2)), y=np.ones((4, 2))), k=2)
    assert result.cost == 0
    assert result.marginal_error < 1e-12
    assert result.max_nnz <= 2
