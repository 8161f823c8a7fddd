"""The data of a run: files become the arrays of the problem that a method takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engines.method import Method
from engines.problem import BadProblem, Problem, array_specs
from workbench import data
from workbench.jobs import Job, Refused
from workbench.registry import companions, problems


def load(
    cls: type[Method], job: Job, check: Callable[[], None] | None
) -> tuple[Problem, tuple[str, ...]]:
    """The problem that the inputs of a job make, and what was changed for it."""
    kind = kind_for(cls, job.method, tuple(job.inputs))
    values: dict[str, np.ndarray] = {}
    warnings: list[str] = []
    for name, reference in job.inputs.items():
        try:
            loaded = data.load(reference, check=check)
        except data.BadData as error:
            raise Refused(str(error), name) from error
        values[name], changed = _fit(name, loaded, array_specs(kind)[name].dims)
        warnings.extend(f"{name}: {note}" for note in loaded.notes)
        warnings.extend(changed)
    try:
        return kind(**values), tuple(warnings)
    except BadProblem as error:
        at_fault = str(error).split(" ", 1)[0]
        raise Refused(str(error), at_fault if at_fault in values else "") from error


def completed(
    cls: type[Method], inputs: Mapping[str, str], check: Callable[[], None] | None
) -> dict[str, str]:
    """The inputs with what lies beside them in their files: triangles beside vertices.

    Where the method takes several kinds of data, that which finds most is meant.
    """
    best = dict(inputs)
    for kind in problems(cls):
        given = dict(inputs)
        for name, other in companions(kind).items():
            if name in given or other not in given or not set(inputs) <= set(array_specs(kind)):
                continue
            try:
                faces = data.faces_of(given[other], check=check)
            except data.BadData as error:
                raise Refused(str(error), other) from error
            if faces:
                given[name] = faces
        best = given if len(given) > len(best) else best
    return best


def kind_for(cls: type[Method], name: str, given: tuple[str, ...]) -> type[Problem]:
    """The kind of data whose fields are those that were given."""
    alone: Refused | None = None
    for kind in problems(cls):
        specs = array_specs(kind)
        needed = {n for n, s in specs.items() if not s.optional}
        if needed <= set(given) <= set(specs):
            return kind
        missing, beside = needed - set(given), companions(kind)
        if set(given) <= set(specs) and missing <= set(beside):
            other = beside[min(missing)]
            alone = alone or Refused(
                f"{other} comes without faces; it must be a mesh of triangles; load a PLY, OBJ, "
                f"OFF or STL file that holds some, or name {min(missing)}",
                other,
            )
    if alone:
        raise alone
    ways = "; or ".join(
        ", ".join(f"[{n}]" if s.optional else n for n, s in array_specs(kind).items())
        for kind in problems(cls)
    )
    raise Refused(f"the inputs are {', '.join(given)}; {name} needs {ways}; name these", "inputs")


def _fit(name: str, loaded: Any, dims: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Turn what people naturally bring into what the field holds, and say so."""
    values, needed = loaded.values, len([d for d in dims if not d.endswith("?")])
    changed: list[str] = []
    channels = values.shape[-1] if loaded.dims[-1:] == ("channel",) else 0
    if 0 < channels < 3 and values.ndim == len(dims) + 1:
        values = values[..., 0]
        changed.append(f"of {name} the first of {channels} channels was taken")
    elif channels and values.ndim == len(dims) + 1:
        # Rec. 709 luma: the brightness a person sees.
        values = values[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
        changed.append(f"{name} was converted from colour to grey")
    if loaded.top_down and dims == ("y", "x"):
        values = values[::-1]  # rows of a picture run down, the y axis of a field runs up
    if values.ndim == 1 and needed == 2:
        values = values[:, None]
    return values, changed
