"""Attributes as they are written and read."""

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
        elif isinstance(value, list) and all(isinstance(v, str) for v in value):
            item.attrs.create(name, value, dtype=h5py.string_dtype())
        else:
            if not isinstance(value, str):
                value = json.dumps(value, ensure_ascii=False, default=_listed)
            item.attrs[name] = clean(value)


def plain(value: Any) -> Any:
    """An attribute as plain Python: a number, text, or a list of them."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, str):  # bytes that are no text come as halves of characters
        return value.encode("utf-8", "replace").decode()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def clean(text: str) -> str:
    """Text without what HDF5 cannot hold: NUL, and the half characters that file names may have."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _listed(value: Any) -> Any:
    """Numbers of numpy or torch, for JSON."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
