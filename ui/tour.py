"""The guided tour: a spotlight on the real panes, one after the other, with a few words each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QCoreApplication,
    QEvent,
    QObject,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme import ACCENT

if TYPE_CHECKING:
    from ui.window import MainWindow

WIDTH, GAP = 330, 14  # of the words, and between them and what they are about
MOVED = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
SHADE = 120  # of 255, on all that is not spoken of


@dataclass(frozen=True)
class Stop:
    """What is spoken of: a pane by its id, `plots`, or a menu."""

    place: str
    title: str
    text: str


STOPS = (
    Stop(
        "data",
        QT_TRANSLATE_NOOP("Tour", "Data"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "Open files here, or drop them anywhere on the window. The samples below are built in.",
        ),
    ),
    Stop(
        "methods",
        QT_TRANSLATE_NOOP("Tour", "Method"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "Choose what to do with them. Methods that fit the data stand out; below you "
            "read what a method does and from which paper it comes.",
        ),
    ),
    Stop(
        "parameters",
        QT_TRANSLATE_NOOP("Tour", "Parameters"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "Say which data go where, or choose an example, and set the parameters. Every "
            "one has a default that works.",
        ),
    ),
    Stop(
        "run",
        QT_TRANSLATE_NOOP("Tour", "Run"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "Press Run. Below you see how far it got; a run can be paused, and stopped "
            "without losing what it found.",
        ),
    ),
    Stop(
        "plots",
        QT_TRANSLATE_NOOP("Tour", "Plots"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "The pictures are drawn here while the run goes on: drag to move, turn the "
            "wheel to zoom, press Space to play a movie.",
        ),
    ),
    Stop(
        "results",
        QT_TRANSLATE_NOOP("Tour", "Compare"),
        QT_TRANSLATE_NOOP(
            "Tour", "Every run is kept here. Select two and press Compare to set them side by side."
        ),
    ),
    Stop(
        "menu:Figure",
        QT_TRANSLATE_NOOP("Tour", "Export"),
        QT_TRANSLATE_NOOP(
            "Tour",
            "Figure › Export puts the picture on show on paper: PDF, SVG, PNG or a movie. "
            "F1 opens the manual wherever you are.",
        ),
    ),
)


class Tour(QObject):
    """Shows the stops; all panes stay usable meanwhile. Escape or Skip ends it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.at = -1
        self.light: Spotlight | None = None
        self.words: Words | None = None
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._place)

    def begin(self) -> None:
        """Start at the first stop."""
        self.end()
        self.light, self.words = Spotlight(self._window), Words(self._window)
        self.words.skip.clicked.connect(self.end)
        self.words.back.clicked.connect(lambda: self.go(self.at - 1))
        self.words.next.clicked.connect(lambda: self.go(self.at + 1))
        QApplication.instance().installEventFilter(self)
        self.go(0)

    def end(self) -> None:
        """Take the spotlight away."""
        if self.words is not None and self.light is not None:
            QApplication.instance().removeEventFilter(self)
            for part in (self.light, self.words):
                part.hide()
                part.deleteLater()
        self.light = self.words = None
        self.at = -1

    def go(self, number: int) -> None:
        """Show a stop; its pane is brought into sight. After the last one the tour ends."""
        if self.words is None or number >= len(STOPS):
            self.end()
            return
        self.at = max(0, number)
        stop, w = STOPS[self.at], self._window
        if stop.place in w.docks:
            w.reveal(stop.place)
        elif stop.place == "plots":
            w.centre.setCurrentWidget(w.plots)
        title, text = (QCoreApplication.translate("Tour", t) for t in (stop.title, stop.text))
        self.words.say(title, text, self.at, len(STOPS))
        self._place()
        self._soon.start()  # a pane that was hidden has its place only then

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress and watched is self._window.windowHandle():
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Escape:
                self.end()
                return True
        elif kind in MOVED and watched in (self._window, self._target()):
            self._soon.start()
        return False

    def _target(self) -> QWidget | None:
        place, w = STOPS[self.at].place, self._window
        return w.plots if place == "plots" else w.docks.get(place)

    def _spot(self) -> QRect:
        """Where in the window the light falls; empty where the pane cannot be seen."""
        w, target = self._window, self._target()
        if target is None:
            menu = w.commands.menus[STOPS[self.at].place.partition(":")[2]]
            found = w.menuBar().actionGeometry(menu.menuAction())
            return found.translated(w.menuBar().pos())
        if not target.isVisible() or target.window() is not w:
            return QRect()
        return QRect(target.mapTo(w, QPoint()), target.size())

    def _place(self) -> None:
        if self.light is None or self.words is None:
            return
        spot = self._spot().intersected(self._window.rect())
        self.light.turn_to(spot)
        self.words.stand_by(spot)


class Spotlight(QWidget):
    """Darkens the window but for one place; clicks go through to what lies below."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.spot = QRect()

    def turn_to(self, spot: QRect) -> None:
        """Light another place."""
        self.spot = spot
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade, hole = QPainterPath(), QPainterPath()
        shade.addRect(QRectF(self.rect()))
        if not self.spot.isEmpty():
            hole.addRoundedRect(QRectF(self.spot).adjusted(1, 1, -1, -1), 6, 6)
        painter.fillPath(shade.subtracted(hole), QColor(0, 0, 0, SHADE))
        painter.setPen(QPen(QColor(ACCENT), 3))
        painter.drawPath(hole)
        painter.end()


class Words(QFrame):
    """What is said at a stop, and the three buttons."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, objectName="notice")
        self.setAutoFillBackground(True)
        self._title, self._text = QLabel(), QLabel(wordWrap=True)
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.2)
        self._title.setFont(font)
        self._count = QLabel(objectName="hint")
        self.skip = QPushButton(self.tr("Skip"))
        self.skip.setToolTip(self.tr("End the tour (Escape); it waits in the Help menu"))
        self.back, self.next = QPushButton(self.tr("Back")), QPushButton(self.tr("Next"))
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        for button in (self.skip, self.back, self.next):
            button.setAutoDefault(True)  # Return presses it
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(row)

    def say(self, title: str, text: str, number: int, count: int) -> None:
        """Say what there is to say at a stop."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setFixedWidth(WIDTH)
        self._text.setFixedHeight(self._text.heightForWidth(WIDTH))
        self._count.setText(f"{number + 1} / {count}")
        self.back.setEnabled(number > 0)
        self.next.setText(self.tr("Done") if number == count - 1 else self.tr("Next"))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.show()
        self.next.setFocus()

    def stand_by(self, spot: QRect) -> None:
        """Beside the place that is spoken of, where there is room, else in its middle."""
        self.adjustSize()
        frame, own = self.parentWidget().rect(), QRect(QPoint(), self.size())
        places = [
            QPoint(spot.right() + GAP, spot.top()),
            QPoint(spot.left() - GAP - own.width(), spot.top()),
            QPoint(spot.left(), spot.bottom() + GAP),
            QPoint(spot.left(), spot.top() - GAP - own.height()),
        ]
        for place in places if not spot.isEmpty() else ():
            if frame.contains(own.translated(place)):
                self.move(place)
                break
        else:
            own.moveCenter((spot if not spot.isEmpty() else frame).center())
            self.move(own.topLeft())
        self.raise_()
