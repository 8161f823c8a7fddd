"""Monge gap: a network becomes the cheapest map between two clouds, for any ground cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import BadProblem
from engines.training import Adam, Check, Course, resumed_in, train
from engines.transport import map_figures as figures
from engines.transport.cost import one_thread
from engines.transport.figures import thin
from engines.transport.held_out import HELD, Side
from engines.transport.monge_losses import (
    Ground,
    divergence,
    entropic_gap,
    exact_gap,
    sliced,
)
from engines.transport.monge_maps import (
    MappedClouds,
    MongeMap,
    Network,
    gaussian_clouds,
    moons_to_ring,
    regular_grid,
    uvp,
)
from engines.transport.problem import PointClouds, masses, points

CHECKS = 24  # looks at the held-out points, each as dear as two steps: the frames of a movie
SOME = 300  # points that are followed through the training
SIDE = 21  # lines of the grid
END_RATE = 0.01  # of the first step size, at the end of the cosine: noise of batches fades
TURN = Adam(steps=300, lr=0.01)  # to a quarter turn, within 1 %
BLOCK = 65_536  # points that are mapped together


class MongeGap(Method):
    """A network that carries one cloud to another, pulled to the cheapest way of doing so.

    minimise  Δ(T#μ, ν) + λ M(T)   over networks T

        M(T) = E_ρ c(x, T(x)) - OT_c(ρ, T#ρ)   ≥ 0, and 0 where T is optimal between ρ and T#ρ
        Δ = Sinkhorn divergence, or d times the sliced distance SW₂²

    Shows a map that fits, but swirls, turn into the optimal one: many maps carry μ to ν, and the
    gap is what such a map pays more than needed. It works for every cost c and asks neither for
    convex potentials nor for an adversary. New points are mapped by one pass of the network.

    Each step solves transport problems of one batch: time B^2.2 for the exact gap, B² for the
    entropic one and the divergence; memory B². Plans are not differentiated (envelope theorem).
    Clouds are centred and scaled for training, so that λ and the step size have no unit.
    Good values: λ = 1, more changes little; batches of 128 to 512 points; a step size that falls,
    for batches differ. λ = 0 leaves any map that fits, λ = ∞ any that is optimal for its image.
    Pitfalls: an entropic gap is no distance from optimality, it may be below 0 and is not 0 at the
    optimum; the gap of a batch is smaller than that of the cloud, so that of held-out points is
    reported, always exact; a gap of 0 says nothing where the fit is bad.
    """

    title: ClassVar[str] = "Monge gap"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "T. Uscidda, M. Cuturi",
            2023,
            "The Monge gap: a regularizer to learn all transport maps",
            arxiv="2302.04953",
            venue="ICML",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "gaussian_turned",
            "A swirl between Gaussians unwinds",
            gaussian_clouds,
            {"start": "turned"},
            "The network begins as a quarter turn; the gap leads it to the map known exactly.",
        ),
        Example(
            "gaussian_swirl",
            "The same swirl without the gap",
            gaussian_clouds,
            {"start": "turned", "lambda_gap": 0.0},
            "With λ = 0 the turn stays: the map fits as well, and pays over 3 too much.",
        ),
        Example(
            "moons_to_ring",
            "Two moons become a ring",
            moons_to_ring,
            {"width": 128},
            "No closed form: the optimal map tears the moons apart to close the ring.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"batch": 128, "steps": 500, "lr": 0.005},
        "default": {},
        # The defaults of the authors' library.
        "paper": {"gap_solver": "entropic", "steps": 10_000},
    }

    metric: Literal["sqeuclidean", "euclidean", "power", "cosine"] = param(
        "sqeuclidean", "c", "ground cost: |x - y|², |x - y|, |x - y|^p, or 1 - cos of the angle"
    )
    power: float = param(1.5, "p", "power of the distance, where c is power", ge=1, le=8)
    lambda_gap: float = param(1.0, "λ", "weight of the gap; 0 leaves the fit alone", ge=0)
    fit_loss: Literal["sinkhorn_div", "sliced"] = param(
        "sinkhorn_div", "Δ", "how far the mapped cloud is from the target"
    )
    eps_fit: float = param(
        0.05, "ε_Δ", "ε of the divergence, of the target's mean cost", ge=1e-3, le=10, log=True
    )
    gap_solver: Literal["exact", "entropic"] = param(
        "exact", "OT", "transport inside the gap: network simplex, or Sinkhorn"
    )
    eps_gap: float = param(
        0.05, "ε_M", "ε of an entropic gap, of the batch's mean cost", ge=1e-3, le=10, log=True
    )
    reference: Literal["source", "pooled"] = param(
        "source", "ρ", "where the gap is measured: on the source, or half on it, half on the target"
    )
    width: int = param(64, "h", "numbers in each hidden layer", ge=1, le=4096)
    layers: int = param(2, "L", "hidden layers", ge=1, le=10)
    residual: bool = param(False, "x +", "T(x) = x + network(x)")
    start: Literal["random", "turned"] = param(
        "random", "T₀", "first map: random, or trained to be a quarter turn (on a line a mirror)"
    )
    batch: int = param(256, "B", "points of each cloud per step", ge=2, le=4096)
    lr: float = param(1e-3, "η", "step size of Adam, falling to 1 % along a cosine", gt=0, log=True)
    steps: int = param(2000, "", "training steps", ge=1)
    keep: Literal["last", "best"] = param(
        "last", "", "which state is the result: the last, or the best of all checks", expert=True
    )

    def run(self, problem: PointClouds | MappedClouds, ctx: Context) -> MongeMap:
        """Train the network, then map every source point and a grid."""
        with one_thread(_home(ctx).type == "cpu"):
            task = _Task.of(problem, self, ctx)
            former = resumed_in("training", ctx)
            if former:
                task.way, task.floor = list(former["way"]), float(former["floor"])
            elif self.start == "turned":
                train(task.net.parameters(), task.turn, TURN, ctx, phase="first map")
            course = train(
                task.net.parameters(),
                task.values,
                Adam(self.steps, self.lr, END_RATE * self.lr),
                ctx,
                check=Check(task.check, self._moments(), "score", task.kept),
                picture=lambda: ctx.show(_now, task),
            )
            if self.keep == "best":
                course.restore_best(task.net.parameters())
            return self._result(task, course)

    def _moments(self) -> set[int]:
        """The steps of the checks, dense at first: most happens early."""
        return {round(self.steps * (i / CHECKS) ** 2) for i in range(CHECKS)}

    def _result(self, task: _Task, course: Course) -> MongeMap:
        """The map in the coordinates of the data, and the checks of the state that was kept."""
        net, x = task.raw(), points(task.problem)[0]
        mapped, grid, some = _mapped(net, x), regular_grid(x, SIDE), task.some()
        kept = course.best if self.keep == "best" else -1
        # In units in which places are not so small that they have no angle.
        scaled = (torch.as_tensor(places / task.unit) for places in (x, mapped))
        cost = task.unit**task.ground.exponent * task.ground.pairs(*scaled).numpy()
        known: dict[str, Any] = {}
        if task.known:
            known = {"check_uvp": course.of_checks("l2_uvp"), "l2_uvp": uvp(task.known, mapped)}
        return MongeMap(
            status=course.status,
            weights=net.flat().cpu().numpy(),
            widths=np.array(net.widths),
            residual=self.residual,
            mapped=mapped,
            grid=grid,
            grid_mapped=_mapped(net, grid.reshape(-1, grid.shape[-1])).reshape(grid.shape),
            some=np.arange(len(x))[some],
            way=np.stack(task.way or [mapped[some]]),
            loss=course.of_steps("loss"),
            batch_fit=course.of_steps("fit"),
            batch_gap=course.of_steps("gap"),
            seconds=course.of_steps("seconds"),
            check_step=np.nan_to_num(course.of_checks("step")),
            check_seconds=course.of_checks("seconds"),
            check_fit=course.of_checks("held_fit"),
            check_gap=course.of_checks("held_gap"),
            gap=float(course.of_checks("held_gap")[kept]),
            fit=float(course.of_checks("held_fit")[kept]),
            fit_floor=task.floor,
            cost=float(masses(task.problem)[0] @ cost),
            **known,
        )

    def figures(self, problem: PointClouds | MappedClouds, result: MongeMap) -> tuple[Figure, ...]:
        """The map, how it came about, the grid it bends, how it was trained, and the known map."""
        return (
            figures.arrows(problem, points(problem)[0], result.mapped),
            figures.unwinding(problem, result),
            figures.grid(problem, result),
            figures.displacement(problem, result),
            figures.training(result, self.gap_solver == "entropic"),
            *figures.against_known(problem, result),
        )

    def cost(self, problem: PointClouds | MappedClouds) -> Cost:
        """The network and its moments, matrices of a batch, and the checks."""
        (n, d), m = problem.x.shape, len(problem.y)
        size, h = self.batch, self.width
        numbers = (self.layers - 1) * h * h + (2 * d + self.layers + 1) * h + d
        output = 8 * (numbers + n * d + 2 * SIDE**2 * d + (CHECKS + 1) * (SOME * d + 5))
        output += 8 * (4 * self.steps + SOME + self.layers + 2)
        working = 8 * (8 * max(size, HELD) ** 2 + (5 * numbers + 4 * size * h * self.layers))
        working += 8 * (4 * (n + m) * d + min(n, BLOCK) * h * 2)
        inner = 300.0 * size**2
        if self.lambda_gap:
            inner += size**2 * (120 if self.gap_solver == "entropic" else 300 * (size / 256) ** 0.4)
        step = inner + 6.0 * size * numbers + 5e6
        return Cost(3 * output + working + 32_000_000, output, self.steps * step + CHECKS * 1e8)


@dataclass
class _Task:
    """What is trained on what.

    Training sees (x - m0)/unit and (y - m1)/unit. `lift` takes both to places whose ground cost,
    in units of that power of a length, is that of x and y, or has at least the same gap.
    """

    problem: PointClouds
    method: MongeGap
    ctx: Context
    ground: Ground
    net: Network
    m0: Tensor
    m1: Tensor
    unit: float
    epsilon: float
    lift: tuple[Tensor, Tensor]
    sides: tuple[Side, Side]
    floor: float = math.nan
    way: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def of(cls, problem: PointClouds, method: MongeGap, ctx: Context) -> _Task:
        """Centre, scale and split the clouds, and draw the network."""
        home = _home(ctx)
        arrays = (*masses(problem), *points(problem))
        a, b, x, y = (torch.as_tensor(v, device=home) for v in arrays)
        ground = Ground(method.metric, method.power)
        ground.refuse(x, y)
        m0, m1 = a @ x, b @ y
        spreads = a @ (x - m0).square(), b @ (y - m1).square()
        spread, seen = float(spreads[1].sum()), y[b > 0]
        if (seen == seen[0]).all():  # the spread may be what rounding of the mean leaves of 0
            raise BadProblem(
                "the target's points are all the same; they must differ, for the fit is measured "
                "by their spread; load another target"
            )
        unit = math.sqrt(float(torch.cat(spreads).mean()))
        none = torch.zeros_like(m0)
        lift = {
            "sqeuclidean": (none, none),  # the gap does not see a shift
            "cosine": (m0 / unit, m1 / unit),
        }.get(method.metric, (none, (m1 - m0) / unit))
        sides = (
            Side.of((x - m0) / unit, a, "source", method.batch, ctx),
            Side.of((y - m1) / unit, b, "target", method.batch, ctx),
        )
        widths = [x.shape[1], *[method.width] * method.layers, x.shape[1]]
        net = Network.drawn(widths, method.residual, ctx.rng).free(home, ctx.dtype)
        epsilon = method.eps_fit * 2 * spread / unit**2
        return cls(problem, method, ctx, ground, net, m0, m1, unit, epsilon, lift, sides)

    @property
    def known(self) -> MappedClouds | None:
        """The problem where it knows the map that is looked for."""
        if isinstance(self.problem, MappedClouds) and self.ground.exponent == 2:
            return self.problem
        return None

    def map(self, x: Tensor) -> Tensor:
        """T of places as training sees them, in double precision."""
        return self.net(x.to(self.ctx.dtype)).double()

    def raw(self) -> Network:
        """The map between places of the data as it is now."""
        return self.net.placed(self.m0, self.m1, self.unit)

    def turn(self) -> dict[str, Tensor]:
        """How far the map is from a quarter turn of the first two axes, or from a mirror."""
        x = self.sides[0].batch()
        turned = x.clone()
        turned[:, 0] = -x[:, 1 % x.shape[1]]
        if x.shape[1] > 1:
            turned[:, 1] = x[:, 0]
        return {"loss": (self.map(x) - turned).square().sum(1).mean()}

    def values(self) -> dict[str, Tensor]:
        """The loss of one batch, and its parts in the units of the data."""
        x, y = (side.batch() for side in self.sides)
        moved = self.map(x)
        if not self._in_range(x, moved):
            return {"loss": math.nan * moved.sum()}
        loss = fit = self._fit(moved, y)
        told = {"fit": fit.detach() * self.unit**2}
        if self.method.lambda_gap:
            gap = self._gap(x, y, moved)
            told["gap"] = gap.detach() * self.unit**self.ground.exponent
            loss = fit + self.method.lambda_gap * gap
        return {"loss": loss, **told}

    @torch.no_grad()
    def check(self) -> dict[str, float]:
        """Fit and exact gap of the points held out, and where some points are now."""
        x, y = (side.held for side in self.sides)
        if math.isnan(self.floor):
            apart = divergence(self.sides[1].other, y, self.epsilon, self.ctx)
            self.floor = float(apart) * self.unit**2
        moved, net, fit, gap = self.map(x), self.raw(), math.nan, math.nan
        if self._in_range(x, moved):
            fit = float(divergence(moved, y, self.epsilon, self.ctx))
            gap = max(0.0, float(self._gap(x, y, moved, "exact")))  # rounding may be below
        found = {
            "held_fit": fit * self.unit**2,
            "held_gap": gap * self.unit**self.ground.exponent,
            "score": fit + self.method.lambda_gap * gap,
        }
        source = points(self.problem)[0]
        if self.known:
            found["l2_uvp"] = uvp(self.known, _mapped(net, source))
        self.way.append(_mapped(net, source[self.some()]))
        return found

    def kept(self, count: int) -> dict[str, Any]:
        """What so many checks found besides numbers."""
        return {"way": np.array(self.way[:count]), "floor": self.floor}

    def some(self) -> slice:
        """The points that are followed."""
        return thin(len(self.problem.x), SOME)

    def _in_range(self, x: Tensor, moved: Tensor) -> bool:
        """Whether costs are numbers: solvers of transport do not ask."""
        costs = self.ground.pairs(*self._lifted(x, moved.detach())).sum()
        return bool(torch.isfinite(costs + moved.detach().square().sum()))

    def _lifted(self, x: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        return x + self.lift[0], moved + self.lift[1]

    def _fit(self, moved: Tensor, y: Tensor) -> Tensor:
        if self.method.fit_loss == "sliced":
            return sliced(moved, y, self.ctx.rng)
        return divergence(moved, y, self.epsilon, self.ctx)

    def _gap(self, x: Tensor, y: Tensor, moved: Tensor, solver: str = "") -> Tensor:
        """The gap of a batch, on the source or half on the target."""
        if self.method.reference == "pooled":
            x = torch.cat([x[::2], y[::2] + (self.m1 - self.m0) / self.unit])
            moved = self.map(x)
        x, moved = self._lifted(x, moved)
        if (solver or self.method.gap_solver) == "exact":
            return exact_gap(x, moved, self.ground, self.ctx)
        return entropic_gap(x, moved, self.ground, self.method.eps_gap, self.ctx)


def _home(ctx: Context) -> torch.device:
    """The run's device, or the CPU where that has no float64 (Apple's)."""
    return torch.device("cpu") if ctx.device.type == "mps" else ctx.device


@torch.no_grad()
def _mapped(net: Network, places: np.ndarray) -> np.ndarray:
    """T of many places, some at a time."""
    home = net.layers[0][0].device
    parts = (torch.as_tensor(places[k : k + BLOCK]) for k in range(0, len(places), BLOCK))
    return torch.cat([net(part.to(home)).cpu() for part in parts]).numpy()


def _now(task: _Task) -> Figure:
    x = points(task.problem)[0]
    x = x[thin(len(x), figures.DOTS)]
    return figures.arrows(task.problem, x, _mapped(task.raw(), x))
