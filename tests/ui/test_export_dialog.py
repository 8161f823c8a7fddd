"""The export dialog: true sizes for what a figure is meant for, and what it asks for."""

from __future__ import annotations

import re
from pathlib import Path

import PIL.Image
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QMessageBox, QPushButton

from engines.figure import Axis, Figure, Line, Panel
from ui.export_dialog import TARGETS, ExportDialog
from workbench.export import export, picture

FIGURE = Figure(
    "f", "Title", (Panel((Line(x=[1, 2, 3], y=[1e-3, 1, 1e3]),), y=Axis("y", "m", "log")),)
)


@pytest.fixture
def asked(qtbot, tmp_path):
    """A dialog, and what it has asked for."""
    dialog = ExportDialog("f", FIGURE, tmp_path, None, None)
    qtbot.addWidget(dialog)
    found: list = []
    dialog.wanted.connect(lambda path, options: found.append((Path(path), options)))
    dialog.caption_wanted.connect(found.append)
    dialog.show()
    return dialog, found


def choose(dialog: ExportDialog, title: str) -> None:
    combo = dialog.findChildren(QComboBox)[0]
    combo.setCurrentIndex(next(i for i, t in enumerate(TARGETS) if t.title.startswith(title)))


def told(dialog: ExportDialog) -> str:
    labels = dialog.findChildren(QLabel)
    return next(label.text() for label in labels if label.accessibleName() == "True size")


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"[\d.]+", text)]


