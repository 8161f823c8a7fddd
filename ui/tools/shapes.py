"""What is drawn over a panel: places in data coordinates, grips in pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, log10

from PySide6.QtCore import QPointF, QRectF

from engines.figure import Axis
from ui.panel import PanelItem

Place = tuple[float, float]
REACH = 8.0  # pixels within which a grip is taken
EDGE = 6.0  # pixels within which a line is
BODY = -1  # the grip of a thing as a whole

_LINE = ((1, 1, 0, 0), (0, 0, 1, 1))
# What each grip moves of x and y of the start, x and y of the end.
_MOVES: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "region": ((1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 0, 0, 1)),
    "interval": ((1, 0, 0, 0), (0, 0, 1, 0)),
    "profile": _LINE,
    "ruler": _LINE,
    "annotate": _LINE,
}


@dataclass(frozen=True)
class Shape:
    """A region, interval, profile, ruler or annotation in a panel.

    An annotation starts where it points to and ends where its words stand.
    """

    kind: str
    panel: int
    start: Place
    end: Place
    text: str = ""


class Canvas:
    """One panel as a board: data coordinates, and pixels of the panel."""

    def __init__(self, item: PanelItem) -> None:
        self.item = item

    def box(self) -> QRectF:
        """Where data are drawn, in pixels."""
        return self.item.view.mapRectToItem(self.item, self.item.view.rect())

    def pixel(self, place: Place) -> QPointF | None:
        """Where a place is; None where a logarithmic axis does not have it."""
        panel = self.item.panel
        x, y = _on_view(place[0], panel.x), _on_view(place[1], panel.y)
        if x is None or y is None:
            return None
        return self.item.mapFromScene(self.item.view.mapViewToScene(QPointF(x, y)))

    def place(self, pixel: QPointF) -> Place:
        """The data coordinates of a pixel."""
        here = self.item.view.mapSceneToView(self.item.mapToScene(pixel))
        panel = self.item.panel
        return _on_data(here.x(), panel.x), _on_data(here.y(), panel.y)


def ends(shape: Shape, canvas: Canvas) -> tuple[QPointF, QPointF] | None:
    """Start and end in pixels."""
    start, end = canvas.pixel(shape.start), canvas.pixel(shape.end)
    return None if start is None or end is None else (start, end)


def grips(shape: Shape, canvas: Canvas) -> list[QPointF]:
    """The places by which it is changed."""
    found = ends(shape, canvas)
    if found is None:
        return []
    start, end = found
    if shape.kind == "region":
        return [start, QPointF(end.x(), start.y()), end, QPointF(start.x(), end.y())]
    if shape.kind == "interval":
        middle = canvas.box().center().y()
        return [QPointF(start.x(), middle), QPointF(end.x(), middle)]
    return [start, end]


def area(shape: Shape, canvas: Canvas) -> QRectF:
    """The pixels of a region, or of an interval from bottom to top."""
    found = ends(shape, canvas)
    if found is None:
        return QRectF()
    box = QRectF(*found).normalized()
    if shape.kind == "interval":
        view = canvas.box()
        box = QRectF(box.left(), view.top(), box.width(), view.height())
    return box


def grip_at(
    shape: Shape, canvas: Canvas, at: QPointF, chosen: bool, words: QRectF | None = None
) -> int | None:
    """The grip at a pixel; of a thing that is chosen also its inside; None where it is not."""
    for number, grip in enumerate(grips(shape, canvas)):
        off = grip - at
        if shape.kind == "interval" and canvas.box().contains(at):
            off.setY(0.0)
        if hypot(off.x(), off.y()) <= REACH:
            return number
    if words is not None and words.contains(at):
        return 1
    return BODY if _touches(shape, canvas, at, chosen) else None


def _touches(shape: Shape, canvas: Canvas, at: QPointF, chosen: bool) -> bool:
    found = ends(shape, canvas)
    if found is None:
        return False
    if shape.kind not in ("region", "interval"):
        return _off(at, *found) <= EDGE
    box = area(shape, canvas)
    if chosen and box.contains(at):
        return True
    corners = box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()
    sides = zip(corners, (*corners[1:], corners[0]), strict=True)
    return shape.kind == "region" and any(_off(at, one, two) <= EDGE for one, two in sides)


def pulled(shape: Shape, grip: int, canvas: Canvas, by: QPointF, straight: bool = False) -> Shape:
    """The shape with a grip moved by so many pixels; a `straight` line keeps to one axis."""
    found = ends(shape, canvas)
    if found is None:
        return shape
    moves = (1, 1, 1, 1) if grip == BODY else _MOVES[shape.kind][grip]
    start = found[0] + QPointF(by.x() * moves[0], by.y() * moves[1])
    end = found[1] + QPointF(by.x() * moves[2], by.y() * moves[3])
    if straight and grip != BODY and _MOVES[shape.kind] is _LINE:
        still, moved = (end, start) if grip == 0 else (start, end)
        if abs(moved.x() - still.x()) >= abs(moved.y() - still.y()):
            moved.setY(still.y())
        else:
            moved.setX(still.x())
    return replace(shape, start=canvas.place(start), end=canvas.place(end))


def _off(at: QPointF, one: QPointF, two: QPointF) -> float:
    """How far a pixel is from a straight line between two others."""
    along, here = two - one, at - one
    length = QPointF.dotProduct(along, along)
    share = QPointF.dotProduct(here, along) / length if length else 0.0
    off = here - along * min(max(share, 0.0), 1.0)
    return hypot(off.x(), off.y())


def _on_view(value: float, axis: Axis) -> float | None:
    if axis.scale != "log":
        return value
    return log10(value) if value > 0 else None


def _on_data(value: float, axis: Axis) -> float:
    return 10.0**value if axis.scale == "log" else value
