"""The window's end of the engine: keeps the queue, and starts a new engine where one dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from engines.events import Finished
from workbench import messages as m
from workbench.child import TRIES, Child
from workbench.jobs import FINAL, Job, State


def _serve(*args: object) -> None:
    from workbench.engine import serve  # imported in the child only: it brings torch

    serve(*args)  # type: ignore[arg-type]


class EngineClient:
    """Submits jobs to the engine process and posts what it says; safe to call from any thread."""

    def __init__(self, workspace: Path, post: Callable[[m.Message], None]) -> None:
        self._workspace = workspace
        self._post = post
        self._lock = threading.RLock()
        self._jobs: dict[str, tuple[Job, State]] = {}
        self._closing = False
        self._deaths = 0
        self._child = self._start()

    @property
    def pid(self) -> int:
        """Process number of the engine."""
        return self._child.pid

    def states(self) -> dict[str, State]:
        """Unfinished jobs, those that wait in the order of their turns, and how they stand."""
        with self._lock:
            return {id: state for id, (_, state) in self._jobs.items()}

    def submit(self, job: Job) -> None:
        """Queue a job."""
        with self._lock:
            self._post(m.Changed(job.id, "queued"))
            if self._deaths >= TRIES:
                text = "the engine does not start; restart the program"
                self._post(m.Said(job.id, (Finished("failed", text),)))
                return
            self._jobs[job.id] = (job, "queued")
            self._child.send(m.Submit(job))

    def send(self, command: m.Command) -> None:
        """Pass on any other command."""
        with self._lock:
            self._child.send(command)

    def kill(self) -> None:
        """End the engine process at once; its run fails, the others go on in a new one."""
        self._child.kill()

    def close(self, seconds: float = 5.0) -> None:
        """Stop what runs, let the records be finished, end the process."""
        with self._lock:
            self._closing = True
        self._child.close(seconds)

    def _start(self) -> Child:
        return Child("engine", _serve, (str(self._workspace),), self._received, self._exited)

    def _received(self, message: m.Message) -> None:
        with self._lock:
            match message:
                case m.Changed(id, state) if id in self._jobs:
                    self._jobs[id] = (self._jobs[id][0], state)
                case m.Queue(ids):
                    # A new engine would get them in this order.
                    waiting = {id: self._jobs.pop(id) for id in ids if id in self._jobs}
                    self._jobs |= waiting
                case m.Said(id, events):
                    if any(isinstance(e, Finished) and e.state in FINAL for e in events):
                        self._jobs.pop(id, None)
                        self._deaths = 0
        self._post(message)

    def _exited(self, reason: str) -> None:
        with self._lock:
            if self._closing:
                return
            started = [id for id, (_, state) in self._jobs.items() if state != "queued"]
            for id in started:
                del self._jobs[id]
                text = f"the engine process died: {reason}; what it had recorded is kept"
                self._post(m.Said(id, (Finished("failed", text),)))
            self._deaths = 1 if started else self._deaths + 1
            if self._deaths >= TRIES:
                for id in list(self._jobs):
                    self._post(m.Said(id, (Finished("failed", "the engine does not start"),)))
                self._jobs.clear()
                self._post(m.Died("engine", reason, gave_up=True))
                return
            self._child = self._start()
            for job, _ in self._jobs.values():
                self._child.send(m.Submit(job))
            self._post(m.Died("engine", reason))
