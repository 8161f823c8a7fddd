"""A figure on paper: exact pages, embedded fonts, the data back again, nothing half written."""

import csv
import json
import logging.handlers
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest

import workbench.export
from engines.figure import (
    MARKS,
    Axis,
    Bars,
    Contours,
    Figure,
    Image,
    Line,
    Mark,
    Panel,
    Points,
    Segments,
    Text,
)
from workbench.export import FORMATS, ExportError, export

X = np.linspace(0.0, 1.0, 12)
FIELD = np.sin(6 * X)[:, None] * np.cos(5 * X)[None, :]
BOX = (0.0, 1.0, 0.0, 1.0)
SAMPLES: dict[str, Mark] = {
    "Line": Line(x=X, y=X**2, error=0.1 * X, name="a"),
    "Points": Points(x=X, y=1 - X, values=X, unit="K"),
    "Image": Image(values=FIELD, extent=BOX, colours="diverging", name="u", unit="m/s"),
    "Contours": Contours(values=FIELD, levels=[-0.5, 0.0, 0.5], extent=BOX),
    "Bars": Bars(edges=X, counts=np.arange(11.0)),
    "Segments": Segments(x0=X, y0=0 * X + 0.1, x1=X[::-1], y1=1 - X, weights=X, arrows=True),
    "Text": Text(x=0.5, y=0.5, text="here & $now_there$"),
}
BARE = Axis(ticks=False, limits=(0.0, 1.0))
FRAMED = {"x": Axis("time", "s", limits=(0, 1)), "y": Axis("u", "m", limits=(0, 1))}


def still(*marks, **panel):
    return Figure("f", "Title", (Panel(marks, **panel),))


PROVENANCE = {"record": "0007-sinkhorn.h5", "figure": "plan (é)"}


@pytest.fixture(scope="module")
def curve():
    return still(SAMPLES["Line"], **FRAMED)


@pytest.fixture(scope="module")
def complaints():
    """What matplotlib logs while the files below are written."""
    kept = logging.handlers.BufferingHandler(1000)
    logging.getLogger("matplotlib").addHandler(kept)
    yield kept.buffer
    logging.getLogger("matplotlib").removeHandler(kept)


@pytest.fixture(scope="module")
def written(tmp_path_factory, complaints):
    """All marks in one figure with a legend, in every format."""
    folder = tmp_path_factory.mktemp("written")
    marks = (*SAMPLES.values(), Line(x=X, y=X, name="b", role="reference"))
    for kind in FORMATS:
        export(still(*marks, **FRAMED), folder / f"a.{kind}", provenance=PROVENANCE)
    return folder


def test_that_eps_is_written_without_the_opacity_it_does_not_have(written, complaints):
    assert [record.getMessage() for record in complaints] == []


def test_that_type_is_7_points_in_a_journal_and_18_on_a_slide(curve, tmp_path):
    for width, points in ((183, 7), (338.67, 18.5)):
        export(curve, tmp_path / "a.svg", width_mm=width)
        words = re.search(r'<text style="[^"]*font-size: ([\d.]+)px[^>]*>time', read(tmp_path))
        assert float(words[1]) == pytest.approx(points, abs=0.05)


def read(folder):
    return (folder / "a.svg").read_text("utf8")


def pdf_page_mm(path):
    box = re.search(rb"/MediaBox \[ ?([^\]]+)\]", path.read_bytes())
    left, bottom, right, top = (float(part) for part in box[1].split())
    return (right - left) / 72 * 25.4, (top - bottom) / 72 * 25.4


@pytest.mark.parametrize(("width", "height"), [(89, 60), (338.67, 190.5)])
def test_that_a_pdf_page_has_the_size_asked_for_to_a_tenth_of_a_millimetre(
    curve, tmp_path, width, height
):
    export(curve, tmp_path / "a.pdf", width_mm=width, height_mm=height)
    assert pdf_page_mm(tmp_path / "a.pdf") == pytest.approx((width, height), abs=0.1)


def test_that_the_width_is_exact_when_the_height_follows_from_the_panels(tmp_path):
    wide = still(Image(values=FIELD, extent=(0, 4, 0, 1)), equal=True)
    tall = still(Image(values=FIELD, extent=(0, 1, 0, 2)), equal=True)
    sizes = []
    for figure in (wide, tall):
        export(figure, tmp_path / "a.pdf")
        sizes.append(pdf_page_mm(tmp_path / "a.pdf"))
    assert [width for width, _ in sizes] == pytest.approx([89, 89], abs=0.1)
    assert sizes[1][1] > 2 * sizes[0][1]


