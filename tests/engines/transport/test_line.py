"""Transport on a line against the linear programme, closed forms and permutations."""

import numpy as np
import ot
import pytest
import torch

from engines.transport.line import line_costs, line_plan, merge, sort_lines

# Sums of a hundred products of numbers near 1.
ROUNDING = 1e-13


def clouds(n, m, seed=0):
    rng = np.random.default_rng(seed)
    a, b = rng.random(n), rng.random(m)
    x, y = rng.standard_normal(n), rng.standard_normal(m) + 0.3
    return tuple(torch.from_numpy(v) for v in (x, y, a / a.sum(), b / b.sum()))


def programme(x, y, a, b, p):
    costs = (x[:, None] - y).abs().pow(p).numpy()
    return ot.emd2(a.numpy(), b.numpy(), costs)


@pytest.mark.parametrize("p", [1, 1.5, 2, 3])
def test_that_the_merged_weights_cost_what_the_linear_programme_costs(p):
    x, y, a, b = clouds(50, 37)
    plan = line_plan(x, y, a, b, p)
    assert plan.cost == pytest.approx(programme(x, y, a, b, p), abs=ROUNDING)
    lines = line_costs(torch.stack([x, x + 1]), torch.stack([y, 2 * y]), a, b, p)
    assert float(lines[0]) == pytest.approx(plan.cost, abs=ROUNDING)
    assert float(lines[1]) == pytest.approx(programme(x + 1, 2 * y, a, b, p), abs=ROUNDING)


@pytest.mark.parametrize("m", [50, 37, 100])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_that_equal_weights_cost_what_the_linear_programme_costs(m, p):
    x, y, _, _ = clouds(50, m)
    expected = programme(x, y, x.new_full((50,), 1 / 50), y.new_full((m,), 1 / m), p)
    assert float(line_costs(x[None], y[None], p=p)) == pytest.approx(expected, abs=ROUNDING)


def test_that_the_plan_has_both_marginals_and_at_most_n_plus_m_minus_1_pairs():
    x, y, a, b = clouds(50, 37)
    plan = line_plan(x, y, a, b)
    dense = torch.zeros(50, 37, dtype=torch.float64)
    dense.index_put_((plan.rows, plan.cols), plan.mass, accumulate=True)
    torch.testing.assert_close(dense.sum(1), a, rtol=0, atol=1e-15)
    torch.testing.assert_close(dense.sum(0), b, rtol=0, atol=1e-15)
    assert len(plan.mass) == 50 + 37 - 1
    assert (plan.mass >= 0).all()


@pytest.mark.parametrize("p", [1, 2, 3])
def test_that_the_prices_prove_the_plan_optimal(p):
    x, y, a, b = clouds(50, 37)
    plan = line_plan(x, y, a, b, p)
    costs = (x[:, None] - y).abs().pow(p)
    assert float((plan.u[:, None] + plan.v - costs).max()) < ROUNDING
    assert float(plan.u @ a + plan.v @ b) == pytest.approx(plan.cost, abs=ROUNDING)


def test_that_zero_weights_change_nothing():
    x, y, a, b = clouds(5, 4)
    far = torch.tensor([100.0]).double()
    with_far = line_plan(torch.cat([far, x]), y, torch.cat([0 * far, a]), b)
    assert with_far.cost == pytest.approx(line_plan(x, y, a, b).cost, abs=ROUNDING)


def test_that_uniform_distributions_have_their_closed_form():
    """U(0, 1) to U(2, 5): W₂² = 3² + (3 - 1)²/12; points in the middle of n bins miss O(1/n²)."""
    quantiles = (torch.arange(2000).double() + 0.5) / 2000
    cost = line_costs(quantiles[None], 2 + 3 * quantiles[None])
    assert float(cost) == pytest.approx(9 + 4 / 12, abs=1e-6)


def test_that_the_order_of_the_points_does_not_matter():
    x, y, a, b = clouds(50, 37)
    way = torch.from_numpy(np.random.default_rng(1).permutation(50))
    first, second = line_plan(x, y, a, b), line_plan(x[way], y, a[way], b)
    assert second.cost == pytest.approx(first.cost, abs=1e-15)
    torch.testing.assert_close(second.u, first.u[way], rtol=0, atol=1e-14)


def test_that_equal_sums_of_unequal_weights_leave_no_slivers():
    """1000 and 2000 equal weights have 1000 sums in common; the staircase has 2000 cells."""
    mass = merge(
        torch.full((1, 1000), 1e-3, dtype=torch.float64),
        torch.full((1, 2000), 5e-4, dtype=torch.float64),
    ).mass
    assert int((mass > 1e-14).sum()) == 2000


def test_that_sorting_returns_where_each_value_stood():
    values = torch.tensor([[3.0, 1.0, 2.0], [0.0, 5.0, -1.0]])
    ordered, place = sort_lines(values)
    torch.testing.assert_close(ordered, torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.0, 5.0]]))
    torch.testing.assert_close(values.gather(1, place), ordered)
