"""Newton's method on the dual of entropic transport, with a Hessian made sparse.

    F(f, g) = ⟨a, f⟩ + ⟨b, g⟩ - ε (Σ P - 1),      P_ij = a_i b_j exp((f_i + g_j - C_ij)/ε)

    -ε F'' = [[diag(P 1), P], [Pᵀ, diag(Pᵀ 1)]]

At small ε nearly all entries of P are nearly 0 and may be left out of the off-diagonal blocks.
The diagonal keeps the full sums: the matrix then stays positive semidefinite whatever is left out.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engines.transport.cost import PointCost, new_matrix
from engines.transport.softmin import Kernel
from engines.transport.summary import plan_blocks

# No entry of the plan may grow or shrink by more than exp(MOST_MOVE) in one step.
MOST_MOVE = 50.0

# Part of the gain that the slope promises which a step must bring (Armijo).
GAIN = 1e-4

# A step that fails after so many halvings is not worth its direction.
HALVINGS = 30

# Between two questions whether to stop.
CHECK_EVERY = 20


@dataclass(frozen=True)
class Kept:
    """Which entries of the plan stay in the matrix, and what part of all of them that is."""

    mask: Tensor
    density: float


@dataclass(frozen=True)
class Taken:
    """What one Newton step did: length (0: none was accepted) and work of its linear solve."""

    length: float
    cg_iters: int
    density: float


def keep_largest(plan: Tensor, count: int) -> Kept:
    """The `count` largest entries."""
    mask = torch.zeros_like(plan, dtype=torch.bool)
    mask.view(-1)[plan.view(-1).topk(min(count, plan.numel())).indices] = True
    return Kept(mask, float(mask.sum()) / plan.numel())


def keep_above(plan: Tensor, rows: Tensor, cols: Tensor, tau: float) -> Kept:
    """Entries of at least τ times the mean of their row or of their column.

    What is left out of a row is below τ of its mass, so that for τ → 0 the step is exact.
    """
    mask = plan >= (tau / plan.shape[1] * rows)[:, None]
    mask |= plan >= tau / plan.shape[0] * cols
    return Kept(mask, float(mask.sum()) / plan.numel())


class Newton:
    """Potentials of one ε with their plan and its sums."""

    def __init__(self, soft: Kernel, check: Callable[[], None]) -> None:
        assert isinstance(soft.cost, PointCost)
        self._soft, self._cost, self._check = soft, soft.cost, check
        self.plan = new_matrix(soft.a, soft.cost.shape, torch.float64)
        self.kept: Kept | None = None

    def start(self, epsilon: float, f: Tensor, g: Tensor) -> None:
        """Take these potentials."""
        self.epsilon, self.f, self.g = epsilon, f, g
        self._fill(f, g)

    @property
    def gradient(self) -> tuple[Tensor, Tensor]:
        """What is missing from the rows and from the columns."""
        return self._soft.a - self.rows, self._soft.b - self.cols

    @property
    def error(self) -> float:
        """The larger of the L1 errors of both marginals."""
        return max(float(missing.abs().sum()) for missing in self.gradient)

    @property
    def dual(self) -> float:
        """F."""
        return self._value(self.f, self.g)

    def step(self, kept: Kept, dense_above: float, rtol: float, most: int) -> Taken:
        """One step along the solution of the sparse system, halved until F grows."""
        self.kept = kept
        df, dg, iterations = self._direction(dense_above, rtol, most)
        missing = self.gradient
        slope = float(missing[0] @ df + missing[1] @ dg)
        furthest = max(float(df.max() + dg.max()), -float(df.min() + dg.min()))
        length = min(1.0, MOST_MOVE * self.epsilon / max(furthest, 1e-300))
        f, g, before = self.f, self.g, self.dual
        # Near the maximum the gain is below the rounding of F.
        size = float(self._soft.a @ f.abs() + self._soft.b @ g.abs()) + self.epsilon
        slack = 16 * torch.finfo(f.dtype).eps * size
        for _ in range(HALVINGS if math.isfinite(slope) else 0):
            self._fill(f + length * df, g + length * dg)
            if self._value(self.f, self.g) >= before + GAIN * length * slope - slack:
                return Taken(length, iterations, kept.density)
            length /= 2
        self._fill(f, g)
        return Taken(0.0, iterations, kept.density)

    def sweep(self) -> None:
        """One Sinkhorn iteration, in place: first the rows, then the columns."""
        factor = self._soft.a / self.rows
        self.plan *= factor[:, None]
        self.f = self.f + self.epsilon * factor.log()
        factor = self._soft.b / self.plan.sum(0)
        self.plan *= factor
        self.g = self.g + self.epsilon * factor.log()
        self._sum()

    def _fill(self, f: Tensor, g: Tensor) -> None:
        self._check()
        self.f, self.g = f, g
        here = f / self.epsilon + self._soft.log_a
        there = g / self.epsilon + self._soft.log_b
        for _ in plan_blocks(self._cost, self.epsilon, here, there, self.plan):
            pass
        self._sum()

    def _sum(self) -> None:
        self.rows, self.cols = self.plan.sum(1), self.plan.sum(0)

    def _value(self, f: Tensor, g: Tensor) -> float:
        mass = float(self.rows.sum())
        return float(self._soft.a @ f + self._soft.b @ g) - self.epsilon * (mass - 1)

    def _direction(self, dense_above: float, rtol: float, most: int) -> tuple[Tensor, Tensor, int]:
        """Solve for (df, dg). Rows are eliminated, which halves the iterations of the rest.

        With B = D₁^(-1/2) P D₂^(-1/2) it remains to solve (I - Bᵀ B) w = right hand side.
        """
        assert self.kept is not None
        left, right = self.rows.rsqrt(), self.cols.rsqrt()
        if self.kept.density > dense_above:
            b = self.plan * left[:, None] * right
            b_t = b.T
        else:
            b, b_t = _sparse(self.kept.mask, self.plan, left, right)
        r, c = self.gradient
        r, c = self.epsilon * left * r, self.epsilon * right * c

        def apply(w: Tensor) -> Tensor:
            return w - b_t @ (b @ w)

        w, iterations = conjugate_gradients(apply, c - b_t @ r, rtol, most, self._check)
        return left * (r - b @ w), right * w, iterations


def conjugate_gradients(
    apply: Callable[[Tensor], Tensor],
    rhs: Tensor,
    rtol: float,
    most: int,
    check: Callable[[], None],
) -> tuple[Tensor, int]:
    """Solution of a positive semidefinite system to a relative residual, and the iterations."""
    x, r, p = torch.zeros_like(rhs), rhs, rhs
    size = float(r @ r)
    limit = rtol**2 * size
    for k in range(most):
        if k % CHECK_EVERY == 0:
            check()
        if size <= limit:
            return x, k
        image = apply(p)
        curve = float(p @ image)
        if not curve > 0:  # only what the matrix does not see is left
            return x, k
        x = torch.add(x, p, alpha=size / curve)
        r = torch.sub(r, image, alpha=size / curve)
        last, size = size, float(r @ r)
        p = torch.add(r, p, alpha=size / last)
    return x, most


def _sparse(mask: Tensor, plan: Tensor, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """diag(left) (plan where mask) diag(right) and its transpose, by rows."""
    made = []
    for kept, values, here, there in ((mask, plan, left, right), (mask.T, plan.T, right, left)):
        rows, cols = kept.nonzero(as_tuple=True)
        starts = torch.zeros(len(here) + 1, dtype=torch.int64, device=here.device)
        torch.cumsum(kept.sum(1), 0, out=starts[1:])
        entries = values[rows, cols] * here[rows] * there[cols]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            made.append(
                torch.sparse_csr_tensor(
                    starts, cols, entries, (len(here), len(there)), check_invariants=False
                )
            )
    return made[0], made[1]
