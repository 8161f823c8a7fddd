"""Probability vectors, their greedy coupling of small entropy, and data to try it on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.sparse import csr_array

from engines.problem import BadProblem, Problem, Result, array, metric, scalar
from engines.transport.entropy import entropy
from engines.transport.problem import SAME_TOTAL

# A joint distribution of so many symbols on both sides takes 32 MB.
MOST_SYMBOLS = 2000

# Pixels of 0…255 in steps of 8, counted in two photographs: the "cameraman" (512 × 512) and the
# coins of Pompeii (303 × 384).
CAMERA = (
    *(9770, 6214, 11933, 32345, 9171, 3611, 2604, 1922, 1448, 1319, 1235, 1235, 1576, 1805, 2843),
    *(4554, 7390, 11341, 17243, 21363, 17323, 7589, 3816, 3718, 19799, 27260, 22547, 5322, 1530),
    *(891, 435, 992),
)
COINS = (
    *(64, 123, 1092, 6095, 9341, 8991, 8213, 7296, 6623, 5624, 5538, 5717, 4392, 4152, 4205, 4417),
    *(3990, 3423, 3757, 3845, 3940, 3697, 3383, 2829, 2077, 1440, 905, 597, 394, 154, 32, 6),
)


@dataclass(frozen=True, kw_only=True)
class Distribution(Problem):
    """One discrete variable X: a histogram, the frequencies of words, a fair die."""

    p: np.ndarray = array("x", "probability of each symbol of X")

    def check(self) -> None:
        """Refuse what is no probability."""
        _refuse("p", self.p)


@dataclass(frozen=True, kw_only=True)
class Marginals(Problem):
    """Two discrete variables X and Y whose joint distribution is open."""

    p: np.ndarray = array("x", "probability of each symbol of X")
    q: np.ndarray = array("y", "probability of each symbol of Y")

    def check(self) -> None:
        """Refuse what is no probability."""
        _refuse("p", self.p)
        _refuse("q", self.q)


@dataclass(frozen=True, kw_only=True)
class Coupling(Result):
    """A joint distribution of X and Y, and the pairs in the order in which they were matched."""

    joint: np.ndarray = array("x y", "probability of each pair")
    rows: np.ndarray | None = array("pair", "symbol of X of each match", optional=True)
    cols: np.ndarray | None = array("pair", "symbol of Y of each match", optional=True)
    masses: np.ndarray | None = array("pair", "probability of each match", optional=True)
    entropies: np.ndarray = array("matched", "H(X,Y) while the rest is independent", "bit")
    h_x: float = metric("entropy of X", "bit")
    h_y: float = metric("entropy of Y", "bit")
    h_xy: float = metric("entropy of the pair (X, Y)", "bit")
    information: float = metric("mutual information I(X;Y)", "bit")
    lower_bound: float = metric("no coupling has an entropy below this, H(p ∧ q)", "bit")
    cells: int = scalar(0, "pairs of symbols that can occur")
    marginal_error: float = metric("larger of the L1 errors of both marginals", better="lower")


def probabilities(name: str, values: np.ndarray, normalise: bool) -> np.ndarray:
    """Values of total 1, in float64; refuses another total unless it may be divided out."""
    p = values.astype(np.float64)
    total = float(p.sum())
    if not normalise and abs(total - 1) > SAME_TOTAL:
        raise BadProblem(
            f"the sum of {name} is {total:g}; it must be 1; switch normalise on, "
            f"or divide {name} by its sum"
        )
    return p / total


def _refuse(name: str, p: np.ndarray) -> None:
    place = int(p.argmin())
    if p[place] < 0:
        raise BadProblem(
            f"{name} is {p[place]:g} at index {place}; probabilities must be >= 0; "
            "correct the value or set it to 0"
        )
    if not p.any():
        raise BadProblem(f"the sum of {name} is 0; it must be above 0; give a symbol a probability")
    if len(p) > MOST_SYMBOLS:
        raise BadProblem(
            f"{name} has {len(p)} symbols; it must have at most {MOST_SYMBOLS}; "
            "merge rare symbols or neighbouring bins"
        )


def greedy_pairs(p: np.ndarray, q: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Match the largest remaining probabilities of both sides until one side is used up.

    The smaller of the two is used up exactly, so there are at most n + m - 1 matches, and
    rounding leaves nothing to be matched without end.
    """
    left, right = ([(-mass, i) for i, mass in enumerate(side) if mass > 0] for side in (p, q))
    heapq.heapify(left)
    heapq.heapify(right)
    while left and right:
        (a, i), (b, j) = left[0], right[0]
        mass = min(-a, -b)
        yield i, j, mass
        for side, rest, symbol in ((left, -a - mass, i), (right, -b - mass, j)):
            if rest > 0:
                heapq.heapreplace(side, (-rest, symbol))
            else:
                heapq.heappop(side)


