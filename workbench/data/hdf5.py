"""HDF5, and with it NetCDF-4, NeXus and MATLAB 7.3: its tree, and one data set read in slabs.

Links are followed by hand, one name at a time, so that none leads out of the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from workbench.data.base import (
    DEFLATE_RATIO,
    BadData,
    Budget,
    Part,
    Raw,
    choose,
    inflated,
    quoted,
    slabs,
)
from workbench.data.sources import Source
from workbench.data.steps import Crop, Window, sizes, window_of
from workbench.heaps import obstacle

MOST_OBJECTS = 20_000  # looked at in one file; walking them takes seconds
MOST_HOPS = 16  # soft links in a row; the HDF5 library has the same bound
DEFLATE = 1
# The most that one byte can become: deflate, LZF, and LZ4 for the filters of plug-ins.
GROWTH = {DEFLATE: DEFLATE_RATIO, 32000: 100}
GROWTH_OF_OTHERS = 255
REARRANGING = (2, 3, 5, 6)  # shuffle, checksum, n-bit and scale-offset never grow without bound


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """Every data set of real numbers that is not empty and lies in this file."""
    with _file(source) as file:
        found = list(_numeric(file, budget))
        default = _default(file, found)
        matlab = source.format == "mat73"
        return tuple(_part(name, data, name == default, matlab) for name, data in found)


def read(source: Source, part: str, budget: Budget, crop: Crop | None = None) -> Raw:
    """The data set `part`, else the NeXus default, the only or the largest one.

    Of what is cropped no more is read than lies within; MATLAB's axes are turned, so not there.
    """
    with _file(source) as file:
        if not part:
            found = list(_numeric(file, budget))
            matlab = source.format == "mat73"
            part = _default(file, found) or choose([_part(n, d, False, matlab) for n, d in found])
        data = _at(file, part)
        if isinstance(data, h5py.Group):  # a group may have a default of its own
            inner = _text(data, "signal")
            if not inner:
                raise BadData(f"{quoted(part)} is a group; name a data set in it")
            part = f"{part.rstrip('/')}/{inner}"
            data = _at(file, part)
        refusal = _refusal(data)
        if refusal:
            raise BadData(f"{quoted(part)} {refusal}")
        dims = _dims(file, part, data) if source.format == "hdf5" else ()
        window = window_of(data.shape, crop, dims)
        _guard(data, window, budget)
        name = part.rstrip("/").rpartition("/")[2]
        unit = _text(data, "units")
        if source.format == "mat73":
            values = _values(data, window, budget).T
            return Raw(values.reshape(vector_shape(values.shape)), name, unit=unit, part=part)
        return Raw(_values(data, window, budget), name, dims, unit, part)


def vector_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """MATLAB has no vectors; a matrix of one row or one column is meant as one."""
    return (math.prod(shape),) if len(shape) == 2 and 1 in shape else shape


@contextmanager
def _file(source: Source) -> Iterator[h5py.File]:
    try:
        file = _opened(source)
    except OSError as error:
        raise BadData(
            f"the HDF5 file cannot be opened ({error}); it is damaged, cut off or still being "
            "written; close the program that writes it or get the file again"
        ) from error
    with file:
        if found := obstacle(source.stream, file):
            raise BadData(f"its {found} is damaged; get the file again")
        yield file


def _opened(source: Source) -> h5py.File:
    """Open without locks, so that nobody is in the way."""
    try:
        return h5py.File(source.path, "r", locking=False)
    except OSError as error:
        if "locking flag" not in str(error):
            raise
        return h5py.File(source.path, "r")  # this process has it open with locks already


def _at(file: h5py.File, path: str) -> Any:
    """The object at a path; soft links inside the file are followed, no others."""
    here, names, hops = file, path.split("/"), 0
    while names:
        name = names.pop(0)
        if name in ("", "."):
            continue
        try:
            link = here.id.links.get_info(name.encode())
        except (AttributeError, KeyError, RuntimeError, ValueError):
            raise BadData(f"there is no {quoted(path)} in it; choose one of its parts") from None
        if link.type == h5py.h5l.TYPE_SOFT and hops < MOST_HOPS:
            target = here.id.links.get_val(name.encode()).decode()
            names = [*target.split("/"), *names]
            here = file if target.startswith("/") else here
            hops += 1
        elif link.type == h5py.h5l.TYPE_HARD:
            here = here[name]
        else:
            kind = "goes in a circle" if link.type == h5py.h5l.TYPE_SOFT else "leads out of it"
            raise BadData(f"{quoted(path)} is a link that {kind}; open the file with the data")
    return here


def _numeric(file: h5py.File, budget: Budget) -> Iterator[tuple[str, h5py.Dataset]]:
    """Data sets worth offering, by way of hard links; scales are axes and no data."""
    waiting: list[tuple[str, Any]] = [("", file)]
    seen: set[int] = set()
    while waiting:
        budget.tick()
        path, here = waiting.pop()
        address = h5py.h5o.get_info(here.id).addr
        if address in seen:
            continue
        seen.add(address)
        if len(seen) > MOST_OBJECTS:
            raise BadData(f"it holds more than {MOST_OBJECTS} objects; name one behind '::'")
        if isinstance(here, h5py.Group):
            names = [n for n in here if not n.startswith("#") and n.isprintable()]
            links = [n for n in names if _is_hard(here, n)]
            waiting.extend((f"{path}/{n}", here[n]) for n in reversed(links))
        elif not _refusal(here) and _text(here, "CLASS") != "DIMENSION_SCALE":
            yield path, here


def _is_hard(group: h5py.Group, name: str) -> bool:
    return group.id.links.get_info(name.encode()).type == h5py.h5l.TYPE_HARD


def _part(path: str, data: h5py.Dataset, default: bool, matlab: bool) -> Part:
    if matlab:
        return Part(path.lstrip("/"), vector_shape(data.shape[::-1]), data.dtype.name)
    unit = _text(data, "units")
    notes = [unit and f"in {unit}", default and "shown by default"]
    return Part(path, data.shape, data.dtype.name, ", ".join(n for n in notes if n))


def _default(file: h5py.File, found: list[tuple[str, h5py.Dataset]]) -> str:
    """The path of the signal that NeXus shows first: by `default` attributes, or the only one."""
    path, here = "", file
    for _ in range(MOST_HOPS):
        step = _text(here, "default")
        if not step:
            break
        path = step if step.startswith("/") else f"{path}/{step}"
        here = _at(file, path)
    if isinstance(here, h5py.Dataset):
        return path
    owners = [path] if path else sorted({name.rpartition("/")[0] for name, _ in found})
    signals = [f"{owner}/{name}" for owner in owners if (name := _text(_at(file, owner), "signal"))]
    return signals[0] if len(signals) == 1 else ""


def _text(owner: Any, name: str) -> str:
    return "".join(_texts(owner, name)[:1])


def _texts(owner: Any, name: str) -> tuple[str, ...]:
    """A short text attribute; empty where it is absent, large or something else."""
    if name not in owner.attrs:
        return ()
    attribute = owner.attrs.get_id(name)
    is_text = h5py.check_string_dtype(attribute.dtype) is not None
    if attribute.shape is None or math.prod(attribute.shape) > 64 or not is_text:
        return ()
    values = np.atleast_1d(np.asarray(owner.attrs[name], dtype=object)).ravel()
    return tuple(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values)


def _refusal(data: Any) -> str:
    """Why an object cannot be loaded, or nothing."""
    if not isinstance(data, h5py.Dataset):
        return "is no data set; choose one of the parts"
    if data.shape is None or 0 in data.shape or "MATLAB_empty" in data.attrs:
        return "is empty; choose another part"
    if _text(data, "MATLAB_class") == "char" or data.dtype.kind not in "biuf":
        return f"holds values of type {quoted(data.dtype)}; choose a part with real numbers"
    if data.external:
        return "keeps its values in other files, which are not followed; repack it with h5repack"
    if data.is_virtual:
        return "is stitched from other data sets; open one of those instead"
    return ""


def _guard(data: h5py.Dataset, window: Window, budget: Budget) -> None:
    """Refuse sizes beyond the limit, also those that only show when a chunk is unpacked."""
    budget.claim(sizes(window), data.dtype.itemsize)
    if data.chunks is None:
        return
    budget.claim(data.chunks, data.dtype.itemsize)
    settings = data.id.get_create_plist()
    codes = [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]
    missing = [c for c in codes if not h5py.h5z.filter_avail(c)]
    if missing:
        raise BadData(f"it is packed by filter {missing[0]}, not known here; repack it with gzip")
    packing = [c for c in codes if c not in REARRANGING]
    if len(packing) > 1:
        raise BadData("it is packed more than once over; repack it with gzip alone")
    if packing:
        _guard_chunks(data, packing[0], codes.index(packing[0]), budget)


def _guard_chunks(data: h5py.Dataset, code: int, place: int, budget: Budget) -> None:
    """HDF5 inflates a chunk without bound; those that could pass the limit are tried first."""
    growth = GROWTH.get(code, GROWTH_OF_OTHERS)
    whole = math.prod(data.chunks) * data.dtype.itemsize
    suspects: list[Any] = []

    def look(chunk: Any) -> None:
        packed = not chunk.filter_mask >> place & 1
        if packed and chunk.size * growth > budget.limits.bytes:
            suspects.append(chunk)

    data.id.chunk_iter(look)
    for chunk in suspects:
        budget.tick()
        if code != DEFLATE or chunk.size > 2 * whole:
            raise BadData("its packed chunks are too large to be judged; repack it with h5repack")
        inflated(data.id.read_direct_chunk(chunk.chunk_offset)[1], whole)


def _values(data: h5py.Dataset, window: Window, budget: Budget) -> np.ndarray:
    values = np.empty(sizes(window), data.dtype)
    grain = data.chunks or (1,) * data.ndim
    for slab in slabs(values.shape, data.dtype.itemsize, grain):
        budget.tick()
        there = (slice(w.start + s.start, w.start + s.stop) for w, s in zip(window, slab))
        values[slab] = data[tuple(there)]
    return values


def _dims(file: h5py.File, path: str, data: h5py.Dataset) -> tuple[str, ...]:
    """Names of the axes: labels, dimension scales, or the `axes` of NXdata; none where unknown."""
    names = [dim.label or (len(dim) and dim[0].name) or "" for dim in data.dims]
    if not all(names):
        names = list(_texts(_at(file, path.rpartition("/")[0]), "axes"))
    known = [n.rpartition("/")[2] for n in names]
    return tuple(known) if len(set(known)) == data.ndim == len(known) and all(known) else ()
