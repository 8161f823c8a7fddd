"""How pyqtgraph draws each mark: one function per mark; a mark without one raises.

Each function asks to `keep` its items: they are made and put into the view the first time and
given back ever after, so that a live picture only changes their data. Coordinates are those of
the view: on a logarithmic axis the logarithm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPen

from engines.figure import Bars, Contours, Image, Line, Mark, Points, Segments, Text
from ui.level_lines import level_lines
from ui.plot_items import Dots, Strokes
from workbench.layout import error_ends, staircase
from workbench.palette import Theme, table

Keep = Callable[..., tuple[Any, ...]]  # takes what makes the items, gives the items

# Above these a pen of one pixel, then no smoothing: 1e4 points take 6 ms instead of 50.
WIDE, SMOOTH = 2_000, 100_000
POINT = 96 / 72  # pixels


@dataclass(frozen=True)
class Ink:
    """What a mark is drawn with on the screen. `floor` is where bars stand on a log axis."""

    theme: Theme
    colour: str
    dashes: tuple[float, ...]
    range: tuple[float, float] | None
    faint: bool
    font: QFont
    log_x: bool
    log_y: bool
    floor: float

    def x(self, values: np.ndarray) -> np.ndarray:
        """Abscissae as the view has them."""
        return logarithm(values) if self.log_x else values

    def y(self, values: np.ndarray) -> np.ndarray:
        """Ordinates as the view has them."""
        return logarithm(values) if self.log_y else values

    def pen(self, width: float, count: int = 0) -> QPen:
        """A pen of `width` pixels, thinner for references, guides and `count` many points."""
        # Large letters, as for a talk, go with thick lines.
        width *= max(1.0, self.font.pointSizeF() / QGuiApplication.font().pointSizeF())
        width = 1.0 if count > WIDE else width * (0.7 if self.faint else 1.0)
        pen = pg.mkPen(self.colour, width=max(1.0, width))
        if self.dashes:
            pen.setDashPattern(self.dashes)
        return pen


def logarithm(values: np.ndarray) -> np.ndarray:
    """Decimal logarithm, NaN (a gap) where there is none."""
    with np.errstate(all="ignore"):
        found = np.log10(values)
    found[~np.isfinite(found)] = np.nan
    return found


def _finite(values: np.ndarray) -> bool:
    """Whether all are finite; a sum is the quickest way to ask."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(values.sum())) or bool(np.isfinite(values).all())


@singledispatch
def draw(mark: Mark, keep: Keep, ink: Ink) -> None:
    """Draw a still mark with the items that `keep` has for it."""
    raise TypeError(
        f"{type(mark).__name__} is a mark that the screen cannot show; add it to plots.py"
    )


@draw.register
def _line(mark: Line, keep: Keep, ink: Ink) -> None:
    bars, curve = keep(Strokes, pg.PlotDataItem)
    x, y = ink.x(mark.x), ink.y(mark.y)
    pen = ink.pen(1.8, x.size)
    _curve(curve, x, y, pen, dot=mark.x.size == 1)
    if mark.error is not None:
        low, high = error_ends(mark, ink.log_y)
        ends = np.stack([x, ink.y(low), x, ink.y(high)], axis=1)
        solid = QPen(QColor(ink.colour), 1.0)
        solid.setCosmetic(True)
        bars.set(ends, solid, np.full(len(ends), 0.6))
    bars.setVisible(mark.error is not None)


def _curve(
    curve: pg.PlotDataItem, x: np.ndarray, y: np.ndarray, pen: QPen, dot: bool = False
) -> None:
    """Set a curve by the quickest way that its data allow.

    Thinning and clipping assume ascending x, and the check for gaps may only be left out where
    there are none.
    """
    whole = _finite(x) and _finite(y)
    with np.errstate(invalid="ignore"):
        ascending = whole and x.size > WIDE and bool((x[1:] >= x[:-1]).all())
    curve.setDownsampling(auto=ascending, method="peak")
    curve.setClipToView(ascending)
    curve.setSkipFiniteCheck(whole)
    curve.setData(
        x,
        y,
        pen=pen,
        connect="all" if whole else "finite",
        antialias=x.size <= SMOOTH,
        symbol="o" if dot else None,
        symbolBrush=pen.color(),
        symbolPen=None,
        symbolSize=6,
    )


@draw.register
def _points(mark: Points, keep: Keep, ink: Ink) -> None:
    (dots,) = keep(Dots)
    colours: tuple[str, ...] = (ink.colour,)
    which = None
    if mark.values is not None and ink.range is not None:
        low, high = ink.range
        share = np.nan_to_num((mark.values - low) / (high - low)).clip(0, 1)
        which = (share * 255).astype(np.uint8)
        colours = _names("sequential")
    hollow = mark.role == "reference"
    dots.set(ink.x(mark.x), ink.y(mark.y), colours, mark.size * POINT, which, hollow)


