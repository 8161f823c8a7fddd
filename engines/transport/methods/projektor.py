"""Projektor: small samples of data sources tell which mixture of them to train on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from engines.context import Cancelled, Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import BadProblem, Status
from engines.transport import performance_figures as figures
from engines.transport.classifiers import Logistic, Neighbours, Network
from engines.transport.cost import one_thread
from engines.transport.labelled import LabelledSources, skewed_digits, spreads, unlike_units
from engines.transport.mixtures import (
    ExactDistance,
    Pool,
    SinkhornDivergence,
    grid_size,
    in_hull,
    simplex_grid,
)
from engines.transport.performance import (
    REGRESSORS,
    Forecast,
    Law,
    Regressor,
    Station,
    climb,
    coefficients,
    fit,
)
from engines.transport.pilot import MOST_NUMBERS, Pilot, medians

# More mixtures than this are no pilot study.
MOST_MIXTURES = 3000

# Mixtures beyond the coefficients of a regression, so that leaving one out says something.
SPARE = 2


class _Study:
    """What is measured at both sizes (size, mixture, repeat), NaN where it was not reached."""

    def __init__(self, sizes: tuple[int, int], mixtures: np.ndarray, repeats: int) -> None:
        self.sizes, self.mixtures = sizes, mixtures
        self.far = np.full((2, len(mixtures), repeats), np.nan)
        self.right = np.full_like(self.far, np.nan)
        self.known: dict[str, Any] = {}

    @property
    def distance(self) -> np.ndarray:
        """Median distances, (size, mixture)."""
        return medians(self.far)

    @property
    def accuracy(self) -> np.ndarray:
        """Median accuracies, (size, mixture)."""
        return medians(self.right)

    def now(self) -> Figure:
        """What is known so far."""
        title = "Accuracy and distance, running"
        return figures.scatter(np.array(self.sizes), self.distance, self.accuracy, title)

    def result(self, fits: int, status: Status) -> Forecast:
        """What was found."""
        distance, accuracy = self.distance, self.accuracy
        known = dict(self.known)
        if np.isfinite(accuracy[1]).all() and np.ptp(accuracy[1]) and np.ptp(distance[1]):
            known["correlation"] = float(np.corrcoef(distance[1], accuracy[1])[0, 1])
        return Forecast(
            sizes=np.array(self.sizes),
            mixtures=self.mixtures,
            distance=distance,
            accuracy=accuracy,
            fits=fits,
            status=status,
            **known,
        )


class Projektor(Method):
    """Which mixture of data sources to train on, told from small samples by optimal transport.

    From n₀ and n₁ samples of mixtures p of the sources, at each of both sizes,

        accuracy(p, n) ≈ c₀ + Σ_i (b₂ᵢ p_i² + b₁ᵢ p_i + b₀) OT(p, n) + Σ_i (c₂ᵢ p_i² + c₁ᵢ p_i)

    where OT is the transport cost to the validation set of |x - z|² + λ W₂²(class of x, class of
    z). A straight line in ln n then leads to the size wanted,

        accuracy(p, n) = [ln(n/n₀) accuracy(p, n₁) - ln(n/n₁) accuracy(p, n₀)] / ln(n₁/n₀)

    and the shares climb its gradient, ∂OT/∂p_i being the mean price u that the dual of transport
    puts on samples of source i, with a projection on the simplex after each step.

    Shows that distance to the validation predicts accuracy before the data are bought, and how
    little more the shares tell: `ot_only` regresses on the distance alone, `pq` adds the columns
    p_i, p_i OT and p_i² OT of all sources but the last, `pq_full` all terms; `auto` takes what
    predicts left-out mixtures best. The mixture of least distance is the baseline to beat.

    Cost: 2·repeats·mixtures transports of n × (validation) and as many models, then two transports
    for each step. Memory: samples × validation. All in float64.
    Good values: a ridge of 1; n₁ = 1.5 n₀; ten divisions. For n_target = n₁ the prediction is that
    of the first stage; λ = 0 leaves the plain W₂² of the features.

    Pitfalls: fitted shares extrapolate wildly beyond the mixtures that were tried, distance alone
    does not; at n = 4 n₁ the line in ln n has multiplied the noise of both pilots by more than 5
    (raise repeats or n₁); draws are with replacement, so a small source repeats itself; penalised
    models and networks learn little of features far from size 1 (standardise them); prices of
    single samples are not unique where weights are equal (sinkhorn_div has smooth ones).
    """

    title: ClassVar[str] = "Projektor: accuracy from distance"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "F. Kang, H. A. Just, A. K. Sahu, R. Jia",
            2023,
            "Performance scaling via optimal transport: enabling data selection from partially "
            "revealed sources",
            arxiv="2307.02460",
            venue="NeurIPS",
        ),
        Paper(
            "D. Alvarez-Melis, N. Fusi",
            2020,
            "Geometric dataset distances via optimal transport",
            arxiv="2002.02923",
            venue="NeurIPS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "skewed_digits",
            "Digits from three one-sided sources",
            skewed_digits,
            {"start": "farthest"},
            "One source has mostly the digits 0 to 3, one 4 to 6, one 7 to 9. Accuracy falls with "
            "the distance, and the least distance lies near equal classes: 40, 30, 30 %.",
        ),
        Example(
            "skewed_digits_knn",
            "The same with nearest neighbours",
            skewed_digits,
            {"model": {"kind": "knn", "k": 3}},
            "Another model on the same draws: the distance knows nothing of the model.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {"divisions": 5, "repeats": 1, "steps": 40},
        "default": {},
        "paper": {
            "n0": 1000,
            "n1": 1500,
            "n_target": 5000,
            "distance": {"kind": "sinkhorn_div"},
            "regressor": "pq",
            "ridge": 0.0,
            "step_size": 5e-4,
            "decay": 0.9,
        },
    }

    n0: int = param(150, "n₀", "samples of the smaller pilot", ge=50, log=True)
    n1: int = param(225, "n₁", "samples of the larger pilot, above n₀", ge=51, log=True)
    n_target: int = param(900, "n", "samples for which accuracy is predicted", ge=51, log=True)
    divisions: int = param(10, "k", "steps from 0 to 1 along each share of the grid", ge=2, le=20)
    max_share: float = param(
        1.0, "p_max", "largest share of one source in the mixtures that are tried", gt=0, le=1
    )
    repeats: int = param(3, "R", "draws of each mixture, of which the median is taken", ge=1, le=20)
    model: Logistic | Neighbours | Network = param(Logistic(), "model", "what is trained")
    label_weight: float = param(
        1.0, "λ", "weight of the distance between classes in the cost", ge=0, le=1e6
    )
    distance: ExactDistance | SinkhornDivergence = param(
        ExactDistance(), "distance", "how far a draw is from the validation"
    )
    regressor: Literal["auto", "ot_only", "pq", "pq_full"] = param(
        "auto", "regressor", "terms of the regression; auto: those that predict best"
    )
    ridge: float = param(1.0, "α", "penalty of the regression on terms of variance 1", ge=0, le=100)
    select_by: Literal["accuracy", "distance"] = param(
        "accuracy", "climb", "whether predicted accuracy rises or the distance falls"
    )
    start: Literal["equal", "farthest"] = param(
        "equal", "start", "where the climb begins: equal shares, or the mixture of most distance"
    )
    step_size: float = param(0.05, "η", "first step of the shares", gt=0, le=1, log=True)
    steps: int = param(100, "K", "most steps", ge=1, le=10_000)
    decay: float = param(0.97, "γ", "factor from step to step", gt=0, le=1)
    verify: bool = param(
        True, "verify", "also train on n samples of the choices, to compare with the prediction"
    )
    standardise: bool = param(
        False, "standardise", "divide each feature by its standard deviation over all samples"
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.n0 < self.n1 <= self.n_target:
            raise ValueError(
                f"n0, n1 and n_target are {self.n0}, {self.n1} and {self.n_target}; n0 must be "
                "below n1, and n1 at most n_target; change one of them"
            )
        return self

    def run(self, problem: LabelledSources, ctx: Context) -> Forecast:
        """Try mixtures at two sizes, fit, climb, and try the choices."""
        mixtures = self._mixtures(problem)
        regressors = self._regressors(mixtures)
        self._caution(problem, ctx)
        unit = np.ones(problem.features.shape[1])
        if self.standardise:
            unit = spreads(problem.features, problem.validation_features)
        pool = Pool.of(problem, self.label_weight, unit, ctx.check)
        pilot = Pilot(pool, self.model, self.distance, ctx)
        study = _Study((self.n0, self.n1), mixtures, self.repeats)
        ctx.show(study.now)
        with one_thread(ctx.device.type == "cpu"), suppress(Cancelled):
            self._try_mixtures(study, pilot, ctx)
            law = self._fit(study, regressors)
            self._select(study, pilot, law, ctx)
            self._try_choices(study, pilot, law, ctx)
        return study.result(pilot.fits, Status.stopped if ctx.stopped else Status.completed)

    def _mixtures(self, problem: LabelledSources) -> np.ndarray:
        sources = len(np.unique(problem.source))
        count = grid_size(sources, self.divisions)
        if count > MOST_MIXTURES:
            raise BadProblem(
                f"{sources} sources and {self.divisions} divisions make {count} mixtures; there "
                f"must be at most {MOST_MIXTURES}; lower divisions"
            )
        grid = simplex_grid(sources, self.divisions)
        return grid[(grid <= self.max_share + 1e-9).all(1)]

    def _regressors(self, mixtures: np.ndarray) -> list[Regressor]:
        """Distance alone and what is asked for, as far as the mixtures determine all coefficients.

        The one that is asked for must be among them.
        """
        count, sources = mixtures.shape
        asked: list[Regressor] = list(REGRESSORS)
        if self.regressor != "auto":
            asked = [r for r in REGRESSORS if r in ("ot_only", self.regressor)]
        needed = {r: coefficients(r, sources) + SPARE for r in asked}
        wanted: Regressor = "ot_only" if self.regressor == "auto" else self.regressor
        if count < needed[wanted]:
            way = "" if wanted == "ot_only" else "use regressor=ot_only, or "
            raise BadProblem(
                f"there are {count} mixtures, {needed[wanted] - SPARE} coefficients; there must "
                f"be at least {SPARE} mixtures more; {way}raise divisions or max_share"
            )
        return [r for r in asked if count >= needed[r]]

    def _caution(self, problem: LabelledSources, ctx: Context) -> None:
        told = unlike_units(problem.features, problem.validation_features)
        if told and not self.standardise:
            ctx.warn(told)
        numbers, sizes = np.unique(problem.source, return_counts=True)
        if sizes.min() < self.n1:
            ctx.warn(
                f"source {numbers[sizes.argmin()]:g} has {sizes.min()} samples, fewer than "
                f"n1 = {self.n1}: large shares of it hold the same samples again"
            )

    def _try_mixtures(self, study: _Study, pilot: Pilot, ctx: Context) -> None:
        """Draw each mixture at both sizes; measure how far it is, and train."""
        jobs = [
            (s, r, some)
            for r in range(self.repeats)
            for s, n in enumerate(study.sizes)
            for some in pilot.parts(len(study.mixtures), n)
        ]
        with ctx.phase("pilot"):
            for k in ctx.steps(len(jobs)):
                s, r, some = jobs[k]
                far, right = pilot.measure(study.mixtures[some], study.sizes[s])
                study.far[s, some, r], study.right[s, some, r] = far, right
                ctx.log(distance=far.mean(), accuracy=right.mean())
                ctx.show(study.now)
        ctx.check()

    def _fit(self, study: _Study, regressors: list[Regressor]) -> Law:
        """The regressions; the one to go on with."""
        distance, accuracy = study.distance, study.accuracy
        laws = {}
        for r in regressors:
            small, large = (
                fit(r, study.mixtures, d, acc, self.ridge)
                for d, acc in zip(distance, accuracy, strict=True)
            )
            laws[r] = Law(study.sizes, self.n_target, (small, large))
        errors = {r: law.error(accuracy) for r, law in laws.items()}
        best = min(regressors, key=lambda r: errors[r])
        taken = best if self.regressor == "auto" else self.regressor
        law, none = laws[taken], np.full_like(accuracy, np.nan)
        left_out = [laws[r].left_out if r in laws else none for r in REGRESSORS]
        study.known = {
            "left_out": np.stack(left_out),
            "coefficients": np.stack([f.plain() for f in law.fits]),
            "projected": law.stages(study.mixtures, distance)[:, -1],
            "note": f"regressor {taken}" + (" predicts best" if self.regressor == "auto" else ""),
            **{f"error_{r}": error for r, error in errors.items()},
        }
        return law

    def _select(self, study: _Study, pilot: Pilot, law: Law, ctx: Context) -> None:
        """Climb from equal shares, or from far away."""

        def judge(p: np.ndarray) -> Station:
            found = [pilot.distance(p, n) for n in study.sizes]
            far = np.array([[d.value] for d in found])
            study.known.setdefault("slope", found[1].derivative(p))
            up = law.gradient(p, found) if self.select_by == "accuracy" else -found[1].prices
            return Station(p, float(law.stages(p[None], far)[0, -1]), found[1].value, up)

        def look(way: list[Station]) -> None:
            path, far, predicted = figures.way_arrays(way)
            study.known |= {"path": path, "path_distance": far, "path_predicted": predicted}
            ctx.show(figures.way_now, way)

        sources = study.mixtures.shape[1]
        start = np.full(sources, 1 / sources)
        if self.start == "farthest":
            start = study.mixtures[study.distance[1].argmax()]
        with ctx.phase("select"):
            climb(start, judge, self.step_size, self.steps, self.decay, ctx, look)
        ctx.check()

    def _try_choices(self, study: _Study, pilot: Pilot, law: Law, ctx: Context) -> None:
        """Predict, and measure, the end of the way, the best of the grid, and simple mixtures."""
        known, sources = study.known, study.mixtures.shape[1]
        end = known["path"][-1]
        if not in_hull(study.mixtures, end):
            ctx.warn(
                "the mixture chosen lies outside all that were tried; there the regression is not "
                "to be trusted; raise max_share, or take the mixture of least distance"
            )
        near = study.mixtures[study.distance[1].argmin()]
        best = study.mixtures[known["projected"].argmax()]
        without = (1 - np.eye(sources)) / (sources - 1)
        choices = np.vstack([end, near, best, np.full(sources, 1 / sources), without])
        far = np.full((2, len(choices), self.repeats), np.nan)
        right = np.full((len(choices), self.repeats), np.nan)
        with ctx.phase("choices"):
            for r in ctx.steps(self.repeats):
                for s, n in enumerate(study.sizes):
                    far[s, :, r] = [pilot.distance(p, n).value for p in choices]
                if self.verify:
                    right[:, r] = pilot.accuracy(choices, self.n_target)
        ctx.check()
        stages, measured = law.stages(choices, np.median(far, axis=2)), np.median(right, axis=1)
        known |= {
            "choices": choices,
            "choice_sizes": np.array([*study.sizes, self.n_target]),
            "choice_predicted": stages,
            "choice_measured": measured if self.verify else None,
            "predicted_accuracy": float(stages[0, -1]),
            "measured_accuracy": float(measured[0]),
            "baseline_accuracy": float(measured[1]),
        }

    def figures(self, problem: LabelledSources, result: Forecast) -> tuple[Figure, ...]:
        """Accuracy over distance, mixtures and sizes, the choices, and the way to the first."""
        errors = [result.error_ot_only, result.error_pq, result.error_pq_full]
        chosen = int(np.nanargmin(errors)) if np.isfinite(errors).any() else 0
        if self.regressor != "auto":
            chosen = REGRESSORS.index(self.regressor)
        title = "Accuracy and distance"
        return (
            figures.scatter(result.sizes, result.distance, result.accuracy, title),
            *figures.mixtures(result, self.n_target),
            *figures.predicted(result, chosen),
            *figures.choices(result),
            *figures.sizes(result),
            *figures.way(result),
        )

    def cost(self, problem: LabelledSources) -> Cost:
        """The costs between all samples and the validation; one transport and model a draw."""
        (count, width), goal = problem.features.shape, len(problem.validation_features)
        sources, classes = len(np.unique(problem.source)), len(problem.classes)
        tried = min(grid_size(sources, self.divisions), MOST_MIXTURES)
        output = 8 * tried * 20 + 3000 * self.steps + 2_000_000

        def work(n: int) -> tuple[float, float]:
            return 240.0 * (n * goal) ** 1.115, 200.0 * n * (width + 1) * classes

        pilots = [sum(work(n)) * self.repeats * tried for n in (self.n0, self.n1)]
        steps = [work(n)[0] * (self.steps + 7 * self.repeats) for n in (self.n0, self.n1)]
        last = work(self.n_target)[1] * 7 * self.repeats * self.verify
        together = 40 * MOST_NUMBERS + 32 * self.n_target * (width + classes)
        memory = 8 * (3 * count * goal + goal**2 + 4 * (count + goal) * width) + together
        return Cost(memory + 2 * output, output, sum(pilots) + sum(steps) + last)
