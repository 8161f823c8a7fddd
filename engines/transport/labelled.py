"""Data with classes: two domains of which one is labelled, and sources beside a validation."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from engines.problem import BadProblem, Problem, Result, array, metric, scalar
from engines.transport.problem import refuse_range

# A feature with more than this share of the variance is likely to be in a unit of its own.
UNLIKE = 0.99

# Whole numbers up to this are numbers of their own in float64.
MOST_LABEL = 2**53


@dataclass(frozen=True, kw_only=True)
class TwoDomains(Problem):
    """Labelled points of a source, and points of a target whose classes are to be found."""

    source: np.ndarray = array("source_point feature", "features of the labelled points")
    labels: np.ndarray = array("source_point", "class of each of them, a whole number")
    target: np.ndarray = array("target_point feature", "features of the points without labels")
    target_labels: np.ndarray | None = array(
        "target_point", "true class of each of these, only to judge the result by", optional=True
    )

    def check(self) -> None:
        """Refuse classes that are no whole numbers, and a source of one class."""
        _refuse_fractions("labels", self.labels)
        if self.target_labels is not None:
            _refuse_fractions("target_labels", self.target_labels)
        _refuse_one("labels", "class", self.labels)
        refuse_range(source=self.source, target=self.target)

    @property
    def classes(self) -> np.ndarray:
        """The classes of both domains, rising."""
        known = [self.labels] if self.target_labels is None else [self.labels, self.target_labels]
        return np.unique(np.concatenate(known)).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class LabelledSources(Problem):
    """Labelled samples of several sources in one table, and labelled samples to validate on."""

    features: np.ndarray = array("sample feature", "features of the samples of all sources")
    labels: np.ndarray = array("sample", "class of each sample, a whole number")
    source: np.ndarray = array("sample", "number of the source of each sample, a whole number")
    validation_features: np.ndarray = array(
        "validation_sample feature", "features of the samples that a model is judged by"
    )
    validation_labels: np.ndarray = array("validation_sample", "class of each of these")

    def check(self) -> None:
        """Refuse a single source, fractions, and classes that could never be learnt."""
        for name in ("labels", "source", "validation_labels"):
            _refuse_fractions(name, getattr(self, name))
        _refuse_one("source", "source", self.source)
        _refuse_one("validation_labels", "class", self.validation_labels)
        missing = np.setdiff1d(self.validation_labels, self.labels)
        if len(missing):
            raise BadProblem(
                f"validation_labels holds class {missing[0]:g}, which no source has; every class "
                "of the validation must occur in some source; add samples of it, or leave it out"
            )
        refuse_range(features=self.features, validation_features=self.validation_features)

    @property
    def classes(self) -> np.ndarray:
        """The classes of all samples, rising."""
        return np.unique(self.labels).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Adapted(Result):
    """The source moved to the target, and what its classes say about the target."""

    moved: np.ndarray = array("source_point feature", "where each source point is sent")
    partner: np.ndarray | None = array(
        "source_point", "target point that receives most of it", optional=True
    )
    plan: np.ndarray | None = array(
        "source_point target_point", "mass moved", "mass", optional=True
    )
    predicted: np.ndarray | None = array(
        "target_point", "class of the nearest moved points", optional=True
    )
    predicted_before: np.ndarray | None = array(
        "target_point", "class of the nearest source points as they were", optional=True
    )
    classes: np.ndarray = array("class", "the classes, in the order of the confusion matrices")
    confusion: np.ndarray | None = array(
        "class predicted_class", "target points of each true and predicted class", optional=True
    )
    confusion_before: np.ndarray | None = array(
        "class predicted_class", "the same without transport", optional=True
    )
    objective: np.ndarray | None = array(
        "iteration", "what is minimised, after each iteration", "cost", optional=True
    )
    accuracy: float = metric(
        "share of target points whose class is found after transport", better="higher"
    )
    accuracy_before: float = metric("share of target points whose class is found without it")
    purity: float = metric(
        "share of the mass from the class its target receives most from", better="higher"
    )
    cost: float = metric("mean squared way of the mass", "cost")
    marginal_error: float = metric(
        "larger of the L1 errors of both marginals", "mass", better="lower"
    )
    iterations: int = scalar(0, "plans that were computed")


def places(values: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """The index of each value among the rising `kinds`, all of which it is one of."""
    return np.searchsorted(kinds, values)


def spreads(*clouds: np.ndarray) -> np.ndarray:
    """Standard deviation of each feature over all clouds; 1 where there is none."""
    spread = np.concatenate(clouds).std(0, dtype=np.float64)
    return np.where(spread > 0, spread, 1.0)


def unlike_units(*clouds: np.ndarray) -> str:
    """What to tell about a feature that decides every distance alone; nothing where none does."""
    found = np.concatenate(clouds).var(0, dtype=np.float64)
    if len(found) == 1 or found.max() <= UNLIKE * found.sum():
        return ""
    return (
        f"feature {int(found.argmax()) + 1} of {len(found)} has {found.max() / found.sum():.2%} of "
        "the variance and decides every distance; switch standardise on, or give all one unit"
    )


def _refuse_fractions(name: str, values: np.ndarray) -> None:
    off = (values != np.round(values)) | (np.abs(values) > MOST_LABEL)
    if off.any():
        place = int(off.argmax())
        raise BadProblem(
            f"{name} is {values[place]:g} at index {place}; it must be a whole number below 2⁵³; "
            "number the groups 0, 1, 2, … or choose another column"
        )


def _refuse_one(name: str, kind: str, values: np.ndarray) -> None:
    if (values == values[0]).all():
        raise BadProblem(
            f"{name} holds only {kind} {values[0]:g}; it must hold at least two; "
            "load samples of another one"
        )


def turned_moons(degrees: float, n: int = 300) -> TwoDomains:
    """Two interleaved half circles of n points, and others of them turned about the origin."""
    source, labels = _moons(n, 0)
    target, truth = _moons(n, 1)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return TwoDomains(source=source, labels=labels, target=target @ turn, target_labels=truth)


def _moons(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points with noise 0.05 in random order, and which half circle each belongs to."""
    rng = np.random.RandomState(seed)  # draws the very points for which accuracies are published
    angle = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    upper = np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1)
    lower = np.stack([1 - np.cos(angle[1]), 0.5 - np.sin(angle[1])], axis=1)
    order = np.arange(n)
    rng.shuffle(order)
    points = np.concatenate([upper, lower])[order]
    return points + rng.normal(scale=0.05, size=points.shape), (order >= n // 2).astype(np.float64)


def faint_digits(n: int = 400) -> TwoDomains:
    """Handwritten digits, and other ones of a quarter of the contrast on a grey ground."""
    images, labels = _digits()
    order = np.random.default_rng(0).permutation(len(images))
    here, there = order[:n], order[n : 2 * n]
    return TwoDomains(
        source=images[here],
        labels=labels[here],
        target=0.5 + 0.25 * images[there],
        target_labels=labels[there],
    )


# How often each source has each digit: one has mostly 0 to 3, one 4 to 6, one 7 to 9.
SKEWED = (
    (0.2425,) * 4 + (0.005,) * 6,
    (0.0057,) * 4 + (0.32,) * 3 + (0.0057,) * 3,
    (0.0014,) * 7 + (0.33,) * 3,
)


def skewed_digits(size: int = 600) -> LabelledSources:
    """Three sources of handwritten digits, each with classes of its own, and 400 to validate on."""
    images, labels = _digits()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    validation, pool = order[:400], order[400:]
    drawn = []
    for profile in SKEWED:
        weights = np.array(profile)[labels[pool]]
        drawn.append(rng.choice(pool, size, p=weights / weights.sum()))
    rows = np.concatenate(drawn)
    return LabelledSources(
        features=images[rows],
        labels=labels[rows],
        source=np.repeat(np.arange(len(SKEWED)), size),
        validation_features=images[validation],
        validation_labels=labels[validation],
    )


def _digits() -> tuple[np.ndarray, np.ndarray]:
    """1797 pictures of 8 × 8 pixels between 0 and 1, each as a row, and what they show."""
    with (files("resources") / "data" / "digits8.npz").open("rb") as file:
        kept = np.load(file, allow_pickle=False)
        images, labels = kept["images"], kept["labels"]
    return images.reshape(len(images), -1) / 16.0, labels.astype(np.int64)
