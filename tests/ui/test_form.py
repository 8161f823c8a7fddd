import json
import subprocess
import sys
from typing import Literal

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QUndoStack,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QScrollArea

from engines.method import Option, Parameters, param
from ui.editors import alarm
from ui.form import Form
from ui.scales import TICKS, scale, stepped
from workbench.fields import Field, fields

Key = Qt.Key


class Karras(Option):
    """Evenly spaced in a power of σ"""

    kind: Literal["karras"] = "karras"
    rho: float = param(7.0, "ρ", "bends the schedule", ge=1, le=20)
    levels: int = param(18, "N", "number of levels", ge=2)


class Flat(Option):
    """All alike"""

    kind: Literal["flat"] = "flat"
    sigma: float = param(0.5, "σ", "the one level", gt=0, log=True)


class Everything(Parameters):
    """One field of every kind."""

    epsilon: float = param(0.05, "ε", "regularisation", unit="cost", ge=1e-4, le=10, log=True)
    fraction: float = param(0.25, "p", "part that is kept", gt=0, lt=1)
    tol: float = param(1e-6, "τ", "tolerance", gt=0, log=True)
    shift: float = param(0.0, "s", "offset")
    rank: int = param(10, "r", "rank of the result", ge=1)
    seeds: int | None = param(None, "n_s", "number of starts", ge=3)
    mass: float | None = param(0.5, "m", "mass moved", gt=0, le=1)
    debias: bool = param(True, "d", "subtract the bias")
    solver: Literal["log", "kernel"] = param("log", "solver", "how sums are formed")
    schedule: Karras | Flat = param(Karras(rho=5.0), "S", "noise schedule")
    warm: int = param(20, "w", "warm-up", ge=0, expert=True)


@pytest.fixture
def undo():
    return QUndoStack()


@pytest.fixture
def form(qtbot, undo):
    form = Form(fields(Everything), undo)
    place = QScrollArea(widgetResizable=True)
    place.setWidget(form)
    place.resize(360, 900)
    qtbot.addWidget(place)
    place.show()
    place.activateWindow()
    yield form  # a return would let the scroll area go
    place.close()


def main(form, name):
    return form.rows[name].editor.main


def inner(form, option, name):
    return form.rows[option].page().rows[name]


def write(qtbot, box, text, key=Key.Key_Return):
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    if key:
        qtbot.keyClick(box, key)


def click(qtbot, widget):
    """On the left, where a check box has its box."""
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(8, widget.height() // 2))


def choose(qtbot, combo, key):
    combo.setFocus()
    qtbot.keyClick(combo, key)


def wheel(widget):
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drag(qtbot, slider, start, stop):
    y = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(start, y))
    for x in range(start, stop, 4 if stop > start else -4):
        qtbot.mouseMove(slider, QPoint(x, y))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(stop, y))


def grip(slider):
    """Where the handle of a horizontal slider is, to a pixel or two."""
    share = (slider.value() - slider.minimum()) / (slider.maximum() - slider.minimum())
    return round(7 + share * (slider.width() - 14))


def test_that_untouched_fields_give_the_defaults_of_the_model(form):
    wanted = json.loads(Everything().model_dump_json())
    assert form.values() == form.defaults() == wanted
    assert not form.faults()


def test_that_the_values_survive_json_and_the_strict_model(form, qtbot):
    write(qtbot, main(form, "epsilon"), "2e-3")
    choose(qtbot, main(form, "schedule"), Key.Key_Down)
    made = Everything.model_validate_json(json.dumps(form.values()))
    assert made.epsilon == 0.002
    assert made.schedule == Flat()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epsilon", "1e-3", 0.001),
        ("rank", "2e3", 2000),
        ("rank", "123456789012345678901", 123456789012345678901),
        ("shift", "-.5", -0.5),
    ],
)
def test_that_numbers_are_read_in_every_notation_and_size(form, qtbot, name, text, value):
    write(qtbot, main(form, name), text)
    assert form.values()[name] == value
    assert type(form.values()[name]) is type(value)


