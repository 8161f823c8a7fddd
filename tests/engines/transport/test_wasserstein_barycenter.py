"""Means of densities and clouds against closed forms, POT, invariances, and bad input."""

import json
import re
import threading

import numpy as np
import ot
import pytest
import torch
from scipy.spatial.distance import cdist

from engines.context import Context, Shown, Step
from engines.problem import BadProblem, Status
from engines.transport.barycenters import lattice, seats, seeds
from engines.transport.methods.wasserstein_barycenter import WassersteinBarycenter
from engines.transport.problem_sets import (
    Clouds,
    Densities,
    disc_and_square,
    four_ellipses,
    line_gaussians,
    three_shapes,
)

RNG = np.random.default_rng(3)
LONG = {"tol": 1e-12, "max_iter": 5000}


def solve(problem, support, ctx=None, **settings):
    settings = {"steps": 1, "support": support, **settings}
    method = WassersteinBarycenter.model_validate_json(json.dumps(settings))
    return method.run(problem, ctx or Context())


def grid(epsilon, debiased):
    return {"kind": "grid", "epsilon": epsilon, "debiased": debiased}


def free(k):
    return {"kind": "free", "n_support": k}


def clouds(*parts, **more):
    numbers = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return Clouds(points=np.concatenate(parts), cloud=numbers, **more)


def smooth_pair(n=20, weights=(0.3, 0.7)):
    """Two hills on n × n bins, positive everywhere."""
    t = (np.arange(n) + 0.5) / n
    down, right = np.meshgrid(t, t, indexing="ij")
    round_hill = np.exp(-((down - 0.3) ** 2 + (right - 0.4) ** 2) / 0.02)
    long_hill = np.exp(-((down - 0.6) ** 2) / 0.03 - ((right - 0.6) ** 2) / 0.01)
    return Densities(densities=np.stack([round_hill, long_hill]), weights=np.array(weights))


def moments(density, x):
    mean = x @ density
    return mean, np.sqrt((x - mean) ** 2 @ density)


@pytest.mark.parametrize("epsilon", [1e-3, 5e-4])
def test_that_the_mean_of_gaussians_on_a_line_is_wider_by_the_entropy_or_right(epsilon):
    """N(0.25, 0.04²) and N(0.7, 0.08²): N(0.475, 0.06²), to a hundredth of a bin."""
    problem = line_gaussians()
    (x,) = problem.axes()
    plain = moments(solve(problem, grid(epsilon, False), tol=1e-8).density, x)
    assert plain == pytest.approx((0.475, np.sqrt(0.06**2 + epsilon / 2)), abs=5e-5)
    debiased = moments(solve(problem, grid(epsilon, True), tol=1e-5).density, x)
    assert debiased == pytest.approx((0.475, 0.06), abs=5e-5)


def test_that_a_mean_on_a_line_is_that_of_pot():
    problem = line_gaussians(100)
    (x,) = problem.axes()
    a = (problem.densities / problem.densities.sum(1, keepdims=True)).T
    cost = cdist(x[:, None], x[:, None], "sqeuclidean")
    peer = ot.bregman.barycenter(a, cost, 1e-2, stopThr=1e-15, numItermax=2000)
    result = solve(problem, grid(1e-2, False), **LONG)
    assert result.status is Status.converged
    # The floor of 1e-12 under each bin is the only difference.
    np.testing.assert_allclose(result.density, peer, atol=1e-10)
    assert result.mass == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("debiased", [False, True])
def test_that_a_mean_of_pictures_is_that_of_pot(debiased):
    n, epsilon = 12, 0.01
    problem = smooth_pair(n)
    a = problem.densities / problem.densities.sum((1, 2), keepdims=True)
    peer = ot.bregman.convolutional_barycenter2d_debiased if debiased else None
    peer = peer or ot.bregman.convolutional_barycenter2d
    # POT puts the outer bins at 0 and 1, where ours are half a bin inside.
    q = peer(a, epsilon * (n / (n - 1)) ** 2, weights=problem.weights, stopThr=1e-12,
             numItermax=500, warn=False)  # fmt: skip
    result = solve(problem, grid(epsilon, debiased), tol=1e-7, max_iter=500)
    # Debiasing divides by small numbers, where floors and the order of the updates show.
    np.testing.assert_allclose(result.density, q / q.sum(), atol=2e-5 if debiased else 1e-10)


