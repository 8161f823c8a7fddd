"""A two-dimensional flow on its way through time, and what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from engines.context import Context, State
from engines.figure import Figure
from engines.method import Option, param
from engines.pde import figures
from engines.pde.etd import ETDRK4
from engines.pde.imex import CNAB2
from engines.pde.problem import PeriodicFlow, middle_square
from engines.pde.rk import IMAGINARY_LIMIT, REAL_LIMIT, RK4
from engines.pde.spectral import Modes, analyse, power, resample, synthesise
from engines.pde.vorticity import VorticityTransport
from engines.problem import BadProblem, Result, Status, array, metric

if TYPE_CHECKING:
    from engines.pde.methods.navier_stokes_2d import NavierStokes2D

STEPPERS: dict[str, type[ETDRK4 | CNAB2 | RK4]] = {
    "ETDRK4": ETDRK4,
    "IMEX-CNAB2": CNAB2,
    "RK4": RK4,
}
REPLAN = 50  # steps between two looks at the speed: each look waits for the device
GROWTH = 10.0  # the energy of a resolved flow never grows by this factor from frame to frame
LONG_RUN = 200_000  # steps worth a warning: a quarter of an hour at 256 points

# Of a Flow, what a checkpoint holds.
KEPT = ("_state", "time", "steps", "_step", "_left", "_last", "_since", "_energy")


class AutoStep(Option):
    """The step follows the flow: fluid crosses at most C grid cells (C/2 with IMEX-CNAB2)."""

    kind: Literal["auto"] = "auto"
    cfl: float = param(0.5, "C", "grid cells crossed in a step", ge=0.05, le=1.0)


class FixedStep(Option):
    """Steps of one length, shortened only so that every stored picture falls on a step."""

    kind: Literal["fixed"] = "fixed"
    dt: float = param(0.01, "Δt", "length of a step", unit="s", gt=0, log=True)


@dataclass(frozen=True, kw_only=True)
class FlowHistory(Result):
    """Vorticity and its statistics at the stored times, and the velocity at the last one."""

    vorticity: np.ndarray = array("frame y x", "vorticity", "1/s")
    time: np.ndarray = array("frame", "time of each frame", "s")
    x: np.ndarray = array("x", "position", "m")
    y: np.ndarray = array("y", "position", "m")
    k: np.ndarray = array("k", "wavenumber of each shell", "1/m")
    energy: np.ndarray = array("frame", "½⟨|u|²⟩ without the mean flow", "m²/s²")
    enstrophy: np.ndarray = array("frame", "½⟨ω²⟩", "1/s²")
    palinstrophy: np.ndarray = array("frame", "½⟨|∇ω|²⟩", "1/(m²s²)")
    max_speed: np.ndarray = array("frame", "largest |u|, mean flow included", "m/s")
    spectrum: np.ndarray = array("frame k", "energy in each shell", "m²/s²")
    velocity: np.ndarray = array("component y x", "u and v at the last time", "m/s")
    energy_drift: float = metric("relative change of the energy since the start")
    enstrophy_drift: float = metric("relative change of the enstrophy since the start")
    steps: float = metric("time steps taken")
    error: float = metric(
        "relative L2 error of the last vorticity, where the exact one is known", better="lower"
    )


class Flow:
    """Spectrum, time and step of a run; advances in equal steps as long as the flow allows."""

    def __init__(self, method: NavierStokes2D, problem: PeriodicFlow, ctx: Context) -> None:
        self._method, self._ctx = method, ctx
        self.modes = Modes.of(method.grid, method.dealias, problem.length)
        self.squared = self.modes.squared()
        self.inverse = 1 / np.where(self.squared == 0, np.inf, self.squared)
        self._cell = problem.length / method.grid
        self.spectrum = self._start(problem)
        self._state = torch.view_as_real(self.spectrum)
        self._transport = VorticityTransport(
            self.modes, (problem.mean_u, problem.mean_v), self._force(), self._state, ctx.check
        )
        linear = -method.viscosity * self.squared - method.drag
        self._fastest = float(-(linear * self.modes.kept()).min())
        self._stepper = STEPPERS[method.stepper](linear[..., None], self._transport, self._state)
        self.time, self.steps, self._step = 0.0, 0, 0.0
        self._left, self._last = 0, False  # steps until the next look, and whether they suffice
        self._since, self._energy = 0.0, self.energy()
        self._refuse_unstable()

    def energy(self) -> float:
        """½⟨|u|²⟩ without the mean flow."""
        return float(0.5 * (power(self.spectrum, self.modes) * self.inverse).sum())

    def speeds(self) -> tuple[float, float]:
        """Largest |u| + |v| and largest |u|."""
        u, v = self._transport.velocity(self._state)
        crossing, speed = torch.stack([(u.abs() + v.abs()).max(), u.hypot(v).max()]).tolist()
        return crossing, speed

    def velocity(self, spectrum: torch.Tensor) -> torch.Tensor:
        """u and v of a spectrum on the points of the grid, (2, y, x)."""
        velocity = self._transport.velocity(torch.view_as_real(spectrum))
        if self.modes.points == self._method.grid:
            return velocity
        return torch.stack([resample(v, self._method.grid) for v in velocity])

    def field(self) -> np.ndarray:
        """Vorticity on the points of the grid (y, x)."""
        return synthesise(self.spectrum, self.modes, self._method.grid).cpu().numpy()

    def advance(self, until: float, keep: Callable[[], None]) -> bool:
        """March to a time, looking at the speed now and then. False where it blew up.

        `keep` is called before every step.
        """
        while self.time < until:
            if not self._left:
                if not self.plausible():
                    return False
                crossing, _ = self.speeds()
                count = self._plan(until - self.time, self._largest_step(crossing))
                self._ctx.log(cfl=self._step * crossing / self._cell)
                self._left, self._last = min(count, REPLAN), count <= REPLAN
            keep()
            self._stepper.step(self._state, self._step)
            self.steps += 1
            self._left -= 1
            reached = self._last and not self._left
            self.time = until if reached else self.time + self._step
            self._ctx.show(_picture, self)
        if not self.plausible():
            return False
        self._since, self._energy = self.time, self.energy()
        return True

    def kept(self) -> dict[str, Any]:
        """What it takes to march on from here."""
        found = {name: getattr(self, name) for name in KEPT}
        if isinstance(self._stepper, CNAB2):
            found["past"], found["past_step"] = self._stepper.past
        return found

    def go_on(self, kept: State) -> None:
        """March on from there."""
        for name in KEPT:
            if name != "_state":
                setattr(self, name, kept[name].item())
        self._state.copy_(torch.from_numpy(kept["_state"]))
        if isinstance(self._stepper, CNAB2):
            self._stepper.past = torch.from_numpy(kept["past"]), kept["past_step"].item()

    def plausible(self) -> bool:
        """Whether all is finite and no energy came from nowhere since the last frame.

        A force of amplitude A raises the root mean square speed by at most A t / √2.
        """
        driven = self._method.forcing * (self.time - self._since) / math.sqrt(2)
        bound = 0.5 * (math.sqrt(2 * self._energy) + driven) ** 2
        return self.energy() <= GROWTH * bound

    def _largest_step(self, crossing: float) -> float:
        method = self._method
        if isinstance(method.dt, FixedStep):
            return method.dt.dt
        # A force moves fluid at rest across a cell at about the second speed.
        crossing = max(crossing, math.sqrt(method.forcing * self._cell), 1e-300)
        limit = method.dt.cfl * self._cell / crossing
        if method.stepper == "IMEX-CNAB2":
            limit /= 2  # two-step extrapolation amplifies waves that Runge–Kutta still carries
        if method.stepper == "RK4" and self._fastest:
            # Half the diffusive limit stays stable together with advection at C = 1.
            limit = min(limit, 0.5 * REAL_LIMIT / self._fastest)
        return limit

    def _plan(self, left: float, limit: float) -> int:
        """Number of equal steps in the time left; the step in use is kept while it about fits."""
        if not self.steps and self._method.t_end > LONG_RUN * limit:
            self._ctx.warn(
                f"this run needs about {self._method.t_end / limit:.2g} steps; "
                "lower t_end or grid, or scale the vorticity down"
            )
        needed = max(1, math.ceil(left / limit - 1e-9))  # fluid at rest sets no limit
        if self._step:
            count = round(left / self._step)
            meets = abs(count * self._step - left) < 1e-9 * left
            if meets and 0.9 * needed <= count <= 1.25 * needed:
                return count
        self._step = left / needed
        return needed

    def _refuse_unstable(self) -> None:
        dt = self._method.dt
        if self._method.stepper != "RK4" or not isinstance(dt, FixedStep):
            return
        steepest = 2 * math.pi / self.modes.length * self.modes.top * self.speeds()[0]
        limit = min(
            REAL_LIMIT / self._fastest if self._fastest else math.inf,
            IMAGINARY_LIMIT / steepest if steepest else math.inf,
        )
        if dt.dt > limit:
            raise BadProblem(
                f"dt is {dt.dt:g}; it must be at most {limit:.4g} for RK4 with this grid, "
                "viscosity and speed; lower dt or choose ETDRK4"
            )

    def _start(self, problem: PeriodicFlow) -> torch.Tensor:
        """Spectrum of the initial vorticity, with a word on everything that gets lost."""
        rows, columns = problem.vorticity.shape
        field = problem.start()
        if rows != columns:
            self._ctx.warn(
                f"the vorticity is {rows} × {columns}; its middle {len(field)} × {len(field)} "
                "is used"
            )
        total = float(np.mean(field**2))
        if not total and not self._method.forcing:
            raise BadProblem(
                "vorticity is the same everywhere; it must vary; load another array or set a force"
            )
        spectrum = analyse(self._ctx.tensors(field), self.modes)
        kept = power(spectrum, self.modes).sum()
        if kept < 0.99 * total:
            self._ctx.warn(
                f"{self._method.grid} points keep {kept / total:.0%} of the enstrophy of the "
                "data; raise grid to keep more"
            )
        return spectrum

    def _force(self) -> np.ndarray:
        """Spectrum of f = −A κ cos(κ y), which has kx = 0."""
        force = np.zeros(self.modes.points, np.complex128)
        waves = self._method.wavenumber
        if self._method.forcing:
            kappa = waves * 2 * math.pi / self.modes.length
            force[[waves, -waves]] = -0.5 * self._method.forcing * kappa
        return force


class Recorder:
    """What is kept of a run, in memory taken once."""

    def __init__(
        self, method: NavierStokes2D, problem: PeriodicFlow, flow: Flow, ctx: Context
    ) -> None:
        self._method, self._problem, self._flow, self._ctx = method, problem, flow, ctx
        self._rate = method.decay_rate(problem)
        modes = flow.modes
        self._start = flow.spectrum.clone() if self._rate is not None else None
        self._shells = (modes.shells() * modes.kept()).astype(np.int64).ravel()
        self._k = np.arange(self._shells.max() + 1) * (2 * math.pi / modes.length)
        self._vorticity = np.empty((method.frames, method.grid, method.grid), np.float32)
        self._spectrum = np.empty((method.frames, len(self._k)))
        # time, energy, enstrophy, palinstrophy, largest speed
        self._numbers = np.empty((method.frames, 5))
        self._count = 0

    def record(self) -> None:
        """Keep the state of this moment, once."""
        flow, i = self._flow, self._count
        if i and flow.time == self._numbers[i - 1, 0]:
            return
        density = 0.5 * power(flow.spectrum, flow.modes)
        energies = density * flow.inverse
        energy, enstrophy = energies.sum(), density.sum()
        speed = flow.speeds()[1]
        self._numbers[i] = flow.time, energy, enstrophy, (density * flow.squared).sum(), speed
        self._spectrum[i] = np.bincount(self._shells, energies.ravel(), len(self._k))
        self._vorticity[i] = flow.field()
        self._newest = flow.spectrum.clone()
        self._count += 1
        self._ctx.log(energy=energy, enstrophy=enstrophy, max_speed=speed)
        if i:  # the first picture of a run is that of the flow
            self._ctx.show(figures.spectrum_now, self._k, self._spectrum[i], flow.time)

    @property
    def frames(self) -> int:
        """How many are kept."""
        return self._count

    def kept(self) -> dict[str, Any]:
        """What was kept so far, for a run that goes on from here."""
        n = self._count
        return {
            "frames": self._vorticity[:n],
            "spectra": self._spectrum[:n],
            "numbers": self._numbers[:n],
            "newest": torch.view_as_real(self._newest),
        }

    def go_on(self, kept: State) -> None:
        """Begin with what a former run kept."""
        n = self._count = len(kept["numbers"])
        self._vorticity[:n] = kept["frames"]
        self._spectrum[:n] = kept["spectra"]
        self._numbers[:n] = kept["numbers"]
        newest = torch.from_numpy(kept["newest"]).to(self._flow.spectrum.device)
        self._newest = torch.view_as_complex(newest)

    def result(self, status: Status, note: str) -> FlowHistory:
        """Everything kept, with the numbers that sum it up."""
        count, grid, length = self._count, self._method.grid, self._problem.length
        time, energy, enstrophy, palinstrophy, speed = self._numbers[:count].T
        points = np.arange(grid) * (length / grid)
        return FlowHistory(
            vorticity=self._vorticity[:count],
            time=time,
            x=points,
            y=points,
            k=self._k,
            energy=energy,
            enstrophy=enstrophy,
            palinstrophy=palinstrophy,
            max_speed=speed,
            spectrum=self._spectrum[:count],
            velocity=self._flow.velocity(self._newest).cpu().numpy(),
            energy_drift=_change(energy),
            enstrophy_drift=_change(enstrophy),
            steps=float(self._flow.steps),
            error=self._error(float(time[-1])),
            status=status,
            note=note,
        )

    def _error(self, time: float) -> float:
        """Distance of the last frame from the exact or the given solution; NaN without one."""
        modes, problem = self._flow.modes, self._problem
        if self._rate is not None and self._start is not None:
            kx, ky = modes.wavenumbers()
            shift = (kx * problem.mean_u + ky * problem.mean_v) * time
            factor = torch.from_numpy(np.exp(-self._rate * time - 1j * shift))
            true = self._start * factor.to(self._start)
        elif problem.reference is not None and time == self._method.t_end:
            true = analyse(self._ctx.tensors(middle_square(problem.reference)), modes)
            true[0, 0] = 0
        else:
            return math.nan
        size = power(true, modes).sum()
        return math.sqrt(power(self._newest - true, modes).sum() / size) if size else math.nan


def _picture(flow: Flow) -> Figure:
    return figures.vorticity_now(flow.field(), flow.time, flow.modes.length)


def _change(values: np.ndarray) -> float:
    return float(values[-1] / values[0] - 1) if values[0] else math.nan
