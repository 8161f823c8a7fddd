"""Search for the settings at which a metric is best: where to run next, by what was found so far.

Places are proposed by the tree-structured Parzen estimator of Optuna. The next place depends on the
plan, the seed of the job and the places tried before alone: nothing is kept between two calls, so
that equal runs make equal searches, in whichever process they are asked for.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.fields import Field
from workbench.jobs import Job
from workbench.sweep import (
    RANGE,
    BadSweep,
    Plan,
    check_count,
    ends,
    is_range,
    jobs_at,
    listed,
    rounded,
    swept,
)

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

MISSING = "Optuna is not installed; a search needs it; install it: {0}"
INSTALL = 'pip install "methods-workbench[sweep]"'
ASKS = 8  # of the estimator, before a new place is drawn by chance

# A place and the metric there, the mean over its seeds; None where every run failed.
Tried = tuple[Mapping[str, Any], float | None]


def missing() -> str:
    """Why no search is possible here; empty where one is."""
    return "" if importlib.util.find_spec("optuna") else MISSING.format(INSTALL)


def next_jobs(job: Job, known: Sequence[Field], plan: Plan, tried: Sequence[Tried]) -> list[Job]:
    """The jobs of the place to try next, one for each seed; none at the end. Raises BadSweep."""
    _check(plan)
    by_name = {name: swept(known, job.parameters, name) for name in plan.values}
    spaces = {name: _space(by_name[name], text) for name, text in plan.values.items()}
    if len(tried) >= min(plan.points, math.prod(map(_size, spaces.values()))):
        return []
    place = _proposed(spaces, plan, job.seed, tried)
    return jobs_at(place, job, known, by_name, plan.seeds)


def _check(plan: Plan) -> None:
    if why := missing():
        raise BadSweep(why)
    if not plan.values:
        raise BadSweep("the search has no parameter; it must vary at least one; give its range")
    if not plan.metric or not plan.better:
        raise BadSweep(
            f"the metric of the search is '{plan.metric}' and better is '{plan.better}'; both must "
            "be given; choose them"
        )
    check_count(plan.points * plan.seeds)


def _space(field: Field, text: str) -> BaseDistribution:
    """What a parameter may be: whole or any numbers of a range, or one of a list."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not is_range(field, text):
        values = listed(field, text)
        _refuse(field, values)
        return CategoricalDistribution(values)
    low, high = sorted(ends(field, text)[:2])
    if field.kind == "int":
        low, high = math.ceil(low), math.floor(high)
        if low > high:
            raise BadSweep(RANGE.format(field.name, text))
    _refuse(field, (low, high))
    log = field.log and low > 0
    if field.kind == "int":
        return IntDistribution(int(low), int(high), log=log)
    return FloatDistribution(low, high, log=log)


def _refuse(field: Field, values: Sequence[Any]) -> None:
    for value in values:
        if fault := field.fault(value):
            raise BadSweep(f"{fault}; change its values")


def _size(space: BaseDistribution) -> float:
    """How many values there are."""
    if hasattr(space, "choices"):
        return len(space.choices)
    low, high = space.low, space.high  # type: ignore[attr-defined]
    return high - low + 1 if isinstance(low, int) or low == high else math.inf


def _proposed(
    spaces: dict[str, BaseDistribution], plan: Plan, seed: int, tried: Sequence[Tried]
) -> dict[str, Any]:
    """A place that was not tried yet; there is one."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    draw = int(np.random.SeedSequence((seed, len(tried))).generate_state(1)[0])
    study = optuna.create_study(
        direction="minimize" if plan.better == "lower" else "maximize",
        sampler=optuna.samplers.TPESampler(seed=draw),
    )
    states = optuna.trial.TrialState
    for place, value in tried:
        found = value is not None and math.isfinite(value)
        study.add_trial(
            optuna.create_trial(
                state=states.COMPLETE if found else states.FAIL,
                value=value if found else None,
                params=dict(place),
                distributions=spaces,
            )
        )
    known = [dict(place) for place, _ in tried]
    chance = optuna.samplers.RandomSampler(seed=draw)
    asked = 0
    while True:
        params = study.ask(spaces).params
        place = {name: _round(spaces[name], params[name]) for name in spaces}
        if place not in known:
            return place
        asked += 1
        if asked == ASKS:
            study.sampler = chance


def _round(space: BaseDistribution, value: Any) -> Any:
    """A proposed value as it is run and told."""
    low, high = getattr(space, "low", None), getattr(space, "high", None)
    return rounded(value, low, high) if isinstance(low, float) and high is not None else value
