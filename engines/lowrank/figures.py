"""The pictures of a low-rank approximation: what it looks like, its spectrum, its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engines import figure as draw
from engines.figure import Axis, Figure, Line, Mark, Panel, Points
from engines.lowrank.factor import Basis, energies, optimal_errors
from engines.lowrank.problem import Image, Matrix, Stack

# Longest side of a picture; data beyond it are thinned, a screen would not show them anyway.
SIDE = 768
# Items of a stack that are drawn next to each other.
ITEMS = 5
# Ranks at which a reconstruction is shown; fewer where they would take more than VALUES numbers.
FRAMES = 12
VALUES = 2.5e6

# Makes a picture of a part of the matrix; draws a picture.
Arrange = Callable[[np.ndarray], np.ndarray]
Paint = Callable[[np.ndarray], draw.Image]


def reconstruction(problem: Matrix | Image | Stack, left: Any, right: Any) -> Figure:
    """Original, left rightᵀ and their difference: a movie over the number of columns kept."""
    rows, columns, arrange = _picture(problem)
    left, right = np.asarray(left)[rows], np.asarray(right)[columns]
    full = left.shape[1]
    wanted = int(np.clip(VALUES // (len(rows) * len(columns)), 1, FRAMES))
    steps = np.geomspace(1, full, wanted) if wanted > 1 else np.array([full])
    ranks = np.unique(steps.round().astype(int))
    movie = np.stack([arrange(left[:, :r] @ right[:, :r].T) for r in ranks])
    return _side_by_side(problem, movie, ranks)


def reconstruction_now(problem: Matrix | Image | Stack, basis: Basis, scale: float) -> Figure:
    """The same for the approximation scale · Q Wᵀ while it is being computed."""
    rows, columns, arrange = _picture(problem)
    product = (basis.Q[rows] @ basis.W[columns].T).cpu().numpy() * scale
    return _side_by_side(problem, arrange(product)[None], np.array([basis.columns]))


def spectrum(s: Any, error: Any, exact: np.ndarray | None) -> Figure:
    """Singular values, and the error that remains when the smaller ones are dropped."""
    kept = 1.0 + np.arange(len(s))
    values: list[Mark] = [Points(x=kept, y=_positive(s), name="found")]
    errors: list[Mark] = [Points(x=kept, y=_positive(error), name="found")]
    if exact is not None:
        # Twice as far as what was found: enough to see where it goes, and what was cut off.
        rank = 1.0 + np.arange(min(len(exact), 2 * len(s) + 10))
        sharp, best = _positive(exact[: len(rank)]), _positive(optimal_errors(exact)[: len(rank)])
        values.append(Line(x=rank, y=sharp, name="exact", role="reference"))
        errors.append(Line(x=rank, y=best, name="smallest possible", role="reference"))
    return Figure(
        name="spectrum",
        title="Singular values and error",
        panels=(
            Panel(tuple(values), Axis("index j"), Axis("singular value", scale="log")),
            Panel(tuple(errors), Axis("terms kept r"), Axis("relative error", scale="log")),
        ),
        caption="Left: singular values. Right: relative Frobenius error of the first r terms.",
    )


def spectrum_now(basis: Basis, scale: float, norm: float, exact: np.ndarray | None) -> Figure:
    """The same for scale · Q Wᵀ while it is being computed, to half of the digits."""
    energy = energies(basis.W)
    error = np.sqrt((1 - np.cumsum(energy) / norm**2).clip(0))
    return spectrum(scale * np.sqrt(energy), error, exact)


def convergence(products: Any, progress: Any, best: float) -> Figure:
    """Error against work, in products of A or Aᵀ with a vector."""
    reached = _positive(progress)
    marks: list[Mark] = [
        Line(x=products, y=reached, name="reached"),
        Points(x=products, y=reached, size=7),
    ]
    if best > 0:
        ends = np.array([products[0], products[-1]], dtype=np.float64)
        line = Line(x=ends, y=np.full(2, best), name="smallest possible", role="reference")
        marks.append(line)
    work, error = Axis("products with a vector"), Axis("relative error", scale="log")
    return Figure(
        name="convergence",
        title="Error against work",
        panels=(Panel(tuple(marks), work, error),),
        caption="Relative Frobenius error after each step; work in products of A or Aᵀ with a "
        "vector. The reference is the smallest error of the final rank.",
    )


def _positive(values: Any) -> np.ndarray:
    """Values for a logarithmic axis: gaps where they are zero."""
    taken = np.asarray(values, dtype=np.float64)
    return np.where(taken > 0, taken, np.nan)


def _thinned(n: int, most: int = SIDE) -> np.ndarray:
    """At most `most` of n indices, evenly spaced."""
    return np.arange(0, n, -(-n // most))


def _picture(problem: Matrix | Image | Stack) -> tuple[np.ndarray, np.ndarray, Arrange]:
    """Rows and columns of the matrix that are drawn, and how that part becomes a picture."""
    if isinstance(problem, Matrix):
        m, n = problem.shape
        return _thinned(m), _thinned(n), lambda part: part
    if isinstance(problem, Image):
        height, width, *rest = problem.image.shape
        channels = rest[0] if rest else 1
        y, x = _thinned(height), _thinned(width)
        columns = (x[:, None] * channels + np.arange(channels)).ravel()
        return y, columns, lambda part: _pixels(part.reshape(len(y), len(x), channels))
    items, height, width = problem.stack.shape
    shown = np.unique(np.linspace(0, items - 1, ITEMS).round().astype(int))
    y, x = _thinned(height, SIDE // len(shown)), _thinned(width, SIDE // len(shown))
    columns = (y[:, None] * width + x).ravel()
    return shown, columns, lambda part: np.hstack(list(part.reshape(-1, len(y), len(x))))


def _pixels(values: np.ndarray) -> np.ndarray:
    """Colours where there are three channels, their mean otherwise."""
    return values if values.shape[2] == 3 else values.mean(axis=2)


def _painter(problem: Matrix | Image | Stack, original: np.ndarray) -> Paint:
    """Draws values with the colours and the range of the original."""
    low, high = float(original.min()), float(original.max())
    if original.ndim == 3:
        low, high = min(low, 0.0), max(high, 1.0)
        return lambda v: draw.Image(
            values=((v - low) / (high - low)).clip(0, 1).astype(np.float32),
            colours="rgb",
            top_down=True,
        )
    limits = (low, high if high > low else low + 1.0)
    if not isinstance(problem, Matrix):
        colours: draw.Colours = "grey"
    elif low < 0 < high:
        colours, limits = "diverging", (-max(-low, high), max(-low, high))
    else:
        colours = "sequential"
    return lambda v: draw.Image(values=_small(v), limits=limits, colours=colours, top_down=True)


def _small(values: np.ndarray) -> np.ndarray:
    """Single precision, half as much to store, where the values fit into it."""
    return values.astype(np.float32) if np.abs(values).max() < 1e38 else values


def _side_by_side(problem: Matrix | Image | Stack, movie: np.ndarray, ranks: np.ndarray) -> Figure:
    """Original, approximations of these ranks, and how far they are apart."""
    rows, columns, arrange = _picture(problem)
    original = arrange(problem.as_matrix()[np.ix_(rows, columns)])
    paint = _painter(problem, original)
    gap = _small(np.abs(movie - original))
    if original.ndim == 3:
        gap = gap.mean(axis=-1)
    if len(ranks) == 1:
        movie, gap = movie[0], gap[0]
    table = isinstance(problem, Matrix)
    x = Axis("column") if table else Axis(ticks=False)
    y = Axis("row") if table else Axis(ticks=False)
    pictures = (
        ("Original", paint(original)),
        ("Approximation", paint(movie)),
        ("Absolute difference", draw.Image(values=gap, top_down=True)),
    )
    return Figure(
        name="reconstruction",
        title="Original and approximation",
        panels=tuple(Panel((mark,), x, y, title, not table) for title, mark in pictures),
        caption="The data, their approximation as more terms are kept, and the difference.",
        columns=1 if isinstance(problem, Stack) else 0,
        times=ranks if len(ranks) > 1 else None,
        time=Axis("terms kept r"),
    )
