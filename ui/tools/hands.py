"""What the mouse and the keys do on a picture while a tool is on, and to what was drawn."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from ui.plot_area import PlotArea
from ui.tools.board import Board
from ui.tools.overlay import Overlay
from ui.tools.shapes import BODY, Shape, grip_at, pulled
from workbench.measure import images, sampled

LEAST = 4.0  # pixels; a shorter drag was a click
AWAY = QPointF(46.0, -38.0)  # from a place to its words, where only the place was clicked
STEP = 0.01  # of the panel, for one key
GROWS = {"region": 2}  # the grip that a new shape is drawn with, where it is not the second

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CROSS, _PLAIN = Qt.CursorShape.CrossCursor, Qt.CursorShape.ArrowCursor


class Hands(QObject):
    """Without a tool only lines and grips of shapes are taken; all else moves and zooms as ever."""

    let_go = Signal()  # of the tool
    copied = Signal()
    said = Signal(str)

    def __init__(self, plots: PlotArea, board: Board) -> None:
        super().__init__(plots)
        self._plots, self._board = plots, board
        self.tool = ""
        self.edits = False  # annotations may be changed
        self._held: tuple[Shape, int, QPointF] | None = None  # as it was, grip, pixel
        plots.installEventFilter(self)
        plots.viewport().installEventFilter(self)

    def take(self, tool: str) -> None:
        """Take up a tool, or none."""
        self.tool = tool
        self._plots.viewport().setCursor(_CROSS if tool else _PLAIN)

    def drawing(self) -> bool:
        """Whether the mouse holds a shape."""
        return self._held is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress and watched is self._plots
            return pressed and bool(self._plots.panels) and self._key_pressed(event)
        if not isinstance(event, QMouseEvent) or watched is self._plots or not self._plots.panels:
            return False
        left = event.button() == Qt.MouseButton.LeftButton
        match event.type():
            case QEvent.Type.MouseButtonPress:
                return left and self._pressed(event)
            case QEvent.Type.MouseMove:
                return self._moved(event)
            case QEvent.Type.MouseButtonRelease:
                return left and self._released(event)
            case QEvent.Type.MouseButtonDblClick:
                return left and self._double_clicked(event)
        return False

    # -- mouse -----------------------------------------------------------------------------

    def _where(self, event: QMouseEvent) -> tuple[int, QPointF, Overlay] | None:
        """The flat panel under the mouse, and the pixel of it."""
        scene = self._plots.mapToScene(event.position().toPoint())
        number = self._plots.panel_at(scene)
        overlay = None if number is None else self._board.overlay(number)
        if number is None or overlay is None:
            return None
        return number, overlay.mapFromScene(scene), overlay

    def _taken(self, number: int, at: QPointF, overlay: Overlay) -> tuple[int, int] | None:
        """The uppermost shape at a pixel and its grip; the chosen one comes first."""
        board = self._board
        for place in sorted(range(len(board.own)), key=lambda i: (i == board.chosen, i))[::-1]:
            shape, chosen = board.own[place], place == board.chosen
            if shape.panel != number or (shape.kind == "annotate" and not self.edits):
                continue
            grip = grip_at(shape, overlay.canvas, at, chosen, overlay.words_box(shape))
            if grip is not None:
                return place, grip
        return None

    def _pressed(self, event: QMouseEvent) -> bool:
        self._board.commit()
        found = self._where(event)
        if found is None:
            return False
        taken = self._taken(*found)
        if taken is None and not self.tool:
            self._board.choose(None)
            return False
        number, at, _ = found
        self._plots.current = number
        self._plots.setFocus(Qt.FocusReason.MouseFocusReason)
        self._plots.hide_cross()
        self._board.chosen = None if taken is None else taken[0]
        if taken is None:
            shape, grip = self._new(number, at), 0
            grip = GROWS.get(shape.kind, 1) if shape is not None else 0
        else:
            shape, grip = self._board.own[taken[0]], taken[1]
        if shape is not None:
            self._held = (shape, grip, at)
            self._board.hold(shape, self._board.chosen)
        return True

    def _moved(self, event: QMouseEvent) -> bool:
        if self._held is None:
            if event.buttons() == Qt.MouseButton.NoButton and self._board.own:
                self._point(event)
            return False
        shape, grip, start = self._held
        overlay = self._board.overlay(shape.panel)
        if overlay is not None:
            at = overlay.mapFromScene(self._plots.mapToScene(event.position().toPoint()))
            straight = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            moved = pulled(shape, grip, overlay.canvas, at - start, straight)
            self._board.hold(moved, self._board.slot)
        return True

    def _point(self, event: QMouseEvent) -> None:
        """Show by the pointer that something can be taken."""
        found = self._where(event)
        taken = self._taken(*found) if found is not None else None
        shape = _CROSS if self.tool else _PLAIN
        if taken is not None:
            body = taken[1] == BODY
            shape = Qt.CursorShape.SizeAllCursor if body else Qt.CursorShape.PointingHandCursor
        if self._plots.viewport().cursor().shape() != shape:
            self._plots.viewport().setCursor(shape)

    def _released(self, event: QMouseEvent) -> bool:
        if self._held is None:
            return False
        self._moved(event)
        before, self._held = self._held[0], None
        board = self._board
        shape = board.pending
        if shape is None:
            return True
        if board.slot is None and shape.kind == "annotate":
            board.type_words(self._with_room(shape), None)
        elif shape == before or (board.slot is None and self._length(shape) < LEAST):
            board.drop()  # a click that chose something, or nothing
        else:
            board.commit()
        return True

    def _double_clicked(self, event: QMouseEvent) -> bool:
        found = self._where(event)
        taken = None if found is None else self._taken(*found)
        if taken is not None and self._board.own[taken[0]].kind == "annotate":
            self._board.type_words(self._board.own[taken[0]], taken[0])
        return taken is not None or (bool(self.tool) and found is not None)

    # -- new shapes ------------------------------------------------------------------------

    def _new(self, number: int, at: QPointF) -> Shape | None:
        """What the tool makes at a pixel of a panel; None where it makes nothing there."""
        panel, kind = self._board.still.panels[number], self.tool
        if kind == "region" and not images(panel):
            kind = "interval" if sampled(panel) else ""
        if kind == "profile" and not images(panel):
            kind = ""
        overlay = self._board.overlay(number)
        if not kind or overlay is None:
            self.said.emit(self.tr("This panel has nothing for that tool; take another panel."))
            return None
        place = overlay.canvas.place(at)
        return Shape(kind, number, place, place)

    def _length(self, shape: Shape) -> float:
        """Pixels from start to end."""
        overlay = self._board.overlay(shape.panel)
        assert overlay is not None
        one, other = overlay.canvas.pixel(shape.start), overlay.canvas.pixel(shape.end)
        return 0.0 if one is None or other is None else hypot((other - one).x(), (other - one).y())

    def _with_room(self, shape: Shape) -> Shape:
        """An annotation whose words stand off from its place, towards the middle."""
        overlay = self._board.overlay(shape.panel)
        assert overlay is not None
        tip = overlay.canvas.pixel(shape.start)
        if tip is None or self._length(shape) >= LEAST:
            return shape
        middle = overlay.canvas.box().center()
        across = AWAY.x() if tip.x() < middle.x() else -AWAY.x()
        down = AWAY.y() if tip.y() > middle.y() else -AWAY.y()
        return replace(shape, end=overlay.canvas.place(tip + QPointF(across, down)))

    # -- keys ------------------------------------------------------------------------------

    def _key_pressed(self, event: QKeyEvent) -> bool:
        key, held, board = event.key(), event.modifiers(), self._board
        if key == Qt.Key.Key_Escape and (self.tool or board.chosen is not None):
            board.choose(None)
            self.let_go.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._enter()
        elif key == Qt.Key.Key_S and not held and board.own:
            board.choose(0 if board.chosen is None else (board.chosen + 1) % len(board.own))
        elif board.chosen is None or not self._may_change(board.chosen):
            return False
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            board.remove()
        elif key in _ARROWS and not held & Qt.KeyboardModifier.AltModifier:
            self._nudge(*_ARROWS[key], bool(held & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_C and held == Qt.KeyboardModifier.ControlModifier:
            self.copied.emit()
        else:
            return False
        return True

    def _may_change(self, place: int) -> bool:
        return self.edits or self._board.own[place].kind != "annotate"

    def _enter(self) -> bool:
        """Return puts a shape into the middle, or opens the words of the one that is chosen."""
        board = self._board
        if self.tool:
            self._put()
            return True
        if board.chosen is None or board.own[board.chosen].kind != "annotate" or not self.edits:
            return False
        board.commit()
        board.type_words(board.own[board.chosen], board.chosen)
        return True

    def _put(self) -> None:
        """A new shape by keys, in the middle of the panel that they go to."""
        overlay = self._board.overlay(self._plots.current)
        if overlay is None:
            return
        box = overlay.canvas.box()
        part = QPointF(box.width() / 6, -box.height() / 6)
        shape = self._new(self._plots.current, box.center() - part)
        if shape is None:
            return
        self._board.commit()
        words = shape.kind == "annotate"
        end = overlay.canvas.place(box.center() + (QPointF() if words else part))
        shape = replace(shape, end=end)
        if words:
            self._board.type_words(shape, None)
        else:
            self._board.hold(shape, None)
            self._board.commit()

    def _nudge(self, across: int, down: int, end_alone: bool) -> None:
        """Move the chosen shape, or its end, by a hundredth of the panel."""
        board = self._board
        assert board.chosen is not None
        shape = board.pending or board.own[board.chosen]
        overlay = board.overlay(shape.panel)
        if overlay is not None:
            box = overlay.canvas.box()
            by = QPointF(across * STEP * box.width(), down * STEP * box.height())
            grip = GROWS.get(shape.kind, 1) if end_alone else BODY
            board.hold_a_while(pulled(shape, grip, overlay.canvas, by), board.chosen)
