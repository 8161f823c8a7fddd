"""What people see of an array before they use it: its facts and a small version."""

from __future__ import annotations

import numpy as np

from workbench.data.base import Array, CsvDialect, Kind, Preview

SIDE = 128
ROWS = 2000
COLUMNS = 8
TRIANGLES = 30_000  # 1 MB
BINS = 32
COUNTED = 1_000_000  # values in a histogram: 30 ms
# Fewer rows or columns than this make a table rather than a picture.
SMALLEST_PICTURE = 8


def preview_of(
    array: Array,
    dialect: CsvDialect | None = None,
    kind: Kind | None = None,
    faces: np.ndarray | None = None,
) -> Preview:
    """Facts about an array, and at most 128 × 128 pixels or 2000 rows of it.

    `faces` are the triangles where the array holds the vertices of a mesh.
    """
    kind = kind or _kind(array, dialect is not None)
    minimum, maximum, missing = _range(array.values)
    return Preview(
        reference=array.reference,
        name=array.name,
        kind=kind,
        shape=array.values.shape,
        dtype=array.values.dtype.name,
        dims=array.dims,
        unit=array.unit,
        minimum=minimum,
        maximum=maximum,
        missing=missing,
        thumbnail=_thumbnail(array, kind),
        dialect=dialect,
        histogram=_histogram(array.values, minimum, maximum),
        triangles=_triangles(array.values, faces),
        notes=array.notes,
    )


def _kind(array: Array, is_table: bool) -> Kind:
    shape = array.values.shape
    if array.values.ndim == 1:
        return "signal"
    if array.values.ndim == 2:
        if array.dims == ("y", "x"):
            return "image"
        if shape[1] in (2, 3) and shape[0] > shape[1]:
            return "points"
        return "table" if is_table or min(shape) < SMALLEST_PICTURE else "image"
    colour = _is_colour(array)
    return {3 + colour: "stack", 2 + colour: "image"}.get(array.values.ndim, "array")  # type: ignore[return-value]


def _triangles(vertices: np.ndarray, faces: np.ndarray | None) -> np.ndarray | None:
    """The corners of the triangles of a mesh in space; a larger one is shown by its vertices."""
    if faces is None or vertices.shape[1:] != (3,) or not 0 < len(faces) <= TRIANGLES:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # float64 beyond float32
        return vertices.astype(np.float32)[faces]


def _is_colour(array: Array) -> bool:
    return array.dims[-1:] == ("channel",) and array.values.shape[-1] == 3


def _range(values: np.ndarray) -> tuple[float, float, int]:
    """Extremes of the finite values, and how many are not."""
    with np.errstate(invalid="ignore"):
        low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high, 0
    finite = values[np.isfinite(values)]
    missing = values.size - finite.size
    if finite.size == 0:
        return float("nan"), float("nan"), missing
    return float(finite.min()), float(finite.max()), missing


def _histogram(values: np.ndarray, low: float, high: float) -> tuple[int, ...]:
    """How many of the values lie in each of equal bins; empty where all are alike or missing."""
    flat = values.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):  # extremes too far apart, signalling NaN
        some = flat[:: -(-flat.size // COUNTED)].astype(np.float64)
        width = high - low
    if not 0 < width < np.inf:
        return ()
    some = some[np.isfinite(some)]
    places = np.minimum(((some - low) / width * BINS).astype(np.int64), BINS - 1)
    return tuple(np.bincount(places, minlength=BINS).tolist())


def _thumbnail(array: Array, kind: Kind) -> np.ndarray:
    values = array.values
    with np.errstate(over="ignore", invalid="ignore"):  # float64 beyond float32 shows as infinite
        if kind == "table":
            return values[:ROWS, :COLUMNS].astype(np.float32)
        if kind in ("points", "signal"):
            return values[:: -(-len(values) // ROWS)].astype(np.float32)
        if array.dims[-1:] == ("channel",) and not _is_colour(array):
            values = values[..., 0]
        while values.ndim > 2 + _is_colour(array):
            values = values[len(values) // 2]
        return _shrunk(np.atleast_2d(values)).astype(np.float32)


def _shrunk(values: np.ndarray) -> np.ndarray:
    """The means over equal blocks, small enough for a thumbnail; what is left over is cut off."""
    tall, wide = (-(-n // SIDE) for n in values.shape[:2])
    rows, columns = values.shape[0] // tall, values.shape[1] // wide
    blocks = values[: rows * tall, : columns * wide]
    return blocks.reshape(rows, tall, columns, wide, *values.shape[2:]).mean(axis=(1, 3))
