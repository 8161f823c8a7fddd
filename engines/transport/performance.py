"""How accuracy follows from shares and distance at one size, and how it goes on with the size.

At each size  accuracy ≈ Σ_k w_k φ_k(p, OT),  φ the columns of `terms`;  then a straight line in
the logarithm of the size through the two sizes that were tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.problem import Result, array, metric, scalar
from engines.transport.mixtures import Distance
from engines.transport.projection import project_simplex

Regressor = Literal["ot_only", "pq", "pq_full"]
REGRESSORS: tuple[Regressor, ...] = ("ot_only", "pq", "pq_full")

# Terms that follow from others up to rounding are none.
RANK = 1e-10

# A path ends where a step moves less than this share of the samples.
STILL = 1e-3


@dataclass(frozen=True, kw_only=True)
class Forecast(Result):
    """Accuracies that were measured, those that follow for other sizes, and the mixture to take."""

    sizes: np.ndarray = array("size", "numbers of samples that were tried")
    mixtures: np.ndarray = array("mixture source", "share of each source in each mixture tried")
    distance: np.ndarray = array(
        "size mixture", "median distance to the validation; NaN where it was not reached", "cost"
    )
    accuracy: np.ndarray = array(
        "size mixture", "median accuracy on the validation; NaN where it was not reached"
    )
    left_out: np.ndarray | None = array(
        "regressor size mixture",
        "prediction of each mixture from all others, by ot_only, pq and pq_full; NaN: not fitted",
        optional=True,
    )
    coefficients: np.ndarray | None = array(
        "size term", "constant and weights of the terms of the regressor taken", optional=True
    )
    projected: np.ndarray | None = array("mixture", "accuracy predicted at n_target", optional=True)
    slope: np.ndarray | None = array(
        "source",
        "change of the distance with the share of a source, the others shrinking, at the start",
        "cost",
        optional=True,
    )
    path: np.ndarray | None = array("step source", "shares on the way", optional=True)
    path_predicted: np.ndarray | None = array(
        "step", "accuracy predicted at n_target on the way", optional=True
    )
    path_distance: np.ndarray | None = array(
        "step", "distance on the way, one draw each", "cost", optional=True
    )
    choices: np.ndarray | None = array(
        "choice source",
        "shares: end of the way, least distance, best of the grid, all equal, without each source",
        optional=True,
    )
    choice_sizes: np.ndarray | None = array(
        "stage", "sizes for which the choices are judged", optional=True
    )
    choice_predicted: np.ndarray | None = array(
        "choice stage", "accuracy predicted for each choice", optional=True
    )
    choice_measured: np.ndarray | None = array(
        "choice", "accuracy measured at n_target", optional=True
    )
    correlation: float = metric("correlation of accuracy and distance at the larger size")
    error_ot_only: float = metric(
        "root mean squared error of left-out mixtures, distance alone", better="lower"
    )
    error_pq: float = metric(
        "the same with linear and quadratic terms of the shares", better="lower"
    )
    error_pq_full: float = metric("the same with all terms", better="lower")
    predicted_accuracy: float = metric("accuracy predicted at n_target for the mixture chosen")
    measured_accuracy: float = metric("accuracy measured there", better="higher")
    baseline_accuracy: float = metric("accuracy measured for the mixture of least distance")
    fits: int = scalar(0, "models that were trained")


def terms(regressor: Regressor, p: Tensor, distance: Tensor) -> Tensor:
    """The columns φ (mixture, term) without the constant; p is (mixture, source)."""
    d = distance[:, None]
    if regressor == "ot_only":
        return d
    free = p[:, :-1]  # the last share follows from the others
    if regressor == "pq":
        return torch.cat([d, free, free * d, free.square() * d], dim=1)
    square = p.square()
    return torch.cat([d, free, square, free * d, square * d], dim=1)


def coefficients(regressor: Regressor, sources: int) -> int:
    """Numbers that a regressor has to find, the constant among them."""
    some = torch.zeros(1, sources)
    return 1 + terms(regressor, some, some[:, 0]).shape[1]


@dataclass(frozen=True)
class Fit:
    """Ridge regression on terms of mean 0 and variance 1; the constant is not penalised."""

    regressor: Regressor
    mean: Tensor
    spread: Tensor
    weights: Tensor
    constant: float
    left_out: np.ndarray

    def predict(self, p: Tensor, distance: Tensor) -> Tensor:
        """Accuracy of mixtures (mixture, source) at these distances."""
        columns = (terms(self.regressor, p, distance) - self.mean) / self.spread
        return self.constant + columns @ self.weights

    def slopes(self, p: np.ndarray, distance: float) -> tuple[np.ndarray, float]:
        """∂/∂p with the distance held, and ∂/∂OT."""
        shares = torch.tensor(p[None], requires_grad=True)
        way = torch.tensor([distance], dtype=shares.dtype, requires_grad=True)
        value = self.predict(shares, way).sum()
        by_share, by_distance = torch.autograd.grad(value, (shares, way), allow_unused=True)
        still = np.zeros_like(p)
        return still if by_share is None else by_share[0].numpy(), float(by_distance)

    def plain(self) -> np.ndarray:
        """The constant and the weights of the terms as they are."""
        weights = self.weights / self.spread
        return np.append(self.constant - float(weights @ self.mean), weights.numpy())


def fit(
    regressor: Regressor, p: np.ndarray, distance: np.ndarray, accuracy: np.ndarray, ridge: float
) -> Fit:
    """Least squares with the penalty ridge·|w|²; also what each row gets when it is left out."""
    columns = terms(regressor, torch.from_numpy(p), torch.from_numpy(distance))
    mean, spread = columns.mean(0), columns.std(0, correction=0)
    spread = torch.where(spread > 0, spread, 1.0)
    x, y = ((columns - mean) / spread).numpy(), accuracy
    constant = float(y.mean())
    inverse = np.linalg.pinv(x.T @ x + ridge * np.eye(x.shape[1]), RANK, hermitian=True)
    weights = inverse @ x.T @ (y - constant)
    # A row that is left out errs by its residual over 1 - h, h its own share in its prediction.
    own = 1 / len(y) + ((x @ inverse) * x).sum(1)
    rest = y - constant - x @ weights
    left_out = y - rest / np.maximum(1 - own, 1e-12)
    return Fit(regressor, mean, spread, torch.from_numpy(weights), constant, left_out)


def extrapolation(n: float, n0: float, n1: float) -> tuple[float, float]:
    """Weights of the accuracies at n0 and n1 in that at n: a straight line in ln n."""
    unit = math.log(n1 / n0)
    return -math.log(n / n1) / unit, math.log(n / n0) / unit


@dataclass(frozen=True)
class Law:
    """Regressions at two sizes, and the straight line in ln n through them."""

    sizes: tuple[int, int]
    n: int
    fits: tuple[Fit, Fit]

    def stages(self, p: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Accuracy of mixtures (mixture, source) at both sizes and at n, (mixture, 3).

        `distance` (size, mixture) holds their distances at both sizes.
        """
        shares = torch.from_numpy(p)
        both = [
            f.predict(shares, torch.from_numpy(d)).numpy()
            for f, d in zip(self.fits, distance, strict=True)
        ]
        w0, w1 = extrapolation(self.n, *self.sizes)
        return np.stack([*both, w0 * both[0] + w1 * both[1]], axis=1)

    def gradient(self, p: np.ndarray, distances: Sequence[Distance]) -> np.ndarray:
        """∂/∂p of the accuracy at n: of the regressions, and of the distances through prices."""
        up = np.zeros_like(p)
        weights = extrapolation(self.n, *self.sizes)
        for weight, f, found in zip(weights, self.fits, distances, strict=True):
            by_share, by_distance = f.slopes(p, found.value)
            up += weight * (by_share + by_distance * found.prices)
        return up

    @property
    def left_out(self) -> np.ndarray:
        """Predictions of mixtures from all others, (size, mixture)."""
        return np.stack([f.left_out for f in self.fits])

    def error(self, accuracy: np.ndarray) -> float:
        """Root mean squared error of left-out mixtures at both sizes."""
        return float(np.sqrt(((self.left_out - accuracy) ** 2).mean()))


@dataclass(frozen=True)
class Station:
    """A mixture on the way, what is predicted for it, its distance, and which way is up."""

    p: np.ndarray
    predicted: float
    distance: float
    gradient: np.ndarray


Judge = Callable[[np.ndarray], Station]


def climb(
    start: np.ndarray,
    judge: Judge,
    rate: float,
    steps: int,
    decay: float,
    ctx: Context,
    look: Callable[[list[Station]], None],
) -> list[Station]:
    """Steps up the gradient, each projected on the simplex; the mixtures on the way.

    The gradient has mean 0, because shares have a fixed total, and no entry above 1.
    """
    way: list[Station] = []
    p = start
    for k in ctx.steps(steps):
        here = judge(p)
        way.append(here)
        up = here.gradient - here.gradient.mean()
        up /= max(1.0, float(np.abs(up).max()))
        ahead = torch.from_numpy((p + rate * decay**k * up)[None])
        new = project_simplex(ahead, torch.ones(1, dtype=ahead.dtype))[0].numpy()
        moved = float(np.abs(new - p).sum())
        p = new
        ctx.log(predicted_accuracy=here.predicted, distance=here.distance, moved=moved)
        look(way)
        if moved < STILL:
            break
    return way
