"""Sums over a plan against the plan itself."""

import numpy as np
import pytest
import torch

from engines.transport import summary
from engines.transport.cost import GridCost, grid_points
from engines.transport.scaling import Scaling
from engines.transport.softmin import make_softmin
from engines.transport.summary import log_scalings, plan_blocks, summarise

RNG = np.random.default_rng(4)
GRID = GridCost((torch.linspace(0, 1, 8).double(), torch.linspace(0, 2, 6).double()))
BINS = grid_points(GRID)
A, B = (torch.tensor(w / w.sum()) for w in RNG.random((2, 48)))
# Not converged on purpose: nothing may rely on marginals that are met.
STATE = Scaling(torch.tensor(RNG.random(48)), torch.tensor(RNG.random(48)), 0.5)
PAIRS = BINS.block(slice(None))
PLAN = A[:, None] * B * ((STATE.f[:, None] + STATE.g - PAIRS) / 0.5).exp()


def soft(backend):
    cost = GRID if backend == "grid" else BINS
    return make_softmin(backend, cost, A, B, torch.float64, torch.device("cpu"))


@pytest.mark.parametrize("backend", ["kernel", "grid"])
def test_that_sums_are_those_of_the_plan(backend):
    made = soft(backend)
    found = summarise(made, STATE, BINS.y, torch.float64)
    np.testing.assert_allclose(found.plan, PLAN, rtol=1e-12)
    np.testing.assert_allclose(found.row_sums, PLAN.sum(1), rtol=1e-12)
    np.testing.assert_allclose(found.col_sums, PLAN.sum(0), rtol=1e-12)
    np.testing.assert_allclose(found.map, PLAN @ BINS.y / PLAN.sum(1)[:, None], atol=1e-12)
    assert found.cost == pytest.approx(float((PLAN * PAIRS).sum()), rel=1e-12)
    entropy = -float((PLAN * PLAN.log()).sum())
    assert found.entropy == pytest.approx(entropy, rel=1e-12)
    rows = float(abs(PLAN.sum(1) - A).sum()), float(abs(PLAN.sum(0) - B).sum())
    assert found.errors(made) == pytest.approx(rows, rel=1e-11)


@pytest.mark.parametrize("backend", ["kernel", "grid"])
def test_that_of_a_large_plan_the_largest_entries_are_kept(backend, monkeypatch):
    monkeypatch.setattr(summary, "DENSE_ENTRIES", 2000)
    found = summarise(soft(backend), STATE, BINS.y, torch.float32)
    assert found.plan is None
    order = np.argsort(-PLAN.numpy(), axis=1)[:, :8]
    np.testing.assert_array_equal(np.sort(found.cols), np.sort(order))
    np.testing.assert_allclose(found.values, PLAN.gather(1, found.cols), rtol=1e-6)
    assert found.values.dtype == torch.float32


def test_that_a_very_large_grid_is_summed_without_looking_at_pairs(monkeypatch):
    monkeypatch.setattr(summary, "MOST_PAIRS", 2000)
    found = summarise(soft("grid"), STATE, BINS.y, torch.float64)
    assert found.plan is None
    assert found.cols is None
    assert found.cost == pytest.approx(float((PLAN * PAIRS).sum()), rel=1e-12)


def test_that_a_constant_from_f_to_g_changes_nothing():
    made, moved = soft("kernel"), Scaling(STATE.f + 3, STATE.g - 3, 0.5)
    shifted = torch.cat([p for _, p, _ in plan_blocks(BINS, 0.5, *log_scalings(made, moved))])
    np.testing.assert_allclose(shifted, PLAN, rtol=1e-12)
