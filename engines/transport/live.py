"""What is shown of a plan while its potentials are still on their way."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engines.figure import Figure, Points, Segments
from engines.transport.cost import GridCost, PointCost, grid_points
from engines.transport.figures import Plane, heat_map, order
from engines.transport.problem import CostMatrix, Data, points
from engines.transport.softmin import SoftMin
from engines.transport.summary import plan_blocks

# A sample of so many sources and targets is drawn, so that looking on costs nothing at any size.
SAMPLE = 200


class Live:
    """Pictures of the plan between a few of the sources and targets that have mass."""

    def __init__(self, problem: Data, soft: SoftMin) -> None:
        self._problem, self._soft = problem, soft

    @cached_property
    def _some(self) -> tuple[Tensor, Tensor]:
        """Indices of the sample, in the order of the heat map."""
        found = []
        for way, mass in zip(order(self._problem), (self._soft.a, self._soft.b), strict=True):
            kept = way[mass.cpu().numpy()[way] > 0]
            found.append(torch.as_tensor(kept[:: -(-len(kept) // SAMPLE)], device=mass.device))
        return found[0], found[1]

    @cached_property
    def _sampled(self) -> PointCost:
        cost = self._soft.cost
        if isinstance(cost, GridCost):
            cost = grid_points(cost)
        return cost.between(*self._some)

    def plan(self, epsilon: float, f: Tensor, g: Tensor) -> Figure:
        """The heat map of the plan between the sampled points."""
        return heat_map(self._problem, self._part(epsilon, f, g), "Transport plan, running")

    def arrows(self, epsilon: float, f: Tensor, g: Tensor) -> Figure:
        """Where the sampled sources go, judged by the sampled targets."""
        assert not isinstance(self._problem, CostMatrix)
        x, y = points(self._problem)
        rows, cols = (some.cpu().numpy() for some in self._some)
        part = self._part(epsilon, f, g)
        plane = Plane(x, y)
        (x0, y0), target = plane(x[rows], 0), plane(y[cols], 1)
        x1, y1 = plane(part @ y[cols] / part.sum(1, keepdims=True), 1)
        panel = plane.panel(
            Points(x=x0, y=y0, name="source", role="guide"),
            Points(x=target[0], y=target[1], name="target", role="reference"),
            Segments(x0=x0, y0=y0, x1=x1, y1=y1, name="mass", arrows=True),
        )
        caption = "Where some of the source points are sent, while the plan is still changing."
        return Figure("displacement", "Displacement, running", (panel,), caption)

    def _part(self, epsilon: float, f: Tensor, g: Tensor) -> np.ndarray:
        rows, cols = self._some
        here = f[rows] / epsilon + self._soft.log_a[rows]
        there = g[cols] / epsilon + self._soft.log_b[cols]
        blocks = plan_blocks(self._sampled, epsilon, here, there)
        return torch.cat([plan for _, plan, _ in blocks]).cpu().numpy()
