"""The queue: one row for each run, those that wait in the order of their turns."""

from __future__ import annotations

from itertools import takewhile

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.elided import ElidedLabel
from ui.icons import icon
from ui.run_view import RunView
from ui.words import state_text

# Finished rows that stay in the queue list; all runs are in the results anyway.
KEEP_FINISHED = 8
# Runs of a long queue get their row when their turn comes near; up to then they are only counted.
QUEUED_ROWS = 30
NEAR = 24  # pixels from the edge, where dragging scrolls the list


class QueueList(QScrollArea):
    """What goes on, below it what waits, below that what is over."""

    pause_wanted = Signal(str)
    stop_wanted = Signal(str)
    show_wanted = Signal(str)
    move_wanted = Signal(str, str)  # run, the run before which it shall have its turn

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Queue"))
        self.rows: dict[str, Row] = {}
        self._runs: dict[str, RunView] = {}  # those that are over at the end, the last one last
        self._turns: dict[str, int] = {}  # as the engine says
        self._empty = QLabel(self.tr("No runs yet."), alignment=Qt.AlignmentFlag.AlignCenter)
        self._more = QLabel()
        for label in (self._empty, self._more):
            label.setObjectName("hint")
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._empty)
        self._list.addWidget(self._more)
        self._list.addStretch(1)
        # Qt deletes the items of a layout unseen by Python, which must not ask for them: what it
        # remembers of one would be taken for whatever comes to lie in the same place, and crash.
        self._placed: list[QWidget] = [self._empty, self._more]
        self._more.hide()
        self.setWidget(inside)
        self._mark = QFrame(inside)  # where a dragged row would fall
        self._mark.setAutoFillBackground(True)
        self._mark.setBackgroundRole(self.palette().ColorRole.Highlight)
        self._mark.hide()
        self._soon = QTimer(self, singleShot=True, interval=0)  # many may change at once
        self._soon.timeout.connect(self._arrange)

    def update_run(self, run: RunView) -> None:
        """Show a run as it stands now."""
        row = self.rows.get(run.id)
        if row is None or row.state != run.state:
            self._runs.pop(run.id, None)
            self._runs[run.id] = run
            self._soon.start()
        if row is not None:
            row.update_run(run)

    def set_order(self, ids: tuple[str, ...]) -> None:
        """These wait, the next one first."""
        self._turns = {id: turn for turn, id in enumerate(ids)}
        self._soon.start()

    def waiting(self) -> list[str]:
        """The runs that wait, the next one first; those that the engine does not know yet last."""
        ids = [run.id for run in self._runs.values() if run.state == "queued"]
        return sorted(ids, key=lambda id: self._turns.get(id, len(self._turns)))

    # --- rows ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        waiting = self.waiting()
        over = [run.id for run in self._runs.values() if run.over][::-1]
        for id in over[KEEP_FINISHED:]:
            del self._runs[id]
        going = [run.id for run in self._runs.values() if not run.over and run.state != "queued"]
        shown = [*going, *waiting[:QUEUED_ROWS], *over[:KEEP_FINISHED]]
        for id in self.rows.keys() - set(shown):
            self._remove(self.rows.pop(id))
        for id in shown:
            if id not in self.rows:
                self.rows[id] = self._row(self._runs[id])
        for id in shown:
            turn = waiting.index(id) if id in waiting else -1
            self.rows[id].set_turn(turn, len(waiting))
        self._empty.setVisible(not shown)
        left = len(waiting) - QUEUED_ROWS
        self._more.setText(self.tr("… and {0} more wait").format(left))
        self._more.setVisible(left > 0)
        until = len(going) + min(len(waiting), QUEUED_ROWS)
        rows: list[QWidget] = [self.rows[id] for id in shown]
        for place, widget in enumerate([*rows[:until], self._more, *rows[until:]]):
            if self._placed[place : place + 1] != [widget]:
                if widget in self._placed:
                    self._list.removeWidget(widget)
                    self._placed.remove(widget)
                self._list.insertWidget(place, widget)
                self._placed.insert(place, widget)

    def _remove(self, row: Row) -> None:
        self._list.removeWidget(row)
        self._placed.remove(row)
        row.hide()
        row.deleteLater()

    def _row(self, run: RunView) -> Row:
        row = Row(run)
        row.pause_wanted.connect(self.pause_wanted)
        row.stop_wanted.connect(self.stop_wanted)
        row.show_wanted.connect(self.show_wanted)
        row.step_wanted.connect(self._step)
        row.dragged.connect(self._drag)
        row.dropped.connect(self._drop)
        return row

    # --- turns ---------------------------------------------------------------------------------

    def _step(self, id: str, by: int) -> None:
        """Let a run change its turn with the one before or after it."""
        waiting = self.waiting()
        if id not in waiting:
            self.move_wanted.emit(id, "")  # the engine says why not
            return
        others = [other for other in waiting if other != id]
        place = waiting.index(id) + by
        if 0 <= place <= len(others):
            self.move_wanted.emit(id, others[place] if place < len(others) else "")

    def _drag(self, id: str, y: int) -> None:
        """Show where the row would fall that is dragged to this height; nowhere below 0."""
        if y < 0:
            self._mark.hide()
            return
        self.ensureVisible(0, y, 0, NEAR)
        rows = self._waiting_rows()
        above = self._above(y)
        edge = rows[above].y() - 3 if above < len(rows) else rows[-1].geometry().bottom() + 2
        self._mark.setGeometry(0, max(0, edge), self.widget().width(), 3)
        self._mark.raise_()
        self._mark.show()

    def _drop(self, id: str, y: int) -> None:
        self._mark.hide()
        waiting = self.waiting()
        below = [other for other in waiting[self._above(y) :] if other != id]
        self.move_wanted.emit(id, below[0] if below else "")

    def _above(self, y: int) -> int:
        """How many of those that wait stand above this height."""
        rows = self._waiting_rows()
        return len(list(takewhile(lambda row: row.geometry().center().y() < y, rows)))

    def _waiting_rows(self) -> list[Row]:
        return [self.rows[id] for id in self.waiting() if id in self.rows]


