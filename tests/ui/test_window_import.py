"""Ways to open data besides files: import options of tables, the clipboard, folders of pictures."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QSpinBox

from ui.data_facts import bars, thumbnail
from ui.import_dialog import ImportDialog
from workbench import records
from workbench.data import load, preview

HELD = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def clipboard():
    yield QGuiApplication.clipboard()
    QGuiApplication.clipboard().clear()


@pytest.fixture
def table(tmp_path):
    """Station data as they come: two lines above, decimal commas, a column of words."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 4)).round(4)
    values[:, 3] = rng.integers(1, 9, 30)
    rows = ["Station;;;;", "m;m;m;kg;", "x1;x2;y;weight;note"]
    rows += [";".join(map(str, row)).replace(".", ",") + ";fine" for row in values.tolist()]
    path = tmp_path / "station.csv"
    path.write_text("\n".join(rows))
    return path, values


def asked(user) -> ImportDialog:
    dialog = user.until(lambda: user.window.findChild(ImportDialog), "the dialog opens")
    user.until(lambda: dialog.isVisible() and dialog._head is not None, "it shows the first rows")
    return dialog


def shown(user, dialog: ImportDialog, text: str) -> None:
    user.until(lambda: dialog._table.item(1, 0).text() == text, f"{text} in the first row")


def named(dialog: ImportDialog, kind, name: str):
    return next(w for w in dialog.findChildren(kind) if w.accessibleName() == name)


def pick_again(user, combo: QComboBox, text: str) -> None:
    user.rest(0.5)  # a list takes keys that follow each other fast as one word
    user.pick(combo, text)


def from_refusal(user, path) -> ImportDialog:
    user.drop(path)
    user.click(user.button("Import options…", user.told(path.name)))
    return asked(user)


def press_open(user, dialog: ImportDialog) -> None:
    user.click(dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open))
    user.until(lambda: user.window.findChild(ImportDialog) is None, "the dialog closes")


def test_that_a_refused_table_is_read_as_told_and_columns_take_their_roles(user, table):
    path, values = table
    user.method("Sinkhorn")
    dialog = from_refusal(user, path)
    open_button = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open)
    assert not open_button.isEnabled()
    assert "row 2, column 'Station' holds 'm'" in dialog._fault.text()
    user.write(named(dialog, QSpinBox, "Lines to skip"), "2")
    shown(user, dialog, str(values[0, 0]).replace(".", ","))
    assert open_button.isEnabled()
    assert dialog._head.dialect.columns == ("x1", "x2", "y", "weight", "note")
    for column, use in enumerate(("x", "x", "leave out", "a", "leave out")):
        user.pick(named(dialog, QComboBox, f"Use of column {column}"), use)
    press_open(user, dialog)
    wanted = {"x": f"{path}::x1,x2::skip=2", "a": f"{path}::weight::skip=2"}
    user.until(lambda: user.window.inputs.inputs() == wanted, "both arrays are filled")
    again = f"{path}::x2,x1::skip=2"
    user.window.data.add(again, select=False)
    user.until(lambda: again in user.window.data.references(), "it is opened")
    combo = user.window.inputs._slots["y"]
    combo.setCurrentIndex(combo.findData(again))
    run = user.over(user.run())
    assert run.state == "done", run.text
    info, problem = records.read_info(run.record), records.read_arrays(run.record, "problem")
    assert info.inputs == wanted | {"y": again}
    np.testing.assert_array_equal(problem["x"], values[:, :2])
    np.testing.assert_array_equal(problem["y"], values[:, 1::-1])
    np.testing.assert_array_equal(load(info.inputs["a"]).values, values[:, 3])


