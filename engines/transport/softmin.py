"""Soft c-transforms, the one operation of entropic transport, in four numeric back ends.

    rows:  f_i = -ε log Σ_j b_j exp((g_j - C_ij)/ε)
    cols:  g_j = -ε log Σ_i a_i exp((f_i - C_ij)/ε)

Potentials are float64 vectors whatever the precision of the matrix is: in float32 alone a
potential of 1000 ε already blurs the plan by 1e-4. Back ends over points write

    log K_ij = r_i + s_j - C_ij/ε

with reference vectors r, s near f/ε, g/ε, so that the entries that matter are near 0 and only
small differences of the potentials from their references meet the matrix (absorption, Schmitzer
2019). A new ε, or potentials that have moved far, make a new reference.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from engines.transport.cost import (
    CPU_BLOCK,
    Cost,
    GridCost,
    PointCost,
    nearest,
    new_matrix,
    product,
)

Backend = Literal["kernel", "dense_log", "streamed", "grid"]

# An ε, the potential that the matrix refers to at it, and whether the matrix is in float64.
Reference = tuple[float, Tensor, bool]

# Weights below this share of the whole are taken as this: logarithms stay finite, and the mass
# added is far below rounding.
LEAST_WEIGHT = 1e-30

LOG2_E = math.log2(math.e)

# exp() of anything less is a denormal number.
LOWEST = {torch.float32: -87.0, torch.float64: -700.0}

# exp of minus this, times the bins along any axis, is below the rounding of float64.
BELOW_ROUNDING = 50.0

# How far (f, g)/ε may move from the reference. The kernel: exp(LOWEST + 2·DRIFT) stays below
# rounding. In the log domain only float32 needs a reference, to keep its digits.
KERNEL_DRIFT = {torch.float32: 25.0, torch.float64: 150.0}
LOG_DRIFT = {torch.float32: 4.0, torch.float64: math.inf}

# Smallest marginal error that sums of float32 products resolve.
FLOOR = {torch.float32: 5e-7, torch.float64: 0.0}

# A kernel of float32 cannot hold columns fed by weights as small as float64 allows.
SMALLEST_32 = 1e-15


class SoftMin(ABC):
    """Soft c-transforms of one cost and two weights. `a`, `b` have total 1."""

    # Iterations between two looks at the error; a look costs a few vector operations.
    every = 1

    def __init__(self, cost: Cost, a: Tensor, b: Tensor) -> None:
        self.cost, self.a, self.b = cost, a, b
        self.log_a, self.log_b = log_weights(a), log_weights(b)

    @abstractmethod
    def rows(self, epsilon: float, g: Tensor) -> Tensor:
        """The f for which every row of the plan has its mass."""

    @abstractmethod
    def cols(self, epsilon: float, f: Tensor) -> Tensor:
        """The g for which every column of the plan has its mass."""

    @abstractmethod
    def apply(self, epsilon: float, f: Tensor, g: Tensor, values: Tensor) -> Tensor:
        """P V for V (m, k), without forming P."""

    def dual(self, epsilon: float, f: Tensor, g: Tensor) -> float:
        """Value of the dual where f is that of `rows`: the plan has mass 1, so it is linear."""
        return float(self.a @ f + self.b @ g)

    @property
    def precision(self) -> torch.dtype:
        """The precision of the matrix."""
        return torch.float64

    @property
    def floor(self) -> float:
        """The smallest marginal error that this precision resolves."""
        return FLOOR[self.precision]

    def sharpen(self) -> bool:
        """Go on in float64; False where that is so already."""
        return False

    @property
    def state(self) -> Reference:
        """What sums depend on besides the potentials, in their last digits."""
        return 0.0, self.a.new_zeros(0), False

    @state.setter
    def state(self, state: Reference) -> None:
        if state[2]:
            self.sharpen()


class Referenced(SoftMin):
    """What the three back ends over points share: references, and when they are renewed."""

    drift = KERNEL_DRIFT
    most = {torch.float32: 80.0, torch.float64: 700.0}

    def __init__(
        self,
        cost: PointCost,
        a: Tensor,
        b: Tensor,
        dtype: torch.dtype,
    ) -> None:
        super().__init__(cost, a, b)
        self._points = cost
        self._dtype = dtype
        self._epsilon = 0.0
        self._g = self._r = self._s = self._to_rows = self._to_cols = a.new_zeros(0)

    @property
    def precision(self) -> torch.dtype:
        """The precision of the matrix."""
        return self._dtype

    def sharpen(self) -> bool:
        """Go on in float64; False where that is so already."""
        if self._dtype == self._points.x.dtype:
            return False
        self._dtype = self._points.x.dtype
        self._epsilon = 0.0
        self._forget()
        return True

    @property
    def state(self) -> Reference:
        """What sums depend on besides the potentials, in their last digits."""
        return self._epsilon, self._g, self._dtype == self._points.x.dtype

    @state.setter
    def state(self, state: Reference) -> None:
        epsilon, g, sharp = state
        if sharp:
            self.sharpen()
        if epsilon:
            self._refer(epsilon, g)

    def rows(self, epsilon: float, g: Tensor) -> Tensor:
        """The f for which every row of the plan has its mass."""
        if epsilon != self._epsilon or self._moved(g) > self.drift[self._dtype]:
            self._refer(epsilon, g)
        sums = self._sum_cols(torch.add(self._to_cols, g, alpha=1 / epsilon))
        return torch.sub(self._r, sums).mul_(epsilon)

    def cols(self, epsilon: float, f: Tensor) -> Tensor:
        """The g for which every column of the plan has its mass."""
        if epsilon != self._epsilon:
            self._refer(epsilon, nearest(self._points, f))
        weights = torch.add(self._to_rows, f, alpha=1 / epsilon)
        if not float(weights.max()) < self.most[self._dtype]:
            self._refer(epsilon, nearest(self._points, f))
            weights = torch.add(self._to_rows, f, alpha=1 / epsilon)
        return torch.sub(self._s, self._sum_rows(weights)).mul_(epsilon)

    def _moved(self, g: Tensor) -> float:
        return float(torch.dist(g, self._g, math.inf)) / self._epsilon

    def _refer(self, epsilon: float, g: Tensor) -> None:
        """Take s from g, and r so that the largest entry of every row of K is 1."""
        # Half of the weight here and half in the vectors: neither of them leaves its range.
        self._s = g / epsilon + self.log_b / 2
        self._r = torch.empty_like(self.log_a)
        self._build(epsilon)
        self._to_rows, self._to_cols = self.log_a - self._r, self.log_b - self._s
        self._epsilon, self._g = epsilon, g  # last: a stop may come while building

    def _fresh(self, epsilon: float) -> Iterator[tuple[slice, Tensor]]:
        """Blocks of log K, in the cost's precision, while r is being filled."""
        for rows, block in self._points.exponents(epsilon, torch.zeros_like(self._r), self._s):
            top = block.amax(1)
            self._r[rows] = -top
            yield rows, block.sub_(top[:, None])

    @abstractmethod
    def _build(self, epsilon: float) -> None:
        """Fill r, and hold what the sums need."""

    @abstractmethod
    def _forget(self) -> None:
        """Give back what is held."""

    @abstractmethod
    def _sum_cols(self, weights: Tensor) -> Tensor:
        """log Σ_j K_ij exp(weights_j)."""

    @abstractmethod
    def _sum_rows(self, weights: Tensor) -> Tensor:
        """log Σ_i K_ij exp(weights_i)."""


