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
    app.setStyle("Fusion")
    QGuiApplication.styleHints().setColorScheme(SCHEMES[name])
    restyle(app)


def dark() -> bool:
    """Whether the window is dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def restyle(app: QApplication) -> None:
    """Set the rules that depend on the scheme."""
    night = dark()
    fault = "#ff8a65" if night else "#b3400e"
    card = QColor("#ffffff") if not night else QColor("#2b2b2b")
    edge = "#555555" if night else "#c8c8c8"
    hint = "#a8a8a8" if night else "#666666"
    app.setStyleSheet(
        f"""
        QLabel#fault {{ color: {fault}; }}
        QLabel#hint {{ color: {hint}; }}
        QToolButton#primary {{ background: {ACCENT}; color: white; border-radius: 4px;
            padding: 4px 10px; font-weight: bold; }}
        QToolButton#primary:disabled {{ background: {edge}; color: palette(mid); }}
        QToolButton#primary:hover {{ background: #0086d1; }}
        QPushButton#card {{ background: {card.name()}; border: 1px solid {edge};
            border-radius: 8px; }}
        QPushButton#card:hover:enabled, QPushButton#card:focus {{ border: 2px solid {ACCENT}; }}
        QFrame#notice, QFrame#error {{ background: {card.name()}; border: 1px solid {edge};
            border-left: 4px solid {ACCENT}; border-radius: 4px; }}
        QFrame#error {{ border-left-color: {fault}; }}
        """
    )
