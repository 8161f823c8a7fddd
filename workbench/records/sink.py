"""The file below HDF5."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any


class Sink:
    """A new file. A failed write is remembered instead of reported to HDF5.

    HDF5 takes the process down when it cannot write what it holds back (seen with 2.0: a full
    disk ends in a segmentation fault). So it is told that all went well, and `check` says the
    truth to us.
    """

    def __init__(self, path: Path) -> None:
        self._raw = open(path, "xb+", buffering=0)  # noqa: SIM115
        self._place = 0
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the first error there was."""
        if self._error is not None:
            raise self._error

    def copy(self, path: Path) -> None:
        """Start as a copy of another file."""
        with open(path, "rb") as source:
            shutil.copyfileobj(source, self)
        self.check()

    def sync(self) -> None:
        """Return when everything is on the disk."""
        self.check()
        os.fsync(self._raw.fileno())

    def close(self) -> None:
        """Close the file; a second time is no fault."""
        self._raw.close()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file."""
        self._place = offset if whence == os.SEEK_SET else self._raw.seek(offset, whence)
        return self._place

    def tell(self) -> int:
        """The present place."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Not used: HDF5 asks only whether it is there, and reads with `readinto`."""
        raise NotImplementedError

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; what a failed write left out reads as zeros."""
        view = memoryview(buffer).cast("B")
        self._raw.seek(self._place)
        done = 0
        while done < len(view) and (n := self._raw.readinto(view[done:])):
            done += n
        view[done:] = bytes(len(view) - done)
        self._place += len(view)
        return len(view)

    def write(self, data: Any) -> int:
        """Write all of it, or remember why not."""
        rest = memoryview(data).cast("B")
        size, place = len(rest), self._place
        self._place += size
        try:
            self.check()
            self._raw.seek(place)
            while len(rest):
                rest = rest[self._raw.write(rest) :]
        except OSError as error:
            self._error = error
        return size

    def truncate(self, size: int) -> int:
        """Set the length of the file."""
        try:
            self.check()
            self._raw.truncate(size)
        except OSError as error:
            self._error = error
        return size

    def flush(self) -> None:
        """Nothing is held back here."""
