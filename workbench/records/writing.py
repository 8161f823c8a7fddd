"""Writing a file that is either complete or not there, whatever happens to disk and process."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np

from engines.problem import ArraySpec, ScalarSpec
from workbench.records.attributes import clean, put
from workbench.records.info import RecordError
from workbench.records.process import this_process
from workbench.records.sink import Sink

# Smaller arrays are kept in one piece: a chunk index would cost more than it saves.
SMALL = 64 * 2**10
# A chunk is also the most that is compressed, or held a second time, at once.
CHUNK = 2**20
# gzip that does not get below this share is not worth its time (noise: 8 times slower, 14 % less).
WORTH = 0.8
# A dimension that has a name and a length but no values, as netCDF-4 marks it.
BARE = "This is a netCDF dimension but not a netCDF variable."

# The format of HDF5 1.8: read by every program since, and its structures carry checksums. Without
# them (the default) HDF5 runs into segmentation faults on damaged files; with them it says so.
CHECKED = ("v108", "v108")

Arrays = Iterable[tuple[str, Any, tuple[str, ...], ArraySpec]]


class HasArrays(Protocol):
    """A Problem, a Result, or one of them as it lies in a file."""

    def arrays(self) -> Arrays:
        """Name, values, axis names and declaration of every array."""

    def scalars(self) -> Iterable[tuple[str, Any, ScalarSpec]]:
        """Name, value and declaration of every number or word."""


class Output:
    """A record being written: the open file, and how arrays get into it."""

    def __init__(self, sink: Sink, file: h5py.File) -> None:
        self._sink = sink
        self.file = file

    def described(self, group: h5py.Group, what: HasArrays, largest: float = math.inf) -> None:
        """Scalars as attributes, arrays as data sets; larger arrays are only named."""
        for name, value, scalar in what.scalars():
            if value is not None:
                put(group, **{name: value})
                if scalar.unit:
                    put(group, **{f"{name}_units": scalar.unit})
        held, large = [], {}
        for name, values, dims, spec in what.arrays():
            if values.nbytes <= largest:
                held.append((name, values, dims, spec))
            else:
                large[name] = f"{' × '.join(map(str, values.shape))} {values.dtype}"
        self.arrays(group, held)
        if large:
            put(group, referenced=large)

    def arrays(self, group: h5py.Group, arrays: Arrays) -> None:
        """Data sets with units, long_name and dimension scales; coordinates are their own scale."""
        written = []
        for name, values, dims, spec in arrays:
            data = self.array(group, name, values)
            put(data, dims=" ".join(dims), units=spec.unit, long_name=spec.help)
            written.append((name, data, dims))
        scales: dict[str, h5py.Dataset] = {}
        for name, data, dims in written:
            if dims == (name,):
                data.make_scale(name)
                scales[name] = data
        for name, data, dims in written:
            for i, dim in enumerate(dims if dims != (name,) else ()):
                # xarray knows no array with the same dimension twice, so the second has a number.
                own = f"{dim}_{dims[:i].count(dim) + 1}" if dim in dims[:i] else dim
                if own not in scales:
                    scales[own] = _bare_scale(group, own, data.shape[i])
                data.dims[i].attach_scale(scales[own])

    def array(self, group: h5py.Group, name: str, values: Any) -> h5py.Dataset:
        """One data set; a large one in chunks, compressed where that saves something."""
        if values.nbytes < SMALL:
            data = group.create_dataset(name, data=values[()])
            self._sink.check()
            return data
        chunk = block(values.shape, CHUNK // values.dtype.itemsize)
        packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
        if not _shrinks(values, chunk):
            packed = {}
        data = group.create_dataset(name, values.shape, values.dtype, chunks=chunk, **packed)
        for place in data.iter_chunks():
            data[place] = values[place]
            self._sink.check()  # a full disk ends the work at once
        return data


@contextmanager
def written(
    path: Path, *, overwrite: bool = False, changed: bool = False, libver: Any = CHECKED
) -> Iterator[Output]:
    """A new HDF5 file that takes its place at `path` only when it is complete and on the disk.

    With `changed` it starts as a copy of the one that is there.
    """
    temporary = path.with_name(f"{path.name}.{this_process().tag}.tmp")
    refuse_existing(path, overwrite)
    try:
        sink = Sink(temporary)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        if changed:
            sink.copy(path)
        try:
            with h5py.File(sink, "r+" if changed else "w", libver=libver) as file:
                yield Output(sink, file)
        finally:
            sink.check()
        sink.sync()
        sink.close()
        refuse_existing(path, overwrite)
        os.replace(temporary, path)
    except RecordError:
        raise
    except OSError as error:
        raise unwritable(path, error) from error
    except (KeyError, RuntimeError) as error:
        if not changed:
            raise
        raise RecordError(  # reading did not come across the damage
            f"{path.name} is damaged; restore it from a copy or run again"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            sink.close()
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Nothing is overwritten unless it was asked for."""
    if not overwrite and path.exists():
        raise RecordError(
            f"{path} exists already; choose another name, or ask to overwrite it", errno.EEXIST
        )


def unwritable(path: Path, error: OSError) -> RecordError:
    """The sentence for a place that cannot be written to."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return RecordError(f"{path} could not be written: {reason}; choose another place", error.errno)


def free_name(group: h5py.Group, text: str) -> str:
    """A name that HDF5 takes and that is not in use in the group, as near to `text` as can be."""
    name = clean(text).replace("/", "∕")
    name = "_" if name in ("", ".") else name
    number = 1
    while (free := f"{name} {number}" if number > 1 else name) in group:
        number += 1
    return free


def block(shape: tuple[int, ...], budget: int) -> tuple[int, ...]:
    """The largest block of at most `budget` values that is whole in the last axes."""
    sides = []
    for n in reversed(shape):
        side = max(1, min(n, budget))
        sides.append(side)
        budget //= side
    return tuple(reversed(sides))


def _bare_scale(group: h5py.Group, dim: str, length: int) -> h5py.Dataset:
    name = dim if dim not in group else f"{dim}_axis"
    scale = group.create_dataset(name, (length,), "i1")  # never written, so it takes no space
    scale.make_scale(f"{BARE}{length:10d}")
    return scale


def _shrinks(values: Any, chunk: tuple[int, ...]) -> bool:
    """Whether gzip is worth its time, judged by a block in the middle."""
    middle = tuple(slice((n - c) // 2, (n - c) // 2 + c) for n, c in zip(values.shape, chunk))
    raw = np.ascontiguousarray(values[middle])
    shuffled = raw.view(np.uint8).reshape(-1, raw.dtype.itemsize).T.tobytes()
    return len(zlib.compress(shuffled, 1)) < WORTH * len(shuffled)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
