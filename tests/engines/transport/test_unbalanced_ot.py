"""Unbalanced transport against closed forms, limits, another solver, and bad input."""

import math
import threading

import numpy as np
import ot
import pytest
import torch
from pydantic import ValidationError
from scipy.spatial.distance import cdist

from engines.context import Context
from engines.problem import BadProblem, Status
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.methods.unbalanced_ot import UnbalancedOT
from engines.transport.problem import (
    CostMatrix,
    Histograms,
    PointClouds,
    torn_clouds,
    two_peaks,
    waning_disc,
)

RNG = np.random.default_rng(7)
X, Y = RNG.standard_normal((40, 2)), RNG.standard_normal((30, 2)) * 0.5 + 1
A, B = RNG.random(40), 2 * RNG.random(30)
CLOUDS = PointClouds(x=X, y=Y, a=A, b=B)
COSTS = cdist(X, Y, "sqeuclidean")


def solve(problem, ctx=None, **settings):
    settings = {"epsilon_mode": "absolute", "tol": 1e-10, **settings}
    return UnbalancedOT(**settings).run(problem, ctx or Context())


def one_pair(a=2.0, b=0.5, cost=0.7, **settings):
    problem = CostMatrix(cost=np.array([[cost]]), a=np.array([a]), b=np.array([b]))
    return solve(problem, **{"tol": 1e-12, **settings})


def test_that_one_point_sends_the_mass_of_the_closed_form():
    """log P = ((ρ + ε) log(a b) - C)/(2ρ + ε) follows from P = a exp(-f/ρ) = b exp(-g/ρ)."""
    result = one_pair(epsilon=0.1, rho=1.0)
    assert result.mass == pytest.approx(math.exp(-0.7 / 2.1), abs=1e-12)
    assert result.mass == pytest.approx(0.716531311, abs=5e-10)


@pytest.mark.parametrize(("here", "there"), [(1.0, 1.0), (0.3, 2.0), (5.0, 0.1), (1e3, 1e5)])
def test_that_unlike_prices_have_their_closed_form(here, there):
    result = one_pair(epsilon=0.1, rho=here, rho_target=there)
    expected = (0.1 + here) * math.log(2) + (0.1 + there) * math.log(0.5) - 0.7
    assert result.mass == pytest.approx(math.exp(expected / (0.1 + here + there)), rel=1e-9)


def test_that_a_small_epsilon_has_the_limit_without_it():
    """√(ab) exp(-C/2ρ); the mass changes by ε C/(2ρ)² at first."""
    result = one_pair(epsilon=1e-5, rho=1.0, tol=1e-9)  # of ε: less is rounding
    assert result.mass == pytest.approx(math.exp(-0.35), abs=1e-5)


def test_that_an_infinite_price_on_one_side_moves_all_of_its_mass():
    result = one_pair(epsilon=0.1, rho=math.inf, rho_target=1.0)
    assert result.mass * result.unit_mass == pytest.approx(2, rel=1e-12)
    result = solve(CLOUDS, epsilon=0.2, rho=1.0, rho_target=math.inf)
    np.testing.assert_allclose(result.col_mass_ratio, 1, rtol=1e-8)
    assert abs(result.row_mass_ratio - 1).max() > 0.1


@pytest.mark.parametrize("rho", [0.1, 1.0, 10.0])
def test_that_the_plan_is_that_of_pot(rho):
    result = solve(CLOUDS, epsilon=0.2, rho=rho)
    a, b = A / result.unit_mass, B / result.unit_mass
    peer = ot.unbalanced.sinkhorn_unbalanced(
        a, b, COSTS, 0.2, rho, reg_type="kl", stopThr=1e-14, numItermax=100_000
    )
    np.testing.assert_allclose(result.plan, peer, atol=1e-12)
    np.testing.assert_allclose(result.row_mass_ratio, peer.sum(1) / a, atol=1e-9)
    np.testing.assert_allclose(result.col_mass_ratio, peer.sum(0) / b, atol=1e-9)


@pytest.mark.parametrize("backend", ["kernel", "dense_log", "streamed"])
def test_that_what_is_minimised_equals_the_dual(backend):
    for rho in (0.1, 1.0, 100.0):
        result = solve(CLOUDS, epsilon=0.2, rho=rho, backend=backend)
        assert result.status is Status.converged
        assert abs(result.duality_gap) < 1e-11  # of potentials of some hundreds
        assert result.marginal_error < 1e-10


def test_that_the_value_is_that_of_the_definition():
    result = solve(CLOUDS, epsilon=0.2, rho=1.0, rho_target=2.0)
    plan, a, b = result.plan, result.a, result.b

    def divergence(p, q):
        return float((p * np.log(p / q) - p + q).sum())

    value = (plan * COSTS).sum() + 0.2 * divergence(plan, np.outer(a, b))
    value += divergence(plan.sum(1), a) + 2 * divergence(plan.sum(0), b)
    assert result.reg_cost == pytest.approx(value, rel=1e-12)
    assert result.cost == pytest.approx((plan * COSTS).sum(), rel=1e-12)
    # The least: other plans cost more.
    for factor in (0.99, 1.01):
        other = factor * plan
        more = (other * COSTS).sum() + 0.2 * divergence(other, np.outer(a, b))
        more += divergence(other.sum(1), a) + 2 * divergence(other.sum(0), b)
        assert more > value


