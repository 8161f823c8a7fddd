"""The window at every scale of the screen, in both languages: sharp, and no word cut off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The scale is fixed when a program starts, so each has a process of its own.
LOOK = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLabel
from ui import theme, translation
from ui.elided import ElidedLabel
from ui.window import MainWindow

app = QApplication([])
theme.apply(app, "light")
theme.enlarge(app, int(sys.argv[2]))
folder = Path(sys.argv[1])
cut, ratios, sizes = [], set(), []


def look(where, language):
    for widget in where.findChildren((QAbstractButton)) + where.findChildren(QLabel):
        plain = not isinstance(widget, ElidedLabel) and not getattr(widget, "wordWrap", bool)()
        if not widget.isVisible() or not plain or not widget.text() or widget.window() is not where:
            continue
        need, have = widget.sizeHint(), widget.size()
        if widget.text() and (have.width() < need.width() - 1 or have.height() < need.height() - 2):
            cut.append([language, type(where).__name__, widget.text(), have.width(), need.width()])
    ratios.add(where.grab().devicePixelRatio())


for language in ("en", "de"):
    used = translation.use(app, language)
    store = QSettings(str(folder / f"{language}.ini"), QSettings.Format.IniFormat)
    window = MainWindow(folder, store)
    window._was_painted = True  # the helper processes are not wanted
    window.show()
    window.resize(1440, 900)
    QTest.qWait(200)
    look(window, language)
    window.layouts.save("mine")
    for command in ("settings", "shortcuts", "save layout", "delete layout", "about"):
        window.commands[command].trigger()
        QTest.qWait(100)
        box = QApplication.activeModalWidget()
        look(box, language)
        sizes.append([box.width(), box.height()])
        box.close()
    window.workspaces._ask_where(folder, 2)
    QTest.qWait(100)
    look(QApplication.activeModalWidget(), language)
    QApplication.activeModalWidget().close()
    window.close()
    translation.remove(app, used)
print(json.dumps({"cut": cut, "ratios": sorted(ratios), "sizes": sizes}))
"""


@pytest.mark.parametrize(
    ("scale", "percent"), [("1", "100"), ("1.5", "100"), ("2", "100"), ("1", "200")]
)
def test_that_no_word_is_cut_off_in_window_and_dialogs(tmp_path, scale, percent):
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    env |= {"PYTHONPATH": str(ROOT), "PYQTGRAPH_QT_LIB": "PySide6"}
    said = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path), percent],
        env=env, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout.splitlines()[-1])
    assert not found["cut"]
    assert found["ratios"] == [float(scale)], "drawn with all the dots of the screen"
    # Half of a small screen at the most, so that what lies below is still seen.
    assert all(width <= 800 and height <= 760 for width, height in found["sizes"])
