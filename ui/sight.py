"""What of a figure is in sight: taken down, and restored in any size of the window."""

from __future__ import annotations

from ui.figure_view import SETTLING, FigureView
from ui.panel import PanelItem
from workbench.camera import Camera
from workbench.scenes import Sight


def sight_of(view: FigureView) -> Sight:
    """Frame, limits and camera as they are."""
    plots = view.plots
    ranges = tuple(
        tuple(tuple(ends) for ends in item.view.viewRange())
        if isinstance(item, PanelItem) and item.touched
        else None
        for item in plots.panels
    )
    seen = plots.camera
    camera = (seen.azimuth, seen.elevation, seen.zoom, seen.shift) if plots.turned else None
    return Sight(view.movie.frame(), ranges, camera)


def look(view: FigureView, sight: Sight) -> None:
    """Show the figure that the view has as it was seen."""
    view.figure()  # drawn now, also while nobody looks
    view.movie.set_playing(False)
    view.movie.slider.setValue(sight.frame)
    plots = view.plots
    plots.aim(Camera(*sight.camera) if sight.camera else None)
    for _ in range(SETTLING):  # panels of equal units take their limits by their shape
        if plots.settled():
            break
    for number, item in enumerate(plots.panels):
        if not isinstance(item, PanelItem):
            continue
        ranges = sight.ranges[number] if number < len(sight.ranges) else None
        if ranges is None:
            item.reset()
        else:
            item.touched = True
            item.view.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)
