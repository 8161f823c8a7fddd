"""What is compressed: how data become a matrix, and the built-in examples."""

import numpy as np
import pytest

from engines.lowrank import problem as lowrank
from engines.lowrank.problem import Image, Matrix, Stack
from engines.problem import BadProblem


def test_that_channels_of_an_image_stand_side_by_side_in_a_row():
    image = np.arange(2 * 3 * 3.0).reshape(2, 3, 3)
    problem = Image(image=image)
    assert problem.shape == problem.as_matrix().shape == (2, 9)
    # Columns in another order do not change singular values: the usual layout, channel by channel.
    by_channel = np.hstack([image[:, :, c] for c in range(3)])
    found = np.linalg.svd(problem.as_matrix(), compute_uv=False)
    np.testing.assert_allclose(found, np.linalg.svd(by_channel, compute_uv=False), atol=1e-13)


def test_that_each_item_of_a_stack_is_one_row():
    stack = np.random.default_rng(0).random((4, 2, 3))
    problem = Stack(stack=stack)
    assert problem.shape == (4, 6)
    np.testing.assert_array_equal(problem.as_matrix()[2], stack[2].ravel())


def test_that_a_grey_image_is_its_own_matrix():
    image = np.random.default_rng(0).random((4, 5))
    np.testing.assert_array_equal(Image(image=image).as_matrix(), image)


@pytest.mark.parametrize(("rows", "columns"), [(40, 25), (25, 40)])
def test_that_a_decaying_matrix_has_the_promised_spectrum(rows, columns):
    wanted = 0.7 ** np.arange(25)
    found = np.linalg.svd(lowrank.decaying(rows, columns, wanted).matrix, compute_uv=False)
    # An SVD is exact to some eps · s_1.
    np.testing.assert_allclose(found, wanted, atol=1e-14)


def test_that_the_hilbert_matrix_has_its_published_singular_values():
    s = np.linalg.svd(lowrank.hilbert(200).matrix, compute_uv=False)
    np.testing.assert_allclose(s[[5, 8, 12]], [4.46e-3, 4.07e-5, 4.57e-8], rtol=2e-3)


def test_that_the_phantom_has_the_brightness_and_the_area_of_its_ellipses():
    image = lowrank.phantom(256).image
    assert image[0, 0] == 0.0
    assert image[128, 41] == 1.0  # in the skull, x = -0.676
    assert image[190, 128] == pytest.approx(0.2)  # in the brain
    # ∫ = π Σ value · a · b over the square of area 4: skull, brain, two ventricles, and the rest.
    total = np.pi * (
        0.69 * 0.92 - 0.8 * 0.6624 * 0.874 - 0.2 * 0.11 * 0.31 - 0.2 * 0.16 * 0.41
        + 0.1 * (0.21 * 0.25 + 2 * 0.046**2 + 2 * 0.046 * 0.023 + 0.023**2)
    )  # fmt: skip
    # Pixels cut edges: a few thousandths at 256.
    assert 4 * image.mean() == pytest.approx(total, rel=2e-3)


def test_that_the_sunset_is_a_colour_picture():
    image = lowrank.sunset().image
    assert image.shape == (256, 384, 3)
    assert 0 <= image.min() < 0.1
    assert 0.9 < image.max() <= 1


def test_that_the_waves_need_two_terms_for_each_source_once_the_drop_is_gone():
    film = lowrank.waves(40, 32).stack
    t = np.arange(40)[:, None, None] / 40
    y, x = np.mgrid[0:32, 0:32] / 31
    drop = 2 * np.exp(-((x - 0.1 - 0.8 * t) ** 2 + (y - 0.5 - 0.3 * np.sin(5 * t)) ** 2) / 0.01)
    s = np.linalg.svd((film - drop).reshape(40, -1), compute_uv=False)
    assert s[3] > 0.1 * s[0]
    assert s[4] < 1e-12 * s[0]


def test_that_ten_patterns_hold_the_promised_share_of_the_enstrophy_of_the_snapshots():
    states = lowrank.snapshots().as_matrix()
    assert states.shape == (41, 64**2)
    energies = np.linalg.eigvalsh(states @ states.T)  # squared singular values, smallest first
    # the story of the example says 98.8 %
    assert energies[-10:].sum() / np.sum(states**2) == pytest.approx(0.988, abs=5e-4)


def test_that_a_spectrum_of_the_wrong_length_or_order_is_refused():
    with pytest.raises(BadProblem, match=r"spectrum has 2 values; it must have .* = 3"):
        Matrix(matrix=np.eye(3), spectrum=[1.0, 1.0])
    with pytest.raises(BadProblem, match="not sorted"):
        Matrix(matrix=np.eye(3), spectrum=[1.0, 2.0, 3.0])


def test_that_a_missing_pixel_is_refused_by_its_place():
    image = np.ones((4, 5))
    image[2, 3] = np.nan
    with pytest.raises(BadProblem, match="1 NaN or infinite value, the first at row 2, column 3"):
        Image(image=image)
