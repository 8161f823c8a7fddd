"""PNG and JPEG: values between 0 and 1, upright, on white; sizes judged before decoding."""

import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data import Limits, load, parts

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.png"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels: np.ndarray, colour: int, size: tuple[int, int] | None = None) -> bytes:
    """A PNG by the format's description, for what Pillow cannot write; `size` may lie."""
    tall, wide = pixels.shape[:2]
    header = struct.pack(
        ">IIBBBBB", *(size or (wide, tall)), 8 * pixels.dtype.itemsize, colour, 0, 0, 0
    )
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(tall, -1)
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_that_grey_is_y_x_and_colour_has_channels(examples):
    grey, colour = load(examples["grey.png"].reference), load(examples["colour.png"].reference)
    assert grey.dims == ("y", "x")
    assert colour.dims == ("y", "x", "channel")
    assert load(examples["grey.jpg"].reference).values.shape == grey.values.shape


def test_that_a_smooth_jpeg_is_near_its_original(tmp_path):
    ramp = np.linspace(0, 255, 64).round().astype(np.uint8) * np.ones((64, 1), np.uint8)
    Image.fromarray(ramp).save(tmp_path / "a.jpg", quality=95)
    # JPEG at this quality errs by about two steps of 255
    np.testing.assert_allclose(load(str(tmp_path / "a.jpg")).values, ramp / 255, atol=4 / 255)


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_that_sixteen_bits_keep_all_their_bits(colour, channels, path):
    shape = (5, 7, channels) if channels > 1 else (5, 7)
    pixels = np.random.default_rng(0).integers(0, 65536, shape, dtype=np.uint16)
    if channels in (2, 4):
        pixels[..., -1] = 65535  # nothing shines through
    path.write_bytes(png(pixels, colour))
    expected = pixels[..., : channels - 1] if channels in (2, 4) else pixels
    read = np.rint(load(str(path)).values.astype(np.float64) * 65535)
    np.testing.assert_array_equal(read, np.squeeze(expected))


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK"])
def test_that_other_modes_come_out_as_pillow_shows_them_on_white(mode, tmp_path):
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (16, 16, 4), dtype=np.uint8), "RGBA")
    picture = picture.convert("RGB").convert(mode) if mode in ("1", "P", "CMYK") else picture
    picture.convert(mode).save(path)
    with Image.open(path) as saved:
        shown = saved.convert("RGBA")
        white = Image.new("RGBA", shown.size, "white")
        expected = np.asarray(Image.alpha_composite(white, shown).convert("RGB")) / 255
    loaded = load(str(path)).values
    if loaded.ndim == 2:
        loaded = np.repeat(loaded[..., None], 3, axis=2)
    np.testing.assert_allclose(loaded, expected, atol=1.01 / 255)  # Pillow rounds to 8 bits


def test_that_a_transparent_colour_shows_white(path):
    grey = np.array([[0, 100], [200, 100]], np.uint8)
    Image.fromarray(grey).save(path, transparency=100)
    np.testing.assert_allclose(load(str(path)).values, [[0, 1], [200 / 255, 1]], atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_that_the_orientation_of_the_camera_is_applied(kind, orientation, tmp_path):
    path = tmp_path / f"a.{kind}"
    block = np.kron(np.array([[0, 80, 160], [240, 120, 40]], np.uint8), np.ones((8, 8), np.uint8))
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(block).save(path, exif=exif, quality=100)
    upright = {  # what EXIF says of row 0 and column 0 of the stored picture
        1: block,
        2: np.fliplr(block),
        3: np.rot90(block, 2),
        4: np.flipud(block),
        5: block.T,
        6: np.rot90(block, -1),
        7: np.rot90(block, 2).T,
        8: np.rot90(block, 1),
    }
    np.testing.assert_allclose(load(str(path)).values, upright[orientation] / 255, atol=0.02)


def test_that_a_header_of_50000_by_50000_is_refused_before_decoding(path, refused):
    path.write_bytes(png(np.zeros((2, 2), np.uint8), 0, size=(50_000, 50_000)))
    tracemalloc.start()
    try:
        sentence = refused(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert "50000 × 50000 and takes 9.31 GiB; at most 2 GiB" in sentence
    assert parts(str(path))[0].shape == (50_000, 50_000)


def test_that_only_our_own_limit_counts_and_not_the_one_of_pillow(path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # 89 million as it comes
    path.write_bytes(png(np.zeros((20, 20), np.uint8), 0))
    assert load(str(path), limits=Limits(bytes=4 * 400)).values.shape == (20, 20)


@pytest.mark.parametrize("name", ["grey.png", "colour.png", "grey.jpg"])
def test_that_a_picture_cut_off_is_refused(name, examples, path, refused):
    content = examples[name].path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])
    assert "damaged" in refused(path)


def test_that_a_picture_has_no_parts(path, refused):
    path.write_bytes(png(np.zeros((2, 2), np.uint8), 0))
    assert "no part '3'" in refused(f"{path}::3")


def test_that_a_jpeg_that_goes_over_its_pixels_without_end_is_refused(tmp_path, refused):
    path = tmp_path / "a.jpg"
    Image.new("L", (1000, 1000), 99).save(path, progressive=True)
    whole = path.read_bytes()
    last = whole.rfind(b"\xff\xda")
    path.write_bytes(whole[:last] + 2500 * whole[last:-2] + b"\xff\xd9")
    assert "scans; a JPEG of its size must have at most 2000; save it as PNG" in refused(path)
    path.write_bytes(whole)
    assert load(str(path)).values.max() == np.float32(99 / 255)


def test_that_nothing_is_said_of_what_is_repaired(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (9, 7)).save(path, exif=b"II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\x01")
    code = f"from workbench import data; print(data.load({str(path)!r}).values.shape)"
    command = [sys.executable, "-W", "always", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("(7, 9)\n", "")
