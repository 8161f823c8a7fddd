import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack

from ui.panes.parameters import ParametersPane, bill_text
from workbench.catalogue import MethodCard
from workbench.fields import Field
from workbench.jobs import Bill

MIB = 2**20


def make_card(id, fields, **presets):
    return MethodCard(id, "transport", id.title(), "", "", (), tuple(fields), presets, (), ())


EPSILON = Field("epsilon", "ε", "entropic regularisation", "cost", "float", 0.05, gt=0, log=True)
STEPS = Field("max_iter", "K", "largest number of iterations", "", "int", 2000, ge=1)
SINKHORN = make_card(
    "sinkhorn",
    [EPSILON, STEPS],
    paper={"epsilon": 0.01},
    quick={"max_iter": 50},
    own={"max_iter": 50},
)
LONG = make_card("long", [Field(f"p{i}", f"p_{i}", f"number {i}", "", "int", i) for i in range(9)])


@pytest.fixture
def undo():
    return QUndoStack()


@pytest.fixture
def pane(qtbot, undo):
    pane = ParametersPane(undo)
    qtbot.addWidget(pane)
    pane.resize(350, 600)
    pane.show()
    pane.set_method(SINKHORN)
    return pane


def write(qtbot, pane, name, text):
    box = pane._form.rows[name].editor.main
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def pick(qtbot, pane, text):
    """With the keys, as a person would: to the top, then down."""
    combo = pane._presets
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.findText(text)):
        qtbot.keyClick(combo, Qt.Key.Key_Down)


def test_that_without_a_method_the_pane_asks_for_one(qtbot, undo):
    pane = ParametersPane(undo)
    qtbot.addWidget(pane)
    pane.show()
    assert pane._empty.isVisible()
    assert pane._empty.text() == "Choose a method"
    assert pane.values() == {}
    pane.set_method(SINKHORN)
    assert not pane._empty.isVisible()
    assert pane._title.text() == "Sinkhorn"
    pane.set_method(None)
    assert pane._empty.isVisible()
    assert pane.values() == {}


def test_that_presets_are_listed_in_order_and_set_the_values(pane, qtbot):
    names = [pane._presets.itemText(i) for i in range(pane._presets.count())]
    assert names == ["quick", "default", "paper", "own"]
    assert pane.preset() == pane._presets.currentText() == "default"
    pick(qtbot, pane, "paper")
    assert pane.values() == {"epsilon": 0.01, "max_iter": 2000}
    assert pane.preset() == "paper"


def test_that_an_edit_makes_the_preset_custom_and_taking_it_back_undoes_that(pane, undo, qtbot):
    pick(qtbot, pane, "quick")
    with qtbot.waitSignal(pane.edited):
        write(qtbot, pane, "epsilon", "0.3")
    assert pane.preset() == "custom"
    assert (pane._presets.currentIndex(), pane._presets.placeholderText()) == (-1, "custom")
    undo.undo()
    assert pane._presets.currentText() == pane.preset() == "quick"
    assert undo.undoText() == "choose preset quick"
    undo.undo()
    assert pane.preset() == "default"


def test_that_of_equal_presets_the_chosen_one_is_named(pane, qtbot):
    pane.set_values({"max_iter": 50})
    assert pane.preset() == "quick"
    pick(qtbot, pane, "own")
    assert pane.preset() == pane._presets.currentText() == "own"


def test_that_reset_all_is_one_step_and_only_offered_where_it_does_something(pane, undo, qtbot):
    assert not pane._reset.isEnabled()
    write(qtbot, pane, "epsilon", "0.3")
    write(qtbot, pane, "max_iter", "7")
    qtbot.mouseClick(pane._reset, Qt.MouseButton.LeftButton)
    assert pane.values() == {"epsilon": 0.05, "max_iter": 2000}
    assert not pane._reset.isEnabled()
    undo.undo()
    assert pane.values() == {"epsilon": 0.3, "max_iter": 7}


