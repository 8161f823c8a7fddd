"""Shape correspondence: which point of one surface is which of another, without labels."""

from __future__ import annotations

from itertools import count
from typing import Any, ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Tensor

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Option, Paper, param
from engines.problem import Status
from engines.training import Adam, Check, train
from engines.transport import shape_figures as figures
from engines.transport.feature_network import WIDTH, FeatureNetwork, Matching
from engines.transport.functional_map import Regulariser, Side, first_map, nearest, sizes
from engines.transport.geodesic import PROBES, Judge
from engines.transport.mesh_pair import MeshPair, arm_pair, blob_pair
from engines.transport.shape_map import Course, ShapeMap
from engines.transport.shape_matching import (
    Descriptor,
    Sides,
    describe,
    functions,
    grow,
    matching_work,
)
from engines.transport.soft_map import soft_map
from engines.transport.tuning import MOST_STORED

CHECK_EVERY = 10  # training steps between two looks at the error, a fifth of a step each

GRADIENT = 1.0  # longest step of the gradient, in its norm


class Classical(Option):
    """Descriptors, a functional map and ZoomOut"""

    kind: Literal["L1"] = "L1"

    stages: ClassVar = ("descriptors", "first map", "ZoomOut")


class Soft(Option):
    """The same, and then a soft map that leaves no part out (Sinkhorn)"""

    kind: Literal["L2"] = "L2"
    sinkhorn_eps: float = param(
        0.005, "ε", "blur of the soft map", unit="mean cost", ge=1e-4, le=1, log=True
    )

    stages: ClassVar = (*Classical.stages, "soft map")


