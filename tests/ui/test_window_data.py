"""Own data by mouse: dropped or opened, joined to a method by clicks, and run."""

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QTreeWidget

from ui.tones import HINT, TONE
from workbench import records

RANDOM = np.random.default_rng(0)


def number(user, name: str, text: str) -> None:
    user.write(user.window.parameters._form.rows[name].editor.main, text)


def used(user) -> dict[str, str]:
    return {n: r.rpartition("/")[2] for n, r in user.window.inputs.inputs().items()}


def open_by_dialog(user, *paths) -> None:
    user.press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = user.until(lambda: user.window.findChild(QFileDialog), "the dialog opens")
    user.until(dialog.isVisible)
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    user.write(line, " ".join(f'"{path}"' for path in paths))
    user.click(user.button("Open", dialog))


def opened(user, name: str) -> bool:
    tree = user.named(QTreeWidget, "Data sets")
    return user.item(tree, name) is not None and user.window.data.current().endswith(name)


def done(user, run):
    assert user.over(run).state == "done", run.text
    assert user.colours() > 4
    return records.read_info(run.record), records.read_arrays(run.record, "problem")


def test_that_two_clouds_dropped_at_once_are_carried_onto_each_other(user, tmp_path):
    a, b = tmp_path / "from.csv", tmp_path / "to.csv"
    for path, shift in (a, 0.0), (b, 3.0):
        cloud = RANDOM.normal(shift, 1.0, (40, 2))
        np.savetxt(path, cloud, delimiter=",", header="x,y", comments="")
    user.drop(a, b, on=user.window.data)
    user.until(lambda: opened(user, "to.csv"), "both are opened")
    user.method("Sinkhorn")
    assert used(user) == {"x": "from.csv", "y": "to.csv"}
    info, problem = done(user, user.run())
    assert info.inputs == {"x": str(a), "y": str(b)}
    assert problem["y"].shape == (40, 2)
    assert abs(problem["y"].mean() - 3.0) < 0.5, "mean of 80 numbers of variance 1"


def test_that_a_matrix_opened_by_the_dialog_is_compressed(user, tmp_path):
    path = tmp_path / "low.npy"
    np.save(path, RANDOM.normal(size=(60, 5)) @ RANDOM.normal(size=(5, 80)))
    open_by_dialog(user, path)
    user.until(lambda: opened(user, "low.npy"), "it is opened")
    user.method("Randomized SVD")
    assert used(user) == {"matrix": "low.npy"}
    run = user.run()
    done(user, run)
    assert records.read_arrays(run.record, "result")["s"][5:].max(initial=0.0) < 1e-9, "rank 5"


def test_that_a_colour_picture_is_an_initial_vorticity(user, tmp_path):
    path = tmp_path / "swirl.png"
    y, x = np.mgrid[0:32, 0:32] / 32 * 2 * np.pi
    channels = [np.sin(x) * np.sin(y), np.cos(x + y), np.sin(2 * x)]
    pixels = np.stack(channels, -1)
    Image.fromarray(np.uint8(127 + 127 * pixels)).save(path)
    user.drop(path, on=user.window.plots)
    user.until(lambda: opened(user, "swirl.png"), "it is opened")
    user.method("Navier–Stokes in two dimensions")
    assert used(user) == {"vorticity": "swirl.png"}
    number(user, "grid", "32")
    number(user, "t_end", "0.2")
    number(user, "frames", "4")
    info, problem = done(user, user.run())
    assert problem["vorticity"].shape == (32, 32)
    assert any("grey" in warning for warning in info.warnings)
    assert "converted from colour to grey" in user.window.log.text()


def test_that_a_data_set_is_sampled(user, tmp_path):
    path = tmp_path / "set.npy"
    np.save(path, RANDOM.normal(size=(200, 2)))
    user.drop(path, on=user.window.results)
    user.until(lambda: opened(user, "set.npy"), "it is opened")
    user.method("EDM sampler (Heun, Euler)")
    assert used(user) == {"data": "set.npy"}
    number(user, "n_samples", "40")
    run = user.run()
    done(user, run)
    assert records.read_arrays(run.record, "result")["samples"].shape == (40, 2)


def test_that_another_file_takes_the_place_of_the_only_one(user, tmp_path):
    for name in "first.npy", "second.npy":
        np.save(tmp_path / name, RANDOM.normal(size=(20, 30)))
    user.method("Randomized SVD")
    for name in "first.npy", "second.npy":
        user.drop(tmp_path / name)
        user.until(lambda name=name: used(user) == {"matrix": name}, "it is taken")


