"""Weights of networks in .safetensors: numbers behind a header in JSON. Nothing in it can run."""

from __future__ import annotations

import json
import math

import numpy as np

from workbench.data.base import BadData, Budget, Part, Raw, choose, listed, quoted, size_text
from workbench.data.geometry import taken
from workbench.data.sources import Source

LONGEST_HEADER = 16 << 20  # of a hundred thousand tensors
SHORT_HEADER = 1 << 20
GROWTH = 20  # bytes that a byte of the header takes once it is understood
LEAD = 8  # bytes that tell the length of the header
TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2"},
    **{"I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"},
}
BRAIN = "BF16"  # the upper half of a float32

Shape = tuple[int, ...]
Entry = tuple[str, Shape, int, int]  # type, shape, first byte, end


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """Every tensor whose numbers are of a type that is read."""
    return tuple(
        Part(name, shape, _dtype(kind).name, "bfloat16" if kind == BRAIN else "")
        for name, (kind, shape, _, _) in _header(source, budget).items()
        if (kind in TYPES or kind == BRAIN) and 0 not in shape
    )


def read(source: Source, part: str, budget: Budget) -> Raw:
    """One tensor; bfloat16 becomes float32, which holds it exactly."""
    entries = _header(source, budget)
    name = part or choose(list(parts(source, budget)))
    if name not in entries:
        raise BadData(f"it has no tensor {quoted(name)}; it has {listed(list(entries))}")
    kind, shape, start, end = entries[name]
    if kind not in TYPES and kind != BRAIN:
        raise BadData(f"{quoted(name)} is of type {quoted(kind)}; save it as float32 or bfloat16")
    budget.claim(shape, _dtype(kind).itemsize)
    source.stream.seek(start)
    data = taken(source, end - start, budget)
    if kind == BRAIN:
        wide = np.zeros((len(data) // 2, 2), "<u2")
        wide[:, 1] = data.view("<u2")
        values = wide.view("<f4")
    else:
        values = data.view(TYPES[kind])
    return Raw(values.reshape(shape), name, part=name)


def _dtype(kind: str) -> np.dtype:
    return np.dtype(TYPES.get(kind, "<f4"))


def _header(source: Source, budget: Budget) -> dict[str, Entry]:
    """The tensors by name, each checked to lie inside the file."""
    source.stream.seek(0)
    length = int.from_bytes(source.stream.read(LEAD), "little")
    if length > min(LONGEST_HEADER, source.size - LEAD):
        raise BadData(f"its header claims {size_text(length)}; it was cut off; get it again")
    if length > (most := max(SHORT_HEADER, budget.limits.bytes // GROWTH)):
        raise BadData(
            f"its header takes {size_text(length)}; it must be at most {size_text(most)}; "
            "save its tensors in several files"
        )
    budget.tick()
    try:
        listing = json.loads(source.stream.read(length))
        entries = {n: e for n, e in listing.items() if n != "__metadata__"}
        found = {n: _entry(e, LEAD + length, source.size) for n, e in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BadData):
            raise
        raise BadData("its header is damaged; get the file again") from error
    if not found:
        raise BadData("it holds no tensors; choose another file")
    return found


def _entry(entry: dict, base: int, size: int) -> Entry:
    shape: Shape = tuple(entry["shape"])
    start, end = entry["data_offsets"]
    if not all(type(n) is int and n >= 0 for n in (*shape, start, end)) or len(shape) > 32:
        raise ValueError
    kind = str(entry["dtype"])
    bits = 2 if kind == BRAIN else np.dtype(TYPES[kind]).itemsize if kind in TYPES else 0
    if start > end or base + end > size or (bits and math.prod(shape) * bits != end - start):
        raise BadData("its header does not fit its values; the file is damaged; get it again")
    return kind, shape, base + start, base + end
