"""Minimum entropy coupling through a code of limited entropy."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engines.context import Context
from engines.figure import Axis, Figure, Line
from engines.method import Cost, Example, Method, Paper, param
from engines.problem import Status
from engines.transport import coupling_figures as figures
from engines.transport.couplings import (
    Marginals,
    die_and_coins,
    greedy_coupling,
    photographs,
    probabilities,
    through,
)
from engines.transport.encoders import Coder, Relay, Search, rates_down
from engines.transport.entropy import entropy, mutual_information


class BottleneckCoupling(Method):
    """A coupling of X and Y that passes through a code T of at most R bit.

    maximise  I(X;Y)   subject to  X - T - Y,  X ~ p,  Y ~ q,  H(T) ≤ R

        I(X;Y) ≥ I(X;T) + I(T;Y) - H(T)
        encoder: max I(X;T), H(T) ≤ R      decoder: min H(T,Y)
        p(x,y) = Σ_t p(x,t) p(t,y)/p(t)

    Shows compression whose output has a distribution of its own: the frequencies q are met
    exactly, whatever the rate, and a lower rate makes the coupling more random. Encoder and
    decoder are those of entropy-bounded information and of the minimum entropy coupling, each near
    the optimum of its own part of the bound.

    Time n² + n·m for one rate and n·m for each of fifty more, memory n² + n·m; on a CPU in float64.
    Good values: the defaults; `greedy` without refining is the published algorithm.
    Becomes the minimum entropy coupling for R ≥ H(X) and independence for R = 0; never does
    I(X;Y) exceed R, H(X) or H(Y).
    Pitfalls: the bound is met only up to H(T|X) and H(T|Y), so that a code with a larger I(X;T)
    can end in a smaller I(X;Y); the curve over R is therefore not monotone.
    """

    title: ClassVar[str] = "Coupling with bottleneck"
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
            "photographs",
            "Grey values of two photographs",
            photographs,
            {"rate": 2.0},
            "Two bits of one picture choose the grey values of another, whose histogram is met.",
        ),
        Example(
            "die_and_coins",
            "A die with 16 faces and 20 coins",
            die_and_coins,
            {"rate": 1.0},
            "One bit, fully used: every number of heads tells which half of the faces it was.",
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
    normalise: bool = param(False, "Σ", "divide p and q by their sums, so that counts will do")
    tol: float = param(
        1e-12, "τ", "bits by which rounding may exceed R", unit="bit", ge=0, le=1e-3, expert=True
    )

    def run(self, problem: Marginals, ctx: Context) -> Relay:
        """Search codes, couple the best one with Y, then follow the rate from H(X) to 0."""
        p = probabilities("p", problem.p, self.normalise)
        q = probabilities("q", problem.q, self.normalise)
        coder = Coder(p, self.encoder, self.refine, self.tol)
        coder.search(ctx)
        h_x = entropy(p)
        rate = h_x / 2 if self.rate is None else self.rate
        xt, ty, xy = _relay(coder, rate, q)
        rates = rates_down(h_x)
        curves = np.full((3, len(rates)), np.nan)
        frames = np.zeros((len(rates), *figures.pixels(xy, figures.MOVIE_PIXELS).shape), np.float32)
        with ctx.phase("rates"):
            for k in ctx.steps(len(rates)):
                a, b, joint = _relay(coder, rates[k], q)
                curves[:, k] = [mutual_information(j) for j in (a, b, joint)]
                frames[k] = figures.pixels(joint, figures.MOVIE_PIXELS)
                ctx.log(rate=rates[k], information=curves[2, k], encoder=curves[0, k])
                ctx.show(_now, a, b, joint)
        return Relay(
            status=Status.stopped if ctx.stopped else Status.completed,
            joint_xt=xt,
            joint_ty=ty,
            joint_xy=xy,
            partition=xt.argmax(1),
            rates=rates,
            encoder_by_rate=curves[0],
            decoder_by_rate=curves[1],
            information_by_rate=curves[2],
            joint_by_rate=frames,
            rate=rate,
            h_x=h_x,
            h_y=entropy(q),
            h_t=entropy(xt.sum(0)),
            encoder_information=mutual_information(xt),
            decoder_information=mutual_information(ty),
            information=mutual_information(xy),
            h_xy=entropy(xy),
            marginal_error=float(max(abs(xy.sum(1) - p).sum(), abs(xy.sum(0) - q).sum())),
        )

    def figures(self, problem: Marginals, result: Relay) -> tuple[Figure, ...]:
        """The three couplings, what other rates buy, the coupling over the rate, marginals."""
        p, q = probabilities("p", problem.p, True), probabilities("q", problem.q, True)
        return (
            _now(result.joint_xt, result.joint_ty, result.joint_xy),
            _trade_off(result),
            _sweep(result),
            figures.bars((p, "X"), (result.joint_xt.sum(0), "T"), (q, "Y")),
        )

    def cost(self, problem: Marginals) -> Cost:
        """All partitions that are looked at, three joint distributions and a movie."""
        n, m = len(problem.p), len(problem.q)
        output = 8 * (n * n + 2 * n * m + n + m) + 4 * 50 * figures.MOVIE_PIXELS**2 + 10_000
        work = 8000.0 * n * (n + 1000) + 20_000.0 * n * m
        return Cost(3 * output + 20 * n * n + 5_000_000, output, work)


def _relay(coder: Coder, rate: float, q: np.ndarray) -> tuple[np.ndarray, ...]:
    """Joint distributions of X and T, T and Y, X and Y."""
    xt = coder.joint(rate)
    ty = greedy_coupling(xt.sum(0), q)
    return xt, ty, through(xt, ty)


def _now(xt: np.ndarray, ty: np.ndarray, xy: np.ndarray) -> Figure:
    sides = ((xt, ("X", "T")), (ty, ("T", "Y")), (xy, ("X", "Y")))
    caption = (
        "Probability of each pair: the encoder from X to T, the decoder from T to Y, and what both "
        "make of X and Y."
    )
    return Figure("couplings", "Couplings", tuple(figures.joint_panel(*s) for s in sides), caption)


def _trade_off(result: Relay) -> Figure:
    rates = result.rates
    lines = (
        Line(x=rates, y=result.information_by_rate, name="I(X;Y)"),
        Line(x=rates, y=result.encoder_by_rate, name="encoder I(X;T)", role="reference"),
        Line(x=rates, y=result.decoder_by_rate, name="decoder I(T;Y)", role="reference"),
    )
    caption = (
        "Information between X and Y at each rate, and that of the two halves of the way. Nothing "
        "exceeds the smaller of R and H(Y)."
    )
    bound = np.minimum(rates, result.h_y)
    return figures.trade_off(rates, *lines, bound=bound, caption=caption)


def _sweep(result: Relay) -> Figure:
    """Movie over the rate."""
    panel = figures.joint_panel(result.joint_by_rate, ("X", "Y"), "coupling of X and Y")
    caption = "Probability of each pair while the rate falls: few cells first, independence last."
    time = Axis("rate R", "bit")
    return Figure("sweep", "Falling rate", (panel,), caption, times=result.rates, time=time)
