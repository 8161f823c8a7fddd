"""Sinkhorn of the libraries for graphics cards, where they are installed: GeomLoss and OTT."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import torch

from engines.transport.problem import PointClouds

Plan = Callable[[], np.ndarray]


def others(problem: PointClouds, epsilon: float, tol: float) -> dict[str, Plan]:
    """What solves the problem with uniform weights, by the name of the library."""
    found = {"geomloss": geomloss, "ott": ott}
    return {name: make(problem, epsilon, tol) for name, make in found.items() if find_spec(name)}


def geomloss(problem: PointClouds, epsilon: float, tol: float) -> Plan:
    """Its cost is half of ours, so blur² = ε/2; it ends with its annealing, whatever the error."""
    from geomloss import SamplesLoss

    loss = SamplesLoss(
        "sinkhorn",
        p=2,
        blur=math.sqrt(epsilon / 2),
        scaling=0.9,
        debias=False,
        potentials=True,
        backend="tensorized",
    )
    x, y = (torch.as_tensor(cloud.copy()) for cloud in (problem.x, problem.y))

    def plan() -> np.ndarray:
        f, g = (2 * values.reshape(-1) for values in loss(x, y))
        exponent = (f[:, None] + g - torch.cdist(x, y).square()) / epsilon
        return (exponent.exp() / (len(x) * len(y))).numpy()

    return plan


def ott(problem: PointClouds, epsilon: float, tol: float) -> Plan:
    """In float64, compiled, with its own stop at our tolerance."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from ott.geometry.pointcloud import PointCloud
    from ott.problems.linear.linear_problem import LinearProblem
    from ott.solvers.linear.sinkhorn import Sinkhorn

    solve = jax.jit(Sinkhorn(threshold=tol, max_iterations=100_000))
    x, y = (jax.numpy.asarray(cloud) for cloud in (problem.x, problem.y))

    def plan() -> np.ndarray:
        return np.asarray(solve(LinearProblem(PointCloud(x, y, epsilon=epsilon))).matrix)

    return plan
