"""Light and dark compared: the same places, grounds that follow, words that can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGraphicsView,
    QLabel,
    QProgressBar,
    QWidget,
)

from tests.ui.legibility import contrast, cut, luminance, parts, pixels, seen, texts
from ui.command_palette import CommandPalette
from ui.panes.comparison import PARALLEL, SEEDS
from ui.peer_dialog import PeerDialog
from ui.rescue import Rescue
from ui.run_view import RunView
from workbench.peer import Check, Difference, PeerReport

# Luminances that grounds of a light window are above, and those of a dark one below.
DARKEST, PALEST = 0.4, 0.15
SMALL = 60  # pixels below which a widget is all words or edge


class Filled(NamedTuple):
    """What the window was filled with."""

    table: Path
    runs: list[RunView]


@pytest.fixture(scope="module", autouse=True)
def filled(shared, tmp_path_factory):
    """A window with records and a scene, whose cursors do not blink; a table."""
    blink = QApplication.cursorFlashTime()
    QApplication.setCursorFlashTime(0)
    table = tmp_path_factory.mktemp("data") / "table.csv"
    table.write_text("x,y\n" + "".join(f"{i / 7},{i * i / 50}\n" for i in range(30)))
    runs = []
    for epsilon in (0.3, 0.2, 0.1):
        shared.window.setup.load_example("transport.sinkhorn", "two_moons")
        shared.window.parameters.set_values({"epsilon": epsilon})
        runs.append(shared.over(shared.run()))
    shared.until(lambda: len(shared.window.results.model.rows()) == 3, "the records")
    shared.window.commands["add scene"].trigger()
    yield Filled(table, runs)
    QApplication.setCursorFlashTime(blink)


@pytest.fixture(autouse=True)
def tidy(user):
    yield
    for dialog in (QApplication.activePopupWidget(), *dialogs()):
        if dialog is not None:
            dialog.close()
    user.window.demos.tour.end()
    if user.window.presenter.on:
        user.window.presenter.toggle()
    user.window.settings["theme"] = "light"
    user.until(lambda: not dialogs(), "the dialogs are gone")


def dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


# --- what is looked at -------------------------------------------------------------------------


def opened(user, command: str) -> QDialog:
    user.window.commands[command].trigger()
    return user.until(dialogs, f"a dialog of {command}")[0]


def dialog(command: str) -> Callable:
    return lambda user, _: opened(user, command)


def pane(id: str) -> Callable:
    def show(user, _) -> QWidget:
        user.window.reveal(id)
        return user.window.docks[id]

    return show


def figure(name: str) -> Callable:
    def show(user, filled) -> QWidget:
        plots = user.window.plots
        user.window.runs.show(filled.runs[-1].id)
        plots.choose(name)
        user.until(lambda: plots.figure_name() == name and plots.shown_figure(), name)
        return plots

    return show


def window(user, _) -> QWidget:
    user.window.show_start()
    return user.window


def compared(part: str) -> Callable:
    def show(user, filled) -> QWidget:
        page, records = user.window.comparison, [run.record for run in filled.runs]
        user.window.centre.setCurrentWidget(page)
        page.compare(records, part)
        user.until(lambda: len(page.records) == 3 and page.figure_name() == part, part or "table")
        user.until(lambda: part in ("", SEEDS, PARALLEL) or page.shown_figure(), part)
        return page

    return show


def gallery(user, _) -> QWidget:
    user.window.commands["gallery"].trigger()
    user.until(user.window.demos.gallery.complete, "all cards")
    return user.window.demos.gallery


def data(user, filled) -> QWidget:
    user.window.open_paths([str(filled.table)])
    user.until(lambda: user.window.data.current() == str(filled.table), "the table is chosen")
    user.until(lambda: user.window.inputs.fields(), "it is taken")
    return user.window.docks["data"]


def sweep(user, _) -> QWidget:
    user.window.setup.load_example("transport.sinkhorn", "two_moons")
    asked = opened(user, "sweep")
    asked._table.item(0, 2).setText("0.2, 0.4")
    user.until(asked._run.isEnabled, "the runs are counted")
    user.click(asked._run)
    user.window.reveal("sweep")
    user.until(lambda: user.window.sweeps.view.figure(), "a line is drawn")
    return user.window.docks["sweep"]


def question(user, _) -> QWidget:
    Rescue(user.window, "Two moons", "a.h5", "The disk is full.", lambda _: None).open()
    return dialogs()[0]


def importing(user, filled) -> QWidget:
    user.window.opening.import_table(str(filled.table))
    asked = user.until(dialogs, "the dialog")[0]
    user.until(lambda: asked._head is not None, "the first rows")
    return asked


def exporting(user, filled) -> QWidget:
    figure("plan")(user, filled)
    user.until(user.window.commands["export"].isEnabled, "it can be exported")
    asked = opened(user, "export")
    user.until(lambda: not asked._page.pixmap().isNull(), "the page is drawn")
    return asked


def exporting_all(user, _) -> QWidget:
    asked = opened(user, "export all")
    save = asked.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    user.until(save.isEnabled, "the figures are counted")
    return asked


def checked(user, _) -> QWidget:
    made = PeerDialog("Two moons", user.window)
    rows = (
        Difference("cost", "cost", (), 2.0, 2.1, 0.1, 0.05),
        Difference("plan", "mass", (9, 9), 1.0, 1.0, 1e-9, 1e-9),
    )
    report = PeerReport("POT ot.sinkhorn", "POT", "0.9", rows, 1.0, 2.0, True, "a note")
    made.show_check(Check("a.h5", "Two moons", "Sinkhorn", (report,)))
    made.show()
    return made


def replaying(user, filled) -> QWidget:
    figure("displacement")(user, filled)
    box = opened(user, "replay")
    user.until(lambda: box._frames, "it has a movie")
    box.set_playing(False)
    box.slider.setValue(500)
    return box


def finding(user, _) -> QWidget:
    user.window.show_palette()
    return user.until(lambda: user.window.findChild(CommandPalette), "the palette")


def touring(user, _) -> QWidget:
    user.window.commands["tour"].trigger()
    return user.window.demos.tour.words


def presenting(user, filled) -> QWidget:
    figure("displacement")(user, filled)
    user.window.commands["present"].trigger()
    user.until(lambda: user.window.plots.view.isVisible(), "the picture")
    return user.window.plots


def noticing(user, _) -> QWidget:
    user.window.notices.report("epsilon is −1; it must be positive", "a\nb")
    return user.told("epsilon is −1")


def menu(id: str) -> Callable:
    def show(user, _) -> QWidget:
        found = user.window.commands.menus[id]
        found.popup(user.window.mapToGlobal(user.window.rect().center()))
        user.until(found.isVisible, "it opens")
        return found

    return show


SIGHTS: dict[str, Callable] = {
    "window": window,
    **{f"menu {id}": menu(id) for id in ("File", "View", "Results")},
    **{id: pane(id) for id in ("methods", "parameters", "run", "results", "inspector", "log")},
    "data": data,
    "sweep": sweep,
    **{name: figure(name) for name in ("plan", "displacement", "potentials", "convergence")},
    "comparison": compared(""),
    "comparison of pictures": compared("plan"),
    "comparison over seeds": compared(SEEDS),
    "parallel axes": compared(PARALLEL),
    "gallery": gallery,
    "tour": touring,
    "presenter mode": presenting,
    "error": noticing,
    "command palette": finding,
    "rescue": question,
    "import": importing,
    "export": exporting,
    "export all": exporting_all,
    "check": checked,
    "replay": replaying,
    **{
        id: dialog(id)
        for id in (
            "settings", "shortcuts", "manual", "about", "scenes", "save layout", "report", "open",
        )
    },
}  # fmt: skip


# --- how it is looked at -----------------------------------------------------------------------


def settled(user, widget: QWidget) -> np.ndarray:
    """The picture once it stays the same; but for the status bar, which tells the memory."""
    last, bar = None, user.window.status
    for _ in range(50):
        user.rest(0.015)
        with user.stalls.paused():
            now = pixels(widget)
        if widget is user.window:
            now = now[: bar.y()]
        if last is not None and np.array_equal(last, now):
            return now
        last = now
    raise AssertionError("the picture never comes to rest")


def places(widget: QWidget) -> list[tuple[str, str, QRect]]:
    return [(type(w).__name__, w.objectName(), QRect(w.geometry())) for w in parts(widget)]


def has_ground(widget: QWidget) -> bool:
    """Whether it shows the colours of the scheme: others have children, a picture or the blue."""
    inside = any(part.isVisible() for part in widget.findChildren(QWidget))
    picture = isinstance(widget, QLabel) and not widget.pixmap().isNull()
    blue = isinstance(widget, QProgressBar) or widget.objectName() == "primary"
    return not (inside or picture or blue)


def grounds(picture: np.ndarray, where: QWidget) -> list[tuple[str, float]]:
    """The middle luminance of each widget; of a plot that of its edge, for data may fill it."""
    found = []
    for widget in filter(has_ground, parts(where)):
        box = seen(widget, where).intersected(QRect(0, 0, *picture.shape[1::-1]))
        if min(box.width(), box.height()) < 8 or box.width() * box.height() < SMALL:
            continue
        patch = cut(picture, box)
        if isinstance(widget.parent(), QGraphicsView):
            patch = np.concatenate([patch[:2].reshape(-1, 3), patch[-2:].reshape(-1, 3)])
        found.append(
            (
                f"{type(widget).__name__} {widget.accessibleName()}",
                float(np.median(luminance(patch))),
            )
        )
    return found


def illegible(picture: np.ndarray, where: QWidget) -> list[str]:
    return [
        f"{text.words!r:.60} {ratio:.2f} < {text.least}"
        for text in texts(where)
        if not (isinstance(where, QFileDialog) and text.words.startswith("icon"))  # those are Qt's
        and text.box.bottom() < len(picture)
        and (ratio := contrast(cut(picture, text.box))) < text.least
    ]


@pytest.mark.parametrize("sight", SIGHTS)
def test_that_a_scheme_changes_colours_only_and_all_words_can_be_read(user, filled, sight):
    widget = SIGHTS[sight](user, filled)
    pictures, found = [], {}
    for name in ("light", "dark", "light"):
        user.window.settings["theme"] = name
        pictures.append(settled(user, widget))
        if len(pictures) < 3:
            with user.stalls.paused():
                found[name] = (
                    places(widget),
                    grounds(pictures[-1], widget),
                    illegible(pictures[-1], widget),
                )
    light, dark = found["light"], found["dark"]
    assert light[0] == dark[0], "widgets have moved"
    assert not [one for one in light[1] if one[1] < DARKEST], "these stay dark"
    assert not [one for one in dark[1] if one[1] > PALEST], "these stay light"
    assert not light[2], "too faint in the light window"
    assert not dark[2], "too faint in the dark window"
    changed = (pictures[0] != pictures[2]).any(axis=2)
    assert not changed.any(), f"{changed.sum()} pixels from {np.argwhere(changed).min(axis=0)}"
