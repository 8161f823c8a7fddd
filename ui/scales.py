"""How a number is walked through: slider scales, steps of its buttons, a first value. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.fields import Field

TICKS = 1000  # slider positions: finer than a pixel of any slider we draw
SPAN = 1e3  # an open logarithmic scale reaches this factor beyond the default


@dataclass(frozen=True)
class Scale:
    """Slider positions and the values they stand for; an open end starts one tick inside."""

    low: float
    high: float
    log: bool
    first: int = 0
    last: int = TICKS

    def value(self, position: int) -> float:
        """The value at a position, with no more digits than one tick can tell apart."""
        if position <= 0 or position >= TICKS:
            return self.low if position <= 0 else self.high
        part = position / TICKS
        if self.log:
            ratio = math.log(self.high / self.low)
            exact = self.low * math.exp(part * ratio)
            tick = exact * ratio / TICKS
        else:
            exact = self.low + part * (self.high - self.low)
            tick = (self.high - self.low) / TICKS
        return min(max(round(exact, -math.floor(math.log10(tick))), self.low), self.high)

    def position(self, value: float) -> int:
        """The nearest position; values beyond the ends lie on them."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            part = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            part = (inside - self.low) / (self.high - self.low)
        return min(max(round(part * TICKS), self.first), self.last)


def scale(field: Field) -> Scale | None:
    """The scale of a field's slider: between its limits, or around its default if logarithmic."""
    low = field.gt if field.ge is None else field.ge
    high = field.lt if field.le is None else field.le
    if field.log:
        centre = field.default if isinstance(field.default, (int, float)) else 0.0
        low = low if low and low > 0 else centre / SPAN
        high = high if high is not None else max(centre, low) * SPAN
        if not low > 0:
            return None
    if low is None or high is None or not (math.isfinite(low + high) and low < high):
        return None
    first = int(low == field.gt)
    return Scale(low, high, field.log, first, TICKS - int(high == field.lt))


def stepped(field: Field, value: float, steps: int) -> float:
    """The value some steps on: 1-2-5 where logarithmic, else 1, or a tenth of the first digit."""
    for _ in range(abs(steps)):
        new = _next(field, value, steps > 0)
        new = max(new, field.ge) if field.ge is not None else new
        new = min(new, field.le) if field.le is not None else new
        new = int(new) if field.kind == "int" else float(f"{new:.12g}")
        if field.fault(new):
            break
        value = new
    return value


def _next(field: Field, value: float, up: bool) -> float:
    if field.log and value > 0:
        decade = 10.0 ** math.floor(math.log10(value))
        digit = value / decade
        # the margin keeps 0.2 / 0.1 = 2.0000000000000004 from counting as more than 2
        near = [d for d in (0.5, 1, 2, 5, 10) if (d > digit * 1.001 if up else d < digit * 0.999)]
        new = (near[0] if up else near[-1]) * decade
        if field.kind == "float" or abs(new - value) >= 1:
            return new if field.kind == "float" else round(new)
    if field.kind == "int":
        return value + (1 if up else -1)
    size = abs(value) or abs(field.default or 0.0) or 1.0
    step = 10.0 ** (math.floor(math.log10(size)) - 1)
    return value + (step if up else -step)


def first_value(field: Field) -> Any:
    """A value to begin with: the default, or one that fits where that is none."""
    if field.default is not None:
        return field.default
    if field.kind == "option":
        return {"kind": field.options[0].kind}
    if field.kind in ("bool", "choice"):
        return field.choices[0] if field.choices else True
    number = int if field.kind == "int" else float
    limits = [x for x in (field.ge, field.le, field.gt, field.lt) if x is not None]
    tried = [1, *limits, sum(limits) / 2, *(x + d for x in limits for d in (1, -1))]
    return next((number(x) for x in tried if not field.fault(number(x))), None)