class Learned(Option):
    """Features learned on this pair, a functional map of them and ZoomOut"""

    kind: Literal["L3"] = "L3"
    steps: int = param(200, "", "training steps", ge=1, le=10_000)
    refine: int = param(
        0, "", "further steps with soft maps from ten Sinkhorn sweeps", ge=0, le=1000, expert=True
    )
    lr: float = param(1e-3, "η", "step size of Adam", gt=0, le=1, log=True)
    tau: float = param(0.07, "τ", "temperature of the soft maps", gt=0, le=1, log=True)
    n_proj: int = param(200, "L", "directions of the sliced term", ge=1, le=2000)
    w_bij: float = param(1.0, "w_b", "weight: there and back is nothing", ge=0)
    w_orth: float = param(1.0, "w_o", "weight: areas are kept", ge=0)
    w_align: float = param(1.0, "w_a", "weight: both maps are one", ge=0)
    w_sw: float = param(3.0, "w_s", "weight: features of both sides are spread alike", ge=0)

    stages: ClassVar = ("descriptors", "features", "first map", "ZoomOut")

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The loss."""
        weights = {"bijective": self.w_bij, "orthogonal": self.w_orth}
        weights |= {"aligned": self.w_align, "sliced": self.w_sw}
        return torch.stack([weights[name] * value for name, value in terms.items()]).sum()


class FunctionalMapsOT(Method):
    """Which vertex of one surface is which of another, when one is the other in another pose.

    A function on the source is a vector of coefficients of eigenfunctions of the Laplacian; a map
    between the surfaces is then a small matrix C, and a vertex map T is read off it:

        C = argmin |C A - B|² + μ Σ Q_ij C_ij²     A, B: descriptors;  Q: unlike eigenvalues
        T(y) = argmin_x |Φ₁(x) Cᵀ - Φ₂(y)|,   C ← Φ₂ᵀ M₂ Φ₁[T] with more functions   (ZoomOut)
        L2:  P = argmin <P, cost> + ε KL(P | areas),  the cost between embedded vertices
        L3:  |C₁₂ C₂₁ - I|² + |CᵀC - I|² + |C₁₂ - Φ₂ᵀ M₂ P₂₁ Φ₁|² + w SW²(F₁, P₁₂ F₂)  and back

    Shows colours carried from one surface to the other, the |C| whose diagonal tells how well
    lengths are kept, and, where the truth is known, the error after each stage.

    L1 is classical: wave kernel, functional map, ZoomOut. L2 ends with entropic transport of area,
    which changes the error little and covers more of the source. L3 fits a small network that
    spreads its features as heat, from scratch and to this pair alone; the paper trains a larger
    one on a collection. Time n k² for eigenfunctions and n₁ n₂ k for each step of ZoomOut, seconds
    for 2000 vertices; L2 and L3 hold several n₁ × n₂ matrices, a step of L3 takes half a second.
    Eigenfunctions and vertex maps in float64, training in the precision of the run.
    Good values: k₀ = 20 with steps of 5, for larger ones lose the way; μ = 0.1; 120 functions.

    Identical surfaces give T exactly and a diagonal C of ±1; scale and orientation of the
    triangles change nothing. Pitfalls: what a mirror image within the surface exchanges, such as
    left and right, no intrinsic descriptor can tell apart; surfaces must be whole and of one
    piece; where lengths are not kept, fewer functions are more.
    """

    title: ClassVar[str] = "Functional maps with optimal transport"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "T. Le, K. Nguyen, S. Sun, N. Ho, X. Xie",
            2024,
            "Integrating efficient optimal transport and functional maps for unsupervised shape "
            "correspondence learning",
            arxiv="2403.01781",
            venue="CVPR",
        ),
        Paper(
            "M. Ovsjanikov, M. Ben-Chen, J. Solomon, A. Butscher, L. Guibas",
            2012,
            "Functional maps: a flexible representation of maps between shapes",
            venue="ACM Transactions on Graphics 31",
        ),
        Paper(
            "S. Melzi, J. Ren, E. Rodolà, A. Sharma, P. Wonka, M. Ovsjanikov",
            2019,
            "ZoomOut: spectral upsampling for efficient shape correspondence",
            arxiv="1904.07865",
            venue="ACM Transactions on Graphics 38",
        ),
        Paper(
            "M. Aubry, U. Schlickewei, D. Cremers",
            2011,
            "The wave kernel signature: a quantum mechanical approach to shape analysis",
            venue="ICCV Workshops",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "blob_pair",
            "A body, straight and bent",
            blob_pair,
            story="Two meshes of other triangles. Four limbs, no two alike: all find their place.",
        ),
        Example(
            "arm_pair",
            "An arm that bends its elbow",
            arm_pair,
            story="Places along the arm are found; those around it are alike, so it is twisted.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"n_eig": 60, "zoom_step": 10},
        "default": {},
        "learned": {"n_wks": 128, "level": {"kind": "L3", "steps": 50}},
        "paper": {
            "n_eig": 200,
            "n_wks": 128,
            "regulariser": "resolvent",
            "level": {"kind": "L3", "w_sw": 100.0, "refine": 15},
        },
    }

    level: Classical | Soft | Learned = param(Classical(), "", "how far to go")
    n_eig: int = param(120, "k", "eigenfunctions of each surface", ge=20, le=300)
    descriptor: Descriptor = param(
        "wave_kernel", "", "what is known of each vertex: waves of each energy, or heat that stays"
    )
    n_wks: int = param(100, "d", "descriptors of each vertex: energies, or times", ge=16, le=256)
    k0: int = param(20, "k₀", "functions in the first map", ge=5, le=60)
    mu: float = param(
        0.1, "μ", "what unlike eigenvalues cost in the first map", unit="mean of A Aᵀ", ge=0, le=100
    )
    regulariser: Regulariser = param(
        "laplacian", "Q", "how unlike two eigenvalues are: by difference, or by their resolvents"
    )
    zoom_step: int = param(5, "Δk", "functions added in each step of ZoomOut", ge=1, le=20)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.k0 > self.n_eig:
            raise ValueError(
                f"k0 is {self.k0}; it must be at most n_eig, {self.n_eig}; lower k0 or raise n_eig"
            )
        return self

    def run(self, problem: MeshPair, ctx: Context) -> ShapeMap:
        """Eigenfunctions and descriptors, a first map, and ever larger ones."""
        number = functions(problem, self.n_eig, self.k0)
        if number < self.n_eig:
            ctx.warn(f"{number} eigenfunctions are used: the smaller mesh has no more")
        found = Course()
        try:
            self._match(problem, number, found, ctx)
        except Cancelled:
            return found.result(Status.stopped)
        return found.result(found.status)

    def _match(self, problem: MeshPair, number: int, found: Course, ctx: Context) -> None:
        sides = describe(problem, number, self.descriptor, self.n_wks, found, ctx)
        if problem.truth is not None:
            places, faces = found.spectra[0].places, problem.surfaces()[0][1]
            found.judge = Judge.of(problem.truth, places, faces, ctx)
        found.stage(nearest(sides.known[1], sides.known[0], ctx.check))
        if isinstance(self.level, Learned):
            first = self._learn(problem, self.level, found, ctx).to(sides.one.basis)
        else:
            small = sides.one.first(self.k0), sides.two.first(self.k0)
            first = first_map(*small, sides.known, self.mu, self.regulariser)
        grow(problem, first, sides, self.zoom_step, found, ctx)
        if isinstance(self.level, Soft):
            self._soften(self.level, sides, found, ctx)

    def _soften(self, level: Soft, sides: Sides, found: Course, ctx: Context) -> None:
        """A soft map of the embedded vertices, its functional map, and its likeliest vertices."""
        one, two, _ = sides
        embedded = two.basis, one.basis @ torch.as_tensor(found.c).to(one.basis).T
        with ctx.phase("soft map"):
            soft = soft_map(embedded, (two.mass, one.mass), one.basis, level.sinkhorn_eps, ctx)
        found.soft, found.c = soft, two.coefficients(soft.moved).cpu().numpy()
        found.stage(soft.cols[:, 0])
        if soft.scaling.status is not Status.converged:
            found.status = Status.limit_reached
            found.note = "the areas of the soft map are not met; raise sinkhorn_eps"

    def _learn(self, problem: MeshPair, level: Learned, found: Course, ctx: Context) -> Tensor:
        """Train the features; gives the first map of those at the end."""
        one, two = (Side.of(surface, ctx, ctx.dtype) for surface in found.spectra)
        d1, d2 = ctx.tensors(*found.descriptors)
        network = FeatureNetwork(self.n_wks, float(one.values[-1]), ctx.rng)
        network.to(ctx.device, ctx.dtype)
        pair = Matching(one, two, self.k0, self.mu, self.regulariser, level.tau, ctx.check)
        done, steps = count(), level.steps + level.refine

        def loss() -> dict[str, Tensor]:
            f1, f2 = network(d1, one), network(d2, two)
            balanced = next(done) >= level.steps
            terms = pair.losses(f1, f2, balanced=balanced, n_proj=level.n_proj, rng=ctx.rng)
            return {"loss": level.total(terms), **terms}

        def look() -> dict[str, float]:
            with torch.no_grad():
                t = nearest(network(d2, two), network(d1, one), ctx.check)
            found.t = t.cpu().numpy()
            ctx.show(figures.correspondence, problem, found.t)
            return {"mean_error": found.error(t)} if found.judge else {}

        plan = Adam(steps, level.lr, end=None, clip=GRADIENT)
        check = Check(look, range(0, steps, CHECK_EVERY))
        found.training = train(list(network.parameters()), loss, plan, ctx, check=check)
        ctx.check()
        found.status = found.training.status
        found.stage(torch.as_tensor(found.t))
        with torch.no_grad():
            _, p21 = pair.soft_maps(network(d1, one), network(d2, two))
            return pair.soft_map_of_functions(p21)

    def figures(self, problem: MeshPair, result: ShapeMap) -> tuple[Figure, ...]:
        """Colours carried over, then what there is of map, errors, growth and training."""
        drawn = [figures.correspondence(problem, result.T)]
        if result.errors is not None:
            drawn.append(figures.errors(result, self.level.stages))
        if result.C is not None:
            drawn.append(figures.function_map(result.C))
        if result.sizes is not None:
            drawn.append(figures.growth(result))
        if result.losses is not None:
            drawn.append(figures.training(result.losses, result.checks, result.check_errors))
        if result.eigenvalues_source is not None:
            drawn.append(figures.spectra(result))
        return tuple(drawn)

    def cost(self, problem: MeshPair) -> Cost:
        """Eigenfunctions, distances and matrices between all vertices; time as measured."""
        n, m, k = len(problem.source), len(problem.target), self.n_eig
        both, judged = n + m, 0 if problem.truth is None else min(m, PROBES)
        steps = len(sizes(self.k0, self.zoom_step, k)) + 1
        output = 8 * (both * self.n_wks + k * k + 12 * m + 5 * judged + 4 * k + 4 * steps)
        memory = output + 8 * both * (4 * k + 60) + 4 * judged * n + 8 * self.k0**3 + 20_000_000
        work = matching_work(n, m, k, self.k0, steps) + 600.0 * judged * n
        if isinstance(self.level, Soft):
            stored = n * m <= MOST_STORED
            memory += 8 * n * m if stored else 0
            work += (3000.0 if stored else 3e5) * n * m
        if isinstance(self.level, Learned):
            learned = self.level.steps + self.level.refine
            memory += 16 * 8 * n * m + 8 * both * 40 * WIDTH
            output += 40 * learned
            work += learned * (500.0 * n * m + 8.0 * both * WIDTH * (k + 2 * WIDTH))
        return Cost(int(memory), int(output), work)
