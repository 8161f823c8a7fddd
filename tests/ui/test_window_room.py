"""A small screen: everything fits, nothing is cut, and long words give way."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDockWidget,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)

from engines.figure import Axis, Figure, Image, Line, Panel
from ui.figure_view import FigureView
from ui.form import Form
from ui.program import fit
from ui.window import MainWindow
from workbench.workspace import Workspace

SCREENS = [(1024, 700), (1280, 720)]
TALLEST = 660  # of a dialog: a small screen less its title and a task bar
LONG = "a name as long as they can become, "


@pytest.fixture(scope="module", autouse=True)
def records(workspace) -> list[str]:
    """Two runs with long names."""
    from workbench.api import run

    found = []
    for rank in 5, 9:
        path = Workspace(workspace).new_path("lowrank.randomized_svd", "hilbert")
        target = {"kind": "rank", "k": rank}
        run("lowrank.randomized_svd", example="hilbert", target=target, output=path,
            title=f"{LONG}{rank}")  # fmt: skip
        found.append(str(path))
    return found


@pytest.fixture
def small(user):
    """Gives the window a size, and its old one back."""
    before = user.window.size()

    def take(width: int, height: int) -> None:
        with user.stalls.paused():  # the whole window is laid out anew
            user.window.resize(width, height)
            user.rest()

    yield take
    take(before.width(), before.height())


def cut(place: QWidget) -> list[str]:
    """What people click or type in and cannot see all of, apart from what can be scrolled to."""
    found = []
    for widget in place.findChildren(QWidget):
        kind = isinstance(widget, QAbstractButton | QComboBox | QLineEdit)
        inside = widget.parentWidget()
        while inside is not None and not isinstance(inside, QAbstractScrollArea):
            inside = inside.parentWidget() if inside is not place else None
        part = isinstance(widget.parentWidget(), QAbstractSpinBox | QTabBar | QDockWidget)
        if not kind or part or inside is not None or not widget.isVisibleTo(place):
            continue
        corner = widget.mapTo(place, widget.rect().topLeft())
        least = widget.minimumSizeHint()
        here = QRect(corner, widget.size())
        short = widget.width() < least.width() or widget.height() < least.height()
        if short or not place.rect().contains(here):
            found.append(
                f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}"
            )
    return found


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_that_the_window_fits_a_small_screen(user, small, width, height, tmp_path):
    user.over(user.card("transport"))
    small(width, height)
    window = user.window
    assert (window.width(), window.height()) == (width, height)
    with user.stalls.paused():
        picture = window.grab()
    assert picture.deviceIndependentSize().toSize() == QSize(width, height)
    for name, dock in window.docks.items():
        if dock.isVisible() and not window.tabifiedDockWidgets(dock):
            assert window.rect().contains(dock.geometry()), name
            assert dock.width() >= 200, name
        assert not cut(dock.widget()), name
    assert not cut(window.plots)
    assert window.centre.width() >= 360, "there is room for a picture"


def test_that_a_window_starts_no_larger_than_the_screen(light, tmp_path):
    window = MainWindow(tmp_path, QSettings(str(tmp_path / "a.ini"), QSettings.Format.IniFormat))
    fit(window, QSize(1024, 700))
    window.show()
    assert window.size() == QSize(1024, 700)
    assert window.docks["data"].width() < window.docks["parameters"].width() < 280
    assert window.centre.width() > 500, "what is looked at has most of it"
    window.close()
    window.deleteLater()


@pytest.mark.usefixtures("small")
def test_that_the_form_of_no_method_scrolls_sideways_on_a_small_screen(user):
    with user.stalls.paused():
        fit(user.window, QSize(1024, 700))
        user.rest()
    pane = user.window.parameters
    for card in user.window._catalogue.methods:
        user.method(card.title)
        form = user.until(lambda title=card.title: shown_form(pane, title), card.title)
        if form.fold.isVisible() and not form.unfolded:
            user.click(form.fold)
        user.rest(0.05)
        place = form.parentWidget().parentWidget()
        assert not place.horizontalScrollBar().isVisible(), card.title
        assert form.minimumSizeHint().width() <= form.width() <= place.viewport().width()
        for row in form.rows.values():
            right = row.reset.mapTo(form, row.reset.rect().topRight()).x()
            assert right <= form.width(), f"{card.title}: {row.field.name}"


def shown_form(pane, title: str) -> Form | None:
    """The form in sight, once it is the one of that method."""
    forms = [form for form in pane.findChildren(Form) if form.isVisible()]
    return forms[0] if forms and pane._title.text() == title else None


@pytest.mark.usefixtures("small")
def test_that_many_curves_on_a_small_screen_keep_a_legible_size_and_scroll(user):
    with user.stalls.paused():
        fit(user.window, QSize(1024, 700))
        user.rest()
    user.method("Gromov-Wasserstein")
    user.over(user.run())
    user.tab("Progress")
    plots = user.window.plots.view.plots
    seen = plots.parentWidget()
    user.until(lambda: plots.settled() and plots.height() > seen.height(), "it is to be scrolled")
    assert len(plots.panels) == 9
    assert plots.width() == seen.width(), "never sideways"
    boxes = [plots.mapFromScene(p.sceneBoundingRect()).boundingRect() for p in plots.panels]
    assert not any(a.adjusted(2, 2, -2, -2).intersects(b) for a, b in combinations(boxes, 2))
    for panel in plots.panels:
        assert "…" not in panel.left.label.toPlainText(), "the name of a curve is whole"
    user.click(plots.viewport(), boxes[0].center())
    for number in range(1, 9):
        user.press(Qt.Key.Key_PageDown)
        box = boxes[number].translated(plots.mapTo(seen, QPoint()))
        assert seen.rect().contains(box), f"panel {number} is in sight"


@pytest.mark.parametrize("page", ["start", "comparison"])
def test_that_every_page_fits_a_small_screen(user, small, page, records):
    if page == "comparison":
        user.window.comparison.compare(records)
        user.until(user.window.comparison.isVisible, "the comparison")
    else:
        user.window.show_start()
    small(1024, 700)
    assert (user.window.width(), user.window.height()) == (1024, 700)
    assert not cut(user.window.comparison if page == "comparison" else user.window.start)


@pytest.mark.usefixtures("small")
def test_that_the_mark_that_closes_a_comparison_keeps_its_corner(user, records):
    page = user.window.comparison
    page.compare(records)
    user.until(page.isVisible, "the comparison")
    mark = user.button("Close the comparison", page)
    for size in (QSize(1024, 700), QSize(1440, 900)):
        with user.stalls.paused():
            user.window.resize(size)
            user.window.layouts.reset()
            user.rest()
        title = next(label for label in page.findChildren(QLabel) if label.text() == "Comparison")
        assert abs(mark.geometry().center().y() - title.geometry().center().y()) < 12
        assert page.width() - mark.geometry().right() < 20, "at the right end of the first line"
    user.click(mark)
    user.until(lambda: not page.isVisible(), "it is closed")


def test_that_the_path_of_a_record_does_not_widen_a_small_window(user, small, records):
    small(1024, 700)
    user.window._inspect(records[0])
    path = user.until(
        lambda: next((p for p in user.window.inspector.findChildren(QLabel) if p.text()), None),
        "the path",
    )
    assert path.text() == path.toolTip() == records[0]
    user.rest()
    assert user.window.width() == 1024
    user.window.reveal("results")


def check_room(user) -> None:
    """The dialog that has opened fits, and goes."""
    with user.stalls.paused():
        dialog = user.until(lambda: user.window.findChild(QDialog), "the dialog opens")
        user.until(dialog.isVisible)
        user.rest(0.3)
    least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
    assert least.width() <= 1000
    assert max(least.height(), dialog.height()) <= TALLEST
    dialog.reject()
    user.until(lambda: user.window.findChild(QDialog) is None, "it is gone")


@pytest.mark.parametrize("id", ["export", "report", "sweep", "open", "settings", "shortcuts"])
def test_that_every_dialog_fits_a_small_screen(user, id):
    user.over(user.card("transport"))
    user.until(user.window.commands["export"].isEnabled, "its picture is on show")
    with user.stalls.paused():
        user.window.commands[id].trigger()
    check_room(user)


def test_that_the_import_of_a_wide_table_fits_a_small_screen(user, tmp_path):
    path = tmp_path / "wide.csv"
    np.savetxt(path, np.ones((50, 80)), delimiter=",")
    user.window.opening.import_table(str(path))
    check_room(user)


def test_that_the_table_of_a_comparison_shows_every_column(user, records):
    page = user.window.comparison
    page.compare(records)
    user.until(page.table.isVisible, "the table")
    table = page.table
    user.until(lambda: table.columnCount() == 4, "name, two runs, their difference")
    assert user.window.width() == 1440
    assert sum(map(table.columnWidth, range(4))) <= table.viewport().width()
    for row in range(table.rowCount()):
        for column in range(1, 4):
            item = table.item(row, column)
            if item is not None:
                wide = table.fontMetrics().horizontalAdvance(item.text())
                assert wide < table.columnWidth(column), item.text()
    assert LONG[:20] in table.horizontalHeaderItem(3).toolTip(), "the heading gave way"


def test_that_runs_without_a_common_curve_show_their_own(user, records, workspace):
    other = Path(user.over(user.card("transport")).record)
    page = user.window.comparison
    page.compare([records[0], str(other)], "progress")
    user.until(lambda: page.figure_name() == "progress" and page.shown_figure(), "the curves")
    figure = page.shown_figure()
    assert figure.panels
    assert user.until(lambda: page.view.plots.panels, "they are drawn")


def test_that_long_labels_of_axes_give_way_to_their_neighbours(qapp):
    labels = "number of the point in the source cloud", "number of the point in the target (m)"
    panel = Panel((Image(values=np.eye(9)),), x=Axis(labels[0]), y=Axis(labels[1]), equal=True)
    view = FigureView()
    view.resize(700, 220)
    view.set_figure(Figure("plan", "", (panel,) * 4, columns=4))
    view.picture()
    boxes = []
    for item in view.plots.panels:
        label = item.bottom.label
        boxes.append(label.mapRectToScene(label.boundingRect()))
        assert label.toolTip() == labels[0]
        upright = item.left.label
        assert upright.boundingRect().width() <= item.left.size().height() + 4, "its rounded height"
    for one, two in pairwise(boxes):
        assert one.right() <= two.left() + 10, "margins of the text may meet"
    view.resize(3200, 800)
    view.picture()
    assert labels[0] in view.plots.panels[0].bottom.label.toPlainText(), "there is room again"
    wide = Figure("line", "", (Panel((Line(x=np.arange(3), y=np.arange(3)),), x=Axis("t", "s")),))
    view.set_figure(wide)
    view.picture()
    assert "t (s)" in view.plots.panels[0].bottom.label.toPlainText()
