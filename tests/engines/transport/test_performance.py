"""Regressions against least squares and scikit-learn, extrapolation, and the climb."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from engines.context import Context
from engines.transport.mixtures import Distance, simplex_grid
from engines.transport.performance import (
    REGRESSORS,
    Law,
    Station,
    climb,
    coefficients,
    extrapolation,
    fit,
    terms,
)

RNG = np.random.default_rng(0)
P = simplex_grid(3, 6)
DISTANCE = 3 + 5 * ((P - [0.4, 0.3, 0.3]) ** 2).sum(1) + 0.1 * RNG.standard_normal(len(P))
ACCURACY = 0.9 - 0.05 * DISTANCE + 0.02 * P[:, 0] + 0.01 * RNG.standard_normal(len(P))


def columns(regressor):
    """The published columns, written down once more by hand."""
    d, (p1, p2, p3) = DISTANCE, P.T
    if regressor == "ot_only":
        return np.stack([d], axis=1)
    if regressor == "pq":
        return np.stack([d, p1, p2, p1 * d, p2 * d, p1**2 * d, p2**2 * d], axis=1)
    squares = [p**2 for p in (p1, p2, p3)]
    return np.stack(
        [d, p1, p2, *squares, p1 * d, p2 * d, *(square * d for square in squares)], axis=1
    )


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_that_without_a_penalty_the_coefficients_are_those_of_least_squares(regressor):
    x = np.column_stack([np.ones(len(P)), columns(regressor)])
    wanted = np.linalg.lstsq(x, ACCURACY, rcond=None)[0]
    found = fit(regressor, P, DISTANCE, ACCURACY, 0.0).plain()
    # Normal equations square the condition of some 1e4 of the columns.
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_that_ridge_is_that_of_scikit_learn_on_standardised_columns(regressor):
    scaler = StandardScaler().fit(columns(regressor))
    peer = Ridge(alpha=1.0).fit(scaler.transform(columns(regressor)), ACCURACY)
    found = fit(regressor, P, DISTANCE, ACCURACY, 1.0)
    p, d = torch.from_numpy(P), torch.from_numpy(DISTANCE)
    wanted = peer.predict(scaler.transform(columns(regressor)))
    np.testing.assert_allclose(found.predict(p, d), wanted, atol=1e-12)


@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_that_left_out_predictions_are_those_of_fits_without_the_row(ridge):
    found = fit("pq", P, DISTANCE, ACCURACY, ridge)
    x = (columns("pq") - found.mean.numpy()) / found.spread.numpy()
    x = np.column_stack([np.ones(len(P)), x])
    penalty = ridge * np.diag([0.0] + [1.0] * 7)
    for k in (0, 11, 27):
        rest = np.delete(np.arange(len(P)), k)
        weights = np.linalg.solve(x[rest].T @ x[rest] + penalty, x[rest].T @ ACCURACY[rest])
        assert found.left_out[k] == pytest.approx(x[k] @ weights, abs=1e-8)


def test_that_pq_has_eight_coefficients_for_three_sources():
    assert coefficients("pq", 3) == 8
    assert coefficients("ot_only", 7) == 2
    assert terms("pq_full", torch.zeros(4, 3), torch.zeros(4)).shape == (4, 11)


def test_that_redundant_terms_of_two_sources_do_no_harm():
    """p₂² follows from p₁ and p₁², so that the normal equations are singular."""
    p = simplex_grid(2, 10)
    d = 2 + p[:, 0] ** 2
    accuracy = 1 - 0.1 * d + 0.05 * p[:, 0]
    found = fit("pq_full", p, d, accuracy, 0.0)
    predicted = found.predict(torch.from_numpy(p), torch.from_numpy(d))
    np.testing.assert_allclose(predicted, accuracy, atol=1e-6)


def test_that_the_pilot_sizes_themselves_need_no_extrapolation():
    assert extrapolation(225, 150, 225) == pytest.approx((0, 1))
    assert extrapolation(150, 150, 225) == pytest.approx((1, 0))


def test_that_a_line_in_the_logarithm_is_continued():
    def curve(n):
        return 0.3 + 0.07 * np.log(n)

    w0, w1 = extrapolation(900, 150, 225)
    assert w0 * curve(150) + w1 * curve(225) == pytest.approx(curve(900), rel=1e-12)


def law(regressor="pq", n=900):
    second = ACCURACY + 0.02 * P[:, 1]
    small, large = (
        fit(regressor, P, d, a, 1.0) for d, a in ((DISTANCE, ACCURACY), (0.9 * DISTANCE, second))
    )
    return Law((150, 225), n, (small, large))


def test_that_the_last_stage_at_a_pilot_size_is_the_prediction_there():
    far = np.stack([DISTANCE, 0.9 * DISTANCE])
    stages = law(n=225).stages(P, far)
    np.testing.assert_allclose(stages[:, 2], stages[:, 1], atol=1e-12)


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_that_the_gradient_is_that_of_differences(regressor):
    """The distance is taken to be linear in the shares, as it is to first order."""
    p = np.array([0.2, 0.5, 0.3])
    prices = np.array([[1.0, -2.0, 0.5], [0.8, -1.0, 0.2]])
    values = np.array([3.0, 2.5])
    model = law(regressor)

    def predicted(q):
        far = values + prices @ (q - p)
        return model.stages(q[None], far[:, None])[0, -1]

    found = model.gradient(p, [Distance(v, u) for v, u in zip(values, prices, strict=True)])
    h = 1e-6
    for way in np.array([[1.0, -1, 0], [0.5, 0.5, -1]]):
        slope = (predicted(p + h * way) - predicted(p - h * way)) / (2 * h)
        assert found @ way == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_that_the_climb_finds_the_peak_and_stays_on_the_simplex():
    peak = np.array([0.6, 0.4, 0.0])

    def judge(p):
        return Station(p, -((p - peak) ** 2).sum(), 0.0, 2 * (peak - p))

    way = climb(np.array([0.1, 0.1, 0.8]), judge, 0.2, 200, 0.99, Context(), lambda _: None)
    path = np.stack([s.p for s in way])
    np.testing.assert_allclose(path.sum(1), 1, atol=1e-12)
    assert path.min() >= 0
    np.testing.assert_allclose(path[-1], peak, atol=5e-3)  # it ends where steps are below 1e-3
    assert len(way) < 200


def test_that_a_steep_gradient_moves_no_share_by_more_than_the_step():
    way = climb(
        np.full(3, 1 / 3),
        lambda p: Station(p, 0.0, 0.0, np.array([1e6, 0.0, -1e6])),
        0.05, 2, 1.0, Context(), lambda _: None,
    )  # fmt: skip
    np.testing.assert_allclose(way[1].p - way[0].p, [0.05, 0, -0.05], atol=1e-12)
