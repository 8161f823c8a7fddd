import numpy as np
import pytest

from workbench.ticks import numbers, ticks

ENDS = [(0, 1), (-3e-7, 8e-7), (1e6, 1e6 + 3), (7.0, -2.0), (-0.9, 0.9)]


@pytest.mark.parametrize("most", [2, 5, 9])
@pytest.mark.parametrize(("low", "high"), ENDS)
def test_that_ticks_are_round_and_inside_and_not_too_many(low, high, most):
    found = np.array(ticks(low, high, most))
    rounding = 1e-6 * abs(high - low)
    assert min(low, high) - rounding <= found.min()
    assert found.max() <= max(low, high) + rounding
    assert 2 <= len(found) <= max(most + 1, 5)
    step = found[1] - found[0]
    mantissa = step / 10.0 ** np.floor(np.log10(step * (1 + 1e-6)))
    assert mantissa == pytest.approx(round(mantissa), abs=1e-6)
    assert round(mantissa) in (1, 2, 5)
    assert len(set(numbers(list(found), step))) == len(found)  # neighbours are told apart


def test_that_an_axis_of_no_length_has_no_ticks():
    assert ticks(1.0, 1.0, 5) == []
