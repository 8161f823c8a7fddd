"""Training by Adam: one loop for every method that learns from batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context, State
from engines.problem import Status


@dataclass(frozen=True)
class Adam:
    """How many steps, and how large: from `lr` along a cosine to `end`, or always `lr` (None).

    A gradient longer than `clip` is shortened to it.
    """

    steps: int
    lr: float
    end: float | None = 0.0
    clip: float = math.inf

    def rate(self, k: int) -> float:
        """Step size of step k."""
        if self.end is None:
            return self.lr
        return self.end + 0.5 * (self.lr - self.end) * (1 + math.cos(math.pi * k / self.steps))


class Moments:
    """Adam's update of parameters, to the last bit that of torch.optim.

    The latter loads a compiler before its first step, which takes seconds.
    """

    decay = (0.9, 0.999)
    floor = 1e-8

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self._parameters, self.done = list(parameters), 0
        self._first = [torch.zeros_like(p) for p in self._parameters]
        self._second = [torch.zeros_like(p) for p in self._parameters]

    def forget(self) -> None:
        """Drop the gradients, which would add up."""
        for p in self._parameters:
            p.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Follow the gradients against their running mean, in units of their running size."""
        self.done += 1
        shares = [1 - beta**self.done for beta in self.decay]
        for p, first, second in zip(self._parameters, self._first, self._second, strict=True):
            if p.grad is None:
                continue
            first.lerp_(p.grad, 1 - self.decay[0])
            second.mul_(self.decay[1]).addcmul_(p.grad, p.grad, value=1 - self.decay[1])
            size = (second.sqrt() / math.sqrt(shares[1])).add_(self.floor)
            p.addcdiv_(first, size, value=-rate / shares[0])

    def kept(self) -> dict[str, Any]:
        """The parameters and all that is known of their gradients."""
        held = {"parameter": self._parameters, "first": self._first, "second": self._second}
        named = {f"{name} {i}": v for name, values in held.items() for i, v in enumerate(values)}
        return {"done": self.done, **named}

    @torch.no_grad()
    def go_on(self, kept: State) -> None:
        """Take the parameters back there."""
        for name, value in self.kept().items():
            if isinstance(value, Tensor):
                value.copy_(torch.from_numpy(kept[name]))
        self.done = int(kept["done"])


@dataclass(frozen=True)
class Check:
    """What is read at some steps and at the end, and which of it is lowest at the best.

    `also` gives what else a checkpoint holds after so many checks.
    """

    read: Callable[[], dict[str, float]]
    at: Container[int]
    score: str = ""
    also: Callable[[int], dict[str, Any]] = lambda count: {}


@dataclass
class Course:
    """What happened: values and time of every step and every check, and how training ended.

    `best` is the number of the check with the lowest score so far, -1 before there is one.
    """

    status: Status = Status.completed
    rows: list[dict[str, float]] = field(default_factory=list)
    looks: list[dict[str, float]] = field(default_factory=list)
    best: int = -1
    _least: float = math.inf
    _kept: list[Tensor] = field(default_factory=list)

    def of_steps(self, name: str) -> np.ndarray:
        """One value of every step, NaN where it was not told; one NaN where no step was done."""
        return _column(self.rows, name)

    def of_checks(self, name: str) -> np.ndarray:
        """One value of every check; one NaN where there was none."""
        return _column(self.looks, name)

    def restore_best(self, parameters: Sequence[Tensor]) -> None:
        """Go back to where the score was lowest; nothing happens where no score was read."""
        with torch.no_grad():
            for now, best in zip(parameters, self._kept):
                now.copy_(best)

    def look(self, check: Check, parameters: Sequence[Tensor], ctx: Context) -> None:
        """Read a check, and keep a copy of the best parameters so far."""
        found = check.read()
        ctx.log(**found)
        self.looks.append({"step": len(self.rows), "seconds": ctx.seconds, **found})
        if check.score and found[check.score] < self._least:
            self._least = found[check.score]
            self.best = len(self.looks) - 1
            self._kept = [p.detach().clone() for p in parameters]

    def looked(self, step: int) -> bool:
        """Whether the check of a step was read."""
        return bool(self.looks) and self.looks[-1]["step"] == step

    def kept(self, moments: Moments, count: int) -> dict[str, Any]:
        """Steps and checks that are over."""
        held = {"rows": self.rows[: moments.done], "looks": self.looks[:count]}
        found: dict[str, Any] = {}
        for name, rows in held.items():
            columns = list(dict.fromkeys(key for row in rows for key in row))
            found[f"{name} columns"] = np.array(columns, str)
            values = [[row.get(key, math.nan) for key in columns] for row in rows]
            found[name] = np.array(values).reshape(len(rows), len(columns))
        return found

    def go_on(self, kept: State, parameters: Sequence[Tensor]) -> None:
        """Begin with these steps and checks."""
        for name in ("rows", "looks"):
            columns = kept[f"{name} columns"].tolist()
            told = [dict(zip(columns, row, strict=True)) for row in kept[name].tolist()]
            setattr(self, name, told)
        for look in self.looks:
            look["step"] = int(look["step"])  # a number of numpy's is no integer any more
        self.best, self._least = int(kept["best"]), float(kept["least"])
        best = (kept.get(f"best {i}") for i in range(len(parameters)))
        self._kept = [torch.from_numpy(b).to(p) for b, p in zip(best, parameters) if b is not None]

    def mark(self) -> tuple[int, dict[str, Any]]:
        """How many checks there were, and the best of them."""
        best = {f"best {i}": p for i, p in enumerate(self._kept)}
        return len(self.looks), {"best": self.best, "least": self._least, **best}


