"""POT's own domain adaptation beside ours."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import kl_div

from engines.peer import Peer, Solution
from engines.problem import BadProblem
from engines.transport.class_plans import OFFSET
from engines.transport.gaussian import RIDGE
from engines.transport.labelled import Adapted, TwoDomains, spreads
from engines.transport.peers.sides import MATRICES, MOST_COMPARED, MOST_PAIRS

if TYPE_CHECKING:
    from engines.transport.methods.domain_adaptation import DomainAdaptation

# Inner iterations and tolerance with which POT goes as far as ours does.
INNER, TOL = 10_000, 1e-9

CLASSES = {
    "exact": "da.EMDTransport",
    "sinkhorn": "da.SinkhornTransport",
    "lpl1": "da.SinkhornLpl1Transport",
    "l1l2": "da.SinkhornL1l2Transport",
    "gaussian": "gaussian.bures_wasserstein_mapping",
}


# What is minimised, under a name of its own: the result holds it after each iteration.
REACHED = "objective reached"

NOTES = {
    "gaussian": "both add a millionth of the mean variance to each",
    "lpl1": "the problem is not convex: both end at a local optimum",
    "l1l2": "POT's line search leaves the entropy out and may end early, at a higher objective",
}


def adaptation(
    method: DomainAdaptation, problem: TwoDomains, result: Adapted | None
) -> tuple[Peer, ...]:
    """The class of `ot.da` for each way, or its map between Gaussians, with the same settings."""
    n, m = len(problem.source), len(problem.target)
    if n * m > MOST_PAIRS:
        raise BadProblem(
            f"the problem has {n} × {m} pairs; a peer keeps all of their costs and takes at most "
            f"{MOST_PAIRS:g}; check a run on fewer points"
        )
    name, grouped = CLASSES[method.way.kind], method.way.kind in ("lpl1", "l1l2")

    def solve() -> Solution:
        import ot.da

        unit = np.ones(problem.source.shape[1])
        if method.standardise:
            unit = spreads(problem.source, problem.target)
        x, y = (z.astype(np.float64) / unit for z in (problem.source, problem.target))
        labels = problem.labels.astype(np.int64)
        if method.way.kind == "gaussian":
            moved = _linearly(x, y)
            mean = float(((moved - x) ** 2).sum(1).mean())
            return Solution({"moved": moved * unit, "cost": mean}, NOTES["gaussian"])
        peer = attrgetter(name)(ot)(**_settings(method, x, y)).fit(Xs=x, ys=labels, Xt=y)
        cost = cdist(x, y, "sqeuclidean")
        values: dict[str, Any] = {"moved": peer.transform(Xs=x) * unit}
        values["cost"] = float((peer.coupling_ * cost).sum())
        if n * m <= MOST_COMPARED:
            values["plan"] = peer.coupling_
        if grouped:
            values[REACHED] = _objective(method, peer.coupling_, cost, labels)
        return Solution(values, NOTES.get(method.way.kind, ""))

    # POT repeats the plan for each class.
    classes = len(np.unique(problem.labels)) if grouped else 0
    needed = 0 if method.way.kind == "gaussian" else 8 * (MATRICES + 3 * classes) * n * m
    ours = {}
    if result is not None and result.objective is not None:
        ours = {REACHED: float(result.objective[-1])}
    return (Peer(f"POT ot.{name}", "ot", solve, ours=ours, memory=needed),)


def _linearly(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x mapped by POT from the moments of x to those of y, widened as ours are.

    POT's own class divides by n - 1 and has no map where a feature is the same everywhere.
    """
    from ot.gaussian import bures_wasserstein_mapping

    spreads = [np.atleast_2d(np.cov(z.T, bias=True)) for z in (x, y)]
    wide = [s + RIDGE * s.diagonal().mean() * np.eye(len(s)) for s in spreads]
    matrix, shift = bures_wasserstein_mapping(x.mean(0), y.mean(0), *wide)
    moved: np.ndarray = x @ matrix + shift
    return moved


def _objective(
    method: DomainAdaptation, plan: np.ndarray, cost: np.ndarray, labels: np.ndarray
) -> float:
    """⟨P, C⟩ + ε KL(P | a bᵀ) + η Ω(P)."""
    way, unit = method.way, 1.0
    assert way.kind in ("lpl1", "l1l2")
    if method.epsilon_mode == "relative_mean":
        unit = float(cost.mean())
    groups = [plan[labels == c] for c in np.unique(labels)]
    if way.kind == "lpl1":
        bent = sum(float(np.sqrt(group.sum(0) + OFFSET).sum()) for group in groups)
    else:
        bent = sum(float(np.linalg.norm(group, axis=0).sum()) for group in groups)
    divergence = float(kl_div(plan, np.full_like(plan, 1 / plan.size)).sum())
    return float((plan * cost).sum()) + unit * (way.epsilon * divergence + way.eta * bent)


def _settings(method: DomainAdaptation, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Ours in POT's words; its ε and η are always costs."""
    way = method.way
    assert way.kind != "gaussian"
    if way.kind == "exact":
        return {"max_iter": 10_000_000}
    unit = 1.0
    if method.epsilon_mode == "relative_mean":
        unit = float(cdist(x, y, "sqeuclidean").mean())
    if way.kind == "sinkhorn":
        return {"reg_e": way.epsilon * unit, "max_iter": INNER, "tol": TOL}
    return {
        "reg_e": way.epsilon * unit,
        "reg_cl": way.eta * unit,
        "max_iter": way.max_iter,
        "max_inner_iter": INNER,
        "tol": TOL,
    }
