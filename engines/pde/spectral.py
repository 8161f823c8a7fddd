"""Fields on a periodic square as Fourier coefficients: modes, resampling, sums over modes.

A spectrum ω̂ has the axes (kx, ky): kx = 0 … K, and ky in FFT order over `points` rows, zero where
|ky| > K. The modes with kx < 0 are the complex conjugates of those stored. Coefficients are those
of the series ω(x, y) = Σ ω̂(k) exp(i k·x), so they do not depend on the number of points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Dealias = Literal["2/3", "3/2", "none"]


@dataclass(frozen=True)
class Modes:
    """The modes |kx|, |ky| ≤ `top` of a square of side `length`, multiplied on `points`² points."""

    top: int
    points: int
    length: float

    @classmethod
    def of(cls, grid: int, dealias: Dealias, length: float) -> Modes:
        """Modes of a `grid` × `grid` field; the Nyquist mode, whose slope has no sign, is left out.

        Products of two fields stay free of aliasing errors where 3·top < points.
        """
        if dealias == "2/3":
            return cls((grid - 1) // 3, grid, length)
        return cls(grid // 2 - 1, grid if dealias == "none" else 3 * grid // 2, length)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of a spectrum."""
        return self.top + 1, self.points

    def integers(self) -> tuple[np.ndarray, np.ndarray]:
        """Waves per side (kx as a column, ky as a row)."""
        ky = np.fft.fftfreq(self.points, 1 / self.points).round().astype(np.int64)
        return np.arange(self.top + 1)[:, None], ky[None, :]

    def wavenumbers(self) -> tuple[np.ndarray, np.ndarray]:
        """Wavenumbers in radians per unit length (kx as a column, ky as a row)."""
        kx, ky = self.integers()
        return kx * (2 * np.pi / self.length), ky * (2 * np.pi / self.length)

    def squared(self) -> np.ndarray:
        """|k|² of every mode."""
        kx, ky = self.integers()
        return (kx**2 + ky**2) * (2 * np.pi / self.length) ** 2

    def kept(self) -> np.ndarray:
        """1 where a mode is carried, 0 where the layout holds a row with |ky| > top."""
        kx, ky = self.integers()
        return ((kx <= self.top) & (abs(ky) <= self.top)).astype(np.float64)

    def weights(self) -> np.ndarray:
        """How often each stored mode counts in a sum over all modes: twice, once where kx = 0."""
        return np.where(self.integers()[0] == 0, 1.0, 2.0) * self.kept()

    def shells(self) -> np.ndarray:
        """|k| of every mode in waves per side, rounded to the nearest whole number."""
        kx, ky = self.integers()
        return np.sqrt(kx**2 + ky**2).round().astype(np.int64)


def analyse(field: Tensor, modes: Modes) -> Tensor:
    """Spectrum of a square field (y, x) of any size; modes it does not resolve are zero."""
    side = field.shape[-1]
    keep = min(modes.top, (side - 1) // 2)
    raw = torch.fft.rfft2(field, norm="forward")[:, : keep + 1].T
    spectrum = raw.new_zeros(modes.shape)
    spectrum[: keep + 1, : keep + 1] = raw[:, : keep + 1]
    spectrum[: keep + 1, modes.points - keep :] = raw[:, side - keep :]
    return spectrum


def synthesise(spectrum: Tensor, modes: Modes, side: int) -> Tensor:
    """Field on `side` × `side` points (y, x); modes that they do not resolve are dropped."""
    keep = min(modes.top, (side - 1) // 2)
    raw = spectrum.new_zeros((side, side // 2 + 1))
    raw[: keep + 1, : keep + 1] = spectrum[: keep + 1, : keep + 1].T
    raw[side - keep :, : keep + 1] = spectrum[: keep + 1, modes.points - keep :].T
    return torch.fft.irfft2(raw, s=(side, side), norm="forward")


def resample(field: Tensor, side: int) -> Tensor:
    """The field on `side` × `side` points, by keeping the modes that both grids resolve."""
    modes = Modes.of(max(side, field.shape[-1]) + 1, "none", 1.0)
    return synthesise(analyse(field, modes), modes, side)


def power(spectrum: Tensor, modes: Modes) -> np.ndarray:
    """Share of every stored mode in the mean square, on the CPU: ⟨ω²⟩ is the sum (Parseval)."""
    squares = torch.view_as_real(spectrum).square().sum(-1)
    return squares.double().cpu().numpy() * modes.weights()
