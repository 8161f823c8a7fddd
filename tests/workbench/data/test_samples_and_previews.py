"""Built-in samples are what their names say; previews state facts and stay small."""

import importlib.resources
import pickle
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from safetensors import safe_open

from engines.context import Context
from engines.pde.methods.navier_stokes_2d import NavierStokes2D
from engines.pde.problem import double_shear_layer
from workbench.data import Kind, faces_of, load, parts, preview, samples

RESOURCES = Path(str(importlib.resources.files("resources")))


def test_that_every_sample_loads_alike_each_time_and_says_where_it_is_from():
    for name, sample in samples().items():
        first = load(f"sample:{name}")
        assert first.sha256 == load(f"sample:{name}").sha256
        assert np.isfinite(first.values).all()
        assert sample.name == name
        assert sample.title
        assert sample.licence
        assert sample.source
        assert preview(f"sample:{name}").kind == sample.kind
        assert parts(f"sample:{name}")[0].shape == first.values.shape


def test_that_there_is_a_sample_of_every_kind_and_the_manual_lists_them_all():
    assert {sample.kind for sample in samples().values()} == set(get_args(Kind))
    manual = (RESOURCES / "manual" / "02-data.md").read_text(encoding="utf-8")
    assert [name for name in samples() if f"`{name}`" not in manual] == []


@pytest.mark.parametrize("name", ["arm", "bent_arm", "hillside"])
def test_that_samples_of_meshes_name_their_triangles(name):
    vertices, faces = load(f"sample:{name}"), load(faces_of(f"sample:{name}"))
    assert (vertices.dims, faces.dims) == (("vertex", "axis"), ("face", "corner"))
    assert set(faces.values.ravel()) == set(range(len(vertices.values)))


def test_that_an_unknown_sample_is_refused_with_the_known_ones(refused):
    assert "'moons'" in refused("sample:nothing")


def test_that_the_clouds_lie_on_their_curves():
    ring = load("sample:ring").values - (0.5, 0.25)
    radii = np.hypot(*ring.T)
    # 400 draws of spread 0.05: the mean errs by 0.0025, and none lies beyond five spreads
    assert abs(radii.mean() - 1.5) < 0.01
    assert np.abs(radii - 1.5).max() < 0.25
    moons = load("sample:moons").values
    upper, lower = moons[:200], moons[200:]
    assert np.abs(np.hypot(*upper.T) - 1).max() < 0.25
    assert np.abs(np.hypot(*(lower - (1, 0.5)).T) - 1).max() < 0.25
    assert upper[:, 1].mean() > 0.5 > 0 > lower[:, 1].mean()


def test_that_the_phantom_has_the_greys_of_its_ellipses_in_their_places():
    phantom = load("sample:phantom").values
    assert phantom.shape == (128, 128)
    middle = phantom[64, 64]
    assert middle == pytest.approx(0.2)  # skull 1, brain -0.8
    assert phantom[0, 0] == 0
    assert phantom.max() == 1
    assert phantom[64 - 22, 64] == pytest.approx(0.3)  # the ellipse above the middle
    assert phantom[64, 64 - 14] == pytest.approx(0)  # the dark ventricles
    assert phantom[64, 64 + 14] == pytest.approx(0)


def test_that_the_singular_values_halve():
    s = np.linalg.svd(load("sample:decay").values, compute_uv=False)
    np.testing.assert_allclose(s[:40], 0.5 ** np.arange(40), rtol=1e-3)  # rounding is 1e-16 of 1


def test_that_vorticity_has_zero_mean_and_no_seam():
    field = load("sample:vorticity").values
    assert abs(field.mean()) < 1e-12  # waves over whole periods
    assert np.abs(field).max() == 1
    step = np.abs(np.diff(field, axis=1)).max()
    assert np.abs(field[:, 0] - field[:, -1]).max() <= step


