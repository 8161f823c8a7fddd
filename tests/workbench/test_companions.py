"""Faces of a mesh that come with its vertices: two files are enough for two surfaces."""

import h5py
import numpy as np
import pytest
import tifffile

from engines.transport.surfaces import arm, arm_faces, blob
from workbench import catalogue, data, records, runs
from workbench.jobs import Job, Refused
from workbench.registry import companions, method, problems

MAPS, PATHS = "transport.functional_maps_ot", "transport.shape_interpolation"


def write_ply(path, places, faces):
    head = (
        f"ply\nformat ascii 1.0\nelement vertex {len(places)}\nproperty double x\n"
        f"property double y\nproperty double z\nelement face {len(faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    lines = [" ".join(map(repr, p)) for p in places.tolist()]
    lines += [f"3 {a} {b} {c}" for a, b, c in faces.tolist()]
    path.write_text(head + "\n".join(lines) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def body(tmp_path_factory):
    """A mesh file, and what it holds."""
    places, faces = blob(20)
    return write_ply(tmp_path_factory.mktemp("mesh") / "body.ply", places, faces), places, faces


def prepared(name, **inputs):
    return runs.prepare(Job(name, {}, inputs=inputs))


def test_that_faces_are_companions_of_the_array_they_are_named_after():
    (kind,) = problems(method(MAPS))
    assert companions(kind) == {"source_faces": "source", "target_faces": "target"}
    (card,) = catalogue.card(MAPS, method(MAPS)).problems
    assert {s.name: s.beside for s in card.slots if s.beside} == companions(kind)


def test_that_two_mesh_files_are_two_surfaces(body):
    path, places, faces = body
    found = prepared(MAPS, source=path, target="sample:arm")
    np.testing.assert_allclose(found.problem.source, places)
    np.testing.assert_array_equal(found.problem.source_faces, faces)
    np.testing.assert_array_equal(found.problem.target, arm())
    np.testing.assert_array_equal(found.problem.target_faces, arm_faces())
    assert found.job.inputs == {
        "source": path,
        "target": "sample:arm",
        "source_faces": f"{path}::faces",
        "target_faces": "sample:arm_faces",
    }
    assert found.own


def test_that_the_vertices_may_be_named_as_a_part(body):
    path, _, faces = body
    found = prepared(MAPS, source=f"{path}::vertices", target=path)
    np.testing.assert_array_equal(found.problem.source_faces, faces)


def test_that_faces_that_are_given_are_taken(body, tmp_path):
    path, _, faces = body
    np.save(tmp_path / "some.npy", faces[:, ::-1])
    given = str(tmp_path / "some.npy")
    found = prepared(MAPS, source=path, target=path, target_faces=given)
    np.testing.assert_array_equal(found.problem.source_faces, faces)
    np.testing.assert_array_equal(found.problem.target_faces, faces[:, ::-1])


def test_that_an_archive_with_both_arrays_is_a_mesh_too(body, tmp_path):
    path, places, faces = body
    np.savez(tmp_path / "mesh.npz", vertices=places, faces=faces)
    archive = f"{tmp_path / 'mesh.npz'}::vertices"
    found = prepared(MAPS, source=archive, target=path)
    np.testing.assert_array_equal(found.problem.source_faces, faces)


def test_that_hdf5_keeps_vertices_and_faces_side_by_side(body, tmp_path):
    path, places, faces = body
    with h5py.File(tmp_path / "mesh.h5", "w") as file:
        for group in "first", "other":
            file[f"{group}/vertices"], file[f"{group}/faces"] = places, faces
        file["other/faces"][:] = faces[:, ::-1]
    found = prepared(MAPS, source=f"{tmp_path / 'mesh.h5'}::/other/vertices", target=path)
    np.testing.assert_array_equal(found.problem.source_faces, faces[:, ::-1])


def test_that_a_picture_of_two_channels_gives_the_first(tmp_path):
    channels = np.random.default_rng(0).integers(0, 200, (24, 24, 2), np.uint8)
    file = str(tmp_path / "two.tif")
    tifffile.imwrite(file, channels, photometric="minisblack", planarconfig="contig")
    assert data.load(file).dims == ("y", "x", "channel")
    found = prepared("pde.navier_stokes_2d", vorticity=file)
    np.testing.assert_allclose(found.problem.vorticity, channels[::-1, :, 0] / 255, rtol=1e-6)
    assert "the first of 2 channels" in found.warnings[0]


def test_that_a_cloud_is_refused_with_what_it_lacks(body, tmp_path):
    path, places, _ = body
    np.savetxt(tmp_path / "cloud.csv", places, delimiter=",")
    with pytest.raises(Refused, match="target comes without faces") as refusal:
        prepared(MAPS, source=path, target=str(tmp_path / "cloud.csv"))
    assert refusal.value.field == "target"
    with pytest.raises(Refused, match="source comes without faces"):
        runs.prepare(Job(MAPS), arrays={"source": places, "target": places})


def test_that_a_file_that_is_not_there_is_named(body):
    with pytest.raises(Refused, match=r"'nowhere\.ply': there is no such file") as refusal:
        prepared(MAPS, source=body[0], target="nowhere.ply")
    assert refusal.value.field == "target"


def test_that_the_kind_of_data_follows_from_the_files(body, tmp_path):
    path, *_ = body
    np.save(tmp_path / "grey.npy", np.eye(12))
    pictures = str(tmp_path / "grey.npy")
    kinds = {
        "MeshPair": {"source": path, "target": "sample:arm"},
        "Histograms": {"source": pictures, "target": pictures},
        "PointClouds": {"x": path, "y": "sample:arm"},
    }
    for kind, inputs in kinds.items():
        assert type(prepared(PATHS, **inputs).problem).__name__ == kind


def test_that_a_record_names_the_faces_and_repeats_the_run(body, tmp_path):
    settings = {"n_eig": 30, "zoom_step": 10}
    job = Job(
        MAPS,
        settings,
        inputs={"source": body[0], "target": body[0]},
        output=str(tmp_path / "a.h5"),
    )
    outcome = runs.execute(runs.prepare(job))
    info = records.read_info(outcome.record)
    assert info.state == "done", info.status
    assert set(info.inputs) == {"source", "source_faces", "target", "target_faces"}
    again = runs.execute(runs.prepare(Job(MAPS, settings, inputs=info.inputs)))
    np.testing.assert_array_equal(again.result.T, outcome.result.T)


def test_that_only_meshes_have_faces(body, tmp_path):
    assert data.faces_of(body[0]) == f"{body[0]}::faces"
    assert data.faces_of("sample:bent_arm") == "sample:arm_faces"
    assert data.faces_of("sample:moons") is None
    np.save(tmp_path / "a.npy", np.eye(3))
    assert data.faces_of(str(tmp_path / "a.npy")) is None
    assert data.faces_of(f"{body[0]}::faces") is None
