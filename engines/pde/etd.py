"""Exponential time differencing: v' = L v + N(v) with the linear part L taken exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

# N(v) written into the second argument.
Nonlinear = Callable[[Tensor, Tensor], None]

POINTS = 32  # on the circle: the sum over them is then exact to rounding


def contour_means(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Q, f₁, f₂, f₃ of Kassam and Trefethen (2005, eq. 2.5) divided by the step, at z = hL.

    Each is an analytic function of z whose formula loses all digits near z = 0; there the mean
    over a circle around z gives it without loss. Their unit circle everywhere passes through 0
    where |z| = 1, which costs three digits: here |z| < 1 has a circle of radius 2, and the
    formula is used as it stands elsewhere (radius 0). For real z half a circle is enough.
    """
    real = np.isrealobj(z)
    count = POINTS // 2 if real else POINTS
    radius = np.where(abs(z) < 1, 2.0, 0.0)
    sums = [np.zeros(z.shape, np.complex128) for _ in range(4)]
    for j in range(count):
        p = z + radius * np.exp(2j * np.pi * (j + 0.5) / POINTS)
        e, cube = np.exp(p), p**3
        sums[0] += (np.exp(p / 2) - 1) / p
        sums[1] += (-4 - p + e * (4 - 3 * p + p**2)) / cube
        sums[2] += (2 + p + e * (p - 2)) / cube
        sums[3] += (-4 - 3 * p - p**2 + e * (4 - p)) / cube
    q, f1, f2, f3 = ((s.real if real else s) / count for s in sums)
    return q, f1, f2, f3


class ETDRK4:
    """The fourth-order scheme of Cox and Matthews (2002) with diagonal L, on buffers made once.

    `state` gives shape, type and device; `linear` broadcasts to it. `step` changes its argument
    only in its last operation, so a step that is abandoned leaves the state as it was.
    """

    def __init__(self, linear: np.ndarray, nonlinear: Nonlinear, state: Tensor) -> None:
        self._values, self._place = np.unique(linear, return_inverse=True)
        self._place = self._place.reshape(linear.shape)
        self._nonlinear = nonlinear
        self._dt = 0.0
        self._buffers = tuple(torch.empty_like(state) for _ in range(5))

    def _prepare(self, dt: float, like: Tensor) -> None:
        z = dt * self._values
        q, f1, f2, f3 = (dt * mean for mean in contour_means(z))
        self._weights = tuple(
            torch.from_numpy(w[self._place]).to(like).expand_as(like).contiguous()
            for w in (np.exp(z), np.exp(z / 2), q, f1, 2 * f2, f3)
        )
        self._dt = dt

    def step(self, v: Tensor, dt: float) -> None:
        """Advance v by dt in place; the weights are recomputed only when dt changes."""
        if dt != self._dt:
            self._prepare(dt, v)
        whole, half, q, f1, f2, f3 = self._weights
        a, b, nv, na, nb = self._buffers
        self._nonlinear(v, nv)
        torch.mul(half, v, out=b)
        torch.addcmul(b, q, nv, out=a)
        self._nonlinear(a, na)
        b.addcmul_(q, na)
        self._nonlinear(b, nb)
        c = a.mul_(half).addcmul_(q, nb, value=2).addcmul_(q, nv, value=-1)
        torch.mul(whole, v, out=b)
        b.addcmul_(f1, nv).addcmul_(f2, na.add_(nb))
        self._nonlinear(c, nv)
        torch.addcmul(b, f3, nv, out=v)
