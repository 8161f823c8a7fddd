"""The pages of a report as PDF: figures follow each other, nothing overlaps, captions stay near."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends import backend_pdf
from matplotlib.backends.backend_agg import FigureCanvasAgg

from engines.figure import Axis, Figure, Image, Line, Panel
from workbench.records import RunInfo
from workbench.records.recorder import write_record
from workbench.report import report

MM = 25.4
X = np.linspace(0, 1, 50)
CURVE = Panel((Line(x=X, y=X**2),), Axis("x"), Axis("y"))
FIELD = Panel((Image(values=np.outer(X, X)),), Axis("x"), Axis("y"), equal=True)
TALL = Panel((Image(values=np.outer(X, X[:20])),), Axis("x"), Axis("y"), equal=True)
INFO = RunInfo(
    method="pde.x",
    parameters={},
    seed=0,
    device="cpu",
    precision="float64",
    started="2026-01-01T00:00:00+00:00",
    state="done",
)
# Singles that pair, one that is left over, wide ones, one that is much higher than its neighbour.
KINDS = [(CURVE,), (CURVE,), (FIELD,), (CURVE, CURVE), (CURVE,), (TALL,), (FIELD, FIELD, FIELD)]


class Kept:
    """Stands for the PDF; keeps the pages that are put into it."""

    pages: list = []

    def __init__(self, file, metadata) -> None:
        Kept.pages = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def savefig(self, page) -> None:
        Kept.pages.append(page)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Of two runs with equal figures; in the second the captions are long."""
    folder = tmp_path_factory.mktemp("pages")
    patch = pytest.MonkeyPatch()
    patch.setattr(backend_pdf, "PdfPages", Kept)
    records = []
    for name, caption in (("a", "Short."), ("b", "A long explanation. " * 25)):
        shown = tuple(
            Figure(f"f{i}", f"Plate {i}", panels, caption) for i, panels in enumerate(KINDS)
        )
        records.append(folder / f"{name}.h5")
        write_record(records[-1], titled(name), None, None, shown, {})
    report(records, folder / "r.pdf", {})
    patch.undo()
    return [boxes(page) for page in Kept.pages]


def titled(name: str) -> RunInfo:
    return INFO.model_copy(update={"title": f"Run {name}"})


def boxes(page):
    """Millimetres (left, right, top, bottom) of the panels with their axes, and of words."""
    page.set_dpi(200)
    renderer = FigureCanvasAgg(page).get_renderer()
    high, unit = page.get_figheight() * MM, page.dpi / MM

    def box(artist):
        found = artist.get_tightbbox(renderer)
        return found.x0 / unit, found.x1 / unit, high - found.y1 / unit, high - found.y0 / unit

    words = [(t.get_text(), box(t)) for t in page.texts if t.get_text()]
    return [box(a) for a in page.axes], words


def test_that_every_figure_has_its_caption_below_it_on_the_same_page(pages):
    number = 0
    for page in pages:
        panels, texts = page
        heads = [(t, b) for t, b in texts if t.startswith("Figure ")]
        wanted = 0
        for text, head in heads:
            number += 1
            assert text.startswith(f"Figure {number}.")
            wanted += len(KINDS[(number - 1) % len(KINDS)])
            above = [b for b in panels if b[3] <= head[2] and b[0] < head[0] + 60]
            assert above, text
            assert min(head[2] - b[3] for b in above) < 8
        assert len(panels) == wanted
    assert number == 2 * len(KINDS)


def test_that_nothing_overlaps_or_leaves_the_page(pages):
    for page in pages:
        panels, texts = page
        everything = panels + [b for _, b in texts]
        for left, right, top, bottom in everything:
            assert 17 <= left < right <= 193
            assert 10 <= top < bottom <= 290
        for i, one in enumerate(everything):
            for other in everything[:i]:
                across = min(one[1], other[1]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[2], other[2])
                # Lines of text touch: their boxes hold the ends of letters that are not there.
                assert min(across, down) < 0.8


def test_that_pages_are_full(pages):
    """Before a page that goes on with the same run, less is left than its first block takes."""
    starts = [any(t in ("Run a", "Run b") and b[3] - b[2] > 4 for t, b in p[1])
              for p in pages]  # fmt: skip
    assert sum(starts) == 2
    for page, begins in zip(pages[1:-1], starts[2:], strict=True):
        if not begins:
            panels, texts = page
            last = max(b[3] for b in [*panels, *(b for t, b in texts if b[3] < 275)])
            assert last > 150, "more than half of it"
    assert len(pages) <= 1 + 2 * 4


def test_that_two_small_figures_stand_side_by_side(pages):
    panels, texts = next(page for page in pages if "Figure 1. Plate 0." in dict(page[1]))
    heads = dict(texts)
    one, other = heads["Figure 1. Plate 0."], heads["Figure 2. Plate 1."]
    assert one[2] == pytest.approx(other[2])
    assert other[0] - one[0] > 80
    # 84 mm each: 7 points stay 7 points, as in a column of a journal.
    assert sum(b[1] - b[0] > 60 for b in panels) >= 2


def test_that_a_high_figure_does_not_stand_beside_a_low_one(pages):
    for page in pages:
        heads = dict(t for t in page[1] if t[0].startswith("Figure "))
        low, high = heads.get("Figure 5. Plate 4."), heads.get("Figure 6. Plate 5.")
        if low and high:
            assert high[2] > low[3]


def test_that_pages_after_the_first_name_the_run(pages):
    for page in pages[1:]:
        texts = page[1]
        if not any(b[3] - b[2] > 4 and t.startswith("Run ") for t, b in texts):
            assert any(t.startswith("Run ") and b[3] < 20 for t, b in texts)
