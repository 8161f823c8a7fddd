"""What is written where on a widget, and how well it stands out from what is painted behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QGraphicsItem,
    QGraphicsTextItem,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)

from ui.panel_parts import Legend, Ruler

LEAST = 4.5  # of WCAG AA for text
LEAST_LARGE = 3.0  # of WCAG AA for large text; disabled text, exempt there, and icons have it too
LARGE = {False: 24.0, True: 18.66}  # pixels of plain letters and of bold ones
MOST = 0.8  # of its rectangle: a text that is cut off has a part that shows nothing
ICONS = 28  # pixels of a menu before its words
TICK = 8  # pixels from the line of an axis to its numbers

Words = tuple[str, QRect, bool]  # what, where in the widget, whether it is enabled


@dataclass(frozen=True)
class Text:
    """Words in a rectangle of the widget that is looked at."""

    words: str
    box: QRect
    least: float


def pixels(widget: QWidget) -> np.ndarray:
    """Rows of red, green and blue as they are painted."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[..., 2::-1].copy()


def luminance(colours: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB bytes (WCAG 2.2)."""
    share = np.asarray(colours, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def tally(patch: np.ndarray) -> np.ndarray:
    """Luminances of the colours of a patch, the most frequent first."""
    codes = patch.reshape(-1, 3).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found, counts = np.unique(codes, return_counts=True)
    found = found[np.argsort(-counts, kind="stable")]
    return luminance(np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1))


def contrast(patch: np.ndarray) -> float:
    """The ratio of what stands out most to what there is most of."""
    light = tally(patch) + 0.05
    return float(max(light.max() / light[0], light[0] / light.min()))


def cut(picture: np.ndarray, box: QRect) -> np.ndarray:
    """The pixels of a rectangle."""
    return picture[box.top() : box.bottom() + 1, box.left() : box.right() + 1]


def seen(widget: QWidget, where: QWidget) -> QRect:
    """The part of a widget that nothing hides, in coordinates of `where`."""
    return widget.visibleRegion().boundingRect().translated(widget.mapTo(where, QPoint()))


def parts(where: QWidget) -> list[QWidget]:
    """A widget and all visible ones in it, other windows left out."""
    inside = [where, *where.findChildren(QWidget)]
    return [w for w in inside if w.isVisible() and w.window() is where.window()]


def texts(where: QWidget) -> Iterator[Text]:
    """All words on a widget that can be seen."""
    for widget in parts(where):
        clip, corner = seen(widget, where), widget.mapTo(where, QPoint())
        large = widget.fontMetrics().height() >= LARGE[widget.font().bold()]
        for words, box, enabled in _words(widget):
            shown = box.translated(corner).intersected(clip)
            whole = shown.width() * shown.height() >= MOST * box.width() * box.height() > 0
            if any(map(str.isalnum, words)) and whole:  # signs are as thin as they like
                soft = large or not (enabled and widget.isEnabled())
                yield Text(words, shown, LEAST_LARGE if soft else LEAST)


def _words(widget: QWidget) -> Iterator[Words]:
    match widget:
        case QLabel():
            yield widget.text(), widget.contentsRect(), True
        case QAbstractButton():
            yield from _button(widget)
        case QComboBox() if not widget.isEditable():
            option, style = QStyleOptionComboBox(), QStyle.ComplexControl.CC_ComboBox
            widget.initStyleOption(option)
            field = QStyle.SubControl.SC_ComboBoxEditField
            box = widget.style().subControlRect(style, option, field, widget)
            yield widget.currentText(), box, True
        case QLineEdit():
            words = widget.text() or widget.placeholderText()
            yield words, widget.rect().adjusted(3, 3, -3, -3), True
        case QTabBar():
            for i in range(widget.count()):
                yield widget.tabText(i), widget.tabRect(i).adjusted(6, 4, -6, -2), True
        case QMenuBar() | QMenu():
            edge = ICONS if isinstance(widget, QMenu) else 0
            for action in widget.actions():
                box = widget.actionGeometry(action).adjusted(edge, 0, 0, 0)
                yield action.text(), box, action.isEnabled()
        case QDockWidget():
            yield (
                widget.windowTitle(),
                QRect(2, 0, widget.width() // 2, widget.widget().y() - 1),
                True,
            )
        case QAbstractScrollArea():
            at = widget.viewport().pos()
            for words, box, enabled in _inside(widget):
                yield words, box.translated(at), enabled


def _button(button: QAbstractButton) -> Iterator[Words]:
    """What it says beside its icon or tick, inside its frame; and its icon."""
    box = button.rect().adjusted(3, 3, -3, -3)
    if isinstance(button, QCheckBox):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        box = button.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, button)
    elif isinstance(button, QToolButton) and not button.icon().isNull():
        sign, wide = QRect(box), button.iconSize().width() + 4
        if button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            box = QRect()
        else:
            sign.setWidth(wide)
            box.setLeft(box.left() + wide)
        if button.isEnabled():
            yield f"icon of {button.toolTip()}", sign, False
    yield button.text(), box, True


def _inside(area: QAbstractScrollArea) -> Iterator[Words]:
    """Words in the viewport of a list, a text or a plot."""
    match area:
        case QHeaderView():
            yield from _sections(area)
        case QAbstractItemView():
            yield from _items(area)
        case QTextEdit() | QPlainTextEdit():
            yield from _lines(area)
        case QGraphicsView():
            for item in area.items(area.viewport().rect()):
                if item.isVisible():
                    yield from _drawn(item, area)


def _sections(header: QHeaderView) -> Iterator[Words]:
    across = header.orientation() == Qt.Orientation.Horizontal
    for i in range(header.count()):
        at, long = header.sectionViewportPosition(i), header.sectionSize(i)
        box = QRect(at, 0, long, header.height()) if across else QRect(0, at, header.width(), long)
        words = header.model().headerData(i, header.orientation()) or ""
        if not header.isSectionHidden(i):
            yield str(words), box.adjusted(2, 2, -2, -2), True


def _items(view: QAbstractItemView) -> Iterator[Words]:
    """Every cell that the viewport shows, found from below the pointer."""
    room, found = view.viewport().rect(), set()
    header = getattr(view, "header", None) or getattr(view, "horizontalHeader", None)
    columns = [0]
    if header is not None:
        bar = header()
        columns = [bar.sectionViewportPosition(i) + 2 for i in range(bar.count())]
    for y in range(1, room.height(), 6):
        for x in columns:
            index = view.indexAt(QPoint(x, y))
            if not index.isValid() or index in found:
                continue
            found.add(index)
            words = str(index.data() or "")
            box = view.visualRect(index).adjusted(2, 1, -2, -1)
            if view.indexWidget(index) is None:
                yield words, box, bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)


def _lines(text: QTextEdit | QPlainTextEdit) -> Iterator[Words]:
    words = text.toPlainText()
    if not words:
        yield text.placeholderText(), text.viewport().rect(), True
        return
    room, done = text.viewport().rect(), set()
    for y in range(0, room.height(), 6):
        line = text.cursorRect(text.cursorForPosition(QPoint(0, y)))
        if line.top() not in done:
            done.add(line.top())
            yield words, QRect(0, line.top(), room.width(), line.height()), True


def _drawn(item: QGraphicsItem, view: QGraphicsView) -> Iterator[Words]:
    """Words of a plot: labels and numbers of axes, titles, legends."""

    def placed(words: str, box: QRectF) -> Words:
        return words, view.mapFromScene(item.mapRectToScene(box)).boundingRect(), True

    match item:
        case QGraphicsTextItem():
            yield placed(item.toPlainText(), item.boundingRect())
        case Legend():
            rows = item.boundingRect().adjusted(item.SAMPLE + 2 * item.GAP, 0, 0, 0)
            yield placed("  ".join(item.names()), rows)
        case Ruler() if item.style["showValues"]:
            box, wide, high = item.rect(), item.textWidth, item.textHeight
            if item.orientation == "bottom":
                yield placed("numbers below", QRectF(box.x(), TICK, box.width(), high))
            elif item.orientation == "left":
                yield placed(
                    "numbers on the left",
                    QRectF(box.right() - TICK - wide, box.y(), wide, box.height()),
                )
            elif item.orientation == "right":
                yield placed(
                    "numbers on the right", QRectF(box.x() + TICK, box.y(), wide, box.height())
                )
