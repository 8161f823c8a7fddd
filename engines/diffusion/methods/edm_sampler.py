"""The sampler of Karras et al. (2022): Heun's method down the noise levels, with churn."""

from __future__ import annotations

import math
from typing import Literal, Self

import torch
from pydantic import model_validator
from torch import Tensor

from engines.context import Context
from engines.diffusion import figures, peers, problem
from engines.diffusion.denoisers import CHUNK_VALUES, Denoiser, Exact, GaussianFit
from engines.diffusion.metrics import MOST_POINTS
from engines.diffusion.problem import DataSet, GaussianMixture, ImageSet, Samples
from engines.diffusion.sampling import CLOUD, PATHS, Step, initial_noise, sample
from engines.diffusion.schedules import Cosine, FlowMatching, Karras, LinearVP, LogUniform
from engines.diffusion.solvers import euler_step, heun_step
from engines.figure import Figure
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.peer import Peer

MOST_CHURN = math.sqrt(2) - 1  # a step never adds more noise than there is (paper, algorithm 2)
CALLS = 4e5  # operations in the time that the calls of an evaluation take, however few the pairs


class EDMSampler(Method):
    """Turns noise into samples by following the probability flow down the noise levels.

    dx/dσ = (x − D(x, σ))/σ = −σ ∇ log p_σ(x),   from x ~ N(mean, σ_max²) to σ_min, then to 0

    Shows how samples form, and how many evaluations of the denoiser D a solver needs: Heun's
    error falls with the square of the step, Euler's (the same as DDIM) in proportion to it.
    Churn adds fresh noise before a step and takes it away again, which forgets earlier errors.
    D is exact here, so every error is the sampler's own and not that of a trained network.
    Cost 2·n_steps − 1 evaluations for each sample (Heun, down to 0); one takes 4·n·d operations
    for n data points, 4·K·d² for K Gaussians. Memory about n·d, and at most 768 MiB on top.
    float64 below σ of 1 % of the data's size; float32 takes slower, safe distances there.
    Good values: 18 levels from σ_max well above the data's diameter; no churn, as D is exact.
    The exact score of a data set returns its points as σ → 0; a bandwidth gives new ones.
    Becomes exact as n_steps → ∞. Pitfall: σ_max below the data's size loses far-away modes.
    """

    title = "EDM sampler (Heun, Euler)"
    peer_libraries = ("diffusers",)
    papers = (
        Paper(
            "Karras, Aittala, Aila, Laine", 2022,
            "Elucidating the design space of diffusion-based generative models",
            arxiv="2206.00364", venue="NeurIPS",
        ),
    )  # fmt: skip
    examples = (
        Example(
            "gmm_ring8",
            "Ring of eight Gaussians",
            problem.gmm_ring8,
            {"n_samples": 1000, "ladder": True},
            "The density is known exactly, so the error of every number of steps can be measured.",
            {"mode_tv": Expect(0.0, 0.07, "exact score: every mode has its share")},
        ),
        Example(
            "digits8",
            "Digits out of noise",
            problem.digits8,
            {"n_samples": 64},
            "Noise turns into digits, and each of them is one of the 1437 in the data: "
            "a perfect denoiser memorises.",
            {"nn_distance": Expect(0.0, 1e-3, "exact score: every sample is a data point")},
        ),
        Example(
            "digits8_blurred",
            "New digits from a blurred data set",
            problem.digits8,
            {"n_samples": 64, "score": {"kind": "exact", "bandwidth": 0.25}},
            "Blurred by h = 0.25, the samples lie as far from the data as unseen digits do.",
        ),
        Example(
            "two_moons",
            "Two moons",
            problem.two_moons,
            {"n_samples": 1000, "score": {"kind": "exact", "bandwidth": 0.05}},
            "512 points, blurred a little, and 512 others kept aside to compare with.",
        ),
        Example(
            "spiral256",
            "Spiral of 256 points",
            problem.spiral256,
            {"n_samples": 1000},
            "Every sample ends on one of the points, on each about equally often.",
            {"nn_distance": Expect(0.0, 1e-3, "exact score: every sample is a data point")},
        ),
    )
    presets = {
        "quick": {"n_steps": 10, "n_samples": 256},
        "default": {},
        "paper": {"n_steps": 18},
        "paper_faces": {"n_steps": 40},
        "paper_imagenet": {
            "n_steps": 256, "S_churn": 40.0, "S_min": 0.05, "S_max": 50.0, "S_noise": 1.003,
        },
    }  # fmt: skip

    solver: Literal["heun", "euler"] = param("heun", "solver", "second or first order steps")
    n_steps: int = param(18, "N", "number of noise levels above 0", ge=2, le=1000)
    n_samples: int = param(512, "B", "number of samples", ge=1, le=1_000_000, log=True)
    schedule: Karras | LogUniform | LinearVP | Cosine | FlowMatching = param(
        Karras(), "σ(t)", "where the noise levels lie"
    )
    final_to_zero: bool = param(
        True, "σ_N = 0", "end with a step to σ = 0; it is of first order and hides Heun's second"
    )
    score: Exact | GaussianFit = param(Exact(), "∇ log p", "whose score is followed")
    ladder: bool = param(
        False, "ladder", "also sample in half, a quarter, … of the steps (only without churn)"
    )
    S_churn: float = param(0.0, "S_churn", "noise added in all steps together", ge=0, le=1e4)
    S_min: float = param(
        0.0, "S_min", "no churn below this noise level", unit="data", ge=0, expert=True
    )
    S_max: float = param(
        math.inf, "S_max", "no churn above this noise level", unit="data", ge=0, expert=True
    )
    S_noise: float = param(
        1.0, "S_noise", "inflation of the added noise", ge=0.5, le=2, expert=True
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.S_min > self.S_max:
            raise ValueError(
                f"S_min is {self.S_min:g}; it must not exceed S_max ({self.S_max:g}); lower S_min"
            )
        return self

    def run(self, problem: DataSet | ImageSet | GaussianMixture, ctx: Context) -> Samples:
        """Draw the samples and compare them with the data."""
        step = self._step(self.score.denoiser(problem, ctx), ctx)
        sigmas = self._sigmas(self.n_steps)
        if sigmas[0] < 3 * problem.spread:
            ctx.warn(
                f"sigma_max is {sigmas[0]:g}; it should be several times the spread of the data "
                f"({problem.spread:.3g}); raise it, or samples crowd around the mean"
            )
        start = initial_noise(problem, self.n_samples, sigmas[0], ctx)
        fewer = [self._sigmas(n) for n in self._rungs()]
        return sample(step, start, sigmas, fewer, problem, ctx)

    def figures(
        self, problem: DataSet | ImageSet | GaussianMixture, result: Samples
    ) -> tuple[Figure, ...]:
        """Samples, the movie from noise to samples, paths, distributions, levels, quality."""
        return figures.run_figures(problem, result)

    def peers(
        self, problem: DataSet | ImageSet | GaussianMixture, result: Samples
    ) -> tuple[Peer, ...]:
        """The schedulers of diffusers."""
        return peers.sampler(self, problem, result)

    def cost(self, problem: DataSet | ImageSet | GaussianMixture) -> Cost:
        """Count the state, the data, one piece of the pairwise values, evaluations and metrics."""
        batch, d = self.n_samples, problem.dimension
        work = self.score.work(problem)
        evaluations = sum([self.n_steps, *self._rungs()]) * (2 if self.solver == "heun" else 1)
        stored = 2 * min(batch, PATHS) * d + min(batch, CLOUD) * min(d, 2)
        output = 8 * (batch * (d + 1) + (self.n_steps + 1) * stored)
        # Both denoisers do 4 operations with each number they hold, and d of them make a value.
        held, values = work // 4, work // (4 * d)
        working = 6 * batch * d + 2 * held + 3 * min(batch * values, CHUNK_VALUES)
        compared = 2 * MOST_POINTS**2
        # Each pair takes an exponential as well.
        each = CALLS + float(batch) * (work + 60 * values)
        judged = 3e8 + 2.5e5 * batch  # distances to the reference, as measured
        return Cost(8 * (working + compared) + output, output, evaluations * each + judged)

    def _sigmas(self, n: int) -> list[float]:
        levels = self.schedule.levels(n)
        return [*levels.tolist(), 0.0] if self.final_to_zero else levels.tolist()

    def _rungs(self) -> list[int]:
        """Numbers of levels of the runs with fewer steps, the fewest first."""
        if not self.ladder or self.S_churn > 0:
            return []
        return [n for n in (self.n_steps // 8, self.n_steps // 4, self.n_steps // 2) if n >= 2]

    def _step(self, denoise: Denoiser, ctx: Context) -> Step:
        solve = heun_step if self.solver == "heun" else euler_step
        gamma = min(self.S_churn / self.n_steps, MOST_CHURN)

        def step(x: Tensor, sigma: float, to: float) -> tuple[Tensor, Tensor, int]:
            if gamma > 0 and self.S_min <= sigma <= self.S_max:
                noise = torch.randn(x.shape, dtype=torch.float64, generator=ctx.rng)
                higher = sigma * (1 + gamma)
                added = self.S_noise * math.sqrt(higher**2 - sigma**2)
                x, sigma = x + added * ctx.tensors(noise.numpy()), higher
            return solve(denoise, x, sigma, to)

        return step
