"""Data of methods that compare several densities or clouds, or spaces without common coordinates.

Weights are judged by PointClouds, so that there is one rule for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from scipy.sparse.csgraph import shortest_path

from engines.problem import ArraySpec, BadProblem, Problem, array, shape_text
from engines.transport.cost import Metric, point_cost
from engines.transport.problem import Histograms, PointClouds, masses

# Distances that differ by less than this, relative to the largest, are equal.
SYMMETRIC = 1e-6


@dataclass(frozen=True, kw_only=True)
class Densities(Problem):
    """Two or more densities on one grid of square bins, whose longer side is 1."""

    densities: np.ndarray = array("input row column?", "mass of each input in each bin", "mass")
    weights: np.ndarray | None = array(
        "input", "share of each input in the mean; all equal unless given", optional=True
    )

    def check(self) -> None:
        """Refuse fewer than two inputs, negative mass, and an input without mass."""
        _refuse_shares(len(self.densities), self.weights)
        lowest = float(self.densities.min())
        if lowest < 0:
            place = np.unravel_index(int(self.densities.argmin()), self.densities.shape)
            raise BadProblem(
                f"densities is {lowest:g} at bin {', '.join(str(i) for i in place[1:])} of input "
                f"{place[0]}; it must be >= 0; set negative mass to 0"
            )
        empty = ~self.densities.reshape(len(self.densities), -1).any(1)
        if empty.any():
            raise BadProblem(
                f"the sum of densities is 0 for input {int(empty.argmax())}; it must be above 0; "
                "leave that input out, a black picture has no mass to move"
            )

    def axes(self) -> tuple[np.ndarray, ...]:
        """Centres of the bins along each axis."""
        return Histograms(source=self.densities[0], target=self.densities[0]).axes()

    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Places and masses of the bins of each input that have any."""
        grid = np.stack(np.meshgrid(*self.axes(), indexing="ij"), axis=-1)
        return [(grid[input > 0], input[input > 0]) for input in self.densities]

    def _take(self, name: str, value: Any, spec: ArraySpec) -> np.ndarray:
        shapes = [np.shape(v) for v in value] if isinstance(value, (list, tuple)) else []
        for k, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise BadProblem(
                    f"{name} has {shape_text(shape)} bins in input {k}, but "
                    f"{shape_text(shapes[0])} in input 0; they must agree; resample all of them "
                    "to a common grid"
                )
        return super()._take(name, value, spec)


