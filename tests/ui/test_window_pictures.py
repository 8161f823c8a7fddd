"""Pictures that leave the window and come back: movies, whole batches, drags, and their records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QProgressDialog

from engines.figure import Cloud3D, Figure, Image, Line, Panel
from ui.batch_dialog import BatchDialog
from ui.export_dialog import ExportDialog
from workbench import stamp
from workbench.desk import Calls
from workbench.records import RunInfo
from workbench.records.recorder import write_record

LEFT = Qt.MouseButton.LeftButton
VALUES = np.random.default_rng(0).random((30, 16, 16))
FIGURES = (
    Figure("curve", "Curve", (Panel((Line(x=[1, 2], y=[1, 2]),)),)),
    Figure("wave", "Wave", (Panel((Image(values=VALUES),), equal=True),)),
    Figure("cloud", "Cloud", (Panel((Cloud3D(points=np.eye(3)),)),)),
)


@pytest.fixture
def record(tmp_path) -> Path:
    info = RunInfo(
        method="pde.x",
        parameters={},
        seed=0,
        device="cpu",
        precision="float64",
        started=f"2026-01-01T00:00:00 {tmp_path}",  # each test has a run of its own
        state="done",
    )
    write_record(tmp_path / "a.h5", info, None, None, FIGURES, {})
    return tmp_path / "a.h5"


def shown(user, record: Path, name: str) -> None:
    """Open a record at one of its figures."""
    user.window.open_paths([str(record)])
    user.until(lambda: user.window.plots.run and user.window.plots.run.record == str(record))
    user.window.plots.choose(name)
    user.until(user.window.commands["export"].isEnabled, "its picture is on show")
    user.until(lambda: user.window.plots.view.isVisible(), "it is seen")


def dialog(user, kind: type):
    return user.until(
        lambda: next((d for d in user.window.findChildren(kind) if d.isVisible()), None),
        f"a {kind.__name__}",
    )


def choose(box: QComboBox, data: str) -> None:
    box.setCurrentIndex(box.findData(data))


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_that_a_picture_that_falls_on_the_window_opens_its_record_at_its_frame(
    user, record, tmp_path, kind
):
    calls, picture = Calls(tmp_path / "w"), tmp_path / f"p.{kind}"
    other = tmp_path / f"q.{kind}"
    with user.stalls.paused():
        calls.export(str(record), "wave", str(picture), {"frame_index": 7, "dpi": 60})
        calls.export(str(record), "cloud", str(other), {"view": (10.0, 20.0), "dpi": 60})
    user.drop(picture)
    plots = user.window.plots
    user.until(lambda: plots.run and plots.run.record == str(record), "the record is open")
    user.until(lambda: plots.view.movie.frame() == 7, "it stands at its frame")
    assert plots.figure_name() == "wave"
    user.drop(other)
    user.until(lambda: plots.view.view() == (10.0, 20.0), "it is seen from there")
    assert plots.figure_name() == "cloud"
    user.drop(picture)
    user.until(lambda: plots.figure_name() == "wave", "and back to what is open already")
    user.until(lambda: plots.view.movie.frame() == 7, "at its frame")


def test_that_a_picture_whose_record_is_gone_says_so_and_can_be_data(user, record, tmp_path):
    picture = tmp_path / "p.png"
    with user.stalls.paused():
        Calls(tmp_path / "w").export(str(record), "wave", str(picture), {"dpi": 60})
    record.unlink()
    user.drop(picture)
    notice = user.told("a.h5; it must be in the workspace or at")
    user.click(user.button("Open as data", notice))
    user.until(lambda: str(picture) in user.window.data.references(), "it is data")


def test_that_a_movie_is_drawn_beside_everything_else(user, record, tmp_path):
    shown(user, record, "wave")
    user.window.commands["export"].trigger()
    asked = dialog(user, ExportDialog)
    choose(asked._format, "gif")
    asked._every.setValue(2)
    asked._path.set_text(str(tmp_path / "w.gif"))
    asked.accept()
    user.until(lambda: dialog(user, QProgressDialog).maximum() == 15, "progress is told")
    # Meanwhile the desk answers.
    found: list = []
    user.window.bridge.call("samples", done=found.append, failed=lambda *_: None)
    user.until(lambda: found, "the desk answers")
    user.told(f"Exported {tmp_path / 'w.gif'}")
    assert not user.window.findChildren(QProgressDialog) or not any(
        d.isVisible() for d in user.window.findChildren(QProgressDialog)
    )
    with PIL.Image.open(tmp_path / "w.gif") as image:
        assert image.n_frames == 15
    assert stamp.read(tmp_path / "w.gif")["settings"]["every"] == 2


def test_that_a_movie_can_be_cancelled(user, record, tmp_path):
    shown(user, record, "wave")
    user.window.commands["export"].trigger()
    asked = dialog(user, ExportDialog)
    choose(asked._format, "frames")
    (tmp_path / "out").mkdir()
    asked._path.set_text(str(tmp_path / "out" / "frames"))
    asked.accept()
    going = dialog(user, QProgressDialog)
    user.until(lambda: going.value() > 0, "it has begun")
    user.click(user.button("Cancel", going))
    user.until(lambda: not user.window.bridge.studio._open, "it is over")
    user.until(lambda: not list((tmp_path / "out").iterdir()), "nothing of it is left")


def test_that_all_figures_of_the_selected_records_are_exported(user, record, tmp_path):
    shown(user, record, "curve")
    user.window.results.table.clearSelection()
    user.until(user.window.commands["export all"].isEnabled, "it can be chosen")
    user.window.commands["export all"].trigger()
    asked = dialog(user, BatchDialog)
    out = tmp_path / "out"
    asked._folder.set_text(str(out))
    choose(asked._format, "svg")
    save = user.button("Save", asked)
    user.until(save.isEnabled, "they are counted")
    assert "Figures: 3, of records: 1" in asked._said.text()
    user.click(save)
    user.told(f"Exported to {out}; figures: 3")
    names = ["a-cloud.svg", "a-curve.svg", "a-wave.svg"]
    assert sorted(path.name for path in out.iterdir()) == names
    (out / "a-wave.svg").write_text("mine")
    (out / "a-cloud.svg").unlink()
    user.window.commands["export all"].trigger()
    asked = dialog(user, BatchDialog)
    asked._folder.set_text(str(out))
    choose(asked._format, "svg")
    save = user.button("Save", asked)
    user.until(save.isEnabled, "they are counted")
    user.click(save)
    user.until(lambda: QApplication.activeModalWidget() not in (None, asked), "a question")
    question = QApplication.activeModalWidget()
    assert "2 of the files exist" in question.text()
    next(b for b in question.buttons() if b.text().startswith("Keep")).click()
    user.told(f"Exported to {out}; figures: 1")
    assert (out / "a-wave.svg").read_text() == "mine"


def drags(user) -> list:
    """The real start of a drag, then what would hang on the pointer each time."""
    found: list = []
    out = user.window.exports.drag_out
    out.start, before = lambda source: found.append(out.promise()), out.start
    found.append(before)
    return found


def pull(user, held: Qt.KeyboardModifier) -> None:
    viewport = user.window.plots.view.plots.viewport()
    middle = QPointF(viewport.rect().center())
    kinds = (QEvent.Type.MouseButtonPress, 0), (QEvent.Type.MouseMove, 40)
    for kind, way in (*kinds, (QEvent.Type.MouseButtonRelease, 40)):
        place = middle + QPointF(way, 0)
        event = QMouseEvent(kind, place, viewport.mapToGlobal(place), LEFT, LEFT, held)
        QApplication.sendEvent(viewport, event)


def test_that_ctrl_and_drag_give_the_figure_on_paper_and_a_plain_drag_still_moves(user, record):
    shown(user, record, "wave")
    user.window.plots.view.movie.slider.setValue(4)
    panel = user.window.plots.view.plots.panels[0]
    before = panel.limits()
    (real, *_), out = (found := drags(user)), user.window.exports.drag_out
    try:
        pull(user, Qt.KeyboardModifier.ControlModifier)
        assert panel.limits() == before, "the picture is dragged, not moved"
        promise = found[1]
        path = Path(promise._path)
        user.until(path.exists, "the desk draws it")
        assert [url.toLocalFile() for url in promise.urls()] == [str(path)]
        assert path.name == "a-wave.png"
        held = stamp.read(path)
        assert (held["record"], held["frame"]) == (str(record), 4)
        pull(user, Qt.KeyboardModifier.NoModifier)
        assert len(found) == 2
        assert panel.limits() != before
    finally:
        out.start = real


def test_that_what_is_asked_for_too_early_is_the_picture_of_the_screen(user, record):
    shown(user, record, "curve")
    out = user.window.exports.drag_out
    drawer, out._drawer = out._drawer, lambda: ("no record", None)
    try:
        with user.stalls.paused():
            promise = out.promise()
            assert not Path(promise._path).exists(), "made only when somebody asks"
            (url,) = promise.urls()
    finally:
        out._drawer = drawer
    image = QImage(url.toLocalFile())
    assert image.size() == user.window.plots.view.plots.viewport().size()
    assert url.fileName() == "no-record.png"
