"""The renderer against a search through all triangles and dots, pixel by pixel."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.camera import Projection
from workbench.raster import LIGHT, RIM, SHADE, SOFT, Solid, render

WIDTH, HEIGHT = 40, 30
AS_IS = Projection(np.eye(3), np.zeros(3), np.ones(3))


def triangles(count, seed=0, size=12.0):
    rng = np.random.default_rng(seed)
    middle = rng.uniform((-5, -5, 0), (WIDTH + 5, HEIGHT + 5, 50), (count, 1, 3))
    places = (middle + rng.uniform(-size, size, (count, 3, 3))).reshape(-1, 3)
    colours = rng.integers(0, 255, (count, 3)).astype(np.uint8)
    return Solid(places, colours, np.arange(3 * count).reshape(-1, 3))


def searched(solid):
    """Which triangle is nearest in the middle of each pixel, and by how much."""
    down, right = np.indices((HEIGHT, WIDTH)) + 0.5
    depth = np.full((len(solid.faces), HEIGHT, WIDTH), -np.inf)
    for number, (a, b, c) in enumerate(solid.places[solid.faces]):
        system = np.array([[a[0], b[0], c[0]], [a[1], b[1], c[1]], [1, 1, 1]])
        places = np.stack([right.ravel(), down.ravel(), np.ones(right.size)])
        weights = np.linalg.solve(system, places)
        inside = (weights >= 0).all(0)
        depth[number].flat[inside] = (weights.T @ [a[2], b[2], c[2]])[inside]
    order = np.sort(depth, axis=0)
    seen = np.where(order[-1] > -np.inf, depth.argmax(0) + 1, 0)
    return seen, np.subtract(order[-1], order[-2], where=seen > 0, out=np.ones(seen.shape))


@pytest.mark.parametrize("seed", range(5))
def test_that_the_nearest_triangle_is_seen_at_every_pixel(seed):
    solid = triangles(60, seed)
    wanted, lead = searched(solid)
    # Depth has 2³⁰ levels over some 100 pixels: what is nearer by 1e-6 is told apart.
    sure = lead > 1e-6
    who = render([solid], AS_IS, WIDTH, HEIGHT).who
    assert sure.mean() > 0.99
    np.testing.assert_array_equal(who[sure], wanted[sure])
    assert len(np.unique(who)) > 20


def test_that_the_order_of_triangles_does_not_matter():
    solid = triangles(60)
    back = replace(solid, faces=solid.faces[::-1], colours=solid.colours[::-1])
    one, other = (render([s], AS_IS, WIDTH, HEIGHT).pixels for s in (solid, back))
    np.testing.assert_array_equal(one, other)


def test_that_neighbours_leave_no_gap_and_share_no_pixel():
    rng = np.random.default_rng(3)
    x, y = np.meshgrid(np.linspace(-1, WIDTH + 1, 9), np.linspace(-1, HEIGHT + 1, 8))
    inner = (slice(1, -1), slice(1, -1))
    x[inner] += rng.uniform(-2, 2, x[inner].shape)
    y[inner] += rng.uniform(-2, 2, y[inner].shape)
    places = np.stack([x.ravel(), y.ravel(), rng.uniform(0, 9, x.size)], 1)
    corner = (np.arange(7)[:, None] * 9 + np.arange(8)).ravel()[:, None]
    faces = np.concatenate([corner + np.array(more) for more in ([0, 1, 10], [0, 10, 9])])
    white = np.full((len(faces), 3), 255, np.uint8)
    who = render([Solid(places, white, faces)], AS_IS, WIDTH, HEIGHT).who
    assert (who > 0).all()
    alone = [
        (render([Solid(places, white[:1], face[None])], AS_IS, WIDTH, HEIGHT).who > 0).sum()
        for face in faces
    ]
    assert sum(alone) == WIDTH * HEIGHT


def test_that_dots_are_discs_of_their_size_and_the_nearest_is_on_top():
    rng = np.random.default_rng(1)
    places = rng.uniform((-3, -3, 0), (WIDTH + 3, HEIGHT + 3, 9), (80, 3))
    solid = Solid(places, np.full((80, 3), 200, np.uint8), size=6.0)
    down, right = np.indices((HEIGHT, WIDTH)) + 0.5
    # A dot stands on whole pixels: its middle is the nearest corner of pixels.
    middle = np.floor(places[:, :2] + 0.5)
    away = np.hypot(right - middle[:, 0, None, None], down - middle[:, 1, None, None])
    depth = np.where(away <= 3, places[:, 2, None, None], -np.inf)
    wanted = np.where(depth.max(0) > -np.inf, depth.argmax(0) + 1, 0)
    raster = render([solid], AS_IS, WIDTH, HEIGHT)
    np.testing.assert_array_equal(raster.who, wanted)
    assert set(np.unique(raster.pixels[..., 0])) == {0, round(200 * (1 - RIM)), 200}


def test_that_dots_and_triangles_hide_each_other_and_are_counted_on():
    wall = Solid(
        np.array([[0, 0, 5], [99, 0, 5], [0, 99, 5.0]]),
        np.full((2, 3), 90, np.uint8),
        np.array([[0, 1, 2], [2, 2, 2]]),
    )
    dots = Solid(np.array([[10, 10, 4], [20, 10, 6.0]]), np.full((2, 3), 9, np.uint8), size=4.0)
    who = render([wall, dots], AS_IS, WIDTH, HEIGHT).who
    assert who[10, 10] == 1
    assert who[10, 20] == 4  # two triangles, then the second dot


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("tilt", [0.0, 0.5, 2.0])
def test_that_a_face_is_as_bright_as_it_meets_the_light_from_either_side(tilt, turn):
    # z = tilt (x + y) / √2 has the normal (-tilt/√2, -tilt/√2, 1), down being the second axis.
    places = np.array([[0, 0], [99, 0], [0, 99.0]])
    places = np.column_stack([places, places.sum(1) * tilt / np.sqrt(2)])
    solid = Solid(places, np.full((1, 3), 255, np.uint8), np.array([[0, 1, 2]])[:, ::turn])
    normal = np.array([-tilt / np.sqrt(2), -tilt / np.sqrt(2), 1])
    cosine = normal @ LIGHT / np.linalg.norm(normal) / np.linalg.norm(LIGHT)
    found = render([solid], AS_IS, WIDTH, HEIGHT).pixels[5, 5, 0]
    assert found == pytest.approx(255 * (SHADE + (1 - SHADE) * max(0, cosine) ** SOFT), abs=1)


def test_that_samples_are_the_mean_of_the_pixels_they_replace():
    solid = triangles(20)
    fine = render([solid], AS_IS.scaled(2), 2 * WIDTH, 2 * HEIGHT).pixels.astype(float)
    wanted = fine.reshape(HEIGHT, 2, WIDTH, 2, 4).mean(axis=(1, 3))
    found = render([solid], AS_IS, WIDTH, HEIGHT, samples=2)
    assert np.abs(found.pixels - wanted).max() < 1  # rounded to bytes
    assert found.who.shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize("faces", [True, False])
def test_that_a_picture_made_in_small_parts_is_the_same(faces, monkeypatch):
    solid = triangles(40)
    if not faces:
        solid = Solid(solid.places, np.repeat(solid.colours, 3, axis=0), size=6.0)
    whole = render([solid], AS_IS, WIDTH, HEIGHT)
    monkeypatch.setattr("workbench.raster.SLAB", 100)
    parts = render([solid], AS_IS, WIDTH, HEIGHT)
    np.testing.assert_array_equal(parts.who, whole.who)
    np.testing.assert_array_equal(parts.pixels, whole.pixels)


def test_that_dots_far_away_turn_towards_the_ground():
    places = np.array([[10, 10, 0], [20, 10, 100.0]])
    solid = Solid(places, np.zeros((2, 3), np.uint8), size=3.0, ground=np.full(3, 255, np.uint8))
    pixels = render([solid], AS_IS, WIDTH, HEIGHT).pixels
    assert pixels[10, 20, 0] == 0
    assert pixels[10, 10, 0] == pytest.approx(0.6 * 255, abs=1)


@pytest.mark.parametrize("faces", [None, np.array([[0, 1, 2], [1, 2, 3], [4, 4, 4]])])
def test_that_places_that_are_nowhere_or_far_away_do_no_harm(faces):
    places = np.array([[np.nan, 0, 0], [1e30, 5, 0], [5, -1e30, 9], [9, 9, np.inf], [7, 7, 1]])
    solid = Solid(places, np.full((3 if faces is not None else 5, 3), 9, np.uint8), faces, 4.0)
    render([solid], AS_IS, WIDTH, HEIGHT)
    nothing = Solid(np.empty((0, 3)), np.empty((0, 3), np.uint8), None, 4.0)
    assert (render([nothing], AS_IS, WIDTH, HEIGHT).who == 0).all()
    assert (render([], AS_IS, WIDTH, HEIGHT).pixels == 0).all()
