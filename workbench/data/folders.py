"""A folder of pictures of one size: a stack in the order in which people number files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engines.problem import shape_text
from workbench.data import images, tiff
from workbench.data.base import BadData, Budget, Part, Raw, fault, listed, quoted
from workbench.data.sources import PICTURES, Source, opened

MOST_ENTRIES = 20_000
READERS = {"png": images, "jpeg": images, "tiff": tiff}


def parts(folder: str, budget: Budget) -> tuple[Part, ...]:
    """`*` for all pictures, and every one by the name of its file."""
    single = _pictures(folder, budget)
    first = single[0]
    return (Part("*", (len(single), *first.shape), first.dtype, "stack"), *single)


def read(folder: str, part: str, budget: Budget) -> Raw:
    """All pictures as (page, y, x), colour with a fourth axis, or one of them."""
    single = _pictures(folder, budget)
    name = Path(folder).resolve().name
    names = [p.name for p in single]
    if part and part != "*":
        if part not in names:
            raise BadData(f"it has no picture {quoted(part)}; it has {listed(names)}")
        values = _picture(folder, part, budget)
        return Raw(values, Path(part).stem, images.image_dims(values), part=part, top_down=True)
    first = single[0]
    budget.claim((len(single), *first.shape), np.dtype(first.dtype).itemsize)
    stack = np.empty((len(single), *first.shape), first.dtype)
    for place, picture in zip(stack, names):
        place[...] = _picture(folder, picture, budget)
    return Raw(stack, name, ("page", *images.image_dims(stack[0])), part="*")


def natural(name: str) -> list[tuple[int, str]]:
    """What to sort by, so that `10.png` comes behind `9.png`."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", name.lower())
    return [(int(p[:18]), "") if p.isdecimal() else (-1, p) for p in pieces]


def _pictures(folder: str, budget: Budget) -> list[Part]:
    """Name, shape and type of every picture; files of other kinds are passed over."""
    found: list[Part] = []
    for name in _names(folder, budget):
        with opened(os.path.join(folder, name), budget, strict=False) as source:
            if source.format not in PICTURES:
                continue
            with _named(name, budget):
                part = _facts(source, name, budget)
        if found and (part.shape, part.dtype) != (found[0].shape, found[0].dtype):
            raise BadData(
                f"{quoted(name)} is {shape_text(part.shape)} {part.dtype}, "
                f"{quoted(found[0].name)} is {shape_text(found[0].shape)} {found[0].dtype}; "
                "all pictures of a folder must be alike; make them so or move it elsewhere"
            )
        found.append(part)
    if not found:
        raise BadData("the folder holds no pictures (PNG, JPEG, TIFF); choose a file in it")
    return found


def _facts(source: Source, name: str, budget: Budget) -> Part:
    inside = READERS[source.format].parts(source, budget)
    if len(inside) > 1:
        raise BadData(f"{quoted(name)} has several pages; open it by itself or move it elsewhere")
    return Part(name, inside[0].shape, inside[0].dtype, inside[0].detail)


def _picture(folder: str, name: str, budget: Budget) -> np.ndarray:
    with opened(os.path.join(folder, name), budget) as source, _named(name, budget):
        return READERS[source.format].read(source, "", budget).values


@contextmanager
def _named(name: str, budget: Budget) -> Iterator[None]:
    """Says which picture it is that cannot be read."""
    try:
        yield
    except Exception as error:  # on damaged files libraries raise anything there is
        if budget.stopped or isinstance(error, MemoryError):
            raise
        reason = error if isinstance(error, BadData) else f"{fault(error)}; get it again"
        raise BadData(f"{quoted(name)}: {reason}") from error


def _names(folder: str, budget: Budget) -> Iterator[str]:
    """Files in the folder, sorted; hidden and empty ones, pipes and devices are left out."""
    names = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count > MOST_ENTRIES:
                    raise BadData(f"the folder has more than {MOST_ENTRIES} entries; split it")
                if count % 100 == 0:
                    budget.tick()
                # is_file follows links, as opening does
                if not entry.name.startswith(".") and entry.is_file() and entry.stat().st_size:
                    names.append(entry.name)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadData(f"the folder cannot be read: {reason}; check its rights") from error
    return iter(sorted(names, key=natural))
