"""A folder of pictures is a stack in the order of their numbers, or refused with a reason."""

import os

import numpy as np
import pytest
import tifffile
from PIL import Image

from workbench.data import Limits, load, parts, preview
from workbench.data.folders import natural


@pytest.fixture
def pictures(tmp_path):
    """Twelve pictures whose grey is their number, in three formats, with strangers between."""
    for k in range(12):
        grey = np.full((6, 8), 10 * k, np.uint8)
        ending = (".png", ".jpg", ".tif")[k % 3]
        Image.fromarray(grey).save(tmp_path / f"view{k}{ending}", quality=95)
    (tmp_path / "notes.txt").write_text("1 2 3\n")
    (tmp_path / "data.json").write_text("{}")
    (tmp_path / ".hidden.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "inner").mkdir()
    (tmp_path / "broken.png").symlink_to(tmp_path / "gone.png")
    return tmp_path


def test_that_the_pages_stand_in_the_order_of_their_numbers(pictures):
    loaded = load(str(pictures))
    assert loaded.values.shape == (12, 6, 8)
    assert loaded.dims == ("page", "y", "x")
    np.testing.assert_allclose(loaded.values[:, 0, 0] * 255, 10 * np.arange(12), atol=1)  # JPEG
    assert loaded.reference == f"{pictures}::*"
    assert preview(str(pictures)).kind == "stack"


def test_that_each_picture_can_be_taken_alone(pictures):
    listed = parts(str(pictures))
    assert [p.name for p in listed[:4]] == ["*", "view0.png", "view1.jpg", "view2.tif"]
    loaded = load(f"{pictures}::view11.tif")
    assert loaded.top_down
    assert (loaded.values == load(str(pictures / "view11.tif")).values).all()


def test_that_links_to_pictures_count_as_pictures(pictures, tmp_path_factory):
    other = tmp_path_factory.mktemp("links")
    for k in (0, 3):
        (other / f"{k}.png").symlink_to(pictures / f"view{k}.png")
    assert load(str(other)).values.shape == (2, 6, 8)


@pytest.mark.parametrize("shape", [(6, 9), (6, 8, 3)])
def test_that_pictures_that_differ_are_refused_by_name(shape, pictures, refused):
    Image.fromarray(np.zeros(shape, np.uint8)).save(pictures / "view5.png")
    sentence = refused(pictures)
    assert "'view5.png' is 6 × " in sentence
    assert "'view0.png' is 6 × 8" in sentence


def test_that_a_stack_among_the_pictures_is_refused(pictures, refused):
    tifffile.imwrite(pictures / "many.tif", np.zeros((3, 6, 8), np.uint8), photometric="minisblack")
    assert "'many.tif' has several pages" in refused(pictures)


def test_that_a_folder_without_pictures_is_refused(tmp_path, refused):
    assert "holds no pictures" in refused(tmp_path)


def test_that_an_unknown_picture_is_refused_with_the_known_ones(pictures, refused):
    assert "'view0.png'" in refused(f"{pictures}::view99.png")


def test_that_the_whole_stack_is_claimed_before_a_picture_is_decoded(pictures, refused):
    assert "12 × 6 × 8" in refused(pictures, limits=Limits(bytes=12 * 6 * 8 * 4 - 1))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes as files")
def test_that_a_pipe_in_the_folder_holds_nothing_up(pictures):
    os.mkfifo(pictures / "view0.5.png")
    assert load(str(pictures)).values.shape == (12, 6, 8)


def test_that_names_are_sorted_as_people_number():
    names = ["a10.png", "a9.png", "a010b.png", "b1.png", "a1.png", "A2.png"]
    assert sorted(names, key=natural) == [
        *("a1.png", "A2.png", "a9.png", "a10.png", "a010b.png", "b1.png"),
    ]


@pytest.mark.parametrize("cut", [20, 50])
def test_that_a_damaged_picture_is_named(cut, pictures, refused):
    path = pictures / "view3.png"
    path.write_bytes(path.read_bytes()[:cut])
    assert "'view3.png': " in refused(pictures)
