"""A figure on paper: one page of an exact width as PNG, SVG, PDF, EPS, TIFF, or data as CSV.

matplotlib is imported when the first figure is drawn, never through pyplot.
"""

from __future__ import annotations

import glob
import io
import json
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from engines.figure import Figure, frame
from workbench.layout import layouts
from workbench.page import MM, compose, natural_height
from workbench.tables import write_csv

FORMATS = ("png", "svg", "pdf", "eps", "tiff", "csv")
SAME = {"tif": "tiff"}  # other endings of these formats
DESCRIPTION = 270  # the number of the tag in TIFF
WIDTHS = (10.0, 2000.0)  # millimetres, of a page and so of its height as well
DPI = (20, 2400)
HIDDEN = ".tmp"  # how the name of a folder ends that is there while a file is written
MOST_PIXELS = 4e8

# Settings of matplotlib that only exist globally; fonts as TrueType, text as text in SVG.
SETTINGS = {
    "font.family": ["DejaVu Sans", "sans-serif"],  # the second where an SVG finds no first
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "workbench",
    "agg.path.chunksize": 20_000,
    "axes.unicode_minus": True,
    "axes.formatter.limits": (-4, 5),
    "axes.formatter.use_mathtext": True,
    "contour.negative_linestyle": "solid",
}
_LOCK = threading.Lock()  # the settings above are global, so one picture is drawn at a time


class ExportError(ValueError):
    """A figure, report or script cannot be written as asked."""


def export(
    figure: Figure,
    path: str | os.PathLike[str],
    *,
    width_mm: float = 89.0,
    height_mm: float | None = None,
    dpi: int = 300,
    frame_index: int | None = None,
    view: tuple[float, float] | None = None,
    annotations: bool = True,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Write a figure to `path`; its ending says the format.

    The page is exactly `width_mm` wide (89 is a journal column). Of a movie the last frame is
    drawn unless `frame_index` names another. `view` turns all 3-D panels: azimuth and elevation
    in degrees, else those of the figure. `annotations` may be left out. `provenance`, a small
    JSON object such as `workbench.stamp` makes, is kept in PNG (iTXt), PDF (Keywords), SVG
    (Description), TIFF (ImageDescription) and CSV (first line).
    """
    path = Path(path)
    kind = ending(path)
    check(figure, kind, width_mm, height_mm, dpi, frame_index)
    stamp = json.dumps(provenance, sort_keys=True) if provenance else ""
    if kind == "csv":
        still = frame(figure, _index(figure, frame_index))
        write_whole(path, lambda file: write_csv(still, file, stamp))
        return
    with paper():
        seen = as_seen(figure, view, annotations)
        page = drawn(seen, kind, width_mm, height_mm, dpi, frame_index)
        write_whole(path, lambda file: _save(page, file, kind, dpi, stamp))


def picture(
    figure: Figure,
    kind: str,
    *,
    width_mm: float,
    height_mm: float | None = None,
    dpi: int = 300,
    frame_index: int | None = None,
    view: tuple[float, float] | None = None,
    annotations: bool = True,
) -> bytes:
    """What `export` would write, without a file."""
    check(figure, kind, width_mm, height_mm, dpi, frame_index)
    held = io.BytesIO()
    with paper():
        seen = as_seen(figure, view, annotations)
        page = drawn(seen, kind, width_mm, height_mm, dpi, frame_index)
        _save(page, held, kind, dpi, "")
    return held.getvalue()


def as_seen(figure: Figure, view: tuple[float, float] | None, annotations: bool) -> Figure:
    """The figure as it is seen from somewhere else, or bare of what people added."""
    kept = figure.annotations if annotations else ()
    seen = figure.view if view is None else (view[0], view[1])
    return replace(figure, view=seen, annotations=kept)


@contextmanager
def paper() -> Iterator[None]:
    """matplotlib with our settings and nobody else's, for one thread at a time."""
    import matplotlib

    # The user's own matplotlibrc must not change a figure: start from the defaults.
    defaults: Any = {k: v for k, v in matplotlib.rcParamsDefault.items() if "backend" not in k}
    with _LOCK, matplotlib.rc_context(defaults | SETTINGS), warnings.catch_warnings():
        # A letter that the font lacks is an empty box; that is seen, and nobody can act on it.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def drawn(
    figure: Figure, kind: str, width: float, height: float | None, dpi: int, index: int | None
) -> Any:
    """One frame on a page of matplotlib, in millimetres; to be called within `paper()`."""
    plan, still = layouts(figure), frame(figure, _index(figure, index))
    size = (width, height or natural_height(still, plan, width))
    check_pixels(size, dpi)
    return compose(still, plan, kind, size, dpi)


