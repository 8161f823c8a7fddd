"""Reports: the same facts and figures as a page, a PDF and slides, whatever the records hold."""

from __future__ import annotations

import base64
import io
import re
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import PIL.Image
import pptx
import pytest
from pptx.util import Mm

import workbench.report.page
from workbench import catalogue, records
from workbench.api import run
from workbench.export import ExportError, paper
from workbench.records.recorder import write_record
from workbench.registry import method
from workbench.report import gather, report
from workbench.report.content import WIDTHS, page_width
from workbench.report.pen import wrapped

SVD = "lowrank.randomized_svd"
HOSTILE = '<script>alert("1")</script> & $x_1$ {{ 7 * 7 }} \N{PILE OF POO}'
VOID = {"meta", "link", "img", "br"}


@pytest.fixture(scope="module")
def cards():
    return {SVD: catalogue.card(SVD, method(SVD))}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory) -> list[Path]:
    """A run with a hostile title and notes, one that failed, one of a method nobody knows."""
    folder = tmp_path_factory.mktemp("records")
    paths = [folder / f"{n}.h5" for n in "abc"]
    settings = {"target": {"kind": "rank", "k": 5}, "example": "hilbert"}
    info = run(SVD, **settings, title=HOSTILE, output=paths[0]).info
    records.write_notes(paths[0], notes=HOSTILE)
    failed = {"state": "failed", "status": "no <b>memory</b>", "warnings": ("w < 1",)}
    write_record(paths[1], info.model_copy(update=failed), None, None, (), {})
    other = {"method": "lowrank.unheard_of", "title": "Other", "parameters": {"a_b": 1}}
    write_record(paths[2], info.model_copy(update=other), None, None, (), {})
    return paths


