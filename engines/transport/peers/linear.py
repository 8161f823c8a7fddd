"""Other solvers of the linear programme, and POT's climb of the sparsity-constrained dual."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engines.peer import ROUNDING, Peer, Solution
from engines.transport.peers.sides import Sides, memory
from engines.transport.problem import CostMatrix, Data, given_masses, masses, points, shape

if TYPE_CHECKING:
    from engines.transport.methods.exact_ot import ExactOT
    from engines.transport.methods.sparsity_constrained_ot import SparsityConstrainedOT

# A general solver of linear programmes takes up to a minute for so many pairs.
MOST_GENERAL = 100_000

# Of a variable of the general solver: two entries of its matrix, and what HiGHS keeps besides.
GENERAL_BYTES = 1000


def exact(method: ExactOT, problem: Data) -> tuple[Peer, ...]:
    """On a line POT's own sorting, for one-to-one matches SciPy's assignment, else HiGHS.

    POT's network simplex comes last: our method pivots with the same code, so that only costs,
    weights and sums are independent there.
    """
    powers = {"sqeuclidean": 2, "euclidean": 1, "cityblock": 1}
    power = 0 if isinstance(problem, CostMatrix) else powers.get(method.metric, 0)

    def solution(cost: float, size: float, note: str = "") -> Solution:
        values, floors = {"cost": cost}, {"cost": ROUNDING * size}
        if power and method.p_root:
            values["W_p"] = max(cost, 0.0) ** (1 / power)
            floors["W_p"] = (ROUNDING * size) ** (1 / power)
        return Solution(values, note, floors)

    def line() -> Solution:
        import ot

        assert not isinstance(problem, CostMatrix)
        x, y = points(problem)
        metric, size = method.metric, float(np.ptp(np.concatenate([x, y]))) ** power
        return solution(float(ot.emd2_1d(x[:, 0], y[:, 0], *masses(problem), metric=metric)), size)

    def by(find: Callable[[Sides], float], note: str = "") -> Callable[[], Solution]:
        def solve() -> Solution:
            sides = Sides.of(problem, method.metric, masses(problem))
            return solution(find(sides), sides.mean, note)

        return solve

    if power and not isinstance(problem, CostMatrix) and points(problem)[0].shape[1] == 1:
        return (Peer("POT ot.emd2_1d", "ot", line, memory=100 * sum(shape(problem))),)
    most, module = memory(problem), "scipy.optimize"
    simplex = by(partial(_simplex, method.max_iter), "its pivots are done by the same code as ours")
    pot = Peer("POT ot.emd", "ot", simplex, memory=most)
    if _one_to_one(problem):
        return Peer("SciPy linear_sum_assignment", module, by(_match), memory=most), pot
    n, m = (int(np.count_nonzero(weights)) for weights in given_masses(problem))
    if n * m <= MOST_GENERAL:
        most = GENERAL_BYTES * n * m
        return Peer("SciPy linprog (HiGHS)", module, by(_highs), memory=most), pot
    return (pot,)


def sparse(method: SparsityConstrainedOT, problem: Data) -> tuple[Peer, ...]:
    """`ot.smooth.smooth_ot_semi_dual`, which climbs the same dual.

    Costs are divided by the largest, because the tolerance of its L-BFGS is an absolute one. Where
    the limit k binds, the top is a kink at which L-BFGS may end early: POT's value is then lower.
    """

    def solve() -> Solution:
        import ot

        sides = Sides.of(problem, method.metric, masses(problem))
        scale = float(np.abs(sides.cost).max()) or 1.0
        _, log = ot.smooth.smooth_ot_semi_dual(
            sides.a,
            sides.b,
            sides.cost / scale,
            method.gamma,
            reg_type="sparsity_constrained",
            max_nz=method.k,
            numItermax=10 * method.max_iter,
            stopThr=method.gtol**2,
            log=True,
        )
        ended = log["res"]
        note = f"POT did {ended.nit} iterations; the larger of both values is the better one"
        return Solution({"dual_value": -scale * float(ended.fun)}, note)

    return (Peer("POT ot.smooth", "ot", solve, memory=memory(problem), whole=False),)


def _one_to_one(problem: Data) -> bool:
    """Whether a permutation is among the cheapest plans: as many targets, all masses equal."""
    a, b = given_masses(problem)
    return len(a) == len(b) and bool((a == a[0]).all() and (b == b[0]).all())


def _match(sides: Sides) -> float:
    """The least cost by SciPy's solver of assignments, which are shares of 1/n each."""
    from scipy.optimize import linear_sum_assignment

    return float(sides.cost[linear_sum_assignment(sides.cost)].mean())


def _simplex(max_iter: int, sides: Sides) -> float:
    """The least cost by POT."""
    import ot

    there = sides.b * (sides.a.sum() / sides.b.sum())  # to the last digit, or POT finds no plan
    plan = ot.emd(sides.a, there, sides.cost, numItermax=max_iter)
    return float((plan * sides.cost).sum())


def _highs(sides: Sides) -> float:
    """The least cost by SciPy's general solver, one equation for each source and target."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    n, m = sides.cost.shape
    pair = np.arange(n * m)
    places = np.concatenate([pair // m, n + pair % m]), np.concatenate([pair, pair])
    matrix = csr_array((np.ones(2 * n * m), places))
    # One equation follows from the others; with it rounding could make the programme infeasible.
    sums = np.concatenate([sides.a, sides.b])[:-1]
    found = linprog(sides.cost.ravel(), A_eq=matrix[:-1], b_eq=sums, method="highs")
    return float(found.fun) if found.status == 0 else math.nan
