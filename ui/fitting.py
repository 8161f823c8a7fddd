"""Which data can stand for which array of a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.catalogue import ProblemCard, Slot

if TYPE_CHECKING:
    from workbench.data import Preview  # brings the readers

# Axes of a table that lists the coordinates of points: a picture could be read so, but is not.
COORDINATES = {"dim", "feature"}


def fit(slot: Slot, data: Preview) -> int:
    """How well data suit an array: 2 as they are, 1 taken as something else, 0 not at all."""
    axes, needed = len(data.shape), sum(not d.endswith("?") for d in slot.dims)
    picture = data.dims[:2] == ("y", "x")
    if needed <= axes <= len(slot.dims):
        return 1 if picture and COORDINATES & set(slot.dims) else 2
    grey = data.dims[-1:] == ("channel",) and axes == len(slot.dims) + 1
    column = (axes, needed) == (1, 2)
    return int(grey or column)


def required(problem: ProblemCard) -> list[Slot]:
    """The arrays that a problem cannot do without."""
    return [slot for slot in problem.slots if not slot.optional]


def problem_fit(problem: ProblemCard, data: Preview) -> int:
    """How well data suit the required array of a problem that they suit best."""
    return max((fit(slot, data) for slot in required(problem)), default=0)
