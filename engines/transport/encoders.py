"""Codes T of a discrete X with H(T) ≤ R: partitions of the symbols, and small moves away from them.

A partition has I(X;T) = H(T) = H. Where H misses the rate R, a part d of one symbol's probability
p_x moves from its group t to another: only that symbol is then coded at random.

    I(X;T) = H(T) - φ(d) - φ(p_x - d) + φ(p_x),    φ(u) = -u log₂ u
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engines.context import Context
from engines.problem import Result, array, metric, scalar
from engines.transport.entropy import binary_entropy, bits, entropy

Search = Literal["greedy", "uniform", "portfolio"]

# All partitions of 8 symbols are 4140, those of 9 are 21147.
MOST_EXHAUSTIVE = 8

# Halvings after which the interval in which d lies is as short as rounding.
HALVINGS = 60

# Rates at which a trade-off is drawn.
RATES = 50


@dataclass(frozen=True, kw_only=True)
class Code(Result):
    """A code T of X, and what codes of other rates keep of X."""

    joint: np.ndarray = array("x t", "probability of each symbol together with each code")
    partition: np.ndarray = array("x", "most frequent code of each symbol")
    rates: np.ndarray = array("rate", "rates of the trade-off", "bit")
    information_by_rate: np.ndarray = array("rate", "I(X;T) at that rate", "bit")
    greedy_by_rate: np.ndarray = array("rate", "I(X;T) of greedy merging at that rate", "bit")
    rate: float = metric("largest entropy allowed, R", "bit")
    h_x: float = metric("entropy of X", "bit")
    h_t: float = metric("entropy of the code T", "bit")
    information: float = metric("mutual information I(X;T)", "bit")
    gap: float = metric("what is missing, min(R, H(X)) - I(X;T)", "bit", better="lower")
    greedy_bound: float = metric("most that greedy merging can miss, h(p₂)", "bit")
    codes: int = scalar(0, "number of different codes")


@dataclass(frozen=True, kw_only=True)
class Relay(Result):
    """A coupling of X and Y through a code T, and the couplings at other rates."""

    joint_xt: np.ndarray = array("x t", "probability of each symbol of X with each code")
    joint_ty: np.ndarray = array("t y", "probability of each code with each symbol of Y")
    joint_xy: np.ndarray = array("x y", "probability of each pair of symbols")
    partition: np.ndarray = array("x", "most frequent code of each symbol of X")
    rates: np.ndarray = array("rate", "rates of the trade-off", "bit")
    encoder_by_rate: np.ndarray = array("rate", "I(X;T) at that rate", "bit")
    decoder_by_rate: np.ndarray = array("rate", "I(T;Y) at that rate", "bit")
    information_by_rate: np.ndarray = array("rate", "I(X;Y) at that rate", "bit")
    joint_by_rate: np.ndarray = array(
        "rate x_group y_group", "probability of pairs of neighbouring symbols at that rate"
    )
    rate: float = metric("largest entropy allowed, R", "bit")
    h_x: float = metric("entropy of X", "bit")
    h_y: float = metric("entropy of Y", "bit")
    h_t: float = metric("entropy of the code T", "bit")
    h_xy: float = metric("entropy of the pair (X, Y)", "bit")
    encoder_information: float = metric("mutual information I(X;T)", "bit")
    decoder_information: float = metric("mutual information I(T;Y)", "bit")
    information: float = metric("mutual information I(X;Y)", "bit")
    marginal_error: float = metric("larger of the L1 errors of both marginals", better="lower")


def rates_down(h_x: float) -> np.ndarray:
    """Rates from H(X), where nothing is lost, to 0, where nothing is left."""
    return np.linspace(h_x, 0, RATES)


@dataclass(frozen=True)
class Encoder:
    """Every symbol has a group; a part `moved` of one symbol's probability goes to another one."""

    labels: np.ndarray
    symbol: int = 0
    group: int = 0
    moved: float = 0.0

    def joint(self, p: np.ndarray) -> np.ndarray:
        """Joint distribution (n, number of codes) of X and T, every code having mass."""
        out = np.zeros((len(p), int(max(self.labels.max(), self.group)) + 1))
        out[np.arange(len(p)), self.labels] = p
        out[self.symbol, self.labels[self.symbol]] -= self.moved
        out[self.symbol, self.group] += self.moved
        return out[:, out.any(0)]


