"""Steps that make the data of a run out of an array, as they stand last in a reference.

`PATH::PART::sample=500:seed=1,standardise`, `PATH::crop=10..60:..,every=2`, `sample:NAME::every=4`:
done in the order in which they are written.

    sample=N:seed=S   N of the rows, drawn by chance, left in their order; without seed it is 0
    every=K           rows 0, K, 2 K, …
    standardise       mean 0 and variance 1 (divided by n); `=mean`: mean 0 alone; `=range`: 0 to 1
    crop=A..B:C..D    from A up to B, without B, along the first axis, C..D along the second, …;
                      a bound that is left out is the end of the axis

Rows are what the first axis counts. Columns of a table or cloud are standardised one by one, a
picture and whatever has three axes or more as a whole; NaN and infinite values are left out and
stay. Two arrays of one problem are standardised each by itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from workbench.data.base import BadData, Budget, Raw, listed, quoted
from workbench.data.table_options import PART

SECTION = re.compile(r"(?:sample|every|crop|standardise)=.*|standardise(?:,.*)?", re.S)
ALIKE = re.compile(r"[a-z]+=[^/\\]*")
GRAMMAR = (
    "sample=N:seed=S, every=K, standardise, standardise=mean, standardise=range, crop=A..B:C..D"
)
SCALES = ("", "mean", "range")  # what `standardise=` may be; nothing for mean and variance
LARGEST = 10**9  # row in a step
SEEDS = 2**31
MOST_STEPS = 50

Window = tuple[slice, ...]


class Step(Protocol):
    """One change of an array."""

    def text(self) -> str:
        """As it stands in a reference."""

    def drops_rows(self) -> bool:
        """Whether rows may be missing afterwards."""

    def done(self, raw: Raw, budget: Budget) -> Raw:
        """The array afterwards."""


@dataclass(frozen=True)
class Draw:
    """`count` of the rows by chance."""

    count: int
    seed: int = 0

    def text(self) -> str:
        """As it stands in a reference."""
        return f"sample={self.count}:seed={self.seed}"

    def drops_rows(self) -> bool:
        """Whether rows may be missing afterwards."""
        return True

    def done(self, raw: Raw, budget: Budget) -> Raw:
        """The rows that were drawn, in their order."""
        rows = len(raw.values)
        if self.count > rows:
            raise BadData(
                f"sample is {self.count}; it must be at most {rows}, the number of rows; draw fewer"
            )
        budget.claim((rows,), 8)
        # This generator is frozen: a seed draws the same rows with every version of NumPy.
        drawn = np.random.RandomState(self.seed).permutation(rows)[: self.count]
        return replace(raw, values=raw.values[np.sort(drawn)])


@dataclass(frozen=True)
class Every:
    """One row of `pace`, from the first on."""

    pace: int

    def text(self) -> str:
        """As it stands in a reference."""
        return f"every={self.pace}"

    def drops_rows(self) -> bool:
        """Whether rows may be missing afterwards."""
        return self.pace > 1

    def done(self, raw: Raw, budget: Budget) -> Raw:
        """Rows 0, pace, 2 pace, …"""
        return replace(raw, values=raw.values[:: self.pace])


@dataclass(frozen=True)
class Standardise:
    """Columns, or a picture as a whole, shifted and scaled; `to` is one of SCALES."""

    to: str = ""

    def text(self) -> str:
        """As it stands in a reference."""
        return f"standardise={self.to}" if self.to else "standardise"

    def drops_rows(self) -> bool:
        """Whether rows may be missing afterwards."""
        return False

    def done(self, raw: Raw, budget: Budget) -> Raw:
        """The values as float64; those of a constant column become 0."""
        values = raw.values
        budget.claim(values.shape, 8)
        whole = values.ndim != 2 or {"y", "x"} <= set(raw.dims)
        found, constant = standardised(values.reshape(-1, 1) if whole else values, self.to)
        notes = raw.notes
        if constant and whole:
            notes += ("its values are all equal and became 0 when they were standardised",)
        elif constant:
            which = f"{'columns' if len(constant) > 1 else 'column'} {listed(constant)}"
            notes += (f"{which} is constant and became 0 when standardised",)
        unit = raw.unit if self.to == "mean" else ""
        return replace(raw, values=found.reshape(values.shape), unit=unit, notes=notes)


@dataclass(frozen=True)
class Crop:
    """A range of places along each of the first axes; a bound that is None is the axis' end."""

    ranges: tuple[tuple[int | None, int | None], ...]

    def text(self) -> str:
        """As it stands in a reference."""
        ends = (["" if end is None else str(end) for end in pair] for pair in self.ranges)
        return "crop=" + ":".join("..".join(pair) for pair in ends)

    def drops_rows(self) -> bool:
        """Whether rows may be missing afterwards."""
        return self.ranges[0] not in ((None, None), (0, None))

    def window(self, shape: Sequence[int], dims: Sequence[str] = ()) -> Window:
        """The slices of an array of this shape, one for each axis, none of them empty."""
        if len(self.ranges) > len(shape):
            raise BadData(
                f"crop has {len(self.ranges)} ranges; it must have at most {len(shape)}, one for "
                "each axis; leave some out"
            )
        found = []
        for axis, length in enumerate(shape):
            first, end = self.ranges[axis] if axis < len(self.ranges) else (None, None)
            start, stop = first or 0, length if end is None else end
            if not start < stop <= length:
                name = dims[axis] if axis < len(dims) else f"axis {axis}"
                raise BadData(
                    f"crop of {name} is {start}..{stop}; it must be a range within 0..{length} "
                    "that ends behind its start; choose other bounds"
                )
            found.append(slice(start, stop))
        return tuple(found)

    def done(self, raw: Raw, budget: Budget) -> Raw:
        """What lies within; one channel of a picture is a grey picture."""
        window = self.window(raw.values.shape, raw.dims)
        return unchannelled(replace(raw, values=raw.values[window]))


