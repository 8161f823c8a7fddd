"""The program in the menus of a Linux desktop: an entry and an icon for this user."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import sysconfig
from importlib.resources import files
from pathlib import Path

NAME = "methods-workbench"
ROOT = Path(__file__).resolve().parents[1]
# No MimeType: records are HDF5 files, and those belong to the viewer that the user has chosen.
ENTRY = """[Desktop Entry]
Type=Application
Version=1.5
Name=Methods Workbench
GenericName=Workbench for numerical methods
GenericName[de]=Werkbank für numerische Verfahren
Comment=Low-rank compression, optimal transport, PDE solvers and diffusion samplers
Comment[de]=Niedrigrang-Kompression, optimaler Transport, PDE-Löser und Diffusions-Sampler
Exec={command} %F
Icon={name}
Terminal=false
Categories=Science;Math;NumericalAnalysis;
Keywords=SVD;transport;PDE;diffusion;HDF5;
StartupNotify=true
StartupWMClass={name}
Actions=new-window;

[Desktop Action new-window]
Name=New Window
Name[de]=Neues Fenster
Exec={command} --new-window
"""


def install(data: Path | None = None) -> list[Path]:
    """Write entry and icon below the user's data folder; gives what was written."""
    data = data or data_folder()
    entry, icon = places(data)
    entry.parent.mkdir(parents=True, exist_ok=True)
    icon.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(ENTRY.format(command=command(), name=NAME), encoding="utf8")
    icon.write_bytes(files("resources").joinpath("icons", f"{NAME}.svg").read_bytes())
    _refresh(data)
    return [entry, icon]


def remove(data: Path | None = None) -> list[Path]:
    """Take entry and icon away again; gives what was there."""
    data = data or data_folder()
    found = [place for place in places(data) if place.exists()]
    for place in found:
        place.unlink()
    _refresh(data)
    return found


def places(data: Path) -> tuple[Path, Path]:
    """Where entry and icon stand."""
    icons = data / "icons" / "hicolor" / "scalable" / "apps"
    return data / "applications" / f"{NAME}.desktop", icons / f"{NAME}.svg"


def data_folder() -> Path:
    """Where the desktop looks for what is this user's own."""
    given = os.environ.get("XDG_DATA_HOME", "")
    # What is not absolute is to be ignored, says the rule of these folders.
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"


def command() -> str:
    """The installed program, or this Python in the project's folder."""
    script = Path(sysconfig.get_path("scripts")) / "workbench"
    if script.exists():
        return quoted(str(script))
    # The folder as an argument: an entry has no way to set PYTHONPATH.
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from ui.main import main; main()"
    return f"{quoted(sys.executable)} -c {quoted(start)}"


def quoted(word: str) -> str:
    """An argument as the rule of such entries wants it: quoted, its special signs escaped twice."""
    inner = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in word)
    return '"' + inner.replace("\\", "\\\\").replace("%", "%%") + '"'


def _refresh(data: Path) -> None:
    """Desktops notice by themselves; some older ones want to be told."""
    tool = ["update-desktop-database", str(data / "applications")]
    with contextlib.suppress(FileNotFoundError, subprocess.TimeoutExpired):
        subprocess.run(tool, check=False, capture_output=True, timeout=20)
