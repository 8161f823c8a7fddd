"""Matched spaces against isometries, brute force, POT, invariances, and bad input."""

import json
import threading
from itertools import islice, permutations

import numpy as np
import ot
import pytest
import torch
from scipy.spatial.distance import cdist

from engines.context import Cancelled, Context, Logged, Warned
from engines.problem import BadProblem, Status
from engines.transport.gromov import (
    ConditionalGradient,
    Distortion,
    EntropicDescent,
    plane,
    starts,
)
from engines.transport.methods.gromov_wasserstein import GromovWasserstein
from engines.transport.problem_sets import (
    DistanceMatrices,
    TwoSpaces,
    clusters,
    roll_and_sheet,
    turned_ellipse,
)

RNG = np.random.default_rng(5)
X, Y = RNG.standard_normal((14, 2)), RNG.standard_normal((11, 3))
A, B = RNG.random(14) + 0.1, RNG.random(11) + 0.1
A, B = A / A.sum(), B / B.sum()
FEATURES = RNG.random((14, 11))


def solve(problem, ctx=None, **settings):
    method = GromovWasserstein.model_validate_json(json.dumps(settings))
    return method.run(problem, ctx or Context())


def entropic(epsilon, tol=1e-6):
    return {"kind": "entropic", "epsilon": epsilon, "tol": tol}


def tensors(*arrays):
    return tuple(torch.as_tensor(a) for a in arrays)


def distortion(features=None, alpha=1.0):
    known = tensors(cdist(X, X), cdist(Y, Y), A, B)
    return Distortion(*known, None if features is None else torch.as_tensor(features), alpha)


def random_plan(seed=0):
    cost = np.random.default_rng(seed).random((14, 11))
    return torch.as_tensor(ot.emd(A, B, cost))


def test_that_the_distortion_is_the_sum_over_all_pairs_of_pairs():
    plan = random_plan().numpy()
    apart = cdist(X, X)[:, None, :, None] - cdist(Y, Y)[None, :, None, :]
    total = np.einsum("ijkl,ij,kl", apart**2, plan, plan)
    assert distortion().value(torch.as_tensor(plan)) == pytest.approx(total, rel=1e-12)
    fused = 0.3 * total + 0.7 * (FEATURES * plan).sum()
    found = distortion(FEATURES, 0.3)
    assert found.value(torch.as_tensor(plan)) == pytest.approx(fused, rel=1e-12)
    assert found.parts(torch.as_tensor(plan)) == pytest.approx((total, (FEATURES * plan).sum()))


def test_that_gradient_and_curvature_are_those_of_the_parabola_between_two_plans():
    problem, start, end = distortion(FEATURES, 0.6), random_plan(0), random_plan(1)
    direction = end - start
    slope = float((problem.gradient(start) * direction).sum())
    curve = problem.curvature(direction)
    for t in (0.25, 0.5, 1.0):
        value = problem.value(start + t * direction)
        assert value == pytest.approx(problem.value(start) + slope * t + curve * t**2, rel=1e-12)


def test_that_turned_and_shuffled_points_are_found_again():
    problem = turned_ellipse()
    result = solve(problem)
    assert result.status is Status.converged
    # Turning by 90° takes (x, y) to (-y, x).
    turned = problem.x @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + [3, 1]
    np.testing.assert_array_equal(result.match, cdist(turned, problem.y).argmin(1))
    assert result.distortion < 1e-14
    assert result.marginal_error < 1e-15
    assert result.mean_confidence == pytest.approx(1)


def test_that_a_scaled_copy_has_the_distortion_of_its_scale():
    c = torch.as_tensor(cdist(X, X))
    a = torch.full((14,), 1 / 14, dtype=torch.float64)
    same = torch.diag(a)
    found = Distortion(c, 3 * c, a, a).value(same)
    assert found == pytest.approx((1 - 3) ** 2 * float((c**2).mean()), rel=1e-12)
    rescaled = solve(TwoSpaces(x=X, y=3 * X), rescale="mean")
    assert rescaled.distortion < 1e-14
    np.testing.assert_array_equal(rescaled.match, np.arange(14))


