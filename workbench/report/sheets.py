"""The report as a PDF of A4 pages, drawn with matplotlib: facts first, then a page per figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.figure import Figure
from workbench.export import drawn, paper, write_whole
from workbench.facts import Facts, Row, blocks
from workbench.page import MM
from workbench.palette import LIGHT
from workbench.paper import plain
from workbench.report.content import ABOUT_MEANS, WIDTHS, Chapter, Report, page_width

PAGE = (210.0, 297.0)
LEFT, TOP, BOTTOM = 18.0, 20.0, 24.0  # margins in millimetres
WIDTH = WIDTHS[0]
HIGHEST = 200.0  # of a figure, so that its caption has room
FAINT, ACCENT, RULE = "#5c6672", "#0b5fa5", "#dce1e7"
POINT = MM / 72  # millimetres
LEADING = 1.4  # of the size of the type
BODY, SMALL = 8.5, 7.5
# Columns of a table, in millimetres from the left.
PARAMETERS = (0.0, 42.0, 64.0, 100.0)
DATA = (0.0, 30.0, 70.0, 118.0)
FACTS = (0.0, 42.0)
MEANS = (0.0, 32.0, 70.0, 122.0)


def write(report: Report, path: Path) -> None:
    """Write the PDF."""
    from matplotlib.backends.backend_pdf import PdfPages

    def all_pages(file: Any) -> None:
        about = {"Title": report.title, "Creator": report.imprint, "CreationDate": None}
        with PdfPages(file, metadata=about) as pages:
            pen = Pen(pages, report.imprint)
            for place, chapter in enumerate(report.chapters):
                if place == 0 and len(report.chapters) > 1:
                    _contents(pen, report)
                if place == 0 and report.means:
                    _means(pen, report)
                _facts(pen, chapter.facts)
                for number, figure in chapter.plates():
                    _plate(pen, chapter, number, figure)

    with paper():
        write_whole(path, all_pages)


class Pen:
    """Writes down a page, and begins another one at its end; `y` is in millimetres from the top."""

    def __init__(self, pages: Any, imprint: str) -> None:
        self._pages, self._imprint = pages, imprint
        self._page: Any = None
        self._number = 0
        self.y = TOP

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

    def next_page(self) -> None:
        """Finish a page and begin another one."""
        from matplotlib.figure import Figure as Page

        self.finish()
        self._page = Page(figsize=(PAGE[0] / MM, PAGE[1] / MM), facecolor=LIGHT.ground)
        self.y = TOP

    def finish(self) -> None:
        """Put the page into the file."""
        if self._page is not None:
            self.foot(self._page, lambda x, y: (x / PAGE[0], 1 - y / PAGE[1]))
            self._pages.savefig(self._page)
            self._page = None

    def foot(self, page: Any, place: Any) -> None:
        """Imprint and number at the foot of a page; `place` turns millimetres into its units."""
        self._number += 1
        y = PAGE[1] - 12.0
        page.text(*place(LEFT, y), plain(self._imprint), fontsize=7, color=FAINT)
        page.text(*place(LEFT + WIDTH, y), str(self._number), fontsize=7, color=FAINT, ha="right")

    def save(self, page: Any, **options: Any) -> None:
        """Put a page that was drawn elsewhere into the file, after this one."""
        self._pages.savefig(page, **options)

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


def _contents(pen: Pen, report: Report) -> None:
    """The first page of a report on several runs."""
    pen.next_page()
    pen.y = 40.0
    pen.text(report.title, 24, weight="bold", after=3.0)
    pen.text(report.imprint, 10, colour=FAINT, after=10.0)
    pen.rule()
    pen.y += 2.0
    for number, chapter in enumerate(report.chapters, 1):
        facts = chapter.facts
        pen.row((str(number), f"{facts.title}\n{facts.method}, {facts.info.state}"), (0.0, 10.0))


def _means(pen: Pen, report: Report) -> None:
    """Metrics over the seeds of each group."""
    pen.next_page()
    pen.text("Over seeds", 18, weight="bold", after=1.0)
    pen.text(ABOUT_MEANS, colour=FAINT, after=2.0)
    pen.rule()
    pen.y += 2.0
    pen.row(("Metric", "Group", "Mean", "Difference from the first group"), MEANS)
    for row in report.means:
        cells = (row.metric, row.group, row.value, row.words)
        pen.row(cells, MEANS, bold=2 if row.significant else -1)


def _facts(pen: Pen, facts: Facts) -> None:
    pen.next_page()
    pen.text(facts.title, 18, weight="bold", after=1.0)
    pen.text(facts.about, 10.5, colour=FAINT, after=2.0)
    pen.rule()
    pen.y += 2.0
    info = facts.info
    if info.state != "done":
        pen.text(f"The run was {info.state}: {info.status}", weight="bold", after=1.5)
    for text in info.warnings:
        pen.text(f"Warning: {text}", colour="#9a5b00", after=1.0)
    if info.notes:
        pen.text(info.notes, after=1.5)
    if facts.metrics:
        pen.heading("Results")
        _metrics(pen, facts.metrics)
    if facts.card:
        pen.heading("Method")
        for kind, text in blocks(facts.card.description):
            if kind == "equation":
                pen.y += 0.8
                pen.text(text, 9.5, at=5.0, family="DejaVu Serif", after=2.2)
            else:
                pen.text(text, after=1.3)
    if facts.parameters:
        pen.heading("Parameters (bold: not the default)")
        for row in facts.parameters:
            value = f"{row.value} {row.unit}"
            cells = (row.name, row.symbol, value, row.meaning)
            pen.row(cells, PARAMETERS, bold=2 if row.changed else -1)
    pen.heading("Data")
    for item in facts.data:
        pen.row((item.name, item.shape, item.meaning, item.source), DATA)
        if item.fingerprint:
            pen.text(f"SHA-256 {item.fingerprint}", SMALL, at=DATA[1], colour=FAINT, after=1.5)
    pen.heading("Run")
    for pair in facts.run:
        pen.row(pair, FACTS)
    if facts.citations:
        pen.heading("References")
        for number, line in enumerate(facts.citations, 1):
            pen.text(f"[{number}] {line}", after=0.8)


def _metrics(pen: Pen, rows: Sequence[Row]) -> None:
    """Numbers side by side, three in a row."""
    third = WIDTH / 3
    for start in range(0, len(rows), 3):
        pen.room(12.0)
        top = pen.y
        for place, row in enumerate(rows[start : start + 3]):
            pen.y = top
            pen.text(row.name, SMALL, at=place * third, colour=FAINT)
            value = f"{row.value} {row.unit}"
            pen.text(value, 11, at=place * third, width=(place + 1) * third, after=1.5)


def _plate(pen: Pen, chapter: Chapter, number: int, figure: Figure) -> None:
    """The figure as `export` draws it, with the rest of an A4 page around it."""
    from matplotlib.transforms import Bbox

    pen.finish()
    bare = replace(figure, title="")  # it stands below
    width = page_width(bare, HIGHEST)
    page = drawn(bare, "pdf", width, None, 300, None)
    height = page.get_figheight() * MM
    left, top = (PAGE[0] - width) / 2, TOP + 12.0

    def place(x: float, y: float) -> tuple[float, float]:
        """Millimetres on the sheet in units of the figure."""
        return (x - left) / width, 1 - (y - top) / height

    page.text(*place(LEFT, TOP), plain(chapter.facts.title), fontsize=8, color=FAINT)
    y = top + height + 9.0
    head = f"Figure {number}. {figure.title}."
    page.text(*place(LEFT, y), plain(head), fontsize=9, color=LIGHT.text, weight="bold")
    for line in wrapped(figure.caption, 9, WIDTH):
        y += 9 * LEADING * POINT
        page.text(*place(LEFT, y), plain(line), fontsize=9, color=FAINT)
    pen.foot(page, place)
    sheet = [[-left, top + height - PAGE[1]], [PAGE[0] - left, top + height]]
    pen.save(page, bbox_inches=Bbox([[v / MM for v in corner] for corner in sheet]))
