"""One row for each field, and the rows of a method or of a nested option."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.editors import (
    ChoiceEditor,
    Combo,
    Editor,
    Notice,
    NumberEditor,
    OptionalEditor,
    SwitchEditor,
)
from ui.field_text import label_text, tip, value_text
from workbench.fields import Field, OptionSpec

LABEL, EDITOR, RESET = 1, 2, 3  # columns; the dot that marks a difference is in column 0
DOT, GAP, INDENT = 8, 4, 13  # pixels: its width, between columns, and before a nested form
ANY_WIDTH = 16_777_215  # what Qt takes for no limit


def completed(field: Field, value: Any) -> Any:
    """The value with every field of a nested option present; the method would add the same."""
    if field.kind != "option" or value is None:
        return value
    given = value if isinstance(value, Mapping) else {"kind": value}
    for option in field.options:
        if option.kind == given.get("kind"):
            inner = {f.name: completed(f, given.get(f.name, f.default)) for f in option.fields}
            return {"kind": option.kind, **inner}
    return dict(given)


class OptionEditor(Editor):
    """One of several alternatives, each with a form of its own that takes the others' place."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._field = field
        self.pages: dict[str, Fields] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        combo = Combo(self)
        for i, option in enumerate(field.options):
            combo.addItem(option.kind)
            combo.setItemData(i, option.title, Qt.ItemDataRole.ToolTipRole)
        combo.textActivated.connect(lambda kind: self.edited.emit(self._page_value(kind), 0, ""))
        row.addWidget(combo)
        self._lead(combo)

    def make_pages(self, parent: QWidget) -> QWidget:
        """The forms of all alternatives, below and indented; one of them is visible."""
        body = QWidget(parent)
        row = QHBoxLayout(body)
        row.setContentsMargins(4, 0, 0, 4)
        row.setSpacing(6)
        edge = QFrame(body)
        edge.setFrameStyle(QFrame.Shape.VLine | QFrame.Shadow.Plain)
        edge.setFixedWidth(INDENT - 4 - 6)
        edge.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row.addWidget(edge)
        column = QVBoxLayout()
        row.addLayout(column, 1)
        for option in self._field.options:
            page = Fields(_with_defaults(option, self._field.default), body, note=option.title)
            page.edited.connect(self._inside)
            column.addWidget(page)
            self.pages[option.kind] = page
        return body

    def show_value(self, value: Any) -> None:
        kind = value_text(value) if value is not None else ""
        self.main.choose(kind)
        for name, page in self.pages.items():
            page.setVisible(name == kind)
        if kind in self.pages:
            page = self.pages[kind]
            page.show_values(value)
            self.main.setToolTip(page.note)

    def current(self, held: Any) -> Any:
        page = self.page()
        return {"kind": self.main.currentText(), **page.current()} if page else held

    def page(self) -> Fields | None:
        """The form of the chosen alternative."""
        return self.pages.get(self.main.currentText())

    def _page_value(self, kind: str) -> dict[str, Any]:
        return {"kind": kind, **self.pages[kind].held()}

    def _inside(self, _name: str, _value: Any, gesture: int, symbol: str) -> None:
        self.edited.emit(self._page_value(self.main.currentText()), gesture, symbol)


EDITORS: dict[str, Callable[[Field, QWidget], Editor]] = {
    "int": NumberEditor,
    "float": NumberEditor,
    "bool": SwitchEditor,
    "choice": ChoiceEditor,
    "option": OptionEditor,
}


