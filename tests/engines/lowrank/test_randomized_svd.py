"""Randomized SVD: the published errors, what must hold for every matrix, stopping and refusals."""

import threading

import numpy as np
import pytest
import torch
from scipy.sparse.linalg import svds

from engines.context import Context, Logged, Warned
from engines.lowrank.factor import KRYLOV_BLOCK
from engines.lowrank.methods.randomized_svd import FixedRank, RandomizedSVD, Tolerance
from engines.lowrank.problem import Image, Matrix, Stack, decaying, hilbert, sunset, waves
from engines.problem import BadProblem, Status

J = np.arange(1, 1501)
SPECTRA = {"1/j": 1.0 / J, "0.9^j": 0.9**J}


@pytest.fixture(scope="module")
def large():
    return {name: decaying(2000, 1500, s) for name, s in SPECTRA.items()}


@pytest.fixture(scope="module")
def small():
    return decaying(150, 120, 1.0 / np.arange(1, 121))


def solve(problem, ctx=None, **settings):
    return RandomizedSVD(**settings).run(problem, ctx or Context())


def rank(k, **more):
    return FixedRank(k=k, **more)


def excess(result):
    return result.relative_error / result.optimal_error - 1


# Errors depend on the draw: over seeds they stay within a factor 2 or so of the published ones.
@pytest.mark.parametrize(
    ("spectrum", "q", "error", "last_value"),
    [
        ("1/j", 0, 4.6e-1, 3.8e-1),
        ("1/j", 1, 2.6e-2, 9e-2),
        ("1/j", 2, 6.0e-3, 3e-2),
        ("1/j", 4, 4.7e-4, 6e-3),
        ("0.9^j", 0, 6.7e-1, 1.2e-1),
        ("0.9^j", 1, 3.7e-4, 6e-4),
        ("0.9^j", 2, 3.3e-6, 9e-6),
    ],
)
def test_that_power_steps_bring_the_published_errors(large, spectrum, q, error, last_value):
    result = solve(large[spectrum], target=rank(50), n_power=q)
    assert error / 3 < excess(result) < 3 * error
    s50 = SPECTRA[spectrum][49]
    assert 0 < (s50 - result.s[49]) / s50 < 3 * last_value


def test_that_the_spectral_error_is_the_published_one(large):
    problem = large["1/j"]
    result = solve(problem, n_power=1)
    gap = problem.matrix - result.reconstruction
    norm = svds(gap, 1, tol=1e-2, return_singular_vectors=False, random_state=0)[0]
    assert 0.1 < norm / SPECTRA["1/j"][50] - 1 < 0.4  # published 0.21


@pytest.mark.parametrize(
    ("spectrum", "tol", "searched", "optimal"), [("1/j", 0.1, 70, 58), ("0.9^j", 0.01, 50, 44)]
)
def test_that_a_tolerance_needs_the_published_ranks(large, spectrum, tol, searched, optimal):
    events = []
    result = solve(large[spectrum], Context(events.append), target=Tolerance(tol=tol), n_power=1)
    assert result.status is Status.converged
    ranks = [row["rank"] for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    assert max(ranks) == searched
    # The exact singular values give the optimum; what was searched is trimmed nearly to it.
    s = SPECTRA[spectrum]
    assert np.linalg.norm(s[optimal - 1 :]) > tol * np.linalg.norm(s) > np.linalg.norm(s[optimal:])
    assert optimal <= result.rank <= optimal + 5
    assert result.relative_error <= tol


def test_that_a_slow_spectrum_is_called_slow_once_and_the_search_can_be_stopped(small):
    stop = threading.Event()
    warned = []

    def listen(event):
        if isinstance(event, Warned):
            warned.append(event.text)
            stop.set()

    target = Tolerance(tol=0.01, block=9)
    result = solve(small, Context(listen, stop=stop), target=target)
    assert warned == ["spectrum decays too slowly: full SVD is cheaper"]
    assert result.status is Status.stopped
    # It is warned of beyond a third of 120; one block more is under way by then.
    assert result.rank in (45, 54)
    warned.clear()
    assert solve(small, Context(listen), target=target).rank > 90
    assert len(warned) == 1


def test_that_block_krylov_comes_within_rounding_of_the_optimum(large):
    result = solve(large["0.9^j"], target=rank(50, krylov=True))
    assert abs(excess(result)) < 1e-12
    np.testing.assert_allclose(result.s, SPECTRA["0.9^j"][:50], rtol=1e-12)
    # The same products as power steps.
    assert result.products[-1] == 2 * 3 * 60


def test_that_no_error_is_below_the_optimum(small):
    for seed in range(5):
        for target in (rank(10), rank(10, krylov=True), Tolerance(tol=0.2)):
            result = solve(small, Context(seed=seed), target=target, n_power=seed)
            # 1e-12: rounding of two sums of squares.
            assert result.relative_error >= result.optimal_error * (1 - 1e-12)


@pytest.mark.parametrize("krylov", [False, True])
def test_that_a_matrix_of_low_rank_is_reproduced(krylov):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(80, 12)) @ rng.normal(size=(12, 60))
    result = solve(Matrix(matrix=A), target=rank(12, krylov=krylov), n_power=0)
    assert result.relative_error < 1e-12
    np.testing.assert_allclose(result.reconstruction, A, atol=1e-12 * np.linalg.norm(A))
    assert result.compression_ratio == pytest.approx(80 * 60 / (12 * 141))


