"""What the method works on: one of its examples, or arrays of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from ui.elided import Modest
from ui.fitting import fit, problem_fit, required, suited
from workbench.catalogue import MethodCard, ProblemCard, Slot

if TYPE_CHECKING:
    from workbench.data import Preview  # brings the readers

NOTHING = ""


class InputsPane(QWidget):
    """A list of examples and kinds of own data; for own data one list of data sets per array."""

    changed = Signal()
    example_chosen = Signal(str)

    def __init__(self, name_of: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._card: MethodCard | None = None
        self._references: dict[str, Preview] = {}
        self._slots: dict[str, QComboBox] = {}
        self._source = Modest()
        self._source.setAccessibleName(self.tr("Data of the run"))
        self._story = QLabel()
        self._story.setWordWrap(True)
        self._story.setObjectName("hint")
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setObjectName("fault")
        self._message.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 0)
        layout.addWidget(self._source)
        layout.addWidget(self._story)
        layout.addLayout(self._form)
        layout.addWidget(self._message)
        self._source.currentIndexChanged.connect(lambda _: self._choose_source())
        self.setEnabled(False)

    def set_method(self, card: MethodCard) -> None:
        """Offer the examples and the kinds of data of this method."""
        self._card = card
        self._source.blockSignals(True)
        self._source.clear()
        for example in card.examples:
            self._source.addItem(self.tr("Example: {0}").format(example.title), example.name)
        self._source.insertSeparator(self._source.count())
        for problem in card.problems:
            self._source.addItem(self.tr("My data: {0}").format(problem.title.rstrip(".")), problem)
        self._source.blockSignals(False)
        self.setEnabled(True)
        self._choose_source()

    def set_references(self, references: dict[str, Preview]) -> None:
        """The data sets that can be chosen, by reference."""
        self._references = references
        problem = self._problem()
        for slot in problem.slots if problem else ():
            self._fill(self._slots[slot.name], slot, self._slots[slot.name].currentData())

    def use(self, reference: str, keep: Collection[str] | None = None) -> str:
        """Put a data set where it fits: into the kind of data at hand, else into the best other.

        Of several full arrays the user has to choose; but where it is said which of them `keep`
        their data, the first of the others is taken. Gives the name of the array.
        """
        data = self._references.get(reference)
        if self._card is None or data is None or reference in self.inputs().values():
            return ""
        here = self._problem()
        best = max(self._card.problems, key=lambda problem: problem_fit(problem, data))
        if not problem_fit(best, data):
            return ""
        least = 1 if self.inputs() else problem_fit(best, data)
        if here is None or problem_fit(here, data) < least:
            here = best
            self._source.setCurrentIndex(self._index_of(here))
        taken = self.inputs()
        fitting = suited(here, data)
        found = [name for name in fitting if name not in taken]
        if not found and (keep is not None or len(required(here)) == 1):
            found = [name for name in fitting if name not in (keep or ())]
        if found:
            self._put(found[0], reference)
        return found[0] if found else ""

    def put(self, name: str, reference: str) -> bool:
        """Take a data set for an array; False where it does not fit."""
        slot = next((slot for slot in self.fields() if slot.name == name), None)
        data = self._references.get(reference)
        if slot is None or data is None or name not in self._slots or not fit(slot, data):
            return False
        self._put(name, reference)
        return True

    def array_at(self, widget: QWidget | None) -> str:
        """The array whose list, or whose name, a widget is; empty where it is none."""
        for name, combo in self._slots.items():
            if widget is not None and (
                widget in (combo, self._form.labelForField(combo)) or combo.isAncestorOf(widget)
            ):
                return name
        return ""

    def use_newest(self, reference: str) -> None:
        """Put a data set where it fits, and into the other arrays those that came before it."""
        self.use(reference)
        problem = self._problem()
        if problem is None:
            return
        slots = required(problem)
        best = problem_fit(problem, self._references[reference])
        fitting = [r for r, data in self._references.items() if problem_fit(problem, data) >= best]
        end = max(len(slots), fitting.index(reference) + 1)
        for slot, found in zip(slots, fitting[end - len(slots) :], strict=False):
            if slot.name in suited(problem, self._references[found]):
                self._put(slot.name, found)

    def set_inputs(self, inputs: Mapping[str, str]) -> None:
        """Choose the kind of data that has these arrays, and these data for them."""
        for i in range(self._source.count()):
            problem = self._source.itemData(i)
            names = {s.name: s for s in problem.slots} if isinstance(problem, ProblemCard) else {}
            if inputs and set(inputs) <= set(names):
                self._source.setCurrentIndex(i)
                for name, slot in names.items():
                    self._fill(self._slots[name], slot, inputs.get(name))
                self.changed.emit()
                return

    def choose_example(self, name: str) -> None:
        """Select an example by its name."""
        self._source.setCurrentIndex(self._source.findData(name))

    def example(self) -> str:
        """Name of the chosen example, empty for own data."""
        data = self._source.currentData()
        return data if isinstance(data, str) else ""

    def inputs(self) -> dict[str, str]:
        """Array name → reference of own data."""
        return {n: c.currentData() for n, c in self._slots.items() if c.currentData() != NOTHING}

    def fields(self) -> list[Slot]:
        """The arrays that data can be chosen for: of the kind at hand, else of the first kind."""
        kinds = self._card.problems if self._card else ()
        problem = self._problem() or (kinds[0] if kinds else None)
        return list(problem.slots) if problem else []

    def title(self) -> str:
        """What the data are called: the example, or the names of the files."""
        if self.example():
            return next(e.title for e in self._card.examples if e.name == self.example())
        return ", ".join(self._name_of(r) for r in self.inputs().values())

    def fault(self) -> str:
        """What is still missing, in one sentence."""
        problem = self._problem()
        missing = [slot.name for slot in required(problem)] if problem else []
        missing = [n for n in missing if n not in self.inputs()]
        if not missing:
            return ""
        return self.tr("choose data for {0}; open a file or take a sample").format(
            ", ".join(missing)
        )

    def show_message(self, text: str) -> None:
        """Explain what is wrong with the data; empty text takes it away."""
        self._message.setText(text)
        self._message.setVisible(bool(text))

    def _problem(self) -> ProblemCard | None:
        data = self._source.currentData()
        return data if isinstance(data, ProblemCard) else None

    def _choose_source(self) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self._slots.clear()
        self.show_message("")
        problem = self._problem()
        for slot in problem.slots if problem else ():
            combo = Modest()
            combo.setAccessibleName(slot.name)
            combo.setToolTip(slot.help)
            self._slots[slot.name] = combo
            self._form.addRow(
                slot.name + ("" if not slot.optional else self.tr(" (optional)")), combo
            )
            self._fill(combo, slot, None)
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        story = next(
            (
                e.story
                for e in (self._card.examples if self._card else ())
                if e.name == self.example()
            ),
            "",
        )
        self._story.setText(story)
        self._story.setVisible(bool(story))
        self.changed.emit()
        if self.example():
            self.example_chosen.emit(self.example())

    def _fill(self, combo: QComboBox, slot: Slot, keep: str | None) -> None:
        combo.blockSignals(True)
        combo.clear()
        nothing = self.tr("from the file of {0}").format(slot.beside) if slot.beside else "—"
        combo.addItem(nothing, NOTHING)
        for reference, preview in self._references.items():
            if fit(slot, preview):
                combo.addItem(self._name_of(reference), reference)
                shape = " × ".join(map(str, preview.shape))
                combo.setItemData(
                    combo.count() - 1, f"{reference}\n{shape}", Qt.ItemDataRole.ToolTipRole
                )
        if keep:
            if combo.findData(keep) < 0:  # its shape is not known yet
                combo.addItem(self._name_of(keep), keep)
            combo.setCurrentIndex(combo.findData(keep))
        combo.blockSignals(False)

    def _index_of(self, problem: ProblemCard) -> int:
        data = [self._source.itemData(i) for i in range(self._source.count())]
        return data.index(problem)

    def _put(self, name: str, reference: str) -> None:
        combo = self._slots[name]
        combo.setCurrentIndex(max(0, combo.findData(reference)))
