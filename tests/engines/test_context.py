from __future__ import annotations

import contextlib
import threading
import time

import numpy as np
import pytest
import torch

from engines.context import INTERVAL, SHARE, Cancelled, Context, Logged, Shown, Step, Warned
from engines.figure import Figure, Line, Panel


def picture(k: int) -> Figure:
    return Figure("curve", "Curve", (Panel((Line(x=[0, 1], y=[0, k]),)),))


def test_that_steps_count_from_zero_and_report_the_end():
    events = []
    assert list(Context(events.append).steps(5)) == [0, 1, 2, 3, 4]
    assert events[-1].done == 5
    assert events[-1].total == 5


def test_that_a_stop_ends_the_loop_after_the_present_step():
    stop = threading.Event()
    ctx, seen = Context(stop=stop), []
    for k in ctx.steps(100):
        seen.append(k)
        if k == 3:
            stop.set()
    assert seen == [0, 1, 2, 3]
    assert ctx.stopped


def test_that_check_passes_a_stop_through_a_loop_that_is_not_ours():
    from scipy.optimize import minimize

    stop = threading.Event()
    ctx = Context(stop=stop)

    def callback(_x):
        stop.set()
        ctx.check()

    with pytest.raises(Cancelled):
        minimize(lambda x: ((x - 3) ** 4).sum(), [0.0], method="L-BFGS-B", callback=callback)


def test_that_no_scalar_is_lost_however_fast_they_come():
    events = []
    ctx = Context(events.append)
    for k in ctx.steps(5000):
        ctx.log(a=float(k), b=torch.tensor(2.0 * k))
    rows = [row for e in events if isinstance(e, Logged) for row in e.rows]
    assert [r[0] for r in rows] == list(range(5000))
    assert all(values == {"a": k, "b": 2 * k} for k, _, values in rows)


def test_that_tensors_are_read_back_in_batches_not_at_each_step():
    events = []
    ctx = Context(events.append)
    for k in ctx.steps(2000):
        ctx.log(a=torch.tensor(float(k)))
    assert len([e for e in events if isinstance(e, Logged)]) < 200


def test_that_pictures_come_at_most_25_times_a_second():
    events = []
    ctx = Context(events.append)
    began = time.perf_counter()
    k = 0
    while time.perf_counter() - began < 0.5:
        ctx.show(picture, k)
        k += 1
    shown = [e for e in events if isinstance(e, Shown)]
    assert 2 <= len(shown) <= 0.5 / INTERVAL + 2
    assert k > 50 * len(shown)


def test_that_pictures_take_no_more_than_their_share_of_the_time():
    spent = {"one": [], "other": []}

    def build(name):
        began = time.perf_counter()
        time.sleep(0.002)
        spent[name].append(time.perf_counter() - began)
        return picture(0)

    def one():
        return build("one")

    def other():
        return build("other")

    ctx = Context(lambda event: None)
    while min(len(each) for each in spent.values()) < 5 and ctx.seconds < 60:
        ctx.show(one)
        ctx.show(other)
        time.sleep(0.0005)
    for each in spent.values():
        # Each kind has half of the share; how long one takes is known only after it was built.
        assert len(each) >= 5
        assert sum(each) <= ctx.seconds * SHARE / 2 + max(each)


def test_that_a_picture_nobody_looks_at_is_not_even_built():
    def build() -> Figure:
        raise AssertionError("built")

    Context().show(build)
    Context(lambda _: None, watched=False).show(build)


def test_that_a_paused_run_waits_and_its_clock_stands_still():
    go = threading.Event()
    ctx = Context(go=go)
    threading.Timer(0.3, go.set).start()
    began = time.perf_counter()
    list(ctx.steps(1))
    assert time.perf_counter() - began > 0.25
    assert ctx.seconds < 0.15


def test_that_a_paused_run_can_be_stopped():
    go, stop = threading.Event(), threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert list(Context(go=go, stop=stop).steps(10)) == []


def test_that_phases_nest_and_label_what_is_logged():
    events = []
    ctx = Context(events.append)
    with ctx.phase("train"):
        for _ in ctx.steps(1):
            ctx.log(loss=1.0)
            with ctx.phase("inner"):
                ctx.log(gap=2.0)
    phases = {name: e.phase for e in events if isinstance(e, Logged) for name in e.rows[0][2]}
    assert phases == {"loss": "train", "gap": "train/inner"}


def test_that_equal_seeds_draw_equal_numbers():
    a = torch.randn(5, generator=Context(seed=3).rng)
    assert torch.equal(a, torch.randn(5, generator=Context(seed=3).rng))
    assert not torch.equal(a, torch.randn(5, generator=Context(seed=4).rng))


