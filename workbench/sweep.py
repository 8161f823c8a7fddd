"""Many runs of one method, over ranges of its parameters and several seeds. No torch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import uuid4

import numpy as np

from engines.problem import Better
from workbench.fields import Field, parse
from workbench.jobs import Job
from workbench.words import number_text

MOST = 2000  # runs in one sweep; more is a mistake in a range sooner than a wish
TRIALS = 40  # places of a search, where nobody says how many
DENSE = 1_000_000  # places of a range; they meet every whole number that a sweep may take
RANGE = "{0} is '{1}'; it must be values `0.1, 0.5` or a range `0.1:1:5`; write it so"


class BadSweep(ValueError):
    """A sweep that cannot be made, in one sentence."""


@dataclass(frozen=True)
class Plan:
    """What varies: parameter (`name` or `option.name`) to its values as a person types them.

    `0.1, 0.5` lists values, `0.1:1:5` is a range of five, spaced as the parameter is edited. A grid
    takes all combinations; "random" and "sobol" take `points` places between the ends instead.
    Each place is run with `seeds` seeds, counted up from that of the job. "search" takes at most
    `points` places, each where `metric` may be `better` by what the places before it found.
    """

    values: Mapping[str, str]
    kind: Literal["grid", "random", "sobol", "search"] = "grid"
    points: int = 16
    seeds: int = 1
    metric: str = ""
    better: Better = ""


def jobs(job: Job, known: Sequence[Field], plan: Plan) -> list[Job]:
    """The jobs of a sweep around a job, with one tag in common; raises BadSweep."""
    by_name = {name: swept(known, job.parameters, name) for name in plan.values}
    places = list(_places(by_name, plan))
    check_count(len(places) * plan.seeds)
    one = tagged(job, "sweep")
    return [made for place in places for made in jobs_at(place, one, known, by_name, plan.seeds)]


def tagged(job: Job, kind: str) -> Job:
    """The job with the tag that all runs of a sweep or search around it have in common."""
    return replace(job, tags=(*job.tags, f"{kind}-{uuid4().hex[:6]}"))


def jobs_at(
    place: Mapping[str, Any],
    job: Job,
    known: Sequence[Field],
    by_name: Mapping[str, Field],
    seeds: int,
) -> list[Job]:
    """The jobs of one place, one for each seed; raises BadSweep."""
    parameters = dict(job.parameters)
    for name, value in place.items():
        if fault := by_name[name].fault(value):
            raise BadSweep(f"{fault}; change its values")
        _put(parameters, known, name, value)
    found = []
    for seed in range(job.seed, job.seed + seeds):
        varied = [f"{by_name[n].symbol or n} = {shown(v)}" for n, v in place.items()]
        varied += [f"seed {seed}"] * (seeds > 1)
        title = ", ".join(filter(None, (job.title, *varied)))
        found.append(replace(job, parameters=parameters, seed=seed, title=title, id=uuid4().hex))
    return found


def with_seed(job: Job, seed: int) -> Job:
    """The same under another seed, which its title names in place of the one before."""
    title = job.title.removesuffix(f"seed {job.seed}").rstrip(", ")
    title = ", ".join(filter(None, (title, f"seed {seed}")))
    return replace(job, seed=seed, title=title, id=uuid4().hex)


def swept(known: Sequence[Field], parameters: Mapping[str, Any], name: str) -> Field:
    """The field that `name` or `option.name` means, under the options chosen now."""
    for field in sweepable(known, parameters):
        if field.name == name:
            return field
    names = ", ".join(f.name for f in sweepable(known, parameters))
    raise BadSweep(f"there is no parameter '{name}' to vary; it must be one of {names}; take one")


def sweepable(known: Sequence[Field], parameters: Mapping[str, Any]) -> tuple[Field, ...]:
    """Every field that can vary, those of the chosen options as `option.name`."""
    found: list[Field] = []
    for field in known:
        if field.kind != "option":
            found.append(field)
            continue
        chosen = parameters.get(field.name, field.default)
        option = next((o for o in field.options if o.kind == chosen.get("kind")), None)
        for part in option.fields if option else ():
            if part.kind != "option":
                found.append(replace(part, name=f"{field.name}.{part.name}"))
    return tuple(found)


def value_of(parameters: Mapping[str, Any], known: Sequence[Field], name: str) -> Any:
    """The value of `name` or `option.name` in a run's parameters."""
    outer, _, inner = name.partition(".")
    field = next(f for f in known if f.name == outer)
    value = parameters.get(outer, field.default)
    return value.get(inner) if inner else value


