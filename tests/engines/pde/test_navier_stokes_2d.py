import numpy as np
import pytest
import torch
from pydantic import ValidationError

from engines.context import Context, Logged
from engines.figure import Line
from engines.pde.methods.navier_stokes_2d import NavierStokes2D
from engines.pde.problem import (
    PeriodicFlow,
    double_shear_layer,
    kolmogorov,
    random_turbulence,
    taylor_green,
)
from engines.problem import Status


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


def distance(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


# Exact solutions


@pytest.mark.parametrize("dt", [0.1, 0.01])
@pytest.mark.parametrize("dealias", ["2/3", "3/2", "none"])
def test_that_taylor_green_vortices_decay_exactly_whatever_the_step(dt, dealias):
    result = run(
        taylor_green(64),
        grid=64,
        viscosity=0.05,
        t_end=1.0,
        frames=2,
        dt=fixed(dt),
        dealias=dealias,
    )
    x = result.x
    u = -np.exp(-2 * 0.05) * np.cos(x)[None, :] * np.sin(x)[:, None]
    v = np.exp(-2 * 0.05) * np.sin(x)[None, :] * np.cos(x)[:, None]
    assert distance(result.velocity, np.stack([u, v])) < 1e-12
    assert result.error < 1e-12
    assert result.steps == pytest.approx(1 / dt)
    assert result.energy_drift == pytest.approx(np.exp(-4 * 0.05) - 1, rel=1e-12)


def test_that_taylor_green_vortices_drift_with_the_mean_flow_and_fade_with_the_drag():
    def drifted(dt):
        return run(
            taylor_green(32, mean=(1.0, -0.5)),
            grid=32,
            viscosity=0.05,
            drag=0.1,
            t_end=1.0,
            frames=2,
            dt=fixed(dt),
        )

    coarse, fine = drifted(0.05), drifted(0.025)
    x, y = fine.x[None, :] - 1.0, fine.x[:, None] + 0.5
    true = 2 * np.exp(-2 * 0.05 - 0.1) * np.cos(x) * np.cos(y)
    assert distance(fine.vorticity[-1], true) < 1e-6  # float32 pictures carry 1e-7
    assert np.log2(coarse.error / fine.error) == pytest.approx(4, abs=0.2)
    assert fine.velocity.mean(axis=(1, 2)) == pytest.approx([1.0, -0.5])
    assert fine.energy[-1] == pytest.approx(0.25 * np.exp(-4 * 0.05 - 2 * 0.1), rel=1e-6)


def test_that_the_laminar_kolmogorov_flow_stays():
    y = 2 * np.pi * np.arange(32) / 32
    laminar = -(1 / (0.1 * 4)) * np.cos(4 * y)[:, None] * np.ones(32)
    result = run(
        PeriodicFlow(vorticity=laminar),
        grid=32,
        viscosity=0.1,
        forcing=1.0,
        t_end=5.0,
        frames=2,
        dt=fixed(0.01),
    )
    assert result.steps == 500
    # It is stable at this Reynolds number (2.5), so rounding does not grow.
    assert abs(result.energy_drift) < 1e-12
    assert distance(result.vorticity[-1], laminar) < 1e-6  # float32 pictures
    assert np.isnan(result.error)  # unforced it would decay: that solution is not this one


def test_that_a_force_starts_a_flow_from_rest_along_the_known_curve():
    result = run(
        PeriodicFlow(vorticity=np.zeros((32, 32))),
        grid=32,
        viscosity=0.1,
        forcing=1.0,
        drag=0.2,
        t_end=1.0,
        frames=5,
    )
    assert result.status is Status.completed
    rate = 0.1 * 16 + 0.2
    # u = (A/λ)(1 − e^{−λt}) sin 4y up to sign, and ⟨sin²⟩ is ½.
    true = 0.25 * ((1 - np.exp(-rate * result.time)) / rate) ** 2
    np.testing.assert_allclose(result.energy, true, atol=1e-12)


# The equation


@pytest.mark.parametrize(("stepper", "order"), [("ETDRK4", 4), ("RK4", 4), ("IMEX-CNAB2", 2)])
def test_that_the_order_in_time_is_the_one_of_the_scheme(stepper, order):
    def velocity(steps):
        return run(
            double_shear_layer(64),
            grid=64,
            viscosity=0.01,
            t_end=1.0,
            frames=2,
            stepper=stepper,
            dt=fixed(1 / steps),
        ).velocity

    coarse = 50
    true = velocity(16 * coarse)
    errors = [distance(velocity(n), true) for n in (coarse, 2 * coarse)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


def test_that_energy_and_enstrophy_are_kept_without_viscosity_and_aliasing():
    def drift(dealias):
        result = run(
            random_turbulence(128),
            grid=128,
            viscosity=0.0,
            t_end=1.0,
            frames=2,
            dealias=dealias,
            dt={"kind": "auto", "cfl": 0.25},
        )
        return max(abs(result.energy_drift), abs(result.enstrophy_drift))

    assert drift("2/3") < 1e-8
    assert drift("none") > 1e-6


def test_that_energy_changes_by_what_viscosity_drag_and_force_do():
    result = run(
        kolmogorov(64),
        grid=64,
        viscosity=0.01,
        drag=0.1,
        forcing=1.0,
        t_end=1.0,
        frames=101,
    )
    h = result.time[1]
    e = result.energy
    slope = (8 * (e[3:-1] - e[1:-3]) - (e[4:] - e[:-4])) / (12 * h)
    y = result.y[:, None]
    # ⟨f ψ⟩ = ⟨F u⟩ with the force F = A sin 4y on u, whose curl −F_y is f; ψ = ω/16 in this mode.
    injected = np.mean(result.vorticity.astype(float) * -4 * np.cos(4 * y) / 16, axis=(1, 2))
    budget = -2 * 0.01 * result.enstrophy - 2 * 0.1 * e + injected
    # The difference formula leaves h⁴; pictures in float32 give ⟨fψ⟩ to 1e-7.
    np.testing.assert_allclose(slope, budget[2:-2], atol=1e-6 * e.max())


def test_that_the_thin_shear_layer_ends_with_the_energy_and_enstrophy_of_converged_runs():
    result = run(
        double_shear_layer(128, length=1.0),
        grid=128,
        viscosity=2e-4,
        t_end=1.0,
        frames=2,
        dt=fixed(1 / 400),
    )
    assert result.energy == pytest.approx([0.433958, 0.419795], abs=1e-6)
    assert result.enstrophy == pytest.approx([40.0247, 31.0393], abs=1e-4)
    # The largest of 128² points lies beside the largest of the field.
    assert abs(result.vorticity[-1]).max() == pytest.approx(26.545, abs=0.01)
    assert result.palinstrophy[0] > result.enstrophy[0] * (2 * np.pi) ** 2


def test_that_padding_and_truncation_with_the_same_modes_solve_the_same_system():
    settings = {"viscosity": 1e-3, "t_end": 2.0, "frames": 3, "dt": fixed(0.02)}
    # Both keep |k| ≤ 21, on 64 and on 66 points.
    truncated = run(double_shear_layer(64), grid=64, dealias="2/3", **settings)
    padded = run(double_shear_layer(64), grid=44, dealias="3/2", **settings)
    np.testing.assert_allclose(padded.spectrum, truncated.spectrum, atol=1e-13)
    assert padded.velocity.shape == (2, 44, 44)


def test_that_a_mirrored_flow_has_a_mirrored_future():
    flow = random_turbulence(64, seed=5)
    mirrored = PeriodicFlow(vorticity=-np.roll(flow.vorticity[:, ::-1], 1, axis=1))
    settings = {"grid": 64, "viscosity": 1e-3, "t_end": 0.5, "frames": 2, "dt": fixed(0.01)}
    one, other = run(flow, **settings), run(mirrored, **settings)
    back = np.roll(other.velocity[:, :, ::-1], 1, axis=2) * np.array([-1, 1])[:, None, None]
    assert distance(back, one.velocity) < 1e-12


# The result


def test_that_the_spectrum_sums_to_the_energy_in_every_frame():
    result = run(random_turbulence(64), grid=64, t_end=1.0, frames=4)
    np.testing.assert_allclose(result.spectrum.sum(axis=1), result.energy, rtol=1e-13)
    u, v = result.velocity
    assert np.mean(u**2 + v**2) / 2 == pytest.approx(result.energy[-1], rel=1e-12)
    assert np.hypot(u, v).max() == pytest.approx(result.max_speed[-1], rel=1e-12)
    assert np.mean(result.vorticity[-1].astype(float) ** 2) / 2 == pytest.approx(
        result.enstrophy[-1], rel=1e-6
    )


def test_that_the_automatic_step_follows_the_flow_and_meets_every_frame():
    events = []
    result = run(
        double_shear_layer(64), Context(events.append), grid=64, t_end=3.0, frames=7, viscosity=0.0
    )
    np.testing.assert_allclose(result.time, np.linspace(0, 3, 7))
    cfl = [
        row["cfl"] for e in events if isinstance(e, Logged) for _, _, row in e.rows if "cfl" in row
    ]
    assert max(cfl) < 0.56  # a step in use may exceed ½ by a tenth before it is renewed
    assert min(cfl) > 0.3  # and six frames do not cut it short


def test_that_the_step_shrinks_while_a_force_speeds_the_flow_up():
    events = []
    result = run(
        PeriodicFlow(vorticity=np.zeros((32, 32))),
        Context(events.append),
        grid=32,
        forcing=5.0,
        t_end=2.0,
        frames=2,
        dt={"kind": "auto", "cfl": 0.05},
    )
    cfl = [
        row["cfl"] for e in events if isinstance(e, Logged) for _, _, row in e.rows if "cfl" in row
    ]
    # u grows to A t = 10, ten times the speed that the first step was made for.
    assert result.max_speed[-1] == pytest.approx(10, rel=0.02)
    assert max(cfl) < 0.056


def test_that_a_given_reference_tells_the_error():
    settings = {"grid": 64, "t_end": 1.0, "frames": 2, "dt": fixed(0.05)}
    flow = random_turbulence(64)
    end = run(flow, **settings).vorticity[-1]
    again = PeriodicFlow(vorticity=flow.vorticity, reference=end)
    assert run(again, **settings).error < 1e-6  # float32 pictures
    off = PeriodicFlow(vorticity=flow.vorticity, reference=1.01 * end)
    assert run(off, **settings).error == pytest.approx(0.01 / 1.01, rel=1e-3)


def test_that_float32_and_float64_agree_after_ten_steps():
    settings = {"grid": 64, "t_end": 0.1, "frames": 2, "dt": fixed(0.01)}
    single = run(random_turbulence(64), Context(dtype=torch.float32), **settings)
    double = run(random_turbulence(64), **settings)
    assert single.velocity.dtype == np.float32
    assert distance(single.velocity, double.velocity) < 1e-4


def test_that_the_exact_decay_is_drawn_where_it_is_known():
    method = NavierStokes2D(grid=32, viscosity=0.1, t_end=1.0, frames=5)
    for problem, known in ((taylor_green(32), True), (random_turbulence(32), False)):
        result = method.run(problem, Context())
        movie, curves, spectrum, _ = method.figures(problem, result)
        assert movie.frames() == spectrum.frames() == 5
        lines = [m for p in curves.panels for m in p.marks if isinstance(m, Line)]
        assert [m.role for m in lines] == (["data", "reference"] * 2 if known else ["data"] * 2)
        if known:
            np.testing.assert_allclose(lines[0].y, lines[1].y, rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"grid": 65}, "even"),
        ({"grid": 14}, "16"),
        ({"viscosity": -1.0}, "greater than or equal to 0"),
        ({"frames": 1}, "2"),
        ({"dt": fixed(0.0)}, "greater than 0"),
        ({"grid": 64, "forcing": 1.0, "wavenumber": 22}, "at most 21"),
    ],
)
def test_that_settings_beyond_their_limits_are_refused(settings, words):
    with pytest.raises(ValidationError, match=words):
        NavierStokes2D(**settings)


