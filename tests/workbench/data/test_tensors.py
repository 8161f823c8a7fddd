"""Weights of networks: what the reference library writes is read, what lies is refused."""

import json

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

from workbench.data import BadData, Limits, load, parts


@pytest.fixture
def made(tmp_path):
    def write(header: object, values: bytes = bytes(16)) -> str:
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        path = tmp_path / "made.safetensors"
        path.write_bytes(len(text).to_bytes(8, "little") + text + values)
        return str(path)

    return write


def test_that_every_type_the_library_writes_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    kinds = ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")
    written = {k: (rng.random((3, 4)) * 100).astype(k) for k in kinds}
    safetensors.numpy.save_file(written, tmp_path / "a", metadata={"made": "here"})
    for name, values in written.items():
        np.testing.assert_array_equal(load(f"{tmp_path}/a::{name}").values, values, strict=True)
    assert {p.name for p in parts(f"{tmp_path}/a")} == set(kinds)


def test_that_bfloat16_is_widened_exactly(tmp_path):
    values = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    safetensors.torch.save_file({"w": values}, tmp_path / "a")
    loaded = load(f"{tmp_path}/a::w").values
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, values.float().numpy())


def test_that_a_type_without_equal_here_is_refused_and_not_listed(tmp_path, refused):
    values = torch.ones(4).to(torch.float8_e4m3fn)
    safetensors.torch.save_file({"q": values, "w": torch.ones(2)}, tmp_path / "a")
    assert [p.name for p in parts(f"{tmp_path}/a")] == ["w"]
    assert "of type 'F8_E4M3'" in refused(f"{tmp_path}/a::q")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 99]}}, "does not fit"),
        ({"w": {"dtype": "F32", "shape": [5], "data_offsets": [0, 16]}}, "does not fit"),
        ({"w": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}}, "damaged"),
        ({"w": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, "damaged"),
        ({"w": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}}, "damaged"),
        ({"w": {"dtype": "F32", "data_offsets": [0, 16]}}, "damaged"),
        ({"w": 3}, "damaged"),
        ({}, "no tensors"),
        (b'{"a":' * 100_000, "damaged"),
        (b'{"w": ', "damaged"),
    ],
)
def test_that_a_header_that_lies_is_refused(header, words, made, refused):
    assert words in refused(made(header))


def test_that_what_lies_outside_the_file_is_not_even_listed(made):
    reference = made({"w": {"dtype": "F32", "shape": [25], "data_offsets": [0, 100]}})
    with pytest.raises(BadData, match="does not fit"):
        parts(reference)


def test_that_the_claim_comes_before_the_memory(made, refused):
    reference = made({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}})
    assert "at most 8 bytes" in refused(reference, limits=Limits(bytes=8))


def test_that_a_pickle_of_weights_is_refused_and_told_what_to_do(tmp_path, refused):
    torch.save({"w": torch.ones(3)}, tmp_path / "a.pt")
    assert "save its tensors with safetensors" in refused(tmp_path / "a.pt")
