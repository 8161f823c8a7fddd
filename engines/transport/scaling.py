"""The loop of entropic transport: alternating soft c-transforms, annealed and over-relaxed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context, State
from engines.problem import Status
from engines.transport.softmin import SoftMin

Picture = Callable[[float, Tensor, Tensor], None]

# A float32 matrix that no longer improves the error, and is this close to its floor, is at it.
STALL, NEAR_FLOOR = 0.95, 20

# A level of ε that only leads to the next is left when its error is below this.
LEVEL_TOL = 1e-3

# The rate is that over so many iterations; over fewer it says little.
RATE_OVER = 10
# Looks told live for each time that the number of iterations grows e-fold.
FINE = 200

# 2 - ω shrinks at most to RAMP and grows to RETREAT of its value at a time. After PATIENCE rises of
# the error in a row it may not be less than BACK_OFF of what it was. Found by trial on 13 pairs of
# clouds and ε between 10 % and 0.01 % of the mean cost; a little more or less changes little.
RAMP, RETREAT, PATIENCE, BACK_OFF = 0.3, 1.3, 5, 2.0

# Of a checkpoint: the potentials, and the last that were known to be finite.
POTENTIALS = ("f", "g", "good_f", "good_g")


@dataclass(frozen=True)
class Course:
    """The values of ε, largest first, the iterations at each, and when to end at the last.

    `first` is the over-relaxation that each level begins with.
    """

    levels: Sequence[float]
    first: Sequence[float]
    per_level: int
    tol: float
    max_iter: int
    relax: float


class Look(NamedTuple):
    """What is read every few iterations."""

    iteration: int
    seconds: float
    error: float
    dual: float
    epsilon: float


@dataclass
class Scaling:
    """Where the loop stands: the potentials, how it ended, and what was read on the way."""

    f: Tensor
    g: Tensor
    epsilon: float
    status: Status = Status.limit_reached
    iterations: int = 0
    history: list[Look] = field(default_factory=list)


def best_omega(rate: float) -> float:
    """The over-relaxation for a plain iteration of this rate (Thibault 2021, Lehmann 2022)."""
    return 2 / (1 + math.sqrt(1 - rate))


class Relaxation:
    """Over-relaxation ω that follows the measured rate (adaptive SOR, Hageman & Young 1981).

    The error shrinks by μ per iteration, where (μ + ω - 1)² = μ ω² λ. From this follows λ, the
    rate of the plain iteration, and from λ the best ω. Beyond the best ω, μ = ω - 1 says nothing
    about λ, so ω is taken back.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self.restart()

    def restart(self, omega: float = 1.0) -> None:
        """Go on with this ω until the rate is known again."""
        self.omega = omega
        self.last, self._read = 0.0, 0
        self._rises = 0

    @property
    def state(self) -> tuple[float, ...]:
        """All that it knows."""
        return self.omega, self.last, self._read, self._rises, self._limit

    @state.setter
    def state(self, state: tuple[float, ...]) -> None:
        self.omega, self.last, read, rises, self._limit = state
        self._read, self._rises = int(read), int(rises)

    def observe(self, error: float, iteration: int) -> None:
        """Choose ω from the error after this iteration and the one read before."""
        last, iterations = self.last, iteration - self._read
        if last > 0 and iterations < RATE_OVER:
            return
        self.last, self._read = error, iteration
        if last == 0:
            return
        if error >= last:
            self._rises += 1
            if self._rises == PATIENCE and self.omega > 1:
                self._limit = max(1.0, 2 - BACK_OFF * (2 - self.omega))
                self.restart()
            return
        self._rises = 0
        rate = (error / last) ** (1 / iterations)
        if rate > self.omega - 1:
            plain = min((rate + self.omega - 1) ** 2 / (rate * self.omega**2), 1.0)
            self.omega = min(best_omega(plain), self._limit, 2 - RAMP * (2 - self.omega))
        else:
            self.omega = max(1.0, 2 - RETREAT * (2 - self.omega))


