"""PLY, as text and binary in either order of bytes: a header of elements, then their rows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

from workbench.data.base import BadData, Budget, quoted
from workbench.data.geometry import MOST_CORNERS, colours, taken, triangles
from workbench.data.lines import Numbers, Row, worded
from workbench.data.sources import Source

LONGEST_HEADER = 1 << 16
MOST_PROPERTIES = 256
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "="}
TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4"},
    **{"float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2"},
    **{"int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8"},
}
CORNERS = ("vertex_indices", "vertex_index")
XYZ = ("x", "y", "z")
NORMAL = ("nx", "ny", "nz")
COLOUR = ("red", "green", "blue", "alpha")
ROWS_A_LOOK = 1 << 16  # rows of lists walked through between two looks at the clock: 50 ms
SLAB = 1 << 18  # corners gathered at a time: 10 MiB of places

Polygons = tuple[np.ndarray, np.ndarray]  # corners one behind the other, and how many each has


@dataclass(frozen=True)
class Property:
    """A number of every row, or a list of numbers behind its length (`size` is its type)."""

    name: str
    dtype: np.dtype
    size: np.dtype | None = None


@dataclass(frozen=True)
class Element:
    """A table of the file."""

    name: str
    count: int
    properties: tuple[Property, ...]

    @property
    def corners(self) -> int:
        """The place of the list of corners, -1 where there is none."""
        found = [k for k, p in enumerate(self.properties) if p.name in CORNERS and p.size]
        return found[0] if found else -1


class Body(Protocol):
    """Reads the elements in their order."""

    def table(self, element: Element) -> list[np.ndarray]:
        """The columns of an element without lists."""

    def polygons(self, element: Element) -> Polygons:
        """The lists of corners of an element, empty where it has other lists only."""


def contents(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Vertices, their colours, normals and other numbers, and faces."""
    order, elements, lines = _header(source)
    body: Body = _Text(source, budget, lines) if order == "=" else _Binary(source, budget)
    found: dict[str, np.ndarray] = {}
    polygons: Polygons | None = None
    last = max((k for k, e in enumerate(elements) if e.name in ("vertex", "face")), default=-1)
    for element in elements[: last + 1]:
        if any(p.size for p in element.properties):
            lists = body.polygons(element)
            polygons = lists if element.name == "face" else polygons
            continue
        columns = body.table(element)
        if element.name == "vertex":
            found = _vertices(dict(zip((p.name for p in element.properties), columns)))
    if not found:
        raise BadData("it has no table of vertices; choose another file")
    if polygons is not None:
        found["faces"] = triangles(*polygons, len(found["vertices"]), budget)
    return found


