"""The debiased divergence against closed forms, other solvers and finite differences."""

import math
import threading
from dataclasses import replace

import numpy as np
import ot
import pytest
import torch

from engines.context import Context, Logged, Shown
from engines.problem import BadProblem, Status
from engines.transport.methods.sinkhorn_divergence import SinkhornDivergence, heart_and_disc
from engines.transport.problem import PointClouds

RNG = np.random.default_rng(0)
X = RNG.standard_normal((200, 2))
Z = 0.5 * RNG.standard_normal((150, 2)) + 1
FEW = PointClouds(
    x=X[:12], y=Z[:9], a=np.arange(1, 13) / 78, b=np.array([1, 2, 3, 1, 2, 3, 1, 2, 3]) / 18
)


def solve(problem, epsilon=1.0, ctx=None, **settings):
    settings = {"epsilon_mode": "absolute", "n_steps": 0, "tol": 1e-10} | settings
    return SinkhornDivergence(epsilon=epsilon, **settings).run(problem, ctx or Context())


def value(x, y, a, b, epsilon, scale=1.0):
    """OT_ε from POT's plan, with the cost |x - y|² times `scale`."""
    cost = scale * ot.dist(x, y)
    plan = ot.sinkhorn(a, b, cost, epsilon, stopThr=1e-14, numItermax=100_000)
    return (plan * cost).sum() + epsilon * (plan * np.log(plan / np.outer(a, b))).sum()


def divergence(p, epsilon, scale=1.0):
    """S from POT's plans."""
    ab = value(p.x, p.y, p.a, p.b, epsilon, scale)
    aa = value(p.x, p.x, p.a, p.a, epsilon, scale)
    return ab - aa / 2 - value(p.y, p.y, p.b, p.b, epsilon, scale) / 2


def gaussian_value(v0, v1, shift, epsilon):
    """OT_ε of two Gaussians of a line (arXiv 2006.02572)."""
    s = epsilon / 2
    d = math.sqrt(4 * v0 * v1 + s**2)
    return shift**2 + v0 + v1 - d + s * (1 - math.log(2 * s)) + s * math.log(d + s)


@pytest.mark.parametrize(("epsilon", "known"), [(0.01, 2.717818), (1, 2.622756), (1e4, 2.164415)])
def test_that_two_clouds_have_their_published_divergence(epsilon, known):
    result = solve(PointClouds(x=X, y=Z), float(epsilon))
    assert result.s == pytest.approx(known, abs=1e-6)  # six decimals are published
    assert result.status is Status.converged


@pytest.mark.parametrize(
    ("epsilon", "doubled"), [(1.0, 2.6227566), (0.1, 2.7024643), (0.02, 2.7148849)]
)
def test_that_it_is_twice_that_of_half_the_squared_distance(epsilon, doubled):
    """Twice what geomloss 0.3.1 gives for blur √(ε/2); with scaling 0.99 it is 5e-5 off."""
    assert solve(PointClouds(x=X, y=Z), epsilon).s == pytest.approx(doubled, rel=6e-5)
    half = divergence(FEW, 0.4, scale=0.5)
    assert solve(FEW, 0.8).s == pytest.approx(2 * half, abs=1e-9)


@pytest.mark.parametrize("backend", ["kernel", "dense_log", "streamed"])
def test_that_the_plans_of_pot_give_the_same_divergence(backend):
    result = solve(FEW, 0.5, backend=backend)
    assert result.s == pytest.approx(divergence(FEW, 0.5), abs=1e-9)
    assert result.ot_ab == pytest.approx(value(FEW.x, FEW.y, FEW.a, FEW.b, 0.5), abs=1e-9)
    assert result.ot_aa == pytest.approx(value(FEW.x, FEW.x, FEW.a, FEW.a, 0.5), abs=1e-9)
    assert result.ot_bb == pytest.approx(value(FEW.y, FEW.y, FEW.b, FEW.b, 0.5), abs=1e-9)


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 2.0])
def test_that_gaussians_on_a_line_have_their_closed_form(epsilon):
    x = np.linspace(-6, 8, 300)  # trapezoidal sums of Gaussians are exact to rounding
    a, b = np.exp(-(x**2) / 2), np.exp(-((x - 2) ** 2) / 0.5)
    line = PointClouds(x=x[:, None], y=x[:, None], a=a / a.sum(), b=b / b.sum())
    ab = gaussian_value(1, 0.25, 2, epsilon)
    own = gaussian_value(1, 1, 0, epsilon) + gaussian_value(0.25, 0.25, 0, epsilon)
    assert solve(line, epsilon).s == pytest.approx(ab - own / 2, abs=1e-7)  # 7e-10 lie outside