def coupled(
    p: np.ndarray,
    q: np.ndarray,
    rows: Sequence[int] | np.ndarray,
    cols: Sequence[int] | np.ndarray,
    masses: Sequence[float] | np.ndarray,
) -> np.ndarray:
    """The joint distribution after some matches, what is not yet matched being independent."""
    i, j, mass = np.array(rows, int), np.array(cols, int), np.array(masses, float)
    joint, left, right = np.zeros((len(p), len(q))), p.copy(), q.copy()
    np.add.at(joint, (i, j), mass)
    # In the order of the matches these differences are those of the matching, exact zeros too.
    np.subtract.at(left, i, mass)
    np.subtract.at(right, j, mass)
    if left.any() and right.any():
        joint += np.outer(left, right / right.sum())
    return joint


class Matching:
    """The matches so far, and the entropy of X and Y while what is left is independent."""

    def __init__(self, p: np.ndarray, q: np.ndarray) -> None:
        self.p, self.q = p, q
        self.rows: list[int] = []
        self.cols: list[int] = []
        self.masses: list[float] = []
        self.entropies = [entropy(p) + entropy(q)]
        self._left, self._right, self.mass_left = p.copy(), q.copy(), 1.0
        self._matched, self._open = 0.0, self.entropies[0]

    def add(self, i: int, j: int, mass: float) -> None:
        """Take in one match."""
        self.rows.append(i)
        self.cols.append(j)
        self.masses.append(mass)
        left, right = float(self._left[i]), float(self._right[j])
        # The rest u vᵀ/r has the entropy Σ φ(u) + Σ φ(v) - φ(r), where φ(u) = -u log₂ u.
        before, after = entropy(np.array([left, right])), np.array([left - mass, right - mass])
        self._open += entropy(after) - before
        self._matched += entropy(np.array([mass]))
        self._left[i], self._right[j] = after
        self.mass_left = max(self.mass_left - mass, 0.0)
        now = self._matched + self._open - entropy(np.array([self.mass_left]))
        self.entropies.append(now)

    def joint(self) -> np.ndarray:
        """The joint distribution of X and Y."""
        return coupled(self.p, self.q, self.rows, self.cols, self.masses)


def greedy_coupling(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """The joint distribution (n, m) of all greedy matches."""
    return coupled(p, q, *zip(*greedy_pairs(p, q), strict=True))


def through(xt: np.ndarray, ty: np.ndarray) -> np.ndarray:
    """Joint distribution of X and Y where both depend on T alone; every code needs some mass.

    Codes are nearly functions of X, so that their joint distribution is mostly 0.
    """
    return csr_array(xt) @ (ty / xt.sum(0)[:, None])


def lower_bound(p: np.ndarray, q: np.ndarray) -> float:
    """H(p ∧ q): the entropy of the largest vector that both p and q majorise.

    Both marginals majorise their joint distribution, so that none has a smaller entropy.
    """
    size = max(len(p), len(q))
    sums = [
        np.cumsum(np.pad(np.sort(side)[::-1], (0, size - len(side)), constant_values=0.0))
        for side in (p, q)
    ]
    return entropy(np.diff(np.minimum(*sums), prepend=0.0).clip(0))


def photographs() -> Marginals:
    """Grey values of two photographs in 32 bins."""
    return Marginals(p=_shares(CAMERA), q=_shares(COINS))


def die_and_coins() -> Marginals:
    """A fair die with 16 faces, and the heads among 20 coins."""
    return Marginals(p=np.full(16, 1 / 16), q=coins().p)


def coins(n: int = 20) -> Distribution:
    """Number of heads among n fair coins."""
    return Distribution(p=np.array([comb(n, k) for k in range(n + 1)]) / 2**n)


def die(n: int = 16) -> Distribution:
    """A fair die with n faces."""
    return Distribution(p=np.full(n, 1 / n))


def cameraman() -> Distribution:
    """Grey values of a photograph in 32 bins."""
    return Distribution(p=_shares(CAMERA))


def three_symbols() -> Distribution:
    """Probabilities 0.7, 0.2, 0.1: small enough to check by hand."""
    return Distribution(p=np.array([0.7, 0.2, 0.1]))


def _shares(counts: tuple[int, ...]) -> np.ndarray:
    return np.array(counts) / sum(counts)
