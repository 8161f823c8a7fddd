"""From a click on the start page to a figure on paper, for every method."""

import re
import zlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit

from ui.export_dialog import ExportDialog
from workbench import records

FAMILIES = ("transport", "lowrank", "diffusion", "pde")
MM = 72 / 25.4  # points of a PDF


def first_picture(user, run):
    user.until(lambda: run.figures or run.over, "a live picture", 10)
    user.until(lambda: user.window.plots.view.isVisible(), "the picture on the screen", 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_card_leads_from_a_click_to_a_figure_on_paper(user, family, tmp_path):
    window = user.window
    run = user.card(family)
    assert run.method.startswith(family)
    first_picture(user, run)
    import time; t=time.time()
    user.over(run)
    print(family, "over after", time.time()-t)
    assert run.state == "done", run.text
