"""The colours of every picture, chosen by meaning, the same on the screen and on paper.

Series are the colours of Okabe and Ito (2008), told apart by colour-blind readers (some lighter on
a dark ground), in an order of falling contrast; where they run out the line pattern changes.
Maps are viridis (sequential) and ColorBrewer's RdBu (diverging), both uniform to the eye, and so
are magma and cividis, which a reader of the screen may choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engines.figure import Colours, Role

# Lengths of dash and gap in pen widths: solid, dashed, dotted, dash-dot.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 2.0), (1.0, 1.8), (6.0, 1.8, 1.0, 1.8))


@dataclass(frozen=True)
class Theme:
    """Colours of the ground, of words and axes, of faint guides, and of the data."""

    ground: str
    text: str
    guide: str
    series: tuple[str, ...]


LIGHT = Theme(
    "#ffffff",
    "#1a1a1a",
    "#8c8c8c",
    ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
)
DARK = Theme(
    "#1b1d20",
    "#e6e6e6",
    "#8a8f96",
    ("#56b4e9", "#e8702a", "#1fb88c", "#d48fb5", "#e69f00", "#f0e442"),
)

# Corner colours at equal distances; straight lines between them stay within 2 of 255 (viridis,
# magma) or 7 (cividis, whose published blue turns sharply).
_STOPS: dict[str, str] = {
    "sequential": (
        "440154 470d60 48186a 482374 472d7b 453681 424086 3f4989 3b528b 375a8d 33638d "
        "2f6a8e 2c728e 297a8e 26818e 23898e 21908c 1f988b 1f9f88 21a685 28ae80 31b57b "
        "3ebc74 4cc26c 5dc963 6ece58 82d34c 96d83f abdc32 c0df24 d5e21a eae51a fde725"
    ),
    "diverging": ("053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f"),
    "grey": "000000 ffffff",
    # The following have no meaning of their own: who looks may choose them.
    "magma": (
        "000004 030311 0a0822 130d33 1d1146 28115a 36106a 430f76 50127c 5d177f 691c81 "
        "762181 822681 8f2a81 9c2e7f a9327d b63779 c33b75 cf4170 db486a e65163 ee5c5e "
        "f5695c f9785d fb8761 fd9668 fea571 feb47b fec387 fed194 fde0a2 fceeb0 fcfdbf"
    ),
    "cividis": (
        "00224e 00285b 002e6a 043371 1a386f 273e6e 32436d 3b496c 434e6c 4b546c 52596d "
        "5a5f6e 61656f 686a71 6f7073 757676 7c7b78 848179 8b8778 938d78 9b9376 a39a75 "
        "aba072 b3a670 bbad6c c3b469 ccba64 d4c15f ddc958 e6d051 efd748 f8df3c fee838"
    ),
}


@cache
def table(colours: Colours | str) -> np.ndarray:
    """The colour map of a meaning or name as 256 rows of red, green and blue bytes."""
    stops = np.array([list(bytes.fromhex(stop)) for stop in _STOPS[colours].split()], float)
    places = np.linspace(0, 1, len(stops))
    wanted = np.linspace(0, 1, 256)
    columns = [np.interp(wanted, places, stops[:, channel]) for channel in range(3)]
    made = np.stack(columns, axis=1).round().astype(np.uint8)
    made.flags.writeable = False
    return made


def look(theme: Theme, role: Role, index: int) -> tuple[str, tuple[float, ...]]:
    """Colour and dashes of the `index`-th mark of its role.

    Data differ in colour first, references (in the colour of text) in their dashes.
    """
    if role == "guide":
        return theme.guide, DASHES[0]
    if role == "reference":
        return theme.text, DASHES[1 + index % (len(DASHES) - 1)]
    count = len(theme.series)
    return theme.series[index % count], DASHES[index // count % len(DASHES)]


def blend(colour: str, ground: str, weight: float) -> str:
    """The opaque colour that `colour` of opacity `weight` has on the ground."""
    over, under = (np.array(list(bytes.fromhex(c[1:])), float) for c in (colour, ground))
    mixed = (weight * over + (1 - weight) * under).round().astype(int)
    return "#" + "".join(f"{value:02x}" for value in mixed)
