"""MATLAB files of version 5 to 7; version 7.3 is HDF5.

Ours and not `scipy.io.loadmat`: that one takes the memory a tag asks for before it looks whether
the file holds it, and ends the process on some damaged files. Numeric matrices need little.
Layout: MathWorks, "MAT-File Format", version 5.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np

from workbench.data.base import BadData, Budget, Part, Raw, choose, listed, quoted
from workbench.data.hdf5 import vector_shape
from workbench.data.sources import Source

PIECE = 1 << 20
MATRIX, COMPRESSED = 14, 15
SPARSE, OPAQUE = 5, 17
STORED = {
    **{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4"},
    **{7: "f4", 9: "f8", 12: "i8", 13: "u8"},
}
CLASSES = {
    **{5: "f8", 6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2"},
    **{12: "i4", 13: "u4", 14: "i8", 15: "u8"},
}
OTHERS = {1: "a cell array", 2: "a structure", 3: "an object", 4: "text", OPAQUE: "an object"}
IS_COMPLEX, IS_LOGICAL = 0x800, 0x200


class Bytes(Protocol):
    """Something to read a known number of bytes from."""

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes."""


@dataclass
class Plain:
    """Bytes of the file, up to the end of one variable."""

    stream: BinaryIO
    left: int

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes."""
        self.left -= count
        data = self.stream.read(count) if self.left >= 0 else b""
        if len(data) != count:
            raise BadData(f"a variable ends early at byte {self.stream.tell()}; get the file again")
        return data


class Inflating:
    """The same for a compressed variable; never unpacks more than is asked for."""

    def __init__(self, packed: Plain) -> None:
        self._packed = packed
        self._machine = zlib.decompressobj()

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes."""
        out = bytearray()
        while len(out) < count:
            packed = self._machine.unconsumed_tail
            packed = packed or self._packed.take(min(PIECE, self._packed.left))
            try:
                fresh = self._machine.decompress(packed, count - len(out))
            except zlib.error as error:
                raise BadData(
                    f"a compressed variable is damaged ({error}); get it again"
                ) from error
            if not packed and not fresh:
                raise BadData("a compressed variable ends early; get the file again")
            out += fresh
        return bytes(out)


@dataclass
class Variable:
    """Head of a variable; its values follow in `data`."""

    name: str
    shape: tuple[int, ...]
    kind: int
    flags: int
    data: Bytes

    @property
    def dtype(self) -> np.dtype:
        """The type MATLAB shows, which may be wider than the stored one."""
        return np.dtype(bool) if self.flags & IS_LOGICAL else np.dtype(CLASSES[self.kind])

    def part(self) -> Part:
        """What it is, for people."""
        return Part(
            self.name,
            vector_shape(self.shape),
            self.dtype.name,
            "sparse" if self.kind == SPARSE else "",
        )

    def refusal(self) -> str:
        """Why it cannot be loaded, or nothing."""
        if self.kind not in CLASSES:
            what = OTHERS.get(self.kind, "no numeric array")
            return f"is {what}; choose a variable with real numbers"
        if self.flags & IS_COMPLEX:
            return "holds complex numbers; save its real part or magnitude instead"
        return "is empty; choose another variable" if 0 in self.shape or not self.name else ""


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """The variables that hold real numbers."""
    order = _order(source)
    return tuple(v.part() for v in _variables(source, order, budget) if not v.refusal())


def read(source: Source, part: str, budget: Budget) -> Raw:
    """The variable `part`, else the only or largest one."""
    name = part or choose(parts(source, budget))
    order = _order(source)
    names = []
    for variable in _variables(source, order, budget):
        names.append(variable.name)
        if variable.name == name:
            if variable.refusal():
                raise BadData(f"{quoted(name)} {variable.refusal()}")
            values = _values(variable, order, budget)
            return Raw(values.reshape(vector_shape(values.shape)), name, part=name)
    raise BadData(f"it has no variable {quoted(name)}; it has {listed(names)}")


def _order(source: Source) -> str:
    source.stream.seek(126)
    return "<" if source.stream.read(2) == b"IM" else ">"


