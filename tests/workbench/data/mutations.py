"""Damage to the bytes of a file, in every way that a reader has to bear; seeded by its caller."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

import numpy as np

TELLING = np.array([0, 1, 2, 127, 128, 255], np.uint8)  # signs, largest values and flags
LIES = (0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)
WORDS = (
    *("0", "-1", "3", "nan", "inf", "1e308", "2147483648", "4294967297", "9223372036854775807"),
    *("99999999999999999999", "1" * 5000, "0x10", "1_0", "٣", "", "[" * 3000),
)
NUMBER = re.compile(rb"\d+")
INSIDE = 1 << 20  # bytes that are damaged below their packing; a bomb stays one
NEAR = 1024  # bytes at both ends of a file, where most of its promises stand
PNG = b"\x89PNG\r\n\x1a\n"


def damaged(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A file like `good`: cut off, changed, spliced with `other`, or with a number that lies.

    Half of the archives, PNG and packed MATLAB files are damaged inside and sealed again, so that
    no checksum gives the damage away.
    """
    if rng.integers(2):
        try:
            if good.startswith(b"PK"):
                return _in_archive(good, other, rng)
            if good.startswith(PNG):
                return _in_png(good, other, rng)
            if good[124:128] == b"\x00\x01IM":
                return _in_matlab(good, other, rng)
        except Exception:
            pass  # an attack that cannot be unpacked: libraries raise anything there is
    return _damaged(good, other, rng)


def _damaged(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    if not good:
        return other
    kind = rng.integers(8)
    if kind == 0:
        return good[: rng.integers(len(good))]
    if kind == 1:
        return _spliced(good, other, rng)
    if kind == 2:
        return _reworded(good, rng)
    bad = np.frombuffer(good, np.uint8).copy()
    if kind == 3:
        place = _place(len(bad), rng)
        bad[place : place + rng.choice([2, 4, 8])] = 255
    elif kind == 4:
        size = int(rng.choice([1, 2, 4, 8]))
        lie = LIES[rng.integers(len(LIES))] % 256**size
        data = lie.to_bytes(size, "little" if rng.integers(2) else "big")
        place = _place(len(bad), rng) // size * size
        data = data[: len(bad) - place]
        bad[place : place + len(data)] = np.frombuffer(data, np.uint8)
    elif kind == 5:
        places = rng.integers(0, len(bad), rng.integers(1, 6))
        bad[places] ^= np.uint8(1) << rng.integers(0, 8, len(places)).astype(np.uint8)
    else:
        places = rng.integers(0, len(bad) if kind == 6 else min(len(bad), 600), rng.integers(1, 6))
        bad[places] = rng.choice(TELLING, len(places))
    return bad.tobytes()


def _place(size: int, rng: np.random.Generator) -> int:
    """Anywhere, but most often near an end."""
    near = int(rng.integers(min(size, NEAR)))
    return [near, size - 1 - near, int(rng.integers(size))][rng.integers(3)]


def _spliced(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A piece left out, said twice, or replaced by one of the other file."""
    first, last = sorted(rng.integers(0, len(good) + 1, 2))
    begin, end = sorted(rng.integers(0, len(other) + 1, 2))
    piece = (b"", 2 * good[first:last], other[begin:end])[rng.integers(3)]
    return good[:first] + piece + good[last:]


def _reworded(good: bytes, rng: np.random.Generator) -> bytes:
    """Another word in place of one of the first numbers that are written in digits."""
    found = list(NUMBER.finditer(good, 0, 4 * NEAR))
    if not found:
        return good[: len(good) // 2]
    number = found[rng.integers(len(found))]
    word = WORDS[rng.integers(len(WORDS))].encode()
    return good[: number.start()] + word + good[number.end() :]


def _in_archive(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        if sum(member.file_size for member in archive.infolist()) > INSIDE:
            return _damaged(good, other, rng)
        held = {i.filename: (i.compress_type, archive.read(i)) for i in archive.infolist()}
    chosen = list(held)[rng.integers(len(held))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, (packing, data) in held.items():
            data = _damaged(data, other, rng) if name == chosen else data
            archive.writestr(name, data, packing)
    return out.getvalue()


def _in_png(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """One chunk is damaged; that of the pixels also below its packing."""
    chunks, place = [], len(PNG)
    while place + 12 <= len(good):
        size = int.from_bytes(good[place : place + 4], "big")
        chunks.append([good[place + 4 : place + 8], good[place + 8 : place + 8 + size]])
        place += 12 + size
    chunk = chunks[rng.integers(len(chunks))]
    if chunk[0] == b"IDAT" and rng.integers(2):
        chunk[1] = zlib.compress(_damaged(_unpacked(chunk[1]), other, rng))
    else:
        chunk[1] = _damaged(chunk[1], other, rng)
    sealed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return PNG + b"".join(sealed)


def _in_matlab(good: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The first variable, if it is packed."""
    kind, size = struct.unpack_from("<II", good, 128)
    if kind != 15:
        return _damaged(good, other, rng)
    inside = zlib.compress(_damaged(_unpacked(good[136 : 136 + size]), other, rng))
    return good[:128] + struct.pack("<II", 15, len(inside)) + inside + good[136 + size :]


def _unpacked(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, INSIDE)
