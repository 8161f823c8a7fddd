"""Colours as points of a cube: two pictures, their palettes, and maps from colours to colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import KDTree
from torch import Tensor

from engines.context import Context
from engines.problem import BadProblem, Problem, array
from engines.transport.cost import PointCost
from engines.transport.gaussian import linear_map, moments
from engines.transport.line import line_costs

# Takes colours (pixel, channel) to other colours.
ColourMap = Callable[[np.ndarray], np.ndarray]

# Share of each channel in the brightness that is seen (ITU-R BT.709).
BRIGHTNESS = np.array([0.2126, 0.7152, 0.0722])

# Added to both variances: a picture of one colour has none. An eighth of a step of 8 bits wide.
SPREAD = (0.125 / 255) ** 2

# Pixels and directions of a sliced distance between pictures: 30 ms, three digits.
PIXELS, DIRECTIONS = 10_000, 32

GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, kw_only=True)
class ColourPictures(Problem):
    """Two colour pictures of any sizes; red, green and blue lie between 0 and 1."""

    source: np.ndarray = array("row column channel", "picture that gets new colours")
    reference: np.ndarray = array(
        "reference_row reference_column channel", "picture whose colours it gets"
    )

    def check(self) -> None:
        """Refuse other numbers of channels, and values that are no shares of full light."""
        channels = self.source.shape[2]
        if channels != 3:
            raise BadProblem(
                f"source has {channels} channel{'s' * (channels > 1)}; it must have 3: red, green "
                "and blue; drop the opacity, or give the histograms of grey pictures to exact_ot"
            )
        for name, values in (("source", self.source), ("reference", self.reference)):
            low, high = float(values.min()), float(values.max())
            if low < 0 or high > 1:
                raise BadProblem(
                    f"{name} has values from {low:g} to {high:g}; they must lie between 0 and 1; "
                    "divide bytes by 255"
                )

    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """Colours of all pixels of both pictures, (pixel, 3) in float64."""
        x, y = (p.reshape(-1, 3).astype(np.float64) for p in (self.source, self.reference))
        return x, y


def palette(pixels: np.ndarray, count: int, ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Colours of `count` random pixels, each colour once, and the share of each."""
    some = torch.randperm(len(pixels), generator=ctx.rng)[:count].numpy()
    colours, times = np.unique(pixels[some], axis=0, return_counts=True)
    return colours, times / times.sum()


def nearest_map(colours: np.ndarray, moved: np.ndarray) -> ColourMap:
    """Each colour shifts as the nearest of the palette does."""
    tree, shift = KDTree(colours), moved - colours
    return lambda x: x + shift[tree.query(x)[1]]


def entropic_map(g: Tensor, y: Tensor, b: Tensor, epsilon: float) -> ColourMap:
    """T(x) = Σ_j y_j b_j exp((g_j - |x - y_j|²)/ε) over the same without y_j; smooth in x."""
    log_b = b.log()

    def apply(x: np.ndarray) -> np.ndarray:
        cost = PointCost(torch.as_tensor(x, device=y.device), y)
        parts = [
            torch.softmax(cost.block(rows).sub_(g).div_(-epsilon).add_(log_b), 1) @ y
            for rows in cost.blocks()
        ]
        return torch.cat(parts).cpu().numpy()

    return apply


def gaussian_map(x: np.ndarray, y: np.ndarray) -> ColourMap:
    """T(x) = m₁ + B (x - m₀), which takes the mean and the covariance of x to those of y."""
    sides = []
    for cloud in (x, y):
        equal = torch.full((len(cloud),), 1 / len(cloud), dtype=torch.float64)
        mean, spread = moments(torch.from_numpy(cloud), equal)
        sides.append((mean.numpy(), spread + SPREAD * torch.eye(3, dtype=torch.float64)))
    (m0, s0), (m1, s1) = sides
    matrix = linear_map(s0, s1).numpy()
    return lambda colours: m1 + (colours - m0) @ matrix


