"""HDF5: the default is found, axes and units are read, and nothing leads out of the file."""

import time
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest

from workbench.data import Limits, load, parts
from workbench.heaps import obstacle


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


def test_that_the_default_of_nexus_is_taken_with_its_axes_and_unit(path):
    with h5py.File(path, "w") as file:
        file["large"] = np.zeros(100)
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["default"] = "plot"
        plot = entry.create_group("plot")
        plot.attrs.update(NX_class="NXdata", signal="T", axes=["y", "x"])
        plot["T"] = np.ones((2, 3))
        plot["T"].attrs["units"] = "K"
    loaded = load(str(path))
    assert (loaded.name, loaded.dims, loaded.unit) == ("T", ("y", "x"), "K")
    assert loaded.reference == f"{path}::/entry/plot/T"
    assert [p.name for p in parts(str(path)) if "default" in p.detail] == ["/entry/plot/T"]
    assert load(f"{path}::/entry/plot").sha256 == loaded.sha256


def test_that_the_only_plot_is_the_default_also_without_being_named(path):
    with h5py.File(path, "w") as file:
        file["large"] = np.zeros(100)
        file.create_group("plot").attrs["signal"] = "T"
        file["plot/T"] = np.ones(3)
    assert load(str(path)).name == "T"


def test_that_a_missing_default_is_refused_kindly(path, refused):
    with h5py.File(path, "w") as file:
        file["a"] = np.zeros(3)
        file.attrs["default"] = "nowhere"
    assert "there is no '/nowhere'" in refused(path)
    assert load(f"{path}::a").values.shape == (3,)


def test_that_dimension_scales_name_the_axes_and_are_no_data_as_in_netcdf(path):
    with h5py.File(path, "w") as file:
        for name, n in (("time", 5), ("lat", 4)):
            file[name] = np.arange(float(n))
            file[name].make_scale(f"This is a netCDF dimension {name}")
        file["t2m"] = np.zeros((5, 4))
        for axis, name in enumerate(("time", "lat")):
            file["t2m"].dims[axis].attach_scale(file[name])
    assert load(str(path)).dims == ("time", "lat")
    assert [p.name for p in parts(str(path))] == ["/t2m"]
    assert load(f"{path}::time").values.tolist() == [0, 1, 2, 3, 4]


def test_that_the_largest_is_taken_and_equals_are_listed(path, refused):
    with h5py.File(path, "w") as file:
        file["a"], file["g/b"], file["text"] = np.zeros(4), np.zeros(3), "much text here"
    assert load(str(path)).name == "a"
    with h5py.File(path, "a") as file:
        file["c"] = np.zeros(4)
    assert "'/a', '/c', '/g/b'" in refused(path)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"chunks": (7, 5)},
        {"chunks": (7, 5), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"chunks": (64, 64), "compression": "lzf"},
        {"chunks": (30, 40), "scaleoffset": 0},
    ],
)
def test_that_every_layout_gives_the_same_values(settings, path, monkeypatch):
    monkeypatch.setattr("workbench.data.base.SLAB", 1000)  # many slabs
    values = np.arange(100 * 90).reshape(100, 90).astype(">i4")
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=values, maxshape=(None, None), **settings)
    loaded = load(str(path)).values
    np.testing.assert_array_equal(loaded, values.astype("i4"), strict=True)


