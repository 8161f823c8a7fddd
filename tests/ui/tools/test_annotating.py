"""Annotations by mouse and keys: kept in the record, taken back, shown again, put on paper."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Picture
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit

from engines.figure import Annotation, Axis, Figure, Image, Line, Panel
from ui.export_dialog import ExportDialog
from workbench.export import picture
from workbench.records import Recorder, RunInfo, read_arrays, read_figure, write_annotations
from workbench.report import report

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
X = np.linspace(0, 10, 50)
PIXEL = 0.05  # of axes from 0 to 10: more than a pixel of these windows
METRES = {"x": Axis("x", "m", limits=(0, 10)), "y": Axis("y", "m", limits=(0, 10))}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "runs").mkdir()
    info = RunInfo(
        method="transport.sinkhorn",
        parameters={},
        seed=0,
        device="cpu",
        precision="float64",
        started="2026-01-01T03:04:05+00:00",
        state="done",
        title="Kept",
    )
    figures = [
        Figure("curve", "Curve", (Panel((Line(x=X, y=X),), **METRES),)),
        Figure("field", "Field", (Panel((Image(values=np.eye(8)),)),)),
    ]
    Recorder(folder / "runs" / "00001-made.h5", info, None).finish(info, None, figures)
    return folder


@pytest.fixture
def record(workspace):
    return workspace / "runs" / "00001-made.h5"


@pytest.fixture
def plots(user, record):
    """The curve on show, without any annotation."""
    plots = user.window.plots
    user.window.open_paths([str(record)])
    user.until(lambda: plots.run is not None and plots.run.record == str(record), "the record")
    user.tab("Curve")
    board = plots.view.tools.board
    while board.own:
        board.chosen = 0
        board.remove()
    user.until(lambda: not read_figure(record, "curve").annotations, "a clean record")
    plots.view.tools.pick("")
    return plots


def notes(plots):
    return plots.shown_figure().annotations


def texts(user):
    return [label for notice in user.notices() for label in notice.findChildren(QLabel)]


def written(user, mouse, words, start=(2.0, 3.0), end=(5.0, 7.0)):
    """Draw from a place to where the words shall stand, and type them."""
    mouse.button("annotate")
    mouse.drag(start, end)
    line = user.named(QLineEdit, "Words of the annotation")
    assert line.hasFocus()
    QTest.keyClicks(line, words)
    QTest.keyClick(line, KEY.Key_Return)


def test_that_words_are_drawn_typed_and_kept_in_the_record(user, plots, record, mouse_on):
    written(user, mouse_on(plots.view), "turning point")
    (note,) = notes(plots)
    assert note.text == "turning point"
    np.testing.assert_allclose([note.x, note.y, note.text_x, note.text_y], [2, 3, 5, 7], atol=PIXEL)
    user.until(lambda: read_figure(record, "curve").annotations == (note,), "it is in the record")
    assert read_figure(record, "field").annotations == ()


def test_that_undo_and_redo_reach_the_record(user, plots, record, mouse_on):
    written(user, mouse_on(plots.view), "first")
    kept = notes(plots)
    plots.view.plots.setFocus()
    user.press(KEY.Key_Z, CTRL)
    assert notes(plots) == ()
    user.until(lambda: read_figure(record, "curve").annotations == (), "undone in the record")
    user.window.commands["redo"].trigger()
    assert notes(plots) == kept
    user.until(lambda: read_figure(record, "curve").annotations == kept, "done again")


def test_that_a_double_click_edits_and_delete_removes(user, plots, record, mouse_on):
    mouse = mouse_on(plots.view)
    written(user, mouse, "before")
    mouse.key(KEY.Key_Escape)
    home = plots.view.plots.panels[0].view.viewRange()
    mouse.twice((5.0, 7.0))
    line = user.named(QLineEdit, "Words of the annotation")
    assert line.text() == "before"
    QTest.keyClicks(line, "after")
    QTest.keyClick(line, KEY.Key_Return)
    assert [note.text for note in notes(plots)] == ["after"]
    assert plots.view.plots.panels[0].view.viewRange() == home
    mouse.click((5.0, 7.0))
    mouse.key(KEY.Key_Delete)
    assert notes(plots) == ()
    user.until(lambda: read_figure(record, "curve").annotations == (), "it is gone")


def test_that_words_and_tip_are_moved_apart(user, plots, mouse_on):
    mouse = mouse_on(plots.view)
    written(user, mouse, "here")
    mouse.key(KEY.Key_Escape)
    mouse.drag((5.0, 7.0), (7.0, 5.0))
    mouse.drag((2.0, 3.0), (1.0, 1.0))
    (note,) = notes(plots)
    np.testing.assert_allclose(
        [note.x, note.y, note.text_x, note.text_y], [1, 1, 7, 5], atol=2 * PIXEL
    )


def test_that_a_click_points_and_escape_or_no_words_leave_nothing(user, plots, mouse_on):
    mouse = mouse_on(plots.view)
    mouse.button("annotate")
    mouse.click((4.0, 4.0))
    line = user.named(QLineEdit, "Words of the annotation")
    QTest.keyClicks(line, "gone")
    QTest.keyClick(line, KEY.Key_Escape)
    assert not line.isVisible()
    assert plots.view.tools.board.own == []
    mouse.click((4.0, 4.0))
    QTest.keyClick(line, KEY.Key_Return)
    assert notes(plots) == ()
    mouse.click((4.0, 4.0))
    QTest.keyClicks(line, "kept")
    mouse.click((8.0, 2.0))  # a click elsewhere takes the words, and begins another
    assert [note.text for note in notes(plots)] == ["kept"]
    QTest.keyClick(line, KEY.Key_Escape)
    (note,) = notes(plots)
    np.testing.assert_allclose([note.x, note.y], [4, 4], atol=PIXEL)
    assert note.text_x > note.x, "towards the middle"


def test_that_keys_alone_write_move_and_remove(user, plots, record, mouse_on):
    mouse = mouse_on(plots.view)
    user.window.commands["annotate"].trigger()
    user.press(KEY.Key_Return)
    line = user.named(QLineEdit, "Words of the annotation")
    QTest.keyClicks(line, "by keys")
    QTest.keyClick(line, KEY.Key_Return)
    (before,) = notes(plots)
    mouse.key(KEY.Key_Escape)
    mouse.key(KEY.Key_S)
    for _ in range(4):
        mouse.key(KEY.Key_Up)
    undone = user.window.undo.count()
    user.until(lambda: notes(plots)[0].y > before.y, "it is moved")
    assert user.window.undo.count() == undone + 1, "four keys are one change"
    mouse.key(KEY.Key_Backspace)
    assert notes(plots) == ()


def test_that_words_belong_to_the_figure_they_were_typed_on(user, plots, record, mouse_on):
    mouse = mouse_on(plots.view)
    mouse.button("annotate")
    mouse.drag((2.0, 3.0), (5.0, 7.0))
    QTest.keyClicks(user.named(QLineEdit, "Words of the annotation"), "of the curve")
    user.tab("Field")
    user.until(lambda: read_figure(record, "curve").annotations, "kept")
    assert read_figure(record, "field").annotations == ()
    assert plots.view.tools.board.own == []
    user.tab("Curve")
    assert [note.text for note in notes(plots)] == ["of the curve"]


def test_that_a_record_that_is_opened_again_shows_them(user, plots, record, mouse_on):
    note = Annotation(0, 1.0, 2.0, "from before", 3.0, 4.0)
    plots.view.tools.annotated.emit((), (note,))
    user.until(lambda: read_figure(record, "curve").annotations == (note,), "kept")
    plots.run.figures.clear()
    plots.refresh()
    user.until(lambda: plots.shown_figure() is not None, "read again")
    assert [s.text for s in plots.view.tools.board.own] == ["from before"]


def test_that_a_record_that_cannot_be_written_says_so_and_takes_it_back(
    user, plots, record, mouse_on
):
    aside = record.rename(record.with_name("aside.h5"))
    written(user, mouse_on(plots.view), "lost")
    assert len(notes(plots)) == 1
    user.until(lambda: notes(plots) == (), "it is taken back")
    aside.rename(record)
    assert any("does not exist" in label.text() for label in texts(user)), "a notice says why"


def test_that_a_live_run_is_not_annotated(user, plots):
    plots.run.names, names = (), plots.run.names
    plots.refresh()
    button = plots.view.tools.bar.buttons["annotate"]
    assert not button.isEnabled()
    assert "record" in button.toolTip()
    plots.run.names = names
    plots.refresh()


def test_that_results_stay_bit_for_bit(user, plots, record, mouse_on):
    before = {n: a.tobytes() for n, a in read_arrays(record, "result").items()}
    written(user, mouse_on(plots.view), "beside")
    user.until(lambda: read_figure(record, "curve").annotations, "kept")
    assert {n: a.tobytes() for n, a in read_arrays(record, "result").items()} == before


# --- paper -------------------------------------------------------------------------------------


def dark(figure, **options):
    """How many dark pixels a page has."""
    held = picture(figure, "png", width_mm=80, dpi=150, **options)
    return int((np.asarray(Picture.open(io.BytesIO(held)).convert("L")) < 100).sum())


def test_that_paper_shows_words_and_arrow_unless_they_are_left_out():
    bare = Figure("f", "", (Panel((Line(x=X, y=X),), **METRES),))
    noted = replace(bare, annotations=(Annotation(0, 2.0, 8.0, "WWWWWWW", 7.0, 3.0),))
    assert dark(noted) > dark(bare) + 200
    assert dark(noted, annotations=False) == dark(bare)
    svg = picture(noted, "svg", width_mm=80).decode()
    assert "WWWWWWW" in svg
    log = {"x": Axis("x", scale="log"), "y": Axis("y")}
    lost = Annotation(0, -1.0, 8.0, "nowhere", 7.0, 3.0)
    page = Figure("f", "", (Panel((Line(x=X, y=X),), **log),), annotations=(lost,))
    assert "nowhere" not in picture(page, "svg", width_mm=80).decode()


def test_that_a_report_shows_them(record, tmp_path):
    write_annotations(record, "curve", [Annotation(0, 2.0, 8.0, "seen in print", 6.0, 3.0)])
    report([record], tmp_path / "a.html", {})
    text = (tmp_path / "a.html").read_text("utf8")
    drawn = [base64.b64decode(s) for s in re.findall(r"svg\+xml;base64,([^\"]+)", text)]
    assert any(b"seen in print" in svg for svg in drawn)
    write_annotations(record, "curve", [])


def test_that_the_export_dialog_can_leave_them_out(user, plots, record, mouse_on, tmp_path):
    written(user, mouse_on(plots.view), "on paper")
    user.until(lambda: read_figure(record, "curve").annotations, "kept")
    plots.view.plots.setFocus()
    user.press(KEY.Key_E, CTRL)
    dialog = user.until(lambda: user.window.findChild(ExportDialog), "the dialog opens")
    user.until(dialog.isVisible)
    box = next(b for b in dialog.findChildren(QCheckBox) if "nnotations" in b.text())
    assert box.isVisible()
    assert box.isChecked()
    user.click(box, QPoint(8, box.height() // 2))
    path = tmp_path / "bare.svg"
    user.write(dialog.findChild(QLineEdit, "path"), str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, "it is written")
    assert "on paper" not in path.read_text("utf8")
