"""The table of commands of the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMessageBox

from ui.commands import SEPARATOR, Command, Keys
from ui.tools.commands import tool_commands
from workbench import __version__

if TYPE_CHECKING:
    from ui.window import MainWindow

Menu = list[Command | None]
Role = QAction.MenuRole


def table(w: MainWindow) -> Menu:
    """Every command in the order of the menus; `w` is asked only when a command is used."""
    menus = (_file, _edit, _view, _run, _results, _figure, _help)
    return [command for menu in menus for command in menu(w)]


def _file(w: MainWindow) -> Menu:
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
            "window",
            "File",
            "&New window",
            lambda: w.workspaces.open_beside(),
            Keys.New,
            tip="Open another window on the same records",
        ),
        Command(
            "workspace",
            "File",
            "Open &workspace…",
            lambda: w.workspaces.ask(),
            "Ctrl+Alt+O",
            tip="Use another folder of records",
        ),
        Command(
            "forget workspaces",
            "File/Recent workspaces",
            "&Clear the list",
            lambda: w.workspaces.forget(),
        ),
        Command(
            "folder",
            "File",
            "S&how records folder",
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(w.workspace))),
        ),
        SEPARATOR,
        Command("quit", "File", "&Quit", lambda: w.close(), "Ctrl+Q", role=Role.QuitRole),
    ]


def _edit(w: MainWindow) -> Menu:
    return [
        Command(
            "undo",
            "Edit",
            "&Undo",
            lambda: w.undo.undo(),
            Keys.Undo,
            tip="Take back the last change of a parameter, of data or of an annotation",
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
        SEPARATOR,
        Command(
            "session",
            "Edit",
            "Save session as s&cript…",
            lambda: w.journal.save(),
            tip="Write what was run and exported in this window as a Python script",
        ),
        SEPARATOR,
        Command(
            "settings",
            "Edit",
            "&Settings…",
            lambda: w.preferences.open(),
            "Ctrl+,",
            tip="Theme, language, and what runs and exports begin with",
            role=Role.PreferencesRole,
        ),
    ]


def _view(w: MainWindow) -> Menu:
    def theme(name: str) -> None:
        w.settings["theme"] = name

    return [
        Command("system", "View", "Theme of the &system", lambda: theme("system")),
        Command("light", "View", "&Light theme", lambda: theme("light")),
        Command("dark", "View", "&Dark theme", lambda: theme("dark")),
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
            "scenes",
            "View",
            "S&cenes…",
            lambda: w.demos.scenes.open_dialog(),
            tip="Order, names and words of the scenes that presenter mode steps through",
        ),
        Command(
            "save layout",
            "View/Layouts",
            "&Save layout as…",
            lambda: w.layouts.save_as(),
            tip="Keep the places of the panes under a name",
        ),
        Command(
            "delete layout", "View/Layouts", "&Delete layout…", lambda: w.layouts.ask_to_delete()
        ),
        Command(
            "layout",
            "View/Layouts",
            "&Reset layout",
            lambda: w.layouts.reset(),
            tip="Put every pane back where it was at first",
        ),
        SEPARATOR,
    ]


def _run(w: MainWindow) -> Menu:
    return [
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
    ]


def _results(w: MainWindow) -> Menu:
    return [
        Command(
            "compare",
            "Results",
            "&Compare",
            lambda: w.results.compare(),
            "Ctrl+Shift+C",
            "compare",
            "Set the selected records side by side",
        ),
        Command(
            "compare with shown",
            "Results",
            "Compare &with what is shown",
            lambda: w.comparing.add(),
            "Ctrl+Alt+C",
            tip="Set the selected records beside the run or comparison on show, as a drop does",
        ),
        Command(
            "check",
            "Results",
            "Chec&k against a peer…",
            lambda: w.peers.check(),
            icon="check",
            tip="Have another library solve the problem of the record, and see what differs",
        ),
        Command(
            "resume",
            "Results",
            "Res&ume",
            lambda: w.resuming.resume(),
            icon="resume",
            tip="Go on with a run that was stopped or interrupted, from its last checkpoint",
        ),
        Command("reload", "Results", "Re&load the list", lambda: w.results.reload(), Keys.Refresh),
        *_written(w),
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
    ]


def _written(w: MainWindow) -> Menu:
    return [
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
            "export all",
            "Results",
            "Export all &figures…",
            lambda: w.exports.export_all(w.handouts.records()),
            None,
            "export",
            "Put every figure of the selected records on paper",
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
    ]


def _figure(w: MainWindow) -> Menu:
    return [
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
            "add scene",
            "Figure",
            "&Add scene",
            lambda: w.demos.scenes.add(),
            "Ctrl+D",
            "scene",
            "Keep figure, frame and view as a scene for presenter mode",
        ),
        Command(
            "replay",
            "Figure",
            "Rep&lay…",
            lambda: w.demos.replay_shown(),
            icon="replay",
            tip="Play the run on show on a clock: its curves grow and its movie goes on",
        ),
        *tool_commands(w),
        Command(
            "bibtex",
            "Figure",
            "Copy &BibTeX",
            lambda: w.handouts.copy_bibtex(),
            tip="Copy the papers that the method follows, for LaTeX",
        ),
    ]


def _help(w: MainWindow) -> Menu:
    return [
        Command(
            "gallery",
            "Help",
            "&Gallery of examples",
            lambda: w.demos.show_gallery(),
            "Ctrl+G",
            tip="Every example of every method as a picture card, to search and to run",
        ),
        Command(
            "tour",
            "Help",
            "Guided &tour",
            lambda: w.demos.take_tour(),
            tip="Seven stops: from data to a figure on paper",
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
        Command(
            "shortcuts",
            "Help",
            "&Shortcuts…",
            lambda: w.preferences.edit_shortcuts(),
            tip="See and change the keys of every command",
        ),
        Command("about", "Help", "&About", lambda: about(w), role=Role.AboutRole),
    ]


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
