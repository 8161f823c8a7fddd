"""Level lines of a grid by marching squares, all cells of a level at once."""

from __future__ import annotations

import numpy as np

# Which two sides of a cell a line crosses, by the corners above the level (bit 0: lower left,
# then counter-clockwise). Sides: 0 lower, 1 right, 2 upper, 3 left. A saddle has two lines.
_CROSSED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}


def level_lines(
    values: np.ndarray, levels: np.ndarray, extent: tuple[float, float, float, float]
) -> np.ndarray:
    """Pieces (x0, y0, x1, y1) of the lines where bilinear values equal a level, (n, 4).

    Values sit at the centres of the pixels of `extent`; cells with a NaN corner have no line.
    """
    rows, columns = values.shape
    if rows < 2 or columns < 2:
        return np.empty((0, 4))
    corners = np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]])
    corners = corners.reshape(4, -1)
    row, column = np.divmod(np.arange(corners.shape[1]), columns - 1)
    whole = np.isfinite(corners).all(axis=0)
    pieces = [np.empty((0, 4))]
    for level in np.unique(levels):
        above = corners > level
        case = np.where(whole, above.T @ (1, 2, 4, 8), 0)
        for code, lines in _CROSSED.items():
            cells = np.flatnonzero(case == code)
            for start, end in lines:
                ends = [_crossing(corners[:, cells], level, side) for side in (start, end)]
                x = [column[cells] + x for x, _ in ends]
                y = [row[cells] + y for _, y in ends]
                pieces.append(np.stack([x[0], y[0], x[1], y[1]], axis=1))
    left, right, bottom, top = extent
    step = np.array([(right - left) / columns, (top - bottom) / rows] * 2)
    return np.array([left, bottom] * 2) + (np.concatenate(pieces) + 0.5) * step


def _crossing(
    corners: np.ndarray, level: float, side: int
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Where the level crosses a side of unit cells."""
    a, b = corners[side], corners[(side + 1) % 4]
    with np.errstate(all="ignore"):
        share = (level - a) / (b - a)
    return ((share, 0.0), (1.0, share), (1.0 - share, 1.0), (0.0, 1.0 - share))[side]
