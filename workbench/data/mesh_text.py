"""Meshes as text: Wavefront OBJ, OFF, and lists of points below their number (PTS, XYZ)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from workbench.data.base import BadData, Budget, quoted
from workbench.data.geometry import colours, triangles
from workbench.data.lines import Numbers, Row, worded
from workbench.data.sources import Source


def obj(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Vertices, with colours where they have some, and faces; groups and textures are left out."""
    points, corners = Numbers(float, budget), Numbers(int, budget)
    count = 0
    for row, words in worded(source, budget):
        if words[0] == "v":
            points.add(row, words[1:])
            count += 1
        elif words[0] == "f":
            corners.add(row, [_vertex(word, count, row) for word in words[1:]])
    table = points.table()
    if table.shape[1] not in (3, 4, 6, 7):
        raise BadData(
            f"its vertices have {table.shape[1]} numbers; they must be x y z, or x y z and a "
            "colour; save the mesh again"
        )
    flat, counts = corners.ragged()
    found = {"vertices": table[:, :3], "faces": triangles(flat, counts, len(table), budget)}
    return found | ({"colours": colours(table[:, -3:])} if table.shape[1] > 4 else {})


def off(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Vertices with the normals and colours that the first word announces, and faces."""
    rows = worded(source, budget)
    _, (kind, *words) = next(rows)
    kind = kind.removesuffix("OFF").removeprefix("ST")
    if kind not in ("", "C", "N", "CN", "NC") or words[:1] == ["BINARY"]:
        raise BadData("this kind of OFF is not read; save it as plain OFF text or as PLY")
    n, m = _counts(words or next(rows, (0, [""]))[1])
    table = _taken(rows, n, Numbers(float, budget)).table()
    flat, counts = _polygons(rows, m, budget)
    found = {"vertices": table[:, :3], "faces": triangles(flat, counts, n, budget)}
    if "N" in kind and table.shape[1] >= 6:
        found["normals"] = table[:, 3:6]
    colour = table[:, 6 if "N" in kind else 3 :]
    if "C" in kind and colour.shape[1] in (3, 4):
        found["colours"] = colours(colour)
    return found


def cloud(source: Source, budget: Budget) -> dict[str, np.ndarray]:
    """Points below a line with their number; chemists put a line of text between, and symbols."""
    rows = worded(source, budget)
    n = _whole(next(rows)[1][0])
    first = next(rows, None)
    if first is not None and not _is_point(first[1]):
        first = next(rows, None)
    numbers = Numbers(float, budget)
    body = () if first is None else (first,)
    for row, words in islice(_chained(body, rows), n):
        numbers.add(row, words[1:] if _is_symbol(words[0]) else words)
    table = numbers.table()
    if len(table) != n or table.shape[1] < 3:
        raise BadData(f"its first line promises {n} points, it has {len(table)}; correct the line")
    if (rest := next(rows, None)) is not None:
        raise BadData(f"row {rest[0]} comes after the last point; keep one list of points a file")
    return {"vertices": table[:, :3]} | _further(table[:, 3:])


def _further(table: np.ndarray) -> dict[str, np.ndarray]:
    """What stands behind x y z: an intensity, a colour, both, or a normal."""
    found = {"intensity": table[:, 0]} if table.shape[1] in (1, 4) else {}
    if table.shape[1] in (3, 4):
        last = table[:, -3:]
        is_normal = len(last) and np.nanmin(last) < 0
        found["normals" if is_normal else "colours"] = last if is_normal else colours(last)
    return found


def _chained(first: tuple[Row, ...], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def _is_symbol(word: str) -> bool:
    return word[0].isalpha() and word.lower() not in ("nan", "inf", "infinity")


def _is_point(words: list[str]) -> bool:
    words = words[1:] if _is_symbol(words[0]) else words
    try:
        return len([float(word) for word in words]) >= 3
    except ValueError:
        return False


def _polygons(rows: Iterator[Row], m: int, budget: Budget) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the next m lines, whose first word is how many there are."""
    corners = Numbers(int, budget)
    for row, words in islice(rows, m):
        size = int(words[0]) if words[0].isdecimal() and len(words[0]) < 9 else len(words)
        if size >= len(words):
            raise BadData(
                f"row {row} announces {quoted(words[0])} corners and has {len(words) - 1}; "
                "correct that line"
            )
        corners.add(row, words[1 : size + 1])
    flat, counts = corners.ragged()
    if len(counts) != m:
        raise BadData(f"it promises {m} faces and has {len(counts)}; it was cut off; get it again")
    return flat, counts


def _taken(rows: Iterator[Row], n: int, numbers: Numbers) -> Numbers:
    """The numbers of the next n lines."""
    got = 0
    for row, words in islice(rows, n):
        if len(words) < 3:
            raise BadData(f"row {row} has {len(words)} numbers; a vertex has three; correct it")
        numbers.add(row, words)
        got += 1
    if got != n:
        raise BadData(f"it promises {n} vertices and has {got}; it was cut off; get it again")
    return numbers


def _vertex(word: str, count: int, row: int) -> str:
    """The vertex in `7/1/3`, from 0; numbers below zero count back from the last one so far."""
    digits = word.partition("/")[0]
    try:
        number = int(digits)
    except ValueError:
        number = 0
    if not number:
        raise BadData(f"row {row} names vertex {quoted(digits)}; it must be 1 or more; correct it")
    return str(number - 1 if number > 0 else count + number)


def _counts(words: list[str]) -> tuple[int, int]:
    """How many vertices and faces follow."""
    if len(words) < 2:
        raise BadData("the numbers of vertices and faces are missing; get the file again")
    return _whole(words[0]), _whole(words[1])


def _whole(word: str) -> int:
    if not (word.isdecimal() and len(word) < 13):
        raise BadData(f"it promises {quoted(word)} lines; that must be a whole number; correct it")
    return int(word)
