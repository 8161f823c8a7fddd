"""Entropy-bounded information maximisation: the code of few bits that tells most of a variable."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engines.context import Context
from engines.figure import Figure, Line
from engines.method import Cost, Example, Expect, Method, Paper, param
from engines.problem import Status
from engines.transport import coupling_figures as figures
from engines.transport.couplings import (
    Distribution,
    Marginals,
    cameraman,
    coins,
    die,
    probabilities,
    three_symbols,
)
from engines.transport.encoders import Code, Coder, Search, greedy_bound, rates_down
from engines.transport.entropy import entropy, mutual_information


class EntropyBoundedInformation(Method):
    """A code T of a discrete variable X that keeps as much of X as a given entropy allows.

    maximise  I(X;T)   over  p(t|x)   subject to  H(T) ≤ R

        T = g(X):  I(X;T) = H(T);  merging masses a, b costs a log₂(1 + b/a) + b log₂(1 + a/b) bit

    Shows what a variable is worth at every rate. The greedy search merges the two smallest masses
    if that meets R, else the two largest, and repeats; it misses R by h(p₂) at most, with h the
    binary entropy and p₂ the second largest probability. The portfolio looks at all partitions of
    up to 8 symbols, else at those on the way of merging the largest, merging the smallest, and
    grouping neighbours. To refine means that a part of one symbol moves to another group, so that
    H(T) meets R: out of a group for a code of its own, or from the lightest group to the heaviest.

    Time n² for the search and n per rate, memory n²; on a CPU in float64.
    Good values: the defaults; `greedy` without refining is the published algorithm.
    Becomes the identity for R ≥ H(X) and a constant for R = 0. Where every code is a partition,
    R is met only by luck, so the curve of the greedy search has steps.
    Pitfalls: the best code at one rate need not refine the best at a lower one; neighbours mean
    something for grey values, and nothing for words.
    """

    title: ClassVar[str] = "Entropy-bounded information"
    papers: ClassVar[tuple[Paper, ...]] = (
        Paper(
            "M. R. Ebrahimi, J. Chen, A. Khisti",
            2024,
            "Minimum entropy coupling with bottleneck",
            arxiv="2410.21666",
            venue="NeurIPS",
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "cameraman",
            "Grey values of a photograph",
            cameraman,
            {"rate": 2.0},
            "32 bins of 4.3 bit in two bits: which grey values may be confused?",
        ),
        Example(
            "die",
            "A die with 16 faces",
            die,
            {"rate": 3.0},
            "Eight pairs of faces use three bits fully; greedy merging reaches 2.906 of them.",
            {"information": Expect(3.0, 1e-9, "closed form: log₂ 8 equal pairs")},
        ),
        Example(
            "coins",
            "Heads among 20 coins",
            coins,
            {"rate": 1.0},
            "Ten heads or fewer, or more: 0.978 bit. Even or odd, not tried, would be a whole bit.",
        ),
        Example(
            "three_symbols",
            "Three symbols",
            three_symbols,
            {"rate": 0.7},
            "Five partitions, and what lies between them: 0.640 bit at a rate of 0.7.",
        ),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {},
        "default": {},
        "paper": {"encoder": "greedy", "refine": False},
    }

    rate: float | None = param(
        None, "R", "largest entropy of the code; empty: H(X)/2", unit="bit", ge=0
    )
    encoder: Search = param(
        "portfolio",
        "search",
        "greedy merging, groups of neighbours, or the best of many partitions",
    )
    refine: bool = param(True, "", "move part of one symbol, so that the rate is used fully")
    normalise: bool = param(False, "Σ", "divide p by its sum, so that counts will do")
    tol: float = param(
        1e-12, "τ", "bits by which rounding may exceed R", unit="bit", ge=0, le=1e-3, expert=True
    )

    def run(self, problem: Distribution | Marginals, ctx: Context) -> Code:
        """Search codes, take the best at the rate, then follow the rate from H(X) to 0."""
        p = probabilities("p", problem.p, self.normalise)
        coder = Coder(p, self.encoder, self.refine, self.tol)
        peer = Coder(p, "greedy", False, self.tol)
        for some in (coder, peer):
            some.search(ctx)
        h_x = entropy(p)
        rate = h_x / 2 if self.rate is None else self.rate
        joint = coder.joint(rate)
        ctx.show(_now, joint)
        rates = rates_down(h_x)
        curves = np.full((2, len(rates)), np.nan)
        with ctx.phase("rates"):
            for k in ctx.steps(len(rates)):
                curves[:, k] = [mutual_information(c.joint(rates[k])) for c in (coder, peer)]
                ctx.log(rate=rates[k], information=curves[0, k], greedy=curves[1, k])
                ctx.show(_trade_off, rates, curves)
        information = mutual_information(joint)
        return Code(
            status=Status.stopped if ctx.stopped else Status.completed,
            joint=joint,
            partition=joint.argmax(1),
            rates=rates,
            information_by_rate=curves[0],
            greedy_by_rate=curves[1],
            rate=rate,
            h_x=h_x,
            h_t=entropy(joint.sum(0)),
            information=information,
            gap=min(rate, h_x) - information,
            greedy_bound=greedy_bound(p),
            codes=joint.shape[1],
        )

    def figures(self, problem: Distribution | Marginals, result: Code) -> tuple[Figure, ...]:
        """The code, what other rates buy, and the marginals."""
        p = probabilities("p", problem.p, True)
        code = _now(result.joint)
        curves = np.stack([result.information_by_rate, result.greedy_by_rate])
        return (
            code,
            _trade_off(result.rates, curves, result.greedy_bound),
            figures.bars((p, "X"), (result.joint.sum(0), "T")),
        )

    def cost(self, problem: Distribution | Marginals) -> Cost:
        """All partitions that are looked at, and the joint distribution."""
        n = len(problem.p)
        output = 8 * n * (n + 1) + 10_000
        return Cost(4 * output + 20 * n * n + 5_000_000, output, 8000.0 * n * (n + 1000))


def _now(joint: np.ndarray) -> Figure:
    caption = (
        "Probability of each symbol (up) together with each code (right). Every row has one cell, "
        "except for a symbol that is coded at random."
    )
    return Figure("code", "Code", (figures.joint_panel(joint, ("X", "T")),), caption)


def _trade_off(rates: np.ndarray, curves: np.ndarray, bound: float = np.nan) -> Figure:
    caption = (
        "Information that the code keeps of X at each rate. Nothing keeps more than R; greedy "
        "merging without refinement keeps at least R - h(p₂)."
    )
    lines = (
        Line(x=rates, y=curves[0], name="I(X;T)"),
        Line(x=rates, y=curves[1], name="greedy merging", role="reference"),
        Line(x=rates, y=(rates - bound).clip(0), name="greedy at least", role="guide"),
    )
    return figures.trade_off(rates, *lines, bound=rates, caption=caption)