def test_that_fonts_are_embedded_as_truetype_and_no_text_becomes_outlines(written):
    pdf = (written / "a.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"DejaVuSans" in pdf
    assert b"/Type3" not in pdf
    assert b"/FontType 42" in (written / "a.eps").read_bytes()
    assert re.search(r"<text[^>]*>time \(s\)</text>", (written / "a.svg").read_text("utf8"))


@pytest.mark.parametrize(("width", "dpi", "pixels"), [(89, 300, 1051), (254, 100, 1000)])
def test_that_a_png_has_the_pixels_of_its_width_and_resolution(curve, tmp_path, width, dpi, pixels):
    export(curve, tmp_path / "a.png", width_mm=width, height_mm=50.8, dpi=dpi)
    with PIL.Image.open(tmp_path / "a.png") as image:
        assert image.size == (pixels, 2 * dpi)
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)


def test_that_svg_and_eps_pages_are_89_mm_wide(written):
    width = float(re.search(r'<svg [^>]*width="([\d.]+)pt"', (written / "a.svg").read_text())[1])
    assert width / 72 * 25.4 == pytest.approx(89, abs=0.1)
    box = re.search(rb"%%HiResBoundingBox: (.+)", (written / "a.eps").read_bytes())[1].split()
    assert (float(box[2]) - float(box[0])) / 72 * 25.4 == pytest.approx(89, abs=0.1)


def test_that_provenance_is_read_back_from_each_format(written):
    with PIL.Image.open(written / "a.png") as image:
        assert json.loads(image.text["provenance"]) == PROVENANCE
        assert isinstance(image.text["provenance"], PIL.PngImagePlugin.iTXt)
    words = re.search(rb"/Keywords \((.+?)(?<!\\)\)", (written / "a.pdf").read_bytes())[1]
    assert json.loads(re.sub(rb"\\(.)", rb"\1", words)) == PROVENANCE
    svg = (written / "a.svg").read_text("utf8")
    described = re.search(r"<dc:description>(.+?)</dc:description>", svg, re.DOTALL)[1]
    assert json.loads(described.replace("&quot;", '"')) == PROVENANCE
    assert json.loads((written / "a.csv").read_text().splitlines()[0][2:]) == PROVENANCE


