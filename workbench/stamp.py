"""Where a picture comes from: written into it by `workbench.export`, found again here."""

from __future__ import annotations

import json
import math
import mmap
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import XMLParser

from engines.figure import Figure
from workbench import __version__, records
from workbench.records import RunInfo
from workbench.workspace import Workspace

MOST = 100_000_000  # bytes of a file that is looked through
SHOWN = 80  # characters of a name
DESCRIPTION = 270  # the number of the tag in TIFF
KEYWORDS = b"/Keywords ("
HEAD = 4_000_000  # bytes at the beginning of an MP4 or SVG, where its description stands
LONGEST = 1_000_000  # bytes of what is written into a picture; it takes a few hundred
PIECE = 1 << 16
# Of these options the frame and the view stand beside the others.
BESIDE = ("frame_index", "view", "provenance")

Stamp = dict[str, Any]


def made(record: Path, info: RunInfo, figure: Figure, options: Mapping[str, Any]) -> Stamp:
    """What is written into a picture of a figure that is exported with these options."""
    stamp: Stamp = {
        "workbench": __version__,
        "run": records.run_id(info),
        "record": str(Path(record).absolute()),
        "method": info.method,
        "figure": figure.name,
        "settings": {n: v for n, v in options.items() if n not in BESIDE and v is not None},
    }
    if figure.frames() > 1 and "every" not in options:
        index = options.get("frame_index")
        stamp["frame"] = figure.frames() - 1 if index is None else index
    if any(panel.in_space for panel in figure.panels):
        stamp["view"] = list(options.get("view") or figure.view)
    return stamp


def read(path: Path) -> Stamp | None:
    """What stands in a picture; None where it is none of ours."""
    path = Path(path)
    find = _READERS.get(path.suffix.lower())
    with suppress(Exception):  # on damaged files libraries raise anything there is
        if find is not None and path.is_file() and path.stat().st_size <= MOST:
            text = find(path)
            stamp = json.loads(text) if len(text) <= LONGEST else None
            return stamp if _is_stamp(stamp) else None
    return None


def record_of(stamp: Stamp, workspace: Workspace) -> Path:
    """The record that a picture was drawn from: in the workspace by its run, else at its path."""
    run, named = stamp.get("run"), Path(str(stamp.get("record", "")))
    if run:
        for entry in workspace.list():
            if entry.info.state != "unreadable" and records.run_id(entry.info) == run:
                return entry.path
    for path in (named, workspace.runs / named.name):
        with suppress(OSError):  # no record, or a name that no file can have
            if named.name and path.is_file():
                info = records.read_info(path)
                if not run or records.run_id(info) == run:
                    return path.absolute()
    raise records.RecordError(
        f"the record of the picture is {_shown(named.name) or 'not named'}; it must be in the "
        f"workspace or at {_shown(str(named))}; open the workspace that holds it, or open the "
        "record itself"
    )


def _shown(name: str) -> str:
    """A name from a picture, fit for a sentence."""
    return "".join(c if c.isprintable() else "�" for c in name[:SHOWN]) + "…" * (len(name) > SHOWN)


def _is_stamp(held: Any) -> bool:
    """Whether everything in it that is used is of its kind: it may come from anywhere."""
    if not isinstance(held, dict):
        return False
    words = (held.get("record"), held.get("figure"), held.get("run", ""))
    view = held.get("view", [0, 0])
    return (
        all(isinstance(word, str) for word in words)
        and isinstance(held.get("frame", 0), int)
        and abs(held.get("frame", 0)) < MOST
        and isinstance(view, list)
        and len(view) == 2
        and all(isinstance(angle, (int, float)) and math.isfinite(angle) for angle in view)
    )


# Each kind is opened by its own class: Image.open would warn of large pictures in its own way.
def _png(path: Path) -> str:
    from PIL.PngImagePlugin import PngImageFile

    with PngImageFile(path) as image:
        return _text(image.info.get("provenance", ""))


def _gif(path: Path) -> str:
    from PIL.GifImagePlugin import GifImageFile

    with GifImageFile(path) as image:
        return _text(image.info.get("comment", ""))


def _tiff(path: Path) -> str:
    from PIL.TiffImagePlugin import TiffImageFile

    with TiffImageFile(path) as image:
        return _text(image.tag_v2.get(DESCRIPTION, ""))


def _text(held: Any) -> str:
    return held.decode("utf8", "replace") if isinstance(held, bytes) else str(held)


class _Description:
    """Takes the description from the events of an XML parser, and builds no tree."""

    TAG = "{http://purl.org/dc/elements/1.1/}description"

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.inside = self.done = False
        self._size = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.inside = tag == self.TAG and not self.done

    def data(self, text: str) -> None:
        """A piece of some text."""
        if self.inside:
            self.pieces.append(text)
            self._size += len(text)
            if self._size > LONGEST:
                raise ValueError("the description is too long to be ours")

    def end(self, tag: str) -> None:
        """An element ends."""
        self.inside, self.done = False, self.done or tag == self.TAG


def _svg(path: Path) -> str:
    found = _Description()
    parser = XMLParser(target=found)
    with path.open("rb") as file:
        while not found.done and file.tell() < HEAD and (piece := file.read(PIECE)):
            parser.feed(piece)
    return "".join(found.pieces)


def _pdf(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        start = held.find(KEYWORDS)
        piece = held[start : start + LONGEST] if start >= 0 else b""
    found = re.match(rb"[^(]*\(([^\\)]*(?:\\.[^\\)]*)*)\)", piece, re.DOTALL)
    return re.sub(rb"\\(.)", rb"\1", found[1]).decode("ascii") if found else ""


def _mp4(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD)
    start = head.find(b"\xa9cmt") + 4
    size = int.from_bytes(head[start : start + 4])
    return head[start + 16 : start + size].decode("utf8") if start > 4 else ""


_READERS: dict[str, Callable[[Path], str]] = {
    ".png": _png,
    ".gif": _gif,
    ".svg": _svg,
    ".pdf": _pdf,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".mp4": _mp4,
}
PICTURES = tuple(_READERS)
