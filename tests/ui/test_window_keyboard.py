"""Without a mouse and without sight: every control is reached by Tab and has a spoken name."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QTabBar, QTableView, QWidget

from workbench.messages import Died

STEPS = 900  # of Tab, more than any window has controls


def wanted(window: QWidget) -> list[QWidget]:
    """What can be seen, used and typed into: those are to be reached."""
    tab = Qt.FocusPolicy.TabFocus
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.window() is window
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and (widget.focusPolicy() & tab) == tab
        and not widget.visibleRegion().isEmpty()
        and not widget.objectName().startswith("qt_")  # the inside of a widget of Qt
    ]


def spoken(widget: QWidget) -> str:
    """What a screen reader says it is."""
    face = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox):  # on Linux Qt gives the chosen line as its name
        labels = face.relations(QAccessible.RelationFlag.Label)
        return widget.accessibleName() or "".join(f.text(QAccessible.Text.Name) for f, _ in labels)
    return face.text(QAccessible.Text.Name) if face is not None else ""


def label(widget: QWidget) -> str:
    parents = [type(widget).__name__]
    while (widget := widget.parentWidget()) is not None:
        parents.append(widget.objectName() or type(widget).__name__)
    return " < ".join(parents[:5])


def walk(window: QWidget) -> list[QWidget]:
    """Everything that has the focus while Tab is pressed, till it comes round."""
    window.activateWindow()
    QTest.qWait(50)
    reached: list[QWidget] = []
    for _ in range(STEPS):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if focus is None or (reached and focus is reached[0] and len(reached) > 1):
            break
        if focus not in reached:
            reached.append(focus)
    return reached


def check(window: QWidget) -> None:
    """Everything wanted is reached, and named."""
    found = wanted(window)
    reached = walk(window)
    assert found, "there is nothing to reach"
    # A table with lists in its cells hands the focus on to them.
    lost = [
        label(w)
        for w in found
        if w not in reached and _alone(w) and not any(w.isAncestorOf(r) for r in reached)
    ]
    nameless = [label(w) for w in {*found, *reached} if not spoken(w).strip()]
    assert not nameless, f"without a name: {nameless}"
    assert not lost, f"not reached by Tab: {lost}"


def _alone(widget: QWidget) -> bool:
    """Of buttons that exclude each other only the chosen one is reached; arrows do the rest."""
    group = getattr(widget, "autoExclusive", lambda: False)()
    return not group or widget.isChecked()


@pytest.fixture(scope="module")
def prepared(shared):
    """A method is set up, two records are there, a picture is on show."""
    shared.method("Sinkhorn")
    for _ in range(2):
        shared.over(shared.run())
    shared.until(lambda: shared.window.results.model.rowCount() >= 2, "the records")
    return shared


@pytest.fixture
def still(prepared, user):
    """The walk takes long by itself; what it finds counts, not how long it took."""
    with user.stalls.paused():
        yield user


@pytest.mark.parametrize("pane", ["results", "inspector", "sweep", "log"])
def test_that_the_window_is_walked_through_by_tab(still, pane):
    still.window.reveal(pane)
    still.rest()
    check(still.window)


def test_that_the_start_page_is_walked_through_by_tab(still):
    still.window.show_start()
    still.rest()
    check(still.window)


def test_that_the_panes_below_are_changed_by_keys(still):
    bar = next(b for b in still.window.findChildren(QTabBar) if b.count() == 4 and b.isVisible())
    bar.setFocus()
    shown = bar.currentIndex()
    still.press(Qt.Key.Key_Right if shown == 0 else Qt.Key.Key_Left)
    assert bar.currentIndex() != shown


def test_that_a_comparison_is_walked_through_by_tab(still):
    still.window.results.table.selectAll()
    still.window.results.compare()
    still.until(still.window.comparison.isVisible, "the comparison")
    check(still.window)
    still.window.comparison.closed.emit()


@pytest.mark.parametrize(
    "command",
    ["settings", "shortcuts", "save layout", "delete layout", "sweep", "export", "about"],
)
def test_that_a_dialog_is_walked_through_by_tab_and_left_by_escape(still, command):
    window = still.window
    window.layouts.save("mine")
    window.runs.open_record(window.results.model.path(0))
    still.until(window.commands[command].isEnabled, "the command can be used")
    window.commands[command].trigger()
    box = still.until(QApplication.activeModalWidget, "a dialog opens")
    check(box)
    field = box.findChild(QWidget, "qt_keysequenceedit_lineedit")
    if field is not None and field.hasFocus():
        box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    still.until(lambda: QApplication.activeModalWidget() is None, "it closes")


def test_that_the_manual_is_walked_through_by_tab(still):
    still.window.commands["manual"].trigger()
    box = still.until(
        lambda: next((d for d in still.window.findChildren(QDialog) if d.isVisible()), None),
        "the manual",
    )
    check(box)
    box.close()


def test_that_a_table_is_imported_without_a_mouse(still, tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_text("a;b\n1,5;2\n3;4\n")
    still.window.opening.import_table(str(file))
    box = still.until(QApplication.activeModalWidget, "the dialog")
    still.until(lambda: box.findChild(QWidget, "qt_scrollarea_viewport"), "the table")
    still.rest(0.5)
    check(box)
    box.reject()


def test_that_a_notice_is_reached_and_read(still):
    still.window._died(Died("engine", "no memory", gave_up=True))
    notice = still.until(still.notices, "the notice")[0]
    assert all(spoken(w).strip() for w in wanted(notice.window()))
    notice.close()


def test_that_plots_say_what_they_show(still):
    window = still.window
    window.runs.open_record(window.results.model.path(0))
    still.until(window.plots.view.isVisible, "a picture")
    assert window.plots.view.plots.accessibleName().startswith("Plot: ")


def test_that_tab_leaves_every_table(still):
    tables = still.window.findChildren(QTableView)
    assert len(tables) > 2
    assert not any(table.tabKeyNavigation() for table in tables)


def test_that_the_gallery_is_walked_through_by_tab(still):
    still.window.commands["gallery"].trigger()
    still.rest()
    check(still.window)
    still.window.show_start()
