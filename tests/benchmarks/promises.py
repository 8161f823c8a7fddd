"""The window's promises, measured: first paint, event loop, stop, cost of being watched."""

from __future__ import annotations

import itertools
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from engines.events import Finished

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the engine process sets it
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10.0  # of each observation of the event loop
PAIRS = 40  # of a bare call and a watched run
TICK = 0.010  # s, period of the observed timer
# Jobs that keep each method busy for the whole observation (an example, or a large matrix).
LONG: dict[str, tuple[str, dict[str, object]]] = {
    "transport.sinkhorn": (
        "two_moons",
        {"epsilon": 5e-5, "tol": 1e-12, "max_iter": 10_000_000, "relax": 1.0, "anneal": 1.0},
    ),
    "pde.navier_stokes_2d": ("double_shear_layer", {"t_end": 1e4}),
    "diffusion.edm_sampler": ("gmm_ring8", {"n_steps": 1000, "n_samples": 20_000}),
    "lowrank.randomized_svd": (
        "",
        {"target": {"kind": "tolerance", "tol": 1e-6, "block": 1}, "n_power": 8},
    ),
}

# Runs of about a second: in shorter ones the first pictures, which are always built, weigh more;
# longer ones seldom find the machine undisturbed.
SECONDS_LONG: dict[str, tuple[str, dict[str, object]]] = {
    "lowrank.randomized_svd": (
        "slow_decay",
        {"target": {"kind": "tolerance", "tol": 1e-5, "block": 1}, "n_power": 8},
    ),
    "transport.sinkhorn": (
        "two_moons",
        {"epsilon": 5e-5, "tol": 1e-12, "max_iter": 20_000, "relax": 1.0, "anneal": 1.0},
    ),
    "pde.navier_stokes_2d": ("double_shear_layer", {"t_end": 1.5}),
    "diffusion.edm_sampler": ("gmm_ring8", {"n_steps": 300, "n_samples": 2000}),
}


def main() -> None:
    """Print one table for each promise."""
    paint()
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from ui import theme
    from ui.window import MainWindow

    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat)
        window = MainWindow(Path(folder), settings)
        window.show()
        wait(lambda: window.start.card("pde").isEnabled())
        event_loop(window, Path(folder))
        window.close()
    watched()


def paint() -> None:
    """Seconds from the start of the process to the first paint."""
    found = []
    for _ in range(6):
        done = subprocess.run(
            [sys.executable, "-m", "ui", "--self-test"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
    warm = [f["seconds_to_paint"] for f in found[1:]]
    print(
        f"\nWindow painted after {statistics.median(warm):.2f} s (warm median of {len(warm)}, ",
        end="",
    )
    print(f"worst {max(warm):.2f}, first {found[0]['seconds_to_paint']:.2f}); promise 1.0 s")
    print(f"heavy modules in the window's process: {found[-1]['heavy_modules'] or 'none'}")


def event_loop(window, folder: Path) -> None:
    """Lateness of a 10 ms timer: idle, and while each method runs for the whole observation."""
    import numpy as np

    from workbench.jobs import Job

    print("\nLateness of a 10 ms timer (ms)        p99    worst   p99 above idle   stop (s)")
    idle = lateness()
    print(f"{'idle':<32} {idle[0]:8.1f} {idle[1]:8.1f}")
    matrix = folder / "noise.npy"
    np.save(matrix, np.random.default_rng(0).standard_normal((2000, 2000)))
    for name, (example, settings) in LONG.items():
        card = next(card for card in window._catalogue.methods if card.id == name)
        asked_for = next((e.settings for e in card.examples if e.name == example), {})
        inputs = {} if example else {"matrix": str(matrix)}
        window.runs.start(Job(name, {**asked_for, **settings}, example, inputs, title=name))
        wait(lambda: bool(window.plots.run.figures) or window.plots.run.over)
        late = lateness()
        ended = "  (ended before the observation did)" if window.plots.run.over else ""
        asked = time.perf_counter()
        window.runs.stop()
        wait(lambda: window.plots.run.over)
        stop = time.perf_counter() - asked
        print(
            f"{name:<32} {late[0]:8.1f} {late[1]:8.1f} {late[0] - idle[0]:12.1f} "
            f"{stop:12.2f}{ended}",
            flush=True,
        )


def lateness() -> tuple[float, float]:
    """99th percentile and worst lateness in ms of a precise timer in this event loop."""
    from PySide6.QtCore import Qt, QTimer

    seen: list[float] = []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: seen.append(time.perf_counter()))
    timer.start(int(TICK * 1000))
    until = time.perf_counter() + SECONDS
    wait(lambda: time.perf_counter() > until, SECONDS + 5)
    timer.stop()
    late = sorted(1e3 * max(0.0, b - a - TICK) for a, b in itertools.pairwise(seen))
    return late[int(0.99 * len(late))], late[-1]


def wait(what, seconds: float = 120.0) -> None:
    """Let the event loop run until `what()` is true."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, until = QEventLoop(), time.perf_counter() + seconds
    timer = QTimer()
    timer.timeout.connect(lambda: (what() or time.perf_counter() > until) and loop.quit())
    timer.start(5)
    loop.exec()
    timer.stop()


def watched() -> None:
    """The bare call and the watched run, in turn in one engine process; figures included."""
    from workbench import messages as m
    from workbench.child import Child

    print("\nCost of being watched            bare (s)  watched (s)   slower")
    found: queue.SimpleQueue[tuple[str, list[float], list[float]] | None] = queue.SimpleQueue()

    def take(message: object) -> None:
        # As the window does: everything is read; the end of a run lets the next one begin.
        if isinstance(message, m.Said) and isinstance(message.events[-1], Finished):
            child.send(message.events[-1].record)
        elif isinstance(message, tuple):
            found.put(message)

    with tempfile.TemporaryDirectory() as folder:
        child = Child("pairs", pairs, (folder,), take, lambda reason: found.put(None))
        while (one := found.get()) is not None:
            name, bare, seen = one
            # Neighbours in time meet the same machine; single runs vary by more than the promise,
            # and so do processes, by where their memory lies.
            slower = [100 * (b / a - 1) for a, b in zip(bare, seen, strict=True)]
            error = statistics.stdev(slower) / len(slower) ** 0.5
            a, b = statistics.median(bare), statistics.median(seen)
            middle = statistics.median(slower)
            print(f"{name:<32} {a:9.3f} {b:12.3f} {middle:7.1f} % ± {error:.1f}", flush=True)
        child.close(5.0)


def pairs(connection: Connection, folder: str) -> None:
    """In a process of its own: an engine whose runs take turns with bare calls."""
    from workbench import messages as m
    from workbench import records, runs, share_cores
    from workbench.engine import Engine
    from workbench.jobs import Job
    from workbench.registry import method
    from workbench.workspace import Workspace

    share_cores()
    engine = Engine(connection, Workspace(Path(folder)))
    for name, (example, changed) in SECONDS_LONG.items():
        job = Job(name, {**runs.settings(method(name), "", example), **changed}, example)
        bare, seen = [], []
        for _ in range(PAIRS + 1):
            bare.append(runs.execute(runs.prepare(job)).info.seconds)
            engine.do(m.Submit(job))
            seen.append(records.read_info(Path(connection.recv())).seconds)
        engine.mail.put((name, bare[1:], seen[1:]))  # the first of each warms up
    connection.recv()
