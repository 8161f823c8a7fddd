"""Reports, scripts, citations and captions out of the window."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from ui.export_dialog import ExportDialog
from workbench import records
from workbench.workspace import Workspace

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module", autouse=True)
def record(workspace) -> Path:
    """A record that is there when the window opens."""
    from workbench.api import run

    path = Workspace(workspace).new_path("lowrank.randomized_svd", "hilbert")
    run(
        "lowrank.randomized_svd",
        example="hilbert",
        target={"kind": "rank", "k": 5},
        output=path,
        title="Steep",
    )
    return path


@pytest.fixture
def chosen(user, record):
    """The window with the record on show."""
    user.window.open_paths([str(record)])
    user.until(lambda: user.window.commands["export"].isEnabled(), "its picture is on show")
    user.until(lambda: user.window.commands["report"].isEnabled(), "it can be reported on")
    return user


def save(user, path: Path) -> None:
    """Type a name into the file dialog that has opened."""
    dialog = user.until(
        lambda: next((d for d in user.window.findChildren(QFileDialog) if d.isVisible()), None),
        "the dialog opens",
    )
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    line.setText(str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, f"{path.name} is written")
    assert user.button("Open", user.told(f"Exported {path}"))


@pytest.mark.parametrize("ending", ["html", "pdf", "pptx"])
def test_that_a_report_is_written_and_a_notice_offers_to_open_it(chosen, tmp_path, ending):
    chosen.press(Qt.Key.Key_E, CTRL, SHIFT)
    path = tmp_path / f"report.{ending}"
    save(chosen, path)
    head = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF", "pptx": b"PK"}[ending]
    assert path.read_bytes().startswith(head)
    if ending == "html":
        text = path.read_text("utf8")
        assert "terms to keep" in text, "the desk was told of the methods"
        assert "Steep" in text


def test_that_a_script_is_saved_and_copied(chosen, record, tmp_path):
    chosen.window.commands["script"].trigger()
    save(chosen, tmp_path / "again.py")
    QApplication.clipboard().clear()
    chosen.window.commands["python"].trigger()
    text = chosen.until(QApplication.clipboard().text, "the script is in the clipboard")
    assert text == (tmp_path / "again.py").read_text("utf8")
    assert "arXiv:0909.4061" in text
    names = [k.arg for k in ast.parse(text).body[1].value.keywords]
    assert set(records.read_info(record).parameters) <= set(names)


def test_that_bibtex_of_the_method_on_show_is_copied(chosen):
    chosen.window.commands["bibtex"].trigger()
    assert "halko2011finding" in QApplication.clipboard().text()


def test_that_a_caption_is_written_beside_the_figure_and_copied(chosen, tmp_path):
    chosen.press(Qt.Key.Key_E, CTRL)
    dialog = chosen.until(lambda: chosen.window.findChild(ExportDialog), "the dialog opens")
    chosen.until(dialog.isVisible)
    chosen.until(lambda: not dialog._page.pixmap().isNull(), "the page is drawn")
    QApplication.clipboard().clear()
    chosen.click(dialog._copy)
    copied = chosen.until(QApplication.clipboard().text, "the caption is in the clipboard")
    chosen.write(dialog.findChild(QLineEdit, "path"), str(tmp_path / "figure.pdf"))
    chosen.click(dialog._caption)
    chosen.click(chosen.button("Save", dialog))
    chosen.until((tmp_path / "figure.txt").exists, "the caption is written")
    chosen.until((tmp_path / "figure.pdf").exists, "and the figure")
    assert (tmp_path / "figure.txt").read_text("utf8") == copied
    assert "Settings: k = 5; all others at their defaults. Seed 0" in copied


def test_that_a_report_that_cannot_be_written_says_why(chosen, tmp_path):
    window = chosen.window
    window.handouts._write("report", window.handouts.records(), str(tmp_path / "no" / "r.html"))
    chosen.told("cannot be written")
    assert not window.statusBar().currentMessage()
