"""Entropic transport between two clouds and of each to itself, solved again as the source moves.

S(a, b) = OT_ε(a, b) - ½ OT_ε(a, a) - ½ OT_ε(b, b)     for the cost |x - y|²
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.problem import Status
from engines.transport.cost import facts, point_cost
from engines.transport.gaussian import gaussian_pair
from engines.transport.scaling import Course, Scaling, best_omega, scale
from engines.transport.softmin import Backend, SoftMin, make_softmin
from engines.transport.tuning import MOST_DIMENSIONS, MOST_FIRST, MOST_RATIO_32, NO_ANNEALING

# Levels of ε before the last: the first, relative to the mean cost, their ratio, iterations each.
LEVELS_FROM, LEVELS_RATIO, PER_LEVEL = 0.05, 0.5, 40


@dataclass(frozen=True)
class Solved:
    """One entropic problem: rows of its plan are met exactly, columns up to `error`."""

    f: Tensor
    g: Tensor
    map: Tensor
    value: float
    error: float
    iterations: int


@dataclass(frozen=True)
class Stand:
    """All three problems at one place of the source."""

    ab: Solved
    aa: Solved
    bb: Solved
    iterations: int

    @property
    def value(self) -> float:
        """The divergence S."""
        return self.ab.value - self.aa.value / 2 - self.bb.value / 2

    @property
    def error(self) -> float:
        """The largest error of the three."""
        return max(self.ab.error, self.aa.error, self.bb.error)

    @property
    def gradient(self) -> Tensor:
        """∂S/∂x_i per unit of mass at x_i."""
        return 2 * (self.aa.map - self.ab.map)


@dataclass
class Debiased:
    """The three problems, each begun with the potentials that it had before."""

    epsilon: float
    mean: float
    largest: float
    tol: float
    max_iter: int
    relax: float
    backend: Backend
    ctx: Context
    status: Status = Status.converged
    last: Stand | None = None

    def solve(self, x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Stand:
        """S and its parts; the target, which stays, meets itself only once."""
        last = self.last
        bb = last.bb if last else self._alone(y, b, torch.zeros_like(b))
        aa = self._alone(x, a, last.aa.f if last else torch.zeros_like(a))
        ab = self._pair(x, y, a, b, last.ab.g if last else None)
        done = ab.iterations + aa.iterations + (0 if last else bb.iterations)
        self.last = Stand(ab, aa, bb, done)
        return self.last

    def _pair(self, x: Tensor, y: Tensor, a: Tensor, b: Tensor, g: Tensor | None) -> Solved:
        """Source to target: alternating over-relaxed updates, annealed the first time."""
        soft = self._soft(x, y, a, b)
        pair = gaussian_pair(x, y, a, b) if x.shape[1] <= MOST_DIMENSIONS else None
        levels = [self.epsilon]
        if g is None:
            g = facts(soft.cost, pair.potential(y) if pair else torch.zeros_like(b)).g
            levels = self._levels()
        most = min(self.relax, MOST_FIRST)
        first = [min(most, best_omega(pair.rate(level))) if pair else 1.0 for level in levels]
        state = Scaling(soft.rows(levels[0], g), g, levels[0])
        course = Course(levels, first, PER_LEVEL, self.tol, self.max_iter, self.relax)
        scale(soft, state, course, self.ctx, lambda *_: None)
        if state.status is Status.stopped:
            raise Cancelled
        if state.status is not Status.converged:
            self.status = state.status
        error = state.history[-1].error if state.history else math.nan
        f = soft.rows(self.epsilon, state.g)
        return self._solved(soft, f, state.g, y, error, state.iterations)

    def _alone(self, x: Tensor, a: Tensor, f: Tensor) -> Solved:
        """A cloud to itself: f ← (f + f')/2 with the update f' halves the error or better."""
        soft, done, error, new = self._soft(x, x, a, a), 0, math.inf, f
        while error >= self.tol and done < self.max_iter:
            self.ctx.check()
            f = (f + new) / 2
            new = soft.rows(self.epsilon, f)
            error = float((a * torch.expm1((f - new) / self.epsilon).abs()).sum())
            done += 1
        if error >= self.tol:
            self.status = Status.limit_reached
        return self._solved(soft, new, f, x, error, done)

    def _soft(self, x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> SoftMin:
        ctx = self.ctx
        cost = point_cost(x, y, check=ctx.check)
        soft = make_softmin(self.backend, cost, a, b, ctx.dtype, ctx.device)
        # S is a small difference of values, so it takes the digits that it can get.
        blurs = self.largest > MOST_RATIO_32 * self.epsilon or self.tol < soft.floor
        if ctx.dtype == torch.float64 or blurs:
            soft.sharpen()
        return soft

    def _solved(
        self, soft: SoftMin, f: Tensor, g: Tensor, y: Tensor, error: float, iterations: int
    ) -> Solved:
        """Value and map of potentials of which f is the update of g: then P has mass 1."""
        # Places near 0 keep the digits of a float32 plan, and its rounded rows are divided out.
        centre = y.mean(0)
        known = torch.cat([y - centre, torch.ones_like(y[:, :1])], dim=1)
        moved = soft.apply(self.epsilon, f, g, known)
        rows = moved[:, -1:].clamp_min(torch.finfo(y.dtype).tiny)
        value = float(soft.a @ f + soft.b @ g)
        return Solved(f, g, moved[:, :-1] / rows + centre, value, error, iterations)

    def _levels(self) -> list[float]:
        """Values of ε, falling to the last where that is small."""
        levels, level = [], LEVELS_FROM * self.mean
        while self.epsilon < NO_ANNEALING * self.mean and level > self.epsilon:
            levels.append(level)
            level *= LEVELS_RATIO
        return [*levels, self.epsilon]
