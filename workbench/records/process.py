"""Who writes a file, and whether that process is still there."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import psutil

# Start times of one process as two others read them differ by less than this (clock corrections).
SAME_START = 5.0


@dataclass(frozen=True)
class Writer:
    """A process: its number, which is used again one day, with its start time and machine."""

    pid: int
    started: float
    host: str = ""

    @property
    def tag(self) -> str:
        """A piece of a file name from which `from_tag` finds the process again."""
        return f"{self.pid}-{self.started:.0f}"

    @staticmethod
    def from_tag(tag: str) -> Writer:
        """The process that made a file name with this piece, on this machine."""
        pid, _, started = tag.partition("-")
        return Writer(int(pid), float(started))

    def alive(self) -> bool:
        """Whether it runs; a process of another machine cannot be asked and counts as alive."""
        if self.host and self.host != platform.node():
            return True
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return abs(process.create_time() - self.started) < SAME_START
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


def this_process() -> Writer:
    """The process that asks."""
    return Writer(os.getpid(), psutil.Process().create_time(), platform.node())
