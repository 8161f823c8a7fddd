"""The workbench in a script.

from workbench.api import load, run

outcome = run("transport.sinkhorn", x=load("a.csv"), y=load("b.csv"), epsilon=0.05)
print(outcome.result.cost)
save_figures(outcome, "figures")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel

from engines.events import Event
from workbench import data, runs
from workbench.export import export
from workbench.fields import fields
from workbench.jobs import Job
from workbench.registry import UnknownMethod, method, methods
from workbench.runs import Outcome, Refused

__all__ = ["Outcome", "Refused", "RunFailed", "load", "methods", "run", "save_figures"]


class RunFailed(RuntimeError):
    """The method was started and did not come to a result."""


def load(reference: str) -> np.ndarray:
    """The array behind a reference: `file.csv`, `file.h5::group/name`, `sample:moons`."""
    try:
        return data.load(reference).values
    except data.BadData as error:
        raise Refused(str(error)) from error


def run(
    name: str,
    *,
    example: str = "",
    preset: str = "",
    seed: int = 0,
    device: str = "auto",
    precision: str = "float64",
    output: str | Path = "",
    overwrite: bool = False,
    threads: int = 0,
    title: str = "",
    listen: Callable[[Event], None] | None = None,
    **given: Any,
) -> Outcome:
    """Run a method on arrays given by name, or on one of its examples (the first by default).

    Text in place of an array is a reference as `load` takes it; other names are parameters.
    `output` is the record to write (none by default), which replaces a file only with `overwrite`;
    `threads` of the CPU (0: as many as torch takes) decide the last digits of sums; `listen`
    receives what the run says. Raises Refused (bad call or data) and RunFailed.
    """
    try:
        cls = method(name)
    except UnknownMethod as error:
        raise Refused(str(error)) from error
    known = {f.name for f in fields(cls)}
    parameters = {n: _plain(v) for n, v in given.items() if n in known}
    inputs = {n: v for n, v in given.items() if n not in known and isinstance(v, str)}
    arrays = {n: np.asarray(v) for n, v in given.items() if n not in known and n not in inputs}
    if example and (arrays or inputs):
        raise Refused("both data and an example are given; one of them must do; leave one out")
    if arrays:  # the references go with them
        arrays |= {n: load(reference) for n, reference in inputs.items()}
        inputs = {}
    job = Job(
        method=name,
        parameters={**runs.settings(cls, preset, example), **parameters},
        example=example,
        inputs=inputs,
        seed=seed,
        device=device,
        precision=precision,
        output=str(output),
        title=title,
    )
    prepared = runs.prepare(job, arrays=arrays)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads or before)
        outcome = runs.execute(prepared, listen, overwrite=overwrite)
    finally:
        torch.set_num_threads(before)
    if outcome.info.state == "failed":
        raise RunFailed(outcome.info.status)
    return outcome


def save_figures(
    outcome: Outcome,
    folder: str | Path,
    *,
    formats: Sequence[str] = ("pdf", "png"),
    width_mm: float = 120.0,
    dpi: int = 300,
) -> tuple[Path, ...]:
    """Write every figure of a run as `folder/<figure>.<format>`; gives the files."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in outcome.figures:
        provenance = {"figure": figure.name, "method": outcome.info.method}
        if outcome.record is not None:
            provenance["record"] = outcome.record.name
        for kind in formats:
            path = place / f"{figure.name}.{kind}"
            export(figure, path, width_mm=width_mm, dpi=dpi, provenance=provenance)
            written.append(path)
    return tuple(written)


def _plain(value: Any) -> Any:
    """A number of numpy, or an option as an object, as what is kept in a record."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    return value.item() if isinstance(value, np.generic) else value