def test_that_both_poses_of_the_arm_are_one_closed_surface_point_by_point():
    straight, bent, faces = (load(f"sample:{n}").values for n in ("arm", "bent_arm", "arm_faces"))
    assert straight.shape == bent.shape == (faces.max() + 1, 3)
    edges = faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    assert sorted(edges.tolist()) == sorted(edges[:, ::-1].tolist()), "closed, facing one way"
    assert len(straight) - len(edges) / 2 + len(faces) == 2, "Euler: it is a sphere"
    # Pappus: bending keeps the volume, as long as the line runs through the middle of the rings
    volumes = [np.linalg.det(pose[faces]).sum() / 6 for pose in (straight, bent)]
    assert volumes[0] > 0
    assert volumes[1] == pytest.approx(volumes[0], rel=0.01)
    length = [np.linalg.norm(p[edges[:, 0]] - p[edges[:, 1]], axis=1) for p in (straight, bent)]
    away = np.abs(straight[edges[:, 0], 0] - 2) > 1  # half the arm, without the elbow at 2
    np.testing.assert_allclose(length[1][away], length[0][away], rtol=0.02)
    turn = (bent[-1] - bent[-3]) @ (straight[-1] - straight[-3])  # the fist
    assert turn < 0, "bent by 110°, it points back"


def test_that_shipped_pictures_are_small_and_in_range():
    terrain, portrait = load("sample:terrain").values, load("sample:portrait").values
    assert (terrain.shape, terrain.min(), terrain.max()) == ((344, 403), 236, 1076)
    assert portrait.shape == (300, 256)
    assert 0 <= portrait.min() < 0.1 < 0.9 < portrait.max() <= 1
    folder = RESOURCES / "data"
    stated = (folder / "README.md").read_text(encoding="utf-8")
    shipped = [file for file in folder.iterdir() if file.name != "README.md"]
    assert len(shipped) >= 7
    for file in shipped:
        assert file.stat().st_size <= 300_000
        assert f"`{file.name}`" in stated


def test_that_the_digits_are_there():
    assert load("sample:digits").values.shape == (1797, 8, 8)


def test_that_the_network_recognises_the_digits_it_was_not_trained_on_as_stated():
    path = RESOURCES / "data" / "network.safetensors"
    network = {part.name: load(f"sample:{named(part.name)}").values for part in parts(str(path))}
    assert len(network) == 4
    for name, values in network.items():
        np.testing.assert_array_equal(values, load(f"{path}::{name}").values)
    pixels = load("sample:digits").values[4::5].reshape(-1, 64) / 16
    labels = np.load(RESOURCES / "data" / "digits8.npz")["labels"][4::5]
    hidden = np.maximum(pixels @ network["hidden.weight"].T + network["hidden.bias"], 0)
    found = (hidden @ network["output.weight"].T + network["output.bias"]).argmax(1)
    right = np.count_nonzero(found == labels)
    assert right / len(labels) >= 0.95
    with safe_open(path, "np") as file:
        stated = file.metadata()["trained"]
    assert stated == f"seed 0; {right} of {len(labels)} held out are recognised"
    assert f"{right} of these {len(labels)}" in samples()["network_hidden_weight"].source


def named(part: str) -> str:
    return f"network_{part.replace('.', '_')}"


def test_that_the_flow_loses_its_energy_to_viscosity_as_recorded():
    """Energy from the vorticity by a Fourier sum, and dE/dt = -2 ν Z of the equation."""
    states = load("sample:flow").values.astype(float)
    recorded = np.load(RESOURCES / "data" / "flow.npz")
    k = np.fft.fftfreq(64, 1 / 64)
    squared = k[:, None] ** 2 + k**2
    squared[0, 0] = np.inf
    energy = 0.5 * (abs(np.fft.fft2(states, norm="forward")) ** 2 / squared).sum((1, 2))
    enstrophy = 0.5 * (states**2).mean((1, 2))
    # values are rounded to 1/1024, at most a thousandth of the vorticity of the layers
    np.testing.assert_allclose(energy, recorded["energy"], rtol=1e-4)
    np.testing.assert_allclose(enstrophy, recorded["enstrophy"], rtol=1e-4)
    assert (np.diff(recorded["energy"]) < 0).all()
    lost = 2 * 0.002 * np.trapezoid(enstrophy, recorded["time"])
    assert recorded["energy"][0] - recorded["energy"][-1] == pytest.approx(lost, rel=1e-3)