def test_that_all_columns_give_the_full_svd():
    A = np.random.default_rng(0).normal(size=(30, 20))
    result = solve(Matrix(matrix=A), target=rank(20))
    np.testing.assert_allclose(result.s, np.linalg.svd(A, compute_uv=False), rtol=1e-12)
    assert result.relative_error < 1e-14
    assert result.optimal_error == 0.0


def test_that_transposing_swaps_left_and_right(small):
    # With k + p = min(m, n) both are exact, so only signs may differ.
    turned = Matrix(matrix=small.matrix.T)
    one, other = (solve(p, target=rank(20, oversample=100)) for p in (small, turned))
    np.testing.assert_allclose(one.s, other.s, rtol=1e-12)
    np.testing.assert_allclose(abs(one.U.T @ other.V), np.eye(20), atol=1e-10)
    np.testing.assert_allclose(abs(one.V.T @ other.U), np.eye(20), atol=1e-10)


@pytest.mark.parametrize("power", [-700, 700])
def test_that_scaling_the_matrix_scales_the_singular_values_alone(small, power):
    one = solve(small, target=rank(10))
    other = solve(Matrix(matrix=small.matrix * 2.0**power), target=rank(10))
    # A power of two rounds nothing; squares of 2^±700 would overflow or vanish.
    np.testing.assert_array_equal(one.s * 2.0**power, other.s)
    np.testing.assert_array_equal(one.U, other.U)
    assert one.relative_error == other.relative_error
    assert one.optimal_error == pytest.approx(other.optimal_error, rel=1e-12)
    assert RandomizedSVD().figures(Matrix(matrix=small.matrix * 2.0**power), other)


def test_that_the_error_curve_is_the_error_of_each_truncation(small):
    result = solve(small, target=rank(12), n_power=1)
    A = small.matrix
    for r in (1, 5, 12):
        left = A - (result.U[:, :r] * result.s[:r]) @ result.V[:, :r].T
        assert result.error[r - 1] == pytest.approx(np.linalg.norm(left) / np.linalg.norm(A))
    assert result.error[-1] == result.relative_error


@pytest.mark.parametrize("settings", [{}, {"krylov": True}])
def test_that_factors_are_orthonormal_and_fall(large, settings):
    result = solve(large["1/j"], target=rank(50, **settings))
    for factor in (result.U, result.V):
        np.testing.assert_allclose(factor.T @ factor, np.eye(50), atol=1e-12)
    assert (np.diff(result.s) < 0).all()


def test_that_a_tolerance_is_met_with_no_term_to_spare(small):
    for tol in (0.5, 0.1, 0.03):
        result = solve(small, target=Tolerance(tol=tol, block=7))
        assert result.relative_error <= tol
        assert result.error[-2] > tol