def scale(
    soft: SoftMin,
    state: Scaling,
    course: Course,
    ctx: Context,
    picture: Picture,
    turn: int | None = None,
) -> None:
    """Carry the potentials through the levels of ε until both marginals are met.

    A method that can be resumed numbers its calls: `turn` tells whose checkpoint it is.
    """
    relaxation, before = Relaxation(course.relax), state.iterations
    level, end, due, first, last = -1, 0, 0, 0, len(course.levels) - 1
    good, state.status = (state.f, state.g), Status.limit_reached
    if turn is not None and ctx.kept and turn == ctx.kept["turn"]:
        first, before, level, end, due = ctx.kept["counts"][:5].tolist()
        good = _go_on(soft, state, relaxation, ctx.kept)
    with suppress(Cancelled):
        for k in ctx.steps(last * course.per_level + course.max_iter, first):
            if turn is not None:
                counts = k, before, level, end, due, len(state.history)
                here = replace(state), good, relaxation.state, soft.state
                ctx.keep(partial(_kept, turn, counts, *here))
            if k == end:
                if level == last:
                    return
                level, due = level + 1, k
                end = k + (course.per_level if level < last else course.max_iter)
                state.epsilon = course.levels[level]
                state.f = soft.rows(state.epsilon, state.g)
                relaxation.restart(course.first[level])
            omega, old = relaxation.omega, (state.f, state.g)
            _sweep(soft, state, omega)
            state.iterations = before + k + 1
            if k < due and k + 1 < end:
                continue
            look = _look(soft, old, omega, state, ctx)
            if not math.isfinite(look.error):
                (state.f, state.g), state.status = good, Status.diverged
                return
            good, due = (state.f, state.g), k + soft.every
            picture(state.epsilon, state.f, state.g)
            stalled = STALL * relaxation.last < look.error < NEAR_FLOOR * soft.floor
            relaxation.observe(look.error, k + 1)
            if level < last:
                end = k + 1 if look.error < LEVEL_TOL else end
            elif look.error < max(course.tol, soft.floor) or stalled:
                if omega == 1 and look.error < course.tol:
                    state.status = Status.converged
                    return
                # A plain iteration has the last word, and so has the sharper matrix.
                due = k + 1
                if omega > 1:
                    relaxation.restart()
                else:
                    soft.sharpen()
    if ctx.stopped:
        state.status = Status.stopped


def _kept(
    turn: int,
    counts: tuple[int, ...],
    state: Scaling,
    good: tuple[Tensor, Tensor],
    relaxation: tuple[float, ...],
    soft: tuple[float, Tensor, bool],
) -> dict[str, Any]:
    """Where the loop stood; none of this is changed by later steps."""
    epsilon, reference, sharp = soft
    return {
        "turn": turn,
        "counts": counts,
        **dict(zip(POTENTIALS, (state.f, state.g, *good), strict=True)),
        "epsilon": state.epsilon,
        "looks": np.array(state.history[: counts[-1]]).reshape(-1, len(Look._fields)),
        "iterations": state.iterations,
        "relaxation": relaxation,
        "reference_epsilon": epsilon,
        "reference": reference,
        "sharp": sharp,
    }


def _go_on(
    soft: SoftMin, state: Scaling, relaxation: Relaxation, kept: State
) -> tuple[Tensor, Tensor]:
    """Stand there again; gives the last good potentials."""
    home = state.f.device
    state.f, state.g, *good = (torch.from_numpy(kept[name]).to(home) for name in POTENTIALS)
    state.epsilon, state.iterations = float(kept["epsilon"]), int(kept["iterations"])
    state.history = [Look(int(row[0]), *row[1:].tolist()) for row in kept["looks"]]
    relaxation.state = tuple(kept["relaxation"].tolist())
    reference = torch.from_numpy(kept["reference"]).to(home)
    soft.state = float(kept["reference_epsilon"]), reference, bool(kept["sharp"])
    return good[0], good[1]


def _sweep(soft: SoftMin, state: Scaling, omega: float) -> None:
    """One iteration: first the columns, then the rows, each over-relaxed by ω."""
    g = soft.cols(state.epsilon, state.f)
    state.g = g if omega == 1 else torch.lerp(state.g, g, omega)
    f = soft.rows(state.epsilon, state.g)
    state.f = f if omega == 1 else torch.lerp(state.f, f, omega)


def _look(
    soft: SoftMin, old: tuple[Tensor, Tensor], omega: float, state: Scaling, ctx: Context
) -> Look:
    """Error and dual value of the iteration just done, logged and kept.

    Where a plain update takes f to f', row i had the mass a_i exp((f_i - f'_i)/ε): the L1 error
    Σ a_i |exp((f_i - f'_i)/ε) - 1| costs no further sweep. A plain iteration meets the columns.
    """
    across = (state.f - old[0]) / omega
    error = float((soft.a * torch.expm1(across / -state.epsilon).abs()).sum())
    if omega != 1:
        down = (state.g - old[1]) / omega
        error = max(error, float((soft.b * torch.expm1(down / -state.epsilon).abs()).sum()))
    dual = soft.dual(state.epsilon, old[0] + across, state.g)
    if _told(state.iterations, soft.every):
        ctx.log(marginal_error=error, epsilon=state.epsilon, dual=dual)
    look = Look(state.iterations, ctx.seconds, error, dual, state.epsilon)
    state.history.append(look)
    return look


def _told(iterations: int, every: int) -> bool:
    """Whether a look is also told while the run goes on: one for each half per cent of its way.

    All are in the result. Thousands a second would cost a watched run a per cent of its time, and
    nobody can see them.
    """
    before = max(1, iterations - every)
    return int(FINE * math.log(iterations)) > int(FINE * math.log(before)) or iterations <= every
