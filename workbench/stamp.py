"""Where a picture comes from: written into it by `workbench.export`, found again here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from engines.figure import Figure
from workbench import __version__, records
from workbench.records import RunInfo
from workbench.workspace import Workspace

MOST = 100_000_000  # bytes of a file that is looked through
DESCRIPTION = 270  # the number of the tag in TIFF
MP4_HEAD = 4_000_000  # bytes at the beginning of an MP4, where its comment stands
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
    find = _READERS.get(Path(path).suffix.lower())
    if find is None:
        return None
    with suppress(OSError, ValueError, SyntaxError, ElementTree.ParseError):
        if Path(path).stat().st_size > MOST:
            return None
        stamp = json.loads(find(Path(path)))
        if isinstance(stamp, dict) and {"record", "figure"} <= stamp.keys():
            return stamp
    return None


def record_of(stamp: Stamp, workspace: Workspace) -> Path:
    """The record that a picture was drawn from: in the workspace by its run, else at its path."""
    run, named = stamp.get("run"), Path(str(stamp.get("record", "")))
    if run:
        for entry in workspace.list():
            if entry.info.state != "unreadable" and records.run_id(entry.info) == run:
                return entry.path
    for path in (named, workspace.runs / named.name):
        if named.name and path.is_file():
            with suppress(records.RecordError):
                if not run or records.run_id(records.read_info(path)) == run:
                    return path.absolute()
    raise records.RecordError(
        f"the record of the picture is {named.name or 'not named'}; it must be in the workspace or "
        f"at {named}; open the workspace that holds it, or open the record itself"
    )


def _png(path: Path) -> str:
    return _info(path, "provenance")


def _gif(path: Path) -> str:
    return _info(path, "comment")


def _info(path: Path, name: str) -> str:
    from PIL import Image

    with Image.open(path) as image:
        held = image.info.get(name, "")
    return held.decode("utf8", "replace") if isinstance(held, bytes) else str(held)


def _tiff(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        return str(getattr(image, "tag_v2", {}).get(DESCRIPTION, ""))


def _svg(path: Path) -> str:
    for _, element in ElementTree.iterparse(path):
        if element.tag == "{http://purl.org/dc/elements/1.1/}description":
            return element.text or ""
    return ""


def _pdf(path: Path) -> str:
    found = re.search(rb"/Keywords \(((?:\\.|[^\\)])*)\)", path.read_bytes(), re.DOTALL)
    return re.sub(rb"\\(.)", rb"\1", found[1]).decode("ascii") if found else ""


def _mp4(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(MP4_HEAD)
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
