"""Files that fall on a window whose arrays all have data: one gives way, and comes back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

CTRL = Qt.KeyboardModifier.ControlModifier
RANDOM = np.random.default_rng(0)


@pytest.fixture
def files(user, tmp_path):
    """Four clouds; two of them are the data of Sinkhorn."""
    found = [tmp_path / f"{name}.npy" for name in "abcd"]
    for path in found:
        np.save(path, RANDOM.normal(size=(20, 2)))
    user.method("Sinkhorn")
    for path in found[:2]:
        user.window.data.add(str(path), select=False)
        user.until(lambda path=path: str(path) in user.window.data.references(), "it is read")
    user.window.inputs.set_inputs({"x": str(found[0]), "y": str(found[1])})
    user.until(lambda: used(user) == {"x": "a.npy", "y": "b.npy"}, "both arrays have data")
    return found


def used(user) -> dict[str, str]:
    return {n: r.rpartition("/")[2] for n, r in user.window.inputs.inputs().items()}


def told(user) -> str:
    return user.window.statusBar().currentMessage()


def undo(user) -> None:
    user.window.setFocus()
    user.press(Qt.Key.Key_Z, CTRL)


def test_that_a_file_takes_the_place_of_the_one_it_falls_on(user, files):
    user.drop(files[2], on=user.window.inputs._slots["y"])
    user.until(lambda: used(user) == {"x": "a.npy", "y": "c.npy"}, "it is taken there")
    assert told(user) == "c.npy takes the place of b.npy as y; Undo brings it back"
    undo(user)
    assert used(user) == {"x": "a.npy", "y": "b.npy"}
    user.press(Qt.Key.Key_Y, CTRL)
    assert used(user) == {"x": "a.npy", "y": "c.npy"}
    label = user.window.inputs._form.labelForField(user.window.inputs._slots["y"])
    user.drop(files[3], on=label)
    user.until(lambda: used(user)["y"] == "d.npy", "the name of the array is a place as well")


def test_that_a_file_that_falls_elsewhere_takes_the_first_place(user, files):
    user.drop(files[2], on=user.window.plots)
    user.until(lambda: used(user) == {"x": "c.npy", "y": "b.npy"}, "the first gives way")
    assert "c.npy takes the place of a.npy as x" in told(user)
    undo(user)
    assert used(user) == {"x": "a.npy", "y": "b.npy"}


def test_that_files_that_fall_together_take_the_places_in_their_order(user, files):
    user.drop(files[2], files[3], on=user.window.data)
    user.until(lambda: used(user) == {"x": "c.npy", "y": "d.npy"}, "both give way")
    undo(user)
    undo(user)
    assert used(user) == {"x": "a.npy", "y": "b.npy"}


def test_that_the_first_of_several_takes_the_place_where_they_fall(user, files):
    user.drop(files[2], files[3], on=user.window.inputs._slots["y"])
    user.until(lambda: used(user) == {"x": "d.npy", "y": "c.npy"}, "the other goes elsewhere")


def test_that_a_file_that_does_not_fit_where_it_fell_changes_nothing(user, files, tmp_path):
    path = tmp_path / "film.npy"
    np.save(path, RANDOM.normal(size=(4, 5, 6, 7)))
    user.drop(path, on=user.window.inputs._slots["x"])
    user.until(lambda: told(user) == "film.npy does not fit x", "it is told")
    assert used(user) == {"x": "a.npy", "y": "b.npy"}


def test_that_a_click_in_the_list_replaces_nothing(user, files):
    user.drop(files[2], on=user.window.inputs._slots["x"])
    user.until(lambda: used(user)["x"] == "c.npy", "it is taken")
    user.data("a.npy")
    user.rest()
    assert used(user) == {"x": "c.npy", "y": "b.npy"}, "the user has to choose"
