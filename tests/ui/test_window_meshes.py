"""Two meshes by mouse: their files alone are enough, and a cloud is refused in words."""

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QTreeWidget

from engines.transport.surfaces import arm_faces, bent, blob
from workbench import records

MAPS = "Functional maps with optimal transport"


def write_off(path, places, faces):
    lines = [" ".join(map(repr, p)) for p in places.tolist()]
    lines += [f"3 {a} {b} {c}" for a, b, c in faces.tolist()]
    path.write_text(f"OFF\n{len(places)} {len(faces)} 0\n" + "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meshes")
    places, faces = blob(20)
    write_off(folder / "straight.off", places, faces)
    write_off(folder / "bent.off", bent(places), faces)
    np.savetxt(folder / "cloud.csv", places, delimiter=",", header="x,y,z", comments="")
    return folder


def used(user) -> dict[str, str]:
    return {n: r.rpartition("/")[2] for n, r in user.window.inputs.inputs().items()}


def dropped(user, path) -> None:
    user.drop(path)
    tree = user.named(QTreeWidget, "Data sets")
    user.until(lambda: user.item(tree, path.name), f"{path.name} is opened")
    user.until(lambda: user.window.data.current().endswith(path.name), "it is chosen")


def quick(user) -> None:
    for name, text in ("n_eig", "30"), ("zoom_step", "10"):
        user.write(user.window.parameters._form.rows[name].editor.main, text)


def test_that_two_mesh_files_are_matched(user, files):
    user.method(MAPS)
    for name in "straight.off", "bent.off":
        dropped(user, files / name)
    user.until(lambda: len(used(user)) == 2, "both are taken")
    assert used(user) == {"source": "straight.off", "target": "bent.off"}
    beside = user.named(QComboBox, "target_faces")
    assert beside.currentText() == "from the file of target"
    quick(user)
    run = user.run()
    assert user.over(run).state == "done", run.text
    info = records.read_info(run.record)
    assert info.inputs["source_faces"].endswith("straight.off::faces")
    faces = records.read_arrays(run.record, "problem")["target_faces"]
    assert faces.shape == (600, 3)
    found = records.read_arrays(run.record, "result")["T"]
    # The same vertices in another pose: most are found again, or one edge beside.
    places = blob(20)[0]
    assert np.median(np.linalg.norm(places[found.astype(int)] - places, axis=1)) < 0.3


def test_that_faces_of_a_sample_go_where_faces_belong(user):
    user.method(MAPS)
    user.window.inputs.set_inputs({"source": "sample:arm", "target": "sample:bent_arm"})
    user.data("Triangles of the arm, both poses")
    user.until(lambda: "source_faces" in used(user), "they are taken")
    assert used(user)["source_faces"] == "sample:arm_faces"
    assert used(user)["source"] == "sample:arm"
    assert len(arm_faces()) == 3072


def test_that_meshes_are_surfaces_where_a_method_takes_pictures_and_clouds_too(user, files):
    user.method("Shape interpolation")
    inputs = user.window.inputs
    pictures, *_ = (p for p in inputs._card.problems if p.name == "Histograms")
    inputs._source.setCurrentIndex(inputs._index_of(pictures))
    for combo in inputs._slots.values():
        combo.setCurrentIndex(0)
    for name in "bent.off", "straight.off":
        user.data(name)
        user.until(lambda name=name: name in used(user).values(), f"{name} is taken")
    assert used(user) == {"source": "bent.off", "target": "straight.off"}
    assert inputs._problem().name == "MeshPair"


def test_that_a_cloud_is_refused_in_words(user, files):
    user.method(MAPS)
    user.window.inputs.choose_example("blob_pair")
    user.data("bent.off")
    user.until(lambda: used(user) == {"source": "bent.off"}, "it is taken")
    dropped(user, files / "cloud.csv")
    user.until(lambda: len(used(user)) == 2, "so is the cloud")
    message = user.window.inputs._message
    user.until(lambda: "comes without faces" in message.text(), "it is refused")
    assert message.text().startswith("target comes without faces; it must be a mesh")
