"""Steps of a data set: drawn, standardised and cropped in the window, kept by the record."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QSpinBox

from ui.import_dialog import ImportDialog
from ui.steps_dialog import StepsDialog
from workbench import records
from workbench.data import load
from workbench.script import again_name, save_script

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def cloud(tmp_path):
    """A table of points, and how it is opened."""
    values = np.random.default_rng(3).normal(size=(60, 2)).round(4) * [1, 50]
    path = tmp_path / "cloud.csv"
    np.savetxt(path, values, delimiter=",", header="x,y", comments="", fmt="%.6f")
    return path, load(str(path)).values


def steps_of(user, reference) -> StepsDialog:
    """Open the dialog of the data set that is chosen."""
    user.until(lambda: user.window.data.current() == str(reference), "it is opened")
    user.until(user.window.data._about.isVisible, "its facts")
    user.click(user.button("Steps…", user.window.data))
    dialog = user.until(lambda: user.window.findChild(StepsDialog), "the dialog opens")
    user.until(lambda: dialog.isVisible() and dialog.part._preview is not None, "it is looked at")
    return dialog


def add(user, dialog, text) -> None:
    user.click(user.button(text, dialog))


def named(dialog, kind, name):
    return next(w for w in dialog.findChildren(kind) if w.accessibleName() == name)


def shown(user, dialog, *shape) -> None:
    part = dialog.part
    user.until(lambda: not part._asked and part._preview.shape == shape, f"{shape} is shown")


def use(user, dialog) -> None:
    user.click(dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok))
    user.until(lambda: user.window.findChild(StepsDialog) is None, "the dialog closes")


def test_that_steps_made_by_clicks_are_in_the_record_and_its_script_repeats_them(
    user, cloud, tmp_path, monkeypatch
):
    path, values = cloud
    user.method("Sinkhorn")
    user.drop(path)
    dialog = steps_of(user, path)
    add(user, dialog, "Draw rows")
    user.write(named(dialog, QSpinBox, "Rows of step 1"), "30")
    user.write(named(dialog, QSpinBox, "Seed of step 1"), "7")
    add(user, dialog, "Standardise")
    shown(user, dialog, 30, 2)
    use(user, dialog)
    first = f"{path}::sample=30:seed=7,standardise"
    user.until(lambda: user.window.data.current() == first, "the data set after its steps")
    assert user.window.data._item(first).parent() is user.window.data._item(str(path))
    taken = user.window.inputs.inputs()
    assert str(path) not in taken.values(), "it takes the place of what it was made of"
    assert first in taken.values()
    second = f"{path}::every=2,standardise"
    user.window.data.add(second, select=False)
    user.until(lambda: second in user.window.data.references(), "it is opened")
    for name, reference in (("x", first), ("y", second)):
        combo = user.window.inputs._slots[name]
        combo.setCurrentIndex(combo.findData(reference))
    run = user.over(user.run())
    assert run.state == "done", run.text
    info = records.read_info(run.record)
    assert info.inputs == {"x": first, "y": second}
    rows = np.sort(np.random.RandomState(7).permutation(60)[:30])
    own = values[rows]
    kept = records.read_arrays(run.record, "problem")["x"]
    np.testing.assert_allclose(kept, (own - own.mean(0)) / own.std(0), atol=1e-12)
    with user.stalls.paused():
        save_script(Path(run.record), tmp_path / "again.py")
        assert first in (tmp_path / "again.py").read_text()
        monkeypatch.chdir(tmp_path)
        runpy.run_path("again.py")
    again = again_name(Path(run.record)) + ".h5"
    wanted = records.read_arrays(run.record, "result")
    for name, array in records.read_arrays(tmp_path / again, "result").items():
        if name != "seconds":  # a clock is no part of what is repeated
            assert array.tobytes() == wanted[name].tobytes(), name
    assert records.read_info(tmp_path / again).fingerprints == info.fingerprints


def test_that_a_step_is_taken_away_again_and_moved(user, cloud):
    path, _ = cloud
    user.drop(path)
    dialog = steps_of(user, path)
    add(user, dialog, "Every k-th row")
    add(user, dialog, "Crop")
    shown(user, dialog, 30, 2)
    user.write(named(dialog, QSpinBox, "End along axis 0 of step 2"), "10")
    shown(user, dialog, 10, 2)
    assert dialog._reference.text().endswith("cloud.csv::every=2,crop=..10")
    user.click(user.button("Move step 2 up", dialog))
    shown(user, dialog, 5, 2)
    assert dialog._reference.text().endswith("cloud.csv::crop=..10,every=2")
    user.click(user.button("Remove step 1", dialog))
    shown(user, dialog, 30, 2)
    use(user, dialog)
    after = f"{path}::every=2"
    dialog = steps_of(user, after)
    user.click(user.button("Remove step 1", dialog))
    shown(user, dialog, 60, 2)
    use(user, dialog)
    user.until(lambda: user.window.data.current() == str(path), "the data as they were")


def test_that_a_wrong_step_is_explained_and_cannot_be_used(user, cloud):
    path, _ = cloud
    user.drop(path)
    dialog = steps_of(user, path)
    add(user, dialog, "Draw rows")
    user.write(named(dialog, QSpinBox, "Rows of step 1"), "61")
    button = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    user.until(lambda: not button.isEnabled(), "it cannot be used")
    assert "sample is 61; it must be at most 60, the number of rows" in dialog.part.fault()
    user.write(named(dialog, QSpinBox, "Rows of step 1"), "60")
    user.until(button.isEnabled, "it can be used")
    user.press(Qt.Key.Key_Escape)
    user.until(lambda: user.window.findChild(StepsDialog) is None, "the dialog closes")


def test_that_a_rectangle_on_the_picture_crops_it_and_another_narrows_it(user):
    user.data("Shepp-Logan phantom")
    dialog = steps_of(user, "sample:phantom")
    picture = dialog.part._facts.picture
    for shape in ((64, 96), (32, 96)):  # of 128 × 128 in 200 × 200 pixels, then of 64 × 96
        low, tall = (50, 100) if shape[0] == 64 else (100 - 33, 67)
        across = (50, 200) if shape[0] == 64 else (0, 200)
        QTest.mousePress(picture, LEFT, pos=QPoint(across[0], low))
        QTest.mouseMove(picture, QPoint(across[1], low + tall))
        QTest.mouseRelease(picture, LEFT, pos=QPoint(across[1], low + tall))
        user.until(lambda: dialog.part.steps() and not dialog.part._timer.isActive(), "a crop")
        user.until(lambda: not dialog.part._asked, "it is looked at")
        if shape[0] == 64:
            assert dialog.part._preview.shape == shape
            assert dialog._reference.text() == "sample:phantom::crop=32..96:32..128"
    (crop,) = dialog.part.steps()
    rows, columns = crop.ranges
    assert columns == (32, 128)
    assert 32 <= rows[0] < rows[1] <= 96
    user.press(Qt.Key.Key_Escape)
    user.until(lambda: user.window.findChild(StepsDialog) is None, "the dialog closes")


def test_that_a_file_that_is_too_large_is_opened_in_part(user, tmp_path):
    path = tmp_path / "long.npy"
    head = {"descr": "<f4", "fortran_order": False, "shape": (3000, 1000, 1000)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        file.truncate(file.tell() + 12 * 10**9)  # takes no room on the disk
    user.drop(path)
    user.click(user.button("Steps…", user.told("at most 2 GiB are loaded at once")))
    dialog = user.until(lambda: user.window.findChild(StepsDialog), "the dialog opens")
    user.until(lambda: dialog.isVisible() and dialog.part.fault(), "it says why it is not shown")
    add(user, dialog, "Crop")
    user.write(named(dialog, QSpinBox, "End along axis 0 of step 1"), "2")
    user.until(lambda: dialog.part._preview is not None, "a part is shown")
    assert dialog.part._preview.shape == (2, 1000, 1000)
    user.write(named(dialog, QSpinBox, "End along axis 2 of step 1"), "30")
    shown(user, dialog, 2, 1000, 30)
    use(user, dialog)
    user.until(lambda: user.window.data.current() == f"{path}::crop=..2:..:..30", "it is opened")


def test_that_a_dialog_may_be_closed_before_the_data_arrive(user, cloud):
    path, _ = cloud
    user.drop(path)
    dialog = steps_of(user, path)
    add(user, dialog, "Draw rows")
    user.until(lambda: dialog.part._asked, "they are asked for")
    dialog.reject()
    user.until(lambda: user.window.findChild(StepsDialog) is None, "it is gone")
    user.rest(0.5)  # an error in a late answer fails the test


def test_that_the_keys_alone_reach_and_make_a_step(user, cloud):
    path, _ = cloud
    user.drop(path)
    dialog = steps_of(user, path)
    user.press(Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    user.until(lambda: isinstance(QApplication.focusWidget(), QComboBox), "its field has the keys")
    user.press(Qt.Key.Key_Down)
    user.until(lambda: dialog._reference.text().endswith("::standardise=mean"), "it is chosen")
    way = []
    for _ in range(4):
        user.press(Qt.Key.Key_Tab)
        way.append(QApplication.focusWidget().accessibleName())
    assert way[0] == "Remove step 1", "the arrows of a single step do nothing"
    assert "Reference" in way
    user.press(Qt.Key.Key_Escape)
    user.until(lambda: user.window.findChild(StepsDialog) is None, "the dialog closes")


def test_that_import_options_keep_and_make_steps(user, cloud):
    path, _ = cloud
    reference = f"{path}::x,y::decimal=point::sample=20:seed=1"
    user.window.data.add(reference)
    user.until(lambda: user.window.data.current() == reference, "it is opened")
    user.click(user.button("Import options…", user.window.data))
    dialog = user.until(lambda: user.window.findChild(ImportDialog), "the dialog opens")
    user.until(lambda: dialog.isVisible() and dialog._head is not None, "it shows the first rows")
    assert named(dialog, QSpinBox, "Rows of step 1").value() == 20
    add(user, dialog, "Standardise")
    wanted = f"{reference},standardise"
    user.until(lambda: dialog._reference.text() == f"…{wanted[len(str(path.parent)) :]}", "shown")
    user.until(lambda: dialog._steps._preview is not None, "it is looked at")
    user.click(dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open))
    user.until(lambda: user.window.data.current() == wanted, "it is opened so")
    assert user.window.data.references()[wanted].shape == (20, 2)
