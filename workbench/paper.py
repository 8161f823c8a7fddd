"""How matplotlib draws each mark: one function per mark; a mark without one raises.

matplotlib is imported inside the functions, because only drawing on paper needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from engines.figure import Annotation, Bars, Contours, Image, Line, Mark, Points, Segments, Text
from workbench.layout import arrow_heads, error_ends, staircase
from workbench.palette import LIGHT, blend, table

DOTS, STROKES = 5_000, 50_000  # more than these become pixels inside a vector file


@dataclass(frozen=True)
class Ink:
    """What a mark is drawn with; points are multiplied by `scale`, those of dots by `dot`."""

    axes: Any
    colour: str
    dashes: tuple[float, ...]
    range: tuple[float, float] | None
    label: str
    scale: float
    dot: float
    kind: str
    faint: bool

    @property
    def stroke(self) -> Any:
        """The line pattern as matplotlib takes it."""
        return (0, self.dashes) if self.dashes else "-"

    def width(self, points: float) -> float:
        """Line width in points; guides and references are thinner than data."""
        return points * self.scale * (0.7 if self.faint else 1.0)

    def paint(self, weight: float) -> dict[str, Any]:
        """Colour of an opacity; EPS has none, so the blend with the ground is used there."""
        if self.kind == "eps":
            return {"color": blend(self.colour, LIGHT.ground, weight)}
        return {"color": self.colour, "alpha": weight}


def plain(text: str) -> str:
    """Text as it is: matplotlib would read formulas between dollar signs."""
    return text.replace("$", r"\$")


@singledispatch
def draw(mark: Mark, ink: Ink) -> Any:
    """Draw a mark; gives what a colour bar explains, None where there are no such colours."""
    raise TypeError(f"{type(mark).__name__} is a mark that paper cannot show; add it to paper.py")


@draw.register
def _line(mark: Line, ink: Ink) -> None:
    many = mark.x.size > STROKES
    if mark.error is not None:
        low, high = error_ends(mark, ink.axes.get_yscale() == "log")
        paint = ink.paint(0.5)
        ink.axes.vlines(mark.x, low, high, linewidth=ink.width(0.8), rasterized=many, **paint)
    ink.axes.plot(
        mark.x,
        mark.y,
        color=ink.colour,
        linewidth=ink.width(1.0),
        linestyle=ink.stroke,
        marker="o" if mark.x.size == 1 else "",
        markersize=3 * ink.scale,
        label=ink.label,
        rasterized=many,
    )


@draw.register
def _points(mark: Points, ink: Ink) -> Any:
    from matplotlib.colors import ListedColormap

    hollow = mark.role == "reference"
    style: dict[str, Any] = {"color": ink.colour}
    if mark.values is not None and ink.range is not None:
        style = {
            "c": mark.values,
            "cmap": ListedColormap(table("sequential") / 255.0),
            "vmin": ink.range[0],
            "vmax": ink.range[1],
        }
    elif hollow:
        style = {"facecolors": "none", "edgecolors": ink.colour}
    dots = ink.axes.scatter(
        mark.x,
        mark.y,
        s=(mark.size * ink.dot) ** 2,
        linewidths=0.6 * ink.scale if hollow else 0,
        label=ink.label,
        rasterized=mark.x.size > DOTS,
        **style,
    )
    return dots if mark.values is not None else None


@draw.register
def _image(mark: Image, ink: Ink) -> Any:
    from matplotlib.colors import ListedColormap, LogNorm, Normalize

    style: dict[str, Any] = {}
    values = mark.values
    if mark.colours == "rgb" or ink.range is None:
        if values.dtype != np.uint8:
            values = np.nan_to_num(values).clip(0, 1)
    else:
        norm = LogNorm if mark.log else Normalize
        style = {
            "cmap": ListedColormap(table(mark.colours) / 255.0),
            "norm": norm(*ink.range, clip=mark.log),
        }
    if values.size == 0:
        return None
    left, right, bottom, top = mark.box()
    if ink.axes.get_xscale() == ink.axes.get_yscale() == "linear":
        drawn = ink.axes.imshow(
            values,
            extent=(left, right, bottom, top),
            origin="upper" if mark.top_down else "lower",
            aspect="auto",
            **style,
        )
    else:  # pixels of unequal width
        rows, columns = values.shape[:2]
        drawn = ink.axes.pcolormesh(
            np.linspace(left, right, columns + 1),
            np.linspace(bottom, top, rows + 1),
            values[::-1] if mark.top_down else values,
            rasterized=True,
            **style,
        )
    return None if mark.colours == "rgb" else drawn


@draw.register
def _contours(mark: Contours, ink: Ink) -> None:
    rows, columns = mark.values.shape
    finite = mark.values[np.isfinite(mark.values)]
    if rows < 2 or columns < 2 or finite.size == 0:
        return
    inside = np.unique(mark.levels[(mark.levels > finite.min()) & (mark.levels < finite.max())])
    left, right, bottom, top = mark.extent
    x, y = (right - left) / columns, (top - bottom) / rows
    if inside.size:
        ink.axes.contour(
            left + x * (np.arange(columns) + 0.5),
            bottom + y * (np.arange(rows) + 0.5),
            mark.values,
            levels=inside,
            colors=ink.colour,
            linewidths=ink.width(0.8),
        )
    ink.axes.plot([], [], color=ink.colour, linewidth=ink.width(0.8), label=ink.label)


@draw.register
def _bars(mark: Bars, ink: Ink) -> None:
    floor = min(ink.axes.get_ylim()) if ink.axes.get_yscale() == "log" else 0.0
    x, y = staircase(mark, floor)
    if not ink.faint:
        ink.axes.fill_between(x, floor, y, linewidth=0, **ink.paint(0.35))
    ink.axes.plot(
        x,
        y,
        color=ink.colour,
        linewidth=ink.width(0.9),
        linestyle=ink.stroke,
        label=ink.label,
    )


@draw.register
def _segments(mark: Segments, ink: Ink) -> None:
    weights = np.ones(mark.x0.size) if mark.weights is None else mark.weights.clip(0, 1)
    order = np.argsort(weights, kind="stable")  # the strong ones on top
    ends = np.stack([mark.x0, mark.y0, mark.x1, mark.y1], axis=1)[order].reshape(-1, 2, 2)
    colours = [blend(ink.colour, LIGHT.ground, float(w)) for w in weights[order]]
    ink.axes.add_collection(
        _strokes(
            ends,
            3.5 * ink.scale if mark.arrows else 0.0,
            colors=colours,
            linewidths=ink.width(0.8),
            capstyle="round",
            rasterized=len(ends) > DOTS,
        ),
        autolim=False,
    )
    ink.axes.plot([], [], color=ink.colour, linewidth=ink.width(0.8), label=ink.label)


def _strokes(ends: np.ndarray, head: float, **style: Any) -> Any:
    """Lines whose arrow heads are `head` points long on the page, however the axes are scaled."""
    from matplotlib.collections import LineCollection

    class Strokes(LineCollection):
        def draw(self, renderer: Any) -> None:
            if head and len(ends):
                axes: Any = self.axes
                here = axes.transData.transform(ends.reshape(-1, 2)).reshape(-1, 4)
                size = renderer.points_to_pixels(head)
                x, y = arrow_heads(here[:, 0], here[:, 1], here[:, 2], here[:, 3], size)
                tip = here[:, 2:]
                barb = [np.stack([x[0], y[0]], 1), tip, np.stack([x[1], y[1]], 1)]
                back = axes.transData.inverted().transform(np.stack(barb, 1).reshape(-1, 2))
                self.set_segments([*ends, *back.reshape(-1, 3, 2)])
            super().draw(renderer)

    return Strokes(list(ends), **style)


@draw.register
def _text(mark: Text, ink: Ink) -> None:
    from matplotlib.patheffects import withStroke

    halo = withStroke(linewidth=1.5 * ink.scale, foreground=LIGHT.ground)
    ink.axes.text(
        mark.x,
        mark.y,
        plain(mark.text),
        fontsize=7 * ink.scale,
        color=LIGHT.text,
        ha="center",
        va="center",
        clip_on=True,
        path_effects=[halo],
    )


def annotate(axes: Any, note: Annotation, scale: float, kind: str) -> None:
    """Words on a plate, and an arrow from it to its place, above all marks."""
    from matplotlib.patheffects import withStroke

    with np.errstate(all="ignore"):
        ends = axes.transData.transform([(note.x, note.y), (note.text_x, note.text_y)])
    if not np.isfinite(ends).all():  # a logarithmic axis does not have the place
        return
    plate = {
        "boxstyle": "round,pad=0.3",
        "facecolor": LIGHT.ground,
        "edgecolor": LIGHT.guide,
        "linewidth": 0.4 * scale,
        "alpha": 1.0 if kind == "eps" else 0.88,
    }
    arrow = {
        "arrowstyle": "-|>,head_length=0.45,head_width=0.18",  # of the size of the type
        "color": LIGHT.text,
        "linewidth": 0.7 * scale,
        "shrinkA": 0.0,
        "shrinkB": 0.0,
    }
    drawn = axes.annotate(
        plain(note.text),
        xy=(note.x, note.y),
        xytext=(note.text_x, note.text_y),
        fontsize=7 * scale,
        color=LIGHT.text,
        ha="center",
        va="center",
        bbox=plate,
        arrowprops=arrow,
        zorder=3,
    )
    drawn.set_in_layout(False)  # the panel keeps its size
    rim = withStroke(linewidth=1.6 * scale, foreground=LIGHT.ground)  # seen on dark images
    drawn.arrow_patch.set_path_effects([rim])
