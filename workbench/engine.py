"""The engine process: owns torch, the devices and the record files. One thread per device."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import psutil

from engines.events import Event, Finished, Shown, Step
from workbench import messages as m
from workbench import share_cores
from workbench.child import quiet_child
from workbench.jobs import Bill, Job, Refused, State, next_state

# Seconds between two deliveries: pictures that the window can use, and what is said together.
INTERVAL, TOGETHER = 0.04, 0.01
# Time for a run to stop and its record to be finished once the window is gone.
GRACE = 4.0


def serve(connection: Connection, workspace: str) -> None:
    """Take commands until the pipe closes; then stop, finish the records as interrupted, exit."""
    quiet_child()
    share_cores()
    # The window comes first: a busy engine must not delay its event loop.
    if hasattr(os, "nice"):
        os.nice(5)
    from workbench.records import checkpoint_of
    from workbench.workspace import Workspace

    place = Workspace(Path(workspace))
    recovered = tuple(str(path) for path in place.recover())
    from workbench import catalogue, devices

    engine = Engine(connection, place)
    found = tuple(m.DeviceFacts(d.name, d.title, d.total, d.precisions) for d in devices.devices())
    resumable = tuple(path for path in recovered if checkpoint_of(Path(path)).exists())
    engine.mail.put(m.Ready(found, recovered, resumable))
    known = catalogue.build()
    if catalogue.cached() != known:
        catalogue.store(known)
    engine.mail.put(m.Learnt(known))  # another window may have stored it since ours looked
    with contextlib.suppress(EOFError, OSError):
        while (command := connection.recv()) is not None:
            engine.do(command)
    engine.abandon()
    os._exit(0)


@dataclass(eq=False)
class Running:
    """A job on its way, and the two flags that reach into it."""

    job: Job
    state: State = "queued"
    stop: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    places: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    device: str = ""


class Line:
    """The runs that wait, in the order of their turns; every change is told."""

    def __init__(self, tell: Callable[[m.Queue], None]) -> None:
        self._tell = tell
        self._runs: list[Running] = []
        self._changed = threading.Condition()

    def put(self, run: Running) -> None:
        """Let a run wait behind all others."""
        with self._changed:
            self._runs.append(run)
            self._told()

    def take(self, device: str, start: Callable[[Running], None]) -> Running:
        """Wait for the first run that is for a device, and start it before it leaves the line."""
        with self._changed:
            while True:
                found = next((run for run in self._runs if run.device == device), None)
                if found is not None:
                    start(found)
                    self._runs.remove(found)
                    self._told()
                    return found
                self._changed.wait()

    def leave(self, run: Running) -> bool:
        """Take a run out; False where it does not wait any more."""
        with self._changed:
            if run not in self._runs:
                return False
            self._runs.remove(run)
            self._told()
            return True

    def move(self, id: str, before: str) -> bool:
        """Let a run have its turn before another, or last; False where it does not wait."""
        with self._changed:
            run = next((run for run in self._runs if run.job.id == id), None)
            if run is None:
                return False
            self._runs.remove(run)
            ids = [other.job.id for other in self._runs]
            # Where the other one has just started, the next turn is the nearest to it.
            place = ids.index(before) if before in ids else 0
            self._runs.insert(place if before else len(ids), run)
            self._told()
            return True

    def _told(self) -> None:
        self._tell(m.Queue(tuple(run.job.id for run in self._runs)))
        self._changed.notify_all()


class Engine:
    """One line of runs for all devices; turns commands into runs and runs into mail."""

    def __init__(self, connection: Connection, workspace: Any) -> None:
        self.mail = Mailbox(connection)
        self._workspace = workspace
        self._runs: dict[str, Running] = {}
        self._line = Line(self.mail.order)
        self._threads: dict[str, threading.Thread] = {}
        self._abandoned = False
        self._asked = Newest(self._answer)
        self._busy = ""
        threading.Thread(target=self._gauge, name="gauge", daemon=True).start()

    def do(self, command: m.Command) -> None:
        """Carry out one command of the window."""
        match command:
            case m.Submit(job):
                self._submit(job)
            case m.Ask(job):
                self._asked.put(job)
            case m.Pause(id):
                self._flag(id, "pause", lambda run: run.go.clear())
            case m.Resume(id):
                self._flag(id, "resume", lambda run: run.go.set())
            case m.Stop(id):
                self._stop(id)
            case m.Move(id, before):
                if not self._line.move(id, before):
                    self.mail.put(m.NotMoved(id))
            case m.Place(id, path):
                if id in self._runs:
                    self._runs[id].places.put(path)

    def abandon(self) -> None:
        """The window is gone: stop everything, wait for the records, at most GRACE seconds."""
        self._abandoned = True
        until = time.monotonic() + GRACE
        for id in list(self._runs):
            self._stop(id)
        while self._runs and time.monotonic() < until:
            time.sleep(0.02)

    def _submit(self, job: Job) -> None:
        from workbench.devices import UnknownDevice, pick

        run = Running(job)
        run.go.set()
        self._runs[job.id] = run
        try:
            run.device = pick(job.device, job.precision).name
        except UnknownDevice as error:
            self._end(run, Finished("failed", str(error)))
            return
        self._line.put(run)
        if run.device not in self._threads:
            worker = threading.Thread(
                target=self._work, args=(run.device,), name=run.device, daemon=True
            )
            self._threads[run.device] = worker
            worker.start()

    def _stop(self, id: str) -> None:
        run = self._runs.get(id)
        if run is None:
            return
        run.stop.set()
        if self._line.leave(run):
            self._end(run, Finished("stopped", "taken out of the queue"))

    def _flag(self, id: str, event: str, act: Callable[[Running], None]) -> None:
        run = self._runs.get(id)
        if run is None or next_state(run.state, event) == run.state:
            return
        act(run)
        self._change(run, next_state(run.state, event))

    def _change(self, run: Running, state: State) -> None:
        run.state = state
        self.mail.put(m.Changed(run.job.id, state))

    def _end(self, run: Running, finished: Finished) -> None:
        self.mail.say(run.job.id, finished)
        self._runs.pop(run.job.id, None)

    def _work(self, device: str) -> None:
        while True:
            run = self._line.take(device, self._start)
            self._busy = device
            self._run(run)

    def _start(self, run: Running) -> None:
        self._change(run, next_state(run.state, "start"))

    def _run(self, run: Running) -> None:
        from workbench import rates, runs

        last: list[Finished] = []

        def say(event: Event) -> None:
            if isinstance(event, Finished):
                last.append(event)  # sent below, after the run has left the table
            else:
                self.mail.say(run.job.id, event)

        try:
            job = self._with_record(run.job)
            prepared = runs.prepare(job, check=lambda: _stop_loading(run.stop))
            if refusal := runs.bill(prepared).refusal:
                raise Refused(refusal)
            outcome = runs.execute(
                prepared,
                say,
                stop=run.stop,
                go=run.go,
                interrupted=lambda: self._abandoned,
                elsewhere=lambda why: self._elsewhere(run.job.id, job.output, run.places, why),
            )
            if outcome.info.state == "done":
                work = prepared.method.cost(prepared.problem).work
                rates.learn(job.method, prepared.device.name, work, outcome.info.seconds or 0.0)
        except Refused as error:
            last.append(Finished("failed", str(error)))
        except StoppedLoading:
            last.append(Finished("stopped", "stopped while the data were loaded"))
        except Exception as error:  # a fault of ours must not end the thread
            import traceback

            last.append(
                Finished("failed", f"{type(error).__name__}: {error}", traceback.format_exc())
            )
        self._end(run, last[-1])

    def _elsewhere(
        self, id: str, path: str, places: queue.SimpleQueue[str], why: str
    ) -> Path | None:
        """Ask the window for another place; without a window there is only one."""
        from workbench.runs import rescue

        self.mail.put(m.Homeless(id, path, why))
        while not self._abandoned:
            with contextlib.suppress(queue.Empty):
                named = places.get(timeout=0.1)
                return Path(named) if named else None
        return rescue(path)

    def _with_record(self, job: Job) -> Job:
        if job.output:
            return job
        return replace(job, output=str(self._workspace.new_path(job.method, job.title)))

    def _answer(self, job: Job) -> None:
        from workbench import runs

        try:
            bill = runs.bill(runs.prepare(job))
        except Refused as error:
            bill = Bill(refusal=str(error), field=error.field)
        except Exception as error:  # a fault of ours must not end the thread
            bill = Bill(refusal=f"{type(error).__name__}: {error}")
        self.mail.put(m.Billed(job.id, bill))

    def _gauge(self) -> None:
        from workbench.devices import devices, free_memory

        process = psutil.Process()
        known = {d.name: d for d in devices()}
        while True:
            device = known.get(self._busy) or next(iter(known.values()))
            self.mail.put(
                m.Gauge(
                    process.memory_info().rss, free_memory(device.name), device.total, device.name
                )
            )
            time.sleep(1.0)


class StoppedLoading(Exception):
    """A stop was asked for while the data were being read."""


def _stop_loading(stop: threading.Event) -> None:
    if stop.is_set():
        raise StoppedLoading


class Newest:
    """Calls `act` in a thread of its own; while it is busy only the newest item is kept."""

    def __init__(self, act: Callable[[Any], None]) -> None:
        self._act = act
        self._item: Any = None
        self._given = threading.Event()
        threading.Thread(target=self._work, name="newest", daemon=True).start()

    def put(self, item: Any) -> None:
        """Replace whatever waits."""
        self._item = item
        self._given.set()

    def _work(self) -> None:
        while True:
            self._given.wait()
            self._given.clear()
            self._act(self._item)


class Mailbox:
    """Sends from a thread of its own, so that a slow window never holds a run up.

    Whoever says something packs it: the price of a picture includes that, and the thread only
    writes bytes, for which it does not take the interpreter from a run. Of steps, of pictures with
    one name and of the order of those that wait only the newest is kept; everything else is sent in
    its order, and the end of a run comes last.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._given = threading.Event()
        self._queue: list[memoryview] = []
        self._newest: dict[tuple[str, str], memoryview] = {}
        threading.Thread(target=self._send, name="mail", daemon=True).start()

    def put(self, message: m.Message) -> None:
        """Send as it is."""
        packed = ForkingPickler.dumps(message)
        with self._lock:
            self._queue.append(packed)
        self._given.set()

    def order(self, queue: m.Queue) -> None:
        """Send the order of those that wait, or let it replace one that still waits."""
        packed = ForkingPickler.dumps(queue)
        with self._lock:
            self._newest["", "order"] = packed
        self._given.set()

    def say(self, id: str, event: Event) -> None:
        """Send an event of a run, or let it replace one that still waits."""
        packed = ForkingPickler.dumps(m.Said(id, (event,)))
        with self._lock:
            if isinstance(event, Step):
                self._newest[id, ""] = packed
            elif isinstance(event, Shown):
                self._newest[id, "figure " + event.figure.name] = packed
            else:
                if isinstance(event, Finished):
                    self._queue.extend(
                        self._newest.pop(k) for k in list(self._newest) if k[0] == id
                    )
                self._queue.append(packed)
        self._given.set()

    def _send(self) -> None:
        try:
            while True:
                self._given.wait()
                time.sleep(TOGETHER)
                self._given.clear()
                with self._lock:
                    batch = self._queue + list(self._newest.values())
                    self._queue, self._newest = [], {}
                for packed in batch:
                    self._connection.send_bytes(packed)
                time.sleep(INTERVAL)
        except OSError:
            return  # the window is gone; the reader of the pipe sees it too and ends the process
