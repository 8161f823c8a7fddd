"""Labelled data: what is refused, and the examples against scikit-learn's."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons

from engines.problem import BadProblem
from engines.transport.labelled import (
    LabelledSources,
    TwoDomains,
    faint_digits,
    skewed_digits,
    spreads,
    turned_moons,
    unlike_units,
)

RNG = np.random.default_rng(0)
DOMAINS = {
    "source": RNG.random((4, 2)),
    "labels": np.array([0, 0, 1, 1]),
    "target": RNG.random((3, 2)),
}
SOURCES = {
    "features": RNG.random((6, 2)),
    "labels": np.array([0, 1, 0, 1, 2, 2]),
    "source": np.array([0, 0, 0, 5, 5, 5]),
    "validation_features": RNG.random((3, 2)),
    "validation_labels": np.array([0, 1, 2]),
}


def test_that_the_moons_are_those_of_scikit_learn():
    problem = turned_moons(30)
    for seed, points, labels in (
        (0, problem.source, problem.labels),
        (1, problem.target, problem.target_labels),
    ):
        wanted, classes = make_moons(300, noise=0.05, random_state=seed)
        if seed:
            turn = np.exp(1j * np.radians(30))
            turned = (wanted[:, 0] + 1j * wanted[:, 1]) * turn
            wanted = np.stack([turned.real, turned.imag], axis=1)
        np.testing.assert_allclose(points, wanted, atol=1e-12)  # rounding
        np.testing.assert_array_equal(labels, classes)


def test_that_the_digits_are_those_of_scikit_learn():
    known = {tuple(row) for row in load_digits().data / 16}
    problem = skewed_digits(50)
    assert {tuple(row) for row in problem.features} <= known
    assert {tuple(row) for row in problem.validation_features} <= known
    assert len(problem.validation_labels) == 400


def test_that_each_source_of_digits_has_mostly_classes_of_its_own():
    problem = skewed_digits()
    for s, own in enumerate(([0, 1, 2, 3], [4, 5, 6], [7, 8, 9])):
        labels = problem.labels[problem.source == s]
        share = np.isin(labels, own).mean()
        # 0.97, 0.96 and 0.99 are expected; three deviations of 600 draws are 0.025.
        assert share > 0.93
    assert set(problem.classes) == set(range(10))


def test_that_no_sample_of_the_validation_is_in_a_source():
    problem = skewed_digits()
    validation = {tuple(row) for row in problem.validation_features}
    assert not validation & {tuple(row) for row in problem.features}


def test_that_faint_digits_are_other_digits_on_a_grey_ground():
    problem = faint_digits(50)
    assert problem.target.min() == pytest.approx(0.5)
    assert problem.target.max() == pytest.approx(0.75)
    assert not {tuple(r) for r in problem.source} & {tuple(r) for r in 4 * (problem.target - 0.5)}


def test_that_the_classes_of_both_domains_are_known():
    problem = TwoDomains(**DOMAINS, target_labels=np.array([0, 7, 1]))
    np.testing.assert_array_equal(problem.classes, [0, 1, 7])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": np.array([0, 0.5, 1, 1])}, "labels is 0.5 at index 1; it must be a whole"),
        ({"labels": np.zeros(4)}, "labels holds only class 0; it must hold at least two"),
        ({"target_labels": np.array([0, 1, 1.5])}, "target_labels is 1.5 at index 2"),
        ({"labels": np.array([0, 1, 1, 1e300])}, "labels is 1e.300 at index 3; it must be a whole"),
        ({"target": np.full((3, 2), 1e160)}, "the largest number in target is 1e.160"),
        ({"target": RNG.random((3, 5))}, "target has 5 along its axis 'feature'.*they must agree"),
        ({"labels": np.zeros(3)}, "along its axis 'source_point'"),
    ],
)
def test_that_domains_that_do_not_fit_are_refused(changed, words):
    with pytest.raises(BadProblem, match=words):
        TwoDomains(**{**DOMAINS, **changed})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"source": np.zeros(6)}, "source holds only source 0; it must hold at least two"),
        (
            {"validation_labels": np.array([0, 1, 9])},
            "class 9, which no source has; every class of the validation must occur",
        ),
        ({"features": np.full((6, 2), 1e160)}, "the largest number in features is 1e.160"),
        ({"validation_labels": np.ones(3)}, "validation_labels holds only class 1"),
        (
            {"validation_features": RNG.random((3, 4))},
            "has 4 along .* features has 2",
        ),
        (
            {"source": np.array([0, 0, 0, 0.1, 1, 1])},
            "source is 0.1 at index 3; it must be a whole",
        ),
    ],
)
def test_that_sources_that_do_not_fit_are_refused(changed, words):
    with pytest.raises(BadProblem, match=words):
        LabelledSources(**{**SOURCES, **changed})


def test_that_features_in_unlike_units_are_told_apart():
    small, large = RNG.random((20, 2)), RNG.random((30, 2)) * [1, 1000]
    assert unlike_units(small) == ""
    assert "standardise" in unlike_units(large)
    np.testing.assert_allclose(spreads(small, large), np.concatenate([small, large]).std(0))
    np.testing.assert_array_equal(spreads(np.ones((3, 2))), [1, 1])