def test_that_the_smallest_tolerance_of_float64_is_reached():
    result = solve(hilbert(), target=Tolerance(tol=1e-7, block=3))
    assert result.status is Status.converged
    exact = np.linalg.svd(hilbert().matrix, compute_uv=False)
    left = np.linalg.norm(exact[int(result.rank) :]) / np.linalg.norm(exact)
    assert left <= result.relative_error <= 1e-7


def test_that_a_rank_limit_ends_the_search_with_advice(small):
    result = solve(small, target=Tolerance(tol=1e-3, max_rank=25))
    assert result.status is Status.limit_reached
    assert result.rank == 25
    assert "raise max_rank" in result.note


def test_that_single_precision_gives_six_digits(small):
    double = solve(small)
    single = solve(small, Context(dtype=torch.float32))
    assert single.U.dtype == np.float32
    # eps s_1 = 1e-7 is the backward error of every factorisation involved, times a small constant.
    np.testing.assert_allclose(single.s, double.s, atol=1e-6)
    assert single.relative_error == pytest.approx(double.relative_error, rel=1e-5)
    np.testing.assert_allclose(single.reconstruction, double.reconstruction, atol=2e-6)


@pytest.mark.parametrize("tol", [3e-3, 1e-2])
def test_that_a_tolerance_is_met_in_single_precision_too(tol):
    result = solve(sunset(), Context(dtype=torch.float32), target=Tolerance(tol=tol))
    assert result.status is Status.converged
    assert result.relative_error <= tol
    assert result.error[-2] > tol


def test_that_equal_seeds_give_equal_results_and_others_do_not(small):
    one, same, other = (solve(small, Context(seed=s), target=rank(9)) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.U, same.U)
    assert not np.array_equal(one.U, other.U)


def stop_at_row(count):
    """A context whose run is asked to stop when `count` scalars rows have arrived."""
    stop = threading.Event()
    ctx = Context(stop=stop)
    log = ctx.log

    def counted(**scalars):
        nonlocal count
        log(**scalars)
        count -= 1
        if not count:
            stop.set()

    ctx.log = counted
    return ctx


def test_that_a_stopped_run_is_a_run_with_fewer_power_steps(small):
    stopped = solve(small, stop_at_row(2), target=rank(10), n_power=8)
    shorter = solve(small, target=rank(10), n_power=1)
    assert stopped.status is Status.stopped
    np.testing.assert_array_equal(stopped.U, shorter.U)
    np.testing.assert_array_equal(stopped.progress, shorter.progress)


@pytest.mark.parametrize("target", [rank(10), rank(60, krylov=True), Tolerance(tol=1e-3)])
def test_that_a_run_stopped_before_its_first_step_has_a_valid_result(small, target):
    stop = threading.Event()
    stop.set()
    result = solve(small, Context(stop=stop), target=target)
    assert result.status is Status.stopped
    left = np.linalg.norm(small.matrix - result.reconstruction) / np.linalg.norm(small.matrix)
    assert left == pytest.approx(result.relative_error)
    assert RandomizedSVD(target=target).figures(small, result)


def test_that_progress_ends_at_the_error_of_the_result(small):
    result = solve(small, target=rank(10), n_power=3)
    assert list(result.products) == [40, 80, 120, 160]
    assert (np.diff(result.progress) < 0).all()
    assert result.progress[-1] == pytest.approx(result.relative_error)


def test_that_fewer_terms_are_kept_where_the_matrix_has_no_more():
    matrix = np.zeros((60, 50))
    matrix[range(7), range(7)] = np.arange(7, 0, -1)
    result = solve(Matrix(matrix=matrix), target=rank(40, krylov=True))
    np.testing.assert_allclose(result.s[:7], np.arange(7, 0, -1), rtol=1e-14)
    # One block of Krylov vectors spans all; the next ones would be noise.
    assert result.rank == KRYLOV_BLOCK
    assert result.relative_error < 1e-14


@pytest.mark.parametrize("target", [rank(10), rank(10, krylov=True), Tolerance(tol=0.1)])
def test_that_a_matrix_of_zeros_stays_zeros(target):
    result = solve(Matrix(matrix=np.zeros((30, 40))), target=target)
    assert not result.reconstruction.any()
    assert result.relative_error == 0.0
    assert result.optimal_error == 0.0


