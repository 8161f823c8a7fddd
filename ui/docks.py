"""The panes around the middle of the window: their titles, and where they stand at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from ui.window import MainWindow

SIZE = (1440, 900)


def made_docks(w: MainWindow) -> dict[str, QDockWidget]:
    """Put every pane into its place, and into the menu that shows and hides it."""
    area, docks = Qt.DockWidgetArea, {}
    setup = QWidget()
    inside = QVBoxLayout(setup)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.addWidget(w.inputs)
    inside.addWidget(w.parameters, 1)
    for id, title, pane, where in (
        ("data", w.tr("Data"), w.data, area.LeftDockWidgetArea),
        ("methods", w.tr("Methods"), w.methods, area.LeftDockWidgetArea),
        ("parameters", w.tr("Parameters"), setup, area.RightDockWidgetArea),
        ("run", w.tr("Run"), w.run_pane, area.RightDockWidgetArea),
        ("results", w.tr("Results"), w.results, area.BottomDockWidgetArea),
        ("inspector", w.tr("Inspector"), w.inspector, area.BottomDockWidgetArea),
        ("sweep", w.tr("Sweep"), w.sweeps, area.BottomDockWidgetArea),
        ("log", w.tr("Log"), w.log, area.BottomDockWidgetArea),
    ):
        dock = docks[id] = QDockWidget(title, w)
        dock.setObjectName(id)
        dock.setWidget(pane)
        w.addDockWidget(where, dock)
        w.commands.menus["View"].addAction(dock.toggleViewAction())
    _share_room(w, docks)
    return docks


def _share_room(w: MainWindow, docks: dict[str, QDockWidget]) -> None:
    corner, area = Qt.Corner, Qt.DockWidgetArea
    for one, other in (("results", "inspector"), ("inspector", "sweep"), ("sweep", "log")):
        w.tabifyDockWidget(docks[one], docks[other])
    docks["results"].raise_()
    w.setCorner(corner.BottomLeftCorner, area.LeftDockWidgetArea)
    w.setCorner(corner.BottomRightCorner, area.RightDockWidgetArea)
    w.resize(*SIZE)
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    for orientation, sizes in (
        (across, {"data": 290, "parameters": 350}),
        (down, {"results": 210}),
        (down, {"data": 330, "methods": 420, "parameters": 470, "run": 280}),
    ):
        w.resizeDocks([docks[id] for id in sizes], list(sizes.values()), orientation)
