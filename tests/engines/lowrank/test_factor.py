"""Orthonormal bases and the singular triplets inside them, against LAPACK's full decompositions."""

import numpy as np
import pytest
import torch

from engines.lowrank.factor import (
    EXACT_WORK,
    conditioned,
    energies,
    exact_spectrum,
    frobenius,
    growing_bases,
    krylov_bases,
    optimal_errors,
    orthonormal,
    power_bases,
    randomized_svd,
    residual,
    singular_triplets,
    times,
)
from engines.lowrank.problem import decaying

EPS = {torch.float64: 2.3e-16, torch.float32: 1.2e-7}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=1):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


def distance_from_orthonormal(Q):
    return float((Q.T @ Q - torch.eye(Q.shape[1], dtype=Q.dtype)).abs().max())


def awkward_matrices():
    few = torch.zeros(100, 80, dtype=torch.float64)
    few[range(15), range(15)] = 1
    left, right = orthonormal(normal(200, 30))[0], orthonormal(normal(90, 30, seed=2))[0]
    i = torch.arange(80, dtype=torch.float64)
    return {
        "zero": torch.zeros(50, 60, dtype=torch.float64),
        "identity": torch.eye(70, dtype=torch.float64),
        "fifteen ones": few,
        "thirty equal singular values": left @ right.T,
        "rank seven": normal(90, 7) @ normal(7, 60, seed=2),
        "Hilbert": 1 / (i[:, None] + i + 1),
        "row": normal(1, 40),
        "column": normal(40, 1),
        "one number": normal(1, 1),
    }


BASES = {
    "power": lambda A, rng: power_bases(A, min(40, *A.shape), 2, rng),
    "krylov": lambda A, rng: krylov_bases(A, min(80, *A.shape), rng, 10),
    "growing": lambda A, rng: growing_bases(A, 7, 1, min(A.shape), rng),
}


@pytest.mark.parametrize("dtype", EPS)
def test_that_qr_is_orthonormal_and_exact_for_every_condition(dtype):
    # Finely up to 1e10: from about eps^-1/2 on, Cholesky fails or, worse, does not.
    for condition in [*np.geomspace(1, 1e10, 150), 1e12, np.inf]:
        left, right = torch.linalg.qr(normal(300, 10)).Q, torch.linalg.qr(normal(10, 10)).Q
        fall = torch.tensor(condition ** -np.linspace(0, 1, 10), dtype=torch.float64)
        Y = ((left * fall) @ right).to(dtype)
        Q, R = orthonormal(Y)
        # Householder's guarantee: a small multiple of eps.
        assert distance_from_orthonormal(Q) < 20 * EPS[dtype]
        assert float((Q @ R - Y).norm()) < 20 * EPS[dtype] * float(Y.norm())
        assert float(R.tril(-1).abs().max()) == 0.0


def test_that_one_turn_of_cholesky_qr_keeps_the_span_and_tames_the_condition():
    Y = normal(200, 10) @ torch.diag(10.0 ** -torch.arange(10, dtype=torch.float64) * 2)
    Q, R = conditioned(Y)
    torch.testing.assert_close(Q @ R, Y, rtol=0, atol=1e-13)
    assert torch.linalg.cond(Q) < 2


def test_that_products_are_stored_by_columns():
    A, X = normal(30, 20), normal(20, 3)
    torch.testing.assert_close(times(A, X), A @ X)
    assert times(A, X).stride() == (1, 30)


@pytest.mark.parametrize("name", awkward_matrices())
@pytest.mark.parametrize("kind", BASES)
def test_that_a_basis_of_an_awkward_matrix_is_orthonormal_and_its_error_what_it_says(name, kind):
    A = awkward_matrices()[name]
    for basis in BASES[kind](A, seeded()):
        assert distance_from_orthonormal(basis.Q) < 1e-13
        torch.testing.assert_close(basis.W, A.T @ basis.Q, rtol=0, atol=1e-13 * (1 + A.norm()))
        indicator = frobenius(A) ** 2 - frobenius(basis.W) ** 2
        explicit = float((A - basis.Q @ basis.W.T).norm()) ** 2
        # Both sums round at eps ‖A‖².
        assert indicator == pytest.approx(explicit, abs=1e-13 * (1 + frobenius(A) ** 2))
    U, s, V = singular_triplets(basis)
    assert distance_from_orthonormal(U) < 1e-13
    assert distance_from_orthonormal(V) < 1e-13
    assert (s.diff() <= 0).all()


