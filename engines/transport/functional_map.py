"""Functional maps: a map between surfaces as a small matrix between their smooth functions.

C takes the coefficients of a function on the source to those of the same function on the target;
T takes each target vertex to a source vertex.

    C = Φ₂ᵀ M₂ Φ₁[T],     T(y) = argmin_x |Φ₁(x) Cᵀ - Φ₂(y)|
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from engines.context import Context
from engines.transport.laplacian import Spectrum

Regulariser = Literal["laplacian", "resolvent"]

# Entries of a block of distances between vertices: 8 MB, a hundredth of a second.
BLOCK = 1 << 20

# Of the mean of A Aᵀ: descriptors that are blind to a function leave its row without an equation.
RIDGE = 1e-9


@dataclass(frozen=True)
class Side:
    """Eigenvalues (k,), eigenfunctions (n, k) and areas (n,) of a surface, on a device."""

    values: Tensor
    basis: Tensor
    mass: Tensor

    @classmethod
    def of(cls, surface: Spectrum, ctx: Context, dtype: torch.dtype | None = None) -> Side:
        """On the run's device; in float64 unless another precision is named."""
        # Apple's devices have no float64.
        home = "cpu" if ctx.device.type == "mps" and dtype is None else ctx.device
        arrays = (surface.values, surface.functions, surface.mass)
        taken = (torch.as_tensor(v).to(home, dtype or torch.float64) for v in arrays)
        return cls(*taken)

    def first(self, k: int) -> Side:
        """The same with the first k functions only."""
        return Side(self.values[:k], self.basis[:, :k], self.mass)

    def coefficients(self, functions: Tensor) -> Tensor:
        """Φᵀ M f for functions (n, d)."""
        return self.basis.T @ (self.mass[:, None] * functions)


def penalty(one: Side, two: Side, kind: Regulariser) -> Tensor:
    """Q_ij (target, source): how unlike two functions are by their eigenvalues, 0 where equal."""
    top = torch.maximum(one.values[-1], two.values[-1])
    if kind == "laplacian":
        return ((two.values[:, None] - one.values) / top) ** 2
    here, there = (two.values / top).sqrt()[:, None], (one.values / top).sqrt()
    real = here / (1 + here**2) - there / (1 + there**2)
    return real**2 + (1 / (1 + here**2) - 1 / (1 + there**2)) ** 2


def fit_map(a: Tensor, b: Tensor, weights: Tensor, mu: float) -> Tensor:
    """The C that minimises |C A - B|² + μ Σ Q_ij C_ij², each of its rows on its own.

    Differentiable in the coefficients A (k₁, d) and B (k₂, d) of the descriptors.
    """
    square = a @ a.T
    ridge = RIDGE * square.diagonal().mean().detach() * torch.eye(len(a)).to(square)
    systems = (square + ridge) + mu * torch.diag_embed(weights)
    solved: Tensor = torch.linalg.solve(systems, (b @ a.T).unsqueeze(-1))
    return solved.squeeze(-1)


def first_map(
    one: Side, two: Side, descriptors: tuple[Tensor, Tensor], mu: float, kind: Regulariser
) -> Tensor:
    """C from descriptors of both sides; μ counts in means of the diagonal of A Aᵀ."""
    a, b = one.coefficients(descriptors[0]), two.coefficients(descriptors[1])
    return fit_map(a, b, penalty(one, two, kind), mu * scale(a))


def scale(a: Tensor) -> float:
    """The mean of the diagonal of A Aᵀ, in which μ counts."""
    return float((a**2).sum(1).mean())


def vertex_map(c: Tensor, one: Side, two: Side, check: Callable[[], None]) -> Tensor:
    """T for a map C of the first functions."""
    check()
    rows, cols = c.shape
    return nearest(two.basis[:, :rows], one.basis[:, :cols] @ c.T, check)


def nearest(here: Tensor, there: Tensor, check: Callable[[], None]) -> Tensor:
    """The nearest of the points `there` (n, d) to each of the points `here` (m, d)."""
    squares = (there**2).sum(1)
    found, step = [], max(1, BLOCK // len(there))
    for start in range(0, len(here), step):
        check()
        distances = torch.addmm(squares, here[start : start + step], there.T, alpha=-2)
        found.append(distances.argmin(1))
    return torch.cat(found)


def pull_back(t: Tensor, one: Side, two: Side, k: int) -> Tensor:
    """C of a vertex map, for the first k functions of both sides."""
    return two.first(k).coefficients(one.basis[t, :k])


def sizes(start: int, step: int, end: int) -> list[int]:
    """Numbers of functions that the map grows through."""
    return [*range(start + step, end, step), end] if end > start else []


def zoom_out(
    c: Tensor, one: Side, two: Side, step: int, ctx: Context
) -> Iterator[tuple[Tensor, Tensor]]:
    """C and its T, then ever larger ones: each T gives a C of `step` more functions (ZoomOut)."""
    t = vertex_map(c, one, two, ctx.check)
    yield c, t
    for k in sizes(len(c), step, min(len(one.values), len(two.values))):
        c = pull_back(t, one, two, k)
        t = vertex_map(c, one, two, ctx.check)
        yield c, t
