from itertools import product

import numpy as np
import pytest
from scipy.spatial import Delaunay

from engines.figure import Axis, Panel
from workbench.box import box, margin
from workbench.camera import Camera, Margin, projection

LIMITS = ((-1.0, 3.0), (0.0, 10.0), (0.0, 5.0))
CORNERS = np.array(list(product(*LIMITS)))
PANEL = Panel((), Axis("x", "m"), Axis("y"), z=Axis("z"))
VIEWS = [(-60, 30), (30, -20), (120, 60), (-170, 5), (45, -80)]


def measure(words):
    return 6.0 * len(words), 12.0


def onto(view, limits=LIMITS):
    return projection(limits, False, Camera(*view), (600.0, 500.0), Margin(40, 40, 40, 40))


@pytest.mark.parametrize("view", VIEWS)
def test_that_the_walls_lie_behind_everything_in_the_box(view):
    seen = onto(view)
    depth = seen(CORNERS)[:, 2]
    walls = box(PANEL, LIMITS, seen, measure).walls
    farthest = seen(CORNERS)[depth.argmin(), :2]
    for wall in walls:  # the three that meet in the farthest corner
        assert np.abs(wall - farthest).sum(axis=1).min() < 1e-9


@pytest.mark.parametrize("view", VIEWS)
def test_that_words_stand_outside_the_box(view):
    seen = onto(view)
    made = box(PANEL, LIMITS, seen, measure)
    hull = Delaunay(seen(CORNERS)[:, :2])
    places = np.array([(word.x, word.y) for word in made.words])
    assert (hull.find_simplex(places) == -1).all()
    assert {"x (m)", "y", "z"} <= {word.text for word in made.words}


def sides(word):
    wide, high = measure(word.text)[::-1] if word.upright else measure(word.text)
    return word.x - wide / 2, word.y - high / 2, word.x + wide / 2, word.y + high / 2


@pytest.mark.parametrize("view", VIEWS)
def test_that_no_words_lie_over_others_where_axes_meet(view):
    limits = ((0.0, 1.0),) * 3  # a number at each end of each axis
    words = box(PANEL, limits, onto(view, limits), measure).words
    assert len(words) > 8
    for number, word in enumerate(words):
        left, above, right, below = sides(word)
        for other in words[:number]:
            a, b, c, d = sides(other)
            assert right <= a or c <= left or below <= b or d <= above, (word, other)


def test_that_numbers_stand_at_their_ticks():
    # From the front, x leads right: the tick of 1 is in the middle of -1 … 3, and low ones left.
    seen = onto((-90, 0))
    words = box(PANEL, LIMITS, seen, measure).words
    at = {word.text: word.x for word in words if word.y > seen(CORNERS)[:, 1].max()}
    assert at["1.0"] == pytest.approx(300)
    assert at["−1.0"] < at["0.0"] < at["1.0"] < at["3.0"]


def test_that_an_axis_seen_from_its_end_has_no_numbers():
    words = {word.text for word in box(PANEL, LIMITS, onto((-90, 0)), measure).words}
    assert "y" not in words
    assert {"x (m)", "z"} <= words


def test_that_axes_without_ticks_draw_nothing():
    bare = Axis(ticks=False)
    made = box(Panel((), bare, bare, z=bare), LIMITS, onto((-60, 30)), measure)
    assert (made.walls, made.grid, made.edges, made.words) == ([], [], [], [])


def test_that_an_axis_that_runs_backwards_has_its_numbers_turned():
    turned = ((3.0, -1.0), *LIMITS[1:])
    seen = onto((-90, 0), turned)
    words = box(PANEL, turned, seen, measure).words
    at = {word.text: word.x for word in words if word.y > 300}
    assert at["3.0"] < at["1.0"] < at["−1.0"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("low", [0.0, -1e-4])
def test_that_words_fit_into_the_margin(view, low):
    limits = ((low, 1.0), (low, 1.0), (0.0, 7e5))
    size = (600.0, 500.0)
    free = margin(PANEL, limits, measure)
    seen = projection(limits, False, Camera(*view), size, free)
    for word in box(PANEL, limits, seen, measure).words:
        wide, high = measure(word.text)[::-1] if word.upright else measure(word.text)
        assert wide / 2 <= word.x <= size[0] - wide / 2, word
        assert high / 2 <= word.y <= size[1] - high / 2, word
