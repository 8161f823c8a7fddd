"""How time and memory of the transport methods grow with the number of points."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import ot

from engines.context import Context
from engines.method import Method
from engines.transport.methods.exact_ot import ExactOT
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.methods.sinkhorn_newton_sparse import SinkhornNewtonSparse
from engines.transport.methods.sliced_wasserstein_cv import SlicedWassersteinCV
from engines.transport.problem import gauss_pair

SIZES = (500, 1000, 2000, 4000)
ITERATIONS = 100  # of Sinkhorn, where time is measured
MB = 1e6

METHODS: dict[str, Method] = {
    "exact_ot": ExactOT(),
    "sinkhorn, stored": Sinkhorn(epsilon=0.01, tol=1e-12, max_iter=ITERATIONS, backend="kernel"),
    "sinkhorn, streamed": Sinkhorn(epsilon=0.01, tol=1e-12, max_iter=20, backend="streamed"),
    "sinkhorn_newton_sparse": SinkhornNewtonSparse(compare=False),
    "sliced_wasserstein_cv": SlicedWassersteinCV(repeats=1, flow_steps=0),
}


def tables() -> None:
    """Print exponents of time, then peaks of memory."""
    print(f"\n{'seconds at n =':<30}" + "".join(f"{n:>9}" for n in SIZES) + f"{'exponent':>10}")
    for name, method in METHODS.items():
        seconds = [_seconds(method, n) for n in SIZES]
        slope = np.polyfit(np.log(SIZES[1:]), np.log(seconds[1:]), 1)[0]
        print(f"{name:<30}" + "".join(f"{s:9.3f}" for s in seconds) + f"{slope:10.2f}", flush=True)
    print(f"\n{'peak of memory':<30}{'n':>9}{'MB':>9}{'n × n matrices':>16}")
    for name, n in (
        ("sinkhorn, stored", 2000),
        ("sinkhorn, stored", 5000),
        ("sinkhorn, streamed", 20_000),
        ("exact_ot", 5000),
        ("ot.sinkhorn", 2000),
        ("ot.sinkhorn", 5000),
        ("ot.emd", 5000),
    ):
        done = subprocess.run(
            [sys.executable, "-m", __name__, name, str(n)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        peak = float(done.stdout)
        print(f"{name:<30}{n:>9}{peak / MB:9.0f}{peak / (8 * n * n):16.2f}", flush=True)


def _seconds(method: Method, n: int) -> float:
    problem = gauss_pair(n)
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        method.run(problem, Context())
        taken.append(time.perf_counter() - began)
    return min(taken)


def peak(name: str, n: int) -> float:
    """Bytes above those before the call; in a process of its own."""
    problem = gauss_pair(n)
    x, y = problem.x, problem.y

    def sinkhorn() -> None:
        cost = ot.dist(x, y)
        ot.sinkhorn([], [], cost, 0.05 * cost.mean(), numItermax=50, warn=False)

    calls: dict[str, Callable[[], object]] = {
        "ot.sinkhorn": sinkhorn,
        "ot.emd": lambda: ot.emd([], [], ot.dist(x, y), numItermax=10**8),
        **{one: lambda m=method: m.run(problem, Context()) for one, method in METHODS.items()},
    }
    before = _most()
    calls[name]()
    return _most() - before


def _most() -> float:
    """Bytes of memory that this process has held at most; `getrusage` would count its parent's."""
    text = Path("/proc/self/status").read_text()
    return 1024.0 * int(re.search(r"VmHWM:\s+(\d+) kB", text)[1])


if __name__ == "__main__":
    print(peak(sys.argv[1], int(sys.argv[2])))
