"""Codes under an entropy bound against all partitions, numerical optima and the greedy bound."""

import itertools
import math
import threading

import numpy as np
import pytest
from scipy.optimize import minimize

from engines.context import Context
from engines.problem import BadProblem, Status
from engines.transport.couplings import Distribution, die, three_symbols
from engines.transport.encoders import Candidates, greedy_bound, partitions
from engines.transport.entropy import entropy, mutual_information
from engines.transport.methods.ebim import EntropyBoundedInformation

RNG = np.random.default_rng(5)
P = np.array([0.7, 0.2, 0.1])
ROUNDING = 1e-11


def solve(p, rate=None, ctx=None, **settings):
    return EntropyBoundedInformation(rate=rate, **settings).run(
        Distribution(p=np.array(p)), ctx or Context()
    )


def published(p, rate):
    return solve(p, rate, encoder="greedy", refine=False)


def best_partition(p, rate):
    """Largest H ≤ rate over every assignment of symbols to groups."""
    values = [
        entropy(np.bincount(labels, p))
        for labels in itertools.product(range(len(p)), repeat=len(p))
    ]
    return max(v for v in values if v <= rate + ROUNDING)


@pytest.mark.parametrize(
    ("rate", "value"), [(0.5, 0.468996), (0.7, 0.468996), (0.9, 0.881291), (1.2, 1.156780)]
)
def test_that_greedy_merging_finds_the_partitions_of_three_symbols(rate, value):
    result = published(P, rate)
    assert result.information == pytest.approx(value, abs=1e-6)
    assert result.information == pytest.approx(result.h_t, abs=ROUNDING)


@pytest.mark.parametrize(
    ("rate", "optimum", "short"),
    [
        (0.2, 0.1108, 0.0005),
        (0.7, 0.6398, 0.0001),
        (0.8, 0.7530, 0.0003),
        (0.9, 0.8848, 0.0001),
        (1.0, 0.9216, 0.0003),
        (1.1, 1.0311, 0.0015),
    ],
)
def test_that_refined_codes_are_near_the_numerical_optimum(rate, optimum, short):
    """The optima are those of a search over all p(t|x) with many starts, to four digits."""
    result = solve(P, rate)
    assert optimum - short <= result.information <= optimum + 5e-5
    assert result.h_t <= rate + ROUNDING


def test_that_no_code_found_by_a_numerical_search_is_much_better():
    """An independent optimiser over p(t|x) with four codes, at a rate between two partitions."""
    p, rate = np.array([0.4, 0.3, 0.2, 0.1]), 1.4

    def joint(z):
        rows = np.exp(z.reshape(4, 4) - z.reshape(4, 4).max(1, keepdims=True))
        return p[:, None] * rows / rows.sum(1, keepdims=True)

    def score(z):
        over = max(entropy(joint(z).sum(0)) - rate, 0.0)
        return 20 * over - mutual_information(joint(z))

    found = -min(
        minimize(score, 3 * RNG.standard_normal(16), method="Powell", options={"maxiter": 30}).fun
        for _ in range(4)
    )
    assert solve(p, rate).information >= found - 5e-3


def test_that_a_fair_die_has_the_published_values():
    p = die().p
    for rate, value in ((4, 4), (3.5, 3.5), (3, 2.9056), (2, 1.9238), (1, 0.9934)):
        assert published(p, rate).information == pytest.approx(value, abs=5e-5)
    for rate in (3.0, 2.0, 1.0):
        groups = solve(p, rate, encoder="uniform", refine=False)
        assert groups.information == pytest.approx(rate, abs=ROUNDING)
        best = solve(p, rate)
        assert best.information == pytest.approx(rate, abs=ROUNDING)
        assert np.count_nonzero(best.joint) == 16  # nothing to refine, not even by rounding
        assert best.codes == 2**rate


def test_that_the_portfolio_finds_the_best_partition_of_few_symbols():
    for _ in range(5):
        p = RNG.dirichlet(np.ones(5))
        rate = RNG.uniform(0, entropy(p))
        found = solve(p, rate, refine=False)
        assert found.information == pytest.approx(best_partition(p, rate), abs=ROUNDING)


def test_that_all_partitions_of_eight_symbols_are_looked_at_once():
    seen = {tuple(labels) for labels in partitions(np.full(8, 1 / 8), "portfolio")}
    assert len(seen) == 4140  # the Bell number of 8


