"""Pictures of predicted accuracy: over distance, mixtures and sizes, beside what is measured."""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from engines.figure import Axis, Figure, Image, Line, Mark, Panel, Points, Segments, Text
from engines.transport.performance import REGRESSORS, Forecast, Station

TITLES = {"ot_only": "distance alone", "pq": "distance and shares", "pq_full": "all terms"}
CHOICES = ("end of the way", "least distance", "best of the grid", "all equal")
PIXELS = 240  # along the base of the triangle of mixtures
MOST_PANELS = 6
ACCURACY = Axis("accuracy")

# Corners of the triangle in which three shares are drawn.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(3) / 2]])
OUTWARD = np.array([[-0.02, -0.06], [0.02, -0.06], [0.0, 0.05]])  # from corners to their names


def scatter(
    sizes: np.ndarray, distance: np.ndarray, accuracy: np.ndarray, title: str = "Accuracy"
) -> Figure:
    """Accuracy over distance, one dot a mixture."""
    marks: list[Mark] = []
    for n, d, acc in zip(sizes, distance, accuracy, strict=True):
        known = np.isfinite(d) & np.isfinite(acc)
        if not known.any():
            continue
        d, acc, name = d[known], acc[known], f"{n:.0f} samples"
        marks.append(Points(x=d, y=acc, name=name, size=5.0))
        if len(d) > 2 and np.ptp(d) > 0:
            line = np.polynomial.Polynomial.fit(d, acc, 1)
            ends = np.array([d.min(), d.max()])
            marks.append(Line(x=ends, y=line(ends), name=name))
    panel = Panel(tuple(marks), Axis("distance to the validation", "cost"), ACCURACY)
    caption = (
        "One dot for each mixture of the sources: the nearer its samples are to the validation, "
        "the better the model that learnt from them. Lines are least squares."
    )
    return Figure("scatter", title, (panel,), caption)


def predicted(result: Forecast, chosen: int) -> tuple[Figure, ...]:
    """Predictions of mixtures that were left out of the fit, against what was measured."""
    if result.left_out is None:
        return ()
    errors = (result.error_ot_only, result.error_pq, result.error_pq_full)
    both = np.concatenate([result.left_out.ravel(), result.accuracy.ravel()])
    both = both[np.isfinite(both)]
    room = 0.04 * float(np.ptp(both)) or 0.05
    ends = (float(both.min()) - room, float(both.max()) + room)
    panels = []
    for k in sorted({0, chosen}):
        marks: list[Mark] = [Line(x=ends, y=ends, name="as measured", role="guide")]
        for s, n in enumerate(result.sizes):
            marks.append(
                Points(
                    x=result.accuracy[s], y=result.left_out[k, s], name=f"{n:.0f} samples", size=5.0
                )
            )
        title = f"{TITLES[REGRESSORS[k]]}: error {errors[k]:.2g}"
        x, y = Axis("measured accuracy", limits=ends), Axis("predicted accuracy", limits=ends)
        panels.append(Panel(tuple(marks), x, y, title, equal=True))
    caption = (
        "Each mixture is predicted by a regression on all others; the error is the root mean "
        "square over mixtures and sizes."
    )
    return (
        Figure("predicted", "Predicted and measured", tuple(panels), caption, columns=len(panels)),
    )


def mixtures(result: Forecast, n_target: int) -> tuple[Figure, ...]:
    """Predicted accuracy over the shares, and the way to the mixture that is chosen."""
    if result.projected is None:
        return ()
    sources = result.mixtures.shape[1]
    if sources == 3:
        panels: tuple[Panel, ...] = (_triangle(result, result.projected),)
    else:
        shown = 1 if sources == 2 else min(sources, MOST_PANELS)  # of two, one says all
        panels = tuple(_along_share(result, result.projected, s) for s in range(shown))
    caption = (
        f"Accuracy predicted for {n_target} samples from the pilot sizes, over the shares of the "
        "sources, and the way of the selection. Above 1 a prediction only says that the line in "
        "the logarithm of the size is too steep."
    )
    columns = 1 if len(panels) == 1 else min(3, len(panels))
    return (Figure("mixtures", "Mixtures", panels, caption, columns=columns),)


def _triangle(result: Forecast, values: np.ndarray) -> Panel:
    corners = CORNERS
    height = corners[2, 1]
    rows = round(PIXELS * height)
    x, y = (np.arange(PIXELS) + 0.5) / PIXELS, (np.arange(rows) + 0.5) / rows * height
    places = result.mixtures @ corners
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    filled = LinearNDInterpolator(places, values)(grid)
    marks: list[Mark] = [
        Image(values=filled, extent=(0, 1, 0, height), name="predicted accuracy"),
        Segments(
            x0=corners[:, 0],
            y0=corners[:, 1],
            x1=corners[[1, 2, 0], 0],
            y1=corners[[1, 2, 0], 1],
            role="guide",
        ),
    ]
    nearest = places[int(np.nanargmin(result.distance[1]))]
    if result.path is not None:
        u, v = (result.path @ corners).T
        marks += [
            Line(x=u, y=v, name="way of the selection", role="reference"),
            Points(x=u[-1:], y=v[-1:], name="its end", size=8.0),
        ]
    marks.append(Points(x=nearest[:1], y=nearest[1:], name="least distance", size=8.0))
    for s, (u, v) in enumerate(corners + OUTWARD):
        marks.append(Text(x=u, y=v, text=f"only source {s + 1}"))
    frame = (-0.2, 1.2), (-0.12, height + 0.1)
    hidden = [Axis(limits=limits, ticks=False) for limits in frame]
    return Panel(tuple(marks), hidden[0], hidden[1], equal=True)


