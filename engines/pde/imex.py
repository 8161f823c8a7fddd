"""An implicit-explicit two-step scheme for v' = L v + N(v) with diagonal L."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engines.pde.etd import Nonlinear


class CNAB2:
    """Crank–Nicolson for L, Adams–Bashforth for N: second order, one evaluation of N a step.

    The first step extrapolates with a trial step instead of a past value, the step after a
    change of dt uses the two-step formula for unequal steps.
    """

    def __init__(self, linear: np.ndarray, nonlinear: Nonlinear, state: Tensor) -> None:
        self._linear = torch.from_numpy(linear).to(state).expand_as(state).contiguous()
        self._nonlinear = nonlinear
        self._now, self._before, self._right = (torch.empty_like(state) for _ in range(3))
        self._dt = 0.0
        self._last = 0.0

    def _prepare(self, dt: float) -> None:
        self._explicit = 1 + dt / 2 * self._linear
        self._implicit = 1 / (1 - dt / 2 * self._linear)
        self._dt = dt

    @property
    def past(self) -> tuple[Tensor, float]:
        """N of the step before and the length of that step, 0 where there was none."""
        return self._before, self._last

    @past.setter
    def past(self, past: tuple[Tensor, float]) -> None:
        self._before.copy_(past[0])
        self._last = past[1]

    def step(self, v: Tensor, dt: float) -> None:
        """Advance v by dt in place."""
        if dt != self._dt:
            self._prepare(dt)
        now, before, right = self._now, self._before, self._right
        self._nonlinear(v, now)
        torch.mul(self._explicit, v, out=right)
        if self._last:
            ratio = dt / self._last
            right.add_(now, alpha=dt * (1 + ratio / 2)).add_(before, alpha=-dt * ratio / 2)
        else:
            trial = torch.add(right, now, alpha=dt).mul_(self._implicit)
            self._nonlinear(trial, before)
            right.add_(now, alpha=dt / 2).add_(before, alpha=dt / 2)
        torch.mul(right, self._implicit, out=v)
        self._now, self._before, self._last = before, now, dt