def resumed_in(phase: str, ctx: Context) -> State | None:
    """The checkpoint that a run goes on from, where training was in this phase then."""
    return ctx.kept if ctx.kept and str(ctx.kept["phase"]) == phase else None


def train(
    parameters: Sequence[Tensor],
    values: Callable[[], dict[str, Tensor]],
    plan: Adam,
    ctx: Context,
    *,
    phase: str = "training",
    check: Check | None = None,
    picture: Callable[[], None] = lambda: None,
) -> Course:
    """Minimise `values()["loss"]`; the other values are only told.

    A gradient that is no number ends the training before it is followed, so the parameters are
    always those of the last good step. Ends early on a stop, also on one met inside `values`.
    Can be resumed, if all that `values` and the check draw comes from `ctx.rng`.
    """
    course, moments = Course(), Moments(parameters)
    if kept := resumed_in(phase, ctx):
        moments.go_on(kept)
        course.go_on(kept, parameters)
        ctx.rng.set_state(torch.from_numpy(kept["generator"]))

    def keep() -> None:
        now = ctx.rng.get_state(), *course.mark()
        ctx.keep(partial(_state, phase, course, moments, check, *now))

    with suppress(Cancelled), ctx.phase(phase):
        for k in ctx.steps(plan.steps, moments.done):
            if check and k in check.at and not course.looked(k):
                course.look(check, parameters, ctx)
                keep()
            now = values()
            moments.forget()
            now["loss"].backward()  # type: ignore[no-untyped-call]
            row = {name: float(value.detach()) for name, value in now.items()}
            row["gradient"] = _norm(parameters)
            ctx.log(**row)
            course.rows.append({**row, "seconds": ctx.seconds})
            if not math.isfinite(row["gradient"]):
                course.status = Status.diverged
                break
            _shorten(parameters, row["gradient"], plan.clip)
            moments.step(plan.rate(k))
            picture()
            keep()
        if check and not course.looked(len(course.rows)):
            course.look(check, parameters, ctx)
        if moments.done == plan.steps:
            keep()
    if ctx.stopped:
        course.status = Status.stopped
    return course


def _state(
    phase: str,
    course: Course,
    moments: Moments,
    check: Check | None,
    generator: Tensor,
    count: int,
    best: dict[str, Any],
) -> dict[str, Any]:
    """Where training stands; what a step changes before it is over was taken at its beginning."""
    also = check.also(count) if check else {}
    kept = course.kept(moments, count)
    return {"phase": phase, "generator": generator, **moments.kept(), **kept, **best, **also}


def _norm(parameters: Sequence[Tensor]) -> float:
    squares = [p.grad.square().sum() for p in parameters if p.grad is not None]
    return float(torch.stack(squares).sum().sqrt())


def _shorten(parameters: Sequence[Tensor], length: float, clip: float) -> None:
    for p in parameters if length > clip else ():
        if p.grad is not None:
            p.grad.mul_(clip / length)


def _column(rows: list[dict[str, float]], name: str) -> np.ndarray:
    return np.array([row.get(name, math.nan) for row in rows] or [math.nan])
