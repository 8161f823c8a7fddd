from itertools import product

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from workbench.camera import Camera, Margin, extent, projection, sizes

LIMITS = ((-1.0, 3.0), (0.0, 10.0), (5.0, 4.0))  # the last axis runs backwards
CORNERS = np.array(list(product(*LIMITS)))
VIEWS = [(-60, 30), (0, 0), (135, -70), (-90, 90), (17, -90)]
SIZE, MARGIN = (400.0, 300.0), Margin(40.0, 20.0, 10.0, 30.0)


def test_that_from_the_front_x_leads_right_and_z_up():
    np.testing.assert_allclose(
        Camera(-90, 0).axes(), [[1, 0, 0], [0, 0, -1], [0, -1, 0]], atol=1e-15
    )


def test_that_from_above_y_leads_up():
    np.testing.assert_allclose(
        Camera(-90, 90).axes(), [[1, 0, 0], [0, -1, 0], [0, 0, 1]], atol=1e-15
    )


@pytest.mark.parametrize("view", VIEWS)
def test_that_the_camera_is_the_rotation_of_its_angles(view):
    # Right, up and towards the viewer are y, z and x turned by the elevation, then the azimuth.
    turned = Rotation.from_euler("yz", (-view[1], view[0]), degrees=True).as_matrix()
    right, down, near = Camera(*view).axes()
    np.testing.assert_allclose(np.stack([near, right, -down], 1), turned, atol=1e-14)


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("view", VIEWS)
def test_that_the_box_lies_within_the_margins_from_everywhere(view, equal, tight):
    seen = projection(LIMITS, equal, Camera(*view), SIZE, MARGIN, tight)(CORNERS)[:, :2]
    free = np.minimum(seen.min(0) - [40, 10], np.array(SIZE) - [20, 30] - seen.max(0))
    assert free.min() >= -1e-9
    np.testing.assert_allclose(seen.mean(0), [210, 140])  # the middle of what is left
    if tight:
        assert free.min() == pytest.approx(0, abs=1e-9)  # in one direction it cannot be larger


@pytest.mark.parametrize("view", VIEWS)
def test_that_equal_axes_keep_lengths_and_angles(view):
    onto = projection(LIMITS, True, Camera(*view), SIZE, MARGIN)
    scale = onto.unit[1] / 10.0
    np.testing.assert_allclose(np.abs(onto.matrix @ onto.matrix.T), scale**2 * np.eye(3), atol=1e-9)


def test_that_without_equal_axes_every_box_has_one_shape():
    assert sizes(LIMITS, False) == pytest.approx([1, 1, 0.75])
    assert sizes(LIMITS, True) == pytest.approx([0.4, 1, 0.1])


@pytest.mark.parametrize("view", VIEWS)
def test_that_the_extent_is_that_of_the_corners(view):
    onto = projection(LIMITS, True, Camera(*view), SIZE, MARGIN)
    seen = np.ptp(onto(CORNERS)[:, :2], axis=0) / onto.unit.max()
    assert extent(sizes(LIMITS, True), Camera(*view)) == pytest.approx(seen)


def test_that_turning_goes_round_but_never_over_the_top():
    assert Camera(170, 80).turned(20, 30) == Camera(-170, 90)
    assert Camera(0, 0).turned(0, -200).elevation == -90


def test_that_enlarging_keeps_the_middle_and_ends_somewhere():
    moved = Camera(zoom=2, shift=(0.1, -0.2))
    before = projection(LIMITS, True, moved, SIZE, MARGIN)
    after = projection(LIMITS, True, moved.nearer(3), SIZE, MARGIN)
    middle = np.array([210, 140])
    np.testing.assert_allclose(
        after(CORNERS)[:, :2] - middle, 3 * (before(CORNERS)[:, :2] - middle)
    )
    assert moved.nearer(1e9).zoom == 50
