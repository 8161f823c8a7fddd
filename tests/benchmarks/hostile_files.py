"""The data files that `hostile` damages: whole ones of every format, and attacks made by hand."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import scipy.io
import tifffile
from PIL import Image

from tests.workbench.data.conftest import write_all

CANARY = "canary"  # a file of this name in the folder at work tells that a file has run something
MB = 1_000_000
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{k + 1} "{f"&a{k};" * 10}">' for k in range(12))
    + '<!ENTITY e SYSTEM "file:///etc/passwd">]>'
)


class Bomb:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple:
        return os.system, (f"touch {CANARY}",)


def write_data(folder: Path) -> None:
    """One folder for each group, in it files of all kinds that belong there."""
    plain = folder / "plain"
    plain.mkdir()
    write_all(plain)
    places = {
        "tables": (".csv", ".txt"),
        "numpy": (".npy", ".npz"),
        "hdf5": (".h5",),
        "matlab": (".mat",),
        "pictures": (".png", ".jpg"),
        "tiff": (".tif",),
        "meshes": (".obj", ".off", ".pts", ".xyz", ".ply", ".stl"),
        "safetensors": (".safetensors",),
    }
    for group, endings in places.items():
        (folder / group).mkdir()
        for path in plain.iterdir():
            if path.suffix in endings:
                path.rename(folder / group / path.name)
    plain.rmdir()
    for group, write in MORE.items():
        (folder / group).mkdir(exist_ok=True)
        write(folder / group)


def _tables(folder: Path) -> None:
    rows = "".join(f'"a;{k}";{k},5;;{-k}\n' for k in range(20))
    (folder / "quoted.csv").write_text("name;x;gap;y\n" + rows)
    (folder / "wide.tsv").write_bytes("größe\tb (mm)\n1\t2\n3\tn/a\n".encode("utf-16"))
    attacks = {
        "same titles": ",".join(["a"] * 60_000) + "\n" + ",".join(["1"] * 60_000) + "\n",
        "one line": "1," * (4 * MB) + "1\n",
        "one line of words": "ab " * (3 * MB),
        "one line of names": ",".join(f"n{k}" for k in range(MB)) + "\n" + "1," * (MB - 1) + "1\n",
        "almost a Fortran number": "a\n" + "1" * 200_000 + "x\n" + "2\n",
        "long number": "a\n" + "1" * (4 * MB) + "\n2\n",
        "spaces in a title": "a" + " " * 200_000 + "b\n1\n2\n",
        "almost a solid": "solid" + " " * 65_000 + "x\n1 2 3\n",
        "quotes": '"' * MB + "\n1,2\n",
        "open quote": 'a,b\n1,"' + "2,3\n" * MB,
        "blank lines": "\n" * (16 * MB),
        "comments": "#\n" * (8 * MB) + "1 2\n",
        "short rows": "1\n" * (8 * MB),
        "missing cells": "a,b,c,d\n" + ",,,\n" * (2 * MB),
        "not a line": "x" * (20 * MB),
        "arabic": "a,b\n" + "٣,٤\n" * 10,
        "carriage returns": "1,2\r" * MB,
        "words": "a b\n" * (2 * MB),
    }
    for name, text in attacks.items():
        (folder / f"{name}.csv").write_text(text)
    (folder / "half of a pair.csv").write_bytes(b"\xff\xfe" + b"\x00\xd8" * MB)


def npy(header: str, data: bytes = b"") -> bytes:
    """An array behind any header."""
    head = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def described(shape: object, descr: str = "'<f8'") -> str:
    """A header of numpy's."""
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n"


