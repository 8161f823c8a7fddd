"""One window for each workspace: a second start hands what it was given to the first, and leaves.

The first process listens at a local socket that only this user can reach and whose name is made of
the folder of the workspace. A message is one line of JSON, the answer one word.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLockFile, QObject, QStandardPaths, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

LONGEST = 1 << 20  # bytes of a message
PATIENCE_MS = 4000  # for the answer of a window that is still being built
LOCK_MS = 3000  # for another process that is just starting to listen
HEARD = b"heard\n"


@dataclass(frozen=True)
class Wish:
    """What a second start asks of the first."""

    files: tuple[str, ...] = ()
    window: bool = False  # another one, instead of the first to the front
    token: str = ""  # with which the desktop allows a window to come to the front


def place(workspace: Path) -> str:
    """Name of the socket of a workspace: a path, or the name of a pipe on Windows."""
    folder = os.path.normcase(workspace.expanduser().resolve())
    name = "methods-workbench-" + hashlib.sha256(folder.encode()).hexdigest()[:16]
    return name if sys.platform == "win32" else str(Path(_runtime()) / name)


def _runtime() -> str:
    """A folder that only this user can enter, short enough for the path of a socket."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
    return folder if folder and len(folder) < 60 else tempfile.gettempdir()


class Knock(QObject):
    """Tells a wish to whoever has a workspace open; `answered(False)` where nobody does."""

    answered = Signal(bool)

    def __init__(self, workspace: Path, wish: Wish, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._socket = QLocalSocket(self)
        self._over = False
        self._socket.connected.connect(
            lambda: self._socket.write(json.dumps(asdict(wish)).encode() + b"\n")
        )
        self._socket.readyRead.connect(self._read)
        self._socket.errorOccurred.connect(lambda _: self._end(False))
        self._socket.disconnected.connect(lambda: self._end(False))
        QTimer.singleShot(PATIENCE_MS, self, lambda: self._end(False))
        # Not now: who asks has still to listen for the answer.
        QTimer.singleShot(0, self, lambda: self._socket.connectToServer(place(workspace)))

    def _read(self) -> None:
        if self._socket.canReadLine():
            self._end(bytes(self._socket.readLine().data()) == HEARD)

    def _end(self, heard: bool) -> None:
        if not self._over:
            self._over = True
            self._socket.abort()
            self.answered.emit(heard)


class Door(QObject):
    """Listens for second starts on a workspace for as long as it lives."""

    knocked = Signal(object)  # Wish

    def __init__(self, workspace: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        self._name = place(workspace)

    def listen(self) -> bool:
        """Begin. A socket that a killed process left behind at the same place is replaced."""
        return self._server.listen(self._name)

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def _welcome(self) -> None:
        while (guest := self._server.nextPendingConnection()) is not None:
            guest.readyRead.connect(lambda guest=guest: self._read(guest))
            guest.disconnected.connect(guest.deleteLater)
            self._read(guest)

    def _read(self, guest: QLocalSocket) -> None:
        if not guest.canReadLine():
            if guest.bytesAvailable() > LONGEST:
                guest.abort()
            return
        wish = understood(bytes(guest.readLine().data()))
        if wish is None:
            guest.abort()
            return
        guest.write(HEARD)
        guest.flush()
        self.knocked.emit(wish)


def token() -> str:
    """What the desktop gave this process so that a window may come to the front; good for once."""
    return os.environ.pop("XDG_ACTIVATION_TOKEN", "")


def understood(line: bytes) -> Wish | None:
    """The wish that a line says; None where it says anything else."""
    try:
        found = json.loads(line)
        files, window, token = found["files"], found["window"], found["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        return None
    return Wish(tuple(files), window is True, str(token))


def first_on(workspace: Path, wish: Wish, parent: QObject) -> Door | None:
    """Listen for second starts; None where another process does so already and took the wish.

    Of two that start at the same time one waits until the other listens.
    """
    lock = QLockFile(place(workspace) + ".lock") if sys.platform != "win32" else None
    if lock is not None:
        lock.tryLock(LOCK_MS)
    try:
        heard: list[bool] = []
        loop, knock = QEventLoop(), Knock(workspace, wish)
        knock.answered.connect(heard.append)
        knock.answered.connect(loop.quit)
        loop.exec()
        if heard == [True]:
            return None
        door = Door(workspace, parent)
        door.listen()  # where it cannot, each start has its own window
        return door
    finally:
        if lock is not None:
            lock.unlock()
