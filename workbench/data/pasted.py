"""What comes from the clipboard becomes a file, so that a run with it can be repeated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from workbench.data.base import BadData, size_text
from workbench.data.numpy_files import PIECE

MOST_TEXT = 64 << 20


def keep_text(folder: Path, text: str) -> Path:
    """Write a table of numbers; text that is none leaves no file behind."""
    from workbench.data import load

    if len(text) > MOST_TEXT:
        raise BadData(f"the clipboard holds {size_text(len(text))} of text; save it as a file")
    path = _new(folder, "table", ".txt")
    try:
        with path.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            for start in range(0, len(text), PIECE):
                file.write(text[start : start + PIECE])
        load(str(path))
    except BadData as error:
        path.unlink()
        reason = str(error).partition(": ")[2]
        raise BadData(f"the clipboard holds no table of numbers: {reason}") from error
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def keep_picture(folder: Path, pixels: np.ndarray) -> Path:
    """Write a picture, (y, x, red green blue opacity) as bytes."""
    path = _new(folder, "picture", ".png")
    Image.fromarray(pixels, "RGBA").save(path)
    return path


def _new(folder: Path, stem: str, ending: str) -> Path:
    """A path that is not taken: `table 1.txt`, `table 2.txt`, …"""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while (path := folder / f"{stem} {number}{ending}").exists():
        number += 1
    return path
