"""Drawing that takes long: movies and whole batches, each in a process of its own.

So neither the window nor the desk waits, and it can be ended at any time; what was being written
then is taken away again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench import messages as m
from workbench import share_cores
from workbench.batch import Piece
from workbench.child import Child, quiet_child
from workbench.deeds import deeds_of
from workbench.export import clear

PATIENCE = 5.0  # seconds in which a picture that is being drawn may become ready, else it is killed


class Ended(Exception):
    """Nobody wants it any more."""


class Work:
    """What can be asked for; `told` hears how far it is, and ends it by raising."""

    def __init__(self, told: Callable[[int, int], None]) -> None:
        self._told = told

    def movie(self, record: str | list[str], name: str, path: str, options: dict[str, Any]) -> str:
        """Draw all frames of a figure of a record, or of several that are compared."""
        from workbench import records, stamp
        from workbench.compare import read_compared
        from workbench.movie import export_movie

        about: dict[str, Any]
        if isinstance(record, list):
            figure = read_compared(record, name)
            about = {"records": [Path(each).name for each in record], "figure": name}
        else:
            figure = records.read_figure(Path(record), name)
            about = stamp.made(Path(record), records.read_info(Path(record)), figure, options)
        export_movie(figure, Path(path), provenance=about, told=self._told, **options)
        return path

    def batch(self, pieces: Sequence[Piece], options: dict[str, Any]) -> list[str]:
        """Write figures of several records; gives their files."""
        from workbench.batch import export_pieces

        return export_pieces(pieces, options, self._told)


def serve(connection: Connection, name: str, args: tuple[Any, ...]) -> None:
    """Do one piece of work and send the answer; ends when the other end closes or says so."""
    quiet_child()
    share_cores()
    if hasattr(os, "nice"):
        os.nice(5)  # the window and a run come first
    over = threading.Event()
    threading.Thread(target=_wait, args=(connection, over), name="end", daemon=True).start()

    def told(done: int, total: int) -> None:
        if over.is_set():
            raise Ended
        connection.send((done, total))

    with contextlib.suppress(Ended, BrokenPipeError):
        try:
            connection.send((getattr(Work(told), name)(*args), ""))
        except (ValueError, OSError) as error:  # these explain themselves
            connection.send((None, str(error)))
        except Ended:
            raise
        except Exception as error:
            connection.send((None, f"{type(error).__name__}: {error}"))


def _wait(connection: Connection, over: threading.Event) -> None:
    with contextlib.suppress(EOFError, OSError):
        connection.recv()
    over.set()


class Studio:
    """Starts and ends such work; what it says is posted with the token of the work."""

    def __init__(self, post: Callable[[m.Message], None]) -> None:
        self._post = post
        self._tokens = itertools.count(1)
        self._lock = threading.RLock()
        self._open: dict[int, Child] = {}

    def start(self, name: str, *args: Any) -> int:
        """Do one of the works of Work: Drawing as it gets further, then one Drawn."""
        token = next(self._tokens)

        def over(reason: str) -> None:
            with self._lock:  # held until there is a child
                pid = child.pid
            for deed in deeds_of(name, args):
                clear(deed.path, pid)
            self._finish(token, None, f"the drawing ended: {reason}; try again")

        with self._lock:
            self._open[token] = child = Child(
                "studio", serve, (name, args), lambda said: self._received(token, said), over
            )
        return token

    def stop(self, token: int) -> None:
        """End a work; nothing more is posted of it."""
        with self._lock:
            child = self._open.pop(token, None)
        if child is not None:
            threading.Thread(
                target=child.close, args=(PATIENCE,), name="studio end", daemon=True
            ).start()

    def close(self) -> None:
        """End all works."""
        with self._lock:
            children, self._open = list(self._open.values()), {}
        for child in children:
            child.close(PATIENCE)

    def _received(self, token: int, said: tuple[Any, Any]) -> None:
        if isinstance(said[1], str):
            self._finish(token, *said)
        elif token in self._open:
            self._post(m.Drawing(token, *said))

    def _finish(self, token: int, value: Any, error: str) -> None:
        with self._lock:
            known = self._open.pop(token, None)
        if known is not None:
            self._post(m.Drawn(token, value, error))