def _vertices(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns that belong together as one array, the others by their names."""
    found: dict[str, np.ndarray] = {}
    if not set(XYZ) <= set(columns):
        raise BadData("its vertices have no x, y and z; choose another file")
    for name, members in (("vertices", XYZ), ("normals", NORMAL), ("colours", COLOUR)):
        if set(members[:3]) <= set(columns):
            found[name] = np.stack([columns.pop(m) for m in members if m in columns], 1)
    if "colours" in found:
        found["colours"] = colours(found["colours"])
    return {n: np.array(a) for n, a in columns.items() if n != "faces"} | found


def _header(source: Source) -> tuple[str, list[Element], int]:
    """Byte order, elements, and the number of lines; the stream then stands behind them."""
    source.stream.seek(0)
    head = source.stream.read(LONGEST_HEADER)
    ending = re.search(rb"(\r\n|\n|\r)end_header[ \t]*(\r\n|\n|\r)", head)
    if ending is None:
        raise BadData(f"its header has no end within {LONGEST_HEADER} bytes; get the file again")
    source.stream.seek(ending.end())
    lines = head[: ending.end()].decode("latin-1").splitlines()
    order, elements = "", []
    for row, words in enumerate((line.split() for line in lines), 1):
        try:
            if words[:1] == ["format"]:
                order = ORDERS[words[1]]
            elif words[:1] == ["element"] and words[2].isdecimal() and len(words[2]) < 13:
                elements.append(Element(words[1], int(words[2]), ()))
            elif words[:1] == ["property"]:
                last = elements.pop()
                more = (*last.properties, _property(words[1:], order))
                elements.append(Element(last.name, last.count, more))
            elif words[:1] == ["element"]:
                raise IndexError
        except (IndexError, KeyError):
            raise BadData(f"row {row} of its header is damaged; get the file again") from None
    sizes = [len(e.properties) for e in elements]
    if not order or 0 in sizes or sum(sizes) > MOST_PROPERTIES:
        raise BadData("its header lacks a format or properties, or has too many; get it again")
    return order, elements, len(lines)


def _property(words: list[str], order: str) -> Property:
    if words[0] != "list":
        return Property(words[1], np.dtype(order + TYPES[words[0]]))
    size, dtype = (np.dtype(order + TYPES[w]) for w in words[1:3])
    if size.kind == "f" or (dtype.kind == "f" and words[3] in CORNERS):
        raise BadData("lengths and corners must be whole numbers; save the mesh again")
    return Property(words[3], dtype, size)


class _Text:
    def __init__(self, source: Source, budget: Budget, lines: int) -> None:
        self._rows = worded(source, budget, after=lines)
        self._budget = budget

    def table(self, element: Element) -> list[np.ndarray]:
        numbers = Numbers(float, self._budget)
        for row, words in self._taken(element):
            if len(words) != len(element.properties):
                raise BadData(
                    f"row {row} has {len(words)} numbers; it must have "
                    f"{len(element.properties)}; correct that line"
                )
            numbers.add(row, words)
        columns = numbers.table().T
        with np.errstate(invalid="ignore", over="ignore"):  # what does not fit is off anyway
            return [c.astype(p.dtype) for c, p in zip(columns, element.properties)]

    def polygons(self, element: Element) -> Polygons:
        numbers = Numbers(int, self._budget)
        for row, words in self._taken(element):
            place = 0
            for k, prop in enumerate(element.properties):
                length = words[place : place + 1]
                if not length or (prop.size and not (length[0].isdecimal() and len(length[0]) < 9)):
                    raise BadData(f"row {row} is no list of numbers; correct that line")
                place += 1 + (int(length[0]) if prop.size else 0)
                if k == element.corners:
                    numbers.add(row, words[place - int(length[0]) : place])
            if place != len(words):
                raise BadData(f"row {row} has {len(words)} numbers; {place} are due; correct it")
        return numbers.ragged()

    def _taken(self, element: Element) -> Iterator[Row]:
        left = element.count
        for row in islice(self._rows, element.count):
            left -= 1
            yield row
        if left:
            raise _cut_off(element)


class _Binary:
    def __init__(self, source: Source, budget: Budget) -> None:
        self._source, self._budget = source, budget

    def table(self, element: Element) -> list[np.ndarray]:
        record = np.dtype([(f"p{k}", p.dtype) for k, p in enumerate(element.properties)])
        rows = taken(self._source, element.count * record.itemsize, self._budget).view(record)
        return [
            rows[name].astype(rows[name].dtype.newbyteorder("=")) for name in record.names or ()
        ]

    def polygons(self, element: Element) -> Polygons:
        start = self._source.stream.tell()
        data = taken(self._source, self._source.size - start, self._budget)
        least = sum((p.size or p.dtype).itemsize for p in element.properties)
        if element.count * least > len(data):
            raise _cut_off(element)
        found, used = self._alike(data, element) or self._walked(data, element)
        self._source.stream.seek(start + used)
        return found

    def _alike(self, data: np.ndarray, element: Element) -> tuple[Polygons, int] | None:
        """All rows at once where the only list has the length that it has in the first row."""
        lists = [k for k, p in enumerate(element.properties) if p.size]
        if lists != [element.corners] or not element.count:
            return None
        place = sum(p.dtype.itemsize for p in element.properties[: lists[0]])
        size, dtype = element.properties[lists[0]].size, element.properties[lists[0]].dtype
        assert size is not None
        length = int(data[place : place + size.itemsize].view(size)[0])
        if not 0 < length <= MOST_CORNERS:
            return None
        fields: list[tuple] = [(f"p{k}", p.dtype) for k, p in enumerate(element.properties)]
        fields[lists[0] : lists[0] + 1] = [("length", size), ("corners", dtype, (length,))]
        record = np.dtype(fields)
        used = element.count * record.itemsize
        if used > len(data):
            return None
        rows = data[:used].view(record)
        if (rows["length"] != length).any():
            return None
        corners = rows["corners"].reshape(-1).astype(dtype.newbyteorder("="))
        return (corners, np.full(element.count, length)), used

    def _walked(self, data: np.ndarray, element: Element) -> tuple[Polygons, int]:
        """Row by row: where each list of corners begins, then all their numbers at once."""
        starts, counts = array("q"), array("q")
        self._budget.claim((element.count,), 2 * starts.itemsize)
        raw, place, end = data.data, 0, len(data)
        for row in range(element.count):
            if row % ROWS_A_LOOK == 0:
                self._budget.tick()
            for k, prop in enumerate(element.properties):
                if prop.size is None:
                    place += prop.dtype.itemsize
                    continue
                head = raw[place : place + prop.size.itemsize]
                order = "big" if prop.size.byteorder == ">" else "little"
                length = int.from_bytes(head, order, signed=prop.size.kind == "i")  # type: ignore[arg-type]
                place += prop.size.itemsize
                if k == element.corners:
                    starts.append(place)
                    counts.append(length)
                place += length * prop.dtype.itemsize
                if length < 0 or place > end:
                    raise _cut_off(element)
            if place > end:
                raise _cut_off(element)
        found = np.frombuffer(starts, np.int64), np.frombuffer(counts, np.int64)
        if element.corners < 0:
            return found, place
        return (
            self._gathered(data, *found, element.properties[element.corners].dtype),
            found[1],
        ), place

    def _gathered(
        self, data: np.ndarray, starts: np.ndarray, counts: np.ndarray, dtype: np.dtype
    ) -> np.ndarray:
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        flat = np.empty(total, dtype.newbyteorder("="))
        width = np.arange(dtype.itemsize)
        row = 0
        while row < len(counts):
            self._budget.tick()
            begin = int(ends[row] - counts[row])
            stop = max(row + 1, int(np.searchsorted(ends, begin + SLAB)))
            some = counts[row:stop]
            within = np.arange(int(some.sum())) - np.repeat(np.cumsum(some) - some, some)
            places = np.repeat(starts[row:stop], some) + within * dtype.itemsize
            flat[begin : begin + len(places)] = data[places[:, None] + width].view(dtype)[:, 0]
            row = stop
        return flat


def _cut_off(element: Element) -> BadData:
    return BadData(
        f"it promises {element.count} rows of {quoted(element.name)} and has fewer; it was cut "
        "off; get it again"
    )
