"""Transport against POT: plans to the same marginal error, sliced values from as many lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import ot

from engines.context import Context
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.methods.sinkhorn_newton_sparse import SinkhornNewtonSparse, unit_squares
from engines.transport.methods.sliced_wasserstein_cv import SlicedWassersteinCV
from engines.transport.problem import CostMatrix, PointClouds, assignment, gauss_pair
from tests.benchmarks.common import Row, time_pair
from tests.benchmarks.growth import tables
from tests.benchmarks.other_sinkhorns import others

__all__ = ["rows", "tables"]

TOLERANCE = 1e-6
DIGITS, SHARP = 1e-10, 1 / 1200  # of the comparison of Newton steps: tolerance, and ε over C_max
LINES, MANY = 200, 1000  # of an estimate, and of the value that it is compared with
# POT's stabilised variant rebuilds its kernel whenever a scaling is above tau, which its default
# of 1000 makes every iteration from 1000 points on.
VARIANTS = {
    "sinkhorn": {},
    "sinkhorn_stabilized": {"tau": 1e6},
    "sinkhorn_log": {},
}


def rows() -> Iterator[Row]:
    """Sinkhorn at three sizes and two regularisations; the log variants take minutes at 2000."""
    for n in (1000, 2000, 5000):
        problem = gauss_pair(n)
        for relative in (0.05, 0.01):
            iterations = needed(problem, relative)
            for variant in VARIANTS:
                if n == 1000 or variant != "sinkhorn_log":
                    yield compare(problem, relative, variant, iterations)
            if n == 1000:
                yield from compare_others(problem, relative)
    for n in (1000, 10_000):
        yield compare_sliced(gauss_pair(n))
    for problem in (unit_squares(), assignment(500)):
        yield compare_newton(problem)
    yield compare_ours(unit_squares())


def compare(problem: PointClouds, relative: float, variant: str, iterations: int) -> Row:
    """One variant of POT, told how many iterations it needs."""
    method = Sinkhorn(epsilon=relative, tol=TOLERANCE)

    def ours():
        return method.run(problem, Context())

    def peer():
        return pot(problem, relative, variant, iterations)

    repeats = {"sinkhorn": 15, "sinkhorn_stabilized": 5, "sinkhorn_log": 1}[variant]
    repeats = min(repeats, max(1, 20_000 // len(problem.x)))
    seconds = time_pair(ours, peer, repeats)
    name = f"sinkhorn n={len(problem.x)} ε={relative:g} C_mean"
    return Row(name, f"ot {variant}", *seconds, ours().marginal_error, error(peer()))


def compare_others(problem: PointClouds, relative: float) -> Iterator[Row]:
    """Libraries for graphics cards, each with the stop that it has."""
    epsilon = relative * float(ot.dist(problem.x, problem.y).mean())
    method = Sinkhorn(epsilon=relative, tol=TOLERANCE)
    for name, plan in others(problem, epsilon, TOLERANCE).items():
        seconds = time_pair(lambda: method.run(problem, Context()), plan, 1)
        accuracy = method.run(problem, Context()).marginal_error, error(plan())
        yield Row(f"sinkhorn n={len(problem.x)} ε={relative:g} C_mean", name, *seconds, *accuracy)


def compare_newton(problem: PointClouds | CostMatrix) -> Row:
    """Sparse Newton steps to ten digits; POT's fastest variant, told how many iterations it needs.

    Their number is that of our plain iteration, which does the same ones.
    """
    cost = problem.cost if isinstance(problem, CostMatrix) else ot.dist(problem.x, problem.y)
    n, m = cost.shape
    needs = SinkhornNewtonSparse().run(problem, Context()).plain_iterations
    weights = np.full(n, 1 / n), np.full(m, 1 / m)

    def ours():
        return SinkhornNewtonSparse(tol=DIGITS, compare=False).run(problem, Context())

    def peer():
        return ot.sinkhorn(
            *weights, cost, SHARP * cost.max(), numItermax=needs, stopThr=0, warn=False
        )

    name = f"newton {type(problem).__name__} n={n} ε=C_max/1200"
    seconds = time_pair(ours, peer, 1)
    return Row(name, f"ot sinkhorn, {needs} it", *seconds, ours().marginal_error, error(peer()))


def compare_ours(problem: PointClouds) -> Row:
    """Sparse Newton steps beside our over-relaxed iteration, both to ten digits."""

    def ours():
        return SinkhornNewtonSparse(tol=DIGITS, compare=False).run(problem, Context())

    epsilon = ours().epsilon
    other = Sinkhorn(epsilon=epsilon, epsilon_mode="absolute", tol=DIGITS)

    def peer():
        return other.run(problem, Context())

    name = f"newton n={len(problem.x)} ε=C_max/1200"
    accuracy = ours().marginal_error, peer().marginal_error
    return Row(name, "our sinkhorn", *time_pair(ours, peer, 3), *accuracy)


def compare_sliced(problem: PointClouds) -> Row:
    """Our estimate with the lower control, POT's without, from as many lines."""
    method = SlicedWassersteinCV(n_projections=LINES, repeats=1, flow_steps=0)
    angle = np.pi * np.arange(MANY) / MANY  # in the plane equal angles are exact to many digits
    every = np.stack([np.cos(angle), np.sin(angle)])
    exact = ot.sliced_wasserstein_distance(problem.x, problem.y, projections=every) ** 2

    def ours():
        return method.run(problem, Context()).sw_p

    def peer():
        return (
            ot.sliced_wasserstein_distance(problem.x, problem.y, n_projections=LINES, seed=0) ** 2
        )

    seconds = time_pair(ours, peer)
    wrong = (abs(float(value / exact) - 1) for value in (ours(), peer()))
    return Row(f"sliced n={len(problem.x)} L={LINES}", "ot sliced", *seconds, *wrong)


def pot(problem: PointClouds, relative: float, variant: str, iterations: int) -> np.ndarray:
    """The plan of POT after so many iterations."""
    cost = ot.dist(problem.x, problem.y)
    a, b = np.full(len(problem.x), 1 / len(problem.x)), np.full(len(problem.y), 1 / len(problem.y))
    return ot.sinkhorn(
        a,
        b,
        cost,
        relative * cost.mean(),
        method=variant,
        numItermax=iterations,
        stopThr=0,
        warn=False,
        **VARIANTS[variant],
    )


def needed(problem: PointClouds, relative: float) -> int:
    """Iterations, in tens, that POT needs; all of its variants do the same ones."""
    low, high = 0, 10
    while error(pot(problem, relative, "sinkhorn", high)) > TOLERANCE:
        low, high = high, 2 * high
    while high - low > 10:
        middle = (low + high) // 20 * 10
        met = error(pot(problem, relative, "sinkhorn", middle)) <= TOLERANCE
        low, high = (low, middle) if met else (middle, high)
    return high


def error(plan: np.ndarray) -> float:
    """Larger of the L1 errors of both marginals, for uniform weights."""
    return max(float(abs(plan.sum(axis) - 1 / plan.shape[1 - axis]).sum()) for axis in (0, 1))
