"""Which data can stand for which array of a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.catalogue import ProblemCard, Slot

if TYPE_CHECKING:
    from workbench.data import Preview  # brings the readers

# Axes of a table that lists the coordinates of points: a picture could be read so, but is not.
COORDINATES = {"dim", "feature", "axis", "corner"}
# How well data suit an array: made for it, as they are, or as something else; 0 is not at all.
MADE_FOR, AS_THEY_ARE, AS_ELSE = 3, 2, 1
# First axes of the parts of a mesh; arrays made for one have an axis that ends so.
MESH = {"vertex", "face"}


def fit(slot: Slot, data: Preview) -> int:
    """How well data suit an array."""
    axes, needed = len(data.shape), sum(not d.endswith("?") for d in slot.dims)
    if needed <= axes <= len(slot.dims):
        if _made_for(slot, data):
            return MADE_FOR
        return AS_ELSE if _estranged(slot, data) else AS_THEY_ARE
    grey = data.dims[-1:] == ("channel",) and axes == len(slot.dims) + 1
    column = (axes, needed) == (1, 2)
    return AS_ELSE if grey or column else 0


def _made_for(slot: Slot, data: Preview) -> bool:
    kind = data.dims[0]
    return kind in MESH and any(dim.endswith(f"_{kind}") for dim in slot.dims)


def _estranged(slot: Slot, data: Preview) -> bool:
    """A picture read as points, points as a picture, or anything else as the faces of a mesh."""
    dims = set(slot.dims)
    picture, points = data.dims[:2] == ("y", "x"), data.kind == "points"
    faces = "face" in data.dims or "corner" in dims
    return (picture and bool(COORDINATES & dims)) or (points and "column?" in dims) or faces


def required(problem: ProblemCard) -> list[Slot]:
    """The arrays that have to be chosen; faces of a mesh come with its vertices."""
    return [slot for slot in problem.slots if not (slot.optional or slot.beside)]


def suited(problem: ProblemCard, data: Preview) -> list[str]:
    """The arrays, other than optional ones, that data suit best."""
    best = problem_fit(problem, data)
    return [s.name for s in problem.slots if best and not s.optional and fit(s, data) == best]


def problem_fit(problem: ProblemCard, data: Preview) -> int:
    """How well data suit the array of a problem, other than optional ones, that they suit best."""
    return max((fit(slot, data) for slot in problem.slots if not slot.optional), default=0)
