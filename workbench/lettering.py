"""Words beside a panel on paper: those that are longer than their side go on in another line."""

from __future__ import annotations

import textwrap

LETTER = 0.52  # of the size of the type: the mean width of its letters
LINE = 3.0  # millimetres that one more line of the smallest type takes
POINT = 25.4 / 72
FEWEST = 8  # letters in a line


def wrapped(text: str, room: float, points: float) -> str:
    """Text in lines that fit `room` millimetres, as far as its words allow; all about as long."""
    letters = max(FEWEST, int(room / (LETTER * points * POINT)))
    lines = _lines(text, letters)
    while letters > FEWEST and len(shorter := _lines(text, letters - 1)) == len(lines):
        letters, lines = letters - 1, shorter
    return "\n".join(lines)


def further_lines(text: str, room: float, points: float) -> int:
    """How many lines there are after the first."""
    return wrapped(text, room, points).count("\n")


def _lines(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters, break_long_words=False, break_on_hyphens=False)
