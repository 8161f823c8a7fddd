"""MATLAB files: what SciPy writes is read, 7.3 by way of HDF5; lies and damage are refused."""

import io
import struct
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from workbench.data import Limits, load, parts

TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.mat"


def element(kind: int, body: bytes, order: str = "<", claim: int | None = None) -> bytes:
    size = len(body) if claim is None else claim
    return struct.pack(f"{order}II", kind, size) + body + bytes(-len(body) % 8)


def matrix(
    name: bytes, shape: tuple, data: bytes, *, kind: int = 6, flags: int = 0, order: str = "<"
) -> bytes:
    """One variable as the format's description lays it out."""
    head = element(6, struct.pack(f"{order}II", kind | flags, 0), order)
    dims = element(5, struct.pack(f"{order}{len(shape)}i", *shape), order)
    return element(14, head + dims + element(1, name, order) + data, order)


def file_of(*variables: bytes, order: str = "<") -> bytes:
    mark = b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    return b"MATLAB 5.0 MAT-file".ljust(124) + mark + b"".join(variables)


@pytest.mark.parametrize("packed", [False, True])
def test_that_what_scipy_writes_is_read(packed, path):
    rng = np.random.default_rng(0)
    written = {t: rng.integers(0, 100, (3, 4)).astype(t) for t in TYPES}
    written["double"] = rng.standard_normal((5, 6))
    written["single"] = rng.standard_normal((2, 3, 4)).astype(np.float32)
    written["logical"] = rng.random((4, 4)) > 0.5
    written["large"] = rng.standard_normal((400, 700))  # several pieces
    scipy.io.savemat(path, written, do_compression=packed)
    for name, values in written.items():
        loaded = load(f"{path}::{name}")
        np.testing.assert_array_equal(loaded.values, values, strict=True)
    assert load(str(path)).name == "large"
    assert [(p.name, p.shape, p.dtype) for p in parts(str(path))] == [
        (name, values.shape, values.dtype.name) for name, values in written.items()
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_that_a_sparse_matrix_is_written_out(packed, path):
    dense = np.where(np.random.default_rng(0).random((7, 5)) > 0.7, 2.5, 0.0)
    columns = scipy.sparse.csc_array(dense)
    scipy.io.savemat(path, {"s": columns, "b": columns > 0}, do_compression=packed)
    np.testing.assert_array_equal(load(f"{path}::s").values, dense)
    np.testing.assert_array_equal(load(f"{path}::b").values, dense > 0)
    assert parts(str(path))[0].detail == "sparse"


def test_that_a_vector_has_one_axis_and_doubles_stored_as_bytes_are_doubles(path):
    data = element(2, bytes([1, 2, 3]))  # MATLAB stores whole numbers in the smallest type
    path.write_bytes(file_of(matrix(b"v", (1, 3), data)))
    loaded = load(str(path)).values
    np.testing.assert_array_equal(loaded, np.array([1.0, 2.0, 3.0]), strict=True)


def test_that_the_other_byte_order_is_read(path):
    data = element(9, np.arange(6.0).astype(">f8").tobytes(), ">")
    path.write_bytes(file_of(matrix(b"A", (2, 3), data, order=">"), order=">"))
    assert load(str(path)).values.tolist() == [[0, 2, 4], [1, 3, 5]]


def test_that_what_is_no_real_number_is_refused_and_not_offered(path, refused):
    cell = np.array([1, "a"], dtype=object)
    others = {"word": "text", "cell": cell, "struct": {"f": 1}, "z": np.array([1j])}
    scipy.io.savemat(path, {**others, "none": np.zeros((0, 3)), "x": np.arange(3.0)})
    assert [p.name for p in parts(str(path))] == ["x"]
    for name, word in zip((*others, "none"), ("text", "cell", "structure", "complex", "empty")):
        assert word in refused(f"{path}::{name}")
    assert "it has no variable 'q'" in refused(f"{path}::q")


def test_that_tables_and_strings_of_newer_versions_do_not_hide_the_numbers(path):
    opaque = element(6, struct.pack("<II", 17, 0)) + element(1, b"when") + element(1, b"MCOS")
    number = matrix(b"x", (1, 2), element(9, np.array([1.0, 2.0]).tobytes()))
    path.write_bytes(file_of(element(14, opaque), number))
    assert load(str(path)).values.tolist() == [1, 2]


GOOD = element(9, np.arange(4.0).tobytes())


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (matrix(b"A", (10**5, 10**6), GOOD), "745 GiB"),
        (matrix(b"A", (2, 3), GOOD), "the file is damaged"),
        (matrix(b"A", (2, 1), GOOD), "the file is damaged"),
        (matrix(b"A", (-2, -2), GOOD), "shape"),
        (matrix(b"A", (2, 2), element(9, b"", claim=32)), "ends early"),
        (matrix(b"A", (2, 2), element(9, b"", claim=2**32 - 8)), "the file is damaged"),
        (matrix(b"A", (2, 2), element(99, bytes(32))), "unknown type"),
        (element(14, b"", claim=10**9), "more than the file holds"),
        (element(3, bytes(16)), "no variable"),
        (element(15, b"no zlib stream"), "damaged"),
        (element(15, zlib.compress(matrix(b"A", (2, 2), GOOD))[:-30]), "ends early"),
        (b"", "no array"),
    ],
)
def test_that_lies_and_damage_are_refused(variable, words, path, refused):
    path.write_bytes(file_of(variable))
    assert words in refused(f"{path}")


