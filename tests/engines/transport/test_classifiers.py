"""Models of classes against scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from engines.context import Cancelled, Context
from engines.transport.classifiers import Logistic, Neighbours, Network, logistic, vote

DATA = load_digits()
ORDER = np.random.default_rng(0).permutation(len(DATA.data))
X, LABELS = DATA.data[ORDER] / 16, DATA.target[ORDER]
SETS = np.stack([np.arange(150), np.arange(200, 350)])
ASKED = X[1000:1300]


def tensors(*arrays):
    return tuple(torch.as_tensor(a) for a in arrays)


def no_check():
    """Nobody stops."""


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_that_logistic_regression_is_that_of_scikit_learn(strength):
    weights, _ = logistic(*tensors(X[SETS], LABELS[SETS]), 10, strength, no_check)
    for k, rows in enumerate(SETS):
        peer = LogisticRegression(C=strength, tol=1e-8, max_iter=10_000).fit(X[rows], LABELS[rows])
        ours = torch.softmax(torch.as_tensor(ASKED) @ weights[k, :-1] + weights[k, -1], 1)
        # Ours ends at a slope of 1e-4 of the mean loss, and the valley is the flatter the larger C.
        np.testing.assert_allclose(ours, peer.predict_proba(ASKED), atol=4e-3 * strength)


def test_that_classes_without_samples_are_never_predicted():
    some = np.flatnonzero(np.isin(LABELS[:400], [2, 5, 9]))[:60]
    peer = LogisticRegression(tol=1e-8).fit(X[some], LABELS[some]).predict(ASKED)
    said = Logistic().predict(*tensors(X[some][None], LABELS[some][None], ASKED), 10, Context())[0]
    assert set(said.tolist()) == {2, 5, 9}
    assert (said.numpy() == peer).mean() > 0.99  # a point on a border may fall to either side


@pytest.mark.parametrize("k", [1, 3, 5])
def test_that_neighbours_vote_as_in_scikit_learn(k):
    said = Neighbours(k=k).predict(*tensors(X[SETS], LABELS[SETS], ASKED), 10, Context())
    for row, rows in zip(said, SETS, strict=True):
        peer = KNeighborsClassifier(k, algorithm="brute").fit(X[rows], LABELS[rows]).predict(ASKED)
        # Digits are whole numbers over 16, so some distances are equal and either is nearest.
        assert (row.numpy() == peer).mean() > 0.98


def test_that_classes_without_samples_change_nothing():
    rows = SETS[:1]
    apart, _ = logistic(*tensors(X[rows], 3 * LABELS[rows]), 30, 1.0, no_check)
    wanted, _ = logistic(*tensors(X[rows], LABELS[rows]), 10, 1.0, no_check)
    np.testing.assert_allclose(apart[..., ::3], wanted, atol=1e-12)  # rounding


def test_that_of_as_many_votes_the_first_class_wins():
    x, labels = tensors(np.array([[0.0], [1.0], [5.0]]), np.array([1, 0, 0]))
    asked = torch.tensor([[0.1], [4.9]], dtype=torch.float64)
    assert vote(x, labels, asked, 1, 2, no_check).tolist() == [1, 0]
    assert vote(x, labels, asked, 2, 2, no_check).tolist() == [0, 0]
    assert vote(x, labels, asked, 9, 2, no_check).tolist() == [0, 0]  # there are only three


def test_that_a_network_learns_what_no_line_parts():
    """Four clusters at the corners of a square, opposite ones of one class (exclusive or)."""
    rng = np.random.default_rng(0)
    corner = rng.integers(0, 2, (400, 2))
    x, labels = corner + 0.1 * rng.standard_normal((400, 2)), corner.sum(1) % 2
    given = tensors(x[None, :200], labels[None, :200], x[200:])
    line = Logistic().predict(*given, 2, Context())[0].numpy()
    found = Network().predict(*given, 2, Context())[0].numpy()
    assert (found == labels[200:]).mean() > 0.98
    assert (line == labels[200:]).mean() < 0.8


def test_that_training_ends_where_a_stop_is_asked_for():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        logistic(*tensors(X[SETS], LABELS[SETS]), 10, 1.0, stop)


def clusters(n, d):
    """n points of each of three classes, some of them on the wrong side, and as many to ask."""
    rng = np.random.default_rng(0)
    centres, labels = rng.standard_normal((3, d)), np.tile(np.arange(3), n)
    x, asked = (centres[labels] + 1.5 * rng.standard_normal((3 * n, d)) for _ in range(2))
    return x, labels, asked


@pytest.mark.parametrize("dim", [3, 200])  # fewer and more features than samples
@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_that_logistic_regression_does_not_see_the_origin(dim, shift):
    x, labels, asked = clusters(20, dim)
    peer = LogisticRegression(tol=1e-9, max_iter=100_000).fit(x, labels).predict_proba(asked)
    weights, _ = logistic(*tensors(x[None] + shift, labels[None]), 3, 1.0, no_check)
    assert weights.shape == (1, dim + 1, 3)
    odds = torch.as_tensor(asked + shift) @ weights[0, :-1] + weights[0, -1]
    # It ends at a slope of 1e-4 of the mean loss.
    np.testing.assert_allclose(torch.softmax(odds, 1), peer, atol=2e-3)


def test_that_features_that_are_nearly_equal_and_huge_have_a_model():
    x, labels, asked = clusters(50, 3)
    twice, there = (1e9 * np.hstack([v, v + 1e-3]) for v in (x, asked))
    said = Logistic().predict(*tensors(twice[None], labels[None], there), 3, Context())[0].numpy()
    # Without a penalty to speak of; nearly the best line of so many points.
    peer = LogisticRegression(C=1e6).fit(x, labels).predict(asked)
    assert (said == peer).mean() > 0.95
