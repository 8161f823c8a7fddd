"""PNG and JPEG pictures as grey (y, x) or colour (y, x, channel) between 0 and 1, row 0 on top.

Transparent pixels show white paper. Palettes, CMYK and the camera's orientation are resolved.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

from workbench.data.base import BadData, Budget, Part, Raw, quoted
from workbench.data.sources import Source

# Pillow warns of what it repairs in a file; the user gets the picture, or one sentence.
warnings.filterwarnings("ignore", module=r"PIL\.")

ORIENTATION = 274  # tag of EXIF and TIFF
# What brings a picture upright, by the value of that tag.
UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
CHANNELS = {"1": 1, "L": 1, "I;16": 1, "I": 1, "LA": 2}  # any other mode is read as colour
SCAN = b"\xff\xda"  # before each part of a JPEG; not found among its values
FEW_SCANS = 20  # a progressive JPEG has about ten
MOST_WORK = 2_000_000_000  # pixels that many scans go over: a second or two
PIECE = 1 << 20
DEEP_COLOUR = {2: "RGB", 4: "LA", 6: "RGBA"}  # PNG's colour types, where samples have 16 bits


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """The one picture in the file."""
    picture = _open(source)
    colour = CHANNELS.get(picture.mode, 3) == 3
    shape = (picture.height, picture.width, 3)[: 2 + colour]
    return (Part("", shape, "float32", "colour" if colour else "grey"),)


def read(source: Source, part: str, budget: Budget) -> Raw:
    """The picture as float32."""
    if part:
        raise BadData(f"it holds one picture and no part {quoted(part)}; leave out '::' and it")
    picture = _open(source)
    shape = (picture.height, picture.width, CHANNELS.get(picture.mode, 3))
    budget.claim(shape if shape[2] > 1 else shape[:2], 4)
    if source.format == "jpeg":
        _guard_scans(source, shape[0] * shape[1])
    values = _deep(source) if _is_deep(source) else decoded(picture)
    orientation = picture.getexif().get(ORIENTATION, 1)
    values = UPRIGHT.get(orientation, np.asarray)(values)
    return Raw(values, source.name, image_dims(values), top_down=True)


def image_dims(values: np.ndarray) -> tuple[str, ...]:
    """Axes of a picture."""
    return ("y", "x", "channel")[: values.ndim]


def decoded(picture: ImageFile.ImageFile) -> np.ndarray:
    """Pixels of a Pillow picture between 0 and 1."""
    image: Image.Image = picture
    if "transparency" in picture.info and picture.mode in ("1", "L", "P", "RGB"):
        image = image.convert("LA" if picture.mode in ("1", "L") else "RGBA")
    elif picture.mode not in ("1", "L", "LA", "I", "I;16", "RGB", "RGBA"):
        image = image.convert("RGB")
    pixels = np.asarray(image)
    # Older versions of Pillow give 16-bit grey as 32-bit integers.
    return on_white(unit_range(pixels.astype(np.uint16) if image.mode == "I" else pixels))


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Unsigned integers as 0 to 1; signed ones and floats are measurements and stay as they are."""
    kind, size = pixels.dtype.kind, pixels.dtype.itemsize
    precise = np.float32 if size < 4 else np.float64
    if kind == "u":
        return np.divide(pixels, np.iinfo(pixels.dtype).max, dtype=precise)
    if kind in "bi":
        return pixels.astype(precise)
    return pixels.astype(np.float32) if size < 4 else pixels


def on_white(pixels: np.ndarray, *, premultiplied: bool = False) -> np.ndarray:
    """Grey or colour with its last channel, the opacity, laid over white; else unchanged."""
    if pixels.ndim < 3 or pixels.shape[-1] not in (2, 4):
        return pixels
    opacity = pixels[..., -1:]
    colour = pixels[..., :-1] if premultiplied else pixels[..., :-1] * opacity
    shown = colour + (1 - opacity)
    return shown[..., 0] if shown.shape[-1] == 1 else shown


def _open(source: Source) -> ImageFile.ImageFile:
    """By the class itself: Image.open would try other formats, and warns by size in its own way."""
    source.stream.seek(0)
    if source.format == "png":
        return PngImagePlugin.PngImageFile(source.stream)
    return JpegImagePlugin.JpegImageFile(source.stream)


def _guard_scans(source: Source, pixels: int) -> None:
    """Refuse a JPEG of so many scans over all of its pixels that it would take minutes."""
    source.stream.seek(0)
    scans, rest = 0, b""
    while piece := source.stream.read(PIECE):
        scans += (rest + piece).count(SCAN)
        rest = piece[-1:]
    most = max(FEW_SCANS, MOST_WORK // max(pixels, 1))
    if scans > most:
        raise BadData(
            f"it has {scans} scans; a JPEG of its size must have at most {most}; save it as PNG"
        )


def _is_deep(source: Source) -> bool:
    source.stream.seek(24)
    depth, colour = source.stream.read(2)
    return source.format == "png" and depth == 16 and colour in DEEP_COLOUR


def _deep(source: Source) -> np.ndarray:
    """PNG with 16 bits in each of several channels, where Pillow keeps the upper byte only.

    Told that the samples are little-endian it keeps the lower one instead; two channels of two
    bytes pass as four of one.
    """
    source.stream.seek(25)
    mode = DEEP_COLOUR[source.stream.read(1)[0]]
    if mode == "LA":
        both = _as(source, "RGBA")
        pixels = both[..., 0::2] * np.uint16(256) + both[..., 1::2]
    else:
        pixels = _as(source, f"{mode};16B") * np.uint16(256) + _as(source, f"{mode};16L")
    return on_white(unit_range(pixels))


def _as(source: Source, layout: str) -> np.ndarray:
    """A PNG's bytes, unpacked as this layout."""
    picture = _open(source)
    picture.tile = [tile._replace(args=layout) for tile in picture.tile]
    return np.asarray(picture)
