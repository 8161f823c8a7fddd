"""Closed forms of transport between Gaussians."""

from __future__ import annotations

import torch
from torch import Tensor

# Added to variances, relative to their mean: directions without spread stay invertible.
RIDGE = 1e-6


def moments(x: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and covariance of points x (n, d) with weights a of total 1."""
    mean = a @ x
    centred = x - mean
    return mean, (centred.T * a) @ centred


def square_root(matrix: Tensor) -> Tensor:
    """The positive semidefinite root of a symmetric matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


def linear_map(source: Tensor, target: Tensor) -> Tensor:
    """The symmetric B with B S Bᵀ = T: the optimal map from N(0, S) to N(0, T)."""
    root = square_root(source)
    inverse = torch.linalg.inv(root)
    return inverse @ square_root(root @ target @ root) @ inverse


def gaussian_potential(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """g(y_j) of transport with cost |x - y|² between Gaussians with the moments of both clouds.

    With y' = y - mean(y) and B the map from the target's covariance to the source's:
    g = |y'|² - y'ᵀ B y' - 2 y'·(mean(x) - mean(y)), up to a constant.
    """
    (m0, s0), (m1, s1) = moments(x, a), moments(y, b)
    ridge = RIDGE * s1.diagonal().mean().clamp_min(torch.finfo(y.dtype).tiny)
    back = linear_map(s1 + ridge * torch.eye(len(s1), dtype=y.dtype, device=y.device), s0)
    y = y - m1
    return (y * (y - y @ back - 2 * (m0 - m1))).sum(1)
