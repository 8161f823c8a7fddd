"""Reading a record while it is written, or after its writer was killed.

HDF5 has a mode for this (SWMR), but where a checksum in such a file is wrong it tries again with
pauses that double for ever. So it is shown a file that nobody writes: what is not whole is refused
at once, and can be asked for again.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

# The superblock of version 3: mark, version, two widths, flags, four addresses, checksum.
SUPERBLOCK = struct.Struct("<8s4B4QI")
MARK = b"\x89HDF\r\n\x1a\n"
AHEAD = 64 << 20  # bytes that may have been promised and not yet been written


class Still(io.FileIO):
    """A live record in whose head the marks of its writer are taken away."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        head = self.read(SUPERBLOCK.size)
        size = super().seek(0, io.SEEK_END)
        self._head, promised = _unmarked(head, size)
        self._end = max(size, min(promised, size + AHEAD))

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; the end is where the head says it is."""
        return super().seek(self._end) if whence == io.SEEK_END else super().seek(place, whence)

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer, with zeros where nothing has been written yet."""
        place = self.tell()
        view = memoryview(buffer).cast("B")
        done = 0
        while count := super().readinto(view[done:]):
            done += count
        view[done:] = bytes(len(view) - done)
        head = self._head[place : place + len(view)]
        view[: len(head)] = head
        super().seek(place + len(view))
        return len(view)


def _unmarked(head: bytes, size: int) -> tuple[bytes, int]:
    """A whole superblock without the flags of a writer, and where it says that the file ends.

    A writer leaves the end at which it began. Nothing comes of what is no superblock.
    """
    if len(head) < SUPERBLOCK.size:
        return b"", 0
    mark, version, *widths, _, base, extension, end, root, checksum = SUPERBLOCK.unpack(head)
    if (mark, version, *widths) != (MARK, 3, 8, 8) or checksum != lookup3(head[:-4]):
        return b"", 0
    end = max(end, size)
    unmarked = SUPERBLOCK.pack(mark, version, *widths, 0, base, extension, end, root, 0)[:-4]
    return unmarked + struct.pack("<I", lookup3(unmarked)), end


def lookup3(data: bytes) -> int:
    """Bob Jenkins's checksum of 2006, as HDF5 uses it; here of whole words, at least one."""
    words = struct.unpack(f"<{len(data) // 4}I", data)
    a = b = c = 0xDEADBEEF + len(data) & 0xFFFFFFFF
    while len(words) > 3:
        a, b, c = a + words[0], b + words[1], c + words[2]
        words = words[3:]
        for shift in (4, 6, 8, 16, 19, 4):
            a = (a - c & 0xFFFFFFFF) ^ _turned(c, shift)
            a, b, c = b, c + b, a
    a, b, c = (n + w & 0xFFFFFFFF for n, w in zip((a, b, c), (*words, 0, 0)))
    for shift in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _turned(b, shift)) & 0xFFFFFFFF
        a, b, c = b, c, a
    return b


def _turned(word: int, shift: int) -> int:
    word &= 0xFFFFFFFF
    return (word << shift | word >> 32 - shift) & 0xFFFFFFFF
