import threading
import time

import numpy as np
import pytest
import torch

from engines.context import Context, Shown, Warned
from engines.pde.methods.navier_stokes_2d import NavierStokes2D
from engines.pde.problem import PeriodicFlow, double_shear_layer, random_turbulence, taylor_green
from engines.problem import BadProblem, Status


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small transforms are slower on several threads, and other tests need the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def fixed(dt):
    return {"kind": "fixed", "dt": dt}


def run(problem, ctx=None, **settings):
    return NavierStokes2D(**settings).run(problem, ctx or Context())


# Endings


def test_that_a_stop_is_answered_at_once_and_leaves_the_last_finished_step():
    stop, started = threading.Event(), threading.Event()
    asked = []

    def listen(event):
        if isinstance(event, Shown) and event.figure.name == "vorticity":
            started.set()

    def ask():
        started.wait(60)
        asked.append(time.process_time())
        stop.set()

    thread = threading.Thread(target=ask)
    thread.start()
    result = run(random_turbulence(1024), Context(listen, stop=stop), grid=1024, frames=3)
    # Computing time, so that other programs on the machine do not count.
    waited = time.process_time() - asked[0]
    thread.join()
    assert result.status is Status.stopped
    assert waited < 0.5
    assert 0 < result.time[-1] < 20
    assert len(result.vorticity) == len(result.time) == 2
    assert np.isfinite(result.vorticity).all()


def test_that_a_stop_at_any_moment_leaves_every_frame_once():
    class Late(threading.Event):
        """Set after so many looks at it."""

        def __init__(self, looks):
            super().__init__()
            self.looks = looks

        def is_set(self):
            self.looks -= 1
            return self.looks < 0

    settings = {"grid": 16, "t_end": 1.0, "frames": 3, "dt": fixed(0.25)}
    whole = run(random_turbulence(64), **settings)
    for looks in range(18):  # one for each stage and each frame
        part = run(random_turbulence(64), Context(stop=Late(looks)), **settings)
        assert part.status is Status.stopped
        # 0, 0.25, 0.5 …: finished steps are kept, unfinished ones are not.
        assert part.time[-1] == pytest.approx(0.25 * part.steps)
        assert (np.diff(part.time) > 0).all()
        if part.time[-1] == 0.5:
            np.testing.assert_array_equal(part.vorticity[1], whole.vorticity[1])


def test_that_a_blow_up_keeps_the_last_good_frame_and_says_what_to_do():
    events = []
    result = run(
        double_shear_layer(64),
        Context(events.append),
        grid=64,
        viscosity=0.0,
        dealias="none",
        dt=fixed(0.4),
        frames=21,
    )
    assert result.status is Status.diverged
    assert "lower dt or raise viscosity" in result.note
    assert any(isinstance(e, Warned) and e.text == result.note for e in events)
    assert np.isfinite(result.vorticity).all()
    assert result.energy[-1] < 10 * result.energy[0]


def test_that_a_blow_up_between_two_frames_is_noticed():
    result = run(
        double_shear_layer(64),
        grid=64,
        viscosity=0.0,
        stepper="IMEX-CNAB2",
        dt={"kind": "auto", "cfl": 1.0},
        frames=2,
    )
    assert result.status is Status.diverged
    assert len(result.time) == 1


def test_that_the_default_step_is_stable_for_the_two_step_scheme():
    settings = {"grid": 64, "t_end": 10.0, "frames": 2}
    implicit = run(double_shear_layer(64), stepper="IMEX-CNAB2", **settings)
    exponential = run(double_shear_layer(64), **settings)
    assert implicit.energy[-1] == pytest.approx(exponential.energy[-1], rel=1e-4)


def test_that_runge_kutta_names_the_largest_step_and_manages_it():
    settings = {"grid": 64, "viscosity": 0.05, "t_end": 1.0, "frames": 2, "stepper": "RK4"}
    limit = 2.785 / (0.05 * 2 * 21**2)
    with pytest.raises(BadProblem, match=f"at most {limit:.4g}"):
        run(taylor_green(64), dt=fixed(1.01 * limit), **settings)
    assert run(taylor_green(64), dt=fixed(0.99 * limit), **settings).error < 1e-4


def test_that_runge_kutta_chooses_a_stable_step_for_a_viscous_flow():
    result = run(double_shear_layer(64), grid=64, viscosity=0.5, t_end=1.0, frames=3, stepper="RK4")
    assert result.status is Status.completed
    assert result.steps > 0.5 * 2 * 21**2 / 2.785


# Data


def test_that_an_oblong_picture_is_cut_and_a_coarse_grid_says_what_it_loses():
    noise = np.random.default_rng(0).integers(0, 255, (40, 60), dtype=np.uint8)
    events = []
    result = run(
        PeriodicFlow(vorticity=noise), Context(events.append), grid=16, t_end=1e-3, frames=2
    )
    texts = [e.text for e in events if isinstance(e, Warned)]
    assert any("middle 40 × 40" in t for t in texts)
    assert any("16 points keep" in t for t in texts)
    assert abs(result.vorticity[0].mean()) < 1e-5


def test_that_a_run_of_endless_steps_is_announced():
    events = []
    stop = threading.Event()

    def listen(event):
        events.append(event)
        if isinstance(event, Warned):
            stop.set()

    flow = PeriodicFlow(vorticity=1e6 * taylor_green(16).vorticity)
    run(flow, Context(listen, stop=stop), grid=16)
    assert "steps; lower t_end" in next(e.text for e in events if isinstance(e, Warned))


def test_that_a_field_without_contrast_is_refused():
    with pytest.raises(BadProblem, match="same everywhere"):
        run(PeriodicFlow(vorticity=np.ones((16, 16))), grid=16)