class Kernel(Referenced):
    """K is stored: two matrix-vector products per iteration, by far the fastest on a CPU.

    The iteration starts in float32, which moves half of the bytes, unless weights are tiny.
    """

    every = 5

    def __init__(self, cost: PointCost, a: Tensor, b: Tensor) -> None:
        tiny = min(float(a.min()), float(b.min())) < SMALLEST_32
        super().__init__(cost, a, b, cost.x.dtype if tiny else torch.float32)
        self._forget()

    def _forget(self) -> None:
        self._k = self._points.x.new_empty((0, 0), dtype=self._dtype)

    def _build(self, epsilon: float) -> None:
        if not len(self._k):
            self._k = new_matrix(self._points.x, self._points.shape, self._dtype)
        for rows, block in self._fresh(epsilon):
            self._k[rows] = block.clamp_(min=LOWEST[self._dtype]).mul_(LOG2_E)
            self._k[rows].exp2_()

    def _sum_cols(self, weights: Tensor) -> Tensor:
        return product(self._k, weights.exp().to(self._k)).to(weights).log_()

    def _sum_rows(self, weights: Tensor) -> Tensor:
        return product(self._k.T, weights.exp().to(self._k)).to(weights).log_()

    def apply(self, epsilon: float, f: Tensor, g: Tensor, values: Tensor) -> Tensor:
        """P V for V (m, k), without forming P."""
        if epsilon != self._epsilon:
            self._refer(epsilon, g)
        left, right = (f / epsilon + self._to_rows).exp(), (g / epsilon + self._to_cols).exp()
        return left[:, None] * product(self._k, (right[:, None] * values).to(self._k)).to(left)


