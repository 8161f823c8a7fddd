"""The small pictures of the examples, for a light or a dark window."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap

from ui import theme

SIZE = QSize(200, 113)
ROUND = 5  # radius of the corners
SHARP = 2  # pixels for each of the window
GROUNDS = {"lowrank": "#0072b2", "transport": "#d55e00", "pde": "#009e73", "diffusion": "#a4588a"}


def thumbnail(method: str, example: str, title: str) -> QPixmap:
    """The picture of an example; where it has none, the name of its method on the family's colour.

    Some have another one for a dark ground.
    """
    folder = files("resources").joinpath("gallery")
    names = [f"{method}.{example}-dark.png"] if theme.dark() else []
    found = QPixmap()
    for name in (*names, f"{method}.{example}.png"):
        file = folder.joinpath(name)
        if file.is_file() and found.loadFromData(file.read_bytes()):
            break
    picture = QPixmap(SHARP * SIZE)
    picture.setDevicePixelRatio(SHARP)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHints(
        painter.RenderHint.Antialiasing | painter.RenderHint.SmoothPixmapTransform
    )
    place = QRectF(0, 0, SIZE.width(), SIZE.height())
    corners = QPainterPath()
    corners.addRoundedRect(place, ROUND, ROUND)
    painter.setClipPath(corners)
    if found.isNull():
        _draw_name(painter, place, title, method.partition(".")[0])
    else:
        painter.drawPixmap(place, found, QRectF(found.rect()))
    painter.end()
    return picture


def _draw_name(painter: QPainter, place: QRectF, title: str, family: str) -> None:
    painter.fillRect(place, QColor(GROUNDS[family]))
    painter.setPen(Qt.GlobalColor.white)
    font = painter.font()
    font.setBold(True)
    font.setPixelSize(16)
    painter.setFont(font)
    wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(place.adjusted(12, 12, -12, -12), int(wrapped), title)
