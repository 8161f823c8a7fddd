"""Put a figure on paper: for what, how large, with which letters, into which file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engines.figure import Figure
from ui.doubts import Doubts
from ui.path_line import PathLine
from workbench.export import DPI, WIDTHS, page_size
from workbench.movie import FPS, pace
from workbench.page import MM, exponent_size, type_size
from workbench.print_check import doubts

FORMATS = ("pdf", "svg", "png", "tiff", "eps", "csv")
MOVIES = ("gif", "mp4", "frames")  # the last is a folder of PNG files
PIXELS = ("png", "tiff", *MOVIES)
MOVIE_DPI = 150  # of a movie, which is looked at on a screen
PAGE = (330, 270)  # pixels of the preview
SHARP = 2.0  # dots of the preview to a pixel
DRAW_AFTER_MS = 150  # after the last change


@dataclass(frozen=True)
class Target:
    """Where a figure goes: millimetres (0: as the figure needs it), resolution, usual format."""

    title: str
    width: float
    height: float
    dpi: int
    format: str


TARGETS = (
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Column, 85 mm"), 85.0, 0.0, 600, "pdf"),
    Target(
        QT_TRANSLATE_NOOP("ExportDialog", "One and a half columns, 114 mm"), 114, 0.0, 600, "pdf"
    ),
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Double column, 174 mm"), 174.0, 0.0, 600, "pdf"),
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Slide 16:9, 339 × 190 mm"), 338.7, 190.5, 200, "png"),
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Poster, 400 mm"), 400.0, 0.0, 300, "pdf"),
    # 150 mm at 271 dpi are 1600 pixels, and 7 points are 26 of them.
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Web, 1600 pixels"), 150.0, 0.0, 271, "png"),
    Target(QT_TRANSLATE_NOOP("ExportDialog", "Own size"), 0.0, 0.0, 0, ""),
)
OWN = len(TARGETS) - 1


class ExportDialog(QDialog):
    """Asks for what `workbench.export` needs and emits `wanted(path, options)`."""

    wanted = Signal(str, dict)
    caption_wanted = Signal(str)  # path of the figure
    copy_wanted = Signal()  # of the caption
    page_wanted = Signal(dict)  # a picture of the page, with these options

    def __init__(
        self, name: str, figure: Figure, folder: Path, frame: int | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export figure"))
        self._figure, self._frame = figure, frame
        self._target = QComboBox()
        for target in TARGETS:
            self._target.addItem(self.tr(target.title))
        low, high = WIDTHS
        self._width = QDoubleSpinBox(minimum=low, maximum=high, decimals=1, suffix=" mm")
        self._height = QDoubleSpinBox(minimum=0, maximum=high, decimals=1, suffix=" mm")
        self._height.setSpecialValueText(self.tr("as the figure needs"))
        self._dpi = QSpinBox(minimum=DPI[0], maximum=1200, suffix=" dpi")
        self._format = QComboBox()
        for ending in FORMATS:
            self._format.addItem(ending.upper(), ending)
        self._make_pace(figure.frames())
        self._replaced: set[Path] = set()  # of which it was asked
        self._path = PathLine(folder / f"{name}.pdf", self._ask_file)
        self._size = QLabel()
        self._size.setObjectName("hint")
        self._size.setWordWrap(True)
        self._size.setAccessibleName(self.tr("True size"))
        self._doubts = Doubts()
        self._page = QLabel(self.tr("Drawing…"), alignment=Qt.AlignmentFlag.AlignCenter)
        self._page.setObjectName("hint")
        self._page.setWordWrap(True)
        self._page.setFixedSize(*PAGE)
        self._page.setAccessibleName(self.tr("Preview of the page"))
        self._soon = QTimer(self, singleShot=True, interval=DRAW_AFTER_MS)
        self._soon.timeout.connect(self._ask_for_page)
        self._caption = QCheckBox(self.tr("&Caption as a text file beside it"))
        self._numbers = QCheckBox(self.tr("N&umbers as CSV beside it"))
        self._copy = QPushButton(self.tr("Copy c&aption"))
        self._caption.hide()
        self._copy.hide()
        self._annotations = QCheckBox(self.tr("A&nnotations"), checked=True)
        self._annotations.setToolTip(self.tr("What was added to the figure with Annotate"))
        self._lay_out()
        self._connect()
        self._take_target()

    def _make_pace(self, count: int) -> None:
        """How fast a movie is and how many of its frames it has, where it is one."""
        if count > 1:
            for ending, title in zip(MOVIES, ("GIF", "MP4", self.tr("PNG frames"))):
                self._format.addItem(self.tr("Movie, {0}").format(title), ending)
        self._fps = QSpinBox(minimum=FPS[0], maximum=FPS[1], value=pace(count))
        self._fps.setSuffix(self.tr(" pictures a second"))
        self._every = QSpinBox(minimum=1, maximum=max(1, count - 1))
        self._every.setSpecialValueText(self.tr("all frames"))
        self._every.setPrefix(self.tr("one frame in "))

    def choose(self, title: str) -> None:
        """Begin with a target of TARGETS."""
        self._target.setCurrentIndex([target.title for target in TARGETS].index(title))

    def offer_caption(self, write: bool = False) -> None:
        """The figure has a caption that can be written or copied."""
        self._caption.setChecked(write)
        self._caption.show()
        self._copy.show()

    def set_page(self, held: bytes, options: dict[str, Any]) -> None:
        """Show the page that was asked for, unless something else is wanted by now."""
        if options == self._page_options():
            picture = QPixmap()
            picture.loadFromData(held)
            picture.setDevicePixelRatio(SHARP)
            self._page.setPixmap(picture)

    def explain(self, text: str) -> None:
        """Say why there is no preview."""
        self._page.setText(text)

    def accept(self) -> None:
        path = Path(self._path.text()).expanduser()
        self._path.set_text(str(path))
        numbers = path.with_suffix(".csv")
        beside = {self._caption: path.with_suffix(".txt"), self._numbers: numbers}
        for file in (path, *(file for box, file in beside.items() if self._checked(box))):
            if file.exists() and file not in self._replaced and not _empty(file):
                self._ask_to_replace(file)
                return
        options = {**self._options(), "dpi": self._dpi.value()}
        if self._format.currentData() in MOVIES:
            options.pop("frame_index", None)
            options |= {"fps": self._fps.value(), "every": self._every.value()}
        self.wanted.emit(self._path.text(), options)
        if self._checked(self._numbers):
            self.wanted.emit(str(numbers), options)
        if self._checked(self._caption):
            self.caption_wanted.emit(self._path.text())
        super().accept()

    def _checked(self, box: QCheckBox) -> bool:
        return box.isChecked() and box.isEnabled()

    def _ask_to_replace(self, path: Path) -> None:
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(self.tr("{0} exists. Replace it?").format(path.name))
        role = QMessageBox.ButtonRole.DestructiveRole
        replace = question.addButton(self.tr("Replace"), role)
        question.addButton(QMessageBox.StandardButton.Cancel)

        def sure() -> None:
            self._replaced.add(path)
            self.accept()

        replace.clicked.connect(sure)
        question.open()

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"width_mm": self._width.value()}
        if self._height.value():
            options["height_mm"] = max(self._height.value(), WIDTHS[0])
        if self._frame is not None:
            options["frame_index"] = self._frame
        if any(panel.in_space for panel in self._figure.panels):
            options["view"] = self._figure.view
        if not self._annotations.isChecked():
            options["annotations"] = False
        return options

    def _page_options(self) -> dict[str, Any]:
        """So many dots that the page just fits its place."""
        width, height = page_size(self._figure, self._width.value())
        height = self._height.value() or height
        dpi = SHARP * MM * min((PAGE[0] - 2) / width, (PAGE[1] - 2) / height)
        return {**self._options(), "dpi": max(DPI[0], int(dpi))}

    def _ask_for_page(self) -> None:
        self.page_wanted.emit(self._page_options())

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("&For"), self._target)
        form.addRow(self.tr("&Width"), self._width)
        form.addRow(self.tr("&Height"), self._height)
        form.addRow(self.tr("&Resolution"), self._dpi)
        form.addRow("", self._size)
        form.addRow("", self._doubts)
        form.addRow(self.tr("For&mat"), self._format)
        form.addRow(self.tr("&Pace"), self._fps)
        form.addRow("", self._every)
        self._form = form
        form.addRow("", self._annotations)
        form.setRowVisible(self._annotations, bool(self._figure.annotations))
        self._path.add_to(form, self.tr("F&ile"))
        words = QHBoxLayout()
        words.addWidget(self._caption, 1)
        words.addWidget(self._copy)
        form.addRow("", words)
        form.addRow("", self._numbers)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        sides = QHBoxLayout()
        sides.addLayout(form, 1)
        sides.addSpacing(12)
        sides.addWidget(self._page)
        layout = QVBoxLayout(self)
        layout.addLayout(sides)
        layout.addWidget(buttons)

    def _connect(self) -> None:
        self._target.currentIndexChanged.connect(self._take_target)
        for box in (self._width, self._height, self._dpi):
            box.valueChanged.connect(self._edited)
        self._format.currentIndexChanged.connect(self._take_format)
        self._copy.clicked.connect(self.copy_wanted)
        self._annotations.toggled.connect(self._describe)
        self._every.valueChanged.connect(self._take_every)
        self._fps.valueChanged.connect(self._describe)

    def _take_target(self) -> None:
        target = TARGETS[self._target.currentIndex()]
        if target.width:
            for box, value in (
                (self._width, target.width),
                (self._height, target.height),
                (self._dpi, target.dpi),
            ):
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)
            self._format.setCurrentIndex(FORMATS.index(target.format))
        self._describe()

    def _edited(self) -> None:
        target = TARGETS[self._target.currentIndex()]
        now = (self._width.value(), self._height.value())
        if target.width and now != (target.width, target.height):
            self._target.setCurrentIndex(OWN)
        self._describe()

    def _describe(self) -> None:
        """What comes out, in true sizes."""
        kind = self._format.currentData()
        for box in (self._target, self._width, self._height, self._annotations):
            box.setEnabled(kind != "csv")
        self._dpi.setEnabled(kind != "csv")
        self._numbers.setEnabled(kind not in ("csv", *MOVIES))
        for box in (self._fps, self._every):
            self._form.setRowVisible(box, kind in MOVIES)
        self._form.setRowVisible(self._doubts, False)
        if kind == "csv":
            self._soon.stop()
            self._page.clear()
            self._size.setText(self.tr("The numbers behind the figure, one table for each mark."))
            return
        self._soon.start()
        width, height = page_size(self._figure, self._width.value())
        height = self._height.value() or height
        points = type_size(width)
        parts = [
            self.tr("{0:.1f} × {1:.1f} mm").format(width, height),
            self.tr("text {0:.3g} pt, exponents {1:.2g} pt").format(points, exponent_size(width)),
        ]
        if kind in PIXELS:
            scale = self._dpi.value() / MM
            parts.append(self.tr("{0:.0f} × {1:.0f} px").format(width * scale, height * scale))
        else:
            parts.append(self.tr("fonts embedded") if kind != "svg" else self.tr("text as text"))
        if kind in MOVIES:
            count = -(-self._figure.frames() // self._every.value())
            seconds = count / self._fps.value()
            parts.append(self.tr("{0} pictures, {1:.3g} s").format(count, seconds))
        self._size.setText(" · ".join(parts))
        found = doubts(self._figure, width, self._dpi.value() if kind in PIXELS else None)
        self._doubts.tell(found)
        self._form.setRowVisible(self._doubts, bool(found))

    def _take_every(self) -> None:
        count = -(-self._figure.frames() // self._every.value())
        self._fps.setValue(pace(count))
        self._describe()

    def _take_format(self) -> None:
        kind = self._format.currentData()
        ending = "" if kind == "frames" else f".{kind}"
        self._path.set_text(str(Path(self._path.text()).with_suffix(ending)))
        if kind in MOVIES:
            self._dpi.setValue(min(self._dpi.value(), MOVIE_DPI))
        self._describe()

    def _ask_file(self, now: str) -> str:
        kinds = ";;".join(f"{f.upper()} (*.{f})" for f in FORMATS)
        chosen, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), now, kinds)
        if chosen:
            self._replaced.add(Path(chosen))  # this dialog has asked already
        return chosen


def _empty(path: Path) -> bool:
    """Whether it is a folder with nothing in it."""
    return path.is_dir() and not any(path.iterdir())
