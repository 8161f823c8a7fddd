"""Reading HDF5 that may be damaged or hostile: nothing outside the file is opened, no size in it
is believed, and whatever is wrong becomes one sentence."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil

from engines.problem import ArraySpec, ScalarSpec
from workbench.heaps import obstacle
from workbench.records.attributes import plain
from workbench.records.info import SCHEMA, RecordError
from workbench.records.live import Still
from workbench.records.writing import BARE

# gzip packs at most 1032 to 1; a data set that claims far more than lies in the file is a trap.
BELIEVED = 2000
HARMLESS = 64 * 2**20


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """A record, or one that is being written, for reading; every fault is a RecordError."""
    path = Path(path)
    with ExitStack() as held:
        try:
            file = _open(path, held)
        except Exception as error:  # HDF5 reports damage in every type of exception there is
            raise RecordError(_why_not(path, error), getattr(error, "errno", None)) from error
        try:
            with path.open("rb") as stream:
                found = obstacle(stream, file)
            if found:
                raise RecordError(
                    f"{path.name} is damaged (its {found}); restore it from a copy or run again"
                )
            _check_schema(path, file)
            yield file
        except RecordError:
            raise
        except Exception as error:
            raise RecordError(
                f"{path.name} is damaged; restore it from a copy or run again"
            ) from error


def children(group: h5py.Group) -> Iterator[tuple[str, Any]]:
    """What lies in a group. Links to other places and files are passed over."""
    for name in group:
        if is_member(group, name):
            yield name, group[name]


def is_member(group: h5py.Group, name: str) -> bool:
    """Whether something of this name lies in the group itself."""
    link = name.encode("utf-8", "surrogateescape")
    return group.id.links.exists(link) and group.id.links.get_info(link).type == h5py.h5l.TYPE_HARD


def member(file: h5py.File, path: str) -> Any:
    """The group or data set at a path without links, None where there is none."""
    found: Any = file
    for name in path.strip("/").split("/"):
        if not isinstance(found, h5py.Group) or not is_member(found, name):
            return None
        found = found[name]
    return found


def values_of(data: h5py.Dataset, part: tuple[slice, ...] | None = None) -> np.ndarray:
    """Values of a data set or a part of it, after a look at where they lie and how many."""
    name = data.name.rsplit("/", 1)[-1]
    if data.is_virtual or data.external is not None:
        raise RecordError(f"{name} keeps its values in another file; they are not read")
    shape = data.shape or ()
    if part is not None:
        shape = tuple(len(range(*s.indices(n))) for s, n in zip(part, shape, strict=True))
    # A single value costs the whole chunk it lies in.
    taken = max(math.prod(shape), math.prod(data.chunks or (0,))) * data.dtype.itemsize
    if taken > max(HARMLESS, BELIEVED * data.id.get_storage_size()):
        raise RecordError(
            f"{name} claims {taken} bytes that its file does not hold; it is not read"
        )
    if taken > (free := psutil.virtual_memory().available):
        raise RecordError(f"{name} needs {taken} bytes of memory and {free} are free; read a part")
    return np.asarray(data[() if part is None else part])


class Stored:
    """A Problem or Result as it lies in a file, with the same two functions to go through it."""

    def __init__(self, group: h5py.Group | None) -> None:
        self._group = group

    def arrays(self) -> Iterator[tuple[str, h5py.Dataset, tuple[str, ...], ArraySpec]]:
        """Name, data set, axis names and declaration of every array."""
        for name, data in children(self._group) if self._group else ():
            if not isinstance(data, h5py.Dataset) or is_bare(data):
                continue
            dims, help, unit = (
                str(plain(data.attrs.get(key, ""))) for key in ("dims", "long_name", "units")
            )
            names = tuple(dims.split())
            yield name, data, names, ArraySpec(names, help, unit)

    def scalars(self) -> Iterator[tuple[str, Any, ScalarSpec]]:
        """Name, value and unit of every number or word."""
        held = self._group.attrs if self._group else {}
        units = {f"{name}_units" for name in held}
        for name in held:
            if name != "NX_class" and name not in units:
                unit = str(plain(held.get(f"{name}_units", "")))
                yield name, plain(held[name]), ScalarSpec("", unit)


def is_bare(data: h5py.Dataset) -> bool:
    """Whether a data set is only the name and length of a dimension."""
    return str(plain(data.attrs.get("NAME", ""))).startswith(BARE)


def _open(path: Path, held: ExitStack) -> h5py.File:
    if path.suffix == ".part":
        return held.enter_context(h5py.File(held.enter_context(Still(path)), "r"))
    try:
        return held.enter_context(h5py.File(path, "r", locking=False))
    except OSError as error:
        if "locking flag" not in str(error):
            raise
        # This process has it open already, with locks, say in a notebook: HDF5 wants the same.
        return held.enter_context(h5py.File(path, "r"))


def _check_schema(path: Path, file: h5py.File) -> None:
    schema = plain(file.attrs.get("schema"))
    if not isinstance(schema, int) or "method" not in file.attrs:
        raise RecordError(f"{path.name} is not a record of this program; open it as data instead")
    if schema > SCHEMA:
        raise RecordError(
            f"{path.name} was written by a newer version (schema {schema}, this one reads up to "
            f"{SCHEMA}); update the program"
        )


def _why_not(path: Path, error: Exception) -> str:
    if not path.exists():
        return f"{path} does not exist; choose another file"
    if path.is_dir():
        return f"{path} is a folder; it must be a record (.h5); choose one in it"
    if not os.access(path, os.R_OK):
        return f"{path} may not be read; change its rights or choose another file"
    if "signature not found" in str(error):
        return f"{path.name} is not an HDF5 file; choose a record (.h5)"
    if "truncated" in str(error):
        return f"{path.name} is cut off; copy it again from where it came"
    return f"{path.name} cannot be opened: it is no whole HDF5 file; copy it again or run again"
