"""The keys of every command: searched, changed, and never given to two."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.commands import Commands, named
from ui.settings import Settings

ID = Qt.ItemDataRole.UserRole
NATIVE = QKeySequence.SequenceFormat.NativeText


def holder(commands: Commands, keys: QKeySequence, but: str) -> str:
    """Id of the other command that has these keys, empty where they are free."""
    return next(
        (
            id
            for id, action in commands.actions.items()
            if id != but and not keys.isEmpty() and action.shortcut() == keys
        ),
        "",
    )


def menu_of(commands: Commands, keys: QKeySequence) -> str:
    """The menu that these keys open, as Alt and its underlined letter do."""
    for menu in commands.menus.values():
        title = menu.title()
        if "&" in title and menu.menuAction() in commands.bar().actions():
            letter = title[title.index("&") + 1]
            if keys == QKeySequence(f"Alt+{letter}"):
                return title.replace("&", "")
    return ""


class ShortcutsDialog(QDialog):
    """A list to search, and below it the keys of the chosen command."""

    def __init__(self, commands: Commands, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Shortcuts"))
        self._commands, self._settings = commands, settings
        self._wished = QKeySequence()  # of another command, which is named
        self._search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self._search.setAccessibleName(self.tr("Search commands and keys"))
        self._list = QTreeWidget(columnCount=2, rootIsDecorated=False)
        self._list.setHeaderLabels([self.tr("Command"), self.tr("Keys")])
        self._list.setAccessibleName(self.tr("Commands"))
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setAlternatingRowColors(True)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._keys = QKeySequenceEdit()
        self._keys.setMaximumSequenceLength(1)
        self._named = QLabel(self.tr("&Keys"))
        self._named.setBuddy(self._keys)
        self._none = QPushButton(self.tr("&None"))
        self._none.setToolTip(self.tr("Take the keys from this command"))
        self._reset = QPushButton(self.tr("Re&set"))
        self._reset.setToolTip(self.tr("Give this command its first keys"))
        self._state = QLabel(wordWrap=True)
        self._state.setAccessibleName(self.tr("Whether the keys are free"))
        self._take = QPushButton(self.tr("Take the keys"))
        self._lay_out()
        self._search.textChanged.connect(self._fill)
        self._list.currentItemChanged.connect(lambda *_: self._show())
        self._list.itemActivated.connect(lambda *_: self._keys.setFocus())
        # Not at each change: while keys are pressed there are none for a moment.
        self._keys.editingFinished.connect(lambda: self._wish(self._keys.keySequence()))
        self._none.clicked.connect(lambda: self._give(self._id(), QKeySequence()))
        self._reset.clicked.connect(lambda: self._wish(self._commands.default_keys(self._id())))
        self._take.clicked.connect(lambda: self._give(self._id(), self._wished))
        self._fill()
        self.resize(520, 560)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._named)
        row.addWidget(self._keys, 1)
        row.addWidget(self._none)
        row.addWidget(self._reset)
        below = QHBoxLayout()
        below.addWidget(self._state, 1)
        below.addWidget(self._take)
        self._take.hide()
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.RestoreDefaults | standard.Close)
        reset = buttons.button(standard.RestoreDefaults)
        reset.setText(self.tr("Reset &all"))
        reset.clicked.connect(self._reset_all)
        buttons.rejected.connect(self.reject)
        for button in (self._none, self._reset, self._take, *buttons.buttons()):
            button.setAutoDefault(False)  # Enter in the search is no answer
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        layout.addLayout(below)
        layout.addWidget(buttons)

    def _fill(self) -> None:
        """List what fits the words of the search."""
        chosen, typed = self._id(), self._search.text().casefold().split()
        self._list.clear()
        for id, action in self._commands.actions.items():
            cells = [named(action), action.shortcut().toString(NATIVE)]
            if all(word in " ".join(cells).casefold() for word in typed):
                item = QTreeWidgetItem(self._list, cells)
                item.setData(0, ID, id)
                if action.shortcut() != self._commands.default_keys(id):
                    font = item.font(1)
                    font.setBold(True)
                    item.setFont(1, font)
                if id == chosen:
                    self._list.setCurrentItem(item)
        if self._list.currentItem() is None:
            self._list.setCurrentItem(self._list.topLevelItem(0))
        self._show()

    def _id(self) -> str:
        item = self._list.currentItem()
        return item.data(0, ID) if item is not None else ""

    def _action(self) -> QAction | None:
        return self._commands.actions.get(self._id())

    def _show(self) -> None:
        """The keys of the chosen command."""
        action = self._action()
        self._keys.setEnabled(action is not None)
        self._none.setEnabled(action is not None and not action.shortcut().isEmpty())
        self._keys.blockSignals(True)
        self._keys.setKeySequence(action.shortcut() if action is not None else QKeySequence())
        self._keys.blockSignals(False)
        title = named(action) if action is not None else ""
        self._keys.setAccessibleName(self.tr("Keys of {0}").format(title))
        own = action is not None and action.shortcut() != self._commands.default_keys(self._id())
        self._reset.setEnabled(own)
        self._say("")

    def _wish(self, keys: QKeySequence) -> None:
        """Give free keys at once; for others say whose they are."""
        id, action = self._id(), self._action()
        if action is None or keys == action.shortcut():
            return  # the field was only left
        self._wished = keys
        other, menu = holder(self._commands, keys, id), menu_of(self._commands, keys)
        shown = keys.toString(NATIVE)
        if menu:
            text = self.tr("{0} opens the menu {1}; choose other keys.").format(shown, menu)
            self._say(text)
        elif other:
            text = self.tr("{0} belongs to {1}, which would have no keys.")
            self._say(text.format(shown, named(self._commands[other])), offer=True)
        else:
            self._give(id, keys)

    def _say(self, text: str, offer: bool = False) -> None:
        self._state.setText(text)
        self._take.setVisible(offer)

    def _give(self, id: str, keys: QKeySequence) -> None:
        """Let a command have keys, and the one that had them none."""
        own = {id: keys.toString()}
        if other := holder(self._commands, keys, id):
            own[other] = ""
        self._keep({**self._settings["shortcuts"], **own})

    def _reset_all(self) -> None:
        self._keep({})

    def _keep(self, own: dict[str, str]) -> None:
        defaults = {id: self._commands.default_keys(id).toString() for id in own}
        self._settings["shortcuts"] = {i: k for i, k in own.items() if defaults[i] != k}
        self._fill()