def check_pixels(size: tuple[float, float], dpi: int) -> None:
    """Refuse a page in millimetres that would have too many pixels."""
    if size[0] * size[1] * (dpi / MM) ** 2 > MOST_PIXELS or max(size) * dpi / MM >= 2**16:
        raise ExportError(
            f"the page is {size[0]:g} × {size[1]:g} mm at {dpi} dpi; it must be below "
            f"{MOST_PIXELS:.0e} pixels; lower the resolution"
        )


def page_size(figure: Figure, width_mm: float) -> tuple[float, float]:
    """Width and height in millimetres that a page gets when no height is given."""
    still = frame(figure, 0)
    return width_mm, natural_height(still, layouts(figure), width_mm)


def ending(path: Path) -> str:
    """The format that a file name stands for."""
    kind = path.suffix.lower().removeprefix(".")
    return SAME.get(kind, kind)


def check(
    figure: Figure,
    kind: str,
    width: float,
    height: float | None,
    dpi: int,
    index: int | None,
    formats: tuple[str, ...] = FORMATS,
) -> None:
    """Refuse what cannot be drawn so, before any work."""
    if kind not in formats:
        raise ExportError(
            f"the file's ending is {'.' + kind if kind else 'missing'}; it must be one of "
            f"{', '.join('.' + f for f in formats)}; choose another name"
        )
    for name, value in (("width", width), ("height", height)):
        if value is not None and not WIDTHS[0] <= value <= WIDTHS[1]:
            raise ExportError(
                f"the {name} is {value:g} mm; it must be from {WIDTHS[0]:g} to {WIDTHS[1]:g} mm; "
                "a journal column is 89 mm"
            )
    if not DPI[0] <= dpi <= DPI[1]:
        raise ExportError(
            f"the resolution is {dpi:g} dpi; it must be from {DPI[0]} to {DPI[1]}; print needs 300"
        )
    count = figure.frames()
    if index is not None and not 0 <= index < count:
        limit = f"from 0 to {count - 1}; choose one of these" if count > 1 else "0; leave it out"
        raise ExportError(f"the frame is {index}; it must be {limit}")


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """All of the file or nothing: written beside its place, then moved there."""
    with workshop(path) as folder:
        part = folder / path.name
        with part.open("xb") as file:
            write(file)
        part.replace(path)


@contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """A hidden folder beside `path` for what is not ready; then it is gone. Faults name `path`."""
    try:
        with tempfile.TemporaryDirectory(
            prefix=_hidden(path, os.getpid()), suffix=HIDDEN, dir=path.parent
        ) as folder:
            yield Path(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(
            f"{path} cannot be written ({reason}); choose another folder or free some space"
        ) from error


def clear(path: str, pid: int) -> None:
    """Take away the workshop for `path` of a process that was killed in it."""
    where = Path(path)
    with suppress(OSError):
        for left in where.parent.glob(f"{glob.escape(_hidden(where, pid))}*{HIDDEN}"):
            shutil.rmtree(left, ignore_errors=True)


def _hidden(path: Path, pid: int) -> str:
    """How the name of a workshop begins: whose it is."""
    return f".{path.name}.{pid}-"


def _index(figure: Figure, index: int | None) -> int:
    """The frame that is meant: the last one unless another is named."""
    return figure.frames() - 1 if index is None else index


def _save(page: Any, file: IO[bytes], kind: str, dpi: int, stamp: str) -> None:
    if kind != "tiff":
        page.savefig(file, format=kind, dpi=dpi, **_meta(kind, stamp))
        return
    from PIL import Image

    held = io.BytesIO()
    page.savefig(held, format="png", dpi=dpi)
    tags = {DESCRIPTION: stamp} if stamp else {}
    # Printers want no opacity.
    picture = Image.open(held).convert("RGB")
    picture.save(file, "TIFF", compression="tiff_lzw", dpi=(dpi, dpi), tiffinfo=tags)


def _meta(kind: str, stamp: str) -> dict[str, Any]:
    """Where each format keeps the provenance; dates are left out so that equal means equal."""
    if kind == "png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("Software", "Methods Workbench")
        if stamp:
            info.add_itxt("provenance", stamp)
        return {"pil_kwargs": {"pnginfo": info}}
    if kind == "pdf":
        return {"metadata": {"Keywords": stamp or None, "CreationDate": None}}
    if kind == "svg":
        return {"metadata": {"Description": stamp or None, "Date": None}}
    return {"metadata": {"Creator": "Methods Workbench"}}
