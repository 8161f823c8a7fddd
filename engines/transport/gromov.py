"""Matching two spaces by their own distances: the distortion, two descents, and where to start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import torch
from scipy.sparse.linalg import eigsh
from scipy.spatial.distance import cdist
from torch import Tensor

from engines.context import Context
from engines.problem import BadProblem
from engines.transport.cost import given_cost
from engines.transport.scaling import Course, Scaling, scale
from engines.transport.softmin import Kernel
from engines.transport.summary import plan_blocks
from engines.transport.vertices import dense, vertex

# Most Sinkhorn sweeps for one linearisation, and the over-relaxation they may use. The potentials
# are carried on, so that later linearisations need only a few.
SWEEPS, RELAX = 500, 1.99

# Error of the marginals, relative to the last change of the plan, that a linearisation is worth.
INNER = 0.01

# Distances whose means differ by more than this are probably in different units.
MOST_UNITS = 3.0

# Operations between two looks at whether a stop was asked for: about a tenth of a second.
AT_ONCE = 4e9

# Up to this size all eigenvectors take no longer than a few.
FEW = 64


class Distortion:
    """α Σ (C1_ik - C2_jl)² P_ij P_kl + (1 - α) Σ M_ij P_ij of plans P from a to b.

    With L(P) = C1² a 1ᵀ + 1 (C2² b)ᵀ - 2 C1 P C2 the first sum is ⟨L(P), P⟩. `check` may raise
    in the middle of a product.
    """

    def __init__(
        self,
        c1: Tensor,
        c2: Tensor,
        a: Tensor,
        b: Tensor,
        features: Tensor | None = None,
        alpha: float = 1.0,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.c1, self.c2, self.a, self.b = c1, c2, a, b
        self._check = check
        self._features = torch.zeros_like(a[:, None] * b) if features is None else features
        self.fused = features is not None
        self._alpha = alpha if self.fused else 1.0
        self._constant = (c1.square() @ a)[:, None] + c2.square() @ b
        # The plan a bᵀ, which knows nothing; what it costs is the unit of tolerances and of ε.
        self.product = a[:, None] * b
        self._last = self.product, self._constant - 2 * (c1 @ a)[:, None] * (c2 @ b)
        self.unit = self.value(self.product) or 1.0

    def parts(self, plan: Tensor) -> tuple[float, float]:
        """Distortion of the distances and cost of the features, each without its share."""
        distances = float((self._local(plan) * plan).sum())
        # A sum of squares; what is below 0 is rounding.
        return max(distances, 0.0), float((self._features * plan).sum())

    def value(self, plan: Tensor) -> float:
        """The weighted sum of both parts."""
        return self.total(self.parts(plan))

    def total(self, parts: tuple[float, float]) -> float:
        """The weighted sum of parts that are known."""
        distances, features = parts
        return self._alpha * distances + (1 - self._alpha) * features

    def gradient(self, plan: Tensor) -> Tensor:
        """2 α L(P) + (1 - α) M, for symmetric distances."""
        return 2 * self._alpha * self._local(plan) + (1 - self._alpha) * self._features

    def curvature(self, direction: Tensor) -> float:
        """Coefficient of t² along P + t D, where D has no mass in any row or column."""
        return -2 * self._alpha * float((self._between(direction) * direction).sum())

    def _local(self, plan: Tensor) -> Tensor:
        """L(P); that of the last plan is kept, for its value and its gradient are both asked."""
        if self._last[0] is not plan:
            self._last = plan, self._constant - 2 * self._between(plan)
        return self._last[1]

    def _between(self, plan: Tensor) -> Tensor:
        """C1 P C2, the only step that takes cubic time, by rows."""
        n, m = plan.shape
        found = torch.empty_like(plan)
        size = max(1, int(AT_ONCE / (2 * m * (n + m))))
        for start in range(0, n, size):
            self._check()
            rows = slice(start, start + size)
            torch.matmul(self.c1[rows] @ plan, self.c2, out=found[rows])
        return found


class Descent(ABC):
    """A plan that gets better by steps, each with the distortion linearised at the last plan."""

    def __init__(self, distortion: Distortion, plan: Tensor, ctx: Context) -> None:
        self.plan = plan
        self._distortion, self._ctx = distortion, ctx

    @abstractmethod
    def step(self) -> float:
        """Improve; returns how far from standing still the plan was. May raise Cancelled."""


class ConditionalGradient(Descent):
    """Go towards the exact plan of the gradient, as far as the parabola on the way falls."""

    def step(self) -> float:
        """One linear programme and one exact line search; returns the gap, relative to the unit."""
        problem = self._distortion
        gradient = problem.gradient(self.plan)
        a, b, cost = _arrays(problem.a, problem.b, gradient)
        found = vertex(a, b, cost, self._ctx)
        towards = torch.from_numpy(dense(found, (len(problem.a), len(problem.b))))
        direction = towards.to(self.plan) - self.plan
        slope, curve = float((gradient * direction).sum()), problem.curvature(direction)
        if curve > 0:
            length = min(max(-slope / (2 * curve), 0.0), 1.0)
        else:
            length = 1.0 if slope + curve < 0 else 0.0
        self.plan = self.plan + length * direction
        return max(-slope, 0.0) / problem.unit


class EntropicDescent(Descent):
    """Replace the plan by the entropic one of the gradient: P ← argmin ⟨G(P), Q⟩ + ε KL(Q | a bᵀ).

    For Euclidean distances the distortion is concave between plans, and each step lowers
    value + ε KL.
    """

    def __init__(
        self, distortion: Distortion, plan: Tensor, epsilon: float, tol: float, ctx: Context
    ) -> None:
        super().__init__(distortion, plan, ctx)
        self._f, self._g = torch.zeros_like(distortion.a), torch.zeros_like(distortion.b)
        self._epsilon, self._tol, self._change = epsilon, tol, 1.0

    def step(self) -> float:
        """One entropic transport problem; returns the L1 change, or the L1 error if larger."""
        a, b = self._distortion.a, self._distortion.b
        gradient = self._distortion.gradient(self.plan)
        cost = given_cost(gradient, self._ctx.check)
        soft = Kernel(cost, a, b)
        soft.sharpen()
        state = Scaling(self._f, self._g, self._epsilon)
        tol = max(self._tol, INNER * self._change)
        course = Course((self._epsilon,), (1.0,), 1, tol, SWEEPS, RELAX)
        scale(soft, state, course, self._ctx.quiet(), lambda epsilon, f, g: None)
        self._ctx.check()
        here, there = state.f / self._epsilon + soft.log_a, state.g / self._epsilon + soft.log_b
        blocks = plan_blocks(cost, self._epsilon, here, there)
        plan = torch.cat([block for _, block, _ in blocks])
        self._change = float((plan - self.plan).abs().sum())
        self._f, self._g, self.plan = state.f, state.g, plan
        error = max(float((plan.sum(1) - a).abs().sum()), float((plan.sum(0) - b).abs().sum()))
        return max(error, self._change)


def starts(
    distortion: Distortion, planes: tuple[np.ndarray, np.ndarray], ctx: Context
) -> Iterator[tuple[str, Tensor]]:
    """Plans to descend from, by name, without end; may raise Cancelled.

    First the product, then the exact plans between both planes for each way to reflect one of
    them, then vertices for random costs.
    """
    yield "product", distortion.product
    a, b = _arrays(distortion.a, distortion.b)
    for signs in product((1, -1), repeat=2):
        plan = vertex(a, b, cdist(planes[0] * signs, planes[1], "sqeuclidean"), ctx)
        name = "spectral " + "".join("+" if sign > 0 else "-" for sign in signs)
        yield name, torch.from_numpy(dense(plan, (len(a), len(b)))).to(distortion.a)
    while True:
        cost = torch.rand(len(a), len(b), generator=ctx.rng, dtype=torch.float64).numpy()
        plan = vertex(a, b, cost, ctx)
        yield "random", torch.from_numpy(dense(plan, (len(a), len(b)))).to(distortion.a)


def comparable(
    c1: np.ndarray, c2: np.ndarray, rescale: bool, ctx: Context
) -> tuple[np.ndarray, np.ndarray]:
    """Distances divided by their means, or as they are and a warning where units may differ."""
    means = [float(c.mean()) for c in (c1, c2)]
    if rescale:
        if not min(means) > 0:
            raise BadProblem(
                "the mean distance is 0; it must be above 0 to divide by it; load points that "
                "differ, or set rescale to none"
            )
        return c1 / means[0], c2 / means[1]
    if max(means) > MOST_UNITS * min(means):
        ctx.warn(
            f"the mean distances are {means[0]:g} and {means[1]:g}: if their units have "
            "nothing in common, set rescale to mean"
        )
    return c1, c2


def plane(distances: np.ndarray) -> np.ndarray:
    """Places (n, 2) whose distances are as near to those given as a plane allows.

    Classical scaling: the two largest eigenvectors of -J D² J / 2, where J takes the mean away.
    """
    n, squares = len(distances), distances**2
    inner = -0.5 * (squares - squares.mean(0) - squares.mean(1)[:, None] + squares.mean())
    if not inner.any():  # all in one place
        return np.zeros((n, 2))
    if n <= FEW:
        values, vectors = np.linalg.eigh(inner)
    else:
        values, vectors = eigsh(inner, k=2, which="LA", v0=np.arange(n, dtype=np.float64))
    kept = np.argsort(-values)[:2]
    places = vectors[:, kept] * np.sqrt(np.maximum(values[kept], 0))
    # The direction of an eigenvector is a matter of rounding; the sum of cubes fixes it.
    places *= np.where((places**3).sum(0) < 0, -1, 1)
    return np.pad(places, ((0, 0), (0, 2 - places.shape[1])))


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(tensor.cpu().numpy() for tensor in tensors)