def test_that_every_option_changes_what_is_shown(user, tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("1;2,5\n3;4,5\n5;6,5\n")
    user.drop(path)
    user.until(lambda: user.window.data.current() == str(path), "it is opened")
    user.click(user.button("Import options…", user.window.data))
    dialog = asked(user)
    assert dialog._reference.text() == "…/plain.csv"
    user.pick(named(dialog, QComboBox, "Header"), "yes")
    shown(user, dialog, "3")
    user.pick(named(dialog, QComboBox, "Delimiter"), "semicolon")
    user.pick(named(dialog, QComboBox, "Decimal mark"), "point")
    uses = ["data set", "leave out"]
    user.until(lambda: [c.currentText() for c in dialog._uses] == uses, "4,5 is no number now")
    user.pick(named(dialog, QComboBox, "Use of column 1"), "data set")
    assert "row 2, column '2,5' holds '4,5'" in dialog._fault.text()
    pick_again(user, named(dialog, QComboBox, "Use of column 1"), "leave out")
    pick_again(user, named(dialog, QComboBox, "Delimiter"), "comma")
    shown(user, dialog, "3;4")
    pick_again(user, named(dialog, QComboBox, "Delimiter"), "semicolon")
    pick_again(user, named(dialog, QComboBox, "Decimal mark"), "comma")
    wanted = "…/plain.csv::delimiter=semicolon,decimal=comma,header=yes"
    user.until(lambda: dialog._reference.text() == wanted, "the reference tells them all")
    press_open(user, dialog)
    reference = wanted.replace("…", str(tmp_path))
    user.until(lambda: user.window.data.current() == reference, "it is opened so")
    assert user.window.data.references()[reference].shape == (2, 2)


def test_that_options_of_a_reference_are_there_when_it_is_asked_about_again(user, table):
    path, _ = table
    reference = f"{path}::y,weight::decimal=comma,skip=2"
    user.window.data.add(reference)
    user.until(lambda: user.window.data.current() == reference, "it is opened")
    user.click(user.button("Import options…", user.window.data))
    dialog = asked(user)
    assert named(dialog, QSpinBox, "Lines to skip").value() == 2
    assert named(dialog, QComboBox, "Decimal mark").currentText() == "comma"
    assert [combo.currentText() for combo in dialog._uses] == [
        "leave out",
        "leave out",
        "data set",
        "data set",
        "leave out",
    ]
    user.press(Qt.Key.Key_Escape)
    user.until(lambda: user.window.findChild(ImportDialog) is None, "the dialog closes")


def test_that_pictures_have_no_import_options(user):
    user.data("Mountains on a fault")
    user.until(user.window.data._about.isVisible, "its facts")
    assert not user.window.data._options.isVisible()


def test_that_a_pasted_table_becomes_a_file_of_the_workspace(user, clipboard):
    clipboard.setText("a\tb\r\n1,5\t2\r\n3\t4,25\r\n")
    user.press(Qt.Key.Key_V, *HELD)
    path = user.window.workspace / "pasted" / "table 1.txt"
    user.until(lambda: user.window.data.current() == str(path), "it is opened")
    assert load(str(path)).values.tolist() == [[1.5, 2], [3, 4.25]]


def test_that_an_empty_clipboard_is_explained(user, clipboard):
    clipboard.clear()
    user.press(Qt.Key.Key_V, *HELD)
    user.told("The clipboard holds no data; copy a table, a picture or files first.").close()


def test_that_a_pasted_picture_becomes_a_file_of_the_workspace(user, clipboard):
    pixels = np.random.default_rng(1).integers(0, 256, (21, 30, 3), np.uint8)
    clipboard.setImage(QImage(pixels.tobytes(), 30, 21, 90, QImage.Format.Format_RGB888))
    user.press(Qt.Key.Key_V, *HELD)
    path = user.window.workspace / "pasted" / "picture 1.png"
    user.until(lambda: user.window.data.current() == str(path), "it is opened")
    np.testing.assert_array_equal(load(str(path)).values, np.float32(pixels / 255))


def test_that_pasted_files_are_opened_where_they_are(user, clipboard, tmp_path):
    np.save(tmp_path / "copied.npy", np.eye(9))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "copied.npy"))])
    clipboard.setMimeData(mime)
    user.press(Qt.Key.Key_V, *HELD)
    user.until(lambda: user.window.data.current().endswith("copied.npy"), "it is opened")


@pytest.mark.parametrize(
    ("text", "reason"), [("hello", "holds no table of numbers"), ("", "holds no data")]
)
def test_that_what_is_no_data_is_refused_in_one_sentence(text, reason, user, clipboard):
    clipboard.setText(text)
    user.press(Qt.Key.Key_V, *HELD)
    user.told(reason)


def test_that_a_folder_of_pictures_is_opened_as_a_stack(user, tmp_path):
    folder = tmp_path / "views"
    folder.mkdir()
    for k in range(250):
        Image.fromarray(np.full((5, 6), k, np.uint8)).save(folder / f"{k}.png")
    user.press(Qt.Key.Key_O, *HELD)
    dialog = user.until(lambda: user.window.findChild(QFileDialog), "the dialog opens")
    user.until(dialog.isVisible)
    user.write(dialog.findChild(QLineEdit, "fileNameEdit"), str(folder))
    while user.window.findChild(QFileDialog) is not None:  # a click closes its list of names first
        user.click(user.button("Choose", dialog))
        user.rest(0.3)
    user.until(lambda: user.window.data.current() == str(folder), "it is opened")
    assert user.window.data.references()[str(folder)].shape == (250, 5, 6)
    item = user.until(lambda: user.window.data._item(f"{folder}::7.png"), "pictures are listed")
    last = item.parent().child(item.parent().childCount() - 1)
    assert last.text(0) == "and 51 more"  # 250 and the stack, of which 200 are listed


def test_that_the_facts_of_a_mesh_and_its_histogram_are_shown(user, tmp_path):
    path = tmp_path / "tetrahedron.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n")
    user.drop(path)
    user.until(lambda: user.window.data.current() == str(path), "it is opened")
    facts = [label.text() for label in user.window.data._about.findChildren(QLabel)]
    assert {"4 × 3", "vertex, axis", "float64", "0 … 1", "0"} <= set(facts)
    assert user.window.data._about.histogram.isVisible()
    user.until(lambda: user.window.data._item(f"{path}::faces"), "its parts are listed")


def ink(picture) -> np.ndarray:
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[..., 3] > 0


def test_that_a_cloud_in_space_is_seen_from_its_broad_side_in_its_shape(qapp, tmp_path):
    u, v = np.random.default_rng(0).random((2, 1500)) - 0.5
    first, second = np.array([1, 2, 2]) / 3, np.array([2, 1, -2]) / 3  # of a slanted plane
    np.save(tmp_path / "plate.npy", 4 * u[:, None] * first + 2 * v[:, None] * second)
    rows, columns = np.nonzero(ink(thumbnail(preview(str(tmp_path / "plate.npy")), 200, 1.0)))
    wide, tall = np.ptp(columns), np.ptp(rows)
    assert wide > 160, "it fills the picture"
    assert wide / tall == pytest.approx(2, rel=0.1), "4 by 2, dots add some"


def test_that_the_bars_of_a_histogram_are_as_tall_as_the_counts(qapp):
    drawn = ink(bars((4, 0, 2, 1), 1.0))
    assert drawn[:, ::24].sum(0).tolist() == [30, 0, 15, 8]
