"""What the PDE methods work on, and the gallery of initial states."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from engines.pde.spectral import resample
from engines.problem import BadProblem, Problem, array, scalar

# Share of the enstrophy that may lie outside a shell before it no longer counts as one shell:
# float32 data carry 1e-14.
SHELL_TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True)
class PeriodicFlow(Problem):
    """The vorticity of a two-dimensional flow in a periodic square at t = 0.

    Row i, column j lie at y = i·length/n, x = j·length/n. The mean, which a periodic flow cannot
    have, is ignored, and of a field that is not square the middle square is used. Where all of
    the vorticity lies in one shell |k| the exact solution is known; nobody has to declare it.
    """

    vorticity: np.ndarray = array("y x", "vorticity at the start", "1/s")
    reference: np.ndarray | None = array(
        "y x", "vorticity known to be right at the final time", "1/s", optional=True
    )
    length: float = scalar(2 * math.pi, "side of the periodic square", "m")
    mean_u: float = scalar(0.0, "mean flow in x", "m/s")
    mean_v: float = scalar(0.0, "mean flow in y", "m/s")

    def check(self) -> None:
        """Refuse a length or a mean flow that is no number."""
        if not (math.isfinite(self.length) and self.length > 0):
            raise BadProblem(
                f"length is {self.length:g}; it must be a finite number above 0; "
                "give the side of the periodic square"
            )
        for name in ("mean_u", "mean_v"):
            if not math.isfinite(getattr(self, name)):
                raise BadProblem(
                    f"{name} is {getattr(self, name):g}; it must be a finite number; "
                    "give 0 for a flow without mean"
                )

    def start(self) -> np.ndarray:
        """The square, mean-free vorticity (y, x) in float64."""
        field = middle_square(self.vorticity)
        return field - field.mean()

    def shell(self) -> int | None:
        """Waves per side squared, |k|², where the vorticity has but one value of it, else None."""
        side = min(self.vorticity.shape)
        power = abs(np.fft.fft2(self.start())) ** 2
        k = np.fft.fftfreq(side, 1 / side).round().astype(np.int64)
        sums = np.bincount((k[:, None] ** 2 + k**2).ravel(), power.ravel())
        best = int(sums.argmax())
        outside = sums.sum() - sums[best]
        return best if sums[best] > 0 and outside <= SHELL_TOLERANCE * sums[best] else None


def middle_square(field: np.ndarray) -> np.ndarray:
    """The largest centred square of a field, in float64."""
    side = min(field.shape)
    top, left = ((length - side) // 2 for length in field.shape)
    return field[top : top + side, left : left + side].astype(np.float64)


def taylor_green(
    n: int = 128,
    waves: int = 1,
    amplitude: float = 1.0,
    mean: tuple[float, float] = (0.0, 0.0),
) -> PeriodicFlow:
    """A checkerboard of vortices that decays, and drifts with the mean flow, without deforming."""
    x = _points(n, 2 * math.pi)
    wave = np.cos(waves * x)
    return PeriodicFlow(
        vorticity=2 * waves * amplitude * wave[:, None] * wave, mean_u=mean[0], mean_v=mean[1]
    )


def double_shear_layer(
    n: int = 256,
    sharpness: float = 30.0,
    perturbation: float = 0.05,
    length: float = 2 * math.pi,
) -> PeriodicFlow:
    """Two opposite shear layers that roll up: u = ± tanh(sharpness·(y/length ∓ …)), v = ε sin x."""
    s = _points(n, 1.0)
    layers = 1 / np.cosh(sharpness * (s - 0.75)) ** 2 - 1 / np.cosh(sharpness * (s - 0.25)) ** 2
    wave = 2 * math.pi * perturbation * np.cos(2 * math.pi * s)
    return PeriodicFlow(
        vorticity=(sharpness * layers[:, None] + wave) / length,
        length=length,
    )


def random_turbulence(n: int = 256, peak: float = 6.0, top: int = 8, seed: int = 0) -> PeriodicFlow:
    """Random phases under the energy spectrum k⁴ / (1 + (k/peak)⁶) up to `top`, with energy ½.

    The phases are drawn on 64² points whatever n is, so that every grid has the same flow; the
    spectrum ends at `top` (at most 21) because its enstrophy does not decay towards large k.
    """
    k = np.fft.fftfreq(64, 1 / 64)
    radius = np.hypot(k[:, None], k[:33])
    energy = np.where(radius <= top, radius**4 / (1 + (radius / peak) ** 6), 0)
    noise = np.fft.rfft2(np.random.default_rng(seed).standard_normal((64, 64)))
    # A shell holds about 2πk modes, and a mode of energy e has |ω̂|² = 2 k² e.
    vorticity = np.fft.irfft2(noise / abs(noise) * np.sqrt(energy * radius))
    vorticity /= math.sqrt(2 * _energy(vorticity))
    return PeriodicFlow(vorticity=resample(torch.from_numpy(vorticity), n).numpy())


def kolmogorov(n: int = 128, waves: int = 4, noise: float = 0.1, seed: int = 0) -> PeriodicFlow:
    """Stripes of a shear flow with a little random flow on top, for a run with forcing."""
    y = _points(n, 2 * math.pi)
    stripes = -waves * np.cos(waves * y)[:, None]
    return PeriodicFlow(vorticity=stripes + noise * random_turbulence(n, seed=seed).vorticity)


def _points(n: int, length: float) -> np.ndarray:
    return np.arange(n) * (length / n)


def _energy(vorticity: np.ndarray) -> float:
    """½⟨|u|²⟩ of a mean-free field on [0, 2π]²."""
    n = len(vorticity)
    k = np.fft.fftfreq(n, 1 / n)
    squared = k[:, None] ** 2 + k**2
    squared[0, 0] = np.inf
    return float(0.5 * np.sum(abs(np.fft.fft2(vorticity, norm="forward")) ** 2 / squared))