def _variables(source: Source, order: str, budget: Budget) -> Iterator[Variable]:
    """The heads of all variables, each with its values ready to be read."""
    place = 128
    while place + 8 <= source.size:
        budget.tick()
        source.stream.seek(place)
        plain: Bytes = Plain(source.stream, source.size - place)
        kind, size = struct.unpack(f"{order}II", plain.take(8))
        if place + 8 + size > source.size:
            raise BadData(
                f"the variable at byte {place} claims {size} bytes, more than the file holds; "
                "it was cut off or damaged; get it again"
            )
        inside: Bytes = Plain(source.stream, size)
        if kind == COMPRESSED:
            inside = Inflating(Plain(source.stream, size))
            kind = struct.unpack(f"{order}II", inside.take(8))[0]
        if kind != MATRIX:
            raise BadData(f"there is no variable at byte {place}; the file is damaged")
        yield _head(inside, order)
        place += 8 + size


def _head(data: Bytes, order: str) -> Variable:
    flags = struct.unpack(f"{order}I", _element(data, order, 16)[:4])[0]
    kind = flags & 0xFF
    if kind == OPAQUE:  # strings, tables and dates of newer versions have a name but no shape
        return Variable(_element(data, order, 4096).decode("latin-1"), (), kind, flags, data)
    shape = np.frombuffer(_element(data, order, 4 * 64), f"{order}i4").tolist()
    name = _element(data, order, 4096).decode("latin-1")
    if len(shape) < 2 or min(shape) < 0:
        raise BadData(f"{quoted(name)} has the shape {quoted(shape)}; the file is damaged")
    return Variable(name, tuple(shape), kind, flags, data)


def _element(data: Bytes, order: str, most: int) -> bytes:
    """The next element; short ones are stored inside their tag."""
    tag = data.take(8)
    kind, size = struct.unpack(f"{order}II", tag)
    if kind >> 16:
        return tag[4 : 4 + min(kind >> 16, 4)]
    if size > most:
        raise BadData(f"an element claims {size} bytes, expected are {most}; the file is damaged")
    body = data.take(size)
    data.take(-size % 8)
    return body


def _values(variable: Variable, order: str, budget: Budget) -> np.ndarray:
    budget.claim(variable.shape, variable.dtype.itemsize)
    if variable.kind == SPARSE:
        return _sparse(variable, order, budget)
    count = math.prod(variable.shape)
    flat = _numbers(variable.data, order, count, budget, last=True)
    if len(flat) != count:
        raise BadData(f"{len(flat)} values are stored for {count}; the file is damaged")
    return flat.astype(variable.dtype, copy=False).reshape(variable.shape, order="F")


def _numbers(
    data: Bytes, order: str, most: int, budget: Budget, *, last: bool = False
) -> np.ndarray:
    """The next element as numbers, at most `most`; some writers do not pad the last one."""
    tag = data.take(8)
    kind, size = struct.unpack(f"{order}II", tag)
    short = kind >> 16
    kind, size = (kind & 0xFFFF, short) if short else (kind, size)
    if kind not in STORED:
        raise BadData(f"values are stored as the unknown type {kind}; the file is damaged")
    dtype = np.dtype(order + STORED[kind])
    if size > most * dtype.itemsize or size % dtype.itemsize or (short and size > 4):
        raise BadData(f"{size} bytes are stored for {most} values; the file is damaged")
    if short:
        return np.frombuffer(tag[4 : 4 + size], dtype)
    out = bytearray()
    while len(out) < size:
        budget.tick()
        out += data.take(min(PIECE, size - len(out)))
    if not last:
        data.take(-size % 8)
    return np.frombuffer(out, dtype)


def _sparse(variable: Variable, order: str, budget: Budget) -> np.ndarray:
    """A sparse matrix written out: row numbers, column starts, values."""
    rows, columns = variable.shape[0], math.prod(variable.shape[1:])
    most = rows * columns
    row = _numbers(variable.data, order, most, budget)
    starts = _numbers(variable.data, order, columns + 1, budget).astype(np.int64)
    counts = np.diff(starts)
    if len(starts) != columns + 1 or starts[0] != 0 or (counts < 0).any():
        raise BadData(f"{quoted(variable.name)} has broken column starts; the file is damaged")
    values = _numbers(variable.data, order, most, budget, last=True)
    filled = int(starts[-1])
    row = row[:filled]
    if min(len(row), len(values)) < filled or not ((row >= 0) & (row < rows)).all():
        raise BadData(f"{quoted(variable.name)} has broken row numbers; the file is damaged")
    dense = np.zeros((rows, columns), variable.dtype)
    dense[row, np.repeat(np.arange(columns), counts)] = values[:filled]
    return dense