def test_that_a_basis_stays_orthonormal_where_rounding_has_no_other_direction_to_go():
    # All rounding errors lie in the 7 rows that the basis spans already.
    for seed in range(30):
        A = torch.zeros(60, 50, dtype=torch.float64)
        A[:7, :7] = normal(7, 7, seed=seed)
        for bases in (
            growing_bases(A, 5, 1, 50, seeded(seed)),
            krylov_bases(A, 50, seeded(seed), 5),
        ):
            for basis in bases:
                assert distance_from_orthonormal(basis.Q) < 1e-13
            assert residual(A, basis.Q, basis.W) < 1e-12 * frobenius(A)


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize("name", ["fifteen ones", "thirty equal singular values", "rank seven"])
def test_that_a_matrix_of_low_rank_is_found_exactly(name, kind):
    A = awkward_matrices()[name]
    *_, basis = BASES[kind](A, seeded())
    assert residual(A, basis.Q, basis.W) < 1e-12 * frobenius(A)


def test_that_growing_ends_when_nothing_is_left():
    A = awkward_matrices()["rank seven"]
    sizes = [basis.columns for basis in growing_bases(A, 3, 0, 60, seeded())]
    assert sizes == [3, 6, 7]


def test_that_each_basis_counts_its_products():
    A = normal(60, 50)
    assert [b.products for b in power_bases(A, 10, 2, seeded())] == [20, 40, 60]
    assert [b.products for b in growing_bases(A, 10, 2, 30, seeded())] == [60, 120, 180]
    assert [b.products for b in krylov_bases(A, 30, seeded(), 10)] == [20, 40, 60]


def test_that_power_steps_never_lose_energy():
    A = torch.tensor(decaying(120, 90, 1.0 / np.arange(1, 91)).matrix)
    caught = [frobenius(basis.W) for basis in power_bases(A, 12, 6, seeded())]
    assert (np.diff(caught) > 0).all()


def test_that_block_krylov_beats_power_steps_of_equal_cost():
    spectrum = 1.0 / np.arange(1, 201)
    A = torch.tensor(decaying(300, 200, spectrum).matrix)
    best = optimal_errors(spectrum)[19] * np.linalg.norm(spectrum)
    excess = {}
    for krylov in (False, True):
        U, s, V = randomized_svd(A, 20, seeded(), oversample=10, n_power=2, krylov=krylov)
        excess[krylov] = residual(A, U * s, V) / best - 1
    # Musco & Musco 2015: the error falls with the square of the exponent; here a thousandfold.
    assert 0 <= excess[True] < 1e-3 * excess[False]


def test_that_many_power_steps_reproduce_the_exact_svd():
    A = torch.tensor(decaying(120, 90, 0.8 ** np.arange(90)).matrix)
    U, s, V = randomized_svd(A, 8, seeded(), n_power=8)
    exact = torch.linalg.svd(A)
    torch.testing.assert_close(s, exact.S[:8], rtol=1e-12, atol=0)
    # Compared as projectors: the sign of a singular vector is free.
    torch.testing.assert_close(U @ U.T, exact.U[:, :8] @ exact.U[:, :8].T, rtol=0, atol=1e-10)
    torch.testing.assert_close(V @ V.T, exact.Vh[:8].T @ exact.Vh[:8], rtol=0, atol=1e-10)


def test_that_the_largest_entry_of_each_left_vector_is_positive():
    U, _, _ = randomized_svd(normal(50, 40), 10, seeded())
    assert (U.gather(0, U.abs().argmax(0, keepdim=True)) > 0).all()


def test_that_the_residual_in_slabs_is_the_residual():
    A, left, right = normal(300, 2000), normal(300, 3), normal(2000, 3, seed=2)
    assert residual(A, left, right) == pytest.approx(float((A - left @ right.T).norm()), rel=1e-13)


def test_that_energies_are_squared_singular_values():
    W = normal(60, 8)
    np.testing.assert_allclose(energies(W), torch.linalg.svdvals(W) ** 2, rtol=1e-12)


def test_that_a_float32_norm_does_not_lose_digits_to_its_length():
    A = torch.full((2000, 2000), 0.1, dtype=torch.float32)
    assert frobenius(A) == pytest.approx(200.0, rel=1e-6)


def test_that_the_exact_spectrum_is_left_out_where_it_is_dear():
    A = normal(30, 20).numpy()
    np.testing.assert_allclose(exact_spectrum(A), np.linalg.svd(A)[1], rtol=1e-12)
    side = int(EXACT_WORK ** (1 / 3)) + 1
    assert exact_spectrum(np.broadcast_to(0.0, (side, side))) is None


def test_that_optimal_errors_are_the_tails_of_the_spectrum():
    np.testing.assert_allclose(optimal_errors(np.array([4.0, 2.0, 2.0, 1.0])),
                               [0.6, np.sqrt(5) / 5, 0.2, 0.0])  # fmt: skip
