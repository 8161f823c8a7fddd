"""The box around the data of a 3-D panel: its far walls, ticks and labels, as lines and words.

The screen and the paper draw the same; everything is in pixels of the picture, right and down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from engines.figure import Axis, Panel
from workbench.camera import Ends, Margin, Projection
from workbench.ticks import numbers, ticks

# In units of the height of the letters:
TICK, GAP = 0.35, 0.25  # length of a tick; distance from there to its number
APART = 3.5  # ticks along an axis
LEAST = 2.0  # length of an axis that has numbers: a shorter one is seen from its end
SOME = 4  # ticks by which the room for numbers is found before there is an axis

Line = tuple[float, float, float, float]
Measure = Callable[[str], tuple[float, float]]  # width and height of words


@dataclass(frozen=True)
class Word:
    """Words, the middle of which stands at a place; `upright` ones are read from the right."""

    text: str
    x: float
    y: float
    upright: bool = False


@dataclass
class Box:
    """What is drawn behind the data (walls, grid) and over them (edges with ticks, words)."""

    walls: list[np.ndarray] = field(default_factory=list)
    grid: list[Line] = field(default_factory=list)
    edges: list[Line] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


@dataclass(frozen=True)
class _Sight:
    """What all parts of a box need to know; `far` are the ends that lie farther away."""

    limits: tuple[Ends, Ends, Ends]
    onto: Projection
    measure: Measure
    far: tuple[int, ...]

    def lines(self, ends: np.ndarray) -> np.ndarray:
        """Lines (n, 4) on the picture between places (n, 2, 3)."""
        return self.onto(ends.reshape(-1, 3))[:, :2].reshape(-1, 4)


def margin(panel: Panel, limits: tuple[Ends, Ends, Ends], measure: Measure) -> Margin:
    """Room that numbers and labels need around the box."""
    letter = measure("0")[1]
    axes = (panel.x, panel.y, panel.z)
    wide = []
    for axis, ends in zip(axes, limits, strict=True):
        names = _names(ticks(*ends, SOME)) if axis.ticks else []
        wide.append(max((measure(name)[0] for name in names), default=0.0))
    gap = (TICK + GAP) * letter if any(wide) else 0.0
    below, beside = ((1 + GAP) * letter * any(a.text() for a in part) for part in (axes, axes[2:]))
    flat = max(wide[:2])
    return Margin(
        left=gap + max(wide[2], 0.6 * flat) + beside,
        right=gap + 0.7 * flat,
        above=0.5 * letter,
        below=gap + letter + 0.2 * flat + below,
    )


def box(panel: Panel, limits: tuple[Ends, Ends, Ends], onto: Projection, measure: Measure) -> Box:
    """The box between the limits, with the walls that lie behind the data."""
    far = tuple(int(onto.matrix[2, k] * (high - low) < 0) for k, (low, high) in enumerate(limits))
    sight = _Sight(limits, onto, measure, far)
    axes = (panel.x, panel.y, panel.z)
    letter = measure("0")[1]
    rows = [
        ticks(*ends, unit / (APART * letter)) if axis.ticks else []
        for axis, ends, unit in zip(axes, limits, onto.unit, strict=True)
    ]
    made = Box()
    for k in range(3):
        if any(axis.ticks for axis in axes):
            made.walls.append(_wall(sight, k))
        for j in (j for j in range(3) if j != k):
            made.grid += [tuple(line) for line in _grid(sight, k, j, rows[j]).tolist()]
        _add_axis(made, sight, k, axes[k], rows[k])
    made.words = _readable(made.words, measure)
    return made


def _wall(sight: _Sight, k: int) -> np.ndarray:
    """The four corners of the wall across axis k."""
    i, j = (n for n in range(3) if n != k)
    corners = np.empty((4, 3))
    corners[:, k] = sight.limits[k][sight.far[k]]
    corners[:, i] = np.array(sight.limits[i])[[0, 1, 1, 0]]
    corners[:, j] = np.array(sight.limits[j])[[0, 0, 1, 1]]
    return sight.onto(corners)[:, :2]


def _grid(sight: _Sight, k: int, j: int, at: list[float]) -> np.ndarray:
    """Lines on the wall across axis k where axis j has ticks."""
    along = 3 - k - j
    ends = np.empty((len(at), 2, 3))
    ends[:, :, k] = sight.limits[k][sight.far[k]]
    ends[:, :, j] = np.array(at)[:, None]
    ends[:, :, along] = sight.limits[along]
    return sight.lines(ends)


def _outline(sight: _Sight, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start and end of the edge along axis k that bears its numbers, and the way outwards.

    Of the two edges where a wall meets a side that is open to the viewer it is the lower one,
    that of the axis upwards is the left one.
    """
    i, j = (n for n in range(3) if n != k)
    edges = np.empty((2, 2, 3))
    for n, near in enumerate((j, i)):
        for m in (i, j):
            end = sight.far[m] if m != near else 1 - sight.far[m]
            edges[n, :, m] = sight.limits[m][end]
        edges[n, :, k] = sight.limits[k]
    seen = sight.lines(edges).reshape(2, 2, 2)
    centres = seen.mean(axis=1)
    start, end = seen[int(centres[:, 0].argmin() if k == 2 else centres[:, 1].argmax())]
    way = end - start
    out = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-300)
    # The middle of the box lies between the middles of the two edges.
    return start, end, out if out @ ((start + end) / 2 - centres.mean(axis=0)) >= 0 else -out


