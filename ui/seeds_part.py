"""Groups of runs that differ by their seed alone: means, spreads, marks of what is not chance."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engines.problem import Better
from ui import theme
from ui.bridge import Bridge
from ui.elided import Modest
from ui.flow import Flow
from workbench.listing import value_text
from workbench.palette import DARK, LIGHT
from workbench.seeds import LEVEL, LEVELS, WANTED, Contrast, Groups, Judged, moments, worth
from workbench.seeds_text import csv_text, mark, sentence, spread_text

# What `sentence` is made of.
WORDS = (
    QT_TRANSLATE_NOOP("SeedsPart", "{0} is smaller by {1} ± {2}"),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} is larger by {1} ± {2}"),
    QT_TRANSLATE_NOOP(
        "SeedsPart", "{0} cannot be told from the first: the difference is {1} ± {2}"
    ),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} is smaller by {1} for every seed"),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} is larger by {1} for every seed"),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} is equal for every seed"),
    QT_TRANSLATE_NOOP("SeedsPart", "One seed says nothing about chance; repeat with further seeds"),
    QT_TRANSLATE_NOOP("SeedsPart", "The others are compared with this one"),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} seeds each"),
    QT_TRANSLATE_NOOP("SeedsPart", "{0} and {1} seeds"),
    QT_TRANSLATE_NOOP("SeedsPart", "paired by seed"),
    QT_TRANSLATE_NOOP("SeedsPart", "better"),
    QT_TRANSLATE_NOOP("SeedsPart", "worse"),
)
LONGEST = 60  # letters of a group in a list
GROUP = Qt.ItemDataRole.UserRole


class SeedsPart(QWidget):
    """A row for each group and a column for each metric; a tool tip says what a mark means."""

    repeat_wanted = Signal()
    picked = Signal(list)  # runs of the group that was double-clicked
    failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge: Bridge | None = None
        self.groups = Groups((), {})
        self.judged: Judged = {}
        self._asked: object = None
        self._better: Mapping[str, Better] = {}
        self._first = Modest()
        self._first.setAccessibleName(self.tr("Group the others are compared with"))
        self._level = QComboBox()
        self._level.setAccessibleName(self.tr("Level of significance"))
        self._level.setToolTip(
            self.tr("How often a mark may stand by chance alone, over all groups of a metric")
        )
        for level in LEVELS:
            self._level.addItem(f"{100 * level:g} %", level)
        self._level.setCurrentIndex(LEVELS.index(LEVEL))
        self._said = QLabel()
        self._said.setObjectName("hint")
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.repeat = QPushButton(self.tr("Repeat with {0} seeds").format(WANTED))
        self.repeat.setToolTip(self.tr("Run every group until it has as many seeds"))
        self.repeat.clicked.connect(self.repeat_wanted)
        self.table = QTableWidget()
        self._build()
        self._first.activated.connect(lambda _: self._judge())
        self._level.currentIndexChanged.connect(lambda _: self._judge())
        self.table.itemDoubleClicked.connect(self._pick)

    def _build(self) -> None:
        table = self.table
        table.setAccessibleName(self.tr("Means over seeds"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)  # Tab leaves the table
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        bar, layout = Flow(), QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        against, level = QLabel(self.tr("Compared with")), QLabel(self.tr("Level"))
        against.setBuddy(self._first)
        level.setBuddy(self._level)
        for part in (against, self._first, level, self._level, self._said, self.repeat):
            bar.addWidget(part)
        layout.addLayout(bar)
        layout.addWidget(table, 1)

    def attach(self, bridge: Bridge) -> None:
        """Start to use the desk process."""
        self._bridge = bridge

    def set_better(self, better: Mapping[str, Better]) -> None:
        """Metrics of which less or more is better."""
        self._better = better

    def show_groups(self, found: Groups) -> None:
        """These are the groups; the first stays what it was where the groups are the same."""
        before, now = self._labels(self.groups), self._labels(found)
        self.groups = found
        if before != now:
            self._first.clear()
            self._first.addItems(now)
        alone = sum(len(group.seeds) < 2 for group in found.groups)
        self._said.setText(self._remark(alone))
        self.repeat.setVisible(alone > 0)
        self._fill({})
        self._judge()

    def tell_waiting(self, runs: int) -> None:
        """So many runs with further seeds go on."""
        self.repeat.hide()
        self._said.setText(self.tr("{0} runs with further seeds go on…").format(runs))

    def csv(self) -> str:
        """What the table shows with all digits, and what was tested."""
        return csv_text(self.groups, self.judged, max(0, self._first.currentIndex()))

    def _remark(self, alone: int) -> str:
        if not self.groups.groups:
            return self.tr("No run has come to its end.")
        if alone:
            words = self.tr("{0} of {1} groups have one seed: seeds must repeat to tell chance.")
            return words.format(alone, len(self.groups.groups))
        return self.tr("▲ ▼ where a difference is more than chance")

    @staticmethod
    def _labels(found: Groups) -> list[str]:
        labels = [group.label or "–" for group in found.groups]
        return [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in labels]

    def _judge(self) -> None:
        if self._bridge is None or not self.groups.groups:
            return
        first, level = max(0, self._first.currentIndex()), self._level.currentData()
        asked = self._asked = (self.groups, first, level)

        def take(judged: Judged) -> None:
            if self._asked is asked:
                self._fill(judged)

        self._bridge.call("judged", *asked, done=take, failed=self.failed.emit)

    # --- the table -----------------------------------------------------------------------------

    def _fill(self, judged: Judged) -> None:
        self.judged = judged
        found, table = self.groups, self.table
        names = list(dict.fromkeys(name for group in found.groups for name in group.place))
        metrics = [n for n in found.units if any(g.sample(n) for g in found.groups)]
        heads = [f"{m} (found)" if m in names else m.replace("_", " ") for m in metrics]
        heads = [
            f"{head} ({found.units[m]})" if found.units[m] else head
            for head, m in zip(heads, metrics, strict=True)
        ]
        table.setColumnCount(len(names) + len(metrics))
        table.setHorizontalHeaderLabels([*names, *heads])
        table.setRowCount(len(found.groups))
        for row, group in enumerate(found.groups):
            for column, name in enumerate(names):
                value = group.place.get(name)
                item = QTableWidgetItem("–" if value is None else value_text(value))
                item.setToolTip(self.tr("Seeds: {0}").format(", ".join(map(str, group.seeds))))
                table.setItem(row, column, item)
            for column, metric in enumerate(metrics, len(names)):
                contrast = judged[metric][row] if judged else None
                table.setItem(row, column, self._cell(row, metric, contrast))
        table.resizeColumnsToContents()

    def _cell(self, row: int, metric: str, contrast: Contrast | None) -> QTableWidgetItem:
        sample = list(self.groups.groups[row].sample(metric).values())
        text = spread_text(*moments(sample), len(sample))
        item = QTableWidgetItem(text)
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if contrast is None:
            return item
        item.setText(f"{text} {mark(contrast)}".rstrip())
        label = self.groups.groups[row].label or "–"
        unit, better = self.groups.units[metric], self._better.get(metric, "")
        item.setToolTip(sentence(label, unit, better, contrast, self.tr))
        if contrast.significant:
            font = QFont(item.font())
            font.setBold(True)
            item.setFont(font)
            series = (DARK if theme.dark() else LIGHT).series
            good = worth(better, contrast.sign)
            if good:
                item.setForeground(QColor(series[2] if good > 0 else series[1]))
        return item

    def _pick(self, item: QTableWidgetItem) -> None:
        self.picked.emit(list(self.groups.groups[item.row()].runs))