def test_that_the_cost_of_each_input_is_that_of_its_entropic_plan():
    problem = smooth_pair(10)
    result = solve(problem, grid(0.02, True), tol=1e-8, max_iter=5000)
    axes = np.stack(np.meshgrid(*problem.axes(), indexing="ij"), axis=-1).reshape(-1, 2)
    cost = cdist(axes, axes, "sqeuclidean")
    for density, found in zip(problem.densities, result.costs, strict=True):
        a = density.ravel() / density.sum()
        plan = ot.sinkhorn(a, result.density.ravel(), cost, 0.02, stopThr=1e-10, numItermax=20_000)
        assert found == pytest.approx((plan * cost).sum(), abs=1e-7)
    assert result.objective == pytest.approx(0.3 * result.costs[0] + 0.7 * result.costs[1])
    assert result.marginal_error < 1e-8


@pytest.mark.parametrize("debiased", [False, True])
def test_that_shapes_with_empty_bins_keep_their_mean_place(debiased):
    """exp(-C/ε) underflows here; the mean place of a barycentre is the mean of the places."""
    problem = disc_and_square()
    result = solve(problem, grid(1e-3, debiased), tol=1e-4)
    assert result.status is Status.converged
    a = problem.densities / problem.densities.sum((1, 2), keepdims=True)
    rows, columns = problem.axes()
    wanted = (a.sum(2) @ rows).mean(), (a.sum(1) @ columns).mean()
    found = result.density.sum(1) @ rows, result.density.sum(0) @ columns
    assert found == pytest.approx(wanted, abs=1e-4)
    assert result.density.sum() == pytest.approx(1, abs=1e-12)
    # Between disc (radius 0.2: 0.1) and square (half width 0.2: 0.115), blur √(ε/2) = 0.022.
    spread = moments(result.density.sum(0), columns)[1]
    assert 0.1 < spread < 0.115 if not debiased else 0.1 < spread < 0.11


def test_that_inputs_moved_by_whole_bins_move_their_mean():
    small = np.zeros((2, 30))
    small[0, 5:10], small[1, 9:12] = 1.0, [1, 2, 1]
    moved = np.roll(small, 7, axis=1)
    support = grid(2e-3, True)
    here, there = (solve(Densities(densities=d), support).density for d in (small, moved))
    # The edges of the grid are felt by the floor of 1e-12 alone.
    np.testing.assert_allclose(np.roll(here, 7), there, atol=1e-6)


def test_that_the_debiased_mean_of_one_input_is_that_input():
    problem = smooth_pair(20, (1.0, 0.0))
    density = problem.densities[0] / problem.densities[0].sum()
    near = solve(problem, grid(0.01, True), tol=1e-6, max_iter=5000).density
    assert np.abs(near - density).sum() < 1e-3
    blurred = solve(problem, grid(0.01, False), tol=1e-6).density
    assert np.abs(blurred - density).sum() > 0.1


def test_that_single_precision_gives_the_same_mean():
    problem = smooth_pair()
    double = solve(problem, grid(0.01, True)).density
    single = solve(problem, grid(0.01, True), Context(dtype=torch.float32)).density
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-6)


def test_that_the_mean_of_a_cloud_and_its_shift_is_shifted_half_way():
    x = RNG.standard_normal((40, 3))
    t = np.array([3.0, -1.0, 2.0])
    result = solve(clouds(x, x + t), free(40))
    np.testing.assert_allclose(result.points, x + t / 2, atol=1e-14)
    assert result.costs == pytest.approx([t @ t / 4] * 2)
    assert result.status is Status.converged


def test_that_means_on_a_line_are_means_of_quantiles():
    parts = [RNG.standard_normal((30, 1)), 3 + 2 * RNG.random((30, 1)), RNG.random((30, 1)) ** 2]
    weights = np.array([1.0, 2.0, 5.0])
    result = solve(clouds(*parts, weights=weights), free(30))
    sorted_parts = np.stack([np.sort(part[:, 0]) for part in parts])
    wanted = weights / 8 @ sorted_parts
    np.testing.assert_allclose(np.sort(result.points[:, 0]), wanted, atol=1e-14)


def test_that_means_between_two_clouds_move_with_constant_speed():
    problem = clouds(RNG.standard_normal((25, 2)), RNG.random((25, 2)) + 2)
    result = solve(problem, free(25), steps=5)
    t = result.path_weights[:, 1]
    np.testing.assert_array_equal(t, [0, 0.25, 0.5, 0.75, 1])

    def w2(x, y):
        return np.sqrt(ot.emd2([], [], cdist(x, y, "sqeuclidean")))

    whole = w2(*(cloud for cloud, _ in problem.parts()))
    for i, j in ((0, 1), (1, 3), (2, 4)):
        apart = w2(result.path_points[i], result.path_points[j])
        assert apart == pytest.approx((t[j] - t[i]) * whole, rel=1e-9)


