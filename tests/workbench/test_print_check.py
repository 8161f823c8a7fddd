"""What may not be readable in print."""

from __future__ import annotations

import numpy as np
import pytest

from engines.figure import Axis, Figure, Line, Panel, Points
from workbench.palette import LIGHT
from workbench.print_check import ALIKE, distance, doubts

X = np.linspace(1, 2, 5)


def kinds(figure: Figure, width: float = 85.0, dpi: int | None = None) -> list[str]:
    return [doubt.kind for doubt in doubts(figure, width, dpi)]


def still(*marks, **axes) -> Figure:
    return Figure("f", "", (Panel(marks, **axes),))


def test_that_a_plain_figure_in_a_column_raises_no_doubt():
    log = still(Line(x=X, y=X, name="a"), Line(x=X, y=2 * X, name="b"), y=Axis(scale="log"))
    assert kinds(log) == []
    assert kinds(log, dpi=300) == []


def test_that_coarse_pixels_make_letters_and_lines_hard_to_see():
    line = still(Line(x=X, y=X))
    # 7 points at 72 dpi are 7 pixels, and the thinnest line, 0.56 points, is half of one.
    found = doubts(line, 85.0, 72)
    assert [doubt.kind for doubt in found] == ["pixels", "lines"]
    assert [doubt.size for doubt in found] == pytest.approx([7.0, 0.56])
    assert kinds(line, dpi=None) == [], "a vector has no pixels"


def test_that_dots_shrink_with_the_page():
    dots = Points(x=X, y=X, size=1.0)
    assert kinds(still(dots), 85.0) == []
    many = Figure("f", "", tuple(Panel((dots,)) for _ in range(4)), columns=4)
    found = doubts(many, 85.0, None)
    # A panel of 21.25 mm has dots of 21.25 / 90 of their size.
    assert [(doubt.kind, doubt.size) for doubt in found] == [("dots", pytest.approx(21.25 / 90))]


def test_that_colours_that_come_again_are_told_unless_dashes_differ():
    lines = [Line(x=X, y=k * X, name=f"l{k}") for k in range(7)]
    dots = [Points(x=X, y=k * X, name=f"d{k}") for k in range(7)]
    assert kinds(still(*lines)) == []
    found = doubts(still(*dots), 85.0, None)
    assert [(doubt.kind, doubt.names) for doubt in found] == [("colours", ("d0", "d6"))]


def test_that_red_and_green_are_alike_to_some_and_our_colours_to_nobody():
    assert distance("#777777", "#777777") == 0
    assert distance("#d62728", "#2ca02c") < ALIKE, "the red and green of many programs"
    series = LIGHT.series
    both = [distance(a, b) for i, a in enumerate(series) for b in series[:i]]
    assert min(both) > ALIKE
    # Without blindness black and white are 100 apart, and greys look the same to everybody.
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=1.5)