def _along_share(result: Forecast, values: np.ndarray, s: int) -> Panel:
    order = np.argsort(result.mixtures[:, s], kind="stable")
    x, y = result.mixtures[order, s], values[order]
    two = result.mixtures.shape[1] == 2
    marks: list[Mark] = [Points(x=x, y=y, name="mixtures", size=5.0)]
    if two:
        marks.append(Line(x=x, y=y, name="mixtures"))
    if result.path is not None and result.path_predicted is not None:
        marks += [
            Line(
                x=result.path[:, s],
                y=result.path_predicted,
                name="way of the selection",
                role="guide",
            ),
            Points(x=result.path[-1:, s], y=result.path_predicted[-1:], name="its end", size=8.0),
        ]
    return Panel(tuple(marks), Axis(f"share of source {s + 1}"), Axis("predicted accuracy"))


def sizes(result: Forecast) -> tuple[Figure, ...]:
    """The straight lines in the logarithm of the size, and what is measured at their end."""
    if result.choice_predicted is None or result.choice_sizes is None:
        return ()
    marks: list[Mark] = []
    for name, values in zip(CHOICES, result.choice_predicted):
        marks.append(Line(x=result.choice_sizes, y=values, name=name))
    for k, name in enumerate(CHOICES):
        if result.choice_measured is not None:
            last, got = result.choice_sizes[-1:], result.choice_measured[k : k + 1]
            marks.append(Points(x=last, y=got, name=name, size=8.0))
    # Whole decades, so that the axis has labels.
    least, most = (math.floor(math.log10(n)) for n in result.choice_sizes[[0, -1]])
    x = Axis("samples", scale="log", limits=(10.0**least, 10.0 ** (most + 1)))
    panel = Panel(tuple(marks), x, ACCURACY)
    caption = (
        "Accuracy predicted at the two pilot sizes and, on a straight line in the logarithm of the "
        "size, at the target; dots are measured there."
    )
    return (Figure("sizes", "Accuracy and size", (panel,), caption),)


def choices(result: Forecast) -> tuple[Figure, ...]:
    """Predicted and measured accuracy of each choice of a mixture."""
    if result.choice_predicted is None or result.choices is None:
        return ()
    names = [*CHOICES, *(f"without source {s + 1}" for s in range(result.choices.shape[1]))]
    rows = -np.arange(len(names), dtype=np.float64)
    goal = result.choice_predicted[:, -1]
    marks: list[Mark] = [Points(x=goal, y=rows, name="predicted", role="reference", size=7.0)]
    spread = [goal]
    if result.choice_measured is not None:
        got = result.choice_measured
        marks.append(Points(x=got, y=rows, name="measured", size=7.0))
        marks.insert(0, Segments(x0=goal, y0=rows, x1=got, y1=rows, role="guide"))
        spread.append(got)
    low, high = (float(f(np.concatenate(spread))) for f in (np.min, np.max))
    room = 0.06 * (high - low) + 1e-3
    middle = (low + high) / 2
    for name, shares, y in zip(names, result.choices, rows, strict=True):
        text = " : ".join(f"{100 * share:.0f}" for share in shares)
        marks.append(Text(x=middle, y=y + 0.33, text=f"{name}   {text}"))
    across = Axis("accuracy at the target size", limits=(low - room, high + room))
    down = Axis(ticks=False, limits=(float(rows[-1]) - 0.6, 0.8))
    caption = "Each choice with its shares in per cent: what was predicted, and what was measured."
    panel = Panel(tuple(marks), across, down)
    return (Figure("choices", "Choices of a mixture", (panel,), caption),)


def way(result: Forecast) -> tuple[Figure, ...]:
    """Shares and distance over the steps of the selection."""
    if result.path is None or result.path_distance is None or result.path_predicted is None:
        return ()
    return (_way(result.path, result.path_distance, result.path_predicted, "Selection"),)


def way_now(stations: list[Station]) -> Figure:
    """The selection as far as it went."""
    return _way(*way_arrays(stations), "Selection, running")


def way_arrays(stations: list[Station]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares, distances and predictions of all stations."""
    return (
        np.stack([s.p for s in stations]),
        np.array([s.distance for s in stations]),
        np.array([s.predicted for s in stations]),
    )


def _way(path: np.ndarray, distance: np.ndarray, predicted: np.ndarray, title: str) -> Figure:
    step = np.arange(len(path))
    shares = tuple(Line(x=step, y=share, name=f"source {s + 1}") for s, share in enumerate(path.T))
    panels = (
        Panel(shares, Axis("step"), Axis("share", limits=(0, 1))),
        Panel((Line(x=step, y=predicted),), Axis("step"), Axis("predicted accuracy")),
        Panel((Line(x=step, y=distance),), Axis("step"), Axis("distance", "cost")),
    )
    caption = (
        "Shares, accuracy predicted at the target size, and distance to the validation; each step "
        "draws fresh samples, which makes the last two shake."
    )
    return Figure("way", title, panels, caption, columns=3)