@pytest.mark.parametrize("n", [6, 12])
def test_that_greedy_merging_misses_the_rate_by_no_more_than_its_bound(n):
    for _ in range(60):
        p = RNG.dirichlet(np.ones(n))
        rate = RNG.uniform(0, entropy(p))
        candidates = Candidates(p)
        for labels in partitions(p, "greedy"):
            candidates.add(labels)
        found = candidates.first(rate, 1e-12).entropies[-1]
        assert rate - greedy_bound(p) - ROUNDING <= found <= rate + ROUNDING


@pytest.mark.parametrize("n", [6, 12, 40])
@pytest.mark.parametrize("refine", [False, True])
def test_that_the_portfolio_is_never_worse_than_greedy_merging(n, refine):
    p = RNG.dirichlet(np.ones(n))
    for share in (0.2, 0.5, 0.8):
        rate = share * entropy(p)
        best = solve(p, rate, refine=refine)
        assert best.information >= published(p, rate).information - ROUNDING
        assert best.information <= best.h_t + ROUNDING
        assert best.h_t <= rate + ROUNDING


def test_that_refining_uses_the_best_single_move():
    """Every symbol's move out of a group or between two groups, on a fine grid of amounts."""
    p, rate = np.array([0.45, 0.25, 0.18, 0.12]), 1.2
    best = 0.0
    for labels in partitions(p, "portfolio"):
        plain = np.zeros((4, 5))
        plain[np.arange(4), labels] = p
        for symbol, group in itertools.product(range(4), range(5)):
            for part in np.linspace(0, p[symbol], 101):
                joint = plain.copy()
                joint[symbol, labels[symbol]] -= part
                joint[symbol, group] += part
                if entropy(joint.sum(0)) <= rate:
                    best = max(best, mutual_information(joint))
    # The two directions tried are those that are best for small moves, not for every size.
    assert solve(p, rate).information == pytest.approx(best, abs=0.01)


def test_that_the_code_keeps_the_distribution_and_its_stated_numbers():
    p = np.array([0.0, 0.35, 0.25, 0.0, 0.2, 0.15, 0.05])
    result = solve(p, 1.3)
    np.testing.assert_allclose(result.joint.sum(1), p, atol=1e-15)
    assert (result.joint >= 0).all()
    assert result.joint.sum(0).min() > 0
    assert result.information == pytest.approx(mutual_information(result.joint), abs=ROUNDING)
    assert result.gap == pytest.approx(1.3 - result.information, abs=ROUNDING)


def test_that_the_ends_are_the_identity_and_a_constant():
    p = RNG.dirichlet(np.ones(10))
    everything, nothing = solve(p, entropy(p)), solve(p, 0.0)
    np.testing.assert_allclose(np.sort(everything.joint.sum(0)), np.sort(p), atol=1e-15)
    assert everything.information == pytest.approx(entropy(p), abs=ROUNDING)
    assert nothing.information == pytest.approx(0, abs=ROUNDING)
    assert nothing.h_t <= ROUNDING


def test_that_a_fall_of_entropy_by_merging_is_as_stated():
    a, b, rest = 0.3, 0.1, 0.6
    fall = entropy(np.array([a, b, rest])) - entropy(np.array([a + b, rest]))
    assert fall == pytest.approx(a * math.log2(1 + b / a) + b * math.log2(1 + a / b), abs=1e-15)


def test_that_the_curve_is_that_of_single_runs_and_below_the_rate():
    p = RNG.dirichlet(np.ones(7))
    result = solve(p)
    assert result.rate == pytest.approx(entropy(p) / 2)
    assert (result.information_by_rate <= result.rates + ROUNDING).all()
    for k in (10, 30):
        again = solve(p, float(result.rates[k]))
        assert again.information == pytest.approx(result.information_by_rate[k], abs=ROUNDING)


def test_that_a_stopped_run_leaves_a_code():
    stop = threading.Event()
    stop.set()
    result = EntropyBoundedInformation().run(three_symbols(), Context(stop=stop))
    assert result.status is Status.stopped
    assert result.h_t <= result.rate + ROUNDING
    np.testing.assert_allclose(result.joint.sum(1), P, atol=1e-15)
    assert EntropyBoundedInformation().figures(three_symbols(), result)


def test_that_a_total_other_than_one_is_refused():
    with pytest.raises(BadProblem, match="the sum of p is 3"):
        solve([1.0, 2.0], 0.5)