def test_that_the_flow_is_what_the_solver_computes():
    """The first eighth of it; the method chooses its steps anew, with errors below 1e-6."""
    method = NavierStokes2D(grid=128, viscosity=2e-3, t_end=2.0, frames=6)
    again = method.run(double_shear_layer(128), Context()).vorticity[:, ::2, ::2]
    np.testing.assert_allclose(
        load("sample:flow").values[:6], again, rtol=0, atol=0.5 / 1024 + 1e-5
    )


def test_that_species_of_iris_differ_by_the_means_that_fisher_gives():
    flowers = load("sample:iris").values
    species = np.load(RESOURCES / "data" / "iris.npz")["species"]
    # Fisher 1936, table 2: sepal length, petal length and width of I. setosa and I. versicolor
    means = np.array([flowers[species == k].mean(0) for k in range(2)])
    np.testing.assert_allclose(means, [[5.006, 1.462, 0.246], [5.936, 4.260, 1.326]], atol=1e-9)
    assert flowers[species == 0, 1].max() < flowers[species > 0, 1].min()  # setosa stands apart


def test_that_the_hillside_lies_in_the_terrain_and_looks_up():
    places, faces = load("sample:hillside").values, load("sample:hillside_faces").values
    terrain = load("sample:terrain").values
    heights = places[:, 2].reshape(32, 32)
    np.testing.assert_array_equal(heights, terrain[296:328, 220:252])
    edges = places[faces[:, 1:]] - places[faces[:, :1]]
    normals = np.cross(edges[:, 0], edges[:, 1])
    # seen from above, each triangle is half a square of the grid: a degree there is 110 968 m to
    # the north and 89 630 m to the east, and the step is 3 arc seconds of both
    np.testing.assert_allclose(normals[:, 2], 110_968 * 89_630 / 1200**2, rtol=1e-3)
    assert np.argmax(places[:, 1]) // 32 == 0, "the first row is in the north"
    assert np.ptp(heights) > 700
    np.testing.assert_array_equal(load("sample:profile").values, terrain[312])


def test_that_the_slices_of_the_phantom_have_its_picture_in_the_middle_and_its_volume():
    slices = load("sample:phantom_slices").values
    np.testing.assert_array_equal(slices[20], load("sample:phantom").values)
    np.testing.assert_array_equal(slices, slices[::-1])
    skull, inside = 0.69 * 0.92 * 0.81, 0.6624 * 0.874 * 0.78
    # what is brighter than all inside is the skull; edges of pixels and slices err by a per cent
    bone = (slices > 0.9).mean() * 4 * 2 * 0.81
    assert bone == pytest.approx(4 / 3 * np.pi * (skull - inside), rel=0.05)
    assert (slices > 0).mean() > 0.3


def test_that_the_slices_of_a_brain_go_on_from_each_other_and_show_tissue_and_air():
    grey = load("sample:brain").values.astype(float)
    assert grey.shape == (24, 96, 76)
    for axis in range(3):
        one, other = np.delete(grey, 0, axis), np.delete(grey, -1, axis)
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9  # noise would have 0
    assert grey[:, :6, :6].max() == 0 < 300 < np.median(grey[:, 40:56, 30:46])


def test_that_the_hyperspectral_cube_mixes_four_spectra():
    cube = load("sample:minerals")
    assert cube.dims == ("band", "y", "x")
    assert 0 < cube.values.min() < cube.values.max() < 1
    bands, *picture = cube.values.shape
    values = np.linalg.svd(cube.values.reshape(bands, -1), compute_uv=False)
    # Noise alone: σ (√n + √m) at most, for 100 bands of 4096 pixels.
    noise = 0.002 * (np.sqrt(bands) + np.sqrt(np.prod(picture)))
    assert values[3] > 3 * noise > noise * 1.05 > values[4]


@pytest.mark.parametrize(
    ("shape", "kind", "small"),
    [
        ((5000,), "signal", (1667,)),
        ((5000, 2), "points", (1667, 2)),
        ((5000, 3), "points", (1667, 3)),
        ((3000, 6), "table", (2000, 6)),
        ((300, 500), "image", (100, 125)),
        ((9, 60, 70), "stack", (60, 70)),
        ((2, 3, 60, 70), "array", (60, 70)),
        ((), "array", (1, 1)),
        ((1, 1000), "table", (1, 8)),
    ],
)
def test_that_kind_and_size_of_the_small_version_follow_from_the_shape(
    shape, kind, small, tmp_path
):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    shown = preview(str(tmp_path / "a.npy"))
    assert (shown.kind, shown.thumbnail.shape, shown.shape) == (kind, small, shape)
    assert shown.thumbnail.dtype == np.float32