def test_that_a_single_number_is_its_own_singular_value():
    result = solve(Matrix(matrix=np.array([[-3.0]])), target=rank(1))
    assert (result.U[0, 0], result.s[0], result.V[0, 0]) == (1.0, 3.0, -1.0)


def test_that_pictures_and_films_are_compressed_as_documented():
    for problem, shape in ((sunset(40, 60), (40, 180)), (waves(30, 16), (30, 256))):
        result = solve(problem, target=rank(20))
        assert result.reconstruction.shape == shape
        gap = problem.as_matrix() - result.reconstruction
        assert result.relative_error == pytest.approx(
            np.linalg.norm(gap) / np.linalg.norm(problem.as_matrix())
        )


def test_that_the_exact_spectrum_is_given_where_it_is_known_or_cheap(large):
    np.testing.assert_array_equal(solve(large["1/j"]).spectrum, SPECTRA["1/j"])
    unknown = solve(Matrix(matrix=large["1/j"].matrix))
    assert unknown.spectrum is None
    assert np.isnan(unknown.optimal_error)
    assert len(solve(Matrix(matrix=large["1/j"].matrix[:60]), target=rank(5)).spectrum) == 60


@pytest.mark.parametrize(
    ("target", "dtype", "words"),
    [
        (rank(61), torch.float64, r"k is 61; rank k must lie in 1\.\.min\(m,n\) = 60; lower k"),
        (Tolerance(tol=9e-8), torch.float64, "must be at least 1e-07 in float64: tolerance below"),
        (Tolerance(tol=1e-3), torch.float32, "Frobenius indicator can resolve; use the full SVD"),
        (Tolerance(max_rank=61), torch.float64, r"max_rank is 61; it must lie in .* = 60"),
    ],
)
def test_that_what_cannot_be_reached_is_refused(target, dtype, words):
    with pytest.raises(BadProblem, match=words):
        solve(Matrix(matrix=np.ones((60, 80))), Context(dtype=dtype), target=target)


def test_that_values_beyond_single_precision_are_refused_and_great_ones_are_not():
    with pytest.raises(BadProblem, match=r"beyond float32; it must be below 3e\+38; use float64"):
        solve(Matrix(matrix=np.full((4, 4), 1e39)), Context(dtype=torch.float32), target=rank(1))
    great = solve(
        Matrix(matrix=np.full((4, 4), 1e30)), Context(dtype=torch.float32), target=rank(1)
    )
    assert great.s[0] == pytest.approx(4e30)


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"n_power": 9}, "n_power"),
        ({"target": {"kind": "rank", "k": 0}}, "k"),
        ({"target": {"kind": "rank", "oversample": 101}}, "oversample"),
        ({"target": {"kind": "tolerance", "tol": 1.0}}, "tol"),
        ({"target": {"kind": "tolerance", "block": 201}}, "block"),
    ],
)
def test_that_limits_of_parameters_are_enforced(settings, place):
    with pytest.raises(ValueError, match=place):
        RandomizedSVD(**settings)


def test_that_the_estimated_work_counts_the_products_that_are_made(large):
    problem = large["1/j"]
    for target in (rank(50), rank(50, krylov=True)):
        method = RandomizedSVD(target=target)
        products = method.run(problem, Context()).products[-1]
        cost = method.cost(problem)
        # Besides: the residual, and making up to 180 columns orthonormal.
        assert 1 < cost.work / (2 * 2000 * 1500 * products) < 2
        assert 8 * 2000 * 1500 < cost.memory < 2 * 8 * 2000 * 1500


def test_that_the_first_picture_is_a_picture_for_pictures_and_the_spectrum_for_tables():
    for problem, first in (
        (Image(image=np.eye(70)), "reconstruction"),
        (Stack(stack=np.ones((60, 8, 8))), "reconstruction"),
        (Matrix(matrix=np.eye(70)), "spectrum"),
    ):
        method = RandomizedSVD()
        drawn = method.figures(problem, method.run(problem, Context()))
        assert drawn[0].name == first
        assert {f.name for f in drawn} == {"reconstruction", "spectrum", "convergence"}
