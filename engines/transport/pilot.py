"""Trying mixtures: how far random draws are from the validation, and how good models get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engines.context import Context
from engines.transport.classifiers import Model
from engines.transport.mixtures import Distance, DistanceWay, Pool

# Mixtures whose models are trained side by side, if they have no more numbers than this together.
TOGETHER, MOST_NUMBERS = 16, 4_000_000


@dataclass
class Pilot:
    """Draws of mixtures, and what is measured of each."""

    pool: Pool
    model: Model
    way: DistanceWay
    ctx: Context
    fits: int = 0

    def distance(self, p: np.ndarray, n: int) -> Distance:
        """The distance of n samples in the shares p."""
        return self.way.measure(self.pool, self.pool.draw(p, n, self.ctx.rng), self.ctx)

    def measure(self, mixtures: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances and accuracies of one draw of each mixture."""
        drawn = self._draw(mixtures, n)
        far = [self.way.measure(self.pool, rows, self.ctx).value for rows in drawn]
        return np.array(far), self._train(drawn)

    def accuracy(self, mixtures: np.ndarray, n: int) -> np.ndarray:
        """Accuracies alone, of one draw of each mixture."""
        parts = self.parts(len(mixtures), n)
        return np.concatenate([self._train(self._draw(mixtures[some], n)) for some in parts])

    def parts(self, count: int, n: int) -> list[slice]:
        """Mixtures whose models are trained side by side."""
        width = self.pool.features.shape[1] + self.pool.classes
        step = max(1, min(TOGETHER, MOST_NUMBERS // (n * width)))
        return [slice(i, i + step) for i in range(0, count, step)]

    def _draw(self, mixtures: np.ndarray, n: int) -> np.ndarray:
        return np.stack([self.pool.draw(p, n, self.ctx.rng) for p in mixtures])

    def _train(self, drawn: np.ndarray) -> np.ndarray:
        """Share of the validation that a model gets right, for each draw (mixture, sample)."""
        pool, device = self.pool, self.ctx.device
        home = "cpu" if device.type == "mps" else device  # which has no float64
        x, labels, goal = (
            torch.as_tensor(part, device=home)
            for part in (pool.features[drawn], pool.labels[drawn], pool.goal)
        )
        said = self.model.predict(x, labels, goal, pool.classes, self.ctx).cpu().numpy()
        self.fits += len(drawn)
        return (said == pool.goal_labels).mean(1)


def medians(values: np.ndarray) -> np.ndarray:
    """Medians along the last axis of the values that are there; NaN where there are none."""
    ordered = np.sort(values, axis=-1)  # NaN come last
    there = np.isfinite(values).sum(-1)
    middle = np.stack([np.maximum(there - 1, 0) // 2, there // 2], axis=-1)
    return np.take_along_axis(ordered, np.minimum(middle, values.shape[-1] - 1), -1).mean(-1)
