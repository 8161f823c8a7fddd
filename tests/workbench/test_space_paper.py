"""3-D panels on paper: exact pages, embedded fonts, the view of the screen, the numbers."""

import csv
import re
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from engines.figure import Axis, Cloud3D, Figure, Line, Panel, Surface
from workbench.export import export, page_size, picture
from workbench.palette import table

TETRAHEDRON = Surface(
    vertices=np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 3,
    faces=[[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]],
    values=[0.0, 1.0, 2.0, 1 / 3],
    name="heat",
    unit="K",
)
CLOUD = Cloud3D(points=np.eye(3), rgb=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], size=12.0, name="corners")
SIDES = {"x": Axis("length", "m"), "y": Axis("y"), "z": Axis("height"), "equal": True}


def still(*marks, **panel):
    return Figure("f", "Title", (Panel(marks, **{**SIDES, **panel}),))


def pixels(figure, tmp_path, **options):
    export(figure, tmp_path / "a.png", width_mm=80, dpi=200, **options)
    with PIL.Image.open(tmp_path / "a.png") as read:
        return np.asarray(read.convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    figure = still(TETRAHEDRON, CLOUD, replace(CLOUD, rgb=None, points=np.eye(3) / 2))
    for kind in ("pdf", "svg", "eps", "png", "csv"):
        export(figure, folder / f"a.{kind}", width_mm=89)
    return folder


def test_that_pages_are_exactly_as_wide_as_asked(written):
    points = 89 / 25.4 * 72
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ", (written / "a.pdf").read_bytes())
    assert float(box[1]) == pytest.approx(points, abs=0.3)  # a tenth of a millimetre
    svg = re.search(r'<svg [^>]*width="([\d.]+)pt"', (written / "a.svg").read_text())
    assert float(svg[1]) == pytest.approx(points, abs=0.3)
    with PIL.Image.open(written / "a.png") as read:
        assert read.width == round(89 / 25.4 * 300)


def test_that_fonts_are_embedded_and_words_are_text(written):
    held = (written / "a.pdf").read_bytes()
    assert held.count(b"/FontFile2") == held.count(b"/FontDescriptor /") or b"/FontFile2" in held
    assert b"/Type3" not in held
    words = re.findall(r">([^<>]+)</text>", (written / "a.svg").read_text())
    assert {"length (m)", "y", "height", "heat (K)", "Title"} <= set(words)
    assert "−0.2" in words or "−0.3" in words or "0.5" in words


def test_that_the_data_have_their_colours_and_the_ground_is_white(tmp_path):
    drawn = pixels(still(replace(CLOUD, points=np.diag([1.0, 1, 1]))), tmp_path)
    for colour in ([255, 0, 0], [0, 255, 0], [0, 0, 255]):
        assert (drawn == colour).all(axis=2).sum() > 100
    assert (drawn[0] == 255).all()
    assert (drawn == 255).all(axis=2).mean() > 0.2


def test_that_a_surface_has_the_colours_of_its_values(tmp_path):
    flat = Surface(
        vertices=[[0, 0, 0], [1, 0, 0], [0, 1, 0]],
        faces=[[0, 1, 2]],
        values=[2, 2, 2],
        limits=(0, 4),
    )
    drawn = pixels(still(flat), tmp_path, view=(-90, 90))
    # The only face meets the light at one angle, so all of it has one shade of the colour of 2.
    colour = table("sequential")[127].astype(float)
    bright = drawn / colour
    one = (np.ptp(bright, axis=2) < 0.05) & (bright.max(axis=2) < 1.01)
    assert one.sum() > 5000


def test_that_the_view_turns_the_picture_and_the_figure_has_its_own(tmp_path):
    figure = still(TETRAHEDRON)
    first = pixels(figure, tmp_path)
    turned = pixels(figure, tmp_path, view=(20, 10))
    own = pixels(replace(figure, view=(20.0, 10.0)), tmp_path)
    assert turned.shape == own.shape or turned.shape[1] == own.shape[1]
    np.testing.assert_array_equal(turned, own)
    assert turned.shape != first.shape or (turned != first).any()


def test_that_a_page_is_as_high_as_its_view_needs():
    long = replace(TETRAHEDRON, vertices=TETRAHEDRON.vertices * [1, 1, 4])
    upright = replace(still(long), view=(-90, 0))
    from_above = replace(still(long), view=(-90, 90))
    assert page_size(upright, 100)[1] > 1.3 * page_size(from_above, 100)[1]


def test_that_flat_and_3d_panels_share_a_page(tmp_path):
    flat = Panel((Line(x=[0, 1], y=[0, 1], name="a"),), Axis("time"))
    both = Figure("f", "Title", (flat, Panel((TETRAHEDRON,), **SIDES, title="body")))
    for kind in ("png", "pdf", "svg"):
        assert picture(both, kind, width_mm=170, dpi=100)


def test_that_equal_figures_give_equal_files(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        export(still(TETRAHEDRON, CLOUD), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def blocks(path):
    """Title, head and rows of each block of a file."""
    found = []
    for text in path.read_text().split("\n\n"):
        title, *lines = text.splitlines()
        head, *rows = csv.reader(lines)
        found.append((title, head, np.array(rows, float)))
    return found


def test_that_the_csv_holds_points_values_and_triangles(written):
    vertices, faces, cloud, plain = blocks(written / "a.csv")
    assert vertices[1] == ["length (m)", "y", "height", "heat (K)"]
    wanted = np.column_stack([TETRAHEDRON.vertices, TETRAHEDRON.values])
    np.testing.assert_array_equal(vertices[2], wanted)
    assert faces[0] == "# panel 1, Surface, heat, triangles of the vertices above counted from 0"
    assert faces[1] == ["corner 1", "corner 2", "corner 3"]
    np.testing.assert_array_equal(faces[2], TETRAHEDRON.faces)
    assert cloud[1] == ["length (m)", "y", "height", "red", "green", "blue"]
    np.testing.assert_array_equal(cloud[2], np.column_stack([CLOUD.points, CLOUD.rgb]))
    np.testing.assert_array_equal(plain[2], np.eye(3) / 2)


def test_that_axes_of_one_name_are_told_apart_in_the_csv(tmp_path):
    export(still(CLOUD, y=Axis("length", "m")), tmp_path / "a.csv")
    assert blocks(tmp_path / "a.csv")[0][1][:3] == ["x", "y", "z"]


def test_that_a_movie_is_drawn_at_its_frame(tmp_path):
    movie = replace(CLOUD, points=np.stack([np.eye(3), 1 - np.eye(3)]))
    last, first = pixels(still(movie), tmp_path), pixels(still(movie), tmp_path, frame_index=0)
    assert (last != first).any()


@pytest.mark.parametrize("kind", ["png", "eps"])
def test_that_awkward_data_are_drawn_without_a_warning(kind, recwarn):
    for mark in (
        Cloud3D(points=np.empty((0, 3))),
        Cloud3D(points=np.full((3, 3), np.nan), values=[np.nan] * 3),
        Cloud3D(points=[[1e300, 0, 0], [-1e300, 0, 0]]),
        Surface(vertices=np.zeros((3, 3)), faces=[[0, 1, 2], [0, 0, 0]]),
    ):
        assert picture(still(mark), kind, width_mm=60, dpi=100)
    assert not recwarn.list