def test_that_each_free_step_lowers_the_mean_cost():
    result = solve(four_ellipses(40), free(25))
    assert len(result.objectives) > 2
    assert (np.diff(result.objectives) <= 1e-12).all()
    assert result.objective == result.objectives[-1]


def test_that_one_point_is_the_weighted_mean_of_all_masses():
    x, y = RNG.standard_normal((6, 2)), RNG.standard_normal((5, 2)) + 4
    mass = np.concatenate([[2.0, 1, 1, 1, 1, 0], np.ones(5)])
    problem = clouds(x, y, a=mass, weights=np.array([0.4, 0.6]))
    wanted = 0.4 * (2 * x[0] + x[1:5].sum(0)) / 6 + 0.6 * y.mean(0)
    np.testing.assert_allclose(solve(problem, free(1)).points, [wanted], atol=1e-14)
    assert len(problem.parts()[0][0]) == 5


def test_that_bins_with_mass_can_be_the_points_of_a_free_mean():
    problem = disc_and_square(16)
    result = solve(problem, free(30))
    places = [cloud.mean(0) for cloud, _ in problem.parts()]
    np.testing.assert_allclose(result.points.mean(0), np.mean(places, 0), atol=1e-12)


def test_that_seeds_are_spread_and_the_whole_cloud_where_so_many_are_asked_for():
    far = np.concatenate(
        [RNG.standard_normal((20, 2)) * 1e-3 + c for c in ([0, 0], [9, 0], [0, 9])]
    )
    mass = np.full(60, 1 / 60)
    three = seeds(far, mass, 3, torch.Generator().manual_seed(0))
    assert {tuple(place) for place in three.round()} == {(0, 0), (9, 0), (0, 9)}
    np.testing.assert_array_equal(seeds(far, mass, 60, torch.Generator()), far)
    assert len(np.unique(seeds(far, mass, 90, torch.Generator()), axis=0)) == 60


@pytest.mark.parametrize(("inputs", "frames", "corners"), [
    (2, 4, {0: (0, 0), 3: (3, 0)}),
    (3, 10, {0: (1.5, 0), 6: (0, 3), 9: (3, 3)}),
    (4, 16, {0: (0, 0), 3: (3, 0), 12: (0, 3), 15: (3, 3)}),
])  # fmt: skip
def test_that_the_weights_fill_a_line_a_triangle_and_a_square(inputs, frames, corners):
    weights, places = lattice(inputs, 4), seats(inputs, 4)
    assert weights.shape == (frames, inputs)
    np.testing.assert_allclose(weights.sum(1), 1)
    assert (weights >= 0).all()
    for k, (frame, place) in enumerate(corners.items()):
        np.testing.assert_allclose(weights[frame], np.eye(inputs)[k])
        np.testing.assert_array_equal(places[frame], place)
    # Places are linear in the weights: each picture stands where its shares say.
    ends = np.array(list(corners.values()))
    np.testing.assert_allclose(weights @ ends, places, atol=1e-12)


def test_that_the_corners_of_the_triangle_are_the_inputs():
    problem = three_shapes(24)
    result = solve(problem, grid(3e-3, True), steps=2)
    given = problem.densities / problem.densities.sum((1, 2), keepdims=True)
    assert result.path.shape == (3, 24, 24)
    np.testing.assert_array_equal(result.path_weights, np.eye(3))
    for found, wanted in zip(result.path, given, strict=True):
        assert np.abs(found - wanted).sum() < 0.1  # the edges are not quite as sharp yet


def test_that_five_inputs_have_a_mean_but_no_path():
    problem = Densities(densities=RNG.random((5, 12)))
    result = solve(problem, grid(0.02, False), steps=5)
    assert result.path is None
    assert result.status is Status.converged


def test_that_figures_are_a_movie_a_triangle_and_a_square():
    pairs = (
        (line_gaussians(40), {"kind": "grid", "epsilon": 0.005}, 3),
        (three_shapes(16), {"kind": "grid", "epsilon": 0.01}, 1),
        (four_ellipses(20), free(20), 1),
        (clouds(RNG.random((9, 1)), RNG.random((9, 1)) + 2), free(9), 3),
    )
    for problem, support, frames in pairs:
        method = WassersteinBarycenter.model_validate({"support": support, "steps": 3, "tol": 0.01})
        drawn = method.figures(problem, method.run(problem, Context()))
        assert [f.name for f in drawn] == ["interpolation", "barycentre", "convergence"]
        assert drawn[0].frames() == frames


