"""Interpolated shapes against shifted copies, POT's distances and moments in closed form."""

import threading
from dataclasses import replace

import numpy as np
import ot
import pytest

from engines.context import Context
from engines.problem import BadProblem, Status
from engines.transport.mesh_pair import arm_pair, blob_pair
from engines.transport.methods.shape_interpolation import (
    ShapeInterpolation,
    ball_to_ring,
    o_and_x,
    one_and_two,
)
from engines.transport.problem import Histograms, PointClouds, disc_and_star, gaussians_1d

SHAPE = np.zeros((10, 12))
SHAPE[2:5, 1:4] = [[1, 2, 0], [3, 1, 1], [0, 0, 4]]
# Four columns to the right and four rows down, in whole bins: nothing is lost to the grid.
SHIFTED = Histograms(source=SHAPE, target=np.roll(SHAPE, (4, 4), (0, 1)))


def solve(problem, ctx=None, **settings):
    settings = {"n_frames": 5, "blur": 0.0} | settings
    return ShapeInterpolation(**settings).run(problem, ctx or Context())


def places(result):
    return np.stack(np.meshgrid(result.row, result.column, indexing="ij"), axis=-1).reshape(-1, 2)


def distance(result, s, t):
    """W₂ between two frames."""
    cost = ot.dist(places(result), places(result))
    first, second = (result.frames[k].ravel() for k in (s, t))
    return ot.emd2(first / first.sum(), second / second.sum(), cost) ** 0.5


def test_that_a_shifted_picture_slides_without_changing():
    result = solve(SHIFTED)
    for k, frame in enumerate(result.frames):
        wanted = np.roll(SHAPE, (k, k), (0, 1)) / SHAPE.sum()
        np.testing.assert_allclose(frame, wanted, atol=1e-12)
    assert pytest.approx(4 * 2**0.5 / 12, rel=1e-12) == result.W_2  # the longer side is 1
    np.testing.assert_allclose(result.spread, result.spread[0], rtol=1e-9)
    assert result.status is Status.completed


def test_that_both_ends_are_the_pictures_themselves_with_mass_one():
    problem = disc_and_star(20)
    result = solve(Histograms(source=7 * problem.source, target=problem.target), blur=1.0)
    np.testing.assert_allclose(result.frames[0], problem.source, atol=1e-14)
    np.testing.assert_allclose(result.frames[-1], problem.target, atol=1e-14)


def test_that_the_cost_is_that_of_pot():
    problem = o_and_x(16)
    result = solve(problem)
    cost = ot.dist(places(result), places(result))
    wanted = ot.emd2(problem.source.ravel(), problem.target.ravel(), cost)
    assert result.cost == pytest.approx(wanted, rel=1e-9)
    rows = np.bincount(result.plan_rows, result.plan_values, 256)
    cols = np.bincount(result.plan_cols, result.plan_values, 256)
    np.testing.assert_allclose(rows, problem.source.ravel(), atol=1e-12)
    np.testing.assert_allclose(cols, problem.target.ravel(), atol=1e-12)


def test_that_the_path_has_constant_speed():
    """W₂(μ_s, μ_t) = |t - s| W₂: sharing mass between bins moves it by less than a bin."""
    result = solve(disc_and_star(20))
    for s, t in ((0, 1), (1, 3), (2, 4), (0, 4)):
        assert distance(result, s, t) == pytest.approx((t - s) / 4 * result.W_2, abs=0.5 / 20)
    assert distance(result, 0, 4) == pytest.approx(result.W_2, rel=1e-9)


def test_that_no_mass_is_blurred_over_the_border():
    result = solve(SHIFTED, blur=2.0)
    np.testing.assert_allclose(result.frames.sum((1, 2)), 1, rtol=1e-12)


