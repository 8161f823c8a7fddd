"""The section of a report on runs that differ by their seed alone, in every format."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from workbench.api import run
from workbench.catalogue import card
from workbench.registry import method
from workbench.report import gather, report, sheets
from workbench.report.content import Chapter

SLICED = "transport.sliced_wasserstein_cv"
SMALL = {"repeats": 2, "flow_steps": 1, "flow_projections": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[list[Path], list[float]]:
    """Two groups of three seeds, and what the second found."""
    folder = tmp_path_factory.mktemp("records")
    paths, found = [], []
    for lines in (10, 400):
        for seed in range(3):
            paths.append(folder / f"{lines}-{seed}.h5")
            outcome = run(SLICED, n_projections=lines, **SMALL, seed=seed, output=paths[-1])
            if lines == 400:
                found.append(outcome.result.standard_error)
    return paths, found


def test_that_every_metric_stands_there_with_mean_spread_and_words(made):
    paths, found = made
    known = {SLICED: card(SLICED, method(SLICED))}
    rows = {(row.metric, row.group): row for row in gather(paths, known).means}
    first = rows["standard error (cost)", "n_projections = 10"]
    second = rows["standard error (cost)", "n_projections = 400"]
    mean = float(second.value.split(" ± ")[0])
    assert mean == pytest.approx(statistics.fmean(found), rel=0.02), "as many digits as shown"
    assert second.value.endswith("(3)")
    assert first.words == ""
    assert second.words.startswith("It ")
    assert second.words.endswith("3 seeds each, paired by seed, better")


def test_that_a_report_on_single_seeds_has_no_such_section(made):
    paths, _ = made
    assert gather([paths[0], paths[3]], {}).means == ()


@pytest.fixture
def bare(monkeypatch):
    """Reports without figures, which have tests of their own."""
    monkeypatch.setattr(Chapter, "plates", lambda self: iter(()))


@pytest.mark.parametrize("ending", ["html", "pptx"])
def test_that_the_section_is_in_the_file(made, tmp_path, bare, ending):
    paths, _ = made
    row = next(r for r in gather(paths, {}).means if r.significant)
    path = tmp_path / f"r.{ending}"
    report(paths, path, {})
    text = path.read_text("utf8") if ending == "html" else on_slides(path)
    assert "Over seeds" in text
    assert row.value in text
    assert "Holm" in text


def test_that_the_section_is_a_page_of_the_pdf(made, tmp_path, bare, monkeypatch):
    paths, _ = made
    rows, row = [], sheets.Pen.row
    monkeypatch.setattr(
        sheets.Pen,
        "row",
        lambda pen, cells, *at, **bold: rows.append((*cells, bold)) or row(pen, cells, *at, **bold),
    )
    report(paths, tmp_path / "r.pdf", {})
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    for mean in gather(paths, {}).means:
        bold = {"bold": 2 if mean.significant else -1}
        assert (mean.metric, mean.group, mean.value, mean.words, bold) in rows


def on_slides(path: Path) -> str:
    """What can be read on the slides."""
    import pptx

    shapes = [shape for slide in pptx.Presentation(str(path)).slides for shape in slide.shapes]
    tables = [shape.table for shape in shapes if shape.has_table]
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(s.text_frame.text for s in shapes if s.has_text_frame)])
