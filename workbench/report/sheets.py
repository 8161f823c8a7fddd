"""The report as a PDF of A4 pages, drawn with matplotlib: facts first, then figures, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.export import paper, write_whole
from workbench.facts import Facts, Row, blocks
from workbench.report.content import ABOUT_MEANS, Report
from workbench.report.pen import FAINT, SMALL, WIDTH, Pen
from workbench.report.plates import draw_plates

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
                draw_plates(pen, chapter)
            pen.finish()

    with paper():
        write_whole(path, all_pages)


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
    pen.y += 12.0
    pen.room(60.0)
    pen.text("Over seeds", 18, weight="bold", after=1.0)
    pen.text(ABOUT_MEANS, colour=FAINT, after=2.0)
    pen.rule()
    pen.y += 2.0
    pen.row(("Metric", "Group", "Mean", "Difference from the first group"), MEANS)
    for row in report.means:
        cells = (row.metric, row.group, row.value, row.words)
        pen.row(cells, MEANS, bold=2 if row.significant else -1)


def _facts(pen: Pen, facts: Facts) -> None:
    pen.running = ""
    pen.next_page()
    pen.running = facts.title
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