def test_that_pictures_are_pictures_and_text_a_table(examples):
    shown = {name: preview(example.reference) for name, example in examples.items()}
    assert shown["grey.png"].kind == "image"
    assert shown["colour.png"].thumbnail.shape == (9, 7, 3)
    assert shown["stack.tif"].kind == "stack"
    assert shown["plain.csv"].kind == "points"  # three columns
    assert shown["plain.csv"].dialect.columns == ("a", "b", "c")
    assert shown["earliest.h5"].unit == "m"
    assert shown["grey.png"].dialect is None


def test_that_the_small_picture_shows_means(tmp_path):
    values = np.random.default_rng(0).random((256, 512))
    np.save(tmp_path / "a.npy", values)
    small = preview(str(tmp_path / "a.npy")).thumbnail
    assert small.shape == (128, 128)
    np.testing.assert_allclose(small[3, 5], values[6:8, 20:24].mean(), rtol=1e-6)


def test_that_extremes_leave_out_missing_values_and_count_them(tmp_path):
    values = np.arange(10.0)
    values[[0, 3, 9]] = np.nan, np.inf, -np.inf
    np.save(tmp_path / "a.npy", values)
    shown = preview(str(tmp_path / "a.npy"))
    assert (shown.minimum, shown.maximum, shown.missing) == (1, 8, 3)
    np.save(tmp_path / "a.npy", np.full((20, 20), np.nan))
    shown = preview(str(tmp_path / "a.npy"))
    assert np.isnan(shown.minimum)
    assert shown.missing == 400


def test_that_the_histogram_counts_the_finite_values_as_numpy_does(tmp_path):
    values = np.random.default_rng(0).standard_normal(5000)
    np.save(tmp_path / "a.npy", np.append(values, [np.nan, np.inf]))
    shown = preview(str(tmp_path / "a.npy"))
    assert shown.histogram == tuple(np.histogram(values, 32)[0])
    for same in (np.full(9, 3.0), np.array([1e308, -1e308]), np.full(9, np.nan)):
        np.save(tmp_path / "a.npy", same)
        assert preview(str(tmp_path / "a.npy")).histogram == ()
    np.save(tmp_path / "a.npy", np.arange(3_000_000) % 7 > 2)
    ends = preview(str(tmp_path / "a.npy")).histogram
    assert (ends[0] + ends[-1], sum(ends[1:-1])) == (1_000_000, 0)


def test_that_extreme_numbers_show_without_a_warning(tmp_path):
    values = np.full((300, 300), 1e300)
    values[0] = [np.inf, -np.inf] * 150
    np.save(tmp_path / "a.npy", values)
    assert preview(str(tmp_path / "a.npy")).maximum == 1e300
    signalling = np.array([0x7D00, 0x3C00, 0x4000], np.uint16).view(np.float16)
    np.save(tmp_path / "a.npy", signalling)
    assert preview(str(tmp_path / "a.npy")).missing == 1


def test_that_previews_travel_to_another_process(examples):
    for example in examples.values():
        shown = preview(example.reference)
        again = pickle.loads(pickle.dumps((shown, parts(str(example.path)))))
        assert again[0].reference == shown.reference


def test_that_the_preview_of_a_mesh_has_its_triangles(tmp_path):
    path = tmp_path / "tetrahedron.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\n")
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    shown = preview(str(path))
    np.testing.assert_array_equal(shown.triangles, corners[[[0, 1, 2], [0, 1, 3]]])
    assert preview(f"{path}::faces").triangles is None
    arm = preview("sample:arm")
    assert arm.triangles.shape == (*load("sample:arm_faces").values.shape, 3)
    np.save(tmp_path / "cloud.npy", corners)
    assert preview(str(tmp_path / "cloud.npy")).triangles is None
