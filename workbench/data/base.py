"""Words and limits that all loaders share: what they give, what they refuse, what they may take."""

from __future__ import annotations

import itertools
import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engines.problem import shape_text

SLAB = 8 << 20  # bytes between two looks at the clock: a tenth of a second of gzip
DEFLATE_RATIO = 1032  # the most that one byte of deflate can become (zlib's technical notes)

Kind = Literal["image", "stack", "table", "points", "signal", "array"]


class BadData(ValueError):
    """Data that cannot be loaded, in one sentence: what is wrong, where, what to do."""


@dataclass(frozen=True)
class Limits:
    """What one load may take: bytes of the decoded array, and seconds."""

    bytes: int = 2 << 30
    seconds: float = 60.0


@dataclass(frozen=True)
class Array:
    """A loaded array; `reference` loads the same one again and `sha256` tells whether it did."""

    values: np.ndarray
    name: str
    dims: tuple[str, ...]
    unit: str
    reference: str
    sha256: str
    top_down: bool = False  # a picture: its rows run downwards
    notes: tuple[str, ...] = ()  # what steps of the reference changed that a person should know


@dataclass(frozen=True)
class Part:
    """One thing to load: `name` goes behind `PATH::`, empty where the file holds one array."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    detail: str = ""


@dataclass(frozen=True)
class CsvDialect:
    """How a table was understood; an empty delimiter stands for any run of spaces.

    `first` is the line of the first data row, counted from 1 as editors do; `numeric` tells for
    each column whether it holds numbers.
    """

    encoding: str
    delimiter: str
    decimal: str
    header: bool
    first: int
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]


@dataclass(frozen=True)
class Preview:
    """Facts about an array for people, and a small version of it.

    `thumbnail` is at most 128 × 128 (× 3 for colour) for pictures and arrays, at most 2000 rows
    for tables, points and signals. The extremes leave out the `missing` (NaN, infinite) values.
    `histogram` counts the values in equal bins between the extremes, of a million values at most.
    `triangles` (m, 3, 3) are the corners of those of a mesh, where they are not too many.
    """

    reference: str
    name: str
    kind: Kind
    shape: tuple[int, ...]
    dtype: str
    dims: tuple[str, ...]
    unit: str
    minimum: float
    maximum: float
    missing: int
    thumbnail: np.ndarray
    dialect: CsvDialect | None = None
    histogram: tuple[int, ...] = ()
    triangles: np.ndarray | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A built-in array: `make` gives it, the same each time.

    `faces` is the sample that holds the triangles of these vertices.
    """

    name: str
    title: str
    kind: Kind
    licence: str
    source: str
    make: Callable[[], np.ndarray]
    dims: tuple[str, ...] = ()
    faces: str = ""


@dataclass(frozen=True)
class Raw:
    """What a format's reader gives: values with names, and the part that was taken."""

    values: np.ndarray
    name: str
    dims: tuple[str, ...] = ()
    unit: str = ""
    part: str = ""
    dialect: CsvDialect | None = None
    top_down: bool = False
    notes: tuple[str, ...] = ()


class Budget:
    """Counts down a load's time and refuses what is too large, before memory is taken."""

    def __init__(self, limits: Limits, check: Callable[[], None] | None = None) -> None:
        self.limits = limits
        self.stopped: BaseException | None = None
        self._check = check
        self._end = time.monotonic() + limits.seconds
        self._added = 0

    def tick(self) -> None:
        """Ask whether to go on; called every few milliseconds of work."""
        try:
            if self._check is not None:
                self._check()
            if time.monotonic() > self._end:
                raise BadData(
                    f"loading took longer than {self.limits.seconds:g} s; "
                    "load a smaller part or allow more time"
                )
        except BaseException as error:
            # Kept, because a library on the way up may take it for a fault of the file.
            self.stopped = error
            raise

    def claim(self, shape: Sequence[int], itemsize: int) -> None:
        """Refuse an array of this shape where it is larger than the limit."""
        wanted = math.prod(shape) * itemsize
        if wanted > self.limits.bytes:
            raise BadData(
                f"the array is {shape_text(tuple(shape))} and takes {size_text(wanted)}; at most "
                f"{size_text(self.limits.bytes)} are loaded at once; load a part or a smaller copy"
            )

    def add(self, count: int) -> None:
        """Claim bytes for one more of several pieces that are in memory at the same time."""
        self._added += count
        self.claim((self._added,), 1)


def size_text(count: float) -> str:
    """A number of bytes as people write it: `2 GiB`."""
    units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while count >= 1000 and len(units) > 1:
        units.pop(0)
        count /= 1024
    return f"{count:.3g} {units[0]}"


def quoted(text: object, length: int = 40) -> str:
    """Text from a file, fit for one line of a message."""
    words = repr(str(text))
    return words if len(words) <= length else words[:length] + "…'"


def fault(error: BaseException) -> str:
    """That a file cannot be read, with what a library says of it unless it only stumbled."""
    stumbled = isinstance(error, (TypeError, AttributeError, LookupError, ArithmeticError))
    return "it cannot be read" + ("" if stumbled else f" ({quoted(error, 120)})")


def listed(names: Sequence[str], most: int = 8) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(quoted(n, 80) for n in names[:most]) + more


def choose(parts: Sequence[Part]) -> str:
    """The name to load where none was asked for: the only one, or the one that is largest."""
    if not parts:
        raise BadData("it holds no array of real numbers; choose another file")
    by_size = sorted(parts, key=lambda p: math.prod(p.shape), reverse=True)
    if len(parts) > 1 and math.prod(by_size[0].shape) == math.prod(by_size[1].shape):
        names = listed([p.name for p in parts])
        raise BadData(f"it holds several arrays: {names}; name one behind '::'")
    return by_size[0].name


def slabs(shape: Sequence[int], itemsize: int, grain: Sequence[int]) -> Iterator[tuple]:
    """Slices that cover an array in pieces of about SLAB bytes, of whole chunks (`grain`)."""
    block = list(shape)
    for axis, chunk in enumerate(grain):
        rest = math.prod(block) * itemsize // max(block[axis], 1)
        if rest * block[axis] <= SLAB:
            break
        block[axis] = min(block[axis], max(chunk, SLAB // max(rest, 1) // chunk * chunk))
    starts = (range(0, n, step) for n, step in zip(shape, block))
    for corner in itertools.product(*starts):
        yield tuple(slice(i, min(i + b, n)) for i, b, n in zip(corner, block, shape))


def inflated(data: bytes, most: int) -> bytes:
    """Data of a zlib stream, refused where it becomes more than `most` bytes."""
    machine = zlib.decompressobj()
    try:
        out = machine.decompress(data, most + 1)
    except zlib.error as error:
        raise BadData(f"compressed data are damaged ({error}); get the file again") from error
    if len(out) > most:
        raise BadData(
            f"compressed data grow beyond the {size_text(most)} that their header declares; "
            "the file is damaged or made to harm; get it from its source again"
        )
    return out
