"""References, files that are none, limits, and stopping: the same for every format."""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import time
import tracemalloc
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from workbench.data import Limits, load, parts, preview, tables
from workbench.data.base import SLAB, Raw, slabs


class Stop(Exception):
    """What a caller raises to stop a load."""


def test_that_every_format_gives_what_was_written(examples):
    for example in examples.values():
        loaded = load(example.reference)
        assert len(loaded.dims) == loaded.values.ndim
        if example.values.size:  # JPEG has a test of its own
            np.testing.assert_array_equal(loaded.values, example.values, strict=True)


def test_that_the_parts_have_the_shape_and_type_that_load_gives(examples):
    for example in examples.values():
        for part in parts(str(example.path)):
            reference = f"{example.path}::{part.name}" if part.name else str(example.path)
            loaded = load(reference)
            assert (part.shape, part.dtype) == (loaded.values.shape, loaded.values.dtype.name)


def test_that_the_reference_of_an_array_loads_it_again(examples):
    for example in examples.values():
        if example.path.name not in ("plain.mat", "packed.mat"):  # hold two equally large ones
            first = load(str(example.path))
            assert load(first.reference).sha256 == first.sha256


def test_that_the_hash_is_that_of_type_shape_and_bytes(tmp_path):
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    np.save(tmp_path / "a.npy", np.asfortranarray(values))
    expected = sha256(b"<i2(2, 3)" + values.astype("<i2").tobytes()).hexdigest()
    assert load(str(tmp_path / "a.npy")).sha256 == expected


def test_that_loaded_values_cannot_be_changed(examples):
    assert not load(examples["one.npy"].reference).values.flags.writeable


def test_that_content_decides_and_not_the_ending(examples, tmp_path):
    for example in examples.values():
        renamed = tmp_path / "data.dat"
        renamed.write_bytes(example.path.read_bytes())
        reference = f"{renamed}::{example.part}" if example.part else str(renamed)
        assert load(reference).sha256 == load(example.reference).sha256


def test_that_two_colons_in_a_file_name_are_no_part(tmp_path):
    np.save(tmp_path / "a::b.npy", np.arange(3.0))
    np.savez(tmp_path / "c::d.npz", x=np.arange(4.0), y=np.arange(5.0))
    assert load(str(tmp_path / "a::b.npy")).values.size == 3
    assert load(f"{tmp_path}/c::d.npz::x").values.size == 4


def test_that_a_missing_file_is_refused(refused, tmp_path):
    assert "no such file" in refused(tmp_path / "none.csv")
    assert "zero byte" in refused("a\0b")


def test_that_a_path_too_long_is_refused(refused):
    assert refused("x" * 5000)


