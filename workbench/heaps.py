"""Damage in an HDF5 file that would hold the library up for ever."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import h5py

SEARCHED = 32 << 20  # bytes of a file looked through for broken heaps: under half a second
HEAP = b"GCOL\1\0\0\0"


def endless_heap(stream: BinaryIO, file: h5py.File) -> int | None:
    """Where the file has a heap of texts with an entry that takes no room, None where nowhere.

    HDF5 2.0 walks such a heap for ever; no check of its own stops that. A heap is `GCOL`, version
    1, its size, and entries of number, count and size, as wide as the file says.
    """
    width = file.id.get_create_plist().get_sizes()[1]
    head = struct.Struct({2: "<HHIH", 4: "<HHII"}.get(width, "<HHIQ"))
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    data = stream.read(min(SEARCHED, size))
    place = data.find(HEAP)
    while place >= 0:
        entry = place + head.size
        end = place + int.from_bytes(data[place + 8 : entry], "little")
        while entry + head.size <= min(end, len(data)):
            number, _, _, size = head.unpack_from(data, entry)
            if number == size == 0:
                return place
            entry += head.size + (size + 7 & -8) if number else size
        place = data.find(HEAP, place + len(HEAP))
    return None
