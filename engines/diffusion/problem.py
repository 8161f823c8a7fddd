"""What diffusion samplers draw from, what they return, and the built-in examples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import torch

from engines.problem import BadProblem, Problem, Result, array, metric


@dataclass(frozen=True, kw_only=True)
class Target(Problem, ABC):
    """A distribution in d dimensions that can be drawn from and compared with."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Number of features d of one sample."""

    @property
    @abstractmethod
    def support(self) -> int:
        """Number of points or components that the distribution is made of."""

    @property
    @abstractmethod
    def mean(self) -> np.ndarray:
        """Expected value of one sample."""

    @property
    @abstractmethod
    def spread(self) -> float:
        """Standard deviation, root mean square over the features (σ_data)."""

    @abstractmethod
    def covariance(self) -> np.ndarray:
        """Covariance of the features, d × d."""

    @abstractmethod
    def draw(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take n independent exact draws."""

    @abstractmethod
    def reference(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take at most n points that a perfect sampler should resemble."""


@dataclass(frozen=True, kw_only=True)
class PointTarget(Target):
    """The distribution that gives every point of a data set the same probability."""

    @property
    @abstractmethod
    def points(self) -> np.ndarray:
        """The data, one point a row."""

    @property
    @abstractmethod
    def held_out_points(self) -> np.ndarray | None:
        """Points kept aside for comparison, one a row."""

    @property
    def dimension(self) -> int:
        """Number of features of a point."""
        return self.points.shape[1]

    @property
    def support(self) -> int:
        """Number of points."""
        return self.points.shape[0]

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean of the points."""
        return self.points.mean(axis=0, dtype=np.float64)

    @cached_property
    def spread(self) -> float:
        """Standard deviation, root mean square over the features."""
        return float(np.sqrt(self.points.var(axis=0, dtype=np.float64).mean()))

    def covariance(self) -> np.ndarray:
        """Covariance of the points, divided by their number."""
        centred = self.points - self.mean
        return centred.T @ centred / len(centred)

    def draw(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take n points, any of them more than once."""
        return self.points[torch.randint(self.support, (n,), generator=rng).numpy()]

    def reference(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take n held-out points, or points of the data where none were held out."""
        pool = self.points if self.held_out_points is None else self.held_out_points
        return pool[torch.randperm(len(pool), generator=rng)[:n].numpy()]

    def check(self) -> None:
        """Refuse fewer than two different points."""
        if self.support < 2:
            raise BadProblem(
                "the number of points is 1; it must be at least 2; load more rows or images"
            )
        if self.spread == 0:
            raise BadProblem(
                "the spread of the data is 0; it must be positive: all points are equal; "
                "load points that differ"
            )


@dataclass(frozen=True, kw_only=True)
class DataSet(PointTarget):
    """Points of any dimension: a table whose rows are samples."""

    data: Any = array("sample feature", "the points to sample from")
    held_out: Any = array("held_out feature", "points kept aside to compare with", optional=True)

    @property
    def points(self) -> np.ndarray:
        """The rows of the data."""
        return self.data

    @property
    def held_out_points(self) -> np.ndarray | None:
        """The rows kept aside."""
        return self.held_out


@dataclass(frozen=True, kw_only=True)
class ImageSet(PointTarget):
    """Grey images of one size; each is a point whose features are its pixels."""

    images: Any = array("sample y x", "the images to sample from, row 0 at the top")
    held_out: Any = array("held_out y x", "images kept aside to compare with", optional=True)

    @property
    def points(self) -> np.ndarray:
        """The pixels of each image, row by row."""
        return self.images.reshape(len(self.images), -1)

    @property
    def held_out_points(self) -> np.ndarray | None:
        """The pixels of each image kept aside."""
        return None if self.held_out is None else self.held_out.reshape(len(self.held_out), -1)


@dataclass(frozen=True, kw_only=True)
class GaussianMixture(Target):
    """A sum of Gaussians Σ_k w_k N(μ_k, Σ_k), whose score is known exactly at every noise level."""

    means: Any = array("component feature", "centre of each Gaussian")
    covariances: Any = array("component feature feature2", "covariance of each Gaussian")
    weights: Any = array("component", "share of each Gaussian; scaled to sum to one")

    @property
    def dimension(self) -> int:
        """Number of features of a mean."""
        return self.means.shape[1]

    @property
    def support(self) -> int:
        """Number of Gaussians."""
        return self.means.shape[0]

    @property
    def shares(self) -> np.ndarray:
        """The weights, scaled to sum to one."""
        weights = self.weights.astype(np.float64)
        return weights / weights.sum()

    @property
    def mean(self) -> np.ndarray:
        """Weighted mean of the means."""
        return self.shares @ self.means

    @property
    def spread(self) -> float:
        """Standard deviation, root mean square over the features."""
        return float(np.sqrt(np.trace(self.covariance()) / self.dimension))

    def covariance(self) -> np.ndarray:
        """Covariance within the Gaussians and between their means."""
        offset = self.means - self.mean
        between = (self.shares[:, None] * offset).T @ offset
        return np.tensordot(self.shares, self.covariances, 1) + between

    def draw(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take n draws: first the Gaussians, then a point of each."""
        shares = torch.tensor(self.shares)
        chosen = torch.multinomial(shares, n, replacement=True, generator=rng).numpy()
        drawn = torch.randn(n, self.dimension, dtype=torch.float64, generator=rng).numpy()
        values, vectors = np.linalg.eigh(self.covariances)
        roots = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
        for k, (mean, root) in enumerate(zip(self.means, roots, strict=True)):
            drawn[chosen == k] = mean + drawn[chosen == k] @ root.T
        return drawn

    def reference(self, n: int, rng: torch.Generator) -> np.ndarray:
        """Take n further draws."""
        return self.draw(n, rng)

    def check(self) -> None:
        """Refuse weights that are not positive and matrices that are no covariances."""
        if (self.weights <= 0).any():
            k = int(np.argmax(self.weights <= 0))
            raise BadProblem(
                f"weights[{k}] is {self.weights[k]:g}; it must be positive; remove the component"
            )
        rows, columns = self.covariances.shape[1:]
        if rows != columns:
            raise BadProblem(
                f"a covariance has {rows} rows and {columns} columns; they must be equal; "
                "load one square matrix for each component"
            )
        if self.spread == 0:
            raise BadProblem(
                "the spread of the mixture is 0; it must be positive; "
                "load means that differ or covariances that are not zero"
            )
        for k, matrix in enumerate(self.covariances):
            size = np.abs(matrix).max()
            if np.abs(matrix - matrix.T).max() > 1e-6 * size:
                raise BadProblem(
                    f"covariance {k} is not symmetric; it must equal its transpose; "
                    "use (C + Cᵀ)/2 if the difference is an error of rounding"
                )
            lowest = float(np.linalg.eigvalsh(matrix)[0])
            if lowest < -1e-6 * size:
                raise BadProblem(
                    f"covariance {k} has eigenvalue {lowest:.3g}; it must not be negative; "
                    "raise its diagonal or estimate it from more points"
                )


@dataclass(frozen=True, kw_only=True)
class Samples(Result):
    """Samples, the way they took through the noise levels, and how good they are."""

    samples: Any = array("sample feature", "the drawn samples; images row by row")
    sigmas: Any = array("sigmas", "noise levels that were reached, largest first")
    trajectory: Any = array("sigmas path feature", "the first samples at every noise level")
    denoised: Any = array(
        "step path feature", "what the denoiser made of them at the start of a step", optional=True
    )
    marginals: Any = array(
        "sigmas point axis", "many samples at every noise level, in the plane of the pictures"
    )
    nearest: Any = array("sample", "number of the data point nearest to it", optional=True)
    ladder_nfe: Any = array(
        "rung", "evaluations of the denoiser in runs of fewer steps", optional=True
    )
    ladder_sliced_wasserstein: Any = array(
        "rung", "sliced Wasserstein distance of those runs", optional=True
    )
    ladder_error: Any = array(
        "rung", "median distance of their ends to those of the full run", optional=True
    )
    nfe: float = metric("evaluations of the denoiser for each sample", better="lower")
    sliced_wasserstein: float = metric(
        "sliced Wasserstein-2 distance to the reference", better="lower"
    )
    sliced_wasserstein_floor: float = metric("the same for exact draws in place of the samples")
    energy_distance: float = metric("squared energy distance to the reference", better="lower")
    energy_distance_floor: float = metric("the same for exact draws in place of the samples")
    mode_tv: float = metric(
        "total variation between the shares of modes and the weights", better="lower"
    )
    mode_tv_floor: float = metric("the same for exact draws in place of the samples")
    nn_distance: float = metric("median distance of a sample to the nearest data point")
    nn_distance_held_out: float = metric("median distance of a held-out point to the nearest")


def gmm_ring8() -> GaussianMixture:
    """Eight Gaussians on a ring, drawn out along the radius, with three different weights."""
    k = np.arange(8)
    angle = 2 * np.pi * k / 8
    radial = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    across = np.stack([-np.sin(angle), np.cos(angle)], axis=1)
    covariances = 0.3**2 * radial[:, :, None] * radial[:, None, :]
    covariances += 0.1**2 * across[:, :, None] * across[:, None, :]
    return GaussianMixture(means=2 * radial, covariances=covariances, weights=1 + (k % 3) / 2)


def spiral256() -> DataSet:
    """A noisy spiral of 256 points, mean 0 and variance 1 in each feature."""
    rng = np.random.default_rng(0)
    t = np.sqrt(rng.random(256)) * 3 * np.pi
    points = np.stack([t * np.cos(t), t * np.sin(t)], axis=1) / 8
    points += 0.02 * rng.standard_normal((256, 2))
    return DataSet(data=(points - points.mean(0)) / points.std(0))


def two_moons() -> DataSet:
    """Two interleaved half circles of 256 points each, with 512 more points held out."""
    rng = np.random.default_rng(0)
    angle = np.pi * rng.random((2, 512))
    upper = np.stack([np.cos(angle[0]) - 0.5, np.sin(angle[0]) - 0.25], axis=1)
    lower = np.stack([0.5 - np.cos(angle[1]), 0.25 - np.sin(angle[1])], axis=1)
    points = np.concatenate([upper, lower]) + 0.06 * rng.standard_normal((1024, 2))
    return DataSet(data=points[::2], held_out=points[1::2])


def digits8() -> ImageSet:
    """Handwritten digits, 8 × 8 pixels in −1…1: 1437 to sample from and 360 held out."""
    with (files("resources") / "data" / "digits8.npz").open("rb") as file:
        images = np.load(file, allow_pickle=False)["images"] / 8.0 - 1.0
    images = images[np.random.default_rng(0).permutation(len(images))]
    return ImageSet(images=images[:1437], held_out=images[1437:])