def test_that_a_stop_between_the_inputs_keeps_the_mean_and_the_frames_done():
    stop, seen = threading.Event(), []

    def listen(event):
        seen.append(event)
        if isinstance(event, Step) and event.phase == "between" and event.done >= 2:
            stop.set()

    problem = smooth_pair(24)
    result = solve(problem, grid(2e-3, True), Context(listen, stop=stop), steps=21, tol=1e-6)
    assert result.status is Status.stopped
    assert 1 <= len(result.path) < 21
    assert len(result.path) == len(result.path_weights)
    assert any(isinstance(e, Shown) and e.figure.name == "barycentre" for e in seen)


@pytest.mark.parametrize(("support", "problem"), [
    ({"kind": "grid"}, disc_and_square(32)), (free(20), four_ellipses(20)),
])  # fmt: skip
def test_that_a_run_stopped_before_it_began_has_a_result(support, problem):
    stop = threading.Event()
    stop.set()
    result = solve(problem, support, Context(stop=stop), steps=3)
    assert result.status is Status.stopped
    assert result.iterations == 0
    assert WassersteinBarycenter.model_validate({"support": support}).figures(problem, result)


def test_that_a_free_mean_starts_from_the_input_of_the_largest_weight():
    stop = threading.Event()
    stop.set()
    x, y = RNG.random((4, 2)), RNG.random((6, 2))
    problem = clouds(x, y, weights=np.array([0.4, 0.6]))
    np.testing.assert_array_equal(solve(problem, free(6), Context(stop=stop)).points, y)


def test_that_few_iterations_are_reported_as_such():
    result = solve(disc_and_square(16), grid(4e-3, True), max_iter=3, steps=3)
    assert result.status is Status.limit_reached
    assert result.note == "3 of 3 means between the inputs ended at max_iter"


@pytest.mark.parametrize(("make", "words"), [
    (lambda: Densities(densities=[np.ones((4, 4)), np.ones((4, 5))]),
     "4 × 5 bins in input 1, but 4 × 4 in input 0"),
    (lambda: Densities(densities=np.stack([np.ones(4), np.zeros(4)])), "0 for input 1"),
    (lambda: Densities(densities=np.array([[1.0, 1], [1, -0.5]])), "-0.5 at bin 1 of input 1"),
    (lambda: Densities(densities=np.ones((1, 9))), "number of inputs is 1"),
    (lambda: Densities(densities=np.ones((2, 9)), weights=np.ones(2) - 1), "weights is 0"),
    (lambda: clouds(np.ones((3, 2)), weights=np.ones(1)), "number of inputs is 1"),
    (lambda: clouds(np.ones((3, 2)), np.ones((2, 2)), weights=np.ones(3)), "weights has 3 values"),
    (lambda: clouds(np.ones((3, 2)), np.ones((2, 2)), a=-np.ones(5)), "weights must be >= 0"),
])  # fmt: skip
def test_that_bad_inputs_are_refused_with_a_sentence(make, words):
    with pytest.raises(BadProblem, match=words) as refusal:
        make()
    assert str(refusal.value).count(";") == 2 or "weights must" in str(refusal.value)


def test_that_settings_that_do_not_fit_the_data_are_refused():
    with pytest.raises(BadProblem, match=re.escape("must be at least (half a bin)² = 0.00098")):
        solve(disc_and_square(16), grid(1e-4, True))
    with pytest.raises(BadProblem, match="support is grid; it must be free"):
        solve(four_ellipses(20), {"kind": "grid"})


def test_that_the_estimate_of_work_follows_the_iterations():
    shapes = three_shapes(16)
    found = {}
    for tol in (1e-3, 1e-4):
        method = WassersteinBarycenter(tol=tol, steps=1)
        count = len(method.run(shapes, Context()).iteration)
        found[tol] = method.cost(shapes).work / count
    # The work of an iteration does not depend on the tolerance.
    assert found[1e-4] == pytest.approx(found[1e-3], rel=0.5)
    most = WassersteinBarycenter(tol=1e-12, steps=1, max_iter=10).cost(shapes).work
    assert most == WassersteinBarycenter(tol=1e-3, steps=1, max_iter=10).cost(shapes).work
