"""A helper process at the other end of a pipe, and the threads that write to it and listen."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from typing import Any

# A process that dies this often without having been of use is not started again by itself.
TRIES = 3


class Child:
    """Spawns `target(connection, *args)`; what it sends goes to `on_message` in a thread.

    What it is sent is written by another thread, so that a busy process keeps nobody waiting.
    `target` has to end when it is sent None, and when its connection ends: that is how no process
    outlives its parent.
    """

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        args: tuple[Any, ...],
        on_message: Callable[[Any], None],
        on_exit: Callable[[str], None],
    ) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=target, args=(theirs, *args), name=name, daemon=True)
        self._process.start()
        theirs.close()
        self._outgoing: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._on_message, self._on_exit = on_message, on_exit
        self._sender = threading.Thread(target=self._write, name=f"{name} sender", daemon=True)
        self._listener = threading.Thread(target=self._listen, name=f"{name} listener", daemon=True)
        self._sender.start()
        self._listener.start()

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid or 0

    def send(self, message: Any) -> None:
        """Send in its turn; silently lost where the process is gone, which `on_exit` reports."""
        # Packed here: it is sent as it is now, and what cannot be packed is the caller's fault.
        self._outgoing.put(ForkingPickler.dumps(message))

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self, seconds: float) -> None:
        """Ask the process to end, give it time to finish its files, then end it."""
        self.send(None)
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
        self._listener.join(2.0)
        self._sender.join(2.0)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (packed := self._outgoing.get()) is not None:
                self._connection.send_bytes(packed)

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._on_message(self._connection.recv())
        self._outgoing.put(None)  # nobody reads any more
        self._process.join()
        self._on_exit(_reason(self._process.exitcode))


def quiet_child() -> None:
    """Leave Ctrl+C to the parent, which closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _reason(code: int | None) -> str:
    if code is None or code == 0:
        return "it ended"
    if code < 0:
        try:
            return f"it was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was killed by signal {-code}"
    return f"it ended with exit code {code}"
