"""Couplings through a code: limits, the chain X - T - Y, published numbers and inequalities."""

import threading

import numpy as np
import pytest

from engines.context import Context
from engines.problem import BadProblem, Status
from engines.transport.couplings import (
    Marginals,
    die_and_coins,
    greedy_coupling,
    photographs,
    through,
)
from engines.transport.entropy import entropy, mutual_information
from engines.transport.methods.mec import MinimumEntropyCoupling
from engines.transport.methods.mec_bottleneck import BottleneckCoupling

RNG = np.random.default_rng(11)
ROUNDING = 1e-11


def solve(problem, rate=None, ctx=None, **settings):
    return BottleneckCoupling(rate=rate, **settings).run(problem, ctx or Context())


def random_pair(n, m):
    return Marginals(p=RNG.dirichlet(np.ones(n)), q=RNG.dirichlet(np.ones(m)))


@pytest.mark.parametrize(("rate", "value"), [(4, 3.5013), (3, 2.6881), (2, 1.7612), (1, 0.8372)])
def test_that_the_photographs_have_their_published_information(rate, value):
    result = solve(photographs(), float(rate), encoder="greedy", refine=False)
    assert result.information == pytest.approx(value, abs=5e-5)
    # What the portfolio and the refinement are for.
    assert solve(photographs(), float(rate)).information > value


def test_that_a_full_rate_gives_the_plain_coupling():
    problem = random_pair(9, 6)
    plain = MinimumEntropyCoupling().run(problem, Context())
    result = solve(problem, entropy(problem.p) + 1)
    assert result.information == pytest.approx(plain.information, abs=ROUNDING)
    np.testing.assert_allclose(result.joint_xy, plain.joint, atol=1e-15)


def test_that_no_rate_gives_independence():
    problem = random_pair(5, 7)
    result = solve(problem, 0.0)
    np.testing.assert_allclose(result.joint_xy, np.outer(problem.p, problem.q), atol=1e-15)
    assert result.information == pytest.approx(0, abs=ROUNDING)


@pytest.mark.parametrize("encoder", ["greedy", "uniform", "portfolio"])
def test_that_marginals_the_chain_and_the_inequalities_hold(encoder):
    for n, m in ((4, 9), (12, 5), (30, 30)):
        problem = random_pair(n, m)
        rate = 0.6 * entropy(problem.p)
        r = solve(problem, rate, encoder=encoder)
        np.testing.assert_allclose(r.joint_xy.sum(1), problem.p, atol=1e-12)
        np.testing.assert_allclose(r.joint_xy.sum(0), problem.q, atol=1e-12)
        p_t = r.joint_ty.sum(1)
        np.testing.assert_allclose(r.joint_xt.sum(0), p_t, atol=1e-12)
        chain = np.einsum("xt,ty,t->xy", r.joint_xt, r.joint_ty, 1 / p_t)
        np.testing.assert_allclose(r.joint_xy, chain, atol=1e-14)
        assert r.h_t <= rate + ROUNDING
        assert r.information <= min(rate, r.h_y) + ROUNDING
        assert r.information <= min(r.encoder_information, r.decoder_information) + ROUNDING
        parts = r.encoder_information + r.decoder_information - r.h_t
        assert r.information >= parts - ROUNDING
        assert r.information == pytest.approx(r.h_x + r.h_y - r.h_xy, abs=ROUNDING)


def test_that_renamed_symbols_change_nothing_but_their_places():
    problem, rate = random_pair(7, 6), 1.5
    rows, cols = RNG.permutation(7), RNG.permutation(6)
    renamed = Marginals(p=problem.p[rows], q=problem.q[cols])
    expected = solve(problem, rate).joint_xy[rows][:, cols]
    np.testing.assert_allclose(solve(renamed, rate).joint_xy, expected, atol=1e-12)


def test_that_few_symbols_are_coupled_as_well_as_any_partition_can():
    """Brute force: every partition of X within the rate, each with its greedy decoder."""
    problem, rate = Marginals(p=np.array([0.4, 0.3, 0.3]), q=np.array([0.6, 0.4])), 0.98
    found = solve(problem, rate, refine=False)
    values = []
    for labels in ([0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2]):
        xt = np.zeros((3, max(labels) + 1))
        xt[range(3), labels] = problem.p
        if entropy(xt.sum(0)) <= rate:
            xy = through(xt, greedy_coupling(xt.sum(0), problem.q))
            values.append(mutual_information(xy))
    assert found.information == pytest.approx(max(values), abs=ROUNDING)
    assert found.information == pytest.approx(entropy(problem.q), abs=ROUNDING)


def test_that_the_curve_is_that_of_single_runs():
    problem = die_and_coins()
    result = solve(problem)
    for k in (0, 12, 31, 49):
        again = solve(problem, float(result.rates[k]))
        assert again.information == pytest.approx(result.information_by_rate[k], abs=ROUNDING)
        np.testing.assert_allclose(again.joint_xy, result.joint_by_rate[k], atol=1e-7)


def test_that_symbols_without_probability_do_no_harm():
    p, q = np.array([0.5, 0.0, 0.3, 0.2]), np.array([0.0, 0.7, 0.3])
    with_zeros = solve(Marginals(p=p, q=q), 1.0)
    without = solve(Marginals(p=p[p > 0], q=q[q > 0]), 1.0)
    np.testing.assert_allclose(with_zeros.joint_xy[p > 0][:, q > 0], without.joint_xy, atol=1e-15)
    assert with_zeros.joint_xy[1].sum() == 0


def test_that_a_stopped_run_leaves_a_coupling():
    stop = threading.Event()
    stop.set()
    problem = die_and_coins()
    result = solve(problem, 2.0, Context(stop=stop))
    assert result.status is Status.stopped
    np.testing.assert_allclose(result.joint_xy.sum(0), problem.q, atol=1e-12)
    assert len(BottleneckCoupling().figures(problem, result)) == 4


def test_that_totals_other_than_one_are_refused_unless_divided():
    problem = Marginals(p=np.array([2.0, 2.0]), q=np.array([1.0, 3.0]))
    with pytest.raises(BadProblem, match="the sum of p is 4; it must be 1"):
        solve(problem, 0.5)
    assert solve(problem, 1.0, normalise=True).h_x == pytest.approx(1, abs=ROUNDING)
