"""What transport methods work on, what they find, and data to try them on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engines.problem import BadProblem, Problem, Result, array, metric, scalar

# Two totals that differ by less than this are rounding, by more a mistake worth asking about.
SAME_TOTAL = 1e-6

# Squares of squared distances are numbers as long as coordinates are no larger; and above 0, if
# the largest is no smaller than one over it.
LARGEST = 1e75


@dataclass(frozen=True, kw_only=True)
class PointClouds(Problem):
    """Two clouds of points; every point of a cloud weighs the same unless weights are given."""

    x: np.ndarray = array("source dim", "points that the mass leaves")
    y: np.ndarray = array("target dim", "points that the mass reaches")
    a: np.ndarray | None = array("source", "mass at each source point", "mass", optional=True)
    b: np.ndarray | None = array("target", "mass at each target point", "mass", optional=True)

    def check(self) -> None:
        """Refuse negative weights and weights that are all 0."""
        for name, weights in (("a", self.a), ("b", self.b)):
            if weights is not None:
                _refuse_weights(name, weights)
        refuse_range(x=self.x, y=self.y)


@dataclass(frozen=True, kw_only=True)
class Histograms(Problem):
    """Two densities on one grid: histograms on a line or pictures in a plane.

    Where the centres of the bins are not given, the bins are squares and the longer side is 1.
    """

    source: np.ndarray = array("row column?", "mass that leaves each bin", "mass")
    target: np.ndarray = array("row column?", "mass that reaches each bin", "mass")
    row: np.ndarray | None = array("row", "centres of the bins, first axis", optional=True)
    column: np.ndarray | None = array("column", "centres of the bins, second axis", optional=True)

    def check(self) -> None:
        """Refuse densities that do not share a grid, and negative or missing mass."""
        if self.source.ndim != self.target.ndim:
            raise BadProblem(
                f"source has {self.source.ndim} axes, but target has {self.target.ndim}; both must "
                "lie on the same grid; load matching arrays"
            )
        if self.source.ndim == 1 and self.column is not None:
            raise BadProblem(
                "column is given, but source has 1 axis; give column only for densities in a "
                "plane; leave it out"
            )
        for name, centres in (("row", self.row), ("column", self.column)):
            falls = np.array([]) if centres is None else np.flatnonzero(np.diff(centres) <= 0)
            if len(falls):
                raise BadProblem(
                    f"{name} does not rise at index {falls[0] + 1}; centres of bins must increase; "
                    "sort the bins and their masses"
                )
            if centres is not None:
                refuse_range(**{name: centres})
        _refuse_weights("source", self.source)
        _refuse_weights("target", self.target)

    def axes(self) -> tuple[np.ndarray, ...]:
        """Centres of the bins along each axis."""
        given = (self.row, self.column)[: self.source.ndim]
        side = 1 / max(self.source.shape)
        return tuple(
            (np.arange(count) + 0.5) * side if centres is None else centres.astype(np.float64)
            for count, centres in zip(self.source.shape, given, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class CostMatrix(Problem):
    """What each source would pay for each target; all weigh the same unless weights are given."""

    cost: np.ndarray = array("source target", "cost of moving unit mass", "cost")
    a: np.ndarray | None = array("source", "mass at each source", "mass", optional=True)
    b: np.ndarray | None = array("target", "mass at each target", "mass", optional=True)

    def check(self) -> None:
        """Refuse negative weights and weights that are all 0."""
        for name, weights in (("a", self.a), ("b", self.b)):
            if weights is not None:
                _refuse_weights(name, weights)


# What most methods take: two sides with a mass each, and a cost between them.
Data = PointClouds | Histograms | CostMatrix


def given_masses(
    problem: Data,
) -> tuple[np.ndarray, np.ndarray]:
    """Both weights as they are given; weights left out are equal and weigh as much as the others.

    Where neither is given both weigh 1.
    """
    if isinstance(problem, Histograms):
        source, target = problem.source, problem.target
        return source.astype(np.float64).ravel(), target.astype(np.float64).ravel()
    n, m = shape(problem)
    a, b = (None if w is None else w.astype(np.float64) for w in (problem.a, problem.b))
    a = np.full(n, (1.0 if b is None else b.sum()) / n) if a is None else a
    return a, np.full(m, a.sum() / m) if b is None else b


def shape(problem: Data) -> tuple[int, int]:
    """Numbers of sources and targets."""
    if isinstance(problem, Histograms):
        return problem.source.size, problem.target.size
    if isinstance(problem, CostMatrix):
        return problem.cost.shape[0], problem.cost.shape[1]
    return len(problem.x), len(problem.y)


def masses(problem: Data) -> tuple[np.ndarray, np.ndarray]:
    """Both weights, each of total 1; refuses totals that differ, because mass is conserved."""
    a, b = given_masses(problem)
    left, right = float(a.sum()), float(b.sum())
    if abs(left - right) > SAME_TOTAL * max(left, right):
        raise BadProblem(
            f"the source weighs {left:g} and the target {right:g}; balanced transport needs equal "
            "totals; divide both by their sums, or use unbalanced transport"
        )
    return _shares(a), _shares(b)


def _shares(weights: np.ndarray) -> np.ndarray:
    """Weights over their sum; equal ones are 1/n to the last digit."""
    if (weights == weights[0]).all():
        return np.full(len(weights), 1 / len(weights))
    return weights / weights.sum()


def points(problem: PointClouds | Histograms) -> tuple[np.ndarray, np.ndarray]:
    """Places of the source and the target masses, (n, dim) and (m, dim) in float64."""
    if isinstance(problem, PointClouds):
        return problem.x.astype(np.float64), problem.y.astype(np.float64)
    grid = np.stack(np.meshgrid(*problem.axes(), indexing="ij"), axis=-1)
    flat = grid.reshape(-1, problem.source.ndim)
    return flat, flat


def refuse_range(**places: np.ndarray) -> None:
    """Refuse coordinates on one scale whose squared distances would be infinite, or all 0."""
    sizes = {name: max(float(v.max()), -float(v.min())) for name, v in places.items()}
    name = max(sizes, key=lambda name: sizes[name])
    if sizes[name] > LARGEST or 0 < sizes[name] < 1 / LARGEST:
        raise BadProblem(
            f"the largest number in {name} is {sizes[name]:g}; it must lie between {1 / LARGEST:g} "
            f"and {LARGEST:g}, or distances could not be computed; choose another unit"
        )


def _refuse_weights(name: str, weights: np.ndarray) -> None:
    smallest = float(weights.min())
    if smallest < 0:
        place = np.unravel_index(int(weights.argmin()), weights.shape)
        where = ", ".join(str(i) for i in place)
        raise BadProblem(
            f"weights must be >= 0, smallest is {smallest:g} at index {where} of {name}; "
            "set negative weights to 0 or leave those points out"
        )
    if not weights.any():
        raise BadProblem(
            f"the sum of {name} is 0; it must be above 0; give at least one point a weight"
        )


@dataclass(frozen=True, kw_only=True)
class TransportPlan(Result):
    """Where the mass goes. P_ij = a_i b_j exp((f_i + g_j - C_ij)/ε), bins counted row by row."""

    f: np.ndarray = array("source", "dual potential of the source", "cost")
    g: np.ndarray = array("target", "dual potential of the target", "cost")
    a: np.ndarray = array("source", "mass at the source, total 1", "mass")
    b: np.ndarray = array("target", "mass at the target, total 1", "mass")
    plan: np.ndarray | None = array("source target", "mass moved", "mass", optional=True)
    plan_cols: np.ndarray | None = array(
        "source rank", "targets that receive most from each source", optional=True
    )
    plan_values: np.ndarray | None = array(
        "source rank", "mass moved to those targets", "mass", optional=True
    )
    map: np.ndarray | None = array(
        "source dim", "mean place to which each source is sent, NaN without mass", optional=True
    )
    row_sums: np.ndarray | None = array("source", "mass that leaves", "mass", optional=True)
    col_sums: np.ndarray | None = array("target", "mass that arrives", "mass", optional=True)
    iteration: np.ndarray = array("check", "iterations done when the error was read")
    seconds: np.ndarray = array("check", "time computed until then", "s")
    errors: np.ndarray = array("check", "L1 error of the marginals at that time")
    dual: np.ndarray = array("check", "value of the dual at that time", "cost")
    epsilons: np.ndarray = array("check", "regularisation at that time", "cost")
    cost: float = metric("transport cost ⟨P, C⟩", "cost")
    reg_cost: float = metric("regularised value ⟨P, C⟩ + ε KL(P | a bᵀ)", "cost")
    entropy: float = metric("entropy of the plan, -Σ P log P", "nat")
    eff_support: float = metric("number of pairs that share the mass, exp(entropy)")
    marginal_error: float = metric(
        "larger of the L1 errors of both marginals", "mass", better="lower"
    )
    marginal_error_rows: float = metric("L1 error of the mass that leaves", "mass", better="lower")
    marginal_error_cols: float = metric("L1 error of the mass that arrives", "mass", better="lower")
    epsilon: float = metric("regularisation", "cost")
    c_mean: float = metric("mean cost of all pairs", "cost")
    c_max: float = metric("largest cost of all pairs", "cost")
    iterations: int = scalar(0, "iterations, all levels of ε together")


def two_moons(n: int = 300, noise: float = 0.05, seed: int = 0) -> PointClouds:
    """Two interleaved half circles."""
    rng = np.random.default_rng(seed)
    angle = np.pi * rng.random((2, n))
    upper = np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1)
    lower = np.stack([1 - np.cos(angle[1]), 0.5 - np.sin(angle[1])], axis=1)
    return PointClouds(
        x=upper + noise * rng.standard_normal((n, 2)), y=lower + noise * rng.standard_normal((n, 2))
    )


def gauss_pair(n: int = 1000, seed: int = 0) -> PointClouds:
    """N(0, I) and a smaller N((2, 1), 0.49 I), n points of each."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2))
    return PointClouds(x=x, y=0.7 * rng.standard_normal((n, 2)) + [2, 1])


