"""Attributes as they are written and read.

Text has a fixed length in the file. With a variable one HDF5 keeps it in a heap without a
checksum, and a page of zeros in that heap makes every reader wait for ever (seen with 2.0).
"""

from __future__ import annotations

import json
from typing import Any

import h5py
import numpy as np


def put(item: h5py.Group | h5py.Dataset, **values: Any) -> None:
    """Set attributes: numbers, text and lists of text as they are, everything else as JSON."""
    for name, value in values.items():
        if getattr(value, "shape", None) == ():
            value = value.item()
        if isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**64):
            item.attrs[name] = value
        elif isinstance(value, list) and value and all(isinstance(v, str) for v in value):
            _put_text(item, name, [clean(v).encode() for v in value])
        else:
            text = value if isinstance(value, str) else to_json(value)
            _put_text(item, name, clean(text).encode())


def plain(value: Any) -> Any:
    """An attribute as plain Python: a number, text, or a list of them."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def to_json(value: Any) -> str:
    """JSON text; what is of numpy or torch becomes numbers."""
    return json.dumps(value, ensure_ascii=False, default=_listed)


def clean(text: str) -> str:
    """Text without what HDF5 cannot hold: NUL, and the half characters that file names may have."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _put_text(item: h5py.Group | h5py.Dataset, name: str, text: bytes | list[bytes]) -> None:
    longest = len(text) if isinstance(text, bytes) else max(map(len, text))
    kind = h5py.string_dtype("utf-8", max(1, longest))
    item.attrs.create(name, np.array(text), dtype=kind)


def _listed(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
