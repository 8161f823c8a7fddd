"""Where the ticks of an axis stand, and their numbers as they are read in print."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STEPS = (1.0, 2.0, 5.0, 10.0)  # `numbers` writes one digit for each


def ticks(low: float, high: float, most: float) -> list[float]:
    """Round values from low to high, as close as if there were `most` of them, but at least two."""
    low, high = min(low, high), max(low, high)
    if not high > low:
        return []
    rough = (high - low) / max(most, 2.0)
    while True:
        decade = 10.0 ** floor(log10(rough))
        step = next(s for s in _STEPS if s * decade >= rough * (1 - 1e-9)) * decade
        first, last = ceil(low / step - 1e-6), floor(high / step + 1e-6)
        if last > first:
            found: list[float] = (np.arange(first, last + 1) * step).tolist()
            return found
        rough /= 2


def numbers(values: list[float], spacing: float) -> list[str]:
    """Values a `spacing` apart, in the plain form while that is short, else as 2.5·10⁻⁶."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0 or spacing <= 0:
        return ["0" for _ in values]
    places = max(0, ceil(-log10(spacing) - 1e-9))
    exponent = floor(log10(largest) + 1e-9)
    if places <= 4 and (exponent < 5 or (exponent < 9 and spacing < largest / 1e4)):
        return [f"{value:.{places}f}".replace("-", "−") for value in values]
    digits = max(0, ceil(exponent - log10(spacing) - 1e-9))
    fronts = [f"{value / 10.0**exponent:.{digits}f}".replace("-", "−") for value in values]
    power = "10" + str(exponent).translate(RAISED)
    return [f"{front}·{power}" if v else "0" for front, v in zip(fronts, values, strict=True)]