def test_that_no_permutation_is_better():
    """Six points each: Euclidean distances make the distortion concave, so vertices are enough."""
    rng = np.random.default_rng(11)
    c1, c2 = (cdist(p, p) for p in rng.standard_normal((2, 6, 2)))
    best = min(((c1 - c2[np.ix_(p, p)]) ** 2).mean() for p in map(list, permutations(range(6))))
    result = solve(DistanceMatrices(c1=c1, c2=c2), n_starts=30)
    assert result.distortion == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("alpha", [1.0, 0.4])
def test_that_the_exact_descent_from_the_product_is_that_of_pot(alpha):
    problem = TwoSpaces(x=X, y=Y, a=A, b=B, features=None if alpha == 1 else FEATURES)
    result = solve(problem, n_starts=1, alpha=alpha)
    known = cdist(X, X), cdist(Y, Y), A, B
    if alpha == 1:
        plan, log = ot.gromov.gromov_wasserstein(*known, log=True)
        value = log["gw_dist"]
        assert np.isnan(result.feature_cost)
    else:
        plan, log = ot.gromov.fused_gromov_wasserstein(FEATURES, *known, alpha=alpha, log=True)
        value = log["fgw_dist"]
        assert result.feature_cost == pytest.approx((FEATURES * plan).sum())
    assert result.value == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(result.plan, plan, atol=1e-12)


def test_that_the_entropic_plan_is_that_of_pot():
    result = solve(TwoSpaces(x=X, y=Y, a=A, b=B), n_starts=1, solver=entropic(0.3, 1e-11))
    plan = ot.gromov.entropic_gromov_wasserstein(
        cdist(X, X), cdist(Y, Y), A, B, epsilon=result.epsilon, tol=1e-11, max_iter=5000
    )
    assert result.status is Status.converged
    np.testing.assert_allclose(result.plan, plan, atol=1e-8)
    assert result.epsilon == pytest.approx(0.3 * distortion().value(distortion().product))


def test_that_an_entropic_step_lowers_the_value_and_its_entropy(monkeypatch):
    """With exact inner problems; the distortion of Euclidean distances is concave."""
    monkeypatch.setattr("engines.transport.gromov.INNER", 0.0)
    problem, ctx = distortion(), Context()
    epsilon = 0.05 * problem.unit
    descent = EntropicDescent(problem, problem.product, epsilon, 1e-10, ctx)
    reached = []
    for _ in range(25):
        descent.step()
        plan = descent.plan
        kl = float(torch.special.xlogy(plan, plan / problem.product).sum())
        reached.append(problem.value(plan) + epsilon * kl)
    assert (np.diff(reached) < 1e-8 * problem.unit).all()
    assert reached[-1] < reached[0]


def test_that_a_huge_epsilon_gives_the_product():
    result = solve(TwoSpaces(x=X, y=Y, a=A, b=B), solver=entropic(1e5), n_starts=2)
    np.testing.assert_allclose(result.plan, A[:, None] * B, rtol=1e-3)
    assert np.isnan(result.second_value)  # both starts end in the same plan
    assert result.second is None


def test_that_a_smaller_epsilon_is_sharper_and_better():
    results = [solve(turned_ellipse(30), solver=entropic(e)) for e in (0.4, 0.2, 0.1)]
    assert (np.diff([r.distortion for r in results]) < 0).all()
    assert (np.diff([r.mean_confidence for r in results]) > 0).all()
    assert all(r.status is Status.converged and r.marginal_error < 1e-6 for r in results)


def test_that_clusters_far_apart_have_their_marginals_before_the_run_ends():
    """The plan hardly changes there while its marginals are still wrong."""
    result = solve(clusters(45), solver=entropic(0.05), n_starts=1)
    assert result.status is Status.converged
    assert result.marginal_error < 1e-6


