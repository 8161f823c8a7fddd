"""One page of matplotlib: where the panels of a figure stand and what is written around them."""

from __future__ import annotations

from typing import Any

from engines.figure import Figure, Mark, Panel
from workbench import space_paper
from workbench.layout import Layout, bar_text, free_corner, grid, named
from workbench.lettering import LINE, further_lines, wrapped
from workbench.palette import LIGHT, look
from workbench.paper import Ink, annotate, draw, plain

MM = 25.4
SHORTEST = 10.0  # millimetres of a page
# Type is 7 pt up to the widest journal page (183 mm). Wider pages are slides and posters, read
# from afar: there it grows with the page, to 18 pt on a slide of 339 mm.
TYPE, WIDEST, AFAR = 7.0, 183.0, 128.0
ROOMY = 90.0  # millimetres of a panel in which dots have their full size
EXPONENT, SMALLEST = 0.7, 5.0  # of the size of the type, as matplotlib has it; points
SPACE_MM = (17.0, 13.0)  # beside and above a box in space, for its numbers and labels
NARROWEST = 42.0  # millimetres a panel needs for its axis with labels

Places = tuple[tuple[float, float, float, float], ...]  # of the panels, in shares of the page


def type_size(width_mm: float) -> float:
    """Points of the text on a page of this width."""
    return TYPE * _scale(width_mm)


def exponent_size(width_mm: float) -> float:
    """Points of the exponents on a page of this width, its smallest letters."""
    return EXPONENT * _raised(type_size(width_mm))


def dot_scale(figure: Figure, width_mm: float) -> float:
    """By how much dots are larger or smaller on a page of this width."""
    columns = grid(figure, _columns(width_mm))[1]
    return _dot(_scale(width_mm), width_mm / columns)


def _dot(scale: float, width: float) -> float:
    return scale * min(1.0, width / scale / ROOMY)


def _raised(size: float) -> float:
    """The size of numbers that have exponents: journals refuse letters below five points."""
    return max(size, SMALLEST / EXPONENT)


def natural_height(figure: Figure, plan: tuple[Layout, ...], width_mm: float) -> float:
    """A height in millimetres at which each row of panels has the shape of its data."""
    _, columns = grid(figure, _columns(width_mm))
    scale = _scale(width_mm)
    total = (6.0 if figure.title else 1.0) * scale
    for start in range(0, len(figure.panels), columns):
        row = list(zip(figure.panels, plan, strict=True))[start : start + columns]
        side = width_mm / columns
        total += max(_panel_height(p, q, side, scale, figure.view) for p, q in row)
    return min(max(total, SHORTEST), 2.5 * width_mm)


def _panel_height(
    panel: Panel, plan: Layout, width: float, scale: float, view: tuple[float, float]
) -> float:
    if panel.in_space:
        free = width - scale * (SPACE_MM[0] + (13.0 if plan.bar is not None else 0.0))
        shape = space_paper.aspect(panel, plan, view)
        return max(free, 5.0) * min(max(shape, 0.2), 2.0) + scale * SPACE_MM[1]
    below = (9.0 if panel.x.ticks else 2.0) + (4.0 if panel.title else 0.0)
    across, up = _room(panel, plan, width, scale)
    below += LINE * further_lines(panel.x.text(), across, TYPE * scale)
    below += LINE * further_lines(panel.title, width, TYPE * scale)
    return up + below * scale


def _room(panel: Panel, plan: Layout, width: float, scale: float) -> tuple[float, float]:
    """Width and height in millimetres that are left for the data of a panel."""
    left, right, bottom, top = plan.limits
    beside = (12.0 if panel.y.ticks else 4.0) + (13.0 if plan.bar is not None else 0.0)
    linear = panel.x.scale == panel.y.scale == "linear"
    aspect = abs((top - bottom) / (right - left)) if panel.equal and linear else 0.72
    across = max(width - beside * scale, 5.0)
    return across, across * min(max(aspect, 0.2), 2.0)


def _columns(width_mm: float) -> int:
    return max(1, int(width_mm / _scale(width_mm) / NARROWEST))


def _scale(width_mm: float) -> float:
    return 1.0 if width_mm <= WIDEST else width_mm / AFAR


