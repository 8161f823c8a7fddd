"""Light Schrödinger bridge: random transport between two samples, trained in a minute."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import BadProblem, Status
from engines.training import Adam, Check, Course, train
from engines.transport import bridge_figures as figures
from engines.transport.cost import one_thread
from engines.transport.light_bridge import (
    Bridge,
    LightBridge,
    Potential,
    eight_gaussians,
    gaussian_clouds,
    swiss_roll,
)
from engines.transport.problem import PointClouds, masses, points

# Below this ε, in units of the variance of the data, float32 does not resolve the exponents.
LEAST_EPSILON_32 = 0.01

CHECK_EVERY = 500  # steps between two distances to the target, each as dear as fifty steps
COMPARED = 400  # points whose distance is computed, in less than a tenth of a second
GENERATED = 2000
PATHS = 500
MOST_PATH_NUMBERS = 5_000_000  # 40 MB of paths
FANS, FAN_DRAWS = 3, 200


class LightSchroedingerBridge(Method):
    """Random transport between two clouds, as near to Brownian motion as their shapes allow.

    minimise  KL(π | W^ε)   over processes π from p₀ to p₁, W^ε a Brownian motion of variance ε

        v(y) = Σ_k α_k N(y | r_k, ε S_k),   c(x) = Σ_k α_k exp((xᵀ S_k x + 2 r_k·x)/(2ε))
        loss = E log c(x) - E log v(y) = KL(π* | π) + constant
        y | x ~ Σ_k w_k(x) N(r_k + S_k x, ε S_k),   dX = ε ∇ log φ_t(X) dt + √ε dW

    Shows one source point fan out to many plausible targets, and the drift that takes it there.
    The plan is that of entropic transport with cost |x - y|²/2 and regularisation ε, for new
    points too; training needs samples only, no simulation and no nested problem.

    Time batch · K · d per step, · d² with full matrices, and as much for each step of a path;
    memory K d or K d². Clouds are centred and scaled for training. In single precision for ε above
    1 % of the variance of the data, below in double; paths always in double precision.
    Good values: K = 50, more for curved shapes; ε of 1 to 100 % of the variance.
    Becomes the optimal map as ε → 0 and independent draws as ε → ∞; K = 1 with a full matrix is
    exact between Gaussians. Pitfalls: the cost is half of the squared distance; one diagonal
    component cannot turn the cloud, so raise K or take full matrices; the value of the loss means
    nothing alone, only differences do.
    """

    title: ClassVar[str] = "Light Schrödinger bridge"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "A. Korotin, N. Gushchin, E. Burnaev",
            2024,
            "Light Schrödinger bridge",
            arxiv="2310.01174",
            venue="ICLR",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "eight_gaussians",
            "One Gaussian to eight",
            eight_gaussians,
            {"lr": 0.01, "steps": 3000},
            "A cloud splits: with small ε to the nearest of eight clusters, with large to any.",
        ),
        Example(
            "gaussian_clouds",
            "Two Gaussians",
            gaussian_clouds,
            {"epsilon": 1.0, "n_components": 1, "covariance": "full", "lr": 0.01, "steps": 3000},
            "One component is exact here: S = [[0.456, -0.245], [-0.245, 0.812]] at ε = 1.",
        ),
        Example(
            "swiss_roll",
            "A Gaussian becomes a spiral",
            swiss_roll,
            {"n_components": 200, "lr": 0.01, "steps": 3000},
            "A curve needs many components, each a short piece of it.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_components": 20, "steps": 300, "sde_steps": 20},
        "default": {},
        "paper": {"decay": "constant", "lr": 0.001, "steps": 10_000},
    }

    epsilon: float = param(
        0.1, "ε", "variance of the Brownian prior over unit time", ge=1e-3, le=100, log=True
    )
    n_components: int = param(50, "K", "Gaussians in the potential v", ge=1, le=1000)
    covariance: Literal["diagonal", "full"] = param(
        "diagonal", "S", "shape of each component: along the axes, or turned freely"
    )
    init_r: Literal["target_samples", "normal"] = param(
        "target_samples", "r₀", "first centres: points of the target, or a Gaussian", expert=True
    )
    s_init: float = param(0.1, "S₀", "first S, times the identity", gt=0, log=True, expert=True)
    lr: float = param(1e-3, "η", "step size of Adam", gt=0, le=1, log=True)
    decay: Literal["cosine", "constant"] = param(
        "cosine", "η(k)", "whether the step size falls to 0 along a cosine or stays", expert=True
    )
    batch: int = param(128, "B", "points of each cloud per step", ge=1)
    steps: int = param(10_000, "", "training steps", ge=1)
    sde_steps: int = param(100, "N", "steps of each path", ge=10, le=1000)

    def run(self, problem: PointClouds, ctx: Context) -> LightBridge:
        """Train the potential, then draw from the plan and follow paths."""
        data = _Data.of(problem, ctx)
        self._refuse(data)
        epsilon = self.epsilon / data.scale**2
        dtype = ctx.dtype
        if dtype == torch.float32 and epsilon < LEAST_EPSILON_32:
            dtype = torch.float64
            ctx.warn("training is in float64: float32 does not resolve this ε")
        with one_thread(_home(ctx).type == "cpu"):
            potential = self._start(data, epsilon, dtype, ctx)
            course = self._train(problem, data, potential, ctx)
            return self._draw(data, data.bridge(potential), course, ctx)

    def _refuse(self, data: _Data) -> None:
        places = int((data.b > 0).sum())
        if self.init_r == "target_samples" and self.n_components > places:
            raise BadProblem(
                f"n_components is {self.n_components}; it must be at most {places}, the number of "
                "target points; lower it or set init_r to normal"
            )

    def _start(self, data: _Data, epsilon: float, dtype: torch.dtype, ctx: Context) -> Potential:
        """Equal weights, small spheres, centres on target points."""
        k, d = self.n_components, data.x.shape[1]
        if self.init_r == "target_samples":
            chosen = torch.multinomial(data.b.cpu(), k, generator=ctx.rng)
            r = data.standard(data.y[chosen.to(data.y.device)], data.m1)
        else:
            r = torch.randn(k, d, generator=ctx.rng, dtype=torch.float64)
        shape = torch.full((k, d), math.log(self.s_init), dtype=torch.float64)
        if self.covariance == "full":
            shape = torch.diag_embed(shape / 2)
        log_alpha = torch.full((k,), -math.log(k), dtype=torch.float64)
        free = (v.to(_home(ctx), dtype).requires_grad_() for v in (log_alpha, r, shape))
        return Potential(epsilon, *free)

    def _train(
        self, problem: PointClouds, data: _Data, potential: Potential, ctx: Context
    ) -> Course:
        """Minimise the loss, and read the distance between generated and target points."""
        free = potential.parameters()

        def loss() -> dict[str, Tensor]:
            x, y = data.batch(self.batch, free[0].dtype, ctx.rng)
            return {"loss": potential.log_c(x).mean() - potential.log_v(y).mean()}

        def distance() -> dict[str, float]:
            generated = data.bridge(potential).sample(data.draw(0, COMPARED, ctx.rng), ctx.rng)
            return {"w2": _w2(generated, data.draw(1, COMPARED, ctx.rng))}

        plan = Adam(self.steps, self.lr, 0.0 if self.decay == "cosine" else None)
        check = Check(distance, range(0, self.steps, CHECK_EVERY))
        return train(
            free, loss, plan, ctx, check=check,
            picture=lambda: ctx.show(_now, problem, data, potential),
        )  # fmt: skip

    def _draw(self, data: _Data, bridge: Bridge, course: Course, ctx: Context) -> LightBridge:
        """Points of the plan, and paths."""
        x = data.draw(0, GENERATED, ctx.rng)
        generated, starts = bridge.sample(x, ctx.rng), x[:FANS]
        fans = bridge.sample(starts.repeat_interleave(FAN_DRAWS, 0), ctx.rng)
        ways = bridge.paths(x[: self._paths(x.shape[1])], self.sde_steps, ctx.rng)
        paths = [next(ways)]
        with ctx.phase("paths"):
            for _ in ctx.steps(self.sde_steps):
                paths.append(next(ways))
        target, other = (data.draw(1, COMPARED, ctx.rng) for _ in range(2))
        found = {
            "log_alpha": bridge.log_alpha,
            "r": bridge.r,
            "s": bridge.s,
            "source_mean": bridge.m0,
            "target_mean": bridge.m1,
            "source": x,
            "generated": generated,
            "fan_source": starts,
            "fans": fans.view(FANS, FAN_DRAWS, -1),
            "paths": torch.stack(paths),
        }
        arrays: dict[str, Any] = {name: v.cpu().numpy() for name, v in found.items()}
        loss = course.of_steps("loss")
        return LightBridge(
            status=Status.stopped if ctx.stopped else course.status,
            times=np.arange(len(paths)) / self.sde_steps,
            epsilon=self.epsilon,
            w2=_w2(generated[:COMPARED], target),
            w2_paths=_w2(paths[-1][:COMPARED], target),
            w2_floor=_w2(other, target),
            mean_loss=float(np.mean(loss[-len(loss) // 10 :])),
            effective=float(torch.special.entr(bridge.log_alpha.exp()).sum().exp()),
            loss=loss,
            gradient=course.of_steps("gradient"),
            check_step=course.of_checks("step"),
            check_w2=course.of_checks("w2"),
            **arrays,
        )

    def _paths(self, d: int) -> int:
        """Number of paths that are kept."""
        return max(FANS, min(PATHS, MOST_PATH_NUMBERS // (d * (self.sde_steps + 1))))

    def figures(self, problem: PointClouds, result: LightBridge) -> tuple[Figure, ...]:
        """Paths, plan, fans, drift and training."""
        return (
            figures.paths(problem, result),
            figures.plan_now(problem, result.generated),
            figures.fans(problem, result),
            figures.drift(problem, result),
            figures.training(result),
        )

    def cost(self, problem: PointClouds) -> Cost:
        """The components and their moments, a batch, and the paths."""
        (n, d), m = problem.x.shape, problem.y.shape[0]
        each = d * d if self.covariance == "full" else d
        k = self.n_components
        paths = self._paths(d) * d * (self.sde_steps + 1)
        output = 8 * (k * (each + d + 1) + 3 * GENERATED * d + paths + 2 * self.steps + 4000)
        working = 8 * (8 * k * each + 6 * self.batch * (k + each) + 3 * (n + m) * d)
        step = 48.0 * self.batch * k * each
        walk = 16.0 * PATHS * self.sde_steps * k * each
        return Cost(3 * output + working + 32_000_000, output, self.steps * (step + 2e6) + walk)


@dataclass(frozen=True)
class _Data:
    """Both clouds in float64, their weights and means, and the scale that training divides by."""

    x: Tensor
    y: Tensor
    b: Tensor
    m0: Tensor
    m1: Tensor
    scale: float
    shares: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, problem: PointClouds, ctx: Context) -> _Data:
        """Centre and scale; refuses a target that is flat."""
        arrays = (*masses(problem), *points(problem))
        a, b, x, y = (torch.as_tensor(v, device=_home(ctx)) for v in arrays)
        m0, m1 = a @ x, b @ y
        spreads = a @ (x - m0).square(), b @ (y - m1).square()
        # Rounding of the mean leaves so much of a variance of 0.
        flat = torch.nonzero(spreads[1] <= 1e-24 * (1 + m1.square()))
        if len(flat):
            k = int(flat[0])
            raise BadProblem(
                f"feature {k} of y is {float(m1[k]):g} at every point; it must vary, for its "
                "density is infinite otherwise; leave the feature out"
            )
        scale = math.sqrt(float(torch.cat(spreads).mean()))
        return cls(x, y, b, m0, m1, scale, (a.cumsum(0), b.cumsum(0)))

    def draw(self, side: int, count: int, rng: torch.Generator) -> Tensor:
        """Points of the source (0) or target (1), drawn by their weights."""
        cloud, shares = (self.x, self.y)[side], self.shares[side]
        drawn = torch.rand(count, generator=rng, dtype=torch.float64).to(shares.device)
        return cloud[torch.searchsorted(shares, drawn).clamp_max(len(cloud) - 1)]

    def standard(self, places: Tensor, mean: Tensor) -> Tensor:
        """Places as training sees them."""
        return (places - mean) / self.scale

    def batch(self, count: int, dtype: torch.dtype, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Centred and scaled points of both clouds."""
        x, y = (self.draw(side, count, rng) for side in (0, 1))
        return self.standard(x, self.m0).to(dtype), self.standard(y, self.m1).to(dtype)

    def bridge(self, potential: Potential) -> Bridge:
        """The bridge between the clouds as they are."""
        return potential.bridge(self.m0, self.m1, self.scale)


def _home(ctx: Context) -> torch.device:
    """The run's device, or the CPU where that has no float64 (Apple's)."""
    return torch.device("cpu") if ctx.device.type == "mps" else ctx.device


def _now(problem: PointClouds, data: _Data, potential: Potential) -> Figure:
    return figures.bridge_now(problem, data.bridge(potential), data.x[:500])


def _w2(x: Tensor, y: Tensor) -> float:
    """Squared Wasserstein distance of equally many points of equal weight; NaN far out."""
    size, middle = min(len(x), len(y)), y.mean(0)
    cost = torch.cdist(x[:size] - middle, y[:size] - middle).square().cpu().numpy()
    if not np.isfinite(cost).all():
        return math.nan
    return float(cost[linear_sum_assignment(cost)].mean())