def window_of(shape: Sequence[int], crop: Crop | None, dims: Sequence[str] = ()) -> Window:
    """What of an array of this shape is read: all of it where nothing is cropped."""
    return crop.window(shape, dims) if crop else tuple(slice(0, length) for length in shape)


def sizes(window: Sequence[slice]) -> tuple[int, ...]:
    """The shape of what lies in a window."""
    return tuple(place.stop - place.start for place in window)


def unchannelled(raw: Raw) -> Raw:
    """One channel of a picture as a grey picture; two are neither grey nor colour."""
    channels = raw.values.shape[-1] if raw.dims[-1:] == ("channel",) else 0
    if channels == 2:
        raise BadData(
            "the number of channels is 2; it must be 1 or at least 3; crop to one or keep all"
        )
    if channels != 1:
        return raw
    return replace(raw, values=raw.values[..., 0], dims=raw.dims[:-1])


def standardised(table: np.ndarray, to: str) -> tuple[np.ndarray, list[str]]:
    """The columns of a table with mean 0 and variance 1, or as `to` says, and the constant ones."""
    x = table.astype(np.float64)
    finite = np.isfinite(x)
    size = np.max(np.abs(x), axis=0, where=finite, initial=0.0)
    power = np.frexp(size)[1]  # exact, and sums and squares of large numbers stay finite
    np.ldexp(x, -power, out=x)
    low = np.min(x, axis=0, where=finite, initial=np.inf)
    high = np.max(x, axis=0, where=finite, initial=-np.inf)
    constant = low == high
    count = np.maximum(np.count_nonzero(finite, axis=0), 1)
    with np.errstate(invalid="ignore", over="ignore"):
        if to == "range":
            x -= np.where(np.isfinite(low), low, 0.0)
            width = high - low
        else:
            x -= np.sum(x, axis=0, where=finite) / count
            width = np.sqrt(np.sum(x * x, axis=0, where=finite) / count)
        if to == "mean":
            np.ldexp(x, power, out=x)
        else:
            x /= np.where(width > 0, width, 1.0)
    x[finite & constant] = 0.0
    return x, [str(k) for k in np.flatnonzero(constant)]


