"""Light and dark: Fusion in the system's scheme, and the few rules that Fusion lacks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
ACCENT = "#0072b2"  # the blue of the colour-blind-safe palette


def apply(app: QApplication, name: str) -> None:
    """Use a scheme of SCHEMES; "system" follows the desktop, also when it changes."""
    if not app.styleSheet():
        app.setStyle("Fusion")
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(SCHEMES[name])
    own = hints.colorScheme() != SCHEMES[name]  # the desktop cannot change its scheme
    app.setPalette(palette(night=name == "dark") if own and name != "system" else QPalette())
    restyle(app)


def enlarge(app: QApplication, percent: int) -> None:
    """Give all letters a share of the size that the desktop asks for."""
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * percent / 100)
    app.setFont(font)


def palette(night: bool) -> QPalette:
    """The colours of a scheme where the desktop has none."""
    role, off = QPalette.ColorRole, QPalette.ColorGroup.Disabled
    window, button = ("#2d2d2d", "#3a3a3a") if night else ("#efefef", "#efefef")
    found = QPalette(QColor(button), QColor(window))
    for where, by_day, by_night in (
        (role.Base, "#ffffff", "#1e1e1e"),
        (role.AlternateBase, "#f7f7f7", "#262626"),
        (role.ToolTipBase, "#ffffdc", "#3a3a3a"),
        (role.ToolTipText, "#000000", "#ffffff"),
        (role.PlaceholderText, "#757575", "#9a9a9a"),
        (role.Highlight, "#308cc6", "#308cc6"),
        (role.HighlightedText, "#ffffff", "#ffffff"),
        (role.Link, "#0057ae", "#62b0ff"),
    ):
        found.setColor(where, QColor(by_night if night else by_day))
    for where in (role.WindowText, role.Text, role.ButtonText):
        found.setColor(off, where, QColor("#7d7d7d" if night else "#a0a0a0"))
    return found


def dark() -> bool:
    """Whether the window is dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def restyle(app: QApplication) -> None:
    """Set the rules that depend on the scheme, where they have changed: that takes long."""
    night = dark()
    fault = "#ff8a65" if night else "#b3400e"
    card = QColor("#ffffff") if not night else QColor("#2b2b2b")
    edge = "#555555" if night else "#c8c8c8"
    hint = "#a8a8a8" if night else "#666666"
    rules = f"""
    QLabel#fault {{ color: {fault}; }}
    QLabel#hint {{ color: {hint}; }}
    QLabel#warning {{ color: {fault}; }}
    QToolButton#primary {{ background: {ACCENT}; color: white; border-radius: 4px;
        padding: 4px 10px; font-weight: bold; }}
    QToolButton#primary:disabled {{ background: {edge}; color: palette(mid); }}
    QToolButton#primary:hover {{ background: #0086d1; }}
    QPushButton#card {{ background: {card.name()}; border: 1px solid {edge};
        border-radius: 8px; }}
    QPushButton#card:hover:enabled, QPushButton#card:focus {{ border: 2px solid {ACCENT}; }}
    QFrame#example {{ background: {card.name()}; border: 1px solid {edge}; border-radius: 8px; }}
    QFrame#example:hover {{ border-color: {ACCENT}; }}
    QFrame#notice, QFrame#error {{ background: {card.name()}; border: 1px solid {edge};
        border-left: 4px solid {ACCENT}; border-radius: 4px; }}
    QFrame#error {{ border-left-color: {fault}; }}
    """
    if rules != app.styleSheet():
        app.setStyleSheet(rules)
