"""Pictures of sliced distances: how estimates scatter, why controls help, and the descent."""

from __future__ import annotations

import numpy as np
import torch

from engines.figure import Axis, Figure, Line, Mark, Panel, Points, Segments
from engines.transport.flow import movie, strip
from engines.transport.sliced import ESTIMATORS, Estimator, Slices, fit

NAMES = {
    "plain": "plain",
    "lcv": "lower control",
    "ucv": "upper control",
    "both": "both controls",
}
STATIONS = 60  # of a running mean
DOTS = 2000  # lines drawn


def errors(size: np.ndarray | None, values: np.ndarray | None, p: int) -> tuple[Figure, ...]:
    """Root mean squared error over the number of lines, for each estimator."""
    if size is None or values is None or len(size) < 2:
        return ()
    marks: list[Mark] = [
        Line(x=size, y=np.where(row > 0, row, np.nan), name=NAMES[name])
        for name, row in zip(ESTIMATORS, values)
    ]
    slope = values[0, 0] * np.sqrt(size[0] / size)
    marks.append(Line(x=size, y=np.where(slope > 0, slope, np.nan), name="1/√L", role="guide"))
    panel = Panel(
        tuple(marks),
        Axis("lines", scale="log"),
        Axis(f"error of {_power(p)}", "cost", scale="log"),
    )
    caption = (
        "Root mean squared error of estimates from so many lines, against the value from all "
        "lines drawn. A control lowers the curve; it does not change its slope."
    )
    return (Figure("errors", "Error against the number of lines", (panel,), caption),)


def spread(values: np.ndarray | None, reference: float, p: int) -> tuple[Figure, ...]:
    """Repeated estimates of each estimator, with the box of their quartiles."""
    if values is None:
        return ()
    marks: list[Mark] = []
    for i, (name, row) in enumerate(zip(ESTIMATORS, values)):
        across = i + 0.3 * np.linspace(-1, 1, len(row))
        marks.append(Points(x=across, y=row, name=NAMES[name], size=3.0))
        marks.append(_box(i, np.quantile(row, (0.25, 0.5, 0.75))))
    ends = np.array([-0.5, len(values) - 0.5])
    marks.append(Line(x=ends, y=[reference] * 2, name="all lines", role="reference"))
    panel = Panel(tuple(marks), Axis(ticks=False), Axis(_power(p), "cost"))
    caption = (
        "Each dot is an estimate from fresh lines, as many for each estimator; boxes hold the "
        "middle half. The line is the value from the lines of all repeats."
    )
    return (Figure("spread", "Repeated estimates", (panel,), caption),)


def _power(p: int) -> str:
    return "SW₂²" if p == 2 else f"SW_{p} to the power {p}"


def _box(place: float, quartiles: np.ndarray) -> Segments:
    low, middle, high = (float(q) for q in quartiles)
    left, right = place - 0.35, place + 0.35
    x0, x1 = [left, left, left, left, right], [right, right, right, left, right]
    y0, y1 = [low, middle, high, low, low], [low, middle, high, high, high]
    return Segments(x0=x0, y0=y0, x1=x1, y1=y1, role="reference")


def against_controls(seen: Slices, p: int) -> tuple[Figure, ...]:
    """Cost of each line against both controls, with the regression."""
    if p != 2 or not bool(seen.costs.isfinite().all()):
        return ()
    some = slice(None, None, -(-len(seen.costs) // DOTS))
    costs, panels = seen.costs[some].numpy(), []
    for name in ESTIMATORS[1:3]:
        control, _ = seen.controls(name)[0]
        found = fit(seen, name)
        x = control[some].numpy()
        ends = np.array([x.min(), x.max()])
        line = float(seen.costs.mean()) + float(found.coefficients[0]) * (
            ends - float(control.mean())
        )
        marks = (
            Points(x=x, y=costs, name="lines", size=3.0),
            Line(x=ends, y=line, name="regression", role="reference"),
        )
        title = f"{NAMES[name]}, correlation {float(found.explained) ** 0.5:.3f}"
        panels.append(Panel(marks, Axis("control", "cost"), Axis("W₂² of a line", "cost"), title))
    caption = (
        "Each dot is a random line. What the control explains is known on average and drops out; "
        "only the distance from the regression line remains as noise."
    )
    return (Figure("controls", "Costs against controls", tuple(panels), caption),)


def running(seen: Slices, name: Estimator, centred: bool, p: int) -> tuple[Figure, ...]:
    """Estimate ± 2 standard errors from ever more lines, with and without the control."""
    count = int(seen.costs.isfinite().sum())
    if count < 2:
        return ()
    return (_running(seen.part(count), name, centred, p, "Running estimate"),)


def live(seen: Slices, name: Estimator, centred: bool, p: int) -> Figure:
    """The same while lines are still being drawn."""
    return _running(seen, name, centred, p, "Running estimate, going on")


def _running(seen: Slices, name: Estimator, centred: bool, p: int, title: str) -> Figure:
    count = len(seen.costs)
    first = min(5, count)
    stations = np.unique(np.geomspace(first, count, STATIONS).round().astype(int))
    marks = []
    names: tuple[Estimator, ...] = ("plain", name) if name != "plain" else ("plain",)
    for each in names:
        found = [fit(seen.part(int(k)), each, centred=centred) for k in stations]
        value = torch.stack([f.value for f in found]).numpy()
        error = torch.stack([2 * f.standard_error() for f in found]).numpy()
        marks.append(Line(x=stations, y=value, error=error, name=NAMES[each]))
    panel = Panel(tuple(marks), Axis("lines", scale="log"), Axis(_power(p), "cost"))
    caption = "Estimate from the first lines, with two standard errors on either side."
    return Figure("running", title, (panel,), caption)


def flow(
    y: np.ndarray,
    trajectory: np.ndarray | None,
    frame: np.ndarray | None,
    values: np.ndarray | None,
    look: np.ndarray | None,
    exact: np.ndarray | None,
) -> tuple[Figure, ...]:
    """Movie, strip and descent of the gradient flow."""
    if trajectory is None or frame is None or values is None:
        return ()
    # Estimates are taken before each step, so the last frame takes that of the one before.
    left = np.sqrt(np.maximum(values[np.minimum(frame, len(values) - 1)], 0))
    return (
        movie(trajectory, y, frame, "Gradient flow"),
        strip(trajectory, y, frame, left, "Stages of the flow"),
        _descent(values, look, exact),
    )


def _descent(values: np.ndarray, look: np.ndarray | None, exact: np.ndarray | None) -> Figure:
    """Estimates of SW₂² along the flow, and the exact W₂² now and then."""
    marks: list[Mark] = [
        Line(x=np.arange(len(values)), y=np.where(values > 0, values, np.nan), name="SW₂²")
    ]
    if look is not None and exact is not None:
        marks.append(Line(x=look, y=np.where(exact > 0, exact, np.nan), name="exact W₂²"))
    panel = Panel(tuple(marks), Axis("step"), Axis("squared distance", "cost", scale="log"))
    caption = (
        "Estimate of SW₂² at each step, from fresh lines, and the exact W₂² between samples of "
        "both clouds, which does not fall below the distance of two samples."
    )
    return Figure("descent", "Distance along the flow", (panel,), caption)
