"""One small file of every format, with what it must give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
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
    return found


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
