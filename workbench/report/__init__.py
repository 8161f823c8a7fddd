"""Chosen runs as one file to hand on: an HTML page, a PDF, or slides, with equal contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from workbench.catalogue import MethodCard, directions
from workbench.export import ExportError
from workbench.facts import read_facts
from workbench.report import page, sheets, slides
from workbench.report.content import Chapter, Report, means

ENDINGS = (".html", ".pdf", ".pptx")

__all__ = ["ENDINGS", "Chapter", "Report", "gather", "report"]


def report(
    records: Sequence[Path], path: Path, cards: Mapping[str, MethodCard], title: str = ""
) -> None:
    """Write the report of some records; the ending of `path` says the format.

    `cards` describe the methods by their id; a method without one is shown with what its record
    holds. A file of that name is replaced.
    """
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise ExportError(
            f"the file's ending is {kind or 'missing'}; it must be one of "
            f"{', '.join(ENDINGS)}; choose another name"
        )
    writers = {".html": page.write, ".pdf": sheets.write, ".pptx": slides.write}
    writers[kind](gather(records, cards, title), path)


def gather(records: Sequence[Path], cards: Mapping[str, MethodCard], title: str = "") -> Report:
    """What the records hold, with the figures numbered from first to last."""
    if not records:
        raise ExportError("the report has no runs; it must have at least one; choose records")
    chapters: list[Chapter] = []
    number = 1
    for record in dict.fromkeys(map(Path, records)):
        facts = read_facts(record, None)
        facts = read_facts(record, cards.get(facts.info.method))
        chapters.append(Chapter(facts, number))
        number += len(facts.figures)
    alone = chapters[0].facts.title if len(chapters) == 1 else f"Report on {len(chapters)} runs"
    paths = [chapter.facts.path for chapter in chapters]
    found = means(paths, directions(cards.values()))
    return Report(title or alone, datetime.now().astimezone(), tuple(chapters), found)