@pytest.mark.parametrize("blur", [0.0, 1.0])
def test_that_mass_is_kept_and_its_centre_moves_straight(blur):
    result = solve(disc_and_star(24), blur=blur)
    np.testing.assert_allclose(result.frames.sum((1, 2)), 1, rtol=1e-12)
    centres = result.frames.reshape(5, -1) @ places(result)
    straight = centres[0] + result.t[:, None] * (centres[-1] - centres[0])
    # The blur is mirrored at the borders, from which the shapes keep away by two bins or more.
    np.testing.assert_allclose(centres, straight, atol=1e-12 if blur == 0 else 1e-3)


def test_that_the_spread_follows_from_the_distance():
    """Var_t = (1-t) V₀ + t V₁ + t (1-t) (|m₀ - m₁|² - W₂²)."""
    result = solve(one_and_two(24))
    grid = places(result)
    means, variances = [], []
    for mass in (result.source.ravel(), result.target.ravel()):
        means.append(mass @ grid)
        variances.append(mass @ ((grid - means[-1]) ** 2).sum(1))
    apart = ((means[0] - means[1]) ** 2).sum() - result.cost
    t = result.t
    wanted = (1 - t) * variances[0] + t * variances[1] + t * (1 - t) * apart
    np.testing.assert_allclose(result.spread, wanted, rtol=1e-9)


def test_that_one_drop_is_cut_into_two_halves():
    result = solve(one_and_two(24))
    late = result.frames[3]
    assert late[:12].sum() == pytest.approx(0.5, abs=1e-9)  # by symmetry
    assert late[11:13].sum() < 1e-9


def test_that_the_blur_is_widest_half_way():
    plain, blurred = solve(SHIFTED), solve(SHIFTED, blur=1.0)
    change = np.abs(blurred.frames - plain.frames).sum((1, 2))
    assert change[0] == change[-1] == 0
    assert change.argmax() == 2
    # Where no border is near, a blur adds its square, in bins, to the variance of each axis.
    single = np.zeros((25, 25))
    single[12, 12] = 1
    frame = solve(Histograms(source=single, target=single), blur=1.0, n_frames=3).frames[1]
    offset = np.arange(25) - 12
    assert frame.sum(0) @ offset**2 == pytest.approx(1, abs=0.01)  # cut off after four widths


def test_that_a_fine_picture_is_summed_to_the_resolution():
    fine = Histograms(source=np.kron(SHAPE, np.ones((3, 3))), target=np.eye(30, 36))
    result = solve(fine, resolution=12)
    np.testing.assert_allclose(result.source, SHAPE / SHAPE.sum(), atol=1e-14)
    assert result.frames.shape == (5, 10, 12)
    np.testing.assert_allclose(result.column, (np.arange(12) + 0.5) / 12, atol=1e-14)


def test_that_densities_on_a_line_are_refused():
    with pytest.raises(BadProblem, match="source has 1 axis"):
        solve(gaussians_1d(20))


class Third(Context):
    """A run that is asked to stop at its third frame."""

    def log(self, **scalars):
        self.asked = getattr(self, "asked", 0) + 1
        if self.asked == 3:
            self._stop.set()


def test_that_a_stop_keeps_the_plan_and_the_frames_so_far():
    result = solve(disc_and_star(24), Third(), n_frames=200)
    assert result.status is Status.stopped
    assert len(result.t) == len(result.frames) == 4
    assert result.nnz == len(result.plan_values)


def test_that_a_stop_before_the_plan_leaves_the_first_picture():
    stop = threading.Event()
    stop.set()
    method = ShapeInterpolation()
    result = method.run(SHIFTED, Context(stop=stop))
    assert result.status is Status.stopped
    np.testing.assert_allclose(result.frames, SHAPE[None] / SHAPE.sum())
    assert result.plan_values is None
    assert len(method.figures(SHIFTED, result)) == 3