def test_that_the_search_line_is_there_for_long_forms_and_filters_them(pane, qtbot):
    assert not pane._search.isVisible()
    pane.set_method(LONG)
    assert pane._search.isVisible()
    qtbot.keyClicks(pane._search, "Number 4")
    rows = pane._form.rows
    assert [name for name, row in rows.items() if row.label.isVisible()] == ["p4"]
    qtbot.keyClicks(pane._search, "x")
    assert pane._nothing.isVisible()
    pane._search.clear()
    assert all(row.label.isVisible() for row in rows.values())
    assert pane.values() == {f"p{i}": i for i in range(9)}


def test_that_each_method_keeps_its_values_and_undo_stays_with_what_is_seen(pane, undo, qtbot):
    write(qtbot, pane, "epsilon", "0.3")
    pane.set_method(LONG)
    assert not undo.canUndo()
    pane.set_method(SINKHORN)
    assert pane.values()["epsilon"] == 0.3
    pane.set_method(None)
    pane.set_method(SINKHORN)
    assert pane.values()["epsilon"] == 0.3


def test_that_a_method_whose_fields_changed_keeps_the_values_that_still_fit(pane, qtbot):
    write(qtbot, pane, "epsilon", "0.3")
    tol = Field("tol", "τ", "tolerance", "", "float", 1e-6, gt=0)
    pane.set_method(make_card("sinkhorn", [EPSILON, tol]))
    assert pane.values() == {"epsilon": 0.3, "tol": 1e-6}


@pytest.mark.parametrize(
    ("bill", "text"),
    [
        (Bill(12.3, 350 * MIB, 28 * MIB), "about 12 s · 350 MiB · 28 MiB file"),
        (Bill(0.2, 5 * MIB // 2, 900), "under 1 s · 2.5 MiB · 900 B file"),
        (Bill(3.14, 0, 0), "about 3.1 s"),
        (Bill(300, 3 * 1024 * MIB, 0), "about 5 min · 3 GiB"),
        (Bill(3 * 3600, 1020 * MIB, 2**42), "about 3 h · 1 GiB · 4 TiB file"),
        (Bill(9.97 * 86400, 1, 1), "about 10 d · 1 B · 1 B file"),
        (Bill(), ""),
    ],
)
def test_that_a_bill_reads_in_familiar_units(bill, text):
    assert bill_text(bill) == text


def test_that_the_bill_stands_below_and_fades_when_the_values_change(pane, qtbot):
    pane.set_bill(Bill(12, 350 * MIB, 28 * MIB, 2**33))
    assert pane._bill.isVisible()
    assert pane._bill.isEnabled()
    assert pane._bill.toolTip() == "8 GiB of memory are free"
    write(qtbot, pane, "epsilon", "0.3")
    assert not pane._bill.isEnabled()
    pane.set_bill(Bill(13, 350 * MIB, 28 * MIB))
    assert pane._bill.isEnabled()
    write(qtbot, pane, "epsilon", "-1")
    assert not pane._bill.isVisible()  # there is no estimate for settings that cannot run


def test_that_a_refusal_is_told_below_and_at_its_field_until_the_next_bill(pane):
    text = "the run needs about 90 GiB; lower max_iter to 3, which fits"
    pane.set_bill(Bill(12, 1, 1, 1, text, "max_iter"))
    notice = pane._form.rows["max_iter"].notice
    assert pane._refusal.isVisible()
    assert pane._refusal.text() == notice.text() == text
    assert notice.isVisible()
    assert not pane._bill.isVisible()
    pane.set_bill(Bill(12, 1, 1, 1, "the plan does not fit", "elsewhere"))
    assert not notice.isVisible()
    assert pane._refusal.text() == "the plan does not fit"
    pane.set_bill(Bill(12, MIB, MIB))
    assert not pane._refusal.isVisible()
    assert pane._bill.isVisible()


def test_that_faults_are_passed_on_also_when_the_method_changes(pane, qtbot):
    with qtbot.waitSignal(pane.faulty) as said:
        write(qtbot, pane, "epsilon", "-1")
    assert said.args == [True]
    with qtbot.waitSignal(pane.faulty) as said:
        pane.set_method(LONG)
    assert said.args == [False]
    with qtbot.waitSignal(pane.faulty) as said:
        pane.set_method(SINKHORN)
    assert said.args == [True]
