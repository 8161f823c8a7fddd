"""The report as slides: a title, then for each run its facts and one figure a slide."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.figure import Figure
from workbench.export import ExportError, page_size, picture, write_whole
from workbench.facts import Facts, Row, blocks, caption
from workbench.report.content import ABOUT_MEANS, Chapter, Report
from workbench.seeds import LEVEL

SLIDE = (338.7, 190.5)  # millimetres, 16:9
EDGE, TOP, BOTTOM = 16.0, 34.0, 18.0
BOX = (SLIDE[0] - 2 * EDGE, SLIDE[1] - TOP - BOTTOM)  # of a figure
# A figure is drawn for paper and enlarged: its 7 points are readable from twice the size on.
WIDTHS, ENLARGED = (174.0, 150.0, 130.0, 110.0, 95.0, 80.0, 68.0), 2.1
DPI = 450
INK, FAINT = (0x1D, 0x23, 0x2B), (0x5C, 0x66, 0x72)
MOST_ROWS = 11  # of a table that is read from afar
MISSING = (
    "python-pptx is missing; slides need it; install it with "
    "pip install 'methods-workbench[slides]', or choose .pdf or .html"
)


def write(report: Report, path: Path) -> None:
    """Write the slides."""
    try:
        import pptx
    except ImportError as error:
        raise ExportError(MISSING) from error
    deck = Deck(pptx.Presentation())
    deck.title(report)
    _means(deck, report)
    for chapter in report.chapters:
        _facts(deck, chapter.facts)
        for number, figure in chapter.plates():
            _plate(deck, chapter, number, figure)
    cited = dict.fromkeys(c for chapter in report.chapters for c in chapter.facts.citations)
    if cited:
        slide = deck.slide("References")
        size = 16 if len(cited) < 9 else 12
        deck.words(slide, (EDGE, TOP, *BOX), list(cited), size=size, after=6)
    write_whole(path, deck.save)


class Deck:
    """Slides of a presentation; all places are left, top, width, height in millimetres."""

    def __init__(self, presentation: Any) -> None:
        from pptx.util import Mm

        self._deck = presentation
        self._deck.slide_width, self._deck.slide_height = Mm(SLIDE[0]), Mm(SLIDE[1])

    def save(self, file: Any) -> None:
        """Write the presentation."""
        self._deck.save(file)

    def title(self, report: Report) -> None:
        """The first slide; the title goes into the outline of the presentation as well."""
        self._deck.core_properties.title = _clean(report.title)
        self._deck.core_properties.author = "Methods Workbench"
        slide = self._blank(report.title, (EDGE + 8, 52, BOX[0] - 16, 50), 40)
        runs = [c.facts.label for c in report.chapters]
        place = (EDGE + 8, 104, BOX[0] - 16, 60)
        if len(runs) > 1:
            self.words(slide, place, runs[:8], size=18, after=4)
        self.words(slide, (EDGE + 8, 170, BOX[0] - 16, 8), [report.imprint], size=12, colour=FAINT)

    def slide(self, title: str) -> Any:
        """A slide with its title at the top."""
        return self._blank(title, (EDGE, 10, BOX[0], 18), 26)

    def words(
        self,
        slide: Any,
        place: Sequence[float],
        lines: Sequence[str],
        *,
        size: float = 16,
        colour: tuple[int, int, int] = INK,
        after: float = 3,
        font: str = "",
    ) -> None:
        """Paragraphs in a box."""
        from pptx.util import Mm

        box = slide.shapes.add_textbox(*map(Mm, place))
        self._fill(box.text_frame, lines, size, colour, after, font)

    def image(self, slide: Any, place: Sequence[float], held: bytes, about: str) -> None:
        """A picture with a text for those who cannot see it."""
        from pptx.util import Mm

        shape = slide.shapes.add_picture(io.BytesIO(held), *map(Mm, place))
        shape._element.nvPicPr.cNvPr.set("descr", _clean(about))

    def table(self, slide: Any, place: Sequence[float], rows: Sequence[tuple[str, str]]) -> None:
        """Two columns without a frame."""
        from pptx.util import Mm, Pt

        left, top, width, _ = place
        shape = slide.shapes.add_table(len(rows), 2, *map(Mm, (left, top, width, 8 * len(rows))))
        table = shape.table
        table.first_row = table.horz_banding = False
        table.columns[0].width, table.columns[1].width = Mm(width * 0.52), Mm(width * 0.48)
        for i, row in enumerate(rows):
            table.rows[i].height = Mm(8)
            for j, text in enumerate(row):
                cell = table.cell(i, j)
                cell.fill.background()
                cell.margin_left = cell.margin_right = Mm(1)
                cell.margin_top = cell.margin_bottom = Mm(0.8)
                run = cell.text_frame.paragraphs[0].add_run()
                run.text = _clean(text)
                run.font.size = Pt(14)
                run.font.bold = j == 1
                run.font.color.rgb = _ink(INK if j else FAINT)

    def notes(self, slide: Any, text: str) -> None:
        """What the speaker sees."""
        slide.notes_slide.notes_text_frame.text = _clean(text)

    def _blank(self, title: str, place: Sequence[float], size: float) -> Any:
        """A slide whose title is a real one: outlines and screen readers find it."""
        from pptx.util import Mm

        slide = self._deck.slides.add_slide(self._deck.slide_layouts[5])
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = map(Mm, place)
        self._fill(head.text_frame, [title], size, INK, 0, "", bold=True)
        return slide

    def _fill(
        self,
        frame: Any,
        lines: Sequence[str],
        size: float,
        colour: tuple[int, int, int],
        after: float,
        font: str,
        bold: bool = False,
    ) -> None:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Mm, Pt

        frame.word_wrap = True
        frame.margin_left = frame.margin_right = Mm(0)
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = Pt(after)
            run = paragraph.add_run()
            run.text = _clean(line)
            run.font.size, run.font.bold = Pt(size), bold
            run.font.color.rgb = _ink(colour)
            if font:
                run.font.name = font


def _means(deck: Deck, report: Report) -> None:
    """Metrics over the seeds of each group, as many slides as they take."""
    for start in range(0, len(report.means), MOST_ROWS):
        slide = deck.slide("Over seeds")
        rows = [
            (f"{row.metric}, {row.group}", row.value + (" *" if row.significant else ""))
            for row in report.means[start : start + MOST_ROWS]
        ]
        deck.table(slide, (EDGE, TOP, BOX[0], 0), rows)
        said = "Mean ± standard deviation (seeds). * differs from the first group by more than "
        place = (EDGE, SLIDE[1] - BOTTOM - 6, BOX[0], 12)
        deck.words(slide, place, [f"{said}chance ({100 * LEVEL:g} %, t test, Holm)."], size=14,
                   colour=FAINT)  # fmt: skip
        words = [f"{row.metric}, {row.group}: {row.words}" for row in report.means if row.words]
        deck.notes(slide, "\n".join([ABOUT_MEANS, *words]))


def _facts(deck: Deck, facts: Facts) -> None:
    """What was computed, how, and what came out."""
    slide = deck.slide(facts.title)
    half = BOX[0] / 2 - 6
    right = EDGE + half + 12
    deck.words(slide, (EDGE, TOP - 6, BOX[0], 12), [facts.about], size=16, colour=FAINT)
    top = TOP + 8.0
    described = blocks(facts.card.description) if facts.card else ()
    if said := [line for kind, t in described if kind == "equation" for line in t.splitlines()][:4]:
        deck.words(slide, (EDGE, top, BOX[0], 9 * len(said)), said, size=17, font="Cambria Math")
        top += 9.0 * len(said) + 6
    room = min(MOST_ROWS, int((SLIDE[1] - BOTTOM - top) / 8.6))
    changed = sorted(facts.parameters, key=lambda row: not row.changed)
    for left, rows in ((EDGE, changed), (right, facts.metrics)):
        if rows:
            deck.table(slide, (left, top, half, 0), [_pair(row) for row in rows[:room]])
    deck.notes(slide, "\n".join(f"{name}: {value}" for name, value in facts.run))


def _pair(row: Row) -> tuple[str, str]:
    return f"{row.name} {row.symbol}".rstrip(), f"{row.value} {row.unit}".rstrip()


def _plate(deck: Deck, chapter: Chapter, number: int, figure: Figure) -> None:
    slide = deck.slide(figure.title)
    bare = replace(figure, title="")
    room = (BOX[0], BOX[1] - 12)
    width = _width(bare, room)
    high = page_size(bare, width)[1]
    grow = min(room[0] / width, room[1] / high)
    left, top = EDGE + (room[0] - grow * width) / 2, TOP - 2 + (room[1] - grow * high) / 2
    held = picture(bare, "png", width_mm=width, dpi=DPI)
    deck.image(slide, (left, top, grow * width, grow * high), held, figure.title)
    said = f"Figure {number}. {figure.caption or chapter.facts.title}"
    deck.words(slide, (EDGE, SLIDE[1] - BOTTOM - 6, BOX[0], 12), [said], size=14, colour=FAINT)
    deck.notes(slide, caption(chapter.facts, figure))


def _width(figure: Figure, room: tuple[float, float]) -> float:
    """The largest width on paper that is enlarged enough, else the smallest."""
    for width in WIDTHS:
        if min(room[0] / width, room[1] / page_size(figure, width)[1]) >= ENLARGED:
            return width
    return WIDTHS[-1]


def _ink(colour: tuple[int, int, int]) -> Any:
    from pptx.dml import color

    kind: Any = color.RGBColor
    return kind(*colour)


def _clean(text: str) -> str:
    """Text without what XML cannot hold."""
    kept = (c for c in text if c in "\t\n" or (ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000))
    return "".join(c for c in kept if c not in "\ufffe\uffff")