def test_that_an_unreadable_file_is_refused(refused, tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("1,2\n")

    def deny(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)  # the tests may run as root, whom no mode stops
    assert "permission denied" in refused(tmp_path / "a.csv")


def test_that_an_empty_file_is_refused(refused, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    assert "empty" in refused(tmp_path / "a.csv")


def test_that_links_to_files_and_folders_are_followed(tmp_path):
    (tmp_path / "there").mkdir()
    np.save(tmp_path / "there" / "real.npy", np.arange(3.0))
    (tmp_path / "link.npy").symlink_to(tmp_path / "there" / "real.npy")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "chain.npy").symlink_to(tmp_path / "here" / "real.npy")
    for name in ("link.npy", "chain.npy"):
        loaded = load(str(tmp_path / name))
        assert loaded.values.tolist() == [0, 1, 2]
        assert loaded.reference == str(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and devices as files")
def test_that_folders_pipes_sockets_and_devices_are_refused_at_once(refused, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to pipe").symlink_to(tmp_path / "pipe")
    (tmp_path / "to device").symlink_to("/dev/zero")
    (tmp_path / "to nothing").symlink_to(tmp_path / "gone.npy")
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(tmp_path)  # the path of a socket must be short
    try:
        listener.bind("socket")
    finally:
        os.chdir(here)
        listener.close()
    start = time.monotonic()
    assert "folder" in refused(tmp_path)
    assert "it is a pipe" in refused(tmp_path / "pipe")
    assert "it is a pipe" in refused(tmp_path / "to pipe")
    assert "it is a device" in refused(tmp_path / "to device")
    assert "gone.npy', where no file is" in refused(tmp_path / "to nothing")
    assert "socket" in refused(tmp_path / "socket")
    assert "device" in refused("/dev/zero")
    assert time.monotonic() - start < 2  # opening a pipe nobody writes to would wait for ever


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (pickle.dumps([1]), "pickle"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"CDF\x01\x00", "NetCDF-3"),
        (b"<svg xmlns=''></svg>", "SVG"),
        (b"  <?xml version='1.0'?><svg/>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"# vtk DataFile Version 3.0\na\nASCII\n", "VTK"),
        (b"<VTKFile type='PolyData'/>", "VTK"),
        (b'{"a": 1}', "JSON"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "no known format"),
    ],
)
def test_that_other_formats_are_refused_with_the_list_of_those_that_are_read(
    content, word, refused, tmp_path
):
    (tmp_path / "a.dat").write_bytes(content)
    sentence = refused(tmp_path / "a.dat")
    assert word in sentence
    for name in ("CSV", ".npy", "HDF5", ".mat", "PNG", "JPEG", "TIFF"):
        assert name in sentence


def test_that_a_limit_below_the_size_refuses_every_format(examples, refused):
    for example in examples.values():
        sentence = refused(example.reference, limits=Limits(bytes=50))
        assert "at most 50 bytes" in sentence, example.path.name


def test_that_a_load_without_time_left_is_refused(examples, refused):
    for example in examples.values():
        sentence = refused(example.reference, limits=Limits(seconds=0))
        assert "took longer than 0 s" in sentence, example.path.name


@pytest.mark.parametrize("call", [load, parts, preview])
def test_that_what_check_raises_reaches_the_caller_from_every_look(call, examples):
    for example in examples.values():
        calls = 0

        def count():
            nonlocal calls
            calls += 1

        call(example.reference, check=count)
        assert calls > 0
        for last in range(calls):
            left = last

            def stop():
                nonlocal left
                left -= 1
                if left < 0:
                    raise Stop

            with pytest.raises(Stop):
                call(example.reference, check=stop)


def test_that_a_stop_that_a_library_swallows_still_stops(examples, monkeypatch):
    asked = []

    def careless(source, part, budget):
        asked.append(True)
        with contextlib.suppress(Stop):
            budget.tick()
        asked.clear()
        return Raw(np.zeros(3), "a")

    def stop():
        if asked:
            raise Stop

    monkeypatch.setattr(tables, "read", careless)
    with pytest.raises(Stop):
        load(examples["plain.csv"].reference, check=stop)


def test_that_check_is_called_often_while_a_large_file_loads(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(4_000_000))
    times = [time.monotonic()]
    load(str(tmp_path / "a.npz"), check=lambda: times.append(time.monotonic()))
    assert max(np.diff(times)) < 0.5  # a stop is promised within half a second


def test_that_slabs_cover_an_array_once_in_whole_chunks():
    for shape, grain in [
        ((3000, 4000), (1, 1)),
        ((3000, 4000), (700, 900)),
        ((2, 9_000_000), (1, 1)),
        ((5,), (2,)),
        ((), ()),
        ((3, 1500, 2000), (3, 100, 100)),
    ]:
        seen = np.zeros(shape, np.uint8)
        for slab in slabs(shape, 8, grain):
            seen[slab] += 1
            assert seen[slab].size * 8 <= 2 * SLAB
            assert all(s.start % g == 0 for s, g in zip(slab, grain))
        assert (seen == 1).all()


def test_that_a_wide_refusal_takes_no_memory(refused, tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    (tmp_path / "a.npy").write_bytes(start + header)
    tracemalloc.start()
    try:
        assert "7.28 TiB" in refused(tmp_path / "a.npy")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_that_reading_data_needs_no_torch_scipy_or_window():
    heavy = {"torch", "scipy", "PySide6", "pandas", "matplotlib"}
    code = f"import sys, workbench.data; sys.exit(len({heavy} & set(sys.modules)))"
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)