def test_that_each_array_of_an_archive_can_be_taken(user, tmp_path):
    np.savez(tmp_path / "two.npz", big=np.eye(30), small=np.eye(9))
    user.method("Randomized SVD")
    user.drop(tmp_path / "two.npz")
    user.until(lambda: used(user) == {"matrix": "two.npz"}, "the largest is taken")
    tree = user.named(QTreeWidget, "Data sets")
    user.until(lambda: user.item(tree, "small"), "its arrays are listed")
    user.item(tree, "two.npz").setExpanded(True)
    user.data("small")
    user.until(lambda: used(user) == {"matrix": "two.npz::small"}, "the other is taken")
    _, problem = done(user, user.run())
    assert problem["matrix"].shape == (9, 9)


def test_that_a_bad_file_is_refused_in_one_sentence_and_changes_nothing(user, tmp_path):
    tree = user.named(QTreeWidget, "Data sets")
    user.data("A ring")
    user.until(user.window.data._about.isVisible, "its facts")
    before = tree.grab().toImage()
    bad = tmp_path / "bad.csv"
    bad.write_text("x,y\n1,2\n3\n")
    user.drop(bad)
    text = user.told("'bad.csv'").findChild(QLabel).text()
    assert text.startswith("'bad.csv': row 3 ")
    assert "\n" not in text
    user.until(lambda: user.window.data.current() == "sample:ring")
    assert tree.grab().toImage() == before


def test_that_files_may_fall_anywhere_even_on_a_line_for_text(user, tmp_path):
    window = user.window
    user.method("Sinkhorn")
    places = [
        window.plots.view.plots,
        window.methods._search,
        window.parameters._form.rows["epsilon"].editor.main,
        window.results.table,
        window.statusBar(),
    ]
    for number, place in enumerate(places):
        path = tmp_path / f"{number}.npy"
        np.save(path, np.eye(3))
        user.drop(path, on=place)
        user.until(lambda name=path.name: opened(user, name), "it is opened")


def test_that_a_method_that_does_not_fit_is_grey_and_says_why(user, tmp_path):
    path = tmp_path / "line.npy"
    np.save(path, RANDOM.normal(size=(4, 5, 6, 7)))
    user.drop(path)
    user.until(lambda: opened(user, "line.npy"), "it is opened")
    item = user.item(user.named(QTreeWidget, "Methods"), "Sinkhorn")
    assert "4 axes" in item.toolTip(0)
    assert item.data(0, TONE) == HINT


def test_that_run_again_repeats_a_run_with_own_data_number_for_number(user, tmp_path):
    path = tmp_path / "again.npy"
    np.save(path, RANDOM.normal(size=(30, 20)))
    user.drop(path)
    user.until(lambda: opened(user, "again.npy"), "it is opened")
    user.method("Randomized SVD")
    first = user.run()
    done(user, first)
    user.until(lambda: user.window.results.current() == first.record, "the record is chosen")
    user.method("Sinkhorn")  # something else is set up meanwhile
    user.click(user.button("Run again", user.window.results))
    second = user.until(
        lambda: user.window.plots.run if user.window.plots.run is not first else None, "it runs"
    )
    info, _ = done(user, second)
    assert info.inputs == {"matrix": str(path)}
    values = [records.read_arrays(run.record, "result") for run in (first, second)]
    assert np.array_equal(*(found["s"] for found in values))
    user.told(f"{len(values[0])} arrays are equal, byte for byte")


def test_that_two_colour_pictures_are_taken_as_densities(alone, tmp_path):
    alone.method("Shape interpolation")
    for name, colour in (("a.png", (200, 30, 30)), ("b.png", (30, 30, 200))):
        Image.new("RGB", (12, 9), colour).save(tmp_path / name)
        alone.drop(tmp_path / name)
        alone.until(lambda name=name: name in used(alone).values(), f"{name} is taken")
    assert used(alone) == {"source": "a.png", "target": "b.png"}
    _, problem = done(alone, alone.run())
    assert problem["source"].shape == (9, 12)


def test_that_a_matrix_of_costs_is_a_problem_of_its_own(alone, tmp_path):
    costs = RANDOM.random((20, 30))
    np.save(tmp_path / "costs.npy", costs)
    alone.method("Exact transport")
    inputs = alone.window.inputs
    (kind,) = (problem for problem in inputs._card.problems if problem.name == "CostMatrix")
    inputs._source.setCurrentIndex(inputs._index_of(kind))
    alone.drop(tmp_path / "costs.npy")
    alone.until(lambda: used(alone) == {"cost": "costs.npy"}, lambda: str(used(alone)))
    _, problem = done(alone, alone.run())
    np.testing.assert_array_equal(problem["cost"], costs)
