"""POT's Sinkhorn iterations on the problems of our entropic methods.

POT regularises by ε Σ P log P and we by ε KL(P | a bᵀ). For given marginals both differ by a
constant, so that the plans are the same; the value that we report is computed from POT's plan.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import kl_div, xlogy

from engines.peer import ROUNDING, Peer, Solution
from engines.transport.peers.sides import MOST_COMPARED, Sides, memory
from engines.transport.problem import (
    CostMatrix,
    Data,
    PointClouds,
    TransportPlan,
    given_masses,
    masses,
    points,
)

if TYPE_CHECKING:
    from engines.transport.methods.sinkhorn import Sinkhorn
    from engines.transport.methods.sinkhorn_divergence import SinkhornDivergence
    from engines.transport.methods.sinkhorn_newton_sparse import SinkhornNewtonSparse
    from engines.transport.methods.unbalanced_ot import UnbalancedOT

MOST_ITER = 100_000

# Where sources without mass would go has no meaning.
MAP = "map of the mass"

# Up to this ratio of cost to ε the kernel exp(-C/ε) and its scalings stay within float64.
MOST_RATIO = 500.0

# POT's stabilised variant computes its kernel again whenever a scaling exceeds this, which takes as
# long as many iterations. What is 0 in a kernel until then, below e^-745, could not make up 1e-100.
ABSORB = 1e100

# The divergence is a small difference of three values: L1 error to which each is solved.
DIGITS = 1e-9


def sinkhorn(
    method: Sinkhorn | SinkhornNewtonSparse,
    problem: Data,
    result: TransportPlan,
    whole: bool = True,
) -> tuple[Peer, ...]:
    """`ot.sinkhorn` to the same error of the marginals."""

    def solve() -> Solution:
        sides = Sides.of(problem, method.metric, masses(problem))
        units = {"relative_mean": sides.mean, "relative_max": sides.largest, "absolute": 1.0}
        epsilon = method.epsilon * units[method.epsilon_mode]
        plan, iterations = _plan(sides, epsilon, method.tol)
        cost = float((plan * sides.cost).sum())
        entropy = -float(xlogy(plan, plan).sum())
        values: dict[str, Any] = {
            "cost": cost,
            "reg_cost": cost + epsilon * sides.divergence(plan),
            "entropy": entropy,
            "eff_support": math.exp(entropy),
            "epsilon": epsilon,
        }
        if math.prod(sides.shape) <= MOST_COMPARED:
            values["plan"] = sides.whole(plan)
        if not isinstance(problem, CostMatrix):
            moved = plan @ points(problem)[1][sides.cols]
            values[MAP] = moved / plan.sum(1, keepdims=True)
        floor = ROUNDING * sides.mean
        note = f"POT ended after {iterations} iterations at an L1 error of {sides.error(plan):.1g}"
        return Solution(values, note, {"cost": floor, "reg_cost": floor, "entropy": ROUNDING})

    ours = {} if result.map is None else {MAP: result.map[result.a > 0]}
    return (Peer("POT ot.sinkhorn", "ot", solve, ours, memory(problem), whole),)


def divergence(method: SinkhornDivergence, problem: PointClouds) -> tuple[Peer, ...]:
    """Three runs of `ot.sinkhorn`.

    POT's own `empirical_sinkhorn_divergence` leaves the entropies out of the three values; here
    they are what they are in ours.
    """
    pairs = [(problem.x, problem.y), (problem.x, problem.x), (problem.y, problem.y)]
    a, b = masses(problem)
    weights = [(a, b), (a, a), (b, b)]
    clouds = [PointClouds(x=x, y=y) for x, y in pairs]

    def solve() -> Solution:
        values: list[float] = []
        maps: list[np.ndarray] = []
        epsilon, size = math.nan, 0.0
        for cloud, weight in zip(clouds, weights, strict=True):
            sides = Sides.of(cloud, "sqeuclidean", weight)
            if not maps:
                unit = sides.mean if method.epsilon_mode == "relative_mean" else 1.0
                epsilon, size = method.epsilon * unit, sides.mean
            plan, _ = _plan(sides, epsilon, DIGITS)
            values.append(float((plan * sides.cost).sum()) + epsilon * sides.divergence(plan))
            maps.append(sides.whole(plan) @ points(cloud)[1])
        return Solution(
            {
                "s": values[0] - (values[1] + values[2]) / 2,
                "ot_ab": values[0],
                "ot_aa": values[1],
                "ot_bb": values[2],
                "epsilon": epsilon,
                # ∂S/∂x_i = 2 a_i (T_aa - T_ab), and the maps above still contain a_i.
                "gradient": 2 * (maps[1] - maps[0]),
            },
            "of the given clouds, before the first step of the flow",
            {"s": ROUNDING * size, "gradient": ROUNDING * size**0.5},
        )

    most = max(memory(cloud) for cloud in clouds)
    return (
        Peer("POT ot.sinkhorn, three times", "ot", solve, memory=most, whole=method.n_steps == 0),
    )


def unbalanced(method: UnbalancedOT, problem: Data) -> tuple[Peer, ...]:
    """`ot.unbalanced.sinkhorn_unbalanced`, on masses in the unit that we divide them by."""

    def solve() -> Solution:
        import ot

        given = given_masses(problem)
        unit = math.sqrt(given[0].sum() * given[1].sum())
        sides = Sides.of(problem, method.metric, (given[0] / unit, given[1] / unit))
        scale = sides.mean if method.epsilon_mode == "relative_mean" else 1.0
        there = method.rho if method.rho_target is None else method.rho_target
        # POT 0.9.7 misses the mass by its faster way where one side is exact.
        one_exact = math.isinf(max(method.rho, there))
        plan, log = ot.unbalanced.sinkhorn_unbalanced(
            sides.a,
            sides.b,
            sides.cost,
            method.epsilon * scale,
            (method.rho * scale, there * scale),
            method="sinkhorn" if one_exact else "sinkhorn_translation_invariant",
            # The change in one iteration, which is less than what is left to go.
            stopThr=min(method.tol, DIGITS),
            numItermax=MOST_ITER,
            log=True,
        )
        cost = float((plan * sides.cost).sum())
        # POT's own total leaves the masses out of its divergences.
        total = cost + method.epsilon * scale * sides.divergence(plan)
        for sums, mass, rho in (
            (plan.sum(1), sides.a, method.rho * scale),
            (plan.sum(0), sides.b, there * scale),
        ):
            total += 0.0 if math.isinf(rho) else rho * float(kl_div(sums, mass).sum())
        whole = sides.whole(plan)
        values: dict[str, Any] = {
            "mass": float(plan.sum()),
            "cost": cost,
            "reg_cost": total,
            "epsilon": method.epsilon * scale,
            "unit_mass": unit,
            "row_sums": whole.sum(1),
            "col_sums": whole.sum(0),
        }
        if whole.size <= MOST_COMPARED:
            values["plan"] = whole
        return Solution(values, f"POT did {len(log['err'])} iterations")

    return (Peer("POT ot.unbalanced", "ot", solve, memory=memory(problem)),)


def _plan(sides: Sides, epsilon: float, tol: float) -> tuple[np.ndarray, int]:
    """The entropic plan of POT, and how many iterations it took.

    What a row or a column costs more in all of its pairs does not change the plan; without it the
    kernel has a 1 in every row and column and never vanishes.
    """
    import ot

    cost = sides.cost - sides.cost.min(1, keepdims=True)
    cost -= cost.min(0)
    small = cost.max() <= MOST_RATIO * epsilon
    plan, log = ot.sinkhorn(
        sides.a,
        sides.b * (sides.a.sum() / sides.b.sum()),
        cost,
        epsilon,
        method="sinkhorn" if small else "sinkhorn_stabilized",
        # POT looks at the L2 norm, and the L1 norm of m numbers is at most √m times that.
        stopThr=tol / math.sqrt(len(sides.b)),
        numItermax=MOST_ITER,
        log=True,
        **({} if small else {"tau": ABSORB}),
    )
    return plan, int(log["niter" if small else "n_iter"])
