"""TIFF pictures and stacks: 1 to 32 bits and floats, as images.py gives them.

tifffile reads what it can without its optional codecs; Pillow reads LZW, JPEG and the like.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import tifffile
from PIL import TiffImagePlugin

from workbench.data.base import (
    DEFLATE_RATIO,
    BadData,
    Budget,
    Part,
    Raw,
    choose,
    inflated,
    quoted,
)
from workbench.data.images import ORIENTATION, UPRIGHT, decoded, image_dims, on_white, unit_range
from workbench.data.sources import Source
from workbench.data.steps import Crop, window_of

# tifffile logs what it finds odd in a file; here the user gets one sentence instead.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

MOST_PAGES = 10_000
NONE, DEFLATE, PACKBITS = (1,), (8, 32946), (32773,)
PALETTE, WHITE_IS_ZERO = 3, 0
PREMULTIPLIED, OPACITY = 1, 2


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """`*` for the whole stack where all pages are alike, and every page by its number from 0."""
    with _pages(source, budget) as pages:
        return _parts(pages)


def read(source: Source, part: str, budget: Budget, crop: Crop | None = None) -> Raw:
    """One page, or all of them as (page, y, x); of a crop only its pages are read."""
    with _pages(source, budget) as pages:
        known = {p.name: p for p in _parts(pages)}
        part = part or choose(list(known.values()))
        if part not in known and not (len(pages) == 1 and part in ("0", "*")):
            raise BadData(f"it has no page {quoted(part)}; choose 0 to {len(pages) - 1}")
        if part != "*" or len(pages) == 1:
            number = int(part) if part.isdigit() else 0
            values = _page(source, pages[number], number, budget)
            dims = image_dims(values)
            values = values[window_of(values.shape, crop, dims)]
            return Raw(values, source.name, dims, part=part, top_down=True)
        shape, dtype = known["*"].shape, known["*"].dtype
        chosen, *inside = window_of(shape, crop, ("page", "y", "x", "channel"))
        numbers = range(*chosen.indices(shape[0]))
        budget.claim((len(numbers), *shape[1:]), np.dtype(dtype).itemsize)
        stack = np.empty((len(numbers), *shape[1:]), dtype)
        for place, number in zip(stack, numbers):
            place[...] = _page(source, pages[number], number, budget)
        dims = ("page", *image_dims(stack[0]))
        return Raw(stack[:, *inside], source.name, dims, part=part)


def _parts(pages: list[Any]) -> tuple[Part, ...]:
    single = [Part(str(k), *_facts(page)) for k, page in enumerate(pages)]
    first = single[0]
    if len(single) == 1:
        return (replace(first, name=""),)
    if any((p.shape, p.dtype) != (first.shape, first.dtype) for p in single):
        return tuple(single)
    return (Part("*", (len(single), *first.shape), first.dtype, "stack"), *single)


@contextmanager
def _pages(source: Source, budget: Budget) -> Iterator[list[Any]]:
    """The pages' headers. Only pages are asked for: a series may name other files."""
    source.stream.seek(0)
    with tifffile.TiffFile(source.stream, name=source.path.name) as file:
        pages: list[Any] = []
        while True:
            budget.tick()
            try:
                pages.append(file.pages[len(pages)])
            except IndexError:
                break
            if len(pages) > MOST_PAGES:
                raise BadData(f"it has more than {MOST_PAGES} pages; split it")
        if not pages:
            raise BadData("it holds no picture; the file is damaged")
        yield pages


def _facts(page: Any) -> tuple[tuple[int, ...], str, str]:
    """Shape, type and kind of a page as it will be loaded."""
    if page.dtype is None or page.axes not in ("YX", "YXS", "SYX"):
        raise BadData(
            f"a page has the axes {quoted(page.axes)} and the type {page.dtype}; a grey or colour "
            "picture of 1 to 32 bits is needed; save it as one"
        )
    sizes = dict(zip(page.axes, page.shape))
    channels = 3 if page.photometric == PALETTE else sizes.get("S", 1)
    if _opacity(page):
        channels -= 1
    shape = (sizes["Y"], sizes["X"], channels)[: 2 + (channels > 1)]
    if page.tags.valueof(ORIENTATION) in (5, 6, 7, 8):
        shape = (shape[1], shape[0], *shape[2:])
    one = np.zeros((), np.uint8 if page.photometric == PALETTE else page.dtype)
    return shape, unit_range(one).dtype.name, "colour" if channels > 1 else "grey"


def _opacity(page: Any) -> int:
    """PREMULTIPLIED, OPACITY, or 0 where the last channel is none."""
    extra = tuple(page.extrasamples)
    usable = page.samplesperpixel in (2, 4) and extra in ((PREMULTIPLIED,), (OPACITY,))
    return int(extra[0]) if usable else 0


def _page(source: Source, page: Any, number: int, budget: Budget) -> np.ndarray:
    budget.tick()
    shape, dtype, _ = _facts(page)
    budget.claim(shape, np.dtype(dtype).itemsize)
    if page.compression in NONE + DEFLATE + PACKBITS and page.predictor in (1, 2):
        _guard(source, page, budget)
        upright = UPRIGHT.get(page.tags.valueof(ORIENTATION), np.asarray)
        values = upright(_converted(page, page.asarray(maxworkers=1)))
    else:
        values = _by_pillow(source, page, number)  # which turns it upright itself
    if values.shape != shape:
        raise BadData(f"page {number} does not have the size of its header; get the file again")
    return values


def _guard(source: Source, page: Any, budget: Budget) -> None:
    """Refuse strips and tiles that take more than their page, declared or unpacked."""
    budget.claim(page.chunks, page.dtype.itemsize)
    whole = math.prod(page.chunks) * page.dtype.itemsize
    if sum(page.databytecounts) * DEFLATE_RATIO < page.nbytes:
        raise BadData("the header promises a larger picture than the file holds; get it again")
    for offset, count in zip(page.dataoffsets, page.databytecounts):
        if offset + count > source.size:
            raise BadData(
                f"the picture's values at byte {offset} lie outside the file; get it again"
            )
        if page.compression in DEFLATE and count * DEFLATE_RATIO > budget.limits.bytes:
            budget.tick()
            source.stream.seek(offset)
            inflated(source.stream.read(count), whole)


def _converted(page: Any, pixels: np.ndarray) -> np.ndarray:
    """Pixels as stored to grey or colour between 0 and 1."""
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric == PALETTE:
        return unit_range(page.colormap)[:, pixels].transpose(1, 2, 0)
    values = unit_range(pixels)
    if page.photometric == WHITE_IS_ZERO and pixels.dtype.kind in "bu":
        values = 1 - values
    opacity = _opacity(page)
    return on_white(values, premultiplied=opacity == PREMULTIPLIED) if opacity else values


def _by_pillow(source: Source, page: Any, number: int) -> np.ndarray:
    colour = page.samplesperpixel > 1
    if page.dtype.name not in (("uint8",) if colour else ("bool", "uint8", "uint16", "float32")):
        raise BadData(
            f"page {number} is packed by {page.compression.name} in a way not read here; "
            "save it without compression"
        )
    source.stream.seek(0)
    picture = TiffImagePlugin.TiffImageFile(source.stream)
    picture.seek(number)
    return np.asarray(picture) if page.dtype == np.float32 else decoded(picture)