@dataclass(frozen=True, kw_only=True)
class Clouds(Problem):
    """Two or more clouds of points in one table; each cloud weighs the same."""

    points: np.ndarray = array("point dim", "points of all clouds")
    cloud: np.ndarray = array("point", "number of the cloud that each point belongs to")
    a: np.ndarray | None = array(
        "point", "mass at each point; all equal unless given", "mass", optional=True
    )
    weights: np.ndarray | None = array(
        "input", "share of each cloud in the mean; all equal unless given", optional=True
    )

    def check(self) -> None:
        """Refuse a single cloud, negative mass, and a cloud without mass."""
        _refuse_shares(len(np.unique(self.cloud)), self.weights)
        for number in np.unique(self.cloud):
            some = self.cloud == number
            x = self.points[some]
            PointClouds(x=x, y=x, a=None if self.a is None else self.a[some])

    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Points with mass of each cloud and their masses, in the order of the numbers."""
        mass = np.ones(len(self.points)) if self.a is None else self.a
        chosen = ((self.cloud == number) & (mass > 0) for number in np.unique(self.cloud))
        return [(self.points[some], mass[some]) for some in chosen]


@dataclass(frozen=True, kw_only=True)
class TwoSpaces(Problem):
    """Two clouds that need not live in the same space: only distances inside each are compared."""

    x: np.ndarray = array("source dim_x", "points of the source")
    y: np.ndarray = array("target dim_y", "points of the target")
    a: np.ndarray | None = array("source", "mass at each source point", "mass", optional=True)
    b: np.ndarray | None = array("target", "mass at each target point", "mass", optional=True)
    features: np.ndarray | None = array(
        "source target", "cost of the features of each pair, beside the distances", optional=True
    )

    def check(self) -> None:
        """Refuse weights that cannot be."""
        self.masses()

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of source and target points."""
        return len(self.x), len(self.y)

    def masses(self) -> tuple[np.ndarray, np.ndarray]:
        """Both weights, each of total 1."""
        return _masses(self.shape, self.a, self.b)

    def distances(self, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
        """The distances inside the source and inside the target."""
        return _distances(self.x, metric), _distances(self.y, metric)


@dataclass(frozen=True, kw_only=True)
class DistanceMatrices(Problem):
    """Two spaces of which only the distances are known: graphs, surfaces, molecules."""

    c1: np.ndarray = array("source source_too", "distances inside the source")
    c2: np.ndarray = array("target target_too", "distances inside the target")
    a: np.ndarray | None = array("source", "mass at each source point", "mass", optional=True)
    b: np.ndarray | None = array("target", "mass at each target point", "mass", optional=True)
    features: np.ndarray | None = array(
        "source target", "cost of the features of each pair, beside the distances", optional=True
    )

    def check(self) -> None:
        """Refuse matrices that hold no distances, and weights that cannot be."""
        _refuse_distances("c1", self.c1)
        _refuse_distances("c2", self.c2)
        self.masses()

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of source and target points."""
        return len(self.c1), len(self.c2)

    def masses(self) -> tuple[np.ndarray, np.ndarray]:
        """Both weights, each of total 1."""
        return _masses(self.shape, self.a, self.b)

    def distances(self, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
        """The distances as they were given, whatever the metric of points is."""
        return self.c1.astype(np.float64), self.c2.astype(np.float64)


def _refuse_shares(inputs: int, weights: np.ndarray | None) -> None:
    if inputs < 2:
        raise BadProblem(
            f"the number of inputs is {inputs}; it must be at least 2; a mean needs something to "
            "be between, load more"
        )
    if weights is None:
        return
    if len(weights) != inputs:
        raise BadProblem(
            f"weights has {len(weights)} values; it must have one for each of the {inputs} inputs; "
            "give one weight to each"
        )
    if weights.min() < 0 or not weights.any():
        raise BadProblem(
            f"weights is {weights.min():g} at input {int(weights.argmin())}; all must be >= 0 and "
            "one above 0; give shares of the whole"
        )


def _refuse_distances(name: str, matrix: np.ndarray) -> None:
    rows, columns = matrix.shape
    if rows != columns:
        raise BadProblem(
            f"{name} is {rows} × {columns}; it must be square; give the distance of each point to "
            "all points of the same space"
        )
    if matrix.min() < 0:
        i, j = np.unravel_index(int(matrix.argmin()), matrix.shape)
        raise BadProblem(
            f"{name} is {matrix[i, j]:g} at {i}, {j}; distances must be >= 0; "
            "shift or square what you have"
        )
    apart = np.abs(matrix - matrix.T)
    if apart.max() > SYMMETRIC * matrix.max():
        i, j = np.unravel_index(int(apart.argmax()), matrix.shape)
        raise BadProblem(
            f"{name} is {matrix[i, j]:g} at {i}, {j} and {matrix[j, i]:g} the other way; it must "
            "be symmetric; take the mean of both"
        )


def _masses(
    shape: tuple[int, int], a: np.ndarray | None, b: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    places = (np.zeros((count, 1)) for count in shape)
    return masses(PointClouds(x=next(places), y=next(places), a=a, b=b))


def _distances(points: np.ndarray, metric: Metric) -> np.ndarray:
    places = torch.as_tensor(points.astype(np.float64))
    cost = point_cost(places, places, metric)
    found = torch.cat([cost.block(rows) for rows in cost.blocks()])
    return ((found + found.T) / 2).numpy()


def disc_and_square(n: int = 64) -> Densities:
    """Two pictures of n × n pixels: a disc, and a square further down to the right."""
    down, right = _pixels(n)
    disc = np.hypot(right - 0.3, down - 0.35) < 0.2
    square = (np.abs(right - 0.65) < 0.2) & (np.abs(down - 0.6) < 0.2)
    return Densities(densities=np.stack([disc, square]).astype(np.float64))


def three_shapes(n: int = 48) -> Densities:
    """A ring, a star and a cross, all of them in the middle."""
    down, right = _pixels(n)
    radius, angle = np.hypot(down - 0.5, right - 0.5), np.arctan2(down - 0.5, right - 0.5)
    ring = (radius < 0.4) & (radius > 0.25)
    star = radius < 0.28 * (1 + 0.4 * np.cos(5 * angle + np.pi / 2))
    across, along = np.abs(right - 0.5), np.abs(down - 0.5)
    cross = (np.minimum(across, along) < 0.08) & (np.maximum(across, along) < 0.4)
    # Soft edges: the iteration for sharp ones does not end in any sensible time.
    soft = [gaussian_filter(shape.astype(np.float64), n / 48) for shape in (ring, star, cross)]
    return Densities(densities=np.stack(soft))


def line_gaussians(n: int = 200) -> Densities:
    """N(0.25, 0.04²) and N(0.7, 0.08²) on n bins: their mean is N(0.475, 0.06²)."""
    t = (np.arange(n) + 0.5) / n
    bells = [np.exp(-(((t - mean) / std) ** 2) / 2) for mean, std in ((0.25, 0.04), (0.7, 0.08))]
    return Densities(densities=np.stack([bell / bell.sum() for bell in bells]))


def four_ellipses(n: int = 150, seed: int = 0) -> Clouds:
    """Outlines of four ellipses that lean in different directions."""
    rng = np.random.default_rng(seed)
    clouds = []
    for long, short, lean, centre in (
        (1.0, 0.3, 0.2, (0.0, 0.0)),
        (0.8, 0.5, 1.2, (4.0, 0.0)),
        (1.2, 0.2, -0.6, (0.0, -4.0)),
        (0.6, 0.6, 0.0, (4.0, -4.0)),
    ):
        angle = 2 * np.pi * (np.arange(n) + rng.random()) / n
        turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
        outline = np.stack([long * np.cos(angle), short * np.sin(angle)], axis=1)
        clouds.append(outline @ turn + centre + 0.02 * rng.standard_normal((n, 2)))
    return Clouds(points=np.concatenate(clouds), cloud=np.repeat(np.arange(4), n))


def turned_ellipse(n: int = 60, noise: float = 0.05, seed: int = 0) -> TwoSpaces:
    """Points around an ellipse, and the same points turned, shifted and shuffled."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * rng.random(n)
    x = np.stack([2 * np.cos(angle), np.sin(angle)], axis=1) + noise * rng.standard_normal((n, 2))
    turned = x @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + [3, 1]
    return TwoSpaces(x=x, y=turned[rng.permutation(n)])


def clusters(n: int = 90, seed: int = 0) -> TwoSpaces:
    """Three clusters in the plane and in space, with the same distances between their centres."""
    rng = np.random.default_rng(seed)
    plane = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 5.0]])
    axes, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    which = np.arange(n) % 3
    x = plane[which] + 0.3 * rng.standard_normal((n, 2))
    y = plane[which] @ axes[:2] + 0.3 * rng.standard_normal((n, 3))
    return TwoSpaces(x=x, y=y[::-1])


def roll_and_sheet(n: int = 120, seed: int = 0) -> DistanceMatrices:
    """A sheet, rolled up and measured along the surface, and another sheet that lies flat."""
    rng = np.random.default_rng(seed)
    rolled, flat = (rng.random((n, 2)) * [3.0, 1.0] for _ in range(2))
    # The spiral r = θ/2π has the arc length θ²/4π at θ; the sheet begins at 1, where that is near.
    turn = np.sqrt(4 * np.pi * (rolled[:, 0] + 1))
    space = np.stack([turn * np.cos(turn), turn * np.sin(turn), 2 * np.pi * rolled[:, 1]], axis=1)
    steps = _distances(space / (2 * np.pi), "euclidean")
    # The shortest way over close neighbours stays on the surface.
    near = np.sort(steps, axis=1)[:, [7]]
    graph = np.where(steps <= np.maximum(near, near.T), steps, np.inf)
    walked = shortest_path(graph, directed=False)
    return DistanceMatrices(c1=(walked + walked.T) / 2, c2=_distances(flat, "euclidean"))


def _pixels(n: int) -> tuple[np.ndarray, np.ndarray]:
    side = (np.arange(n) + 0.5) / n
    down, right = np.meshgrid(side, side, indexing="ij")
    return down, right
