"""Triangle meshes computed from formulas: an arm in two poses, and the skin of a pile of balls."""

from __future__ import annotations

import numpy as np

RINGS, SPOKES = 64, 24  # of the arm: points along it and around it
ELBOW, BEND, SOFTNESS = 0.5, np.deg2rad(110), 0.05  # where, how far, over which length of 1

# Centre and radius of each ball: a body with four limbs, no two alike, so that nothing is mirrored.
BALLS = np.array(
    [
        (-1.6, 0, 0, 0.38),
        (-1.1, 0.05, 0.05, 0.42),
        (-0.6, 0, 0, 0.45),
        (0, 0, 0.05, 0.5),
        (0.6, 0, 0, 0.45),
        (1.2, 0, 0, 0.35),
        (1.7, 0, 0, 0.28),
        (0.1, 0.75, 0.1, 0.25),
        (0.15, 1.05, 0.2, 0.2),
        (-0.9, -0.5, 0.45, 0.24),
        (-0.9, -0.75, 0.7, 0.2),
        (1.25, -0.25, 0.45, 0.18),
    ]
)
SKIN = 0.35  # level of the field of the balls at their skin
BOX = 4.8  # side of the cube around them
CURVATURE = 1.6  # radius of the circle along which `bent` lays the x axis
CORRECTIONS = 3  # Newton steps onto the skin: the error falls from 1e-2 to 1e-3, 1e-6, 1e-12


def arm() -> np.ndarray:
    """Surface of an arm along the x axis with a fist at its end, (1538, 3), length 4."""
    return _posed(0.0)


def bent_arm() -> np.ndarray:
    """The same points with the elbow bent by 110°; away from it the arm only turns."""
    return _posed(BEND)


def arm_faces() -> np.ndarray:
    """Triangles of the arm, looking outwards, (3072, 3): numbers of its points from 0."""
    spoke = np.arange(SPOKES)
    after = (spoke + 1) % SPOKES
    start, end = RINGS * SPOKES, RINGS * SPOKES + 1
    near = SPOKES * np.arange(RINGS - 1)[:, None]
    a, b, c, d = near + spoke, near + after, near + SPOKES + after, near + SPOKES + spoke
    sides = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3)
    first = np.column_stack((np.full(SPOKES, start), after, spoke))
    last = np.column_stack((np.full(SPOKES, end), a[-1] + SPOKES, b[-1] + SPOKES))
    return np.vstack((first, sides, last))


def _posed(bend: float) -> np.ndarray:
    """Rings around a line that turns by `bend` at the elbow, and the two points at its ends."""
    fine = np.linspace(0, 1, 4001)
    turn = bend / (1 + np.exp((ELBOW - fine) / SOFTNESS))
    steps = 4 / 4000 * np.column_stack((np.cos(turn), np.sin(turn), 0 * turn))
    line = np.vstack((np.zeros(3), np.cumsum((steps[1:] + steps[:-1]) / 2, 0)))
    even = (np.arange(RINGS) + 0.5) / RINGS
    where = np.concatenate(((1 - np.cos(np.pi * even)) / 2, [0, 1]))  # close at the ends
    angle = np.interp(where, fine, turn)
    middle = np.column_stack([np.interp(where, fine, line[:, k]) for k in range(3)])
    across = np.column_stack((-np.sin(angle), np.cos(angle), 0 * angle))
    up = np.array([0.0, 0.0, 1.0])
    around = 2 * np.pi * np.arange(SPOKES) / SPOKES
    spokes = np.cos(around)[:, None] * across[:-2, None] + np.sin(around)[:, None] * up
    rings = middle[:-2, None] + _thickness(where[:-2])[:, None, None] * spokes
    return np.vstack((rings.reshape(-1, 3), middle[-2:]))


def _thickness(s: np.ndarray) -> np.ndarray:
    """Radius along the arm: shoulder, elbow, wrist and fist, round at both ends."""
    shape = (
        0.33 - 0.13 * s + 0.05 * np.cos(4 * np.pi * s) + 0.2 * np.exp(-(((s - 0.94) / 0.06) ** 2))
    )
    return shape * np.sqrt(1 - (2 * s - 1) ** 8)


def blob(cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of the skin of the balls, from a grid of so many cells a side."""
    side = np.linspace(-BOX / 2, BOX / 2, cells + 1)
    grid = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1)
    values, _ = _field(grid.reshape(-1, 3))
    places, faces = isosurface(values.reshape(grid.shape[:3]), SKIN)
    vertices = side[0] + BOX / cells * places
    for _ in range(CORRECTIONS):
        values, slope = _field(vertices)
        vertices -= ((values - SKIN) / (slope**2).sum(1))[:, None] * slope
    return vertices, faces


def bent(places: np.ndarray) -> np.ndarray:
    """Places after the x axis was laid along a circle about the y axis."""
    x, y, z = places.T
    radius, angle = CURVATURE + z, x / CURVATURE
    return np.column_stack((radius * np.sin(angle), y, radius * np.cos(angle) - CURVATURE))


def isosurface(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Around what lies above a level: vertices in steps of the grid, triangles looking outwards.

    Surface nets: each cell that the surface crosses has one vertex, in the middle of the places
    where its edges are crossed; around each crossed edge four of them make two triangles. The
    surface must keep away from the border of the grid.
    """
    cells = tuple(n - 1 for n in values.shape)
    sums, counts, rings = np.zeros((np.prod(cells), 3)), np.zeros(np.prod(cells)), []
    for axis in range(3):
        low = np.argwhere(np.diff((values > level).view(np.int8), axis=axis))
        high = low + (np.arange(3) == axis)
        here, there = values[tuple(low.T)], values[tuple(high.T)]
        crossed = low + ((level - here) / (there - here))[:, None] * (np.arange(3) == axis)
        around = _cells_around(low, axis, cells)
        np.add.at(sums, around, crossed[:, None])
        np.add.at(counts, around, 1)
        rings.append(np.where((here > level)[:, None], around, around[:, ::-1]))
    used = np.flatnonzero(counts)
    vertices = sums[used] / counts[used, None]
    return vertices, _split(vertices, np.searchsorted(used, np.concatenate(rings)))


def _cells_around(low: np.ndarray, axis: int, cells: tuple[int, ...]) -> np.ndarray:
    """Numbers of the four cells around each edge, anticlockwise as seen from its end."""
    found = []
    for second, third in ((0, 0), (1, 0), (1, 1), (0, 1)):
        cell = low.copy()
        cell[:, (axis + 1) % 3] -= second
        cell[:, (axis + 2) % 3] -= third
        found.append(np.ravel_multi_index(tuple(cell.T), cells))
    return np.stack(found, axis=1)


def _split(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Each quadrilateral as two triangles, cut along its shorter diagonal."""
    corners = vertices[quads]
    one, other = (np.linalg.norm(corners[:, k] - corners[:, k + 2], axis=1) for k in (0, 1))
    quads = np.where((one <= other)[:, None], quads, np.roll(quads, -1, axis=1))
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _field(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ_k exp(-1.2 |p - c_k|²/r_k²) and its gradient."""
    values, slope = np.zeros(len(places)), np.zeros_like(places)
    for *centre, radius in BALLS:
        away = places - centre
        part = np.exp(-1.2 * (away**2).sum(1) / radius**2)
        values += part
        slope -= 2.4 / radius**2 * part[:, None] * away
    return values, slope
