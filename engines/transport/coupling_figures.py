"""The pictures of codes and couplings: joint distributions, trade-offs, and bars."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Bars, Figure, Image, Line, Mark, Panel, Points
from engines.transport.couplings import Coupling, coupled
from engines.transport.entropy import entropy, mutual_information

PIXELS = 400  # along each side of a joint distribution; more cannot be told apart in a window
MOVIE_PIXELS = 100
FRAMES = 41  # of the matching
RATE = Axis("rate R", "bit")
BITS = Axis("information", "bit")


def pixels(joint: np.ndarray, most: int = PIXELS) -> np.ndarray:
    """A joint distribution of at most so many rows and columns, neighbouring symbols together."""
    for axis, size in enumerate(joint.shape):
        starts = np.arange(0, size, -(-size // most))
        joint = np.add.reduceat(joint, starts, axis=axis)
    return joint


def joint_panel(joint: np.ndarray, names: tuple[str, str], title: str = "") -> Panel:
    """Heat map of the joint distribution of two variables; the title tells H and I of the pair."""
    x, y = names
    n, m = joint.shape[-2:]
    values = joint if joint.ndim == 3 else pixels(joint)
    title = title or f"H = {entropy(joint):.2f}, I = {mutual_information(joint):.2f} bit"
    # One frequent pair would leave all others in the dark.
    bright = values[values > 1e-3 * values.max()]
    limits = (0.0, float(np.quantile(bright, 0.95))) if bright.size else None
    image = Image(values=values, extent=(0, m, 0, n), limits=limits, name="probability")
    return Panel((image,), Axis(f"symbol of {y}"), Axis(f"symbol of {x}"), title)


def bars_panel(p: np.ndarray, name: str) -> Panel:
    """The probabilities of one variable, and its entropy."""
    bars = Bars(edges=np.arange(len(p) + 1), counts=p, name=f"p({name})")
    title = f"H({name}) = {entropy(p):.3f} bit"
    return Panel((bars,), Axis(f"symbol of {name}"), Axis("probability"), title)


def bars(*variables: tuple[np.ndarray, str]) -> Figure:
    """The probabilities of some variables side by side."""
    panels = tuple(bars_panel(p, name) for p, name in variables)
    caption = "How often each symbol occurs. The entropy is the code length that it needs."
    return Figure("marginals", "Marginals", panels, caption)


def coupling(p: np.ndarray, q: np.ndarray, joint: np.ndarray) -> Figure:
    """Independent variables next to coupled ones."""
    panels = joint_panel(np.outer(p, q), ("X", "Y")), joint_panel(joint, ("X", "Y"))
    caption = (
        "Probability of each pair, both with the same marginals: independent on the left, coupled "
        "on the right. The fewer and larger the cells, the more one variable tells of the other."
    )
    return Figure("coupling", "Coupling", panels, caption)


def matching(p: np.ndarray, q: np.ndarray, result: Coupling) -> Figure:
    """Movie of the matches: the joint distribution, and its entropy on the way down."""
    pairs = np.arange(len(result.entropies))
    shown = np.unique(np.linspace(0, pairs[-1], FRAMES).round().astype(int))
    matches = [np.array([]) if v is None else v for v in (result.rows, result.cols, result.masses)]
    frames = np.stack(
        [pixels(coupled(p, q, *(v[:k] for v in matches)), MOVIE_PIXELS) for k in shown]
    ).astype(np.float32)
    panels = (
        joint_panel(frames, ("X", "Y"), "matched, the rest independent"),
        _descent(result, pairs, shown),
    )
    caption = (
        "The largest probabilities that are left on both sides are matched one after another; "
        "what is left stays independent. No coupling has an entropy below the lower line."
    )
    return Figure("matching", "Matching", panels, caption, times=shown, time=Axis("pairs matched"))


def _descent(result: Coupling, pairs: np.ndarray, shown: np.ndarray) -> Panel:
    ends = pairs[[0, -1]]
    marks: tuple[Mark, ...] = (
        Line(x=pairs, y=result.entropies, name="H(X,Y)"),
        Line(x=ends, y=[result.lower_bound] * 2, name="lower bound", role="guide"),
        Points(x=shown[:, None], y=result.entropies[shown][:, None], name="now", size=8),
    )
    return Panel(marks, Axis("pairs matched"), Axis("H(X,Y)", "bit"))


def now(joint: np.ndarray) -> Figure:
    """The coupling as it is at this moment of a run."""
    return Figure("coupling", "Coupling, running", (joint_panel(joint, ("X", "Y")),))


def trade_off(rates: np.ndarray, *lines: Line, bound: np.ndarray, caption: str = "") -> Figure:
    """Information against the rate, below what no code can exceed."""
    marks = (*lines, Line(x=rates, y=bound, name="upper bound", role="guide"))
    return Figure("tradeoff", "What a rate buys", (Panel(marks, RATE, BITS),), caption)