def _names(colours: str) -> tuple[str, ...]:
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in table(colours))


@draw.register
def _image(mark: Image, keep: Keep, ink: Ink) -> None:
    (item,) = keep(partial(pg.ImageItem, axisOrder="row-major"))
    values, box = mark.values, mark.box()
    if values.size == 0:
        item.clear()
        return
    values = values[::-1] if mark.top_down else values
    values, box = _on_log_axes(values, box, ink)
    if mark.colours == "rgb" or ink.range is None:
        item.setImage(_bytes(values), levels=None, lut=None, autoLevels=False)
    else:
        grades, top = _grades(values, ink.range, mark.log)
        item.setImage(grades, levels=(0.0, top), lut=table(mark.colours), autoLevels=False)
    left, right, bottom, top = box
    item.setRect(QRectF(left, bottom, right - left, top - bottom))


def _bytes(values: np.ndarray) -> np.ndarray:
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    return (np.nan_to_num(values).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _grades(values: np.ndarray, ends: tuple[float, float], log: bool) -> tuple[np.ndarray, float]:
    """Values as float32 above the lower end, and the upper end: a large offset costs no digits."""
    low, high = ends
    with np.errstate(all="ignore"):
        if log:
            ratio = np.log10(np.maximum(values, low) / low)  # maximum keeps NaN
            return ratio.astype(np.float32), float(np.log10(high / low))
        above = np.empty(values.shape, np.float32)
        np.subtract(values, low, out=above, casting="same_kind")  # in float64 where values are
        return above, high - low


def _on_log_axes(
    values: np.ndarray, box: tuple[float, float, float, float], ink: Ink
) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """The image resampled to pixels that are equally wide on the axes as they are."""
    left, right, bottom, top = box
    if ink.log_x:
        values, left, right = _even(values, left, right, 1)
    if ink.log_y:
        values, bottom, top = _even(values, bottom, top, 0)
    return values, (left, right, bottom, top)


def _even(
    values: np.ndarray, start: float, end: float, axis: int
) -> tuple[np.ndarray, float, float]:
    count = values.shape[axis]
    step = (end - start) / count
    low = np.log10(max(start, abs(step) * 0.1))  # an axis from zero starts inside the first pixel
    high = np.log10(max(end, abs(step) * 0.1))
    wanted = min(4 * count, 4096)
    places = 10 ** (low + (np.arange(wanted) + 0.5) / wanted * (high - low))
    which = ((places - start) / step).astype(int).clip(0, count - 1)
    return values.take(which, axis=axis), float(low), float(high)


@draw.register
def _contours(mark: Contours, keep: Keep, ink: Ink) -> None:
    (strokes,) = keep(Strokes)
    ends = level_lines(mark.values, mark.levels, mark.extent)
    mapped = np.stack(
        [ink.x(ends[:, 0]), ink.y(ends[:, 1]), ink.x(ends[:, 2]), ink.y(ends[:, 3])], 1
    )
    strokes.set(mapped, ink.pen(2.0))


@draw.register
def _bars(mark: Bars, keep: Keep, ink: Ink) -> None:
    (curve,) = keep(pg.PlotCurveItem)
    floor = ink.floor if ink.log_y else 0.0
    x, y = staircase(mark, floor)
    fill = QColor(ink.colour)
    fill.setAlphaF(0.35)
    base = float(np.log10(floor)) if ink.log_y else 0.0
    brush = None if ink.faint else fill
    curve.setData(ink.x(x), ink.y(y), pen=ink.pen(1.4), brush=brush, fillLevel=base)


@draw.register
def _segments(mark: Segments, keep: Keep, ink: Ink) -> None:
    (strokes,) = keep(Strokes)
    ends = np.stack([ink.x(mark.x0), ink.y(mark.y0), ink.x(mark.x1), ink.y(mark.y1)], axis=1)
    head = 5.0 * POINT if mark.arrows else 0.0
    pen = ink.pen(1.4, 20 * len(ends))  # each may cross the whole view
    strokes.set(ends, pen, mark.weights, head)


@draw.register
def _text(mark: Text, keep: Keep, ink: Ink) -> None:
    (item,) = keep(partial(pg.TextItem, anchor=(0.5, 0.5)))
    ground = QColor(ink.theme.ground)
    ground.setAlphaF(0.6)
    item.fill = pg.mkBrush(ground)
    item.setColor(ink.theme.text)
    item.setFont(ink.font)
    item.setPlainText(mark.text)
    x, y = (float(v[0]) for v in (ink.x(np.array([mark.x])), ink.y(np.array([mark.y]))))
    item.setVisible(bool(np.isfinite(x) and np.isfinite(y)))
    if item.isVisible():
        item.setPos(x, y)
