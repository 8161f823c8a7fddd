"""The inside of a record as an inspector shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from workbench.records.attributes import plain
from workbench.records.info import RecordError
from workbench.records.safe import is_bare, is_member, member, opened, values_of
from workbench.records.writing import block

# Longer attributes are cut in the summary.
SHOWN = 200
# Bookkeeping of dimension scales that says nothing to a reader.
HIDDEN = ("DIMENSION_LIST", "REFERENCE_LIST")


@dataclass(frozen=True)
class Node:
    """A group, a data set, or a link (which is not followed)."""

    path: str
    kind: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


def tree(path: Path) -> list[Node]:
    """Everything in a record, each group followed by what lies in it."""
    with opened(path) as file:
        return list(_nodes(file, "/", set()))


def node_values(path: Path, node: str, max_elements: int) -> np.ndarray:
    """The first values of a data set: all of it, or a block that is whole in its last axes."""
    with opened(path) as file:
        data = member(file, node)
        if not isinstance(data, h5py.Dataset):
            raise RecordError(f"{Path(path).name} has no data set {node}; choose one that it has")
        return values_of(data, tuple(slice(n) for n in block(data.shape, max_elements)))


def _nodes(item: Any, path: str, seen: set[Any]) -> Iterator[Node]:
    about = {name: _summary(item.attrs, name) for name in item.attrs if name not in HIDDEN}
    if isinstance(item, h5py.Dataset):
        if not is_bare(item):
            yield Node(path, "dataset", item.shape or (), str(item.dtype), about)
        return
    yield Node(path, "group", attributes=about)
    if not isinstance(item, h5py.Group) or item in seen:
        return  # a group may hold itself
    seen.add(item)
    for name in item:
        below = f"{path.rstrip('/')}/{name}"
        if is_member(item, name):
            yield from _nodes(item[name], below, seen)
        else:
            yield Node(below, "link")


def _summary(attributes: h5py.AttributeManager, name: str) -> str:
    try:
        text = str(plain(attributes[name]))
    except (OSError, TypeError, ValueError):
        return "(of a type that is not shown)"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