def shown(value: Any) -> str:
    """A value as a table or a title shows it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return number_text(value)


def _put(parameters: dict[str, Any], known: Sequence[Field], name: str, value: Any) -> None:
    outer, _, inner = name.partition(".")
    if inner:
        held = parameters.get(outer, next(f for f in known if f.name == outer).default)
        value = {**held, inner: value}
    parameters[outer] = value


def _places(by_name: Mapping[str, Field], plan: Plan) -> list[dict[str, Any]]:
    if plan.kind == "grid" or not plan.values:
        sizes = (_size(by_name[name], text) for name, text in plan.values.items())
        check_count(math.prod(sizes) * plan.seeds)
        lists = [listed(by_name[name], text) for name, text in plan.values.items()]
        return [dict(zip(plan.values, row, strict=True)) for row in itertools.product(*lists)]
    if plan.points < 1:
        raise BadSweep(f"the sweep has {plan.points} places; it must have at least 1; raise them")
    check_count(plan.points * plan.seeds)
    unit = _unit(plan.kind, len(plan.values), plan.points)
    columns = [
        _between(by_name[name], text, unit[:, i])
        for i, (name, text) in enumerate(plan.values.items())
    ]
    return [dict(zip(plan.values, row, strict=True)) for row in zip(*columns, strict=True)]


def check_count(runs: int) -> None:
    """Refuse more runs than anybody means."""
    if not 1 <= runs <= MOST:
        way = "fewer values, places or seeds" if runs > MOST else "at least one seed"
        raise BadSweep(f"the sweep has {runs} runs; it must have 1 to {MOST}; take {way}")


def _unit(kind: str, dimension: int, count: int) -> np.ndarray:
    """Points of the unit cube (count, dimension), the same ones every time."""
    if kind == "random":
        return np.random.default_rng(0).random((count, dimension))
    from scipy.stats import qmc

    whole = 1 << max(0, count - 1).bit_length()  # Sobol points are balanced in powers of two
    return qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(0)).random(whole)[:count]


def _size(field: Field, text: str) -> int:
    """How many values are meant; too many are counted and not made."""
    if is_range(field, text):
        low, high, count = ends(field, text)
        count = count if field.kind == "float" else int(min(count, abs(high - low) + 1))
        if count > MOST:
            return count
    return len(listed(field, text))


def is_range(field: Field, text: str) -> bool:
    """Whether the text of a parameter is a range, not a list."""
    return ":" in text and field.kind in ("int", "float")


def listed(field: Field, text: str) -> tuple[Any, ...]:
    """The values of a list, or those that a range is cut into; each once."""
    if is_range(field, text):
        given = ends(field, text)
        places = np.linspace(0, 1, min(given[2], DENSE))
        return tuple(dict.fromkeys(_spread(field, given, places)))
    words = [word for word in text.split(",") if word.strip()]
    if not words:
        raise BadSweep(RANGE.format(field.name, text))
    return tuple(dict.fromkeys(parse(field, word) for word in words))


def _between(field: Field, text: str, unit: np.ndarray) -> list[Any]:
    """Places between the ends of a range, or among the values of a list."""
    if is_range(field, text):
        return _spread(field, ends(field, text), unit)
    values = listed(field, text)
    return [values[min(int(u * len(values)), len(values) - 1)] for u in unit]


def ends(field: Field, text: str) -> tuple[float, float, int]:
    """The ends of a range and how many values it is cut into."""
    parts = text.split(":")
    try:
        low, high = float(parts[0]), float(parts[1])
        count = int(parts[2]) if len(parts) > 2 else 5
    except (ValueError, IndexError):
        raise BadSweep(RANGE.format(field.name, text)) from None
    if len(parts) > 3 or not (math.isfinite(low) and math.isfinite(high)) or count < 1:
        raise BadSweep(RANGE.format(field.name, text))
    return low, high, count


def _spread(field: Field, given: tuple[float, float, int], unit: np.ndarray) -> list[Any]:
    """Values at parts 0…1 of a range: in equal ratios where the parameter is edited so."""
    low, high, _ = given
    if field.log and low > 0 and high > 0:
        values = low * (high / low) ** unit
    else:
        values = low + (high - low) * unit
    if field.kind == "int":
        return [round(v) for v in values.tolist()]
    return [rounded(v, low, high) for v in values.tolist()]


def rounded(value: float, low: float, high: float) -> float:
    """A value of a range; round numbers between its ends read better and serve as well."""
    low, high = sorted((low, high))
    return value if value in (low, high) else min(high, max(low, float(f"{value:.4g}")))
