"""What comparing groups of seeds found, in words, cells and CSV. No scipy."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable

from engines.problem import Better
from workbench.seeds import Contrast, Groups, Judged, worth

HEADS = (
    "metric", "unit", "seeds", "mean", "standard deviation", "compared with", "difference",
    "95 % from", "95 % to", "p", "p (Holm)", "test", "significant",
)  # fmt: skip
SMALLER, LARGER = "{0} is smaller by {1} ± {2}", "{0} is larger by {1} ± {2}"
UNSURE = "{0} cannot be told from the first: the difference is {1} ± {2}"
SMALLER_ALWAYS = "{0} is smaller by {1} for every seed"
LARGER_ALWAYS = "{0} is larger by {1} for every seed"
EQUAL = "{0} is equal for every seed"
FEW = "One seed says nothing about chance; repeat with further seeds"
FIRST = "The others are compared with this one"
EACH, APART = "{0} seeds each", "{0} and {1} seeds"
PAIRED, BETTER, WORSE = "paired by seed", "better", "worse"
WORDS = (
    SMALLER, LARGER, UNSURE, SMALLER_ALWAYS, LARGER_ALWAYS, EQUAL, FEW, FIRST, EACH, APART, PAIRED,
    BETTER, WORSE,
)  # fmt: skip


def spread_text(mean: float, spread: float, count: int) -> str:
    """`0.1234 ± 0.0056 (8)`: as many digits as the spread leaves."""
    if count == 0 or math.isnan(mean):
        return "–"
    if math.isnan(spread) or spread <= 1e-12 * abs(mean):
        tail = "" if math.isnan(spread) else " ± 0"
        return f"{mean:.6g}{tail} ({count})"
    ten = math.floor(math.log10(max(abs(mean), spread)))
    small = math.floor(math.log10(spread))
    if -4 <= ten < 6:
        places = max(0, min(12, 1 - small))
        return f"{mean:.{places}f} ± {spread:.{places}f} ({count})"
    places = max(0, min(12, 1 - small + ten))
    scale = 10.0**ten
    return f"({mean / scale:.{places}f} ± {spread / scale:.{places}f})e{ten} ({count})"


def mark(contrast: Contrast) -> str:
    """▲ or ▼ where a group has significantly more or less, else nothing."""
    return {1: "▲", -1: "▼", 0: ""}[contrast.sign]


def sentence(
    label: str, unit: str, better: Better, contrast: Contrast, tr: Callable[[str], str] = str
) -> str:
    """`B is smaller by 3.1 % ± 0.4 %, p = 0.002, 8 seeds each, better`."""
    if contrast.kind == "first":
        return tr(FIRST)
    if contrast.kind == "few":
        return tr(FEW)
    own, other = contrast.seeds
    seeds = tr(EACH).format(own) if own == other else tr(APART).format(own, other)
    away, half = _amounts(contrast, unit)
    more = contrast.away > 0
    if contrast.kind == "exact":
        if contrast.away == 0:
            return ", ".join([tr(EQUAL).format(label), seeds])
        parts = [tr(LARGER_ALWAYS if more else SMALLER_ALWAYS).format(label, away)]
        parts += [p_text(contrast.p)] if contrast.p > 0 else []
    else:
        words = (LARGER if more else SMALLER) if contrast.significant else UNSURE
        signed = away if contrast.significant else f"{'+' if more else '−'}{away}"
        parts = [tr(words).format(label, signed, half), p_text(contrast.p)]
    parts.append(seeds)
    parts += [tr(PAIRED)] if contrast.kind == "paired" else []
    good = worth(better, contrast.sign)
    parts += [tr(BETTER if good > 0 else WORSE)] if good else []
    return ", ".join(parts)


def p_text(p: float) -> str:
    """`p = 0.002`, `p < 0.0001`."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def csv_text(found: Groups, judged: Judged, first: int) -> str:
    """A line for each metric of each group; numbers have all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(dict.fromkeys(name for group in found.groups for name in group.place))
    writer.writerow((*names, *HEADS))
    against = found.groups[first].label or str(first + 1)
    for i, group in enumerate(found.groups):
        place = [group.place.get(name, "") for name in names]
        for metric, unit in found.units.items():
            c = judged[metric][i]
            tested = c.kind not in ("first", "few")
            numbers = (c.away, c.away - c.half, c.away + c.half, c.raw, c.p)
            writer.writerow(
                (
                    *place, metric, unit, c.seeds[0], _number(c.mean), _number(c.spread),
                    "" if c.kind == "first" else against,
                    *(("",) * 5 if c.kind == "first" else map(_number, numbers)),
                    c.kind if tested else "", str(c.significant).lower() if tested else "",
                )
            )  # fmt: skip
    return text.getvalue()


def _number(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def _amounts(contrast: Contrast, unit: str) -> tuple[str, str]:
    """Difference and half width, in per cent of the first mean where that says more."""
    away, half, first = abs(contrast.away), contrast.half, abs(contrast.first)
    if first > 0 and max(away, half) < 10 * first:
        away, half, unit = 100 * away / first, 100 * half / first, "%"
    end = f" {unit}".rstrip()
    return f"{_plain(away, 3)}{end}", f"{_plain(half, 2)}{end}"


def _plain(value: float, digits: int) -> str:
    """A number of so many digits, without an exponent up to thousands."""
    return f"{value:.0f}" if 10.0**digits <= value < 1e4 else f"{value:.{digits}g}"