def test_that_links_inside_the_file_are_followed_and_others_are_not(path, tmp_path, refused):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.arange(9.0)
    with h5py.File(path, "w") as file:
        file["g/a"] = np.arange(3.0)
        file["soft"] = h5py.SoftLink("/g/a")
        file["g/relative"] = h5py.SoftLink("a")
        file["outside"] = h5py.ExternalLink("other.h5", "/secret")
        file["hidden"] = h5py.SoftLink("/outside")
        file["folder"] = h5py.ExternalLink("other.h5", "/")
        file["loop"] = h5py.SoftLink("/loop")
        file["g/up"] = file["/"]  # a circle of hard links
    assert [p.name for p in parts(str(path))] == ["/g/a"]
    for inside in ("soft", "g/relative", "/g/up/g/up/g/a"):
        assert load(f"{path}::{inside}").values.tolist() == [0, 1, 2]
    for outside in ("outside", "hidden", "folder/secret"):
        assert "leads out of it" in refused(f"{path}::{outside}")
    assert "circle" in refused(f"{path}::loop")
    assert "there is no 'g/nothing'" in refused(f"{path}::g/nothing")


def test_that_values_kept_in_other_files_are_not_read(path, tmp_path, refused):
    (tmp_path / "raw").write_bytes(np.arange(9.0).tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["a"] = np.arange(9.0)
    layout = h5py.VirtualLayout((9,), float)
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "a", (9,))
    with h5py.File(path, "w") as file:
        file.create_dataset("raw", (9,), float, external=str(tmp_path / "raw"))
        file.create_virtual_dataset("virtual", layout)
    assert parts(str(path)) == ()
    assert "other files" in refused(f"{path}::raw")
    assert "stitched" in refused(f"{path}::virtual")
    assert "no array" in refused(path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([b"ab"]), "type"),
        (np.array([1j]), "type"),
        (np.zeros(2, [("x", float), ("y", int)]), "type"),
        (np.zeros((0, 3)), "empty"),
        (h5py.Empty("f8"), "empty"),
        ("text", "type"),
    ],
)
def test_that_what_is_no_real_number_is_refused(values, words, path, refused):
    with h5py.File(path, "w") as file:
        file["a"] = values
        file.create_group("g")
    assert words in refused(f"{path}::a")
    assert "is a group" in refused(f"{path}::g")
    assert "no array" in refused(path)


def test_that_object_references_are_refused(path, refused):
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=[file.ref], dtype=h5py.ref_dtype)
        lists = file.create_dataset("b", (1,), dtype=h5py.vlen_dtype(int))
        lists[0] = [1, 2]
    assert "type" in refused(f"{path}::a")
    assert "type" in refused(f"{path}::b")


def test_that_a_huge_shape_is_refused_before_memory_is_taken(path, refused):
    with h5py.File(path, "w") as file:
        file.create_dataset("a", (10**6, 10**6), "f8", chunks=(100, 100))
        file.create_dataset("b", (1,), "f8", maxshape=(None,), chunks=(2**28,))
    assert path.stat().st_size < 10_000
    assert "7.28 TiB" in refused(f"{path}::a")
    assert "2 GiB" in refused(f"{path}::b", limits=Limits(bytes=2**30))


def test_that_a_chunk_that_unpacks_beyond_its_size_is_refused(path, refused):
    bomb = zlib.compress(bytes(100 << 20))
    with h5py.File(path, "w") as file:
        settings = {"dtype": "f8", "compression": "gzip"}
        for name, side in (("a", 10), ("b", 128)):
            data = file.create_dataset(name, (side, side), chunks=(side, side), **settings)
            data.id.write_direct_chunk((0, 0), bomb)
    limits = Limits(bytes=1 << 20)
    tracemalloc.start()
    try:
        assert "too large to be judged" in refused(f"{path}::a", limits=limits)
        assert "grow beyond the 128 KiB" in refused(f"{path}::b", limits=limits)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_that_a_chunk_stored_without_its_packing_is_read(path):
    values = np.random.default_rng(0).standard_normal((128, 128))
    with h5py.File(path, "w") as file:
        settings = {"chunks": (128, 128), "compression": "gzip"}
        data = file.create_dataset("a", (128, 128), "f8", **settings)
        data.id.write_direct_chunk((0, 0), values.tobytes(), filter_mask=1)
    np.testing.assert_array_equal(load(str(path), limits=Limits(bytes=1 << 20)).values, values)


