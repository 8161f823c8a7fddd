"""The pages of a PDF, written from top to bottom, and the breaking of lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.page import MM
from workbench.palette import LIGHT
from workbench.paper import plain
from workbench.report.content import WIDTHS

PAGE = (210.0, 297.0)
LEFT, TOP, BOTTOM = 18.0, 20.0, 24.0  # margins in millimetres
HEAD, FOOT = 13.0, 285.0  # millimetres from the top, of the lines above and below the text
WIDTH = WIDTHS[0]
FAINT, ACCENT, RULE = "#5c6672", "#0b5fa5", "#dce1e7"
POINT = MM / 72  # millimetres
LEADING = 1.4  # of the size of the type
BODY, SMALL = 8.5, 7.5
DPI = 300  # of what is pixels in a figure


class Pen:
    """Writes down a page, and begins another one at its end; `y` is in millimetres from the top.

    `running` stands above the text of each page that begins from now on.
    """

    def __init__(self, pages: Any, imprint: str) -> None:
        self._pages, self._imprint = pages, imprint
        self._page: Any = None
        self._number = 0
        self.y = TOP
        self.running = ""

    def text(
        self,
        text: str,
        size: float = BODY,
        *,
        at: float = 0.0,
        width: float = WIDTH,
        colour: str = LIGHT.text,
        after: float = 0.0,
        **font: Any,
    ) -> None:
        """A paragraph at `at` millimetres from the left margin, with room `after` it."""
        for line in wrapped(text, size, width - at, **font):
            self.room(size * LEADING * POINT)
            self._put(line, at, size, colour, font)
            self.y += size * LEADING * POINT
        self.y += after

    def heading(self, text: str) -> None:
        """The head of a section, never alone at the end of a page."""
        self.y += 3.5
        self.room(26.0)
        self.text(text.upper(), SMALL, colour=ACCENT, weight="bold", after=1.2)

    def row(self, cells: Sequence[str], at: Sequence[float], *, bold: int = -1) -> None:
        """A line of a table; each cell breaks within its column."""
        ends = (*at[1:], WIDTH)
        fonts: list[dict[str, Any]] = [{"weight": "bold"} if i == bold else {} for i in range(9)]
        lines = [
            wrapped(cell, BODY, end - start - 2.0, **font)
            for cell, start, end, font in zip(cells, at, ends, fonts, strict=False)
        ]
        step = BODY * LEADING * POINT
        self.room(step * max(map(len, lines)) + 1.6)
        top = self.y + 0.8
        for place, (column, start) in enumerate(zip(lines, at, strict=True)):
            self.y = top
            for line in column:
                self._put(line, start, BODY, FAINT if place == 0 else LIGHT.text, fonts[place])
                self.y += step
        self.y = top + step * max(map(len, lines)) + 0.8
        self._rule(RULE, 0.5)

    def rule(self) -> None:
        """A strong line across."""
        self._rule(LIGHT.text, 1.2)

    def room(self, height: float) -> None:
        """Go to another page where so many millimetres are not left on this one."""
        if self._page is None or self.y + height > PAGE[1] - BOTTOM:
            self.next_page()

    @property
    def left(self) -> float:
        """Millimetres that are left on this page."""
        return 0.0 if self._page is None else PAGE[1] - BOTTOM - self.y

    def height(self, text: str, size: float, width: float, **font: Any) -> float:
        """Millimetres that a paragraph takes."""
        return len(wrapped(text, size, width, **font)) * size * LEADING * POINT

    def next_page(self) -> None:
        """Finish a page and begin another one."""
        from matplotlib.figure import Figure as Page

        self.finish()
        self._page = Page(figsize=(PAGE[0] / MM, PAGE[1] / MM), dpi=DPI, facecolor=LIGHT.ground)
        self.y = HEAD
        for line in wrapped(self.running, 8, WIDTH)[:1]:
            self._put(line, 0.0, 8, FAINT, {})
        self.y = TOP

    def finish(self) -> None:
        """Put the page into the file."""
        if self._page is None:
            return
        self._number += 1
        self.y = FOOT
        self._put(self._imprint, 0.0, 7, FAINT, {})
        self._put(str(self._number), WIDTH, 7, FAINT, {"ha": "right"})
        self._pages.savefig(self._page)
        self._page = None

    def box(
        self, at: float, top: float, size: tuple[float, float]
    ) -> tuple[Any, tuple[float, float, float, float]]:
        """This page, and a box of it in shares; millimetres from the left margin and the top."""
        shares = (size[0] / PAGE[0], size[1] / PAGE[1])
        return self._page, ((LEFT + at) / PAGE[0], 1 - top / PAGE[1] - shares[1], *shares)

    def _put(self, line: str, at: float, size: float, colour: str, font: dict[str, Any]) -> None:
        x, y = (LEFT + at) / PAGE[0], 1 - (self.y + size * POINT) / PAGE[1]
        self._page.text(x, y, plain(line), fontsize=size, color=colour, va="baseline", **font)

    def _rule(self, colour: str, width: float) -> None:
        from matplotlib.lines import Line2D

        y = 1 - self.y / PAGE[1]
        across = [LEFT / PAGE[0], (LEFT + WIDTH) / PAGE[0]]
        self._page.add_artist(Line2D(across, [y, y], color=colour, linewidth=width))


def wrapped(text: str, size: float, width: float, **font: Any) -> list[str]:
    """Lines that are not wider than `width` millimetres; words that are get broken."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    properties = FontProperties(size=size, **font)

    def fits(line: str) -> bool:
        wide, _, _ = text_to_path.get_text_width_height_descent(line, properties, ismath=False)
        return bool(wide * POINT <= width)

    lines: list[str] = []
    for given in text.splitlines() or [""]:
        if fits(given):
            lines.append(given)
            continue
        line = ""
        for word in given.split():
            if line and fits(f"{line} {word}"):
                line = f"{line} {word}"
                continue
            if line:
                lines.append(line)
            while not fits(word) and len(word) > 1:
                kept = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or fits(word[:n]))
                lines.append(word[:kept])
                word = word[kept:]
            line = word
        lines.append(line)
    return lines