def partitions(p: np.ndarray, search: Search) -> Iterator[np.ndarray]:
    """The partitions that a search looks at, the group of each symbol. All p must be positive."""
    if search == "uniform":
        yield from _quantisers(len(p))
    elif search == "greedy":
        yield from _largest_merged(p)
    elif len(p) <= MOST_EXHAUSTIVE:
        yield from _all(len(p))
    else:
        yield from _largest_merged(p)
        yield from _smallest_merged(p)
        yield from _quantisers(len(p))


def _largest_merged(p: np.ndarray) -> Iterator[np.ndarray]:
    """The greedy order: all groups apart; the two smallest merged; the two largest merged; ….

    What two largest masses merge to stays the largest, so it takes in one symbol after another.
    """
    rank = np.empty(len(p), dtype=np.int64)
    rank[np.argsort(-p, kind="stable")] = np.arange(len(p))
    for k in range(len(p)):
        labels = np.maximum(rank - k, 0)
        yield labels
        if k < len(p) - 1:
            yield np.minimum(labels, len(p) - k - 2)


def _smallest_merged(p: np.ndarray) -> Iterator[np.ndarray]:
    """The two smallest masses merged again and again."""
    labels = np.arange(len(p))
    groups = [(mass, k) for k, mass in enumerate(p.tolist())]
    heapq.heapify(groups)
    while len(groups) > 1:
        (first, kept), (second, gone) = heapq.heappop(groups), heapq.heappop(groups)
        heapq.heappush(groups, (first + second, kept))
        labels = np.where(labels == gone, kept, labels)
        yield labels


def _quantisers(n: int) -> Iterator[np.ndarray]:
    """Neighbouring symbols together, the same number in every group, for n, n - 1, …, 1 groups."""
    for groups in range(n, 0, -1):
        yield np.arange(n) * groups // n


def _all(n: int) -> Iterator[np.ndarray]:
    """Every partition once: a symbol joins an earlier group or opens the next one."""

    def grow(start: tuple[int, ...]) -> Iterator[np.ndarray]:
        if len(start) == n:
            yield np.array(start)
            return
        for label in range(max(start) + 2):
            yield from grow((*start, label))

    return grow((0,))


class Coder:
    """Codes of X at any rate, from the partitions of one search."""

    def __init__(self, p: np.ndarray, search: Search, refine: bool, tol: float) -> None:
        self._p, self._search, self._refine, self._tol = p, search, refine, tol
        self._some = p > 0
        self._found = Candidates(p[self._some])

    def search(self, ctx: Context) -> None:
        """Take in one partition after another."""
        with ctx.phase(f"{self._search} search"):
            for _, labels in zip(ctx.steps(None), partitions(self._p[self._some], self._search)):
                ctx.log(entropy=self._found.add(labels))

    def joint(self, rate: float) -> np.ndarray:
        """Joint distribution of X and the best T; symbols without probability have no code."""
        found, refine, tol = self._found, self._refine, self._tol
        if self._search == "greedy":
            found = found.first(rate, tol)
        inside = found.best(rate, refine, tol).joint(self._p[self._some])
        out = np.zeros((len(self._p), inside.shape[1]))
        out[self._some] = inside
        return out