def test_that_a_symmetric_shape_has_a_second_answer_that_is_as_good():
    """A rectangle looks the same in a mirror."""
    corners = np.array([[0.0, 0], [3, 0], [3, 1], [0, 1]])
    result = solve(TwoSpaces(x=corners, y=corners[[2, 0, 3, 1]]))
    assert result.distortion < 1e-14
    assert result.second_value < 1e-14
    assert np.abs(result.plan - result.second).sum() > 0.9


def test_that_weights_features_and_order_are_respected():
    """Features decide between the four symmetries of a rectangle; a permutation permutes."""
    corners = np.array([[0.0, 0], [3, 0], [3, 1], [0, 1]])
    features = 1.0 - np.eye(4)[[1, 0, 3, 2]]  # wants the mirror image
    result = solve(TwoSpaces(x=corners, y=corners, features=features), alpha=0.9)
    np.testing.assert_array_equal(result.match, [1, 0, 3, 2])
    assert result.feature_cost == pytest.approx(0, abs=1e-14)
    there = RNG.permutation(14)
    plain = solve(TwoSpaces(x=X, y=Y, a=A, b=B), n_starts=1)
    moved = solve(TwoSpaces(x=X[there], y=Y, a=A[there], b=B), n_starts=1)
    np.testing.assert_allclose(moved.plan, plain.plan[there], atol=1e-14)


def test_that_distances_of_points_and_given_distances_are_the_same_problem():
    points = solve(TwoSpaces(x=X, y=Y), metric="sqeuclidean")
    squares = [cdist(p, p, "sqeuclidean") for p in (X, Y)]
    matrices = solve(DistanceMatrices(c1=squares[0], c2=squares[1]))
    np.testing.assert_allclose(points.c1, squares[0], atol=1e-12)
    assert points.value == pytest.approx(matrices.value, rel=1e-9)


def test_that_a_plane_keeps_the_distances_of_a_plane():
    for count in (14, 90):  # all eigenvectors, or two
        points = RNG.standard_normal((count, 2))
        found = plane(cdist(points, points))
        np.testing.assert_allclose(cdist(found, found), cdist(points, points), atol=1e-10)
    assert plane(np.zeros((1, 1))).shape == (1, 2)


def test_that_the_starts_are_plans_and_end_with_random_ones():
    problem, ctx = distortion(), Context()
    planes = plane(cdist(X, X)), plane(cdist(Y, Y))
    found = list(islice(starts(problem, planes, ctx), 7))
    assert [name.split()[0] for name, _ in found] == ["product", *["spectral"] * 4, *["random"] * 2]
    for _, plan in found:
        np.testing.assert_allclose(plan.sum(1), A, atol=1e-14)
        np.testing.assert_allclose(plan.sum(0), B, atol=1e-14)
    plans = torch.stack([plan for _, plan in found])
    assert torch.pdist(plans.flatten(1)).min() > 1e-3


def test_that_a_step_along_a_convex_parabola_ends_at_its_lowest_point():
    """Minus a distance is no distance, but it makes the way down curve upwards."""
    c1, c2, a, b = tensors(cdist(X, X), -cdist(Y, Y), A, B)
    problem = Distortion(c1, c2, a, b)
    descent = ConditionalGradient(problem, problem.product, Context())
    before = descent.plan
    descent.step()
    direction = descent.plan - before
    assert problem.curvature(direction) > 0
    ways = [problem.value(before + t * direction) for t in (0.99, 1.0, 1.01)]
    assert ways[1] <= min(ways[0], ways[2])


@pytest.mark.parametrize("make", [turned_ellipse, clusters, roll_and_sheet])
def test_that_examples_match_what_is_alike(make):
    problem = make(60)
    result = solve(problem)
    c2 = result.c2[np.ix_(result.match, result.match)]
    # Matched pairs of points have nearly the same distance; at random it would be 0 ± 0.1.
    assert np.corrcoef(result.c1.ravel(), c2.ravel())[0, 1] > 0.94