@pytest.mark.parametrize("title", ["Column", "Double", "Slide", "Web"])
def test_that_the_file_has_the_size_and_the_letters_that_were_told(asked, title):
    dialog, found = asked
    choose(dialog, title)
    width, height, text, exponents = numbers(told(dialog))[:4]
    dialog.accept()
    _, options = found[0]
    svg = dialog._path.text().rsplit(".", 1)[0] + ".svg"
    export(FIGURE, svg, **options)
    held = Path(svg).read_text()
    points = numbers(re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', held).group())
    # Told to a tenth of a millimetre.
    assert points[0] / 72 * 25.4 == pytest.approx(width, abs=0.06)
    assert points[1] / 72 * 25.4 == pytest.approx(height, abs=0.06)
    sizes = {float(n) for n in re.findall(r"font-size: ([\d.]+)px", held)}
    sizes |= {float(n) for n in re.findall(r"font: (?:\w+ )?([\d.]+)px", held)}
    # Told to two digits: the smallest letters are the exponents, the next ones the text.
    assert sorted(sizes)[:2] == pytest.approx([exponents, text], rel=0.01)


def test_that_a_web_picture_has_the_pixels_that_were_told(asked):
    dialog, found = asked
    choose(dialog, "Web")
    wide, high = numbers(told(dialog))[-2:]
    dialog.accept()
    path, options = found[0]
    export(FIGURE, path, **options)
    with PIL.Image.open(path) as picture:
        assert picture.size == (pytest.approx(wide, abs=1), pytest.approx(high, abs=1))
        assert picture.width == pytest.approx(1600, abs=1)


def test_that_an_edited_width_is_an_own_size_and_keeps_the_rest(asked):
    dialog, found = asked
    choose(dialog, "Slide")
    dialog._width.setValue(300.0)
    assert dialog.findChildren(QComboBox)[0].currentText() == "Own size"
    dialog.accept()
    assert found[0][1] == {"width_mm": 300.0, "height_mm": 190.5, "dpi": 200}


def test_that_the_page_is_shown_as_it_will_be_and_a_late_one_is_not(asked, qtbot):
    dialog, _ = asked
    page = next(x for x in dialog.findChildren(QLabel) if x.accessibleName().startswith("Preview"))
    with qtbot.waitSignal(dialog.page_wanted) as wanted:
        choose(dialog, "Slide")
    slide = wanted.args[0]
    dialog.set_page(picture(FIGURE, "png", **slide), slide)
    shown = page.pixmap().deviceIndependentSize()
    assert shown.width() / shown.height() == pytest.approx(338.7 / 190.5, rel=0.01)
    assert page.width() - 8 <= shown.width() <= page.width(), "it fills its place"
    choose(dialog, "Column")
    kept = page.pixmap().cacheKey()
    dialog.set_page(b"", slide)
    assert page.pixmap().cacheKey() == kept, "the answer to an older question"
    dialog.explain("no such record")
    assert page.text() == "no such record"


def test_that_numbers_have_no_size(asked):
    dialog, _ = asked
    dialog._format.setCurrentIndex(dialog._format.findData("csv"))
    assert not dialog._width.isEnabled()
    assert not dialog._dpi.isEnabled()
    assert "mm" not in told(dialog)
    assert dialog._path.text().endswith(".csv")


def test_that_a_caption_is_offered_only_where_there_is_one(asked):
    dialog, found = asked
    box = dialog._caption
    copy = next(b for b in dialog.findChildren(QPushButton) if "aption" in b.text())
    assert not box.isVisible()
    assert not copy.isVisible()
    dialog.offer_caption()
    assert box.isVisible()
    assert copy.isVisible()
    box.setChecked(True)
    dialog.accept()
    assert found[1] == str(found[0][0])


def test_that_a_file_is_replaced_only_after_a_question(asked):
    dialog, found = asked
    Path(dialog._path.text()).write_text("precious")
    dialog.accept()
    assert not found
    question = dialog.findChild(QMessageBox)
    assert "exists" in question.text()
    next(b for b in question.buttons() if b.text() == "Replace").click()
    assert [path for path, _ in found] == [Path(dialog._path.text())]


def test_that_a_caption_is_replaced_only_after_a_question(asked):
    dialog, found = asked
    caption = Path(dialog._path.text()).with_suffix(".txt")
    caption.write_text("precious")
    dialog.offer_caption()
    dialog._caption.setChecked(True)
    dialog.accept()
    assert not found
    question = dialog.findChild(QMessageBox)
    assert caption.name in question.text()
    next(b for b in question.buttons() if b.text() == "Replace").click()
    assert len(found) == 2, "the figure and its caption"


MOVIE = Figure(
    "m", "Movie", (Panel((Line(x=[1, 2], y=[[k, 1] for k in range(100)]),), x=Axis("x")),)
)


@pytest.fixture
def film(qtbot, tmp_path):
    """The dialog of a movie whose frame 5 is on show, and what it has asked for."""
    dialog = ExportDialog("m", MOVIE, tmp_path, 5, None)
    qtbot.addWidget(dialog)
    found: list = []
    dialog.wanted.connect(lambda path, options: found.append((Path(path), options)))
    dialog.show()
    return dialog, found


def take(dialog: ExportDialog, kind: str) -> None:
    dialog._format.setCurrentIndex(dialog._format.findData(kind))


def test_that_only_a_movie_is_offered_as_one(asked, film):
    still, _ = asked
    movie, _ = film
    assert still._format.findData("gif") < 0
    assert not movie._fps.isVisible()
    take(movie, "gif")
    assert movie._fps.isVisible()
    take(movie, "png")
    assert not movie._fps.isVisible()


def test_that_a_movie_is_told_with_its_length_and_asked_for_with_all_frames(film):
    dialog, found = film
    take(dialog, "mp4")
    assert "100 pictures, 5.88 s" in told(dialog), "17 a second, about as long as on the screen"
    dialog._every.setValue(4)
    assert "25 pictures, 6.25 s" in told(dialog)
    dialog.accept()
    path, options = found[0]
    assert path.name == "m.mp4"
    assert (options["fps"], options["every"], options["dpi"]) == (4, 4, 150)
    assert "frame_index" not in options


def test_that_frames_go_into_a_folder_that_is_replaced_only_after_a_question(film):
    dialog, found = film
    take(dialog, "frames")
    folder = Path(dialog._path.text())
    assert folder.name == "m"
    folder.mkdir()
    (folder / "frame-00000.png").write_text("precious")
    dialog.accept()
    assert not found
    question = dialog.findChild(QMessageBox)
    (folder / "frame-00000.png").unlink()
    question.reject()
    dialog.accept()
    assert [path for path, _ in found] == [folder], "an empty folder is no loss"


def test_that_what_may_not_be_readable_is_told(asked):
    dialog, _ = asked
    take(dialog, "png")
    assert not dialog._doubts.isVisible()
    dialog._dpi.setValue(60)
    assert "Letters of 5.8 pixels" in dialog._doubts.text()
    assert dialog._doubts.isVisible()
    take(dialog, "svg")
    assert not dialog._doubts.isVisible(), "a vector has no pixels"


def test_that_a_tiff_for_printers_is_offered(asked):
    dialog, found = asked
    take(dialog, "tiff")
    dialog.accept()
    path, options = found[0]
    export(FIGURE, path, **options)
    with PIL.Image.open(path) as picture:
        assert (picture.format, picture.mode) == ("TIFF", "RGB")
        assert picture.info["dpi"] == pytest.approx((600, 600))
        assert picture.width == pytest.approx(85 / 25.4 * 600, abs=1)


def test_that_the_numbers_go_beside_the_picture_and_replace_nothing_unasked(asked):
    dialog, found = asked
    dialog._numbers.setChecked(True)
    path = Path(dialog._path.text())
    path.with_suffix(".csv").write_text("precious")
    dialog.accept()
    assert not found
    question = dialog.findChild(QMessageBox)
    next(b for b in question.buttons() if b.text() == "Replace").click()
    assert [written for written, _ in found] == [path, path.with_suffix(".csv")]
    for written, options in found:
        export(FIGURE, written, **options)
    assert path.with_suffix(".csv").read_text().splitlines()[1:3] == ["x,y (m)", "1,0.001"]


def test_that_numbers_alone_have_none_beside_them(asked):
    dialog, found = asked
    dialog._numbers.setChecked(True)
    take(dialog, "csv")
    assert not dialog._numbers.isEnabled()
    dialog.accept()
    assert len(found) == 1
