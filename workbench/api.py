"""The workbench in a script.

from workbench.api import load, run

outcome = run("transport.sinkhorn", x=load("a.csv"), y=load("b.csv"), epsilon=0.05)
print(outcome.result.cost)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engines.events import Event
from workbench import data, runs
from workbench.fields import fields
from workbench.jobs import Job
from workbench.registry import method, methods
from workbench.runs import Outcome, Refused

__all__ = ["Outcome", "Refused", "RunFailed", "load", "methods", "run"]


class RunFailed(RuntimeError):
    """The method was started and did not come to a result."""


def load(reference: str) -> np.ndarray:
    """The array behind a reference: `file.csv`, `file.h5::group/name`, `sample:two_moons`."""
    return data.load(reference).values


def run(
    name: str,
    *,
    example: str = "",
    preset: str = "",
    seed: int = 0,
    device: str = "auto",
    precision: str = "float64",
    output: str | Path = "",
    title: str = "",
    listen: Callable[[Event], None] | None = None,
    **given: Any,
) -> Outcome:
    """Run a method on arrays given by name, or on one of its examples (the first by default).

    Other names are parameters. `output` is the record to write (none by default); `listen`
    receives what the run says. Raises Refused (bad call or data) and RunFailed.
    """
    known = {f.name for f in fields(method(name))}
    arrays = {
        n: np.asarray(v) for n, v in given.items() if n not in known and not isinstance(v, str)
    }
    job = Job(
        method=name,
        parameters={
            **runs.settings(method(name), preset, example),
            **{n: v for n, v in given.items() if n in known},
        },
        example=example,
        inputs={n: v for n, v in given.items() if n not in known and isinstance(v, str)},
        seed=seed,
        device=device,
        precision=precision,
        output=str(output),
        title=title,
    )
    outcome = runs.execute(runs.prepare(job, arrays=arrays), listen)
    if outcome.info.state == "failed":
        raise RunFailed(outcome.info.status)
    return outcome
