"""TIFF: 1 to 32 bits, floats, stacks and packings; lies about size and place are refused."""

import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from workbench.data import Limits, load, parts


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.tif"


def picture(dtype: str, shape: tuple = (9, 7)) -> np.ndarray:
    rng = np.random.default_rng(0)
    if dtype.startswith("float"):
        return rng.standard_normal(shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_that_unsigned_integers_come_between_0_and_1(dtype, byteorder, bigtiff, path):
    values = picture(dtype)
    tifffile.imwrite(path, values, byteorder=byteorder, bigtiff=bigtiff)
    loaded = load(str(path))
    assert loaded.dims == ("y", "x")
    full = np.iinfo(dtype).max
    np.testing.assert_array_equal(np.rint(loaded.values.astype(np.float64) * full), values)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32", "float64"])
def test_that_signed_integers_and_floats_are_measurements_and_stay(dtype, path):
    tifffile.imwrite(path, picture(dtype))
    np.testing.assert_array_equal(load(str(path)).values, picture(dtype))


def test_that_half_floats_become_single(path):
    tifffile.imwrite(path, picture("float16"))
    expected = picture("float16").astype(np.float32)
    np.testing.assert_array_equal(load(str(path)).values, expected, strict=True)


@pytest.mark.parametrize("packing", ["zlib", "packbits", "lzw", "jpeg"])
@pytest.mark.parametrize("colour", [False, True])
def test_that_packings_are_undone(packing, colour, path):
    values = picture("uint8", (16, 16, 3) if colour else (16, 16))
    if packing in ("lzw", "jpeg"):
        values = np.full_like(values, 77)  # flat, so that JPEG keeps it
        Image.fromarray(values).save(path, compression=f"tiff_{packing}")
    else:
        tifffile.imwrite(
            path, values, compression=packing
        ) if packing == "zlib" else Image.fromarray(values).save(path, compression=packing)
    np.testing.assert_allclose(load(str(path)).values, values / 255, atol=1e-6)


def test_that_one_bit_pictures_are_0_and_1(path):
    bits = np.random.default_rng(0).random((9, 17)) > 0.5
    for packing in (None, "group4", "tiff_lzw"):
        Image.fromarray(bits).save(path, compression=packing)
        np.testing.assert_array_equal(load(str(path)).values, bits)


def test_that_white_may_be_zero(path):
    values = picture("uint8")
    tifffile.imwrite(path, values, photometric="miniswhite")
    np.testing.assert_allclose(load(str(path)).values, 1 - values / 255, atol=1e-6)


def test_that_palettes_are_resolved(path):
    values = picture("uint8")
    colours = np.random.default_rng(1).integers(0, 65536, (3, 256), dtype=np.uint16)
    tifffile.imwrite(path, values, photometric="palette", colormap=colours)
    loaded = load(str(path))
    assert loaded.dims == ("y", "x", "channel")
    np.testing.assert_allclose(loaded.values, colours.T[values] / 65535, atol=1e-6)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("alpha", ["unassalpha", "assocalpha"])
def test_that_opacity_is_laid_over_white(planar, alpha, path):
    values = picture("uint16", (9, 7, 4))
    stored = values if planar == "contig" else np.moveaxis(values, -1, 0)
    settings = {"photometric": "rgb", "planarconfig": planar, "extrasamples": [alpha]}
    tifffile.imwrite(path, stored, **settings)
    colour, opacity = values[..., :3] / 65535, values[..., 3:] / 65535
    expected = (colour if alpha == "assocalpha" else colour * opacity) + 1 - opacity
    np.testing.assert_allclose(load(str(path)).values, expected, atol=1e-6)


@pytest.mark.parametrize("packing", [None, "tiff_lzw"])  # read by tifffile and by Pillow
def test_that_the_orientation_is_applied(packing, path):
    values = picture("uint8", (4, 6))
    Image.fromarray(values).save(path, compression=packing, tiffinfo={274: 6})
    np.testing.assert_allclose(load(str(path)).values, np.rot90(values, -1) / 255, atol=1e-6)
    assert parts(str(path))[0].shape == (6, 4)


def test_that_complex_numbers_are_refused(path, refused):
    tifffile.imwrite(path, np.ones((4, 4), np.complex64))
    assert "real numbers" in refused(path)


def test_that_pages_come_as_a_stack_or_one_by_one(path, refused):
    stack = picture("uint16", (5, 9, 7))
    tifffile.imwrite(path, stack, photometric="minisblack")
    loaded = load(str(path))
    assert (loaded.dims, loaded.values.shape) == (("page", "y", "x"), (5, 9, 7))
    np.testing.assert_array_equal(load(f"{path}::3").values, loaded.values[3])
    assert [p.name for p in parts(str(path))] == ["*", "0", "1", "2", "3", "4"]
    for wrong in ("5", "-1", "x", "**"):
        assert "choose 0 to 4" in refused(f"{path}::{wrong}")


def test_that_of_unequal_pages_the_largest_is_taken(path, refused):
    with tifffile.TiffWriter(path) as file:
        for side in (8, 32, 16):
            file.write(picture("uint8", (side, side)))
    assert load(str(path)).values.shape == (32, 32)
    assert load(f"{path}::2").values.shape == (16, 16)
    assert "no page" in refused(f"{path}::*")


def test_that_one_page_may_be_asked_for_by_any_of_its_names(path):
    tifffile.imwrite(path, picture("uint8"))
    assert {load(f"{path}{part}").sha256 for part in ("", "::0", "::*")} == {load(str(path)).sha256}


def test_that_tiles_are_put_together(path):
    values = picture("uint8", (40, 50))
    tifffile.imwrite(path, values, tile=(16, 16), compression="zlib")
    np.testing.assert_allclose(load(str(path)).values, values / 255, atol=1e-6)


def tags_of(content: bytes) -> dict[int, int]:
    """Where the value of each tag of the first page stands (little-endian, classic TIFF)."""
    start = struct.unpack("<I", content[4:8])[0]
    count = struct.unpack("<H", content[start : start + 2])[0]
    places = range(start + 2, start + 2 + 12 * count, 12)
    return {struct.unpack("<H", content[p : p + 2])[0]: p + 8 for p in places}


def lie(path, **values: int) -> None:
    content = bytearray(path.read_bytes())
    tags = tags_of(content)
    for tag, value in values.items():
        place = tags[int(tag.removeprefix("tag"))]
        content[place : place + 4] = struct.pack("<I", value)
    path.write_bytes(content)


WIDTH, LENGTH, OFFSETS, COUNTS = "tag256", "tag257", "tag273", "tag279"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({WIDTH: 50_000, LENGTH: 50_000}, "50000 × 50000 and takes 9.31 GiB"),
        ({WIDTH: 2**32 - 1, LENGTH: 2**32 - 1}, "at most 2 GiB"),
        ({OFFSETS: 2**31}, "outside the file"),
        ({COUNTS: 2**31}, "outside the file"),
        ({WIDTH: 20_000, LENGTH: 20_000}, "a larger picture than the file holds"),
        ({WIDTH: 0}, ""),
    ],
)
def test_that_lying_sizes_and_places_are_refused(values, words, path, refused):
    tifffile.imwrite(path, picture("uint8"))
    lie(path, **values)
    assert words in refused(path)


