"""From two surfaces to a vertex map: eigenfunctions, descriptors, a map of functions that grows.

What is found goes into a `Course`, so that a run that is stopped keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.problem import BadProblem
from engines.transport import shape_figures as figures
from engines.transport.functional_map import Side, sizes, zoom_out
from engines.transport.laplacian import Spectrum, heat_kernel, spectrum, wave_kernel
from engines.transport.mesh_pair import MeshPair
from engines.transport.shape_map import Course

Descriptor = Literal["wave_kernel", "heat_kernel"]

DESCRIPTORS: dict[Descriptor, Callable[[Spectrum, int], np.ndarray]] = {
    "wave_kernel": wave_kernel,
    "heat_kernel": heat_kernel,
}


class Sides(NamedTuple):
    """Both surfaces, and the descriptors of their vertices, in float64."""

    one: Side
    two: Side
    known: tuple[Tensor, Tensor]


def functions(problem: MeshPair, wanted: int, least: int) -> int:
    """Number of eigenfunctions that both meshes have; refuses those with less than `least`."""
    sides = (("source", len(problem.source)), ("target", len(problem.target)))
    name, size = min(sides, key=lambda side: side[1])
    if size < least + 2:
        raise BadProblem(
            f"{name} has {size} vertices; it must have at least k0 + 2 = {least + 2}; load a finer "
            "mesh, or lower k0"
        )
    return min(wanted, size - 2)


def matching_work(n: int, m: int, count: int, first: int, steps: int) -> float:
    """Operations for eigenfunctions and ZoomOut, as they were measured on one core."""
    return 4e8 + 30.0 * (n + m) * count**2 + 0.3 * n * m * (first + count) * steps


def describe(
    problem: MeshPair, count: int, kind: Descriptor, numbers: int, found: Course, ctx: Context
) -> Sides:
    """Eigenfunctions and descriptors of both sides."""
    ctx.show(figures.correspondence, problem, None)
    with ctx.phase("eigenfunctions"):
        for _, surface in zip(ctx.steps(2), problem.surfaces()):
            found.spectra.append(spectrum(*surface, count, ctx.check))
    ctx.check()
    found.descriptors = [DESCRIPTORS[kind](surface, numbers) for surface in found.spectra]
    one, two = (Side.of(surface, ctx) for surface in found.spectra)
    first, second = (torch.as_tensor(d).to(one.basis) for d in found.descriptors)
    return Sides(one, two, (first, second))


def grow(
    problem: MeshPair, first: Tensor, sides: Sides, step: int, found: Course, ctx: Context
) -> None:
    """ZoomOut from a first map, which is a stage of its own."""
    steps = 1 + len(sizes(len(first), step, len(sides.one.values)))
    maps = zoom_out(first, sides.one, sides.two, step, ctx)
    with ctx.phase("ZoomOut"):
        for k, (c, t) in zip(ctx.steps(steps), maps):
            ctx.log(**found.grow(c, t))
            ctx.show(figures.correspondence, problem, found.t)
            if k == 0:
                found.stage(t)
    ctx.check()
    found.stage(t)
