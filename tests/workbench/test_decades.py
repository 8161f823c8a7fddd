"""Numbers of logarithmic axes on paper, measured as matplotlib has drawn them."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.figure
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from workbench.decades import Apart

RANGES = [(3, 20), (3, 9), (0.042, 0.054), (1, 11), (2e-7, 5e-6), (1, 1e5)]


def drawn(width: float, limits: tuple[float, float], across: bool, ours: bool = True):
    """The numbers of an axis so many inches long, from where to where, in their order."""
    size = (width, 3) if across else (3, width)
    page = matplotlib.figure.Figure(figsize=size, dpi=150)
    canvas, axes = FigureCanvasAgg(page), page.add_axes((0, 0, 1, 1))
    (axes.set_xscale if across else axes.set_yscale)("log")
    (axes.set_xlim if across else axes.set_ylim)(*limits)
    axis = axes.xaxis if across else axes.yaxis
    axis.set_tick_params(which="both", labelsize=7.14)
    if ours:
        axis.set_minor_formatter(Apart())
    canvas.draw()
    low, high = axis.get_view_interval()
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    seen = [t.label1 for t in ticks if t.label1.get_text() and low <= t.get_loc() <= high]
    boxes = [label.get_window_extent() for label in seen]
    return sorted((b.x0, b.x1) if across else (b.y0, b.y1) for b in boxes)


def touching(numbers) -> bool:
    return any(right > left for (_, right), (left, _) in pairwise(numbers))


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("limits", RANGES)
@pytest.mark.parametrize("width", [0.8, 1.2, 2.5, 5.0])
def test_that_no_two_numbers_touch_and_some_are_left(width, limits, across):
    numbers = drawn(width, limits, across)
    assert numbers
    assert not touching(numbers)


def test_that_matplotlib_alone_lets_them_touch():
    assert touching(drawn(1.2, (3, 20), across=True, ours=False))


def test_that_numbers_with_room_are_kept():
    assert len(drawn(5.0, (3, 20), True)) == len(drawn(5.0, (3, 20), True, ours=False))
