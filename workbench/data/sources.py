"""References, files opened with care, and what a file holds by its first bytes."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workbench.data.base import BadData, Budget, quoted

FORMATS = (
    "CSV or TSV text, NumPy .npy and .npz, HDF5 (NetCDF-4, NeXus), MATLAB .mat, PNG, JPEG and TIFF "
    "and folders of them, OBJ, PLY, STL, OFF, PTS and XYZ, .safetensors"
)
PICTURES = ("png", "jpeg", "tiff")
HEAD = 1 << 16  # first bytes that tell the format; comments may stand above a mesh

# (offset, bytes there, format)
SIGNATURES = (
    (0, b"\x93NUMPY", "npy"),
    (0, b"PK\x03\x04", "npz"),
    (0, b"PK\x05\x06", "npz"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (124, b"\x00\x02IM", "mat73"),
    (124, b"\x02\x00MI", "mat73"),
    (124, b"\x00\x01IM", "mat5"),
    (124, b"\x01\x00MI", "mat5"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"ply\n", "ply"),
    (0, b"ply\r", "ply"),
    (0, b"\xef\xbb\xbf", "text"),
    (0, b"\xff\xfe", "text"),
    (0, b"\xfe\xff", "text"),
)

# Text that says so in its first lines: (pattern, format).
NUMBER = rb"[-+.0-9][-+.0-9eE]*"
TEXTS = tuple(
    (re.compile(pattern.replace(b"NUMBER", NUMBER)), name)
    for pattern, name in (
        (rb"(?i:\s*solid\b[^\n]*(?:\n\s*|[^\S\n])facet\s+normal\b)", "stl text"),
        (rb"(?:\s*#[^\n]*\n)*\s*(?:ST)?[CN4n]{0,4}OFF[ \t\r]*(?:[\n#]|\d|BINARY)", "off"),
        (
            rb"(?:\s*#[^\n]*\n|\s*(?:mtllib|usemtl|o|g|s|vt|vn)\b[^\n]*\n)*"
            rb"\s*v(?:[ \t]+NUMBER){3}",
            "obj",
        ),
        (
            rb"\d{1,12}[ \t\r]*\n(?:[^\n]*\n)?[ \t]*(?:[A-Za-z]\w*[ \t]+)?"
            rb"NUMBER(?:[ \t]+NUMBER){2}",
            "cloud",
        ),
    )
)
STL_HEADER, STL_TRIANGLE = 84, 50

# Files that people try although nothing here reads them: (first bytes, name, what to do).
STRANGERS = (
    (b"\x80\x02", "a Python pickle", "pickles can run programs; save the array with numpy.save"),
    (b"\x80\x03", "a Python pickle", "pickles can run programs; save the array with numpy.save"),
    (b"\x80\x04", "a Python pickle", "pickles can run programs; save the array with numpy.save"),
    (b"\x80\x05", "a Python pickle", "pickles can run programs; save the array with numpy.save"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh91AY", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"CDF\x01", "NetCDF-3", "convert it with `nccopy -k netCDF-4`"),
    (b"CDF\x02", "NetCDF-3", "convert it with `nccopy -k netCDF-4`"),
    (b"SIMPLE  =", "a FITS file", "save its array as .npy or HDF5"),
    (b"PAR1\x15", "a Parquet file", "save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "save it as CSV"),
    (b"%PDF", "a PDF", "save its picture as PNG"),
    (b"GIF8", "a GIF", "save it as PNG or a TIFF stack"),
    (b"RIFF", "a WebP picture or a sound", "save it as PNG or CSV"),
    (b"# vtk DataFile", "a VTK file", "save a mesh as PLY, values as CSV"),
    (b"<VTKFile", "a VTK file", "save a mesh as PLY, values as CSV"),
    (b"<?xml", "SVG or XML", "save a picture as PNG, a table as CSV"),
    (b"<svg", "SVG", "save it as PNG"),
    (b"<!", "HTML", "save its table as CSV"),
    (b"<html", "HTML", "save its table as CSV"),
    (b"{", "JSON", "save its numbers as CSV or .npy"),
)


@dataclass(frozen=True)
class Source:
    """An open file: where it is, what it holds, and its bytes (reading them looks at the clock)."""

    path: Path
    format: str
    stream: BinaryIO
    size: int

    @property
    def name(self) -> str:
        """The file's name without its ending, for an array that has none of its own."""
        return self.path.stem


