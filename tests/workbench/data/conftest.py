"""One small file of every format, with what it must give."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import safetensors.numpy
import scipy.io
import tifffile
from PIL import Image

from workbench.data import BadData, load


@dataclass(frozen=True)
class Example:
    path: Path
    part: str
    values: np.ndarray

    @property
    def reference(self) -> str:
        return f"{self.path}::{self.part}" if self.part else str(self.path)


def write_all(folder: Path) -> dict[str, Example]:
    """Write the examples into a folder; small, so that they can be damaged many times."""
    rng = np.random.default_rng(0)
    table = rng.standard_normal((12, 3)).round(6)
    grey = rng.integers(0, 256, (9, 7), dtype=np.uint8)
    colour = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    stack = rng.integers(0, 65536, (3, 9, 7), dtype=np.uint16)
    found = {}

    def add(name: str, values: np.ndarray, part: str = "") -> Path:
        found[name] = Example(folder / name, part, values)
        return folder / name

    np.savetxt(add("plain.csv", table), table, delimiter=",", header="a,b,c", comments="")
    np.savetxt(add("spaces.txt", table), table, header="a b c")
    np.save(add("one.npy", table), table)
    np.savez(add("two.npz", table, "t"), t=table, g=grey)
    np.savez_compressed(add("packed.npz", grey, "g"), t=table, g=grey)
    for version in ("earliest", "latest"):
        with h5py.File(add(f"{version}.h5", table, "/group/t"), "w", libver=version) as file:
            group = file.create_group("group")
            group.create_dataset("t", data=table, chunks=(4, 3), compression="gzip", shuffle=True)
            group["t"].attrs["units"] = "m"
            file["g"] = grey
            file["soft"] = h5py.SoftLink("/group/t")
    scipy.io.savemat(add("plain.mat", table, "t"), {"t": table, "g": grey, "word": "text"})
    packed = {"t": table, "s": scipy.sparse.csc_array(table > 1)}
    scipy.io.savemat(add("packed.mat", table, "t"), packed, do_compression=True)
    Image.fromarray(grey).save(add("grey.png", np.float32(grey / 255)))
    Image.fromarray(colour).save(add("colour.png", np.float32(colour / 255)))
    Image.fromarray(grey).save(add("grey.jpg", np.asarray([])), quality=95)
    pages = np.float32(stack / 65535)
    tifffile.imwrite(add("stack.tif", pages), stack, photometric="minisblack")
    path = add("packed.tif", pages)
    tifffile.imwrite(path, stack, photometric="minisblack", compression="zlib", predictor=True)
    Image.fromarray(grey).save(add("lzw.tif", np.float32(grey / 255)), compression="tiff_lzw")
    write_meshes(add)
    weights = {"w": np.float32(table), "n": np.arange(5), "half": np.float16(table[0])}
    safetensors.numpy.save_file(weights, add("net.safetensors", weights["w"], "w"))
    return found


def write_meshes(add: Callable[..., Path]) -> None:
    """A pyramid over a square in every format, the square as a polygon where a format has some."""
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0.5, 0.5, 0.75]])
    square, sides = [3, 2, 1, 0], [[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]]
    faces = np.int32([[3, 2, 1], [3, 1, 0], *sides])
    spots = "\n".join("{} {} {}".format(*p) for p in points)
    add("plain.obj", points, "vertices").write_text(
        "# by hand\no pyramid\n"
        + "".join(f"v {line}\n" for line in spots.split("\n"))
        + "vn 0 0 1\nf 4//1 3//1 2//1 1//1\nf 1/1/1 2/2/1 -1\nf 2 3 5\nf 3 4 5\nf 4 1 5\n"
    )
    polygons = "4 3 2 1 0\n" + "".join("3 {} {} {}\n".format(*f) for f in sides)
    add("plain.off", faces, "faces").write_text(f"OFF\n# by hand\n5 5 8\n{spots}\n{polygons}")
    add("cloud.pts", points, "vertices").write_text(f"5\n{spots}\n")
    add("atoms.xyz", points, "vertices").write_text(
        "5\nfive atoms\n" + "".join(f"C {line}\n" for line in spots.split("\n"))
    )
    header = (
        "ply\nformat {} 1.0\ncomment by hand\nelement vertex 5\nproperty float x\n"
        "property float y\nproperty float z\nproperty uchar red\nproperty uchar green\n"
        "property uchar blue\nelement face 5\nproperty list uchar int vertex_indices\n"
        "property short flag\nend_header\n"
    )
    body = "".join(f"{line} 255 51 0\n" for line in spots.split("\n"))
    body += polygons.replace("\n", " -7\n")
    add("plain.ply", np.float32(points), "vertices").write_text(header.format("ascii") + body)
    for order, name in ("<", "little"), (">", "big"):
        rows = b"".join(struct.pack(order + "3f3B", *p, 255, 51, 0) for p in points)
        for face in [square, *sides]:
            rows += struct.pack(f"{order}B{len(face)}ih", len(face), *face, -7)
        path = add(f"{name}.ply", faces, "faces")
        path.write_bytes(header.format(f"binary_{name}_endian").encode() + rows)
    corners = points[faces]
    rows = b"".join(struct.pack("<12fH", 0, 0, 0, *c.flat, 0) for c in np.float32(corners))
    first = np.float32(points[[3, 2, 1, 0, 4]])  # in the order of their first use
    path = add("binary.stl", first, "vertices")
    path.write_bytes(b"solid by hand".ljust(80) + struct.pack("<I", len(faces)) + rows)
    loops = "".join(
        "facet normal 0 0 1\n outer loop\n"
        + "".join("  vertex {} {} {}\n".format(*p) for p in c)
        + " endloop\nendfacet\n"
        for c in corners
    )
    path = add("text.stl", np.float64(first), "vertices")
    path.write_text(f"solid by hand\n{loops}endsolid by hand\n")


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Example]:
    return write_all(tmp_path_factory.mktemp("examples"))


@pytest.fixture
def refused():
    """Load what must be refused, and give the sentence; it must tell what to do after a `;`."""

    def refuse(reference: object, **keywords: Any) -> str:
        with pytest.raises(BadData) as caught:
            load(str(reference), **keywords)
        sentence = str(caught.value)
        assert ";" in sentence or " it has " in sentence or " there are " in sentence
        assert "\n" not in sentence
        return sentence

    return refuse
