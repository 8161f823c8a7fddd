"""The window as a person drives it, a watch on its event loop, and what it must not leave."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QMenuBar,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItemIterator,
    QWidget,
)

from ui import theme
from ui.notice import Notice
from ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
# What a machine that is busy with other work may take; nothing here is a measurement.
PATIENCE = 60.0


class Stalls:
    """Notes when the event loop stood still, and where the program was then.

    Time in which a thread of ours could have run but other programs had the processors does not
    count: waiting for a lock may be waiting for a thread that waits for a processor.
    """

    LIMIT = 0.2

    def __init__(self) -> None:
        self.found: list[str] = []
        self._main = threading.main_thread().ident
        self._on = False
        self._seen = ""
        self._beat = self._worked = self._queued = 0.0
        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall watch", daemon=True)
        self._thread.start()

    def start(self) -> None:
        self._queued = queued()
        self._beat, self._worked, self._seen = time.monotonic(), time.thread_time(), ""
        self._on = True
        self._timer.start()

    def stop(self) -> None:
        """Look no longer; what happened until now counts."""
        if self._on:
            self._tick()
        self._on = False
        self._timer.stop()

    def close(self) -> None:
        self.stop()
        self._over.set()
        self._thread.join()

    @contextlib.contextmanager
    def paused(self):
        """The test itself takes long."""
        self.stop()
        yield
        self.start()

    def _tick(self) -> None:
        now, worked = time.monotonic(), time.thread_time()
        if now - self._beat > self.LIMIT:
            busy = worked - self._worked
            blocked = max(0.0, now - self._beat - busy - (queued() - self._queued))
            late = (busy + blocked) / slowness()
            if late > self.LIMIT:
                self.found.append(f"the event loop stood still for {late:.2f} s:\n{self._seen}")
        self._beat, self._worked, self._seen = now, worked, ""

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            late = self._on and time.monotonic() - self._beat > self.LIMIT
            if late and not self._seen:
                self._seen = stack(self._main)
            elif not late:
                self._queued = queued()


def stack(thread: int) -> str:
    """Where a thread is, without holding on to its frames: a painter in one would outlive it."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        found = [part for part in file.read().split("\n\n") if f"0x{thread:016x}" in part]
    return "\n".join("".join(found).splitlines()[:14])


def slowness() -> float:
    """How much longer work takes here now: a core or a disk that works for n has 1/n for each."""
    return min(3.0, max(1.0, os.getloadavg()[0] / psutil.cpu_count()))