def test_that_figures_show_the_way_beside_the_fade():
    method = ShapeInterpolation(n_frames=5)
    result = method.run(SHIFTED, Context())
    figures = {f.name: f for f in method.figures(SHIFTED, result)}
    assert list(figures) == ["interpolation", "strip", "spread", "distances"]
    moving, fading = (p.marks[0].values for p in figures["interpolation"].panels)
    np.testing.assert_allclose(moving, result.frames, atol=1e-7)  # float32
    np.testing.assert_allclose(fading[2], (result.source + result.target) / 2, atol=1e-7)
    lines = {line.name: line.y for line in figures["spread"].panels[0].marks}
    shift = 2 * (4 / 12) ** 2
    assert lines["cross-fade"][2] == pytest.approx(result.spread[0] + shift / 4, rel=1e-9)


# --- clouds ------------------------------------------------------------------------------------


def between(result, s, t):
    """W₂ between two frames of a cloud, by POT."""
    return ot.emd2(result.mass, result.mass, ot.dist(result.places[s], result.places[t])) ** 0.5


@pytest.fixture(scope="module")
def cloud():
    """Five clouds on the way, of points of different weights in space."""
    rng = np.random.default_rng(0)
    a, b = rng.random(30), rng.random(40)
    x, y = rng.standard_normal((30, 3)), 2 + rng.standard_normal((40, 3)) * [1, 3, 0.5]
    problem = PointClouds(x=x, y=y, a=a / a.sum(), b=b / b.sum())
    return problem, solve(problem)


def test_that_a_cloud_travels_at_constant_speed_along_the_shortest_path(cloud):
    """W₂(μ_s, μ_t) = |t - s| W₂, exactly: mass is split, not shared between bins."""
    _, result = cloud
    for s, t in ((0, 1), (1, 3), (2, 4), (0, 4)):
        assert between(result, s, t) == pytest.approx((t - s) / 4 * result.W_2, rel=1e-7)


def test_that_a_cloud_arrives_with_the_weights_of_the_target(cloud):
    problem, result = cloud
    wanted = ot.emd2(problem.a, problem.b, ot.dist(problem.x, problem.y))
    assert result.cost == pytest.approx(wanted, rel=1e-9)
    for places, weights, ends in (
        (result.places[0], problem.a, problem.x),
        (result.places[-1], problem.b, problem.y),
    ):
        which = np.linalg.norm(places[:, None] - ends, axis=2).argmin(1)
        np.testing.assert_allclose(places, ends[which], atol=1e-12)
        np.testing.assert_allclose(np.bincount(which, result.mass), weights, atol=1e-12)
    assert len(result.mass) > 40, "some of the mass is split"
    assert len(result.mass) < 30 + 40
    np.testing.assert_allclose(result.mass, result.plan_values)


def test_that_a_shifted_cloud_keeps_its_shape():
    x = np.random.default_rng(0).standard_normal((50, 2))
    result = solve(PointClouds(x=x, y=x + np.array([3, 4])))
    assert pytest.approx(5, rel=1e-12) == result.W_2
    np.testing.assert_allclose(result.places[2], x + np.array([1.5, 2]), atol=1e-12)
    np.testing.assert_allclose(result.spread, result.spread[0], rtol=1e-12)


def test_that_points_without_mass_stay_out():
    problem = PointClouds(x=np.eye(3), y=np.eye(3), a=np.array([0.5, 0.5, 0]), b=np.ones(3) / 3)
    result = solve(problem)
    assert set(result.plan_rows) == {0, 1}
    assert result.mass.sum() == pytest.approx(1)


