"""Where the noise levels lie between σ_max and σ_min.

Every schedule here spaces its levels evenly in some time t(σ) that grows with σ; the schedules
differ in that function alone. The grids are float64 on every device.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from engines.method import Option, param


class Schedule(Option, ABC):
    """Noise levels that are evenly spaced in a time t(σ)."""

    sigma_min: float = param(0.002, "σ_min", "smallest noise level", unit="data", gt=0, log=True)
    sigma_max: float = param(
        80.0, "σ_max", "largest noise level; well above the diameter of the data",
        unit="data", gt=0, le=1e6, log=True,
    )  # fmt: skip

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.sigma_min >= self.sigma_max:
            raise ValueError(
                f"sigma_min is {self.sigma_min:g}; it must be below sigma_max "
                f"({self.sigma_max:g}); lower sigma_min or raise sigma_max"
            )
        return self

    @abstractmethod
    def _time(self, sigma: float) -> float:
        """The time at which the noise level is σ."""

    @abstractmethod
    def _sigma(self, time: np.ndarray) -> np.ndarray:
        """The noise level at each time."""

    def levels(self, n: int) -> np.ndarray:
        """The n noise levels from σ_max down to σ_min, both exactly met."""
        inner = np.linspace(self._time(self.sigma_max), self._time(self.sigma_min), n)[1:-1]
        return np.concatenate([[self.sigma_max], self._sigma(inner), [self.sigma_min]])


class Karras(Schedule):
    """Even in σ^(1/ρ): more and more of the levels at low noise as ρ grows."""

    kind: Literal["karras"] = "karras"
    rho: float = param(7.0, "ρ", "exponent of the spacing; 1 is even in σ", ge=1, le=100)

    def _time(self, sigma: float) -> float:
        return sigma ** (1 / self.rho)

    def _sigma(self, time: np.ndarray) -> np.ndarray:
        return time**self.rho


class LogUniform(Schedule):
    """Even in log σ: each level is the same fraction of the one before."""

    kind: Literal["log_uniform"] = "log_uniform"

    def _time(self, sigma: float) -> float:
        return float(np.log(sigma))

    def _sigma(self, time: np.ndarray) -> np.ndarray:
        return np.exp(time)


class LinearVP(Schedule):
    """Even in the time of the variance-preserving process whose rate β(t) = β_min + β_d t."""

    kind: Literal["linear_vp"] = "linear_vp"
    beta_d: float = param(19.9, "β_d", "growth of the noise rate", gt=0, expert=True)
    beta_min: float = param(0.1, "β_min", "noise rate at time 0", gt=0, expert=True)

    def _time(self, sigma: float) -> float:
        # σ² = exp(B) − 1 with B = β_d t²/2 + β_min t, solved for t without cancellation.
        b = float(np.log1p(sigma**2))
        return 2 * b / (self.beta_min + float(np.sqrt(self.beta_min**2 + 2 * self.beta_d * b)))

    def _sigma(self, time: np.ndarray) -> np.ndarray:
        return np.sqrt(np.expm1(self.beta_d * time**2 / 2 + self.beta_min * time))


class Cosine(Schedule):
    """Even in the angle θ of the cosine schedule, σ = tan θ."""

    kind: Literal["cosine"] = "cosine"

    def _time(self, sigma: float) -> float:
        return float(np.arctan(sigma))

    def _sigma(self, time: np.ndarray) -> np.ndarray:
        return np.tan(time)


class FlowMatching(Schedule):
    """Even in the time of straight paths (1−t) x₀ + t ε, so that σ = t / (1−t)."""

    kind: Literal["flow_matching"] = "flow_matching"

    def _time(self, sigma: float) -> float:
        return sigma / (1 + sigma)

    def _sigma(self, time: np.ndarray) -> np.ndarray:
        return time / (1 - time)