def compose(
    figure: Figure,
    plan: tuple[Layout, ...],
    kind: str,
    size: tuple[float, float],
    dpi: int,
    places: Places = (),
) -> Any:
    """The drawn page, a matplotlib figure; `places` of an earlier page put its panels there."""
    from matplotlib.figure import Figure as Page

    tight = all(panel.equal and not panel.in_space for panel in figure.panels)
    page: Any = Page(
        figsize=(size[0] / MM, size[1] / MM),
        dpi=dpi,
        layout="compressed" if tight and len(figure.panels) > 1 else "constrained",
        facecolor=LIGHT.ground,
    )
    scale = _scale(size[0])
    gap = 1.2 * scale / MM
    page.get_layout_engine().set(w_pad=gap, h_pad=gap, wspace=0.03, hspace=0.03)
    if figure.title:
        page.suptitle(plain(figure.title), fontsize=(TYPE + 1) * scale, fontweight="bold")
    add(page, figure, plan, kind, size[0], dpi, places)
    return page


def add(
    page: Any,
    figure: Figure,
    plan: tuple[Layout, ...],
    kind: str,
    width_mm: float,
    dpi: int,
    places: Places,
) -> None:
    """Draw the panels of a figure of this width; with `places`, on a page that may hold more."""
    scale = _scale(width_mm)
    rows, columns = grid(figure, _columns(width_mm))
    width = width_mm / columns
    drawn, spaces = [], []
    for place, (panel, laid) in enumerate(zip(figure.panels, plan, strict=True)):
        axes = page.add_subplot(rows, columns, place + 1)
        drawn.append(axes)
        if panel.in_space:
            _space(axes, panel, laid, scale, kind, width)
            spaces.append((axes, panel, laid))
        else:
            _panel(axes, panel, laid, scale, kind, width)
            for note in figure.annotations:
                if note.panel == place:
                    annotate(axes, note, scale, kind)
    if places:
        page.set_layout_engine("none")
        for axes, held in zip(drawn, places, strict=True):
            axes.set_position(held)
    elif spaces:
        page.get_layout_engine().execute(page)  # data in space have to know their place
    dot = _dot(scale, width)
    for axes, panel, laid in spaces:
        look_at = space_paper.Look(figure.view, TYPE * scale, dot, dpi, flat=kind == "eps")
        space_paper.fill(axes, panel, laid, look_at)


def places(page: Any) -> Places:
    """Where the panels of a page stand once they are laid out."""
    page.get_layout_engine().execute(page)
    return tuple(axes.get_position(original=True).bounds for axes in page.axes)


def _space(axes: Any, panel: Panel, plan: Layout, scale: float, kind: str, width: float) -> None:
    """What stands around the data of a 3-D panel."""
    size = TYPE * scale
    explained = space_paper.announce(axes, panel, plan, size)
    if panel.title:
        axes.set_title(plain(panel.title), fontsize=size, color=LIGHT.text, pad=3 * scale)
    if explained is not None and plan.bar is not None:
        _colour_bar(axes, explained, panel.marks[plan.bar], size, scale, width)
    if plan.legend:
        _legend(axes, "upper right", size, 1.0 if kind == "eps" else 0.8)


def _panel(axes: Any, panel: Panel, plan: Layout, scale: float, kind: str, width: float) -> None:
    size = TYPE * scale
    # What is not positive has no place on a logarithmic axis: a gap, as on the screen.
    gaps: dict[str, Any] = {"linear": {}, "log": {"nonpositive": "mask"}}
    axes.set_xscale(panel.x.scale, **gaps[panel.x.scale])
    axes.set_yscale(panel.y.scale, **gaps[panel.y.scale])
    axes.set_xlim(*plan.limits[:2])
    axes.set_ylim(*plan.limits[2:])
    axes.set_autoscale_on(False)
    drawn = None
    names = named(panel)
    dot = _dot(scale, width)
    for place, mark in enumerate(panel.marks):
        colour, dashes = look(LIGHT, *plan.slots[place])
        name = getattr(mark, "name", "")
        label = name if names.get(name) == place else "_nolegend_"
        faint = getattr(mark, "role", "data") != "data"
        span = plan.ranges[place]
        ink = Ink(axes, colour, dashes, span, plain(label), scale, dot, kind, faint)
        before = set(axes.get_children())
        coloured = draw(mark, ink)
        drawn = coloured if place == plan.bar else drawn
        for artist in axes.get_children():  # later marks on top, as on the screen
            if artist not in before:
                artist.set_zorder(1 + place / 1000)
    if panel.equal:
        axes.set_aspect("equal", adjustable="box")
    _dress(axes, panel, size, scale, width)
    _label(axes, panel, _room(panel, plan, width, scale), size, scale, width)
    if drawn is not None and plan.bar is not None:
        _colour_bar(axes, drawn, panel.marks[plan.bar], size, scale, width)
    if plan.legend:
        _legend(axes, free_corner(panel, plan.limits), size, 1.0 if kind == "eps" else 0.8)


