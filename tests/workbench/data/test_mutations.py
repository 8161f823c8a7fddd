"""Damaged files of every format either load or are refused with a sentence; nothing else."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.workbench.data.mutations import damaged
from workbench.data import BadData, Limits, load, parts

ROUNDS = 100  # of each of the formats; `tests.benchmarks.hostile` makes as many as are asked for
SLOWEST = 5.0  # seconds; one takes milliseconds
LIMITS = Limits(bytes=1 << 20, seconds=SLOWEST)
NAMES = (
    *("plain.csv", "spaces.txt", "one.npy", "two.npz", "packed.npz", "earliest.h5", "latest.h5"),
    *("plain.mat", "packed.mat", "grey.png", "colour.png", "grey.jpg"),
    *("stack.tif", "packed.tif", "lzw.tif"),
    *("plain.obj", "plain.off", "cloud.pts", "atoms.xyz", "plain.ply", "little.ply", "big.ply"),
    *("binary.stl", "text.stl", "net.safetensors"),
)


@pytest.mark.filterwarnings("ignore:::PIL")  # it speaks of what it repairs
@pytest.mark.parametrize("name", NAMES)
def test_that_damaged_files_load_or_are_refused(name, examples, tmp_path: Path):
    good = examples[name].path.read_bytes()
    others = [example.path.read_bytes() for example in examples.values()]
    rng = np.random.default_rng(len(name))
    path = tmp_path / f"damaged{examples[name].path.suffix}"
    refused = 0
    for _ in range(ROUNDS):
        path.write_bytes(damaged(good, others[rng.integers(len(others))], rng))
        start = time.monotonic()
        for call in (parts, load):
            try:
                call(str(path), limits=LIMITS)
            except BadData:
                refused += 1
        assert time.monotonic() - start < SLOWEST
        assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert refused > 0  # the damage was real


def test_that_every_example_is_damaged(examples):
    assert set(NAMES) == set(examples)


def test_that_damaged_pictures_in_a_folder_load_or_are_refused(tmp_path: Path):
    rng = np.random.default_rng(7)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for k in range(3):
        Image.fromarray(rng.integers(0, 256, (9, 7), dtype=np.uint8)).save(folder / f"{k}.png")
    good = (folder / "1.png").read_bytes()
    refused = 0
    for _ in range(ROUNDS):
        (folder / "1.png").write_bytes(damaged(good, good, rng))
        for call in (parts, load):
            try:
                call(str(folder), limits=LIMITS)
            except BadData:
                refused += 1
    assert refused > 0