def gaussians_1d(n: int = 600) -> Histograms:
    """N(0, 1) and N(2, 0.5²) on n bins of [-6, 8]: the answer is known in closed form."""
    x = np.linspace(-6, 8, n)
    source, target = np.exp(-(x**2) / 2), np.exp(-((x - 2) ** 2) / 0.5)
    return Histograms(source=source / source.sum(), target=target / target.sum(), row=x)


def torn_clouds(n: int = 400, seed: int = 0) -> PointClouds:
    """Two groups that swap sizes, 7 to 3 and 3 to 7, and one point in twenty far from both."""
    rng = np.random.default_rng(seed)

    def cloud(upper: float, shift: float, far: float) -> np.ndarray:
        outliers, above = n // 20, round(n * upper)
        heights = np.repeat([2.0, -2.0, 0.0], [above - outliers, n - above, outliers])
        across = np.repeat([shift, far], [n - outliers, outliers])
        return np.stack([across, heights], axis=1) + 0.35 * rng.standard_normal((n, 2))

    return PointClouds(x=cloud(0.7, 0.0, -3.0), y=cloud(0.3, 1.5, 4.5))


def two_peaks(n: int = 300) -> Histograms:
    """Bumps of mass 1 and 0.4 on n bins of [0, 1], and bumps of mass 0.5 and 1 beside them."""
    x = (np.arange(n) + 0.5) / n

    def bumps(*given: tuple[float, float]) -> np.ndarray:
        return sum(
            (mass * np.exp(-(((x - place) / 0.04) ** 2) / 2) for place, mass in given),
            np.zeros(n),
        )

    unit = bumps((0.5, 1.0)).sum()
    source, target = bumps((0.2, 1.0), (0.7, 0.4)), bumps((0.3, 0.5), (0.8, 1.0))
    return Histograms(source=source / unit, target=target / unit, row=x)


def waning_disc(n: int = 48) -> Histograms:
    """A disc of mass 1, and a star of mass 0.5 in the opposite corner."""
    pictures = disc_and_star(n)
    return Histograms(source=pictures.source, target=pictures.target / 2)


def assignment(n: int = 60, seed: int = 0) -> CostMatrix:
    """n people and n tasks; what each asks for each task is drawn from 0 to 1."""
    return CostMatrix(cost=np.random.default_rng(seed).random((n, n)))


def disc_and_star(n: int = 64) -> Histograms:
    """Two pictures of n × n pixels: a disc, and a star in the opposite corner."""
    side = (np.arange(n) + 0.5) / n
    down, right = np.meshgrid(side, side, indexing="ij")
    disc = np.hypot(down - 0.35, right - 0.3) < 0.2
    angle = np.arctan2(down - 0.62, right - 0.66)
    star = np.hypot(down - 0.62, right - 0.66) < 0.2 * (1 + 0.4 * np.cos(5 * angle + math.pi / 2))
    return Histograms(source=disc / disc.sum(), target=star / star.sum())