def _legend(axes: Any, corner: str, size: float, opacity: float) -> None:
    legend = axes.legend(
        loc=corner,
        fontsize=size,
        edgecolor="none",
        facecolor=LIGHT.ground,
        framealpha=opacity,
        borderpad=0.2,
        labelspacing=0.25,
        handlelength=1.6,
    )
    for handle in legend.legend_handles:
        if hasattr(handle, "set_sizes"):  # dots may be tiny in the panel
            handle.set_sizes([(size / 2) ** 2])


def _dress(axes: Any, panel: Panel, size: float, scale: float, width: float) -> None:
    """Lines and numbers of the axes."""
    from matplotlib.ticker import MaxNLocator

    from workbench.decades import Apart

    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    thin = 0.6 * scale
    for axis, side, name in ((panel.x, "bottom", "x"), (panel.y, "left", "y")):
        axes.spines[side].set(visible=axis.ticks, linewidth=thin, color=LIGHT.text)
        shown = {side: axis.ticks, f"label{side}": axis.ticks}
        axes.tick_params(
            name,
            which="both",
            labelsize=size,
            width=thin,
            length=2.5 * scale,
            pad=1.5 * scale,
            color=LIGHT.text,
            labelcolor=LIGHT.text,
            **shown,
        )
        axes.tick_params(name, which="minor", length=1.5 * scale, labelsize=size)
        ours = getattr(axes, f"{name}axis")
        if axis.scale == "log":
            axes.tick_params(name, which="both", labelsize=_raised(size))
            ours.set_minor_formatter(Apart())
        if axis.scale == "linear":
            count = max(2, min(5, int(width / scale / 11)))
            ours.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
        ours.get_offset_text().set_fontsize(_raised(size))


def _label(
    axes: Any, panel: Panel, room: tuple[float, float], size: float, scale: float, width: float
) -> None:
    """The names of the axes, no longer than these, and the title."""
    across, up = (
        plain(wrapped(axis.text(), free, size))
        for axis, free in zip((panel.x, panel.y), room, strict=True)
    )
    axes.set_xlabel(across, fontsize=size, color=LIGHT.text, labelpad=1.5 * scale)
    axes.set_ylabel(up, fontsize=size, color=LIGHT.text, labelpad=1.5 * scale)
    if panel.title:
        title = plain(wrapped(panel.title, width, size))
        axes.set_title(title, fontsize=size, color=LIGHT.text, pad=3 * scale)


def _colour_bar(axes: Any, drawn: Any, mark: Mark, size: float, scale: float, width: float) -> None:
    """A bar as high as the axes, two millimetres wide, labelled with name and unit."""
    beside = axes.inset_axes([1.0 + 2.0 * scale / width, 0.0, 3.5 * scale / width, 1.0])
    bar = axes.figure.colorbar(drawn, cax=beside)
    bar.solids.set_rasterized(True)  # viewers show seams between 256 filled strips
    bar.outline.set_visible(False)
    beside.tick_params(labelsize=size, width=0.6 * scale, length=2 * scale, pad=1.5 * scale)
    beside.yaxis.get_offset_text().set_fontsize(_raised(size))
    bar.set_label(plain(bar_text(mark)), fontsize=size, color=LIGHT.text, labelpad=2 * scale)
