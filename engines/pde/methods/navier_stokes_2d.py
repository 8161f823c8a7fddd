"""Incompressible flow in a periodic square, by a Fourier method for its vorticity."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.pde import figures, peers
from engines.pde.flow import AutoStep, FixedStep, Flow, FlowHistory, Recorder
from engines.pde.problem import (
    PeriodicFlow,
    double_shear_layer,
    kolmogorov,
    random_turbulence,
    taylor_green,
)
from engines.pde.spectral import Dealias, Modes
from engines.peer import Peer
from engines.problem import Status

CALLS = 5e5  # operations in the time that the calls of a stage take, however small the grid


class NavierStokes2D(Method):
    """Two-dimensional incompressible flow in a periodic square, solved for its vorticity.

    ω_t + u·∇ω = ν Δω − μ ω + f,  u = (ψ_y, −ψ_x),  −Δψ = ω,  f = −A κ cos(κ y),  κ = 2πk/length

    Shows vortices merge, shear layers roll up and turbulence decay or be driven, and how
    viscosity, forcing and resolution shape the spectrum.
    Cost 16 transforms of n² points a step (4 with IMEX-CNAB2), memory about 20 arrays of n².
    float64 for conservation to 1e-8; float32 is up to twice as fast and drifts by 1e-7.
    Good values: n so large that the spectrum falls by 1e-6 before its right end.
    Without viscosity, drag and forcing, energy and enstrophy stay constant; vorticity of a single
    |k| decays as exp(−ν|k|²t − μt) without changing its shape.
    Pitfalls: without dealiasing an under-resolved flow blows up; RK4 needs Δt < 2.8/(ν k²) and
    IMEX-CNAB2 leaves the highest modes undamped when Δt ν k² is large.
    """

    title: ClassVar = "Navier–Stokes in two dimensions"
    peer_libraries = ("pde",)
    papers: ClassVar = (
        Paper(
            "Orszag",
            1971,
            "On the elimination of aliasing in finite-difference schemes by filtering "
            "high-wavenumber components",
            venue="Journal of the Atmospheric Sciences 28",
        ),
        Paper(
            "Basdevant",
            1983,
            "Technical improvements for direct numerical simulation of homogeneous "
            "three-dimensional turbulence",
            venue="Journal of Computational Physics 50",
        ),
        Paper(
            "Cox and Matthews",
            2002,
            "Exponential time differencing for stiff systems",
            doi="10.1006/jcph.2002.6995",
            venue="Journal of Computational Physics 176",
        ),
        Paper(
            "Kassam and Trefethen",
            2005,
            "Fourth-order time-stepping for stiff PDEs",
            doi="10.1137/S1064827502410633",
            venue="SIAM Journal on Scientific Computing 26",
        ),
    )
    examples: ClassVar = (
        Example(
            "double_shear_layer",
            "Rolling up",
            double_shear_layer,
            story="Two opposite jets meet; a ripple of 5 % winds each boundary into a vortex.",
        ),
        Example(
            "decaying_turbulence",
            "Vortices from noise",
            random_turbulence,
            story="Vortices of one sign merge: energy moves to large scales, enstrophy decays.",
        ),
        Example(
            "kolmogorov",
            "Stirred stripes",
            kolmogorov,
            {"forcing": 1.0, "drag": 0.1, "viscosity": 2e-3, "grid": 128},
            story="A force in stripes drives a flow that soon forgets the stripes.",
        ),
        Example(
            "taylor_green",
            "Taylor–Green vortices",
            taylor_green,
            {"viscosity": 0.05, "grid": 64, "t_end": 2.0},
            story="The exact solution is known: the error is that of rounding alone.",
            expects={
                "error": Expect(0.0, 1e-5, "exact solution e^(-2νt)"),
                "energy_drift": Expect(math.expm1(-0.4), 1e-5, "closed form: e^(-4νt) - 1"),
            },
        ),
        Example(
            "drifting_cells",
            "Vortices adrift",
            lambda: taylor_green(waves=2, mean=(1.0, 0.5)),
            {"viscosity": 0.02, "grid": 64, "t_end": 2 * math.pi},
            story="Sixteen cells are carried once around the square, and decay without deforming.",
            expects={
                "error": Expect(0.0, 1e-4, "exact solution e^(-8νt), carried by the mean flow"),
                "energy_drift": Expect(
                    math.expm1(-0.64 * math.pi), 1e-5, "closed form: e^(-16νt) - 1"
                ),
            },
        ),
        Example(
            "settling_stripes",
            "Stripes that settle",
            lambda: kolmogorov(noise=0.0),
            {
                "forcing": 3.4,
                "drag": 0.1,
                "viscosity": 0.1,
                "grid": 64,
                "t_end": 4.0,
            },
            story="Force against friction: the speed rises from 1 to A / (ν k² + μ) = 2.",
            expects={
                "energy_drift": Expect(
                    (2 - math.exp(-6.8)) ** 2 - 1, 1e-4, "closed form: (2 - e^(-1.7 t))² - 1"
                )
            },
        ),
        Example(
            "thin_shear_layer",
            "Shear layer in the unit square",
            lambda: double_shear_layer(n=128, length=1.0),
            {"viscosity": 2e-4, "grid": 128, "t_end": 1.0},
            story="The usual test case; its energy falls from 0.433958 to 0.419795.",
        ),
    )
    # "paper": the thick layer of Brown and Minion (1995), Reynolds number 10⁴ on the unit square.
    presets: ClassVar = {
        "quick": {"grid": 64, "frames": 50},
        "default": {},
        "paper": {"grid": 512, "viscosity": 2 * math.pi * 1e-4},
    }

    grid: int = param(256, "n", "points per side; even, best 2-3-5-smooth", ge=16, le=8192)
    viscosity: float = param(1e-3, "ν", "kinematic viscosity", unit="m²/s", ge=0, log=True)
    t_end: float = param(20.0, "T", "final time", unit="s", gt=0)
    dt: AutoStep | FixedStep = param(AutoStep(), "Δt", "choice of the time step")
    stepper: Literal["ETDRK4", "IMEX-CNAB2", "RK4"] = param(
        "ETDRK4", "stepper", "viscosity taken exactly, implicitly or explicitly"
    )
    dealias: Dealias = param(
        "2/3", "dealias", "drop a third of the modes, pad by half, or let products alias"
    )
    forcing: float = param(0.0, "A", "strength of the force", unit="m/s²", ge=0)
    wavenumber: int = param(4, "k", "waves of the force per side", ge=1)
    drag: float = param(0.0, "μ", "linear drag", unit="1/s", ge=0)
    frames: int = param(100, "frames", "stored pictures, the first one included", ge=2)

    @model_validator(mode="after")
    def _resolvable(self) -> Self:
        if self.grid % 2:
            raise ValueError(f"grid is {self.grid}; it must be even; take {self.grid + 1}")
        top = Modes.of(self.grid, self.dealias, 1.0).top
        if self.forcing and self.wavenumber > top:
            raise ValueError(
                f"wavenumber is {self.wavenumber}; it must be at most {top} on {self.grid} "
                "points; raise grid or lower wavenumber"
            )
        return self

    def run(self, problem: PeriodicFlow, ctx: Context) -> FlowHistory:
        """March from picture to picture; a stop keeps the last finished step."""
        flow = Flow(self, problem, ctx)
        history = Recorder(self, problem, flow, ctx)
        times = np.linspace(0, self.t_end, self.frames)
        if ctx.kept:
            flow.go_on(ctx.kept)
            history.go_on(ctx.kept)
        else:
            history.record()

        def keep() -> None:
            ctx.keep(lambda: flow.kept() | history.kept())

        status, note = Status.stopped, ""
        try:
            for i in ctx.steps(self.frames - 1, history.frames - 1):
                if not flow.advance(float(times[i + 1]), keep):
                    status = Status.diverged
                    note = f"blew up at t = {flow.time:.4g}; lower dt or raise viscosity"
                    ctx.warn(note)
                    break
                history.record()
                keep()
            else:
                status = Status.stopped if flow.time < self.t_end else Status.completed
        except Cancelled:
            if flow.plausible():
                history.record()
        return history.result(status, note)

    def figures(self, problem: PeriodicFlow, result: FlowHistory) -> tuple[Figure, ...]:
        """Vorticity over time, energy and enstrophy, spectrum over time, speed at the end."""
        exact = self.exact_decay(problem, result.time)
        return (
            figures.vorticity_movie(result.vorticity, result.time, problem.length),
            figures.decay_curves(result.time, result.energy, result.enstrophy, exact),
            figures.spectrum_movie(result.k, result.spectrum, result.time),
            figures.speed_map(result.velocity, float(result.time[-1]), problem.length),
        )

    def peers(self, problem: PeriodicFlow, result: FlowHistory) -> tuple[Peer, ...]:
        """py-pde's finite differences."""
        return peers.flow(self, problem, result)

    def cost(self, problem: PeriodicFlow) -> Cost:
        """Buffers by count, in float64; steps as for the speed 1.5."""
        modes = Modes.of(self.grid, self.dealias, problem.length)
        spectrum = 16 * math.prod(modes.shape)
        half = 16 * modes.points * (modes.points // 2 + 1)
        field = 8 * modes.points**2
        pictures = 4 * self.frames * self.grid**2
        # State and its copy 2, transport with temporaries 8, and what the stepper holds.
        spectra = 10 + {"ETDRK4": 11, "IMEX-CNAB2": 7, "RK4": 4}[self.stepper]
        # A checkpoint holds the pictures and two spectra once more.
        memory = (spectra + 2) * spectrum + 4 * half + 3 * field + 2 * pictures
        if isinstance(self.dt, FixedStep):
            steps = self.t_end / self.dt.dt
        else:
            steps = self.t_end * 1.5 / problem.length * self.grid / self.dt.cfl
        stages = 1 if self.stepper == "IMEX-CNAB2" else 4
        transform = 2.5 * modes.points**2 * math.log2(modes.points**2)
        return Cost(
            memory=memory,
            output=pictures + 16 * self.grid**2,
            work=steps * stages * (CALLS + 4 * transform + 30 * modes.points**2),
        )

    def exact_decay(self, problem: PeriodicFlow, times: np.ndarray) -> np.ndarray | None:
        """Energy over that of the start where it is known exactly, else None.

        That is one shell of waves without a force, or stripes that the force feeds.
        """
        rate = self.decay_rate(problem)
        if rate is not None:
            return np.exp(-2 * rate * times)
        kappa, start = 2 * math.pi * self.wavenumber / problem.length, problem.start()
        wave = np.cos(2 * math.pi * self.wavenumber * np.arange(len(start)) / len(start))[:, None]
        speed = -2 * float(np.mean(start * wave)) / kappa
        rest = start + speed * kappa * wave
        if not speed or problem.mean_v or abs(rest).max() > 1e-9 * abs(start).max():
            return None
        rate = self.viscosity * kappa**2 + self.drag
        gain = -np.expm1(-rate * times) / rate if rate else times
        return (np.exp(-rate * times) + self.forcing / speed * gain) ** 2

    def decay_rate(self, problem: PeriodicFlow) -> float | None:
        """Rate at which the vorticity decays where that is known exactly, else None."""
        shell = None if self.forcing else problem.shell()
        if shell is None:
            return None
        return self.viscosity * shell * (2 * math.pi / problem.length) ** 2 + self.drag
