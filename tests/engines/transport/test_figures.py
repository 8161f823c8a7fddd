"""Pictures of a plan: what they show is what was moved."""

from dataclasses import replace

import numpy as np
import pytest

from engines.context import Context
from engines.figure import Image, Line, Points
from engines.transport import figures, summary
from engines.transport.figures import Plane, splat, spread
from engines.transport.methods.sinkhorn import Sinkhorn
from engines.transport.problem import PointClouds, disc_and_star, gaussians_1d, two_moons

METHOD = Sinkhorn(epsilon=0.05, tol=1e-5)
RNG = np.random.default_rng(0)
PROBLEMS = {
    "plane": two_moons(80),
    "line": PointClouds(x=RNG.random((30, 1)), y=RNG.random((20, 1))),
    "space": PointClouds(x=RNG.random((30, 5)), y=RNG.random((20, 5))),
    "one point": PointClouds(x=[[1.0, 2.0]], y=[[3.0, 5.0]]),
    "histogram": gaussians_1d(60),
    "picture": disc_and_star(16),
    "column": replace(disc_and_star(8), source=np.eye(8)[:, :1], target=np.ones((8, 1)) / 8),
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_that_every_kind_of_problem_has_the_four_pictures(kind):
    problem = PROBLEMS[kind]
    result = METHOD.run(problem, Context())
    drawn = METHOD.figures(problem, result)
    assert [f.name for f in drawn] == ["plan", "displacement", "potentials", "convergence"]
    assert all(f.title and f.caption and f.panels for f in drawn)
    movie = drawn[1]
    assert movie.frames() == len(movie.times) == figures.FRAMES


@pytest.mark.parametrize("dense", [True, False])
def test_that_the_heat_map_holds_all_of_the_mass(dense, monkeypatch):
    """Also where several points share a pixel; eight targets of each source hold almost all."""
    monkeypatch.setattr(figures, "PLAN_PIXELS", 50)
    if not dense:
        monkeypatch.setattr(summary, "DENSE_ENTRIES", 0)
    problem = PROBLEMS["plane"]
    sharp = Sinkhorn(epsilon=0.002, tol=1e-5)
    result = sharp.run(problem, Context())
    values = figures.plan(problem, result)[0].panels[0].marks[0].values
    assert values.shape == (40, 40)
    assert values.sum() == pytest.approx(result.row_sums.sum(), abs=1e-12 if dense else 0.05)


def test_that_a_sorted_shift_is_drawn_along_the_diagonal():
    x = RNG.permutation(np.arange(40.0))[:, None]
    shift = PointClouds(x=x, y=RNG.permutation(x) + 100)
    result = Sinkhorn(epsilon=0.05, epsilon_mode="absolute").run(shift, Context())
    values = figures.plan(shift, result)[0].panels[0].marks[0].values
    assert abs(np.trace(values) - 1) < 1e-6 or abs(np.trace(values[::-1]) - 1) < 1e-6


def test_that_the_movie_begins_at_the_source_and_ends_at_the_map():
    problem = PROBLEMS["plane"]
    result = METHOD.run(problem, Context())
    (drawn,) = figures.displacement(problem, result)
    moving = next(m for m in drawn.panels[0].marks if isinstance(m, Points) and m.x.ndim == 2)
    np.testing.assert_allclose(moving.x[0], problem.x[:, 0])
    np.testing.assert_allclose(moving.x[-1], result.map[:, 0])
    np.testing.assert_allclose(moving.y[10], (problem.x[:, 1] + result.map[:, 1]) / 2)


@pytest.mark.parametrize("kind", ["histogram", "picture"])
def test_that_a_moving_density_keeps_its_mass_and_its_mean_goes_straight(kind):
    problem = PROBLEMS[kind]
    result = METHOD.run(problem, Context())
    (drawn,) = figures.displacement(problem, result)
    marks = drawn.panels[0].marks
    moving = next(
        (m.values if isinstance(m, Image) else m.y)
        for m in marks
        if isinstance(m, Image) or (isinstance(m, Line) and m.y.ndim == 2)
    )
    totals = moving.reshape(figures.FRAMES, -1).sum(1)
    np.testing.assert_allclose(totals, 1, rtol=1e-6)
    first_axis = problem.axes()[0]
    along = moving.reshape(figures.FRAMES, len(first_axis), -1).sum(2) @ first_axis
    straight = np.linspace(along[0], along[-1], figures.FRAMES)
    # Within a bin of a line the mass is taken as even, which shifts means by 1 % of a bin.
    np.testing.assert_allclose(along, straight, atol=0.01 * np.diff(first_axis)[0])


def test_that_mass_between_bins_is_shared_by_distance():
    axes = (np.array([0.0, 1.0, 3.0]), np.array([0.0, 1.0]))
    shared = splat(axes, np.array([[2.5, 0.25]]), np.array([4.0]))
    np.testing.assert_allclose(shared, [[0, 0], [0.75, 0.25], [2.25, 0.75]])
    outside = splat(axes, np.array([[9.0, -1.0]]), np.array([1.0]))
    np.testing.assert_allclose(outside, [[0, 0], [0, 0], [1, 0]])


def test_that_a_line_stretched_twice_is_half_as_dense():
    axis = np.linspace(0, 1, 101)
    dense = spread((axis,), (2 * axis - 0.5)[:, None], np.full(101, 1.0))
    np.testing.assert_allclose(dense[5:-5], 0.5, rtol=1e-12)


def test_that_many_dimensions_are_seen_along_the_axes_of_largest_spread():
    cloud = RNG.standard_normal((200, 4)) * [0.1, 3, 0.1, 1]
    u, v = Plane(cloud, cloud)(cloud)
    assert abs(np.corrcoef(u, cloud[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(v, cloud[:, 3])[0, 1]) > 0.99


def test_that_a_thousand_dimensions_are_seen_from_a_few_points():
    """Two directions of spread 30 and 10 among a thousand of spread 0.1."""
    width = np.full(1000, 0.1)
    width[[17, 600]] = 30, 10
    cloud = RNG.standard_normal((1500, 1000)) * width + 1e3
    u, v = Plane(cloud, cloud)(cloud)
    assert abs(np.corrcoef(u, cloud[:, 17])[0, 1]) > 0.99
    assert abs(np.corrcoef(v, cloud[:, 600])[0, 1]) > 0.99


def test_that_a_plan_with_unmet_marginals_says_so_in_every_title():
    problem = PROBLEMS["plane"]
    result = Sinkhorn(epsilon=0.001, max_iter=1, anneal=1.0).run(problem, Context())
    assert result.marginal_error > 1e-3
    assert all("not converged" in f.title for f in METHOD.figures(problem, result))
    met = METHOD.run(problem, Context())
    assert not any("not converged" in f.title for f in METHOD.figures(problem, met))
