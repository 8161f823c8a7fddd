"""Icons of our own, drawn in the text colour of the theme."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer

SIZE = 16


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """The icon `resources/icons/<name>.svg`, sharp at scale 1 and 2, paler where disabled."""
    palette = QGuiApplication.palette()
    normal = colour or palette.color(QPalette.ColorRole.WindowText)
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    found = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, disabled)):
        for scale in (1, 2):
            found.addPixmap(_drawn(name, tint.name(), scale), mode)
    return found


def program_icon() -> QIcon:
    """The icon of the program, in its own colours."""
    picture = QPixmap()
    source = files("resources").joinpath("icons", "methods-workbench.svg")
    picture.loadFromData(source.read_bytes(), "svg")
    return QIcon(picture)


def _drawn(name: str, colour: str, scale: int) -> QPixmap:
    """Hundreds are wanted at once when the theme changes, so each is drawn only once."""
    key, picture = f"{name} {colour} {scale}", QPixmap()
    if not QPixmapCache.find(key, picture):
        picture = _draw(name, colour, scale)
        QPixmapCache.insert(key, picture)
    return picture


def _draw(name: str, colour: str, scale: int) -> QPixmap:
    source = files("resources").joinpath("icons", f"{name}.svg").read_text("utf8")
    picture = QPixmap(SIZE * scale, SIZE * scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    renderer.render(painter, QRectF(0, 0, SIZE * scale, SIZE * scale))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture
