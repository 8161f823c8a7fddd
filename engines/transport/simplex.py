"""The network simplex of POT, in a process of its own where it would last: it cannot be stopped.

Small problems are solved in a thread. Neither way keeps the caller from answering: it looks every
POLL seconds whether a stop was asked for, and then ends the process, or leaves the thread to its
last fractions of a second. The process ends by itself when the pipe from its parent does, whatever
became of the parent; nothing is imported there but POT and what it needs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from engines.context import Context

# Pairs that take the simplex 0.1 to 0.3 s; a process takes over 1 s to start.
SMALL = 1_000_000

# Seconds between two questions whether to stop.
POLL = 0.02

# The process needs none of the array libraries that POT looks for.
UNUSED = ("PYTORCH", "JAX", "CUPY", "TENSORFLOW")

START = "from engines.transport.simplex import serve; serve()"

OPTIMAL, LIMIT = 1, 3


@dataclass(frozen=True)
class Basis:
    """What the simplex ended with: POT's result code, the plan's nonzero entries, both duals."""

    code: int
    rows: np.ndarray
    cols: np.ndarray
    values: np.ndarray
    u: np.ndarray
    v: np.ndarray


@dataclass(frozen=True)
class Programme:
    """Weights (n,), (m,) of one total and all above 0, and C in blocks of rows.

    With `metric`, `blocks` gives the two clouds of points in place of C, which is then computed
    from them entry by entry: memory n + m, four times slower.
    """

    a: np.ndarray
    b: np.ndarray
    blocks: Callable[[], Iterator[np.ndarray]]
    max_iter: int
    metric: Literal["", "sqeuclidean", "euclidean", "cityblock"] = ""


def solve(programme: Programme, ctx: Context) -> Basis | None:
    """The vertex of least cost; None where a stop was asked for first."""
    if ctx.stopped:
        return None
    small = len(programme.a) * len(programme.b) <= SMALL
    worker = None if small else _start()
    future: Future[Basis] = Future()

    def work() -> None:
        try:
            future.set_result(_elsewhere(programme, worker) if worker else _here(programme))
        except BaseException as error:  # whoever waits must hear of it
            future.set_exception(error)

    threading.Thread(target=work, name="network simplex", daemon=True).start()
    try:
        for _ in ctx.steps(None):
            wait([future], POLL)
            if future.done():
                return future.result()
        return None
    finally:
        if worker:
            _end(worker)


def serve() -> None:
    """Read a programme from standard input, write its basis to standard output, and end."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the libraries print must not mix with the answer
    asked = sys.stdin.buffer
    n, m, max_iter, dim = (int(k) for k in _read(asked, 4, np.int64))
    metric = bytes(_read(asked, 16, np.uint8)).decode().strip()
    a, b = _read(asked, n), _read(asked, m)
    if metric:
        points = _read(asked, (n + m) * dim).reshape(n + m, dim)
        blocks = [points[:n], points[n:]]
    else:
        blocks = [_read(asked, n * m).reshape(n, m)]
    threading.Thread(target=_end_with_parent, args=(asked,), daemon=True).start()
    basis = _here(Programme(a, b, lambda: iter(blocks), max_iter, metric))  # type: ignore[arg-type]
    _write(answers, np.array([basis.code, len(basis.values)]))
    for part in (basis.rows, basis.cols, basis.values, basis.u, basis.v):
        _write(answers, part)
    answers.flush()
    os._exit(0)


def _here(programme: Programme) -> Basis:
    import ot  # a second, so only where it is needed

    blocks, metric = list(programme.blocks()), programme.metric
    blocks, unit = _in_units(blocks, metric)
    if metric:
        _, log = ot.lp.emd2_lazy(
            *blocks, programme.a, programme.b, metric=metric,
            numItermax=programme.max_iter, log=True, return_matrix=True,
        )  # fmt: skip
        plan = log["G"].tocoo()
        found = plan.row, plan.col, plan.data
    else:
        cost = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        dense, log = ot.emd(programme.a, programme.b, cost, numItermax=programme.max_iter, log=True)
        rows, cols = np.nonzero(dense)
        found = rows, cols, dense[rows, cols]
    rows, cols, values = found
    kept = values > 0
    return Basis(
        int(log["result_code"]),
        rows[kept].astype(np.int64),
        cols[kept].astype(np.int64),
        values[kept],
        unit * np.asarray(log["u"], dtype=np.float64),
        unit * np.asarray(log["v"], dtype=np.float64),
    )


def _in_units(blocks: list[np.ndarray], metric: str) -> tuple[list[np.ndarray], float]:
    """Costs or points in units in which costs are about 1, and that unit of cost.

    POT takes costs that differ by less than 1e-12 for equal, whatever their size.
    """
    largest = max(float(np.abs(block).max(initial=0.0)) for block in blocks)
    if not largest or 0.01 <= largest <= 1e6:
        return blocks, 1.0
    unit = 2.0 ** np.frexp(largest)[1]  # a power of two costs no digits
    return [block / unit for block in blocks], unit**2 if metric == "sqeuclidean" else unit


def _start() -> subprocess.Popen[bytes]:
    # Not multiprocessing: a run may be in a daemon process, which may have no such children, and
    # it would import the caller's main script again.
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
    env = {**os.environ, "PYTHONPATH": path}
    env |= {f"POT_BACKEND_DISABLE_{name}": "1" for name in UNUSED}
    return subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore", "-c", START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _elsewhere(programme: Programme, worker: subprocess.Popen[bytes]) -> Basis:
    assert worker.stdin
    assert worker.stdout
    n, m = len(programme.a), len(programme.b)
    try:
        blocks = programme.blocks()
        first = next(blocks)
        _write(worker.stdin, np.array([n, m, programme.max_iter, first.shape[1]]))
        worker.stdin.write(programme.metric.ljust(16).encode())
        for part in (programme.a, programme.b, first, *blocks):
            _write(worker.stdin, part)
        worker.stdin.flush()  # and kept open: its end tells the process that nobody waits
        code, count = (int(k) for k in _read(worker.stdout, 2, np.int64))
        rows, cols = (_read(worker.stdout, count, np.int64) for _ in range(2))
        values, u, v = (_read(worker.stdout, k) for k in (count, n, m))
    except (OSError, EOFError) as error:
        raise RuntimeError(f"the process of the network simplex ended: {_last(worker)}") from error
    return Basis(code, rows, cols, values, u, v)


def _last(worker: subprocess.Popen[bytes]) -> str:
    """Why a process ended, as far as it said so."""
    code = worker.wait(5)
    said = worker.stderr.read().decode(errors="replace").strip() if worker.stderr else ""
    memory = code == -9 or "MemoryError" in said
    return "not enough memory" if memory else f"exit code {code}. {said[-500:]}"


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout, worker.stderr):
        if pipe:
            with suppress(OSError):  # what was on its way to a process that is gone
                pipe.close()


def _end_with_parent(asked: IO[bytes]) -> None:
    asked.read(1)  # returns when the other end is closed, for no more is ever sent
    os._exit(1)


def _write(pipe: IO[bytes], values: np.ndarray) -> None:
    pipe.write(np.ascontiguousarray(values).data.cast("B"))


def _read(pipe: IO[bytes], count: int, dtype: Any = np.float64) -> np.ndarray:
    """So many numbers, without a second copy of them."""
    values = np.empty(count, dtype)
    view, done = values.data.cast("B"), 0
    while done < len(view):
        got = pipe.readinto(view[done:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        done += got
    return values