class _Watched(io.FileIO):
    """A file whose every read asks the budget first, in pieces small enough to be stopped."""

    PIECE = 16 << 20

    def __init__(self, descriptor: int, budget: Budget) -> None:
        super().__init__(descriptor, "rb")
        self._budget = budget

    def readinto(self, buffer: Any, /) -> int:
        self._budget.tick()
        return super().readinto(memoryview(buffer)[: self.PIECE])


def split(reference: str) -> tuple[str, str]:
    """Path and part of a reference; a file whose own name contains `::` is found too."""
    places = [i for i in range(len(reference)) if reference.startswith("::", i)]
    for end in (len(reference), *places):
        if os.path.lexists(reference[:end]):
            return reference[:end], reference[end + 2 :]
    path, _, part = reference.partition("::")
    return path, part


@contextmanager
def opened(path: str, budget: Budget, strict: bool = True) -> Iterator[Source]:
    """Open a regular file that holds something, also by a link; pipes and devices are refused.

    A file of no known format is refused too, or has the format `""` where that is no fault.
    """
    try:
        descriptor = _descriptor(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadData(f"it cannot be opened: {reason}; check the path and its rights") from error
    raw = _Watched(descriptor, budget)
    with io.BufferedReader(raw, buffer_size=1 << 16) as stream:
        size = os.fstat(descriptor).st_size
        head = stream.read(HEAD)
        stream.seek(0)
        if not head:
            raise BadData("the file is empty; choose another file")
        try:
            name = content(head, size)
        except BadData:
            if strict:
                raise
            name = ""
        yield Source(Path(path), name, stream, size)


def content(head: bytes, size: int) -> str:
    """The format of a file by its first bytes and its size; its ending does not matter."""
    for offset, magic, name in SIGNATURES:
        if head.startswith(magic, offset):
            return name
    if _is_stl(head, size):
        return "stl"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size:
        return "safetensors"
    for magic, name, remedy in STRANGERS:
        if head.lstrip().startswith(magic):
            raise BadData(f"this is {name}, which is not read here; {remedy}, or use {FORMATS}")
    if b"\0" in head:
        raise BadData(f"its content is of no known format; save the data as {FORMATS}")
    return next((name for pattern, name in TEXTS if pattern.match(head)), "text")


def _is_stl(head: bytes, size: int) -> bool:
    """Binary STL has no mark of its own, but its size follows from a number in it."""
    triangles = int.from_bytes(head[STL_HEADER - 4 : STL_HEADER], "little")
    return len(head) >= STL_HEADER and 0 < triangles * STL_TRIANGLE == size - STL_HEADER


def _descriptor(path: str) -> int:
    """An open file descriptor. Looking first and opening without waiting keeps pipes harmless."""
    if "\0" in path:
        raise BadData("the path contains a zero byte; check the path")
    if not os.path.lexists(path):
        raise BadData("there is no such file; check the path")
    if not os.path.exists(path):
        target = quoted(os.path.realpath(path), 200)
        raise BadData(f"it is a link to {target}, where no file is; open the file itself")
    _refuse_irregular(os.stat(path).st_mode)
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # those the system has
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    try:
        _refuse_irregular(os.fstat(descriptor).st_mode)  # it may have been exchanged since
    except BadData:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_irregular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise BadData("it is a folder; choose a file in it")
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    kind = next((name for test, name in kinds if test(mode)), "a device")
    raise BadData(f"it is {kind}, not a file; save the data to a file first")
