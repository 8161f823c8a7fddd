"""Level lines against curves whose length and place are known."""

import numpy as np
import pytest

from ui.level_lines import level_lines


def test_that_the_level_lines_of_a_cone_are_circles():
    n, half = 201, 1.0 + 1.0 / 200  # pixel centres from -1 to 1
    y, x = np.mgrid[-1 : 1 : n * 1j, -1 : 1 : n * 1j]
    lines = level_lines(np.hypot(x, y), np.array([0.3, 0.7]), (-half, half, -half, half))
    radius = np.hypot(lines[:, 0::2], lines[:, 1::2])
    # Linear interpolation between pixels h apart is off by at most h²/8 over the radius.
    error = np.minimum(abs(radius - 0.3), abs(radius - 0.7)).max()
    assert error < 0.01**2 / 8 / 0.3
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * (0.3 + 0.7), rel=1e-3)


def test_that_a_saddle_has_two_lines_and_their_ends_are_on_the_sides():
    lines = level_lines(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([0.0]), (0, 2, 0, 2))
    assert lines.shape == (2, 4)
    on_side = np.isin(lines, (0.5, 1.5)).reshape(2, 2, 2).any(axis=2)
    assert on_side.all()


def test_that_every_way_a_line_can_cross_a_cell_is_known():
    for case in range(1, 15):
        corners = [1.0 if case >> bit & 1 else -1.0 for bit in range(4)]
        values = np.array([corners[:2], [corners[3], corners[2]]])
        lines = level_lines(values, np.array([0.0]), (-0.5, 1.5, -0.5, 1.5))
        assert len(lines) == (2 if case in (5, 10) else 1)
        for x0, y0, x1, y1 in lines:  # the bilinear surface is zero at both ends
            for x, y in ((x0, y0), (x1, y1)):
                rows = values[0] * (1 - y) + values[1] * y
                assert rows[0] * (1 - x) + rows[1] * x == pytest.approx(0, abs=1e-12)


def test_that_holes_and_grids_too_small_have_no_lines():
    hole = np.array([[0.0, 1.0], [np.nan, 1.0]])
    assert level_lines(hole, np.array([0.5]), (0, 1, 0, 1)).shape == (0, 4)
    assert level_lines(np.ones((1, 5)), np.array([0.5]), (0, 1, 0, 1)).shape == (0, 4)
