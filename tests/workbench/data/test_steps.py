"""Steps of a reference: rows drawn, columns standardised, ranges cropped, in the order written."""

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from workbench import data, records, runs
from workbench.data import Limits, load, preview
from workbench.data.steps import asked, divided, joined
from workbench.jobs import Job, Refused

RNG = np.random.default_rng(5)
TABLE = (RNG.normal(size=(40, 3)) * [1, 20, 300] + [5, -7, 1e4]).round(6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One array in files of several kinds."""
    place = tmp_path_factory.mktemp("steps")
    np.save(place / "t.npy", TABLE)
    np.save(place / "turned.npy", np.asfortranarray(TABLE))
    np.savez_compressed(place / "t.npz", t=TABLE, u=TABLE[:3])
    with h5py.File(place / "t.h5", "w") as file:
        file.create_dataset("t", data=TABLE, chunks=(7, 2), compression="gzip")
    np.savetxt(place / "t.csv", TABLE, delimiter=",", header="x,y,z", comments="")
    return place


def files(folder):
    names = ("t.npy", "turned.npy", "t.npz::t", "t.h5::/t", "t.csv", "t.csv::x,y,z::decimal=point")
    return [f"{folder}/{name}" for name in names]


def drawn(rows, count, seed):
    """The rows by a plain reading of what the manual says."""
    return sorted(np.random.RandomState(seed).choice(rows, count, replace=False))


def test_that_steps_do_the_same_to_every_format(folder):
    wanted = TABLE[3:33][drawn(30, 10, 4)][::2, :2]
    for reference in files(folder):
        text = "crop=3..33,sample=10:seed=4,every=2,crop=..:..2"
        found = load(f"{reference}::{text}")
        np.testing.assert_array_equal(found.values, wanted)
        assert load(found.reference).sha256 == found.sha256
        assert found.reference.endswith("crop=3..33,sample=10:seed=4,every=2,crop=..:..2")


def test_that_a_sample_has_no_row_twice_and_depends_on_its_seed(folder):
    numbers = np.arange(1000.0)
    np.save(folder / "n.npy", numbers)
    one, again, other = (
        load(f"{folder}/n.npy::sample=300{s}").values for s in ("", ":seed=0", ":seed=1")
    )
    assert len(set(one)) == 300
    assert (np.diff(one) > 0).all(), "in their order"
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    # Each row is drawn with chance 0.3: of 200 draws row 7 comes 60 times, ± 5 deviations of 6.5.
    hits = sum(7.0 in load(f"{folder}/n.npy::sample=300:seed={s}").values for s in range(200))
    assert 27 < hits < 93


def test_that_the_rows_of_a_seed_stay_the_same_for_ever():
    kept = load("sample:moons::sample=4:seed=1").values
    # Written down once; a record of today must find its rows in ten years.
    np.testing.assert_array_equal(kept, load("sample:moons").values[[125, 328, 339, 398]])


def test_that_columns_get_mean_0_and_variance_1(folder):
    for reference in files(folder):
        found = load(f"{reference}::standardise")
        wanted = (TABLE - TABLE.mean(0)) / TABLE.std(0)
        # The mean of column 2 is 1e4 and its width 300: the sum of 40 of them rounds to 1e-11.
        np.testing.assert_allclose(found.values, wanted, atol=1e-11)
        assert not found.notes
    centred = load(f"{folder}/t.npy::standardise=mean").values
    np.testing.assert_allclose(centred, TABLE - TABLE.mean(0), atol=1e-11)
    ranged = load(f"{folder}/t.npy::standardise=range").values
    np.testing.assert_allclose(ranged, (TABLE - TABLE.min(0)) / np.ptp(TABLE, 0), atol=1e-12)
    assert (ranged.min(0) == 0).all()
    assert (ranged.max(0) == 1).all()


def test_that_the_order_of_steps_matters(folder):
    first = load(f"{folder}/t.npy::crop=..10,standardise").values
    last = load(f"{folder}/t.npy::standardise,crop=..10").values
    np.testing.assert_allclose(first.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(first.std(0), 1, atol=1e-12)
    everything = (TABLE - TABLE.mean(0)) / TABLE.std(0)
    np.testing.assert_allclose(last, everything[:10], atol=1e-11)
    assert np.abs(first - last).max() > 0.1
    drawn_first = load(f"{folder}/t.npy::sample=20:seed=2,every=3").values
    drawn_last = load(f"{folder}/t.npy::every=3,sample=14:seed=2").values
    np.testing.assert_array_equal(drawn_first, TABLE[drawn(40, 20, 2)][::3])
    np.testing.assert_array_equal(drawn_last, TABLE[::3])


def test_that_missing_and_infinite_values_are_left_out_and_stay(tmp_path):
    values = np.array([[1.0, np.nan], [3.0, 4.0], [np.nan, 8.0], [5.0, np.inf], [7.0, np.nan]])
    np.save(tmp_path / "gaps.npy", values)
    found = load(f"{tmp_path}/gaps.npy::standardise").values
    finite = np.isfinite(values)
    np.testing.assert_array_equal(np.isfinite(found), finite)
    assert found[3, 1] == np.inf
    for k in range(2):
        own = values[finite[:, k], k]
        np.testing.assert_allclose(found[finite[:, k], k], (own - own.mean()) / own.std())
    ranged = load(f"{tmp_path}/gaps.npy::standardise=range").values
    np.testing.assert_allclose(ranged[:4, 0], [0, 1 / 3, np.nan, 2 / 3])
    np.testing.assert_array_equal(ranged[:, 1], [np.nan, 0, 1, np.inf, np.nan])
    np.save(tmp_path / "none.npy", np.full((3, 1), np.nan))
    assert np.isnan(load(f"{tmp_path}/none.npy::standardise").values).all()


def test_that_huge_and_tiny_columns_are_standardised(tmp_path):
    signs = np.array([[-1.0], [1.0], [1.0], [-1.0]])
    np.save(tmp_path / "far.npy", signs * [1.7e308, 5e-324, 1e-200])
    for scale, wanted in (("", signs), ("=range", (signs + 1) / 2)):
        found = load(f"{tmp_path}/far.npy::standardise{scale}").values
        np.testing.assert_array_equal(found, np.tile(wanted, 3))


@pytest.mark.parametrize("scale", ["", "=mean", "=range"])
def test_that_a_constant_column_becomes_0_with_a_warning(scale, tmp_path):
    values = np.column_stack([np.arange(6.0), np.full(6, 0.1), np.full(6, np.nan)])
    values[2, 1] = np.nan
    np.save(tmp_path / "flat.npy", values)
    found = load(f"{tmp_path}/flat.npy::standardise{scale}")
    np.testing.assert_array_equal(found.values[:, 1], [0, 0, np.nan, 0, 0, 0])
    assert found.notes == ("column '1' is constant and became 0 when standardised",)
    assert preview(found.reference).notes == found.notes


def test_that_a_picture_is_standardised_as_a_whole_and_keeps_its_axes():
    picture = load("sample:phantom").values
    found = load("sample:phantom::standardise")
    np.testing.assert_allclose(found.values, (picture - picture.mean()) / picture.std(), atol=1e-12)
    assert found.dims == ("y", "x")


def test_that_a_rectangle_of_a_picture_is_cut_out(tmp_path):
    pixels = RNG.integers(0, 256, (12, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    found = load(f"{tmp_path}/p.png::crop=2..9:5..18")
    np.testing.assert_array_equal(found.values, np.float32(pixels[2:9, 5:18] / 255))
    assert found.top_down
    assert found.dims == ("y", "x", "channel")
    red = load(f"{tmp_path}/p.png::crop=..:..:..1")
    np.testing.assert_array_equal(red.values, np.float32(pixels[..., 0] / 255))
    assert red.dims == ("y", "x")
    with pytest.raises(data.BadData, match="the number of channels is 2; it must be 1 or at"):
        load(f"{tmp_path}/p.png::crop=..:..:..2")


def test_that_a_crop_needs_no_more_memory_than_it_keeps(folder):
    small = Limits(bytes=8 * 3 * 10)
    for name in ("t.npy", "t.npz::t", "t.h5::/t"):
        found = load(f"{folder}/{name}::crop=20..30", limits=small).values
        np.testing.assert_array_equal(found, TABLE[20:30])
        with pytest.raises(data.BadData, match="at most"):
            load(f"{folder}/{name}", limits=small)
    columns = load(f"{folder}/turned.npy::crop=..:1..2", limits=Limits(bytes=8 * 40)).values
    np.testing.assert_array_equal(columns, TABLE[:, 1:2])


def test_that_of_a_stack_only_the_pages_of_a_crop_are_read(tmp_path):
    stack = RNG.integers(0, 256, (9, 6, 5), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "s.tif", stack, photometric="minisblack")
    wanted = np.float32(stack / 255)
    found = load(f"{tmp_path}/s.tif::crop=4..7:1..5:..3", limits=Limits(bytes=4 * 3 * 6 * 5))
    np.testing.assert_array_equal(found.values, wanted[4:7, 1:5, :3])
    assert found.dims == ("page", "y", "x")
    page = load(f"{tmp_path}/s.tif::2::crop=1..5:..3")
    np.testing.assert_array_equal(page.values, wanted[2, 1:5, :3])
    with pytest.raises(data.BadData, match=r"crop of page is 4\.\.10; it must be"):
        load(f"{tmp_path}/s.tif::crop=4..10")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sample=41", "sample is 41; it must be at most 40, the number of rows; draw fewer"),
        ("every=8,sample=6", "sample is 6; it must be at most 5"),
        ("sample=0", "sample is '0'; it must be a whole number from 1"),
        ("sample=", "sample is ''; it must be a whole number"),
        ("sample=5:seed=-1", "seed is '-1'; it must be a whole number from 0 to 2147483647"),
        ("sample=5:see=1", "sample is '5:see=1'; it must be like 500:seed=1"),
        ("every=0", "every is '0'; it must be a whole number from 1"),
        ("every=x", "every is 'x'; it must be"),
        ("standardise=full", "standardise is 'full'; it must be left out"),
        ("standardise=", "standardise is ''; it must be left out"),
        ("every=2,rotate=90", "the step is 'rotate=90'; it must be one of sample=N:seed=S"),
        ("rotate=90", "nor is 'rotate=90' a step: they are sample=N:seed=S"),
        ("every=2,", "the step is ''; it must be one of"),
        ("crop=5", "crop is '5'; it must be a range A..B"),
        ("crop=5..5", "crop of row is 5..5; it must be a range within 0..40"),
        ("crop=9..5", "crop of row is 9..5; it must be"),
        ("crop=..:2..4", "2..4; it must be a range within 0..3"),
        ("crop=50..", "crop of row is 50..40; it must be"),
        ("crop=..:..:..", "crop has 3 ranges; it must have at most 2"),
        ("crop=-3..5", "crop is '-3'; it must be a whole number from 0"),
        (",".join(["every=1"] * 51), "the number of steps is 51; it must be at most 50"),
    ],
)
def test_that_wrong_steps_are_refused_in_one_sentence(text, reason, folder):
    with pytest.raises(data.BadData) as caught:
        load(f"{folder}/t.csv::{text}")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("'t.csv': ")
    assert "\n" not in str(caught.value)


def test_that_steps_stand_last(folder):
    with pytest.raises(data.BadData, match=r"'every=2' a step: .* stand last"):
        load(f"{folder}/t.csv::every=2::decimal=point")
    with pytest.raises(data.BadData, match=r"'every=2' a step: .* stand last"):
        load("sample:moons::every=2::every=3")


def test_that_text_and_steps_are_the_same_thing():
    text = "crop=10..60:..:5..,sample=500:seed=3,every=7,standardise,standardise=mean,crop=..4"
    assert joined("a.h5::/t", asked(text)) == f"a.h5::/t::{text}"
    assert joined("a.h5", ()) == "a.h5"
    assert joined("a.h5", asked("sample=5")) == "a.h5::sample=5:seed=0"
    assert divided(f"sample:moons::{text}") == ("sample:moons", text)
    assert divided("t.csv::x,y::decimal=comma") == ("t.csv::x,y::decimal=comma", "")
    assert divided("t.csv::sample") == ("t.csv::sample", ""), "a column of this name"


def test_that_a_file_named_like_steps_is_found(tmp_path):
    np.save(tmp_path / "a::every=2.npy", TABLE)
    (tmp_path / "a::every=2.npy").rename(tmp_path / "a::every=2")
    np.testing.assert_array_equal(load(f"{tmp_path}/a::every=2").values, TABLE)
    np.testing.assert_array_equal(load(f"{tmp_path}/a::every=2::every=2").values, TABLE[::2])


def test_that_vertices_without_all_their_rows_are_a_cloud():
    assert data.faces_of("sample:arm::standardise,crop=..:..2") == "sample:arm_faces"
    assert data.faces_of("sample:arm::every=1,crop=0..") == "sample:arm_faces"
    assert preview("sample:arm::standardise").triangles is not None
    for text in ("sample=50:seed=0", "every=2", "crop=5.."):
        found = preview(f"sample:arm::{text}")
        assert found.dims == ("point", "axis")
        assert found.triangles is None
        with pytest.raises(data.BadData, match=f"subsampled by '{text}', but triangles name them"):
            data.faces_of(f"sample:arm::standardise,{text}")


def test_that_vertices_of_which_a_reader_leaves_some_out_are_a_cloud_too(tmp_path):
    with h5py.File(tmp_path / "mesh.h5", "w") as file:
        file["vertices"] = TABLE
        file["vertices"].dims[0].label, file["vertices"].dims[1].label = "vertex", "axis"
    place = f"{tmp_path}/mesh.h5::/vertices"
    assert load(f"{place}::crop=..:..2").dims == ("vertex", "axis")
    assert load(f"{place}::crop=..20").dims == ("point", "axis")


def test_that_a_method_on_surfaces_refuses_subsampled_vertices_and_one_on_points_does_not():
    inputs = {"source": "sample:arm::sample=60", "target": "sample:bent_arm"}
    with pytest.raises(Refused, match="all rows must be kept") as caught:
        runs.prepare(Job("transport.shape_interpolation", {}, inputs=inputs))
    assert caught.value.field == "source"
    inputs = {"x": "sample:arm::sample=60", "y": "sample:bent_arm::sample=50"}
    problem = runs.prepare(Job("transport.sinkhorn", {}, inputs=inputs)).problem
    assert (problem.x.shape, problem.y.shape) == ((60, 3), (50, 3))


def test_that_a_run_keeps_its_steps_and_warns_of_what_they_did(tmp_path):
    flat = np.column_stack([TABLE[:, 0], np.full(40, 0.3)])
    np.save(tmp_path / "flat.npy", flat)
    inputs = {
        "x": f"{tmp_path}/flat.npy::sample=20:seed=3,standardise",
        "y": "sample:moons::every=10,standardise",
    }
    job = Job("transport.sinkhorn", {}, inputs=inputs, output=str(tmp_path / "a.h5"))
    outcome = runs.execute(runs.prepare(job))
    assert outcome.info.inputs == inputs
    kept = records.read_arrays(tmp_path / "a.h5", "problem")["x"]
    own = flat[drawn(40, 20, 3), 0]
    np.testing.assert_allclose(kept[:, 0], (own - own.mean()) / own.std(), atol=1e-12)
    assert (kept[:, 1] == 0).all()
    warning = "x: column '1' is constant and became 0 when standardised"
    assert warning in records.read_info(tmp_path / "a.h5").warnings
    # The two clouds are standardised each by itself.
    np.testing.assert_allclose(records.read_arrays(tmp_path / "a.h5", "problem")["y"].std(0), 1)
