from dataclasses import fields

import numpy as np

from engines.figure import Figure, Line, Mark, Panel
from workbench.records import Recorder, figure_names, read_figure


def assert_equal(one, other):
    """Figures, panels, axes and marks field by field; arrays with their type, NaN equal to NaN."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_equal(a, b)
    elif isinstance(one, (Figure, Panel, Mark)):
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


def test_that_a_figure_of_every_mark_is_read_back_equal(tmp_path, info, figure_with, mark):
    figure = figure_with(mark)
    path = Recorder(tmp_path / "a.h5", info, None).finish(info, None, [figure])
    back = read_figure(path, "main")
    if type(mark).__name__ == "Text":  # a number of numpy comes back as one of Python
        assert back.panels[0].marks[0] == mark
    else:
        assert_equal(back, figure)


def test_that_the_first_figure_stays_the_default(tmp_path, info, figure_with):
    line = Line(x=[0.0], y=[0.0])
    figures = [figure_with(line, name=name) for name in ("zeta", "alpha", "a/b", "..", "")]
    path = Recorder(tmp_path / "a.h5", info, None).finish(info, None, figures)
    assert figure_names(path) == ("zeta", "alpha", "a/b", "..", "")
    for figure in figures:
        assert_equal(read_figure(path, figure.name), figure)


def test_that_a_record_without_figures_has_no_names(tmp_path, info):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    assert figure_names(recorder.part) == ()
    assert figure_names(recorder.finish(info, None, ())) == ()