def test_that_tensors_take_the_precision_of_the_run():
    x = Context(dtype=torch.float32).tensors([1.0, 2.0])
    assert x.dtype == torch.float32


def test_that_a_warning_is_passed_on():
    events = []
    Context(events.append).warn("careful")
    assert events == [Warned("careful")]


def test_that_progress_is_not_sent_at_each_step():
    events = []
    for _ in Context(events.append).steps(50_000):
        pass
    assert len([e for e in events if isinstance(e, Step)]) < 100


def test_that_a_quiet_context_says_nothing_and_stops_with_its_run():
    stop, events = threading.Event(), []
    ctx = Context(events.append, stop=stop, seed=3, dtype=torch.float32)
    inner = ctx.quiet()
    for _ in inner.steps(3):
        inner.log(error=1.0)
        inner.show(picture, 1)
    assert not events
    assert (inner.dtype, inner.rng) == (ctx.dtype, ctx.rng)
    stop.set()
    assert inner.stopped
    with pytest.raises(Cancelled):
        inner.check()


def test_that_a_pause_holds_a_quiet_context_as_well():
    go = threading.Event()
    inner, done = Context(go=go).quiet(), threading.Event()
    waiting = threading.Thread(target=lambda: (inner.check(), done.set()))
    waiting.start()
    assert not done.wait(0.2)
    go.set()
    waiting.join()
    assert done.is_set()


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self, monkeypatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


def test_that_a_checkpoint_is_built_only_when_it_is_due(monkeypatch):
    clock, saved, built = Clock(monkeypatch), [], []

    def build():
        built.append(clock.now)
        return {"k": len(built)}

    ctx = Context(save=lambda state, seconds: saved.append((int(state["k"]), seconds)))
    for _ in ctx.steps(200):
        clock.now += 0.125  # which has no rounding
        ctx.keep(build)
    assert [seconds for _, seconds in saved] == [2.125, 12.25, 22.375]
    assert [k for k, _ in saved] == [1, 2, 3]
    assert len(built) == 3


def test_that_checkpoints_take_one_per_cent_of_the_time_at_most(monkeypatch):
    clock, times = Clock(monkeypatch), []

    def slow():
        clock.now += 0.5
        return {}

    ctx = Context(save=lambda state, seconds: times.append(seconds))
    for _ in ctx.steps(1000):
        clock.now += 0.1
        ctx.keep(slow)
    assert (np.diff(times) > 50).all()


def test_that_nothing_is_built_where_there_is_no_place():
    stop = threading.Event()
    ctx = Context(stop=stop)
    for k in ctx.steps(10):
        ctx.keep(lambda: pytest.fail("built"))
        if k == 5:
            stop.set()


@pytest.mark.parametrize(
    "noticed", ["at the next step", "in check", "in an inner loop", "in keep", "by others"]
)
def test_that_a_stop_keeps_the_last_state_once(noticed):
    stop, saved, state = threading.Event(), [], {"k": np.zeros(2)}
    ctx = Context(stop=stop, save=lambda state, _: saved.append(state))
    with contextlib.suppress(Cancelled):
        for k in ctx.steps(10):
            state["k"] = np.full(2, k)
            if k == 5 and noticed == "in keep":
                stop.set()
            ctx.keep(lambda: state)
            if k == 5:
                stop.set()
                if noticed == "in check":
                    ctx.check()
                if noticed == "by others":
                    raise Cancelled
                if noticed == "in an inner loop":
                    ctx.quiet().quiet().check()
    (found,) = saved
    assert found["k"].tolist() == [5, 5]
    state["k"][:] = 7
    assert found["k"].tolist() == [5, 5], "what was kept is a copy"


def test_that_what_was_logged_is_sent_before_a_checkpoint():
    events, stop = [], threading.Event()
    ctx = Context(events.append, stop=stop, save=lambda *_: events.append("saved"))
    for k in ctx.steps(3):
        ctx.log(loss=float(k))
        ctx.keep(dict)
        stop.set()
    kinds = [e if e == "saved" else type(e) for e in events]
    assert kinds.index(Logged) < kinds.index("saved")


def test_that_a_resumed_run_counts_on():
    events = []
    kept = {"k": np.array(3)}
    ctx = Context(events.append, kept=kept, before=100.0)
    assert 100 <= ctx.seconds < 101
    for k in ctx.steps(5, int(ctx.kept["k"])):
        ctx.log(k=float(k))
    rows = [row for e in events if isinstance(e, Logged) for row in e.rows]
    assert [(step, values["k"]) for step, _, values in rows] == [(3, 3.0), (4, 4.0)]
    assert all(seconds >= 100 for _, seconds, _ in rows)
    assert (events[-2].done, events[-2].total) == (5, 5)
    assert ctx.quiet().kept is None
