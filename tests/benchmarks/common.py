"""What every table of benchmarks shares: a row, and fair timing of a pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One problem solved by us and by a peer; accuracies are errors, smaller is better."""

    problem: str
    peer: str
    ours_seconds: float
    peer_seconds: float
    ours_accuracy: float
    peer_accuracy: float


def time_pair(
    ours: Callable[[], Any], peer: Callable[[], Any], repeats: int = 5
) -> tuple[float, float]:
    """Median seconds of both, run in turns so that a busy machine slows both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    for call in (ours, peer):  # warm-up
        call()
    for _ in range(repeats):
        for call, seconds in zip((ours, peer), taken, strict=True):
            began = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])
