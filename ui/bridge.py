"""The only place where the window meets its helper processes: one queue, one timer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engines.events import Finished, Logged, Shown, Step, Warned
from workbench import catalogue
from workbench import messages as m
from workbench.client import EngineClient
from workbench.desk import Desk
from workbench.jobs import Job
from workbench.peer_client import PeerClient
from workbench.studio import Studio

INTERVAL_MS = 40

# Told of a check: the name of a peer that begins, the Check, or why there is none.
Listeners = tuple[Callable[[str], None], Callable[[Any], None], Callable[[str], None]]
# Told of a movie or batch: how many are done and of how many, what came of it, why nothing.
Watchers = tuple[Callable[[int, int], None], Callable[[Any], None], Callable[[str], None]]


class Bridge(QObject):
    """Empties the queue at 25 Hz, keeps the newest step and pictures, and emits Qt signals."""

    ready = Signal(object)  # m.Ready
    learnt = Signal(object)  # Catalogue
    changed = Signal(str, str)  # run id, state
    ordered = Signal(object)  # ids of the runs that wait
    not_moved = Signal(str)  # run id
    stepped = Signal(str, object)  # run id, Step
    logged = Signal(str, object)  # run id, Logged
    shown = Signal(str, object)  # run id, Figure
    warned = Signal(str, str)  # run id, text
    finished = Signal(str, object)  # run id, Finished
    homeless = Signal(str, str, str)  # run id, path, why its record is not there
    billed = Signal(str, object)  # job id, Bill
    gauged = Signal(object)  # m.Gauge
    died = Signal(object)  # m.Died
    did = Signal(str, object)  # what the desk or the studio has done, and with which arguments

    def __init__(self, workspace: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: deque[m.Message] = deque()
        self._waiting: dict[int, tuple[Callable[[Any], None], Callable[[str, str], None]]] = {}
        self.engine = EngineClient(workspace, self._queue.append)
        self.desk = Desk(workspace, self._queue.append)
        self.peers = PeerClient(self._queue.append)
        self._checks: dict[int, Listeners] = {}
        self.studio = Studio(self._queue.append)
        self._works: dict[int, Watchers] = {}
        threading.Thread(target=self._read_catalogue, name="catalogue", daemon=True).start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.drain)
        self._timer.start(INTERVAL_MS)

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self.engine.submit(job)

    def ask(self, job: Job) -> None:
        """Ask for the bill of a job; answered by `billed`."""
        self.engine.send(m.Ask(job))

    def pause(self, id: str) -> None:
        """Hold a run."""
        self.engine.send(m.Pause(id))

    def resume(self, id: str) -> None:
        """Let a paused run go on."""
        self.engine.send(m.Resume(id))

    def stop(self, id: str) -> None:
        """End a run after its present step."""
        self.engine.send(m.Stop(id))

    def move(self, id: str, before: str) -> None:
        """Let a run that waits have its turn before another one, or last."""
        self.engine.send(m.Move(id, before))

    def place(self, id: str, path: str) -> None:
        """Name a place for a record that has none; an empty path gives it up."""
        self.engine.send(m.Place(id, path))

    def call(
        self,
        name: str,
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[str, str], None],
    ) -> None:
        """Have the desk do something; `done(value)` or `failed(text, detail)` follows."""

        def over(value: Any) -> None:
            self.did.emit(name, args)
            done(value)

        self._waiting[self.desk.call(name, *args)] = (over, failed)

    def check(
        self,
        record: str,
        begun: Callable[[str], None],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> Callable[[], None]:
        """Check a record against peers; gives what stops it, after which nobody is told."""
        token = self.peers.start(record)
        self._checks[token] = (begun, done, failed)

        def stop() -> None:
            self._checks.pop(token, None)
            self.peers.stop(token)

        return stop

    def draw(
        self,
        name: str,
        *args: Any,
        told: Callable[[int, int], None],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> Callable[[], None]:
        """Have a movie or batch drawn; gives what stops it, after which nobody is told."""

        def over(value: Any) -> None:
            self.did.emit(name, args)
            done(value)

        token = self.studio.start(name, *args)
        self._works[token] = (told, over, failed)

        def stop() -> None:
            self._works.pop(token, None)
            self.studio.stop(token)

        return stop

    def close(self) -> None:
        """Stop the runs, let their records be finished, end all processes."""
        self._timer.stop()
        self.studio.close()
        self.peers.close()
        self.engine.close()
        self.desk.close()

    def drain(self) -> None:
        """Handle everything that has come in since the last time."""
        newest: dict[tuple[str, str], m.Said] = {}
        for _ in range(len(self._queue)):
            message = self._queue.popleft()
            if isinstance(message, m.Said) and isinstance(message.events[0], (Shown, Step)):
                event = message.events[0]
                name = "figure " + event.figure.name if isinstance(event, Shown) else ""
                newest[message.id, name] = message
                continue
            if isinstance(message, m.Said) and isinstance(message.events[-1], Finished):
                for key in [k for k in newest if k[0] == message.id]:
                    self._say(newest.pop(key))
            self._handle(message)
        for message in newest.values():
            self._say(message)

    def _handle(self, message: m.Message) -> None:
        match message:
            case m.Ready():
                self.ready.emit(message)
            case m.Learnt(known):
                self.learnt.emit(known)
            case m.Changed(id, state):
                self.changed.emit(id, state)
            case m.Queue(ids):
                self.ordered.emit(ids)
            case m.NotMoved(id):
                self.not_moved.emit(id)
            case m.Said():
                self._say(message)
            case m.Homeless(id, path, why):
                self.homeless.emit(id, path, why)
            case m.Billed(job, bill):
                self.billed.emit(job, bill)
            case m.Gauge():
                self.gauged.emit(message)
            case m.Died():
                self.died.emit(message)
            case m.Answer(token, value, error, detail):
                done, failed = self._waiting.pop(token)
                if error:
                    failed(error, detail)
                else:
                    done(value)
            case m.Checking(token, peer) if token in self._checks:
                self._checks[token][0](peer)
            case m.Checked(token, value, error) if token in self._checks:
                _, found, missed = self._checks.pop(token)
                if error:
                    missed(error)
                else:
                    found(value)
            case m.Drawing(token, done, total) if token in self._works:
                self._works[token][0](done, total)
            case m.Drawn(token, value, error) if token in self._works:
                _, found, missed = self._works.pop(token)
                if error:
                    missed(error)
                else:
                    found(value)

    def _say(self, said: m.Said) -> None:
        for event in said.events:
            match event:
                case Step():
                    self.stepped.emit(said.id, event)
                case Logged():
                    self.logged.emit(said.id, event)
                case Shown(figure):
                    self.shown.emit(said.id, figure)
                case Warned(text):
                    self.warned.emit(said.id, text)
                case Finished():
                    self.finished.emit(said.id, event)

    def _read_catalogue(self) -> None:
        known = catalogue.cached()
        if known is not None:
            self._queue.append(m.Learnt(known))
