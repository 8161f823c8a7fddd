"""Our flow solver beside exponax (the same scheme, compiled by jax) and py-pde (differences)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engines.context import Context
from engines.pde.flow import FixedStep
from engines.pde.methods.navier_stokes_2d import NavierStokes2D
from engines.pde.problem import PeriodicFlow, double_shear_layer, taylor_green
from tests.benchmarks.common import Row, time_pair


def rows() -> Iterator[Row]:
    """Decaying flows to t = 1 from the same numbers; ours with its telemetry and record."""
    for n in (64, 128, 256):
        yield from exponax_row(f"Taylor–Green {n}², ν 0.05, 200 steps", taylor_green(n), 0.05, 200)
        shear = double_shear_layer(n, length=1.0)
        yield from exponax_row(f"shear layer {n}², ν 2e-4, 400 steps", shear, 2e-4, 400)
    yield from py_pde_row("shear layer 64², ν 2e-4, 200 steps", double_shear_layer(64, length=1.0))


def exponax_row(problem: str, flow: PeriodicFlow, viscosity: float, steps: int) -> Iterator[Row]:
    """The same exponential Runge–Kutta scheme; its compilation is not counted."""
    try:
        import exponax
        import jax
    except ImportError as missing:
        print(f"no comparison with exponax: {missing}")
        return
    jax.config.update("jax_enable_x64", True)
    n = len(flow.vorticity)
    stepper = exponax.stepper.NavierStokesVorticity(
        2, flow.length, n, 1 / steps, diffusivity=viscosity, order=4, num_circle_points=32
    )
    march = jax.jit(exponax.repeat(stepper, steps))
    start = jax.numpy.asarray(flow.start()[None])

    def peer() -> np.ndarray:
        return np.asarray(march(start))[0]

    yield row(problem, "exponax", flow, viscosity, steps, peer)


def py_pde_row(problem: str, flow: PeriodicFlow, viscosity: float = 2e-4) -> Iterator[Row]:
    """Second-order differences of py-pde; the stream function by its fastest way, an FFT."""
    try:
        import pde
    except ImportError as missing:
        print(f"no comparison with py-pde: {missing}")
        return
    n, steps = len(flow.vorticity), 200
    grid = pde.CartesianGrid([(0, flow.length)] * 2, n, periodic=True)
    kx, ky = np.fft.rfftfreq(n, 1 / n), np.fft.fftfreq(n, 1 / n)[:, None]
    squared = (kx**2 + ky**2) * (2 * np.pi / flow.length) ** 2
    squared[0, 0] = np.inf

    class Vorticity(pde.PDEBase):
        def evolution_rate(self, state: Any, t: float = 0) -> Any:
            stream = pde.ScalarField(grid, np.fft.irfft2(np.fft.rfft2(state.data) / squared))
            slope, turned = state.gradient("periodic").data, stream.gradient("periodic").data
            advected = turned[0] * slope[1] - turned[1] * slope[0]
            diffused = viscosity * state.laplace("periodic").data
            return pde.ScalarField(grid, diffused - advected)

    start = pde.ScalarField(grid, flow.start())

    def peer() -> np.ndarray:
        solver = pde.RungeKuttaSolver(Vorticity(), backend="numpy")
        return pde.Controller(solver, t_range=1.0, tracker=None).run(start, dt=1 / steps).data

    yield row(problem, "py-pde", flow, viscosity, steps, peer)


def row(
    problem: str, name: str, flow: PeriodicFlow, viscosity: float, steps: int, peer: Any
) -> Row:
    """Time both; errors against twice as many points and steps."""
    n = len(flow.vorticity)

    def ours(side: int = n, count: int = steps) -> np.ndarray:
        dt = FixedStep(dt=1 / count)
        method = NavierStokes2D(grid=side, viscosity=viscosity, t_end=1.0, dt=dt, frames=2)
        return method.run(flow, Context()).velocity

    seconds = time_pair(ours, peer, repeats=3)
    true = curl(ours(2 * n, 2 * steps), flow.length)[::2, ::2]
    got = curl(ours(), flow.length), peer()
    errors = [float(np.linalg.norm(g - true) / np.linalg.norm(true)) for g in got]
    return Row(problem, name, *seconds, *errors)


def curl(velocity: np.ndarray, length: float) -> np.ndarray:
    """v_x − u_y in float64; stored pictures of the vorticity are float32."""
    n = velocity.shape[-1]
    k = 2j * np.pi / length * np.fft.fftfreq(n, 1 / n)
    u, v = np.fft.fft2(velocity)
    return np.fft.ifft2(k * v - k[:, None] * u).real