@pytest.mark.parametrize("epsilon", [0.2, 1.0, 100.0])
def test_that_a_shifted_copy_is_at_the_squared_shift(epsilon):
    result = solve(PointClouds(x=X, y=X + np.array([1, -2])), epsilon, tol=1e-8)
    assert result.s == pytest.approx(5, abs=1e-7)
    np.testing.assert_allclose(200 * result.gradient, np.tile([-2, 4], (200, 1)), atol=1e-4)


def test_that_it_is_zero_with_no_gradient_where_the_clouds_agree():
    result = solve(PointClouds(x=X, y=X[::-1]), 0.5)
    assert result.s == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(result.gradient, 0, atol=1e-7)  # marginals are met to 1e-10


def test_that_the_limits_are_the_exact_distance_and_that_of_the_means():
    cloud = PointClouds(x=X, y=Z)
    exact = ot.emd2(np.full(200, 1 / 200), np.full(150, 1 / 150), ot.dist(X, Z))
    assert solve(cloud, 1e-3, tol=1e-6).s == pytest.approx(exact, rel=1e-3)
    wide = solve(cloud, 1e6)
    means = ((X.mean(0) - Z.mean(0)) ** 2).sum()
    assert wide.mean_shift == pytest.approx(means, rel=1e-12)
    assert wide.s == pytest.approx(means, rel=1e-5)


@pytest.mark.parametrize("epsilon", [0.1, 1.0])
def test_that_the_gradient_is_that_of_finite_differences(epsilon):
    gradient, h = solve(FEW, epsilon, tol=1e-12).gradient, 1e-4
    for i, axis in ((0, 0), (5, 1), (11, 0)):
        ends = []
        for sign in (1, -1):
            x = FEW.x.copy()
            x[i, axis] += sign * h
            ends.append(solve(replace(FEW, x=x), epsilon, tol=1e-12).s)
        # Central differences are off by h² times a third derivative of order 1/ε.
        assert gradient[i, axis] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-6)


def test_that_the_potentials_say_what_more_mass_costs():
    result, h = solve(FEW, 0.5, tol=1e-12), 1e-5
    for i, j in ((0, 7), (3, 10)):  # mass goes from point i to point j, the total stays
        ends = []
        for sign in (1, -1):
            a = FEW.a.copy()
            a[[i, j]] += [-sign * h, sign * h]
            ends.append(solve(replace(FEW, a=a), 0.5, tol=1e-12).s)
        slope = result.source_potential[j] - result.source_potential[i]
        assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(slope, abs=1e-6)


def test_that_a_step_goes_against_the_gradient():
    result = solve(FEW, 0.5, n_steps=1, step=0.3)
    moved = FEW.x - 0.3 * result.gradient / FEW.a[:, None]
    np.testing.assert_allclose(result.trajectory[1], moved, atol=1e-12)
    assert result.s_end == pytest.approx(solve(replace(FEW, x=moved), 0.5).s, abs=1e-9)
    assert result.status is Status.completed


def test_that_the_flow_of_a_cloud_ends_at_the_target():
    shapes = heart_and_disc(150)
    result = solve(shapes, 0.01, epsilon_mode="relative_mean", n_steps=40, tol=1e-6)
    assert (np.diff(result.divergence[:20]) < 0).all()
    assert result.s_end < 1e-4 * result.s
    # Exact transport of the last cloud: as far as ε blurs, below 1 % of the way.
    uniform = np.full(150, 1 / 150)
    left = ot.emd2(uniform, uniform, ot.dist(result.trajectory[-1], shapes.y))
    assert left < 0.01 * result.s


def test_that_the_frames_asked_for_are_kept_and_the_last_one():
    result = solve(FEW, n_steps=7, record_every=3)
    assert result.frame.tolist() == [0, 3, 6, 7]
    every = solve(FEW, n_steps=7)
    np.testing.assert_array_equal(result.trajectory, every.trajectory[[0, 3, 6, 7]])
    assert len(result.divergence) == 8


