"""NumPy's own files: one array (.npy) or a zip archive of several (.npz). Never unpickles."""

from __future__ import annotations

import ast
import math
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np

from workbench.data.base import BadData, Budget, Part, Raw, choose, listed, quoted, size_text
from workbench.data.sources import Source
from workbench.data.steps import Crop, sizes, window_of

PIECE = 1 << 20
LONGEST_HEADER = 10_000  # numpy's own bound; a plain array needs about a hundred bytes
NUMBERS = re.compile(r"[<>=|]?[biuf]\d{1,2}")


@dataclass(frozen=True)
class Header:
    """What stands before the values of an array."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool

    @property
    def nbytes(self) -> int:
        """Bytes that the values take."""
        return math.prod(self.shape) * self.dtype.itemsize


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """The array of a .npy file, or those of a .npz archive that hold real numbers."""
    if source.format == "npy":
        header = _header(source.stream)
        return (Part("", header.shape, header.dtype.name),)
    with _archive(source) as archive:
        return tuple(_numeric_members(archive, budget))


def read(source: Source, part: str, budget: Budget, crop: Crop | None = None) -> Raw:
    """The values of the file, or of one member of the archive.

    Of what is cropped only the range along the axis that changes slowest is read.
    """
    if source.format == "npy":
        if part:
            raise BadData(f"it holds one array and no part {quoted(part)}; leave out '::' and it")
        header = _header(source.stream)
        room = source.size - source.stream.tell()
        return Raw(_values(source.stream, header, room, budget, crop), source.name)
    with _archive(source) as archive:
        name = part or choose(list(_numeric_members(archive, budget)))
        member = _member(archive, name)
        with archive.open(member) as stream:
            header = _header(stream)
            room = member.file_size - stream.tell()
            values = _values(stream, header, room, budget, crop)
    return Raw(values, name, part=name)


@contextmanager
def _archive(source: Source) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source.stream)
    except zipfile.BadZipFile as error:
        raise BadData(f"the archive is damaged ({error}); get the file again") from error
    with archive:
        names = archive.namelist()
        if any(n.startswith("xl/") for n in names):
            raise BadData("this is a spreadsheet, which is not read here; save the sheet as CSV")
        if any(n.endswith("/data.pkl") for n in names):
            raise BadData(
                "this is a PyTorch file, and the pickle in it can run programs; "
                "save its tensors with safetensors"
            )
        if not any(n.endswith(".npy") for n in names):
            raise BadData("the archive holds no NumPy arrays; unpack it and load a file in it")
        yield archive


def _numeric_members(archive: zipfile.ZipFile, budget: Budget) -> Iterator[Part]:
    for member in archive.infolist():
        budget.tick()
        if not member.filename.endswith(".npy"):
            continue
        name = member.filename.removesuffix(".npy")
        try:
            with archive.open(_member(archive, name)) as stream:
                header = _header(stream)
        except BadData:
            continue  # it is refused with its reason when somebody asks for it by name
        if math.prod(header.shape):
            yield Part(name, header.shape, header.dtype.name)


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
        raise BadData(f"it has no array {quoted(name)}; it has {listed(names)}") from None
    if member.flag_bits & 1:
        raise BadData(f"{quoted(name)} is encrypted; save the archive without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile bounds what it inflates for these two only
        raise BadData(
            f"{quoted(name)} is packed in an unusual way; write it with numpy.savez_compressed"
        )
    return member


def _header(stream: IO[bytes]) -> Header:
    """Read and judge a header. Ours, since numpy's takes memory for a length before checking it."""
    if stream.read(6) != b"\x93NUMPY":
        raise BadData("an array does not start with the NumPy mark; save it with numpy.save")
    major = stream.read(2)[:1]
    length = int.from_bytes(stream.read(2 if major == b"\1" else 4), "little")
    if length > LONGEST_HEADER:
        raise BadData(
            f"the NumPy header claims {size_text(length)}; it must be at most {LONGEST_HEADER} "
            "bytes; save the numbers alone with numpy.save"
        )
    try:
        fields = ast.literal_eval(stream.read(length).decode("latin-1").strip())
        shape, descr, fortran = fields["shape"], fields["descr"], fields["fortran_order"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError) as error:
        raise BadData("the NumPy header is damaged; get the file again") from error
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise BadData(f"the NumPy header gives the shape {quoted(shape)}; get the file again")
    return Header(shape, _dtype(descr), bool(fortran))


def _dtype(descr: object) -> np.dtype:
    if not isinstance(descr, str):
        raise BadData("it is a structured array; save each of its fields as an array of its own")
    if re.fullmatch(r"[<>=|]?O\d?", descr):
        raise BadData(
            "it is a pickled object array, and pickles can run programs, so it is not opened; "
            "save plain numbers with numpy.save"
        )
    if not NUMBERS.fullmatch(descr):
        raise BadData(f"its values are of type {quoted(descr)}; save real numbers instead")
    try:
        return np.dtype(descr)
    except TypeError as error:
        raise BadData(
            f"its values are of the unknown type {quoted(descr)}; save real numbers"
        ) from error


def _values(
    stream: IO[bytes], header: Header, room: int, budget: Budget, crop: Crop | None
) -> np.ndarray:
    window = list(window_of(header.shape, crop))
    shape, before = list(header.shape), 0
    if crop:
        slowest = len(shape) - 1 if header.fortran else 0
        shape[slowest] = sizes(window)[slowest]
        before = header.nbytes // header.shape[slowest] * window[slowest].start
        window[slowest] = slice(None)
    budget.claim(shape, header.dtype.itemsize)
    if header.nbytes > room:
        raise BadData(
            f"the header promises {size_text(header.nbytes)} of values, the file holds "
            f"{size_text(room)}; it was cut off; get it again"
        )
    stream.seek(before, os.SEEK_CUR)
    flat = np.empty(math.prod(shape), header.dtype)
    target = flat.view(np.uint8).data
    done = 0
    while done < flat.nbytes:
        budget.tick()
        piece = stream.read(min(PIECE, flat.nbytes - done))
        if not piece:
            raise BadData(f"the values end after {size_text(done)}; get the file again")
        target[done : done + len(piece)] = piece
        done += len(piece)
    values = flat.reshape(shape, order="F" if header.fortran else "C")
    return values[tuple(window)] if crop else values
