"""Described arrays: what goes into a method and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Literal

import numpy as np

FLOATS = ("float32", "float64")

Better = Literal["lower", "higher", ""]


class BadProblem(ValueError):
    """Data that a method cannot use: `<what> is <value>; it must be <limit>; <what to do>`."""


class Status(Enum):
    """How the mathematics ended, and what to do about it."""

    completed = "ran to its end"
    converged = "reached the tolerance"
    limit_reached = "stopped at max_iter before the tolerance; raise max_iter or loosen tol"
    diverged = "the values grew without bound; the last good state was kept; take smaller steps"
    stopped = "stopped on request; the result is that of the last finished step"


@dataclass(frozen=True)
class ArraySpec:
    """Axes, meaning and unit of one array. An axis whose name ends in `?` may be absent."""

    dims: tuple[str, ...]
    help: str
    unit: str = ""
    optional: bool = False

    def dims_for(self, ndim: int) -> tuple[str, ...] | None:
        """Axis names of an array with `ndim` axes, or None where it does not fit."""
        required = tuple(d for d in self.dims if not d.endswith("?"))
        if ndim == len(required):
            return required
        if ndim == len(self.dims):
            return tuple(d.rstrip("?") for d in self.dims)
        return None


@dataclass(frozen=True)
class ScalarSpec:
    """Meaning and unit of one number or word, and which way a metric is better, if any."""

    help: str
    unit: str = ""
    better: Better = ""


def array(dims: str, help: str, unit: str = "", *, optional: bool = False) -> Any:
    """Declare an array by the names of its axes: `array("source target", "mass moved")`.

    A one-dimensional array named like an axis holds that axis' coordinates.
    """
    spec = ArraySpec(tuple(dims.split()), help, unit, optional)
    if optional:
        return field(default=None, metadata={"array": spec})
    return field(metadata={"array": spec})


def scalar(default: Any, help: str, unit: str = "") -> Any:
    """Declare a number or word that belongs to a problem."""
    return field(default=default, metadata={"scalar": ScalarSpec(help, unit)})


def metric(help: str, unit: str = "", better: Better = "") -> Any:
    """Declare a headline number of a result; NaN means that it does not apply.

    `better` says which of two runs on the same data did better by it; a number that the data or
    the settings decide, or that describes without judging, has no such direction.
    """
    return field(default=float("nan"), metadata={"scalar": ScalarSpec(help, unit, better)})


def array_specs(described: type | object) -> dict[str, ArraySpec]:
    """Array declarations of a Problem or Result class or instance, by field name."""
    return {f.name: f.metadata["array"] for f in fields(described) if "array" in f.metadata}  # type: ignore[arg-type]


def scalar_specs(described: type | object) -> dict[str, ScalarSpec]:
    """Scalar declarations of a Problem or Result class or instance, by field name."""
    return {f.name: f.metadata["scalar"] for f in fields(described) if "scalar" in f.metadata}  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Described:
    """Frozen named arrays with axes and units; refuses what its declarations do not allow."""

    def __post_init__(self) -> None:
        """Take each array as a read-only view, then compare it with its declaration."""
        lengths: dict[str, tuple[int, str]] = {}
        for name, spec in array_specs(self).items():
            value = getattr(self, name)
            if value is None and spec.optional:
                continue
            taken = self._take(name, value, spec)
            object.__setattr__(self, name, taken)
            dims = spec.dims_for(taken.ndim)
            assert dims is not None
            for dim, length in zip(dims, taken.shape, strict=True):
                known, owner = lengths.setdefault(dim, (length, name))
                if known != length:
                    raise BadProblem(
                        f"{name} has {length} along its axis '{dim}', but {owner} has {known}; "
                        "they must agree; load matching arrays"
                    )
        self.check()

    def check(self) -> None:
        """Refuse what only this kind of data forbids. Nothing by default."""

    def arrays(self) -> Iterator[tuple[str, np.ndarray, tuple[str, ...], ArraySpec]]:
        """Name, values, axis names and declaration of every array that is present."""
        for name, spec in array_specs(self).items():
            value = getattr(self, name)
            if value is not None:
                dims = spec.dims_for(value.ndim)
                assert dims is not None
                yield name, value, dims, spec

    def scalars(self) -> Iterator[tuple[str, Any, ScalarSpec]]:
        """Name, value and declaration of every number or word."""
        for name, spec in scalar_specs(self).items():
            yield name, getattr(self, name), spec

    def _take(self, name: str, value: Any, spec: ArraySpec) -> np.ndarray:
        if hasattr(value, "detach"):  # a torch tensor, without importing torch here
            value = value.detach().cpu().numpy()
        taken = np.asarray(value)
        if taken.dtype.kind not in "biuf":
            raise BadProblem(
                f"{name} holds values of type {taken.dtype}; they must be real numbers; "
                "choose a numeric array or column"
            )
        if spec.dims_for(taken.ndim) is None:
            wanted = " × ".join(spec.dims)
            raise BadProblem(
                f"{name} has {taken.ndim} axes (shape {shape_text(taken.shape)}); "
                f"it must be {wanted}; choose a slice or another array"
            )
        if taken.size == 0:
            raise BadProblem(
                f"{name} is empty (shape {shape_text(taken.shape)}); it must hold at least one "
                "value; load another array"
            )
        view = taken.view()
        view.flags.writeable = False
        return view


@dataclass(frozen=True, kw_only=True)
class Problem(Described):
    """What a method works on. Every value is finite and of floating point type."""

    def _take(self, name: str, value: Any, spec: ArraySpec) -> np.ndarray:
        taken = super()._take(name, value, spec)
        if taken.dtype.name not in FLOATS:
            taken = taken.astype(np.float64)
        finite = np.isfinite(taken)
        if not finite.all():
            bad = int(taken.size - np.count_nonzero(finite))
            place = np.unravel_index(int(np.argmin(finite)), taken.shape)
            where = ", ".join(f"{d} {i}" for d, i in zip(spec.dims, place, strict=False))
            raise BadProblem(
                f"{name} has {bad} NaN or infinite value{'s' * (bad > 1)}, the first at {where}; "
                "every value must be finite; impute or remove them"
            )
        taken.flags.writeable = False
        return taken


@dataclass(frozen=True, kw_only=True)
class Result(Described):
    """What a method found. Figures are drawn from the problem and this alone."""

    status: Status
    note: str = ""


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people write it: `3 × 4`."""
    return " × ".join(str(n) for n in shape) or "a single number"
