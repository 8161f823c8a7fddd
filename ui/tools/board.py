"""The shapes drawn on the panels of a figure: kept, shown, changed, and typed into."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QFont

from engines.figure import Annotation, Figure
from ui.panel import PanelItem
from ui.plot_area import PlotArea
from ui.tools import ruler
from ui.tools.overlay import Drawn, Overlay
from ui.tools.shapes import Shape
from ui.tools.words_editor import WordsEditor
from workbench.measure import images
from workbench.palette import LIGHT, Theme

PAUSE_MS = 500  # keys that follow each other so fast are one change
REGIONS = ("region", "interval")


class Board(QObject):
    """Shapes are remembered for each figure. Annotations belong to it: it is asked to change.

    `pending` is a shape that is being drawn, moved or typed; `slot` the number of the one it
    replaces, None where it is new.
    """

    annotated = Signal(object, object)  # annotations of the figure, and what they are to be
    changed = Signal()

    def __init__(self, plots: PlotArea) -> None:
        super().__init__(plots)
        self._plots = plots
        self.figure = self.still = Figure("", "", ())
        self.look: tuple[Theme, QFont] = (LIGHT, QFont())
        self.own: list[Shape] = []
        self.chosen: int | None = None
        self.pending: Shape | None = None
        self.slot: int | None = None
        self._kept: dict[object, list[Shape]] = {}
        self._key: object = None
        self._overlays: dict[PanelItem, Overlay] = {}
        self._editor = WordsEditor(plots)
        self._editor.done.connect(self._take_words)
        self._editor.left.connect(self.drop)
        self._editor.left.connect(plots.setFocus)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self.commit)

    def turn_to(self, key: object) -> None:
        """Another figure comes; what was drawn on it before is there again."""
        self.commit()
        self._key, self.chosen = key, None
        self.own = list(self._kept.get(key, ()))
        self.figure = self.still = Figure("", "", ())

    def show_figure(self, figure: Figure, still: Figure, theme: Theme, font: QFont) -> None:
        """The figure and its frame on show; everything is measured again."""
        self.figure, self.still, self.look = figure, still, (theme, font)
        count = len(figure.panels)
        drawn = [s for s in self.own if s.kind != "annotate" and s.panel < count]
        self.own = drawn + [_shape(a) for a in figure.annotations if a.panel < count]
        if self.chosen is not None and self.chosen >= len(self.own):
            self.chosen = None
        self.draw()

    def shapes(self) -> list[Shape]:
        """What is drawn, also what is pending."""
        if self.pending is None:
            return self.own
        if self.slot is None:
            return [*self.own, self.pending]
        return [self.pending if i == self.slot else s for i, s in enumerate(self.own)]

    def overlay(self, number: int) -> Overlay | None:
        """What is drawn on in a panel; None for one in space."""
        item = self._plots.panels[number]
        if not isinstance(item, PanelItem) or item.panel.in_space:
            return None
        if item not in self._overlays:
            self._overlays = {p: o for p, o in self._overlays.items() if p in self._plots.panels}
            self._overlays[item] = Overlay(item)
        return self._overlays[item]

    def draw(self) -> None:
        """Bring the panels up to date."""
        drawn: dict[int, list[Drawn]] = {}
        for mark in self._drawn():
            drawn.setdefault(mark.shape.panel, []).append(mark)
        for number, item in enumerate(self._plots.panels):
            overlay = self.overlay(number) if number in drawn or item in self._overlays else None
            if overlay is not None:
                overlay.show_shapes(drawn.get(number, []), *self.look)
        self.changed.emit()

    def _drawn(self) -> list[Drawn]:
        """Shapes with their numbers and words; the number of a profile is that of its curve."""
        shapes, found = self.shapes(), []
        place = len(self.own) if self.slot is None else self.slot
        chosen = place if self.pending is not None else self.chosen
        several = sum(shape.kind in REGIONS for shape in shapes) > 1
        lines = curves = regions = 0
        for i, shape in enumerate(shapes):
            panel, colour, words = self.still.panels[shape.panel], None, []
            if shape.kind == "profile":
                lines += 1
                colour, words = curves, [str(lines)]
                curves += max(1, len(images(panel)))
            elif shape.kind in REGIONS:
                regions += 1
                words = [str(regions)] if several else []
            elif shape.kind == "ruler":
                words = ruler.words(shape, panel)
            found.append(Drawn(shape, i == chosen, colour, words))
        return found

    # -- changes ---------------------------------------------------------------------------

    def hold(self, shape: Shape, slot: int | None) -> None:
        """Show a shape that is not yet meant for good."""
        self.pending, self.slot = shape, slot
        self.draw()

    def hold_a_while(self, shape: Shape, slot: int | None) -> None:
        """The same, and mean it when nothing follows."""
        self.hold(shape, slot)
        self._soon.start()

    def commit(self) -> None:
        """What was pending is meant so."""
        if not self._editor.isHidden():
            self._editor.finish()
        elif self.pending is not None:
            shapes, slot = self.shapes(), self.slot
            self._let_go()
            self.chosen = len(shapes) - 1 if slot is None else slot
            self.set(shapes)

    def drop(self) -> None:
        """What was pending is not meant."""
        if self.pending is not None:
            self._let_go()
            self.draw()

    def _let_go(self) -> None:
        self._soon.stop()
        self._editor.hide()
        self.pending = self.slot = None

    def set(self, shapes: list[Shape]) -> None:
        """Have these shapes, and no others."""
        notes = tuple(_annotation(s) for s in shapes if s.kind == "annotate")
        chosen = None if self.chosen is None else shapes[self.chosen]
        self.own = sorted(shapes, key=lambda shape: shape.kind == "annotate")  # as they come back
        if chosen is not None:
            self.chosen = next(i for i, shape in enumerate(self.own) if shape is chosen)
        self._kept[self._key] = [s for s in shapes if s.kind != "annotate"]
        if notes != self.figure.annotations:
            self.annotated.emit(self.figure.annotations, notes)
        self.draw()

    def choose(self, place: int | None) -> None:
        """Show the grips of a shape, and let keys move it."""
        self.commit()
        if place != self.chosen:
            self.chosen = place
            self.draw()

    def remove(self) -> None:
        """Take the chosen shape away."""
        self._let_go()
        place, self.chosen = self.chosen, None
        self.set([shape for i, shape in enumerate(self.own) if i != place])

    def clear(self) -> None:
        """Take away what was drawn, but for the annotations."""
        self.drop()
        self.chosen = None
        self.set([shape for shape in self.own if shape.kind == "annotate"])

    # -- words -----------------------------------------------------------------------------

    def type_words(self, shape: Shape, slot: int | None) -> None:
        """Let the words of an annotation be typed."""
        self.hold(shape, slot)
        overlay = self.overlay(shape.panel)
        box = overlay.words_box(shape) if overlay is not None else None
        if overlay is None or box is None:
            self.drop()
            return
        self._editor.setFont(self.look[1])
        spot = self._plots.mapFromScene(overlay.mapToScene(box.center()))
        self._editor.edit(shape.text, spot)

    def _take_words(self, text: str) -> None:
        shape, slot = self.pending, self.slot
        if shape is None:
            return
        self._plots.setFocus()
        if text:
            self.pending = replace(shape, text=text)
            self.commit()
        elif slot is None:
            self.drop()
        else:
            self.chosen = slot
            self.remove()


def _shape(note: Annotation) -> Shape:
    return Shape("annotate", note.panel, (note.x, note.y), (note.text_x, note.text_y), note.text)


def _annotation(shape: Shape) -> Annotation:
    return Annotation(shape.panel, *shape.start, shape.text, *shape.end)