def test_that_equal_figures_give_equal_files(curve, tmp_path):
    for kind in ("pdf", "svg"):
        for name in ("a", "b"):
            export(curve, tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def pixels(figure, folder, **options):
    export(figure, folder / "p.png", height_mm=60, dpi=72, **options)
    with PIL.Image.open(folder / "p.png") as image:
        return np.asarray(image.convert("RGB"), int)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Pictures of nothing, by the scale of the axes."""
    folder = tmp_path_factory.mktemp("empty")
    return {scale: pixels(still(x=axis, y=axis), folder) for scale, axis in SCALES.items()}


SCALES = {scale: Axis(scale=scale, limits=(0.05, 1.0)) for scale in ("linear", "log")}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("scale", SCALES)
def test_that_every_mark_changes_the_picture(name, scale, empty, tmp_path):
    drawn = pixels(still(SAMPLES[name], x=SCALES[scale], y=SCALES[scale]), tmp_path)
    assert (
        np.abs(drawn - empty[scale]).max(axis=2) > 30
    ).sum() > 20  # pixels, more than any rounding


@dataclass(frozen=True, kw_only=True)
class Spiral(Mark):
    turns: float = 3.0


@pytest.mark.parametrize("kind", ["png", "csv"])
def test_that_a_mark_nobody_can_draw_is_an_error_by_name(kind, tmp_path):
    with pytest.raises(TypeError, match="Spiral"):
        export(still(Spiral()), tmp_path / f"a.{kind}")
    assert list(tmp_path.iterdir()) == []


def test_that_marks_are_stacked_in_the_order_they_are_given(tmp_path):
    # matplotlib by itself puts every line above every dot.
    line = Line(x=[0.0, 1.0], y=[0.5, 0.5], name="line")
    dot = Points(x=[0.5], y=[0.5], size=40.0)
    for order, hidden in (((line, dot), True), ((dot, line), False)):
        drawn = pixels(replace(still(*order, x=BARE, y=BARE), title=""), tmp_path)
        column = drawn[:, drawn.shape[1] // 2]
        column = column[(column < 250).any(axis=1)]  # the dot from top to bottom, less white
        assert (np.ptp(column[3:-3], axis=0).max() < 30) == hidden


def test_that_a_row_0_on_top_picture_has_its_first_row_on_top(tmp_path):
    values = np.zeros((2, 2, 3))
    values[0] = 1.0  # the first row is white
    plain = Axis(ticks=False)
    for top_down in (True, False):
        image = Image(values=values, colours="rgb", top_down=top_down)
        drawn = pixels(Figure("f", "", (Panel((image,), x=plain, y=plain),)), tmp_path)
        rows = drawn[:, drawn.shape[1] // 2].mean(axis=1)
        assert (rows[len(rows) // 4] > rows[3 * len(rows) // 4]) == top_down


def test_that_a_movie_is_drawn_at_its_last_frame_or_the_one_asked_for(tmp_path):
    heights = np.array([0.2, 0.5, 0.8])[:, None] * np.ones(12)
    movie = still(Line(x=X, y=heights), **FRAMED)
    third = pixels(still(Line(x=X, y=heights[2]), **FRAMED), tmp_path)
    first = pixels(still(Line(x=X, y=heights[0]), **FRAMED), tmp_path)
    assert np.array_equal(pixels(movie, tmp_path), third)
    assert np.array_equal(pixels(movie, tmp_path, frame_index=0), first)
    with pytest.raises(ExportError, match="frame is 3"):
        pixels(movie, tmp_path, frame_index=3)


def read_blocks(path):
    """Title, header and rows of each block of a CSV file."""
    for block in path.read_text("utf8").split("\n\n"):
        title, head, *rows = block.strip().splitlines()
        yield title, next(csv.reader([head])), list(csv.reader(rows))


def test_that_the_csv_holds_every_value_to_the_last_bit(tmp_path):
    rng = np.random.default_rng(0)
    line = Line(x=rng.normal(size=50), y=rng.normal(size=50) * 1e-9, error=np.ones(50), name="a,b")
    image = Image(values=rng.random((3, 4), dtype=np.float32), extent=(0, 4, 0, 3), unit="K")
    export(still(line, image, x=Axis("time", "s"), y=Axis("u")), tmp_path / "a.csv")
    (title, head, rows), (_, image_head, cells) = read_blocks(tmp_path / "a.csv")
    assert "a,b" in title
    assert head == ["time (s)", "u", "error"]
    wanted = np.stack([line.x, line.y, line.error], axis=1)
    assert np.array_equal(np.array(rows, float), wanted)
    assert image_head == ["time (s)", "u", "value (K)"]
    table = np.array(cells, float)
    assert np.array_equal(table[:, 2].astype(np.float32), image.values.ravel())
    assert table[:5, 0].tolist() == [0.5, 1.5, 2.5, 3.5, 0.5]  # centres of pixels, row by row
    assert table[:5, 1].tolist() == [0.5, 0.5, 0.5, 0.5, 1.5]


def test_that_every_mark_has_a_block_in_the_csv(tmp_path):
    # Marks in space have a file of their own, test_space_paper.py.
    assert SAMPLES.keys() == MARKS.keys() - {"Surface", "Cloud3D"}
    export(still(*SAMPLES.values()), tmp_path / "a.csv")
    titles = [title for title, _, _ in read_blocks(tmp_path / "a.csv")]
    assert [title.split(", ")[1] for title in titles] == list(SAMPLES)
    *_, (_, head, rows) = read_blocks(tmp_path / "a.csv")
    assert (head, rows) == (["x", "y", "text"], [["0.5", "0.5", "here & $now_there$"]])


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("a.bmp", {}, r"ending is \.bmp"),
        ("a", {}, "ending is missing"),
        ("a.pdf", {"width_mm": 9.9}, "width is 9.9 mm"),
        ("a.pdf", {"width_mm": 2001}, "width is 2001 mm"),
        ("a.pdf", {"width_mm": float("nan")}, "width is nan mm"),
        ("a.pdf", {"height_mm": 1e6}, r"height is 1e\+06 mm"),
        ("a.png", {"dpi": 0}, "resolution is 0 dpi"),
        ("a.png", {"width_mm": 2000, "height_mm": 2000, "dpi": 1200}, "lower the resolution"),
        ("nowhere/a.png", {}, "cannot be written"),
    ],
)
def test_that_what_cannot_be_written_is_refused_in_one_sentence(
    curve, tmp_path, name, options, words
):
    with pytest.raises(ExportError, match=words) as caught:
        export(curve, tmp_path / name, **options)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_that_was_there_survives_a_failed_export(curve, tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ExportError, match="No space left"):
        export(curve, tmp_path / "a.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_text() == "old"


AWKWARD = {
    "empty line": Line(x=[], y=[]),
    "one point": Line(x=[1.0], y=[2.0]),
    "only NaN": Line(x=X, y=X * np.nan),
    "huge": Line(x=X, y=X * 1e300),
    "infinite": Line(x=X, y=np.where(X > 0.5, np.inf, X)),
    "constant": Line(x=X, y=0 * X + 5),
    "no pixels": Image(values=np.empty((0, 0))),
    "constant image": Image(values=np.ones((4, 4)), name="u"),
    "NaN image": Image(values=np.where(FIELD > 0, np.nan, FIELD), log=True),
    "flat contours": Contours(values=np.ones((4, 4)), levels=[1.0], extent=BOX),
    "contours with a hole": Contours(
        values=np.where(FIELD > 0.8, np.nan, FIELD), levels=[0.0], extent=BOX
    ),
    "no dots": Points(x=[], y=[], values=[]),
    "upside down": Image(values=FIELD, extent=(0, 1, 1, 0)),
}


@pytest.mark.parametrize("what", AWKWARD)
def test_that_awkward_data_are_drawn_without_a_warning(what, tmp_path, recwarn):
    marks, log = (AWKWARD[what],), Axis(scale="log")
    export(Figure("f", "", (Panel(marks), Panel(marks, x=log, y=log))), tmp_path / "a.png", dpi=72)
    assert [str(warning.message) for warning in recwarn] == []


def test_that_threads_may_export_at_the_same_time(curve, tmp_path, monkeypatch):
    # The settings of matplotlib are global: two pictures must not be painted at once.
    inside, most = [], []
    page = workbench.export.compose

    def slow_page(*args):
        inside.append(1)
        time.sleep(0.05)
        most.append(len(inside))
        inside.pop()
        return page(*args)

    monkeypatch.setattr(workbench.export, "compose", slow_page)
    files = [tmp_path / f"{number}.png" for number in range(3)]
    work = [
        threading.Thread(target=export, args=(curve, file), kwargs={"dpi": 72}) for file in files
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert most == [1, 1, 1]
    assert len({file.read_bytes() for file in files}) == 1


def test_that_settings_of_matplotlib_neither_change_a_figure_nor_are_changed(curve, tmp_path):
    import matplotlib

    before = pixels(curve, tmp_path)
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.facecolor": "red"}):
        assert np.array_equal(pixels(curve, tmp_path), before)
        assert matplotlib.rcParams["lines.linewidth"] == 9


def test_that_many_points_do_not_make_a_huge_vector_file(tmp_path):
    x = np.linspace(0, 1, 200_000)
    noise = np.random.default_rng(0).normal(size=x.size)
    dots = Points(x=x[:20_000], y=noise[:20_000])
    walk = Line(x=noise[:150_000], y=noise[-150_000:])  # a path that turns back cannot be thinned
    export(still(Line(x=x, y=noise), walk, dots), tmp_path / "a.pdf", dpi=100)
    assert (tmp_path / "a.pdf").stat().st_size < 1_000_000


def test_that_the_module_is_imported_without_matplotlib_and_never_uses_pyplot(tmp_path):
    code = (
        "import sys, workbench.export as e; from engines.figure import *\n"
        "assert not any(m.startswith(('matplotlib', 'PySide6', 'torch')) for m in sys.modules)\n"
        "e.export(Figure('f', '', (Panel((Line(x=[0, 1], y=[0, 1]),)),)), sys.argv[1])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    ).replace("y=[0, 1]),)),)), sys", "y=[0, 1]),)),)), sys")
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.png")], check=True)


def test_that_names_fill_a_legend_only_when_there_are_two(tmp_path):
    for second in ("", "b"):
        marks = Line(x=X, y=X, name="a"), Line(x=X, y=1 - X, name=second)
        export(still(*marks, **FRAMED), tmp_path / "a.svg")
        assert ("legend" in (tmp_path / "a.svg").read_text()) == bool(second)