def test_that_the_unit_of_epsilon_is_the_mean_cost():
    relative = solve(FEW, 0.1, epsilon_mode="relative_mean")
    assert relative.c_mean == pytest.approx(ot.dist(FEW.x, FEW.y).mean())
    assert relative.s == solve(FEW, relative.epsilon).s


def test_that_points_without_mass_do_not_count():
    more = replace(FEW, x=np.vstack([FEW.x, [[9.0, 9.0]]]), a=np.append(FEW.a, 0))
    assert solve(more, 0.5).s == pytest.approx(solve(FEW, 0.5).s, abs=1e-12)


def test_that_single_precision_has_its_digits():
    single = solve(PointClouds(x=X, y=Z), 0.1, ctx=Context(dtype=torch.float32), tol=1e-6)
    assert single.s == pytest.approx(solve(PointClouds(x=X, y=Z), 0.1).s, rel=1e-5)


def test_that_an_unfinished_inner_problem_is_told_and_shown():
    method = SinkhornDivergence(max_iter=1, n_steps=2)
    result = method.run(FEW, Context())
    assert result.status is Status.limit_reached
    assert all("not converged" in f.title for f in method.figures(FEW, result))


def test_that_an_unfinished_self_term_is_told_as_well():
    """At a large ε the pair takes a few iterations, but averaged updates halve the error."""
    assert solve(FEW, 1e5, max_iter=60).status is Status.converged
    assert solve(FEW, 1e5, max_iter=15).status is Status.limit_reached


class Late(threading.Event):
    """Is set once it has been asked a thousand times."""

    asked = 0

    def is_set(self):
        self.asked += 1
        return self.asked > 1000


def test_that_a_stop_amid_an_inner_problem_leaves_it_out():
    """Both self terms take some 50 questions, the pair as many as there are iterations."""
    shapes = heart_and_disc(100)
    result = solve(shapes, 1e-4, Context(stop=Late()), tol=1e-12, max_iter=10**6, n_steps=9)
    assert result.status is Status.stopped
    assert np.isnan(result.s)
    assert result.gradient is None
    assert SinkhornDivergence().figures(shapes, result)


def test_that_a_stop_keeps_the_steps_done():
    stop, shapes = threading.Event(), heart_and_disc(200)
    method = SinkhornDivergence(n_steps=100_000)

    def listen(event):
        if isinstance(event, Logged):
            stop.set()

    result = method.run(shapes, Context(listen, stop=stop))
    assert result.status is Status.stopped
    assert 1 <= len(result.divergence) < 1000
    assert len(result.trajectory) == len(result.divergence)
    assert method.figures(shapes, result)


def test_that_the_flow_is_shown_and_followed():
    events = []
    solve(FEW, ctx=Context(events.append), n_steps=5)
    assert {e.figure.name for e in events if isinstance(e, Shown)} == {"flow"}
    rows = [row for e in events if isinstance(e, Logged) for row in e.rows]
    assert [k for k, _, _ in rows] == [0, 1, 2, 3, 4, 5]
    assert all({"divergence", "marginal_error"} == set(values) for _, _, values in rows)


def test_that_the_movie_stands_still_around_both_clouds():
    result = solve(FEW, n_steps=5)
    movie, strip, *_ = SinkhornDivergence().figures(FEW, result)
    assert movie.frames() == 6
    left, right = movie.panels[0].x.limits
    both = np.concatenate([FEW.x[:, 0], FEW.y[:, 0]])
    assert left < both.min()
    assert right > both.max()
    assert {p.x.limits for p in strip.panels} == {(left, right)}
    assert strip.panels[-1].title == "step 5"


@pytest.mark.parametrize(
    ("problem", "settings", "words"),
    [
        (replace(FEW, a=2 * FEW.a), {}, "balanced transport"),
        (FEW, {"epsilon": 1e-9}, "below numerical resolution"),
        (
            PointClouds(x=np.ones((3, 2)), y=np.ones((4, 2))),
            {"epsilon_mode": "relative_mean"},
            "mean cost is 0",
        ),
    ],
)
def test_that_what_cannot_be_used_is_refused_in_words(problem, settings, words):
    with pytest.raises(BadProblem, match=words):
        solve(problem, **settings)