def sliced_round(x: np.ndarray, y: np.ndarray, ctx: Context) -> np.ndarray:
    """x after its marginals along three random perpendicular axes were made those of y."""
    axes = torch.linalg.qr(torch.randn(3, 3, generator=ctx.rng, dtype=torch.float64))[0].numpy()
    quantiles, known = ((np.arange(len(z)) + 0.5) / len(z) for z in (x, y))
    x = x.copy()
    for axis in axes.T:
        ctx.check()  # sorting a large picture takes a while
        along = x @ axis
        order = np.argsort(along)
        ctx.check()
        goal = np.interp(quantiles, known, np.sort(y @ axis))
        ctx.check()
        x[order] += (goal - along[order])[:, None] * axis
    return x


def sliced_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Mean of W₂² of the colours along directions spread evenly over the sphere.

    The pixels and the directions are always the same, so that values can be compared.
    """
    k = np.arange(DIRECTIONS)
    height, turn = 1 - (2 * k + 1) / DIRECTIONS, 2 * np.pi * GOLDEN * k
    across = np.sqrt(1 - height**2)
    directions = np.stack([across * np.cos(turn), across * np.sin(turn), height])
    left, right = (torch.from_numpy((evenly(z, PIXELS) @ directions).T.copy()) for z in (x, y))
    return float(line_costs(left, right).mean())


def evenly(values: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, in no rhythm that could be that of a picture's columns."""
    if len(values) <= most:
        return values
    return values[(np.arange(most) * GOLDEN % 1 * len(values)).astype(np.int64)]


def meadow_and_dusk(rows: int = 120, columns: int = 180) -> ColourPictures:
    """A meadow at noon, and hills at dusk."""
    meadow = _landscape(
        rows, columns, 0.0, ((0.25, 0.50, 0.88), (0.78, 0.89, 0.97)),
        ((0.47, 0.62, 0.50), (0.36, 0.58, 0.22), (0.20, 0.42, 0.10)), (0.25, 0.2),
    )  # fmt: skip
    dusk = _landscape(
        rows, columns, 2.0, ((0.20, 0.13, 0.36), (0.97, 0.52, 0.24)),
        ((0.52, 0.26, 0.34), (0.30, 0.14, 0.28), (0.12, 0.06, 0.14)), (0.7, 0.42),
    )  # fmt: skip
    return ColourPictures(source=meadow, reference=dusk)


def under_a_lamp(rows: int = 120, columns: int = 180) -> ColourPictures:
    """The meadow in the light of a red lamp, and by day.

    The cast is a symmetric positive matrix, so that undoing it is the optimal map.
    """
    day = meadow_and_dusk(rows, columns).source
    cast = np.array([[0.80, 0.12, 0.04], [0.12, 0.55, 0.05], [0.04, 0.05, 0.35]])
    return ColourPictures(source=day @ cast, reference=day)


def _landscape(
    rows: int,
    columns: int,
    phase: float,
    sky: tuple[tuple[float, ...], tuple[float, ...]],
    hills: tuple[tuple[float, ...], ...],
    sun: tuple[float, float],
) -> np.ndarray:
    """A sky with a sun at (x, y), and rows of hills before it, each darker and nearer."""
    y, x = np.meshgrid(
        (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / rows, indexing="ij"
    )
    up, low = np.array(sky[0]), np.array(sky[1])
    share = np.clip(y / 0.6, 0, 1)[..., None]
    scene = (1 - share) * up + share * low
    far = np.hypot(x - sun[0] * columns / rows, y - sun[1])
    glow = (0.8 * np.exp(-((far / 0.12) ** 2)) + 0.2 * np.exp(-far / 0.3))[..., None]
    scene = scene + glow * (np.array([1.0, 0.95, 0.8]) - scene)
    for k, paint in enumerate(hills):
        crest = 0.5 + 0.14 * k + 0.05 * np.sin((3 + k) * x + phase + 2 * k)
        crest += 0.02 * np.sin((9 + 4 * k) * x + 3 * phase)
        inside = 1 / (1 + np.exp(np.clip((crest - y) * 2 * rows, -50, 50)))[..., None]
        grain = 0.06 * np.sin(70 * x + 40 * y + phase) * np.sin(90 * y - 25 * x)
        shade = 1 + (0.5 * (y - crest) + grain)[..., None]
        scene = scene + inside * (np.array(paint) * shade - scene)
    return scene.clip(0, 1)
