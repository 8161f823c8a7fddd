"""Runs that differ by their seed alone: means, spreads, and which groups of them differ.

Means of two groups are compared by Welch's t test, or by the paired t test where both have the
same seeds: one seed then draws the same numbers for both, and what it adds cancels. Ranks (Mann
and Whitney) are not used: with three seeds each their p is never below 0.1 and with four never
below 0.028, so that after a correction for many groups nothing could be found; and people ask by
how much a mean has changed. The p-values of one metric are corrected for the number of groups by
Holm's method. scipy is imported by `judge` alone, which the desk process calls.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from engines.problem import Better
from workbench.listing import value_text

LEVELS = (0.1, 0.05, 0.01, 0.001)
LEVEL = 0.05
WANTED = 5  # seeds, where a group has fewer than two
_ROUNDING = 1e-12  # of a value: what sums in another order differ by

Kind = Literal["paired", "welch", "exact", "few", "first"]


@dataclass(frozen=True)
class Group:
    """Runs of one place: the settings that tell it from others, seeds, runs, and what they found.

    `values` has one number for each seed, NaN where a run has none.
    """

    place: Mapping[str, Any]
    seeds: tuple[int, ...]
    runs: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]

    @property
    def label(self) -> str:
        """`epsilon = 0.1, rank = 5`."""
        return ", ".join(f"{name} = {value_text(value)}" for name, value in self.place.items())

    def sample(self, metric: str) -> dict[int, float]:
        """Finite values of a metric by their seed."""
        pairs = zip(self.seeds, self.values.get(metric, ()), strict=False)
        return {seed: value for seed, value in pairs if math.isfinite(value)}


@dataclass(frozen=True)
class Groups:
    """Groups in their order, and the units of their metrics in theirs."""

    groups: tuple[Group, ...]
    units: Mapping[str, str]

    def repeated(self) -> bool:
        """Whether any group has more than one seed."""
        return any(len(group.seeds) > 1 for group in self.groups)


@dataclass(frozen=True)
class Contrast:
    """What a metric of a group is more than in the first one; `low` to `high` holds 95 per cent.

    `p` is corrected for the number of groups, `raw` is not; both are NaN where nothing was tested.
    """

    kind: Kind
    seeds: tuple[int, int]  # of this group and of the first
    mean: float
    spread: float
    first: float  # mean of the first group
    away: float = math.nan
    half: float = math.nan  # of the interval
    raw: float = math.nan
    p: float = math.nan
    significant: bool = False

    @property
    def sign(self) -> int:
        """1 where the group has significantly more, -1 where it has less, else 0."""
        return int(np.sign(self.away)) if self.significant else 0


# Key of the group, its place, seed, name of the run, metrics.
Run = tuple[Any, Mapping[str, Any], int, str, Mapping[str, float]]
Judged = Mapping[str, tuple[Contrast, ...]]  # by metric, one for each group


def gathered(runs: Sequence[Run], units: Mapping[str, str]) -> Groups:
    """Groups of runs, each in the order of its seeds.

    A seed that occurs twice in a group counts once, with its newest run: the same numbers again
    are no further draw.
    """
    found: dict[Any, tuple[Mapping[str, Any], dict[int, tuple[str, Mapping[str, float]]]]] = {}
    for key, place, seed, name, metrics in runs:
        found.setdefault(key, (place, {}))[1][seed] = name, metrics
    groups = []
    for place, held in found.values():
        seeds = tuple(sorted(held))
        values = {n: tuple(float(held[s][1].get(n, math.nan)) for s in seeds) for n in units}
        groups.append(Group(place, seeds, tuple(held[s][0] for s in seeds), values))
    return Groups(tuple(groups), units)


def judge(found: Groups, first: int = 0, level: float = LEVEL) -> dict[str, tuple[Contrast, ...]]:
    """Every metric of every group against those of one group."""
    judged = {}
    for metric in found.units:
        samples = [group.sample(metric) for group in found.groups]
        contrasts = [_contrast(s, samples[first], i == first) for i, s in enumerate(samples)]
        corrected = holm([c.raw for c in contrasts])
        judged[metric] = tuple(
            replace(c, p=p, significant=p <= level) for c, p in zip(contrasts, corrected)
        )
    return judged


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number by Holm's method; NaN stays and is not counted."""
    tested = sorted((p, i) for i, p in enumerate(values) if not math.isnan(p))
    found, least = [math.nan] * len(values), 0.0
    for rank, (p, place) in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - rank) * p))
        found[place] = least
    return found


def worth(better: Better, sign: int) -> int:
    """1 where a change of that sign is for the better, -1 for the worse, 0 where it is neither."""
    return {"lower": -sign, "higher": sign, "": 0}[better]


def missing_seeds(found: Groups, count: int = WANTED) -> list[tuple[int, ...]]:
    """Seeds that each group still needs for as many; all groups get the same, to be paired."""
    known = sorted({seed for group in found.groups for seed in group.seeds})
    start = max(known, default=-1) + 1
    wanted = (known + list(range(start, start + count)))[:count]
    return [
        tuple(s for s in wanted if s not in group.seeds)[: max(0, count - len(group.seeds))]
        for group in found.groups
    ]


# --- one pair of samples -------------------------------------------------------------------------


def _contrast(own: dict[int, float], other: dict[int, float], itself: bool) -> Contrast:
    counts = len(own), len(other)
    mean, spread = moments(list(own.values()))
    first, _ = moments(list(other.values()))
    plain = Contrast("few", counts, mean, spread, first, away=mean - first)
    if itself:
        return replace(plain, kind="first", away=0.0)
    if min(counts) < 2:
        return plain
    paired = own.keys() == other.keys()
    if paired:
        away = [own[seed] - other[seed] for seed in own]
        error, freedom = statistics.stdev(away) / math.sqrt(len(away)), len(away) - 1.0
    else:
        error, freedom = _welch(list(own.values()), list(other.values()))
    if error <= _ROUNDING * max(map(abs, [*own.values(), *other.values()])):
        return _without_spread(plain, list(own.values()), list(other.values()), paired)
    from scipy.special import stdtr, stdtrit

    raw = float(2 * stdtr(freedom, -abs(plain.away) / error))
    half = float(stdtrit(freedom, 0.975) * error)
    return replace(plain, kind="paired" if paired else "welch", half=half, raw=raw)


def _welch(own: list[float], other: list[float]) -> tuple[float, float]:
    """Standard error of the difference of means, and degrees of freedom."""
    a, b = (statistics.variance(values) / len(values) for values in (own, other))
    if a + b == 0:
        return 0.0, 1.0
    return math.sqrt(a + b), (a + b) ** 2 / (a**2 / (len(own) - 1) + b**2 / (len(other) - 1))


def _without_spread(
    plain: Contrast, own: list[float], other: list[float], paired: bool
) -> Contrast:
    """Groups in which chance plays no part, or whole numbers that happen to be equal.

    Whole numbers are compared by how many permutations (of pairs: of signs) are as extreme.
    """
    scale = max(map(abs, [*own, *other]))
    if abs(plain.away) <= _ROUNDING * scale:
        return replace(plain, kind="exact", half=0.0, raw=1.0, away=0.0)
    raw = 0.0
    if all(value.is_integer() for value in [*own, *other]):
        n, m = len(own), len(other)
        raw = 2.0 ** (1 - n) if paired else 2 / math.comb(n + m, n)
    return replace(plain, kind="exact", half=0.0, raw=raw)


def moments(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation, NaN where there are too few values."""
    mean = statistics.fmean(values) if values else math.nan
    return mean, statistics.stdev(values) if len(values) > 1 else math.nan
