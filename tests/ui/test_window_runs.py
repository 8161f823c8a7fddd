"""From a click on the start page to a figure on paper, for every method."""

import re
import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit

from ui.export_dialog import ExportDialog
from workbench import records

# What is on show first, and when the run is over.
LIVE = {
    "transport": "plan",
    "lowrank": "reconstruction",
    "diffusion": "samples",
    "pde": "vorticity",
}
SLOW = {"pde"}  # half a minute on a good day; its quick preset takes its place once it has begun
MM = 72 / 25.4  # points of a PDF


def page_width(path: Path) -> float:
    """Width in millimetres of the page of a PDF, also where its objects are compressed."""
    held = path.read_bytes()
    packed = re.findall(rb"stream\r?\n(.*?)endstream", held, re.S)
    for part in packed:
        try:
            held += zlib.decompress(part)
        except zlib.error:
            continue
    left, _, right, _ = map(float, re.search(rb"/MediaBox\s*\[([^]]*)\]", held)[1].split())
    return (right - left) / MM


def export(user, path: Path, width: float) -> None:
    user.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = user.until(lambda: user.window.findChild(ExportDialog), "the dialog opens")
    user.until(dialog.isVisible)
    user.write(dialog.findChild(QDoubleSpinBox), f"{width}")
    user.write(dialog.findChild(QLineEdit, "path"), str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, "the figure is written")
    user.told(f"Exported {path}")


@pytest.mark.parametrize("family", LIVE)
def test_that_a_card_leads_from_a_click_to_a_figure_on_paper(user, family, tmp_path):
    window = user.window
    run = user.card(family)
    assert run.method.startswith(family)
    user.until(lambda: run.figures or run.over, "a live picture", 10)
    user.until(window.plots.view.isVisible, "it is on the screen")
    assert window.plots.figure_name() == LIVE[family]
    if family in SLOW:
        user.click(user.button("Stop", window.run_pane))
        assert user.over(run).state == "stopped"
        user.pick(user.named(QComboBox, "Preset"), "quick")
        run = user.run()
    assert user.over(run).state == "done", run.text
    assert records.figure_names(Path(run.record)) == run.names
    user.until(lambda: len(user.tabs()) == len(run.names) + 1, "a tab for each, and Progress")
    assert window.plots.figure_name() == LIVE[family]
    for tab in user.tabs():
        user.tab(tab)
        assert user.colours() > 4, f"{tab} is empty"
    user.tab(user.tabs()[0])
    path = tmp_path / "figure.pdf"
    export(user, path, 120.0)
    assert abs(page_width(path) - 120.0) < 0.1, "a tenth of a millimetre can be seen"
    user.until(lambda: run.record in listed(user), "the record is in the results")


def listed(user) -> list[str]:
    model = user.window.results.model
    return [model.path(row) for row in range(model.rowCount())]


def test_that_export_is_offered_as_soon_as_the_picture_of_the_record_is_on_show(user):
    run = user.over(user.card("transport"))
    user.until(lambda: user.window.plots.figure_name() in run.figures, "it is read")
    user.until(user.window.commands["export"].isEnabled, "Export can be chosen", 5)