def _numpy(folder: Path) -> None:
    np.save(folder / "fortran.npy", np.asfortranarray(np.ones((3, 4), ">i2")))
    np.save(folder / "pickled.npy", np.array([Bomb()]), allow_pickle=True)
    np.savez(folder / "pickled.npz", a=np.array([Bomb()]), b=np.arange(3))
    attacks = {
        "product": described((2**31, 2**31)),
        "largest": described((2**63 - 1,)),
        "negative": described((-1, 5)),
        "not whole": described("(float('nan'),)"),
        "bool": described("(True, 3)"),
        "many axes": described((1,) * 70),
        "no values": described((0, 2**62)),
        "nested": "(" * 9000,
        "call": described("(__import__('os').system('touch canary'),)"),
        "objects": described((1,), "'|O'"),
        "fields": described((1,), "[('a', 'O')]"),
        "wide type": described((1,), "'<f99'"),
    }
    for name, header in attacks.items():
        (folder / f"{name}.npy").write_bytes(npy(header, bytes(64)))
    zeros = npy(described((300 * MB // 8,)), bytes(300 * MB))
    archives = {
        "bomb": {"a.npy": zeros},
        "dots": {"../../../canary.npy": npy(described((1,)), bytes(8))},
        "root": {"/etc/canary.npy": npy(described((1,)), bytes(8))},
        "nameless": {".npy": npy(described((1,)), bytes(8))},
        "inner archive": {"a.npy": b"PK\x03\x04" + bytes(99)},
        "many": {f"{k}.npy": npy(described((1,)), bytes(8)) for k in range(20_000)},
    }
    for name, members in archives.items():
        with zipfile.ZipFile(folder / f"{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
    lying = (folder / "bomb.npz").read_bytes()
    (folder / "lying bomb.npz").write_bytes(lying.replace(struct.pack("<I", len(zeros)), b"\1" * 4))


def _hdf5(folder: Path) -> None:
    zeros = np.zeros((4, MB))
    (folder / "secret.raw").write_bytes(b"12345678" * 10)
    with h5py.File(folder / "layouts.h5", "w") as file:
        file.create_dataset("lzf", data=np.arange(99.0), compression="lzf", chunks=(10,))
        file.create_dataset("sum", data=np.arange(99), fletcher32=True, shuffle=True)
        file.create_dataset("offset", data=np.arange(99), scaleoffset=4)
        file.create_dataset("text", data=["a", "bc"], dtype=h5py.string_dtype())
        file["text"].attrs["about"] = ["x", "yz"]
    with h5py.File(folder / "scales.nc", "w") as file:
        file["x"] = np.arange(3.0)
        file["x"].make_scale("x")
        file["v"] = np.ones((3, 2), ">f4")
        file["v"].dims[0].attach_scale(file["x"])
        file.attrs["default"] = "v"
    with h5py.File(folder / "new.mat", "w", userblock_size=512) as file:
        file["t"] = np.ones((3, 4))
        file["t"].attrs["MATLAB_class"] = np.bytes_("double")
    words = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    with open(folder / "new.mat", "r+b") as raw:
        raw.write(words)
    with h5py.File(folder / "links.h5", "w") as file:
        file["a"] = np.arange(3.0)
        file["out"] = h5py.ExternalLink(str(folder / "layouts.h5"), "/lzf")
        file["passwd"] = h5py.ExternalLink("/etc/passwd", "/")
        file["circle"] = h5py.SoftLink("/circle")
        file["self"] = file["/"]
        raw = [(str(folder / "secret.raw"), 0, 80)]
        file.create_dataset("raw", (10,), "f8", external=raw)
        source = h5py.VirtualSource(str(folder / "layouts.h5"), "lzf", (99,))
        layout = h5py.VirtualLayout((99,), "f8")
        layout[:] = source
        file.create_virtual_dataset("virtual", layout)
    with h5py.File(folder / "huge.h5", "w") as file:
        file.create_dataset("a", (2**40,), "f8", chunks=(2**16,))
        file.create_dataset("b", (2**20, 2**20), "f8", chunks=(1, 1), fillvalue=3.0)
    with h5py.File(folder / "bomb.h5", "w") as file:
        file.create_dataset("a", data=zeros, chunks=(4, MB), compression="gzip")
        data = file.create_dataset("lie", (10,), "f8", chunks=(10,), compression="gzip")
        data.id.write_direct_chunk((0,), zlib.compress(bytes(300 * MB)))
    with h5py.File(folder / "deep.h5", "w") as file:
        here: h5py.Group = file
        for _ in range(3000):
            here = here.create_group("g")
        here["a"] = 1.0
    with h5py.File(folder / "many.h5", "w", libver="latest") as file:
        for k in range(25_000):
            file.create_group(f"{k}")


def _matlab(folder: Path) -> None:
    held = {"z": np.zeros((MB, 40), np.uint8), "c": [[1, "a"]], "i": np.array([1 + 2j])}
    scipy.io.savemat(folder / "bomb.mat", held, do_compression=True)
    scipy.io.savemat(folder / "kinds.mat", {"b": np.eye(2) > 0, "s": {"a": 1}, "h": np.int8([1])})


def png(width: int, height: int, depth: int, colour: int, data: bytes, *more: tuple) -> bytes:
    """A PNG by its description; `more` are chunks before its pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), *more, (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d))
        for kind, d in chunks
    )


def _pictures(folder: Path) -> None:
    rng = np.random.default_rng(1)
    colour = Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8))
    colour.save(folder / "progressive.jpg", progressive=True)
    colour.convert("CMYK").save(folder / "inks.jpg")
    exif = Image.Exif()
    exif[274] = 6
    colour.save(folder / "turned.jpg", exif=exif, icc_profile=bytes(200))
    colour.quantize(16).save(folder / "palette.png", transparency=3)
    deep = zlib.compress(b"".join(b"\0" + rng.bytes(5 * 6) for _ in range(4)))
    (folder / "deep.png").write_bytes(png(5, 4, 16, 2, deep))
    (folder / "deep and clear.png").write_bytes(
        png(5, 4, 16, 4, zlib.compress(bytes(4 * 21)), (b"eXIf", exif.tobytes()[6:]))
    )
    zeros = zlib.compress(bytes(300 * MB), 9)
    attacks = {
        "large": png(2**31 - 1, 2**31 - 1, 8, 2, zeros),
        "just too large": png(30_000, 30_000, 8, 0, zeros),
        "more than it says": png(4, 4, 8, 0, zeros),
        "words": png(4, 4, 8, 0, zlib.compress(bytes(20)), (b"zTXt", b"a\0\0" + zeros)),
        "many words": png(
            4, 4, 8, 0, zlib.compress(bytes(20)), *[(b"tEXt", b"a%d\0b" % k) for k in range(50_000)]
        ),
        "profile": png(4, 4, 8, 0, zlib.compress(bytes(20)), (b"iCCP", b"a\0\0" + zeros)),
        "no size": png(0, 0, 8, 0, zeros),
        "frames": png(
            4, 4, 8, 0, zlib.compress(bytes(20)), (b"acTL", struct.pack(">II", 2**31, 0))
        ),
    }
    for name, data in attacks.items():
        (folder / f"{name}.png").write_bytes(data)
    out = io.BytesIO()
    Image.new("L", (2000, 2000), 99).save(out, "jpeg", progressive=True)
    whole = out.getvalue()
    last = whole.rfind(b"\xff\xda")
    (folder / "scans.jpg").write_bytes(whole[:last] + whole[last:-2] * 3000 + b"\xff\xd9")
    small = bytearray((folder / "progressive.jpg").read_bytes())
    place = small.find(b"\xff\xc2") + 5
    small[place : place + 4] = b"\xff\xdc\xff\xdc"
    (folder / "large.jpg").write_bytes(small)


def _tiff(folder: Path) -> None:
    rng = np.random.default_rng(2)
    grey = rng.integers(0, 256, (32, 48), np.uint8)
    colour = rng.integers(0, 256, (32, 48, 3), np.uint8)
    save = tifffile.imwrite
    save(folder / "tiles.tif", grey, tile=(16, 16), compression="zlib")
    save(folder / "big.tif", np.float32(grey), bigtiff=True)
    save(folder / "planes.tif", colour, photometric="rgb", planarconfig="separate")
    save(folder / "orders.tif", np.uint16(grey), byteorder=">", rowsperstrip=4)
    save(folder / "imagej.tif", np.uint16([grey] * 3), imagej=True)
    save(folder / "words.tif", grey, description=LAUGHS + "<OME>&a12;&e;</OME>", metadata=None)
    Image.fromarray(grey // 99).save(folder / "packed bits.tif", compression="packbits")
    Image.fromarray(colour).save(folder / "jpeg.tif", compression="jpeg")
    Image.fromarray(colour).quantize(9).save(folder / "palette.tif")
    Image.fromarray(grey > 99).save(folder / "fax.tif", compression="group4")
    save(folder / "bomb.tif", np.zeros((20_000, 20_000), np.uint8), compression="zlib")
    Image.new("L", (9000, 9000)).save(folder / "bomb lzw.tif", compression="tiff_lzw")
    save(folder / "pages.tif", np.zeros((11_000, 1, 1), np.uint8), metadata=None)
    tag = struct.pack("<HHII", 270, 2, 4, 0)
    ring = b"II*\0" + struct.pack("<IH", 8, 1) + tag + struct.pack("<I", 8)
    (folder / "ring.tif").write_bytes(ring)
    tags = b"".join(
        struct.pack("<HHII", number, kind, count, value)
        for number, kind, count, value in (
            *((256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
            *((273, 4, 2**31, 8), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 2**31, 8)),
        )
    )
    (folder / "counts.tif").write_bytes(b"II*\0" + struct.pack("<IH", 8, 9) + tags + bytes(999))


def _meshes(folder: Path) -> None:
    head = "ply\nformat {} 1.0\nelement vertex {}\nproperty float x\nproperty float y\n"
    head += "property float z\nelement face {}\nproperty list {} int vertex_indices\nend_header\n"
    many = ("5", "2147483648", "999999999999", "9223372036854775807", "-1", "nan")
    for vertices, faces in [("5", n) for n in many] + [(n, "5") for n in many]:
        for kind in ("ascii", "binary_little_endian"):
            text = head.format(kind, vertices, faces, "uchar")
            (folder / f"{kind} {vertices} {faces}.ply").write_bytes(text.encode() + bytes(999))
    text = head.format("binary_little_endian", 1, 2, "uint")
    (folder / "corners.ply").write_bytes(text.encode() + bytes(12) + b"\xff" * 4 + bytes(999))
    none = head.format("binary_little_endian", 1, 30 * MB, "uchar").encode()
    (folder / "no corners.ply").write_bytes(none + bytes(12 + 30 * MB))
    for name, text in {
        "counts.off": "OFF\n999999999999 999999999999 0\n0 0 0\n",
        "corners.obj": "v 0 0 0\n" * 3 + "f" + " 1" * (3 * MB) + "\n",
        "fans.obj": "v 0 0 0\n" * 3 + ("f" + " 1" * 9999 + "\n") * 300,
        "back.obj": "v 0 0 0\nf -9223372036854775808 -1 -1\n",
        "count.xyz": "99999999999\nwords\nC 0 0 0\n",
        "digits.obj": "v 0 0 " + "1" * 5000 + "\nf " + "1" * 5000 + " 1 1\n",
        "vertices.obj": "v 0 0 0\n" * (2 * MB),
        "triangles.stl": "solid a\nfacet normal 0 0 1\n" + "vertex 0 0 0\n" * (3 * MB),
        "grid.vtk": "# vtk DataFile Version 3.0\nv\nASCII\nDATASET STRUCTURED_POINTS\n"
        "DIMENSIONS 2 2 1\nPOINT_DATA 4\nSCALARS s float 1\nLOOKUP_TABLE default\n1 2 3 4\n",
        "cells.vtu": '<VTKFile type="UnstructuredGrid"><UnstructuredGrid/></VTKFile>\n',
    }.items():
        (folder / name).write_text(text)
    solid = b"solid".ljust(80) + struct.pack("<I", 600_000)
    (folder / "flat.stl").write_bytes(solid + bytes(50 * 600_000))


def _safetensors(folder: Path) -> None:
    def write(name: str, header: str, data: bytes = bytes(64)) -> None:
        text = header.encode()
        (folder / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)

    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    write("overlapping", json.dumps({str(k): entry for k in range(100_000)}))
    write("nested", '{"a":' + "[" * MB)
    write("deep", '{"a":' + '{"b":' * 200_000)
    for name, change in {
        "huge": {"shape": [2**31, 2**31]},
        "negative": {"shape": [-2]},
        "backwards": {"data_offsets": [8, 0]},
        "outside": {"data_offsets": [0, 2**63 - 1]},
        "fraction": {"shape": [1.5]},
        "unknown": {"dtype": "X9"},
        "list": {"dtype": ["F32"]},
        "empty": {"shape": [0, 2**62], "data_offsets": [0, 0]},
        "brain": {"dtype": "BF16", "shape": [4]},
    }.items():
        write(name, json.dumps({"a": entry | change}))
    write(
        "digits", '{"a": {"dtype": "F32", "shape": [' + "1" * 5000 + '], "data_offsets": [0, 8]}}'
    )


def _strangers(folder: Path) -> None:
    for protocol in range(6):
        (folder / f"{protocol}.pkl").write_bytes(pickle.dumps(Bomb(), protocol))
        with zipfile.ZipFile(folder / f"{protocol}.pt", "w") as archive:
            archive.writestr("net/data.pkl", pickle.dumps(Bomb(), protocol))
            archive.writestr("net/data/0", bytes(64))
        magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol) + pickle.dumps(Bomb(), protocol)
        (folder / f"old {protocol}.pt").write_bytes(magic)
    xml = LAUGHS + "<svg xmlns='http://www.w3.org/2000/svg'><text>&a12;&e;</text></svg>"
    for ending in ("svg", "vtp", "html", "gpx"):
        (folder / f"laughs.{ending}").write_text(xml)
    (folder / "grid.vtp").write_text("<VTKFile><PolyData>&a12;</PolyData></VTKFile>")
    (folder / "list.json").write_text("[" * 100_000)
    (folder / "book.xlsx").write_bytes(b"PK\x05\x06" + bytes(18))
    (folder / "doc.pdf").write_bytes(b"%PDF-1.7\n" + bytes(100))
    (folder / "notes.txt").write_text("Dear reader,\nthis is no table.\n")
    (folder / "script.py").write_text(f"import os\nos.system('touch {CANARY}')\n")


def _folders(folder: Path) -> None:
    rng = np.random.default_rng(7)
    for name in ("a.png", "b.jpg", "c.tif"):
        Image.fromarray(rng.integers(0, 256, (9, 7), np.uint8)).save(folder / name)


def _pasted(folder: Path) -> None:
    (folder / "table.txt").write_text("größe\tb\n1\t2,5\n3\t4\n")
    (folder / "plain.txt").write_text("1 2 3\n4 5 6\n")
    (folder / "half of a pair.txt").write_bytes(b"1 2\n\xed\xa0\x80 3\n")


MORE: dict[str, Callable[[Path], None]] = {
    "tables": _tables,
    "numpy": _numpy,
    "hdf5": _hdf5,
    "matlab": _matlab,
    "pictures": _pictures,
    "tiff": _tiff,
    "meshes": _meshes,
    "safetensors": _safetensors,
    "strangers": _strangers,
    "folders": _folders,
    "pasted": _pasted,
}
