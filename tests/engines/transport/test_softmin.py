"""Soft c-transforms in four back ends: one answer, whatever the way."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch.utils._python_dispatch import TorchDispatchMode

from engines.transport.cost import CPU_BLOCK, GridCost, grid_points, point_cost
from engines.transport.softmin import Kernel, LogDomain, Separable, log_sum_exp, make_softmin

RNG = np.random.default_rng(1)
CPU = torch.device("cpu")


def weights(n):
    drawn = torch.tensor(RNG.random(n))
    return drawn / drawn.sum()


AXES = (torch.linspace(0, 1, 9).double(), torch.linspace(-1, 1, 7).double())
GRID = GridCost(AXES)
BINS = grid_points(GRID)
A, B = weights(63), weights(63)
G, F = torch.tensor(RNG.standard_normal(63)), torch.tensor(RNG.standard_normal(63))
PAIRS = BINS.block(slice(None)).numpy()
BACKENDS = ["kernel", "dense_log", "streamed", "grid"]


def soft(backend, dtype=torch.float64):
    made = make_softmin(backend, GRID if backend == "grid" else BINS, A, B, dtype, CPU)
    made.sharpen() if dtype == torch.float64 else None
    return made


@pytest.mark.parametrize("backend", BACKENDS)
# 1e-3 makes exponents of 2000: beyond the range of float64 without a reference.
@pytest.mark.parametrize("epsilon", [1e-3, 0.1, 10.0])
def test_that_every_back_end_is_the_log_sum_exp_of_scipy(backend, epsilon):
    made = soft(backend)
    f = -epsilon * logsumexp((G.numpy() - PAIRS) / epsilon, b=B.numpy(), axis=1)
    g = -epsilon * logsumexp((F.numpy()[:, None] - PAIRS) / epsilon, b=A.numpy()[:, None], axis=0)
    np.testing.assert_allclose(made.rows(epsilon, G), f, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(made.cols(epsilon, F), g, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_that_columns_may_be_asked_for_first(backend):
    g = -0.01 * logsumexp((F.numpy()[:, None] - PAIRS) / 0.01, b=A.numpy()[:, None], axis=0)
    np.testing.assert_allclose(soft(backend).cols(0.01, F), g, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_that_a_plan_is_applied_without_being_formed(backend):
    values = torch.tensor(RNG.standard_normal((63, 3)))
    plan = (A[:, None] * B * ((F[:, None] + G - torch.tensor(PAIRS)) / 0.5).exp()).numpy()
    got = soft(backend).apply(0.5, F, G, values)
    np.testing.assert_allclose(got, plan @ values.numpy(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("backend", ["kernel", "dense_log", "streamed"])
def test_that_float32_keeps_potentials_to_the_rounding_of_small_exponents(backend):
    """f/ε is 171 and C/ε 500: float32 throughout would err by 500 · 6e-8 = 3e-5."""
    made, f, g, epsilon = soft(backend, torch.float32), F, G, 0.01
    for _ in range(30):
        g = made.cols(epsilon, f)
        f = made.rows(epsilon, g)
    assert made.precision == torch.float32
    exact = -epsilon * logsumexp((g.numpy() - PAIRS) / epsilon, b=B.numpy(), axis=1)
    # Stored matrices are float64 until log K, some 10 where it matters; streamed ones are not.
    bound = {"kernel": 1e-6, "dense_log": 1e-6, "streamed": 5e-5}[backend]
    assert abs(f.numpy() - exact).max() / epsilon < bound


@pytest.mark.parametrize("backend", ["kernel", "dense_log", "streamed"])
def test_that_potentials_may_move_far_in_either_precision(backend):
    """A jump of 10⁴ ε, whose rounding in float32 is 10⁴ · 6e-8 = 6e-4, a few of them added."""
    for dtype, bound in ((torch.float64, 1e-10), (torch.float32, 5e-3)):
        made = soft(backend, dtype)
        made.rows(0.01, G)
        far = 100 * torch.linspace(-1, 1, 63).double()
        f = -0.01 * logsumexp((far.numpy() - PAIRS) / 0.01, b=B.numpy(), axis=1)
        assert abs(made.rows(0.01, far).numpy() - f).max() / 0.01 < bound
        g = -0.01 * logsumexp((far.numpy()[:, None] - PAIRS) / 0.01, b=A.numpy()[:, None], axis=0)
        assert abs(made.cols(0.01, far).numpy() - g).max() / 0.01 < bound


def test_that_a_kernel_starts_in_float32_unless_weights_are_tiny():
    assert Kernel(BINS, A, B).precision == torch.float32
    tiny = A.clone()
    tiny[0] = 1e-40
    assert Kernel(BINS, tiny, B).precision == torch.float64


def test_that_sharpening_happens_once():
    made = Kernel(BINS, A, B)
    assert made.floor > 0
    assert made.sharpen()
    assert made.floor == 0
    assert not made.sharpen()
    assert not Separable(GRID, A, B).sharpen()


def test_that_the_matrix_product_and_the_log_domain_of_a_grid_agree():
    """A line whose entries span more than float64's range takes the second way."""
    made = Separable(GRID, A, B)
    narrow = torch.tensor(RNG.standard_normal(63))
    wide = narrow.clone()
    wide[-1] = -900.0  # adds nothing anywhere, but widens the span
    got = made.convolve(0.1, wide).numpy()
    narrow[-1] = -np.inf
    np.testing.assert_allclose(got, logsumexp(narrow.numpy() - PAIRS / 0.1, axis=1), rtol=1e-13)


def test_that_a_kernel_that_underflows_leaves_the_matrix_product_exact():
    """Each bin is part of its own sum, so only what is far below rounding is lost."""
    axis = torch.linspace(0, 1, 50, dtype=torch.float64)
    ones = torch.ones(50, dtype=torch.float64)
    made = Separable(GridCost((axis,)), ones, ones)
    epsilon = 1 / 5000  # exp(-C/ε) is 0 for half of the pairs
    for lines in (600 * RNG.random(50), np.linspace(0, 600, 50), np.linspace(0, 755, 50)):
        got = made.convolve(epsilon, torch.tensor(lines)).numpy()
        pairs = (axis[:, None] - axis).numpy() ** 2
        np.testing.assert_allclose(got, logsumexp(lines - pairs / epsilon, axis=1), rtol=1e-13)


def test_that_log_sum_exp_survives_what_underflows():
    values = torch.tensor([[-1e5, -1e5 - 1], [3.0, -1e4]], dtype=torch.float64)
    expected = [-1e5 + np.log1p(np.exp(-1)), 3]
    np.testing.assert_allclose(log_sum_exp(values.clone()), expected, rtol=1e-15)


class Largest(TorchDispatchMode):
    """Remembers the size of the largest tensor that any operation returns."""

    nbytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            self.nbytes = max(self.nbytes, out.nbytes)
        return out


def test_that_streaming_never_holds_more_than_a_block():
    """n = m = 2100: the matrix would have 4.4 million entries."""
    x = torch.tensor(RNG.standard_normal((2100, 2)))
    a = torch.full((2100,), 1 / 2100, dtype=torch.float64)
    seen = {}
    for dense in (False, True):
        made = LogDomain(point_cost(x, x + 1), a, a, torch.float64, CPU, dense=dense)
        with Largest() as probe:
            f = made.rows(0.5, torch.zeros_like(a))
            g = made.cols(0.5, f)
            made.apply(0.5, f, g, x)
        seen[dense] = probe.nbytes
    assert seen[False] <= CPU_BLOCK
    assert seen[True] == 8 * 2100**2, "the probe sees stored matrices"
