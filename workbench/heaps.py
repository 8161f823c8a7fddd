"""Damage in an HDF5 file that would hold the library up: for ever, or until memory is full."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import h5py

SEARCHED = 32 << 20  # bytes of a file looked through: under half a second
HEAP = b"GCOL\1\0\0\0"
# The type of a text of any length, behind its first four bytes: what it takes, and its letters.
TEXT = b"\x10\0\0\0" + b"\x10\0\0\0\1\0\0\0\0\0\x08\0"
TEXTS = 64  # of one attribute


def obstacle(stream: BinaryIO, file: h5py.File) -> str:
    """Which damage the file has, and where; empty where none is found."""
    width = file.id.get_create_plist().get_sizes()[1]
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    data = stream.read(min(SEARCHED, size))
    for what, place in (
        ("heap", _endless_heap(data, width)),
        ("text", _endless_text(data, size) if width == 8 else None),
    ):
        if place is not None:
            return f"{what} at byte {place}"
    return ""


def _endless_heap(data: bytes, width: int) -> int | None:
    """Where there is a heap of texts with an entry that takes no room, None where nowhere.

    HDF5 2.0 walks such a heap for ever; no check of its own stops that. A heap is `GCOL`, version
    1, its size, and entries of number, count and size, as wide as the file says.
    """
    head = struct.Struct({2: "<HHIH", 4: "<HHII"}.get(width, "<HHIQ"))
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


def _endless_text(data: bytes, size: int) -> int | None:
    """Where there is an attribute of texts one of which is longer than the file, None if nowhere.

    HDF5 takes and clears the memory for such a text, up to 4 GiB, before it looks for it. An
    attribute is its type, its axes (version, number, flags, lengths) and for each text its length,
    place and number in the heap.
    """
    found = data.find(TEXT)
    while found >= 0:
        place = found + len(TEXT)
        place += 4 * (data[place : place + 4] == bytes(4))  # older versions fill up to eight
        version, axes, flags = data[place : place + 3].ljust(3, b"\0")
        if version in (1, 2) and axes < 2 and flags < 2:
            place += 8 if version == 1 else 4
            count = int.from_bytes(data[place : place + 8], "little") if axes else 1
            place += 8 * axes * (1 + flags)
            for text in range(place, min(place + 16 * min(count, TEXTS), len(data)), 16):
                if int.from_bytes(data[text : text + 4], "little") > size:
                    return text
        found = data.find(TEXT, found + 1)
    return None
