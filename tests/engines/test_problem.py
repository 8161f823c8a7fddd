from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
import torch

from engines.problem import BadProblem, Problem, Result, Status, array, metric, scalar


@dataclass(frozen=True, kw_only=True)
class Cloud(Problem):
    """A weighted cloud."""

    x: np.ndarray = array("point dim", "places")
    a: np.ndarray = array("point", "weights", optional=True)
    length: float = scalar(1.0, "side of the box", "m")


@dataclass(frozen=True, kw_only=True)
class Answer(Result):
    """An answer."""

    u: np.ndarray = array("y x channel?", "values", "K")
    error: float = metric("distance to the truth")


def test_that_whole_numbers_become_floats_and_singles_stay_single():
    assert Cloud(x=[[1, 2]]).x.dtype == np.float64
    assert Cloud(x=np.ones((1, 2), np.float32)).x.dtype == np.float32


def test_that_the_arrays_are_read_only_and_the_callers_are_not():
    mine = np.ones((2, 2))
    cloud = Cloud(x=mine)
    with pytest.raises(ValueError, match="read-only"):
        cloud.x[0, 0] = 5
    mine[0, 0] = 5
    with pytest.raises(FrozenInstanceError):
        cloud.length = 2.0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"x": [1, 2]}, "x has 1 axes .* must be point × dim"),
        (
            {"x": [[1, np.nan], [np.inf, 1]]},
            "x has 2 NaN or infinite values, the first at point 0, dim 1",
        ),
        ({"x": np.ones((0, 2))}, "x is empty"),
        ({"x": [["a"]]}, "x holds values of type <U1"),
        ({"x": [[1 + 2j]]}, "x holds values of type complex"),
        ({"x": np.ones((3, 2)), "a": np.ones(4)}, "a has 4 along its axis 'point', but x has 3"),
    ],
)
def test_that_bad_arrays_are_refused_with_name_limit_and_remedy(given, sentence):
    with pytest.raises(BadProblem, match=sentence) as refusal:
        Cloud(**given)
    assert str(refusal.value).count(";") == 2


def test_that_an_axis_with_a_question_mark_may_be_absent():
    grey = Answer(u=np.ones((3, 4)), status=Status.completed)
    colour = Answer(u=np.ones((3, 4, 3)), status=Status.completed)
    assert [dims for _, _, dims, _ in grey.arrays()] == [("y", "x")]
    assert [dims for _, _, dims, _ in colour.arrays()] == [("y", "x", "channel")]


def test_that_a_result_takes_tensors_and_may_hold_nan():
    answer = Answer(u=torch.full((2, 2), torch.nan), status=Status.diverged)
    assert isinstance(answer.u, np.ndarray)
    assert np.isnan(answer.error)