def sparse(rows: list, starts: list, values: list) -> bytes:
    numbers = (np.array(rows, "<i4"), np.array(starts, "<i4"), np.array(values, "<f8"))
    data = b"".join(element(k, a.tobytes()) for k, a in zip((5, 5, 9), numbers))
    return file_of(matrix(b"S", (3, 2), data, kind=5))


@pytest.mark.parametrize(
    ("rows", "starts"),
    [([0, 3], [0, 1, 2]), ([0, -1], [0, 1, 2]), ([0, 1], [0, 2, 1]), ([0, 1], [0, 1, 5])],
)
def test_that_sparse_indices_outside_the_matrix_are_refused(rows, starts, path, refused):
    path.write_bytes(sparse([0, 2], [0, 1, 2], [5, 7]))
    assert load(str(path)).values.tolist() == [[5, 0], [0, 0], [0, 7]]
    path.write_bytes(sparse(rows, starts, [5, 7]))
    assert "broken" in refused(path)


def test_that_a_compressed_variable_is_never_unpacked_beyond_its_size(path, refused):
    zeros = element(9, bytes(50 << 20))  # 50 MiB in 50 KiB, said to be 2 × 2
    path.write_bytes(file_of(element(15, zlib.compress(matrix(b"A", (2, 2), zeros)))))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        assert "damaged" in refused(path, limits=Limits(bytes=1 << 20))
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def write_73(path, **variables) -> None:
    """As MATLAB 7.3 does: HDF5 behind 512 bytes, axes reversed, the class as an attribute."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, (values, kind) in variables.items():
            data = file.create_dataset(name, data=np.asarray(values).T)
            data.attrs["MATLAB_class"] = np.bytes_(kind)
        file.create_group("#refs#")["a"] = np.zeros(1000)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


def test_that_version_7_3_is_read_with_its_axes_in_order(path, refused):
    values = np.arange(24.0).reshape(2, 3, 4)
    word = (np.array([[72, 105]], np.uint16), "char")
    write_73(path, A=(values, "double"), v=(np.ones((1, 5)), "double"), word=word)
    np.testing.assert_array_equal(load(str(path)).values, values, strict=True)
    assert load(f"{path}::v").values.tolist() == [1] * 5
    assert [(p.name, p.shape) for p in parts(str(path))] == [("A", (2, 3, 4)), ("v", (5,))]
    assert "type" in refused(f"{path}::word")


def test_that_scipy_agrees_with_the_hand_made_files(path):
    """The layout written by this file's own helpers is what SciPy reads as well."""
    path.write_bytes(file_of(matrix(b"A", (2, 2), GOOD)))
    np.testing.assert_array_equal(scipy.io.loadmat(path)["A"], load(str(path)).values)
    read = scipy.io.loadmat(io.BytesIO(sparse([0, 2], [0, 1, 2], [5, 7])))["S"]
    np.testing.assert_array_equal(read.toarray(), [[5, 0], [0, 0], [0, 7]])
