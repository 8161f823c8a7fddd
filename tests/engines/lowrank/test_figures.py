"""The pictures show the data, the approximation and the numbers they claim to show."""

import numpy as np
import pytest
import torch

from engines.lowrank import figures
from engines.lowrank.factor import Basis, optimal_errors
from engines.lowrank.problem import Image, Matrix, Stack


def exact_factors(problem):
    U, s, Vt = np.linalg.svd(problem.as_matrix(), full_matrices=False)
    return U * s, Vt.T


def values(figure, panel):
    return figure.panels[panel].marks[0].values


def test_that_a_colour_movie_ends_at_the_picture_and_its_difference_at_zero():
    problem = Image(image=np.random.default_rng(0).random((12, 20, 3)))
    figure = figures.reconstruction(problem, *exact_factors(problem))
    assert figure.frames() == len(figure.times)
    assert (figure.times[0], figure.times[-1]) == (1, 12)
    np.testing.assert_allclose(values(figure, 0), problem.image, atol=1e-6)
    np.testing.assert_allclose(values(figure, 1)[-1], problem.image, atol=1e-6)
    assert values(figure, 2)[-1].max() < 1e-6
    assert values(figure, 2)[0].max() > 0.1


def test_that_frame_r_is_the_sum_of_the_first_r_terms():
    problem = Matrix(matrix=np.random.default_rng(0).random((6, 5)))
    left, right = exact_factors(problem)
    figure = figures.reconstruction(problem, left, right)
    for frame, r in enumerate(figure.times.astype(int)):
        wanted = left[:, :r] @ right[:, :r].T
        np.testing.assert_allclose(values(figure, 1)[frame], wanted, atol=1e-6)


def test_that_a_picture_in_bytes_is_shown_with_its_own_range():
    problem = Image(image=np.random.default_rng(0).integers(0, 256, (8, 9, 3)))
    figure = figures.reconstruction(problem, *exact_factors(problem))
    np.testing.assert_allclose(values(figure, 0), problem.image / problem.image.max(), atol=1e-6)


def test_that_two_channels_are_shown_as_their_mean():
    problem = Image(image=np.random.default_rng(0).random((8, 9, 2)))
    figure = figures.reconstruction(problem, *exact_factors(problem))
    np.testing.assert_allclose(values(figure, 0), problem.image.mean(axis=2), atol=1e-6)


def test_that_a_stack_shows_items_from_the_first_to_the_last_in_a_strip():
    problem = Stack(stack=np.random.default_rng(0).random((9, 4, 6)))
    figure = figures.reconstruction(problem, *exact_factors(problem))
    wanted = np.hstack([problem.stack[i] for i in (0, 2, 4, 6, 8)])
    np.testing.assert_allclose(values(figure, 0), wanted, atol=1e-6)
    np.testing.assert_allclose(values(figure, 1)[-1], wanted, atol=1e-6)
    assert figure.columns == 1


def test_that_large_data_are_thinned_and_shown_at_one_rank():
    matrix = np.random.default_rng(0).random((2 * figures.SIDE, 3))
    problem = Matrix(matrix=np.tile(matrix, (1, figures.SIDE)))
    figure = figures.reconstruction(problem, np.ones((2 * figures.SIDE, 2)), np.ones((2304, 2)))
    assert values(figure, 0).shape == (figures.SIDE, figures.SIDE)
    np.testing.assert_allclose(values(figure, 0)[:, 0], matrix[::2, 0], atol=1e-7)
    # Few frames fit into the limit; the last one has all terms.
    assert values(figure, 1).size <= figures.VALUES
    np.testing.assert_array_equal(values(figure, 1)[-1], 2.0)


def test_that_the_live_picture_is_the_basis_times_its_coefficients():
    problem = Matrix(matrix=np.random.default_rng(0).random((6, 5)))
    A = torch.tensor(problem.matrix)
    Q = torch.linalg.qr(A[:, :2]).Q
    figure = figures.reconstruction_now(problem, Basis(Q, A.T @ Q / 8, 0), 8.0)
    np.testing.assert_allclose(values(figure, 1), (Q @ (Q.T @ A)).numpy(), atol=1e-6)
    assert figure.times is None


def test_that_the_spectrum_shows_found_and_exact_values_and_their_tails():
    s = np.array([4.0, 2.0, 2.0, 1.0])
    figure = figures.spectrum(s[:2], [0.6, 0.5], s)
    found, exact = figure.panels[0].marks
    np.testing.assert_array_equal(found.y, [4, 2])
    np.testing.assert_array_equal(exact.y, s)
    np.testing.assert_allclose(figure.panels[1].marks[1].y[:3], optimal_errors(s)[:3])
    assert np.isnan(figure.panels[1].marks[1].y[3])  # zero leaves a gap on a logarithmic axis


def test_that_the_live_spectrum_agrees_with_the_exact_one_to_half_of_the_digits():
    A = torch.randn(30, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    s = np.linalg.svd(A.numpy(), compute_uv=False)
    basis = Basis(torch.empty(8, 8), A / 16, 0)
    norm = float(A.norm()) / 16
    figure = figures.spectrum_now(basis, 16.0, norm, None)
    np.testing.assert_allclose(figure.panels[0].marks[0].y, s, rtol=1e-7)
    np.testing.assert_allclose(figure.panels[1].marks[0].y[:-1], optimal_errors(s)[:-1], rtol=1e-6)


@pytest.mark.parametrize(("best", "marks"), [(0.1, 3), (float("nan"), 2), (0.0, 2)])
def test_that_the_reference_line_is_drawn_where_there_is_one(best, marks):
    figure = figures.convergence([20.0, 40.0], [0.5, 0.2], best)
    assert len(figure.panels[0].marks) == marks
    np.testing.assert_array_equal(figure.panels[0].marks[0].y, [0.5, 0.2])


@pytest.mark.parametrize(
    ("low", "high", "colours"), [(-1, 2, "diverging"), (0, 2, "sequential"), (3, 3, "sequential")]
)
def test_that_colours_follow_the_sign_of_a_table(low, high, colours):
    problem = Matrix(matrix=np.array([[low, high]], dtype=float))
    mark = figures.reconstruction(problem, np.ones((1, 1)), np.ones((2, 1))).panels[0].marks[0]
    assert mark.colours == colours
    assert mark.limits[0] < mark.limits[1]
