"""Light and dark: Fusion in the system's scheme, and the few rules that Fusion lacks."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui import tones

SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
ACCENT = "#0072b2"  # the blue of the colour-blind-safe palette
RULES = f"""
    QLabel#fault, QLabel#warning {{ color: palette(bright-text); }}
    QLabel#hint {{ color: palette(placeholder-text); }}
    QToolButton#primary {{ background: {ACCENT}; color: white; border-radius: 4px;
        padding: 4px 10px; font-weight: bold; }}
    QToolButton#primary:disabled {{ background: palette(midlight);
        color: palette(placeholder-text); }}
    QToolButton#primary:hover {{ background: #00629a; }}
    QPushButton#card, QFrame#example {{ background: palette(base);
        border: 1px solid palette(midlight); border-radius: 8px; }}
    QPushButton#card:hover:enabled, QPushButton#card:focus {{ border: 2px solid {ACCENT}; }}
    QFrame#example:hover {{ border-color: {ACCENT}; }}
    QFrame#notice, QFrame#error {{ background: palette(base); border: 1px solid palette(midlight);
        border-left: 4px solid {ACCENT}; border-radius: 4px; }}
    QFrame#error {{ border-left-color: palette(bright-text); }}
"""
RULED = set(re.findall(r"#([a-z]+)[ :,]", RULES))


def apply(app: QApplication, name: str) -> None:
    """Use a scheme of SCHEMES; "system" follows the desktop, also when it changes."""
    if not app.styleSheet():
        app.setStyle("Fusion")
        # Else a new palette would stop at the children of the window once there are rules.
        app.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        app.setStyleSheet(RULES)
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(SCHEMES[name])
    own = hints.colorScheme() != SCHEMES[name]  # the desktop cannot change its scheme
    app.setPalette(palette(night=name == "dark") if own and name != "system" else QPalette())
    _tint(app)


def enlarge(app: QApplication, percent: int) -> None:
    """Give all letters a share of the size that the desktop asks for."""
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * percent / 100)
    app.setFont(font)


def palette(night: bool) -> QPalette:
    """The colours of a scheme where the desktop has none."""
    role, off = QPalette.ColorRole, QPalette.ColorGroup.Disabled
    window, button = ("#2d2d2d", "#3a3a3a") if night else ("#efefef", "#efefef")
    found = tinted(QPalette(QColor(button), QColor(window)), night)
    for where, by_day, by_night in (
        (role.Base, "#ffffff", "#1e1e1e"),
        (role.AlternateBase, "#f7f7f7", "#262626"),
        (role.ToolTipBase, "#ffffdc", "#3a3a3a"),
        (role.ToolTipText, "#000000", "#ffffff"),
        (role.Highlight, ACCENT, ACCENT),
        (role.HighlightedText, "#ffffff", "#ffffff"),
        (role.Link, "#0057ae", "#62b0ff"),
    ):
        found.setColor(where, QColor(by_night if night else by_day))
    for where, by_night in (
        (role.WindowText, "#8a8a8a"),
        (role.Text, "#8a8a8a"),
        (role.ButtonText, "#a8a8a8"),  # Fusion brightens dark buttons
    ):
        found.setColor(off, where, QColor(by_night if night else "#828282"))
    return found


def dark() -> bool:
    """Whether the window is dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def restyle(app: QApplication) -> None:
    """Follow a scheme that has changed, where Qt does not: our own colours, widgets with a rule.

    New rules for the whole program would polish every widget again, for longer than a window may
    stand still. So the rules stay as they are and name roles of the palette, and only those that
    they are about are polished.
    """
    _tint(app)
    for widget in app.allWidgets():
        if widget.objectName() in RULED:
            widget.style().unpolish(widget)
            widget.style().polish(widget)


def _tint(app: QApplication) -> None:
    found = tinted(app.palette(), dark())
    if found != app.palette():
        app.setPalette(found)


def tinted(palette: QPalette, night: bool) -> QPalette:
    """A palette with what no desktop has: the colour of a fault, of a hint, of a card's edge."""
    found = QPalette(palette)
    for where, by_day, by_night in (
        (tones.FAULT, "#b3400e", "#ff8a65"),
        (tones.HINT, "#606060", "#ababab"),
        (QPalette.ColorRole.Midlight, "#c8c8c8", "#555555"),
    ):
        found.setColor(where, QColor(by_night if night else by_day))
    return found
