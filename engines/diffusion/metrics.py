"""How near samples are to the distribution they should have, and how near exact draws come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.diffusion.denoisers import Sampled, rows_per_piece
from engines.diffusion.problem import GaussianMixture

DIRECTIONS = 512
QUANTILES = 199
MOST_POINTS = 1000  # energy distances cost the square of it; floors tell what that hides
FLOOR_SETS = 20  # sets of exact draws whose mean score is the floor

Scores = dict[str, float]


class Reference:
    """Points to compare samples with; what depends on them alone is computed once."""

    def __init__(self, points: Tensor, directions: Tensor) -> None:
        self.points = points
        self.directions = directions
        self.ordered = _ordered(points, directions)
        self.apart = float(torch.cdist(points, points).mean())

    def sliced_wasserstein(self, samples: Tensor) -> float:
        """Root mean square over the directions of the Wasserstein-2 distance of projections.

        Sorted values are paired where both sets have equally many, else 199 inner quantiles are.
        """
        ordered = _ordered(samples, self.directions)
        if len(samples) == len(self.points):
            gap = ordered - self.ordered
        else:
            gap = _quantiles(ordered) - _quantiles(self.ordered)
        return float(np.sqrt(np.square(gap).mean()))

    def energy_distance(self, samples: Tensor) -> float:
        """Squared energy distance 2E‖X−Y‖ − E‖X−X'‖ − E‖Y−Y'‖, never negative."""
        across = float(torch.cdist(samples, self.points).mean())
        return 2 * across - float(torch.cdist(samples, samples).mean()) - self.apart


def mode_tv(samples: Tensor, means: Tensor, weights: Tensor) -> float:
    """Total variation between the shares of the nearest components and their weights."""
    nearest = torch.cdist(samples, means).argmin(1)
    shares = torch.bincount(nearest, minlength=len(means)) / len(samples)
    return float((shares - weights).abs().sum() / 2)


def nearest_points(samples: Tensor, points: Tensor, ctx: Context) -> tuple[Tensor, Tensor]:
    """Distance from each sample to the nearest point, and the number of that point."""
    pieces = []
    for part in torch.split(samples, rows_per_piece(len(points), 8 * points.numel())):
        ctx.check()
        # Explicit differences: a copy of a data point must come out at distance 0.
        apart = torch.cdist(part, points, compute_mode="donot_use_mm_for_euclid_dist")
        pieces.append(apart.min(1))
    return torch.cat([p.values for p in pieces]), torch.cat([p.indices for p in pieces])


def scorer(target: Sampled, ctx: Context) -> Callable[[Tensor], Scores]:
    """A function that compares samples with one fixed reference set of the target."""
    points = ctx.tensors(target.reference(MOST_POINTS, ctx.rng))
    reference = Reference(points, unit_directions(DIRECTIONS, target.dimension, ctx))

    def score(samples: Tensor) -> Scores:
        few = samples[:MOST_POINTS]
        scores = {
            "sliced_wasserstein": reference.sliced_wasserstein(few),
            "energy_distance": reference.energy_distance(few),
        }
        if isinstance(target, GaussianMixture):
            means, weights = ctx.tensors(target.means, target.shares)
            scores["mode_tv"] = mode_tv(few, means, weights)
        return scores

    return score


def floors(target: Sampled, n: int, score: Callable[[Tensor], Scores], ctx: Context) -> Scores:
    """The mean scores of sets of n exact draws: no sampler can be expected to do better."""
    sets = []
    with ctx.phase("floors"):
        for _ in ctx.steps(FLOOR_SETS):
            sets.append(score(ctx.tensors(target.draw(min(n, MOST_POINTS), ctx.rng))))
    ctx.check()
    return {f"{name}_floor": sum(s[name] for s in sets) / len(sets) for name in sets[0]}


def unit_directions(n: int, dimension: int, ctx: Context) -> Tensor:
    """Draw n unit vectors, every direction equally probable."""
    drawn = torch.randn(n, dimension, dtype=torch.float64, generator=ctx.rng)
    return ctx.tensors((drawn / drawn.norm(dim=1, keepdim=True)).numpy())


def _ordered(points: Tensor, directions: Tensor) -> np.ndarray:
    """Projections in ascending order, one direction a row."""
    # NumPy sorts rows with vector instructions, 18 times faster than torch on a CPU.
    return np.sort((directions @ points.T).cpu().numpy(), axis=1)


def _quantiles(ordered: np.ndarray) -> np.ndarray:
    """The inner quantiles of sorted rows, by linear interpolation."""
    last = ordered.shape[1] - 1
    place = np.arange(1, QUANTILES + 1) / (QUANTILES + 1) * last
    low = place.astype(int)
    part = place - low
    return ordered[:, low] * (1 - part) + ordered[:, np.minimum(low + 1, last)] * part