def test_that_spreads_of_clouds_follow_from_the_distance(cloud):
    _, result = cloud
    drawn = ShapeInterpolation().figures(*cloud)
    line, faded = (m.y for m in next(f for f in drawn if f.name == "spread").panels[0].marks)
    np.testing.assert_array_equal(line, result.spread)
    t = result.t
    # The mass of a pair is the mean square of what it goes: both differ by t (1 - t) W₂².
    np.testing.assert_allclose(faded - line, t * (1 - t) * result.cost, atol=1e-9)


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
def test_that_clouds_of_any_dimension_are_drawn(dim):
    rng = np.random.default_rng(0)
    problem = PointClouds(x=rng.random((20, dim)), y=rng.random((25, dim)))
    method = ShapeInterpolation(n_frames=5)
    figures = {f.name: f for f in method.figures(problem, method.run(problem, Context()))}
    assert list(figures) == ["interpolation", "strip", "spread", "distances"]
    assert figures["interpolation"].frames() == 5
    assert figures["interpolation"].panels[0].in_space == (dim == 3)
    assert len(figures["strip"].panels) == 4
    first, last = (figures["strip"].panels[k] for k in (0, -1))
    assert first.x.limits is not None
    assert first.x.limits == last.x.limits, "one frame for all"


def test_that_a_stopped_cloud_stays_at_its_start():
    stop = threading.Event()
    stop.set()
    problem = ball_to_ring(30)
    method = ShapeInterpolation()
    result = method.run(problem, Context(stop=stop))
    assert result.status is Status.stopped
    np.testing.assert_array_equal(result.places, problem.x[None])
    assert len(method.figures(problem, result)) == 3


def test_that_the_ball_and_the_ring_are_what_they_are_called():
    problem = ball_to_ring(500)
    assert np.linalg.norm(problem.x, axis=1).max() <= 1
    around = np.hypot(problem.y[:, 0], problem.y[:, 1]) - 2
    np.testing.assert_allclose(np.hypot(around, problem.y[:, 2]), 0.4)


# --- surfaces ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def body():
    return blob_pair((24, 28))


def test_that_a_surface_follows_the_given_map_vertex_by_vertex():
    problem = arm_pair()
    result = solve(problem)
    np.testing.assert_array_equal(result.faces, problem.target_faces)
    np.testing.assert_array_equal(result.places[0], problem.source)
    np.testing.assert_allclose(result.places[-1], problem.target, atol=1e-14)
    np.testing.assert_allclose(result.places[2], (problem.source + problem.target) / 2)
    # The integral of what is linear on a triangle: its area times the mean of the corners.
    corners = problem.target[problem.target_faces.astype(int)]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    ways = ((problem.source - problem.target) ** 2).sum(1)[problem.target_faces.astype(int)]
    assert result.cost == pytest.approx((area @ ways.mean(1)) / area.sum(), rel=1e-9)
    assert np.isnan(result.W_2)


def test_that_without_a_given_map_one_is_found(body):
    result = solve(replace(body, truth=None), n_eig=40)
    (source, _), (target, _) = body.surfaces()
    np.testing.assert_array_equal(result.places[0], source[result.T.astype(int)])
    np.testing.assert_allclose(result.places[-1], target, atol=1e-14)
    true = source[body.truth.astype(int)]
    # A map at random would err by the size of the body, 4; cells of the grid measure 0.2.
    assert np.linalg.norm(result.places[0] - true, axis=1).mean() < 0.3


def test_that_the_figures_of_a_surface_move(body):
    method = ShapeInterpolation(n_frames=5)
    result = method.run(body, Context())
    figures = {f.name: f for f in method.figures(body, result)}
    assert list(figures) == ["interpolation", "strip", "spread", "correspondence"]
    (surface,) = figures["interpolation"].panels[0].marks
    assert surface.vertices.shape == (5, len(body.target), 3)
    np.testing.assert_allclose(surface.vertices, result.places, atol=1e-6)  # float32


def test_that_a_surface_stopped_before_its_map_is_the_source(body):
    stop = threading.Event()
    stop.set()
    problem = replace(body, truth=None)
    method = ShapeInterpolation()
    result = method.run(problem, Context(stop=stop))
    assert result.status is Status.stopped
    np.testing.assert_array_equal(result.places[0], body.source)
    np.testing.assert_array_equal(result.faces, body.source_faces)
    assert len(method.figures(problem, result)) == 4
