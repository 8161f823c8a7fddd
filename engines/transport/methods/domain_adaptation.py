"""Domain adaptation: labelled points move to where unlabelled ones lie, and take labels along."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.peer import Peer
from engines.problem import Status
from engines.transport import adaptation_figures as figures
from engines.transport.adaptation import (
    Bent,
    Exact,
    GaussianMap,
    NormClasses,
    RootClasses,
    Sinkhorn,
    Task,
)
from engines.transport.adaptation_figures import confusions
from engines.transport.class_plans import purity
from engines.transport.classifiers import vote
from engines.transport.cost import one_thread
from engines.transport.labelled import (
    Adapted,
    TwoDomains,
    faint_digits,
    places,
    spreads,
    turned_moons,
    unlike_units,
)
from engines.transport.peers import domains

# A plan of more entries is not kept in the result.
MOST_KEPT = 1_000_000

# Distances that are still looked at after a stop: some 0.1 s.
MOST_AFTER_STOP = 10_000_000

# Shares of a class in both domains that differ by more than this are worth a word.
UNLIKE_SHARES = 0.1


class DomainAdaptation(Method):
    """Domain adaptation: labelled points move to where unlabelled ones lie, and take labels along.

    A plan P of equal masses between the labelled source x and the target y sends x_i to

        T(x_i) = n Σ_j P_ij y_j,    and y gets the class of the nearest T(x_i)

        exact:    minimise ⟨P, C⟩,   C_ij = |x_i - y_j|²
        sinkhorn: minimise ⟨P, C⟩ + ε KL(P | a bᵀ)
        lpl1:     … + η Σ_j Σ_c (P_cj + δ)^½       P_cj: mass that j gets from c; δ = 10⁻³
        l1l2:     … + η Σ_j Σ_c (Σ_{i in c} P_ij²)^½
        gaussian: T(x) = m₁ + B (x - m₀), the map between Gaussians with the moments of both

    Shows how far geometry alone carries labels over to data of another instrument, place or time:
    class regularisation forbids a target point to take mass from several classes, though nobody
    knows its class. Labels of the target, where they are given, only judge the result.

    Cost: exact n² to n³; sinkhorn n·m an iteration; lpl1 and l1l2 ten to fifty such plans;
    gaussian next to nothing. Memory a few matrices n·m. All in float64.
    Good values: ε near 5 % of the mean cost, η ten times that. η = 0 is sinkhorn, ε → 0 is exact,
    and ε → ∞ sends all points to the mean of the target.

    Pitfalls: shares of the classes are kept, so that a class more frequent in the target spills
    over; a turn beyond some 60° is undone the short way round, and labels end up swapped; features
    in different units need standardise; to choose ε and η by the labels of the target is cheating.
    """

    title: ClassVar[str] = "Domain adaptation"
    peer_libraries: ClassVar[tuple[str, ...]] = ("ot",)
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "N. Courty, R. Flamary, D. Tuia, A. Rakotomamonjy",
            2017,
            "Optimal transport for domain adaptation",
            arxiv="1507.00504",
            venue="IEEE Transactions on Pattern Analysis and Machine Intelligence 39",
        ),
        Paper(
            "A. Rakotomamonjy, R. Flamary, N. Courty",
            2015,
            "Generalized conditional gradient: analysis of convergence and applications",
            arxiv="1510.06567",
        ),
        Paper(
            "R. Flamary, K. Lounici, A. Ferrari",
            2019,
            "Concentration bounds for linear Monge mapping estimation and optimal transport domain "
            "adaptation",
            arxiv="1905.10155",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "moons_40",
            "Moons turned by 40°",
            partial(turned_moons, 40.0),
            {"way": {"kind": "l1l2", "epsilon": 0.1, "eta": 1.0}, "epsilon_mode": "absolute"},
            "Two thirds of the points are recognised as they lie, nine in ten after transport.",
        ),
        Example(
            "moons_20",
            "Moons turned by 20°",
            partial(turned_moons, 20.0),
            {"way": {"kind": "sinkhorn", "epsilon": 0.1}, "epsilon_mode": "absolute"},
            "A slight turn: blurred transport recognises all points, exact transport not quite.",
        ),
        Example(
            "moons_60",
            "Moons turned by 60°",
            partial(turned_moons, 60.0),
            {"way": {"kind": "lpl1", "epsilon": 0.1, "eta": 1.0}, "epsilon_mode": "absolute"},
            "Here transport begins to fail: the short way joins the ends of different moons.",
        ),
        Example(
            "moons_90",
            "Moons turned by 90°",
            partial(turned_moons, 90.0),
            {"way": {"kind": "exact"}},
            "No better than guessing: the cheapest way is not the way that the moons went.",
        ),
        Example(
            "faint_digits",
            "Digits of a quarter of the contrast",
            faint_digits,
            {"way": {"kind": "gaussian"}},
            "Faint digits on a grey ground: of those, a linear map makes 97 % readable, not 67 %.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_neighbours": 1},
        "default": {},
        # The published experiments take the nearest neighbour.
        "paper": {"way": {"kind": "lpl1"}, "n_neighbours": 1},
    }

    way: Exact | Sinkhorn | RootClasses | NormClasses | GaussianMap = param(
        NormClasses(), "way", "how the source is moved"
    )
    epsilon_mode: Literal["relative_mean", "absolute"] = param(
        "relative_mean", "unit", "whether ε and η are multiples of the mean cost or are costs"
    )
    n_neighbours: int = param(
        1, "k", "nearest labelled points that vote on the class of a target point", ge=1, le=50
    )
    standardise: bool = param(
        False, "standardise", "divide each feature by its standard deviation over both domains"
    )

    def run(self, problem: TwoDomains, ctx: Context) -> Adapted:
        """Find the plan, move the source, and ask its points about the target."""
        ctx.show(_at_first, problem)
        self._caution(problem, ctx)
        with one_thread(ctx.device.type == "cpu"):
            scale = np.ones(problem.source.shape[1])
            if self.standardise:
                scale = spreads(problem.source, problem.target)
            task = _task(problem, scale, ctx)
            with suppress(Cancelled):
                self.way.transport(task, self.epsilon_mode == "relative_mean")
            return self._result(problem, task, scale, ctx)

    def _caution(self, problem: TwoDomains, ctx: Context) -> None:
        """Say what will spoil the result whatever the plan is."""
        told = "" if self.standardise else unlike_units(problem.source, problem.target)
        if told:
            ctx.warn(told)
        if problem.target_labels is None:
            return
        shares = [
            (side[:, None] == problem.classes).mean(0)
            for side in (problem.labels, problem.target_labels)
        ]
        apart = np.abs(shares[0] - shares[1])
        if apart.max() > UNLIKE_SHARES:
            c = int(apart.argmax())
            ctx.warn(
                f"class {problem.classes[c]} is {shares[0][c]:.0%} of the source and "
                f"{shares[1][c]:.0%} of the target; transport keeps shares, so that some "
                "points of the target are reached by another class"
            )

    def _result(self, problem: TwoDomains, task: Task, scale: np.ndarray, ctx: Context) -> Adapted:
        """What was found; without a plan the source is where it was."""
        moved = task.x
        known: dict[str, Any] = {"note": "stopped before there was a plan"}
        if task.plan is not None:
            moved, known = _by_plan(task, task.plan)
        elif task.moved is not None:
            moved = task.moved
            known = {"cost": float((moved - task.x).square().sum(1).mean())}
        if task.plan is not None or task.moved is not None:
            known |= self._judged(problem, task, moved, ctx)
            ctx.log(**{k: known[k] for k in ("cost", "accuracy", "purity") if k in known})
            ctx.flush()
        return Adapted(
            moved=moved.cpu().numpy() * scale,
            classes=problem.classes,
            objective=np.array(task.objective) if task.objective else None,
            iterations=task.iterations,
            status=Status.stopped if ctx.stopped else task.status,
            **known,
        )

    def _judged(
        self, problem: TwoDomains, task: Task, moved: Tensor, ctx: Context
    ) -> dict[str, Any]:
        """Classes of the target points, and how many of them are right."""
        size = len(task.x) * len(task.y) * task.x.shape[1]
        kinds = np.unique(problem.labels)
        found: dict[str, Any] = {}
        check = _go_on if size <= MOST_AFTER_STOP else ctx.check
        for name, cloud in (("_before", task.x), ("", moved)):
            try:
                voted = vote(cloud, task.labels, task.y, self.n_neighbours, len(kinds), check)
            except Cancelled:
                return {"note": "stopped before the target was classified"}
            predicted = kinds[voted.cpu().numpy()].astype(np.int64)
            found[f"predicted{name}"] = predicted
            if problem.target_labels is not None:
                table = confusions(problem.target_labels, predicted, problem.classes)
                found[f"confusion{name}"] = table
                found[f"accuracy{name}"] = float(np.trace(table) / table.sum())
        return found

    def figures(self, problem: TwoDomains, result: Adapted) -> tuple[Figure, ...]:
        """Both domains, borders between classes, confusion, accuracy, plan and convergence."""
        arrived = result.predicted is not None
        moved = result.moved if arrived else None
        return (
            figures.domains(problem, moved, result.partner, figures.titled("Domains", result)),
            *(figures.borders(problem, result.moved, self.n_neighbours) if arrived else ()),
            *figures.confusion(result),
            *figures.accuracies(result),
            *figures.plan(problem, result),
            *figures.convergence(result),
        )

    def peers(self, problem: TwoDomains, result: Adapted) -> tuple[Peer, ...]:
        """POT's classes of the same ways."""
        return domains.adaptation(self, problem, result)

    def cost(self, problem: TwoDomains) -> Cost:
        """Some matrices n·m; a few hundred sweeps over them for each entropic plan."""
        (n, d), m = problem.source.shape, len(problem.target)
        output = 8 * (n * d + 4 * (n + m)) + 8 * min(n * m, MOST_KEPT) + 2_000_000
        matrices = 0 if isinstance(self.way, GaussianMap) else 10
        pairs = float(n * m)
        work = 240.0 * pairs**1.115 if isinstance(self.way, Exact) else 0.0
        if isinstance(self.way, Sinkhorn | Bent):
            work = self.way.iterations * 600.0 * pairs
        work += 10.0 * pairs * d + 30.0 * d**3
        memory = output + 8 * matrices * n * m + 48 * (n + m) * d
        if isinstance(self.way, GaussianMap):
            memory += 80 * d * d
        return Cost(memory, output, work)


