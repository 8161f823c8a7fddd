"""How a 3-D panel goes on paper: the picture of the screen, its lines and words as vectors.

The data are pixels of the resolution that is asked for, since triangles and dots that hide each
other have no order in which they could be drawn one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from engines.figure import Cloud3D, Panel
from workbench import palette
from workbench.box import Box, Measure, Word, box, margin
from workbench.camera import Camera, Ends, Margin, Projection, extent, projection, sizes
from workbench.layout import Layout, named
from workbench.palette import LIGHT, blend, table
from workbench.paper import plain
from workbench.raster import render
from workbench.solids import solids, space

POINTS = 72.0  # in an inch
FINE_DPI = 250  # from here on steps between pixels are too small to be seen
MOST_PIXELS = 16e6  # of the data
ROUNDS = 4  # in which a box and the room for its words find to each other
WALL, GRID = 0.05, 0.2  # how much of the colour of words
LETTER = (0.62, 1.2)  # width and height of a letter, about, in units of its size


def aspect(panel: Panel, plan: Layout, view: tuple[float, float]) -> float:
    """Height over width of the box of a panel as it is seen."""
    wide, high = extent(sizes(space(plan), panel.equal), Camera(*view))
    return high / wide


def announce(axes: Any, panel: Panel, plan: Layout, size: float) -> Any:
    """What stands beside the data: names for a legend; gives what the colour bar explains."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    axes.set_axis_off()
    for name, place in named(panel).items():
        colour, _ = palette.look(LIGHT, *plan.slots[place])
        kind = "o" if isinstance(panel.marks[place], Cloud3D) else "s"
        axes.plot([], [], kind, color=colour, markersize=size / 2, label=plain(name))
    ends = None if plan.bar is None else plan.ranges[plan.bar]
    if ends is None or plan.bar is None:
        return None
    colours = getattr(panel.marks[plan.bar], "colours", "sequential")
    return ScalarMappable(Normalize(*ends), ListedColormap(table(colours) / 255.0))


@dataclass(frozen=True)
class Look:
    """From where the data are seen and how large letters and points are, in points of print.

    A format that knows no opacity is `flat`: there the walls become pixels as well.
    """

    view: tuple[float, float]
    letters: float
    dot: float
    dpi: float
    flat: bool


def fill(axes: Any, panel: Panel, plan: Layout, look: Look) -> None:
    """Draw the data and their box into axes that have their final place.

    Inside the axes all is in points, right and down from the upper left corner.
    """
    size = look.letters
    page, place = axes.figure, axes.get_position()
    wide = place.width * page.get_figwidth() * POINTS
    high = place.height * page.get_figheight() * POINTS
    axes.set_xlim(0, wide)
    axes.set_ylim(high, 0)
    limits, camera = space(plan), Camera(*look.view)

    def measure(words: str) -> tuple[float, float]:
        return LETTER[0] * size * len(words), LETTER[1] * size

    onto, drawn = _fitted(panel, limits, camera, (wide, high), measure)
    detail = min(look.dpi / POINTS, sqrt(MOST_PIXELS / (wide * high)))
    held = render(
        solids(panel, plan, LIGHT, look.dot * detail),
        onto.scaled(detail),
        max(1, round(wide * detail)),
        max(1, round(high * detail)),
        1 if look.dpi >= FINE_DPI else 2,
    )
    before = set(axes.get_children())
    _behind(axes, drawn, size, look.flat)
    # Opacity as matplotlib wants it: colours that are not multiplied by it.
    pixels = held.pixels.astype(np.float32) / 255
    pixels[..., :3] /= np.maximum(pixels[..., 3:], 1 / 255)
    image = axes.imshow(
        pixels, extent=(0, wide, high, 0), aspect="auto", interpolation="none", zorder=2
    )
    image.set_rasterized(look.flat)
    _around(axes, drawn, size)
    for artist in set(axes.get_children()) - before:
        artist.set_in_layout(False)  # the place of the axes is final


def _fitted(
    panel: Panel,
    limits: tuple[Ends, Ends, Ends],
    camera: Camera,
    size: tuple[float, float],
    measure: Measure,
) -> tuple[Projection, Box]:
    """The box as large as its words allow."""
    free = margin(panel, limits, measure)
    for _ in range(ROUNDS):
        onto = projection(limits, panel.equal, camera, size, free, tight=True)
        drawn = box(panel, limits, onto, measure)
        over = [0.0, 0.0, 0.0, 0.0]
        if drawn.words:
            sides = np.array([_sides(word, measure) for word in drawn.words])
            left, above = -sides[:, :2].min(axis=0)
            right, below = sides[:, 2:].max(axis=0) - size
            over = [left, right, above, below]
        have = (free.left, free.right, free.above, free.below)
        free = Margin(*(max(0.0, h + o) for h, o in zip(have, over, strict=True)))
    return onto, drawn


def _sides(word: Word, measure: Measure) -> tuple[float, float, float, float]:
    """Left, upper, right and lower end of words."""
    wide, high = measure(word.text)[::-1] if word.upright else measure(word.text)
    return word.x - wide / 2, word.y - high / 2, word.x + wide / 2, word.y + high / 2


def _behind(axes: Any, drawn: Box, size: float, flat: bool) -> None:
    """The walls and their grid."""
    from matplotlib.collections import LineCollection, PolyCollection

    wall, grid = (blend(LIGHT.text, LIGHT.ground, weight) for weight in (WALL, GRID))
    axes.add_collection(
        PolyCollection(drawn.walls, facecolor=wall, linewidth=0, zorder=1, rasterized=flat),
        autolim=False,
    )
    lines = list(np.array(drawn.grid).reshape(-1, 2, 2))
    axes.add_collection(
        LineCollection(lines, color=grid, linewidth=0.07 * size, zorder=1.5, rasterized=flat),
        autolim=False,
    )


def _around(axes: Any, drawn: Box, size: float) -> None:
    """The axes with their ticks, numbers and labels."""
    from matplotlib.collections import LineCollection

    lines = list(np.array(drawn.edges).reshape(-1, 2, 2))
    axes.add_collection(
        LineCollection(lines, color=LIGHT.text, linewidth=0.086 * size, zorder=3, clip_on=False),
        autolim=False,
    )
    for word in drawn.words:
        axes.text(
            word.x,
            word.y,
            plain(word.text),
            fontsize=size,
            color=LIGHT.text,
            ha="center",
            va="center",
            rotation=90 if word.upright else 0,
            zorder=3,
        )