def test_that_a_strip_that_unpacks_beyond_its_page_is_refused(path, refused):
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), compression="zlib")
    bomb = zlib.compress(bytes(20 << 20))
    content = path.read_bytes()
    path.write_bytes(content + bomb)
    lie(path, **{OFFSETS: len(content), COUNTS: len(bomb)})
    assert "grow beyond the 4 KiB" in refused(path, limits=Limits(bytes=1 << 20))


def test_that_a_circle_of_pages_ends(path, refused, monkeypatch):
    monkeypatch.setattr("workbench.data.tiff.MOST_PAGES", 200)
    tifffile.imwrite(path, picture("uint8", (2, 9, 7)), photometric="minisblack")
    content = bytearray(path.read_bytes())
    first = struct.unpack("<I", content[4:8])[0]
    count = struct.unpack("<H", content[first : first + 2])[0]
    next_page = first + 2 + 12 * count
    content[next_page : next_page + 4] = struct.pack("<I", first)
    path.write_bytes(content)
    assert "more than 200 pages" in refused(path)


def test_that_no_other_file_is_opened_for_a_series(path, tmp_path):
    other = (
        "<OME><Image><Pixels><TiffData><UUID FileName='b.tif'/></TiffData></Pixels></Image></OME>"
    )
    tifffile.imwrite(tmp_path / "b.tif", picture("uint8", (30, 30)))
    tifffile.imwrite(path, picture("uint8"), description=other, metadata=None)
    assert load(str(path)).values.shape == (9, 7)


def test_that_packings_only_pillow_knows_are_refused_where_it_would_lose_bits(path, refused):
    Image.fromarray(picture("uint8", (9, 7, 3))).save(path, compression="tiff_lzw")
    lie(path, tag258=16)  # BitsPerSample of one short holds at the tag only for a single channel
    assert refused(path)
