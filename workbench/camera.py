"""From where a 3-D panel is seen, and where its data then lie on a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, hypot, radians, sin

import numpy as np

Ends = tuple[float, float]
BOX = (1.0, 1.0, 0.75)  # shape of a panel whose axes measure different things
ZOOMS = (0.2, 50.0)


@dataclass(frozen=True)
class Camera:
    """Degrees from x towards y and above the plane of both; `shift` in shares of the picture."""

    azimuth: float = -60.0
    elevation: float = 30.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def turned(self, across: float, up: float) -> Camera:
        """Moved around the data by some degrees, never over the top."""
        azimuth = (self.azimuth + across + 180.0) % 360.0 - 180.0
        return replace(self, azimuth=azimuth, elevation=min(max(self.elevation + up, -90), 90))

    def nearer(self, factor: float) -> Camera:
        """With everything larger by a factor; what is in the middle stays there."""
        zoom = min(max(self.zoom * factor, ZOOMS[0]), ZOOMS[1])
        ratio = zoom / self.zoom
        return replace(self, zoom=zoom, shift=(self.shift[0] * ratio, self.shift[1] * ratio))

    def moved(self, right: float, down: float) -> Camera:
        """With everything moved by shares of the picture."""
        return replace(self, shift=(self.shift[0] + right, self.shift[1] + down))

    def axes(self) -> np.ndarray:
        """Rows: the directions in space that lead right, down and towards the viewer."""
        a, e = radians(self.azimuth), radians(self.elevation)
        return np.array(
            [
                [-sin(a), cos(a), 0.0],
                [sin(e) * cos(a), sin(e) * sin(a), -cos(e)],
                [cos(e) * cos(a), cos(e) * sin(a), sin(e)],
            ]
        )


@dataclass(frozen=True)
class Margin:
    """What is kept free around the data, in pixels."""

    left: float = 0.0
    right: float = 0.0
    above: float = 0.0
    below: float = 0.0

    def middle(self, size: tuple[float, float]) -> tuple[float, float]:
        """The middle of what is left of a picture: there it is enlarged about."""
        return (size[0] + self.left - self.right) / 2, (size[1] + self.above - self.below) / 2


@dataclass(frozen=True)
class Projection:
    """Parallel projection: data times `matrix` plus `offset` are pixels right, down and nearer."""

    matrix: np.ndarray
    offset: np.ndarray
    unit: np.ndarray  # pixels of an axis that is not foreshortened

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Where places (n, 3) are on the picture, from its upper left corner."""
        found: np.ndarray = places @ self.matrix.T + self.offset
        return found

    def scaled(self, factor: float) -> Projection:
        """The same for a picture with `factor` times as many pixels along each side."""
        return Projection(self.matrix * factor, self.offset * factor, self.unit * factor)


def sizes(limits: tuple[Ends, Ends, Ends], equal: bool) -> np.ndarray:
    """The sides of the box around the data, the longest of them 1."""
    if not equal:
        return np.array(BOX)
    spans = np.array([abs(high - low) for low, high in limits])
    found: np.ndarray = spans / spans.max()
    return found


def extent(sides: np.ndarray, camera: Camera) -> tuple[float, float]:
    """Width and height of a box as it is seen."""
    right, down, _ = np.abs(camera.axes()) @ sides
    return float(right), float(down)


def projection(
    limits: tuple[Ends, Ends, Ends],
    equal: bool,
    camera: Camera,
    size: tuple[float, float],
    margin: Margin,
    tight: bool = False,
) -> Projection:
    """Puts the box between the limits in the middle of what the margin leaves of a picture.

    Its scale is the same all around, or as large as can be if it is to be `tight`.
    """
    sides = sizes(limits, equal)
    wide, high = extent(sides, camera)
    if not tight:
        elevation = radians(camera.elevation)
        wide = hypot(sides[0], sides[1])  # as seen across its diagonal
        high = float(sides[2]) * cos(elevation) + wide * abs(sin(elevation))
    taken = (margin.left + margin.right, margin.above + margin.below)
    room = [max(s - m, 0.2 * s, 1.0) for s, m in zip(size, taken, strict=True)]
    scale = min(room[0] / wide, room[1] / high) * camera.zoom
    low = np.array([ends[0] for ends in limits])
    high_ends = np.array([ends[1] for ends in limits])
    matrix = camera.axes() * (scale * sides / (high_ends - low))  # an axis may run backwards
    middle = [m + min(size) * c for m, c in zip(margin.middle(size), camera.shift, strict=True)]
    offset = np.array([*middle, 0.0]) - matrix @ ((low + high_ends) / 2)
    return Projection(matrix, offset, scale * sides)