def _add_axis(made: Box, sight: _Sight, k: int, axis: Axis, at: list[float]) -> None:
    """Axis k with its ticks, numbers and label."""
    start, end, out = _outline(sight, k)
    if axis.ticks:
        made.edges.append((*start.tolist(), *end.tolist()))
    letter = sight.measure("0")[1]
    if np.hypot(*(end - start)) < LEAST * letter:
        return
    names = _names(at)
    sized = [sight.measure(name) for name in names]
    low, high = sight.limits[k]
    places = [start + (value - low) / (high - low) * (end - start) for value in at]
    away = (TICK + GAP) * letter
    every = _every(places, sized)
    for place, name, size in list(zip(places, names, sized, strict=True))[::every]:
        tip = place + TICK * letter * out
        made.edges.append((*place.tolist(), *tip.tolist()))
        x, y = (place + (away + _reach(out, size)) * out).tolist()
        made.words.append(Word(name, x, y))
    if axis.text():
        deepest = max((_reach(out, size) for size in sized), default=-away / 2)
        wide, high = sight.measure(axis.text())
        upright = k == 2  # the axis upwards is upright from wherever it is seen
        own = _reach(out, (high, wide) if upright else (wide, high))
        room = away + 2 * deepest + GAP * letter + own
        x, y = ((start + end) / 2 + room * out).tolist()
        made.words.append(Word(axis.text(), x, y, upright))


def _names(at: list[float]) -> list[str]:
    """The numbers of ticks."""
    return numbers(at, at[1] - at[0]) if len(at) > 1 else [f"{value:.4g}" for value in at]


def _readable(words: list[Word], measure: Measure) -> list[Word]:
    """Words of which none lies over one before it: where axes meet their numbers do."""
    kept: list[tuple[float, float, float, float]] = []
    found = []
    for word in words:
        size = measure(word.text)
        wide, high = size[::-1] if word.upright else size
        taken = any(
            abs(word.x - x) < (wide + w) / 2 and abs(word.y - y) < (high + h) / 2
            for x, y, w, h in kept
        )
        if not taken:
            kept.append((word.x, word.y, wide, high))
            found.append(word)
    return found


def _reach(out: np.ndarray, size: tuple[float, float]) -> float:
    """How far the middle of words must be from a line that runs across `out`."""
    return float(abs(out[0]) * size[0] + abs(out[1]) * size[1]) / 2


def _every(places: list[np.ndarray], sized: list[tuple[float, float]]) -> int:
    """Which ticks have room for their numbers: each, each second, third…"""
    if len(places) < 2:
        return 1
    widest, highest = (max(size[n] for size in sized) for n in (0, 1))
    step = np.abs(places[1] - places[0])
    fits = max(float(step[0]) / (1.25 * widest), float(step[1]) / highest, 1e-3)
    return max(1, ceil(1 / fits))