def queued() -> float:
    """Seconds for which the threads of this process have waited for a processor so far."""
    waited = 0
    for facts in Path("/proc/self/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):  # the thread has just ended
            waited += int(facts.read_text().split()[1])
    return waited / 1e9


class User:
    """Drives a window with the mouse and the keys, and looks at what a person can see."""

    def __init__(self, window: MainWindow, stalls: Stalls) -> None:
        self.window = window
        self.stalls = stalls

    def until(self, what, why: str | Callable[[], str] = "", seconds: float = PATIENCE):
        """Wait for a true value and give it back; `why` may look at what there is instead."""
        end = time.monotonic() + seconds
        while not (value := what()):
            reason = why() if callable(why) else why
            log = self.window.log.text()
            assert time.monotonic() < end, f"waited {seconds:.0f} s: {reason}\n{log}"
            QTest.qWait(10)
        return value

    def rest(self, seconds: float = 0.1) -> None:
        QTest.qWait(int(seconds * 1000))

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Press where the widget is; whatever lies over it there gets the click."""
        for area in self.window.findChildren(QScrollArea):
            if area.widget() is not None and area.widget().isAncestorOf(widget):
                area.ensureWidgetVisible(widget)
        QApplication.processEvents()
        assert widget.isVisible(), f"{widget.accessibleName()} cannot be seen"
        assert widget.isEnabled(), f"{widget.accessibleName()} cannot be clicked"
        place = widget.mapTo(widget.window(), at or widget.rect().center())
        QTest.mouseClick(widget.window().windowHandle(), LEFT, Qt.KeyboardModifier(0), place)

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """A key for whoever has the focus."""
        held = Qt.KeyboardModifier(0)
        for modifier in modifiers:
            held |= modifier
        if QApplication.activeWindow() is None:
            self.window.activateWindow()  # a desktop does so when a dialog closes
            self.until(QApplication.activeWindow)
        window = QApplication.activePopupWidget() or QApplication.activeWindow()
        QTest.keyClick(window.windowHandle(), key, held)

    def write(self, line: QWidget, text: str) -> None:
        """Replace what stands in a line, and leave it."""
        self.click(line)
        QTest.keySequence(line, "Ctrl+A")
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Tab)

    def choose(self, *path: str) -> None:
        """Click through the menus: a menu, one inside it, and at last a command."""
        place: QMenuBar | QMenu = self.window.menuBar()
        for title in path:
            action = next(a for a in place.actions() if a.text().replace("&", "") == title)
            spot = place.actionGeometry(action).center()
            QTest.mouseClick(
                place.window().windowHandle(), LEFT, pos=place.mapTo(place.window(), spot)
            )
            if action.menu() is not None:
                place = action.menu()
                self.until(place.isVisible, f"the menu {title} opens")

    def button(self, text: str, where: QWidget | None = None) -> QAbstractButton:
        """The button that reads so, or is explained so."""
        place = where or self.window
        for button in place.findChildren(QAbstractButton):
            names = (button.text().replace("&", ""), button.accessibleName())
            if button.isVisible() and text in names:
                return button
        raise AssertionError(f"there is no button {text!r}")

    def named(self, kind: type[QWidget], name: str) -> QWidget:
        """The widget that a screen reader calls so."""
        for widget in self.window.findChildren(kind):
            if widget.accessibleName() == name and widget.isVisible():
                return widget
        raise AssertionError(f"there is no {kind.__name__} {name!r}")

    def item(self, tree: QTreeWidget, text: str):
        places = QTreeWidgetItemIterator(tree)
        while places.value():
            if places.value().text(0) == text:
                return places.value()
            places += 1
        return None

    def click_item(self, tree: QTreeWidget, text: str) -> None:
        self.until(lambda: self.item(tree, text), f"{text} in the tree")

        def taken() -> bool:
            """The rows may still move to their places when they are clicked."""
            item = self.item(tree, text)
            tree.scrollToItem(item)
            self.click(tree.viewport(), tree.visualItemRect(item).center())
            return tree.currentItem() is not None and tree.currentItem().text(0) == text

        self.until(taken, f"{text} is chosen")

    def method(self, title: str) -> None:
        """Choose a method in the tree."""
        self.click_item(self.named(QTreeWidget, "Methods"), title)

    def data(self, name: str) -> None:
        """Choose a data set in the tree."""
        self.click_item(self.named(QTreeWidget, "Data sets"), name)

    def pick(self, combo: QComboBox, text: str) -> None:
        """Open a list, type what is looked for, and take it."""
        self.click(combo)
        self.until(combo.view().isVisible, "the list opens")
        QTest.keyClicks(combo.view(), text)
        QTest.keyClick(combo.view(), Qt.Key.Key_Return)
        self.until(lambda: not combo.view().isVisible(), "the list closes")
        assert combo.currentText().startswith(text)

    def card(self, family: str):
        """Click a card of the start page; gives the run."""
        self.window.commands["start"].trigger()
        self.click(self.window.start.card(family))
        return self.window.plots.run

    def run(self):
        """Click Run; gives the run."""
        button = self.button("Run", self.window.run_pane)
        self.until(button.isEnabled, "Run can be clicked")
        self.click(button)
        return self.window.plots.run

    def over(self, run, seconds: float = PATIENCE):
        """Wait for the end of a run, and for its record where it has one."""
        self.until(lambda: run.over, f"{run.title} ends", seconds)
        self.until(lambda: run.names or not run.record, "the names of the figures")
        return run

    def tabs(self) -> list[str]:
        bar = self.window.plots._tabs
        return [bar.tabText(i) for i in range(bar.count())]

    def tab(self, text: str) -> None:
        """Click a tab, and wait for its picture."""
        bar = self.window.plots._tabs
        index = self.tabs().index(text)
        self.click(bar, bar.tabRect(index).center())
        plots = self.window.plots
        self.until(lambda: plots.shown_figure() and plots.view.isVisible(), f"picture {text}")

    def colours(self) -> int:
        """How many there are in the plots: ground and axes are two, a picture has more."""
        with self.stalls.paused():
            image = self.window.plots.view.plots.grab().toImage()
            return len(np.unique(np.frombuffer(image.constBits(), np.uint32)))

    def notices(self) -> list[Notice]:
        return [n for n in self.window.findChildren(Notice) if n.isVisible()]

    def told(self, text: str) -> Notice:
        """Wait for the notice that says so; one of an earlier test may come late."""

        def found() -> Notice | None:
            return next((n for n in reversed(self.notices()) if text in said(n)), None)

        return self.until(found, lambda: f"no notice says {text!r} among {self.said()}")

    def said(self) -> list[str]:
        """What the notices on show say."""
        return [said(notice) for notice in self.notices()]

    def drop(self, *paths: Path, on: QWidget | None = None) -> None:
        """Let files fall where a widget is, by the way that the desktop takes."""
        widget = on or self.window
        place = widget.mapTo(self.window, widget.rect().center())
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        held = mime, LEFT, Qt.KeyboardModifier(0)
        handle, action = self.window.windowHandle(), Qt.DropAction.CopyAction
        enter, move = QDragEnterEvent(place, action, *held), QDragMoveEvent(place, action, *held)
        QApplication.sendEvent(handle, enter)
        move.setAccepted(enter.isAccepted())  # as Qt does before it asks
        QApplication.sendEvent(handle, move)
        assert move.isAccepted(), f"files may not be dropped on {type(widget).__name__}"
        event = QDropEvent(QPointF(place), action, *held)
        QApplication.sendEvent(handle, event)
        assert event.isAccepted()


def said(notice: Notice) -> str:
    """The sentence of a notice."""
    return notice.findChild(QLabel).text()


def opened(folder: Path, stalls: Stalls) -> User:
    """A window that stands and whose engine is ready; the watch begins with the first paint."""
    window = MainWindow(folder, QSettings(str(folder / "ui.ini"), QSettings.Format.IniFormat))
    window.painted.connect(lambda: QTimer.singleShot(0, stalls.start))
    window.show()
    window.resize(1440, 900)
    window.activateWindow()
    user = User(window, stalls)
    user.until(lambda: window.start.card("pde").isEnabled(), "the methods are known")
    user.until(lambda: window.run_pane._devices, "the engine is ready")
    return user


def close(user: User) -> None:
    """Close for good, whatever goes on."""
    user.stalls.stop()
    user.window._sure = True
    user.window.close()
    user.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def address(widget: QWidget) -> str:
    return hex(shiboken6.getCppPointer(widget)[0])


def leftovers() -> set[str]:
    """Threads, active timers, processes and windows there are now."""
    threads = {str(t) for t in threading.enumerate() if t.name != "stall watch"}
    timers = [o for o in gc.get_objects() if isinstance(o, QTimer) and shiboken6.isValid(o)]
    processes = psutil.Process().children(recursive=True)
    return {
        *threads,
        *(f"timer {id(timer)} of {timer.parent()}" for timer in timers if timer.isActive()),
        # One process tracks the resources of all others till the end of the program.
        # (A process as text would tell whether it sleeps just now.)
        *(
            f"process {p.pid}"
            for p in processes
            if not any("resource_tracker" in w for w in p.cmdline())
        ),
        *(f"{w.metaObject().className()} {address(w)}" for w in QApplication.topLevelWidgets()),
    }


@pytest.fixture(scope="session")
def light(qapp) -> None:
    theme.apply(qapp, "light")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def shared(light, workspace):
    """One window for the tests of a file that do not disturb each other."""
    # The tests of the mathematics leave torch and a million objects behind; the window's own
    # process has neither, so what the garbage collector does with them is no stall of the window.
    gc.collect()
    gc.freeze()
    stalls = Stalls()
    user = opened(workspace, stalls)
    stalls.stop()
    yield user
    close(user)
    stalls.close()
    gc.unfreeze()


@pytest.fixture
def user(shared):
    """The window of the file; no test may have held up its event loop."""
    for notice in shared.notices():
        notice.close()
    shared.stalls.start()
    yield shared
    for run in shared.window.runs.active():
        shared.window.runs.stop(run.id)
    shared.until(lambda: not shared.window.runs.active(), "the runs of the test end")
    shared.stalls.stop()
    found, shared.stalls.found = shared.stalls.found, []
    assert not found, "\n".join(found)


@pytest.fixture
def alone(light, tmp_path):
    """A window of one test; once it is closed nothing of it may be left."""
    gc.collect()
    before, stalls = leftovers(), Stalls()
    user = opened(tmp_path, stalls)
    yield user
    if shiboken6.isValid(user.window):
        close(user)
    stalls.close()
    gc.collect()
    left = leftovers() - before
    assert not left
    assert not stalls.found, "\n".join(stalls.found)
