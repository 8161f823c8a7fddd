import numpy as np
import pytest
import torch

from engines.diffusion.problem import (
    DataSet,
    GaussianMixture,
    ImageSet,
    digits8,
    gmm_ring8,
    spiral256,
    two_moons,
)
from engines.problem import BadProblem


def mixture(**changed):
    fields = {"means": np.zeros((2, 2)), "covariances": np.stack([np.eye(2)] * 2)}
    return GaussianMixture(**{**fields, "weights": np.ones(2), **changed})


def test_that_the_shipped_digits_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    known = datasets.load_digits()
    order = np.random.default_rng(0).permutation(1797)
    shipped = digits8()
    images = known.images[order] / 8 - 1
    np.testing.assert_array_equal(shipped.images, images[:1437])
    np.testing.assert_array_equal(shipped.held_out, images[1437:])


def test_that_the_ring_has_its_eight_means_axes_and_weights():
    ring = gmm_ring8()
    assert ring.means[2] == pytest.approx([0, 2], abs=1e-15)
    # At a right angle the radial variance 0.09 lies along y, the other 0.01 along x.
    np.testing.assert_allclose(ring.covariances[2], [[0.01, 0], [0, 0.09]], atol=1e-16)
    np.testing.assert_allclose(ring.shares * 11.5, [1, 1.5, 2, 1, 1.5, 2, 1, 1.5], rtol=1e-12)


def test_that_the_spiral_has_mean_zero_and_unit_variance():
    points = spiral256().data
    assert points.shape == (256, 2)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(points.std(0), 1, rtol=1e-12)


def test_that_the_two_halves_of_the_moons_have_equal_numbers():
    moons = two_moons()
    assert moons.data.shape == moons.held_out.shape == (512, 2)


def test_that_draws_of_a_mixture_have_its_mean_and_covariance():
    ring = gmm_ring8()
    drawn = ring.draw(200_000, torch.Generator().manual_seed(0))
    # Five standard errors of a mean of 200 000 values of variance about 2.
    np.testing.assert_allclose(drawn.mean(0), ring.mean, atol=5 * (2 / 2e5) ** 0.5)
    np.testing.assert_allclose(np.cov(drawn.T), ring.covariance(), atol=5 * 2 * (2 / 2e5) ** 0.5)
    assert ring.spread == pytest.approx(drawn.std(0).mean(), rel=0.01)


def test_that_a_reference_comes_from_the_held_out_points_where_there_are_any():
    rng = torch.Generator().manual_seed(0)
    data, kept = np.arange(10.0)[:, None], 100 + np.arange(4.0)[:, None]
    with_kept = DataSet(data=data, held_out=kept).reference(20, rng)
    np.testing.assert_array_equal(np.sort(with_kept, axis=0), kept)
    without = DataSet(data=data).reference(3, rng)
    assert len(np.unique(without)) == 3
    assert np.isin(without, data).all()


def test_that_images_are_points_row_by_row():
    images = np.arange(24.0).reshape(2, 3, 4)
    target = ImageSet(images=images, held_out=images + 1)
    assert target.dimension == 12
    np.testing.assert_array_equal(target.points[1], np.arange(12.0, 24.0))
    np.testing.assert_array_equal(target.held_out_points[0], np.arange(1.0, 13.0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DataSet(data=np.ones((1, 3))), "number of points is 1; it must be at least 2"),
        (lambda: DataSet(data=np.ones((5, 3))), "spread of the data is 0; it must be positive"),
        (lambda: DataSet(data=[[0.0, 1], [np.nan, 2]]), "1 NaN or infinite value.*sample 1"),
        (lambda: DataSet(data=np.ones((0, 3))), "data is empty"),
        (lambda: DataSet(data=np.ones(5)), "data has 1 axes .shape 5.; it must be sample"),
        (
            lambda: DataSet(data=np.eye(3), held_out=np.eye(2)),
            "held_out has 2 along its axis 'feature', but data has 3",
        ),
        (lambda: ImageSet(images=np.ones((4, 9))), "it must be sample × y × x"),
        (lambda: mixture(weights=[1.0, -0.5]), r"weights\[1\] is -0.5; it must be positive"),
        (lambda: mixture(weights=[0.0, 1.0]), r"weights\[0\] is 0; it must be positive"),
        (
            lambda: mixture(covariances=np.stack([np.eye(2), np.diag([1, -2])])),
            "covariance 1 has eigenvalue -2; it must not be negative",
        ),
        (
            lambda: mixture(covariances=np.stack([np.array([[1, 0.5], [0, 1]]), np.eye(2)])),
            "covariance 0 is not symmetric",
        ),
        (lambda: mixture(covariances=np.ones((2, 2, 3))), "2 rows and 3 columns; they must be"),
        (lambda: mixture(covariances=np.zeros((2, 2, 2))), "spread of the mixture is 0"),
    ],
)
def test_that_bad_data_are_refused_with_the_reason(make, words):
    with pytest.raises(BadProblem, match=words):
        make()