def test_that_a_wrong_value_stays_and_is_explained_below_until_it_is_right(form, qtbot):
    row = form.rows["epsilon"]
    with qtbot.waitSignal(form.faulty) as said:
        write(qtbot, row.editor.main, "soon")
    assert said.args == [True]
    assert row.editor.main.text() == "soon"
    assert row.notice.isVisible()
    assert row.notice.text() == form.faults()["epsilon"] == row.field.fault("soon")
    assert row.notice.y() > row.editor.geometry().bottom()
    assert row.notice.text() in row.editor.main.accessibleDescription()
    with qtbot.waitSignal(form.faulty) as said:
        write(qtbot, row.editor.main, "1")
    assert said.args == [False]
    assert not row.notice.isVisible()


def test_that_an_empty_line_is_called_empty(form, qtbot):
    box = main(form, "rank")
    write(qtbot, box, " ")
    assert form.faults() == {"rank": "rank is empty; it must be a whole number ≥ 1"}


@pytest.mark.parametrize("base", ["#ffffff", "#efefef", "#242424", "#323232"])
def test_that_the_red_can_be_read_on_light_and_dark(base):
    def luminance(colour):
        parts = [colour.redF(), colour.greenF(), colour.blueF()]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    palette = QPalette(QColor(base))
    palette.setColor(QPalette.ColorRole.Base, QColor(base))
    low, high = sorted([luminance(QColor(base)), luminance(alarm(palette))])
    assert (high + 0.05) / (low + 0.05) >= 4.5  # WCAG 2 AA for text


