"""A figure on paper: one page of an exact width as PNG, SVG, PDF or EPS, or its data as CSV.

matplotlib is imported when the first figure is drawn, never through pyplot.
"""

from __future__ import annotations

import io
import json
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from engines.figure import Figure, Mark, Panel, frame
from workbench.layout import Layout, bar_text, free_corner, grid, layouts, named
from workbench.palette import LIGHT, look
from workbench.paper import Ink, draw, plain
from workbench.tables import write_csv

FORMATS = ("png", "svg", "pdf", "eps", "csv")
WIDTHS = (10.0, 2000.0)  # millimetres, of a page and so of its height as well
DPI = (20, 2400)
MM = 25.4
# Type is 7 pt up to the widest journal page (183 mm). Wider pages are slides and posters, read
# from afar: there it grows with the page, to 18 pt on a slide of 339 mm.
TYPE, WIDEST, AFAR = 7.0, 183.0, 128.0
ROOMY = 90.0  # millimetres of a panel in which dots have their full size
NARROWEST = 42.0  # millimetres a panel needs for its axis with labels
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
    provenance: dict[str, Any] | None = None,
) -> None:
    """Write a figure to `path`; its ending says the format.

    The page is exactly `width_mm` wide (89 is a journal column). Of a movie the last frame is
    drawn unless `frame_index` names another. `provenance`, a small JSON object, is kept in PNG
    (iTXt), PDF (Keywords), SVG (Description) and CSV (first line).
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    _check(figure, kind, width_mm, height_mm, dpi, frame_index)
    stamp = json.dumps(provenance, sort_keys=True) if provenance else ""
    if kind == "csv":
        still = frame(figure, _index(figure, frame_index))
        write_whole(path, lambda file: write_csv(still, file, stamp))
        return
    with paper():
        page = drawn(figure, kind, width_mm, height_mm, dpi, frame_index)
        write_whole(path, lambda f: page.savefig(f, format=kind, dpi=dpi, **_meta(kind, stamp)))


def picture(
    figure: Figure,
    kind: str,
    *,
    width_mm: float,
    height_mm: float | None = None,
    dpi: int = 300,
    frame_index: int | None = None,
) -> bytes:
    """What `export` would write, without a file."""
    _check(figure, kind, width_mm, height_mm, dpi, frame_index)
    held = io.BytesIO()
    with paper():
        page = drawn(figure, kind, width_mm, height_mm, dpi, frame_index)
        page.savefig(held, format=kind, dpi=dpi, **_meta(kind, ""))
    return held.getvalue()


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
    if size[0] * size[1] * (dpi / MM) ** 2 > MOST_PIXELS or max(size) * dpi / MM >= 2**16:
        raise ExportError(
            f"the page is {size[0]:g} × {size[1]:g} mm at {dpi} dpi; it must be below "
            f"{MOST_PIXELS:.0e} pixels; lower the resolution"
        )
    return _page(still, plan, kind, size, dpi)


def page_size(figure: Figure, width_mm: float) -> tuple[float, float]:
    """Width and height in millimetres that a page gets when no height is given."""
    still = frame(figure, 0)
    return width_mm, natural_height(still, layouts(figure), width_mm)


def type_size(width_mm: float) -> float:
    """Points of the text on a page of this width."""
    return TYPE * _scale(width_mm)


def natural_height(figure: Figure, plan: tuple[Layout, ...], width_mm: float) -> float:
    """A height in millimetres at which each row of panels has the shape of its data."""
    _, columns = grid(figure, _columns(width_mm))
    scale = _scale(width_mm)
    total = (6.0 if figure.title else 1.0) * scale
    for start in range(0, len(figure.panels), columns):
        row = list(zip(figure.panels, plan, strict=True))[start : start + columns]
        total += max(_panel_height(p, q, width_mm / columns, scale) for p, q in row)
    return min(max(total, WIDTHS[0]), 2.5 * width_mm)


def _panel_height(panel: Panel, plan: Layout, width: float, scale: float) -> float:
    left, right, bottom, top = plan.limits
    beside = (12.0 if panel.y.ticks else 4.0) + (13.0 if plan.bar is not None else 0.0)
    below = (9.0 if panel.x.ticks else 2.0) + (4.0 if panel.title else 0.0)
    linear = panel.x.scale == panel.y.scale == "linear"
    aspect = abs((top - bottom) / (right - left)) if panel.equal and linear else 0.72
    return max(width - beside * scale, 5.0) * min(max(aspect, 0.2), 2.0) + below * scale


def _columns(width_mm: float) -> int:
    return max(1, int(width_mm / _scale(width_mm) / NARROWEST))


def _scale(width_mm: float) -> float:
    return 1.0 if width_mm <= WIDEST else width_mm / AFAR


def _check(
    figure: Figure,
    kind: str,
    width: float,
    height: float | None,
    dpi: int,
    index: int | None,
) -> None:
    if kind not in FORMATS:
        raise ExportError(
            f"the file's ending is {'.' + kind if kind else 'missing'}; it must be one of "
            f"{', '.join('.' + f for f in FORMATS)}; choose another name"
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
    if index is not None and not -figure.frames() <= index < figure.frames():
        raise ExportError(
            f"the frame is {index}; it must be below {figure.frames()}; frames count from 0"
        )


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """All of the file or nothing: written beside its place, then moved there."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("xb") as file:
            write(file)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(
            f"{path} cannot be written ({reason}); choose another folder or free some space"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _index(figure: Figure, index: int | None) -> int:
    """The frame that is meant: the last one unless another is named."""
    return (figure.frames() - 1 if index is None else index) % figure.frames()


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


def _page(
    figure: Figure, plan: tuple[Layout, ...], kind: str, size: tuple[float, float], dpi: int
) -> Any:
    """The drawn page, a matplotlib figure."""
    from matplotlib.figure import Figure as Page

    tight = all(panel.equal for panel in figure.panels)
    page: Any = Page(
        figsize=(size[0] / MM, size[1] / MM),
        dpi=dpi,
        layout="compressed" if tight and len(figure.panels) > 1 else "constrained",
        facecolor=LIGHT.ground,
    )
    scale = _scale(size[0])
    gap = 1.2 * scale / MM
    page.get_layout_engine().set(w_pad=gap, h_pad=gap, wspace=0.03, hspace=0.03)
    if figure.title:
        page.suptitle(plain(figure.title), fontsize=(TYPE + 1) * scale, fontweight="bold")
    rows, columns = grid(figure, _columns(size[0]))
    for place, (panel, laid) in enumerate(zip(figure.panels, plan, strict=True)):
        axes = page.add_subplot(rows, columns, place + 1)
        _panel(axes, panel, laid, scale, kind, size[0] / columns)
    return page


def _panel(axes: Any, panel: Panel, plan: Layout, scale: float, kind: str, width: float) -> None:
    size = TYPE * scale
    # What is not positive has no place on a logarithmic axis: a gap, as on the screen.
    gaps: dict[str, Any] = {"linear": {}, "log": {"nonpositive": "mask"}}
    axes.set_xscale(panel.x.scale, **gaps[panel.x.scale])
    axes.set_yscale(panel.y.scale, **gaps[panel.y.scale])
    axes.set_xlim(*plan.limits[:2])
    axes.set_ylim(*plan.limits[2:])
    axes.set_autoscale_on(False)
    drawn = None
    names = named(panel)
    dot = scale * min(1.0, width / scale / ROOMY)
    for place, mark in enumerate(panel.marks):
        colour, dashes = look(LIGHT, *plan.slots[place])
        name = getattr(mark, "name", "")
        label = name if names.get(name) == place else "_nolegend_"
        faint = getattr(mark, "role", "data") != "data"
        span = plan.ranges[place]
        ink = Ink(axes, colour, dashes, span, plain(label), scale, dot, kind, faint)
        before = set(axes.get_children())
        coloured = draw(mark, ink)
        drawn = coloured if place == plan.bar else drawn
        for artist in axes.get_children():  # later marks on top, as on the screen
            if artist not in before:
                artist.set_zorder(1 + place / 1000)
    if panel.equal:
        axes.set_aspect("equal", adjustable="box")
    _dress(axes, panel, size, scale, width)
    if drawn is not None and plan.bar is not None:
        _colour_bar(axes, drawn, panel.marks[plan.bar], size, scale, width)
    if plan.legend:
        _legend(axes, free_corner(panel, plan.limits), size, 1.0 if kind == "eps" else 0.8)


def _legend(axes: Any, corner: str, size: float, opacity: float) -> None:
    legend = axes.legend(
        loc=corner,
        fontsize=size,
        edgecolor="none",
        facecolor=LIGHT.ground,
        framealpha=opacity,
        borderpad=0.2,
        labelspacing=0.25,
        handlelength=1.6,
    )
    for handle in legend.legend_handles:
        if hasattr(handle, "set_sizes"):  # dots may be tiny in the panel
            handle.set_sizes([(size / 2) ** 2])


def _dress(axes: Any, panel: Panel, size: float, scale: float, width: float) -> None:
    """Axes, labels and title."""
    from matplotlib.ticker import MaxNLocator

    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    thin = 0.6 * scale
    for axis, side, name in ((panel.x, "bottom", "x"), (panel.y, "left", "y")):
        axes.spines[side].set(visible=axis.ticks, linewidth=thin, color=LIGHT.text)
        shown = {side: axis.ticks, f"label{side}": axis.ticks}
        axes.tick_params(
            name,
            which="both",
            labelsize=size,
            width=thin,
            length=2.5 * scale,
            pad=1.5 * scale,
            color=LIGHT.text,
            labelcolor=LIGHT.text,
            **shown,
        )
        axes.tick_params(name, which="minor", length=1.5 * scale, labelsize=size)
        ours = getattr(axes, f"{name}axis")
        if axis.scale == "linear":
            count = max(2, min(5, int(width / scale / 11)))
            ours.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
        ours.get_offset_text().set_fontsize(size)
    axes.set_xlabel(plain(panel.x.text()), fontsize=size, color=LIGHT.text, labelpad=1.5 * scale)
    axes.set_ylabel(plain(panel.y.text()), fontsize=size, color=LIGHT.text, labelpad=1.5 * scale)
    if panel.title:
        axes.set_title(plain(panel.title), fontsize=size, color=LIGHT.text, pad=3 * scale)


def _colour_bar(axes: Any, drawn: Any, mark: Mark, size: float, scale: float, width: float) -> None:
    """A bar as high as the axes, two millimetres wide, labelled with name and unit."""
    beside = axes.inset_axes([1.0 + 2.0 * scale / width, 0.0, 3.5 * scale / width, 1.0])
    bar = axes.figure.colorbar(drawn, cax=beside)
    bar.solids.set_rasterized(True)  # viewers show seams between 256 filled strips
    bar.outline.set_visible(False)
    beside.tick_params(labelsize=size, width=0.6 * scale, length=2 * scale, pad=1.5 * scale)
    beside.yaxis.get_offset_text().set_fontsize(size)
    bar.set_label(plain(bar_text(mark)), fontsize=size, color=LIGHT.text, labelpad=2 * scale)
