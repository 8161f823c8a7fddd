"""Class-regularised plans against POT's, and against slopes by differences."""

import threading

import numpy as np
import ot
import pytest
import torch

from engines.context import Context
from engines.problem import Status
from engines.transport.class_plans import (
    Entropic,
    NormOfMasses,
    RootOfMass,
    bend,
    purity,
)
from engines.transport.labelled import turned_moons

PROBLEM = turned_moons(40, 60)
COSTS = ot.dist(PROBLEM.source, PROBLEM.target)
LABELS = PROBLEM.labels.astype(np.int64)
WEIGHTS = np.full(60, 1 / 60)
MEMBERS = [LABELS == 0, LABELS == 1]
EPSILON, ETA = 0.3, 0.1


def found(kind, tol=1e-10, max_iter=500, eta=ETA, ctx=None):
    ctx = ctx or Context()
    cost = torch.from_numpy(COSTS)
    weights = torch.from_numpy(WEIGHTS)
    omega = kind(torch.from_numpy(LABELS), eta)
    solver = Entropic(weights, weights, EPSILON, ctx)
    return bend(solver, cost, omega, max_iter, tol, ctx, lambda plan: None)


def norm_objective(plan):
    """⟨P, C⟩ + ε Σ P log P + η Σ norms, as POT writes it."""
    norms = sum(np.linalg.norm(plan[own], axis=0).sum() for own in MEMBERS)
    return (plan * COSTS).sum() + EPSILON * (plan * np.log(plan)).sum() + ETA * norms


def test_that_without_classes_the_plan_is_that_of_sinkhorn():
    wanted = ot.sinkhorn(WEIGHTS, WEIGHTS, COSTS, EPSILON, stopThr=1e-12)
    for kind in (RootOfMass, NormOfMasses):
        plan = found(kind, eta=0.0).plan.numpy()
        # The marginals are met to 1e-6, of a mass of 1/60 in each row.
        np.testing.assert_allclose(plan, wanted, atol=1e-6)


def test_that_roots_of_masses_give_the_plan_of_pot():
    classes = (WEIGHTS, LABELS, WEIGHTS, COSTS, EPSILON, ETA)
    wanted = ot.da.sinkhorn_lpl1_mm(*classes, numItermax=50, numInnerItermax=5000)
    result = found(RootOfMass)
    # Ours ends where the objective falls by less than 1e-10 of itself, of masses up to 1/60.
    np.testing.assert_allclose(result.plan.numpy(), wanted, atol=2e-5)
    assert result.status is Status.converged


def test_that_the_group_norm_reaches_a_value_no_higher_than_pots():
    wanted = ot.da.sinkhorn_l1l2_gl(
        WEIGHTS, LABELS, WEIGHTS, COSTS, EPSILON, ETA, numItermax=200, numInnerItermax=5000
    )
    result = found(NormOfMasses)
    assert norm_objective(result.plan.numpy()) <= norm_objective(wanted) + 1e-7
    # The value is flat at its least: plans may differ by the root of its last digits.
    np.testing.assert_allclose(result.plan.numpy(), wanted, atol=1e-3)


@pytest.mark.parametrize("kind", [RootOfMass, NormOfMasses])
def test_that_the_slope_is_that_of_differences(kind):
    rng = np.random.default_rng(1)
    plan = torch.from_numpy(rng.random((60, 7)) / 60)
    way = torch.from_numpy(rng.standard_normal((60, 7)))
    omega = kind(torch.from_numpy(LABELS), 0.7)
    h = 1e-7
    wanted = (omega.value(plan + h * way) - omega.value(plan - h * way)) / (2 * h)
    # Central differences keep about half of the digits.
    assert float((omega.slope(plan) * way).sum()) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(("kind", "eta"), [(RootOfMass, 0.1), (NormOfMasses, 5.0)])
def test_that_the_objective_never_rises(kind, eta):
    """With η = 5 whole steps of the conditional gradient would overshoot."""
    values = np.array(found(kind, eta=eta).objective)
    assert len(values) > 3
    assert (np.diff(values) <= 1e-6 * abs(values[0])).all()  # the error of the inner plans


def test_that_class_regularisation_keeps_classes_together():
    labels = torch.from_numpy(LABELS)
    blurred = purity(found(RootOfMass, eta=0.0).plan, labels)
    assert purity(found(RootOfMass, eta=1.0).plan, labels) > 0.99 > blurred
    assert purity(found(NormOfMasses, eta=1.0).plan, labels) > blurred


def test_that_purity_is_the_share_of_the_leading_class():
    plan = torch.tensor([[0.2, 0.0], [0.1, 0.3], [0.3, 0.1]], dtype=torch.float64)
    # Target 0 gets 0.3 of class 0 and 0.3 of class 1; target 1 gets 0.3 and 0.1.
    assert purity(plan, torch.tensor([0, 0, 1])) == pytest.approx(0.6)


def test_that_a_stop_keeps_the_last_plan():
    stop = threading.Event()
    ctx = Context(lambda event: stop.set(), stop=stop)
    result = found(NormOfMasses, tol=1e-15, ctx=ctx)
    assert result.status is Status.stopped
    assert float(result.plan.sum()) == pytest.approx(1, abs=0.1)
