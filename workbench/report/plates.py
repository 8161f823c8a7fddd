"""Figures on the pages of a PDF: as large as fits, small ones in pairs, each with its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engines.figure import Figure, frame
from workbench.layout import Layout, layouts
from workbench.page import add, compose, natural_height, places
from workbench.report.content import WIDTHS, Chapter, page_width
from workbench.report.pen import DPI, FAINT, Pen

HIGHEST = 112.0  # millimetres of a figure, so that two with their captions fill a page
GUTTER = 6.0  # between two figures side by side
HALF = (WIDTHS[0] - GUTTER) / 2
UNLIKE = 1.6  # figures whose heights differ by more do not stand side by side
NARROWEST = 110.0  # of a figure of several panels, whose letters would meet below it
ABOVE, BETWEEN = 5.0, 2.0  # room above a figure, and between it and its caption
LETTERS = 9.0


@dataclass(frozen=True)
class Plate:
    """A figure as it is on paper, without its title, which stands in the caption."""

    number: int
    title: str
    figure: Figure

    @cached_property
    def plan(self) -> tuple[Layout, ...]:
        """Where everything of it stands."""
        return layouts(self.figure)

    @property
    def head(self) -> str:
        """The words in bold."""
        return f"Figure {self.number}. {self.title}."

    @property
    def small(self) -> bool:
        """Whether half the width is enough for it."""
        return len(self.figure.panels) == 1 and not self.figure.panels[0].in_space

    def height(self, width: float) -> float:
        """Millimetres of the drawing."""
        return natural_height(self.figure, self.plan, width)

    def widths(self) -> list[float]:
        """From the largest it may have to the smallest."""
        largest = page_width(self.figure, HIGHEST)
        least = 0.0 if len(self.figure.panels) == 1 else NARROWEST
        return [w for w in WIDTHS if least <= w <= largest] or [largest]


def draw_plates(pen: Pen, chapter: Chapter) -> None:
    """All figures of a run, one below the other or in pairs, in their order."""
    for row in _rows(chapter):
        widths = [HALF] if len(row) > 1 else row[0].widths()
        heights = {width: _height(pen, row, width) for width in widths}
        fits = (width for width in widths if heights[width] <= pen.left)
        width = next(fits, widths[0])
        pen.room(heights[width])
        _draw(pen, row, width)


def _rows(chapter: Chapter) -> Iterator[tuple[Plate, ...]]:
    waiting: Plate | None = None
    for number, figure in chapter.plates():
        bare = replace(frame(figure, figure.frames() - 1), title="")
        plate = Plate(number, figure.title, bare)
        if waiting and plate.small and _alike(waiting.height(HALF), plate.height(HALF)):
            yield waiting, plate
            waiting = None
            continue
        if waiting:
            yield (waiting,)
        waiting = plate if plate.small else None
        if not waiting:
            yield (plate,)
    if waiting:
        yield (waiting,)


def _alike(one: float, other: float) -> bool:
    return max(one, other) <= UNLIKE * min(one, other)


def _height(pen: Pen, row: Sequence[Plate], width: float) -> float:
    """Millimetres of a row with its captions."""
    beside = width if len(row) > 1 else WIDTHS[0]
    captions = [
        pen.height(plate.head, LETTERS, beside, weight="bold")
        + pen.height(plate.figure.caption, LETTERS, beside)
        for plate in row
    ]
    return ABOVE + max(plate.height(width) for plate in row) + BETWEEN + max(captions)


def _draw(pen: Pen, row: Sequence[Plate], width: float) -> None:
    top = pen.y + ABOVE
    below = top + max(plate.height(width) for plate in row) + BETWEEN
    end = below
    for place, plate in enumerate(row):
        pair = len(row) > 1
        left = place * (HALF + GUTTER) if pair else (WIDTHS[0] - width) / 2
        size = (width, plate.height(width))
        # Low figures stand on the same line as high ones, above their captions.
        _panels(pen, plate, size, left, below - BETWEEN - size[1])
        pen.y = below
        at, right = (left, left + HALF) if pair else (0.0, WIDTHS[0])
        pen.text(plate.head, LETTERS, at=at, width=right, weight="bold")
        pen.text(plate.figure.caption, LETTERS, at=at, width=right, colour=FAINT)
        end = max(end, pen.y)
    pen.y = end


def _panels(pen: Pen, plate: Plate, size: tuple[float, float], at: float, top: float) -> None:
    """The drawing; its layout on a page of its own says where its panels stand on this one."""
    page, (left, bottom, wide, high) = pen.box(at, top, size)
    alone = places(compose(plate.figure, plate.plan, "pdf", size, DPI))
    stand = tuple((left + x * wide, bottom + y * high, w * wide, h * high) for x, y, w, h in alone)
    add(page, plate.figure, plate.plan, "pdf", size[0], DPI, stand)
