"""Transport along random lines, and what is known about its mean: control variates.

    W_l = W_p^p of both clouds projected on θ_l,    SW_p^p = E W over directions θ on the sphere

For p = 2 two quantities with known means follow W closely: the squared distance of the projected
means, and the sum of the projected variances.

    lower:  G = (θ·δ)²               E G = |δ|²/d               δ = mean x - mean y
    upper:  G = (θ·δ)² + θᵀ(S + T)θ   E G = (|δ|² + tr S + tr T)/d
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.transport.line import line_costs, merge, sort_lines
from engines.transport.problem import PointClouds, masses

# Names of the estimators: no control, lower, upper, and both parts of the upper on their own.
Estimator = Literal["plain", "lcv", "ucv", "both"]
ESTIMATORS: tuple[Estimator, ...] = ("plain", "lcv", "ucv", "both")
CONTROLS = {"plain": 0, "lcv": 1, "ucv": 1, "both": 2}

SIZES, SMALLEST = 8, 5  # numbers of directions at which errors are measured, and the first of them


class Known(NamedTuple):
    """Difference of the means of two clouds, and the sum of the traces of their covariances."""

    delta: Tensor
    trace: Tensor

    def expected(self) -> tuple[Tensor, Tensor]:
        """Means over all directions of (θ·δ)² and of θᵀ(S + T)θ."""
        dim = len(self.delta)
        return self.delta @ self.delta / dim, self.trace / dim


@dataclass(frozen=True)
class Pair:
    """Both clouds about their common centre, on the device of the run; weights, if they differ."""

    x: Tensor
    y: Tensor
    weights: tuple[Tensor | None, Tensor | None]
    centre: np.ndarray

    @classmethod
    def of(cls, problem: PointClouds, ctx: Context) -> Pair:
        """The clouds of a problem."""
        x, y = (np.asarray(cloud, dtype=np.float64) for cloud in (problem.x, problem.y))
        centre = (x.mean(0) + y.mean(0)) / 2
        weights: tuple[Tensor | None, Tensor | None] = (None, None)
        if problem.a is not None or problem.b is not None:
            weights = ctx.tensors(*masses(problem))
        return cls(ctx.tensors(x - centre), ctx.tensors(y - centre), weights, centre)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.x.shape[1]

    def at(self, x: Tensor) -> Pair:
        """The same with the source elsewhere."""
        return replace(self, x=x)

    def known(self) -> Known:
        """What the controls need to know."""
        means, trace = [], self.x.new_zeros(())
        for cloud, weights in zip((self.x, self.y), self.weights, strict=True):
            mass = _mass(cloud, weights)
            means.append(mass @ cloud)
            trace = trace + mass @ ((cloud - means[-1]) ** 2).sum(1)
        return Known(means[0] - means[1], trace)

    def per_mass(self) -> Tensor | float:
        """What turns the gradient in a point into that per unit of its mass; 0 without mass."""
        mass = self.weights[0]
        if mass is None:
            return float(len(self.x))
        return torch.where(mass > 0, 1 / mass, 0)[:, None]

    def exact(self, most: int) -> float:
        """W_2² between every so-manieth point of both clouds, `most` of each or fewer."""
        import ot  # only here: it takes a second to load

        clouds, weights = [], []
        for cloud, mass in zip((self.x, self.y), self.weights, strict=True):
            given = _mass(cloud, mass)
            heavy = torch.nonzero(given > 0)[:, 0]
            some = heavy[:: -(-len(heavy) // most)]
            clouds.append(cloud[some].cpu().double().numpy())
            kept = given[some].cpu().double().numpy()
            weights.append(kept / kept.sum())
        # In units of their extent: POT takes costs that differ by less than 1e-12 for equal.
        unit = max(float(np.abs(cloud).max()) for cloud in clouds) or 1.0
        return unit**2 * float(ot.emd2(*weights, ot.dist(*(cloud / unit for cloud in clouds))))


class Slices(NamedTuple):
    """Values for each direction (…, L), and the means of the last two over the sphere."""

    costs: Tensor
    means: Tensor  # (θ·δ)²
    widths: Tensor  # θᵀ(S + T)θ
    expected_means: Tensor
    expected_widths: Tensor

    def controls(self, name: Estimator) -> list[tuple[Tensor, Tensor]]:
        """The controls of an estimator, each with its mean over all directions."""
        first = (self.means, self.expected_means)
        if name == "ucv":
            upper = self.expected_means + self.expected_widths
            return [(self.means + self.widths, upper)]
        return [first, (self.widths, self.expected_widths)][: CONTROLS[name]]

    def part(self, count: int) -> Slices:
        """The first directions only."""
        return self._replace(
            costs=self.costs[:count], means=self.means[:count], widths=self.widths[:count]
        )

    def blocks(self, size: int) -> Slices:
        """The directions in as many rows of `size` as there are."""
        rows = len(self.costs) // size
        costs, means, widths = (v[: rows * size].reshape(rows, size) for v in self[:3])
        return self._replace(costs=costs, means=means, widths=widths)


class Fit(NamedTuple):
    """An estimate of the mean cost and how far to trust it."""

    value: Tensor
    rest: Tensor  # what the controls leave of each cost
    explained: Tensor  # share of the variance of the costs that least squares on them explains
    coefficients: tuple[Tensor, ...]

    def standard_error(self) -> Tensor:
        """Of the value, from what is left of the costs."""
        count = self.rest.shape[-1]
        free = max(count - 1 - len(self.coefficients), 1)
        return ((self.rest**2).sum(-1) / (free * count)).sqrt()


class Scatter(NamedTuple):
    """Errors (estimator, size), repeated estimates (estimator, repeat), and the best value."""

    size: np.ndarray
    errors: np.ndarray
    spread: np.ndarray
    reference: float


def directions(count: int, dim: int, rng: torch.Generator) -> Tensor:
    """Uniform on the sphere, (count, dim)."""
    drawn = torch.randn(count, dim, generator=rng, dtype=torch.float64)
    return drawn / drawn.norm(dim=1, keepdim=True)


def slices(theta: Tensor, pair: Pair, p: float = 2.0, facts: Known | None = None) -> Slices:
    """Costs and controls along the directions θ (L, d). Differentiable in x where x asks for it."""
    facts = facts or pair.known()
    u, v = theta @ pair.x.T, theta @ pair.y.T
    smooth = pair.x.requires_grad
    costs = _smooth_costs(u, v, *pair.weights) if smooth else line_costs(u, v, *pair.weights, p)
    widths = costs.new_zeros(costs.shape)
    for line, weights in zip((u, v), pair.weights, strict=True):
        mass = _mass(line.T, weights)
        widths = widths + (line - (line @ mass)[:, None]) ** 2 @ mass
    return Slices(costs, (theta @ facts.delta) ** 2, widths, *facts.expected())


def by_parts(theta: Tensor, pair: Pair, size: int, check: Callable[[], None]) -> Slices:
    """The same for p = 2 with `size` directions at a time; `check` may raise between them."""
    parts, facts = [], pair.known()
    for start in range(0, len(theta), size):
        check()
        parts.append(slices(theta[start : start + size], pair, facts=facts))
    costs, means, widths = (torch.cat(values) for values in zip(*(p[:3] for p in parts)))
    return parts[0]._replace(costs=costs, means=means, widths=widths)


def fit(seen: Slices, name: Estimator, *, centred: bool = True) -> Fit:
    """Mean cost, with the controls' deviation from their known means taken out.

    `centred` is ordinary regression. Else the variance of a control is taken about its known mean,
    as published, which leaves part of the noise where cost and control are nearly proportional.
    """
    return _regress(seen.costs, seen.controls(name), centred)


def _regress(costs: Tensor, controls: Sequence[tuple[Tensor, Tensor]], centred: bool) -> Fit:
    """Controls one after the other, each made independent of those before (Gram-Schmidt)."""
    value = costs.mean(-1)
    rest = costs - value[..., None]
    tiny = torch.finfo(costs.dtype).tiny
    variance = (rest**2).mean(-1) + tiny
    explained, coefficients = torch.zeros_like(value), []
    used: list[tuple[Tensor, Tensor, Tensor]] = []
    for control, expected in controls:
        off = control.mean(-1) - expected
        around = control - control.mean(-1)[..., None]
        for other, other_off, square in used:
            share = (around * other).mean(-1) / square
            around, off = around - share[..., None] * other, off - share * other_off
        square = (around**2).mean(-1) + tiny
        together = (rest * around).mean(-1)
        explained = explained + together**2 / (square * variance)
        coefficient = together / (square if centred else square + off**2)
        value = value - coefficient * off
        rest = rest - coefficient[..., None] * around
        used.append((around, off, square))
        coefficients.append(coefficient)
    return Fit(value, rest, explained.clamp(max=1), tuple(coefficients))


def scatter(
    pool: Slices, names: Sequence[Estimator], count: int, *, centred: bool = True
) -> Scatter:
    """How estimates from up to `count` directions scatter, all cut from one pool."""
    reference = fit(pool, names[-1]).value
    sizes = np.unique(np.geomspace(min(SMALLEST, count), count, SIZES).round().astype(int))
    errors = np.empty((len(names), len(sizes)))
    for j, size in enumerate(sizes):
        blocks = pool.blocks(int(size))
        found = [fit(blocks, name, centred=centred).value for name in names]
        errors[:, j] = [float(((value - reference) ** 2).mean().sqrt()) for value in found]
    spread = torch.stack(found).numpy()  # the last size is `count`
    return Scatter(sizes, errors, spread, float(reference))


def _smooth_costs(u: Tensor, v: Tensor, a: Tensor | None, b: Tensor | None) -> Tensor:
    """W_2² of each line, differentiable in the places u."""
    from_u, from_v = sort_lines(u.detach())[1], sort_lines(v)[1]
    u_sorted, v_sorted = u.gather(-1, from_u), v.gather(-1, from_v)
    if a is None and b is None and u.shape == v.shape:
        return ((u_sorted - v_sorted) ** 2).mean(-1)
    stairs = merge(_mass(u.T, a)[from_u], _mass(v.T, b)[from_v])
    apart = u_sorted.gather(-1, stairs.rows) - v_sorted.gather(-1, stairs.cols)
    return (stairs.mass * apart**2).sum(-1)


def _mass(cloud: Tensor, weights: Tensor | None) -> Tensor:
    return cloud.new_full((len(cloud),), 1 / len(cloud)) if weights is None else weights
