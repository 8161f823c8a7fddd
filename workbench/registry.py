"""Finds the methods: one per file in `engines/<family>/methods/`. Importing registers nothing."""

from __future__ import annotations

import importlib
import pkgutil
import types
import typing
from difflib import get_close_matches
from functools import cache

import engines
from engines.method import Method
from engines.problem import Problem, Result, array_specs

FAMILIES = {
    "lowrank": "Low-rank compression",
    "transport": "Optimal transport",
    "pde": "PDE solver",
    "diffusion": "Diffusion sampler",
}
# The method that introduces its family: on the start page and in the demo.
SHOWCASE = {
    "lowrank": "lowrank.randomized_svd",
    "transport": "transport.sinkhorn",
    "pde": "pde.navier_stokes_2d",
    "diffusion": "diffusion.edm_sampler",
}


class UnknownMethod(ValueError):
    """There is no method of that name."""


@cache
def methods() -> dict[str, type[Method]]:
    """Every method by its id `<family>.<file name>`, families in the order of `FAMILIES`."""
    found: dict[str, type[Method]] = {}
    for family in FAMILIES:
        package = importlib.import_module(f"{engines.__name__}.{family}.methods")
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            found[f"{family}.{module}"] = _only_method(f"{package.__name__}.{module}")
    return found


def method(name: str) -> type[Method]:
    """The method of that id; says which names are near where there is none."""
    known = methods()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.4) or list(known)
    raise UnknownMethod(f"no method is called '{name}'; try {', '.join(near)}")


def method_id(cls: type[Method]) -> str:
    """The id of a method class, read from where it lives."""
    _, family, _, name = cls.__module__.split(".")
    return f"{family}.{name}"


def problems(cls: type[Method]) -> tuple[type[Problem], ...]:
    """Kinds of data a method accepts: the annotation of `problem` in its `run`."""
    kind = _hints(cls)["problem"]
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return typing.get_args(kind)
    return (kind,)


def result_kind(cls: type[Method]) -> type[Result]:
    """What a run of a method returns."""
    kind: type[Result] = _hints(cls)["return"]
    return kind


def companions(kind: type[Problem]) -> dict[str, str]:
    """Arrays that the file of another one holds too: `source_faces` of that of `source`."""
    names = array_specs(kind)
    found = {name: name.removesuffix("_faces") for name in names if name.endswith("_faces")}
    return {name: other for name, other in found.items() if other in names}


def _hints(cls: type[Method]) -> dict[str, typing.Any]:
    return typing.get_type_hints(cls.run, vars(importlib.import_module(cls.__module__)))


def _only_method(module_name: str) -> type[Method]:
    module = importlib.import_module(module_name)
    here = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Method) and value.__module__ == module_name
    ]
    if len(here) != 1:
        raise ImportError(f"{module_name} defines {len(here)} methods; a file holds exactly one")
    return here[0]
