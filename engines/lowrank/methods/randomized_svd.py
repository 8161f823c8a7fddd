"""Randomized SVD: a few products with random vectors find the large singular values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.lowrank import figures, peers
from engines.lowrank.factor import (
    EXACT_WORK,
    KRYLOV_BLOCK,
    RESIDUAL_BLOCK,
    Basis,
    energies,
    exact_spectrum,
    fixed_rank_bases,
    frobenius,
    growing_bases,
    optimal_errors,
    residual,
    singular_triplets,
)
from engines.lowrank.problem import (
    Image,
    LowRank,
    Matrix,
    Stack,
    decaying,
    hilbert,
    phantom,
    snapshots,
    sunset,
    waves,
)
from engines.method import Cost, Example, Expect, Method, Option, Paper, param
from engines.peer import Peer
from engines.problem import BadProblem, Status

# The indicator ‖A‖² − ‖W‖² subtracts nearly equal numbers: half of the digits are lost.
SMALLEST_TOL = {torch.float64: 1e-7, torch.float32: 3e-3}

LIMIT_NOTE = "the largest rank was reached before the tolerance; raise max_rank or loosen tol"


class FixedRank(Option):
    """A given rank: the k largest terms"""

    kind: Literal["rank"] = "rank"
    k: int = param(50, "k", "terms to keep", ge=1)
    oversample: int = param(10, "p", "random vectors beyond k, cut off at the end", ge=0, le=100)
    krylov: bool = param(
        False, "", "block Krylov: keep the vectors of all power steps, for the same products"
    )

    ended: ClassVar = Status.completed

    @property
    def most(self) -> int:
        """Largest number of terms to look at."""
        return self.k

    def refuse(self, shape: tuple[int, int], dtype: torch.dtype) -> None:
        """Raise BadProblem where a matrix of this shape has no such rank."""
        if self.k > min(shape):
            raise BadProblem(
                f"k is {self.k}; rank k must lie in 1..min(m,n) = {min(shape)}; "
                "lower k or load a larger matrix"
            )

    def bases(self, A: Tensor, n_power: int, rng: torch.Generator) -> Iterator[Basis]:
        """Ever better bases, the last one being that asked for."""
        return fixed_rank_bases(A, self.k + self.oversample, n_power, self.krylov, rng)

    def effort(self, shape: tuple[int, int], n_power: int) -> tuple[int, int]:
        """Columns of the last basis, products of A or Aᵀ with a vector."""
        width = min(self.k + self.oversample, *shape)
        if self.krylov:
            width = min(width * (n_power + 1), *shape)
            return width, 2 * width
        return width, (2 * n_power + 2) * width

    def steps(self, shape: tuple[int, int], n_power: int) -> int:
        """Number of bases."""
        width, _ = self.effort(shape, n_power)
        return math.ceil(width / KRYLOV_BLOCK) if self.krylov else n_power + 1

    def error(self, basis: Basis, norm: float) -> float:
        """Relative error of the best k terms inside the basis."""
        return _relative(norm**2 - energies(basis.W)[: self.k].sum(), norm)

    def rank(self, error: np.ndarray) -> int:
        """Number of terms to keep: all of those looked at."""
        return len(error)


class Tolerance(Option):
    """A given error: the fewest terms that reach it"""

    kind: Literal["tolerance"] = "tolerance"
    tol: float = param(1e-2, "τ", "largest relative Frobenius error", gt=0, lt=1, log=True)
    block: int = param(10, "b", "random vectors added at a time", ge=1, le=200)
    max_rank: int | None = param(None, "K", "stop at this rank; empty: min(m, n)", ge=1)

    ended: ClassVar = Status.limit_reached
    most: ClassVar = None

    def refuse(self, shape: tuple[int, int], dtype: torch.dtype) -> None:
        """Raise BadProblem where the tolerance or the rank limit makes no sense."""
        smallest = SMALLEST_TOL[dtype]
        if self.tol < smallest:
            raise BadProblem(
                f"tol is {self.tol:g}; it must be at least {smallest:g} in "
                f"{str(dtype).removeprefix('torch.')}: tolerance below what the running Frobenius "
                "indicator can resolve; use the full SVD"
            )
        if self.max_rank is not None and self.max_rank > min(shape):
            raise BadProblem(
                f"max_rank is {self.max_rank}; it must lie in 1..min(m,n) = {min(shape)}; "
                "lower it or leave it empty"
            )

    def bases(self, A: Tensor, n_power: int, rng: torch.Generator) -> Iterator[Basis]:
        """Ever larger bases."""
        return growing_bases(A, self.block, n_power, self.max_rank or min(A.shape), rng)

    def effort(self, shape: tuple[int, int], n_power: int) -> tuple[int, int]:
        """Columns and products where the run warns that the full SVD is cheaper, or the limit."""
        width = min(self.max_rank or min(shape), max(min(shape) // 3, self.block), *shape)
        return width, (2 * n_power + 2) * width

    def steps(self, shape: tuple[int, int], n_power: int) -> None:
        """Not known beforehand."""

    def error(self, basis: Basis, norm: float) -> float:
        """Relative error of the whole basis."""
        return _relative(norm**2 - frobenius(basis.W) ** 2, norm)

    def rank(self, error: np.ndarray) -> int:
        """Fewest terms that meet the tolerance, or all."""
        return min(1 + int(np.count_nonzero(error > self.tol)), len(error))


class RandomizedSVD(Method):
    """Singular value decomposition of a large matrix at the price of a few products with it.

    Y = A G with a Gaussian G, Q = orth(Y), q times Q = orth(A orth(Aᵀ Q)), then the SVD of the
    small B = Qᵀ A gives A ≈ (Q U_B) diag(s) Vᵀ.  With a tolerance instead of a rank, blocks of Q
    are added for what is still missing until ‖A‖² − ‖B‖² is small enough.

    Shows how fast power steps turn a random guess into the optimal approximation: each costs two
    passes over A and shrinks what is missing of direction j by (s_{l+1}/s_j)², l = k + p.

    Cost 2 m n (k + p)(2 q + 2) operations for a rank, memory one copy of A and three sets of
    k + p vectors.  The exact spectrum is computed for comparison while m n min(m, n) ≤ 5·10⁸.
    Precision: float32 suffices for s_k/s_1 > 10⁻⁵; a tolerance cannot be below 10⁻⁷ (float64) or
    3·10⁻³ (float32), because the running error is a difference of squares.
    Good values: p = 10, q = 2; q = 4 where the singular values fall slowly; krylov for nearly
    all digits.
    Becomes the exact truncated SVD for k + p = min(m, n), or as q → ∞.
    Pitfalls: singular vectors of nearly equal singular values are mixed, compare their span;
    where the spectrum falls slowly a tolerance needs so many terms that the full SVD is cheaper.
    A stop keeps the basis and still needs its SVD, which LAPACK does in one piece: 0.3 s on one
    core for 1000 terms, 3 s for 2000.
    """

    title = "Randomized SVD"
    peer_libraries = ("numpy", "sklearn")
    papers = (
        Paper(
            "N. Halko, P.-G. Martinsson, J. A. Tropp",
            2011,
            "Finding structure with randomness: probabilistic algorithms for constructing "
            "approximate matrix decompositions",
            arxiv="0909.4061",
            venue="SIAM Review 53",
        ),
        Paper(
            "W. Yu, Y. Gu, Y. Li",
            2018,
            "Efficient randomized algorithms for the fixed-precision low-rank matrix approximation",
            arxiv="1606.09402",
            venue="SIAM Journal on Matrix Analysis and Applications 39",
        ),
        Paper(
            "C. Musco, C. Musco",
            2015,
            "Randomized block Krylov methods for stronger and faster approximate singular value "
            "decomposition",
            arxiv="1504.05477",
            venue="NeurIPS",
        ),
    )
    examples = (
        Example(
            "sunset",
            "A painted sunset",
            sunset,
            {"target": {"kind": "tolerance", "tol": 0.005, "block": 4}},
            "A colour picture, rebuilt from stripes: the sky takes three terms, the ridges forty.",
        ),
        Example(
            "phantom",
            "Shepp-Logan head",
            phantom,
            {"target": {"kind": "rank", "k": 30}},
            "Sharp edges are not of low rank: the error falls slowly with the rank.",
        ),
        Example(
            "waves",
            "A film of waves",
            waves,
            {"target": {"kind": "rank", "k": 12}},
            "Eighty frames: two terms for each of the two sources, the drop takes the rest.",
        ),
        Example(
            "flow",
            "Snapshots of a flow",
            snapshots,
            {"target": {"kind": "rank", "k": 10}},
            "Proper orthogonal decomposition: ten patterns hold 98.8 % of the enstrophy.",
        ),
        Example(
            "slow_decay",
            "Singular values 1/j",
            lambda: decaying(600, 400, 1.0 / np.arange(1, 401)),
            {"n_power": 4},
            "The hard case: each power step wins a little. Try q = 0, and block Krylov.",
            {
                "relative_error": Expect(
                    float(
                        np.linalg.norm(1 / np.arange(51, 401))
                        / np.linalg.norm(1 / np.arange(1, 401))
                    ),
                    1e-3,
                    "closed form: the tail of Σ 1/j²",
                )
            },
        ),
        Example(
            "fast_decay",
            "Singular values 0.9ʲ",
            lambda: decaying(600, 400, 0.9 ** np.arange(1, 401)),
            {},
            "The easy case: one power step brings the error to the optimum.",
            {"relative_error": Expect(0.9**50, 1e-5, "closed form: 0.9⁵⁰")},
        ),
        Example(
            "hilbert",
            "Hilbert matrix",
            hilbert,
            {"target": {"kind": "rank", "k": 12}},
            "The singular values fall by a factor of about ten from one to the next.",
            {"relative_error": Expect(1.864886e-8, 1e-12, "eigenvalues to 70 digits")},
        ),
    )
    presets = {
        "quick": {"target": {"kind": "rank", "k": 10, "oversample": 5}, "n_power": 1},
        "default": {},
        "paper": {"target": {"kind": "rank", "k": 50, "oversample": 10}, "n_power": 2},
    }

    target: FixedRank | Tolerance = param(FixedRank(), "", "what decides how many terms are kept")
    n_power: int = param(2, "q", "power steps: each costs two passes and sharpens", ge=0, le=8)

    def run(self, problem: Matrix | Image | Stack, ctx: Context) -> LowRank:
        """Search a basis, then take the SVD of A inside it."""
        self.target.refuse(problem.shape, ctx.dtype)
        data = problem.as_matrix()
        exact = problem.spectrum if isinstance(problem, Matrix) else None
        if exact is None:
            exact = exact_spectrum(data)
        A, scale = _scaled(ctx.tensors(data))
        norm = frobenius(A) or 1.0

        def look(basis: Basis) -> None:
            ctx.show(figures.reconstruction_now, problem, basis, scale)
            ctx.show(figures.spectrum_now, basis, scale, norm, exact)

        basis, trail, status = self._search(A, norm, ctx, look)
        U, s, V = singular_triplets(basis, self.target.most)
        rest = residual(A, U * s.to(U), V)
        # The residual is orthogonal to every term, so dropped terms add to it as in Pythagoras.
        dropped = np.append(np.cumsum(s.numpy()[:0:-1] ** 2)[::-1], 0.0)
        error = np.sqrt(rest**2 + dropped) / norm
        k = self.target.rank(error)
        trail = trail or [(basis.products, error[k - 1])]
        m, n = problem.shape
        return LowRank(
            U=U[:, :k],
            s=s[:k] * scale,
            V=V[:, :k],
            error=error[:k],
            spectrum=exact,
            products=[float(products) for products, _ in trail],
            progress=[reached for _, reached in trail],
            relative_error=float(error[k - 1]),
            optimal_error=math.nan if exact is None else float(optimal_errors(exact)[k - 1]),
            rank=k,
            compression_ratio=m * n / (k * (m + n + 1)),
            status=status,
            note=LIMIT_NOTE if status is Status.limit_reached else "",
        )

    def _search(
        self, A: Tensor, norm: float, ctx: Context, look: Callable[[Basis], None]
    ) -> tuple[Basis, list[tuple[int, float]], Status]:
        """The basis to use, (products, error) after each step, and how the search ended."""
        target, shape = self.target, (A.shape[0], A.shape[1])
        bases = target.bases(A, self.n_power, ctx.rng)
        basis = first = next(bases)
        trail = []
        slow = min(shape) / 3
        steps = ctx.steps(target.steps(shape, self.n_power))
        for _, basis in zip(steps, chain([first], bases)):
            error = target.error(basis, norm)
            trail.append((basis.products, error))
            ctx.log(rank=basis.columns, relative_error=error)
            look(basis)
            if isinstance(target, Tolerance):
                if error <= target.tol:
                    return basis, trail, Status.converged
                if basis.columns > slow:
                    ctx.warn("spectrum decays too slowly: full SVD is cheaper")
                    slow = math.inf
        if ctx.stopped:
            return basis, trail, Status.stopped
        return basis, trail, target.ended

    def figures(self, problem: Matrix | Image | Stack, result: LowRank) -> tuple[Figure, ...]:
        """Pictures first for pictures, the spectrum first for a table of numbers."""
        picture = figures.reconstruction(problem, result.U * result.s, result.V)
        spectrum = figures.spectrum(result.s, result.error, result.spectrum)
        work = figures.convergence(result.products, result.progress, result.optimal_error)
        if isinstance(problem, Matrix):
            return spectrum, work, picture
        return picture, spectrum, work

    def peers(self, problem: Matrix | Image | Stack, result: LowRank) -> tuple[Peer, ...]:
        """LAPACK or ARPACK, and scikit-learn's random vectors."""
        return peers.svd(self, problem, result)

    def cost(self, problem: Matrix | Image | Stack) -> Cost:
        """One copy of A, three sets of vectors; the exact spectrum where it is computed."""
        (m, n), size = problem.shape, math.prod(problem.shape)
        width, products = self.target.effort((m, n), self.n_power)
        exact = size * min(m, n) if size * min(m, n) <= EXACT_WORK else 0
        return Cost(
            memory=8 * (size * (3 if exact else 1) + 3 * width * (m + n) + RESIDUAL_BLOCK),
            output=8 * (width * (m + n + 2) + min(m, n)),
            work=2.0 * size * (products + width) + 3.0 * (m + n) * width * products + 4.0 * exact,
        )


def _scaled(A: Tensor) -> tuple[Tensor, float]:
    """A, divided in place by a power of two so that squares cannot overflow, and that power."""
    low, high = A.aminmax()
    peak = max(-float(low), float(high))
    if not math.isfinite(peak):
        raise BadProblem(
            f"the largest value is beyond {str(A.dtype).removeprefix('torch.')}; it must be below "
            f"{torch.finfo(A.dtype).max:.1g}; use float64 or divide the data by a constant"
        )
    scale = 2.0 ** (math.frexp(peak)[1] - 1)
    return A.div_(scale), scale


def _relative(squared: float, norm: float) -> float:
    """√squared / norm, where rounding can make the square negative."""
    return math.sqrt(max(float(squared), 0.0)) / norm