class LogDomain(Referenced):
    """Sums of exponentials in the log domain, row block by row block.

    `dense` keeps log K (n·m numbers); else it is computed again each time from the points, and
    memory is O(n + m) and one block.
    """

    drift = LOG_DRIFT
    most = {torch.float32: math.inf, torch.float64: math.inf}

    def __init__(
        self,
        cost: PointCost,
        a: Tensor,
        b: Tensor,
        dtype: torch.dtype,
        device: torch.device,
        *,
        dense: bool,
    ) -> None:
        super().__init__(cost, a, b, dtype)
        self._dense = dense
        self._small = cost.to(device, dtype)
        self._log_k = self._small.x.new_empty((0, 0))

    def _forget(self) -> None:
        self._small = self._points
        self._log_k = self._small.x.new_empty((0, 0))

    def _build(self, epsilon: float) -> None:
        if self._dense and not len(self._log_k):
            self._log_k = new_matrix(self._small.x, self._points.shape, self._dtype)
        for rows, block in self._fresh(epsilon):
            if self._dense:
                self._log_k[rows] = block

    def _sum_cols(self, weights: Tensor) -> Tensor:
        return self._sum(self._small, self._log_k, self._r, self._s, weights)

    def _sum_rows(self, weights: Tensor) -> Tensor:
        return self._sum(self._small.T, self._log_k.T, self._s, self._r, weights)

    def _sum(
        self, cost: PointCost, log_k: Tensor, here: Tensor, there: Tensor, weights: Tensor
    ) -> Tensor:
        out = torch.empty_like(here)
        for rows, block in self._log_blocks(cost, log_k, here, there):
            out[rows] = log_sum_exp(block.add_(weights.to(block))).to(out)
        return out

    def _log_blocks(
        self, cost: PointCost, log_k: Tensor, here: Tensor, there: Tensor
    ) -> Iterator[tuple[slice, Tensor]]:
        """Blocks of log K, or of its transpose, in the working precision."""
        if self._dense:
            yield from ((rows, log_k[rows].clone()) for rows in cost.blocks())
        else:
            # Their rounding is the same in every sweep; only then come the weights that change.
            yield from cost.exponents(self._epsilon, here, there)

    def apply(self, epsilon: float, f: Tensor, g: Tensor, values: Tensor) -> Tensor:
        """P V for V (m, k), without forming P."""
        if epsilon != self._epsilon:
            self._refer(epsilon, g)
        left, right = f / epsilon + self._to_rows, g / epsilon + self._to_cols
        out = values.new_empty(len(f), values.shape[1])
        for rows, block in self._log_blocks(self._small, self._log_k, self._r, self._s):
            block.add_(right.to(block)).add_(left[rows, None].to(block))
            out[rows] = (exp_(block) @ values.to(block)).to(out)
        return out