def test_that_packing_twice_or_by_an_unknown_filter_is_refused(path, refused):
    with h5py.File(path, "w") as file:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((10,))
        settings.set_deflate(9)
        settings.set_deflate(9)
        space = h5py.h5s.create_simple((10,))
        h5py.h5d.create(file.id, b"twice", h5py.h5t.NATIVE_DOUBLE, space, settings)
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((10,))
        settings.set_filter(61234, h5py.h5z.FLAG_OPTIONAL)
        h5py.h5d.create(file.id, b"odd", h5py.h5t.NATIVE_DOUBLE, space, settings)
    assert "more than once" in refused(f"{path}::twice")
    assert "filter 61234" in refused(f"{path}::odd")


def test_that_a_file_cut_off_or_still_being_written_is_refused(path, tmp_path, refused):
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(1000.0)
    content = path.read_bytes()
    for length in (10, 100, len(content) // 2, len(content) - 1):
        (tmp_path / "cut.h5").write_bytes(content[:length])
        assert "cut off" in refused(tmp_path / "cut.h5")


def test_that_a_broken_heap_of_texts_does_not_hang(path, refused):
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(3.0)
        file["a"].attrs["units"] = "m"  # texts of any length are kept in a heap
    content = bytearray(path.read_bytes())
    free = content.index(b"GCOL") + 16 + 24  # behind the heap's head and its only entry
    assert int.from_bytes(content[free + 8 : free + 16], "little") == 4096 - 40
    content[free + 8 : free + 16] = bytes(8)  # HDF5 2.0.0 would go round this entry for ever
    path.write_bytes(content)
    assert "heap at byte" in refused(path)


@pytest.mark.parametrize("version", ["earliest", "v108"])
@pytest.mark.parametrize("words", ["m", ["m", "kg"]])
def test_that_a_text_longer_than_the_file_is_refused(version, words, path, refused):
    with h5py.File(path, "w", libver=version) as file:
        file["a"] = np.arange(3.0)
        file["a"].attrs["units"] = words
    content = bytearray(path.read_bytes())
    if version == "earliest":  # later ones have a checksum here, which HDF5 looks at itself
        heap = content.index(b"GCOL").to_bytes(8, "little")
        length = content.index(heap, content.index(b"units")) - 4
        content[length : length + 4] = b"\xff" * 4
        load(str(path))
        path.write_bytes(content)
        assert f"text at byte {length}" in refused(path)
    assert obstacle_of(path) == ("" if version == "v108" else f"text at byte {length}")


def obstacle_of(path) -> str:
    with h5py.File(path) as file, path.open("rb") as stream:
        return obstacle(stream, file)


def test_that_a_file_with_too_many_objects_asks_for_a_name(path, refused, monkeypatch):
    monkeypatch.setattr("workbench.data.hdf5.MOST_OBJECTS", 20)
    with h5py.File(path, "w") as file:
        for k in range(30):
            file[f"{k}"] = np.arange(k + 1)
    assert "more than 20 objects" in refused(path)
    assert load(f"{path}::7").values.size == 8


def test_that_thousands_of_data_sets_are_listed_within_seconds(path):
    with h5py.File(path, "w", libver="latest") as file:
        for k in range(2000):
            file[f"group{k % 10}/data{k}"] = np.arange(3)
    start = time.perf_counter()
    assert len(parts(str(path))) == 2000
    assert time.perf_counter() - start < 5  # 0.3 s measured; a person waits for the list


def test_that_a_file_that_is_open_already_can_be_read(path):
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(3.0)
    for settings in ({}, {"locking": False}):  # HDF5 wants the same of all who open it
        with h5py.File(path, "r", **settings):
            assert load(str(path)).values.size == 3


def test_that_reading_leaves_the_file_as_it_was(path):
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(3.0)
    before = path.read_bytes()
    load(str(path))
    assert path.read_bytes() == before
