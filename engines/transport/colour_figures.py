"""Pictures of colour transfer: the images, and their pixels as points of the colour cube."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel, Points, Role
from engines.transport.colours import ColourPictures, evenly
from engines.transport.figures import AMOUNT, DOTS, FRAMES, HIDDEN, Plane

SIDE = 600  # pixels along each side of a picture that are drawn
BINS = 64  # of a histogram of one channel


def running(problem: ColourPictures, colours: np.ndarray) -> Figure:
    """The result as far as it goes; pixels that were not reached keep their colours."""
    return pictures(problem, colours.reshape(problem.source.shape), "Colours, running")


def pictures(problem: ColourPictures, image: np.ndarray, title: str) -> Figure:
    """The source, the reference and what has become of the source."""
    panels = []
    shown = (("source", problem.source), ("reference", problem.reference), ("result", image))
    for name, values in shown:
        step = -(-max(values.shape[:2]) // SIDE)
        mark = Image(
            values=values[::step, ::step].astype(np.float32),
            colours="rgb",
            top_down=True,
            name=name,
        )
        panels.append(Panel((mark,), HIDDEN, HIDDEN, name, equal=True))
    caption = "The source, the reference, and the source in the colours of the reference."
    return Figure("pictures", title, tuple(panels), caption, columns=3)


def plane(problem: ColourPictures, image: np.ndarray) -> Figure:
    """Colours of some pixels on their way, seen along the direction in which they differ least."""
    x, y = problem.pixels()
    both = evenly(np.concatenate([x, image.reshape(-1, 3)], axis=1), DOTS)
    flat = Plane(x, y)
    here, there, goal = flat(both[:, :3]), flat(both[:, 3:]), flat(evenly(y, DOTS))
    t = np.linspace(0, 1, FRAMES)[:, None]
    way = [(1 - t) * a + t * b for a, b in zip(here, there, strict=True)]
    panel = flat.panel(
        Points(x=goal[0], y=goal[1], name="reference", role="reference", size=3.0),
        Points(x=here[0], y=here[1], name="source", role="guide", size=3.0),
        Points(x=way[0], y=way[1], name="on the way", size=3.0),
    )
    caption = (
        "Colours of pixels in the plane in which they differ most, each straight on its way to "
        "its new colour."
    )
    times = np.linspace(0, 1, FRAMES)
    return Figure("colours", "Colours on the way", (panel,), caption, times=times, time=AMOUNT)


def cube(problem: ColourPictures, image: np.ndarray) -> Figure:
    """Colours of some pixels in the colour cube, and where they have to go."""
    x, y = problem.pixels()
    both = evenly(np.concatenate([x, image.reshape(-1, 3)], axis=1), DOTS).astype(np.float32)
    times = np.linspace(0, 1, FRAMES)
    t = times.astype(np.float32)[:, None, None]
    way = (1 - t) * both[:, :3] + t * both[:, 3:]
    goal = evenly(y, DOTS).astype(np.float32)
    sides = {n: Axis(c, limits=(0, 1)) for n, c in zip("xyz", ("red", "green", "blue"))}
    panels = tuple(
        Panel((Cloud3D(points=places, rgb=places, name=name),), title=name, equal=True, **sides)
        for name, places in (("from the source to the result", way), ("reference", goal))
    )
    caption = (
        "Pixels in the cube of all colours, each at its colour and in it: those of the source on "
        "their way to the result, which is to fill the cube as the reference does."
    )
    return Figure("cube", "Colours in the cube", panels, caption, times=times, time=AMOUNT)


def channels(problem: ColourPictures, image: np.ndarray) -> Figure:
    """How much of each channel there is."""
    x, y = problem.pixels()
    edges = np.linspace(0, 1, BINS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    panels = []
    clouds: tuple[tuple[str, Role, np.ndarray], ...] = (
        ("source", "guide", x),
        ("reference", "reference", y),
        ("result", "data", image.reshape(-1, 3)),
    )
    for k, channel in enumerate(("red", "green", "blue")):
        marks = []
        for name, role, values in clouds:
            share = np.histogram(values[:, k], edges)[0] / len(values)
            marks.append(Line(x=middle, y=share, name=name, role=role))
        panels.append(Panel(tuple(marks), Axis(channel), Axis("share of the pixels"), channel))
    caption = "How many pixels have how much of each channel; the result follows the reference."
    return Figure("channels", "Channels", tuple(panels), caption, columns=3)


def distances(rounds: np.ndarray, distance: np.ndarray) -> Figure:
    """The distance to the reference after each round."""
    above = np.where(distance > 0, distance, np.nan)
    line = Line(x=rounds, y=above, name="sliced W₂²")
    panel = Panel((line,), Axis("round"), Axis("sliced W₂²", scale="log"))
    caption = "Distance between the colours of the picture and of the reference after each round."
    return Figure("distance", "Distance to the reference", (panel,), caption)