class Separable(SoftMin):
    """Grids: exp(-C/ε) is a product over the axes, so each axis is convolved on its own.

    Nothing of size bins² exists; a sweep costs bins · (bins along an axis).
    """

    def __init__(self, cost: GridCost, a: Tensor, b: Tensor) -> None:
        super().__init__(cost, a, b)
        self._grid = cost
        self._epsilon = 0.0
        self._kernels: tuple[Tensor, ...] = ()

    def rows(self, epsilon: float, g: Tensor) -> Tensor:
        """The f for which every row of the plan has its mass."""
        return -epsilon * self.convolve(epsilon, g / epsilon + self.log_b)

    def cols(self, epsilon: float, f: Tensor) -> Tensor:
        """The g for which every column of the plan has its mass."""
        return -epsilon * self.convolve(epsilon, f / epsilon + self.log_a)

    def apply(self, epsilon: float, f: Tensor, g: Tensor, values: Tensor) -> Tensor:
        """P V for V (m, k), one column after the other."""
        least = values.amin(0)
        mass = self.convolve(epsilon, g / epsilon + self.log_b)
        here = f / epsilon + self.log_a
        columns = []
        for lowest, column in zip(least, values.T, strict=True):
            # Logarithms need numbers above 0; what is subtracted comes back with the row sums.
            above = (column - lowest).clamp_min(LEAST_WEIGHT).log()
            moved = self.convolve(epsilon, g / epsilon + self.log_b + above)
            columns.append((here + moved).exp() + lowest * (here + mass).exp())
        return torch.stack(columns, dim=1)

    def convolve(self, epsilon: float, lines: Tensor) -> Tensor:
        """log Σ_j exp(lines_j - C_ij/ε) for every bin i."""
        if epsilon != self._epsilon:
            self._epsilon = epsilon
            self._kernels = tuple((part / -epsilon).exp() for part in self._grid.parts)
        lines = lines.reshape(self._grid.grid)
        for part, kernel in zip(self._grid.parts, self._kernels, strict=True):
            # Each turn moves the first axis to the end, so after all of them the order is restored.
            lines = lines.movedim(0, -1)
            lines = self._along_last(lines, part / epsilon, kernel)
        return lines.reshape(-1)

    def _along_last(self, lines: Tensor, exponent: Tensor, kernel: Tensor) -> Tensor:
        top = lines.amax(-1, keepdim=True)
        # Bin i itself is part of its sum: what underflows is then below the rounding of that sum.
        spread = float((top - lines.amin(-1, keepdim=True)).max())
        if spread < -LOWEST[lines.dtype] - BELOW_ROUNDING:
            return top + ((lines - top).exp() @ kernel.T).log()
        flat = lines.reshape(-1, lines.shape[-1])
        out = torch.empty_like(flat)
        step = max(1, CPU_BLOCK // exponent.nbytes)
        for i in range(0, len(flat), step):
            self._grid.check()
            rows = slice(i, i + step)
            out[rows] = log_sum_exp(flat[rows, None, :] - exponent)
        return out.reshape(lines.shape)


def log_sum_exp(values: Tensor) -> Tensor:
    """log Σ exp over the last axis; overwrites `values`.

    torch.logsumexp takes up to 5 times longer where most exponentials underflow, as they do here.
    """
    top = values.amax(-1, keepdim=True)
    return exp_(values.sub_(top)).sum(-1).log_() + top.squeeze(-1)


def exp_(values: Tensor, into: Tensor | None = None) -> Tensor:
    """Exponentials, in place or elsewhere, those below the normal numbers as the smallest of these.

    torch computes powers of two 3 to 4 times faster than those of e (on AMD processors, where its
    exp() is Intel's), and denormal numbers many times more slowly.
    """
    into = values if into is None else into
    return torch.clamp(values, min=LOWEST[values.dtype], out=into).mul_(LOG2_E).exp2_()


def log_weights(weights: Tensor) -> Tensor:
    """Logarithms of weights of total 1, finite where a weight is 0."""
    return weights.clamp_min(LEAST_WEIGHT).log()


def make_softmin(
    backend: Backend,
    cost: Cost,
    a: Tensor,
    b: Tensor,
    dtype: torch.dtype,
    device: torch.device,
) -> SoftMin:
    """The back end of a name. The matrix of a log domain lives on `device`, in `dtype`."""
    if isinstance(cost, GridCost):
        return Separable(cost, a, b)
    if backend == "kernel":
        return Kernel(cost, a, b)
    return LogDomain(cost, a, b, dtype, device, dense=backend == "dense_log")