@pytest.mark.parametrize("name", ["taylor_green", "drifting_cells", "settling_stripes"])
def test_that_the_known_decay_is_drawn_and_met(name):
    """The steps are of fourth order; what they leave at these settings is below 1e-6."""
    example = next(e for e in NavierStokes2D.examples if e.name == name)
    method, problem = NavierStokes2D(**example.settings), example.make()
    result = method.run(problem, Context())
    exact = method.exact_decay(problem, result.time)
    np.testing.assert_allclose(result.energy / result.energy[0], exact, rtol=1e-6)
    names = [mark.name for mark in method.figures(problem, result)[1].panels[0].marks]
    assert "exact" in names


def test_that_other_forced_flows_have_no_known_decay():
    method = NavierStokes2D(forcing=1.0, drag=0.1)
    times = np.linspace(0, 1, 3)
    assert method.exact_decay(kolmogorov(64), times) is None  # noise on the stripes
    assert method.exact_decay(kolmogorov(64, waves=3, noise=0.0), times) is None  # another wave
    still = NavierStokes2D(forcing=2.0, viscosity=0.0)
    np.testing.assert_allclose(
        still.exact_decay(kolmogorov(64, noise=0.0), times), (1 + 2 * times) ** 2, rtol=1e-12
    )  # without friction the speed grows with time


@pytest.mark.parametrize("changed", [{"length": 1.0}, {"grid": 48}, {"t_end": 3.0}])
def test_that_the_estimate_of_work_grows_with_the_steps(changed):
    """Tiny grids, where calls take the time, so that the work is in proportion to the steps."""
    length = changed.pop("length", 2 * np.pi)
    works, steps = [], []
    for size, settings in ((2 * np.pi, {}), (length, changed)):
        method = NavierStokes2D(**{"grid": 32, "t_end": 1.0, "frames": 2, **settings})
        problem = double_shear_layer(n=32, length=size)
        works.append(method.cost(problem).work)
        steps.append(method.run(problem, Context()).steps)
    # Transforms of 48² points instead of 32² add some work to each step; steps are whole numbers.
    assert works[1] / works[0] == pytest.approx(steps[1] / steps[0], rel=0.35)