@pytest.fixture(scope="module")
def written(chosen, cards, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for kind in ("html", "pdf", "pptx"):
        report(chosen, folder / f"r.{kind}", cards, HOSTILE)
    return folder


class Page(HTMLParser):
    """Elements, their attributes and text; a tag that is not closed is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open:
            self.words[tag] = self.words.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page((written / "r.html").read_text("utf8"))


def test_that_what_is_hostile_in_a_record_is_only_text(page):
    assert not page.all("script")
    assert not page.all("b") or "memory" not in page.words.get("b", "")
    assert page.words["title"] == HOSTILE
    assert page.words["article"].count(HOSTILE) == 3, "two titles and notes"
    assert "no <b>memory</b>" in page.words["article"]


def test_that_the_page_needs_nothing_from_elsewhere(page, written):
    sources = [e["src"] for e in page.all("img")]
    assert sources
    assert all(s.startswith("data:image/") for s in sources)
    assert [e["href"] for e in page.all("link")] == ["data:,"], "or a browser asks for an icon"
    for address in (e["href"] for e in page.all("a")):
        assert address.startswith(("#run-", "https://arxiv.org/abs/", "https://doi.org/"))
    assert not re.search(r"@import|url\(", page.words["style"])
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert {f"#{i}" for i in ids} == {e["href"] for e in page.all("a") if e["href"][0] == "#"}


def test_that_the_page_holds_the_facts(page, chosen):
    info = records.read_info(chosen[0])
    text = page.words["article"]
    for wanted in (
        *info.fingerprints.values(),
        *info.versions.values(),
        "arXiv:0909.4061",
        "terms to keep",
        "The run has failed",
        "w < 1",
        "lowrank.unheard_of",
        "a_b",
    ):
        assert wanted in text, wanted
    _, metrics, _ = records.read_summary(chosen[0])
    assert f"{metrics['relative_error']:.6g}" in text
    assert sum(a.get("class") == "changed" for a in page.all("tr")) == 2, "k, of both runs"
    assert len(page.all("article")) == 3


def test_that_every_figure_is_there_once_with_number_and_name(page, written, chosen):
    names = [records.read_figure(chosen[0], n).title for n in records.figure_names(chosen[0])]
    assert [e["alt"] for e in page.all("img")] == names
    for number, name in enumerate(names, 1):
        assert f"Figure {number}. {name}." in page.words["figcaption"]
    slides = pptx.Presentation(str(written / "r.pptx")).slides
    drawn = [p for s in slides for p in pictures(s)]
    assert [p._element.nvPicPr.cNvPr.get("descr") for p in drawn] == names
    assert pages(written / "r.pdf") >= 1 + 3, "contents, facts; figures stand between"


def test_that_a_large_drawing_becomes_pixels(chosen, cards, tmp_path, monkeypatch):
    monkeypatch.setattr(workbench.report.page, "LARGEST", 10)
    report(chosen[:1], tmp_path / "r.html", cards)
    text = (tmp_path / "r.html").read_text("utf8")
    sources = re.findall(r'src="data:image/(\S+);base64,([^"]+)"', text)
    assert {kind for kind, _ in sources} == {"png"}
    assert PIL.Image.open(io.BytesIO(base64.b64decode(sources[0][1]))).width > 600


def test_that_every_page_of_the_pdf_is_a4(written):
    held = unpacked(written / "r.pdf")
    boxes = re.findall(rb"/MediaBox\s*\[([^]]*)\]", held)
    assert len(boxes) == pages(written / "r.pdf")
    for box in boxes:
        left, bottom, right, top = map(float, box.split())
        # A4 is 210 × 297 mm = 595.28 × 841.89 points; a tenth of a millimetre is 0.28.
        assert right - left == pytest.approx(595.28, abs=0.28)
        assert top - bottom == pytest.approx(841.89, abs=0.28)
    assert b"/FontFile2" in held, "fonts are embedded"


def test_that_slides_have_titles_and_nothing_sticks_out(written):
    deck = pptx.Presentation(str(written / "r.pptx"))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-3)
    assert deck.core_properties.title == HOSTILE
    for slide in deck.slides:
        assert slide.shapes.title.text_frame.text
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height
        for shape in pictures(slide):
            held = PIL.Image.open(io.BytesIO(shape.image.blob))
            # Not stretched; the pixels are whole numbers, so one in a thousand may be missing.
            assert held.width / held.height == pytest.approx(shape.width / shape.height, rel=2e-3)
            # 7 points on paper are at least 14 on the slide.
            assert shape.width / Mm(held.width / held.info["dpi"][0] * 25.4) > 1.9
            assert "arXiv" in slide.notes_slide.notes_text_frame.text


def test_that_missing_slides_support_says_how_to_get_it(chosen, cards, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(ExportError, match=r"pip install 'methods-workbench\[slides\]'"):
        report(chosen, tmp_path / "r.pptx", cards)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words"), [("r.docx", r"\.docx; it must be one of \.html"), ("r", "missing")]
)
def test_that_an_unknown_ending_is_refused(chosen, cards, tmp_path, name, words):
    with pytest.raises(ExportError, match=words):
        report(chosen, tmp_path / name, cards)
    assert not list(tmp_path.iterdir())


def test_that_no_runs_are_refused_and_equal_ones_taken_once(chosen, cards):
    with pytest.raises(ExportError, match="no runs"):
        gather([], cards)
    twice = gather([chosen[0], chosen[0]], cards)
    assert len(twice.chapters) == 1
    assert twice.title == records.read_info(chosen[0]).title


def test_that_lines_fit_their_width_and_keep_their_words():
    text = "The quick brown fox " * 20 + "x" * 300
    lines = wrapped(text, 8.5, 60.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    with paper():
        wide = [
            text_to_path.get_text_width_height_descent(n, FontProperties(size=8.5), False)[0]
            for n in lines
        ]
    assert max(wide) * 25.4 / 72 <= 60.0
    assert max(wide) * 25.4 / 72 > 50.0, "and are filled"
    assert wrapped("a   b\n\nc", 8, 100) == ["a   b", "", "c"]


def test_that_a_figure_is_as_wide_as_fits(chosen):
    figure = records.read_figure(chosen[0], records.figure_names(chosen[0])[0])
    assert page_width(figure, 1000.0) >= page_width(figure, 60.0)
    assert page_width(figure, 1.0) == WIDTHS[-1]


def pictures(slide):
    return [s for s in slide.shapes if hasattr(s, "image")]


def unpacked(path: Path) -> bytes:
    held = path.read_bytes()
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", held, re.S):
        try:
            held += zlib.decompress(part)
        except zlib.error:
            continue
    return held


def pages(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", unpacked(path)))
