"""What may not be readable on a page: small letters, thin lines, tiny dots, colours alike.

Colours are looked at as people see them who lack one kind of cone, with the matrices of Viénot,
Brettel and Mollon (1999) for red and green and of Machado, Oliveira and Fernandes (2009) for blue;
their distance is that of CIE 1976 in L*a*b*.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from typing import Literal, NamedTuple

import numpy as np

from engines.figure import Cloud3D, Figure, Line, Mark, Panel, Points, Surface
from workbench.layout import layouts
from workbench.page import SMALLEST, dot_scale, exponent_size, type_size
from workbench.palette import LIGHT, look

LEGIBLE = 9.0  # pixels, of letters as high as their size
THINNEST = 0.56  # points of a reference line on a page of a journal
TINY = 0.5  # points across a dot
MOST_PAIRS = 2  # of colours alike that are named
ALIKE = 11.0  # a distance at which two colours can just be told apart in a legend

# Of linear light: what is seen without the cones for long, middle and short waves.
BLINDNESS = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)

Kind = Literal["text", "pixels", "lines", "dots", "colours"]


class Doubt(NamedTuple):
    """What may not be readable: points or pixels, or the names of two marks."""

    kind: Kind
    size: float = 0.0
    names: tuple[str, str] = ("", "")


def doubts(figure: Figure, width_mm: float, dpi: int | None) -> tuple[Doubt, ...]:
    """All that may not be readable on a page so wide; `dpi` only where it becomes pixels."""
    found = []
    letters = min(type_size(width_mm), exponent_size(width_mm))
    if letters < SMALLEST:
        found.append(Doubt("text", letters))
    if dpi is not None and (size := type_size(width_mm) * dpi / 72) < LEGIBLE:
        found.append(Doubt("pixels", size))
    thin = THINNEST * type_size(width_mm) / type_size(0.0)
    if dpi is not None and thin * dpi / 72 < 1.0:
        found.append(Doubt("lines", thin * dpi / 72))
    dots = [_size(mark) for panel in figure.panels for mark in panel.marks if _size(mark)]
    if dots and (size := min(dots) * dot_scale(figure, width_mm)) < TINY:
        found.append(Doubt("dots", size))
    found += [Doubt("colours", 0.0, pair) for pair in islice(alike(figure), MOST_PAIRS)]
    return tuple(found)


def alike(figure: Figure) -> Iterator[tuple[str, str]]:
    """Names of marks in one panel that some readers cannot tell apart."""
    for panel, plan in zip(figure.panels, layouts(figure), strict=True):
        shown = dict(_shown(panel, plan.slots))
        for (one, a), (other, b) in combinations(shown.items(), 2):
            if a[1] == b[1] and one and other and distance(a[0], b[0]) < ALIKE:
                yield one, other


def distance(one: str, other: str) -> float:
    """Between two colours `#rrggbb`, for the reader to whom they are most alike."""
    both = np.array([list(bytes.fromhex(colour[1:])) for colour in (one, other)]) / 255
    linear = np.where(both <= 0.04045, both / 12.92, ((both + 0.055) / 1.055) ** 2.4)
    seen = [linear, *((linear @ np.array(m).T).clip(0, 1) for m in BLINDNESS.values())]
    return min(float(np.linalg.norm(np.subtract(*_lab(pair)))) for pair in seen)


def _lab(linear: np.ndarray) -> np.ndarray:
    matrix = np.array(XYZ)
    white = matrix.sum(axis=1)
    share = linear @ matrix.T / white
    bent = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    x, y, z = bent.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def _shown(panel: Panel, slots: tuple) -> Iterator[tuple[str, tuple[str, tuple[float, ...]]]]:
    """Name, colour and dashes of each mark that has a colour of its own."""
    for mark, slot in zip(panel.marks, slots, strict=True):
        own = getattr(mark, "values", None) is None and getattr(mark, "rgb", None) is None
        name = str(getattr(mark, "name", ""))
        if isinstance(mark, Line | Points | Surface | Cloud3D) and own:
            colour, dashes = look(LIGHT, *slot)
            yield name, (colour, dashes if isinstance(mark, Line) else ())


def _size(mark: Mark) -> float:
    return mark.size if isinstance(mark, Points | Cloud3D) else 0.0