class Row(QFrame):
    """One run: its name and state, a bar, its rate, and the buttons that reach it."""

    pause_wanted = Signal(str)
    stop_wanted = Signal(str)
    show_wanted = Signal(str)
    step_wanted = Signal(str, int)  # one turn up (-1) or down (1)
    dragged = Signal(str, int)  # height in the list, -1: no more
    dropped = Signal(str, int)

    def __init__(self, run: RunView) -> None:
        super().__init__()
        self._id = run.id
        self.state = run.state
        self._pressed: int | None = None
        self._dragging = False
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = ElidedLabel()
        self._state = QLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(6)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setObjectName("hint")
        self._icons: dict[QToolButton, str] = {}
        self._up = self._button("up", self.tr("Earlier (Alt+Up)"))
        self._down = self._button("down", self.tr("Later (Alt+Down)"))
        self._pause = self._button("pause", self.tr("Pause or go on"))
        self._stop = self._button("stop", self.tr("Stop this run"))
        self._up.clicked.connect(lambda: self.step_wanted.emit(self._id, -1))
        self._down.clicked.connect(lambda: self.step_wanted.emit(self._id, 1))
        self._pause.clicked.connect(lambda: self.pause_wanted.emit(self._id))
        self._stop.clicked.connect(lambda: self.stop_wanted.emit(self._id))
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title, 1)
        for widget in (self._state, self._up, self._down, self._pause, self._stop):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._text)
        self.update_run(run)

    def update_run(self, run: RunView) -> None:
        """Show the run as it stands now."""
        self.state = run.state
        self._title.setText(run.title)
        self._state.setText(state_text(run.state))
        self.setAccessibleName(f"{run.title}, {state_text(run.state)}")
        self._pause.setVisible(run.state in ("running", "paused"))
        self._show_icon(self._pause, "run" if run.state == "paused" else "pause")
        self._stop.setVisible(not run.over)
        total = run.step.total if run.step else None
        if run.state in ("running", "paused"):
            self._bar.setRange(0, total or 0)
            self._bar.setValue(run.step.done if run.step and total else 0)
        self._bar.setVisible(not run.over and run.state != "queued")
        text = run.text if run.over else run.progress_text()
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def set_turn(self, turn: int, count: int) -> None:
        """How many have their turn before it, of all that wait; -1 where it does not wait."""
        for button in (self._up, self._down):
            button.setVisible(turn >= 0 and count > 1)
        self._up.setEnabled(turn > 0)
        self._down.setEnabled(turn < count - 1)
        tip = self.tr("Click to look at this run")
        if turn >= 0 and count > 1:
            tip = self.tr("Click to look at this run, drag it to change its turn")
        self.setToolTip(tip)

    # --- mouse and keys ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint().y()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        y = event.position().toPoint().y()
        if self._pressed is None or self.state != "queued":
            return
        if self._dragging or abs(y - self._pressed) >= QApplication.startDragDistance():
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(self._id, max(0, self.y() + y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dropped, pressed = self._dragging, self._pressed is not None
        self._let_go()
        if dropped:
            self.dropped.emit(self._id, max(0, self.y() + event.position().toPoint().y()))
        elif pressed:
            self.show_wanted.emit(self._id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        alone = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        steps = {key.Key_Up: -1, key.Key_Down: 1}
        if alone == Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.step_wanted.emit(self._id, steps[event.key()])
        elif event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space):
            self.show_wanted.emit(self._id)
        elif event.key() == key.Key_Escape and self._dragging:
            self._let_go()
        else:
            super().keyPressEvent(event)

    def _let_go(self) -> None:
        if self._dragging:
            self.dragged.emit(self._id, -1)
            self.unsetCursor()
        self._pressed, self._dragging = None, False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for button, name in getattr(self, "_icons", {}).items():
                button.setIcon(icon(name))

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(autoRaise=True)
        self._show_icon(button, name)
        button.setIconSize(QSize(14, 14))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _show_icon(self, button: QToolButton, name: str) -> None:
        if self._icons.get(button) != name:
            self._icons[button] = name
            button.setIcon(icon(name))