class Candidates:
    """Partitions of X, ready to be asked for the best code at any rate."""

    def __init__(self, p: np.ndarray) -> None:
        self._p = p
        self._labels: list[np.ndarray] = []
        self._facts: list[tuple[float, ...]] = []
        # One group for all meets every rate, so there is an answer from the start.
        self.add(np.zeros(len(p), dtype=np.int64))

    @property
    def entropies(self) -> np.ndarray:
        """H(T) = I(X;T) of each partition."""
        return np.array([facts[0] for facts in self._facts])

    def add(self, labels: np.ndarray) -> float:
        """Take a partition in; its entropy."""
        p, masses = self._p, np.bincount(labels, self._p, minlength=len(self._p))
        # To raise the entropy: the symbol that is the smallest part of its group leaves it.
        part = p / masses[labels]
        leaver = int(part.argmin())
        # To lower it: the smallest symbol of the lightest group joins the heaviest.
        light = int(np.where(masses > 0, masses, np.inf).argmin())
        heavy = int(np.where(np.arange(len(p)) == light, -1.0, masses).argmax())
        joiner = int(np.where(labels == light, p, np.inf).argmin())
        found = entropy(masses)
        self._labels.append(labels.astype(np.int16))
        up = (leaver, p[leaver], masses[labels[leaver]])
        down = (joiner, p[joiner], masses[light], heavy, masses[heavy])
        self._facts.append((found, *up, *down))
        return found

    def first(self, rate: float, tol: float) -> Candidates:
        """The first partition within the rate alone, in the order in which they were added."""
        inside = np.flatnonzero(self.entropies[1:] <= rate + tol)
        found = Candidates(self._p)
        if len(inside):
            found.add(self._labels[1 + inside[0]])
        return found

    def best(self, rate: float, refine: bool, tol: float) -> Encoder:
        """The code with the largest I(X;T), refined by one move where that wins over tol bits."""
        plain = np.where(self.entropies <= rate + tol, self.entropies, -np.inf)
        k = int(plain.argmax())
        best, found = Encoder(self._labels[k]), plain[k]
        for move in (self._leave, self._join) if refine else ():
            information, parts, symbols, groups = move(rate)
            k = int(information.argmax())
            if information[k] > found + tol:
                found = information[k]
                best = Encoder(self._labels[k], int(symbols[k]), int(groups[k]), float(parts[k]))
        return best

    def _leave(self, rate: float) -> tuple[np.ndarray, ...]:
        """Information after part of a symbol left its group: as much as the rate allows.

        Both H(T) and I rise with d, for the symbol is at most half of its group.
        """
        h, symbol, p_x, p_t = np.array(self._facts).T[:4]

        def entropies(d: np.ndarray) -> np.ndarray:
            return h - bits(p_t) + bits(p_t - d) + bits(d)

        d = _edge(lambda d: entropies(d) <= rate, np.zeros_like(h), p_x)
        d = np.where(entropies(p_x) <= rate, p_x, d)
        allowed = (h <= rate) & (2 * p_x <= p_t)  # a symbol alone in its group has no part to win
        found = np.where(allowed, entropies(d) - _scatter(d, p_x), -np.inf)
        return found, d, symbol, np.full(len(h), len(self._p))

    def _join(self, rate: float) -> tuple[np.ndarray, ...]:
        """Information after part of a symbol joined the heaviest group.

        H(T) falls with d and I first falls and then rises, so the best d is the smallest that
        meets the rate, or all of the symbol.
        """
        h, *_, symbol, p_x, p_l, heavy, p_h = np.array(self._facts).T

        def entropies(d: np.ndarray) -> np.ndarray:
            return h - bits(p_l) + bits((p_l - d).clip(0)) - bits(p_h) + bits(p_h + d)

        d = _edge(lambda d: entropies(d) <= rate, p_x, np.zeros_like(h))
        part, whole = entropies(d) - _scatter(d, p_x), entropies(p_x)
        d = np.where(whole > part, p_x, d)
        allowed = (h > rate) & (whole <= rate)
        return np.where(allowed, np.maximum(part, whole), -np.inf), d, symbol, heavy


def _edge(
    inside: Callable[[np.ndarray], np.ndarray], good: np.ndarray, bad: np.ndarray
) -> np.ndarray:
    """The last d inside on the way from a good to a bad end, by bisection."""
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        kept = inside(middle)
        good, bad = np.where(kept, middle, good), np.where(kept, bad, middle)
    return good


def _scatter(d: np.ndarray, p_x: np.ndarray) -> np.ndarray:
    """H(T|X) where a part d of the probability p_x of one symbol has another code."""
    return bits(d) + bits((p_x - d).clip(0)) - bits(p_x)


def greedy_bound(p: np.ndarray) -> float:
    """h(p₂), which R - I of the greedy search never exceeds; p₂ is the second largest of p."""
    return binary_entropy(float(np.sort(p)[-2])) if len(p) > 1 else 0.0
