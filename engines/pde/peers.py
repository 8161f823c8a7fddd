"""py-pde on the same flow: finite differences and a Runge-Kutta method in place of ours."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engines.pde.flow import FlowHistory
from engines.pde.problem import PeriodicFlow
from engines.pde.spectral import resample
from engines.peer import Peer, Solution
from engines.problem import BadProblem

if TYPE_CHECKING:
    from engines.pde.methods.navier_stokes_2d import NavierStokes2D

# Points times steps that py-pde does in some five minutes.
MOST_WORK = 2e8

# Largest rate of diffusion and of transport that its Runge-Kutta method takes in one step.
DIFFUSION, TRANSPORT = 2.5, 1.0


def flow(method: NavierStokes2D, problem: PeriodicFlow, result: FlowHistory) -> tuple[Peer, ...]:
    """The vorticity at the last time by differences of second order.

    Their error falls with the square of the cell: what differs is mostly that. The stream function
    comes from an FFT, for which py-pde has only a slower way.
    """
    n, end = result.vorticity.shape[-1], float(result.time[-1])
    cell = problem.length / n
    fastest = max(float(result.max_speed.max()), 1e-300)
    rate = max(8 * method.viscosity / cell**2 / DIFFUSION, 2 * fastest / cell / TRANSPORT)
    steps = max(10, math.ceil(end * rate))
    if steps * n * n > MOST_WORK:
        raise BadProblem(
            f"py-pde would do {steps} steps on {n} × {n} points; steps times points must be at "
            f"most {MOST_WORK:g}; check a shorter run or a coarser grid"
        )

    def solve() -> Solution:
        pde: Any = import_module("pde")
        start = resample(torch.from_numpy(problem.start()), n).numpy()
        grid = pde.CartesianGrid([(0, problem.length)] * 2, n, periodic=True)
        inverse = _inverse_laplacian(n, problem.length)
        # py-pde's first axis is x and its cells begin at 0; fields here are (y, x).
        force = -method.forcing * _wave(method.wavenumber, problem.length, n)
        viscosity, drag = method.viscosity, method.drag
        means = problem.mean_u, problem.mean_v

        class Vorticity(pde.PDEBase):
            def evolution_rate(self, state: Any, t: float = 0) -> Any:
                stream = np.fft.irfft2(np.fft.rfft2(state.data) * inverse, s=(n, n))
                across = pde.ScalarField(grid, stream).gradient("periodic").data
                slope = state.gradient("periodic").data
                carried = (means[0] + across[1]) * slope[0] + (means[1] - across[0]) * slope[1]
                spread = viscosity * state.laplace("periodic").data
                return pde.ScalarField(grid, spread - drag * state.data - carried + force)

        solver = pde.RungeKuttaSolver(Vorticity(), backend="numpy")
        begin = pde.ScalarField(grid, start.T)
        control = pde.Controller(solver, t_range=end, tracker=None)
        last = control.run(begin, dt=end / steps).data.T
        note = f"py-pde did {steps} steps on {n} × {n} cells; what is thinner than some ten cells"
        note += " is beyond its differences, and where a flow is chaotic both part for good"
        return Solution(_values(last, problem.length), note)

    ours = {
        "last vorticity": result.vorticity[-1],
        "last energy": float(result.energy[-1]),
        "last enstrophy": float(result.enstrophy[-1]),
    }
    return (Peer("py-pde", "pde", solve, ours, memory=400 * n * n),)


def _inverse_laplacian(n: int, length: float) -> np.ndarray:
    """What the spectrum of ω is multiplied by to give that of ψ, −Δψ = ω."""
    k = 2 * math.pi / length * np.fft.fftfreq(n, 1 / n)
    squared = k[:, None] ** 2 + k[: n // 2 + 1] ** 2
    squared[0, 0] = math.inf
    return 1 / squared


def _wave(waves: int, length: float, n: int) -> np.ndarray:
    """κ cos(κ y), which varies along the second axis of py-pde's fields."""
    kappa = 2 * math.pi * waves / length
    return (kappa * np.cos(kappa * length / n * np.arange(n)))[None, :]


def _values(vorticity: np.ndarray, length: float) -> dict[str, Any]:
    """Vorticity with its energy ½⟨ωψ⟩ and enstrophy ½⟨ω²⟩."""
    n = len(vorticity)
    stream = np.fft.irfft2(np.fft.rfft2(vorticity) * _inverse_laplacian(n, length), s=(n, n))
    return {
        "last energy": float((vorticity * stream).mean() / 2),
        "last enstrophy": float((vorticity**2).mean() / 2),
        "last vorticity": vorticity,
    }