class Row(QObject):
    """One field on the screen: dot, label, editor, reset button, nested form, notice."""

    edited = Signal(object, int, str)

    def __init__(self, field: Field, parent: QWidget, grid: QGridLayout) -> None:
        super().__init__(parent)
        self.field = field
        self.value: Any = completed(field, field.default)
        self._told = ""
        self.dot = QLabel(parent)
        self.dot.setForegroundRole(QPalette.ColorRole.Link)
        self.label = QLabel(label_text(field), parent)
        self.label.setWordWrap(True)
        self.choice = EDITORS[field.kind](field, parent)
        self.editor = OptionalEditor(field, self.choice) if field.optional else self.choice
        self.reset = QToolButton(parent)
        self.body = self.choice.make_pages(parent) if field.kind == "option" else None
        self.notice = Notice(parent)
        self._place(grid)
        self._name()
        self.editor.edited.connect(self._edit)
        self.reset.clicked.connect(self._reset)
        self.show_value(self.value)

    def show_value(self, value: Any) -> None:
        """Hold and display a value."""
        if value != self.value:
            self._told = ""
        self.value = value
        self.editor.show_value(value)
        self._mark()

    def tell(self, text: str) -> None:
        """Show what the engine said about this value until it is edited."""
        self._told = text
        self._mark()

    def pages(self) -> list[Fields]:
        """The nested forms of all alternatives."""
        return list(self.choice.pages.values()) if self.body else []

    def page(self) -> Fields | None:
        """The nested form in use."""
        return self.choice.page() if self.body and self.value is not None else None

    def faults(self) -> dict[str, str]:
        """What is wrong here and in the nested form, by dotted name."""
        if page := self.page():
            return {f"{self.field.name}.{k}": v for k, v in page.faults().items()}
        fault = self.field.fault(self.value)
        return {self.field.name: fault} if fault else {}

    def least_width(self, editor: int) -> int:
        """The width that the label needs beside such an editor, in the nested forms too."""
        parts = (DOT, self.label.minimumSizeHint().width(), editor, self.reset.minimumWidth())
        own = sum(parts) + GAP * (len(parts) - 1)
        return max([own, *(INDENT + page.least_width(editor) for page in self.pages())])

    def differs(self) -> bool:
        """Whether the value is another one than the default."""
        return self.value != completed(self.field, self.field.default)

    def matches(self, text: str) -> bool:
        """Whether a search text occurs in name, symbol or meaning, here or further in."""
        fields = [self.field, *(f for o in self.field.options for f in o.fields)]
        return any(text.casefold() in f"{f.name} {f.symbol} {f.meaning}".casefold() for f in fields)

    def show(self, on: bool) -> None:
        """Show or hide the whole row."""
        for widget in (self.dot, self.label, self.editor):
            widget.setVisible(on)
        self.reset.setVisible(on and self.differs())
        self.notice.setVisible(on and bool(self.notice.text()))
        if self.body:
            self.body.setVisible(on and self.page() is not None)

    def _place(self, grid: QGridLayout) -> None:
        r = grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop
        main = self.choice.main
        self._height = max(main.sizeHint().height(), main.minimumHeight())
        self.reset.setMinimumHeight(self._height)
        font = self.dot.font()
        font.setPointSizeF(font.pointSizeF() * 0.6)
        self.dot.setFont(font)
        self.reset.setFixedWidth(self.reset.fontMetrics().height() + 8)
        for widget in (self.dot, self.reset):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        grid.addWidget(self.dot, r, 0, top)
        if self.body:
            grid.addWidget(self.body, r + 2, 0, 1, RESET + 1)
        grid.addWidget(self.notice, r + 3, LABEL, 1, RESET)
        self._grid, self._first = grid, r
        self._place_editor(below=False)

    def set_editor_width(self, width: int | None) -> None:
        """Have an editor so wide beside the label; None: one as wide as the form, below it."""
        if (width is None) != self._below:
            self._place_editor(below=width is None)
        self.editor.setMinimumWidth(width or 0)
        self.editor.setMaximumWidth(width or ANY_WIDTH)
        for page in self.pages():
            page.set_editor_width(width)

    def _place_editor(self, below: bool) -> None:
        self._below = below
        top, row = Qt.AlignmentFlag.AlignTop, self._first + below
        line = self.label.fontMetrics().height()  # the first one stands level with the editor
        lift = 0 if below else max(0, (self._height - line) // 2)
        self.label.setContentsMargins(0, lift, 0, 0)
        self.dot.setFixedHeight(line if below else self._height)
        self._grid.addWidget(self.label, self._first, LABEL, 1, RESET if below else 1, top)
        if below:
            self._grid.addWidget(self.editor, row, LABEL, 1, EDITOR)
        else:
            self._grid.addWidget(self.editor, row, EDITOR, top)
        self._grid.addWidget(self.reset, row, RESET, top)

    def _name(self) -> None:
        name = self.field.meaning or self.field.name
        for widget in (self.label, self.editor):
            widget.setToolTip(tip(self.field))
        self.label.setBuddy(self.editor.main)
        default = value_text(self.field.default)
        self.reset.setText("↺")
        self.reset.setAutoRaise(True)
        self.reset.setToolTip(self.tr("Reset to {0}").format(default))
        self.reset.setAccessibleName(self.tr("Reset {0} to {1}").format(name, default))

    def _mark(self) -> None:
        fault = "" if self.page() else self.field.fault(self.value)
        text = fault or self._told
        shown = self.editor.isVisibleTo(self.editor.parentWidget())
        self.notice.setText(text)
        self.editor.set_wrong(bool(text))
        name = " ".join(dict.fromkeys([self.field.symbol, self.field.meaning or self.field.name]))
        self.editor.describe(name, f"{text}\n{tip(self.field)}" if text else tip(self.field))
        self.dot.setText("●" if self.differs() else "")
        self.show(shown)

    def _edit(self, value: Any, gesture: int, symbol: str) -> None:
        self._told = ""
        value = completed(self.field, value)
        if value != self.value:
            self.value = value
            self.edited.emit(value, gesture, symbol or self.field.symbol)
        self.show_value(self.value)

    def _reset(self) -> None:
        self.editor.setFocus()
        self._edit(self.field.default, 0, "")


class Fields(QWidget):
    """Rows for fields, those for experts folded away below; the form of a method or an option."""

    edited = Signal(str, object, int, str)  # name, value, gesture, symbol

    def __init__(self, fields: tuple[Field, ...], parent: QWidget | None, note: str = "") -> None:
        super().__init__(parent)
        self.note = note
        self.rows: dict[str, Row] = {}
        self._filter = ""
        self.unfolded = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if note:
            caption = QLabel(note, self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            column.addWidget(caption)
        column.addWidget(self._section([f for f in fields if not f.expert]))
        self.fold = QToolButton(self)
        self.fold.setAutoRaise(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fold.clicked.connect(lambda: self.unfold(not self.unfolded))
        column.addWidget(self.fold)
        self._experts = self._section([f for f in fields if f.expert])
        column.addWidget(self._experts)
        column.addStretch()
        self._lay_out()

    def held(self) -> dict[str, Any]:
        """The value of every field."""
        return {name: row.value for name, row in self.rows.items()}

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Display values without telling anybody."""
        for name, row in self.rows.items():
            if name in values:
                row.show_value(values[name])
        if any(row.field.expert and row.faults() for row in self.rows.values()):
            self.unfolded = True
        self._lay_out()

    def current(self) -> dict[str, Any]:
        """The value of every field, what is still being typed included."""
        return {name: row.editor.current(row.value) for name, row in self.rows.items()}

    def faults(self) -> dict[str, str]:
        """What is wrong, by field; a nested one as `option.field`."""
        return {k: v for row in self.rows.values() for k, v in row.faults().items()}

    def show_message(self, field_name: str, text: str) -> None:
        """Show what the engine says about a field, at that field; unknown names are ignored."""
        name, *rest = field_name.split(".")
        if name not in self.rows:
            return
        row = self.rows[name]
        page = row.page()
        if page and rest and rest[-1] in page.rows:
            page.show_message(rest[-1], text)
        else:
            row.tell(text)
        if text and row.field.expert:
            self.unfold(True)

    def unfold(self, on: bool) -> None:
        """Show or hide the fields for experts."""
        self.unfolded = on
        self._lay_out()

    def filter(self, text: str) -> int:
        """Show the fields that match, folded or not; returns how many."""
        self._filter = text.strip()
        self._lay_out()
        return sum(row.matches(self._filter) for row in self.rows.values())

    def least_width(self, editor: int) -> int:
        """The width that labels need beside such editors, those out of sight included."""
        return max((row.least_width(editor) for row in self.rows.values()), default=0)

    def set_editor_width(self, width: int | None) -> None:
        """Make every editor column equally wide; None: put the editors below their labels."""
        for row in self.rows.values():
            row.set_editor_width(width)

    def _section(self, fields: list[Field]) -> QWidget:
        section = QWidget(self)
        grid = QGridLayout(section)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, DOT)
        grid.setColumnStretch(LABEL, 1)
        for field in fields:
            row = Row(field, section, grid)
            row.edited.connect(lambda *edit, name=field.name: self.edited.emit(name, *edit))
            self.rows[field.name] = row
        return section

    def _lay_out(self) -> None:
        experts = [row for row in self.rows.values() if row.field.expert]
        for row in self.rows.values():
            row.show(row.matches(self._filter))
        changed = sum(row.differs() for row in experts)
        self.fold.setText(
            self.tr("Advanced ({0} changed)").format(changed) if changed else self.tr("Advanced")
        )
        self.fold.setArrowType(Qt.ArrowType.DownArrow if self.unfolded else Qt.ArrowType.RightArrow)
        self.fold.setAccessibleDescription(
            self.tr("unfolded") if self.unfolded else self.tr("folded")
        )
        self.fold.setVisible(bool(experts) and not self._filter)
        self._experts.setVisible(bool(experts) and (self.unfolded or bool(self._filter)))


def _with_defaults(option: OptionSpec, default: Any) -> tuple[Field, ...]:
    """The fields of an option; where it is the default one, with the method's values for it."""
    chosen = default if isinstance(default, Mapping) and default["kind"] == option.kind else {}
    return tuple(replace(f, default=chosen.get(f.name, f.default)) for f in option.fields)
