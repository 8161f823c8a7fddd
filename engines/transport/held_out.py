"""Clouds to train on: batches of one part, drawn by weight, and a sample of the rest, held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engines.context import Context
from engines.problem import BadProblem

HELD, HELD_SHARE = 256, 5  # points held out: so many, but no more than each fifth


@dataclass(frozen=True)
class Side:
    """One cloud as training sees it: its points, a sample held out, another of that size."""

    points: Tensor
    draws: Iterator[Tensor]
    held: Tensor
    other: Tensor

    @classmethod
    def of(cls, places: Tensor, shares: Tensor, name: str, batch: int, ctx: Context) -> Side:
        """Split at random; refuses a batch that is larger than what is left."""
        shares = shares.cpu()
        known = torch.nonzero(shares > 0)[:, 0]
        count = max(1, min(HELD, len(known) // HELD_SHARE))
        if batch > len(known) - count:
            raise BadProblem(
                f"batch is {batch}; it must be at most {len(known) - count}, the number of {name} "
                f"points that train while {count} are held out; lower it or load more points"
            )
        known = known[torch.randperm(len(known), generator=ctx.rng)]
        held, rest = known[:count], known[count:]

        def draws(some: Tensor, size: int) -> Iterator[Tensor]:
            return batches(shares[some] / shares[some].sum(), size, ctx.rng)

        here, there = places[held.to(places.device)], places[rest.to(places.device)]
        sample = next(draws(held, count)), next(draws(rest, count))
        return cls(there, draws(rest, batch), here[sample[0]], there[sample[1]])

    def batch(self) -> Tensor:
        """Points of the next step."""
        return self.points[next(self.draws)]


def batches(shares: Tensor, count: int, rng: torch.Generator) -> Iterator[Tensor]:
    """Numbers of `count` points at a time, each as often as its share (n,), of total 1, asks.

    Drawn at equal distances along the shares in random order: a batch holds no point twice whose
    share is below 1/count.
    """
    while True:
        order = torch.randperm(len(shares), generator=rng)
        first = torch.rand(1, generator=rng, dtype=torch.float64)
        places = (torch.arange(count) + first) / count
        found = torch.searchsorted(shares[order].cumsum(0), places)
        yield order[found.clamp_max(len(shares) - 1)]