def test_that_a_high_price_gives_balanced_transport():
    clouds = PointClouds(x=X, y=Y)
    balanced = Sinkhorn(epsilon=0.2, epsilon_mode="absolute", tol=1e-10).run(clouds, Context())
    for rho, apart in ((1e6, 1e-4), (math.inf, 1e-8)):
        result = solve(clouds, epsilon=0.2, rho=rho)
        np.testing.assert_allclose(result.plan, balanced.plan, rtol=apart, atol=1e-12)
        assert result.reg_cost == pytest.approx(balanced.reg_cost, abs=10 / rho + 1e-9)


def test_that_a_high_price_takes_no_more_iterations():
    """Plain updates would take some ρ/ε of them; POT ends with numerical errors from 10³ on."""
    counts = [solve(CLOUDS, epsilon=0.2, rho=rho).iterations for rho in (10.0, 1e3, 1e6, 1e8)]
    assert max(counts) < 2 * min(counts)


def test_that_an_outlier_is_left_behind():
    far = np.concatenate([X, [[50.0, 0.0]]])
    result = solve(PointClouds(x=far, y=Y), epsilon=0.1, rho=2.0)
    assert result.row_mass_ratio[-1] < 1e-12
    assert np.median(result.row_mass_ratio[:-1]) > 0.3
    without = solve(PointClouds(x=X, y=Y, a=np.full(40, 1 / 41), b=np.full(30, 1 / 30)), rho=2.0,
                    epsilon=0.1)  # fmt: skip
    assert result.mass * result.unit_mass == pytest.approx(
        without.mass * without.unit_mass, rel=0.1
    )


def test_that_the_unit_of_mass_does_not_matter():
    result = solve(CLOUDS, epsilon=0.2, rho=1.0)
    tons = solve(PointClouds(x=X, y=Y, a=1000 * A, b=1000 * B), epsilon=0.2, rho=1.0)
    np.testing.assert_allclose(tons.plan, result.plan, rtol=1e-9)
    np.testing.assert_allclose(tons.row_mass_ratio, result.row_mass_ratio, rtol=1e-9)
    assert tons.unit_mass == pytest.approx(1000 * math.sqrt(A.sum() * B.sum()), rel=1e-12)


def test_that_a_cost_matrix_is_the_cost_of_its_points():
    clouds = solve(CLOUDS, epsilon=0.2, rho=1.0)
    matrix = solve(CostMatrix(cost=COSTS, a=A, b=B), epsilon=0.2, rho=1.0)
    np.testing.assert_allclose(matrix.plan, clouds.plan, rtol=1e-8, atol=1e-14)
    names = [f.name for f in UnbalancedOT().figures(CostMatrix(cost=COSTS, a=A, b=B), matrix)]
    assert names == ["mass_ratio", "plan", "convergence"]


def test_that_a_grid_is_summed_axis_by_axis_to_the_same_plan():
    picture = Histograms(source=RNG.random((7, 6)), target=3 * RNG.random((7, 6)))
    grid = solve(picture, epsilon=0.02, rho=0.2)
    kernel = solve(picture, epsilon=0.02, rho=0.2, backend="kernel")
    assert "grid" in grid.note
    np.testing.assert_allclose(grid.plan, kernel.plan, rtol=1e-7, atol=1e-14)
    assert abs(grid.duality_gap) < 1e-11


def test_that_a_small_epsilon_is_reached_over_larger_ones():
    result = solve(two_peaks(), epsilon=1e-4, rho=0.01, tol=1e-6)
    assert result.status is Status.converged
    assert result.epsilons[0] > 10 * result.epsilons[-1]
    assert abs(result.duality_gap) < 1e-9


def test_that_single_precision_gives_the_same_masses():
    double = solve(torn_clouds(), epsilon=0.1, rho=2.0)
    single = solve(torn_clouds(), Context(dtype=torch.float32), epsilon=0.1, rho=2.0)
    assert single.plan.dtype == np.float32
    assert single.mass == pytest.approx(double.mass, rel=1e-6)


@pytest.mark.parametrize("backend", ["auto", "kernel"])
def test_that_bins_without_mass_have_no_ratio(backend):
    result = solve(waning_disc(24), epsilon=0.01, rho=0.1, tol=1e-6, backend=backend)
    empty = waning_disc(24).source.ravel() == 0
    assert np.isnan(result.row_mass_ratio[empty]).all()
    assert (result.row_mass_ratio[~empty] > 0).all()


def test_that_outliers_stand_still_and_the_others_move():
    problem = torn_clouds()
    example = UnbalancedOT.examples[0]
    method = UnbalancedOT(**example.settings)
    result = method.run(problem, Context())
    first, displacement, *_ = method.figures(problem, result)
    assert first.name == "mass_ratio"
    np.testing.assert_allclose(first.panels[0].marks[1].values, result.row_mass_ratio)
    still = result.row_mass_ratio < 0.01
    assert 10 < still.sum() <= 20
    way = displacement.panels[0].marks[-1]
    np.testing.assert_array_equal(way.x[0, still], way.x[-1, still])
    assert (way.x[-1, ~still] != way.x[0, ~still]).all()


def test_that_a_stop_leaves_a_result():
    stop = threading.Event()
    stop.set()
    result = solve(CLOUDS, Context(stop=stop), epsilon=0.2)
    assert result.status is Status.stopped
    assert UnbalancedOT().figures(CLOUDS, result)


@pytest.mark.parametrize("rho", [0, -1])
def test_that_prices_are_positive(rho):
    for name in ("rho", "rho_target"):
        with pytest.raises(ValidationError, match="greater than 0"):
            UnbalancedOT(**{name: float(rho)})


def test_that_unlike_totals_need_a_finite_price():
    with pytest.raises(BadProblem, match=r"both rho are infinite; .*; lower rho"):
        solve(CLOUDS, rho=math.inf)
