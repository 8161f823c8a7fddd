"""NumPy's files: all number types come back; pickles, lies and bombs are refused."""

import io
import os
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from workbench.data import Limits, load, parts

TYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


class Trap:
    """Unpickled, this would make a folder."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (self.place,)


def npy(descr: str, shape: str, body: bytes = b"") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


@pytest.mark.parametrize("dtype", [*TYPES, "float16", "float32", "float64", ">f4", ">i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_that_every_type_and_order_comes_back_in_native_bytes(dtype, order, tmp_path):
    values = np.arange(24).reshape(2, 3, 4).astype(dtype, order=order)
    np.save(tmp_path / "a.npy", values)
    loaded = load(str(tmp_path / "a.npy")).values
    np.testing.assert_array_equal(loaded, values)
    assert loaded.dtype == np.dtype(dtype).newbyteorder("=")
    assert loaded.dtype.isnative
    assert loaded.flags.c_contiguous


def test_that_long_doubles_become_doubles(tmp_path):
    np.save(tmp_path / "a.npy", np.longdouble([1, 2]))
    assert load(str(tmp_path / "a.npy")).values.dtype == np.float64


def test_that_a_single_number_has_no_axes(tmp_path):
    np.save(tmp_path / "a.npy", np.float64(7))
    assert load(str(tmp_path / "a.npy")).values.shape == ()


def test_that_the_largest_of_several_arrays_is_taken_unless_two_are_as_large(tmp_path, refused):
    np.savez(tmp_path / "a.npz", small=np.arange(3), large=np.arange(4), word="text")
    assert load(str(tmp_path / "a.npz")).name == "large"
    assert [p.name for p in parts(str(tmp_path / "a.npz"))] == ["small", "large"]
    np.savez(tmp_path / "b.npz", left=np.arange(4), right=np.arange(4))
    sentence = refused(tmp_path / "b.npz")
    assert "'left', 'right'" in sentence
    assert "it has no array 'up'" in refused(f"{tmp_path}/b.npz::up")


def test_that_a_pickle_inside_is_refused_by_name_and_never_run(tmp_path, refused):
    trap = np.array([Trap(str(tmp_path / "sprung"))], dtype=object)
    np.save(tmp_path / "a.npy", trap, allow_pickle=True)
    np.savez(tmp_path / "a.npz", trap=trap)
    assert "pickle" in refused(tmp_path / "a.npy")
    assert "pickle" in refused(f"{tmp_path}/a.npz::trap")
    assert "no array" in refused(tmp_path / "a.npz")
    assert not (tmp_path / "sprung").exists()
    np.load(tmp_path / "a.npy", allow_pickle=True)  # the trap works where pickles are allowed
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.array(["a"]), "type"),
        (np.array([1j]), "type"),
        (np.array(["2020-01-01"], "datetime64[D]"), "type"),
        (np.zeros(2, [("x", float)]), "structured"),
        (np.zeros((0, 3)), "no values"),
    ],
)
def test_that_what_is_no_real_number_is_refused(values, word, tmp_path, refused):
    np.save(tmp_path / "a.npy", values)
    assert word in refused(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy("'<f8'", "(1000000000000,)"), "at most 2 GiB"),
        (npy("'<f8'", "(100,)", b"\0" * 80), "800 bytes of values, the file holds 80 bytes"),
        (npy("'<f8'", "(-1,)"), "shape"),
        (npy("'<f8'", "(True,)", b"\0" * 8), "shape"),
        (npy("'<f8'", "3", b"\0" * 24), "shape"),
        (npy("'<f3'", "(3,)", b"\0" * 24), "type '<f3'"),
        (npy("'<f8'", "__import__('os').mkdir('x')"), "header is damaged"),
        (npy("'<f8'", "(" * 3000), "header is damaged"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "header claims 4 GiB"),
        (b"\x93NUMPY", "header is damaged"),
    ],
)
def test_that_a_lying_header_is_refused(content, words, tmp_path, refused):
    (tmp_path / "a.npy").write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert words in refused(tmp_path / "a.npy")


def test_that_an_archive_entry_is_bounded_by_its_declared_size(tmp_path, refused):
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(1 << 20))  # 8 MiB in 8 KiB
    assert (tmp_path / "a.npz").stat().st_size < 20_000
    assert "at most 1 MiB" in refused(tmp_path / "a.npz", limits=Limits(bytes=1 << 20))
    content = (tmp_path / "a.npz").read_bytes()
    size = zipfile.ZipFile(tmp_path / "a.npz").getinfo("a.npy").file_size
    place = content.rindex(size.to_bytes(4, "little"))  # in the central directory
    lie = content[:place] + (200).to_bytes(4, "little") + content[place + 4 :]
    (tmp_path / "a.npz").write_bytes(lie)
    tracemalloc.start()
    try:
        assert "CRC" in refused(tmp_path / "a.npz")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_that_a_header_inside_an_archive_cannot_unpack_gigabytes(tmp_path, refused):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        bomb = b"\x93NUMPY\x02\x00" + (1 << 28).to_bytes(4, "little") + b" " * (1 << 24)
        archive.writestr("a.npy", bomb)
    assert "header claims 256 MiB" in refused(f"{tmp_path}/a.npz::a")


def test_that_packings_whose_unpacking_has_no_bound_are_refused(tmp_path, refused):
    body = io.BytesIO()
    np.save(body, np.zeros(9))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(tmp_path / "a.npz", "w", method) as archive:
            archive.writestr("a.npy", body.getvalue())
        assert "unusual" in refused(f"{tmp_path}/a.npz::a")


def test_that_archives_of_something_else_are_refused(tmp_path, refused):
    for member, word in (("xl/workbook.xml", "save the sheet as CSV"), ("a.txt", "no NumPy")):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(member, "text")
        assert word in refused(tmp_path / "a.zip")


def test_that_values_that_end_early_or_are_altered_are_refused(tmp_path, refused):
    np.savez(tmp_path / "a.npz", a=np.arange(100.0))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[400] ^= 1
    (tmp_path / "a.npz").write_bytes(content)
    assert "CRC" in refused(tmp_path / "a.npz")
    (tmp_path / "a.npz").write_bytes(content[:300])
    assert "damaged" in refused(tmp_path / "a.npz")
