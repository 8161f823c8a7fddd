"""Starts the window."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from workbench import default_workspace

# Chosen before pyqtgraph looks for a Qt of its own.
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

HEAVY = ("torch", "matplotlib", "pandas", "scipy")


def main(argv: list[str] | None = None) -> int:
    """The program: a command of `workbench.cli`, or the window. Gives the exit status."""
    words = sys.argv[1:] if argv is None else argv
    if (words and not words[0].startswith("--")) or words[:1] in (["--help"], ["--version"]):
        from workbench.cli import COMMANDS
        from workbench.cli import main as command

        in_window = words[0] == "demo" and not {"--headless", "--help", "-h"}.intersection(words)
        if words[0] in (*COMMANDS, "--help", "--version") and not in_window:
            return command(words)
    from workbench.arguments import Parser, Refusal

    parser = Parser("workbench")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--workspace", metavar="DIR", help="folder of the records")
    parser.add_argument(
        "--new-window", action="store_true", help="another one, where the workspace is open already"
    )
    parser.add_argument(
        "--self-test", action="store_true", help="show the window, say how long it took, leave"
    )
    try:
        options = parser.parse_args(words)
    except Refusal as error:
        print(f"workbench: {error}", file=sys.stderr)
        return 2
    demo = options.files[:1] == ["demo"]
    missing = [file for file in options.files[demo:] if not Path(file).exists()]
    if missing:
        from workbench.cli import COMMANDS

        print(
            f"workbench: '{missing[0]}' is neither a file nor a command; it must be one of "
            f"{', '.join(COMMANDS)} or a file; correct it",
            file=sys.stderr,
        )
        return 2
    workspace = Path(options.workspace) if options.workspace else default_workspace()
    return show(options.files[demo:], workspace, options.self_test, demo, options.new_window)


def show(
    files: list[str],
    workspace: Path,
    self_test: bool = False,
    demo: bool = False,
    beside: bool = False,
) -> int:
    """Show the window; `self_test` leaves after the first paint, `demo` runs the examples.

    Where a window on the workspace is open it comes to the front instead, unless this one is
    wanted beside it.
    """
    if reason := bad_qt():
        print(reason, file=sys.stderr)
        return 2
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    from ui import theme, translation
    from ui.icons import program_icon
    from ui.instance import Wish, first_on, token

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("methods-workbench")
    app.setApplicationDisplayName("Methods Workbench")
    app.setOrganizationName("methods-workbench")
    app.setDesktopFileName("methods-workbench")
    door = None
    if not (self_test or demo or beside):
        door = first_on(workspace, Wish(tuple(map(os.path.abspath, files)), token=token()), app)
        if door is None:
            return 0
    from ui.program import Program
    from ui.settings import Settings

    store = QSettings()
    settings = Settings(store)
    app.setWindowIcon(program_icon())
    theme.apply(app, settings["theme"])
    theme.enlarge(app, settings["text size"])
    translation.use(app, settings["language"])
    program = Program(workspace, store, door)
    window = program.window
    if self_test:
        window.painted.connect(lambda: print(json.dumps(report()), flush=True))
        window.painted.connect(lambda: QTimer.singleShot(0, window.close))
    else:
        window.painted.connect(lambda: QTimer.singleShot(0, lambda: window.open_paths(files)))
    if demo:
        window.run_demo()
    window.show()
    return app.exec()


def bad_qt() -> str:
    """PySide6 6.12.0 loses references to None: on Python 3.11 the program would abort."""
    from PySide6 import __version_info__ as version

    if version[:2] >= (6, 12) and sys.version_info < (3, 12):
        return (
            f"PySide6 is {'.'.join(map(str, version[:3]))} on Python 3.11; it must be below 6.12 "
            "there; run: pip install 'PySide6-Essentials<6.12'"
        )
    return ""


def report() -> dict[str, object]:
    """What the self test says: seconds to the first paint, heavy modules, versions."""
    import platform

    import numpy
    import pyqtgraph
    import PySide6

    from workbench import __version__

    return {
        "seconds_to_paint": round(seconds_since_start(), 3),
        "heavy_modules": [m for m in HEAVY if m in sys.modules],
        "versions": {
            "workbench": __version__,
            "python": platform.python_version(),
            "PySide6": PySide6.__version__,
            "pyqtgraph": pyqtgraph.__version__,
            "numpy": numpy.__version__,
        },
    }


def seconds_since_start() -> float:
    """Time since the operating system started this process."""
    stat = Path("/proc/self/stat")
    if stat.exists():  # to a hundredth of a second; psutil knows only whole ones on Linux
        ticks = int(stat.read_text().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    import psutil

    return time.time() - psutil.Process().create_time()