def test_that_far_units_are_warned_about():
    events = []
    solve(TwoSpaces(x=X, y=100 * Y), Context(events.append), n_starts=1)
    (warned,) = [e for e in events if isinstance(e, Warned)]
    assert "set rescale to mean" in warned.text
    phases = {e.phase for e in events if isinstance(e, Logged)}
    assert phases == {"start 1"}


def test_that_a_product_goes_by_rows_with_a_look_at_the_stop_between(monkeypatch):
    plan, calls, whole = random_plan(), [], distortion()
    monkeypatch.setattr("engines.transport.gromov.AT_ONCE", 0)
    known = (whole.c1, whole.c2, whole.a, whole.b)
    by_rows = Distortion(*known, check=lambda: calls.append(1))
    assert not calls  # the product of the weights needs none
    np.testing.assert_allclose(by_rows.gradient(plan), whole.gradient(plan), rtol=1e-12)
    assert len(calls) == len(plan)
    by_rows.value(plan)
    assert len(calls) == len(plan)  # it is kept for the value


def test_that_a_stop_keeps_the_best_plan_so_far():
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Logged) and event.phase == "start 2":
            stop.set()

    result = solve(roll_and_sheet(60), Context(listen, stop=stop), solver=entropic(0.05))
    assert result.status is Status.stopped
    assert len(result.ends) == 2
    assert result.plan.sum() == pytest.approx(1, abs=1e-6)
    early = solve(turned_ellipse(), Context(stop=stop))
    assert early.iterations == 0
    np.testing.assert_allclose(early.plan, 1 / 3600)
    with pytest.raises(Cancelled):
        EntropicDescent(distortion(), random_plan(), 1.0, 1e-6, Context(stop=stop)).step()


def test_that_few_iterations_are_reported_as_such():
    result = solve(turned_ellipse(), solver=entropic(0.05), max_iter=2, n_starts=1)
    assert result.status is Status.limit_reached
    assert result.iterations == 2


@pytest.mark.parametrize(("make", "words"), [
    (lambda: DistanceMatrices(c1=np.ones((3, 4)), c2=np.eye(3)), "c1 is 3 × 4; it must be square"),
    (lambda: DistanceMatrices(c1=np.eye(3), c2=np.triu(np.ones((3, 3)))), "c2 is 1 at 0, 1 and 0"),
    (lambda: DistanceMatrices(c1=-np.eye(3), c2=np.eye(3)), "c1 is -1 at 0, 0"),
    (lambda: TwoSpaces(x=X, y=Y, a=-A), "weights must be >= 0"),
    (lambda: TwoSpaces(x=X, y=Y, a=2 * A, b=B), "balanced transport needs equal totals"),
    (lambda: TwoSpaces(x=X, y=Y, features=FEATURES.T), "features has 11 along its axis 'source'"),
])  # fmt: skip
def test_that_bad_spaces_are_refused_with_a_sentence(make, words):
    with pytest.raises(BadProblem, match=words) as refusal:
        make()
    assert ";" in str(refusal.value)


@pytest.mark.parametrize(("problem", "settings", "words"), [
    (TwoSpaces(x=np.zeros((3001, 1)), y=Y), {}, "number of points is 3001"),
    (TwoSpaces(x=X, y=Y, a=np.eye(14)[2]), {}, "a is 0 at index 0"),
    (TwoSpaces(x=X, y=np.ones((5, 2))), {"rescale": "mean"}, "mean distance is 0"),
    (TwoSpaces(x=X, y=Y), {"solver": entropic(1e-8)}, "of the largest gradient"),
])  # fmt: skip
def test_that_settings_that_do_not_fit_the_data_are_refused(problem, settings, words):
    with pytest.raises(BadProblem, match=words):
        solve(problem, **settings)


def test_that_a_space_of_one_place_has_a_value():
    one = TwoSpaces(x=np.ones((100, 2)), y=np.random.default_rng(0).normal(size=(100, 2)))
    result = GromovWasserstein().run(one, Context())
    assert np.isfinite(result.plan).all()
