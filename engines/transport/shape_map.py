"""What is found out about a map between two surfaces, while it is sought and at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from engines.problem import Result, Status, array, metric, scalar
from engines.training import Course as Training
from engines.transport.feature_network import TERMS
from engines.transport.geodesic import CLOSE, Judge
from engines.transport.laplacian import Spectrum
from engines.transport.soft_map import SoftMap


@dataclass(frozen=True, kw_only=True)
class ShapeMap(Result):
    """A map between two surfaces, of vertices and of functions, and how good it is.

    Where a run was stopped early, what it did not reach is missing.
    """

    eigenvalues_source: np.ndarray | None = array(
        "eigenfunction", "of the Laplacian of the source, at area 1", "1/area", optional=True
    )
    eigenvalues_target: np.ndarray | None = array(
        "eigenfunction", "of the Laplacian of the target, at area 1", "1/area", optional=True
    )
    descriptors_source: np.ndarray | None = array(
        "source_vertex energy", "descriptors of the source vertices", optional=True
    )
    descriptors_target: np.ndarray | None = array(
        "target_vertex energy", "descriptors of the target vertices", optional=True
    )
    T: np.ndarray | None = array(
        "target_vertex", "source vertex that each target vertex belongs to", optional=True
    )
    C: np.ndarray | None = array(
        "target_function source_function",
        "coefficients of a function on the source to those on the target",
        optional=True,
    )
    plan_cols: np.ndarray | None = array(
        "target_vertex rank", "likeliest source vertices, of the soft map", optional=True
    )
    plan_values: np.ndarray | None = array(
        "target_vertex rank", "share of each of these", optional=True
    )
    probes: np.ndarray | None = array(
        "probe", "target vertices whose error was measured", optional=True
    )
    errors: np.ndarray | None = array(
        "stage probe", "way to the true place after each stage", "√area", optional=True
    )
    sizes: np.ndarray | None = array("step", "functions in the map, as it grew", optional=True)
    changed: np.ndarray | None = array(
        "step", "share of the target vertices that were sent elsewhere than before", optional=True
    )
    step_errors: np.ndarray | None = array(
        "step", "mean error after this step", "√area", optional=True
    )
    losses: np.ndarray | None = array(
        "training_step term",
        "bijective, orthogonal, aligned and sliced term of the loss, without their weights",
        optional=True,
    )
    checks: np.ndarray | None = array(
        "check", "training steps after which the error was read", optional=True
    )
    check_errors: np.ndarray | None = array(
        "check", "mean error of the features' nearest neighbours", "√area", optional=True
    )
    mean_error: float = metric("mean way to the true place on the source", "√area", better="lower")
    median_error: float = metric("median way to the true place", "√area", better="lower")
    close: float = metric(
        f"share of the vertices whose error is at most {CLOSE:g}", better="higher"
    )
    coverage: float = metric(
        "share of the source vertices that some target vertex is sent to", better="higher"
    )
    orthogonality: float = metric("|CᵀC - I|/√k, 0 where areas are kept", better="lower")
    dirichlet: float = metric("energy ½∫|∇x|² of the map, 1 where lengths are kept")
    marginal_error: float = metric("L1 error of the areas of the soft map", "area", better="lower")
    functions: int = scalar(0, "functions in the map")


@dataclass
class Course:
    """What is known so far."""

    judge: Judge | None = None
    spectra: list[Spectrum] = field(default_factory=list)
    descriptors: list[np.ndarray] = field(default_factory=list)
    t: np.ndarray | None = None
    c: np.ndarray | None = None
    soft: SoftMap | None = None
    status: Status = Status.completed
    note: str = ""
    stages: list[np.ndarray] = field(default_factory=list)
    growth: list[tuple[int, float, float]] = field(default_factory=list)
    training: Training | None = None

    def error(self, t: Tensor) -> float:
        """Mean error of a vertex map, NaN where the truth is not known."""
        return float(self.judge.errors(t.cpu().numpy()).mean()) if self.judge else math.nan

    def stage(self, t: Tensor) -> None:
        """A vertex map at the end of a stage."""
        self.t = t.cpu().numpy()
        if self.judge is not None:
            self.stages.append(self.judge.errors(self.t))

    def grow(self, c: Tensor, t: Tensor) -> dict[str, float]:
        """One more step of the map; gives what there is to say of it."""
        new = t.cpu().numpy()
        changed = math.nan if self.t is None else float((new != self.t).mean())
        self.t, self.c = new, c.cpu().numpy()
        self.growth.append((len(c), changed, self.error(t)))
        said = {"functions": float(len(c)), "changed": changed}
        return said | ({"mean_error": self.growth[-1][2]} if self.judge else {})

    def result(self, status: Status) -> ShapeMap:
        """All of it."""
        found: dict[str, Any] = {}
        for side, surface in zip(("source", "target"), self.spectra):
            found[f"eigenvalues_{side}"] = surface.values
        for side, values in zip(("source", "target"), self.descriptors):
            found[f"descriptors_{side}"] = values
        if self.growth:
            found["sizes"], found["changed"], errors = np.array(self.growth).T
            found["step_errors"] = errors if self.judge else None
        if self.training is not None and self.training.rows:
            found["losses"] = np.stack([self.training.of_steps(term) for term in TERMS], axis=1)
        if self.training is not None and self.judge is not None:
            found["checks"] = self.training.of_checks("step")
            found["check_errors"] = self.training.of_checks("mean_error")
        if self.judge is not None and self.stages:
            found["probes"], found["errors"] = self.judge.probes, np.stack(self.stages)
        if self.soft is not None:
            found["plan_cols"] = self.soft.cols.cpu().numpy()
            found["plan_values"] = self.soft.shares.cpu().numpy()
            found["marginal_error"] = self.soft.scaling.history[-1].error
        return ShapeMap(
            T=self.t, C=self.c, status=status, note=self.note, **found, **self._metrics()
        )

    def _metrics(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.c is not None:
            k = self.c.shape[1]
            found["functions"] = k
            found["orthogonality"] = np.linalg.norm(self.c.T @ self.c - np.eye(k)) / k**0.5
        if self.t is not None:
            source, target = self.spectra
            moved = source.places[self.t]
            found["coverage"] = len(np.unique(self.t)) / len(source.places)
            found["dirichlet"] = float((moved * (target.stiffness @ moved)).sum()) / 2
            if self.judge is not None:
                errors = self.judge.errors(self.t)
                found["mean_error"] = float(errors.mean())
                found["median_error"] = float(np.median(errors))
                found["close"] = float((errors <= CLOSE).mean())
        return found
