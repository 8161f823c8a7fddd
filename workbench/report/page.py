"""The report as one HTML file that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import jinja2

from engines.figure import Figure
from workbench.cite import citation, link
from workbench.export import picture, write_whole
from workbench.facts import blocks
from workbench.report.content import ABOUT_MEANS, WIDTHS, Chapter, Report, page_width

HIGHEST = 130.0  # millimetres of a figure, so that it is seen whole on a screen
LARGEST = 400_000  # bytes of a drawing; above it pixels are smaller
DPI = 200


@dataclass(frozen=True)
class Plate:
    """A figure as the template takes it."""

    number: int
    title: str
    caption: str
    source: str
    share: int  # of the width of the text, in per cent


def write(report: Report, path: Path) -> None:
    """Write the page."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("resources").joinpath("report.html").read_text("utf8")
    text = environment.from_string(source).render(
        report=report,
        about_means=ABOUT_MEANS,
        plates=_plates,
        blocks=blocks,
        citation=citation,
        link=link,
    )
    write_whole(path, lambda file: file.write(text.encode("utf-8", "replace")))


def _plates(chapter: Chapter) -> list[Plate]:
    return [_plate(number, figure) for number, figure in chapter.plates()]


def _plate(number: int, figure: Figure) -> Plate:
    """A drawing, or pixels where a drawing would be large."""
    bare = replace(figure, title="")  # it stands below
    width = page_width(bare, HIGHEST)
    kind, held = "svg+xml", picture(bare, "svg", width_mm=width)
    if len(held) > LARGEST:
        kind, held = "png", picture(bare, "png", width_mm=width, dpi=DPI)
    source = f"data:image/{kind};base64,{b64encode(held).decode()}"
    return Plate(number, figure.title, figure.caption, source, round(100 * width / WIDTHS[0]))
