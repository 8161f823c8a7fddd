"""The results: found, narrowed down, marked, and compared, by mouse and keys."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTableWidget,
    QWidget,
)

from engines.events import Logged
from engines.figure import Axis, Figure, Image, Line, Panel
from engines.problem import ScalarSpec
from ui.export_dialog import ExportDialog
from ui.records_model import COLUMNS
from workbench import records
from workbench.records import Recorder, RunInfo

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier(0)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
X = np.linspace(0, 1, 40)


class Found:
    """A result of two numbers."""

    def __init__(self, cost: float) -> None:
        self._cost = cost

    def arrays(self):
        return []

    def scalars(self):
        yield "transport_cost", self._cost, ScalarSpec("", "J")
        yield "iterations", 40, ScalarSpec("", "")


def made(folder: Path, number: int, title: str, cost: float, **changed) -> Path:
    """A record of a Sinkhorn run with a curve, an image and a movie."""
    epsilon = changed.pop("epsilon", 0.05)
    held = {
        "method": "transport.sinkhorn",
        "parameters": {**DEFAULTS, "epsilon": epsilon},
        "seed": 0,
        "device": "cpu",
        "precision": "float64",
        "example": "two_moons",
        "started": f"2026-01-0{number}T03:04:05+00:00",
        "state": "done",
        "seconds": 2.0 * number,
        "title": title,
    }
    info = RunInfo(**{**held, **changed})
    recorder = Recorder(folder / "runs" / f"{number:05d}-made.h5", info, None)
    recorder.add(Logged("", tuple((k, 0.1 * k, {"error": cost / k}) for k in range(1, 20))))
    field = np.sin(6 * cost * X[:, None]) * np.cos(6 * X)
    times = np.linspace(0, 1, 5)
    figures = [
        Figure("error", "Error", (Panel((Line(x=X, y=cost * X),), x=Axis("x"), y=Axis("e")),)),
        Figure("plan", "Plan", (Panel((Image(values=field),), equal=True),)),
        Figure(
            "flow",
            "Flow",
            (Panel((Image(values=field * (1 + times[:, None, None])),), equal=True),),
            times=times,
        ),
    ]
    return recorder.finish(info, Found(cost), figures)


DEFAULTS = {
    "epsilon": 0.01,
    "epsilon_mode": "relative_mean",
    "metric": "sqeuclidean",
    "tol": 1e-06,
    "max_iter": 10000,
    "backend": "auto",
    "relax": 1.97,
    "anneal": 0.5,
    "anneal_start": 0.05,
    "iters_per_level": 40,
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "runs").mkdir()
    made(folder, 1, "Sharp", 1.0)
    made(folder, 2, "Blurred", 2.5, epsilon=0.2, seed=7)
    made(folder, 3, "Broken", 10.0, state="failed", tags=("draft",), notes="diverged at once")
    return folder


@pytest.fixture
def results(user):
    """The pane with all its records, nothing filtered and nothing selected."""
    pane = user.window.results
    user.until(lambda: len(pane.model.rows()) == 3, "the records are listed")
    user.window.reveal("results")
    pane.filter.clear()
    pane.table.clearSelection()
    user.window.show_start()
    return pane


def cell(pane, title: str, column: str):
    rows = [pane.model.shown(i).title for i in range(pane.model.rowCount())]
    return pane.model.index(rows.index(title), COLUMNS.index(column))


def titles(pane) -> list[str]:
    return [pane.model.shown(i).title for i in range(pane.model.rowCount())]


def place(pane, title: str, column: str = "Name") -> QPoint:
    index = cell(pane, title, column)
    pane.table.scrollTo(index)
    QApplication.processEvents()
    return pane.table.visualRect(index).center()


def press(pane, title: str, column: str = "Name", *, held=NONE, twice=False):
    spot, viewport = place(pane, title, column), pane.table.viewport()
    at = viewport.mapTo(viewport.window(), spot)
    handle = viewport.window().windowHandle()
    QTest.mouseClick(handle, LEFT, held, at)
    if twice:
        QTest.mouseDClick(handle, LEFT, held, at)


def type_in_cell(user, pane, text: str) -> None:
    line = user.until(lambda: pane.table.findChild(QLineEdit), "an editor opens")
    QTest.keySequence(line, "Ctrl+A")
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def chosen_in_menu(user, pane, title: str, text: str) -> None:
    """Right-click on a record, and take a line of the menu."""
    pane._open_menu(place(pane, title))
    menu = user.until(lambda: pane.findChild(QMenu), "the menu opens")
    (action,) = [a for a in menu.actions() if a.text() == text]
    assert action.isEnabled()
    handle = user.until(menu.windowHandle)
    QTest.mouseClick(handle, LEFT, NONE, menu.actionGeometry(action).center())


def dropped(user, pane, titles: list[str], on: QWidget, at: QPoint | None = None) -> None:
    """Let the records fall on a widget, by the way that the desktop takes."""
    mime = pane.model.mimeData([cell(pane, title, "Name") for title in titles])
    spot = on.mapTo(user.window, at or on.rect().center())
    held = mime, LEFT, NONE
    handle, action = user.window.windowHandle(), Qt.DropAction.CopyAction
    enter, move = QDragEnterEvent(spot, action, *held), QDragMoveEvent(spot, action, *held)
    QApplication.sendEvent(handle, enter)
    move.setAccepted(enter.isAccepted())
    QApplication.sendEvent(handle, move)
    assert move.isAccepted(), f"records may not be dropped on {type(on).__name__}"
    event = QDropEvent(QPointF(spot), action, *held)
    QApplication.sendEvent(handle, event)
    assert event.isAccepted()


def compared(user, *labels: str):
    """The page, once it compares these runs."""
    page = user.window.comparison
    user.until(lambda: page.isVisible() and page._shown, "the comparison")
    user.until(lambda: page._shown.labels == labels, f"of {labels}, not {page._shown.labels}")
    return page


def tab(user, page, name: str) -> None:
    bar = page._tabs
    index = [bar.tabText(i) for i in range(bar.count())].index(name)
    user.click(bar, bar.tabRect(index).center())


def both(user, pane):
    """Sharp and Blurred compared, by two clicks and the button."""
    press(pane, "Sharp")
    press(pane, "Blurred", held=CTRL)
    user.click(user.button("Compare", pane))
    return compared(user, "Blurred", "Sharp")


# --- the list ----------------------------------------------------------------------------------


def test_that_a_record_shows_its_numbers_settings_and_origin(results):
    def text(column):
        return results.model.data(cell(results, "Blurred", column))

    assert text("Result") == "transport cost 2.5, iterations 40"
    assert text("Settings") == "epsilon=0.2"
    assert (text("Time"), text("Device"), text("Seed")) == ("4 s", "cpu float64", "7")
    assert (text("Method"), text("Data"), text("State")) == ("Sinkhorn", "two moons", "done")
    assert titles(results) == ["Broken", "Blurred", "Sharp"], "the newest first"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("epsilon=0.05", ["Broken", "Sharp"]),
        ("blur", ["Blurred"]),
        ("tag:draft", ["Broken"]),
        ("diverged", ["Broken"]),
        ("sinkhorn cost>2", ["Broken", "Blurred"]),
    ],
)
def test_that_typing_finds_records_by(user, results, typed, found):
    typed = typed.replace("cost", "transport_cost")
    user.write(user.named(QLineEdit, "Search records"), typed)
    assert titles(results) == found


def test_that_a_search_that_finds_nothing_says_so_and_offers_the_way_back(user, results):
    user.write(user.named(QLineEdit, "Search records"), "epsilon=77")
    assert not results.table.isVisible()
    assert "None of the 3 records" in results._why.text()
    user.click(user.button("Show all", results))
    assert results.table.isVisible()
    assert len(titles(results)) == 3


def test_that_method_state_and_star_narrow_the_list_down(user, results):
    user.pick(user.named(QComboBox, "State of the records"), "failed")
    assert titles(results) == ["Broken"]
    user.rest(0.5)  # a list takes quick letters for one word
    user.pick(user.named(QComboBox, "State of the records"), "All")
    user.pick(user.named(QComboBox, "Method of the records"), "PDE")
    assert titles(results) == []
    user.rest(0.5)
    user.pick(user.named(QComboBox, "Method of the records"), "Optimal")
    assert len(titles(results)) == 3
    press(results, "Sharp", "★")
    user.click(user.button("Starred only", results))
    assert titles(results) == ["Sharp"]
    press(results, "Sharp", "★")  # off again; it leaves with the next look
    user.until(lambda: not results._writing.get(results.model.path(0)), "written")


def test_that_a_click_on_a_head_sorts_numbers_as_numbers(user, results):
    header = results.table.horizontalHeader()
    column = COLUMNS.index("Result")
    results.table.scrollTo(results.model.index(0, column))

    def click():
        left = header.sectionViewportPosition(column)
        user.click(header.viewport(), QPoint(left + 20, header.height() // 2))
        return titles(results)

    assert click() == ["Sharp", "Blurred", "Broken"]
    assert click() == ["Broken", "Blurred", "Sharp"]
    results.table.sortByColumn(COLUMNS.index("Started"), Qt.SortOrder.DescendingOrder)


def test_that_a_star_is_stored_in_the_record_and_found_again(user, results, workspace):
    path = workspace / "runs" / "00001-made.h5"
    press(results, "Sharp", "★")
    assert results.model.data(cell(results, "Sharp", "★")) == "★", "at once"
    user.until(lambda: records.read_info(path).starred, "it is in the file")
    user.press(Qt.Key.Key_F5)
    user.until(lambda: not results._reading, "the list is read again")
    assert results.model.shown(cell(results, "Sharp", "Name").row()).starred
    press(results, "Sharp", "★")
    user.until(lambda: not records.read_info(path).starred, "and gone again")


def test_that_tags_and_a_note_are_written_by_a_double_click(user, results, workspace):
    path = workspace / "runs" / "00002-made.h5"
    for column, text in ("Tags", "paper,  figure 2 , paper"), ("Note", "as in the talk"):
        press(results, "Blurred", column, twice=True)
        type_in_cell(user, results, text)
    user.until(lambda: records.read_info(path).notes == "as in the talk", "the note is kept")
    assert records.read_info(path).tags == ("paper", "figure 2"), "each once, without blanks"
    user.write(user.named(QLineEdit, "Search records"), "tag:figure talk")
    assert titles(results) == ["Blurred"]
    assert records.figure_names(path) == ("error", "plan", "flow"), "the figures are as they were"


def test_that_tags_of_another_window_appear_by_themselves(user, results, workspace):
    path = workspace / "runs" / "00002-made.h5"
    before = records.read_info(path)
    user.rest(0.5)  # nothing else goes on in the folder

    def write(*tags: str, notes: str) -> None:
        with user.stalls.paused():  # the other window is another process
            records.write_notes(path, tags=tags, notes=notes)

    def shown():
        return results.model.shown(results.model.row(str(path)))

    write("elsewhere", notes="by the other window")
    user.until(lambda: shown().tags == ("elsewhere",), "the tags", 10)
    assert shown().notes == "by the other window"
    write("nowhere !", notes="by the other window")  # as many letters: as large a file
    user.until(lambda: shown().tags == ("nowhere !",), "the new tags", 10)
    write(*before.tags, notes=before.notes)
    user.until(lambda: shown().tags == before.tags, "those of before", 10)


def test_that_a_record_is_renamed_by_a_key(user, results, workspace):
    path = workspace / "runs" / "00003-made.h5"
    for old, new in ("Broken", "Lost"), ("Lost", "Broken"):
        press(results, old)
        QTest.keyClick(results.table, Qt.Key.Key_F2)
        type_in_cell(user, results, new)
        user.until(lambda new=new: records.read_info(path).title == new, "the title is kept")


def test_that_a_list_that_arrives_while_a_cell_is_edited_waits(user, results, workspace):
    press(results, "Sharp", "Note", twice=True)
    line = user.until(lambda: results.table.findChild(QLineEdit), "an editor opens")
    QTest.keyClicks(line, "half a th")
    results.reload()
    user.until(lambda: not results._reading, "the list is read")
    user.rest()
    assert line.isVisible()
    QTest.keyClicks(line, "ought")
    QTest.keyClick(line, Qt.Key.Key_Return)
    note = cell(results, "Sharp", "Note")
    user.until(lambda: results.model.data(note) == "half a thought", "the words of both halves")
    path = workspace / "runs" / "00001-made.h5"
    user.until(lambda: records.read_info(path).notes == "half a thought", "they are kept")


def test_that_a_note_that_cannot_be_written_is_reported_and_taken_back(user, results, workspace):
    path = workspace / "runs" / "00001-made.h5"
    aside = path.rename(workspace / "aside.h5")
    press(results, "Sharp", "★")
    user.told(path.name)
    aside.rename(path)
    results.reload()
    user.until(lambda: "Sharp" in titles(results) and not results._reading, "it is back")
    assert results.model.data(cell(results, "Sharp", "★")) == "☆"


def test_that_an_empty_workspace_says_what_to_do(alone):
    user, pane = alone, alone.window.results
    user.until(lambda: not pane._reading, "the list is read")
    assert "press Run" in pane._why.text()
    user.window.centre.setCurrentWidget(user.window.plots)
    user.click(user.button("Show the examples", pane))
    assert user.window.start.isVisible()


# --- comparing ---------------------------------------------------------------------------------


def test_that_two_selected_records_are_compared_by_the_button(user, results):
    button = user.button("Compare", results)
    assert not button.isEnabled()
    press(results, "Sharp")
    assert not button.isEnabled(), "one is not enough"
    page = both(user, results)
    lines = [line.split("\t") for line in page.table_text().splitlines()]
    assert lines[0] == ["", "Blurred", "Sharp", "Sharp − Blurred"]
    held = {line[0]: line[1:] for line in lines if len(line) > 1}
    assert held["epsilon"][:3] == ["0.2", "0.05", "-0.15  (-75 %)"]
    assert held["seed"][:2] == ["7", "0"]
    assert held["transport cost (J)"] == ["2.5", "1", "-1.5  (-60 %)"]
    assert held["iterations"] == ["40", "40", "0"]
    assert "tol" not in held, "it is equal"


def test_that_the_run_that_is_subtracted_can_be_chosen(user, results):
    page = both(user, results)
    user.pick(user.named(QComboBox, "Differences from"), "Sharp")
    compared(user, "Sharp", "Blurred")
    assert "1.5  (+150 %)" in page.table_text()


def test_that_curves_lie_over_each_other_and_progress_as_well(user, results):
    page = both(user, results)
    for name in "Error", "Progress":
        tab(user, page, name)
        user.until(lambda: page.shown_figure() and page.view.isVisible(), "the picture")
        (panel,) = page.shown_figure().panels
        assert [mark.name for mark in panel.marks] == ["Blurred", "Sharp"]
        assert page.view.plots.panels[0].legend.isVisible()


def test_that_images_stand_beside_each_other_with_their_difference(user, results):
    page = both(user, results)
    tab(user, page, "Plan")
    user.until(lambda: page.shown_figure() and page.view.isVisible(), "the picture")
    assert [p.panel.title for p in page.view.plots.panels] == [
        "Blurred",
        "Sharp",
        "Sharp − Blurred",
    ]
    one, two, _ = (panel.marks[0] for panel in page.shown_figure().panels)
    assert one.limits == two.limits


def test_that_one_slider_moves_all_films(user, results):
    page = both(user, results)
    tab(user, page, "Flow")
    slider = user.until(lambda: page.view.movie.isVisible() and page.view.movie.slider, "a slider")
    user.click(slider, QPoint(3, slider.height() // 2))
    slider.setFocus()
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_Left)
    assert page.view.movie.frame() == 0
    first = [panel.panel.marks[0].values.max() for panel in page.view.plots.panels[:2]]
    QTest.keyClick(slider, Qt.Key.Key_End)
    last = [panel.panel.marks[0].values.max() for panel in page.view.plots.panels[:2]]
    assert np.allclose(last, 2 * np.array(first)), "each film doubles until its end"


def test_that_a_row_dropped_on_another_compares_both(user, results):
    table = results.table
    dropped(user, results, ["Blurred"], table.viewport(), place(results, "Sharp"))
    compared(user, "Sharp", "Blurred")


def test_that_a_row_dropped_on_itself_is_refused(user, results):
    with pytest.raises(AssertionError, match="may not be dropped"):
        dropped(user, results, ["Blurred"], results.table.viewport(), place(results, "Blurred"))


def test_that_a_row_dropped_on_the_comparison_joins_it(user, results):
    page = both(user, results)
    dropped(user, results, ["Broken"], page)
    compared(user, "Blurred", "Sharp", "Broken")
    assert page.table.columnCount() == 1 + 3 + 2


def test_that_a_row_dropped_on_the_pictures_of_a_run_compares_with_it(user, results):
    press(results, "Sharp", twice=True)
    plots = user.window.plots
    user.until(lambda: plots.shown_figure() and plots.view.isVisible(), "its pictures")
    dropped(user, results, ["Blurred"], plots.view.plots.viewport())
    page = compared(user, "Sharp", "Blurred")
    user.click(user.button("Close the comparison", page))
    user.until(plots.isVisible, "back to the run")


def test_that_the_menu_of_a_row_compares_what_is_selected(user, results):
    press(results, "Sharp")
    press(results, "Broken", held=CTRL)
    chosen_in_menu(user, results, "Sharp", "Compare")
    compared(user, "Broken", "Sharp")


def test_that_keys_compare_and_the_palette_knows_it(user, results):
    assert not user.window.commands["compare"].isEnabled()
    press(results, "Sharp")
    QTest.keySequence(results.table, "Ctrl+A")
    user.press(Qt.Key.Key_C, CTRL, SHIFT)
    compared(user, "Broken", "Blurred", "Sharp")


def test_that_the_table_is_saved_as_csv_with_the_exact_numbers(user, results, tmp_path):
    both(user, results)
    user.press(Qt.Key.Key_E, CTRL)
    dialog = user.until(lambda: user.window.findChild(QFileDialog), "the dialog opens")
    user.until(dialog.isVisible)
    with user.stalls.paused():  # the dialog of Qt itself
        dialog.findChild(QLineEdit).setText(str(tmp_path / "table.csv"))
        dialog.accept()
    user.until((tmp_path / "table.csv").exists, "it is written")
    rows = {row[1]: row for row in csv.reader((tmp_path / "table.csv").open())}
    assert rows["epsilon"] == ["setting", "epsilon", "", "0.2", "0.05", repr(0.05 - 0.2)]


def test_that_a_compared_figure_goes_on_paper(user, results, tmp_path):
    page = both(user, results)
    tab(user, page, "Error")
    user.until(lambda: page.shown_figure() and page.view.isVisible(), "the picture")
    user.click(user.button("Export…", page))
    dialog = user.until(lambda: user.window.findChild(ExportDialog), "the dialog opens")
    user.until(dialog.isVisible)
    path = tmp_path / "both.pdf"
    user.write(dialog.findChild(QLineEdit, "path"), str(path))
    user.click(user.button("Save", dialog))
    user.until(path.exists, "the figure is written")
    assert path.read_bytes().startswith(b"%PDF")


def test_that_the_table_is_copied_as_text(user, results):
    page = both(user, results)
    user.press(Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    assert QApplication.clipboard().text() == page.table_text()


def test_that_a_record_that_is_gone_is_reported_and_the_page_stays(user, results, workspace):
    page = both(user, results)
    path = workspace / "runs" / "00003-made.h5"
    aside = path.rename(workspace / "aside.h5")
    dropped(user, results, ["Broken"], page)
    user.told(path.name)
    aside.rename(path)
    assert page._shown.labels == ("Blurred", "Sharp")
    assert page.table.isVisible()
    assert isinstance(user.named(QTableWidget, "What differs"), QTableWidget)


def test_that_right_clicks_open_the_menu_of_the_row(user, results):
    press(results, "Sharp")
    spot = place(results, "Sharp")
    viewport = results.table.viewport()
    at = viewport.mapTo(viewport.window(), spot)
    QTest.mouseClick(viewport.window().windowHandle(), RIGHT, NONE, at)
    menu = user.until(lambda: results.findChild(QMenu), "the menu opens")
    assert "Compare" in [action.text() for action in menu.actions()]
    menu.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
