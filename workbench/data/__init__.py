"""Data from files and built-in samples, by reference: `PATH`, `PATH::PART` or `sample:NAME`,
each with steps last, where some are to be done: `PATH::PART::sample=500:seed=1,standardise`.

PART is a data set (HDF5, .npz, .mat, .safetensors), columns by name or number from 0 (`x,y`, text
tables), a page (`3`, `*` for all; TIFF), a picture of a folder (its file name, `*` for all), or
`vertices`, `faces`, `normals`, `colours` of a mesh. How a table is read can be said behind its
columns, or alone: `PATH::x,y::decimal=comma,skip=3` (see table_options.py). Steps draw rows,
standardise and crop, in the order in which they stand (see steps.py). Files are taken as hostile:
nothing in them runs, what they name elsewhere is not followed, sizes are judged before memory is
taken, and a refusal says why in one sentence.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

import numpy as np

from workbench.data import (
    folders,
    hdf5,
    images,
    matlab,
    meshes,
    numpy_files,
    previews,
    sources,
    steps,
    tables,
    tensors,
    tiff,
)
from workbench.data.base import (
    SLAB,
    Array,
    BadData,
    Budget,
    CsvDialect,
    Kind,
    Limits,
    Part,
    Preview,
    Raw,
    Sample,
    fault,
    listed,
    quoted,
)
from workbench.data.samples import samples

__all__ = [
    "Array",
    "BadData",
    "CsvDialect",
    "Kind",
    "Limits",
    "Part",
    "Preview",
    "Sample",
    "faces_of",
    "fingerprint",
    "load",
    "parts",
    "preview",
    "samples",
    "table_head",
]

LIMITS = Limits()
SAMPLE = "sample:"
READERS = {
    "npy": numpy_files,
    "npz": numpy_files,
    "hdf5": hdf5,
    "mat73": hdf5,
    "mat5": matlab,
    "png": images,
    "jpeg": images,
    "tiff": tiff,
    "safetensors": tensors,
    **dict.fromkeys(meshes.READERS, meshes),
    "text": tables,
}
CROPPING = {"npy": numpy_files, "npz": numpy_files, "hdf5": hdf5, "tiff": tiff}
SAMPLE_DIMS = {"points": ("point", "axis"), "image": ("y", "x"), "stack": ("page", "y", "x")}
PLAIN_DIMS = {1: ("row",), 2: ("row", "column")}

T = TypeVar("T")
Check = Callable[[], None]


def load(reference: str, *, limits: Limits = LIMITS, check: Check | None = None) -> Array:
    """The array that a reference names.

    Without PART the only array is taken, else the default of a NeXus file, else the largest; all
    columns of numbers of a table; all pages of a stack. `check` is called every few milliseconds
    and may raise to stop the load.
    """
    return _guarded(reference, limits, check, _load)[0]


def parts(
    reference: str, *, limits: Limits = LIMITS, check: Check | None = None
) -> tuple[Part, ...]:
    """What can be loaded from a file, without reading its values."""
    return _guarded(reference, limits, check, _parts)


def preview(reference: str, *, limits: Limits = LIMITS, check: Check | None = None) -> Preview:
    """Facts about an array for people, and a small version of it."""
    array, dialect = _guarded(reference, limits, check, _load)
    base = steps.divided(reference)[0]
    sample = samples().get(base.removeprefix(SAMPLE)) if _is_sample(base) else None
    faces = None
    if array.dims == ("vertex", "axis") and (beside := faces_of(reference, limits=limits)):
        faces = load(beside, limits=limits, check=check).values
    return previews.preview_of(array, dialect, sample.kind if sample else None, faces)


def faces_of(reference: str, *, limits: Limits = LIMITS, check: Check | None = None) -> str | None:
    """The triangles that lie beside some vertices: the part `faces` of their file, or nothing.

    They name every vertex, so steps that take rows away are refused.
    """
    return _guarded(reference, limits, check, _faces_of)


def table_head(
    reference: str, most: int = 50, *, limits: Limits = LIMITS, check: Check | None = None
) -> tables.Head:
    """The first rows of a table and how it is understood; no other format has such."""
    return _guarded(reference, limits, check, lambda r, budget: _head(r, most, budget))


def fingerprint(values: np.ndarray, tick: Check = lambda: None) -> str:
    """SHA-256 of type, shape and values: equal arrays have equal fingerprints."""
    digest = hashlib.sha256(f"{values.dtype.str}{values.shape}".encode())
    data = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
    for start in range(0, len(data), SLAB):
        tick()
        digest.update(data[start : start + SLAB])
    return digest.hexdigest()


def _is_sample(reference: str) -> bool:
    return reference.startswith(SAMPLE)


def _guarded(
    reference: str, limits: Limits, check: Check | None, work: Callable[[str, Budget], T]
) -> T:
    """Do the work; whatever a file makes a library raise comes out as BadData."""
    budget = Budget(limits, check)
    try:
        done = work(reference, budget)
        failure: BaseException | None = None
    except Exception as error:  # on damaged files libraries raise anything there is
        failure = error
    failure = budget.stopped or failure  # a library may have swallowed a request to stop
    if failure is None:
        return done
    title = quoted(PurePath(sources.split(reference)[0]).name or reference, 80)
    if isinstance(failure, BadData):
        raise BadData(f"{title}: {failure}") from failure
    if failure is budget.stopped:
        raise failure
    if isinstance(failure, MemoryError):
        raise BadData(f"{title}: there is not enough memory; load a part of it") from failure
    raise BadData(
        f"{title}: {fault(failure)}; it is damaged or unusual; "
        "get it again or save it in another format"
    ) from failure


def _load(reference: str, budget: Budget) -> tuple[Array, CsvDialect | None]:
    base, text = steps.divided(reference)
    todo = steps.asked(text)
    try:
        raw, full, left = _read(base, todo, budget)
    except BadData as error:
        raise BadData(f"{error}{steps.hint(base)}") from error
    raw = steps.freed(raw, todo)
    return _finished(raw, left, steps.joined(full, todo), budget), raw.dialect


def _read(
    base: str, todo: tuple[steps.Step, ...], budget: Budget
) -> tuple[Raw, str, tuple[steps.Step, ...]]:
    """An array before its steps, its full reference, and those of the steps that are still to do.

    Readers that can leave out what lies outside a crop do so.
    """
    if _is_sample(base):
        sample = _sample(base)
        dims = sample.dims or SAMPLE_DIMS.get(sample.kind, ())
        return Raw(sample.make(), sample.name, dims), base, todo
    path, part = sources.split(base)
    if os.path.isdir(path):
        raw = folders.read(path, part, budget)
        return raw, f"{path}::{raw.part}", todo
    with sources.opened(path, budget) as source:
        if source.format in CROPPING and todo and isinstance(todo[0], steps.Crop):
            raw = CROPPING[source.format].read(source, part, budget, todo[0])
            raw, todo = steps.unchannelled(raw), todo[1:]
        else:
            raw = READERS[source.format].read(source, part, budget)
    return raw, f"{path}::{raw.part}" if raw.part else path, todo


def _faces_of(reference: str, budget: Budget) -> str | None:
    base, text = steps.divided(reference)
    if _is_sample(base):
        sample = samples().get(base.removeprefix(SAMPLE))
        found = f"{SAMPLE}{sample.faces}" if sample and sample.faces else None
    else:
        path, part = sources.split(base)
        beside = f"{part.rpartition('/')[0]}/faces".lstrip("/")
        named = [p.name for p in _parts(path, budget) if p.name.lstrip("/") == beside]
        found = f"{path}::{named[0]}" if named and part.lstrip("/") != beside else None
    if found:
        steps.refuse_dropped(steps.asked(text))
    return found


def _parts(reference: str, budget: Budget) -> tuple[Part, ...]:
    if _is_sample(reference):
        sample = _sample(steps.divided(reference)[0])
        values = sample.make()
        return (Part("", values.shape, values.dtype.name, sample.title),)
    path = sources.split(reference)[0]
    if os.path.isdir(path):
        return folders.parts(path, budget)
    with sources.opened(path, budget) as source:
        return READERS[source.format].parts(source, budget)


def _head(reference: str, most: int, budget: Budget) -> tables.Head:
    path, part = sources.split(steps.divided(reference)[0])
    with sources.opened(path, budget) as source:
        if source.format != "text":
            raise BadData("it is not a table of text; only such a table has import options")
        return tables.head(source, part, most)


def _sample(reference: str) -> Sample:
    known = samples()
    name, _, part = reference.removeprefix(SAMPLE).partition("::")
    if name not in known:
        raise BadData(f"there is no sample {quoted(name)}; there are {listed(list(known))}")
    if part:
        raise BadData(f"a sample has no part {quoted(part)}; leave out '::' and it")
    return known[name]


def _finished(raw: Raw, left: tuple[steps.Step, ...], reference: str, budget: Budget) -> Array:
    """Values after the steps that are left, with their hash.

    They have this machine's byte order and a type that every library knows.
    """
    values = raw.values
    if values.size == 0:
        raise BadData("it holds no values; choose another part or file")
    if values.dtype.kind not in "biuf":
        raise BadData(
            f"its values are of type {values.dtype}; they must be real numbers; save those"
        )
    general = PLAIN_DIMS.get(values.ndim) or tuple(f"axis{k}" for k in range(values.ndim))
    raw = steps.applied(replace(raw, dims=raw.dims or general), left, budget)
    values = raw.values
    dtype = values.dtype.newbyteorder("=")
    if dtype.kind == "f" and dtype.itemsize > 8:
        dtype = np.dtype(np.float64)
    values = np.ascontiguousarray(values, dtype).reshape(values.shape)
    values.flags.writeable = False
    digest = fingerprint(values, budget.tick)
    return Array(values, raw.name, raw.dims, raw.unit, reference, digest, raw.top_down, raw.notes)