def test_that_a_wrong_field_has_a_red_frame(form, qtbot):
    box = main(form, "rank")

    def red():
        picture = box.grab().toImage()
        edge = picture.pixelColor(picture.width() // 2, 0)
        return edge.red() - edge.green() > 60

    assert not red()
    write(qtbot, box, "0")
    assert red()


def test_that_reset_shows_only_at_a_difference_and_restores_the_default(form, qtbot):
    row = form.rows["epsilon"]
    assert not row.reset.isVisible()
    assert not row.dot.text()
    write(qtbot, row.editor.main, "3")
    assert row.dot.text()
    click(qtbot, row.reset)
    assert form.values()["epsilon"] == 0.05
    assert not row.reset.isVisible()
    assert not row.dot.text()


def test_that_each_committed_edit_is_one_step_of_undo(form, undo, qtbot):
    changes = []
    form.changed.connect(lambda: changes.append(form.values()["epsilon"]))
    write(qtbot, main(form, "epsilon"), "1")
    write(qtbot, main(form, "epsilon"), "2", Key.Key_Tab)
    click(qtbot, main(form, "debias"))
    assert [undo.text(i) for i in range(undo.count())] == ["change ε", "change ε", "change d"]
    undo.undo()
    assert main(form, "debias").isChecked()
    undo.undo()
    assert main(form, "epsilon").text() == "1"
    undo.undo()
    assert form.values() == form.defaults()
    undo.redo()
    assert changes == [1, 2, 2, 2, 1, 0.05, 1]


def test_that_an_unchanged_text_is_no_edit(form, undo, qtbot):
    write(qtbot, main(form, "epsilon"), "5e-2")
    assert undo.count() == 0
    assert main(form, "epsilon").text() == "0.05"


def test_that_ctrl_z_reaches_the_form_from_a_line_that_is_not_being_typed_in(form, undo, qtbot):
    action = QAction("Undo", form.window(), shortcut=QKeySequence.StandardKey.Undo)
    action.triggered.connect(undo.undo)
    form.window().addAction(action)
    qtbot.waitUntil(form.window().isActiveWindow)
    box = main(form, "epsilon")
    write(qtbot, box, "3")
    write(qtbot, box, "4", key=None)
    qtbot.keyClick(box, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.values()["epsilon"] == 3  # the line took back its own text
    qtbot.keyClick(box, Key.Key_Escape)
    write(qtbot, box, "5")
    qtbot.keyClick(box, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(box, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.values()["epsilon"] == 0.05


def test_that_a_drag_of_the_slider_is_one_step_of_undo(form, undo, qtbot):
    slider = form.rows["epsilon"].editor.slider
    drag(qtbot, slider, grip(slider), grip(slider) + 40)
    first = form.values()["epsilon"]
    assert first > 0.05
    assert undo.count() == 1
    drag(qtbot, slider, grip(slider), grip(slider) - 60)
    assert form.values()["epsilon"] < first
    assert undo.count() == 2
    undo.undo()
    assert form.values()["epsilon"] == first
    undo.undo()
    assert form.values()["epsilon"] == 0.05


def test_that_a_key_held_down_is_one_step_of_undo_and_each_press_another(form, undo, qtbot):
    slider = form.rows["epsilon"].editor.slider
    slider.setFocus()
    qtbot.keyClick(slider, Key.Key_Right)
    once = form.values()["epsilon"]
    qtbot.keyClick(slider, Key.Key_Right)
    for _ in range(3):
        kinds = (QEvent.Type.KeyPress, Key.Key_Right, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(slider, QKeyEvent(*kinds))
    assert slider.value() > slider.scale.position(once) + 30
    assert undo.count() == 2
    undo.undo()
    assert form.values()["epsilon"] == once


def test_that_the_ends_of_a_logarithmic_slider_are_the_limits(form, qtbot):
    slider = form.rows["epsilon"].editor.slider
    slider.setFocus()
    qtbot.keyClick(slider, Key.Key_Home)
    assert form.values()["epsilon"] == 1e-4
    qtbot.keyClick(slider, Key.Key_End)
    assert form.values()["epsilon"] == 10
    slider.setValue(TICKS // 2)
    # halfway is the geometric mean, to the resolution of one tick
    assert form.values()["epsilon"] == pytest.approx((1e-4 * 10) ** 0.5, rel=0.02)


def test_that_an_open_limit_cannot_be_reached_with_the_slider(form, qtbot):
    slider = form.rows["fraction"].editor.slider
    slider.setFocus()
    for key in (Key.Key_Home, Key.Key_End):
        qtbot.keyClick(slider, key)
        assert not form.faults()
    assert form.values()["fraction"] == 0.999


def test_that_an_unbounded_logarithmic_slider_spans_six_decades_around_the_default():
    found = scale(next(f for f in fields(Everything) if f.name == "tol"))
    assert (found.low, found.high) == pytest.approx((1e-9, 1e-3))
    assert scale(Field("x", "x", "", "", "float", 0.0, ge=0, log=True)) is None
    assert found.value(found.position(1e-6)) == pytest.approx(1e-6, rel=0.01)


@pytest.mark.parametrize(
    "low_high", [(1.0, 1.001), (1e-12, 1e12), (-5.0, 3.0), (0.12345678, 9.87654321)]
)
def test_that_a_scale_climbs_at_every_tick_and_stays_inside(low_high):
    low, high = low_high
    for log in (True, False) if low > 0 else (False,):
        found = scale(Field("x", "x", "", "", "float", low, ge=low, le=high, log=log))
        values = [found.value(p) for p in range(TICKS + 1)]
        assert values == sorted(set(values))
        assert (values[0], values[-1]) == (low, high)
        assert [found.position(v) for v in values] == list(range(TICKS + 1))


def test_that_a_logarithmic_field_steps_through_1_2_5():
    field = Field("x", "x", "", "", "float", 1.0, gt=0, le=30, log=True)
    assert [stepped(field, 0.1, n) for n in range(-3, 4)] == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
    assert stepped(field, 20.0, 5) == 30
    count = Field("x", "x", "", "", "int", 1, ge=1, log=True)
    assert [stepped(count, 1, n) for n in (-1, 1, 2, 3, 4)] == [1, 2, 5, 10, 20]


def test_that_buttons_and_arrow_keys_step_a_number_within_its_limits(form, undo, qtbot):
    box = main(form, "rank")
    box.setFocus()
    qtbot.keyClick(box, Key.Key_Up)
    assert form.values()["rank"] == 11
    qtbot.keyClick(box, Key.Key_PageDown)
    assert form.values()["rank"] == 1
    assert undo.count() == 2
    write(qtbot, main(form, "shift"), "1.5", key=None)
    qtbot.keyClick(main(form, "shift"), Key.Key_Up)
    assert form.values()["shift"] == 1.6


def test_that_the_wheel_changes_a_field_only_when_it_has_the_focus(form, qtbot):
    before = form.values()
    names = ("epsilon", "rank", "solver", "schedule", "debias")
    widgets = [main(form, n) for n in names] + [form.rows["epsilon"].editor.slider]
    main(form, "tol").setFocus()
    for widget in widgets:
        wheel(widget)
        assert not widget.hasFocus()
    assert form.values() == before
    main(form, "rank").setFocus()
    wheel(main(form, "rank"))
    assert form.values()["rank"] == 11


def test_that_auto_leaves_a_number_to_the_method_and_gives_it_back(form, undo, qtbot):
    seeds, mass = form.rows["seeds"].editor, form.rows["mass"].editor
    assert not seeds.main.isEnabled()
    click(qtbot, seeds.auto)
    assert form.values()["seeds"] == 3  # the smallest that is allowed
    click(qtbot, mass.auto)
    assert form.values()["mass"] is None
    click(qtbot, mass.auto)
    assert form.values()["mass"] == 0.5
    write(qtbot, mass.main, "auto")
    assert form.values()["mass"] is None
    assert mass.auto.isChecked()
    assert not form.faults()


def test_that_every_kind_of_field_can_be_left_to_the_method(qtbot, undo):
    class Auto(Parameters):
        way: Literal["up", "down"] | None = param(None, "w", "direction")
        flag: bool | None = param(None, "f", "a switch")
        level: Karras | Flat | None = param(None, "l", "a schedule")

    form = Form(fields(Auto), undo)
    qtbot.addWidget(form)
    form.show()
    assert form.values() == {"way": None, "flag": None, "level": None}
    for row in form.rows.values():
        click(qtbot, row.editor.auto)
    karras = {"kind": "karras", "rho": 7.0, "levels": 18}
    assert form.values() == {"way": "up", "flag": True, "level": karras}
    assert form.held() == form.values()
    assert form.rows["level"].page().isVisible()
    click(qtbot, form.rows["level"].editor.auto)
    assert form.rows["level"].page() is None
    assert not form.rows["level"].body.isVisible()
    Auto.model_validate_json(json.dumps(form.values()))


def test_that_choosing_an_option_swaps_its_form(form, undo, qtbot):
    row = form.rows["schedule"]
    assert list(row.page().rows) == ["rho", "levels"]
    write(qtbot, inner(form, "schedule", "rho").editor.main, "9")
    assert form.values()["schedule"] == {"kind": "karras", "rho": 9, "levels": 18}
    choose(qtbot, row.editor.main, Key.Key_Down)
    assert form.values()["schedule"] == {"kind": "flat", "sigma": 0.5}
    assert list(row.page().rows) == ["sigma"]
    assert row.page().isVisible()
    assert sum(page.isVisible() for page in row.choice.pages.values()) == 1
    choose(qtbot, row.editor.main, Key.Key_Up)
    assert form.values()["schedule"]["rho"] == 9  # what was typed there is not lost
    assert [undo.text(i) for i in range(3)] == ["change ρ", "change S", "change S"]
    for _ in range(3):
        undo.undo()
    assert form.values() == form.defaults()


def test_that_the_fields_of_the_default_option_reset_to_the_methods_values(form, qtbot):
    rho = inner(form, "schedule", "rho")
    assert not rho.reset.isVisible()
    write(qtbot, rho.editor.main, "7")
    assert rho.reset.isVisible()
    click(qtbot, rho.reset)
    assert form.values()["schedule"]["rho"] == 5
    assert not form.rows["schedule"].reset.isVisible()


def test_that_a_fault_in_a_nested_field_stands_at_that_field(form, qtbot):
    rho = inner(form, "schedule", "rho")
    write(qtbot, rho.editor.main, "0")
    assert list(form.faults()) == ["schedule.rho"]
    assert rho.notice.isVisible()
    assert not form.rows["schedule"].notice.isVisible()


def test_that_set_values_fills_in_defaults_and_is_one_step_of_undo(form, undo):
    form.set_values({"rank": 3, "schedule": {"kind": "karras"}, "unknown": 1})
    wanted = form.defaults() | {"rank": 3}
    wanted["schedule"] = {"kind": "karras", "rho": 7.0, "levels": 18}  # as the model would
    assert form.values() == wanted
    assert undo.count() == 1
    undo.undo()
    assert form.values() == form.defaults()
    form.set_values({"rank": 4}, undoable=False)
    assert form.values()["rank"] == 4
    assert undo.count() == 1


def test_that_values_of_an_old_record_that_no_longer_fit_are_kept_and_explained(form):
    form.set_values({"solver": "sparse", "schedule": {"kind": "linear"}, "rank": "ten"})
    assert form.values()["solver"] == "sparse"
    assert set(form.faults()) == {"solver", "schedule", "rank"}
    assert main(form, "solver").placeholderText() == "sparse"
    assert form.rows["schedule"].page() is None


def test_that_values_hold_what_is_being_typed_and_leave_the_line_alone(form, undo, qtbot):
    box = main(form, "epsilon")
    write(qtbot, box, "0.", key=None)
    assert form.values()["epsilon"] == 0
    qtbot.keyClicks(box, "07")
    assert box.text() == "0.07"
    assert form.values()["epsilon"] == 0.07
    assert undo.count() == 0


def test_that_a_message_of_the_engine_stands_at_its_field_until_that_is_edited(form, qtbot):
    row = form.rows["rank"]
    form.show_message("rank", "too large; lower rank to 4")
    assert row.notice.isVisible()
    assert row.editor.main.wrong
    assert not form.faults()
    write(qtbot, row.editor.main, "4")
    assert not row.notice.isVisible()
    form.show_message("schedule.rho", "bends too much")
    assert inner(form, "schedule", "rho").notice.isVisible()
    form.show_message("nonsense", "nobody hears this")


def test_that_the_fields_for_experts_unfold_by_keyboard_and_for_a_fault(form, qtbot):
    warm = main(form, "warm")
    assert not warm.isVisible()
    form.fold.setFocus()
    qtbot.keyClick(form.fold, Key.Key_Space)
    assert warm.isVisible()
    qtbot.keyClick(form.fold, Key.Key_Space)
    assert not warm.isVisible()
    form.set_values({"warm": 3})
    assert not warm.isVisible()
    assert form.fold.text() == "Advanced (1 changed)"
    form.show_message("warm", "too few")
    assert warm.isVisible()


def test_that_tab_goes_through_the_fields_from_top_to_bottom(form, qtbot):
    form.fold.click()
    main(form, "epsilon").setFocus()
    heights = []
    for _ in range(40):
        widget = QApplication.focusWidget()
        heights.append(widget.mapTo(form, QPoint()).y())
        if widget is main(form, "warm"):
            break
        qtbot.keyClick(widget, Key.Key_Tab)
    assert widget is main(form, "warm")
    assert len(heights) >= 16
    assert heights == sorted(heights)


@pytest.mark.parametrize("width", [300, 350, 420])
def test_that_all_editors_stand_in_one_column_and_nothing_is_cut(form, qtbot, width):
    form.fold.click()
    form.window().resize(500, 1200)
    qtbot.wait(1)
    form.window().resize(width, 1200)
    form.set_values({"epsilon": -1})
    qtbot.wait(1)
    editors = [r.editor for r in form.rows.values()]
    editors += [r.editor for r in form.rows["schedule"].page().rows.values()]
    assert len({e.mapTo(form, QPoint()).x() for e in editors}) == 1
    assert len({e.width() for e in editors}) == 1
    assert form.width() <= form.parentWidget().width()
    for row in form.rows.values():
        assert row.label.height() >= row.label.heightForWidth(row.label.width())
    box = main(form, "epsilon")
    room = box.lineEdit().width() - box.lineEdit().textMargins().right()
    assert room >= box.fontMetrics().horizontalAdvance("0.000123")


def test_that_editors_of_a_narrow_form_stand_below_their_labels_and_go_back(form, qtbot):
    form.fold.click()
    form.window().resize(210, 1600)
    qtbot.wait(1)
    assert form.width() <= form.parentWidget().width(), "it does not scroll sideways"
    for row in (*form.rows.values(), *form.rows["schedule"].page().rows.values()):
        place = row.editor.mapTo(form, QPoint())
        assert place.y() >= row.label.mapTo(form, QPoint(0, row.label.height())).y()
        assert place.x() + row.editor.width() <= form.width()
        assert row.label.height() >= row.label.heightForWidth(row.label.width())
    form.window().resize(420, 1200)
    qtbot.wait(1)
    row = form.rows["epsilon"]
    assert row.editor.x() >= row.label.geometry().right()


def test_that_every_editor_has_a_name_a_buddy_and_a_tip(form):
    for name, row in form.rows.items():
        assert row.field.meaning in row.editor.main.accessibleName()
        assert row.label.buddy() is row.editor.main
        assert name in row.editor.main.accessibleDescription()
        assert row.field.limits_text() in row.editor.toolTip()
    assert "default 0.05" in form.rows["epsilon"].label.toolTip()
    assert "in cost" in form.rows["epsilon"].label.toolTip()
    assert form.rows["seeds"].label.text() == "<i>n<sub>s</sub></i>&nbsp;&nbsp;number of starts"


def test_that_the_form_is_there_without_torch():
    code = "import sys, ui.panes.parameters; print({'torch','scipy','matplotlib'} & {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
