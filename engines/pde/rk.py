"""The classical Runge–Kutta scheme for v' = L v + N(v) with diagonal L."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engines.pde.etd import Nonlinear

# Where the region of stability meets the negative real and the imaginary axis.
REAL_LIMIT = 2.785
IMAGINARY_LIMIT = 2.828


class RK4:
    """Fourth order, everything explicit: the step is limited by the largest |L|."""

    def __init__(self, linear: np.ndarray, nonlinear: Nonlinear, state: Tensor) -> None:
        self._linear = torch.from_numpy(linear).to(state).expand_as(state).contiguous()
        self._nonlinear = nonlinear
        self._buffers = tuple(torch.empty_like(state) for _ in range(3))

    def _slope(self, v: Tensor, out: Tensor) -> Tensor:
        self._nonlinear(v, out)
        return out.addcmul_(self._linear, v)

    def step(self, v: Tensor, dt: float) -> None:
        """Advance v by dt in place."""
        slope, stage, total = self._buffers
        torch.add(v, self._slope(v, slope), alpha=dt / 6, out=total)
        torch.add(v, slope, alpha=dt / 2, out=stage)
        total.add_(self._slope(stage, slope), alpha=dt / 3)
        torch.add(v, slope, alpha=dt / 2, out=stage)
        total.add_(self._slope(stage, slope), alpha=dt / 3)
        torch.add(v, slope, alpha=dt, out=stage)
        torch.add(total, self._slope(stage, slope), alpha=dt / 6, out=v)
