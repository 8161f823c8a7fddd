"""Cost of moving unit mass between two places, in blocks, so that nothing n × m has to be held."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from engines.problem import BadProblem

Metric = Literal["sqeuclidean", "euclidean", "cityblock", "cosine"]

# Bytes of a block on a CPU: few enough to stay in a core's cache (up to 6 times faster than whole
# matrices at n = 2000).
CPU_BLOCK = 1 << 19

# From this size on NumPy takes large pages.
LARGE_PAGES = 1 << 22

# Above this ratio of the largest cost to ε float64 does not resolve the regularisation in any
# sensible time.
MOST_RATIO = 1e6

# Entries between two questions whether to stop: some 50 ms on one core.
CHECK_ENTRIES = 1 << 23

# Coordinates that are compared between two such questions, one by one: 50 ms again.
CHECK_COORDINATES = 1 << 25


def _go_on() -> None:
    """Nobody asks to stop."""


@dataclass(frozen=True)
class PointCost:
    """C_ij between points x_i (n, d) and y_j (m, d), computed when asked for."""

    x: Tensor
    y: Tensor
    metric: Metric | Literal["given"] = "sqeuclidean"
    # Called every now and then while going over many blocks; it may raise to end the run.
    check: Callable[[], None] = _go_on

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of sources and targets."""
        return len(self.x), len(self.y)

    @property
    def T(self) -> PointCost:
        """The same cost seen from the targets."""
        return replace(self, x=self.y, y=self.x)

    def to(self, device: torch.device, dtype: torch.dtype) -> PointCost:
        """The same cost elsewhere, or in another precision."""
        return replace(self, x=self.x.to(device, dtype), y=self.y.to(device, dtype))

    def blocks(self) -> Iterator[slice]:
        """Slices of sources whose costs together make one block."""
        n, m = self.shape
        step = max(1, _block_entries(self.x) // m)
        for i in range(0, n, step):
            if (i * m) // CHECK_ENTRIES != ((i + step) * m) // CHECK_ENTRIES:
                self.check()
            yield slice(i, min(i + step, n))

    def block(self, rows: slice) -> Tensor:
        """C of some sources and all targets; the caller may overwrite it."""
        x = self.x[rows]
        if self.metric == "euclidean":
            return torch.cdist(x, self.y, compute_mode="donot_use_mm_for_euclid_dist")
        if self.metric == "cityblock":
            return torch.cdist(x, self.y, p=1)
        if self.metric == "cosine":
            return torch.addmm(x.new_ones(()), x, self.y.T, alpha=-1).clamp_(min=0)
        left, right = self._factors
        return (left[rows] @ right).clamp_(min=0)

    @cached_property
    def _factors(self) -> tuple[Tensor, Tensor]:
        zero = self.x.new_zeros(())
        return self._product_form(-1.0, zero.expand(len(self.x)), zero.expand(len(self.y)))

    def between(self, rows: Tensor, cols: Tensor) -> PointCost:
        """The cost between some of the sources and some of the targets."""
        return replace(self, x=self.x[rows], y=self.y[cols])

    def exponents(
        self, epsilon: float, here: Tensor, there: Tensor
    ) -> Iterator[tuple[slice, Tensor]]:
        """here_i + there_j - C_ij/ε, block by block; the caller may overwrite it."""
        if self.metric == "sqeuclidean":
            left, right = self._product_form(epsilon, here, there)
            yield from ((rows, left[rows] @ right) for rows in self.blocks())
            return
        for rows in self.blocks():
            block = torch.add(there.to(self.y), self.block(rows), alpha=-1 / epsilon)
            yield rows, block.add_(here[rows, None].to(block))

    def _product_form(self, epsilon: float, here: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """L, R with L R = here_i + there_j - |x_i - y_j|²/ε, from |x|² + |y|² - 2⟨x, y⟩."""
        here = (here - _squares(self.x).to(here) / epsilon).to(self.x)
        there = (there - _squares(self.y).to(there) / epsilon).to(self.y)
        left = [self.x, here[:, None], torch.ones_like(here)[:, None]]
        right = [2 / epsilon * self.y, torch.ones_like(there)[:, None], there[:, None]]
        return torch.cat(left, dim=1), torch.cat(right, dim=1).T.contiguous()


@dataclass(frozen=True)
class GivenCost(PointCost):
    """C itself, kept as `x` (n, m) and, seen from the targets, as `y` (m, n)."""

    def block(self, rows: slice) -> Tensor:
        """C of some sources and all targets; the caller may overwrite it."""
        return self.x[rows].clone()

    def to(self, device: torch.device, dtype: torch.dtype) -> PointCost:
        """The same cost elsewhere, or in another precision."""
        moved = self.x.to(device, dtype)
        return replace(self, x=moved, y=moved.T)

    def between(self, rows: Tensor, cols: Tensor) -> PointCost:
        """The cost between some of the sources and some of the targets."""
        part = self.x[rows][:, cols]
        return replace(self, x=part, y=part.T)


@dataclass(frozen=True)
class GridCost:
    """Squared distance between the bins of one grid: a sum of one small matrix per axis."""

    axes: tuple[Tensor, ...]
    check: Callable[[], None] = _go_on

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of sources and targets: the bins, twice."""
        bins = math.prod(self.grid)
        return bins, bins

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of bins along each axis."""
        return tuple(len(axis) for axis in self.axes)

    @cached_property
    def parts(self) -> tuple[Tensor, ...]:
        """Squared differences of the centres, one matrix per axis."""
        return tuple((axis[:, None] - axis) ** 2 for axis in self.axes)


Cost = PointCost | GridCost


@dataclass(frozen=True)
class Facts:
    """Mean and largest cost, and f_i + g_j ≤ C_ij with equality in every row and column."""

    mean: float
    max: float
    f: Tensor
    g: Tensor

    def absolute(self, epsilon: float, mode: Literal["relative_mean", "absolute"]) -> float:
        """ε in units of the cost, if it can be used."""
        if mode == "relative_mean" and not self.mean > 0:
            raise BadProblem(
                "the mean cost is 0; it must be above 0 to measure epsilon by it; "
                "load points that differ, or set epsilon_mode to absolute"
            )
        epsilon *= self.mean if mode == "relative_mean" else 1.0
        if self.max > MOST_RATIO * epsilon:
            raise BadProblem(
                f"ε is {epsilon / self.max:.1g} of the largest cost; it must be at least "
                f"{1 / MOST_RATIO:g}, for such regularisation is below numerical resolution; "
                "raise epsilon or use the exact solver"
            )
        return epsilon


def point_cost(
    x: Tensor, y: Tensor, metric: Metric = "sqeuclidean", check: Callable[[], None] = _go_on
) -> PointCost:
    """The cost of a metric; coordinates are centred, because far origins cost digits."""
    if metric == "cosine":
        return PointCost(_unit(x, "source"), _unit(y, "target"), metric, check)
    centre = (x.mean(0) + y.mean(0)) / 2
    return PointCost(x - centre, y - centre, metric, check)


def squared_distances(x: np.ndarray, y: np.ndarray, check: Callable[[], None]) -> np.ndarray:
    """All |x_i - y_j|² from differences, so that they are good to the last digits anywhere."""
    found = np.empty((len(x), len(y)))
    step = max(1, CHECK_COORDINATES // y.size)
    for i in range(0, len(x), step):
        check()
        cdist(x[i : i + step], y, "sqeuclidean", out=found[i : i + step])
    return found


def given_cost(matrix: Tensor, check: Callable[[], None] = _go_on) -> GivenCost:
    """A cost matrix as a cost; the matrix is not copied."""
    return GivenCost(matrix, matrix.T, "given", check)


def grid_points(cost: GridCost) -> PointCost:
    """The same cost, pair by pair."""
    bins = torch.cartesian_prod(*cost.axes).reshape(-1, len(cost.axes))
    return point_cost(bins, bins, check=cost.check)


def facts(cost: Cost, g: Tensor) -> Facts:
    """Mean and largest cost, and a guess of g made tight, in one pass over a point cost."""
    if isinstance(cost, GridCost):
        f = nearest(cost, g)  # the cost of a grid is symmetric
        mean = sum(float(part.mean()) for part in cost.parts)
        largest = sum(float(part.max()) for part in cost.parts)
        return Facts(mean, largest, f, nearest(cost, f))
    total, top, f = g.new_zeros(()), g.new_zeros(()), g.new_empty(cost.shape[0])
    above = torch.full_like(g, math.inf)
    for rows in cost.blocks():
        block = cost.block(rows)
        total += block.sum()
        top = torch.maximum(top, block.max())
        f[rows] = block.sub_(g).amin(1)
        torch.minimum(above, block.sub_(f[rows, None]).amin(0), out=above)
    return Facts(float(total) / math.prod(cost.shape), float(top), f, g + above)


def nearest(cost: Cost, f: Tensor) -> Tensor:
    """g_j = min_i C_ij - f_i, the c-transform."""
    if isinstance(cost, GridCost):
        return _nearest_on_grid(cost, f)
    g = f.new_full((cost.shape[1],), math.inf)
    for rows in cost.blocks():
        torch.minimum(g, cost.block(rows).sub_(f[rows, None]).amin(0), out=g)
    return g


def _nearest_on_grid(cost: GridCost, f: Tensor) -> Tensor:
    lines = -f.reshape(cost.grid)
    for part in cost.parts:
        # Each turn moves the first axis to the end, so after all of them the order is restored.
        lines = lines.movedim(0, -1)
        lines = torch.stack([(lines + row).amin(-1) for row in part], dim=-1)
    return lines.reshape(-1)


@contextmanager
def one_thread(when: bool) -> Iterator[None]:
    """Let torch use one thread meanwhile.

    NumPy's and torch's threads keep spinning after each product or vector operation, and where
    both are in use they take the cores from each other: 30 times slower on two busy cores, and
    threads gain nothing on vectors of a few thousand numbers anyway.
    """
    before = torch.get_num_threads()
    if when:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def new_matrix(like: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Room for a large matrix on the device of another tensor.

    On a CPU from NumPy, which asks the system for large pages from 4 MB on: to take 32 MB and
    write them took 0.8 ms in place of 11.
    """
    size = math.prod(shape) * dtype.itemsize
    if like.device.type != "cpu" or size < LARGE_PAGES // 4:
        return like.new_empty(shape, dtype=dtype)
    room = torch.from_numpy(np.empty(max(size, LARGE_PAGES), dtype=np.uint8))
    return room[:size].view(dtype).view(shape)


def product(matrix: Tensor, other: Tensor) -> Tensor:
    """Matrix times vector, or times a few vectors; by NumPy where torch has one thread.

    NumPy reads the same memory, has threads of its own, and its product with one vector was 2.5
    times faster than torch's on an AMD processor (1000 × 1000), that with two vectors at once was
    3 times slower than one after the other.
    """
    if matrix.device.type != "cpu" or torch.get_num_threads() > 1:
        return matrix @ other
    if other.ndim == 2:
        return torch.stack([product(matrix, column) for column in other.T], dim=1)
    return torch.from_numpy(matrix.numpy() @ other.numpy())


def _block_entries(like: Tensor) -> int:
    size = CPU_BLOCK
    if like.device.type == "cuda":
        size = min(1 << 30, torch.cuda.mem_get_info(like.device)[0] // 10)
    return size // like.element_size()


def _squares(x: Tensor) -> Tensor:
    return (x * x).sum(1)


def _unit(x: Tensor, name: str) -> Tensor:
    length = x.norm(dim=1, keepdim=True)
    if not length.all():
        raise BadProblem(
            f"point {int(length.argmin())} of the {name} is the origin; the cosine metric needs "
            "points with a direction; leave it out or choose another metric"
        )
    return x / length
