"""Models that learn classes from samples, many training sets of one size at a time.

x (set, sample, feature) and labels (set, sample) are what is learnt from; what is asked about,
(point, feature), is the same for all sets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from engines.context import Context
from engines.method import Option, param
from engines.training import Moments
from engines.transport.cost import point_cost

# Steps of the logistic model, far more than it needs on data of any sense.
MOST_STEPS = 2000
# Largest slope of the mean loss at which it ends; that of scikit-learn.
SLOPE = 1e-4
# Of a diagonal of 1, for each row: what rounding may take off the smallest eigenvalue.
ROUNDING = 1e-14
# Step of Adam, ten times the usual one: there are few epochs.
RATE = 1e-2


class Logistic(Option):
    """Logistic regression: a linear model of the log odds"""

    kind: Literal["logistic"] = "logistic"
    strength: float = param(
        1.0, "C", "weight of the loss against the penalty ½|W|²", gt=0, le=1e6, log=True
    )

    def predict(
        self, x: Tensor, labels: Tensor, asked: Tensor, classes: int, ctx: Context
    ) -> Tensor:
        """The most probable class of each point asked about, (set, point)."""
        weights, absent = logistic(x, labels, classes, self.strength, ctx.check)
        return (_with_one(asked) @ weights + absent).argmax(-1)


class Neighbours(Option):
    """Nearest neighbours: the class that most of them have"""

    kind: Literal["knn"] = "knn"
    k: int = param(5, "k", "neighbours that vote", ge=1, le=50)

    def predict(
        self, x: Tensor, labels: Tensor, asked: Tensor, classes: int, ctx: Context
    ) -> Tensor:
        """The class of most neighbours of each point asked about, (set, point)."""
        pairs = zip(x, labels, strict=True)
        return torch.stack([vote(*pair, asked, self.k, classes, ctx.check) for pair in pairs])


class Network(Option):
    """Network of one hidden layer"""

    kind: Literal["mlp"] = "mlp"
    hidden: int = param(32, "h", "hidden units", ge=1, le=1024)
    epochs: int = param(200, "E", "steps of Adam, each with all samples", ge=1, le=10_000)

    def predict(
        self, x: Tensor, labels: Tensor, asked: Tensor, classes: int, ctx: Context
    ) -> Tensor:
        """The most probable class of each point asked about, (set, point)."""
        layers = self._start(x.shape[2], classes, ctx)
        # One start for all sets: their accuracies then differ by the data alone.
        parts = [part.expand(len(x), *part.shape).clone().requires_grad_() for part in layers]
        moments = Moments(parts)
        centre, count = x.mean(1, keepdim=True), x.shape[1]
        for _ in range(self.epochs):
            ctx.check()
            moments.forget()
            said = _through(x - centre, parts).flatten(0, 1)
            loss = cross_entropy(said, labels.flatten(), reduction="sum") / count
            loss.backward()  # type: ignore[no-untyped-call]
            moments.step(RATE)
        with torch.no_grad():
            return _through(asked - centre, parts).argmax(-1)

    def _start(self, width: int, classes: int, ctx: Context) -> list[Tensor]:
        sides = ((width, self.hidden), (self.hidden, classes))
        drawn = [
            torch.randn(side, generator=ctx.rng, dtype=torch.float64).to(ctx.device)
            * math.sqrt(2 / side[0])
            for side in sides
        ]
        zeros = [drawn[0].new_zeros(1, side[1]) for side in sides]
        return [drawn[0], zeros[0], drawn[1], zeros[1]]


Model = Logistic | Neighbours | Network


def vote(
    x: Tensor, labels: Tensor, asked: Tensor, k: int, classes: int, check: Callable[[], None]
) -> Tensor:
    """The class of most of the k nearest points; of equally many, the first."""
    cost = point_cost(asked, x, check=check)
    found = []
    for rows in cost.blocks():
        check()  # the nearest of a block are not found as fast as its costs
        near = cost.block(rows).topk(min(k, len(x)), dim=1, largest=False).indices
        found.append(one_hot(labels[near], classes).sum(1).argmax(1))
    return torch.cat(found)


def logistic(
    x: Tensor, labels: Tensor, classes: int, strength: float, check: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """W (set, feature + 1, class) of least ½|W|² + C Σ loss, and -∞ for classes that are absent.

    The last row, the bias, is not penalised: it takes back that features are centred first. Where
    there are fewer samples than features, W is sought in the span of the samples, where it lies.
    """
    centre = x.mean(1, keepdim=True)
    x, span = x - centre, None
    if x.shape[1] < x.shape[2]:
        parts = []
        for some in x:
            check()
            parts.append(torch.linalg.qr(some.T))
        span, x = torch.stack([q for q, _ in parts]), torch.stack([r.T for _, r in parts])
    found, absent = _fitted(_with_one(x), labels, classes, strength, check)
    weights, bias = found[:, :-1], found[:, -1:]
    if span is not None:
        weights = span @ weights
    return torch.cat([weights, bias - centre @ weights], dim=1), absent


def _fitted(
    x: Tensor, labels: Tensor, classes: int, strength: float, check: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """The same for features whose last is the constant 1.

    Steps are those of Newton with ½ C XᵀX in place of the curvature, which it never exceeds
    (Böhning 1992), and they are accelerated.
    """
    sets, count, width = x.shape
    truth = one_hot(labels, classes).to(x)
    absent = torch.where(truth.any(1, keepdim=True), 0.0, -torch.inf).to(x)
    penalty = torch.ones(width, 1, dtype=x.dtype, device=x.device)
    penalty[-1] = 0
    bound = strength / 2 * x.mT @ x + torch.diag(penalty[:, 0])
    # Features that follow from others have no curvature but that of the penalty, which rounding
    # may hide; a larger bound is a bound.
    bound.diagonal(dim1=1, dim2=2).mul_(1 + ROUNDING * width)
    factor = torch.linalg.cholesky(bound)
    weights = ahead = x.new_zeros(sets, width, classes)
    inertia = 1.0
    for _ in range(MOST_STEPS):
        check()
        slope = strength * x.mT @ (torch.softmax(x @ ahead + absent, -1) - truth) + penalty * ahead
        if float(slope.abs().max()) <= SLOPE * strength * count:
            break
        new = ahead - torch.cholesky_solve(slope, factor)
        # Uphill for one set: its speed is of no use any more (O'Donoghue & Candès 2015).
        uphill = (slope * (new - weights)).sum((1, 2), keepdim=True) > 0
        grown = (1 + math.sqrt(1 + 4 * inertia**2)) / 2
        speed = torch.where(uphill, 0.0, (inertia - 1) / grown)
        ahead, weights, inertia = new + speed * (new - weights), new, grown
    return ahead, absent


def _with_one(x: Tensor) -> Tensor:
    return torch.cat([x, torch.ones_like(x[..., :1])], dim=-1)


def _through(x: Tensor, parts: list[Tensor]) -> Tensor:
    return torch.relu(x @ parts[0] + parts[1]) @ parts[2] + parts[3]
