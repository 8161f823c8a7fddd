"""The table of commands of the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QDialog, QMessageBox, QTableWidget, QTableWidgetItem, QVBoxLayout

from ui.commands import SEPARATOR, Command, Keys
from workbench import __version__

if TYPE_CHECKING:
    from ui.window import MainWindow


def table(w: MainWindow) -> list[Command | None]:
    """Every command in the order of the menus; `w` is asked only when a command is used."""
    role = QAction.MenuRole
    return [
        Command(
            "open",
            "File",
            "&Open…",
            lambda: w.open_files(),
            Keys.Open,
            "open",
            "Open data files or records",
        ),
        Command(
            "folder of pictures",
            "File",
            "Open &folder of pictures…",
            lambda: w.opening.open_folder(),
            "Ctrl+Shift+O",
            tip="Open equally large pictures in one folder as a stack",
        ),
        Command(
            "start",
            "File",
            "&Start page",
            lambda: w.show_start(),
            "Alt+Home",
            "home",
            "Examples of every family",
        ),
        SEPARATOR,
        Command(
            "folder",
            "File",
            "Show &records folder",
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(w.workspace))),
        ),
        SEPARATOR,
        Command("quit", "File", "&Quit", lambda: w.close(), "Ctrl+Q", role=role.QuitRole),
        Command(
            "undo",
            "Edit",
            "&Undo",
            lambda: w.undo.undo(),
            Keys.Undo,
            tip="Take back the last change of a parameter",
        ),
        Command("redo", "Edit", "&Redo", lambda: w.undo.redo(), Keys.Redo),
        SEPARATOR,
        Command(
            "paste",
            "Edit",
            "&Paste data",
            lambda: w.opening.paste(),
            "Ctrl+Shift+V",
            tip="Open the table, picture or files on the clipboard",
        ),
        Command("system", "View", "Theme of the &system", lambda: w.set_theme("system")),
        Command("light", "View", "&Light theme", lambda: w.set_theme("light")),
        Command("dark", "View", "&Dark theme", lambda: w.set_theme("dark")),
        SEPARATOR,
        Command(
            "full",
            "View",
            "&Full screen",
            lambda: w.showNormal() if w.isFullScreen() else w.showFullScreen(),
            Keys.FullScreen,
        ),
        Command(
            "present",
            "View",
            "&Presenter mode",
            lambda: w.presenter.toggle(),
            "Shift+F5",
            tip="The pictures alone, large; arrow keys step through them, Escape ends it",
        ),
        Command(
            "layout",
            "View",
            "&Reset layout",
            lambda: w.reset_layout(),
            tip="Put every pane back where it was at first",
        ),
        SEPARATOR,
        Command(
            "run",
            "Run",
            "&Run",
            lambda: w.run(),
            "Ctrl+R",
            "run",
            "Run the method with these settings",
        ),
        Command(
            "pause",
            "Run",
            "&Pause",
            lambda: w.runs.pause(),
            "Ctrl+P",
            "pause",
            "Hold the run after its present step, or let it go on",
        ),
        Command(
            "stop",
            "Run",
            "&Stop",
            lambda: w.runs.stop(),
            "Ctrl+.",
            "stop",
            "End the run; what it found so far is kept",
        ),
        SEPARATOR,
        Command(
            "sweep",
            "Run",
            "Run over several &values…",
            lambda: w.sweeping.ask(),
            "Ctrl+Shift+R",
            tip="Run for several values of parameters and for several seeds",
        ),
        Command(
            "compare",
            "Results",
            "&Compare",
            lambda: w.results.compare(),
            "Ctrl+Shift+C",
            "compare",
            "Set the selected records side by side",
        ),
        Command("reload", "Results", "Re&load the list", lambda: w.results.reload(), Keys.Refresh),
        Command(
            "report",
            "Results",
            "Re&port…",
            lambda: w.handouts.report(),
            "Ctrl+Shift+E",
            "export",
            "Write the selected records as one HTML page, PDF or slides",
        ),
        Command(
            "python",
            "Results",
            "Copy as P&ython",
            lambda: w.handouts.copy_python(),
            "Alt+Shift+C",
            "copy",
            "Copy a script that repeats the run",
        ),
        Command(
            "script",
            "Results",
            "Save as &script or notebook…",
            lambda: w.handouts.save_script(),
            tip="Write a script or Jupyter notebook that repeats the run",
        ),
        SEPARATOR,
        Command(
            "delete",
            "Results",
            "&Delete",
            lambda: w.results.delete(),
            None,
            "delete",
            "Move the chosen records to the bin",
        ),
        Command(
            "export",
            "Figure",
            "&Export…",
            lambda: w.exports.export(),
            "Ctrl+E",
            "export",
            "Put the figure on show on paper",
        ),
        Command("copy", "Figure", "&Copy picture", lambda: w.exports.copy(), "Alt+C", "copy"),
        Command(
            "bibtex",
            "Figure",
            "Copy &BibTeX",
            lambda: w.handouts.copy_bibtex(),
            tip="Copy the papers that the method follows, for LaTeX",
        ),
        Command(
            "palette",
            "Help",
            "Command &palette…",
            lambda: w.show_palette(),
            "Ctrl+Shift+P",
            "search",
        ),
        Command(
            "manual",
            "Help",
            "&Manual",
            lambda: w.help.open(),
            Keys.HelpContents,
            tip="The page about what has the focus",
        ),
        Command("shortcuts", "Help", "&Shortcuts", lambda: show_shortcuts(w)),
        Command("about", "Help", "&About", lambda: about(w), role=role.AboutRole),
    ]


def show_shortcuts(w: MainWindow) -> None:
    """List every command with its keys."""
    rows = [
        (a.property("menu"), a.text().replace("&", "").rstrip("…"), a.shortcut().toString())
        for a in w.commands.actions.values()
        if not a.shortcut().isEmpty()
    ]
    listed = QTableWidget(len(rows), 3)
    listed.setHorizontalHeaderLabels([w.tr("Menu"), w.tr("Command"), w.tr("Keys")])
    listed.verticalHeader().hide()
    listed.verticalHeader().setDefaultSectionSize(24)
    listed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    listed.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            listed.setItem(i, j, QTableWidgetItem(text))
    listed.resizeColumnsToContents()
    listed.horizontalHeader().setStretchLastSection(True)
    dialog = QDialog(w)
    dialog.setWindowTitle(w.tr("Shortcuts"))
    QVBoxLayout(dialog).addWidget(listed)
    dialog.resize(420, 420)
    dialog.open()


def about(w: MainWindow) -> None:
    """Version and licence."""
    box = QMessageBox(w)
    box.setWindowTitle(w.tr("About"))
    box.setText(f"<b>Methods Workbench {__version__}</b>")
    box.setInformativeText(
        w.tr(
            "Recent methods of low-rank compression, optimal transport, PDE solving and diffusion "
            "sampling, ready to use.\n\nBSD 3-Clause licence. Uses Qt through PySide6 under the "
            "LGPL 3; Qt is a separate library that you can replace. Sends nothing anywhere."
        )
    )
    box.open()
