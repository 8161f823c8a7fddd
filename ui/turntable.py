"""The small picture of what lies in space: a cloud of points or a mesh, turned with the mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from workbench.camera import Camera, Projection
from workbench.raster import Solid, render

FRONT = Camera(-90.0, 0.0)  # x leads right, z up
FILLED = 0.96  # of the picture
DOT = 40.0  # dots side by side fill the picture
TURN = 1.2  # degrees for a pixel
SAMPLES = 2


def in_space(preview: Any) -> bool:
    """Whether a data set has points in space."""
    return preview.kind == "points" and preview.shape[1:] == (3,)


def turned(preview: Any, colour: str, size: int, camera: Camera = FRONT) -> QPixmap:
    """A picture of `size` pixels; from the front the data are seen where they are broadest."""
    places, faces = preview.thumbnail, None
    if preview.triangles is not None:
        places = preview.triangles.reshape(-1, 3)
        faces = np.arange(len(places)).reshape(-1, 3)
    places = _broadside(places)
    count = len(places) if faces is None else len(faces)
    paint = np.broadcast_to(np.frombuffer(bytes.fromhex(colour[1:]), np.uint8), (count, 3))
    radius = np.linalg.norm(places, axis=1).max(initial=0.0) or 1.0
    matrix = camera.axes() * (FILLED * size / 2 / radius)
    onto = Projection(matrix, np.array([size / 2, size / 2, 0.0]), np.ones(3))
    solid = Solid(places, paint, faces, max(1.0, size / DOT))
    pixels = render([solid], onto, size, size, SAMPLES).pixels
    kind = QImage.Format.Format_RGBA8888_Premultiplied
    return QPixmap.fromImage(QImage(pixels.data, size, size, 4 * size, kind).copy())


def _broadside(points: np.ndarray) -> np.ndarray:
    """Points about their middle, turned so that they spread most along x and least along y."""
    points = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if not len(points):
        return points
    centred = points - (points.min(axis=0) + points.max(axis=0)) / 2
    centred /= np.abs(centred).max() or 1.0  # squares of large numbers stay finite
    spread = centred - centred.mean(axis=0)
    _, axes = np.linalg.eigh(spread.T @ spread)
    axes = axes[:, ::-1]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), range(3)] < 0, -1, 1)
    most, middle, least = (centred @ axes).T
    mirrored = np.linalg.det(axes) < 0
    return np.stack([most, least if mirrored else -least, middle], axis=1)


class Turntable(QLabel):
    """A picture that can be turned if it is of something in space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, alignment=Qt.AlignmentFlag.AlignCenter)
        self._preview: Any = None
        self._colour = ""
        self._camera = FRONT
        self._from: QPointF | None = None

    def set_picture(self, picture: QPixmap) -> None:
        """Show what cannot be turned."""
        self._preview = None
        self.setPixmap(picture)
        self.setToolTip("")
        self.unsetCursor()

    def set_preview(self, preview: Any, colour: str) -> None:
        """Show something in space from its broad side."""
        self._preview, self._colour, self._camera = preview, colour, FRONT
        self.setToolTip(self.tr("Drag to turn, double-click to turn back"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._draw()

    def _draw(self) -> None:
        ratio = self.devicePixelRatioF()
        side = int(min(self.width(), self.height()) * ratio)
        drawn = turned(self._preview, self._colour, side, self._camera)
        drawn.setDevicePixelRatio(ratio)
        self.setPixmap(drawn)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position() if self._preview is not None else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None and self._preview is not None:
            way, self._from = event.position() - self._from, event.position()
            self._camera = self._camera.turned(-TURN * way.x(), TURN * way.y())
            self._draw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._preview is not None:
            self._camera = FRONT
            self._draw()
