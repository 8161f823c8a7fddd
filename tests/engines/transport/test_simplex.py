"""The network simplex in its own process: the same answer, an end on request, and no orphans."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import ot
import psutil
import pytest
from scipy.spatial.distance import cdist

from engines.context import Context
from engines.transport import simplex
from engines.transport.problem import gauss_pair
from engines.transport.simplex import LIMIT, OPTIMAL, Programme, solve

ROOT = Path(__file__).resolve().parents[3]
# A busy machine may take this long to start an interpreter and import POT.
PATIENCE = 60


def programme(n, metric="", max_iter=10**7):
    problem = gauss_pair(n)
    weights = np.full(n, 1 / n)
    if metric:
        return Programme(weights, weights, lambda: iter([problem.x, problem.y]), max_iter, metric)
    costs = cdist(problem.x, problem.y, "sqeuclidean")
    return Programme(weights, weights, lambda: iter([costs[:7], costs[7:]]), max_iter)


@pytest.fixture
def elsewhere(monkeypatch):
    monkeypatch.setattr(simplex, "SMALL", 0)


def workers(process):
    found = []
    for child in process.children(recursive=True):
        try:
            found += [child] * ("simplex" in " ".join(child.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("metric", ["", "sqeuclidean"])
def test_that_the_process_answers_what_the_thread_answers(monkeypatch, metric):
    here = solve(programme(60, metric), Context())
    monkeypatch.setattr(simplex, "SMALL", 0)
    there = solve(programme(60, metric), Context())
    assert here.code == there.code == OPTIMAL
    for name in ("rows", "cols", "values", "u", "v"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))
    problem = gauss_pair(60)
    peer = ot.emd2([], [], cdist(problem.x, problem.y, "sqeuclidean"))
    # Sums of 60 products of numbers near 1.
    assert here.u.mean() + here.v.mean() == pytest.approx(peer, abs=1e-13)


def test_that_the_pivots_are_limited():
    with pytest.warns(UserWarning, match="numItermax"):
        assert solve(programme(60, max_iter=20), Context()).code == LIMIT


@pytest.mark.usefixtures("elsewhere")
def test_that_a_stop_ends_the_process_at_once():
    stop, asked = threading.Event(), []

    def ask():
        until = time.monotonic() + PATIENCE
        while not workers(psutil.Process()) and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.5)
        asked.append(time.perf_counter())
        stop.set()

    threading.Thread(target=ask).start()
    assert solve(programme(4000), Context(stop=stop)) is None
    assert time.perf_counter() - asked[0] < 0.5
    assert not workers(psutil.Process())


def test_that_nothing_is_started_after_a_stop(monkeypatch):
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr(threading, "Thread", None)
    assert solve(programme(10), Context(stop=stop)) is None


@pytest.mark.usefixtures("elsewhere")
def test_that_a_process_that_fails_is_reported_with_its_last_words(monkeypatch):
    monkeypatch.setattr(simplex, "START", "import sys; sys.exit('no room left')")
    with pytest.raises(RuntimeError, match=r"simplex ended: exit code 1\. no room left"):
        solve(programme(10), Context())


def test_that_the_process_does_not_outlive_its_parent():
    code = (
        "import itertools, types, numpy as np\n"
        "from engines.transport.simplex import Programme, solve\n"
        "x, y = np.random.default_rng(0).random((2, 6000, 2))\n"
        "a = np.full(6000, 1 / 6000)\n"
        "run = types.SimpleNamespace(stopped=False, steps=lambda n: itertools.count())\n"
        "solve(Programme(a, a, lambda: iter([x, y]), 10**8, 'sqeuclidean'), run)\n"
    )
    one = {**os.environ, "OMP_NUM_THREADS": "1"}
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=one)
    try:
        until = time.monotonic() + PATIENCE
        while not (found := workers(psutil.Process(parent.pid))) and time.monotonic() < until:
            time.sleep(0.05)
        (worker,) = found
        # The second thread, which listens for the parent, starts when all has been read; the
        # answer is a minute away then.
        while worker.num_threads() < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert worker.is_running()
    finally:
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs([worker], timeout=5)
    assert not alive
