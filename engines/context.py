"""What a running method may say and ask: steps, log, show, warn, check, keep, tensors, phase."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from engines.events import Event, Finished, Logged, Shown, Step, Warned
from engines.figure import Figure

__all__ = ["Cancelled", "Context", "Event", "Finished", "Logged", "Shown", "Step", "Warned"]

# Seconds between two pictures of a kind, of which people see no more, and between two reports of
# steps and scalars, which nobody reads faster: each wakes other threads, and they take time.
INTERVAL, REPORT = 0.04, 0.1
# Part of the time of a run that its live pictures may take together, and its checkpoints too.
SHARE = 0.005
# Seconds between two checkpoints; the first comes early, for short runs are many.
CHECKPOINT, FIRST_CHECKPOINT = 10.0, 2.0

# The arrays and numbers of a checkpoint, and what makes them.
State = Mapping[str, np.ndarray]
Build = Callable[[], Mapping[str, Any]]


class Cancelled(Exception):
    """Raised inside a method whose loop is owned by somebody else when a stop is asked for."""


def _ignore(event: Event) -> None:
    """The default listener: nobody looks."""


class _Price:
    """Seconds that the pictures of one kind took, and of the run before the next of them."""

    spent = after = 0.0


class Context:
    """The narrow window between a run and the world; the same in a script, a test or a process.

    `device`, `dtype` and `rng` decide the numbers. `rng` draws on the CPU in float64 on every
    device, so that equal seeds give equal draws everywhere. `save` takes checkpoints: a state and
    the seconds it took to come so far; `kept` and `before` are those of the run that goes on.
    """

    def __init__(
        self,
        emit: Callable[[Event], None] | None = None,
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float64,
        seed: int = 0,
        stop: threading.Event | None = None,
        go: threading.Event | None = None,
        watched: bool = True,
        save: Callable[[State, float], None] | None = None,
        kept: State | None = None,
        before: float = 0.0,
    ) -> None:
        self.device = torch.device(device)
        self.dtype = dtype
        self.seed = seed
        self.rng = torch.Generator().manual_seed(seed)
        self._watched = watched and emit is not None
        self._emit = emit or _ignore
        self._stop = stop or threading.Event()
        self._go = go
        self._phase = ""
        self._done = 0
        self._rows: list[tuple[int, float, dict[str, Any]]] = []
        now = time.perf_counter()
        self._start = now - before
        self._paused = 0.0
        self._sent = self._start
        self._flushed = self._start
        self._shown: dict[tuple[str, str], _Price] = {}
        self._outer: Context | None = None
        self.kept = kept
        self._save = save
        self._ready: tuple[Build, float] | None = None
        self._due = now + FIRST_CHECKPOINT

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Time the run has been computing, before it was resumed too, pauses left out."""
        return time.perf_counter() - self._start - self._paused

    def steps(self, n: int | None, first: int = 0) -> Iterator[int]:
        """Count from `first` to n-1 (without end where n is None), report progress, end if stopped.

        A run that goes on from a checkpoint begins with the first step that is still to be done.
        """
        k = first
        self._done = first
        try:
            while n is None or k < n:
                self._wait()
                if self._stopping():
                    return
                yield k
                k += 1
                self._done = k
                if time.perf_counter() - self._sent > REPORT:
                    self._send_step(k, n)
        finally:
            self._stopping()  # also where the loop is left without asking
            self._send_step(k, n)
            self.flush()

    def log(self, **scalars: Any) -> None:
        """Record named scalars of this step; tensors are read back later, many at a time."""
        self._rows.append((self._done, self.seconds, scalars))
        if time.perf_counter() - self._flushed > REPORT:
            self.flush()

    def show(self, build: Callable[..., Figure], *args: Any) -> None:
        """Show `build(*args)` now; not even built when nobody looks or it was shown just now."""
        if not self._watched:
            return
        key = build.__module__, build.__qualname__
        price = self._shown.get(key)
        if price is None:
            price = self._shown[key] = _Price()
        elif self.seconds < price.after:
            return
        began = time.perf_counter()
        self._emit(Shown(build(*args)))
        taken = time.perf_counter() - began
        price.spent += taken
        # The next one will cost as much as this one, and all kinds share alike.
        affordable = (price.spent + taken) * len(self._shown) / SHARE
        price.after = max(self.seconds + INTERVAL, affordable)

    def warn(self, text: str) -> None:
        """Tell the user, on the screen and in the record."""
        self._emit(Warned(text))

    def check(self) -> None:
        """Raise Cancelled when a stop was asked for; for loops that are not ours."""
        self._wait()
        if self._stopping():
            raise Cancelled

    def keep(self, build: Build) -> None:
        """Let the run be resumed from here: `build()` gives all arrays and numbers this takes.

        Call it once per step. `build` is called only where a checkpoint is due: every CHECKPOINT
        seconds, and when a stop is noticed. So until the next call of `keep` it must give a state
        in which nothing was logged since, wherever the method meets `steps` or `check`. A resumed
        run is set up, and draws from `rng`, as if it were new; then it finds the state in `kept`.
        """
        if self._save is None:
            return
        self._ready = build, self.seconds
        if self._stop.is_set() or time.perf_counter() > self._due:
            self._checkpoint()

    def tensors(self, *arrays: Any) -> Any:
        """Arrays as tensors on the run's device in its precision; one in, one out."""
        moved = tuple(
            torch.as_tensor(a if isinstance(a, torch.Tensor) else np.array(a)).to(
                device=self.device, dtype=self.dtype
            )
            for a in arrays
        )
        return moved[0] if len(moved) == 1 else moved

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Name a part of the run; phases nest as `outer/inner`."""
        outer, done = self._phase, self._done
        self.flush()
        self._phase = f"{outer}/{name}" if outer else name
        try:
            yield
        finally:
            self.flush()
            self._phase, self._done = outer, done

    def quiet(self) -> Context:
        """The same run for a loop inside a step: it stops and pauses alike, and says nothing."""
        inner = Context(device=self.device, dtype=self.dtype, stop=self._stop, go=self._go)
        inner.seed, inner.rng = self.seed, self.rng
        inner._outer = self._outer or self
        return inner

    def flush(self) -> None:
        """Send the scalars logged so far, with one read-back for all tensors among them."""
        self._flushed = time.perf_counter()
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        held = [v for _, _, row in rows for v in row.values() if isinstance(v, torch.Tensor)]
        read = iter(torch.stack([v.detach().reshape(()) for v in held]).tolist() if held else ())
        sent = tuple(
            (
                k,
                t,
                {
                    n: float(next(read) if isinstance(v, torch.Tensor) else v)
                    for n, v in row.items()
                },
            )
            for k, t, row in rows
        )
        self._emit(Logged(self._phase, sent))

    def _stopping(self) -> bool:
        """Whether a stop was asked for; then the state of this moment is kept."""
        if not self._stop.is_set():
            return False
        (self._outer or self)._checkpoint()
        return True

    def _checkpoint(self) -> None:
        if self._save is None or self._ready is None:
            return
        (build, seconds), self._ready = self._ready, None
        self.flush()
        start = time.perf_counter()
        self._save({name: _copied(value) for name, value in build().items()}, seconds)
        end = time.perf_counter()
        self._due = end + max(CHECKPOINT, (end - start) / SHARE)

    def _send_step(self, done: int, total: int | None) -> None:
        self._sent = time.perf_counter()
        self._emit(Step(self._phase, done, total, self.seconds))

    def _wait(self) -> None:
        if self._go is None or self._go.is_set():
            return
        self.flush()
        since = time.perf_counter()
        while not self._go.wait(0.1) and not self._stop.is_set():
            pass
        self._paused += time.perf_counter() - since


def _copied(value: Any) -> np.ndarray:
    """An array of its own, whatever becomes of the value."""
    return np.array(value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value)
