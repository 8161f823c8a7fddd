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
from engines.figure import Figure
from workbench import data, runs
from workbench.export import export
from workbench.fields import fields
from workbench.jobs import Job, Refused
from workbench.movie import export_movie
from workbench.registry import UnknownMethod, method, methods
from workbench.runs import Outcome

__all__ = [
    "Outcome",
    "Refused",
    "RunFailed",
    "load",
    "methods",
    "run",
    "save_comparison",
    "save_figure",
    "save_figures",
    "save_report",
]


class RunFailed(RuntimeError):
    """The method was started and did not come to a result."""


def load(reference: str) -> np.ndarray:
    """The array behind a reference: `file.csv`, `file.h5::group/name`, `sample:moons::every=2`."""
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
    resume: str | Path = "",
    listen: Callable[[Event], None] | None = None,
    **given: Any,
) -> Outcome:
    """Run a method on arrays given by name, or on one of its examples (the first by default).

    Text in place of an array is a reference as `load` takes it; other names are parameters.
    `output` is the record to write (none by default), which replaces a file only with `overwrite`;
    `resume` is that of the same call, stopped or interrupted, to go on from its last checkpoint;
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
        resume=str(resume),
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
    view: tuple[float, float] | None = None,
) -> tuple[Path, ...]:
    """Write every figure of a run as `folder/<figure>.<format>`; gives the files.

    `view` turns 3-D panels: azimuth and elevation in degrees.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in outcome.figures:
        provenance = {"figure": figure.name, "method": outcome.info.method}
        if outcome.record is not None:
            provenance["record"] = outcome.record.name
        for kind in formats:
            path = place / f"{figure.name}.{kind}"
            export(figure, path, width_mm=width_mm, dpi=dpi, view=view, provenance=provenance)
            written.append(path)
    return tuple(written)


def save_figure(outcome: Outcome, name: str, path: str | Path, **options: Any) -> Path:
    """Write one figure of a run; `options` are those of `export`, or of a movie with `every`."""
    figure = next((f for f in outcome.figures if f.name == name), None)
    if figure is None:
        names = ", ".join(f.name for f in outcome.figures)
        raise Refused(f"the figure is '{name}'; it must be one of {names}; name one of them")
    return _drawn(figure, path, options)


def save_comparison(
    outcomes: Sequence[Outcome], name: str, path: str | Path, **options: Any
) -> Path:
    """Write the figures of that name of several recorded runs in one, or, unnamed, their table."""
    from workbench.compare import csv_text, read_compared, read_comparison

    records = [str(record) for record in _records(outcomes)]
    if name:
        return _drawn(read_compared(records, name), path, options)
    Path(path).write_text(csv_text(read_comparison(records)), encoding="utf-8")
    return Path(path)


def save_report(outcomes: Sequence[Outcome], path: str | Path) -> Path:
    """Write a report on recorded runs; the ending of `path` says the format."""
    from workbench import catalogue
    from workbench.report import report

    names = {outcome.info.method for outcome in outcomes}
    report(
        _records(outcomes), Path(path), {name: catalogue.card(name, method(name)) for name in names}
    )
    return Path(path)


def _records(outcomes: Sequence[Outcome]) -> list[Path]:
    """Their files, which only runs with an `output` have."""
    found = [outcome.record for outcome in outcomes if outcome.record is not None]
    if len(found) < len(outcomes):
        raise Refused("a run has no record; it must have one; give each run an output=")
    return found


def _drawn(figure: Figure, path: str | Path, options: dict[str, Any]) -> Path:
    if "every" in options:
        export_movie(figure, Path(path), **options)
    else:
        export(figure, path, **options)
    return Path(path)


def _plain(value: Any) -> Any:
    """A number of numpy, or an option as an object, as what is kept in a record."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    return value.item() if isinstance(value, np.generic) else value
