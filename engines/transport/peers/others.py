"""Peers of the methods that do not look for a plan between two sides with a given cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import cdist

from engines.peer import ROUNDING, Peer, Solution
from engines.problem import BadProblem
from engines.transport.colours import BRIGHTNESS, SPREAD, ColourPictures
from engines.transport.problem import PointClouds, masses
from engines.transport.problem_sets import DistanceMatrices, TwoSpaces

if TYPE_CHECKING:
    from engines.transport.methods.color_transfer import ColorTransfer
    from engines.transport.methods.gromov_wasserstein import GromovWasserstein, Matching
    from engines.transport.methods.sliced_wasserstein_cv import SlicedWassersteinCV

# Numbers that POT sorts at once, and most lines.
LINE_NUMBERS, MOST_LINES = 4_000_000, 20_000

MOST_ITER = 10_000


def sliced(method: SlicedWassersteinCV, problem: PointClouds) -> tuple[Peer, ...]:
    """`ot.sliced_wasserstein_distance` along many random lines, without a control."""
    lines = max(100, min(MOST_LINES, LINE_NUMBERS // (len(problem.x) + len(problem.y))))

    def solve() -> Solution:
        import ot

        clouds = (problem.x.astype(np.float64), problem.y.astype(np.float64))
        distance, log = ot.sliced_wasserstein_distance(
            *clouds, *masses(problem), n_projections=lines, p=method.p, seed=1, log=True
        )
        scatter = float(np.std(log["projected_emds"])) / math.sqrt(lines)
        value = float(distance) ** method.p  # POT takes the root, the estimate is of the power
        return Solution(
            {"sw_p": value, "sw": float(distance), "reference": value},
            f"both are estimates: POT's from {lines} lines has a standard error of {scatter:.2g}",
        )

    needed = 40 * lines * (len(problem.x) + len(problem.y))
    name = "POT ot.sliced_wasserstein_distance"
    return (Peer(name, "ot", solve, memory=needed, whole=False),)


def gromov(
    method: GromovWasserstein, problem: TwoSpaces | DistanceMatrices, result: Matching
) -> tuple[Peer, ...]:
    """POT's own descent, from the plan that we found and from a bᵀ.

    The problem has many local optima, and ours is the best from several starts: the first answer
    says whether POT can improve on it, the second whether it goes the same way from the start.
    """

    def solve() -> Solution:
        spaces = _Spaces(method, problem)
        found, first = spaces.descend(result.plan), spaces.descend(spaces.product)
        values = {
            "value": spaces.value(found),
            "plan": found,
            "value from a bᵀ": spaces.value(first),
        }
        floor = ROUNDING * spaces.value(spaces.product)  # isometric spaces have a value of 0
        floors = {"value": floor, "value from a bᵀ": floor}
        return Solution(values, "POT starts from our plan, and once from a bᵀ", floors)

    n, m = problem.shape
    ours = {"value from a bᵀ": float(result.ends[0])}
    needed = 8 * (2 * n * n + 2 * m * m + 10 * n * m)
    return (Peer("POT ot.gromov", "ot", solve, ours=ours, memory=needed, whole=False),)


class _Spaces:
    """Two spaces with distances by SciPy, or as given, and POT's descents between them."""

    def __init__(self, method: GromovWasserstein, problem: TwoSpaces | DistanceMatrices) -> None:
        self._method = method
        self._a, self._b = problem.masses()
        self.product = self._a[:, None] * self._b
        if isinstance(problem, DistanceMatrices):
            inside = [c.astype(np.float64) for c in (problem.c1, problem.c2)]
        else:
            inside = [cdist(z, z, method.metric) for z in (problem.x, problem.y)]
        if method.rescale == "mean":
            inside = [c / c.mean() for c in inside]
        self._c1, self._c2 = inside
        self._features, self._alpha = np.zeros_like(self.product), 1.0
        if problem.features is not None:
            self._features, self._alpha = problem.features.astype(np.float64), method.alpha

    def value(self, plan: np.ndarray) -> float:
        """What we minimise: α E(P) + (1 - α) ⟨M, P⟩, without the entropy."""
        from ot.gromov import gwloss, init_matrix

        distortion = float(gwloss(*init_matrix(self._c1, self._c2, self._a, self._b), plan))
        return self._alpha * distortion + (1 - self._alpha) * float((self._features * plan).sum())

    def descend(self, start: np.ndarray) -> np.ndarray:
        """POT's plan from a start, with tolerances in the unit that ours have."""
        from ot.gromov import entropic_fused_gromov_wasserstein, fused_gromov_wasserstein

        method, unit = self._method, self.value(self.product)
        given: dict[str, Any] = {
            "loss_fun": "square_loss",
            "alpha": self._alpha,
            "G0": start.astype(np.float64),
            "max_iter": method.max_iter,
        }
        tol = method.solver.tol
        if method.solver.kind == "exact":
            solve = fused_gromov_wasserstein
            given |= {"tol_rel": tol, "tol_abs": tol * unit}
        else:
            solve = entropic_fused_gromov_wasserstein
            given |= {"tol": tol, "solver": "PGD", "epsilon": method.solver.epsilon * unit}
            given |= {"numItermax": MOST_ITER}  # of the Sinkhorn iteration in each step
        found: np.ndarray = solve(self._features, self._c1, self._c2, self._a, self._b, **given)
        return found


def colours(method: ColorTransfer, problem: ColourPictures) -> tuple[Peer, ...]:
    """`ot.da.LinearTransport` for the Gaussian way.

    Other ways start from pixels or axes drawn at random, which a library draws differently.
    """
    if method.way != "gaussian":
        raise BadProblem(
            f"way is {method.way}, which draws pixels or axes at random and a library draws "
            "others; it must be gaussian for a check; check a run with that way"
        )

    def solve() -> Solution:
        from ot.da import LinearTransport

        x, y = problem.pixels()
        # Both add as much to the variances, because a picture of one colour has none.
        moved = LinearTransport(reg=SPREAD).fit(Xs=x, Xt=y).transform(Xs=x)
        wanted = x + method.strength * (moved - x)
        if method.preserve_luminance:
            wanted += ((x - wanted) @ BRIGHTNESS)[:, None]
        image = wanted.clip(0, 1)
        return Solution(
            {
                "image": image.reshape(problem.source.shape),
                "map_cost": float(((moved - x) ** 2).sum(1).mean()),
                "clipped": float((wanted != image).mean()),
            }
        )

    needed = 200 * (problem.source.size + problem.reference.size)
    return (Peer("POT ot.da.LinearTransport", "ot", solve, memory=needed),)
