"""Lines across parallel axes: brushed by dragging on an axis, reordered by dragging its head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from workbench.palette import DARK, LIGHT, table
from workbench.parallel import Rail, Table

HEAD, FOOT, SIDE, BAR = 40, 16, 60, 108  # pixels above, below, beside the axes; of the colour bar
CROWDED = 110  # pixels between axes below which their names stand at two heights
NEAR = 7  # pixels that the mouse may be away
WIDE = 11  # pixels of an interval, half
FINE = 600  # lines that are smoothed
MOVE = Qt.KeyboardModifier.ControlModifier


class ParallelView(QWidget):
    """Draws a table; emits what is looked at, opened and brushed."""

    hovered = Signal(str)
    opened = Signal(str)  # run
    brushed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table((), (), ())
        self.brushes: dict[str, tuple[float, float]] = {}
        self.colour: Rail | None = None
        self._over = -1  # the line under the mouse
        self._axis = 0  # the axis that keys mean
        self._drag: tuple[str, str, float] | None = None  # what, axis, where it began
        self._at = 0.0  # where the head that is dragged is
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Parallel coordinates"))
        self.setToolTipDuration(0)

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    def set_table(self, found: Table, colour: Rail | None) -> None:
        """Show these runs; intervals on axes that are gone go as well."""
        self.table, self.colour, self._over = found, colour, -1
        names = {rail.name for rail in found.rails}
        gone = set(self.brushes) - names
        self.brushes = {n: b for n, b in self.brushes.items() if n in names}
        self._axis = min(self._axis, max(0, len(found.rails) - 1))
        self.update()
        if gone:
            self.brushed.emit()

    def set_colour(self, by: Rail | None) -> None:
        """Colour the lines by another axis, which need not be on show."""
        self.colour = by
        self.update()

    def chosen(self) -> np.ndarray:
        """Which runs pass through all intervals."""
        return self.table.inside(self.brushes)

    def clear(self) -> None:
        """No interval any more."""
        if self.brushes:
            self.brushes = {}
            self.update()
            self.brushed.emit()

    # --- places --------------------------------------------------------------------------------

    def place(self, axis: int, share: float) -> QPointF:
        """Pixel of a share of an axis."""
        rails = max(1, len(self.table.rails) - 1)
        wide = self.width() - 2 * SIDE - BAR
        tall = self.height() - HEAD - FOOT
        return QPointF(SIDE + wide * axis / rails, HEAD + tall * (1 - share))

    def _share(self, y: float) -> float:
        return float(np.clip(1 - (y - HEAD) / max(1, self.height() - HEAD - FOOT), 0, 1))

    def _nearest(self, x: float) -> int:
        places = [self.place(i, 0).x() for i in range(len(self.table.rails))]
        return int(np.argmin(np.abs(np.array(places) - x))) if places else -1

    def _line_at(self, at: QPointF) -> int:
        """The chosen run whose line is nearest to a place, -1 where none is near."""
        rails = self.table.rails
        if len(rails) < 2:
            return -1
        left, step = self.place(0, 0).x(), self.place(1, 0).x() - self.place(0, 0).x()
        along = (at.x() - left) / step
        i = int(np.clip(np.floor(along), 0, len(rails) - 2))
        if not -0.02 <= along <= len(rails) - 0.98:
            return -1
        t = float(np.clip(along - i, 0, 1))
        shares = (1 - t) * rails[i].places + t * rails[i + 1].places
        tall = self.height() - HEAD - FOOT
        away = np.abs(HEAD + tall * (1 - shares) - at.y())
        slope = (rails[i + 1].places - rails[i].places) * tall / step
        away = np.where(self.chosen(), away / np.hypot(1, slope), np.nan)
        if np.isnan(away).all():
            return -1
        nearest = int(np.nanargmin(away))
        return nearest if away[nearest] <= NEAR else -1

    # --- the mouse -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, axis = event.position(), self._nearest(event.position().x())
        if event.button() != Qt.MouseButton.LeftButton or axis < 0:
            return
        name, x = self.table.rails[axis].name, self.place(axis, 0).x()
        if at.y() < HEAD - 4:
            self._drag, self._at, self._axis = ("head", name, at.x()), at.x(), axis
        elif abs(at.x() - x) <= WIDE:
            self._drag, self._axis = ("brush", name, at.y()), axis
        elif (line := self._line_at(at)) >= 0:
            self.opened.emit(self.table.runs[line])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag is None:
            self._hover(at, event.globalPosition().toPoint())
            return
        what, name, start = self._drag
        if what == "head":
            self._at = at.x()
            self._put(name, self._nearest(at.x()))
        elif abs(at.y() - start) > 2:
            self.brushes[name] = tuple(sorted((self._share(start), self._share(at.y()))))
            self.brushed.emit()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        (what, name, start), self._drag = self._drag, None
        still = what == "brush" and abs(event.position().y() - start) <= 2
        if still and self.brushes.pop(name, None) is not None:  # a click takes the interval away
            self.brushed.emit()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        if event.key() == Qt.Key.Key_Escape and self.brushes:
            self.clear()
        elif by is not None and self.table.rails:
            place = int(np.clip(self._axis + by, 0, len(self.table.rails) - 1))
            if event.modifiers() & MOVE:
                self._put(self.table.rails[self._axis].name, place)
            self._axis = place
            self.hovered.emit(self.table.rails[place].title)
            self.update()
        else:
            super().keyPressEvent(event)

    def _put(self, name: str, place: int) -> None:
        rails = [rail for rail in self.table.rails if rail.name != name]
        moved = next(rail for rail in self.table.rails if rail.name == name)
        rails.insert(place, moved)
        self.table = replace(self.table, rails=tuple(rails))

    def _hover(self, at: QPointF, screen: object) -> None:
        over = self._line_at(at) if at.y() > HEAD else -1
        axis = self._nearest(at.x())
        on_axis = axis >= 0 and abs(at.x() - self.place(axis, 0).x()) <= WIDE
        shape = Qt.CursorShape
        near = shape.PointingHandCursor if over >= 0 and not on_axis else shape.ArrowCursor
        self.setCursor(shape.SizeVerCursor if on_axis and at.y() > HEAD else near)
        if at.y() < HEAD - 4:
            self.setCursor(shape.OpenHandCursor)
            QToolTip.showText(screen, self.table.rails[axis].title if axis >= 0 else "", self)
        if over == self._over:
            return
        self._over = over
        text = self.table.titles[over] if over >= 0 else ""
        self.hovered.emit(text)
        QToolTip.showText(screen, text, self)
        self.update()

    # --- drawing -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = DARK if theme.dark() else LIGHT
        painter.fillRect(self.rect(), QColor(look.ground))
        rails = self.table.rails
        if not rails:
            return
        chosen = self.chosen()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(chosen) <= FINE)
        faint = QColor(look.guide)
        faint.setAlpha(50)
        lines = self._lines()
        for run in np.flatnonzero(~chosen):
            self._draw_line(painter, lines[run], QPen(faint, 1))
        colours = self._colours()
        for run in np.flatnonzero(chosen):
            self._draw_line(painter, lines[run], QPen(colours[run], 1.3))
        if self._over >= 0:
            self._draw_line(painter, lines[self._over], QPen(QColor(look.text), 5))
            self._draw_line(painter, lines[self._over], QPen(colours[self._over], 3))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, rail in enumerate(rails):
            self._draw_axis(painter, i, rail, look.text, look.ground)
        self._draw_bar(painter, look.text)

    def _lines(self) -> np.ndarray:
        """Pixels (run, axis, 2) of all lines."""
        rails = self.table.rails
        ends = [(self.place(i, 0), self.place(i, 1)) for i in range(len(rails))]
        x = np.array([low.x() for low, _ in ends])
        low, high = (np.array([pair[k].y() for pair in ends]) for k in (0, 1))
        shares = np.stack([rail.places for rail in rails], axis=1)
        y = low + (high - low) * shares
        return np.stack([np.broadcast_to(x, y.shape), y], axis=2)

    @staticmethod
    def _draw_line(painter: QPainter, line: np.ndarray, pen: QPen) -> None:
        painter.setPen(pen)
        there = np.isfinite(line[:, 1])
        if there.all():
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
            return
        for i in np.flatnonzero(there[1:] & there[:-1]):
            painter.drawLine(QPointF(*line[i]), QPointF(*line[i + 1]))

    def _colours(self) -> list[QColor]:
        by = self.colour
        grey = QColor((DARK if theme.dark() else LIGHT).guide)
        if by is None:
            return [grey] * len(self.table.runs)
        shown = np.nan_to_num(by.places, nan=-1)
        return [shade(share) if share >= 0 else grey for share in shown]

    def _draw_axis(self, painter: QPainter, i: int, rail: Rail, ink: str, ground: str) -> None:
        top, foot = self.place(i, 1), self.place(i, 0)
        if self._drag is not None and self._drag[:2] == ("head", rail.name):
            lifted = QRectF(self._at - WIDE, 0, 2 * WIDE, self.height())
            painter.fillRect(lifted, QColor(0, 114, 178, 40))
        painter.setPen(QPen(QColor(ink), 2 if self.hasFocus() and i == self._axis else 1))
        painter.drawLine(top, foot)
        if rail.name in self.brushes:
            low, high = self.brushes[rail.name]
            ends = self.place(i, high).y(), self.place(i, low).y()
            box = QRectF(top.x() - WIDE, ends[0], 2 * WIDE, ends[1] - ends[0])
            painter.fillRect(box, QColor(0, 114, 178, 70))
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawRect(box)
        last = i == len(self.table.rails) - 1 and i > 0
        metrics = painter.fontMetrics()
        step = self._step()
        halo = QColor(ground)
        halo.setAlpha(190)
        for share, text in rail.ticks:
            at = self.place(i, share)
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(min(step, SIDE) - 4))
            wide = metrics.horizontalAdvance(text)
            x = at.x() + 6 if last else at.x() - 6 - wide
            box = QRectF(x - 2, at.y() - metrics.height() / 2, wide + 4, metrics.height())
            painter.fillRect(box, halo)
            painter.setPen(QColor(ink))
            painter.drawLine(at - QPointF(3, 0), at + QPointF(3, 0))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        self._draw_head(painter, i, rail.title, step)

    def _step(self) -> float:
        """Pixels between two axes."""
        several = len(self.table.rails) > 1
        return self.place(1, 0).x() - self.place(0, 0).x() if several else 2.0 * SIDE

    def _draw_head(self, painter: QPainter, i: int, text: str, step: float) -> None:
        font = painter.font()
        font.setBold(self.hasFocus() and i == self._axis)
        painter.setFont(font)
        metrics, top = painter.fontMetrics(), self.place(i, 1)
        crowded = step < CROWDED
        room = min((2 * step if crowded else step) - 8, 2 * top.x(), 2 * (self.width() - top.x()))
        title = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(room))
        tall = (HEAD - 8) / 2
        y = 1 + tall * (1 - i % 2) if crowded else 1 + tall / 2
        head = QRectF(top.x() - room / 2 - 4, y, room + 8, tall)
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, title)
        font.setBold(False)
        painter.setFont(font)

    def _draw_bar(self, painter: QPainter, ink: str) -> None:
        by = self.colour
        if by is None:
            return
        foot, top = self.place(0, 0).y(), self.place(0, 1).y()
        x = self.width() - BAR + 26
        for row in range(int(top), int(foot)):
            share = (foot - row) / max(1, foot - top)
            painter.fillRect(x, row, 12, 1, shade(share))
        painter.setPen(QColor(ink))
        metrics = painter.fontMetrics()
        for share, text in by.ticks:
            y = foot - share * (foot - top)
            room = self.width() - x - 18
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            box = QRectF(x + 16, y - metrics.height() / 2, room, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, cut)
        title = metrics.elidedText(by.title, Qt.TextElideMode.ElideMiddle, BAR - 4)
        head = QRectF(self.width() - BAR, 1, BAR - 4, HEAD - 8)
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, title)


def shade(share: float) -> QColor:
    """The colour of a share 0…1 of the map, without the end that the ground would swallow."""
    low, high = (70, 255) if theme.dark() else (0, 225)
    return QColor(*map(int, table("sequential")[int(low + share * (high - low))]))
