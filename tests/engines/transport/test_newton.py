"""Newton steps against finite differences, dense solvers and the rate that theory gives."""

import math

import numpy as np
import pytest
import torch

from engines.context import Cancelled
from engines.transport.cost import given_cost
from engines.transport.newton import Newton, conjugate_gradients, keep_above, keep_largest
from engines.transport.softmin import Kernel

N, M, EPSILON = 40, 30, 0.01


def go_on():
    pass


def newton(sweeps=5):
    """At potentials that a few iterations have brought near."""
    cost = given_cost(torch.from_numpy(np.random.default_rng(5).random((N, M))))
    a, b = (torch.full((k,), 1 / k, dtype=torch.float64) for k in (N, M))
    made = Newton(Kernel(cost, a, b), go_on)
    made.start(EPSILON, cost.x.amin(1) * 0, cost.x.amin(0))
    for _ in range(sweeps):
        made.sweep()
    return made


def everything(made):
    return keep_above(made.plan, made.rows, made.cols, 0.0)


def test_that_the_gradient_is_the_slope_of_the_dual():
    made = newton()
    made.sweep()
    f, g, h = made.f, made.g, 1e-6
    missing = torch.cat(made.gradient)
    for i in (0, 7, N + 3):
        values = []
        for sign in (1, -1):
            shift = torch.zeros(N + M, dtype=torch.float64)
            shift[i] = sign * h
            made.start(EPSILON, f + shift[:N], g + shift[N:])
            values.append(made.dual)
        slope = (values[0] - values[1]) / (2 * h)
        assert slope == pytest.approx(float(missing[i]), abs=1e-8)  # rounding of F over h


def test_that_sweeps_meet_the_columns_and_never_lower_the_dual():
    made, last = newton(1), -math.inf
    for _ in range(10):
        made.sweep()
        assert float(made.gradient[1].abs().sum()) < 1e-14
        assert made.dual >= last - 1e-15
        last = made.dual
    plan = made.plan.clone()
    made.start(EPSILON, made.f, made.g)
    # The plan that was scaled in place is that of the potentials, up to rounding times C/ε.
    torch.testing.assert_close(made.plan, plan, atol=0, rtol=1e-11)


def test_that_a_step_without_gaps_solves_the_whole_system():
    """Against the pseudo-inverse of the dense matrix; both are free up to a constant."""
    made = newton(60)
    P, (r, c) = made.plan.clone(), made.gradient
    matrix = torch.cat(
        [
            torch.cat([made.rows.diag(), P], 1),
            torch.cat([P.T, made.cols.diag()], 1),
        ]
    )
    exact = torch.linalg.pinv(matrix) @ (EPSILON * torch.cat([r, c]))
    f, g = made.f.clone(), made.g.clone()
    taken = made.step(everything(made), 1.0, 1e-12, 500)
    assert taken.length == 1.0
    moved = (made.f - f)[:, None] + (made.g - g)
    wanted = exact[:N, None] + exact[N:]
    torch.testing.assert_close(moved, wanted, atol=1e-9, rtol=1e-6)


@pytest.mark.parametrize("dense_above", [1.0, 0.0])
def test_that_the_error_is_squared_by_each_full_step(dense_above):
    made = newton(40)
    errors = [made.error]
    while errors[-1] > 1e-7:
        taken = made.step(everything(made), dense_above, 1e-14, 500)
        assert taken.length == 1.0
        errors.append(made.error)
    assert len(errors) <= 7
    # Quadratic: e' = c e² with a c that settles; a linear rate would let it grow like 1/e.
    constants = [after / before**2 for before, after in zip(errors[-3:], errors[-2:])]
    assert constants[1] < 10 * constants[0]


def test_that_any_gaps_leave_a_direction_in_which_the_dual_grows():
    for count in (1, N, 5 * N):
        made = newton(3)
        before = made.dual
        kept = keep_largest(made.plan, count)
        assert int(kept.mask.sum()) == count
        assert made.step(kept, 1.0, 1e-8, 500).length > 0
        assert made.dual > before


def test_that_what_is_left_out_of_a_row_is_below_the_threshold():
    made = newton()
    for tau in (0.3, 0.01):
        kept = keep_above(made.plan, made.rows, made.cols, tau)
        lost = torch.where(kept.mask, 0, made.plan)
        assert (lost.sum(1) <= tau * made.rows).all()
        assert (lost.sum(0) <= tau * made.cols).all()
        assert kept.density == pytest.approx(float(kept.mask.double().mean()))
    assert 0 < kept.density < 1


def test_that_points_of_little_mass_keep_their_own_entries():
    plan = torch.tensor([[1.0, 1e-9], [1.0, 2e-9], [1.0, 0.0]], dtype=torch.float64)
    wanted = torch.tensor([[True, True], [True, True], [True, False]])
    assert torch.equal(keep_above(plan, plan.sum(1), plan.sum(0), 0.1).mask, wanted)
    assert torch.equal(keep_above(plan.T, plan.sum(0), plan.sum(1), 0.1).mask, wanted.T)


def test_that_conjugate_gradients_solve_a_singular_system_that_has_a_solution():
    rng = np.random.default_rng(6)
    A = torch.from_numpy(rng.standard_normal((12, 8)))
    matrix = A @ A.T  # of rank 8
    rhs = matrix @ torch.from_numpy(rng.standard_normal(12))
    x, iterations = conjugate_gradients(matrix.__matmul__, rhs, 1e-10, 100, go_on)
    assert float((matrix @ x - rhs).norm()) <= 1e-9 * float(rhs.norm())
    assert iterations <= 20
    assert not conjugate_gradients(matrix.__matmul__, 0 * rhs, 1e-10, 100, go_on)[0].any()


def test_that_a_system_without_a_solution_leaves_finite_numbers():
    matrix = torch.tensor([[1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    x, _ = conjugate_gradients(matrix.__matmul__, torch.ones(2).double(), 1e-10, 100, go_on)
    assert x[0].isfinite()
    assert x[1].isfinite()


def test_that_a_stop_ends_a_long_solve():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        conjugate_gradients(lambda x: x, torch.ones(3), 1e-10, 10, stop)


def test_that_a_direction_without_hope_leaves_everything_as_it_was():
    made = newton()
    f, plan = made.f.clone(), made.plan.clone()
    made._direction = lambda *_: (-made.gradient[0], -made.gradient[1], 0)
    taken = made.step(everything(made), 1.0, 1e-8, 10)
    assert taken.length == 0
    torch.testing.assert_close(made.f, f, atol=0, rtol=0)
    torch.testing.assert_close(made.plan, plan, atol=0, rtol=1e-13)
