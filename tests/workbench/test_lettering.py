"""Labels that are longer than their axis: in several lines, none over its neighbour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from engines.figure import Axis, Figure, Image, Panel
from workbench.export import drawn, natural_height, paper
from workbench.layout import layouts
from workbench.lettering import further_lines, wrapped

LABEL = "target, sorted along the first principal axis"


def width_mm(line: str, points: float) -> float:
    """As the font draws it."""
    font = FontProperties(family="DejaVu Sans")
    return TextPath((0, 0), line, size=points, prop=font).get_extents().width * 25.4 / 72


@pytest.mark.parametrize("room", [20.0, 32.0, 45.0, 90.0])
@pytest.mark.parametrize("points", [7.0, 18.0])
def test_that_every_line_fits_and_all_words_are_there(room, points):
    text = wrapped(LABEL, room, points)
    assert text.split() == LABEL.split()
    for line in text.splitlines():
        # The mean width is that of running text; a line may have a few more of the wide letters.
        assert width_mm(line, points) < 1.15 * room or " " not in line
    assert further_lines(LABEL, room, points) == text.count("\n")


def test_that_lines_are_about_as_long_as_each_other():
    assert wrapped(LABEL, 26.0, 7.0) == "target, sorted\nalong the first\nprincipal axis"
    assert wrapped("t (s)", 20.0, 7.0) == "t (s)"
    assert wrapped("", 20.0, 7.0) == ""


@pytest.mark.parametrize("width", [89.0, 174.0])
def test_that_labels_of_neighbours_do_not_meet(width):
    panel = Panel(
        (Image(values=np.eye(9), name="mass moved"),),
        x=Axis(LABEL, ticks=False),
        y=Axis(LABEL, ticks=False),
        title="a run with a long name − another run with a long name",
        equal=True,
    )
    figure = Figure("plan", "Plan", (panel,) * 4)
    with paper():
        page = drawn(figure, "png", width, None, 100, None)
        page.draw_without_rendering()
        axes = [a for a in page.axes if a.get_xlabel()]
        assert len(axes) == 4
        for words in ([a.xaxis.label for a in axes], [a.title for a in axes]):
            boxes = [w.get_window_extent() for w in words]
            for one, two in pairwise(boxes):
                assert not one.overlaps(two)
        upright = [a.yaxis.label.get_window_extent() for a in axes]
        for box in upright:
            assert 0 <= box.y0 < box.y1 <= page.bbox.height
            assert sum(box.overlaps(other) for other in upright) == 1, "itself alone"


def test_that_a_page_is_higher_by_the_lines_of_its_labels():
    def height(label: str) -> float:
        panel = Panel((Image(values=np.eye(9)),), x=Axis(label), y=Axis("y"), equal=True)
        figure = Figure("f", "", (panel,))
        return natural_height(figure, layouts(figure), 50.0)

    assert height(LABEL) == height("x") + 3.0 * further_lines(LABEL, 25.0, 7.0)