def divided(reference: str) -> tuple[str, str]:
    """A reference without its steps, and these as text; a file may be named like steps."""
    base, mark, last = reference.rpartition("::")
    if not mark or not SECTION.fullmatch(last) or os.path.lexists(reference):
        return reference, ""
    return base, last


def joined(base: str, steps: Sequence[Step]) -> str:
    """The reference of an array after these steps."""
    return "::".join(filter(None, (base, ",".join(step.text() for step in steps))))


def asked(text: str) -> tuple[Step, ...]:
    """The steps that a text asks for."""
    words = text.split(",") if text else []
    if len(words) > MOST_STEPS:
        raise BadData(
            f"the number of steps is {len(words)}; it must be at most {MOST_STEPS}; save what the "
            "first of them give"
        )
    return tuple(map(_step, words))


def hint(reference: str) -> str:
    """What to say of a refused reference that seems to hold steps that are none, or not last."""
    for section in reference.split("::")[1:]:
        if (ALIKE.fullmatch(section) or SECTION.fullmatch(section)) and not PART.fullmatch(section):
            return f"; nor is {quoted(section)} a step: they are {GRAMMAR}, and stand last"
    return ""


def applied(raw: Raw, steps: Sequence[Step], budget: Budget) -> Raw:
    """An array after these steps, one after the other."""
    if steps and not raw.values.ndim:
        raise BadData("the array is a single number; it must have rows; leave the steps out")
    for step in steps:
        budget.tick()
        raw = step.done(raw, budget)
    return raw


def freed(raw: Raw, steps: Sequence[Step]) -> Raw:
    """Vertices as points where steps take some away: their triangles no longer know them."""
    if raw.dims[:1] == ("vertex",) and any(step.drops_rows() for step in steps):
        return replace(raw, dims=("point", *raw.dims[1:]))
    return raw


def refuse_dropped(steps: Sequence[Step]) -> None:
    """Refuse steps that take away vertices that triangles name by their number."""
    for step in steps:
        if step.drops_rows():
            raise BadData(
                f"the vertices are subsampled by {quoted(step.text())}, but triangles name them by "
                "number; all rows must be kept; take that step away or choose a method on points"
            )


def _step(word: str) -> Step:
    name, mark, value = word.partition("=")
    if name == "standardise" and (value in SCALES[1:] or not mark):
        return Standardise(value)
    if name == "sample" and mark:
        count, _, seed = value.partition(":")
        if seed and not seed.startswith("seed="):
            raise BadData(f"sample is {quoted(value)}; it must be like 500:seed=1; write it so")
        seed = seed.removeprefix("seed=") or "0"
        return Draw(_number("sample", count, 1), _number("seed", seed, 0, SEEDS - 1))
    if name == "every" and mark:
        return Every(_number("every", value, 1))
    if name == "crop" and mark:
        return Crop(tuple(_range(pair) for pair in value.split(":")))
    if name == "standardise":
        raise BadData(
            f"standardise is {quoted(value)}; it must be left out (mean 0, variance 1), mean or "
            "range; choose one"
        )
    raise BadData(f"the step is {quoted(word)}; it must be one of {GRAMMAR}; correct it")


def _range(pair: str) -> tuple[int | None, int | None]:
    first, mark, end = pair.partition("..")
    if not mark:
        raise BadData(f"crop is {quoted(pair)}; it must be a range A..B for each axis; give one")
    start = _number("crop", first, 0) if first else None
    return start, _number("crop", end, 0) if end else None


def _number(name: str, text: str, least: int, most: int = LARGEST) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise BadData(
            f"{name} is {quoted(text)}; it must be a whole number from {least} to {most}; give one"
        )
    return int(text)
