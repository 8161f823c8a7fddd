"""Errors along a surface against walks that can be counted."""

import numpy as np
import pytest

from engines.context import Context
from engines.transport import geodesic
from engines.transport.geodesic import Judge, curve


def strip(n):
    """A strip of 2 n vertices, unit steps along it."""
    x = np.arange(n, dtype=float)
    places = np.vstack([np.column_stack([x, 0 * x, 0 * x]), np.column_stack([x, 0 * x + 1, 0 * x])])
    a = np.arange(n - 1)
    faces = np.vstack(
        [np.column_stack([a, a + 1, a + n]), np.column_stack([a + 1, a + 1 + n, a + n])]
    )
    return places, faces


def test_that_errors_are_the_shortest_walks_along_edges():
    places, faces = strip(6)
    judge = Judge.of(np.arange(12), places, faces, Context())
    np.testing.assert_allclose(judge.errors(np.zeros(12, int))[:6], np.arange(6))
    # Diagonals lead down on the way forth: of five steps and one across they save one.
    assert judge.errors(np.full(12, 6))[5] == pytest.approx(4 + 2**0.5, rel=1e-6)
    assert judge.errors(np.zeros(12, int))[11] == pytest.approx(6)
    np.testing.assert_array_equal(judge.errors(np.arange(12)), 0)


def test_that_of_many_vertices_some_are_probed(monkeypatch):
    monkeypatch.setattr(geodesic, "PROBES", 4)
    places, faces = strip(6)
    judge = Judge.of(np.array([3] * 12), places, faces, Context())
    np.testing.assert_array_equal(judge.probes, [0, 3, 6, 9])
    assert judge.table.shape == (1, 12)
    t = np.zeros(12, int)
    t[3] = 5
    np.testing.assert_allclose(judge.errors(t), [3, 2, 3, 3])


def test_that_the_curve_counts_errors_up_to_each_threshold():
    found = curve(np.array([0.0, 0.1, 0.1, 0.4]), np.array([0.0, 0.05, 0.1, 1.0]))
    np.testing.assert_allclose(found, [0.25, 0.25, 0.75, 1.0])
