"""The commands of the tools, for the menus and the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.commands import TOLD_MS, Command
from ui.figure_view import FigureView

if TYPE_CHECKING:
    from ui.window import MainWindow

TOOLS = ("region", "profile", "ruler", "annotate")


def tool_commands(w: MainWindow) -> list[Command]:
    """One for each tool and for each step through the views."""
    return [
        Command(
            "region",
            "Figure/Tools",
            "&Region with statistics",
            lambda: take(w, "region"),
            "",
            "region",
        ),
        Command(
            "profile", "Figure/Tools", "Line &profile", lambda: take(w, "profile"), "", "profile"
        ),
        Command("ruler", "Figure/Tools", "R&uler", lambda: take(w, "ruler"), "", "ruler"),
        Command(
            "annotate", "Figure/Tools", "&Annotate", lambda: take(w, "annotate"), "", "annotate"
        ),
        Command(
            "back",
            "Figure",
            "Pre&vious view",
            lambda: step(w, -1),
            "Alt+Left",
            "back",
            "What was zoomed to before",
        ),
        Command("forward", "Figure", "Ne&xt view", lambda: step(w, 1), "Alt+Right", "forward"),
    ]


def view_of(w: MainWindow) -> FigureView | None:
    """The picture in sight."""
    views = (page.view for page in (w.plots, w.comparison))
    return next((view for view in views if view.isVisibleTo(w)), None)


def take(w: MainWindow, tool: str) -> None:
    """Take up a tool in the picture in sight, where keys go then; or say why it cannot be."""
    view = view_of(w)
    if view is None:
        return
    view.tools.pick(tool)
    view.plots.setFocus()
    if not view.tools.tool:
        w.status.showMessage(view.tools.bar.buttons[tool].toolTip(), TOLD_MS)


def step(w: MainWindow, by: int) -> None:
    """Go back or forward through the views of the picture in sight."""
    view = view_of(w)
    if view is not None:
        history = view.tools.history
        (history.back if by < 0 else history.forward)()
