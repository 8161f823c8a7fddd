"""The pipe to a helper process: order, patience, and what is left behind."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time

import pytest

from workbench.child import Child

# More than a pipe holds (64 KiB on Linux), so that whoever writes it has to wait for a reader.
LARGE = bytes(300_000)


def echo(connection, patience: float) -> None:
    """Begins to read late, then says what it was sent, until None."""
    time.sleep(patience)
    while (message := connection.recv()) is not None:
        number, load = message
        connection.send((number, len(load)))


def leave(connection) -> None:
    """Ends at once."""


class Helper:
    """A child, what it said, and why it ended."""

    def __init__(self, target, *args) -> None:
        self.said: queue.Queue = queue.Queue()
        self.ended: queue.Queue = queue.Queue()
        self.child = Child("helper", target, args, self.said.put, self.ended.put)

    def threads(self) -> list[str]:
        """Those of the child that still run."""
        return [t.name for t in threading.enumerate() if t.name.startswith("helper ")]


@pytest.fixture
def start():
    made: list[Helper] = []

    def begin(target, *args) -> Helper:
        made.append(Helper(target, *args))
        return made[-1]

    yield begin
    for helper in made:
        helper.child.kill()
        helper.child.close(5.0)
        assert helper.threads() == []


def test_that_a_busy_process_keeps_nobody_waiting_and_loses_nothing(start):
    helper = start(echo, 1.0)
    before = time.perf_counter()
    for number in range(20):
        helper.child.send((number, LARGE))
    # Packing 6 MB takes some milliseconds; a write would wait the whole second for the reader.
    assert time.perf_counter() - before < 0.5
    answers = [helper.said.get(timeout=30) for _ in range(20)]
    assert answers == [(number, len(LARGE)) for number in range(20)]


def test_that_what_was_sent_before_the_end_is_still_read(start):
    helper = start(echo, 0.3)
    for number in range(5):
        helper.child.send((number, LARGE))
    helper.child.close(30.0)
    assert [helper.said.get_nowait()[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert helper.ended.get_nowait() == "it ended"
    assert helper.threads() == []


def test_that_a_message_is_sent_as_it_was_when_it_was_given(start):
    helper = start(echo, 0.3)
    load = [0, 1, 2]
    helper.child.send(("first", LARGE))
    helper.child.send(("second", load))
    load.append(3)
    assert helper.said.get(timeout=30) == ("first", len(LARGE))
    assert helper.said.get(timeout=30) == ("second", 3)


def test_that_a_process_that_does_not_go_on_can_be_closed(start):
    helper = start(echo, 0.0)
    helper.child.send((0, b""))
    assert helper.said.get(timeout=30) == (0, 0)
    os.kill(helper.child.pid, signal.SIGSTOP)
    for number in range(5):
        helper.child.send((number, LARGE))
    helper.child.close(0.2)
    assert "SIGKILL" in helper.ended.get(timeout=5)
    assert helper.threads() == []


def test_that_what_is_sent_to_a_process_that_is_gone_is_dropped(start):
    helper = start(leave)
    assert helper.ended.get(timeout=30) == "it ended"
    helper.child.send((0, LARGE))
    helper.child.close(1.0)
    assert helper.threads() == []
    assert helper.said.empty()


def test_that_what_cannot_be_sent_is_the_fault_of_who_sends_it(start):
    helper = start(echo, 0.0)
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        helper.child.send((0, threading.Lock()))
    helper.child.send((1, b""))
    assert helper.said.get(timeout=30) == (1, 0)
