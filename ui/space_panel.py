"""One 3-D panel on the screen: data in space with their colour bar, legend and readout."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QFont, QPen

from engines.figure import Cloud3D, Panel
from ui.panel_frame import PanelFrame
from ui.readout import value
from ui.space_view import SpaceView
from workbench.camera import Camera
from workbench.layout import Layout, named
from workbench.palette import Theme, look

TURN = 100.0  # degrees by which a key turns that would move a flat panel by its width


class SpaceItem(PanelFrame):
    """Draws a 3-D Panel. All of a figure share one camera: it only asks for another."""

    aimed = Signal(object)  # the Camera that the user wants; None: the one of the figure

    def __init__(self) -> None:
        super().__init__()
        self.view = SpaceView()
        self.view.aimed.connect(self.aimed)
        self.view.geometryChanged.connect(self._settle)
        self.cross.lines = False
        self._arrange()

    def show_panel(
        self, panel: Panel, layout: Layout, theme: Theme, font: QFont, titled: bool
    ) -> None:
        """Draw a still panel from where the camera is. `titled` leaves room for a title."""
        self.panel = panel
        self._entitle(panel, theme, font, titled)
        self._explain(panel, layout, theme, font)
        self.view.show_panel(panel, layout, theme, font)
        self.legend.setVisible(layout.legend)
        entries = []
        for name, place in named(panel).items():
            colour, _ = look(theme, *layout.slots[place])
            kind = "dot" if isinstance(panel.marks[place], Cloud3D) else "box"
            entries.append((name, QPen(QColor(colour)), kind))
        self.legend.show_entries(entries, theme, font)
        self._settle()

    def aim(self, camera: Camera) -> None:
        """See the data from another place."""
        self.cross.hide()
        self.view.aim(camera)

    def rest(self) -> None:
        """Draw finely now, though something may still move."""
        self.view.rest()

    def reset(self) -> None:
        """Ask for the view of the figure."""
        self.aimed.emit(None)

    def forget(self) -> None:
        """The camera belongs to the figure, so there is nothing to forget."""

    def follow(self, other: PanelFrame) -> None:
        """Nothing: all 3-D panels have the same camera at any time."""

    def nudge(self, across: float, up: float, zoom: float) -> None:
        """Turn as a key would move a flat panel, and enlarge."""
        turned = self.view.camera.turned(TURN * across, TURN * up)
        self.aimed.emit(turned.nearer(1 / zoom))

    def point_at(self, scene: QPointF) -> str:
        """Put the words for what is at a place of the scene beside it; they are given back."""
        spot = self.view.mapFromScene(scene)
        found = self.view.under(spot)
        if found is None:
            self.cross.hide()
            return ""
        facts = self._facts(found[0], self.view.vertex(*found, spot))
        self.cross.point(self.mapFromScene(scene), self._view_box(), facts)
        return ",  ".join(facts)

    def _facts(self, place: int, number: int) -> list[str]:
        """Where a point of a mark is, and its value."""
        mark, panel = self.panel.marks[place], self.panel
        axes = ((panel.x, "x"), (panel.y, "y"), (panel.z, "z"))
        facts = [
            value(axis.label or letter, at, axis.unit)
            for (axis, letter), at in zip(axes, mark.places()[number], strict=True)
        ]
        if mark.values is not None:
            return [*facts, value(mark.name or "value", mark.values[number], mark.unit)]
        return [*facts, mark.name] if mark.name else facts

    def _view_box(self) -> QRectF:
        return self.view.mapRectToItem(self, self.view.rect())

    def _settle(self) -> None:
        self.legend.place(self._view_box())