def _task(problem: TwoDomains, scale: np.ndarray, ctx: Context) -> Task:
    home = "cpu" if ctx.device.type == "mps" else ctx.device  # which has no float64
    x, y = (
        torch.as_tensor(cloud.astype(np.float64) / scale, device=home)
        for cloud in (problem.source, problem.target)
    )
    labels = places(problem.labels, np.unique(problem.labels))
    return Task(
        x, y, torch.as_tensor(labels, device=home), ctx,
        lambda plan: ctx.show(figures.domains_now, problem, plan),
    )  # fmt: skip


def _by_plan(task: Task, plan: Tensor) -> tuple[Tensor, dict[str, Any]]:
    """Where the plan leads, and what it says."""
    (a, b), rows = task.weights(), plan.sum(1)
    errors = (rows - a).abs().sum(), (plan.sum(0) - b).abs().sum()
    moved = plan @ task.y / rows.clamp_min(torch.finfo(plan.dtype).tiny)[:, None]
    return moved, {
        "plan": plan if plan.numel() <= MOST_KEPT else None,
        "partner": plan.argmax(1),
        "purity": purity(plan, task.labels),
        "cost": float((plan * task.costs).sum()),
        "marginal_error": float(max(errors)),
    }


def _go_on() -> None:
    """So few points are classified even after a stop."""


def _at_first(problem: TwoDomains) -> Figure:
    return figures.domains(problem, None, None, "Domains, running")
