"""The window's end of checks against peers: one process for each, which can be ended at any time.

A peer may load torch, take minutes and not be interruptible, so that it runs neither in the window
nor in the engine's queue.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from workbench import messages as m
from workbench import share_cores
from workbench.child import Child, quiet_child


def serve(connection: Connection, record: str) -> None:
    """Check one record and send the answer; ends at once when the other end closes or says so."""
    quiet_child()
    share_cores()
    if hasattr(os, "nice"):
        os.nice(5)  # the window and a run come first
    threading.Thread(target=_wait, args=(connection,), name="end", daemon=True).start()
    from workbench import peer

    try:
        found = peer.check(Path(record), lambda name: connection.send(name))
        connection.send((found, ""))
    except (ValueError, OSError) as error:  # these explain themselves
        connection.send((None, str(error)))
    except Exception as error:
        connection.send((None, f"{type(error).__name__}: {error}"))


def _wait(connection: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        connection.recv()
    os._exit(0)


class PeerClient:
    """Starts and ends checks; what they say is posted with the token of the check."""

    def __init__(self, post: Callable[[m.Message], None]) -> None:
        self._post = post
        self._tokens = itertools.count(1)
        self._lock = threading.RLock()
        self._open: dict[int, Child] = {}

    def start(self, record: str) -> int:
        """Check a record: Checking for each peer that begins, then one Checked."""
        token = next(self._tokens)
        with self._lock:
            self._open[token] = Child(
                "peer",
                serve,
                (record,),
                lambda said: self._received(token, said),
                lambda reason: self._finish(token, None, f"the check ended: {reason}; try again"),
            )
        return token

    def stop(self, token: int) -> None:
        """End a check; nothing more is posted of it."""
        with self._lock:
            child = self._open.pop(token, None)
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End all checks."""
        with self._lock:
            children, self._open = list(self._open.values()), {}
        for child in children:
            child.kill()
            child.close(0.0)

    def _received(self, token: int, said: str | tuple[object, str]) -> None:
        if isinstance(said, str):
            if token in self._open:
                self._post(m.Checking(token, said))
        else:
            self._finish(token, *said)

    def _finish(self, token: int, value: object, error: str) -> None:
        with self._lock:
            known = self._open.pop(token, None)
        if known is not None:
            self._post(m.Checked(token, value, error))
