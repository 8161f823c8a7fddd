"""Minimum entropy coupling: two discrete variables made to tell as much of each other as can be."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engines.context import Context
from engines.figure import Figure
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import Status
from engines.transport import coupling_figures as figures
from engines.transport.couplings import (
    Coupling,
    Marginals,
    Matching,
    die_and_coins,
    greedy_pairs,
    lower_bound,
    photographs,
    probabilities,
)
from engines.transport.entropy import entropy, mutual_information


class MinimumEntropyCoupling(Method):
    """A joint distribution of two given marginals, as little random as a greedy rule makes it.

    minimise  H(X,Y) = -Σ P_ij log₂ P_ij   subject to  P 1 = p,  Pᵀ 1 = q

        i = argmax p,  j = argmax q,  P_ij = min(p_i, q_j),  subtract it from both, repeat

    Shows how two variables of fixed frequencies can be tied together: I(X;Y) = H(X) + H(Y) -
    H(X,Y) grows by every bit that H(X,Y) falls. What is not yet matched is kept independent, so
    that every state on the way is a coupling. To find the minimum is NP-hard; the greedy coupling
    is within log₂(e)/e ≈ 0.53 bit of it, and the lower bound H(p ∧ q) tells how far at most.

    Time (n + m) log(n + m), memory n·m for the result; on a CPU in float64. At most n + m - 1
    pairs occur. Good values: there is nothing to set.
    Becomes the diagonal, H(X,Y) = H(X), for equal marginals, and the product where one side is
    certain. Pitfalls: the order of the symbols plays no role, so neighbouring bins need not be
    matched with neighbouring ones; frequencies that are equal are matched in an arbitrary order.
    """

    title: ClassVar[str] = "Minimum entropy coupling"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "M. Kocaoglu, A. G. Dimakis, S. Vishwanath, B. Hassibi",
            2017,
            "Entropic causality and greedy minimum entropy coupling",
            arxiv="1701.08254",
            venue="ISIT",
        ),
        Paper(
            "S. Compton, D. Katz, B. Qi, K. Greenewald, M. Kocaoglu",
            2023,
            "Minimum-entropy coupling approximation guarantees beyond the majorization barrier",
            arxiv="2302.11838",
            venue="AISTATS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "photographs",
            "Grey values of two photographs",
            photographs,
            story="Two histograms of 4.3 and 4.5 bit: coupled, the pair needs 4.9 instead of 8.8.",
        ),
        Example(
            "die_and_coins",
            "A die with 16 faces and 20 coins",
            die_and_coins,
            story="Equal faces are filled from the middle of the binomial outwards.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {}, "default": {}, "paper": {}}

    normalise: bool = param(False, "Σ", "divide p and q by their sums, so that counts will do")

    def run(self, problem: Marginals, ctx: Context) -> Coupling:
        """Match the largest probabilities that are left until none is."""
        p = probabilities("p", problem.p, self.normalise)
        q = probabilities("q", problem.q, self.normalise)
        matching = Matching(p, q)
        for _, match in zip(ctx.steps(None), greedy_pairs(p, q)):
            matching.add(*match)
            ctx.log(entropy=matching.entropies[-1], mass_left=matching.mass_left)
            ctx.show(_now, matching)
        joint = matching.joint()
        rows, cols, masses = (
            np.array(v) if v else None for v in (matching.rows, matching.cols, matching.masses)
        )
        errors = np.abs(joint.sum(1) - p).sum(), np.abs(joint.sum(0) - q).sum()
        return Coupling(
            status=Status.stopped if ctx.stopped else Status.completed,
            joint=joint,
            rows=rows,
            cols=cols,
            masses=masses,
            entropies=np.array(matching.entropies),
            h_x=entropy(p),
            h_y=entropy(q),
            h_xy=entropy(joint),
            information=mutual_information(joint),
            lower_bound=lower_bound(p, q),
            cells=int(np.count_nonzero(joint)),
            marginal_error=float(max(errors)),
        )

    def figures(self, problem: Marginals, result: Coupling) -> tuple[Figure, ...]:
        """The coupling, how it came about, and the marginals."""
        p, q = probabilities("p", problem.p, True), probabilities("q", problem.q, True)
        return (
            figures.coupling(p, q, result.joint),
            figures.matching(p, q, result),
            figures.bars((p, "X"), (q, "Y")),
        )

    def cost(self, problem: Marginals) -> Cost:
        """The joint distribution and a copy; the matches."""
        n, m = len(problem.p), len(problem.q)
        output = 8 * n * m + 40 * (n + m)
        return Cost(3 * output, output, 5.0 * n * m + 100.0 * (n + m))


def _now(matching: Matching) -> Figure:
    return figures.now(matching.joint())
