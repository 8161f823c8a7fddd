"""What would run if Run were pressed now: method, data, parameters, device; and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from ui.bridge import Bridge
from ui.panes.data import DataPane
from ui.panes.inputs import InputsPane
from ui.panes.methods import MethodsPane
from ui.panes.parameters import ParametersPane
from ui.panes.run import RunPane
from workbench.catalogue import Catalogue, ExampleCard, MethodCard, MetricCard
from workbench.fields import Field
from workbench.jobs import Bill, Job

if TYPE_CHECKING:
    from workbench.records import RunInfo  # brings h5py

# A bill is asked for when nothing was edited for this long.
ASK_AFTER_MS = 150


class RunSetup(QObject):
    """Joins the panes that make up a job, and asks the engine for its bill."""

    changed = Signal()
    told = Signal(str)  # what became of a file that was dropped

    def __init__(
        self,
        data: DataPane,
        methods: MethodsPane,
        inputs: InputsPane,
        parameters: ParametersPane,
        where: RunPane,
        undo: QUndoStack,
    ) -> None:
        super().__init__(parameters)
        self._undo = undo
        self._data, self._methods, self._inputs = data, methods, inputs
        self._parameters, self._where = parameters, where
        self._bridge: Bridge | None = None
        self._catalogue: Catalogue | None = None
        self._card: MethodCard | None = None
        self._faulty = False
        self._asked = ""
        self._bill = Bill()
        self._refusal = ""  # of the data as they are
        self._dropped: dict[str, tuple[str, list[str]]] = {}
        self._timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)
        data.changed.connect(self._offer_data)
        data.selected.connect(self._data_selected)
        methods.chosen.connect(self._take_method)
        data.refused.connect(lambda reference, *_: self._dropped.pop(reference, None))
        inputs.changed.connect(self._data_edited)
        inputs.example_chosen.connect(self._take_example)
        parameters.edited.connect(self._edited)
        parameters.faulty.connect(self._set_faulty)
        where.edited.connect(self._edited)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the engine."""
        self._bridge = bridge
        bridge.billed.connect(self._billed)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """These are the methods that can be chosen."""
        self._catalogue = catalogue
        self._methods.set_catalogue(catalogue)

    def missing(self) -> str:
        """Which data are still to be chosen, in one sentence."""
        return self._inputs.fault() if self._card else ""

    def reason(self) -> str:
        """Why Run is not possible, in one sentence; empty where it is."""
        if self._card is None:
            return self.tr("choose a method first")
        if self._faulty:
            return self.tr("a parameter is out of its limits; correct it")
        if self._bridge is None:
            return self.tr("the engine is starting; wait a moment")
        return self.missing() or self._refusal

    def job(self) -> Job | None:
        """The job, named after its method and data; None where it cannot run."""
        if self._card is None or self._bridge is None or self._faulty or self.missing():
            return None
        settings = self._where.settings()
        settings["title"] = settings["title"] or f"{self._card.title}: {self._inputs.title()}"
        return Job(
            method=self._card.id,
            parameters=self._parameters.values(),
            example=self._inputs.example(),
            inputs=self._inputs.inputs(),
            **settings,  # type: ignore[arg-type]
        )

    def method(self) -> str:
        """The id of the chosen method, empty where none is."""
        return self._card.id if self._card else ""

    def fields(self) -> tuple[Field, ...]:
        """The parameters of the chosen method."""
        return self._card.fields if self._card else ()

    def metrics(self) -> tuple[MetricCard, ...]:
        """The headline numbers of what the chosen method finds."""
        return self._card.metrics if self._card else ()

    def examples(self) -> tuple[ExampleCard, ...]:
        """The examples of the chosen method."""
        return self._card.examples if self._card else ()

    def seconds(self) -> float:
        """How long the job will take by its last bill."""
        return self._bill.seconds

    def load_example(self, method: str, example: str) -> None:
        """Choose an example and its settings."""
        self._methods.choose(method)
        self._inputs.choose_example(example)
        assert self._card is not None
        chosen = next(e for e in self._card.examples if e.name == example)
        self._parameters.set_values(dict(chosen.settings))

    def load_record(self, info: RunInfo) -> bool:
        """Choose what a run of the past had; False where there is no such method any more."""
        if self._catalogue is None or info.method not in {m.id for m in self._catalogue.methods}:
            return False
        self._methods.choose(info.method)
        if info.example:
            self._inputs.choose_example(info.example)
        else:
            self._take_inputs(info.inputs)
        self._parameters.set_values(info.parameters)
        self._where.set_settings(info.device, info.precision, info.seed)
        return True

    def expect(self, references: Iterable[str], array: str = "") -> None:
        """These data fell on the window and are read now.

        The first is taken for the array that they fell on, the others for those that are free,
        else in the place of the first ones.
        """
        filled: list[str] = []  # by those that fell together
        for reference in references:
            self._dropped[reference] = array, filled
            array = ""

    def assign(self, inputs: Mapping[str, str]) -> None:
        """Take these data for these arrays; other arrays keep theirs."""
        self._take_inputs({**self._inputs.inputs(), **inputs})

    def _take_inputs(self, inputs: Mapping[str, str]) -> None:
        for reference in inputs.values():
            self._data.add(reference, select=False)
        self._inputs.set_inputs(inputs)

    def _offer_data(self) -> None:
        self._inputs.set_references(self._data.references())

    def _data_selected(self, reference: str) -> None:
        self._methods.set_data(self._data.references().get(reference))
        if reference in self._dropped:
            self._take_dropped(reference, *self._dropped.pop(reference))
        else:
            self._inputs.use(reference)

    def _take_dropped(self, reference: str, array: str, filled: list[str]) -> None:
        before, name = self._inputs.inputs(), self._data.name_of(reference)
        if array and not self._inputs.put(array, reference):
            self.told.emit(self.tr("{0} does not fit {1}").format(name, array))
            return
        array = array or self._inputs.use(reference, filled)
        after = self._inputs.inputs()
        if array in before and before[array] != after[array]:
            self._undo.push(Replaced(self._inputs, before, after))
            old = self._data.name_of(before[array])
            words = self.tr("{0} takes the place of {1} as {2}; Undo brings it back")
            self.told.emit(words.format(name, old, array))
        filled.append(array)

    def _take_method(self, card: MethodCard) -> None:
        self._card = card
        self._parameters.set_method(card)
        self._inputs.set_method(card)
        self._inputs.use_newest(self._data.current())
        self._edited()

    def _take_example(self, name: str) -> None:
        assert self._card is not None
        example = next(e for e in self._card.examples if e.name == name)
        if example.settings:
            self._parameters.set_values(dict(example.settings))

    def _set_faulty(self, faulty: bool) -> None:
        self._faulty = faulty
        self._edited()

    def _data_edited(self) -> None:
        self._refusal = ""
        self._edited()

    def _edited(self) -> None:
        self._timer.start()
        self.changed.emit()

    def _ask(self) -> None:
        job = self.job()
        if job is not None and self._bridge is not None:
            self._asked = job.id
            self._bridge.ask(job)

    def _billed(self, job: str, bill: Bill) -> None:
        if job != self._asked or self._card is None:
            return
        self._bill = bill
        self._parameters.set_bill(bill)
        own = {field.name for field in self._card.fields}
        self._inputs.show_message("" if bill.field in own else bill.refusal)
        if bill.refusal != self._refusal:
            self._refusal = bill.refusal
            self.changed.emit()


class Replaced(QUndoCommand):
    """Data that took the place of others."""

    def __init__(
        self, inputs: InputsPane, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        super().__init__(inputs.tr("replace data"))
        self._inputs, self._before, self._after = inputs, before, after

    def undo(self) -> None:
        """The others are back."""
        self._inputs.set_inputs(self._before)

    def redo(self) -> None:
        """They go again; the first time they have gone already."""
        if self._inputs.inputs() != self._after:
            self._inputs.set_inputs(self._after)
